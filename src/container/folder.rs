//! Looking through a folder of the file system, without leaving it.

use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::file::FileBlob;
use super::name::{is_litter, readable};
use super::problem::{Problem, Trouble};
use super::walk::Candidate;

/// A folder to look through: where it is, and what its files' names begin with.
struct Folder {
    path: PathBuf,
    name: String,
}

/// What stands in a folder.
#[derive(Default)]
pub(super) struct Contents {
    /// Files that can be opened, in no special order.
    pub(super) files: Vec<Candidate>,
    /// What was passed over.
    pub(super) problems: Vec<Problem>,
}

/// Lists all files under a folder whose path is canonical, except what stands at the paths left out.
/// Folders that cannot be opened become problems, except the first.
///
/// # Errors
/// If the folder itself cannot be opened.
pub(super) fn scan(root: &Path, name: &str, left_out: &[PathBuf]) -> io::Result<Contents> {
    let place = Place { root, left_out };
    let mut contents = Contents::default();
    let first = Folder { path: root.to_owned(), name: name.to_owned() };
    let mut found = Vec::new();
    look(place, &first, &mut contents, &mut found)?;
    while let Some(folder) = found.pop() {
        if let Err(cause) = look(place, &folder, &mut contents, &mut found) {
            contents.problems.push(unreadable(&folder.name, &cause));
        }
    }
    Ok(contents)
}

/// What bounds the looking.
#[derive(Clone, Copy)]
struct Place<'a> {
    root: &'a Path,
    left_out: &'a [PathBuf],
}

fn look(
    place: Place<'_>,
    folder: &Folder,
    contents: &mut Contents,
    found: &mut Vec<Folder>,
) -> io::Result<()> {
    let shown = readable(folder.path.as_os_str());
    for entry in fs::read_dir(&folder.path)? {
        let entry = entry?;
        if place.left_out.contains(&entry.path()) {
            continue;
        }
        let last = readable(&entry.file_name());
        let name = if folder.name.is_empty() { last.clone() } else { format!("{}/{last}", folder.name) };
        if is_litter(&last) {
            contents.problems.push(Trouble::Litter.of(name, "it is no data, so it was passed over"));
            continue;
        }
        match sort(place, &entry) {
            Ok(Sorted::Folder) => found.push(Folder { path: entry.path(), name }),
            Ok(Sorted::File(path, size)) => contents.files.push(Candidate {
                name,
                last,
                folder: shown.clone(),
                blob: Arc::new(FileBlob::new(path, size)),
                depth: 0,
            }),
            Ok(Sorted::PassedOver(trouble, why)) => contents.problems.push(trouble.of(name, why)),
            Err(cause) => contents.problems.push(unreadable(&name, &cause)),
        }
    }
    Ok(())
}

enum Sorted {
    Folder,
    File(PathBuf, u64),
    PassedOver(Trouble, &'static str),
}

/// Says what stands at a place, and where a link at that place leads.
fn sort(place: Place<'_>, entry: &DirEntry) -> io::Result<Sorted> {
    let kind = entry.file_type()?;
    if kind.is_dir() {
        return Ok(Sorted::Folder);
    }
    if kind.is_file() {
        return Ok(Sorted::File(entry.path(), entry.metadata()?.len()));
    }
    if !kind.is_symlink() {
        return Ok(Sorted::PassedOver(Trouble::NotAFile, "it is a device, pipe or socket"));
    }
    let Ok(target) = entry.path().canonicalize() else {
        return Ok(Sorted::PassedOver(Trouble::LinkDangling, "the link leads nowhere"));
    };
    if place.left_out.iter().any(|path| target.starts_with(path)) {
        let why = "the link leads to what is not read as an input, so it was not followed";
        return Ok(Sorted::PassedOver(Trouble::LinkInside, why));
    }
    if !target.starts_with(place.root) {
        let why = "the link leads out of the input, so it was not followed";
        return Ok(Sorted::PassedOver(Trouble::LinkOutside, why));
    }
    let metadata = fs::metadata(&target)?;
    Ok(if metadata.is_file() {
        Sorted::File(target, metadata.len())
    } else if metadata.is_dir() {
        let why = "the link leads to a folder that is read under its own name";
        Sorted::PassedOver(Trouble::LinkInside, why)
    } else {
        Sorted::PassedOver(Trouble::NotAFile, "the link leads to a device, pipe or socket")
    })
}

fn unreadable(name: &str, cause: &io::Error) -> Problem {
    Trouble::Unreadable.of(name, format!("it cannot be opened: {}", cause.kind()))
}
