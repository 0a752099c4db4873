//! Delimited text of all makes: CSV, tab-separated, what `bcp`, `sqlcmd`, `Export-Csv`, the query
//! window and the export wizard write.
//!
//! [`Delimited`] finds encoding and dialect, names the columns and lends out the rows. It keeps to
//! what the bytes say: what cannot be told from them is refused with a better export to make, never
//! guessed. A row that does not fit becomes a [`RowFault`](super::RowFault) and reading goes on.
//!
//! A file is cut into stretches that can be read side by side ([`Dump::stretches`]): everything a row
//! depends on besides its bytes is in the shape that opening found, and in the border at which its
//! stretch begins. Where a format file gives each field a terminator there is one stretch, since a
//! record end may be data there.

mod borders;
mod confirm;
mod dialect;
mod header;
mod open;
mod rows;
mod sample;
mod scan;
mod sniff;
mod splitter;
mod survey;
pub(super) mod window;

#[cfg(test)]
mod tests;

use std::io::Read;
use std::sync::{Arc, OnceLock};

use borders::{Border, Cut};
pub use dialect::{Dialect, Layout, RecordEnd};

use self::rows::DelimitedRows;
use super::encoding::Encoding;
use super::{Column, Dump, FormatFile, Rows, Table};
use crate::container::{Blob, Section};
use crate::error::{Error, Result};

/// The most columns that a table of SQL Server can have (Microsoft Learn, "Maximum capacity
/// specifications for SQL Server": columns per wide table).
pub(super) const MAX_COLUMNS: usize = 30_000;

/// What a caller knows about a text, and what it may cost.
pub struct Options<'a> {
    /// The name of the table; by default that of the input without folder and extension.
    pub name: Option<String>,
    /// The encoding, such as a [`Census`](super::Census) found while the input was hashed; by default it is found
    /// by reading the whole input once.
    pub encoding: Option<Encoding>,
    /// The dialect; by default it is found from the first megabyte.
    pub dialect: Option<Dialect>,
    /// The format file, which says all that dialect and columns do.
    pub format: Option<FormatFile>,
    /// The columns of a text without header; by default they are called `column1`, `column2` and
    /// so on. Of a text with header they give type and nullability of columns of the same name.
    pub columns: Option<Vec<Column>>,
    /// Tells names of columns that may occur, in any case, to help in telling a header from a row.
    pub is_known_column: &'a dyn Fn(&str) -> bool,
    /// The longest row, in bytes of UTF-8; by default 112 MiB. Reading holds at most a few of them.
    pub row_limit: usize,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Options {
            name: None,
            encoding: None,
            dialect: None,
            format: None,
            columns: None,
            is_known_column: &|_| false,
            row_limit: 112 << 20,
        }
    }
}

/// Everything that rows depend on besides their bytes.
#[derive(Debug)]
struct Shape {
    encoding: Encoding,
    dialect: Dialect,
    limit: usize,
    /// Bytes of decoded text before the first record.
    preamble: usize,
    /// The field of each column.
    order: Vec<usize>,
    /// Fields of a record.
    fields: usize,
    /// Records before a footer, header included.
    records: Option<u64>,
}

impl Shape {
    fn fields(&self) -> usize {
        self.fields
    }

    fn order(&self) -> impl Iterator<Item = usize> + '_ {
        self.order.iter().copied()
    }
}

/// A table in delimited text.
#[derive(Debug)]
pub struct Delimited {
    input: String,
    blob: Arc<dyn Blob>,
    shape: Shape,
    tables: [Table; 1],
    cut: Cut,
    /// Where the second stretch and those behind it begin, once somebody asked.
    borders: OnceLock<Vec<Border>>,
}

impl Delimited {
    /// Opens a text. `input` names it in errors.
    ///
    /// Reads the first megabyte, or as much as the first record takes; the whole input once if its
    /// encoding is not given, and once more if it has no quotes, since then every record must be
    /// seen to have the right number of fields. A large file is gone over by many threads then.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Unusable`] if the text is no table that can be trusted, and
    /// [`Error::Usage`] if the options contradict themselves.
    pub fn open(input: &str, blob: Arc<dyn Blob>, options: Options<'_>) -> Result<Delimited> {
        open::open(input, blob, options)
    }

