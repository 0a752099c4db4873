//! T-SQL scripts that put rows in: what "Generate Scripts" of SQL Server Management Studio of any
//! year, `mssql-scripter` and hand-written or generated `INSERT` statements hold.
//!
//! The script is walked, not run: [`Script`] reads literals and the few expressions that generators
//! write, takes types from `CREATE TABLE` where there is one, and tells of every `INSERT` that it
//! cannot read. It does not carry out what `UPDATE` or `DELETE` would change afterwards, and tells of
//! them as [`Dump::problems`]; it does not know the values of variables, defaults and functions. A backslash at the end of a line within a literal vanishes
//! with the line end, as it would on a server (Microsoft Learn, "Backslash (line continuation)").
//!
//! Opening walks the script once; reading a table walks the stretches where its rows stand. Memory
//! holds the row at hand and a remark for each stretch.

mod catalogue;
mod cell;
mod define;
mod evaluate;
mod insert;
mod lexer;
mod likeness;
mod name;
mod reel;
mod rows;
mod times;
mod walker;

#[cfg(test)]
mod tests;

use std::io::Read;
use std::ops::Range;
use std::sync::Arc;

use super::encoding::{Census, Encoding};
use super::{Dump, Rows, Table};
use crate::container::Blob;
use crate::error::{Error, Result};
use catalogue::Catalogue;

/// The longest row, in bytes of UTF-8, if nothing else is said.
const LIMIT: usize = 256 << 20;
/// Bytes after which a stretch of rows ends with the next statement.
const STRETCH: u64 = 8 << 20;

/// The tables of a script.
#[derive(Debug)]
pub struct Script {
    input: String,
    blob: Arc<dyn Blob>,
    encoding: Encoding,
    limit: usize,
    catalogue: Catalogue,
    tables: Vec<Table>,
    /// For each table the first stretches of its parts, and the end of the last.
    parts: Vec<Vec<usize>>,
}

/// What a caller knows about a script, and what it may cost.
#[derive(Debug, Clone, Copy)]
pub struct ScriptOptions {
    /// The encoding, such as a [`Census`] found while the input was hashed; by default it is
    /// found by the byte order mark, or by reading the whole input once.
    pub encoding: Option<Encoding>,
    /// The longest row, in bytes of UTF-8; by default 256 MiB. Reading holds at most a few of them.
    pub row_limit: usize,
}

impl Default for ScriptOptions {
    fn default() -> Self {
        ScriptOptions { encoding: None, row_limit: LIMIT }
    }
}

impl Script {
    /// Tells by the head of a file, of which 64 KiB are enough, whether it is a T-SQL script that
    /// fills or describes tables: UTF-8, UTF-16 or a code page, with or without byte order mark.
    /// Behind blanks and comments a statement must begin, and an `INSERT`, `CREATE TABLE`, `USE`,
    /// `SET` or `GO` follow. Costs one walk of the head.
    pub fn is_like(head: &[u8]) -> bool {
        likeness::is_script(head)
    }

    /// Opens a script. `input` names it in errors. Reads it once, and once more if neither options
    /// nor a byte order mark tell its encoding.
    ///
    /// # Errors
    /// [`Error::Read`], and [`Error::Unusable`] if the script neither fills nor describes a table, or is
    /// the dump of another engine.
    pub fn open(input: &str, blob: Arc<dyn Blob>, options: ScriptOptions) -> Result<Script> {
        Script::open_in_stretches(input, blob, options, STRETCH)
    }

    fn open_in_stretches(
        input: &str,
        blob: Arc<dyn Blob>,
        options: ScriptOptions,
        size: u64,
    ) -> Result<Script> {
        let head = head(&*blob).map_err(|cause| Error::read(input, cause))?;
        if let Some(engine) = likeness::foreign(&head) {
            return Err(Error::Unusable {
                input: input.to_owned(),
                why: format!("it is a dump of {engine}, not a script of SQL Server"),
                hint: "give the dump of the SQL Server database, or tables exported from it".to_owned(),
            });
        }
        let encoding = match options.encoding {
            Some(encoding) => encoding,
            None => encoding(&*blob).map_err(|cause| Error::read(input, cause))?,
        };
        let limit = options.row_limit.clamp(1 << 10, 1 << 40);
        let catalogue = catalogue::survey(input, &*blob, encoding, limit, size)?;
        if catalogue.entries.is_empty() {
            return Err(Error::Unusable {
                input: input.to_owned(),
                why: "it puts no rows into any table".to_owned(),
                hint: "generate the script again with data: Advanced, Types of data to script, \
                       Schema and data"
                    .to_owned(),
            });
        }
        let tables = catalogue.entries.iter().map(catalogue::Entry::table).collect();
        let entered = |entry: &catalogue::Entry| match blob.path() {
            Some(_) => entry.parts(size),
            None => vec![0, entry.stretches.len()],
        };
        let parts = catalogue.entries.iter().map(entered).collect();
        Ok(Script { input: input.to_owned(), blob, encoding, limit, catalogue, tables, parts })
    }

