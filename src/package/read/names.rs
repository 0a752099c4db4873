//! What people, rooms and categories of a package are called, for whoever shows its messages.

use std::collections::HashMap;
use std::io::Read;

use super::structure::{Step, walk};
use super::value;
use super::xml::Tag;
use crate::chat::{Guid, Text};
use crate::error::Result;

/// A person of a package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonName {
    /// The person's GUID.
    pub guid: Guid,
    /// Display name.
    pub name: Option<Text>,
    /// Address in the new world.
    pub uri: Option<Text>,
}

/// A room of a package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoomName {
    /// Its name.
    pub name: Option<Text>,
    /// The GUID of its category.
    pub category: Option<Guid>,
}

/// The names of a package. Takes memory in proportion to people and rooms.
#[derive(Debug, Default)]
pub struct Names {
    /// People by `Id`.
    pub people: HashMap<u64, PersonName>,
    /// Rooms by GUID.
    pub rooms: HashMap<Guid, RoomName>,
    /// Names of categories by GUID.
    pub categories: HashMap<Guid, Option<Text>>,
}

impl Names {
    /// Learns what a document says: `User.xml`, `Category.xml` or `RoomDirectory.xml`, which has this root.
    ///
    /// # Errors
    /// [`Error::Unusable`](crate::Error::Unusable) if it is damaged, [`Error::Read`](crate::Error::Read).
    pub fn learn(&mut self, name: &str, reader: impl Read, root: &str) -> Result<()> {
        walk(name, reader, root, &mut |step| match step {
            Step::Start(2, tag) => self.take(tag),
            _ => Ok(()),
        })
    }

    /// Returns the name of a room's category.
    pub fn category_of(&self, room: &RoomName) -> Option<&Text> {
        self.categories.get(room.category.as_ref()?)?.as_ref()
    }

    fn take(&mut self, tag: &Tag) -> std::result::Result<(), String> {
        let guid = tag.get("Guid").and_then(value::guid);
        let id = tag.get("Id").and_then(value::count);
        match (tag.name(), guid, id) {
            ("Person", guid, Some(id)) => {
                let (name, uri) = (value::text(tag, "Name")?, value::text(tag, "Uri")?);
                self.people.insert(id, PersonName { guid: guid.unwrap_or_default(), name, uri });
            }
            ("Category", Some(guid), _) => {
                self.categories.insert(guid, value::text(tag, "Name")?);
            }
            ("Room", Some(guid), _) => {
                let category = tag.get("Category").and_then(value::guid);
                self.rooms.insert(guid, RoomName { name: value::text(tag, "Name")?, category });
            }
            _ => {}
        }
        Ok(())
    }
}
