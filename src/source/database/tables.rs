//! A stream for each table of a database.

use std::collections::{BTreeMap, BTreeSet};

use super::Database;
use crate::groupchat::{self, Recognised, TableKind};
use crate::ledger::{Findings, Level, Stream};
use crate::source::opened::{Kind, Opened, stem};
use crate::source::table::Table;
use crate::sqlserver::Dump;

/// The schema in which Group Chat's tables stand.
const OWN_SCHEMA: &str = "dbo";

/// Gives the streams of a database: its files, and its tables. `next` is the number of the next database; a
/// script may hold tables of several.
pub(super) fn streams(database: Database, next: &mut u32, findings: &mut Findings) -> Vec<Opened> {
    let Database { files, dump, loose, notes } = database;
    let Some((first, _)) = files.first() else { return Vec::new() };
    let (first, name) = (first.clone(), first.item.name.clone());
    for (code, level, detail) in notes {
        findings.add(code, level, name.as_str(), detail);
    }
    let known = known(dump.as_ref());
    let mut numbers: BTreeMap<Option<String>, u32> = BTreeMap::new();
    if known.iter().all(Option::is_none) {
        let detail = "it holds no table of mgc or mgccomp; its tables are carried verbatim in data/source/";
        findings.add("DATABASE-FOREIGN", Level::Warning, name.as_str(), detail);
    }
    let mut streams: Vec<Opened> = Vec::new();
    for ((position, table), recognised) in dump.tables().iter().enumerate().zip(known) {
        let held = Table { dump: dump.clone(), position };
        let named = held.full_name();
        let number = *numbers.entry(dump.database(position).map(str::to_lowercase)).or_insert_with(|| {
            *next += 1;
            *next
        });
        let (kind, format) = match (dump.refusal(position), recognised) {
            (Some(why), _) => {
                let why = format!("its rows cannot be read: {why}");
                let hint = dump.rows(position).err().and_then(|error| error.hint().map(str::to_owned));
                let hint = hint.unwrap_or_else(|| "export this table from its server as CSV".to_owned());
                (Kind::Refused { why, hint, table: Some(held) }, "refused".to_owned())
            }
            (None, Some(Err(missing))) => {
                let why = format!("{} needs the columns {missing}, which are not here", table.name);
                let hint = "export the table again with all of its columns and their names";
                (Kind::Refused { why, hint: hint.to_owned(), table: Some(held) }, "refused".to_owned())
            }
            (None, Some(Ok(recognised))) => {
                let format = recognised.kind.name().to_owned();
                let (database, stem) = match loose {
                    true => (None, loose_stem(stem(&name), &table.name, recognised.kind)),
                    false => (Some(number), named.clone()),
                };
                (Kind::Table { table: held, recognised, stem, database }, format)
            }
            (None, None) => {
                let plain = table.schema == OWN_SCHEMA && dump.database(position).is_none();
                let stem = if plain { table.name.clone() } else { named.clone() };
                (Kind::OtherTable { table: held, stem }, "table".to_owned())
            }
        };
        let stream =
            Stream { name: format!("{name}#{named}"), digest: first.digest, size: first.size, format };
        streams.push(Opened {
            stream,
            folder: first.item.folder.clone(),
            blob: first.item.blob.clone(),
            kind,
        });
    }
    streams.extend(files.into_iter().map(|(file, format)| super::closed(file, Kind::Database, format)));
    streams
}

/// Tells for each table which documented one it is, or which columns it lacks to be one; `None` for a
/// table that is not documented.
///
/// A table of structure is known by its very name, and of several the one in the schema `dbo`: a copy
/// that somebody made would bring back what was changed since. Copies of tables of records are read.
fn known(dump: &dyn Dump) -> Vec<Option<Result<Recognised, String>>> {
    let tables = dump.tables();
    let mut order: Vec<usize> = (0..tables.len()).collect();
    order.sort_by_key(|&at| (tables[at].schema != OWN_SCHEMA, at));
    let mut known: Vec<_> = tables.iter().map(|_| None).collect();
    let mut taken: BTreeSet<(Option<&str>, TableKind)> = BTreeSet::new();
    for at in order {
        let table = &tables[at];
        let columns: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
        let Some(recognised) = groupchat::recognise(&table.name, Some(&columns)) else { continue };
        let named = is_named(&table.name, recognised.kind);
        let missing = missing(&columns, groupchat::essential_columns(recognised.kind));
        known[at] = match (groupchat::is_record_table(recognised.kind), named) {
            (true, _) if missing.is_empty() => Some(Ok(recognised)),
            (true, true) => Some(Err(missing)),
            (false, true) if taken.insert((dump.database(at), recognised.kind)) => Some(Ok(recognised)),
            _ => None,
        };
    }
    known
}

/// Returns the name by which a table that stands alone in its file is grouped with others: that of the file,
/// if it tells the table too.
fn loose_stem(file: &str, table: &str, kind: TableKind) -> String {
    let told = groupchat::recognise(file, None).is_some_and(|told| told.kind == kind);
    if told { file.to_owned() } else { table.to_owned() }
}

/// Tells whether a table bears the very name of a documented one.
fn is_named(name: &str, kind: TableKind) -> bool {
    let whole = groupchat::name_affix(name, kind) == (String::new(), String::new());
    whole && name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("tbl"))
}

/// Lists the essential columns that are not there.
fn missing(columns: &[String], essential: &[&str]) -> String {
    let has = |name: &&&str| columns.iter().any(|column| column.trim().eq_ignore_ascii_case(name));
    essential.iter().filter(|name| !has(name)).copied().collect::<Vec<_>>().join(", ")
}
