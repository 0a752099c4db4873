//! The source an XML parser reads from: clean UTF-8, with a ruler along it.
//!
//! It can tell the line and the byte of the document, and the source text since the last
//! [`Intake::mark`]; both are worked out only when asked for, since hardly any record is rejected.
//! It refuses to hand out a piece that grows without end.

use std::io::{self, BufRead, Read};

use super::bounds::Bounds;
use super::charset::{Charset, restore};
use crate::chat::Text;

/// Bytes read at a time.
const CHUNK: usize = 1 << 18;

/// A place in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// From 1.
    pub(super) line: u64,
    /// From 0.
    pub(super) byte: u64,
}

/// A document's bytes on their way to the parser.
pub(super) struct Intake {
    source: Box<dyn Read + Send>,
    charset: Charset,
    bounds: Bounds,
    /// Bytes that are not decoded yet, and room for more.
    raw: Vec<u8>,
    filled: usize,
    /// The chunk being handed out, and how much of it was.
    clean: Vec<u8>,
    at: usize,
    disguised: bool,
    ended: bool,
    /// Why the source cannot be read on; met when all before it was handed out.
    failure: Option<io::Error>,
    /// Where the chunk begins.
    start: Place,
    mark: Mark,
    /// Source text between the mark and the chunk, if the mark lies in an earlier one.
    earlier: Vec<u8>,
    /// Where the current piece begins in the source text since the mark.
    piece: usize,
    budget: usize,
    exhausted: bool,
}

/// Where the last mark is.
#[derive(Debug, Clone, Copy)]
enum Mark {
    /// At this offset of the chunk.
    Here(usize),
    /// In an earlier chunk, at this place.
    Earlier(Place),
}

impl Intake {
    /// Begins with bytes read already and goes on with the rest, unless reading them failed. `mark`
    /// bytes at the beginning, the byte order mark, are no text.
    pub(super) fn new(
        head: &[u8],
        failure: Option<io::Error>,
        mark: usize,
        source: Box<dyn Read + Send>,
        charset: Charset,
        bounds: Bounds,
    ) -> Intake {
        let mut raw = head.get(mark..).unwrap_or_default().to_vec();
        let filled = raw.len();
        raw.resize(filled + CHUNK, 0);
        Intake {
            source,
            charset,
            bounds,
            raw,
            filled,
            clean: Vec::new(),
            at: 0,
            disguised: false,
            ended: false,
            failure,
            start: Place { line: 1, byte: mark as u64 },
            mark: Mark::Here(0),
            earlier: Vec::new(),
            piece: 0,
            budget: bounds.piece,
            exhausted: false,
        }
    }

    /// Says where in the document its first byte is.
    pub(super) fn starting(mut self, start: Place) -> Intake {
        self.start = start;
        self
    }

    /// Marks this place.
    pub(super) fn mark(&mut self) {
        self.mark = Mark::Here(self.at);
        self.earlier.clear();
    }

    /// Begins a piece, which may be as long as allowed.
    pub(super) fn begin_piece(&mut self) {
        self.budget = self.bounds.piece;
        self.piece = self.earlier.len() + self.since_mark().len();
    }

    /// Tells whether the current piece, begun by a tag, has run into another one: a quote or a
    /// bracket is missing.
    pub(super) fn overran(&self) -> bool {
        let text = [&self.earlier, self.since_mark()].concat();
        let inside = text.get(self.piece + 1..).unwrap_or_default();
        memchr::memchr(b'<', inside).is_some()
    }

    /// Returns the place of the last mark.
    pub(super) fn marked(&self) -> Place {
        match self.mark {
            Mark::Here(at) => self.place_at(at),
            Mark::Earlier(place) => place,
        }
    }

    /// Returns the place reached.
    pub(super) fn place(&self) -> Place {
        self.place_at(self.at)
    }

    /// Tells whether a piece was refused for its size.
    pub(super) fn is_exhausted(&self) -> bool {
        self.exhausted
    }

    /// Tells whether the document's bytes were handed out to the last.
    pub(super) fn is_ended(&self) -> bool {
        self.ended && self.at == self.clean.len() && self.filled == 0
    }

    /// Returns the source text since the last mark, as far as it is kept, and its bytes where the
    /// text does not hold them exactly.
    pub(super) fn captured(&self) -> (Text, Option<Box<[u8]>>) {
        let mut text = [&self.earlier, self.since_mark()].concat();
        text.truncate(self.bounds.capture);
        if let Err(error) = std::str::from_utf8(&text) {
            // It was cut within a character.
            text.truncate(error.valid_up_to());
        }
        let bytes = restore(&text);
        match Text::from_bytes(&bytes) {
            Ok(text) => (text, None),
            Err(_) => {
                let text = Text::from(String::from_utf8_lossy(&bytes).into_owned());
                (text, Some(bytes.into_owned().into_boxed_slice()))
            }
        }
    }

    fn place_at(&self, at: usize) -> Place {
        let before = self.clean.get(..at).unwrap_or_default();
        Place {
            line: self.start.line + memchr::memchr_iter(b'\n', before).count() as u64,
            byte: self.start.byte + self.charset.measure(before, self.disguised),
        }
    }

    /// Returns the source text of this chunk since the mark.
    fn since_mark(&self) -> &[u8] {
        let from = match self.mark {
            Mark::Here(at) => at,
            Mark::Earlier(_) => 0,
        };
        self.clean.get(from..self.at).unwrap_or_default()
    }

    /// Leaves the chunk, all of which was handed out, behind.
    fn leave_chunk(&mut self) {
        let place = self.marked();
        let (from, room) = match self.mark {
            Mark::Here(at) => (at, self.bounds.capture),
            Mark::Earlier(_) => (0, self.bounds.capture.saturating_sub(self.earlier.len())),
        };
        let text = self.clean.get(from..).unwrap_or_default();
        self.earlier.extend_from_slice(&text[..text.len().min(room)]);
        self.start = self.place_at(self.clean.len());
        self.mark = Mark::Earlier(place);
        self.clean.clear();
        self.at = 0;
    }

    fn refill(&mut self) -> io::Result<()> {
        self.leave_chunk();
        while self.clean.is_empty() {
            let outcome = self.draw();
            let last = matches!(outcome, Ok(0));
            let taken;
            (taken, self.disguised) = self.charset.decode(&self.raw[..self.filled], last, &mut self.clean);
            self.raw.copy_within(taken..self.filled, 0);
            self.filled -= taken;
            match outcome {
                Ok(0) => {
                    self.ended = true;
                    return Ok(());
                }
                Ok(_) => {}
                Err(failure) if self.clean.is_empty() => return Err(failure),
                Err(failure) => self.failure = Some(failure),
            }
        }
        Ok(())
    }

    /// Reads more raw bytes; returns how many.
    fn draw(&mut self) -> io::Result<usize> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        // Never full: what waits for its rest is part of one character.
        let read = self.source.read(&mut self.raw[self.filled..])?;
        self.filled += read;
        Ok(read)
    }
}

impl Read for Intake {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Intake {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.clean.len() {
            self.refill()?;
        }
        let ahead = &self.clean[self.at..];
        if self.budget == 0 && !ahead.is_empty() {
            self.exhausted = true;
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        Ok(&ahead[..ahead.len().min(self.budget)])
    }

    fn consume(&mut self, amount: usize) {
        self.at = (self.at + amount).min(self.clean.len());
        self.budget = self.budget.saturating_sub(amount);
    }
}
