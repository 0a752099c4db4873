//! Scopes: who may be in the rooms of a category at all.
//!
//! The rows of one node apply to all below it until a node with rows of its own; which node that is
//! stands in `tblNode.scopeDefinerId`. A flat category gets the rows that applied to it as its
//! AllowedMembers and DeniedMembers, where denial wins ("Using categories to administer Persistent
//! Chat Server").

use std::collections::BTreeMap;

use super::describe;
use super::lineage::Lineage;
use crate::chat::{Node, Person, PersonKind, Settled};

/// What a scope says of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judgement {
    /// Let in.
    Inside,
    /// Shut out.
    Outside,
    /// Perhaps in one of the groups, which nobody can tell.
    Unsure,
}

/// The scope rows of one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scope {
    /// Positions of those let in, in order.
    pub allowed: Vec<usize>,
    /// Positions of those shut out, in order.
    pub denied: Vec<usize>,
    allows_groups: bool,
    denies_groups: bool,
}

impl Scope {
    fn new(node: &Node, settled: &Settled) -> Scope {
        let positions = |denied: bool| {
            let rows = node.scopes.iter().filter(|entry| entry.denied == denied);
            let mut positions: Vec<usize> = rows.map(|entry| settled.person(entry.person)).collect();
            positions.sort_unstable();
            positions.dedup();
            positions
        };
        let holds_groups = |positions: &[usize]| {
            positions.iter().filter_map(|&at| settled.people.get(at)).any(may_hold_others)
        };
        let (allowed, denied) = (positions(false), positions(true));
        let (allows_groups, denies_groups) = (holds_groups(&allowed), holds_groups(&denied));
        Scope { allowed, denied, allows_groups, denies_groups }
    }

    /// Judges a person, given what groups it is known to lie in.
    pub fn judge(&self, person: usize, groups: Option<&[usize]>) -> Judgement {
        let unknown = groups.is_none();
        if lies_in(&self.denied, person, groups) {
            Judgement::Outside
        } else if lies_in(&self.allowed, person, groups) {
            if unknown && self.denies_groups { Judgement::Unsure } else { Judgement::Inside }
        } else if unknown && self.allows_groups {
            Judgement::Unsure
        } else {
            Judgement::Outside
        }
    }

    /// Judges a member of a room that has scope rows of its own. Rows that only shut people out
    /// leave everybody else in, as the category's rows go on to hold.
    pub fn judge_in_room(&self, person: usize, groups: Option<&[usize]>) -> Judgement {
        match self.judge(person, groups) {
            Judgement::Outside if self.allowed.is_empty() && !lies_in(&self.denied, person, groups) => {
                if groups.is_none() && self.denies_groups {
                    Judgement::Unsure
                } else {
                    Judgement::Inside
                }
            }
            judgement => judgement,
        }
    }
}

fn lies_in(list: &[usize], person: usize, groups: Option<&[usize]>) -> bool {
    let mut who = std::iter::once(&person).chain(groups.unwrap_or_default());
    who.any(|someone| list.binary_search(someone).is_ok())
}

/// Tells whether a principal stands for others.
fn may_hold_others(person: &Person) -> bool {
    use PersonKind::{Domain, FederatedGroup, Folder, Group, Unknown};
    match person.facts.kind.unwrap_or(Unknown) {
        Domain | Group | Folder | FederatedGroup => true,
        Unknown => {
            let uri = person.facts.uri.as_ref().map(|uri| uri.to_folded());
            uri.is_some_and(|uri| uri.as_bytes().starts_with(b"ma-grp"))
        }
        _ => false,
    }
}

/// The scopes of all nodes.
pub(super) struct Scopes {
    by_node: BTreeMap<usize, Scope>,
    /// The node whose rows apply to each one, by what stands in the tree.
    computed: Vec<Option<usize>>,
}

impl Scopes {
    /// Collects the scopes.
    pub fn new(lineage: &Lineage, settled: &Settled) -> Scopes {
        let with_rows = (0..lineage.nodes.len()).filter(|&at| !lineage.nodes[at].scopes.is_empty());
        let by_node = with_rows.map(|at| (at, Scope::new(lineage.nodes[at], settled))).collect();
        let computed = lineage.inherit(|at, above: Option<&Option<usize>>| {
            if lineage.nodes[at].scopes.is_empty() { above.copied().flatten() } else { Some(at) }
        });
        Scopes { by_node, computed }
    }