    /// Describes how the text is read, such as `comma, utf-8`.
    pub fn format(&self) -> String {
        format!("{}, {}", self.shape.dialect.name(), self.shape.encoding.name())
    }

    /// Gives the columns type and nullability, of a text with header by name, as
    /// [`Options::columns`] does. Nothing is read again. Where there is a format file, it is the one
    /// that says what the columns are.
    ///
    /// # Errors
    /// [`Error::Unusable`] if a text without header has another number of columns.
    pub fn with_columns(mut self, columns: &[Column]) -> Result<Delimited> {
        let [table] = &mut self.tables;
        if matches!(self.shape.dialect.layout, Layout::Terminated { .. }) {
            return Ok(self);
        }
        let names = table.columns.iter().map(|column| column.name.clone());
        table.columns = if self.shape.dialect.header {
            header::columns(names.collect(), Some(columns))
        } else if columns.len() == self.shape.fields() {
            columns.to_vec()
        } else {
            return Err(open::other_columns(&self.input, self.shape.fields(), columns.len()));
        };
        Ok(self)
    }

    /// Returns the encoding.
    pub fn encoding(&self) -> Encoding {
        self.shape.encoding
    }

    /// Returns the dialect.
    pub fn dialect(&self) -> &Dialect {
        &self.shape.dialect
    }
}

fn start(input: &str, blob: &dyn Blob) -> Result<Box<dyn Read + Send>> {
    blob.open().map_err(|cause| Error::read(input, cause))
}

impl Delimited {
    fn check(&self, table: usize) -> Result<()> {
        if table < self.tables.len() {
            return Ok(());
        }
        Err(Error::Usage {
            what: format!("{} has no table at position {table}", self.input),
            hint: "delimited text holds one table, at position 0".to_owned(),
        })
    }

    fn open_rows(&self) -> Result<DelimitedRows<'_>> {
        DelimitedRows::new(&self.input, &self.shape, start(&self.input, self.blob.as_ref())?)
    }

    /// Finds the borders. What cannot be read is in one stretch: whoever reads it is told.
    fn borders(&self) -> &[Border] {
        self.borders.get_or_init(|| {
            let Some(path) = self.blob.path() else { return Vec::new() };
            let Ok(begin) = self.open_rows().and_then(|mut rows| rows.border()) else { return Vec::new() };
            borders::find(path, self.shape.encoding, &self.shape.dialect.layout, begin, self.cut)
                .unwrap_or_default()
        })
    }

    /// Opens the file from a border to another, or to its end.
    fn between(&self, from: u64, until: Option<u64>) -> Result<Box<dyn Read + Send>> {
        let section = Section::open(&*self.blob, from, until);
        Ok(Box::new(section.map_err(|cause| Error::read(&self.input, cause))?))
    }
}

impl Dump for Delimited {
    fn tables(&self) -> &[Table] {
        &self.tables
    }

    fn rows(&self, table: usize) -> Result<Box<dyn Rows + '_>> {
        self.check(table)?;
        Ok(Box::new(self.open_rows()?))
    }

    fn stretches(&self, _table: usize) -> usize {
        self.borders().len() + 1
    }

    fn stretch(&self, table: usize, stretch: usize) -> Result<Box<dyn Rows + '_>> {
        self.check(table)?;
        let borders = self.borders();
        if stretch > borders.len() {
            return Err(Error::Usage {
                what: format!("{} has no stretch {stretch}", self.input),
                hint: format!("its rows are in {} stretches, from number 0 on", borders.len() + 1),
            });
        }
        let until = borders.get(stretch).map(|border| border.place.byte);
        let Some(from) = stretch.checked_sub(1).and_then(|before| borders.get(before)) else {
            return match until {
                None => self.rows(table),
                Some(_) => {
                    let reader = self.between(0, until)?;
                    Ok(Box::new(DelimitedRows::new(&self.input, &self.shape, reader)?))
                }
            };
        };
        let reader = self.between(from.place.byte, until)?;
        Ok(Box::new(DelimitedRows::at(&self.input, &self.shape, reader, *from)))
    }
}
