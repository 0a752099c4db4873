//! Decoded text that runs past a cursor: the script as the lexer sees it.
//!
//! It owns the buffer that values borrow from. Positions count from the beginning of the record at
//! hand, so they stay true when more is read. Of a record longer than the limit only the head is
//! kept; the rest runs past and is forgotten, after which positions in it mean nothing
//! ([`Reel::has_head`] tells).

use std::io::{self, Read};

use crate::sqlserver::delimited::window::{Place, line_breaks};
use crate::sqlserver::encoding::{Decoder, Encoding};

/// Bytes read at once.
const CHUNK: usize = 256 * 1024;

pub(super) struct Reel<R> {
    reader: R,
    decoder: Decoder,
    /// What was read and not yet decoded; empty for UTF-8.
    scratch: Vec<u8>,
    buffer: Vec<u8>,
    /// Where the record begins in the buffer.
    start: usize,
    /// The cursor, from the beginning of the record.
    at: usize,
    started: bool,
    ended: bool,
    /// Place of the beginning of the record, or of what was forgotten of it last.
    place: Place,
    /// Whether the last byte passed was CR, so that LF begins no new line.
    after_return: bool,
    limit: usize,
    chunk: usize,
    head: Option<Vec<u8>>,
}

impl<R: Read> Reel<R> {
    /// Takes a stream that begins at a place of the dump, mark included where that is its beginning.
    pub(super) fn new(reader: R, encoding: Encoding, place: Place, limit: usize) -> Reel<R> {
        let beginning = place.byte == 0;
        let decoder = if beginning { Decoder::new(encoding) } else { Decoder::behind_mark(encoding) };
        Reel {
            reader,
            decoder,
            scratch: Vec::new(),
            buffer: Vec::new(),
            start: 0,
            at: 0,
            started: !beginning,
            ended: false,
            place,
            after_return: false,
            limit,
            chunk: CHUNK,
            head: None,
        }
    }

    /// Reads this many bytes at once, so that tests meet every border.
    #[cfg(test)]
    pub(super) fn in_chunks(self, chunk: usize) -> Reel<R> {
        Reel { chunk, ..self }
    }

