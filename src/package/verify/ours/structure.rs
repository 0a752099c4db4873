//! What `User.xml`, `Category.xml` and `RoomDirectory.xml` must say beyond their schema: everything
//! referred to exists, and no two things bear one identity.

use std::collections::{HashMap, HashSet};
use std::io::Read;

use super::grammar::{Element, Visitor, walk};
use super::ledger::Names;
use super::schema;
use crate::chat::{Guid, SipUri, Text};
use crate::package::read::value;
use crate::package::read::xml::Tag;
use crate::package::verify::fault;
use crate::package::verify::problem::{Problems, quote};

/// What the structure documents hold. `None` stands for a document that is not there.
#[derive(Debug, Default)]
pub(super) struct Structure {
    /// `Id` of every person, with the name under which it enters the identity of messages.
    pub(super) people: HashMap<u64, Text>,
    pub(super) categories: Option<Names>,
    pub(super) rooms: Option<Names>,
}

impl Structure {
    /// Reads `User.xml`.
    pub(super) fn read_users(&mut self, path: &str, input: &mut dyn Read, problems: &mut Problems) {
        let mut users = Users { path, structure: self, guids: HashSet::new() };
        walk(path, input, &schema::USERS, &mut users, problems);
    }

    /// Reads `Category.xml`; people must be known.
    pub(super) fn read_categories(&mut self, path: &str, input: &mut dyn Read, problems: &mut Problems) {
        self.categories = Some(Names::new());
        walk(path, input, &schema::CATEGORIES, &mut Nodes::new(path, self), problems);
    }

    /// Reads `RoomDirectory.xml`; people and categories must be known.
    pub(super) fn read_rooms(&mut self, path: &str, input: &mut dyn Read, problems: &mut Problems) {
        self.rooms = Some(Names::new());
        walk(path, input, &schema::ROOM_DIRECTORY, &mut Nodes::new(path, self), problems);
    }

    /// Checks a reference to a person.
    pub(super) fn check_person(&self, path: &str, tag: &Tag, name: &str, problems: &mut Problems) {
        if let Some(id) = tag.get(name).and_then(value::count)
            && !self.people.contains_key(&id)
        {
            refer(path, tag, &format!("person {id}"), problems);
        }
    }
}

fn refer(path: &str, tag: &Tag, what: &str, problems: &mut Problems) {
    let what = format!("line {}: {what} does not exist", tag.line);
    problems.add(&fault::DOC_REFERENCE, path, what);
}

fn doubled(path: &str, tag: &Tag, what: &str, problems: &mut Problems) {
    problems.add(&fault::DOC_DUPLICATE, path, format!("line {}: {what} stands twice", tag.line));
}

/// Returns the address in the source as it is compared, or the GUID where there is none.
fn author_name(tag: &Tag) -> Text {
    let address = value::text(tag, "SourceUri").ok().flatten().as_ref().and_then(SipUri::new);
    match address {
        Some(address) => address.address().clone(),
        None => Text::from(tag.get("Guid").unwrap_or_default()),
    }
}

struct Users<'a> {
    path: &'a str,
    structure: &'a mut Structure,
    guids: HashSet<Guid>,
}

impl Visitor for Users<'_> {
    fn start(&mut self, element: &'static Element, tag: &Tag, problems: &mut Problems) {
        if element.name != schema::PERSON.name {
            return;
        }
        if let Some(id) = tag.get("Id").and_then(value::count)
            && self.structure.people.insert(id, author_name(tag)).is_some()
        {
            doubled(self.path, tag, &format!("person {id}"), problems);
        }
        if let Some(guid) = tag.get("Guid").and_then(value::guid)
            && !self.guids.insert(guid)
        {
            doubled(self.path, tag, &format!("the GUID {guid}"), problems);
        }
    }
}

/// Categories, or add-ins and rooms.
struct Nodes<'a> {
    path: &'a str,
    structure: &'a mut Structure,
    add_ins: HashSet<Guid>,
}

impl Nodes<'_> {
    fn new<'a>(path: &'a str, structure: &'a mut Structure) -> Nodes<'a> {
        Nodes { path, structure, add_ins: HashSet::new() }
    }

    fn learn_name(&mut self, is_room: bool, tag: &Tag, problems: &mut Problems) {
        let names = if is_room { &mut self.structure.rooms } else { &mut self.structure.categories };
        let (Some(names), Some(guid)) = (names, tag.get("Guid").and_then(value::guid)) else { return };
        let name = value::text(tag, "Name").ok().flatten().unwrap_or_default();
        if names.insert(guid, name.to_lossy().into_owned()).is_some() {
            doubled(self.path, tag, &format!("the GUID {guid}"), problems);
        }
    }

    fn check_room(&self, tag: &Tag, problems: &mut Problems) {
        if let (Some(categories), Some(guid)) =
            (&self.structure.categories, tag.get("Category").and_then(value::guid))
            && !categories.contains_key(&guid)
        {
            refer(self.path, tag, &format!("category {guid}"), problems);
        }
        if let Some(guid) = tag.get("AddIn").and_then(value::guid)
            && !self.add_ins.contains(&guid)
        {
            refer(self.path, tag, &format!("add-in {guid}"), problems);
        }
    }
}

impl Visitor for Nodes<'_> {
    fn start(&mut self, element: &'static Element, tag: &Tag, problems: &mut Problems) {
        if element.name == schema::MEMBER.name {
            self.structure.check_person(self.path, tag, "Person", problems);
        } else if element.name == schema::CATEGORY.name {
            self.learn_name(false, tag, problems);
        } else if element.name == schema::ROOM.name {
            self.learn_name(true, tag, problems);
            self.check_room(tag, problems);
        } else if element.name == schema::ADD_IN.name
            && let Some(guid) = tag.get("Guid").and_then(value::guid)
            && !self.add_ins.insert(guid)
        {
            doubled(self.path, tag, &format!("add-in {}", quote(&guid.to_string())), problems);
        }
    }
}
