//! Whole databases, read as callers do.

mod backups;
mod hostile;
mod real_files;
mod salvage;
mod several_files;
mod stretches;

use std::path::Path;

use super::*;
use crate::container::{self, Item, Limits};
use crate::sqlserver::form::plain;
use crate::sqlserver::real_files::path as shared;
use crate::sqlserver::{RowFault, RowResult, Value};

fn open_file(path: &Path) -> Result<Mdf> {
    open_files(&[("test.mdf", path)])
}

/// Opens the files of a database, each under a name.
fn open_files(files: &[(&str, &Path)]) -> Result<Mdf> {
    let temp = std::env::temp_dir();
    let item = |&(name, path): &(&str, &Path)| {
        let item = container::walk(&[path.to_owned()], &Limits::default(), &temp).unwrap().items.remove(0);
        Item { name: name.to_owned(), ..item }
    };
    let items: Vec<Item> = files.iter().map(item).collect();
    Mdf::open(files[0].0, Arc::new(FilePages::open(&items, &temp)?))
}

/// A row as fields of text; a fault as `!detail`.
fn told(row: RowResult<'_>) -> Vec<String> {
    let show = |value: &Value<'_>| String::from_utf8_lossy(&plain(value)).into_owned();
    match row {
        Ok(row) => row.values.iter().map(show).collect(),
        Err(fault) => vec![format!("!{}", fault.detail)],
    }
}

/// Reads all rows of a table, both ways and by stretches, and tells that they agree.
fn rows(mdf: &Mdf, table: usize) -> Vec<Vec<String>> {
    let mut pulled = Vec::new();
    let mut reader = mdf.rows(table).unwrap();
    while let Some(row) = reader.next_row().unwrap() {
        pulled.push(told(row));
    }
    let mut pushed = Vec::new();
    let mut take = |row: RowResult<'_>| {
        pushed.push(told(row));
        Ok(())
    };
    mdf.rows(table).unwrap().for_each_row(&mut take).unwrap();
    assert_eq!(pulled, pushed);
    assert_eq!(pulled, by_stretches(mdf, table));
    let mut checked = Vec::new();
    let mut take = |row: std::result::Result<(), RowFault>| {
        checked.push(row.err().map(|fault| format!("!{}", fault.detail)));
        Ok(())
    };
    mdf.rows(table).unwrap().check_rows(&mut take).unwrap();
    let is_fault = |row: &Vec<String>| row.len() == 1 && row[0].starts_with('!');
    let faults: Vec<Option<String>> =
        pulled.iter().map(|row| is_fault(row).then(|| row[0].clone())).collect();
    assert_eq!(checked, faults);
    pulled
}

/// Reads all rows of a table, one stretch after the other.
fn by_stretches(mdf: &Mdf, table: usize) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for stretch in 0..mdf.stretches(table) {
        let mut take = |row: RowResult<'_>| {
            all.push(told(row));
            Ok(())
        };
        mdf.stretch(table, stretch).unwrap().for_each_row(&mut take).unwrap();
    }
    all
}

fn position(mdf: &Mdf, name: &str) -> usize {
    mdf.tables().iter().position(|table| table.name == name).unwrap()
}
