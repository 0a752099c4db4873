//! The migration rules of docs/migration.md, read plainly: which categories and rooms there must be, under which
//! names, with which settings and people.

use std::collections::{BTreeMap, BTreeSet};

use super::archive::{Archive, Dump, Node, Role, Units};

type Guid = String;
type People = BTreeSet<Guid>;

/// A node as its dump knows it, with what belongs to it by GUID.
#[derive(Debug, Clone)]
struct Known {
    node: Node,
    new: bool,
    dump: usize,
    /// The parent it names, if that is a row of its dump.
    named: Option<Guid>,
    list_from: Option<Guid>,
    scope_from: Option<Guid>,
    roles: Vec<(Role, Guid)>,
    scope: Vec<(Guid, bool)>,
    /// What it inherited in its own dump, where that has to be written out.
    written: Option<Written>,
}

#[derive(Debug, Clone)]
struct Written {
    settings: Settings,
    members: People,
    managers: People,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Settings {
    invite: Option<bool>,
    logged: Option<bool>,
    upload: Option<bool>,
    visibility: Option<i64>,
    /// Whether they count for all below.
    force: bool,
}

/// The nodes by GUID, with the category above each.
#[derive(Debug)]
pub struct Tree {
    nodes: BTreeMap<Guid, Known>,
    above: BTreeMap<Guid, Guid>,
    root: Guid,
    groups: People,
}

/// A category or room as it must be.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Planned {
    /// The name, before anything is done about names that are too long, blank or taken.
    pub name: Units,
    pub category: Option<Guid>,
    pub attributes: BTreeMap<&'static str, String>,
    /// Lists by element name; `!` follows those outside the scope.
    pub lists: BTreeMap<&'static str, BTreeSet<String>>,
}

fn known(dump: &Dump, at: usize, number: usize) -> Known {
    let node = &dump.nodes[at];
    let guid =
        |number: i64| dump.nodes.iter().find(|node| node.number == number).map(|node| node.guid.clone());
    let person =
        |number: i64| dump.people.iter().find(|person| person.number == number).unwrap().guid.clone();
    let roles = dump.roles.iter().filter(|row| row.node == node.number);
    let roles = roles.filter(|row| dump.new || row.role != Role::Creator);
    let scope = dump.scopes.iter().filter(|row| row.node == node.number);
    Known {
        new: dump.new,
        dump: number,
        named: node.parent.and_then(guid),
        list_from: guid(node.role_definer),
        scope_from: guid(node.scope_definer),
        roles: roles.map(|row| (row.role, person(row.person))).collect(),
        scope: scope.map(|row| (person(row.person), row.denied)).collect(),
        written: None,
        node: node.clone(),
    }
}

impl Tree {
    /// The tree of one dump.
    fn of(dump: &Dump, number: usize) -> Option<Tree> {
        let nodes = (0..dump.nodes.len()).map(|at| known(dump, at, number));
        Tree::new(nodes.map(|known| (known.node.guid.clone(), known)).collect(), BTreeSet::new())
    }

    /// Of several dumps a node is taken whole from the newest that holds it.
    pub fn merged(archive: &Archive) -> Option<Tree> {
        let mut order: Vec<usize> = (0..archive.dumps.len()).collect();
        let age = |at: &usize| {
            let dump = &archive.dumps[*at];
            (dump.new, dump.nodes.iter().map(|node| node.updated).max())
        };
        order.sort_by_key(age);
        let mut nodes: BTreeMap<Guid, Known> = BTreeMap::new();
        for at in order {
            let dump = &archive.dumps[at];
            for place in 0..dump.nodes.len() {
                nodes.insert(dump.nodes[place].guid.clone(), known(dump, place, at));
            }
        }
        let people = archive.dumps.iter().flat_map(|dump| &dump.people);
        let groups = people.filter(|person| person.kind == 9).map(|person| person.guid.clone()).collect();
        let mut tree = Tree::new(nodes, groups)?;
        // Below a category that a newer dump made flat, an old node keeps what it inherited in its own.
        let guids: Vec<Guid> = tree.nodes.keys().cloned().collect();
        for guid in guids {
            let node = &tree.nodes[&guid];
            let flat_above = tree.above.get(&guid).is_some_and(|above| tree.nodes[above].new);
            if node.new || !flat_above {
                continue;
            }
            let own = Tree::of(&archive.dumps[node.dump], node.dump)?;
            let written = Written {
                settings: own.settings(&guid),
                members: own.members(&guid),
                managers: own.managers(&guid),
            };
            tree.nodes.get_mut(&guid)?.written = Some(written);
        }
        Some(tree)
    }

