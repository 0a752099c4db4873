//! What both sides say of people, categories and rooms, with one numbering of the people of both.

use std::collections::HashMap;

use crate::chat::{Guid, Text};
use crate::error::{Error, Result};
use crate::package::Level;
use crate::package::read::{Document, Documents, Entities, Entity, EntityShape};

use super::difference::Named;

/// People.
pub(super) const PERSON: EntityShape = EntityShape {
    root: "Users",
    element: "Person",
    attributes: &[
        "Name",
        "Uri",
        "SourceUri",
        "Type",
        "Disabled",
        "Email",
        "Company",
        "DirectoryPath",
        "UserPrincipalName",
        "NewGuid",
        "NewUserPrincipalName",
    ],
    lists: &[],
};

/// Categories.
pub(super) const CATEGORY: EntityShape = EntityShape {
    root: "Categories",
    element: "Category",
    attributes: &[
        "Name",
        "Description",
        "Invitations",
        "ChatHistory",
        "FileUpload",
        "AllowedMembers/Unrestricted",
    ],
    lists: &["AllowedMembers", "DeniedMembers", "Creators"],
};

/// Add-ins.
pub(super) const ADD_IN: EntityShape =
    EntityShape { root: "RoomDirectory", element: "AddIn", attributes: &["Name", "Url"], lists: &[] };

/// Rooms.
pub(super) const ROOM: EntityShape = EntityShape {
    root: "RoomDirectory",
    element: "Room",
    attributes: &[
        "Name",
        "Category",
        "Description",
        "Topic",
        "Privacy",
        "Behavior",
        "Invitations",
        "Disabled",
        "AddIn",
        "LastChatId",
        "Uri",
    ],
    lists: &["Members", "Managers", "Presenters"],
};

/// What one side says.
#[derive(Debug)]
pub(super) struct Structure {
    pub(super) level: Level,
    pub(super) people: Entities,
    pub(super) add_ins: Entities,
    pub(super) categories: Entities,
    pub(super) rooms: Entities,
    /// Whom an `Id` of this side stands for, in the numbering of both.
    pub(super) numbers: HashMap<u64, u32>,
}

/// Both sides.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) sides: [Structure; 2],
    /// All people of both, in the order of GUIDs: their positions are the numbering of both.
    pub(super) people: Vec<Guid>,
}

impl Model {
    /// Reads the structure of both sides, each of its level. Memory: all of it.
    ///
    /// # Errors
    /// [`Error::Unusable`] with the place of what is damaged or missing, [`Error::Read`].
    pub(super) fn read(sides: [(&Documents, Level); 2]) -> Result<Model> {
        let people =
            |documents: &Documents| PERSON.read_numbered(&documents.users.name, documents.users.open()?);
        let [a, b] = [people(sides[0].0)?, people(sides[1].0)?];
        let mut guids: Vec<Guid> = a.0.iter().chain(&b.0).map(|person| person.guid).collect();
        guids.sort_unstable();
        guids.dedup();
        let place = |guid: &Guid| guids.binary_search(guid).map_or(u32::MAX, |place| place as u32);
        let structure = |(documents, level): (&Documents, Level),
                         (people, ids): (Entities, HashMap<u64, Guid>)| {
            let numbers = ids.iter().map(|(id, guid)| (*id, place(guid))).collect();
            Structure::read(documents, level, people, numbers)
        };
        let sides = [structure(sides[0], a)?, structure(sides[1], b)?];
        Ok(Model { sides, people: guids })
    }

    /// Returns a person by the numbering of both.
    pub(super) fn person(&self, number: u32) -> Named {
        let guid = self.people.get(number as usize).copied().unwrap_or_default();
        self.named(guid, |side| &side.people, &PERSON)
    }

    /// Returns a room.
    pub(super) fn room(&self, guid: Guid) -> Named {
        self.named(guid, |side| &side.rooms, &ROOM)
    }

    fn named(&self, guid: Guid, list: fn(&Structure) -> &Entities, shape: &EntityShape) -> Named {
        let find = |side| {
            let entities = list(side);
            let at = entities.binary_search_by_key(&guid, |entity| entity.guid).ok()?;
            entities.get(at)
        };
        let name = self.sides.iter().filter_map(find).find_map(|entity| name(shape, entity));
        Named { guid, name }
    }
}

/// Returns what an entity is called: people without a name by their address.
pub(super) fn name(shape: &EntityShape, entity: &Entity) -> Option<Text> {
    let called = |attribute: &&str| shape.value(entity, attribute).filter(|name| !name.is_empty());
    ["Name", "Uri", "SourceUri"].iter().find_map(called).cloned()
}

impl Structure {
    fn read(
        documents: &Documents,
        level: Level,
        people: Entities,
        numbers: HashMap<u64, u32>,
    ) -> Result<Structure> {
        let read = |shape: &EntityShape, document: &Option<Document>, has: bool, file: &str| {
            if !has {
                return Ok(Entities::new());
            }
            let document = document.as_ref().ok_or_else(|| missing(documents, level, file))?;
            shape.read(&document.name, document.open()?, &numbers)
        };
        let (has_categories, has_rooms) = (level.has_categories(), level.has_rooms());
        let categories = read(&CATEGORY, &documents.categories, has_categories, "Category.xml")?;
        let add_ins = read(&ADD_IN, &documents.room_directory, has_rooms, "RoomDirectory.xml")?;
        let rooms = read(&ROOM, &documents.room_directory, has_rooms, "RoomDirectory.xml")?;
        Ok(Structure { level, people, add_ins, categories, rooms, numbers })
    }
}

fn missing(documents: &Documents, level: Level, file: &str) -> Error {
    Error::Unusable {
        input: documents.users.name.clone(),
        why: format!("a package of level {} has a {file} beside it, and there is none", level.name()),
        hint: "the package is damaged: use another copy, or make it anew".to_owned(),
    }
}