    /// Returns the node whose scope rows apply to a node; `None` where nothing restricts it.
    ///
    /// The stored definer holds where it is known, even if the node has left its branch since.
    pub fn definer(&self, lineage: &Lineage, at: usize) -> Option<usize> {
        match self.stored(lineage, at) {
            Some(stored) => self.by_node.contains_key(&stored).then_some(stored),
            None => self.computed[at],
        }
    }

    /// Returns the rows of a node that has any.
    pub fn rows(&self, definer: Option<usize>) -> Option<&Scope> {
        self.by_node.get(&definer?)
    }

    /// Tells where `scopeDefinerId` and the rows of the tree disagree, if they do.
    pub fn disagreement(&self, lineage: &Lineage, at: usize) -> Option<String> {
        let guid = lineage.nodes[at].scope_definer.filter(|_| lineage.is_legacy(at))?;
        let computed = self.computed[at];
        let nearest = computed.map_or("no node above".to_owned(), |definer| {
            format!("`{}`", describe::node(lineage.nodes[definer]))
        });
        let Some(stored) = self.stored(lineage, at) else {
            return Some(format!(
                "`scopeDefinerId` names a node ({guid}) that does not exist; the nearest scope rows, those \
                 of {nearest}, were taken. Compare the scope."
            ));
        };
        (self.definer(lineage, at) != computed).then(|| {
            format!(
                "By `scopeDefinerId` the scope is that of `{}`, by the rows of the tree that of {nearest}. \
                 The former is what the server enforced and was taken; compare the scope.",
                describe::node(lineage.nodes[stored])
            )
        })
    }

    fn stored(&self, lineage: &Lineage, at: usize) -> Option<usize> {
        let guid = lineage.nodes[at].scope_definer.filter(|_| lineage.is_legacy(at))?;
        lineage.find(guid)
    }
}

#[cfg(test)]
mod tests {
    use crate::chat::{Generation, Guid, PersonKind};
    use crate::migrate::world::{Planned, World, lets_in, manager, member, presenter, shuts_out};

    fn members(planned: &Planned, room: &str) -> Vec<String> {
        planned.names(&planned.room(room).members)
    }

    #[test]
    fn the_nearest_rows_above_are_the_scope_of_a_category() {
        let mut world = World::settled_root();
        let [ann, ben] = ["ann", "ben"].map(|name| world.person(name));
        world.at("Root").scopes = vec![lets_in(ann), lets_in(ben)];
        world.category("A").scopes = vec![lets_in(ann)];
        world.category("A\\B");
        world.category("C");
        let planned = world.plan();
        let allowed = ["A", "A_B", "C"].map(|name| planned.people(&planned.category(name).allowed).join(" "));
        assert_eq!(allowed, ["ann", "ann", "ann ben"]);
        assert!(planned.told("SCOPE-EMPTY").is_empty() && !planned.category("C").unrestricted);
    }

    #[test]
    fn the_stored_definer_wins_and_a_difference_is_told() {
        let mut world = World::settled_root();
        let [ann, ben] = ["ann", "ben"].map(|name| world.person(name));
        let root = world.guid("Root");
        world.at("Root").scopes = vec![lets_in(ben)];
        let category = world.category("A");
        (category.scopes, category.scope_definer) = (vec![lets_in(ann)], Some(root));
        world.category("Agreed").scope_definer = Some(root);
        world.category("Dangling").scope_definer = Some(Guid::from_u128(999));
        let planned = world.plan();
        assert_eq!(planned.people(&planned.category("A").allowed), ["ben"]);
        assert_eq!(planned.told("DEFINER-DIFF"), ["warning A", "warning Dangling"]);
    }

    #[test]
    fn no_rows_at_the_definer_leave_a_category_unrestricted() {
        let mut world = World::settled_root();
        let ann = world.person("ann");
        let own = world.category("A").guid;
        world.at("A").scope_definer = Some(own);
        world.room("A\\R").roles = vec![member(ann)];
        let planned = world.plan();
        assert!(planned.category("A").unrestricted && planned.category("A").allowed.is_empty());
        assert_eq!(planned.told("SCOPE-EMPTY"), ["info A"]);
        assert_eq!(members(&planned, "R"), ["ann"]);
        assert!(planned.told("DEFINER-DIFF").is_empty());
    }

