//! A buffered file for reading many small things here and there, mostly one after another.
//!
//! Seeking within the buffer keeps it, which the standard library's buffered reader does not do;
//! the directory of a large archive would otherwise be read once for each of its entries.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use crate::container::survey::fill;

const SIZE: usize = 1 << 16;

/// A file seen through a buffer that follows the reading.
#[derive(Debug)]
pub(super) struct Window {
    file: File,
    length: u64,
    at: u64,
    start: u64,
    buffer: Vec<u8>,
}

impl Window {
    /// Opens a file.
    pub(super) fn open(path: &Path) -> io::Result<Window> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(Window { file, length, at: 0, start: 0, buffer: Vec::new() })
    }

    /// Returns what the buffer holds from the current position on.
    fn ahead(&self) -> &[u8] {
        let offset = self.at.checked_sub(self.start).and_then(|offset| usize::try_from(offset).ok());
        offset.and_then(|offset| self.buffer.get(offset..)).unwrap_or_default()
    }
}

impl Read for Window {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.ahead().is_empty() {
            self.file.seek(SeekFrom::Start(self.at))?;
            self.buffer.resize(SIZE, 0);
            let filled = fill(&mut self.file, &mut self.buffer);
            self.buffer.truncate(*filled.as_ref().unwrap_or(&0));
            self.start = self.at;
            filled?;
        }
        let ahead = self.ahead();
        let read = ahead.len().min(out.len());
        out[..read].copy_from_slice(&ahead[..read]);
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Window {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}
