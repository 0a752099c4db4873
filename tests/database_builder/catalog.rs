//! The rows of the catalog, which tell where everything lies.

use super::bytes::PageId;
use super::kinds::Kind;
use super::layout::{Layout, Place, Source};
use super::records::Row;
use super::schema::{Column, Presence, Table};
use super::unit::Unit;
use super::values::Cell;

/// 2008-03-12 19:56, the time at which everything was made.
const MADE: i64 = 633_409_125_600_000_000;

/// A partition of a table.
pub struct Rowset {
    pub id: i64,
    pub object: i32,
    /// 0 for a heap, 1 for a clustered table.
    pub index: i32,
    /// Its number within the table, from 1.
    pub number: i32,
    pub rows: i64,
    pub compression: u8,
}

fn number(number: impl Into<i64>) -> Cell {
    Cell::Integer(number.into())
}

/// Returns the row of sysallocunits.
pub fn unit_row(unit: &Unit) -> Row {
    let page = |page: PageId| Cell::Bytes(page.bytes().to_vec());
    Row::from(vec![
        number(unit.id),
        number(unit.holds as i64),
        number(unit.owner),
        number(0),
        number(1),
        page(unit.first),
        page(unit.root),
        page(unit.first_map()),
        number(unit.used_pages),
        number(unit.data_pages),
        number(unit.reserved_pages),
    ])
}

/// Returns the row of sysrowsets.
pub fn rowset_row(version: u16, rowset: &Rowset, layout: &Layout) -> Row {
    let mut cells = vec![
        number(rowset.id),
        number(1),
        number(rowset.object),
        number(rowset.index),
        number(rowset.number),
        number(4),
        number(0),
        number(rowset.rows),
    ];
    if version >= 655 {
        cells.extend([
            number(rowset.compression),
            number(0),
            number(layout.columns.len() as i64),
            number(8060),
            number(900),
            number(layout.fixed_end),
            number(layout.fixed_end),
            Cell::Null,
            Cell::Null,
        ]);
    }
    Row::from(cells)
}

/// Returns the row of sysschobjs.
pub fn object_row(version: u16, object: i32, name: &str, schema: i32, kind: &str) -> Row {
    let mut cells = vec![
        number(object),
        name.into(),
        number(schema),
        number(0),
        number(1),
        kind.into(),
        number(0),
        number(1),
        number(0),
        Cell::Time(MADE),
        Cell::Time(MADE),
    ];
    if version >= 706 {
        cells.push(number(0));
    }
    Row::from(cells)
}

/// Returns the row of sysclsobjs.
pub fn schema_row(id: i32, name: &str) -> Row {
    let cells = vec![
        number(50),
        number(id),
        name.into(),
        number(0),
        Cell::Bytes(vec![0, 0]),
        number(1),
        Cell::Time(MADE),
        Cell::Time(MADE),
    ];
    Row::from(cells)
}

/// Returns the rows of syscolpars: one for each column that has a name.
pub fn column_rows(object: i32, table: &Table) -> Vec<Row> {
    let named = table.columns.iter().enumerate().filter(|(_, column)| column.presence != Presence::Dropped);
    let row = |(at, column): (usize, &Column)| {
        let (precision, scale) = column.kind.precision();
        let is_text = column.kind.is_narrow() || column.kind.is_wide();
        let collation = if is_text { column.collation } else { 0 };
        // Not NULL, not trimmed, computed.
        let status = i64::from(!column.nullable)
            | i64::from(column.kind.fixed_size().is_none()) << 1
            | i64::from(column.presence == Presence::Computed) << 4;
        Row::from(vec![
            number(object),
            number(0),
            number(at as i64 + 1),
            Cell::from(column.name.as_str()),
            number(column.kind.number()),
            number(column.kind.number()),
            number(column.kind.length()),
            number(precision),
            number(scale),
            number(collation),
            number(status),
            number(column.kind.length().max(0)),
            number(0),
            number(0),
            number(0),
            Cell::Bytes(Vec::new()),
        ])
    };
    named.map(row).collect()
}

/// A column of a rowset as the catalog tells of it.
struct Stored {
    /// Its number in the table.
    column: i64,
    /// Its number in the records.
    physical: i64,
    kind: Kind,
    collation: u32,
    key: u16,
    status: i64,
    offset: i16,
    bit: u8,
}

fn stored(table: &Table, layout: &Layout) -> Vec<Stored> {
    let stored = |(at, physical): (usize, &super::layout::Physical)| {
        let (column, kind, collation, status) = match physical.source {
            // It has a number behind those of the table.
            Source::Uniquifier => (table.columns.len() as i64 + 1, Kind::Int, 0, 16),
            Source::Column(column) => {
                let number = column as i64 + 1;
                let column = &table.columns[column];
                let dropped = column.presence == Presence::Dropped;
                let is_text = column.kind.is_narrow() || column.kind.is_wide();
                let collation = if is_text { column.collation } else { 0 };
                let not_null = i64::from(!column.nullable) << 7;
                // The numbers of dropped columns are moved away.
                let number = if dropped { number | 1 << 26 } else { number };
                (number, column.kind, collation, not_null | i64::from(dropped) << 1)
            }
        };
        let (offset, bit) = match physical.place {
            Place::Fixed(at, _) => (at as i16, 0),
            Place::Bit(at, bit) => (at as i16, bit),
            Place::Variable(number) => (-(number as i16) - 1, 0),
        };
        let physical_number = at as i64 + 1;
        Stored { column, physical: physical_number, kind, collation, key: physical.key, status, offset, bit }
    };
    let mut columns: Vec<Stored> = layout.columns.iter().enumerate().map(stored).collect();
    columns.sort_by_key(|stored| stored.column);
    columns
}

/// Returns the rows of sysrscols.
pub fn physical_rows(rowset: i64, table: &Table, layout: &Layout) -> Vec<Row> {
    let row = |stored: &Stored| {
        Row::from(vec![
            number(rowset),
            number(stored.column),
            number(stored.physical),
            number(0),
            number(stored.kind.packed()),
            number(stored.collation),
            number(stored.key),
            number(stored.kind.length().max(0)),
            number(stored.status),
            number(i64::from(stored.offset as u16)),
            number(stored.physical),
            number(stored.bit),
            Cell::Null,
        ])
    };
    stored(table, layout).iter().map(row).collect()
}

/// Returns the rows of sysrowsetcolumns and of syshobtcolumns.
pub fn physical_rows_2005(rowset: i64, table: &Table, layout: &Layout) -> (Vec<Row>, Vec<Row>) {
    let columns = stored(table, layout);
    let numbers = |stored: &Stored| {
        Row::from(vec![
            number(rowset),
            number(stored.column),
            number(stored.physical),
            number(stored.status),
            number(0),
            number(stored.kind.length().max(0)),
        ])
    };
    let places = |stored: &Stored| {
        let (precision, scale) = stored.kind.precision();
        Row::from(vec![
            number(rowset),
            number(stored.physical),
            number(stored.status),
            number(stored.key),
            number(stored.kind.number()),
            number(stored.kind.length()),
            number(precision),
            number(scale),
            number(stored.collation),
            number(stored.offset),
            number(0),
            number(stored.bit),
            number(0),
            number(stored.physical),
            number(0),
        ])
    };
    let first = columns.iter().map(numbers).collect();
    let mut second: Vec<&Stored> = columns.iter().collect();
    second.sort_by_key(|stored| stored.physical);
    (first, second.into_iter().map(places).collect())
}
