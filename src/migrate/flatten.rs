//! The way from tree to plan: the rule families in their order, and nothing else.

use std::collections::BTreeMap;

use super::add_ins;
use super::categories;
use super::census::Census;
use super::completeness;
use super::facts::Facts;
use super::limits;
use super::lineage::Lineage;
use super::paths::Paths;
use super::people;
use super::rooms::{self, Notes};
use super::roster::{CategoryOrigin, Ground, RoomOrigin, Roster};
use super::selection::Selection;
use super::strangers::strangers;
use super::target;
use crate::chat::{Guid, Settled, Tree};
use crate::error::{Error, Result};
use crate::ledger::{Findings, Level};
use crate::migrate::{NameKind, NameRow, Options, Plan};

/// Plans what Persistent Chat shall hold.
///
/// Takes time in proportion to the nodes and to the entries of the role lists it makes, apart from
/// sorting. Its result depends on nothing but the arguments.
///
/// # Errors
/// [`Error::Usage`] if a category was asked for that does not exist; [`Error::Unusable`] if the
/// role lists would have more entries than the options allow.
pub fn plan(tree: &Tree, settled: &Settled, options: &Options) -> Result<Plan> {
    let mut findings = Findings::default();
    let lineage = Lineage::new(tree, &mut findings);
    let paths = Paths::new(&lineage, &options.separator);
    let strangers = strangers(&lineage, settled);
    let ground =
        Ground { lineage: &lineage, paths: &paths, strangers: &strangers, room_prefix: options.room_prefix };
    let Selection { roster, left_out } = Selection::new(&ground, options)?;
    let add_ins = add_ins::planned(&tree.add_ins, &mut findings);
    let facts = Facts::new(&ground, settled, options, add_ins);
    refuse_endless_lists(&facts, &roster)?;
    let mut plan = planned_tree(&facts, &roster, &mut findings);
    tell_of_tree(&facts, &roster, &mut findings);
    tell_left_out(&ground, &left_out, &mut findings);
    let referenced = referenced(&plan, settled, options);
    let is_referenced = |at: usize| referenced.get(at).copied().unwrap_or(false);
    plan.people = people::planned(settled, options, &is_referenced, &mut findings);
    limits::tell(&plan, options, &mut findings);
    completeness::tell(&plan, options, &mut findings);
    if let Some(target) = &options.target {
        target::tell(&plan, target, &mut findings);
    }
    plan.add_ins = facts.add_ins;
    plan.left_out_rooms = left_out;
    plan.findings = findings;
    Ok(plan)
}

/// Returns the rooms that the options leave out, with the option that does it: the same as
/// [`Plan::left_out_rooms`], without the cost of a plan.
///
/// # Errors
/// [`Error::Usage`] if a category was asked for that does not exist.
pub fn left_out_rooms(
    tree: &Tree,
    settled: &Settled,
    options: &Options,
) -> Result<BTreeMap<Guid, &'static str>> {
    let lineage = Lineage::new(tree, &mut Findings::default());
    let paths = Paths::new(&lineage, &options.separator);
    let strangers = strangers(&lineage, settled);
    let ground =
        Ground { lineage: &lineage, paths: &paths, strangers: &strangers, room_prefix: options.room_prefix };
    Ok(Selection::new(&ground, options)?.left_out)
}

/// Makes categories, rooms and names.
fn planned_tree(facts: &Facts, roster: &Roster, findings: &mut Findings) -> Plan {
    let ground = facts.ground;
    let (category_names, room_names) = roster.names(ground, findings);
    let mut plan = Plan::default();
    let mut notes = Notes::default();
    for (&origin, name) in roster.categories.iter().zip(&category_names) {
        plan.categories.push(categories::planned(facts, origin, name, &mut notes.unset, findings));
        let (guid, old_path) = (ground.category_guid(origin), ground.category_path(origin));
        plan.names.push(NameRow { kind: NameKind::Category, guid, old_path, new_name: name.clone() });
    }
    for (&origin, name) in roster.rooms.iter().zip(&room_names) {
        plan.rooms.push(rooms::planned(facts, origin, name, &mut notes, findings));
        let (guid, old_path) = (ground.room_guid(origin), ground.room_path(origin));
        plan.names.push(NameRow { kind: NameKind::Room, guid, old_path, new_name: name.clone() });
        let home = ground.home(origin);
        if home == CategoryOrigin::Unknown || matches!(origin, RoomOrigin::Stranger(_)) {
            rooms::tell_no_category(&ground.room_path(origin), &ground.category_path(home), findings);
        }
    }
    plan.names.sort();
    notes.unset.tell(findings);
    notes.doubts.tell(findings);
    plan
}