    fn new(nodes: BTreeMap<Guid, Known>, groups: People) -> Option<Tree> {
        let is_root = |known: &&Known| !known.node.room && known.named.as_ref() == Some(&known.node.guid);
        let root = nodes.values().find(is_root)?.node.guid.clone();
        let mut above = BTreeMap::new();
        for (guid, known) in &nodes {
            let named =
                known.named.clone().filter(|named| nodes.get(named).is_some_and(|other| !other.node.room));
            if *guid != root {
                above.insert(guid.clone(), named.unwrap_or_else(|| root.clone()));
            }
        }
        // A loop is cut at its least GUID, which hangs under the root.
        for guid in nodes.keys().filter(|&guid| *guid != root) {
            let mut walked = vec![guid.clone()];
            while let Some(next) = above.get(&walked[walked.len() - 1]) {
                if next == guid {
                    above.insert(walked.into_iter().min()?, root.clone());
                    break;
                }
                if walked.contains(next) {
                    break;
                }
                walked.push(next.clone());
            }
        }
        Some(Tree { nodes, above, root, groups })
    }

    /// A node and those above it, up to the root.
    fn path(&self, guid: &str) -> Vec<&Known> {
        let mut path = vec![&self.nodes[guid]];
        while let Some(above) = self.above.get(&path[path.len() - 1].node.guid) {
            path.push(&self.nodes[above]);
        }
        path
    }

    /// The part of the path from which a node of Group Chat inherits: past what Persistent Chat made flat, up to
    /// where all that was inherited is written out.
    fn heirs(&self, guid: &str) -> Vec<&Known> {
        if self.nodes[guid].new {
            return vec![&self.nodes[guid]];
        }
        let mut path: Vec<&Known> = self.path(guid).into_iter().filter(|known| !known.new).collect();
        if let Some(written) = path.iter().position(|known| known.written.is_some()) {
            path.truncate(written + 1);
        }
        path
    }

    fn settings(&self, guid: &str) -> Settings {
        let path = self.heirs(guid);
        let node = &path[0].node;
        if let Some(written) = &path[0].written {
            return written.settings.clone();
        }
        // Of several categories above that force, the topmost holds.
        let forces = |known: &&&Known| {
            !known.node.room
                && (known.node.forces || known.written.as_ref().is_some_and(|written| written.settings.force))
        };
        if let Some(topmost) = path[1..].iter().rev().find(forces) {
            return Settings { force: true, ..self.settings(&topmost.node.guid) };
        }
        let mut settings = Settings { force: node.forces && !node.room, ..Settings::default() };
        for known in &path {
            let own = known.written.as_ref().map(|written| written.settings.clone());
            let own = own.unwrap_or(Settings {
                invite: known.node.invite,
                logged: known.node.logged,
                upload: known.node.upload,
                visibility: known.node.visibility,
                force: false,
            });
            settings.invite = settings.invite.or(own.invite);
            settings.logged = settings.logged.or(own.logged);
            settings.upload = settings.upload.or(own.upload);
            settings.visibility = settings.visibility.or(own.visibility);
        }
        settings
    }

    fn with_role(&self, path: &[&Known], role: Role) -> People {
        let rows = path.iter().flat_map(|known| &known.roles);
        rows.filter(|(other, _)| *other == role).map(|(_, person)| person.clone()).collect()
    }

    /// From the node up to where the list was begun: the stored place if that is above, else the nearest override.
    fn members(&self, guid: &str) -> People {
        let path = self.heirs(guid);
        let definer =
            |known: &&Known| known.list_from.as_ref().and_then(|from| self.place(&path, known, from));
        let begun = match definer(&path[0]) {
            Some(stored) => stored,
            None => path.iter().position(|known| known.node.overrides).unwrap_or(path.len() - 1),
        };
        let mut members = BTreeSet::new();
        for known in &path[..=begun] {
            match &known.written {
                Some(written) => members.extend(written.members.clone()),
                None => members.extend(self.with_role(&[known], Role::Member)),
            }
        }
        members
    }

    /// Where a definer stands on the path; what was cut off from the path ends at its end.
    fn place(&self, path: &[&Known], of: &Known, definer: &str) -> Option<usize> {
        if of.new {
            return None;
        }
        let found = path.iter().position(|known| known.node.guid == definer);
        let above = self.path(&of.node.guid).iter().any(|known| known.node.guid == definer);
        found.or_else(|| above.then_some(path.len() - 1))
    }

    fn managers(&self, guid: &str) -> People {
        let mut managers = BTreeSet::new();
        for known in self.heirs(guid) {
            match &known.written {
                Some(written) => managers.extend(written.managers.clone()),
                None => managers.extend(self.with_role(&[known], Role::Manager)),
            }
        }
        managers
    }

    /// The node whose scope rows apply.
    fn scope_of(&self, guid: &str) -> Option<&Known> {
        let known = &self.nodes[guid];
        let stored = known.scope_from.as_ref().filter(|_| !known.new).and_then(|from| self.nodes.get(from));
        match stored {
            Some(stored) => Some(stored).filter(|known| !known.scope.is_empty()),
            None => self.path(guid).into_iter().find(|known| !known.scope.is_empty()),
        }
    }

    /// Whether a scope shuts a person out, as far as one can tell without knowing who is in which group.
    fn shuts_out(&self, scope: &Known, person: &str) -> bool {
        let row = |denied: bool| scope.scope.iter().any(|row| row.0 == person && row.1 == denied);
        let groups = scope.scope.iter().any(|row| !row.1 && self.groups.contains(&row.0));
        row(true) || !row(false) && !groups
    }

