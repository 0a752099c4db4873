//! The bytes of a native file, row by row: it owns what values borrow.

use std::io::{self, Read};

use memchr::memmem;

/// Bytes read at once.
const CHUNK: usize = 256 * 1024;

pub(in crate::sqlserver) struct Tape {
    reader: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    /// Where the row begins in the buffer.
    start: usize,
    /// The cursor, from the beginning of the row.
    at: usize,
    /// The beginning of a row that is too long.
    head: Option<Vec<u8>>,
    /// Bytes of the row that were let go of since they are too many.
    forgotten: u64,
    /// The byte at which the row begins.
    offset: u64,
    ended: bool,
    limit: usize,
}

impl Tape {
    /// Takes a stream; rows longer than `limit` are let go of while they pass.
    pub(in crate::sqlserver) fn new(reader: Box<dyn Read + Send>, limit: usize) -> Tape {
        Tape {
            reader,
            buffer: Vec::new(),
            start: 0,
            at: 0,
            head: None,
            forgotten: 0,
            offset: 0,
            ended: false,
            limit,
        }
    }

    /// Says at which byte of the data the stream begins.
    pub(in crate::sqlserver) fn at(self, offset: u64) -> Tape {
        Tape { offset, ..self }
    }

    /// Begins the next row behind the last; `false` if there are no more bytes.
    pub(in crate::sqlserver) fn begin(&mut self) -> io::Result<bool> {
        self.offset += self.forgotten + self.at as u64;
        self.start += self.at;
        self.at = 0;
        self.forgotten = 0;
        self.head = None;
        self.has(1)
    }

    /// Returns the byte at which the row begins.
    pub(in crate::sqlserver) fn offset(&self) -> u64 {
        self.offset
    }

    /// Returns the byte at which the cursor is.
    pub(in crate::sqlserver) fn position(&self) -> u64 {
        self.offset + self.forgotten + self.at as u64
    }

    /// Returns the row as far as it was read; nothing of one that is too long but its latest part.
    pub(in crate::sqlserver) fn row(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    /// Returns the row up to the cursor, at most the limit.
    pub(in crate::sqlserver) fn passed(&self) -> &[u8] {
        match &self.head {
            Some(head) => head,
            None => self.row().get(..self.at.min(self.limit)).unwrap_or_default(),
        }
    }

    /// Tells whether the row is longer than the limit.
    pub(in crate::sqlserver) fn is_too_long(&self) -> bool {
        self.forgotten > 0 || self.at > self.limit
    }

    fn ahead(&self) -> &[u8] {
        self.row().get(self.at..).unwrap_or_default()
    }

    /// Tells whether there are so many bytes more, a handful at most.
    fn has(&mut self, count: usize) -> io::Result<bool> {
        while self.ahead().len() < count {
            if !self.more()? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads a number of at most 8 bytes, low byte first; `None` at the end.
    pub(in crate::sqlserver) fn number(&mut self, width: usize) -> io::Result<Option<u64>> {
        if !self.has(width)? {
            return Ok(None);
        }
        let number = crate::sqlserver::native::little(self.ahead().get(..width).unwrap_or_default());
        self.at += width;
        Ok(Some(number))
    }

    /// Passes over data; gives its place in the row, which means nothing in one that is too long.
    /// `None` if the bytes end before.
    pub(in crate::sqlserver) fn take(&mut self, length: u64) -> io::Result<Option<(usize, usize)>> {
        let start = self.at;
        let mut left = length;
        loop {
            let step = usize::try_from(left).unwrap_or(usize::MAX).min(self.ahead().len());
            self.at += step;
            left -= step as u64;
            if left == 0 {
                return Ok(Some((start, self.at)));
            }
            if !self.more()? {
                return Ok(None);
            }
        }
    }

    /// Passes over data and the terminator behind it; gives the place of the data.
    pub(in crate::sqlserver) fn until(&mut self, terminator: &[u8]) -> io::Result<Option<(usize, usize)>> {
        let start = self.at;
        let finder = memmem::Finder::new(terminator);
        loop {
            if let Some(found) = finder.find(self.ahead()) {
                let end = self.at + found;
                self.at = end + terminator.len();
                return Ok(Some((start, end)));
            }
            // The terminator may begin in the last bytes.
            self.at += self.ahead().len().saturating_sub(terminator.len().saturating_sub(1));
            if !self.more()? {
                return Ok(None);
            }
        }
    }

    /// Reads on; `false` at the end.
    fn more(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        if self.at > self.limit {
            if self.forgotten == 0 {
                self.head = Some(self.passed().to_vec());
            }
            self.forgotten += self.at as u64;
            self.start += self.at;
            self.at = 0;
        }
        self.buffer.drain(..self.start);
        self.start = 0;
        let read = (&mut self.reader).take(CHUNK as u64).read_to_end(&mut self.buffer)?;
        self.ended = read == 0;
        Ok(read > 0)
    }
}
