//! Borders of a text without quotes: every record end is one.

use memchr::memmem::Finder;

use super::Found;
use super::piece::Scanner;
use crate::sqlserver::delimited::window::line_breaks;

/// The record ends of a piece.
pub(super) struct Ends<'e> {
    end: Finder<'e>,
    /// Whether all are to be counted, and not only the first found.
    counts: bool,
    first: Option<Found>,
    count: u64,
    lines: u64,
}

impl<'e> Ends<'e> {
    pub(super) fn new(end: &'e [u8], counts: bool) -> Ends<'e> {
        Ends { end: Finder::new(end), counts, first: None, count: 0, lines: 0 }
    }

    /// Returns where the first record end of the piece ends.
    pub(super) fn first(&self) -> Option<Found> {
        self.first
    }

    /// Returns the number of record ends, if they were to be counted.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Returns the number of line breaks.
    pub(super) fn lines(&self) -> u64 {
        self.lines
    }
}

impl Scanner for Ends<'_> {
    fn behind(&self) -> usize {
        (self.end.needle().len() - 1).max(1)
    }

    fn feed(&mut self, text: &[u8], behind: usize, at: u64) {
        let after_return = text[..behind].last() == Some(&b'\r');
        let length = self.end.needle().len();
        // One that began before the chunk ends in it.
        let from = behind.saturating_sub(length - 1);
        if self.first.is_none()
            && let Some(found) = self.end.find(&text[from..])
        {
            let end = from + found + length;
            let lines = self.lines + line_breaks(&text[behind..end], after_return);
            self.first = Some(Found { at: at + (end - behind) as u64, lines });
        }
        if self.counts {
            self.count += self.end.find_iter(&text[from..]).count() as u64;
        }
        self.lines += line_breaks(&text[behind..], after_return);
    }

    fn finish(&mut self, unit: u64) {
        self.first = self.first.map(|found| Found { at: found.at * unit, ..found });
    }
}
