//! The structure that all messages need: dumps and packages, read and put together.

use std::collections::BTreeMap;

use super::opened::{Kind, Opened};
use super::package::{self, Packages};
use crate::chat::{Directory, Role};
use crate::error::Result;
use crate::groupchat::{self, Database, Merged, TableStream};
use crate::ledger::{Digest, Findings};

/// The structure of all dumps and packages.
#[derive(Debug)]
pub(super) struct Structure {
    pub merged: Merged,
    pub packages: Packages,
    /// The tables, in the order of streams.
    tables: Vec<TableStream>,
    /// For each table the position of its dump.
    dump_of: Vec<usize>,
}

impl Structure {
    /// Returns the table that is a stream, with the database whose numbers it uses.
    pub fn table(&self, stream: u32) -> Option<(&TableStream, &Database)> {
        let at = self.tables.binary_search_by_key(&stream, |table| table.stream).ok()?;
        Some((&self.tables[at], self.merged.databases.get(*self.dump_of.get(at)?)?))
    }

    /// Returns the number of rows of a structure table that was read.
    pub fn rows(&self, stream: u32) -> Option<u64> {
        self.merged.rows.iter().find(|rows| rows.stream == stream).map(|rows| rows.rows)
    }

    /// Returns for each stream the number of the dump that it belongs to; a stream outside of dumps
    /// is one of its own.
    pub fn dumps(&self, streams: usize) -> Vec<u32> {
        let dumps = self.merged.databases.len() as u32;
        let mut of_stream: Vec<u32> = (0..streams as u32).map(|stream| dumps + stream).collect();
        for (table, &dump) in self.tables.iter().zip(&self.dump_of) {
            if let Some(of) = of_stream.get_mut(table.stream as usize - 1) {
                *of = dump as u32;
            }
        }
        of_stream
    }
}

/// Reads the structure of all dumps and packages.
///
/// # Errors
/// If a structure table cannot be read on, or a package's structure is damaged.
pub(super) fn read_structure(
    opened: &[Opened],
    roles: &BTreeMap<i64, Role>,
    directory: &Directory,
    findings: &mut Findings,
) -> Result<Structure> {
    let tables: Vec<TableStream> =
        (1..).zip(opened).filter_map(|(stream, opened)| table_stream(stream, opened)).collect();
    let grouping = groupchat::group(&tables);
    let dumps = grouping
        .dumps
        .iter()
        .map(|dump| groupchat::read_structure(dump, &tables, roles))
        .collect::<Result<Vec<_>>>()?;
    let mut merged = groupchat::merge(dumps, directory);
    findings.extend(grouping.findings);
    findings.extend(std::mem::take(&mut merged.findings));
    let packages = package::read_all(opened, directory, &mut merged.tree, findings)?;
    Ok(Structure { merged, packages, tables, dump_of: grouping.dump_of })
}

fn table_stream(stream: u32, opened: &Opened) -> Option<TableStream> {
    let Kind::Table { table, recognised, stem, database } = &opened.kind else { return None };
    // Tables of one file are no copies of each other.
    let digest = match database {
        Some(_) => Digest::of(format!("{}#{stem}", opened.stream.digest).as_bytes()),
        None => opened.stream.digest,
    };
    Some(TableStream {
        stream,
        name: opened.stream.name.clone(),
        folder: opened.folder.clone(),
        stem: stem.clone(),
        kind: recognised.kind,
        generation: recognised.generation,
        digest,
        database: *database,
        dump: table.dump.clone(),
        table: table.position,
    })
}
