//! Temporary files for archives that lie within archives: a ZIP must be read from its end.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use super::Blob;
use super::name::SPOOL_PREFIX;
use super::survey::fill;
use crate::claim::Claim;
use crate::error::{Error, Result};

/// Bytes copied at a time.
const CHUNK: usize = 1 << 18;

/// A temporary copy of a blob; the file goes when the last holder drops it. That of a run that was
/// killed goes with the next one.
#[derive(Debug)]
pub(super) struct Spool {
    claim: Claim,
    size: u64,
}

impl Drop for Spool {
    fn drop(&mut self) {
        let _ = self.claim.remove();
    }
}

/// Removes the copies that killed runs left in a folder.
pub(super) fn clear_up(temp: &Path) {
    for mut left in Claim::left_behind(temp, SPOOL_PREFIX, "") {
        let _ = left.remove();
    }
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
        let claim = Claim::make(temp, SPOOL_PREFIX, "").map_err(|cause| Error::write(temp, cause))?;
        let mut spool = Spool { claim, size: 0 };
        let mut chunk = vec![0; CHUNK];
        loop {
            let filled = match fill(&mut *reader, &mut chunk) {
                Ok(filled) => filled,
                Err(cause) => return Ok(Spooled::Unreadable(cause)),
            };
            spool.size += filled as u64;
            if spool.size > limit {
                return Ok(Spooled::TooLarge);
            }
            let file = spool.claim.file().ok_or(io::ErrorKind::NotFound.into());
            let written = file.and_then(|file| file.write_all(&chunk[..filled]));
            written.map_err(|cause| Error::write(temp, cause))?;
            if filled < CHUNK {
                return Ok(Spooled::Done(spool));
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
        Ok(Box::new(File::open(self.claim.path())?))
    }

    fn size(&self) -> Option<u64> {
        Some(self.size)
    }

    fn path(&self) -> Option<&Path> {
        Some(self.claim.path())
    }
}
