//! The sample dump as a backup: `samples/mgc-2010.bak` holds exactly the rows of `samples/mgc-2010`.

use std::path::Path;

use gc2pc::chat::Text;
use gc2pc::container::{Item, Limits, walk};
use gc2pc::sqlserver::{Delimited, Dump, Options, Value};

use crate::database_builder::group_chat::{self, Product};
use crate::database_builder::{Backup, Built, Cell, Database, Row, Table};
use crate::reading::{Files, assert_holds};

const SAMPLE: &str = "samples/mgc-2010.bak";

fn root(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Reads the rows of a table from its text file; no file, no rows.
pub fn rows_of_sample(sample: &str, table: &Table) -> Vec<Row> {
    let path = root(&format!("samples/{sample}/{}.csv", table.name));
    if !path.exists() {
        return Vec::new();
    }
    let Item { name, blob, .. } =
        walk(&[path], &Limits::default(), &std::env::temp_dir()).unwrap().items.remove(0);
    let dump = Delimited::open(&name, blob, Options::default()).unwrap();
    let columns = &dump.tables()[0].columns;
    let find = |name: &str| columns.iter().position(|column| column.name.eq_ignore_ascii_case(name));
    let places: Vec<Option<usize>> = table.columns.iter().map(|column| find(&column.name)).collect();
    let mut rows = Vec::new();
    let mut reader = dump.rows(0).unwrap();
    while let Some(row) = reader.next_row().unwrap() {
        let row = row.unwrap();
        let cell = |(column, place): (&_, &Option<usize>)| match place.map(|place| &row.values[place]) {
            None => Cell::Null,
            Some(value) => cell(column, value),
        };
        rows.push(Row::from(table.columns.iter().zip(&places).map(cell).collect::<Vec<Cell>>()));
    }
    rows
}

/// A column that is never NULL holds the word where it stands.
fn cell(column: &crate::database_builder::Column, value: &Value<'_>) -> Cell {
    let units = |bytes: &[u8]| Text::from_bytes(bytes).unwrap().units().collect::<Vec<u16>>();
    match value {
        Value::Text { bytes, quoted } => match (&bytes[..], quoted, column.nullable) {
            (b"NULL", false, true) => Cell::Null,
            // Some exports have nothing for NULL; only texts can be empty.
            (b"", _, true) if !column.kind.is_wide() => Cell::Null,
            _ => group_chat::cell(column, &units(bytes)),
        },
        Value::Null if column.nullable => Cell::Null,
        other => panic!("{other:?} in column {}", column.name),
    }
}

/// The sample as a database of a version.
pub fn sample_database(version: u16) -> Built {
    filled(Database::new("mgc", version), Product::Mgc2010, "mgc-2010")
}

/// Fills a database with the tables of a sample.
pub fn filled(mut database: Database, product: Product, sample: &str) -> Built {
    group_chat::fill(&mut database, product, |table| rows_of_sample(sample, table));
    database.finish()
}

#[test]
fn the_sample_backup_is_made_of_the_sample_dump() {
    let made = Backup::of(&sample_database(661)).bytes().remove(0);
    let path = root(SAMPLE);
    if std::env::var_os("GC2PC_WRITE_SAMPLES").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read(&path).unwrap();
    let same = kept == made;
    assert!(same, "{SAMPLE} is not what is made of samples/mgc-2010: GC2PC_WRITE_SAMPLES=1 writes it anew");
    assert!(made.len() < 2 << 20, "{} bytes", made.len());
}

#[test]
fn the_sample_backup_holds_the_rows_of_the_sample_dump() {
    let mut files = Files::new(&[]);
    files.paths.push(root(SAMPLE));
    let mdf = files.restored().unwrap();
    assert_eq!((mdf.database(), mdf.version()), ("mgc", 661));
    assert_eq!(mdf.problems(), Vec::<String>::new());
    let tables = group_chat::tables(Product::Mgc2010);
    assert_eq!(mdf.tables().len(), tables.len());
    for table in tables {
        assert_holds(&mdf, &table, &rows_of_sample("mgc-2010", &table));
    }
}
