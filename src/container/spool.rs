//! Temporary files for archives that lie within archives: a ZIP must be read from its end.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use tempfile::TempPath;

use super::Blob;
use super::name::SPOOL_PREFIX;
use super::survey::fill;
use crate::error::{Error, Result};

/// Bytes copied at a time.
const CHUNK: usize = 1 << 18;

/// A temporary copy of a blob; the file goes when the last holder drops it.
#[derive(Debug)]
pub(super) struct Spool {
    path: TempPath,
    size: u64,
}

/// What became of an attempt to spool.
pub(super) enum Spooled {
    /// All bytes are there.
    Done(Spool),
    /// There are more bytes than allowed.
    TooLarge,
    /// The bytes could not be read to their end.
    Unreadable(io::Error),
}

impl Spool {
    /// Copies at most `limit` bytes of a blob to a new file in the folder `temp`.
    ///
    /// # Errors
    /// [`Error::Write`] if the temporary file cannot be written.
    pub(super) fn copy(blob: &dyn Blob, limit: u64, temp: &Path) -> Result<Spooled> {
        let mut reader = match blob.open() {
            Ok(reader) => reader,
            Err(cause) => return Ok(Spooled::Unreadable(cause)),
        };
        let named = tempfile::Builder::new().prefix(SPOOL_PREFIX).tempfile_in(temp);
        let mut file = named.map_err(|cause| Error::write(temp, cause))?;
        let mut chunk = vec![0; CHUNK];
        let mut size = 0;
        loop {
            let filled = match fill(&mut *reader, &mut chunk) {
                Ok(filled) => filled,
                Err(cause) => return Ok(Spooled::Unreadable(cause)),
            };
            size += filled as u64;
            if size > limit {
                return Ok(Spooled::TooLarge);
            }
            file.write_all(&chunk[..filled]).map_err(|cause| Error::write(temp, cause))?;
            if filled < CHUNK {
                return Ok(Spooled::Done(Spool { path: file.into_temp_path(), size }));
            }
        }
    }

    /// Returns the number of bytes.
    pub(super) fn len(&self) -> u64 {
        self.size
    }
}

impl Blob for Spool {
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
