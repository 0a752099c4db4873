//! Writes small valid database files and backups of SQL Server, and large ones, for tests.
//!
//! It is written from what is known of the formats and shares nothing with the reader, so that the
//! two cannot agree by mistake. What it cannot do is prove the reader right: real files do that. It
//! makes what real files at hand do not show.
//!
//! [`Database`] takes tables with their rows and gives a [`Built`], whose files are read as `.mdf` and
//! `.ndf` or written as backups by [`Backup`]. The same calls give the same bytes. Wrong use and files
//! that cannot be written end in a panic.

#![allow(dead_code, unused_imports, reason = "each user takes its own part of it")]

mod backup;
mod base_tables;
mod built;
pub mod bulk;
mod bytes;
mod catalog;
mod clustered;
mod compressed;
mod data_file;
mod description;
mod finish;
mod fragments;
pub mod group_chat;
mod heap;
mod kinds;
mod large_values;
mod layout;
mod page;
mod protection;
mod records;
mod schema;
mod store;
mod tape;
mod unit;
mod values;
mod xpress;

pub use backup::{Backup, SetKind};
pub use built::Built;
pub use bytes::{PageId, RowId};
pub use compressed::Records;
pub use fragments::FRAGMENT_DATA;
pub use kinds::Kind;
pub use large_values::long_text;
pub use page::PAGE;
pub use protection::Protection;
pub use records::{Form, Row};
pub use schema::{Column, JAPANESE, LATIN, Large, Presence, Root, SQL_OEM_437, Table};
pub use values::Cell;

use std::path::Path;

use catalog::Rowset;
use clustered::Clustered;
use data_file::DataFile;
use heap::Heap;
use large_values::LargeValues;
use layout::Layout;
use store::Store;
use unit::{Holds, Unit};

/// Links of an inner fragment of a large value, at most.
const FAN_OUT: usize = 501;

/// A table as it was added.
#[derive(Debug)]
struct Added {
    object: i32,
    schema: i32,
    table: Table,
    layout: Layout,
}

/// A database that is being made.
pub struct Database {
    name: String,
    version: u16,
    created: u16,
    store: Store,
    fan_out: usize,
    schemas: Vec<String>,
    tables: Vec<Added>,
    rowsets: Vec<(Rowset, usize)>,
    units: Vec<Unit>,
    next_rowset: i64,
    next_unit: i64,
}

impl Database {
    /// Makes a database in memory, of an internal version such as 661 for SQL Server 2008 R2.
    pub fn new(name: &str, version: u16) -> Database {
        Database::with_file(name, version, None)
    }

    /// Makes a database whose primary file is written to a path as it grows.
    pub fn on_disk(name: &str, version: u16, path: &Path) -> Database {
        Database::with_file(name, version, Some(path))
    }

    fn with_file(name: &str, version: u16, path: Option<&Path>) -> Database {
        let schemas = ["dbo", "guest", "INFORMATION_SCHEMA", "sys"].map(str::to_owned).to_vec();
        Database {
            name: name.to_owned(),
            version,
            created: version,
            store: Store {
                files: vec![DataFile::new(1, name, path)],
                protection: Protection::Checksum,
                leftovers: false,
            },
            fan_out: FAN_OUT,
            schemas,
            tables: Vec::new(),
            rowsets: Vec::new(),
            units: Vec::new(),
            next_rowset: 256 << 48 | 256 << 16,
            next_unit: 256 << 48 | 512 << 16,
        }
    }

    /// Sets what protects the pages; else they have checksums.
    pub fn protection(mut self, protection: Protection) -> Database {
        self.store.protection = protection;
        self
    }

    /// Tells that the database was made by an older version, such as 539 for SQL Server 2000.
    pub fn created(mut self, version: u16) -> Database {
        self.created = version;
        self
    }

    /// Sets how many links an inner fragment of a large value has at most, so that small values have
    /// deep trees.
    pub fn fan_out(mut self, links: usize) -> Database {
        self.fan_out = links;
        self
    }

    /// Leaves pages of other places and noise where extents have pages that were never used.
    pub fn leftovers(mut self) -> Database {
        self.store.leftovers = true;
        self
    }

    /// Adds a data file; tables use it that name its number.
    pub fn file(mut self, number: u16, name: &str) -> Database {
        self.store.files.push(DataFile::new(number, name, None));
        self
    }

    /// Adds a table with its rows; those of a clustered one must be in the order of its key.
    pub fn add(&mut self, table: &Table, rows: impl IntoIterator<Item = Row>) -> &mut Database {
        let at = self.declare(table);
        self.partition(at, 1, rows.into_iter());
        self
    }

    /// Adds a table of several partitions.
    pub fn add_partitioned(&mut self, table: &Table, partitions: Vec<Vec<Row>>) -> &mut Database {
        let at = self.declare(table);
        for (number, rows) in partitions.into_iter().enumerate() {
            self.partition(at, number as i32 + 1, rows.into_iter());
        }
        self
    }

    fn declare(&mut self, table: &Table) -> usize {
        let found = self.schemas.iter().position(|schema| *schema == table.schema);
        let schema = found.unwrap_or_else(|| {
            self.schemas.push(table.schema.clone());
            self.schemas.len() - 1
        });
        let at = self.tables.len();
        let object = ((245_575_913 + 16_000_057 * at as i64) % i64::from(i32::MAX)) as i32;
        let layout = Layout::of(table);
        self.tables.push(Added { object, schema: schema as i32 + 1, table: table.clone(), layout });
        at
    }

    fn partition(&mut self, at: usize, number: i32, rows: impl Iterator<Item = Row>) {
        let Added { object, ref table, ref layout, .. } = self.tables[at];
        let id = self.next_rowset;
        self.next_rowset += 1 << 16;
        let [own, values, overflow] = [0, 1, 2].map(|unit| self.next_unit + (unit << 16));
        self.next_unit += 3 << 16;

        let store = &mut self.store;
        let mut unit = Unit::new(store, own, Holds::Rows, id, &table.files);
        let mut large = LargeValues::new(id, [values, overflow], &table.files, self.fan_out);
        let is_heap = table.key.is_empty();
        let rows = match is_heap {
            true => Heap { store, unit: &mut unit, large: &mut large, table, layout }.write(rows),
            false => Clustered { store, unit: &mut unit, large: &mut large, table, layout }.write(rows),
        };
        unit.finish(&mut self.store);
        if table.stale_first {
            unit.first = unit.first_map();
        }
        self.units.push(unit);
        self.units.extend(large.finish(&mut self.store));
        let rowset = Rowset {
            id,
            object,
            index: i32::from(!is_heap),
            number,
            rows: table.claimed_rows.unwrap_or(rows),
            compression: table.compression,
        };
        self.rowsets.push((rowset, at));
    }
}