    /// Returns the text from the beginning of the record as far as it was read.
    #[inline]
    pub(super) fn text(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    /// Returns the text from the cursor on, as far as it was read.
    #[inline]
    pub(super) fn rest(&self) -> &[u8] {
        self.text().get(self.at..).unwrap_or_default()
    }

    /// Returns the cursor.
    #[inline]
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn encoding(&self) -> Encoding {
        self.decoder.encoding()
    }

    /// Returns the byte that stands for itself at the end of UTF-16 of odd length.
    pub(super) fn stray(&self) -> Option<u8> {
        self.decoder.stray()
    }

    /// Tells whether the record is longer than the limit.
    pub(super) fn has_head(&self) -> bool {
        self.head.is_some() || self.at > self.limit
    }

    /// Returns what is kept of the record up to a position.
    pub(super) fn record(&self, end: usize) -> &[u8] {
        match &self.head {
            Some(head) => head,
            None => self.text().get(..end.min(self.limit)).unwrap_or(self.text()),
        }
    }

    /// Returns a byte ahead of the cursor, reading on where necessary; `None` at the end.
    #[inline]
    pub(super) fn peek(&mut self, ahead: usize) -> io::Result<Option<u8>> {
        match self.rest().get(ahead) {
            Some(&byte) => Ok(Some(byte)),
            None => self.peek_on(ahead),
        }
    }

    #[cold]
    fn peek_on(&mut self, ahead: usize) -> io::Result<Option<u8>> {
        loop {
            if !self.more()? {
                return Ok(None);
            }
            if let Some(&byte) = self.rest().get(ahead) {
                return Ok(Some(byte));
            }
        }
    }

    /// Moves the cursor.
    #[inline]
    pub(super) fn advance(&mut self, count: usize) {
        self.at = self.at.saturating_add(count).min(self.text().len());
    }

    /// Moves the cursor to where `ends` says; `false` if it finds no place in all that follows.
    #[inline]
    pub(super) fn find(&mut self, ends: impl Fn(&[u8]) -> Option<usize>) -> io::Result<bool> {
        loop {
            if let Some(found) = ends(self.rest()) {
                self.advance(found);
                return Ok(true);
            }
            self.at = self.text().len();
            if !self.more()? {
                return Ok(false);
            }
        }
    }

    /// Lets a new record begin at a position, and returns its place.
    pub(super) fn mark(&mut self, position: usize) -> Place {
        let position = position.min(self.at);
        self.pass(position);
        self.start += position;
        self.at -= position;
        self.head = None;
        self.place
    }

    /// Reads on; `false` at the end.
    pub(super) fn more(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        if self.text().len() > self.limit.saturating_add(self.chunk) {
            self.forget();
        }
        self.buffer.drain(..self.start);
        self.start = 0;
        let before = self.buffer.len();
        while self.buffer.len() == before && !self.ended {
            self.fill()?;
        }
        if !self.started {
            self.started = true;
            self.place.byte += self.decoder.skipped();
        }
        Ok(self.buffer.len() > before)
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut chunk = (&mut self.reader).take(self.chunk as u64);
        if self.decoder.is_transparent() {
            self.ended = chunk.read_to_end(&mut self.buffer)? == 0;
            return Ok(());
        }
        self.scratch.clear();
        self.ended = chunk.read_to_end(&mut self.scratch)? == 0;
        if self.ended {
            self.decoder.finish(&mut self.buffer);
        } else {
            self.decoder.feed(&self.scratch, &mut self.buffer);
        }
        Ok(())
    }

    /// Keeps the head of a record that is too long and lets go of what lies behind the cursor.
    fn forget(&mut self) {
        if self.head.is_none() {
            let mut head = self.text().to_vec();
            head.truncate(self.limit);
            self.head = Some(head);
        }
        let passed = self.at;
        self.pass(passed);
        self.start += passed;
        self.at = 0;
    }

    fn pass(&mut self, length: usize) {
        let passed = self.buffer.get(self.start..self.start + length).unwrap_or_default();
        self.place.byte += self.decoder.encoding().encoded_length(passed);
        self.place.line += line_breaks(passed, self.after_return);
        self.after_return = passed.last().map_or(self.after_return, |&byte| byte == b'\r');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlserver::script::lexer::{Kind, Lexer};

    #[test]
    fn tokens_are_the_same_whatever_the_borders() {
        let text = "\u{FEFF}SELECT N'it''s é😀\\\nx' /* a /* b */ */ 0xAB\\\r\ncd 1.5e-3 [a]]b] \"c\"\nGO 12\n--x\r\n@v;";
        let tokens = |chunk: usize| {
            let beginning = Place { line: 1, byte: 0 };
            let reel = Reel::new(text.as_bytes(), Encoding::Utf8, beginning, 1 << 20).in_chunks(chunk);
            let mut lexer = Lexer::new(reel);
            let mut found = Vec::new();
            loop {
                let token = lexer.next().unwrap();
                let content = String::from_utf8_lossy(lexer.text(&token)).into_owned();
                found.push((token.kind, content, token.doubled, token.continued));
                if token.kind == Kind::End {
                    return found;
                }
            }
        };
        let whole = tokens(1 << 16);
        assert_eq!(whole.len(), 10);
        assert_eq!(whole[6].0, Kind::Batch(12));
        for chunk in 1..40 {
            assert_eq!(tokens(chunk), whole, "in pieces of {chunk}");
        }
    }

    #[test]
    fn places_count_lines_and_bytes_of_the_dump() {
        let dump = b"\xFF\xFEa\0\xE4\0\r\0\n\0b\0";
        let mut reel =
            Reel::new(&dump[..], Encoding::Utf16LittleEndian, Place { line: 1, byte: 0 }, 100).in_chunks(3);
        assert!(reel.find(|rest| rest.iter().position(|&byte| byte == b'b')).unwrap());
        assert_eq!(reel.mark(1), Place { line: 1, byte: 4 });
        assert_eq!(reel.mark(reel.at()), Place { line: 2, byte: 10 });
    }
}
