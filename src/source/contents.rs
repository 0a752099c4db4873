//! What a node says, without numbers of databases and keys of a run, so that it can be compared.

use crate::chat::{Directory, Generation, Guid, Node, NodeKind, PersonKey, Role};

/// The content of a node. Its order decides between nodes that are equally new.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Content {
    settings: Vec<Setting>,
    lists: Vec<List>,
    /// Counts on while people write, so a difference tells nothing.
    last_chat_id: Option<i64>,
    is_legacy: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Setting {
    name: &'static str,
    value: Vec<u8>,
    /// Whether flattening a tree leaves it as it is.
    survives: bool,
}

/// People of one kind, in order and each once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct List {
    /// What one and several of them are called.
    names: [&'static str; 2],
    people: Vec<Guid>,
    survives: bool,
}

impl Content {
    pub(super) fn new(node: &Node, directory: &Directory) -> Content {
        Content {
            settings: settings(node),
            lists: lists(node, directory),
            last_chat_id: node.last_chat_id,
            is_legacy: node.generation == Generation::GroupChat,
        }
    }

    /// Tells in what another node of the flat model differs; `None` if in nothing.
    pub(super) fn difference(&self, other: &Content) -> Option<String> {
        let settings = self.settings.iter().zip(&other.settings);
        let settings = settings.filter(|(ours, theirs)| ours.value != theirs.value);
        let people = self
            .lists
            .iter()
            .zip(&other.lists)
            .filter_map(|(ours, theirs)| told(ours, beyond(theirs, ours), beyond(ours, theirs)));
        joined(settings.map(|(ours, _)| ours.name.to_owned()).chain(people))
    }

    /// Tells in what another node differs where one of both is of a tree and one of the flat model:
    /// names, settings and people that are inherited in the tree cannot be compared.
    pub(super) fn difference_across_models(&self, other: &Content) -> Option<String> {
        let settings = self.settings.iter().zip(&other.settings);
        let settings = settings.filter(|(ours, theirs)| ours.survives && ours.value != theirs.value);
        let people = self.lists.iter().zip(&other.lists).filter(|(ours, _)| ours.survives);
        let people = people.filter_map(|(ours, theirs)| {
            // A node of Group Chat may lack whom it inherits, and only that.
            let more = if self.is_legacy { 0 } else { beyond(theirs, ours) };
            let fewer = if other.is_legacy { 0 } else { beyond(ours, theirs) };
            told(ours, more, fewer)
        });
        joined(settings.map(|(ours, _)| ours.name.to_owned()).chain(people))
    }
}

fn joined(differences: impl Iterator<Item = String>) -> Option<String> {
    let all: Vec<String> = differences.collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// Counts who stands in one list and not in another.
fn beyond(one: &List, other: &List) -> usize {
    one.people.iter().filter(|person| other.people.binary_search(person).is_err()).count()
}

fn told(list: &List, more: usize, fewer: usize) -> Option<String> {
    let count = |count: usize| format!("{count} {}", list.names[usize::from(count != 1)]);
    match (more, fewer) {
        (0, 0) => None,
        (more, 0) => Some(format!("{} more", count(more))),
        (0, fewer) => Some(format!("{} fewer", count(fewer))),
        (more, fewer) => Some(format!("{} more and {fewer} fewer", count(more))),
    }
}

/// Returns all settings, always the same ones in the same order.
fn settings(node: &Node) -> Vec<Setting> {
    let survives = |name, value| Setting { name, value, survives: true };
    let flattened = |name, value| Setting { name, value, survives: false };
    let guid = |guid: Option<Guid>| guid.map(|guid| guid.as_bytes().to_vec()).unwrap_or_default();
    let switch = |setting: Option<bool>| vec![setting.map_or(2, u8::from)];
    let topic = node.topic.as_ref().map(|topic| [b"+".as_slice(), topic.as_bytes()].concat());
    vec![
        survives("kind", vec![node.kind as u8]),
        flattened("parent", guid(node.parent)),
        flattened("name", node.name.as_bytes().to_vec()),
        survives("description", node.description.as_bytes().to_vec()),
        flattened("topic", topic.unwrap_or_default()),
        flattened("invitations", switch(node.invitations)),
        flattened("history", switch(node.history)),
        flattened("file upload", switch(node.file_upload)),
        survives("disabled", vec![node.disabled.into()]),
        survives("behavior", vec![node.auditorium.into()]),
        flattened("visibility", vec![node.visibility.map_or(0, |visibility| 1 + visibility as u8)]),
        flattened("add-in", guid(node.add_in)),
    ]
}

/// Returns all lists of people, always the same ones in the same order.
fn lists(node: &Node, directory: &Directory) -> Vec<List> {
    let is_room = node.kind == NodeKind::Room;
    let list = |names, survives, people: &mut dyn Iterator<Item = PersonKey>| {
        let mut people: Vec<Guid> = people.map(|person| directory.author(person).guid()).collect();
        people.sort_unstable();
        people.dedup();
        List { names, people, survives }
    };
    let with =
        |role: Role| node.roles.iter().filter(move |entry| entry.role == role).map(|entry| entry.person);
    let scope = |denied: bool| {
        node.scopes.iter().filter(move |entry| entry.denied == denied).map(|entry| entry.person)
    };
    vec![
        list(["member", "members"], is_room, &mut with(Role::Member)),
        list(["manager", "managers"], is_room, &mut with(Role::Manager)),
        list(["presenter", "presenters"], is_room && node.auditorium, &mut with(Role::Presenter)),
        list(["creator", "creators"], false, &mut with(Role::Creator)),
        list(["principal in scope", "principals in scope"], !is_room, &mut scope(false)),
        list(["denied principal", "denied principals"], !is_room, &mut scope(true)),
    ]
}
