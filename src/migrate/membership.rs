//! Membership: who is member, manager and presenter of a room, wherever that was written down.
//!
//! A Group Chat room has the members of all nodes from itself up to the one where a new list was
//! begun, the managers of all nodes up to the root, and its own presenters (Group Chat database
//! schema, `tblNode.roleDefinerId`). A Persistent Chat room has its own lists and nothing else.
//! Only nodes that hold rows are visited, so that a long path without rows costs nothing.

use super::describe;
use super::lineage::Lineage;
use crate::chat::{Node, PersonKey, Role, Settled};

/// Who holds which role in a room, by position of the person, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct RoleLists {
    pub members: Vec<usize>,
    pub managers: Vec<usize>,
    pub presenters: Vec<usize>,
}

/// Answers who is in a room.
pub(super) struct Membership<'a> {
    lineage: &'a Lineage<'a>,
    settled: &'a Settled,
    member_rows: Rows,
    manager_rows: Rows,
    /// The nearest node, from each one upwards, that begins a new list of members.
    list_starts: Vec<usize>,
}

/// Where rows of one role stand on the way upwards.
struct Rows {
    role: Role,
    /// The nearest node that hands rows down, from each one upwards.
    nearest: Vec<Option<usize>>,
    /// How many rows all of these hold.
    totals: Vec<u64>,
}

impl Rows {
    fn new(lineage: &Lineage, role: Role) -> Rows {
        let hands_down = |at: usize| {
            lineage.is_legacy(at) && lineage.nodes[at].roles.iter().any(|entry| entry.role == role)
        };
        let nearest = lineage.inherit(
            |at, above: Option<&Option<usize>>| {
                if hands_down(at) { Some(at) } else { above.copied().flatten() }
            },
        );
        let totals = lineage.inherit(|at, above: Option<&u64>| {
            let own = if lineage.is_legacy(at) { held(lineage.nodes[at], role).count() as u64 } else { 0 };
            above.unwrap_or(&0).saturating_add(own)
        });
        Rows { role, nearest, totals }
    }

    /// Walks the nodes with rows from one upwards to another, both included.
    fn between<'l>(
        &'l self,
        lineage: &'l Lineage,
        from: usize,
        up_to: usize,
    ) -> impl Iterator<Item = usize> + 'l {
        let next =
            move |at: usize| self.nearest[at].filter(|&found| lineage.depth(found) >= lineage.depth(up_to));
        std::iter::successors(next(from), move |&at| lineage.parent(at).and_then(next))
    }
}

