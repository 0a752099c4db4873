//! Going over the whole of a file whose records are lines, by many threads.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use super::MAX_COLUMNS;
use super::borders::{Cut, is_found_alike};
use super::dialect::Layout;
use super::splitter::{Fields, Splitter};
use super::survey::{Part, Survey, survey_part};
use super::window::{Place, Window};
use crate::sqlserver::encoding::Encoding;
use crate::sqlserver::together::together;

/// A text to go over.
pub(super) struct Whole<'a> {
    pub(super) path: &'a Path,
    pub(super) encoding: Encoding,
    pub(super) limit: usize,
    pub(super) preamble: usize,
    pub(super) cut: Cut,
}

impl Whole<'_> {
    /// Goes over the text in a layout without quotes whose first record has so many fields; `None` if
    /// it is not worth to be cut, or cannot be.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(super) fn survey(&self, layout: &Layout, expected: usize) -> io::Result<Option<Survey>> {
        let Layout::Lines { end, .. } = layout else { return Ok(None) };
        let size = std::fs::metadata(self.path)?.len();
        if size < 2 * self.cut.size || !is_found_alike(end, self.encoding) {
            return Ok(None);
        }
        let count = usize::try_from(size / self.cut.size).unwrap_or(usize::MAX);
        let begins = together(count - 1, |number| self.part_begins(layout, number as u64 + 1));
        let mut ranges = Vec::new();
        let mut from = 0;
        for begin in begins {
            if let Some(begin) = begin? {
                ranges.push(from..begin);
                from = begin;
            }
        }
        ranges.push(from..size);
        let parts = together(ranges.len(), |number| {
            let range = ranges.get(number).cloned().unwrap_or_default();
            let mut window = self.window(layout, range)?;
            if number == 0 {
                window.skip(self.preamble)?;
            }
            survey_part(&mut window, layout, MAX_COLUMNS, (number > 0).then_some(expected))
        });
        let parts: Vec<Part> = parts.into_iter().collect::<io::Result<_>>()?;
        Ok(Some(Survey::of_parts(parts)))
    }

    /// Opens a part, which begins at a record.
    fn window(&self, layout: &Layout, range: Range<u64>) -> io::Result<Window<io::Take<File>>> {
        let mut file = File::open(self.path)?;
        file.seek(SeekFrom::Start(range.start))?;
        let window = Window::new(file.take(range.end - range.start), self.encoding, self.limit);
        let ends_with_return = matches!(layout, Layout::Lines { end, .. } if end.bytes().ends_with(b"\r"));
        Ok(match range.start {
            0 => window,
            byte => window.at(Place { line: 1, byte }, ends_with_return),
        })
    }

    /// Finds a place in a piece where neither the record before nor the one behind is blank, so that
    /// what blank lines mean is told within one part.
    fn part_begins(&self, layout: &Layout, piece: u64) -> io::Result<Option<u64>> {
        let begin = piece * self.cut.size;
        let mut window = self.window(layout, begin..begin + self.cut.size)?;
        let splitter = Splitter::new(layout);
        let mut fields = Fields::new(0);
        // The first record may have begun before the piece.
        let (mut is_first, mut before_is_full) = (true, false);
        while window.byte_at(&mut 0)?.is_some() {
            let place = window.place();
            let scan = splitter.split(&mut window, &mut fields)?;
            let is_full = window.take_head().is_some() || scan.length > 0;
            if before_is_full && is_full && scan.taken > scan.length {
                return Ok(Some(place.byte));
            }
            before_is_full = is_full && !is_first;
            is_first = false;
            window.seal_record(scan);
            window.release();
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::super::dialect::RecordEnd;
    use super::super::survey::survey;
    use super::*;

    fn compare(path: &Path, text: &str, encoding: Encoding, end: RecordEnd) -> usize {
        let mut bytes = encoding.mark().to_vec();
        bytes.extend(encoding.encode(text.as_bytes()));
        std::fs::write(path, &bytes).unwrap();
        let layout = Layout::Lines { delimiter: b",".to_vec(), end };
        let mut window = Window::new(&bytes[..], encoding, 30);
        let expected = survey(&mut window, &layout, MAX_COLUMNS, true).unwrap();
        let mut cuts = 0;
        for size in [2, 4, 10, 36, 90] {
            let cut = Cut { size, chunk: 2 };
            let whole = Whole { path, encoding, limit: 30, preamble: 0, cut };
            if expected.fields > 0
                && let Some(found) = whole.survey(&layout, expected.fields).unwrap()
            {
                assert_eq!(format!("{found:?}"), format!("{expected:?}"), "by {size}: {text:?}");
                cuts += 1;
            }
        }
        cuts
    }

    #[test]
    fn many_threads_see_what_one_sees() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        // A fixed sequence (Marsaglia, "Xorshift RNGs").
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        let mut below = |limit: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % limit as u64) as usize
        };
        let records = ["1,a", "22,bb", "NULL,x", "\0,é", "", "", "(3 rows affected)", "1,2,3", "1", "\n,\r"];
        let mut cuts = 0;
        for round in 0..600 {
            let encoding = [
                Encoding::Utf8,
                Encoding::Utf16LittleEndian,
                Encoding::Utf16BigEndian,
                Encoding::Windows1252,
            ][round % 4];
            let ends = [RecordEnd::LineFeed, RecordEnd::CarriageReturnLineFeed, RecordEnd::CarriageReturn];
            let end = ends[round % 3].clone();
            let end_text = if round % 5 == 0 { "\r\n" } else { std::str::from_utf8(end.bytes()).unwrap() };
            // Few of the odd ones in most rounds.
            let among = [3, 6, 7, records.len()][round / 7 % 4];
            let mut text = if round % 2 == 0 { format!("a,b{end_text}") } else { String::new() };
            for _ in 0..below(40) {
                text += records[below(among)];
                text += end_text;
            }
            text += ["", "(3 rows)", "a"][below(3)];
            cuts += compare(&path, &text, encoding, end);
        }
        assert!(cuts > 1000, "{cuts}");
    }
}