    #[test]
    fn those_outside_the_scope_are_kept_marked_and_told_in_every_role() {
        let mut world = World::settled_root();
        let [ann, ben] = ["ann", "ben"].map(|name| world.person(name));
        world.category("A").scopes = vec![lets_in(ann)];
        let room = world.room("A\\R");
        room.auditorium = true;
        room.roles =
            [ann, ben].into_iter().flat_map(|who| [member(who), manager(who), presenter(who)]).collect();
        let planned = world.plan();
        let room = planned.room("R");
        for list in [&room.members, &room.managers, &room.presenters] {
            assert_eq!(planned.names(list), ["ann", "ben!"]);
        }
        assert_eq!(planned.told("SCOPE-OUT"), ["warning A\\R"; 3]);
    }

    #[test]
    fn denial_wins_over_permission() {
        let mut world = World::settled_root();
        let [ann, ben] = ["ann", "ben"].map(|name| world.person(name));
        let category = world.category("A");
        category.generation = Generation::PersistentChat;
        category.scopes = vec![lets_in(ann), lets_in(ben), shuts_out(ben)];
        world.room("A\\R").roles = vec![member(ann), member(ben)];
        let planned = world.plan();
        assert_eq!(planned.people(&planned.category("A").denied), ["ben"]);
        assert_eq!(members(&planned, "R"), ["ann", "ben!"]);
    }

    #[test]
    fn nobody_is_judged_by_groups_whose_members_are_unknown() {
        let mut world = World::settled_root();
        let ann = world.person("ann");
        let staff = world.principal("staff", PersonKind::Group, 0);
        world.category("A").scopes = vec![lets_in(staff)];
        world.room("A\\R").roles = vec![member(ann), member(staff)];
        let planned = world.plan();
        assert_eq!(members(&planned, "R"), ["ann", "staff"]);
        assert_eq!(planned.told("SCOPE-UNSURE"), ["info A"]);
        assert!(planned.detail("SCOPE-UNSURE").contains("so 1 entry of role lists"));
    }

    #[test]
    fn known_groups_decide() {
        let mut world = World::settled_root();
        let [ann, ben, cat] = ["ann", "ben", "cat"].map(|name| world.person(name));
        let staff = world.principal("staff", PersonKind::Group, 0);
        let guests = world.principal("guests", PersonKind::Folder, 0);
        let category = world.category("A");
        category.scopes = vec![lets_in(staff), shuts_out(guests)];
        world.room("A\\R").roles = [ann, ben, cat].map(member).to_vec();
        // Positions are those of creation: 0 to 2 the people, 3 and 4 the groups.
        world.options.affiliations = [(0, vec![3]), (1, vec![3, 4]), (2, vec![])].into_iter().collect();
        let planned = world.plan();
        assert_eq!(members(&planned, "R"), ["ann", "ben!", "cat!"]);
        assert!(planned.told("SCOPE-UNSURE").is_empty());
    }

    #[test]
    fn a_denied_group_leaves_doubt_about_those_let_in_by_name() {
        let mut world = World::settled_root();
        let ann = world.person("ann");
        let guests = world.principal("guests", PersonKind::Group, 0);
        world.category("A").scopes = vec![lets_in(ann), shuts_out(guests)];
        world.room("A\\R").roles = vec![member(ann)];
        let planned = world.plan();
        assert_eq!(members(&planned, "R"), ["ann"]);
        assert_eq!(planned.told("SCOPE-UNSURE"), ["info A"]);
    }

    #[test]
    fn scope_rows_of_a_room_narrow_its_members_and_nothing_else() {
        let mut world = World::settled_root();
        let [ann, ben] = ["ann", "ben"].map(|name| world.person(name));
        world.category("A").roles = vec![member(ann), member(ben)];
        let room = world.room("A\\R");
        (room.scopes, room.roles) = (vec![lets_in(ann)], vec![manager(ben)]);
        world.room("A\\S");
        let planned = world.plan();
        assert_eq!(members(&planned, "R"), ["ann"]);
        assert_eq!(planned.names(&planned.room("R").managers), ["ben"]);
        assert_eq!(members(&planned, "S"), ["ann", "ben"]);
        assert_eq!(planned.told("SCOPE-ROOM"), ["warning A\\R"]);
        assert!(planned.detail("SCOPE-ROOM").contains("sip:ben@litware.example"));
    }

    #[test]
    fn rows_of_a_room_that_only_shut_out_leave_the_others_in() {
        let mut world = World::settled_root();
        let [ann, ben] = ["ann", "ben"].map(|name| world.person(name));
        world.category("A").roles = vec![member(ann), member(ben)];
        world.room("A\\R").scopes = vec![shuts_out(ben)];
        assert_eq!(members(&world.plan(), "R"), ["ann"]);
    }
}
