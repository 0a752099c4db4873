//! Which side is a package, and which one sources.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::package::read::Documents;
use crate::source;

/// What is to be compared.
#[derive(Debug)]
pub(super) enum Sides<'a> {
    /// A package on each side.
    Packages(Box<[Documents; 2]>),
    /// Sources on one side.
    Source {
        /// The sources.
        inputs: &'a [PathBuf],
        /// The package on the other side.
        package: Box<Documents>,
        /// Where the sources are: A (0) or B (1).
        source: u8,
    },
}

/// Opens both sides.
///
/// # Errors
/// [`Error::Usage`] if neither is one package, and those of opening them.
pub(super) fn open<'a>(a: &'a [PathBuf], b: &'a [PathBuf], temp: &Path) -> Result<Sides<'a>> {
    match (open_one(a, temp)?, open_one(b, temp)?) {
        (Some(a), Some(b)) => Ok(Sides::Packages(Box::new([a, b]))),
        (None, Some(package)) => Ok(Sides::Source { inputs: a, package: Box::new(package), source: 0 }),
        (Some(package), None) => Ok(Sides::Source { inputs: b, package: Box::new(package), source: 1 }),
        (None, None) => Err(Error::Usage {
            what: "neither side is a package of gc2pc, alone and whole".to_owned(),
            hint: "name sources first and the package last; `gc2pc convert` makes a package, and `gc2pc verify` tells \
                   what is wrong with one"
                .to_owned(),
        }),
    }
}

fn open_one(paths: &[PathBuf], temp: &Path) -> Result<Option<Documents>> {
    match paths {
        [path] => source::whole_package(path, temp),
        _ => Ok(None),
    }
}
