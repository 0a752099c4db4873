//! Walking the rows of structure tables: a bad row is told and left out, and the walk goes on.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Result;
use crate::groupchat::dumps::DumpTables;
use crate::groupchat::field::FieldResult;
use crate::groupchat::records::PAGE_DAMAGED;
use crate::groupchat::schema::TableKind;
use crate::groupchat::stream::{Cells, TableStream};
use crate::ledger::{Findings, Level};
use crate::sqlserver::{Column, FaultKind};

/// How many rows of one structure table were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRows {
    /// The number of the stream.
    pub stream: u32,
    /// Which table it is.
    pub kind: TableKind,
    /// Its rows, the bad ones included.
    pub rows: u64,
    /// Rows that could not be used. They stand verbatim in the package's `data/source/`.
    pub bad: u64,
}

/// Findings of one code about one table go up to this number; the rest is told as a sum, so that a
/// table of nothing but bad rows does not fill the memory.
const MOST_TOLD: u64 = 100;

/// Reads the structure tables of one dump.
pub(super) struct Reader<'a> {
    dump: &'a DumpTables,
    streams: &'a [TableStream],
    pub(super) findings: Findings,
    pub(super) rows: Vec<TableRows>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(dump: &'a DumpTables, streams: &'a [TableStream]) -> Reader<'a> {
        Reader { dump, streams, findings: Findings::default(), rows: Vec::new() }
    }

    /// Walks the parts of a table of the dump, in order.
    pub(super) fn parts(&self, kind: TableKind) -> impl Iterator<Item = &'a TableStream> + use<'a> {
        let streams = self.streams;
        let parts = self.dump.structure.get(&kind).map(Vec::as_slice).unwrap_or_default();
        parts.iter().filter_map(move |&at| streams.get(at))
    }

    pub(super) fn has(&self, kind: TableKind) -> bool {
        self.parts(kind).next().is_some()
    }

    /// Hands every row of every part of a table to `keep`. `find` looks for the columns of a part;
    /// a part without the essential ones is told and skipped.
    pub(super) fn read<C>(
        &mut self,
        kind: TableKind,
        essential: &[&'static str],
        find: impl Fn(&[Column]) -> C,
        mut keep: impl FnMut(&C, Cells<'_>) -> FieldResult<()>,
    ) -> Result<()> {
        for stream in self.parts(kind) {
            let columns = &stream.description()?.columns;
            let is_there =
                |name: &&str| columns.iter().any(|column| column.name.trim().eq_ignore_ascii_case(name));
            if let Some(missing) = essential.iter().find(|name| !is_there(name)) {
                let detail = format!("has no column {missing}, so none of its rows can be used");
                self.findings.add("STRUCT-ROW-BAD", Level::Error, stream.name.as_str(), detail);
                continue;
            }
            let found = find(columns);
            self.read_part(stream, |cells| keep(&found, cells))?;
        }
        Ok(())
    }

    fn read_part(
        &mut self,
        stream: &TableStream,
        mut keep: impl FnMut(Cells<'_>) -> FieldResult<()>,
    ) -> Result<()> {
        let mut rows = stream.dump.rows(stream.table)?;
        let mut counts = TableRows { stream: stream.stream, kind: stream.kind, rows: 0, bad: 0 };
        while let Some(next) = rows.next_row()? {
            let (line, byte, detail) = match next {
                Ok(row) => match keep(Cells(row.values)) {
                    Ok(()) => {
                        counts.rows += 1;
                        continue;
                    }
                    Err(fault) => (row.line, row.byte, fault.detail),
                },
                Err(fault) if fault.kind == FaultKind::Place => {
                    self.findings.add(PAGE_DAMAGED, Level::Error, stream.name.as_str(), fault.detail);
                    continue;
                }
                Err(fault) => (fault.line, fault.byte, fault.detail),
            };
            counts.rows += 1;
            counts.bad += 1;
            if counts.bad <= MOST_TOLD {
                let line = if line > 0 { format!("line {line}, ") } else { String::new() };
                let detail = format!("{line}byte {byte}: {detail}; the row is not used");
                self.findings.add("STRUCT-ROW-BAD", Level::Error, stream.name.as_str(), detail);
            }
        }
        if let Some(more) = counts.bad.checked_sub(MOST_TOLD).filter(|&more| more > 0) {
            let detail = format!("{more} further rows are not used");
            self.findings.add("STRUCT-ROW-BAD", Level::Error, stream.name.as_str(), detail);
        }
        self.rows.push(counts);
        Ok(())
    }

    /// Tells of keys that stand in several rows that differ.
    pub(super) fn tell_duplicates<K: std::fmt::Display>(
        &mut self,
        kind: TableKind,
        key: &str,
        doubled: &[K],
    ) {
        let Some(name) = self.parts(kind).next().map(|stream| stream.name.as_str()) else { return };
        for doubled in doubled.iter().take(MOST_TOLD as usize) {
            let detail = format!("{key} {doubled} stands in rows that differ; one of them is used");
            self.findings.add("STRUCT-ROW-DUP", Level::Warning, name, detail);
        }
        if let Some(more) = doubled.len().checked_sub(MOST_TOLD as usize).filter(|&more| more > 0) {
            let detail = format!("{more} further keys stand in rows that differ");
            self.findings.add("STRUCT-ROW-DUP", Level::Warning, name, detail);
        }
    }
}

/// Rows by their primary key. Of rows with one key the least in the order of content stays, so that
/// the order of rows and parts does not matter.
#[derive(Debug)]
pub(super) struct Keyed<K, T> {
    pub(super) rows: BTreeMap<K, T>,
    doubled: BTreeSet<K>,
}

impl<K: Ord + Copy, T: Ord> Keyed<K, T> {
    pub(super) fn new() -> Keyed<K, T> {
        Keyed { rows: BTreeMap::new(), doubled: BTreeSet::new() }
    }

    pub(super) fn insert(&mut self, key: K, row: T) {
        match self.rows.get_mut(&key) {
            None => {
                self.rows.insert(key, row);
            }
            Some(kept) if *kept == row => {}
            Some(kept) => {
                self.doubled.insert(key);
                if row < *kept {
                    *kept = row;
                }
            }
        }
    }

    /// Returns the keys that stood in rows that differ, in order.
    pub(super) fn doubled(&self) -> Vec<K> {
        self.doubled.iter().copied().collect()
    }
}
