//! One table of a dump, held so that it can be read again at any time.

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::sqlserver::{self, Column, CsvWriter, Dump, FaultKind, RowFault, Rows, Value};

/// A row that was written, or what is wrong with one.
pub(super) type Heard = std::result::Result<(), RowFault>;

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

    /// Returns what the dump says of it.
    pub fn description(&self) -> Option<&sqlserver::Table> {
        self.dump.tables().get(self.position)
    }

    /// Returns its name with its schema, and with its database where the dump holds tables of several.
    pub fn full_name(&self) -> String {
        let name = self.description().map(sqlserver::Table::full_name).unwrap_or_default();
        match self.dump.database(self.position) {
            Some(database) => format!("{database}.{name}"),
            None => name,
        }
    }

    /// Returns its columns.
    pub fn columns(&self) -> &[Column] {
        self.description().map_or(&[], |table| &table.columns)
    }

    /// Opens its rows.
    ///
    /// # Errors
    /// If the dump cannot be read.
    pub fn rows(&self) -> Result<Box<dyn Rows + '_>> {
        self.dump.rows(self.position)
    }

    /// Reads all rows and tells how many there are, the bad ones included; `damage` hears of each
    /// damaged place.
    ///
    /// # Errors
    /// If the dump cannot be read.
    pub fn count(&self, damage: &mut dyn FnMut(RowFault)) -> Result<u64> {
        let mut count = 0;
        self.rows()?.check_rows(&mut |row| {
            match row {
                Err(fault) if fault.kind == FaultKind::Place => damage(fault),
                _ => count += 1,
            }
            Ok(())
        })?;
        Ok(count)
    }

    /// Writes its rows as CSV, each value in the type of its column where that is known, and returns
    /// their number. The columns that PowerShell adds to every row are left out. A row that does not
    /// fit its columns is written as one field, as far as it can be read.
    ///
    /// # Errors
    /// If it cannot be read any more, or cannot be written.
    pub fn write(&self, out: &mut dyn Write) -> Result<u64> {
        let mut count = 0;
        self.write_rows(out, "data/source", &mut |row| {
            count += u64::from(!matches!(&row, Err(fault) if fault.kind == FaultKind::Place));
            let fault = row.err().filter(|fault| fault.kind == FaultKind::Row);
            Ok(fault.map(|fault| String::from_utf8_lossy(&fault.raw).into_owned()))
        })?;
        Ok(count)
    }

    /// Writes the rows that can be read as CSV to `out`, which errors call `place`; `hear` hears of each
    /// row and each fault, and may give a text to write in its stead.
    ///
    /// # Errors
    /// If it cannot be read any more, or cannot be written.
    pub fn write_rows(
        &self,
        out: &mut dyn Write,
        place: &str,
        hear: &mut dyn FnMut(Heard) -> io::Result<Option<String>>,
    ) -> Result<()> {
        let failed = |cause| Error::write(place, cause);
        let kept = self.own_columns();
        let columns: Vec<Column> = kept.iter().map(|&at| self.columns()[at].clone()).collect();
        let mut writer = CsvWriter::new(out, &columns).map_err(failed)?;
        self.rows()?.for_each_row(&mut |row| {
            let heard = match row {
                Err(fault) => Err(fault),
                Ok(row) => {
                    let values = kept
                        .iter()
                        .zip(&columns)
                        .filter_map(|(&at, column)| row.values.get(at).map(|value| value.typed(column)));
                    writer.row(&values.collect::<Vec<_>>()).map_err(failed)?;
                    Ok(())
                }
            };
            match hear(heard).map_err(failed)? {
                Some(text) => {
                    let text = Value::Text { bytes: text.into_bytes().into(), quoted: true };
                    writer.row(&[text]).map_err(failed)
                }
                None => Ok(()),
            }
        })?;
        writer.finish().map(|_| ()).map_err(failed)
    }

    /// Returns the positions of the columns that are the table's own, and not those of a .NET
    /// `DataRow`, which `Export-Csv` writes along.
    fn own_columns(&self) -> Vec<usize> {
        const DATA_ROW: [&str; 5] = ["RowError", "RowState", "Table", "ItemArray", "HasErrors"];
        let columns = self.columns();
        let has = |name: &str| columns.iter().any(|column| column.name == name);
        let added = DATA_ROW.into_iter().all(has);
        let own = |at: &usize| !added || !DATA_ROW.contains(&columns[*at].name.as_str());
        (0..columns.len()).filter(own).collect()
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.description().map_or("", |table| &table.name);
        write!(f, "{name} ({} columns)", self.columns().len())
    }
}
