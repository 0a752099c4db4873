//! People, categories, add-ins and rooms of a package, as the nouns of the legacy tree in the shape
//! that Persistent Chat gave it: flat categories at the top, rooms below them.

use std::collections::HashMap;
use std::io::Read;

use super::value::{self, NAMESPACE};
use super::xml::{Broken, Elements, Piece, Tag};
use crate::chat::{
    AddIn, Author, Directory, Generation, Guid, Node, NodeKind, Origin, PersonFacts, PersonKey, PersonKind,
    Role, RoleEntry, RoomFacts, RoomUri, ScopeEntry, SipUri, Text, Ticks, Tree, Visibility,
};
use crate::error::Error;
use crate::migrate::unknown_category_guid;

/// What a package says of people and rooms.
#[derive(Debug, Clone, Default)]
pub struct PackageStructure {
    /// Categories, rooms and add-ins.
    pub tree: Tree,
    /// Whether `RoomDirectory.xml` told of the rooms.
    pub(super) has_room_directory: bool,
    people: HashMap<u64, PersonKey>,
}

impl PackageStructure {
    /// Returns the principal that stands under this `Id` in the package's `User.xml`.
    pub fn person(&self, id: u64) -> Option<PersonKey> {
        self.people.get(&id).copied()
    }
}

/// The three documents that hold the structure of a package; the last two are missing in packages
/// of people alone.
#[derive(Debug)]
pub struct StructureDocuments<R> {
    /// What to call the package in messages.
    pub name: String,
    /// `User.xml`.
    pub users: R,
    /// `Category.xml`.
    pub categories: Option<R>,
    /// `RoomDirectory.xml`.
    pub room_directory: Option<R>,
}

/// Reads the structure of a package. What it says of people and of rooms' addresses goes to the
/// directory.
///
/// A person known by address alone, or not at all, comes back as such; every other one is a
/// principal with its GUID, also a placeholder, so that it is the same person in the next package.
/// A room that was put into the category for rooms of documents comes back as such a room, known to
/// the directory alone, so that no placeholder outdoes a room that a dump describes.
///
/// # Errors
/// [`Error::Unusable`] if a document is damaged: without it messages would lose their authors and
/// rooms. [`Error::Read`] if it cannot be read.
pub fn read_structure<R: Read>(
    documents: StructureDocuments<R>,
    directory: &Directory,
) -> crate::Result<PackageStructure> {
    let name = documents.name.as_str();
    let has_room_directory = documents.room_directory.is_some();
    let mut out = PackageStructure { has_room_directory, ..PackageStructure::default() };
    let users = document(name, "User.xml");
    walk(&users, documents.users, "Users", &mut |step| learn_person(step, directory, &mut out.people))?;
    let mut nodes = Nodes { people: &out.people, tree: &mut out.tree, open: None, list: None };
    if let Some(reader) = documents.categories {
        walk(&document(name, "Category.xml"), reader, "Categories", &mut |step| nodes.category(step))?;
    }
    if let Some(reader) = documents.room_directory {
        let name = document(name, "RoomDirectory.xml");
        walk(&name, reader, "RoomDirectory", &mut |step| nodes.room(step, directory))?;
    }
    out.tree.nodes.sort_by_key(|node| node.guid);
    out.tree.nodes.dedup_by_key(|node| node.guid);
    out.tree.add_ins.sort();
    out.tree.add_ins.dedup();
    Ok(out)
}

fn document(package: &str, document: &str) -> String {
    format!("{package}: {document}")
}

/// What to do about a package with a document that cannot be used.
pub(super) const DAMAGED_HINT: &str =
    "the package is damaged: `gc2pc verify` tells how; make it anew or use another copy";

/// An element below the root: its start with its depth (2 for the root's children), or its end.
pub(super) enum Step<'a> {
    Start(usize, &'a Tag),
    End(usize),
}

