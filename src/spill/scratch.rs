//! The temporary file: places in it are reserved, written once, and read as often as needed.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Result};

/// A temporary file that many threads write and read at places. Made when it is first written to.
#[derive(Debug)]
pub struct Scratch {
    folder: PathBuf,
    file: Mutex<Option<std::sync::Arc<File>>>,
    end: AtomicU64,
}

impl Scratch {
    /// Prepares a temporary file in a folder; nothing is created yet.
    pub fn new(folder: impl Into<PathBuf>) -> Scratch {
        Scratch { folder: folder.into(), file: Mutex::new(None), end: AtomicU64::new(0) }
    }

    /// Reserves so many bytes and returns their place.
    pub fn reserve(&self, bytes: u64) -> u64 {
        self.end.fetch_add(bytes, Ordering::Relaxed)
    }

    /// Writes bytes at a place that was reserved.
    ///
    /// # Errors
    /// [`Error::Write`] names the folder.
    pub fn write(&self, bytes: &[u8], place: u64) -> Result<()> {
        let written = self.file().and_then(|file| write_all_at(&file, bytes, place));
        written.map_err(|cause| Error::write(&self.folder, cause))
    }

    /// Reserves a place for bytes, writes them there and returns it.
    ///
    /// # Errors
    /// As [`Scratch::write`].
    pub fn append(&self, bytes: &[u8]) -> Result<u64> {
        let place = self.reserve(bytes.len() as u64);
        self.write(bytes, place)?;
        Ok(place)
    }

    /// Fills a buffer with what was written at a place.
    ///
    /// # Errors
    /// [`Error::Read`] names the folder.
    pub fn read(&self, buffer: &mut [u8], place: u64) -> Result<()> {
        let read = self.file().and_then(|file| read_exact_at(&file, buffer, place));
        read.map_err(|cause| Error::read(format!("the temporary file in {}", self.folder.display()), cause))
    }

    fn file(&self) -> io::Result<std::sync::Arc<File>> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = &*file {
            return Ok(file.clone());
        }
        let made = std::sync::Arc::new(tempfile::tempfile_in(&self.folder)?);
        Ok(file.insert(made).clone())
    }
}

fn write_all_at(file: &File, mut bytes: &[u8], mut place: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match write_at(file, bytes, place) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => {
                bytes = bytes.get(count..).unwrap_or_default();
                place += count as u64;
            }
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(())
}

fn read_exact_at(file: &File, mut buffer: &mut [u8], mut place: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match read_at(file, buffer, place) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                buffer = buffer.get_mut(count..).unwrap_or_default();
                place += count as u64;
            }
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(())
}

#[cfg(unix)]
use std::os::unix::fs::FileExt as _;

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], place: u64) -> io::Result<usize> {
    file.write_at(bytes, place)
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], place: u64) -> io::Result<usize> {
    file.read_at(buffer, place)
}

#[cfg(windows)]
use std::os::windows::fs::FileExt as _;

#[cfg(windows)]
fn write_at(file: &File, bytes: &[u8], place: u64) -> io::Result<usize> {
    file.seek_write(bytes, place)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], place: u64) -> io::Result<usize> {
    file.seek_read(buffer, place)
}
