//! Tables: opening delimited text with what is known of Group Chat's tables, and reading the
//! structure that all messages need.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::identify::{Kind, Opened, expected, extension, refused, stem};
use super::package::{self, Packages};
use super::survey::Surveyed;
use crate::chat::{Directory, Role};
use crate::error::{Error, Result};
use crate::groupchat::{self, Database, Layout, Merged, Recognised, TableKind, TableStream};
use crate::ledger::Findings;
use crate::sqlserver::{Column, Delimited, Dialect, Dump, FormatFile, Options, Value};

/// Rows looked at to see whether a layout without column names fits.
const SAMPLE: usize = 200;

/// Opens text as a table, if it is one.
pub(super) fn open(surveyed: &Surveyed, format: Option<&FormatFile>) -> Result<(Kind, String)> {
    let stem = stem(&surveyed.item.name);
    let named = groupchat::recognise(stem, None);
    match try_open(surveyed, format, stem, named.as_ref()) {
        Ok(found) => Ok(found),
        Err(Error::Unusable { why, hint, .. }) if named.is_some() || expected(&surveyed.item.name) => {
            Ok(refused(&why, &hint))
        }
        Err(Error::Unusable { .. }) => Ok((Kind::Ignored, "not read".to_owned())),
        Err(error) if surveyed.damage.is_none() => Err(error),
        Err(error) => Ok(refused(&error.to_string(), "make another copy of the archive")),
    }
}

/// Opens a table that an earlier run wrote, to be carried on verbatim.
pub(super) fn open_carried(surveyed: &Surveyed) -> Result<(Kind, String)> {
    let options = Options { dialect: Some(Dialect::csv()), ..options(surveyed, None, None) };
    match Delimited::open(&surveyed.item.name, surveyed.item.blob.clone(), options) {
        Ok(table) => {
            let stem = stem(&surveyed.item.name).to_owned();
            Ok((Kind::OtherTable { table: Arc::new(table), stem }, "package, carried table".to_owned()))
        }
        Err(error) => Ok(refused(&error.to_string(), error.hint().unwrap_or("verify the package first"))),
    }
}

fn options(
    surveyed: &Surveyed,
    format: Option<&FormatFile>,
    columns: Option<Vec<Column>>,
) -> Options<'static> {
    Options {
        name: Some(stem(&surveyed.item.name).to_owned()),
        encoding: Some(surveyed.encoding),
        format: format.cloned(),
        columns,
        is_known_column: &is_known_column,
        ..Options::default()
    }
}

fn is_known_column(name: &str) -> bool {
    groupchat::is_documented_column(name)
}

fn try_open(
    surveyed: &Surveyed,
    format: Option<&FormatFile>,
    stem: &str,
    named: Option<&Recognised>,
) -> Result<(Kind, String)> {
    let open = |columns| {
        Delimited::open(&surveyed.item.name, surveyed.item.blob.clone(), options(surveyed, format, columns))
    };
    let table = open(None)?;
    let names: Vec<String> = columns(&table).iter().map(|column| column.name.clone()).collect();
    let known = if table.dialect().header || format.is_some() {
        groupchat::recognise(stem, Some(&names)).map(|recognised| (documented(recognised.kind), recognised))
    } else {
        let (kind, layout) = layout(&table, surveyed, named)?;
        let names: Vec<String> = layout.columns.iter().map(|column| column.name.clone()).collect();
        groupchat::recognise(stem, Some(&names))
            .map(|recognised| (layout.columns, Recognised { kind, ..recognised }))
    };
    let stem = stem.to_owned();
    match known {
        Some((columns, recognised)) => {
            let table = Arc::new(open(Some(columns))?);
            let format = format!("{}, {}", recognised.kind.name(), table.format());
            Ok((Kind::Table { table, recognised, stem }, format))
        }
        None if ["csv", "tsv", "tab"]
            .iter()
            .any(|known| extension(&surveyed.item.name).eq_ignore_ascii_case(known)) =>
        {
            let format = format!("table, {}", table.format());
            Ok((Kind::OtherTable { table: Arc::new(table), stem }, format))
        }
        None => Ok((Kind::Ignored, "not read".to_owned())),
    }
}

fn columns(table: &Delimited) -> &[Column] {
    table.tables().first().map_or(&[], |table| &table.columns)
}

/// Every documented column of a table, so that types and nullability are known by name.
fn documented(kind: TableKind) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for column in groupchat::documented_layouts(kind).into_iter().flat_map(|layout| layout.columns) {
        if !columns.iter().any(|known| known.name == column.name) {
            columns.push(column);
        }
    }
    columns
}

/// Finds the documented layout of a table without column names: by the name of its file, else by
/// what its rows look like, if they look like one table alone.
///
/// A name and the right number of fields are believed where most rows fit, so that a damaged row
/// does not cost the table; without a name every row must fit.
fn layout(table: &Delimited, surveyed: &Surveyed, named: Option<&Recognised>) -> Result<(TableKind, Layout)> {
    let rows = sample(table)?;
    let fields = columns(table).len();
    let candidates = match named {
        Some(named) => {
            let misfits = |layout: &Layout| {
                rows.iter().filter(|row| !groupchat::fits(named.kind, layout, row)).count()
            };
            let layouts = groupchat::documented_layouts(named.kind).into_iter();
            let sound = layouts.filter(|layout| layout.columns.len() == fields && misfits(layout) * 2 <= rows.len());
            sound.min_by_key(misfits).map(|layout| (named.kind, layout)).into_iter().collect()
        }
        None => groupchat::layouts_for_field_count(fields, &rows),
    };
    let first = candidates.first().map(|(kind, _)| *kind);
    let one_table = candidates.iter().all(|(kind, _)| Some(*kind) == first);
    candidates.into_iter().next().filter(|_| one_table).ok_or_else(|| Error::Unusable {
        input: surveyed.item.name.clone(),
        why: format!("it has no line of column names, and its {fields} fields fit no one documented table"),
        hint: "export it with column names, put bcp's format file beside it, or name it after its table \
               (tblChat.csv) with all columns in documented order"
            .to_owned(),
    })
}

fn sample(table: &Delimited) -> Result<Vec<Vec<Value<'static>>>> {
    let mut rows = table.rows(0)?;
    let mut sample = Vec::new();
    while sample.len() < SAMPLE {
        match rows.next_row()? {
            None => break,
            Some(Ok(row)) => sample.push(row.values.iter().map(|value| value.clone().into_owned()).collect()),
            Some(Err(_)) => {}
        }
    }
    Ok(sample)
}

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
    let Kind::Table { table, recognised, stem } = &opened.kind else { return None };
    Some(TableStream {
        stream,
        name: opened.stream.name.clone(),
        folder: opened.folder.clone(),
        stem: stem.clone(),
        kind: recognised.kind,
        generation: recognised.generation,
        digest: opened.stream.digest,
        database: None,
        dump: table.clone(),
        table: 0,
    })
}
