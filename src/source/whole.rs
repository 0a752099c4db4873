//! Opening something that may be one whole package of ours, and nothing else.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use crate::container::{self, Limits};
use crate::error::{Error, Result};
use crate::ledger::Level;
use crate::package::layout::BAGIT;
use crate::package::read::Documents;

/// Opens a package; `None` for anything else, a package with something beside it included.
///
/// # Errors
/// [`Error::Read`] if it cannot be opened; [`Error::Unusable`] if it is a package, and a part of it
/// cannot be read.
pub fn whole_package(path: &Path, temp: &Path) -> Result<Option<Documents>> {
    if !may_be_package(path).map_err(|cause| Error::read(path.display().to_string(), cause))? {
        return Ok(None);
    }
    let walk = container::walk(&[path.to_owned()], &Limits::default(), temp)?;
    let Some(documents) = Documents::of_one_package(&walk.items) else { return Ok(None) };
    // What is not handed on would be told as missing.
    match walk.problems.into_iter().find(|problem| problem.level >= Level::Warning) {
        None => Ok(Some(documents)),
        Some(problem) => Err(Error::Unusable {
            input: problem.name,
            why: problem.detail,
            hint: "the package is damaged: `gc2pc verify` tells how; use another copy".to_owned(),
        }),
    }
}

/// Looks whether a folder, or one below it, has the mark of a bag, or a file is a ZIP: what cannot be a
/// package is not walked for this.
fn may_be_package(path: &Path) -> std::io::Result<bool> {
    if !fs::metadata(path)?.is_dir() {
        let mut head = [0; 2];
        let read = File::open(path)?.read(&mut head)?;
        return Ok(head.get(..read) == Some(b"PK"));
    }
    if path.join(BAGIT).is_file() {
        return Ok(true);
    }
    for entry in fs::read_dir(path)? {
        if entry?.path().join(BAGIT).is_file() {
            return Ok(true);
        }
    }
    Ok(false)
}
