//! A file of the file system as a blob.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::Blob;

/// A file where the user put it.
#[derive(Debug)]
pub(super) struct FileBlob {
    path: PathBuf,
    size: u64,
}

impl FileBlob {
    /// Takes a file that exists.
    pub(super) fn new(path: PathBuf, size: u64) -> FileBlob {
        FileBlob { path, size }
    }
}

impl Blob for FileBlob {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(File::open(&self.path)?))
    }

    fn size(&self) -> Option<u64> {
        Some(self.size)
    }

    fn path(&self) -> Option<&Path> {
        Some(&self.path)
    }
}
