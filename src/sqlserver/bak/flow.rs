//! The bytes of a backup in their order, whether they stand in the file as they are or compressed.

use std::io;
use std::ops::Range;

use crate::sqlserver::place::Place;

/// Bytes that were passed over because nobody knows how to read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gap {
    /// Where they begin in the file.
    pub at: u64,
    /// How many there are.
    pub length: u64,
}

/// Bytes in their order. Positions count what comes out, not what stands in the file.
pub(super) trait Flow {
    /// Returns the position of the next byte.
    fn position(&self) -> u64;

    /// Returns where in the file the next byte comes from, for messages.
    fn place(&self) -> u64;

    /// Fills the buffer as far as there are bytes before the next gap or the end; returns how many.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize>;

    /// As [`Flow::read`], and the bytes stay where they are. May return fewer.
    fn peek(&mut self, buffer: &mut [u8]) -> io::Result<usize>;

    /// Passes over as many bytes as there are before the next gap or the end; returns how many.
    fn skip(&mut self, count: u64) -> io::Result<u64>;

    /// Passes the gap before the next byte, if there is one. After a short read this is what tells a
    /// gap from the end.
    fn pass_gap(&mut self) -> io::Result<Option<Gap>>;

    /// Hears that the bytes of these positions will be read again.
    fn keep(&mut self, range: Range<u64>);
}

/// The bytes of a file as they are.
pub(super) struct Plain<'a> {
    file: &'a Place,
    at: u64,
}

impl<'a> Plain<'a> {
    pub(super) fn new(file: &'a Place) -> Plain<'a> {
        Plain { file, at: 0 }
    }
}

impl Flow for Plain<'_> {
    fn position(&self) -> u64 {
        self.at
    }

    fn place(&self) -> u64 {
        self.at
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.peek(buffer)?;
        self.at += read as u64;
        Ok(read)
    }

    fn peek(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(self.at, buffer)
    }

    fn skip(&mut self, count: u64) -> io::Result<u64> {
        let skipped = count.min(self.file.size().saturating_sub(self.at));
        self.at += skipped;
        Ok(skipped)
    }

    fn pass_gap(&mut self) -> io::Result<Option<Gap>> {
        Ok(None)
    }

    fn keep(&mut self, _: Range<u64>) {}
}
