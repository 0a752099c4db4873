//! Listing a folder: plain files alone count, links are told of and never followed.

use std::path::{Path, PathBuf};

use super::{BagFile, Listing, Place};
use crate::error::{Error, Result};
use crate::package::verify::fault;
use crate::package::verify::problem::Problems;

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
