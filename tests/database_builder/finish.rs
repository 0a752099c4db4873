//! Ending a database: its catalog, and the boot page that leads to it.

use super::base_tables::{self, SYSALLOCUNITS, SYSROWSETS};
use super::bytes::{PageId, put, utf16};
use super::catalog::{self, Rowset};
use super::clustered::Clustered;
use super::large_values::LargeValues;
use super::layout::Layout;
use super::records::Row;
use super::unit::{Holds, Unit};
use super::values::Cell;
use super::{Added, Built, Database, LATIN};

/// Rows of the table of allocation units that a page has room for.
const UNITS_OF_PAGE: usize = 107;
/// The schema of the base tables.
const SYS: i32 = 4;

impl Database {
    /// Writes the catalog and ends the database.
    pub fn finish(mut self) -> Built {
        let units = self.write_catalog();
        let boot = self.boot_record(units);
        self.store.finish(&boot);
        Built { name: self.name, version: self.version, files: self.store.files }
    }

    /// Writes the base tables and returns the first page of the one that lists the units.
    fn write_catalog(&mut self) -> PageId {
        let declared = base_tables::base_tables(self.version).into_iter();
        let base: Vec<Added> = declared
            .map(|(object, table)| {
                let layout = Layout::of(&table);
                Added { object, schema: SYS, table, layout }
            })
            .collect();
        let unit_count = self.units.len() + base.len();
        let mut written: Vec<(&Added, Vec<Row>)> =
            base.iter().map(|added| (added, self.rows_of(added.object, &base))).collect();
        let counts: Vec<(i32, usize)> =
            written.iter().map(|(added, rows)| (added.object, rows.len())).collect();
        for (added, rows) in &mut written {
            if added.object == SYSROWSETS {
                *rows = self.rowset_rows(&base, &counts, unit_count);
            }
        }
        let (units, others): (Vec<_>, Vec<_>) =
            written.into_iter().partition(|(added, _)| added.object == SYSALLOCUNITS);
        for (added, rows) in others {
            let mut unit = self.base_unit(added.object);
            self.write_base(added, &mut unit, rows);
            self.units.push(unit);
        }
        // This one tells of its own pages, too, so they are planned.
        let mut unit = self.base_unit(SYSALLOCUNITS);
        let leaves = unit_count.div_ceil(UNITS_OF_PAGE);
        let pages = if leaves > 1 { leaves + 1 } else { 1 };
        let planned = unit.plan(&mut self.store, pages);
        (unit.first, unit.root) = planned;
        let mut rows: Vec<Row> = self.units.iter().map(catalog::unit_row).collect();
        rows.push(catalog::unit_row(&unit));
        self.write_base(units[0].0, &mut unit, rows);
        assert_eq!((unit.first, unit.root), planned, "the pages of the catalog were planned wrongly");
        unit.first
    }

    fn base_unit(&mut self, object: i32) -> Unit {
        let id = base_tables::base_rowset(object);
        Unit::new(&mut self.store, id, Holds::Rows, id, &[1])
    }

    fn write_base(&mut self, added: &Added, unit: &mut Unit, mut rows: Vec<Row>) {
        let Added { table, layout, .. } = added;
        let number = |row: &Row, at: usize| match row.cells[at] {
            Cell::Integer(number) => number,
            _ => 0,
        };
        rows.sort_by_key(|row| table.key.iter().map(|&at| number(row, at)).collect::<Vec<i64>>());
        let mut large = LargeValues::new(unit.owner, [0, 0], &[1], 1);
        let store = &mut self.store;
        Clustered { store, unit, large: &mut large, table, layout }.write(rows.into_iter());
        unit.finish(&mut self.store);
    }

    /// Returns the rows of a base table, but not of those that tell of pages.
    fn rows_of(&self, object: i32, base: &[Added]) -> Vec<Row> {
        let all = || base.iter().chain(&self.tables);
        let own = base.iter().map(|added| (base_tables::base_rowset(added.object), added));
        let users = self.rowsets.iter().map(|(rowset, at)| (rowset.id, &self.tables[*at]));
        let rowsets = own.chain(users);
        let rows = |added: &Added| catalog::column_rows(added.object, &added.table);
        match object {
            base_tables::SYSSCHOBJS => all()
                .map(|added| {
                    let kind = if added.schema == SYS { "S " } else { "U " };
                    let name = &added.table.name;
                    catalog::object_row(self.version, added.object, name, added.schema, kind)
                })
                .collect(),
            base_tables::SYSCOLPARS => all().flat_map(rows).collect(),
            base_tables::SYSCLSOBJS => {
                let schemas = self.schemas.iter().enumerate();
                schemas.map(|(at, name)| catalog::schema_row(at as i32 + 1, name)).collect()
            }
            base_tables::SYSRSCOLS => rowsets
                .flat_map(|(id, added)| catalog::physical_rows(id, &added.table, &added.layout))
                .collect(),
            base_tables::SYSROWSETCOLUMNS => rowsets
                .flat_map(|(id, added)| catalog::physical_rows_2005(id, &added.table, &added.layout).0)
                .collect(),
            base_tables::SYSHOBTCOLUMNS => rowsets
                .flat_map(|(id, added)| catalog::physical_rows_2005(id, &added.table, &added.layout).1)
                .collect(),
            _ => Vec::new(),
        }
    }

    fn rowset_rows(&self, base: &[Added], counts: &[(i32, usize)], units: usize) -> Vec<Row> {
        let own = base.iter().zip(counts).map(|(added, &(object, count))| {
            let rows = match object {
                SYSALLOCUNITS => units,
                SYSROWSETS => self.rowsets.len() + base.len(),
                _ => count,
            };
            let id = base_tables::base_rowset(object);
            let rowset = Rowset { id, object, index: 1, number: 1, rows: rows as i64, compression: 0 };
            catalog::rowset_row(self.version, &rowset, &added.layout)
        });
        let users = self.rowsets.iter();
        let users =
            users.map(|(rowset, at)| catalog::rowset_row(self.version, rowset, &self.tables[*at].layout));
        own.chain(users).collect()
    }

    /// Returns the record of the boot page.
    fn boot_record(&self, units: PageId) -> Vec<u8> {
        let mut record = vec![0; 1444];
        put(&mut record, 2, &1444_u16.to_le_bytes());
        put(&mut record, 4, &self.version.to_le_bytes());
        put(&mut record, 6, &self.created.to_le_bytes());
        // Its name, filled up with blanks of one byte.
        put(&mut record, 52, &[0x20; 256]);
        put(&mut record, 52, &utf16(&self.name));
        put(&mut record, 392, &LATIN.to_le_bytes());
        put(&mut record, 516, &units.bytes());
        record
    }
}
