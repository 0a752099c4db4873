//! Bytes that can be read anywhere: the file itself, or a temporary copy of what has no file.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::positioned::PositionedFile;
use crate::container::Blob;
use crate::error::{Error, Result};
use crate::progress::{Progress, Silent};

/// An input that can be read at any place, from several threads.
#[derive(Debug)]
pub(in crate::sqlserver) struct Place {
    file: PositionedFile,
    size: u64,
}

impl Place {
    /// Opens a blob; one without a file (an archive entry) is copied to a nameless temporary file in
    /// the folder `temp` first.
    ///
    /// # Errors
    /// [`Error::Read`], or [`Error::Write`] if the copy cannot be written.
    pub(in crate::sqlserver) fn open(name: &str, blob: &dyn Blob, temp: &Path) -> Result<Place> {
        Place::open_until(name, blob, temp, u64::MAX, &Silent)
    }

    /// As [`Place::open`], and of what must be copied only so many bytes are there. Copying stops when
    /// the run should.
    ///
    /// # Errors
    /// As [`Place::open`], and [`Error::Interrupted`].
    pub(in crate::sqlserver) fn open_until(
        name: &str,
        blob: &dyn Blob,
        temp: &Path,
        limit: u64,
        progress: &dyn Progress,
    ) -> Result<Place> {
        let read = |cause| Error::read(name, cause);
        let file = match blob.path() {
            Some(path) => File::open(path).map_err(read)?,
            None => {
                let mut copy = tempfile::tempfile_in(temp).map_err(|cause| Error::write(temp, cause))?;
                copy_all(name, &mut blob.open().map_err(read)?.take(limit), &mut copy, temp, progress)?;
                copy
            }
        };
        let size = file.metadata().map_err(read)?.len();
        Ok(Place { file: PositionedFile::new(file), size })
    }

    /// Returns the number of bytes.
    pub(in crate::sqlserver) fn size(&self) -> u64 {
        self.size
    }

    /// Reads until the buffer is full or the bytes end; returns how many were read.
    pub(in crate::sqlserver) fn read(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(self.size.saturating_sub(at)).unwrap_or(usize::MAX);
        let length = buffer.len().min(rest);
        self.file.read_exact_at(&mut buffer[..length], at)?;
        Ok(length)
    }

    /// Fills the buffer.
    ///
    /// # Errors
    /// `UnexpectedEof` if there are not enough bytes.
    pub(in crate::sqlserver) fn read_exact(&self, at: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(buffer, at)
    }
}

/// Copies a stream, and tells reading errors from writing errors.
fn copy_all(
    name: &str,
    from: &mut dyn Read,
    to: &mut File,
    temp: &Path,
    progress: &dyn Progress,
) -> Result<()> {
    let mut chunk = vec![0; 1 << 18];
    loop {
        progress.check()?;
        match from.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(read) => {
                io::Write::write_all(to, &chunk[..read]).map_err(|cause| Error::write(temp, cause))?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Error::read(name, error)),
        }
    }
}
