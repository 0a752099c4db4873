//! Going over text in one layout to see whether it fits: the evidence that sniffing weighs.

use std::io::{self, Read};

use super::dialect::Layout;
use super::splitter::{Field, Fields, Flaw, Scan, Splitter};
use super::window::Window;

/// What going over text in one layout showed.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// Records that are not blank, a footer left out.
    pub(super) records: u64,
    /// Fields that each record should have: as many as the first has; 0 if that is not known.
    pub(super) fields: usize,
    /// Records with another number of fields.
    pub(super) wrong: u64,
    /// The first of them.
    pub(super) first_wrong: Option<WrongCount>,
    /// Records with a closing quote that is followed by something else than a separator.
    pub(super) broken: u64,
    /// Whether the text ends within quotes; that record counts nowhere.
    pub(super) open_end: bool,
    /// Fields in quotes.
    pub(super) quoted: u64,
    /// Fields whose content calls for quotes.
    pub(super) needed: u64,
    /// Whether some field is the bare word `NULL`.
    pub(super) has_null_word: bool,
    /// Whether some field is one NUL character.
    pub(super) has_nul_field: bool,
    /// Where a line such as `(12 rows affected)` ends the table.
    pub(super) footer: Option<Footer>,
    columns: Vec<Habit>,
}

/// A record with the wrong number of fields.
#[derive(Debug, Clone, Copy)]
pub(super) struct WrongCount {
    pub(super) line: u64,
    pub(super) fields: usize,
}

/// The closing line of `sqlcmd` and the query window, in any language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Footer {
    /// Records before it, and before the blank lines above it; header and dashes included.
    pub(super) records: u64,
    /// The number in it.
    pub(super) rows: u64,
}

/// How the values of a column stand, the first record left out.
#[derive(Debug, Clone, Copy, Default)]
struct Habit {
    quoted: bool,
    bare: bool,
    /// Whether some value is other than a number, flag, GUID or time.
    worded: bool,
}

impl Survey {
    /// Puts together what the parts of a text showed, in their order.
    pub(super) fn of_parts(parts: Vec<Part>) -> Survey {
        let mut whole = Survey::default();
        let (mut lines, mut seen) = (0, 0);
        let last = parts.len().saturating_sub(1);
        for (number, Part { mut going, lines: of_part }) in parts.into_iter().enumerate() {
            if number < last
                && let Some((_, wrong)) = going.footer.take()
            {
                // A row follows it.
                going.count(wrong);
            }
            let passed = going.seen;
            let part = going.finish();
            let on_line = |wrong: WrongCount| WrongCount { line: wrong.line + lines, ..wrong };
            whole.records += part.records;
            whole.wrong += part.wrong;
            whole.first_wrong = whole.first_wrong.or(part.first_wrong.map(on_line));
            whole.broken += part.broken;
            whole.has_null_word |= part.has_null_word;
            whole.has_nul_field |= part.has_nul_field;
            whole.footer = part.footer.map(|footer| Footer { records: footer.records + seen, ..footer });
            whole.fields = part.fields;
            lines += of_part;
            seen += passed;
        }
        whole
    }

    /// Tells whether every record has the same number of fields and every quote is in its place.
    pub(super) fn is_consistent(&self) -> bool {
        self.wrong == 0 && self.broken == 0
    }

    /// Tells whether the quotes were put there by a writer of quoted text, rather than being data:
    /// some were needed, whole columns stand in quotes, or quotes stand around numbers, flags, GUIDs
    /// or times, where people write none, or in columns all over the table.
    pub(super) fn has_quoting(&self) -> bool {
        let uniform = || self.columns.iter().all(|habit| !(habit.quoted && habit.bare));
        let typed = || self.columns.iter().any(|habit| habit.quoted && !habit.worded);
        let many = || self.columns.iter().filter(|habit| habit.quoted).count() >= 3;
        self.quoted > 0 && (self.needed > 0 || uniform() || typed() || many())
    }
}

/// Goes over the text of a window to its end.
///
/// A record cut off by the end of a window that is not `whole` does not count, unless it is the first
/// and has more than the `widest` number of fields already. Memory: a record, and its fields up to
/// `widest`.
pub(super) fn survey<R: Read>(
    window: &mut Window<R>,
    layout: &Layout,
    widest: usize,
    whole: bool,
) -> io::Result<Survey> {
    let mut going = Going::new(layout);
    going.go_on(window, layout, widest, whole)?;
    Ok(going.finish())
}

/// What going over a part of a text showed.
pub(super) struct Part {
    going: Going,
    /// Line breaks in it.
    lines: u64,
}

