//! Finding where records and their fields end. Nothing is judged here and nothing copied.
//!
//! One splitter for each [`Layout`]. Fast throughout: bytes are searched, not walked.

use std::io::{self, Read};
use std::ops::Range;

use memchr::memmem::Finder;
use memchr::{memchr, memchr_iter, memchr3};

use super::dialect::{Layout, RecordEnd};
use super::scan;
use super::window::Window;

const QUOTE: u8 = b'"';

/// Where a field stands, counted from the beginning of its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether it stood in quotes, which lie outside of it.
    pub(super) quoted: bool,
    /// Whether quotes in it are doubled.
    pub(super) doubled: bool,
}

impl Field {
    pub(super) fn bare(range: Range<usize>) -> Field {
        Field { start: range.start, end: range.end, quoted: false, doubled: false }
    }

    /// Returns the field's bytes, given those of its record.
    pub(super) fn of<'a>(&self, record: &'a [u8]) -> &'a [u8] {
        record.get(self.start..self.end).unwrap_or_default()
    }

    /// Returns a copy of the field with each doubled quote made one.
    pub(super) fn content(&self, record: &[u8]) -> Vec<u8> {
        let mut bytes = self.of(record).to_vec();
        if self.doubled {
            let length = undouble(&mut bytes);
            bytes.truncate(length);
        }
        bytes
    }
}

/// Makes one quote of each two, in place; returns the length that remains.
pub(super) fn undouble(bytes: &mut [u8]) -> usize {
    let (mut from, mut to) = (0, 0);
    while let Some(rest) = bytes.get(from..).filter(|rest| !rest.is_empty()) {
        let run = memchr(QUOTE, rest).map_or(rest.len(), |quote| quote + 1);
        bytes.copy_within(from..from + run, to);
        to += run;
        from += run + 1;
    }
    to
}

/// The fields of one record. Holds a limited number of them and counts all.
#[derive(Debug)]
pub(super) struct Fields {
    list: Vec<Field>,
    capacity: usize,
    count: usize,
}

impl Fields {
    pub(super) fn new(capacity: usize) -> Fields {
        Fields { list: Vec::new(), capacity, count: 0 }
    }

    fn clear(&mut self) {
        self.list.clear();
        self.count = 0;
    }

    #[inline]
    pub(super) fn push(&mut self, field: Field) {
        if self.list.len() < self.capacity {
            self.list.push(field);
        }
        self.count += 1;
    }

    /// Returns the number of fields of the record.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Returns the number of fields of a record that are held.
    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    pub(super) fn list(&self) -> &[Field] {
        &self.list
    }

    pub(super) fn list_mut(&mut self) -> &mut [Field] {
        &mut self.list
    }
}

/// A record as it was found. Where the window had to forget its head, only `taken` holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scan {
    /// Bytes of the record without what ends it.
    pub(super) length: usize,
    /// Bytes of the record with what ends it.
    pub(super) taken: usize,
    pub(super) flaw: Option<Flaw>,
    /// Line breaks in it, the one at its end included, where they were counted along.
    pub(super) breaks: Option<u64>,
}

/// What keeps a record from being what its layout promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// The stream ends before the record does.
    Truncated,
    /// Something other than a separator follows a closing quote.
    BrokenQuote,
}

/// Splits a stream into records of fields.
pub(super) enum Splitter {
    Quoted { delimiter: u8 },
    Lines { delimiter: Box<Finder<'static>>, end: Box<Finder<'static>>, strips_return: bool },
    Terminated { terminators: Vec<Finder<'static>> },
}

fn finder(needle: &[u8]) -> Finder<'static> {
    Finder::new(needle).into_owned()
}

impl Splitter {
    pub(super) fn new(layout: &Layout) -> Splitter {
        match layout {
            Layout::Quoted { delimiter } => Splitter::Quoted { delimiter: *delimiter },
            Layout::Lines { delimiter, end } => Splitter::Lines {
                delimiter: Box::new(finder(delimiter)),
                end: Box::new(finder(end.bytes())),
                strips_return: *end == RecordEnd::LineFeed,
            },
            Layout::Terminated { terminators } => {
                Splitter::Terminated { terminators: terminators.iter().map(|end| finder(end)).collect() }
            }
        }
    }

