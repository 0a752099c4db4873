//! Knowing a table by its columns, or else by the name of its file.

use std::cmp::Ordering;

use super::TableKind;
use super::affix::find_name;
use super::facts::{Fact, facts};
use crate::chat::Generation;

/// A table that was known again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    /// Which table it is.
    pub kind: TableKind,
    /// Whose columns it has, where that shows.
    pub generation: Option<Generation>,
    /// Documented columns that it lacks (of that generation; else of both), in documented order.
    pub missing: Vec<&'static str>,
    /// Columns that no documentation knows, as they are written, in the file's order.
    pub unknown: Vec<String>,
}

/// Knows a table again by its columns (in any order and case), or else by the name of its file
/// without extension; `None` for a table that is not documented.
///
/// Columns decide: a table is one whose key columns are all there, and of several such tables the
/// one that the name tells, else the one with most columns in common. The name may have anything
/// before and behind the table's (`2013-dbo.tblChat_2`); without `tbl` it must be nothing else.
pub fn recognise(file_stem: &str, columns: Option<&[String]>) -> Option<Recognised> {
    let by_name = by_name(file_stem);
    let kind = match columns {
        Some(columns) => by_columns(columns, by_name).or(by_name)?,
        None => by_name?,
    };
    let columns = columns.unwrap_or_default();
    let generation = generation_hint(kind, columns).map(|hint| hint.0);
    let (missing, unknown) =
        if columns.is_empty() { Default::default() } else { compare_columns(kind, generation, columns) };
    Some(Recognised { kind, generation, missing, unknown })
}

/// Tells whether any documented table has a column of this name, in any case.
pub fn is_documented_column(name: &str) -> bool {
    let name = name.trim();
    let mut kinds = TableKind::DOCUMENTED.into_iter();
    kinds.any(|kind| facts(kind).iter().any(|fact| fact.name.eq_ignore_ascii_case(name)))
}

fn by_name(stem: &str) -> Option<TableKind> {
    let stem = stem.trim();
    let length = |kind: &TableKind| find_name(stem, *kind).map(|(start, end)| end - start);
    TableKind::DOCUMENTED.into_iter().filter(|kind| length(kind).is_some()).max_by_key(length)
}

fn by_columns(columns: &[String], named: Option<TableKind>) -> Option<TableKind> {
    let has_keys = |kind: &TableKind| {
        let mut keys = facts(*kind).iter().filter(|fact| fact.key);
        keys.all(|fact| holds(columns, fact.name))
    };
    let common = |kind: TableKind| columns.iter().filter(|column| is_documented(kind, column)).count();
    let candidates = TableKind::DOCUMENTED.into_iter().filter(has_keys);
    // Of equals the first in the fixed order of kinds: `max_by_key` alone would take the last.
    candidates.rev().max_by_key(|&kind| (Some(kind) == named, common(kind)))
}

/// Tells whose columns a table has, and whether a column of that generation alone proves it.
///
/// A hint without proof rests on columns that are not there: a table that has all columns common to
/// both generations and none besides is of the one from which it lacks less.
pub(in super::super) fn generation_hint(kind: TableKind, columns: &[String]) -> Option<(Generation, bool)> {
    let legacy = own_columns(kind, Generation::GroupChat);
    let modern = own_columns(kind, Generation::PersistentChat);
    let present = |own: &[&str]| own.iter().any(|name| holds(columns, name));
    match (present(&legacy), present(&modern)) {
        (true, false) => return Some((Generation::GroupChat, true)),
        (false, true) => return Some((Generation::PersistentChat, true)),
        (true, true) => return None,
        (false, false) => {}
    }
    let mut common =
        facts(kind).iter().filter(|fact| !legacy.contains(&fact.name) && !modern.contains(&fact.name));
    match legacy.len().cmp(&modern.len()) {
        _ if !common.all(|fact| holds(columns, fact.name)) => None,
        Ordering::Less => Some((Generation::GroupChat, false)),
        Ordering::Greater => Some((Generation::PersistentChat, false)),
        Ordering::Equal => None,
    }
}

/// Returns the columns that one generation alone has.
fn own_columns(kind: TableKind, generation: Generation) -> Vec<&'static str> {
    let others = || facts(kind).iter().filter(|fact| fact.only != Some(generation));
    let own = facts(kind).iter().filter(|fact| fact.only == Some(generation));
    own.map(|fact| fact.name).filter(|name| others().all(|other| other.name != *name)).collect()
}

/// Compares columns with the documented ones: those missing, and those unknown.
pub(in super::super) fn compare_columns(
    kind: TableKind,
    generation: Option<Generation>,
    columns: &[String],
) -> (Vec<&'static str>, Vec<String>) {
    let in_generation =
        |name: &str, generation| facts(kind).iter().any(|fact| fact.name == name && fact.is_in(generation));
    let expected = |fact: &&Fact| match generation {
        Some(generation) => fact.is_in(generation),
        None => {
            in_generation(fact.name, Generation::GroupChat)
                && in_generation(fact.name, Generation::PersistentChat)
        }
    };
    let mut missing: Vec<&'static str> = facts(kind)
        .iter()
        .filter(expected)
        .map(|fact| fact.name)
        .filter(|name| !holds(columns, name))
        .collect();
    missing.dedup();
    let unknown = columns
        .iter()
        .filter(|column| !is_documented(kind, column) && !is_foreign(column))
        .cloned()
        .collect();
    (missing, unknown)
}

