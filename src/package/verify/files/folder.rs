//! Listing a folder: plain files alone count, links are told of and never followed.

use std::path::{Path, PathBuf};

use super::{BagFile, Listing, Place, find_root};
use crate::error::{Error, Result};
use crate::package::verify::fault;
use crate::package::verify::problem::{Problems, quote};

/// Finds the one bag in a folder: the folder itself, or one of the folders in it.
///
/// # Errors
/// [`Error::Read`], or [`Error::Unusable`] where there is no bag, or more than one.
pub(super) fn find_bag(root: &Path) -> Result<PathBuf> {
    let shown = root.display().to_string();
    let steps = |folder: &Path| -> std::io::Result<Vec<(String, bool)>> {
        let entries = std::fs::read_dir(folder)?.map(|entry| {
            let entry = entry?;
            Ok((entry.file_name().to_string_lossy().into_owned(), entry.file_type()?.is_dir()))
        });
        entries.collect()
    };
    let top = steps(root).map_err(|cause| Error::read(&shown, cause))?;
    let mut paths = Vec::new();
    for (name, is_folder) in top {
        // A folder that may not be looked into holds no bag that could be read.
        let below = if is_folder { steps(&root.join(&name)).unwrap_or_default() } else { Vec::new() };
        paths.extend(below.into_iter().map(|(below, _)| format!("{name}/{below}")));
        paths.push(name);
    }
    let found = find_root(&shown, paths.iter().map(String::as_str));
    let is_archive = |path: &&String| !path.contains('/') && path.to_lowercase().ends_with(".zip");
    match (found, paths.iter().find(is_archive)) {
        (Ok(prefix), _) => Ok(root.join(prefix)),
        (Err(Error::Unusable { input, why, .. }), Some(archive)) => {
            let hint = format!("name the ZIP itself: {}", quote(&root.join(archive).display().to_string()));
            Err(Error::Unusable { input, why, hint })
        }
        (Err(error), _) => Err(error),
    }
}

/// Lists all plain files below a folder, and its empty folders.
///
/// # Errors
/// [`Error::Read`] if the folder itself cannot be listed; folders below it are problems.
pub(super) fn list(root: &Path, problems: &mut Problems) -> Result<Listing> {
    let mut listing = Listing::default();
    let mut open: Vec<(PathBuf, String)> = vec![(root.to_owned(), String::new())];
    while let Some((folder, prefix)) = open.pop() {
        let before = (listing.files.len(), open.len());
        match list_one(&folder, &prefix, &mut listing, &mut open, problems) {
            Ok(()) if before == (listing.files.len(), open.len()) && !prefix.is_empty() => {
                listing.folders.push(prefix);
            }
            Ok(()) => {}
            Err(cause) if prefix.is_empty() => return Err(Error::read(root.display().to_string(), cause)),
            Err(cause) => problems.add(&fault::UNREADABLE, &prefix, cause.to_string()),
        }
    }
    Ok(listing)
}

fn list_one(
    folder: &Path,
    prefix: &str,
    listing: &mut Listing,
    open: &mut Vec<(PathBuf, String)>,
    problems: &mut Problems,
) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let path = format!("{prefix}{}", name.to_string_lossy());
        if name.to_str().is_none() {
            problems.add(&fault::BAG_PATH_FORM, &path, "the file's name is no Unicode text");
        }
        // Without following: what is behind a link is none of the bag's.
        let metadata = entry.metadata()?;
        if metadata.is_dir() {
            open.push((entry.path(), format!("{path}/")));
        } else if metadata.is_file() {
            listing.files.push(BagFile { path, size: metadata.len(), place: Place::Disk(entry.path()) });
        } else {
            problems.add(&fault::BAG_LINK, &path, "neither a file nor a folder");
        }
    }
    Ok(())
}
