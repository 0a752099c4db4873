//! The rows of the ledger's CSV files, one at a time.

use std::io::Read;

use csv::ByteRecord;

use crate::package::read::CsvRows;
use crate::package::read::value;
use crate::package::verify::fault;
use crate::package::verify::problem::{Problems, quote};

/// A row, with its number behind the header.
pub(super) struct Row<'a> {
    pub(super) path: &'a str,
    pub(super) number: u64,
    record: &'a ByteRecord,
}

impl Row<'_> {
    /// Returns a field's bytes; a row has as many fields as its header.
    pub(super) fn bytes(&self, at: usize) -> &[u8] {
        self.record.get(at).unwrap_or_default()
    }

    /// Returns a field as text, with what is no UTF-8 replaced.
    pub(super) fn text(&self, at: usize) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(self.bytes(at))
    }

    /// Reads a field as a number; anything else is a problem and gives `None`.
    pub(super) fn count(&self, at: usize, problems: &mut Problems) -> Option<u64> {
        self.read(at, "number", value::count, problems)
    }

    /// Reads a field as a number from 1.
    pub(super) fn position(&self, at: usize, problems: &mut Problems) -> Option<u64> {
        self.read(at, "number from 1", |text| value::count(text).filter(|&count| count > 0), problems)
    }

    /// Reads a field; what `read` refuses is a problem.
    pub(super) fn read<T>(
        &self,
        at: usize,
        what: &str,
        read: impl Fn(&str) -> Option<T>,
        problems: &mut Problems,
    ) -> Option<T> {
        let value = std::str::from_utf8(self.bytes(at)).ok().and_then(read);
        if value.is_none() {
            self.wrong(
                format!("field {} is {}, which is no {what}", at + 1, quote(&self.text(at))),
                problems,
            );
        }
        value
    }

    /// Tells what is wrong with the row.
    pub(super) fn wrong(&self, what: impl std::fmt::Display, problems: &mut Problems) {
        problems.add(&fault::LEDGER_FORM, self.path, format!("row {}: {what}", self.number));
    }

    /// Compares the row's place with that of the row before, and tells if it does not stand behind.
    pub(super) fn check_order<T: PartialOrd>(&self, before: &mut Option<T>, own: T, problems: &mut Problems) {
        let repeats = before.as_ref().is_some_and(|before| *before == own);
        if repeats {
            let what = format!("row {} repeats the place of the one before it", self.number);
            problems.add(&fault::LEDGER_ORDER, self.path, what);
        }
        self.check_loose_order(before, own, problems);
    }

    /// Does what [`Row::check_order`] does where rows may have equal places.
    pub(super) fn check_loose_order<T: PartialOrd>(
        &self,
        before: &mut Option<T>,
        own: T,
        problems: &mut Problems,
    ) {
        if before.as_ref().is_some_and(|before| *before > own) {
            let what = format!("row {} does not stand behind the one before it", self.number);
            problems.add(&fault::LEDGER_ORDER, self.path, what);
        }
        *before = Some(own);
    }
}

/// Walks a CSV file whose header must be `header`. Rows with another number of fields are problems
/// and are not shown. Memory: one row.
pub(super) fn walk(
    path: &str,
    input: &mut dyn Read,
    header: &str,
    problems: &mut Problems,
    take: &mut dyn FnMut(&Row<'_>, &mut Problems),
) {
    let mut rows = CsvRows::new(input);
    let names: Vec<&str> = header.split(',').collect();
    let mut number = 0;
    loop {
        let record = match rows.next_row() {
            Ok(Some(record)) => record,
            Ok(None) => break,
            Err(error) => {
                problems.add(&fault::LEDGER_FORM, path, format!("behind row {number}: {error}"));
                return;
            }
        };
        if number == 0 {
            number = 1;
            if record.iter().ne(names.iter().map(|name| name.as_bytes())) {
                problems.add(&fault::LEDGER_FORM, path, format!("its header is not {header}"));
            }
            continue;
        }
        let row = Row { path, number, record };
        if record.len() == names.len() {
            take(&row, problems);
        } else {
            row.wrong(format!("{} fields instead of {}", record.len(), names.len()), problems);
        }
        number += 1;
    }
    if number == 0 {
        problems.add(&fault::LEDGER_FORM, path, "it has no header");
    }
}