/// Tells what concerns nodes of the tree rather than what becomes of them.
fn tell_of_tree(facts: &Facts, roster: &Roster, findings: &mut Findings) {
    let census = Census::new(facts.lineage, roster);
    for &room in &census.rooms {
        categories::tell_oddities(facts, room, findings);
    }
    for &at in &census.categories {
        categories::tell_managers(facts, at, census.heirs_below[at], findings);
        categories::tell_oddities(facts, at, findings);
        if facts.lineage.is_root(at) && census.rooms_in[at] > 0 {
            categories::tell_rooms_at_root(facts, at, census.rooms_in[at], findings);
        }
    }
}

/// Tells of the disabled rooms that were left out.
fn tell_left_out(ground: &Ground, left_out: &BTreeMap<Guid, &'static str>, findings: &mut Findings) {
    for room in ground.rooms() {
        if left_out.get(&ground.room_guid(room)) == Some(&"without-disabled-rooms") {
            let detail = "It is disabled and was left out with all its messages, as asked.";
            findings.add("ROOM-DISABLED", Level::Info, ground.room_path(room), detail);
        }
    }
}

/// Finds out who has a role, stands in a scope or wrote something, by position.
fn referenced(plan: &Plan, settled: &Settled, options: &Options) -> Vec<bool> {
    let mut referenced = vec![false; settled.people.len()];
    let roles = plan.rooms.iter().flat_map(|room| [&room.members, &room.managers, &room.presenters]);
    let holders = roles.flatten().map(|holder| holder.person);
    let lists = plan.categories.iter().flat_map(|one| [&one.allowed, &one.denied, &one.creators]);
    for at in holders.chain(lists.flatten().copied()).chain(options.authors.iter().copied()) {
        if let Some(known) = referenced.get_mut(at) {
            *known = true;
        }
    }
    referenced
}

/// Refuses a tree whose inherited lists would not fit in memory, before any is made.
fn refuse_endless_lists(facts: &Facts, roster: &Roster) -> Result<()> {
    let of_room = |room: &RoomOrigin| match *room {
        RoomOrigin::Node(at) => facts.membership.bound(at),
        RoomOrigin::Stranger(_) => 0,
    };
    let of_category = |category: &CategoryOrigin| {
        let scope = facts.scopes.rows(facts.category_definer(*category));
        scope.map_or(0, |scope| (scope.allowed.len() + scope.denied.len()) as u64)
    };
    let bounds = roster.rooms.iter().map(of_room).chain(roster.categories.iter().map(of_category));
    let entries = bounds.fold(0, u64::saturating_add);
    let most = facts.options.most_role_entries;
    if entries <= most {
        return Ok(());
    }
    Err(Error::Unusable {
        input: "the tree of categories and rooms".to_owned(),
        why: format!(
            "written out for each room, its roles and scopes make {entries} entries; {most} are allowed"
        ),
        hint: "convert it in parts with --scope, or look for a member list that is inherited by mistake"
            .to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use crate::migrate::world::{World, lets_in, manager, member};

    fn some_world() -> World {
        let mut world = World::new();
        let [ann, ben] = ["ann", "ben"].map(|name| world.person(name));
        world.at("Root").roles = vec![manager(ann)];
        for path in ["A", "A\\B", "C"] {
            world.category(path).scopes = vec![lets_in(ann)];
            world.room(&format!("{path}\\Desk")).roles = vec![member(ben)];
        }
        world
    }

    #[test]
    fn the_order_of_nodes_does_not_matter() {
        let forwards = some_world();
        let mut backwards = some_world();
        backwards.reverse();
        assert_eq!(forwards.plan().plan, backwards.plan().plan);
    }

    #[test]
    fn the_table_of_rules_names_every_code_and_only_tests_that_exist() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let table = std::fs::read_to_string(root.join("docs/migration.md")).unwrap();
        // Where several dumps become one tree is told beside the records that they are made of.
        let code_of = |folder: &str| -> String {
            let files = std::fs::read_dir(root.join(folder)).unwrap();
            files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect()
        };
        let code = code_of("src/migrate") + &code_of("src/groupchat/merge");
        let tests = code_of("src/groupchat/tests") + &code;
        for test in table.split('`').filter(|word| word.len() > 20 && word.contains('_')) {
            let is_name = test.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            assert!(!is_name || tests.contains(&format!("fn {test}()")), "{test} does not exist");
        }
        let is_code = |word: &&str| {
            word.contains('-') && word.len() > 5 && word.bytes().all(|b| b.is_ascii_uppercase() || b == b'-')
        };
        let codes: BTreeSet<&str> = code.split('"').filter(is_code).collect();
        assert!(codes.len() > 30);
        for code in codes {
            assert!(table.contains(code), "{code} is not in the table");
        }
    }
}