/// Tells whether a column comes from the exporting program: PowerShell's `Export-Csv` writes the
/// properties of .NET's `DataRow` beside the data.
pub(in super::super) fn is_foreign(column: &str) -> bool {
    ["RowError", "RowState", "Table", "ItemArray", "HasErrors"]
        .iter()
        .any(|property| property.eq_ignore_ascii_case(column.trim()))
}

fn is_documented(kind: TableKind, column: &str) -> bool {
    facts(kind).iter().any(|fact| fact.name.eq_ignore_ascii_case(column.trim()))
}

fn holds(columns: &[String], name: &str) -> bool {
    columns.iter().any(|column| column.trim().eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &str) -> Vec<String> {
        names.split(' ').map(str::to_string).collect()
    }

    fn known(stem: &str, names: &str) -> Option<Recognised> {
        recognise(stem, Some(&columns(names)))
    }

    #[test]
    fn columns_in_any_order_and_case_tell_the_table_whatever_the_file_is_called() {
        let chat = known("export", "CONTENT chatid ChannelId userid ISALERT chatdate").unwrap();
        assert_eq!((chat.kind, chat.generation), (TableKind::Chat, Some(Generation::GroupChat)));
        assert_eq!((chat.missing, chat.unknown), (vec![], vec![]));
    }

    #[test]
    fn missing_and_unknown_columns_are_told_and_foreign_ones_are_not() {
        let chat = known("x", "channelId chatDate userId content rtf editedOn RowState").unwrap();
        assert_eq!(chat.generation, Some(Generation::PersistentChat));
        assert_eq!(chat.missing, ["chatId", "isAlert"]);
        assert_eq!(chat.unknown, ["editedOn"]);
    }

    #[test]
    fn a_table_whose_key_columns_are_not_there_is_known_by_its_name() {
        let chat = known("tblChat", "id text").unwrap();
        assert_eq!(chat.kind, TableKind::Chat);
        assert!(chat.missing.contains(&"content"));
        assert_eq!(known("notes", "id text"), None);
    }

    #[test]
    fn columns_win_over_a_misleading_name() {
        assert_eq!(known("tblNode", "nodeID lastChatID").unwrap().kind, TableKind::LastChatId);
    }

    #[test]
    fn names_are_known_with_anything_around_them() {
        for (stem, kind) in [
            ("mgc_tblPrincipalRole", TableKind::PrincipalRole),
            ("2013-dbo.tblChat_2", TableKind::Chat),
            ("tblscopedprincipal", TableKind::ScopePrincipal),
            ("tbladcookie", TableKind::AdCookie),
            ("ScopePrincipal", TableKind::ScopePrincipal),
        ] {
            assert_eq!(recognise(stem, None).map(|table| table.kind), Some(kind), "{stem}");
        }
        assert_eq!(recognise("my Node", None), None);
        assert_eq!(recognise("tblNodes", None), None);
    }

    #[test]
    fn every_documented_table_is_known_by_its_documented_columns() {
        for kind in TableKind::DOCUMENTED {
            for generation in [Generation::GroupChat, Generation::PersistentChat] {
                let names: Vec<String> = facts(kind)
                    .iter()
                    .filter(|fact| fact.is_in(generation))
                    .map(|fact| fact.name.to_string())
                    .collect();
                let table = recognise("export", Some(&names)).unwrap();
                assert_eq!(table.kind, kind);
                assert!(
                    table
                        .generation
                        .is_none_or(|told| told == generation || kind == TableKind::PrincipalType),
                    "{kind:?} {generation:?} told as {:?}",
                    table.generation
                );
                assert_eq!((table.missing.len(), table.unknown.len()), (0, 0), "{kind:?}");
            }
        }
    }

    #[test]
    fn a_column_of_one_generation_proves_it() {
        let node = "nodeID nodeGuid parentID nodeType nodeName";
        let hint = |extra: &str| generation_hint(TableKind::Node, &columns(&format!("{node} {extra}")));
        assert_eq!(hint("topic"), Some((Generation::GroupChat, true)));
        assert_eq!(hint("purgedOn"), Some((Generation::PersistentChat, true)));
        assert_eq!(hint("visibility"), None);
        let all = "nodeDesc invite logged filePost disabled behavior visibility siopID nodeAddedBy nodeAddedOn nodeUpdatedBy nodeUpdatedOn";
        assert_eq!(hint(all), Some((Generation::PersistentChat, false)));
        assert_eq!(generation_hint(TableKind::Chat, &[]), None);
    }
}
