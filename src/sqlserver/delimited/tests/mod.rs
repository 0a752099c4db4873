//! Scenarios of reading delimited text, and the little language they are told in.

mod dialects;
mod encodings;
mod faults;
mod format_files;
mod hostile;
mod real_files;
mod round_trip;
mod stretches;

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use super::{Delimited, Dialect, Layout, Options, RecordEnd};
use crate::chat::Text;
use crate::container::Blob;
use crate::error::{Error, Result};
use crate::ledger::Cause;
use crate::sqlserver::{Column, Dump, Encoding, FormatFile, RowFault, RowResult, Value};

/// Bytes in memory that are read a few at a time.
struct Memory {
    bytes: Arc<[u8]>,
    piece: usize,
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.bytes.len())
    }
}

struct MemoryReader {
    bytes: Arc<[u8]>,
    at: usize,
    piece: usize,
}

impl Read for MemoryReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = &self.bytes[self.at..];
        let count = rest.len().min(self.piece).min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}

impl Blob for Memory {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(MemoryReader { bytes: self.bytes.clone(), at: 0, piece: self.piece }))
    }

    fn size(&self) -> Option<u64> {
        Some(self.bytes.len() as u64)
    }

    fn path(&self) -> Option<&Path> {
        None
    }
}

fn blob(bytes: &[u8]) -> Arc<dyn Blob> {
    Arc::new(Memory { bytes: bytes.into(), piece: 4099 })
}

fn open(bytes: &[u8], options: Options<'_>) -> Result<Delimited> {
    Delimited::open("export/tblThing.csv", blob(bytes), options)
}

/// Opens with nothing known.
fn sniffed(bytes: &[u8]) -> Delimited {
    open(bytes, Options::default()).unwrap()
}

fn with_dialect(bytes: &[u8], dialect: Dialect) -> Delimited {
    open(bytes, Options { dialect: Some(dialect), ..Options::default() }).unwrap()
}

fn named(names: &[&str]) -> Vec<Column> {
    names.iter().map(|&name| Column::named(name)).collect()
}

fn names(dump: &Delimited) -> Vec<&str> {
    dump.tables()[0].columns.iter().map(|column| column.name.as_str()).collect()
}

/// A row to look at: `-` is NULL, quoted text stands in quotes, control characters are escaped.
fn shown(values: &[Value<'_>]) -> String {
    let show = |value: &Value<'_>| match value {
        Value::Null => "-".to_owned(),
        Value::Text { bytes, quoted } => {
            let text = Text::from_bytes(bytes).unwrap().to_lossy().escape_debug().to_string();
            if *quoted { format!("'{text}'") } else { text }
        }
        typed => format!("{typed:?}"),
    };
    values.iter().map(show).collect::<Vec<_>>().join("|")
}

/// What a row or fault looks like: faults as `!cause@line:byte`.
fn told(row: RowResult<'_>) -> String {
    match row {
        Ok(row) => shown(row.values),
        Err(fault) => format!("!{}@{}:{}", fault.cause, fault.line, fault.byte),
    }
}

/// Reads all rows, both ways, and tells that they agree.
fn rows(dump: &Delimited) -> Vec<String> {
    let mut pulled = Vec::new();
    let mut reader = dump.rows(0).unwrap();
    while let Some(row) = reader.next_row().unwrap() {
        pulled.push(told(row));
    }
    let mut pushed = Vec::new();
    let mut take = |row: RowResult<'_>| {
        pushed.push(told(row));
        Ok(())
    };
    dump.rows(0).unwrap().for_each_row(&mut take).unwrap();
    assert_eq!(pulled, pushed);
    let mut checked = 0;
    let mut take = |row: std::result::Result<(), RowFault>| {
        assert_eq!(row.is_err(), pulled[checked].starts_with('!') && pulled[checked].contains('@'));
        checked += 1;
        Ok(())
    };
    dump.rows(0).unwrap().check_rows(&mut take).unwrap();
    assert_eq!(checked, pulled.len());
    pulled
}

/// Returns the first fault.
fn fault(dump: &Delimited) -> RowFault {
    let mut reader = dump.rows(0).unwrap();
    while let Some(row) = reader.next_row().unwrap() {
        if let Err(fault) = row {
            return fault;
        }
    }
    panic!("no fault");
}

/// Returns why a text is refused, and what the user is told to do.
fn refusal(bytes: &[u8], options: Options<'_>) -> (String, String) {
    match open(bytes, options).map(|dump| rows(&dump)) {
        Err(Error::Unusable { why, hint, .. }) => (why, hint),
        other => panic!("not refused: {other:?}"),
    }
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
