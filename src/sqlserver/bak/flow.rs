//! The bytes of a backup in their order, whether they stand in the file as they are or compressed.

use std::io;
use std::ops::Range;
use std::time::{Duration, Instant};

use super::index::PAGE;
use super::pages::{self, EXTENT_BYTES, Headers};
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

    /// Passes over an extent's pages, `length` bytes or as many as there are before the next gap or the
    /// end, and hands out the header of each whole one; returns how many bytes were passed.
    fn extent(&mut self, length: usize, headers: &mut Headers) -> io::Result<usize>;

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
    /// Up to where the file is taken to come from a disk.
    from_disk: u64,
    bytes: Vec<u8>,
}

/// How long reading the headers of an extent may take if they are in memory.
const WAIT: Duration = Duration::from_micros(50);

/// Bytes that are taken to come from a disk after one wait for it.
const FROM_DISK: u64 = 16 << 20;

impl<'a> Plain<'a> {
    pub(super) fn new(file: &'a Place) -> Plain<'a> {
        Plain { file, at: 0, from_disk: 0, bytes: vec![0; EXTENT_BYTES] }
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

    /// Reads the headers alone: where the file is in memory, that takes a small part of the time that
    /// its bytes would. Where a disk makes it wait, whole extents are read for a while, since that is
    /// what systems and disks read ahead for.
    fn extent(&mut self, length: usize, headers: &mut Headers) -> io::Result<usize> {
        let rest = self.file.size().saturating_sub(self.at);
        let passed = length.min(EXTENT_BYTES).min(usize::try_from(rest).unwrap_or(usize::MAX));
        let pages = passed / PAGE as usize;
        if self.at < self.from_disk {
            let bytes = &mut self.bytes[..passed];
            self.file.read_exact(self.at, bytes)?;
            pages::copy_headers(bytes, headers);
        } else {
            let begun = Instant::now();
            for (header, at) in headers.iter_mut().zip((self.at..).step_by(PAGE as usize)).take(pages) {
                self.file.read_exact(at, header)?;
            }
            if begun.elapsed() > WAIT {
                self.from_disk = self.at + FROM_DISK;
            }
        }
        self.at += passed as u64;
        Ok(passed)
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
