//! A window of decoded text that slides over a stream, record by record.
//!
//! It owns the buffer that values borrow from, and knows line and byte of the record at its
//! beginning. Positions inside are relative to that record, so they stay true when more is read.
//! Of a record longer than the limit only the head is kept; the rest is read and forgotten.

use std::io::{self, Read};
use std::ops::Range;

use memchr::memchr_iter;

use super::splitter::Scan;
use crate::sqlserver::encoding::{Decoder, Encoding, valid_up_to};

/// Bytes read at once.
const CHUNK: usize = 256 * 1024;

/// A place in the dump.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sqlserver) struct Place {
    /// From 1.
    pub(in crate::sqlserver) line: u64,
    /// From 0, in the bytes of the stream as read.
    pub(in crate::sqlserver) byte: u64,
}

pub(super) struct Window<R> {
    reader: R,
    decoder: Decoder,
    /// What was read and not yet decoded; empty for UTF-8.
    scratch: Vec<u8>,
    /// Why the last read ended early, to be told when what came before it is used up.
    failure: Option<io::Error>,
    buffer: Vec<u8>,
    /// Where the record begins in the buffer.
    start: usize,
    /// Bytes of the record that are done with.
    sealed: usize,
    /// The part of the buffer that is known to be UTF-8: whole characters.
    sound: Range<usize>,
    started: bool,
    ended: bool,
    /// Place of the record; after [`Window::seal`] that of the next one.
    place: Place,
    /// Whether the last byte passed was CR, so that LF begins no new line.
    after_return: bool,
    limit: usize,
    chunk: usize,
    head: Option<Vec<u8>>,
}

impl<R: Read> Window<R> {
    /// Opens a window at the beginning of a stream. `limit` is the greatest length of a record in
    /// bytes of decoded text.
    pub(super) fn new(reader: R, encoding: Encoding, limit: usize) -> Window<R> {
        Window {
            reader,
            decoder: Decoder::new(encoding),
            scratch: Vec::new(),
            failure: None,
            buffer: Vec::new(),
            start: 0,
            sealed: 0,
            sound: 0..0,
            started: false,
            ended: false,
            place: Place { line: 1, byte: 0 },
            after_return: false,
            limit,
            chunk: CHUNK,
            head: None,
        }
    }

    /// Opens the window in the midst of a stream instead, at the beginning of a record.
    pub(super) fn at(self, place: Place, after_return: bool) -> Window<R> {
        let decoder = Decoder::behind_mark(self.decoder.encoding());
        Window { decoder, started: true, place, after_return, ..self }
    }

    /// Reads this many bytes at once, so that tests meet every border.
    #[cfg(test)]
    pub(super) fn in_chunks(self, chunk: usize) -> Window<R> {
        Window { chunk, ..self }
    }

    /// Opens a window over text that is decoded already.
    pub(super) fn over_text(reader: R) -> Window<R> {
        Window {
            decoder: Decoder::behind_mark(Encoding::Utf8),
            ..Window::new(reader, Encoding::Utf8, usize::MAX)
        }
    }