impl<'a> Membership<'a> {
    /// Prepares the answers.
    pub fn new(lineage: &'a Lineage<'a>, settled: &'a Settled) -> Membership<'a> {
        let list_starts = lineage.inherit(|at, above: Option<&usize>| match above {
            Some(&above) if !(lineage.is_legacy(at) && lineage.nodes[at].overrides_members) => above,
            _ => at,
        });
        Membership {
            lineage,
            settled,
            member_rows: Rows::new(lineage, Role::Member),
            manager_rows: Rows::new(lineage, Role::Manager),
            list_starts,
        }
    }

    /// Returns the lists of a room as they take effect.
    pub fn of_room(&self, room: usize) -> RoleLists {
        let node = self.lineage.nodes[room];
        if !self.lineage.is_legacy(room) {
            return RoleLists {
                members: self.positions(held(node, Role::Member)),
                managers: self.positions(held(node, Role::Manager)),
                presenters: self.positions(held(node, Role::Presenter)),
            };
        }
        RoleLists {
            members: self.collect(&self.member_rows, room, self.list_start(room)),
            managers: self.collect(&self.manager_rows, room, self.lineage.top(room)),
            presenters: self.positions(held(node, Role::Presenter)),
        }
    }

    /// Returns how many entries the lists of a room have at most, without making them.
    pub fn bound(&self, room: usize) -> u64 {
        if !self.lineage.is_legacy(room) {
            return self.lineage.nodes[room].roles.len() as u64;
        }
        let totals = &self.member_rows.totals;
        let beyond = self.lineage.parent(self.list_start(room)).map_or(0, |above| totals[above]);
        let members = totals[room].saturating_sub(beyond);
        let presenters = held(self.lineage.nodes[room], Role::Presenter).count() as u64;
        members.saturating_add(self.manager_rows.totals[room]).saturating_add(presenters)
    }

    /// Returns the managers at one node, in order.
    pub fn managers_at(&self, at: usize) -> Vec<usize> {
        self.positions(held(self.lineage.nodes[at], Role::Manager))
    }

    /// Returns those who may create rooms in a category, in order. Group Chat had no such role.
    pub fn creators_at(&self, at: usize) -> Vec<usize> {
        let rows = held(self.lineage.nodes[at], Role::Creator);
        if self.lineage.is_legacy(at) { Vec::new() } else { self.positions(rows) }
    }

    /// Tells where `roleDefinerId` and `overrideMember` disagree, if they do.
    pub fn disagreement(&self, room: usize) -> Option<String> {
        let node = self.lineage.nodes[room];
        let stored = node.role_definer.filter(|_| self.lineage.is_legacy(room))?;
        let computed = self.list_starts[room];
        let computed_name = describe::node(self.lineage.nodes[computed]);
        match self.stored_start(room) {
            Some(stored) if stored == computed => None,
            Some(stored) => Some(format!(
                "By `roleDefinerId` its list of members begins at `{}`, by `overrideMember` at \
                 `{computed_name}`. The former is what the server enforced and was taken; compare the members.",
                describe::node(self.lineage.nodes[stored])
            )),
            None => Some(format!(
                "`roleDefinerId` names a node ({stored}) that does not stand above the room, so the list of \
                 members begins at `{computed_name}` by `overrideMember`; compare the members."
            )),
        }
    }

    /// Returns the node where the list of a room's members begins.
    fn list_start(&self, room: usize) -> usize {
        self.stored_start(room).unwrap_or(self.list_starts[room])
    }

    fn stored_start(&self, room: usize) -> Option<usize> {
        let stored = self.lineage.find(self.lineage.nodes[room].role_definer?)?;
        self.lineage.covers(stored, room).then_some(stored)
    }

    fn collect(&self, rows: &Rows, from: usize, up_to: usize) -> Vec<usize> {
        let nodes = rows.between(self.lineage, from, up_to);
        self.positions(nodes.flat_map(|at| held(self.lineage.nodes[at], rows.role)))
    }

    fn positions(&self, people: impl Iterator<Item = PersonKey>) -> Vec<usize> {
        let mut positions: Vec<usize> = people.map(|person| self.settled.person(person)).collect();
        positions.sort_unstable();
        positions.dedup();
        positions
    }
}

/// Returns those who hold a role at this very node.
pub(super) fn held(node: &Node, role: Role) -> impl Iterator<Item = PersonKey> + '_ {
    node.roles.iter().filter(move |entry| entry.role == role).map(|entry| entry.person)
}

/// Tells of role rows that have no meaning at their node, if there are any: only rooms have
/// presenters, only categories of Persistent Chat have creators, and these have nothing else.
pub(super) fn misplaced(lineage: &Lineage, at: usize) -> Option<String> {
    let legacy = lineage.is_legacy(at);
    let is_misplaced = |role: Role| match (lineage.is_room(at), role) {
        (true, role) => role == Role::Creator,
        (false, Role::Creator) => legacy,
        (false, Role::Presenter) => true,
        (false, Role::Member | Role::Manager) => !legacy,
    };
    let number = lineage.nodes[at].roles.iter().filter(|entry| is_misplaced(entry.role)).count();
    (number > 0).then(|| {
        format!(
            "{} at this node that mean nothing there were left out; the rows stand in the tables kept \
             with the package.",
            describe::count(number, "role row")
        )
    })
}