    /// Finds the record at the beginning of the window, which must not be at its end.
    pub(super) fn split<R: Read>(&self, window: &mut Window<R>, fields: &mut Fields) -> io::Result<Scan> {
        fields.clear();
        if let Some(scan) = self.split_text(window.text(), fields) {
            return Ok(scan);
        }
        fields.clear();
        match self {
            Splitter::Quoted { delimiter } => quoted(window, *delimiter, fields),
            Splitter::Lines { delimiter, end, strips_return } => {
                lines(window, delimiter, end, *strips_return, fields)
            }
            Splitter::Terminated { terminators } => terminated(window, terminators, fields),
        }
    }
}

impl Splitter {
    /// Finds the record in text that it may be all of, the fast way; `None` if it may go on behind.
    fn split_text(&self, text: &[u8], fields: &mut Fields) -> Option<Scan> {
        match self {
            Splitter::Quoted { delimiter } => scan::quoted(text, *delimiter, fields),
            Splitter::Lines { delimiter, strips_return: true, .. } => match *delimiter.needle() {
                [delimiter] if !matches!(delimiter, b'\n' | b'\r') => scan::lines(text, delimiter, fields),
                _ => None,
            },
            _ => None,
        }
    }
}

/// How a field of a quoted layout ended.
enum Stop {
    Delimiter,
    /// The record ended with the field: this many bytes of it, and with its end.
    Record(usize, usize),
    Truncated,
}

/// RFC 4180, where records may also end with LF or CR alone and a quote within a field that does
/// not begin with one is data.
fn quoted<R: Read>(window: &mut Window<R>, delimiter: u8, fields: &mut Fields) -> io::Result<Scan> {
    let mut at = 0;
    let mut flaw = None;
    loop {
        let stop = match window.byte_at(&mut at)? {
            Some(QUOTE) => quoted_field(window, delimiter, &mut at, fields, &mut flaw)?,
            _ => bare_field(window, delimiter, &mut at, fields)?,
        };
        match stop {
            Stop::Delimiter => {}
            Stop::Record(length, taken) => return Ok(Scan { length, taken, flaw, breaks: None }),
            Stop::Truncated => {
                return Ok(Scan { length: at, taken: at, flaw: Some(Flaw::Truncated), breaks: None });
            }
        }
    }
}

fn bare_field<R: Read>(
    window: &mut Window<R>,
    delimiter: u8,
    at: &mut usize,
    fields: &mut Fields,
) -> io::Result<Stop> {
    let start = *at;
    let stop = to_stop(window, delimiter, at)?;
    let end = match stop {
        Stop::Record(length, _) => length,
        _ => at.saturating_sub(1),
    };
    fields.push(Field::bare(start..end));
    Ok(stop)
}

/// Goes on to the next separator and behind it.
fn to_stop<R: Read>(window: &mut Window<R>, delimiter: u8, at: &mut usize) -> io::Result<Stop> {
    loop {
        let rest = window.text().get(*at..).unwrap_or_default();
        match memchr3(delimiter, b'\n', b'\r', rest) {
            Some(found) => {
                *at += found;
                let byte = window.byte_at(at)?.unwrap_or(b'\n');
                return stop_at(window, delimiter, byte, at);
            }
            None => *at += rest.len(),
        }
        if !window.more(at)? {
            return Ok(Stop::Record(*at, *at));
        }
    }
}

/// Passes the separator at `at`.
fn stop_at<R: Read>(window: &mut Window<R>, delimiter: u8, byte: u8, at: &mut usize) -> io::Result<Stop> {
    let length = *at;
    *at += 1;
    if byte == delimiter {
        return Ok(Stop::Delimiter);
    }
    if byte == b'\r' && window.byte_at(at)? == Some(b'\n') {
        *at += 1;
    }
    Ok(Stop::Record(length, *at))
}

fn quoted_field<R: Read>(
    window: &mut Window<R>,
    delimiter: u8,
    at: &mut usize,
    fields: &mut Fields,
    flaw: &mut Option<Flaw>,
) -> io::Result<Stop> {
    *at += 1;
    let mut field = Field { start: *at, end: *at, quoted: true, doubled: false };
    loop {
        let rest = window.text().get(*at..).unwrap_or_default();
        let Some(found) = memchr(QUOTE, rest) else {
            *at += rest.len();
            if window.more(at)? {
                continue;
            }
            field.end = *at;
            fields.push(field);
            return Ok(Stop::Truncated);
        };
        *at += found;
        field.end = *at;
        *at += 1;
        match window.byte_at(at)? {
            Some(QUOTE) => {
                field.doubled = true;
                *at += 1;
            }
            next => {
                fields.push(field);
                return match next {
                    None => Ok(Stop::Record(*at, *at)),
                    Some(byte) if byte == delimiter || byte == b'\n' || byte == b'\r' => {
                        stop_at(window, delimiter, byte, at)
                    }
                    Some(_) => {
                        *flaw = Some(Flaw::BrokenQuote);
                        to_stop(window, delimiter, at)
                    }
                };
            }
        }
    }
}

