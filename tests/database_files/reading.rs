//! Opening what was built with the library, and telling what came out beside what was put in.

use std::path::PathBuf;
use std::sync::Arc;

use gc2pc::Result;
use gc2pc::chat::Text;
use gc2pc::container::{Item, Limits, walk};
use gc2pc::progress::Silent;
use gc2pc::sqlserver::bak::{self, Backup};
use gc2pc::sqlserver::mdf::{FilePages, Mdf};
use gc2pc::sqlserver::{Dump, Value};
use tempfile::TempDir;

use crate::database_builder::{Built, Cell, Column, Kind, Presence, Row, Table};

/// Files in a folder of their own, which goes when this does.
pub struct Files {
    pub folder: TempDir,
    pub paths: Vec<PathBuf>,
}

impl Files {
    /// Writes files under these names.
    pub fn new(files: &[(&str, &[u8])]) -> Files {
        let folder = TempDir::new().unwrap();
        let write = |(name, bytes): &(&str, &[u8])| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let paths = files.iter().map(write).collect();
        Files { folder, paths }
    }

    /// Writes the data files of a database.
    pub fn of(built: &Built) -> Files {
        let folder = TempDir::new().unwrap();
        let paths = built.write(folder.path());
        Files { folder, paths }
    }

    /// Writes the files of a backup.
    pub fn of_backup(stripes: &[Vec<u8>]) -> Files {
        let names: Vec<String> = (1..=stripes.len()).map(|number| format!("mgc-{number}.bak")).collect();
        let pairs = names.iter().map(String::as_str).zip(stripes.iter().map(Vec::as_slice));
        Files::new(&pairs.collect::<Vec<_>>())
    }

    fn items(&self) -> Vec<Item> {
        let mut items: Vec<Item> = Vec::new();
        for path in &self.paths {
            items.extend(
                walk(std::slice::from_ref(path), &Limits::default(), self.folder.path()).unwrap().items,
            );
        }
        items
    }

    pub fn mdf(&self) -> Result<Mdf> {
        Mdf::open("test.mdf", Arc::new(FilePages::open(&self.items(), self.folder.path())?))
    }

    /// Opens a backup, or a set of it.
    pub fn backup(&self, set: Option<usize>) -> Result<Backup> {
        let options = bak::Options { set, salvage: false, temp: self.folder.path().to_owned() };
        Backup::open(&self.items(), &options, &Silent)
    }

    /// Opens the database in a backup.
    pub fn restored(&self) -> Result<Mdf> {
        self.set(None)
    }

    /// Opens the database in a set of a backup.
    pub fn set(&self, set: Option<usize>) -> Result<Mdf> {
        Mdf::open("test.bak", Arc::new(self.backup(set)?))
    }
}

/// What was read of a table.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Read {
    pub rows: Vec<Vec<String>>,
    pub faults: Vec<String>,
}

/// Reads a table whole, and by stretches, and tells that they agree.
pub fn read(dump: &dyn Dump, name: &str) -> Read {
    let at = position(dump, name);
    let mut whole = Read::default();
    let mut rows = dump.rows(at).unwrap();
    while let Some(row) = rows.next_row().unwrap() {
        match row {
            Ok(row) => whole.rows.push(row.values.iter().map(found).collect()),
            Err(fault) => whole.faults.push(fault.detail),
        }
    }
    let mut parts = Read::default();
    for stretch in 0..dump.stretches(at) {
        let mut rows = dump.stretch(at, stretch).unwrap();
        let mut take = |row: gc2pc::sqlserver::RowResult<'_>| {
            match row {
                Ok(row) => parts.rows.push(row.values.iter().map(found).collect()),
                Err(fault) => parts.faults.push(fault.detail),
            }
            Ok(())
        };
        rows.for_each_row(&mut take).unwrap();
    }
    assert_eq!(whole, parts, "the stretches of {name} are not the whole");
    whole
}

pub fn position(dump: &dyn Dump, name: &str) -> usize {
    let found = dump.tables().iter().position(|table| table.name == name);
    found.unwrap_or_else(|| panic!("no table {name} among {:?}", dump.tables()))
}

/// Asserts that a table comes out with the columns and rows that were put in.
pub fn assert_holds(dump: &dyn Dump, table: &Table, rows: &[Row]) {
    let out = &dump.tables()[position(dump, &table.name)];
    let present: Vec<&Column> =
        table.columns.iter().filter(|column| column.presence == Presence::Present).collect();
    let names: Vec<&str> = out.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, present.iter().map(|column| column.name.as_str()).collect::<Vec<_>>());
    assert_eq!(out.schema, table.schema);
    for (out, column) in out.columns.iter().zip(&present) {
        assert_eq!(out.data_type.to_string(), type_name(column.kind), "{}.{}", table.name, column.name);
        assert_eq!(out.nullable, column.nullable, "{}.{}", table.name, column.name);
    }
    let counted = rows.iter().filter(|row| row.counts()).count() as i64;
    assert_eq!(out.engine_rows, Some(table.claimed_rows.unwrap_or(counted) as u64), "{}", table.name);

    let stored: Vec<&Column> =
        table.columns.iter().filter(|column| column.presence != Presence::Computed).collect();
    let put_in = |row: &Row| {
        let cells = stored.iter().zip(&row.cells);
        let present = cells.filter(|(column, _)| column.presence == Presence::Present);
        let mut told: Vec<String> = present.map(|(column, cell)| expected(column, cell)).collect();
        told.resize(present_count(&stored), "NULL".to_owned());
        told
    };
    let mut put_in: Vec<Vec<String>> = rows.iter().filter(|row| row.counts()).map(put_in).collect();
    let mut came_out = read(dump, &table.name);
    assert_eq!(came_out.faults, Vec::<String>::new(), "{}", table.name);
    put_in.sort();
    came_out.rows.sort();
    assert_eq!(came_out.rows.len(), put_in.len(), "{}", table.name);
    for (came_out, put_in) in came_out.rows.iter().zip(&put_in) {
        assert_eq!(came_out, put_in, "{}", table.name);
    }
}

