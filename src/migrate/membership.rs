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

#[cfg(test)]
mod tests {
    use crate::chat::{Generation, Guid};
    use crate::migrate::world::{World, creator, manager, member, presenter};

    /// A room two categories deep with somebody at each level: `ann` at the root, `ben` and `cat`
    /// at the categories, `dan` at the room.
    fn four_levels() -> World {
        let mut world = World::settled_root();
        let [ann, ben, cat, dan] = ["ann", "ben", "cat", "dan"].map(|name| world.person(name));
        world.at("Root").roles = vec![member(ann), manager(ann)];
        world.category("A").roles = vec![member(ben), manager(ben)];
        world.category("A\\B").roles = vec![member(cat)];
        world.room("A\\B\\R").roles = vec![member(dan), member(cat)];
        world
    }

    fn members(world: World) -> Vec<String> {
        let planned = world.plan();
        planned.names(&planned.room("A_B_R").members)
    }

    #[test]
    fn members_come_from_the_whole_path_each_once() {
        assert_eq!(members(four_levels()), ["ann", "ben", "cat", "dan"]);
    }

    #[test]
    fn an_override_begins_the_list_anew_for_members_but_not_for_managers() {
        let mut world = four_levels();
        world.at("A\\B").overrides_members = true;
        let planned = world.plan();
        assert_eq!(planned.names(&planned.room("A_B_R").members), ["cat", "dan"]);
        assert_eq!(planned.names(&planned.room("A_B_R").managers), ["ann", "ben"]);
    }

    #[test]
    fn an_override_at_the_room_leaves_its_own_rows_alone() {
        let mut world = four_levels();
        world.at("A\\B\\R").overrides_members = true;
        assert_eq!(members(world), ["cat", "dan"]);
    }

    #[test]
    fn the_stored_definer_wins_over_the_override_and_the_difference_is_told() {
        let mut world = four_levels();
        let stored = world.guid("A");
        world.at("A\\B").overrides_members = true;
        world.at("A\\B\\R").role_definer = Some(stored);
        let planned = world.plan();
        assert_eq!(planned.names(&planned.room("A_B_R").members), ["ben", "cat", "dan"]);
        assert_eq!(planned.told("DEFINER-DIFF"), ["warning A\\B\\R"]);
    }

    #[test]
    fn a_stored_definer_that_agrees_is_not_told() {
        let mut world = four_levels();
        let (root, stored) = (world.guid("Root"), world.guid("A\\B"));
        world.at("A\\B").overrides_members = true;
        world.at("A\\B\\R").role_definer = Some(stored);
        world.category("C");
        world.room("C\\S").role_definer = Some(root);
        assert!(world.plan().told("DEFINER-DIFF").is_empty());
    }

    #[test]
    fn a_stored_definer_that_is_not_above_is_told_and_the_list_computed() {
        for definer in ["Elsewhere", "nowhere"] {
            let mut world = four_levels();
            let elsewhere = world.category("Elsewhere").guid;
            let nowhere = Guid::from_u128(999);
            world.at("A\\B\\R").role_definer = Some(if definer == "nowhere" { nowhere } else { elsewhere });
            let planned = world.plan();
            assert_eq!(planned.names(&planned.room("A_B_R").members), ["ann", "ben", "cat", "dan"]);
            assert_eq!(planned.told("DEFINER-DIFF"), ["warning A\\B\\R"], "{definer}");
        }
    }

    #[test]
    fn managers_of_the_root_spread_to_every_room_and_are_counted() {
        let mut world = four_levels();
        world.room("Hall");
        let planned = world.plan();
        assert_eq!(planned.names(&planned.room("Hall").managers), ["ann"]);
        assert_eq!(planned.told("MGR-ROOT"), ["warning Root"]);
        assert!(planned.detail("MGR-ROOT").contains("all 2 rooms below"));
        assert_eq!(planned.told("MGR-CATEGORY"), ["info A"]);
    }

    #[test]
    fn presenters_are_those_of_the_auditorium_itself() {
        let mut world = World::settled_root();
        let [ann, ben] = ["ann", "ben"].map(|name| world.person(name));
        world.category("A").roles = vec![presenter(ben)];
        let room = world.room("A\\R");
        (room.auditorium, room.roles) = (true, vec![presenter(ann)]);
        let planned = world.plan();
        assert_eq!(planned.names(&planned.room("R").presenters), ["ann"]);
        assert_eq!(planned.told("ROLE-MISPLACED"), ["warning A"]);
        assert!(planned.told("PRES-NORMAL").is_empty());
    }

    #[test]
    fn presenters_of_a_normal_room_are_left_out_by_name() {
        let mut world = World::settled_root();
        let ann = world.person("ann");
        world.category("A");
        world.room("A\\R").roles = vec![presenter(ann)];
        let planned = world.plan();
        assert!(planned.room("R").presenters.is_empty());
        assert_eq!(planned.told("PRES-NORMAL"), ["warning A\\R"]);
        assert!(planned.detail("PRES-NORMAL").contains("sip:ann@litware.example"));
    }

    #[test]
    fn a_room_of_persistent_chat_has_its_own_lists_and_inherits_none() {
        let mut world = four_levels();
        let eve = world.person("eve");
        let new = world.room("A\\B\\New");
        (new.generation, new.roles) = (Generation::PersistentChat, vec![member(eve), manager(eve)]);
        let planned = world.plan();
        assert_eq!(planned.names(&planned.room("New").members), ["eve"]);
        assert_eq!(planned.names(&planned.room("New").managers), ["eve"]);
        assert!(planned.detail("MGR-ROOT").contains("all 1 room below"));
    }

    #[test]
    fn an_old_room_below_a_category_of_persistent_chat_inherits_past_it() {
        let mut world = four_levels();
        let eve = world.person("eve");
        let category = world.at("A\\B");
        category.generation = Generation::PersistentChat;
        category.roles = vec![member(eve), creator(eve)];
        let planned = world.plan();
        assert_eq!(planned.names(&planned.room("A_B_R").members), ["ann", "ben", "cat", "dan"]);
        assert_eq!(planned.people(&planned.category("A_B").creators), ["eve"]);
        assert_eq!(planned.told("ROLE-MISPLACED"), ["warning A\\B"]);
    }

    #[test]
    fn legacy_categories_have_no_creators() {
        let mut world = World::settled_root();
        let ann = world.person("ann");
        world.category("A").roles = vec![creator(ann), manager(ann)];
        let planned = world.plan();
        assert!(planned.category("A").creators.is_empty());
        assert_eq!(planned.told("ROLE-MISPLACED"), ["warning A"]);
    }

    #[test]
    fn lists_too_long_for_memory_are_refused_before_they_are_made() {
        let mut world = four_levels();
        world.options.most_role_entries = 7;
        assert!(world.try_plan().is_ok(), "5 member and 2 manager rows stand on the way");
        let mut world = four_levels();
        world.options.most_role_entries = 6;
        let error = world.try_plan().err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("make 7 entries; 6 are allowed"), "{error}");
    }
}
