//! Which shape of database a dump has.
//!
//! The name of a database tells nothing, its columns and static rows do: tests in the order of
//! their weight, columns that are there before columns that are missing.

use super::rows::Reader;
use crate::chat::Generation;
use crate::groupchat::schema::{TableKind, generation_hint};
use crate::groupchat::stream::TableStream;

/// What rows tell of the generation.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Signs {
    /// The role "Creator".
    pub(super) creator_role: bool,
    /// The visibility "open".
    pub(super) open_rooms: bool,
    /// Principals of types that only the older generation has.
    pub(super) legacy_kinds: bool,
}

/// The tables whose columns differ between the generations, the weightiest first.
const TELLING: [TableKind; 7] = [
    TableKind::Node,
    TableKind::Principal,
    TableKind::ScopePrincipal,
    TableKind::RoleType,
    TableKind::PrincipalType,
    TableKind::FileToken,
    TableKind::Chat,
];

/// Finds the generation of a dump, and whether anything proves it. Where nothing tells, the older
/// one: its rules of inheritance do no harm to a database that has none.
pub(super) fn generation(reader: &Reader<'_>, records: &[&TableStream], signs: Signs) -> (Generation, bool) {
    let parts = || {
        TELLING.into_iter().flat_map(|kind| {
            let records = records.iter().copied().filter(move |stream| stream.kind == kind);
            reader.parts(kind).chain(records)
        })
    };
    let by_columns = |proven: bool| {
        let hints = parts().filter_map(|stream| generation_hint(stream.kind, &stream.column_names()));
        hints.filter(|hint| hint.1 == proven).map(|hint| hint.0).next()
    };
    let by_rows = match signs {
        Signs { creator_role: true, .. } | Signs { open_rooms: true, .. } => Some(Generation::PersistentChat),
        Signs { legacy_kinds: true, .. } => Some(Generation::GroupChat),
        _ => None,
    };
    match by_columns(true).or(by_rows) {
        Some(generation) => (generation, true),
        None => {
            let by_caller = || parts().find_map(|stream| stream.generation);
            (by_columns(false).or_else(by_caller).unwrap_or(Generation::GroupChat), false)
        }
    }
}