/// Goes over a part of a text without quotes, to the window's end. All parts but the first are told
/// how many fields are expected. Neither its first nor its last record may be blank, the ends of
/// the text excepted.
pub(super) fn survey_part<R: Read>(
    window: &mut Window<R>,
    layout: &Layout,
    widest: usize,
    expected: Option<usize>,
) -> io::Result<Part> {
    let mut going = Going { expected, ..Going::new(layout) };
    let mut fields = Fields::new(widest);
    let splitter = Splitter::new(layout);
    let line = if expected.is_some() { window.place().line } else { 1 };
    while window.byte_at(&mut 0)?.is_some() {
        going.pass(window, &splitter, &mut fields, true)?;
    }
    Ok(Part { going, lines: window.border().0.line - line })
}

struct Going {
    survey: Survey,
    /// The delimiter of a layout with quotes; such a table has no footer.
    delimiter: Option<u8>,
    expected: Option<usize>,
    /// Records so far, blank ones included.
    seen: u64,
    /// Records before the blank ones that were just passed.
    before_blank: Option<u64>,
    /// What looks like a footer as long as nothing follows.
    footer: Option<(Footer, WrongCount)>,
}

impl Going {
    fn go_on<R: Read>(
        &mut self,
        window: &mut Window<R>,
        layout: &Layout,
        widest: usize,
        whole: bool,
    ) -> io::Result<()> {
        let splitter = Splitter::new(layout);
        let mut fields = Fields::new(widest);
        loop {
            let next = match window.byte_at(&mut 0) {
                Ok(None) => break,
                Ok(Some(_)) => self.pass(window, &splitter, &mut fields, whole),
                Err(failure) => Err(failure),
            };
            match next {
                Ok(true) => {}
                Ok(false) => break,
                // What cannot be read on is judged by what came before; reading it will tell of the rest.
                Err(_) if self.survey.records > 0 => break,
                Err(failure) => return Err(failure),
            }
        }
        Ok(())
    }

    /// Takes the record at hand; `false` if it may be cut off by the end of the window.
    fn pass<R: Read>(
        &mut self,
        window: &mut Window<R>,
        splitter: &Splitter,
        fields: &mut Fields,
        whole: bool,
    ) -> io::Result<bool> {
        let line = window.place().line;
        let scan = splitter.split(window, fields)?;
        let mut next = scan.taken;
        if !whole && window.byte_at(&mut next)?.is_none() {
            // Even a line end at the very end may be the first half of one.
            if self.expected.is_none() && fields.count() > fields.capacity() {
                self.expected = Some(fields.count());
            }
            return Ok(false);
        }
        let too_long = window.take_head().is_some() || scan.length > window.limit();
        let record = window.text().get(..scan.length).unwrap_or_default();
        self.add(line, scan, (!too_long).then_some(record), fields);
        window.seal_record(scan);
        window.release();
        Ok(true)
    }

    fn new(layout: &Layout) -> Going {
        let delimiter = match layout {
            Layout::Quoted { delimiter } => Some(*delimiter),
            _ => None,
        };
        Going {
            survey: Survey::default(),
            delimiter,
            expected: None,
            seen: 0,
            before_blank: None,
            footer: None,
        }
    }

    /// Takes a record; of one that is too long nothing is known.
    fn add(&mut self, line: u64, scan: Scan, record: Option<&[u8]>, fields: &Fields) {
        if scan.flaw == Some(Flaw::Truncated) {
            self.survey.open_end = true;
            return;
        }
        let Some(record) = record else {
            self.seen += 1;
            return;
        };
        let blank = record.is_empty() && fields.count() == 1;
        if blank {
            self.before_blank.get_or_insert(self.seen);
        }
        self.seen += 1;
        if blank && self.expected != Some(1) {
            return;
        }
        let before_blank = if blank { None } else { self.before_blank.take() };
        if let Some((_, wrong)) = self.footer.take_if(|_| !blank) {
            self.count(wrong);
        }
        let found = WrongCount { line, fields: fields.count() };
        match footer_number(record)
            .zip(before_blank)
            .filter(|_| found.fields == 1 && self.delimiter.is_none())
        {
            Some((rows, records)) => self.footer = Some((Footer { records, rows }, found)),
            None => {
                self.count(found);
                self.weigh(scan, record, fields);
            }
        }
    }

    fn count(&mut self, found: WrongCount) {
        let expected = *self.expected.get_or_insert(found.fields);
        self.survey.records += 1;
        self.survey.fields = expected;
        if found.fields != expected {
            self.survey.wrong += 1;
            self.survey.first_wrong.get_or_insert(found);
        }
    }

