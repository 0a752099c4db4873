//! The beginning of a text, decoded, on which sniffing decides.

use std::io::{self, Read};

use super::dialect::Layout;
use super::survey::{Survey, survey};
use super::window::Window;
use super::{MAX_COLUMNS, splitter};
use crate::sqlserver::encoding::Encoding;

/// Bytes of text that are looked at, unless the first record needs more.
const SIZE: usize = 1 << 20;

pub(super) struct Sample {
    window: Window<Box<dyn Read + Send>>,
    limit: usize,
    /// Whether it is all of the text.
    whole: bool,
    /// Whether the text cannot be read on behind it; what is here is all there is to judge by.
    broken: bool,
    /// Bytes of the preamble.
    preamble: usize,
}

impl Sample {
    /// Reads the beginning of a text; `limit` is the most it may grow to.
    pub(super) fn take(reader: Box<dyn Read + Send>, encoding: Encoding, limit: usize) -> io::Result<Sample> {
        let window = Window::new(reader, encoding, usize::MAX);
        let mut sample = Sample { window, limit, whole: false, broken: false, preamble: 0 };
        sample.read_to(SIZE)?;
        Ok(sample)
    }

    fn read_to(&mut self, size: usize) -> io::Result<()> {
        while self.window.text().len() < size && !self.whole && !self.broken {
            let mut at = 0;
            match self.window.more(&mut at) {
                Ok(more) => self.whole = !more,
                Err(_) if !self.window.text().is_empty() => self.broken = true,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Doubles the sample; `false` if there is no more, or no more allowed.
    pub(super) fn grow(&mut self) -> io::Result<bool> {
        let size = self.window.text().len();
        if self.whole || self.broken || size >= self.limit {
            return Ok(false);
        }
        self.read_to(size.saturating_mul(2).min(self.limit))?;
        Ok(self.window.text().len() > size)
    }

    /// Returns the text behind the preamble.
    pub(super) fn text(&self) -> &[u8] {
        self.window.text().get(self.preamble..).unwrap_or_default()
    }

    /// Tells whether nothing more can be learned about the text than what the sample shows.
    pub(super) fn is_all_there_is(&self) -> bool {
        self.whole || self.broken
    }

    /// Returns the number of bytes of the preamble.
    pub(super) fn preamble(&self) -> usize {
        self.preamble
    }

    /// Passes over what stands before the table: Excel's `sep=;` and the `#TYPE` line of
    /// `Export-Csv` (Microsoft Learn, "Export-Csv"). Returns the delimiter that was announced.
    pub(super) fn pass_preamble(&mut self) -> Option<u8> {
        let mut delimiter = None;
        for _ in 0..2 {
            let text = self.text();
            let end = memchr::memchr2(b'\n', b'\r', text).unwrap_or(text.len());
            let (line, rest) = text.split_at(end);
            let announced =
                match line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line) {
                    [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', byte] if byte.is_ascii() => Some(*byte),
                    _ if line.starts_with(b"#TYPE ") => None,
                    _ => break,
                };
            delimiter = delimiter.or(announced);
            let line_end = if rest.starts_with(b"\r\n") { 2 } else { rest.len().min(1) };
            self.preamble += end + line_end;
        }
        delimiter
    }

    /// Opens a window behind the preamble.
    fn table(&self) -> io::Result<Window<&[u8]>> {
        let mut window = Window::over_text(self.window.text());
        window.skip(self.preamble)?;
        Ok(window)
    }

    /// Goes over the sample in a layout.
    pub(super) fn survey(&self, layout: &Layout) -> io::Result<Survey> {
        survey(&mut self.table()?, layout, MAX_COLUMNS, self.whole)
    }

    /// Returns the fields of the first records that are not blank, at most two, with their quotes
    /// taken off. Fewer if the sample has no more complete ones.
    pub(super) fn first_records(&self, layout: &Layout) -> io::Result<Vec<Vec<Vec<u8>>>> {
        let splitter = splitter::Splitter::new(layout);
        let mut window = self.table()?;
        let mut fields = splitter::Fields::new(MAX_COLUMNS + 1);
        let mut records = Vec::new();
        while records.len() < 2 && window.byte_at(&mut 0)?.is_some() {
            let scan = splitter.split(&mut window, &mut fields)?;
            let mut next = scan.taken;
            let cut_off = scan.flaw == Some(splitter::Flaw::Truncated);
            if cut_off || !self.whole && window.byte_at(&mut next)?.is_none() {
                break;
            }
            if scan.length > 0 {
                let text = window.text();
                records.push(fields.list().iter().map(|field| field.content(text)).collect());
            }
            window.seal(scan.taken);
            window.release();
        }
        Ok(records)
    }
}
