//! What the targets share: inputs in memory, the databases that they damage, and reading all there is.

#[path = "../../tests/database_builder/mod.rs"]
pub mod database_builder;
#[path = "../../tests/fuzz_bodies/mod.rs"]
pub mod fuzz_bodies;

use std::io::{self, Read};
use std::sync::{Arc, OnceLock};

use database_builder::{
    Backup, Built, Cell, Column, Database, Kind, Protection, Records, Row, SQL_OEM_437, Table, long_text,
};
use gc2pc::container::{Blob, Item};
use gc2pc::sqlserver::Dump;
use gc2pc::sqlserver::mdf::{Mdf, PAGE_SIZE, PageBytes, PageError, PageId, Pages};

/// Bytes in memory as an input.
#[derive(Debug)]
pub struct Memory(pub Arc<[u8]>);

impl Blob for Memory {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(io::Cursor::new(self.0.clone())))
    }

    fn size(&self) -> Option<u64> {
        Some(self.0.len() as u64)
    }
}

/// Makes an input of bytes.
pub fn item(bytes: &[u8]) -> Item {
    Item { name: "input".to_owned(), folder: String::new(), blob: Arc::new(Memory(bytes.into())) }
}

/// A data file in memory.
pub struct DataFile(pub Vec<u8>);

impl Pages for DataFile {
    fn files(&self) -> Vec<u16> {
        vec![1]
    }

    fn page_count(&self, file: u16) -> u32 {
        if file == 1 { (self.0.len() / PAGE_SIZE) as u32 } else { 0 }
    }

    fn page(&self, file: u16, page: u32, into: &mut PageBytes) -> Result<(), PageError> {
        let id = PageId { file, page };
        if file != 1 {
            return Err(PageError::NoFile(id));
        }
        let start = page as usize * PAGE_SIZE;
        into.copy_from_slice(self.0.get(start..start + PAGE_SIZE).ok_or(PageError::Absent(id))?);
        Ok(())
    }
}

/// Reads every row of every table.
pub fn drain(dump: &dyn Dump) {
    for table in 0..dump.tables().len() {
        let Ok(mut rows) = dump.rows(table) else { continue };
        let _ = rows.for_each_row(&mut |_| Ok(()));
    }
}

/// Reads every row of a database that is given by its primary data file.
pub fn drain_data_file(bytes: Vec<u8>) {
    if let Ok(mdf) = Mdf::open("input", Arc::new(DataFile(bytes))) {
        drain(&mdf);
    }
}

/// A small database in each of the two dialects of the catalog, without checksums, so that damage is
/// not found by them alone.
pub fn database(older: bool) -> &'static Built {
    static BUILT: [OnceLock<Built>; 2] = [const { OnceLock::new() }; 2];
    BUILT[usize::from(older)].get_or_init(|| build(if older { 611 } else { 661 }))
}

fn build(version: u16) -> Built {
    let columns = || {
        vec![
            Column::new("id", Kind::Int).not_null(),
            Column::new("flag", Kind::Bit),
            Column::new("name", Kind::NVarChar(40)),
            Column::new("oem", Kind::VarChar(40)).collation(SQL_OEM_437),
            Column::new("at", Kind::DateTime),
            Column::new("amount", Kind::Decimal(20, 4)),
            Column::new("note", Kind::NVarCharMax),
            Column::new("picture", Kind::Image),
            Column::new("any", Kind::SqlVariant),
        ]
    };
    let row = |id: i64| {
        let long = long_text([10, 3000, 9000, 40_000][id as usize % 4]);
        Row::from(vec![
            Cell::Integer(id),
            Cell::Integer(id % 2),
            Cell::from("a name"),
            Cell::from("café"),
            Cell::Time(633_482_073_400_000_000),
            Cell::Decimal(i128::from(id) * 123_456),
            long.clone(),
            Cell::Bytes(vec![id as u8; 12_000]),
            Cell::Variant(Kind::Int, 0, Box::new(Cell::Integer(id))),
        ])
    };
    let mut database = Database::new("fuzz", version).protection(Protection::Nothing).fan_out(3);
    database.add(&Table::heap("heap", columns()), (1..=12).map(row));
    database.add(&Table::clustered("clustered", &["id"], columns()), (1..=12).map(row));
    database.finish()
}

/// Returns the numbers of pages of the given types, the last ones first: those of users' tables are
/// behind those of the catalog.
pub fn pages_of(bytes: &[u8], kinds: &[u8]) -> Vec<usize> {
    let all = bytes.chunks_exact(PAGE_SIZE).enumerate();
    let mut found: Vec<usize> =
        all.filter(|(_, page)| page[0] == 1 && kinds.contains(&page[1])).map(|(at, _)| at).collect();
    found.reverse();
    found
}

/// Reads a number of two bytes from the front; 0 at the end.
pub fn take_number(data: &mut &[u8]) -> usize {
    let (number, rest) = data.split_at(data.len().min(2));
    *data = rest;
    number.iter().rev().fold(0, |number, &byte| number << 8 | usize::from(byte))
}

/// Puts patches into pages: each is the number of a page among those given, a place in it, a length of
/// one byte, and bytes.
pub fn patch(bytes: &mut [u8], pages: &[usize], mut data: &[u8]) {
    while !data.is_empty() && !pages.is_empty() {
        let page = pages[take_number(&mut data) % pages.len()] * PAGE_SIZE;
        let place = take_number(&mut data) % PAGE_SIZE;
        let Some((&length, rest)) = data.split_first() else { return };
        let (patch, rest) = rest.split_at(rest.len().min(usize::from(length)));
        data = rest;
        let end = (place + patch.len()).min(PAGE_SIZE);
        bytes[page + place..page + end].copy_from_slice(&patch[..end - place]);
    }
}

/// The database as a backup of one file, plain or compressed.
pub fn backup(compressed: bool) -> Vec<u8> {
    let plain = Backup::of(database(false));
    let backup = if compressed { plain.compressed(Records::Version2) } else { plain };
    backup.bytes().remove(0)
}

/// Opens a backup and reads every row of its database.
pub fn drain_backup(bytes: &[u8]) {
    use gc2pc::progress::Silent;
    use gc2pc::sqlserver::bak;

    let options = bak::Options { set: None, salvage: false, temp: std::env::temp_dir() };
    if let Ok(backup) = bak::Backup::open(&[item(bytes)], &options, &Silent)
        && let Ok(mdf) = Mdf::open("input", Arc::new(backup))
    {
        drain(&mdf);
    }
}

/// Layouts of columns for native data.
pub fn layouts() -> Vec<Vec<gc2pc::sqlserver::Column>> {
    use gc2pc::sqlserver::{Column, DataType};
    let column = |(data_type, nullable)| Column { name: "c".to_owned(), data_type, nullable };
    let layout = |types: &[(DataType, bool)]| types.iter().copied().map(column).collect();
    vec![
        layout(&[(DataType::Int, false), (DataType::NVarChar(20), true)]),
        layout(&[(DataType::BigInt, true), (DataType::NVarCharMax, true), (DataType::Bit, false)]),
        layout(&[
            (DataType::Decimal { precision: 18, scale: 2 }, true),
            (DataType::Money, true),
            (DataType::DateTime, true),
            (DataType::UniqueIdentifier, true),
        ]),
        layout(&[(DataType::Char(5), false), (DataType::Image, true), (DataType::DateTime2(7), true)]),
        layout(&[(DataType::SqlVariant, true), (DataType::RowVersion, false), (DataType::Xml, true)]),
    ]
}
