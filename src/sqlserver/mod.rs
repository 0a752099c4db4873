//! Rows of any table from what SQL Server left behind, without a server.
//!
//! One trait stands in front of every kind of dump: [`Dump`]. It knows nothing of Group Chat; a
//! caller who knows what a file without header holds passes the columns in.
//!
//! Of the text dumps, [`Delimited`] reads delimited text of all makes, helped by a [`FormatFile`]
//! where there is one; [`Script`] reads `INSERT` statements. Of the others, [`Bcp`] reads native files
//! of `bcp`, and [`Bacpac`] reads exported packages. [`CsvWriter`] writes any rows as the one dialect
//! that loses nothing.
//! Of the engine's own files, [`mdf`] reads data files, and the pages of whatever else holds pages.
//!
//! Of the binary ones, [`mdf`] reads the tables of a database from its pages, which come from data
//! files or, by way of [`bak`], from backups.
//!
//! Rows are lent, not given: [`Rows::next_row`] hands out one after the other, and
//! [`Rows::for_each_row`] does so without copying a byte. Neither allocates for a row.

mod bacpac;
pub mod bak;
mod bcp;
mod convert;
mod csv_out;
mod data_type;
mod declared;
mod delimited;
mod encoding;
mod form;
mod format_file;
pub mod mdf;
mod native;
mod place;
pub(crate) mod positioned;
#[cfg(test)]
pub(crate) mod real_files;
mod script;
mod together;
mod typed;
mod value;

pub use bacpac::Bacpac;
pub use bcp::{Bcp, BcpOptions};
pub use convert::Wrong;
pub use csv_out::CsvWriter;
pub use data_type::DataType;
pub use delimited::{Delimited, Dialect, Layout, Options, RecordEnd};
pub use encoding::{Census, Decoder, Encoding};
pub use format_file::FormatFile;
pub use script::{Script, ScriptOptions};
pub use value::Value;

use crate::error::{Error, Result};
use crate::ledger::Cause;

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name as the dump has it.
    pub name: String,
    /// Its type; [`DataType::Unknown`] where the dump does not tell, as in delimited text.
    pub data_type: DataType,
    /// Whether it may be NULL; `true` where the dump does not tell.
    pub nullable: bool,
}

impl Column {
    /// Makes a column of which the name alone is known.
    pub fn named(name: impl Into<String>) -> Column {
        Column { name: name.into(), data_type: DataType::Unknown, nullable: true }
    }
}

/// A table of a dump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its schema, such as `dbo`; empty where the dump does not tell.
    pub schema: String,
    /// Its name; for delimited text the name of the file without extension.
    pub name: String,
    /// Its columns in their order.
    pub columns: Vec<Column>,
    /// The number of rows that the engine itself kept count of.
    pub engine_rows: Option<u64>,
}

impl Table {
    /// Returns its name with its schema in front, where it has one: `dbo.Orders`.
    pub fn full_name(&self) -> String {
        if self.schema.is_empty() { self.name.clone() } else { format!("{}.{}", self.schema, self.name) }
    }
}

/// A row of a table. Borrowed from the reader until the next one.
#[derive(Debug)]
pub struct Row<'a> {
    /// One value a column.
    pub values: &'a [Value<'a>],
    /// Line where the row begins, from 1; 0 for dumps without lines.
    pub line: u64,
    /// Byte where the row begins, from 0.
    pub byte: u64,
}

/// What a fault stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// A row that is there and cannot be read: it counts as one.
    Row,
    /// A damaged place of the dump, such as a page. How many rows it holds is not known; those that
    /// can be read from it follow. It counts as no row.
    Place,
}

/// A row that could not be read, or a place that is damaged; the reader goes on behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    /// Whether this is a row.
    pub kind: FaultKind,
    /// Line where the row begins, from 1; 0 for dumps without lines.
    pub line: u64,
    /// Byte where the row begins, from 0.
    pub byte: u64,
    /// Why it could not be read.
    pub cause: Cause,
    /// What exactly was wrong, as a sentence.
    pub detail: String,
    /// The row's bytes as they stand in the dump.
    pub raw: Vec<u8>,
}

/// A row, or what is wrong with it.
pub type RowResult<'a> = std::result::Result<Row<'a>, RowFault>;

/// Walks the rows of a table.
pub trait Rows: Send {
    /// Returns the next row, or what is wrong with it; `None` at the end.
    ///
    /// # Errors
    /// The outer error ends the reading: the dump itself could not be read on.
    fn next_row(&mut self) -> Result<Option<RowResult<'_>>>;

    /// Hands all further rows to `take`, in their order: the fast way, since values may borrow
    /// from the very bytes that were read.
    ///
    /// # Errors
    /// The first error of `take` ends the reading, as does one of the dump itself.
    fn for_each_row(&mut self, take: &mut dyn FnMut(RowResult<'_>) -> Result<()>) -> Result<()> {
        while let Some(row) = self.next_row()? {
            take(row)?;
        }
        Ok(())
    }

    /// Tells of all further rows whether each can be read, in their order, as [`Rows::for_each_row`] would:
    /// for whoever counts rows and needs no values. A reader may do it without making any.
    ///
    /// # Errors
    /// As [`Rows::for_each_row`].
    fn check_rows(
        &mut self,
        take: &mut dyn FnMut(std::result::Result<(), RowFault>) -> Result<()>,
    ) -> Result<()> {
        self.for_each_row(&mut |row| take(row.map(|_| ())))
    }

    /// Returns where the row that [`Rows::next_row`] gave last stands, in the words of the dump itself
    /// (`1:153:4` for file, page and slot of a database); `None` where line and byte say it.
    fn place(&self) -> Option<String> {
        None
    }
}

/// Anything that holds tables.
pub trait Dump: Send + Sync {
    /// Returns the tables in the dump's order.
    fn tables(&self) -> &[Table];

    /// Opens the rows of a table, given by its position in [`Dump::tables`].
    ///
    /// # Errors
    /// If the dump cannot be read.
    fn rows(&self, table: usize) -> Result<Box<dyn Rows + '_>>;

    /// Returns into how many stretches the rows of a table are cut, so that many threads can read them
    /// at once. At least 1, which is also the answer of dumps that cannot be entered midway. Depends on
    /// the dump alone.
    fn stretches(&self, _table: usize) -> usize {
        1
    }

    /// Opens the rows of one stretch, from 0. All stretches one after the other give the rows, and the
    /// faults, of [`Dump::rows`].
    ///
    /// # Errors
    /// If the dump cannot be read, or there is no such stretch.
    fn stretch(&self, table: usize, stretch: usize) -> Result<Box<dyn Rows + '_>> {
        match stretch {
            0 => self.rows(table),
            _ => Err(Error::Usage {
                what: format!("the table at position {table} has no stretch {stretch}"),
                hint: "its rows are in one stretch, number 0".to_owned(),
            }),
        }
    }

    /// Returns the database that a table is of, where the dump holds tables of several.
    fn database(&self, _table: usize) -> Option<&str> {
        None
    }

    /// Returns why the rows of a table cannot be read, where that is known beforehand; opening them
    /// says the same.
    fn refusal(&self, _table: usize) -> Option<&str> {
        None
    }

    /// Returns what is damaged or doubtful about the dump as a whole, as sentences.
    fn problems(&self) -> Vec<String> {
        Vec::new()
    }
}
