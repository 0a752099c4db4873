//! One table of a dump, held so that it can be read again at any time.

use std::fmt;
use std::io::Write;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::sqlserver::{Column, CsvWriter, Dump, Rows, Value};

/// A table of a dump that stays open.
#[derive(Clone)]
pub(super) struct Table {
    pub dump: Arc<dyn Dump>,
    /// Its position in [`Dump::tables`].
    pub position: usize,
}

impl Table {
    /// Holds the only table of a dump.
    pub fn only(dump: impl Dump + 'static) -> Table {
        Table { dump: Arc::new(dump), position: 0 }
    }

    /// Returns its columns.
    pub fn columns(&self) -> &[Column] {
        self.dump.tables().get(self.position).map_or(&[], |table| &table.columns)
    }

    /// Opens its rows.
    ///
    /// # Errors
    /// If the dump cannot be read.
    pub fn rows(&self) -> Result<Box<dyn Rows + '_>> {
        self.dump.rows(self.position)
    }

    /// Counts its rows, the bad ones included.
    ///
    /// # Errors
    /// If the dump cannot be read.
    pub fn count(&self) -> Result<u64> {
        let mut count = 0;
        self.rows()?.for_each_row(&mut |_| {
            count += 1;
            Ok(())
        })?;
        Ok(count)
    }

    /// Writes its rows as CSV and returns their number. A row that does not fit its columns is
    /// written as one field, as far as it can be read.
    ///
    /// # Errors
    /// If it cannot be read any more, or cannot be written.
    pub fn write(&self, out: &mut dyn Write) -> Result<u64> {
        let failed = |cause| Error::write("data/source", cause);
        let mut writer = CsvWriter::new(out, self.columns()).map_err(failed)?;
        let mut count = 0;
        self.rows()?.for_each_row(&mut |row| {
            count += 1;
            match row {
                Ok(row) => writer.row(row.values).map_err(failed),
                Err(fault) => {
                    let text = String::from_utf8_lossy(&fault.raw).into_owned().into_bytes();
                    writer.row(&[Value::Text { bytes: text.into(), quoted: true }]).map_err(failed)
                }
            }
        })?;
        writer.finish().map_err(failed)?;
        Ok(count)
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.dump.tables().get(self.position).map_or("", |table| &table.name);
        write!(f, "{name} ({} columns)", self.columns().len())
    }
}
