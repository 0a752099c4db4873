//! The roster: which categories and rooms there shall be, before anything is said of them.

use std::collections::BTreeMap;

use super::lineage::Lineage;
use super::names::{self, Wanted};
use super::paths::{self, Paths};
use super::strangers::{self, Stranger};
use crate::chat::{Guid, Text};
use crate::ledger::Findings;
use crate::migrate::{NameKind, RoomPrefix};

/// Where a room of the flat world comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RoomOrigin {
    /// A node of the tree, by position.
    Node(usize),
    /// A room known only from documents, by position among these.
    Stranger(usize),
}

/// Where a category of the flat world comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CategoryOrigin {
    /// A node of the tree, by position.
    Node(usize),
    /// Nowhere: it is for rooms whose category nobody knows.
    Unknown,
}

/// All that names and places are made of.
pub(super) struct Ground<'a> {
    pub lineage: &'a Lineage<'a>,
    pub paths: &'a Paths,
    pub strangers: &'a [Stranger<'a>],
    pub room_prefix: RoomPrefix,
}

impl Ground<'_> {
    /// Lists all rooms: those of the tree, then those known only from documents.
    pub fn rooms(&self) -> impl Iterator<Item = RoomOrigin> + '_ {
        let nodes = (0..self.lineage.nodes.len()).filter(|&at| self.lineage.is_room(at));
        nodes.map(RoomOrigin::Node).chain((0..self.strangers.len()).map(RoomOrigin::Stranger))
    }

    /// Lists the categories of the tree, roots included.
    pub fn categories(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.lineage.nodes.len()).filter(|&at| !self.lineage.is_room(at))
    }

    /// Returns the category of a room.
    pub fn home(&self, room: RoomOrigin) -> CategoryOrigin {
        let above = match room {
            RoomOrigin::Node(at) => self.lineage.parent(at),
            RoomOrigin::Stranger(_) => None,
        };
        above.map_or(CategoryOrigin::Unknown, CategoryOrigin::Node)
    }

    /// Returns the GUID of a room.
    pub fn room_guid(&self, room: RoomOrigin) -> Guid {
        match room {
            RoomOrigin::Node(at) => self.lineage.nodes[at].guid,
            RoomOrigin::Stranger(at) => self.strangers[at].guid,
        }
    }

    /// Returns the GUID of a category.
    pub fn category_guid(&self, category: CategoryOrigin) -> Guid {
        match category {
            CategoryOrigin::Node(at) => self.lineage.nodes[at].guid,
            CategoryOrigin::Unknown => strangers::category_guid(),
        }
    }

    /// Returns the legacy path of a room.
    pub fn room_path(&self, room: RoomOrigin) -> Text {
        match room {
            RoomOrigin::Node(at) => self.paths.old[at].clone(),
            RoomOrigin::Stranger(at) => self.strangers[at].name(),
        }
    }

    /// Returns the legacy path of a category.
    pub fn category_path(&self, category: CategoryOrigin) -> Text {
        match category {
            CategoryOrigin::Node(at) => self.paths.old[at].clone(),
            CategoryOrigin::Unknown => Text::from(strangers::CATEGORY_NAME),
        }
    }

    /// Returns the name of a room without any path.
    fn own_name(&self, room: RoomOrigin) -> Text {
        match room {
            RoomOrigin::Node(at) => paths::clipped(&self.lineage.nodes[at].name),
            RoomOrigin::Stranger(_) => self.room_path(room),
        }
    }

    fn wanted_by_room(&self, room: RoomOrigin) -> Wanted {
        let old_path = self.room_path(room);
        let name = match room {
            RoomOrigin::Node(at) => self.paths.flat[at].clone(),
            RoomOrigin::Stranger(_) => old_path.clone(),
        };
        Wanted { kind: NameKind::Room, guid: self.room_guid(room), old_path, name }
    }

    fn wanted_by_category(&self, category: CategoryOrigin) -> Wanted {
        let old_path = self.category_path(category);
        let name = match category {
            CategoryOrigin::Node(at) => self.paths.flat[at].clone(),
            CategoryOrigin::Unknown => old_path.clone(),
        };
        Wanted { kind: NameKind::Category, guid: self.category_guid(category), old_path, name }
    }
}

/// The categories and rooms of the flat world, each list in the order of GUIDs.
#[derive(Debug, Default)]
pub(super) struct Roster {
    /// The categories.
    pub categories: Vec<CategoryOrigin>,
    /// The rooms.
    pub rooms: Vec<RoomOrigin>,
}

impl Roster {
    /// Lists the rooms and categories that are kept, and the categories that kept rooms need. A
    /// root is listed only if a room needs it.
    pub fn new(
        ground: &Ground,
        keeps_room: impl Fn(RoomOrigin) -> bool,
        keeps_category: impl Fn(usize) -> bool,
    ) -> Roster {
        let mut rooms: Vec<RoomOrigin> = ground.rooms().filter(|&room| keeps_room(room)).collect();
        let mut listed: Vec<bool> = vec![false; ground.lineage.nodes.len()];
        for at in ground.categories() {
            listed[at] = !ground.lineage.is_root(at) && keeps_category(at);
        }
        let mut categories = Vec::new();
        for &room in &rooms {
            match ground.home(room) {
                CategoryOrigin::Node(at) => listed[at] = true,
                CategoryOrigin::Unknown => categories = vec![CategoryOrigin::Unknown],
            }
        }
        categories.extend(ground.categories().filter(|&at| listed[at]).map(CategoryOrigin::Node));
        categories.sort_by_key(|&category| ground.category_guid(category));
        rooms.sort_by_key(|&room| ground.room_guid(room));
        Roster { categories, rooms }
    }

    /// Gives rooms their own names where these stand alone; the names wanted are in the order of the
    /// roster. A room whose own name another one or a category has too keeps its path.
    fn shorten(&self, ground: &Ground, wanted: &mut [Wanted]) {
        let own: Vec<Text> = self.rooms.iter().map(|&room| ground.own_name(room)).collect();
        let mut bearers: BTreeMap<Text, usize> = BTreeMap::new();
        let (categories, rooms) = wanted.split_at_mut(self.categories.len());
        for name in categories.iter().map(|category| &category.name).chain(&own) {
            *bearers.entry(names::comparison_key(name)).or_default() += 1;
        }
        for (room, own) in rooms.iter_mut().zip(own) {
            if bearers.get(&names::comparison_key(&own)) == Some(&1) {
                room.name = own;
            }
        }
    }

    /// Gives every category and room its name, in the order of the roster.
    pub fn names(&self, ground: &Ground, findings: &mut Findings) -> (Vec<Text>, Vec<Text>) {
        let categories = self.categories.iter().map(|&category| ground.wanted_by_category(category));
        let rooms = self.rooms.iter().map(|&room| ground.wanted_by_room(room));
        let mut wanted: Vec<Wanted> = categories.chain(rooms).collect();
        if ground.room_prefix == RoomPrefix::OnCollision {
            self.shorten(ground, &mut wanted);
        }
        let mut categories = names::assign(&wanted, findings);
        let rooms = categories.split_off(self.categories.len());
        (categories, rooms)
    }
}
