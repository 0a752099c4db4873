//! The ledger of a package as a program reads it: rows of CSV, one at a time, with columns by name.

use std::borrow::Cow;
use std::io::Read;

use csv::{ByteRecord, Reader, ReaderBuilder, Terminator};

use super::documents::Document;
use super::meter::Meter;
use super::structure::DAMAGED_HINT;
use super::value;
use super::xml::MAX_RECORD;
use crate::error::{Error, Result};

/// Reads CSV as the ledger has it. Memory: one row, which may not be larger than [`MAX_RECORD`].
pub(crate) struct CsvRows<R: Read> {
    reader: Reader<Meter<R>>,
    record: ByteRecord,
}

impl<R: Read> CsvRows<R> {
    /// Begins at the header, which comes as the first row.
    pub(crate) fn new(input: R) -> CsvRows<R> {
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .terminator(Terminator::Any(b'\n'))
            .from_reader(Meter::new(input, MAX_RECORD));
        CsvRows { reader, record: ByteRecord::new() }
    }

    /// Returns the next row; `None` at the end.
    ///
    /// # Errors
    /// If the input cannot be read, or a row is too large.
    pub(crate) fn next_row(&mut self) -> csv::Result<Option<&ByteRecord>> {
        self.reader.get_mut().renew();
        let more = self.reader.read_byte_record(&mut self.record)?;
        Ok(more.then_some(&self.record))
    }
}

/// Whether a walk goes on behind a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Onward {
    /// To the next row.
    Next,
    /// Nothing more is wanted.
    Stop,
}

/// A row of the ledger: the columns that were asked for.
pub struct LedgerRow<'a> {
    document: &'a str,
    number: u64,
    record: &'a ByteRecord,
    columns: &'a [(&'static str, usize)],
}

impl LedgerRow<'_> {
    /// Returns a field's bytes, by the position of its column among those asked for.
    pub fn bytes(&self, column: usize) -> &[u8] {
        self.columns.get(column).and_then(|(_, at)| self.record.get(*at)).unwrap_or_default()
    }

    /// Returns a field as text; what is no UTF-8 is U+FFFD.
    pub fn text(&self, column: usize) -> Cow<'_, str> {
        String::from_utf8_lossy(self.bytes(column))
    }

    /// Reads a field as a number.
    ///
    /// # Errors
    /// [`Error::Unusable`] with the row, if it is none.
    pub fn count(&self, column: usize) -> Result<u64> {
        let number = std::str::from_utf8(self.bytes(column)).ok().and_then(value::count);
        number.ok_or_else(|| {
            let name = self.columns.get(column).map_or("", |(name, _)| name);
            unusable(self.document, &format!("row {}: its {name} is no number", self.number))
        })
    }
}

/// Walks the rows of a file of the ledger, of which these columns are wanted.
///
/// # Errors
/// [`Error::Unusable`] if a column is missing or a row damaged, [`Error::Read`], those of `take`.
pub fn walk_ledger(
    document: &Document,
    columns: &[&'static str],
    take: &mut dyn FnMut(&LedgerRow<'_>) -> Result<Onward>,
) -> Result<()> {
    let name = &document.name;
    let mut rows = CsvRows::new(document.open()?);
    let broken = |number: u64, error: csv::Error| match error.into_kind() {
        csv::ErrorKind::Io(cause) => Error::read(name, cause),
        kind => unusable(name, &format!("behind row {number}: {}", describe(&kind))),
    };
    let header = rows.next_row().map_err(|error| broken(0, error))?.cloned().unwrap_or_default();
    let place = |wanted: &&'static str| {
        let at = header.iter().position(|column| column == wanted.as_bytes());
        at.map(|at| (*wanted, at)).ok_or_else(|| unusable(name, &format!("it has no column {wanted}")))
    };
    let columns = columns.iter().map(place).collect::<Result<Vec<_>>>()?;
    for number in 1.. {
        let Some(record) = rows.next_row().map_err(|error| broken(number, error))? else { break };
        if record.len() != header.len() {
            let why = format!("row {number} has {} fields instead of {}", record.len(), header.len());
            return Err(unusable(name, &why));
        }
        if take(&LedgerRow { document: name, number, record, columns: &columns })? == Onward::Stop {
            break;
        }
    }
    Ok(())
}

fn describe(kind: &csv::ErrorKind) -> &'static str {
    match kind {
        csv::ErrorKind::Utf8 { .. } => "bytes that are no UTF-8",
        _ => "it is no CSV",
    }
}

fn unusable(input: &str, why: &str) -> Error {
    Error::Unusable { input: input.to_owned(), why: why.to_owned(), hint: DAMAGED_HINT.to_owned() }
}