    /// Returns the text from the beginning of the record as far as it was read.
    pub(super) fn text(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Returns the same for correction in place.
    pub(super) fn text_mut(&mut self) -> &mut [u8] {
        &mut self.buffer[self.start..]
    }

    pub(super) fn encoding(&self) -> Encoding {
        self.decoder.encoding()
    }

    /// Returns the byte that stands for itself at the end of UTF-16 of odd length.
    pub(super) fn stray(&self) -> Option<u8> {
        self.decoder.stray()
    }

    /// Returns the place of the record, until it is sealed.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// Returns the place behind what was sealed, and whether the character before it is CR.
    pub(super) fn border(&self) -> (Place, bool) {
        (self.place, self.after_return)
    }

    /// Returns the greatest length of a record.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Tells whether the record was longer than the limit, so that its head alone is kept.
    pub(super) fn has_head(&self) -> bool {
        self.head.is_some()
    }

    /// Returns the head of a record that was longer than the limit, once.
    pub(super) fn take_head(&mut self) -> Option<Vec<u8>> {
        self.head.take()
    }

    /// Reads the byte at a position of the record, reading on where necessary; `None` at the end.
    pub(super) fn byte_at(&mut self, at: &mut usize) -> io::Result<Option<u8>> {
        loop {
            if let Some(&byte) = self.text().get(*at) {
                return Ok(Some(byte));
            }
            if !self.more(at)? {
                return Ok(None);
            }
        }
    }

    /// Reads on; `false` at the end. `at` is how far the record was looked at: if it passed the
    /// limit and one byte more, which may be of the line end, that much is forgotten and `at` becomes 0.
    pub(super) fn more(&mut self, at: &mut usize) -> io::Result<bool> {
        if *at > self.limit.saturating_add(1) || self.head.is_some() {
            self.forget(*at);
            *at = 0;
        }
        if self.ended {
            return Ok(false);
        }
        self.drop_passed();
        let known = self.buffer.len();
        while self.buffer.len() == known && !self.ended {
            self.read_chunk()?;
        }
        self.check(known);
        if !self.started && !self.buffer.is_empty() {
            self.started = true;
            self.place.byte = self.decoder.skipped();
        }
        Ok(self.buffer.len() > known)
    }

    /// Reads on. Bytes that came before a failure are kept; the failure is told at the next call.
    fn read_chunk(&mut self) -> io::Result<()> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let chunk = &mut (&mut self.reader).take(self.chunk as u64);
        let transparent = self.decoder.is_transparent();
        let target = if transparent { &mut self.buffer } else { &mut self.scratch };
        if !transparent {
            target.clear();
        }
        let known = target.len();
        let read = chunk.read_to_end(target);
        let count = target.len() - known;
        if let Err(failure) = read {
            if count == 0 {
                return Err(failure);
            }
            self.failure = Some(failure);
        }
        self.ended = count == 0;
        match (transparent, self.ended) {
            (true, _) => {}
            (false, true) => self.decoder.finish(&mut self.buffer),
            (false, false) => self.decoder.feed(&self.scratch, &mut self.buffer),
        }
        Ok(())
    }

    /// Keeps the head of a record that is too long and passes over the rest.
    fn forget(&mut self, length: usize) {
        let length = length.min(self.text().len());
        self.pass(length);
        if self.head.is_some() {
            self.start += length;
            return;
        }
        self.drop_passed();
        let rest = self.buffer.split_off(length);
        self.shift_sound(length);
        let mut head = std::mem::replace(&mut self.buffer, rest);
        head.truncate(self.limit);
        self.head = Some(head);
    }

    fn drop_passed(&mut self) {
        self.buffer.drain(..self.start);
        self.shift_sound(self.start);
        self.start = 0;
    }

    fn shift_sound(&mut self, by: usize) {
        self.sound = self.sound.start.saturating_sub(by)..self.sound.end.saturating_sub(by);
    }

    /// Checks what was read behind `known`, so that not every record needs to be.
    fn check(&mut self, known: usize) {
        // A character may have been cut off before it.
        if self.sound.end + 3 < known {
            let continued = self.buffer[known..].iter().take(3).take_while(|&&byte| byte & 0xC0 == 0x80);
            let start = known + continued.count();
            self.sound = start..start;
        }
        self.sound.end += valid_up_to(&self.buffer[self.sound.end..]);
    }

    /// Tells whether the first bytes of the text are known to be UTF-8. `false` tells nothing.
    pub(super) fn is_sound(&self, length: usize) -> bool {
        let end = self.start + length;
        let is_whole = |at: usize| self.buffer.get(at).is_none_or(|byte| byte & 0xC0 != 0x80);
        self.start >= self.sound.start && end <= self.sound.end && is_whole(self.start) && is_whole(end)
    }

