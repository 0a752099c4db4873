//! The source an XML parser reads from: clean UTF-8, with a ruler along it.
//!
//! It knows the line and the byte of the document at every moment, keeps the source text since the
//! last [`Intake::mark`], and refuses to hand out a piece that grows without end.

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
    raw: Vec<u8>,
    clean: Vec<u8>,
    disguised: bool,
    at: usize,
    ended: bool,
    place: Place,
    marked: Place,
    budget: usize,
    exhausted: bool,
    capture: Vec<u8>,
}

impl Intake {
    /// Begins with bytes read already and goes on with the rest. `mark` bytes at the beginning,
    /// the byte order mark, are no text.
    pub(super) fn new(
        head: Vec<u8>,
        mark: usize,
        source: Box<dyn Read + Send>,
        charset: Charset,
        bounds: Bounds,
    ) -> Intake {
        let place = Place { line: 1, byte: mark as u64 };
        let raw = head.get(mark..).unwrap_or_default().to_vec();
        Intake {
            source,
            charset,
            bounds,
            raw,
            clean: Vec::new(),
            disguised: false,
            at: 0,
            ended: false,
            place,
            marked: place,
            budget: bounds.piece,
            exhausted: false,
            capture: Vec::new(),
        }
    }

    /// Lets the next piece be as long as allowed.
    pub(super) fn renew(&mut self) {
        self.budget = self.bounds.piece;
    }

    /// Begins to keep the source text anew, from here on.
    pub(super) fn mark(&mut self) {
        self.marked = self.place;
        self.capture.clear();
    }

    /// Returns the place of the last mark.
    pub(super) fn marked(&self) -> Place {
        self.marked
    }

    /// Returns the place reached.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// Tells whether a piece was refused for its size.
    pub(super) fn is_exhausted(&self) -> bool {
        self.exhausted
    }

    /// Tells whether the document's bytes were handed out to the last.
    pub(super) fn is_ended(&self) -> bool {
        self.ended && self.at == self.clean.len() && self.raw.is_empty()
    }

    /// Returns the source text since the last mark, as far as it is kept, and its bytes where the
    /// text does not hold them exactly.
    pub(super) fn captured(&self) -> (Text, Option<Box<[u8]>>) {
        let whole = match std::str::from_utf8(&self.capture) {
            Ok(_) => self.capture.len(),
            // The capture ends where it was full, which may be within a character.
            Err(error) => error.valid_up_to(),
        };
        let bytes = restore(&self.capture[..whole]);
        match Text::from_bytes(&bytes) {
            Ok(text) => (text, None),
            Err(_) => {
                let text = Text::from(String::from_utf8_lossy(&bytes).into_owned());
                (text, Some(bytes.into_owned().into_boxed_slice()))
            }
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.clean.clear();
        self.at = 0;
        while self.clean.is_empty() {
            if !self.ended {
                let filled = self.raw.len();
                self.raw.resize(filled + CHUNK, 0);
                let outcome = self.source.read(&mut self.raw[filled..]);
                self.raw.truncate(filled + outcome.as_ref().map_or(0, |read| *read));
                self.ended = outcome? == 0;
            }
            if self.raw.is_empty() {
                return Ok(());
            }
            let taken;
            (taken, self.disguised) = self.charset.decode(&self.raw, self.ended, &mut self.clean);
            self.raw.drain(..taken);
            if self.ended {
                return Ok(());
            }
        }
        Ok(())
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
        let end = (self.at + amount).min(self.clean.len());
        let taken = &self.clean[self.at..end];
        self.place.line += memchr::memchr_iter(b'\n', taken).count() as u64;
        self.place.byte += self.charset.measure(taken, self.disguised);
        let room = self.bounds.capture.saturating_sub(self.capture.len());
        self.capture.extend_from_slice(&taken[..taken.len().min(room)]);
        self.budget = self.budget.saturating_sub(taken.len());
        self.at = end;
    }
}
