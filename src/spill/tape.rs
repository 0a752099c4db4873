//! Bytes that are written once, in order, and read from their beginning as often as needed.

use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use super::Scratch;
use crate::container::Blob;
use crate::error::Error;

/// Bytes in a temporary file of their own.
#[derive(Debug)]
pub struct Tape {
    scratch: Arc<Scratch>,
    length: u64,
}

impl Tape {
    /// Begins a tape in a folder; nothing is created yet.
    pub fn new(folder: &Path) -> Tape {
        Tape { scratch: Arc::new(Scratch::new(folder)), length: 0 }
    }
}

impl Write for Tape {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.scratch.append(bytes).map_err(plain)?;
        self.length += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Blob for Tape {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(Reading { scratch: self.scratch.clone(), at: 0, length: self.length }))
    }

    fn size(&self) -> Option<u64> {
        Some(self.length)
    }
}

struct Reading {
    scratch: Arc<Scratch>,
    at: u64,
    length: u64,
}

impl Read for Reading {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.length - self.at).unwrap_or(usize::MAX);
        let count = left.min(buffer.len());
        let (buffer, _) = buffer.split_at_mut(count);
        if count > 0 {
            self.scratch.read(buffer, self.at).map_err(plain)?;
        }
        self.at += count as u64;
        Ok(count)
    }
}

/// Returns what the operating system said.
fn plain(error: Error) -> io::Error {
    match error {
        Error::Write { cause, .. } | Error::Read { cause, .. } => cause,
        other => io::Error::other(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_from_its_beginning_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let mut tape = Tape::new(folder.path());
        let read = |tape: &Tape| {
            let mut bytes = Vec::new();
            tape.open().unwrap().read_to_end(&mut bytes).unwrap();
            bytes
        };
        assert!(read(&tape).is_empty());
        let written: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        written.chunks(777).for_each(|chunk| tape.write_all(chunk).unwrap());
        assert_eq!((read(&tape), read(&tape)), (written.clone(), written));
    }
}
