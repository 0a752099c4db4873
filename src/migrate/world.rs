//! A small language for test trees: name what matters, the rest is ordinary.

use crate::chat::{
    AddIn, Author, Directory, Generation, Guid, Node, NodeKind, PersonFacts, PersonKey, PersonKind, Role,
    RoleEntry, RoomFacts, ScopeEntry, Settled, Text, Tree,
};
use crate::error::Result;
use crate::migrate::{Category, Options, Plan, RoleHolder, Room};

/// A legacy deployment in the making. It has a root called `Root`.
pub(super) struct World {
    pub directory: Directory,
    pub options: Options,
    pub add_ins: Vec<AddIn>,
    nodes: Vec<(String, Node)>,
    people: u128,
}

impl World {
    pub fn new() -> World {
        let mut world = World::without_root();
        let root = world.node("Root", NodeKind::Category);
        root.is_root = true;
        root.parent = None;
        world
    }

    pub fn without_root() -> World {
        World {
            directory: Directory::default(),
            options: Options::default(),
            add_ins: Vec::new(),
            nodes: Vec::new(),
            people: 0x1000,
        }
    }

    /// The root. All settings at it are made known, so that nothing is unset by chance.
    pub fn settled_root() -> World {
        let mut world = World::new();
        let root = world.at("Root");
        root.invitations = Some(false);
        root.history = Some(true);
        root.file_upload = Some(false);
        root.visibility = Some(crate::chat::Visibility::Private);
        world
    }

    /// A category by its path below the root, such as `Trading\Rates`.
    pub fn category(&mut self, path: &str) -> &mut Node {
        self.node(path, NodeKind::Category)
    }

    /// A room by its path below the root.
    pub fn room(&mut self, path: &str) -> &mut Node {
        self.node(path, NodeKind::Room)
    }

    /// A node that was made before.
    pub fn at(&mut self, path: &str) -> &mut Node {
        let found = self.nodes.iter_mut().find(|(known, _)| known == path);
        &mut found.unwrap_or_else(|| panic!("no node {path}")).1
    }

    pub fn guid(&self, path: &str) -> Guid {
        self.nodes.iter().find(|(known, _)| known == path).unwrap_or_else(|| panic!("no node {path}")).1.guid
    }

    /// An active user of the organisation.
    pub fn person(&mut self, name: &str) -> PersonKey {
        self.principal(name, PersonKind::User, 0)
    }

    pub fn principal(&mut self, name: &str, kind: PersonKind, disabled: u8) -> PersonKey {
        self.people += 1;
        let key = self.directory.person(&Author::Principal(Guid::from_u128(self.people)));
        let facts = PersonFacts {
            rank: 1,
            name: Some(Text::from(name)),
            uri: Some(Text::from(format!("sip:{name}@litware.example"))),
            kind: Some(kind),
            disabled,
            ..PersonFacts::default()
        };
        self.directory.learn_person(key, facts);
        key
    }

    /// A room that documents name.
    pub fn documents_name(&self, guid: u128, name: Option<&str>, guid_known: bool) {
        let room = self.directory.room(Guid::from_u128(guid));
        let facts = RoomFacts {
            named: name.is_some(),
            name: name.map(Text::from),
            uri: Some(Text::from(format!("ma-chan://litware.example/{guid}"))),
            guid_known,
            ..RoomFacts::default()
        };
        self.directory.learn_room(room, facts);
    }

    /// Turns the order of the nodes round.
    pub fn reverse(&mut self) {
        self.nodes.reverse();
    }

    pub fn try_plan(self) -> Result<Planned> {
        let settled = self.directory.settle();
        let nodes = self.nodes.into_iter().map(|(_, node)| node).collect();
        let tree = Tree { nodes, add_ins: self.add_ins };
        let plan = super::plan(&tree, &settled, &self.options)?;
        let left_out = super::left_out_rooms(&tree, &settled, &self.options)?;
        assert_eq!(plan.left_out_rooms, left_out, "both ways of asking give one answer");
        Ok(Planned { plan, settled })
    }

    pub fn plan(self) -> Planned {
        self.try_plan().unwrap_or_else(|error| panic!("{error}"))
    }

    fn node(&mut self, path: &str, kind: NodeKind) -> &mut Node {
        let (above, name) = path.rsplit_once('\\').unwrap_or(("Root", path));
        let parent = self.nodes.iter().find(|(known, _)| known == above).map(|(_, node)| node.guid);
        let number = self.nodes.len() as i64 + 1;
        let guid = Guid::from_u128(number as u128);
        let node = Node { parent, ..Node::new(guid, number, kind, Text::from(name), Generation::GroupChat) };
        self.nodes.push((path.to_owned(), node));
        let made = self.nodes.len() - 1;
        &mut self.nodes[made].1
    }
}

pub(super) fn member(person: PersonKey) -> RoleEntry {
    RoleEntry { role: Role::Member, person }
}

pub(super) fn manager(person: PersonKey) -> RoleEntry {
    RoleEntry { role: Role::Manager, person }
}

pub(super) fn presenter(person: PersonKey) -> RoleEntry {
    RoleEntry { role: Role::Presenter, person }
}

pub(super) fn creator(person: PersonKey) -> RoleEntry {
    RoleEntry { role: Role::Creator, person }
}

pub(super) fn lets_in(person: PersonKey) -> ScopeEntry {
    ScopeEntry { denied: false, person }
}

pub(super) fn shuts_out(person: PersonKey) -> ScopeEntry {
    ScopeEntry { denied: true, person }
}

/// A plan, with the questions that tests ask.
pub(super) struct Planned {
    pub plan: Plan,
    pub settled: Settled,
}

impl Planned {
    pub fn room(&self, name: &str) -> &Room {
        let found = self.plan.rooms.iter().find(|room| room.name == Text::from(name));
        found.unwrap_or_else(|| panic!("no room {name} among {:?}", self.room_names()))
    }

    pub fn category(&self, name: &str) -> &Category {
        let found = self.plan.categories.iter().find(|category| category.name == Text::from(name));
        found.unwrap_or_else(|| panic!("no category {name} among {:?}", self.category_names()))
    }

    pub fn room_names(&self) -> Vec<String> {
        self.plan.rooms.iter().map(|room| room.name.to_string()).collect()
    }

    pub fn category_names(&self) -> Vec<String> {
        self.plan.categories.iter().map(|category| category.name.to_string()).collect()
    }

    /// Names of role holders; `ann!` stands outside the scope.
    pub fn names(&self, holders: &[RoleHolder]) -> Vec<String> {
        let mark = |holder: &RoleHolder| if holder.outside_scope { "!" } else { "" };
        holders.iter().map(|holder| format!("{}{}", self.name(holder.person), mark(holder))).collect()
    }

    pub fn people(&self, positions: &[usize]) -> Vec<String> {
        positions.iter().map(|&at| self.name(at)).collect()
    }

    /// Findings of a code as `level subject`.
    pub fn told(&self, code: &str) -> Vec<String> {
        let found = self.plan.findings.iter().filter(|finding| finding.code == code);
        found.map(|finding| format!("{} {}", finding.level.name(), finding.subject)).collect()
    }

    /// The sentences of a code's findings, one after the other.
    pub fn detail(&self, code: &str) -> String {
        let found = self.plan.findings.iter().filter(|finding| finding.code == code);
        found.map(|finding| finding.detail.to_string()).collect::<Vec<_>>().join("\n")
    }

    fn name(&self, at: usize) -> String {
        self.settled.people[at].facts.name.as_ref().map(Text::to_string).unwrap_or_default()
    }
}
