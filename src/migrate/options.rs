//! What the user asked for, and what a run knows beyond tree and directory.

use std::collections::{BTreeMap, BTreeSet};

use super::{PeopleMap, TargetNames};
use crate::chat::{Guid, HistoryFacts, Text};

/// Which rooms below a subcategory take its path into their name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RoomPrefix {
    /// All of them, as the vendor's export does ("Migration process - details").
    #[default]
    Always,
    /// Those alone whose own name another room or a category has too.
    OnCollision,
}

/// How the tree is to be flattened, and what of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// What joins the segments of a path that becomes a name (`--separator`); `_` by default.
    pub separator: Text,
    /// Which rooms take the path of their category into their name (`--prefix-rooms`).
    pub room_prefix: RoomPrefix,
    /// The categories to keep, with everything below them (`--scope`); empty keeps all. Each is a
    /// legacy path with `\` or `/`, a legacy name, or a new name, in any case.
    pub scope: Vec<Text>,
    /// Whether disabled rooms are left out (`--without-disabled-rooms`).
    pub without_disabled_rooms: bool,
    /// New addresses of people (`--people-map`).
    pub people_map: Option<PeopleMap>,
    /// What the target has already (`--target`).
    pub target: Option<TargetNames>,
    /// Positions of the people who wrote a message or figure in an event. Findings about people are
    /// told of these, and of those with a role or in a scope.
    pub authors: BTreeSet<usize>,
    /// The groups, containers and domains that a person lies in, directly or not
    /// (`tblPrincipalAffiliations`), by position. A person without an entry is not known well enough
    /// to be judged against a scope that holds groups.
    pub affiliations: BTreeMap<usize, Vec<usize>>,
    /// What the messages of each room say, where it has any.
    pub histories: BTreeMap<Guid, HistoryFacts>,
    /// How many messages were written on each day (UTC), counted from 0001-01-01.
    pub days: BTreeMap<i64, u64>,
    /// Rows of tables that nothing brings into the new world, by the table's name.
    pub left: BTreeMap<&'static str, u64>,
    /// The most entries that all role lists together may have before the tree is refused, since
    /// they must fit in memory.
    pub most_role_entries: u64,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            separator: Text::from("_"),
            room_prefix: RoomPrefix::default(),
            scope: Vec::new(),
            without_disabled_rooms: false,
            people_map: None,
            target: None,
            authors: BTreeSet::new(),
            affiliations: BTreeMap::new(),
            histories: BTreeMap::new(),
            days: BTreeMap::new(),
            left: BTreeMap::new(),
            most_role_entries: 20_000_000,
        }
    }
}