/// Searches on from `at`; leaves `at` at the place found. `None` at the end of the stream.
fn find<R: Read>(window: &mut Window<R>, needle: &Finder<'_>, at: &mut usize) -> io::Result<Option<()>> {
    loop {
        let rest = window.text().get(*at..).unwrap_or_default();
        if let Some(found) = needle.find(rest) {
            *at += found;
            return Ok(Some(()));
        }
        // Its beginning may be there already.
        *at += rest.len().saturating_sub(needle.needle().len().saturating_sub(1));
        if !window.more(at)? {
            return Ok(None);
        }
    }
}

fn lines<R: Read>(
    window: &mut Window<R>,
    delimiter: &Finder<'_>,
    end: &Finder<'_>,
    strips_return: bool,
    fields: &mut Fields,
) -> io::Result<Scan> {
    let mut at = 0;
    let ended = find(window, end, &mut at)?.is_some();
    let length = if ended { at } else { window.text().len() };
    let taken = if ended { length + end.needle().len() } else { length };
    let mut record = window.text().get(..length).unwrap_or_default();
    if strips_return {
        record = record.strip_suffix(b"\r").unwrap_or(record);
    }
    let mut start = 0;
    let mut cut = |found: usize| {
        fields.push(Field::bare(start..found));
        start = found + delimiter.needle().len();
    };
    match *delimiter.needle() {
        [byte] => memchr_iter(byte, record).for_each(&mut cut),
        _ => delimiter.find_iter(record).for_each(&mut cut),
    }
    cut(record.len());
    Ok(Scan { length: record.len(), taken, flaw: None, breaks: None })
}

