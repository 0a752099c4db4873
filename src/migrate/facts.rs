//! Facts: all that single categories and rooms are planned from.

use super::lineage::Lineage;
use super::membership::Membership;
use super::paths::Paths;
use super::roster::{CategoryOrigin, Ground};
use super::scopes::Scopes;
use super::settings::Settings;
use crate::chat::{AddIn, Guid, RoomFacts, Settled, Text};
use crate::migrate::Options;

/// What was found out about the tree, by position of the node.
pub(super) struct Facts<'a> {
    pub ground: &'a Ground<'a>,
    pub lineage: &'a Lineage<'a>,
    pub paths: &'a Paths,
    pub settled: &'a Settled,
    pub options: &'a Options,
    pub settings: Vec<Settings>,
    pub membership: Membership<'a>,
    pub scopes: Scopes,
    pub add_ins: Vec<AddIn>,
}

impl<'a> Facts<'a> {
    /// Finds out what there is to know.
    pub fn new(
        ground: &'a Ground<'a>,
        settled: &'a Settled,
        options: &'a Options,
        add_ins: Vec<AddIn>,
    ) -> Facts<'a> {
        let lineage = ground.lineage;
        Facts {
            ground,
            lineage,
            paths: ground.paths,
            settled,
            options,
            settings: Settings::of_all(lineage),
            membership: Membership::new(lineage, settled),
            scopes: Scopes::new(lineage, settled),
            add_ins,
        }
    }

    /// Returns the path of the topmost node above.
    pub fn top_name(&self, at: usize) -> &Text {
        &self.paths.old[self.lineage.top(at)]
    }

    /// Returns the settings of a category.
    pub fn category_settings(&self, category: CategoryOrigin) -> &Settings {
        match category {
            CategoryOrigin::Node(at) => &self.settings[at],
            CategoryOrigin::Unknown => &Settings::UNSET,
        }
    }

    /// Returns the node whose scope rows apply to a category.
    pub fn category_definer(&self, category: CategoryOrigin) -> Option<usize> {
        match category {
            CategoryOrigin::Node(at) => self.scopes.definer(self.lineage, at),
            CategoryOrigin::Unknown => None,
        }
    }

    /// Returns what documents say of a room.
    pub fn room_facts(&self, room: Guid) -> Option<&RoomFacts> {
        self.settled.find_room(room).map(|at| &self.settled.rooms[at].1)
    }

    /// Returns the groups a person is known to lie in.
    pub fn groups(&self, person: usize) -> Option<&[usize]> {
        self.options.affiliations.get(&person).map(Vec::as_slice)
    }
}
