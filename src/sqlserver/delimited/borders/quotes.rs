//! Borders of a text with quotes.
//!
//! Of an unbroken run of quotes only two things matter: whether their number is odd, and whether the
//! byte before them is a separator. An even run changes nothing: it is doubled quotes, or an empty
//! field, or data. An odd one ends a quoted field, whatever follows; outside of quotes it begins
//! one if it stands behind a separator, and is data otherwise.

use memchr::{memchr_iter, memchr3_iter};

use super::Found;
use super::piece::Scanner;
use crate::sqlserver::delimited::window::line_breaks;

const QUOTE: u8 = b'"';
/// Both cases: that the piece begins outside of quotes, and that it begins within.
const BOTH: u8 = 0b11;

/// How a text stands at some place.
#[derive(Debug)]
pub(super) struct Entry {
    /// Whether it is within quotes, the run of quotes that ends here left out.
    inside: bool,
    /// Whether that run is odd.
    odd: bool,
    /// Whether a separator is before that run, or here, if there is none.
    opens: bool,
}

impl Default for Entry {
    /// The beginning of a record.
    fn default() -> Entry {
        Entry { inside: false, odd: false, opens: true }
    }
}

/// The quotes of a piece, for both cases of what comes before it. A bit stands for a case.
pub(super) struct Quotes {
    delimiter: u8,
    /// Whether the piece is nothing but quotes so far: they belong to the run before it.
    leading: bool,
    leading_odd: bool,
    /// As in [`Entry`]; the cases are those behind the leading quotes.
    inside: u8,
    odd: bool,
    opens: u8,
    /// The first record that begins in the piece.
    borders: [Option<Found>; 2],
    lines: u64,
}

impl Quotes {
    pub(super) fn new(delimiter: u8) -> Quotes {
        Quotes {
            delimiter,
            leading: true,
            leading_odd: false,
            inside: 0b10,
            odd: false,
            opens: 0,
            borders: [None; 2],
            lines: 0,
        }
    }

    /// Returns the number of line breaks.
    pub(super) fn lines(&self) -> u64 {
        self.lines
    }

    /// Goes from the beginning of the piece to its end; returns the first record that begins in it.
    pub(super) fn pass(&self, entry: &mut Entry) -> Option<Found> {
        entry.odd ^= self.leading_odd;
        if self.leading {
            return None;
        }
        let case = usize::from(if entry.odd { entry.opens && !entry.inside } else { entry.inside });
        *entry = Entry { inside: self.inside >> case & 1 == 1, odd: self.odd, opens: self.opens != 0 };
        self.borders[case]
    }

    fn is_separator(&self, byte: u8) -> bool {
        byte == self.delimiter || byte == b'\n' || byte == b'\r'
    }

    /// Takes what the last run of quotes means.
    #[inline]
    fn settle(&mut self) {
        self.inside = if self.odd { self.opens & !self.inside } else { self.inside };
        self.odd = false;
    }

    /// Takes a quote behind a byte.
    #[inline]
    fn quote(&mut self, before: u8) {
        if before == QUOTE {
            self.odd = !self.odd;
            return;
        }
        self.settle();
        self.odd = true;
        self.opens = if self.is_separator(before) { BOTH } else { 0 };
    }

    /// Looks for the first line end outside of quotes, in both cases; returns how far that took.
    fn find_borders(&mut self, text: &[u8], behind: usize, from: usize, at: u64) -> usize {
        for found in memchr3_iter(QUOTE, b'\n', b'\r', &text[from..]) {
            let place = from + found;
            if text[place] == QUOTE {
                self.quote(text[place - 1]);
                continue;
            }
            self.settle();
            // Of CR alone at the end of the chunk it is not known whether LF follows.
            let next = text.get(place + 1);
            if text[place] == b'\r' && next.is_none_or(|&next| next == b'\n') {
                continue;
            }
            for case in 0..self.borders.len() {
                if self.borders[case].is_none() && self.inside >> case & 1 == 0 {
                    let after_return = text[..behind].last() == Some(&b'\r');
                    let lines = self.lines + line_breaks(&text[behind..=place], after_return);
                    self.borders[case] = Some(Found { at: at + (place + 1 - behind) as u64, lines });
                }
            }
            if self.borders.iter().all(Option::is_some) {
                return place + 1;
            }
        }
        text.len()
    }
}

impl Scanner for Quotes {
    fn behind(&self) -> usize {
        1
    }

    fn feed(&mut self, text: &[u8], behind: usize, at: u64) {
        let mut from = behind;
        if self.leading {
            let run = text[from..].iter().take_while(|&&byte| byte == QUOTE).count();
            self.leading_odd ^= run % 2 == 1;
            from += run;
            self.leading = from == text.len();
        }
        if !self.leading {
            if self.borders.iter().any(Option::is_none) {
                from = self.find_borders(text, behind, from, at);
            }
            for found in memchr_iter(QUOTE, &text[from..]) {
                self.quote(text[from + found - 1]);
            }
            if let Some(&last) = text.last().filter(|&&last| last != QUOTE) {
                self.settle();
                self.opens = if self.is_separator(last) { BOTH } else { 0 };
            }
        }
        self.lines += line_breaks(&text[behind..], text[..behind].last() == Some(&b'\r'));
    }

    fn finish(&mut self, unit: u64) {
        for found in self.borders.iter_mut().flatten() {
            found.at *= unit;
        }
    }
}