    /// Describes how the script is read, such as `T-SQL script, utf-16le`; one that describes tables
    /// and has no data is told as `T-SQL script without rows`.
    pub fn format(&self) -> String {
        let without = if self.has_data() { "" } else { " without rows" };
        format!("T-SQL script{without}, {}", self.encoding.name())
    }

    /// Tells whether the script puts rows into any table, be they readable or not.
    pub fn has_data(&self) -> bool {
        self.catalogue.entries.iter().any(|entry| !entry.stretches.is_empty())
    }

    /// Returns the number of rows that the script puts into a table, as counted by structure; a row
    /// among them whose values cannot be read is a fault when it is.
    pub fn row_count(&self, table: usize) -> u64 {
        self.catalogue.entries.get(table).map_or(0, |entry| entry.rows)
    }

    /// Returns the encoding.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }
}

/// Reads the beginning of a script.
fn head(blob: &dyn Blob) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    blob.open()?.take(16 * 1024).read_to_end(&mut head)?;
    Ok(head)
}

/// Finds the encoding: by the mark, or by all bytes.
fn encoding(blob: &dyn Blob) -> std::io::Result<Encoding> {
    let mut reader = blob.open()?;
    let mut census = Census::default();
    let mut buffer = Vec::new();
    let mut first = true;
    while reader.by_ref().take(256 * 1024).read_to_end(&mut buffer)? > 0 {
        if let Some(encoding) = Encoding::marked(&buffer).filter(|_| first) {
            return Ok(encoding);
        }
        first = false;
        census.feed(&buffer);
        buffer.clear();
    }
    Ok(census.finish())
}

impl Script {
    /// Opens the rows of a table that stand in some of its stretches.
    fn rows_of(&self, table: usize, stretches: Range<usize>) -> Result<Box<dyn Rows + '_>> {
        match (self.catalogue.entries.get(table), self.tables.get(table)) {
            (Some(entry), Some(known)) => {
                let end = stretches.end.min(entry.stretches.len());
                let stretches = entry.stretches.get(stretches.start..end).unwrap_or_default();
                Ok(Box::new(rows::ScriptRows::new(self, table, entry, &known.columns, stretches)))
            }
            _ => Err(Error::Usage {
                what: format!("{} has no table at position {table}", self.input),
                hint: format!("its tables are at positions 0 to {}", self.tables.len().saturating_sub(1)),
            }),
        }
    }
}

impl Dump for Script {
    fn tables(&self) -> &[Table] {
        &self.tables
    }

    fn rows(&self, table: usize) -> Result<Box<dyn Rows + '_>> {
        self.rows_of(table, 0..usize::MAX)
    }

    fn stretches(&self, table: usize) -> usize {
        self.parts.get(table).map_or(1, |parts| parts.len() - 1)
    }

    fn stretch(&self, table: usize, stretch: usize) -> Result<Box<dyn Rows + '_>> {
        match self.parts.get(table).map(|parts| parts.get(stretch..).unwrap_or_default()) {
            Some(&[from, to, ..]) => self.rows_of(table, from..to),
            Some(_) => Err(Error::Usage {
                what: format!("the table at position {table} of {} has no stretch {stretch}", self.input),
                hint: format!("its rows are in {} stretches, from number 0 on", self.stretches(table)),
            }),
            None => self.rows(table),
        }
    }

    fn database(&self, table: usize) -> Option<&str> {
        if !self.catalogue.is_of_several_databases() {
            return None;
        }
        let name = self.catalogue.entries.get(table).map(|entry| entry.name.database.as_str());
        name.filter(|name| !name.is_empty())
    }

    fn problems(&self) -> Vec<String> {
        self.catalogue.problems()
    }
}