/// Walks a document of the package. What `visit` refuses makes the document unusable.
pub(super) fn walk(
    name: &str,
    reader: impl Read,
    root: &str,
    visit: &mut dyn FnMut(Step<'_>) -> Result<(), String>,
) -> crate::Result<()> {
    let mut elements = Elements::new(reader);
    loop {
        let depth = elements.depth();
        let outcome = match elements.next() {
            Ok(None) => return Ok(()),
            Ok(Some(Piece::Text(_))) => Ok(()),
            Ok(Some(Piece::End)) => visit(Step::End(depth)),
            Ok(Some(Piece::Start(tag))) if depth > 0 => visit(Step::Start(depth + 1, tag)),
            Ok(Some(Piece::Start(tag))) => {
                let ours = tag.name() == root && tag.get("xmlns") == Some(NAMESPACE);
                if ours { Ok(()) } else { Err(format!("its root is not `{root}` of {NAMESPACE}")) }
            }
            Err(Broken::Document { detail, .. }) => Err(detail),
            Err(Broken::Input(cause)) => return Err(Error::read(name, cause)),
        };
        if let Err(why) = outcome {
            let (line, byte) = elements.place();
            return Err(Error::Unusable {
                input: name.to_owned(),
                why: format!("{why} (before line {line}, byte {byte})"),
                hint: DAMAGED_HINT.to_owned(),
            });
        }
    }
}

fn learn_person(
    step: Step<'_>,
    directory: &Directory,
    people: &mut HashMap<u64, PersonKey>,
) -> Result<(), String> {
    let Step::Start(2, tag) = step else { return Ok(()) };
    let id = required(tag, "Id", value::count)?;
    let guid = required(tag, "Guid", value::guid)?;
    let uri = match value::text(tag, "SourceUri")? {
        Some(uri) => Some(uri),
        None => value::text(tag, "Uri")?,
    };
    let author = author(guid, uri.as_ref());
    let key = directory.person(&author);
    let facts = PersonFacts {
        rank: Origin::rank(origin(tag)?, matches!(author, Author::Principal(_))),
        at: 0,
        name: value::text(tag, "Name")?,
        uri,
        email: value::text(tag, "Email")?,
        company: value::text(tag, "Company")?,
        directory_path: value::text(tag, "DirectoryPath")?,
        user_principal_name: value::text(tag, "UserPrincipalName")?,
        kind: Some(required(tag, "Type", PersonKind::from_name)?),
        disabled: required(tag, "Disabled", |text| match text {
            "0" => Some(0),
            "1" => Some(1),
            "2" => Some(2),
            _ => None,
        })?,
    };
    directory.learn_person(key, facts);
    match people.insert(id, key) {
        None => Ok(()),
        Some(_) => Err(format!("two persons have the Id {id}")),
    }
}

/// Tells how a person was named where the package was made, by what its GUID was derived from.
fn author(guid: Guid, uri: Option<&Text>) -> Author {
    let by_address = uri.and_then(SipUri::new).map(Author::Address);
    by_address
        .into_iter()
        .chain([Author::Unnamed])
        .find(|author| author.guid() == guid)
        .unwrap_or(Author::Principal(guid))
}

/// Which list of a category or room is being read.
#[derive(Clone, Copy)]
enum List {
    Scope { denied: bool },
    Role(Role),
}

struct Nodes<'a> {
    people: &'a HashMap<u64, PersonKey>,
    tree: &'a mut Tree,
    open: Option<Node>,
    list: Option<List>,
}

