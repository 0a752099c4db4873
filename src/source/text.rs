//! Delimited text, opened with what is known of Group Chat's tables.

use super::opened::{Kind, expected, extension, refused, stem};
use super::survey::Surveyed;
use super::table::Table;
use crate::error::{Error, Result};
use crate::groupchat::{self, Layout, Recognised, TableKind};
use crate::sqlserver::{Column, Delimited, Dialect, Dump, FormatFile, Options, Value};

/// Rows looked at to see whether a layout without column names fits.
const SAMPLE: usize = 200;

/// Opens text as a table, if it is one.
pub(super) fn open(surveyed: &Surveyed, format: Option<&FormatFile>) -> Result<(Kind, String)> {
    let stem = stem(&surveyed.item.name);
    let named = groupchat::recognise(stem, None);
    match try_open(surveyed, format, stem, named.as_ref()) {
        Ok(found) => Ok(found),
        Err(Error::Unusable { why, .. }) if is_archive(&surveyed.item.name) => {
            let why = format!("it is no archive, though its name says so, and as text {why}");
            Ok(refused(&why, "make another copy of it from where it came"))
        }
        Err(Error::Unusable { why, hint, .. }) if named.is_some() || expected(&surveyed.item.name) => {
            Ok(refused(&why, &hint))
        }
        Err(Error::Unusable { .. }) => Ok((Kind::Ignored, "not read".to_owned())),
        Err(error) if surveyed.damage.is_none() => Err(error),
        Err(error) => Ok(refused(&error.to_string(), "make another copy of the archive")),
    }
}

/// Tells whether the name promises an archive.
fn is_archive(name: &str) -> bool {
    let last = name.to_lowercase();
    last.ends_with(".zip") || last.ends_with(".gz")
}

/// Opens a table that an earlier run wrote, to be carried on verbatim.
pub(super) fn open_carried(surveyed: &Surveyed, name: &str) -> Result<(Kind, String)> {
    let options = Options { dialect: Some(Dialect::csv()), ..options(surveyed, None) };
    match Delimited::open(&surveyed.item.name, surveyed.item.blob.clone(), options) {
        Ok(table) => {
            let stem = name.to_owned();
            Ok((Kind::CarriedTable { table: Table::only(table), stem }, "package, carried table".to_owned()))
        }
        Err(error) => Ok(refused(&error.to_string(), error.hint().unwrap_or("verify the package first"))),
    }
}

fn options(surveyed: &Surveyed, format: Option<&FormatFile>) -> Options<'static> {
    Options {
        name: Some(stem(&surveyed.item.name).to_owned()),
        encoding: Some(surveyed.encoding),
        format: format.cloned(),
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
    let options = options(surveyed, format);
    let table = Delimited::open(&surveyed.item.name, surveyed.item.blob.clone(), options)?;
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
            if table.dialect().header || format.is_some() {
                require(surveyed, recognised.kind, &names)?;
            }
            let table = table.with_columns(&columns)?;
            let format = format!("{}, {}", recognised.kind.name(), table.format());
            let table = Table::only(table);
            Ok((Kind::Table { table, recognised, stem, database: None }, format))
        }
        None if ["csv", "tsv", "tab"]
            .iter()
            .any(|known| extension(&surveyed.item.name).eq_ignore_ascii_case(known)) =>
        {
            let format = format!("table, {}", table.format());
            Ok((Kind::OtherTable { table: Table::only(table), stem }, format))
        }
        None => Ok((Kind::Ignored, "not read".to_owned())),
    }
}

/// Refuses a table of records that lacks a column without which its rows mean nothing, and any
/// documented table that has a documented column twice, of which only one could be read.
fn require(surveyed: &Surveyed, kind: TableKind, names: &[String]) -> Result<()> {
    let count = |column: &str| names.iter().filter(|name| name.trim().eq_ignore_ascii_case(column)).count();
    let refuse = |why: String| Error::Unusable {
        input: surveyed.item.name.clone(),
        why,
        hint: "export the table again with all of its columns and their names, each once".to_owned(),
    };
    let missing: Vec<&str> =
        groupchat::essential_columns(kind).iter().copied().filter(|column| count(column) == 0).collect();
    if !missing.is_empty() {
        let why = format!("{} needs the columns {}, which are not here", kind.name(), missing.join(", "));
        return Err(refuse(why));
    }
    match names.iter().find(|name| is_known_column(name) && count(name.trim()) > 1) {
        Some(twice) => Err(refuse(format!("it has the column {twice} more than once"))),
        None => Ok(()),
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
            let misfits =
                |layout: &Layout| rows.iter().filter(|row| !groupchat::fits(named.kind, layout, row)).count();
            let layouts = groupchat::documented_layouts(named.kind).into_iter();
            let sound =
                layouts.filter(|layout| layout.columns.len() == fields && misfits(layout) * 2 <= rows.len());
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
