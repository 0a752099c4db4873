//! What the numbers in the records of one dump stand for.

use std::collections::{HashMap, HashSet};

use crate::chat::{Author, Directory, Guid, NodeKind, PersonKey, RoomFacts, RoomKey, RoomUri, Text};
use crate::groupchat::structure::DumpStructure;

/// The numbers of one dump, as readers of its records need them.
#[derive(Debug, Clone, Default)]
pub struct Database {
    /// How findings name the dump.
    pub name: String,
    /// The GUID of its root node; nil where it is unknown.
    pub guid: Guid,
    /// Whether it has a `tblNode`, so that a room without a node is odd.
    pub has_nodes: bool,
    rooms: HashMap<i64, RoomKey>,
    categories: HashSet<i64>,
    people: HashMap<i64, PersonKey>,
}

impl Database {
    pub(super) fn new(dump: &DumpStructure, directory: &Directory) -> Database {
        let mut rooms = HashMap::new();
        let mut categories = HashSet::new();
        for node in dump.nodes.iter().map(|node| &node.node) {
            if node.kind == NodeKind::Category {
                categories.insert(node.number);
                continue;
            }
            let room = directory.room(node.guid);
            directory.learn_room(room, RoomFacts { guid_known: node.guid_known, ..RoomFacts::default() });
            rooms.insert(node.number, room);
        }
        let people = dump.principals.iter();
        Database {
            name: dump.name.clone(),
            guid: dump.database,
            has_nodes: dump.has_nodes,
            rooms,
            categories,
            people: people.map(|(&number, who)| (number, directory.person(&who.author))).collect(),
        }
    }

    /// Returns the room with this `nodeID`; `None` if no room of `tblNode` has it.
    pub fn room(&self, number: i64) -> Option<RoomKey> {
        self.rooms.get(&number).copied()
    }

    /// Tells whether a category has this `nodeID`.
    pub fn is_category(&self, number: i64) -> bool {
        self.categories.contains(&number)
    }

    /// Returns the key of a room of which nothing but its number is known. Rooms of one number in
    /// two databases are two rooms; those of databases without identity cannot be told apart.
    pub fn numbered_room(&self, number: i64, directory: &Directory) -> RoomKey {
        let mut uri = RoomUri::numbered(number);
        if !self.guid.is_nil() {
            uri.domain = Text::from(self.guid.to_string());
        }
        let room = directory.room(uri.guid().0);
        let name = Some(Text::from(format!("Room {number}")));
        directory.learn_room(room, RoomFacts { name, ..RoomFacts::default() });
        room
    }

    /// Returns the principal with this `prinID`, or one that is known by it alone.
    pub fn person(&self, number: i64, directory: &Directory) -> PersonKey {
        match self.people.get(&number) {
            Some(&person) => person,
            None => directory.person(&Author::Numbered { database: self.guid, number }),
        }
    }
}