impl Nodes<'_> {
    fn category(&mut self, step: Step<'_>) -> Result<(), String> {
        match step {
            Step::Start(2, tag) => {
                let mut node = node(tag, NodeKind::Category, self.tree.nodes.len())?;
                node.invitations = Some(required(tag, "Invitations", value::flag)?);
                node.history = Some(required(tag, "ChatHistory", value::flag)?);
                node.file_upload = Some(required(tag, "FileUpload", value::flag)?);
                self.open = Some(node);
                Ok(())
            }
            step => self.below(step),
        }
    }

    fn room(&mut self, step: Step<'_>, directory: &Directory) -> Result<(), String> {
        match step {
            Step::Start(2, tag) if tag.name() == "AddIn" => {
                self.tree.add_ins.push(AddIn {
                    guid: required(tag, "Guid", value::guid)?,
                    name: value::text(tag, "Name")?.unwrap_or_default(),
                    url: value::text(tag, "Url")?.unwrap_or_default(),
                });
                Ok(())
            }
            Step::Start(2, tag) => {
                let node = room(tag, self.tree.nodes.len())?;
                learn_room(tag, &node, directory)?;
                self.open = Some(node);
                Ok(())
            }
            step => self.below(step),
        }
    }

    /// Lists of people, and the end of a node.
    fn below(&mut self, step: Step<'_>) -> Result<(), String> {
        match (step, &mut self.open) {
            (Step::Start(3, tag), _) => self.list = list(tag.name()),
            (Step::Start(4, tag), Some(node)) => {
                let id = required(tag, "Person", value::count)?;
                let person = self.people.get(&id).copied();
                let person = person.ok_or_else(|| format!("no person has the Id {id}"))?;
                match self.list {
                    Some(List::Scope { denied }) => node.scopes.push(ScopeEntry { denied, person }),
                    Some(List::Role(role)) => node.roles.push(RoleEntry { role, person }),
                    None => {}
                }
            }
            (Step::End(2), open) => {
                if let Some(mut node) = open.take().filter(|node| !is_placeholder(node)) {
                    node.parent = node.parent.filter(|&parent| parent != unknown_category_guid());
                    node.scopes.sort();
                    node.scopes.dedup();
                    node.roles.sort();
                    node.roles.dedup();
                    self.tree.nodes.push(node);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// Tells whether the package made up a node to have a place for messages.
fn is_placeholder(node: &Node) -> bool {
    let unknown = unknown_category_guid();
    let is_of_it = match node.kind {
        NodeKind::Category => node.guid == unknown,
        NodeKind::Room => node.parent == Some(unknown),
    };
    is_of_it && node.origin.is_none()
}

fn list(name: &str) -> Option<List> {
    Some(match name {
        "AllowedMembers" => List::Scope { denied: false },
        "DeniedMembers" => List::Scope { denied: true },
        "Creators" => List::Role(Role::Creator),
        "Members" => List::Role(Role::Member),
        "Managers" => List::Role(Role::Manager),
        "Presenters" => List::Role(Role::Presenter),
        _ => return None,
    })
}

/// Makes what categories and rooms have in common. The flat model knows no definers: what stands in
/// the document is in force.
fn node(tag: &Tag, kind: NodeKind, before: usize) -> Result<Node, String> {
    let guid = required(tag, "Guid", value::guid)?;
    let number = i64::try_from(before).unwrap_or(i64::MAX).saturating_add(1);
    let name = value::text(tag, "Name")?.ok_or("a Name is missing")?;
    Ok(Node {
        description: value::text(tag, "Description")?.unwrap_or_default(),
        origin: origin(tag)?,
        ..Node::new(guid, number, kind, name, Generation::PersistentChat)
    })
}

/// Reads which dump something was taken from.
fn origin(tag: &Tag) -> Result<Option<Origin>, String> {
    let generation = optional(tag, "SourceGeneration", value::generation)?;
    let updated_on = optional(tag, "SourceUpdated", Ticks::parse_iso)?;
    match (generation, updated_on) {
        (Some(generation), Some(ticks)) => Ok(Some(Origin { generation, updated_on: ticks.get() })),
        (None, None) => Ok(None),
        _ => Err(format!("{} has only one of SourceGeneration and SourceUpdated", tag.name())),
    }
}

fn room(tag: &Tag, before: usize) -> Result<Node, String> {
    let mut node = node(tag, NodeKind::Room, before)?;
    node.parent = Some(required(tag, "Category", value::guid)?);
    node.topic = value::text(tag, "Topic")?;
    node.visibility = Some(required(tag, "Privacy", |text| match text {
        "Secret" => Some(Visibility::Private),
        "Closed" => Some(Visibility::Scope),
        "Open" => Some(Visibility::Open),
        _ => None,
    })?);
    node.auditorium = required(tag, "Behavior", |text| match text {
        "Normal" => Some(false),
        "Auditorium" => Some(true),
        _ => None,
    })?;
    node.invitations = required(tag, "Invitations", |text| match text {
        "Inherit" => Some(None),
        "False" => Some(Some(false)),
        _ => None,
    })?;
    node.disabled = required(tag, "Disabled", value::flag)?;
    node.add_in = optional(tag, "AddIn", value::guid)?;
    node.last_chat_id = optional(tag, "LastChatId", value::number)?;
    Ok(node)
}

/// Tells the directory the address under which documents know the room, and the name of a room
/// that only documents know.
fn learn_room(tag: &Tag, node: &Node, directory: &Directory) -> Result<(), String> {
    let uri = value::text(tag, "Uri")?;
    let guid_known = uri.as_ref().is_some_and(|uri| RoomUri::new(uri).guid() == (node.guid, true));
    let made_up = node.name == Text::from(format!("Room {}", node.guid));
    let facts = RoomFacts {
        // A name that stands for a number or an address gives way to one that somebody gave.
        named: uri.as_ref().is_some_and(|uri| *uri != node.name),
        at: 0,
        name: (!made_up).then(|| node.name.clone()),
        uri,
        logged: None,
        guid_known,
    };
    if facts.uri.is_some() || is_placeholder(node) {
        directory.learn_room(directory.room(node.guid), facts);
    }
    Ok(())
}

pub(super) fn required<T>(tag: &Tag, name: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, String> {
    optional(tag, name, read)?.ok_or_else(|| format!("{} has no {name}", tag.name()))
}

fn optional<T>(tag: &Tag, name: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, String> {
    let Some(text) = tag.get(name) else { return Ok(None) };
    read(text).map(Some).ok_or_else(|| format!("{} has an unusable {name}", tag.name()))
}
