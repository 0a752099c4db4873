//! Rooms that messages or documents name and no table describes.
//!
//! Their history is kept, so they need a place: one category of their own. As they are secret and
//! have no members, nobody sees them until an administrator has looked.

use super::lineage::Lineage;
use super::paths::clipped;
use crate::chat::{Guid, RoomFacts, Settled, Text, derived_guid};

/// The name of the category for rooms whose category nobody knows.
pub(super) const CATEGORY_NAME: &str = "Unknown category";

/// A room known only from documents.
pub(super) struct Stranger<'a> {
    /// Its GUID, or a derived one.
    pub guid: Guid,
    /// What documents say of it.
    pub facts: &'a RoomFacts,
}

impl Stranger<'_> {
    /// Returns the name that documents have for it, else its address, else its GUID, clipped.
    pub fn name(&self) -> Text {
        let facts = self.facts;
        let known = [&facts.name, &facts.uri].into_iter().flatten().find(|name| !name.is_empty());
        known.map_or_else(|| Text::from(format!("Room {}", self.guid)), clipped)
    }
}

/// Returns the GUID of the category for rooms whose category nobody knows.
pub(super) fn category_guid() -> Guid {
    derived_guid(&[b"category", b"unknown"])
}

/// Returns the rooms that the tree does not have, in the order of GUIDs.
pub(super) fn strangers<'a>(lineage: &Lineage, settled: &'a Settled) -> Vec<Stranger<'a>> {
    let is_known = |guid: Guid| lineage.find(guid).is_some_and(|at| lineage.is_room(at));
    let unknown = settled.rooms.iter().filter(|(guid, _)| !is_known(*guid));
    unknown.map(|(guid, facts)| Stranger { guid: *guid, facts }).collect()
}
