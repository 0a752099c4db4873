//! A table as the stages above hand it in, and its columns found by name.

use std::fmt;
use std::sync::Arc;

use super::field::{self, Fault, FieldResult, ReadMoment};
use super::schema::{TableKind, compare_columns};
use crate::chat::{Generation, Guid, Text};
use crate::error::{Error, Result};
use crate::ledger::{Digest, Level};
use crate::sqlserver::{Column, DataType, Dump, Table, Value};

/// One table of one dump.
#[derive(Clone)]
pub struct TableStream {
    /// The number of its stream, from 1.
    pub stream: u32,
    /// The name of its stream, as findings show it.
    pub name: String,
    /// The folder (real, or within an archive) in which it lies, with `/`; serves grouping alone.
    pub folder: String,
    /// The name of its file without extension, or of the table in a dump of many.
    pub stem: String,
    /// Which table it is.
    pub kind: TableKind,
    /// Whose table it is, where the caller knows.
    pub generation: Option<Generation>,
    /// The digest of its stream; tables with equal digests are copies of each other.
    pub digest: Digest,
    /// What all tables of one backup have in common and nothing else has; `None` for loose files.
    pub database: Option<u32>,
    /// The dump that holds it.
    pub dump: Arc<dyn Dump>,
    /// Its position in [`Dump::tables`].
    pub table: usize,
}

impl TableStream {
    /// Returns the table's own description.
    pub(super) fn description(&self) -> Result<&Table> {
        self.dump.tables().get(self.table).ok_or_else(|| Error::Unusable {
            input: self.name.clone(),
            why: format!("there is no table at position {}", self.table),
            hint: "please report this, it is a defect of gc2pc".to_string(),
        })
    }

    /// Returns the names of the columns.
    pub(super) fn column_names(&self) -> Vec<String> {
        let table = self.dump.tables().get(self.table);
        table.map(|table| table.columns.iter().map(|c| c.name.clone()).collect()).unwrap_or_default()
    }
}

impl fmt::Debug for TableStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.kind.name())
    }
}

/// Tells which columns are unknown, and which documented ones are missing.
pub(super) fn tell_columns(
    stream: &TableStream,
    generation: Option<Generation>,
    find: &mut dyn FnMut(&'static str, Level, Text, Text),
) {
    let (missing, unknown) = compare_columns(stream.kind, generation, &stream.column_names());
    let subject = || Text::from(stream.name.as_str());
    if !unknown.is_empty() {
        let detail =
            format!("columns that {} is not documented to have: {}", stream.kind.name(), unknown.join(", "));
        find("COLUMN-UNKNOWN", Level::Info, subject(), Text::from(detail));
    }
    if !missing.is_empty() {
        let detail =
            format!("documented columns that {} lacks here: {}", stream.kind.name(), missing.join(", "));
        find("COLUMN-MISSING", Level::Info, subject(), Text::from(detail));
    }
}

/// A column looked for by name: where it stands, if it is there.
#[derive(Debug, Clone, Copy)]
pub(super) struct At {
    pub(super) name: &'static str,
    pub(super) position: Option<usize>,
    exact_dates: bool,
}

impl At {
    /// Finds a column by name in any case; of several the first.
    pub(super) fn find(columns: &[Column], name: &'static str) -> At {
        let position = columns.iter().position(|column| column.name.trim().eq_ignore_ascii_case(name));
        let data_type = position.and_then(|at| columns.get(at)).map(|column| column.data_type);
        At { name, position, exact_dates: matches!(data_type, Some(DataType::DateTime2(_))) }
    }

    pub(super) fn is_there(self) -> bool {
        self.position.is_some()
    }
}

/// The values of one row, asked for by column. A column that is not there has no value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cells<'r>(pub(super) &'r [Value<'r>]);

impl<'r> Cells<'r> {
    pub(super) fn value(self, at: At) -> &'r Value<'r> {
        at.position.and_then(|position| self.0.get(position)).unwrap_or(&Value::Null)
    }

    pub(super) fn integer(self, at: At) -> FieldResult<Option<i64>> {
        field::integer(self.value(at), at.name)
    }

    pub(super) fn required_integer(self, at: At) -> FieldResult<i64> {
        self.integer(at)?.ok_or_else(|| Fault::missing(at.name))
    }

    pub(super) fn flag(self, at: At) -> FieldResult<Option<bool>> {
        field::flag(self.value(at), at.name)
    }

    pub(super) fn guid(self, at: At) -> FieldResult<Option<Guid>> {
        field::guid(self.value(at), at.name)
    }

    /// Reads a column that is NOT NULL; empty if the table lacks it or has no value there.
    pub(super) fn text(self, at: At) -> FieldResult<Text> {
        match self.value(at) {
            Value::Null => Ok(Text::default()),
            value => field::text(value, at.name).map(|bytes| field::to_text(&bytes)),
        }
    }

    pub(super) fn nullable_text(self, at: At) -> FieldResult<Option<Text>> {
        let text = field::nullable_text(self.value(at), at.name)?;
        Ok(text.map(|bytes| field::to_text(&bytes)))
    }

    pub(super) fn moment(self, at: At) -> FieldResult<Option<ReadMoment>> {
        field::moment(self.value(at), at.name, at.exact_dates)
    }

    pub(super) fn required_moment(self, at: At) -> FieldResult<ReadMoment> {
        self.moment(at)?.ok_or_else(|| Fault::missing(at.name))
    }

    /// Reads ticks; 0 for no value.
    pub(super) fn ticks(self, at: At) -> FieldResult<i64> {
        Ok(self.moment(at)?.map_or(0, |read| read.moment.ticks.get()))
    }
}
