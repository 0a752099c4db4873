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
pub fn category_guid() -> Guid {
    derived_guid(&[b"category", b"unknown"])
}

/// Returns the rooms that the tree does not have, in the order of GUIDs.
pub(super) fn strangers<'a>(lineage: &Lineage, settled: &'a Settled) -> Vec<Stranger<'a>> {
    let is_known = |guid: Guid| lineage.find(guid).is_some_and(|at| lineage.is_room(at));
    let unknown = settled.rooms.iter().filter(|(guid, _)| !is_known(*guid));
    unknown.map(|(guid, facts)| Stranger { guid: *guid, facts }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::Privacy;
    use crate::migrate::world::World;

    #[test]
    fn rooms_of_documents_get_a_category_of_their_own() {
        let world = World::settled_root();
        world.documents_name(0x500, Some("Night desk"), true);
        world.documents_name(0x501, None, false);
        let planned = world.plan();
        assert_eq!(planned.room_names(), ["Night desk", "ma-chan://litware.example/1281"]);
        let category = planned.category("Unknown category");
        assert_eq!(category.guid, category_guid());
        let room = planned.room("Night desk");
        assert_eq!((room.category, room.privacy), (category.guid, Privacy::Secret));
        assert_eq!(room.uri, Some(Text::from("ma-chan://litware.example/1280")));
        assert_eq!(planned.told("ROOM-NO-CATEGORY").len(), 2);
        assert_eq!(planned.told("ROOM-NO-GUID"), ["warning ma-chan://litware.example/1281"]);
    }

    #[test]
    fn a_room_of_the_tree_that_documents_name_too_is_one_room_with_its_address() {
        let mut world = World::settled_root();
        world.category("A");
        let guid = world.room("A\\R").guid;
        world.documents_name(guid.as_u128(), Some("Another name"), true);
        let planned = world.plan();
        assert_eq!(planned.room_names(), ["R"]);
        assert!(planned.room("R").uri.is_some() && planned.told("ROOM-NO-CATEGORY").is_empty());
    }

    #[test]
    fn names_of_documents_collide_like_others() {
        let mut world = World::settled_root();
        world.category("A");
        world.room("A\\Desk");
        world.documents_name(0x500, Some("desk"), true);
        let planned = world.plan();
        assert_eq!(planned.room_names(), ["Desk", "desk~00000000"]);
        assert_eq!(planned.told("NAME-DUP-ROOM"), ["error desk"]);
    }

    #[test]
    fn a_room_without_name_and_address_is_called_by_its_guid() {
        let facts = RoomFacts::default();
        let stranger = Stranger { guid: Guid::from_u128(1), facts: &facts };
        assert_eq!(stranger.name(), Text::from("Room 00000000-0000-0000-0000-000000000001"));
    }

    #[test]
    fn a_tree_without_root_has_no_category_for_rooms_at_its_top() {
        let mut world = World::without_root();
        world.room("Hall");
        world.category("A");
        world.room("A\\R");
        let planned = world.plan();
        assert_eq!(planned.room("Hall").category, category_guid());
        assert_eq!(planned.room("R").category, planned.category("A").guid);
        assert_eq!(planned.told("ROOM-NO-CATEGORY"), ["warning Hall"]);
    }

    #[test]
    fn an_earlier_packages_category_for_such_rooms_is_used_again() {
        let mut world = World::settled_root();
        world.category("Unknown category").guid = category_guid();
        world.documents_name(0x500, Some("Night desk"), true);
        let planned = world.plan();
        assert_eq!(planned.category_names(), ["Unknown category"]);
        assert_eq!(planned.room("Night desk").category, category_guid());
    }
}