    fn marked(&self, people: People, scope: Option<&Known>) -> BTreeSet<String> {
        let outside = |person: &str| scope.is_some_and(|scope| self.shuts_out(scope, person));
        people.into_iter().map(|person| if outside(&person) { person + "!" } else { person }).collect()
    }

    /// The category that a node is in, or the root for what stands at the top.
    fn category(&self, guid: &str) -> Guid {
        self.above[guid].clone()
    }

    fn name(&self, guid: &str) -> Units {
        let path = self.path(guid);
        let known = path[0];
        if known.node.room && path.len() <= 3 || path.len() == 1 {
            return known.node.name.clone();
        }
        let names: Vec<&[u16]> = path.iter().rev().skip(1).map(|known| known.node.name.as_slice()).collect();
        names.join(&u16::from(b'_'))
    }

    /// Whether the rules settle what a node inherits: not where it, or one above, lost its parent, and some dump
    /// is flat.
    pub fn is_settled(&self, guid: &str) -> bool {
        let stands = |known: &&Known| {
            known.named.as_ref() == self.above.get(&known.node.guid) || known.node.guid == self.root
        };
        self.nodes.values().all(|known| !known.new) || self.path(guid).iter().all(stands)
    }

    pub fn categories(&self) -> BTreeMap<Guid, Planned> {
        let at_root = |guid: &Guid| self.nodes[guid].node.room && self.above.get(guid) == Some(&self.root);
        let has_rooms = self.nodes.keys().any(at_root);
        let wanted =
            self.nodes.iter().filter(|(guid, known)| !known.node.room && (**guid != self.root || has_rooms));
        wanted.map(|(guid, known)| (guid.clone(), self.planned_category(guid, known))).collect()
    }

    fn planned_category(&self, guid: &str, known: &Known) -> Planned {
        let settings = self.settings(guid);
        let scope = self.scope_of(guid);
        let people = |denied: bool| -> BTreeSet<String> {
            let rows = scope.into_iter().flat_map(|scope| &scope.scope);
            rows.filter(|row| row.1 == denied).map(|row| row.0.clone()).collect()
        };
        let creators = if known.new { self.with_role(&[known], Role::Creator) } else { BTreeSet::new() };
        Planned {
            name: self.name(guid),
            category: None,
            attributes: BTreeMap::from([
                ("Invitations", settings.invite.unwrap_or(false).to_string()),
                ("ChatHistory", settings.logged.unwrap_or(true).to_string()),
                ("FileUpload", settings.upload.unwrap_or(false).to_string()),
                ("Unrestricted", scope.is_none().to_string()),
            ]),
            lists: BTreeMap::from([
                ("AllowedMembers", people(false)),
                ("DeniedMembers", people(true)),
                ("Creators", creators),
            ]),
        }
    }

    pub fn rooms(&self) -> BTreeMap<Guid, Planned> {
        let rooms = self.nodes.iter().filter(|(_, known)| known.node.room);
        rooms.map(|(guid, known)| (guid.clone(), self.planned_room(guid, known))).collect()
    }

    fn planned_room(&self, guid: &str, known: &Known) -> Planned {
        let node = &known.node;
        let settings = self.settings(guid);
        let scope = self.scope_of(&self.category(guid));
        let mut members = self.members(guid);
        // Other rows than those of its category narrow the members of a room.
        let own = self.scope_of(guid).filter(|_| !known.new);
        if let Some(own) = own.filter(|own| scope.is_none_or(|scope| scope.node.guid != own.node.guid)) {
            members.retain(|person| !self.shuts_out(own, person));
        }
        let presenters =
            if node.auditorium { self.with_role(&[known], Role::Voiced) } else { BTreeSet::new() };
        // Off in the room itself, or on where its category has them off; what is forced outdoes what is its own.
        let category = self.settings(&self.category(guid)).invite.unwrap_or(false);
        let own_invite = match &known.written {
            Some(written) => Some(written.settings.invite.unwrap_or(false)),
            None if settings.force => None,
            None => node.invite,
        };
        let off = own_invite == Some(false) || own_invite == Some(true) && !category;
        let privacy = match settings.visibility {
            Some(3) => "Closed",
            Some(6) => "Open",
            _ => "Secret",
        };
        Planned {
            name: self.name(guid),
            category: Some(self.category(guid)),
            attributes: BTreeMap::from([
                ("Privacy", privacy.to_owned()),
                ("Behavior", if node.auditorium { "Auditorium" } else { "Normal" }.to_owned()),
                ("Invitations", if off { "False" } else { "Inherit" }.to_owned()),
                ("Disabled", node.disabled.to_string()),
                ("Topic", if known.new { String::new() } else { String::from_utf16_lossy(&node.topic) }),
                ("Description", String::from_utf16_lossy(&node.description)),
            ]),
            lists: BTreeMap::from([
                ("Members", self.marked(members, scope)),
                ("Managers", self.marked(self.managers(guid), scope)),
                ("Presenters", self.marked(presenters, scope)),
            ]),
        }
    }
}