fn terminated<R: Read>(
    window: &mut Window<R>,
    terminators: &[Finder<'static>],
    fields: &mut Fields,
) -> io::Result<Scan> {
    let mut at = 0;
    for (place, terminator) in terminators.iter().enumerate() {
        let start = at;
        if find(window, terminator, &mut at)?.is_some() {
            fields.push(Field::bare(start..at));
            at += terminator.needle().len();
            continue;
        }
        let length = window.text().len();
        fields.push(Field::bare(start..length));
        // The very last terminator may be missing; whatever else is missing was cut off.
        let flaw = (place + 1 < terminators.len()).then_some(Flaw::Truncated);
        return Ok(Scan { length, taken: length, flaw, breaks: None });
    }
    let last = terminators.last().map_or(0, |end| end.needle().len());
    count_strays(window.text(), terminators, fields);
    Ok(Scan { length: at.saturating_sub(last), taken: at, flaw: None, breaks: None })
}

/// Counts what looks like further fields in the last one: where all others end alike, their
/// terminator in the last means that one of them held a terminator, and all behind it is shifted.
fn count_strays(record: &[u8], terminators: &[Finder<'static>], fields: &mut Fields) {
    let [others @ .., last] = terminators else { return };
    let Some(first) = others.first() else { return };
    let alike = others.iter().all(|other| other.needle() == first.needle());
    let Some(field) = fields.list.last().filter(|_| alike && first.needle() != last.needle()) else { return };
    fields.count += first.find_iter(field.of(record)).count();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlserver::encoding::Encoding;

    /// Splits everything; a field reads `text`, or `"text"` if it was quoted; `!` marks a flaw.
    fn split(layout: Layout, text: &[u8]) -> Vec<String> {
        let whole = split_in(&layout, text, text.len() + 1);
        for chunk in 1..6 {
            assert_eq!(split_in(&layout, text, chunk), whole, "in chunks of {chunk}");
        }
        whole
    }

    fn split_in(layout: &Layout, text: &[u8], chunk: usize) -> Vec<String> {
        let splitter = Splitter::new(layout);
        let mut window = Window::new(text, Encoding::Utf8, 1 << 20).in_chunks(chunk);
        let mut fields = Fields::new(100);
        let mut out = Vec::new();
        while window.byte_at(&mut 0).unwrap().is_some() {
            let scan = splitter.split(&mut window, &mut fields).unwrap();
            let show = |field: &Field| {
                let text = String::from_utf8_lossy(field.of(window.text())).into_owned();
                if field.quoted { format!("\"{text}\"") } else { text }
            };
            let flaw = if scan.flaw.is_some() { "!" } else { "" };
            out.push(flaw.to_owned() + &fields.list().iter().map(show).collect::<Vec<_>>().join("|"));
            window.seal(scan.taken);
            window.release();
        }
        out
    }

    #[test]
    fn a_record_too_long_to_keep_ends_where_it_would_otherwise() {
        let text = b"a,\"bbbb\"\"b,\r\nbbbbbbb\",c\r\nd,e\n";
        for chunk in 1..40 {
            let mut window = Window::new(&text[..], Encoding::Utf8, 4).in_chunks(chunk);
            let mut fields = Fields::new(100);
            window.byte_at(&mut 0).unwrap();
            let scan = Splitter::new(&comma()).split(&mut window, &mut fields).unwrap();
            window.seal(scan.taken);
            window.release();
            assert_eq!((window.place().line, window.place().byte), (3, 25), "in chunks of {chunk}");
            assert_eq!(window.byte_at(&mut 0).unwrap(), Some(b'd'));
            assert!(window.take_head().is_none_or(|head| head == b"a,\"b"));
        }
    }

    fn comma() -> Layout {
        Layout::Quoted { delimiter: b',' }
    }

    #[test]
    fn records_end_with_any_line_end_outside_quotes() {
        assert_eq!(split(comma(), b"a,b\r\nc,d\ne,f\rg,h"), ["a|b", "c|d", "e|f", "g|h"]);
        assert_eq!(split(comma(), b"\"a\r\nb\",c\r\n"), ["\"a\r\nb\"|c"]);
        assert_eq!(split(comma(), b"a\r"), ["a"]);
        assert_eq!(split(comma(), b"\n\na\n"), ["", "", "a"]);
    }

    #[test]
    fn empty_fields_are_fields() {
        assert_eq!(split(comma(), b",\n,,\na,"), ["|", "||", "a|"]);
        assert_eq!(split(comma(), b"\"\",\"\""), ["\"\"|\"\""]);
    }

    #[test]
    fn a_quote_inside_a_bare_field_is_data() {
        assert_eq!(split(comma(), b"say \"hi\",5\" pipe\n"), ["say \"hi\"|5\" pipe"]);
    }

    #[test]
    fn a_broken_quote_spoils_its_record_alone() {
        assert_eq!(split(comma(), b"\"a\"b,c\nd,e\n"), ["!\"a\"|c", "d|e"]);
        assert_eq!(split(comma(), b"a,\"b"), ["!a|\"b\""]);
        assert_eq!(split(comma(), b"\""), ["!\"\""]);
    }

    #[test]
    fn lines_end_as_their_layout_says_and_not_otherwise() {
        let tab = |end| Layout::Lines { delimiter: b"\t".to_vec(), end };
        assert_eq!(split(tab(RecordEnd::LineFeed), b"a\tb\r\nc\td\n"), ["a|b", "c|d"]);
        assert_eq!(split(tab(RecordEnd::CarriageReturnLineFeed), b"a\nb\t\"c\r\nd"), ["a\nb|\"c", "d"]);
        assert_eq!(split(tab(RecordEnd::CarriageReturn), b"a\nb\rc"), ["a\nb", "c"]);
        let custom = Layout::Lines { delimiter: b"+|".to_vec(), end: RecordEnd::Text(b"&|\n".to_vec()) };
        assert_eq!(split(custom, b"a+|b\n+|&|\n+|+&&|\n"), ["a|b\n|", "|+&"]);
    }

    #[test]
    fn every_field_ends_at_its_own_terminator() {
        let layout =
            || Layout::Terminated { terminators: vec![b"\t".to_vec(), b"||".to_vec(), b"\n".to_vec()] };
        assert_eq!(split(layout(), b"a\n\tb|\t|c||d\n1\t2||3"), ["a\n|b|\t|c|d", "1|2|3"]);
        assert_eq!(split(layout(), b"a\tb"), ["!a|b"]);
    }
}