    fn weigh(&mut self, scan: Scan, record: &[u8], fields: &Fields) {
        let survey = &mut self.survey;
        survey.broken += u64::from(scan.flaw == Some(Flaw::BrokenQuote));
        if self.delimiter.is_none() {
            for field in fields.list() {
                let bytes = field.of(record);
                survey.has_nul_field |= bytes == b"\0";
                survey.has_null_word |= bytes == b"NULL";
            }
            return;
        }
        survey.columns.resize(survey.columns.len().max(fields.list().len()), Habit::default());
        for (field, habit) in fields.list().iter().zip(&mut survey.columns) {
            let bytes = field.of(record);
            survey.has_nul_field |= bytes == b"\0";
            if field.quoted {
                survey.quoted += 1;
                survey.needed += u64::from(needs_quotes(field, bytes, self.delimiter));
            } else {
                survey.has_null_word |= bytes == b"NULL";
            }
            if survey.records > 1 {
                let absent = matches!(bytes, b"" | b"NULL" | b"\\N");
                habit.quoted |= field.quoted && !absent;
                habit.bare |= !field.quoted && !absent;
                habit.worded |= !absent && is_worded(bytes);
            }
        }
    }

    fn finish(mut self) -> Survey {
        self.survey.footer = self.footer.map(|(footer, _)| footer);
        self.survey.fields = self.expected.unwrap_or(0);
        self.survey
    }
}

/// Tells whether a value is other than a number, flag, GUID or time.
fn is_worded(bytes: &[u8]) -> bool {
    let flag = bytes.eq_ignore_ascii_case(b"true") || bytes.eq_ignore_ascii_case(b"false");
    let inner = bytes.strip_prefix(b"{").and_then(|bytes| bytes.strip_suffix(b"}")).unwrap_or(bytes);
    let guid = || inner.len() == 36 && inner.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-');
    let number = || bytes.iter().all(|byte| byte.is_ascii_digit() || b"-+.:TZ /".contains(byte));
    !flag && !number() && !guid()
}

fn needs_quotes(field: &Field, bytes: &[u8], delimiter: Option<u8>) -> bool {
    let blank = |byte: Option<&u8>| byte.is_none_or(|byte| *byte == b' ');
    field.doubled
        || blank(bytes.first())
        || blank(bytes.last())
        || matches!(bytes, b"NULL" | b"\\N")
        || bytes.iter().any(|byte| Some(*byte) == delimiter || matches!(byte, b'\n' | b'\r'))
}

/// Reads the number of a line such as `(12 rows affected)`, in any language.
fn footer_number(record: &[u8]) -> Option<u64> {
    let inner = record.trim_ascii().strip_prefix(b"(")?.strip_suffix(b")")?;
    let mut numbers = inner.split(|byte| !byte.is_ascii_digit()).filter(|digits| !digits.is_empty());
    let number = std::str::from_utf8(numbers.next()?).ok()?.parse().ok()?;
    numbers.next().is_none().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlserver::encoding::Encoding;

    fn over(layout: Layout, text: &str) -> Survey {
        let mut window = Window::new(text.as_bytes(), Encoding::Utf8, 1 << 20);
        survey(&mut window, &layout, 100, true).unwrap()
    }

    fn quoted(text: &str) -> Survey {
        over(Layout::Quoted { delimiter: b',' }, text)
    }

    #[test]
    fn quotes_of_a_writer_are_told_from_quotes_that_are_data() {
        assert!(quoted("a,b\n1,\"x\"\n2,\"y\"\n").has_quoting());
        assert!(quoted("a,b\n1,x\n2,\"y,z\"\n").has_quoting());
        assert!(quoted("a,b\n1,x\n2,\"y\"\"z\"\n").has_quoting());
        assert!(quoted("a,b\n1,x\n\"2\",y\n").has_quoting());
        assert!(!quoted("a,b\n1,x\n2,\"y\"\n").has_quoting());
        assert!(!quoted("a,b\n1,x\n").has_quoting());
    }

    #[test]
    fn a_footer_counts_only_at_the_end_and_below_a_blank_line() {
        let layout =
            || Layout::Lines { delimiter: b",".to_vec(), end: super::super::dialect::RecordEnd::LineFeed };
        let footer = over(layout(), "a,b\n-,-\n1,2\n\n(1 rows affected)\n").footer.unwrap();
        assert_eq!((footer.records, footer.rows), (3, 1));
        assert!(over(layout(), "a,b\n1,2\n\n(1 Zeile betroffen)\n\n").footer.is_some());
        assert_eq!(over(layout(), "a,b\n1,2\n(1 rows affected)\n").wrong, 1);
        assert_eq!(over(layout(), "a,b\n1,2\n\n(1 rows affected)\n3,4\n").wrong, 1);
    }
}