/// Returns the name of a type as scripts have it.
fn type_name(kind: Kind) -> String {
    let name = format!("{kind:?}").to_lowercase();
    name.replace("max", "(max)").replace("numeric", "decimal").replace("sqlvariant", "sql_variant")
}

fn present_count(columns: &[&Column]) -> usize {
    columns.iter().filter(|column| column.presence == Presence::Present).count()
}

/// Tells a value that came out.
pub fn found(value: &Value<'_>) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Text { bytes, .. } => text(Text::from_bytes(bytes).unwrap().units()),
        Value::Bit(bit) => format!("bit {}", u8::from(*bit)),
        Value::Integer(number) => number.to_string(),
        Value::Decimal { unscaled, scale } => format!("{unscaled} e-{scale}"),
        Value::Real(number) => format!("{number:?} real"),
        Value::Float(number) => format!("{number:?}"),
        Value::Guid(guid) => guid.to_string(),
        Value::Binary(bytes) => hexadecimal(bytes),
        Value::Date(days) => format!("day {days}"),
        Value::TimeOfDay { since_midnight, scale } => format!("{since_midnight} of day ({scale})"),
        Value::Time(ticks) => format!("{ticks} datetime"),
        Value::DateTime2 { ticks, scale } => format!("{ticks} ({scale})"),
        Value::DateTimeOffset { ticks, scale, offset } => format!("{ticks} ({scale}) {offset:+}"),
    }
}

/// Tells a value that was put in, in the same words.
pub fn expected(column: &Column, cell: &Cell) -> String {
    let kind = column.kind;
    let scaled = |ticks: i64, scale: u8| {
        let unit = 10_i64.pow(7 - u32::from(scale));
        ticks.div_euclid(unit) * unit
    };
    match (cell, kind) {
        (Cell::Null, _) => "NULL".to_owned(),
        (Cell::Variant(kind, _, cell), _) => expected(&Column::new("", *kind), cell),
        (Cell::Integer(number), Kind::Bit) => format!("bit {number}"),
        (Cell::Integer(number), Kind::RowVersion) => hexadecimal(&number.to_be_bytes()),
        (Cell::Integer(number), _) => number.to_string(),
        (Cell::Decimal(number), _) => format!("{number} e-{}", kind.precision().1),
        (Cell::Real(number), _) => format!("{number:?} real"),
        (Cell::Float(number), _) => format!("{number:?}"),
        (Cell::Text(own), Kind::Char(length) | Kind::NChar(length)) => {
            let blanks = std::iter::repeat(u16::from(b' '));
            let units = own.encode_utf16().count();
            text(own.encode_utf16().chain(blanks.take(usize::from(length) - units)))
        }
        (Cell::Text(own), _) => text(own.encode_utf16()),
        (Cell::Units(units), _) => text(units.iter().copied()),
        (Cell::Guid(guid), _) => guid.to_string(),
        (Cell::Bytes(bytes), Kind::Binary(length)) => {
            let mut bytes = bytes.clone();
            bytes.resize(usize::from(length), 0);
            hexadecimal(&bytes)
        }
        (Cell::Bytes(bytes), _) => hexadecimal(bytes),
        (Cell::Time(ticks), Kind::Date) => format!("day {}", ticks.div_euclid(DAY)),
        (Cell::Time(ticks), Kind::Time(scale)) => format!("{} of day ({scale})", scaled(*ticks, scale)),
        (Cell::Time(ticks), Kind::DateTime2(scale)) => format!("{} ({scale})", scaled(*ticks, scale)),
        (Cell::Time(ticks), Kind::SmallDateTime) => {
            format!("{} datetime", ticks.div_euclid(600_000_000) * 600_000_000)
        }
        (Cell::Time(ticks), _) => {
            let thirds = (ticks.rem_euclid(DAY) * 3 + 50_000) / 100_000;
            format!("{} datetime", ticks.div_euclid(DAY) * DAY + (thirds * 10 + 1) / 3 * 10_000)
        }
        (Cell::Offset(ticks, offset), kind) => {
            let scale = kind.precision().1;
            format!("{} ({scale}) {offset:+}", scaled(*ticks, scale))
        }
    }
}

/// 100 ns units of a day.
pub const DAY: i64 = 864_000_000_000;

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold("0x".to_owned(), |text, byte| text + &format!("{byte:02X}"))
}

/// Tells text so that lone surrogates show.
fn text(units: impl IntoIterator<Item = u16>) -> String {
    let shown = char::decode_utf16(units).map(|unit| match unit {
        Ok(scalar) => scalar.to_string(),
        Err(lone) => format!("<{:04X}>", lone.unpaired_surrogate()),
    });
    format!("'{}'", shown.collect::<String>())
}