    /// Marks the next bytes as done with: from now on [`Window::place`] is that behind them.
    /// They stay in the buffer until [`Window::release`].
    pub(super) fn seal(&mut self, length: usize) {
        let length = length.min(self.text().len());
        self.pass(length);
        self.sealed = length;
    }

    /// As [`Window::seal`], of a record and what ends it.
    pub(super) fn seal_record(&mut self, record: Scan) {
        let Some(breaks) = record.breaks else { return self.seal(record.taken) };
        let passed = &self.buffer[self.start..self.start + record.taken];
        self.place.byte += self.decoder.encoding().encoded_length(passed);
        self.place.line += breaks;
        self.after_return = passed.last().map_or(self.after_return, |&byte| byte == b'\r');
        self.sealed = record.taken;
    }

    /// Lets go of what was sealed.
    pub(super) fn release(&mut self) {
        self.start += std::mem::take(&mut self.sealed);
    }

    /// Passes over the first bytes of the text.
    pub(super) fn skip(&mut self, length: usize) -> io::Result<()> {
        while self.text().len() < length {
            let mut at = 0;
            if !self.more(&mut at)? {
                break;
            }
        }
        self.seal(length);
        self.release();
        Ok(())
    }

    fn pass(&mut self, length: usize) {
        let passed = &self.buffer[self.start..self.start + length];
        self.place.byte += self.decoder.encoding().encoded_length(passed);
        self.place.line += line_breaks(passed, self.after_return);
        self.after_return = passed.last().map_or(self.after_return, |&byte| byte == b'\r');
    }
}

/// Counts line breaks: CRLF, LF and CR, each once.
pub(in crate::sqlserver) fn line_breaks(bytes: &[u8], after_return: bool) -> u64 {
    let feeds = memchr_iter(b'\n', bytes).count();
    let returns = memchr_iter(b'\r', bytes).filter(|at| bytes.get(at + 1) != Some(&b'\n')).count();
    let second_half = usize::from(after_return && bytes.first() == Some(&b'\n'));
    (feeds + returns - second_half) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_to_be_sound_is() {
        let text = b"a\xC3\xA4,\xE2\x82\xAC\xFFb\xF0\x9F\x98\x80c,d\xC3";
        for chunk in 1..20 {
            let mut window = Window::new(&text[..], Encoding::Utf8, 100).in_chunks(chunk);
            for passed in 0..text.len() {
                window.byte_at(&mut 0).unwrap();
                assert!(chunk < 7 || passed > 0 || window.is_sound(7), "in chunks of {chunk}");
                for length in 0..=window.text().len() {
                    let valid = std::str::from_utf8(&window.text()[..length]).is_ok();
                    assert!(valid || !window.is_sound(length), "{passed}+{length} in chunks of {chunk}");
                }
                window.seal(1);
                window.release();
            }
        }
    }

    #[test]
    fn lines_are_counted_across_borders() {
        assert_eq!(line_breaks(b"a\r\nb\rc\n", false), 3);
        assert_eq!(line_breaks(b"\na\n", true), 1);
        assert_eq!(line_breaks(b"\na\r", true), 1);
        assert_eq!(line_breaks(b"\n\n", false), 2);
    }

    #[test]
    fn places_count_bytes_of_the_dump_and_not_of_the_text() {
        let dump = b"\xFF\xFEa\0\xE4\0\n\0b\0";
        let mut window = Window::new(&dump[..], Encoding::Utf16LittleEndian, 100);
        let mut at = 0;
        assert_eq!(window.byte_at(&mut at).unwrap(), Some(b'a'));
        assert_eq!(window.place(), Place { line: 1, byte: 2 });
        window.seal("aä\n".len());
        assert_eq!(window.place(), Place { line: 2, byte: 8 });
        window.release();
        assert_eq!(window.text(), b"b");
    }
}
