//! Scenarios of reading scripts, and the little language they are told in.

mod hostile;
mod real_files;
mod shapes;
mod stretches;
mod structure;
mod values;

use std::io::{self, Cursor, Read};
use std::sync::Arc;

use super::{Script, ScriptOptions};
use crate::container::Blob;
use crate::error::{Error, Result};
use crate::sqlserver::form::plain;
use crate::sqlserver::real_files::bytes as shared;
use crate::sqlserver::{Dump, RowFault, RowResult, Value};

/// Bytes in memory.
#[derive(Debug)]
struct Memory(Arc<[u8]>);

impl Blob for Memory {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(Cursor::new(self.0.clone())))
    }

    fn size(&self) -> Option<u64> {
        Some(self.0.len() as u64)
    }
}

fn open_bytes(bytes: &[u8], row_limit: usize) -> Result<Script> {
    let options = ScriptOptions { row_limit, ..ScriptOptions::default() };
    Script::open("dump.sql", Arc::new(Memory(bytes.into())), options)
}

fn open(text: &str) -> Script {
    open_bytes(text.as_bytes(), 1 << 20).unwrap()
}

/// A value to look at: `-` is NULL, text stands in quotes, `?` marks text that might be NULL.
fn shown(value: &Value<'_>) -> String {
    let text = String::from_utf8_lossy(&plain(value)).escape_debug().to_string();
    match value {
        Value::Null => "-".to_owned(),
        Value::Text { quoted: true, .. } => format!("'{text}'"),
        Value::Text { .. } => format!("?{text}"),
        _ => text,
    }
}

/// What a row or fault looks like: faults as `!cause@line:byte`.
fn told(row: RowResult<'_>) -> String {
    match row {
        Ok(row) => row.values.iter().map(shown).collect::<Vec<_>>().join("|"),
        Err(fault) => format!("!{}@{}:{}", fault.cause, fault.line, fault.byte),
    }
}

/// Reads all rows of a table, both ways, and tells that they agree with each other and the count.
fn rows_of(script: &Script, table: usize) -> Vec<String> {
    let mut pulled = Vec::new();
    let mut reader = script.rows(table).unwrap();
    while let Some(row) = reader.next_row().unwrap() {
        pulled.push(told(row));
    }
    let mut pushed = Vec::new();
    let mut take = |row: RowResult<'_>| {
        pushed.push(told(row));
        Ok(())
    };
    script.rows(table).unwrap().for_each_row(&mut take).unwrap();
    assert_eq!(pulled, pushed);
    assert!(pulled.iter().filter(|row| !row.starts_with('!')).count() as u64 <= script.row_count(table));
    pulled
}

/// Reads the rows of the only table.
fn rows(text: &str) -> Vec<String> {
    let script = open(text);
    assert_eq!(names(&script).len(), 1, "{:?}", names(&script));
    rows_of(&script, 0)
}

/// Reads one row of one table.
fn row(values: &str) -> String {
    rows(&format!("INSERT t VALUES ({values})")).join(" // ")
}

fn names(script: &Script) -> Vec<String> {
    script.tables().iter().map(|table| format!("{}.{}", table.schema, table.name)).collect()
}

fn columns(script: &Script, table: usize) -> Vec<String> {
    let show = |column: &crate::sqlserver::Column| {
        format!("{} {}{}", column.name, column.data_type, if column.nullable { "" } else { "!" })
    };
    script.tables()[table].columns.iter().map(show).collect()
}

fn faults(script: &Script, table: usize) -> Vec<RowFault> {
    let mut faults = Vec::new();
    let mut reader = script.rows(table).unwrap();
    while let Some(row) = reader.next_row().unwrap() {
        faults.extend(row.err());
    }
    faults
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn refusal(text: &str) -> String {
    match open_bytes(text.as_bytes(), 1 << 20) {
        Err(Error::Unusable { why, .. }) => why,
        other => panic!("not refused: {other:?}"),
    }
}
