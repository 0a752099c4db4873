//! Selection: which rooms the user wants, and why the others are left out.

use std::collections::{BTreeMap, BTreeSet};

use super::describe;
use super::names::comparison_key;
use super::roster::{CategoryOrigin, Ground, RoomOrigin, Roster};
use crate::chat::{Guid, Text};
use crate::error::{Error, Result};
use crate::ledger::Findings;
use crate::migrate::Options;

/// What is in, and what is out for which reason.
pub(super) struct Selection {
    /// What is in.
    pub roster: Roster,
    /// The rooms that are out, with the option that left them out.
    pub left_out: BTreeMap<Guid, &'static str>,
}

impl Selection {
    /// Selects what the options ask for.
    ///
    /// # Errors
    /// [`Error::Usage`] if a category was asked for that does not exist.
    pub fn new(ground: &Ground, options: &Options) -> Result<Selection> {
        let reach = Reach::new(ground, &options.scope)?;
        let reason = |room: RoomOrigin| match room {
            _ if !reach.holds(ground.home(room)) => Some("scope"),
            RoomOrigin::Node(at) if options.without_disabled_rooms && ground.lineage.nodes[at].disabled => {
                Some("without-disabled-rooms")
            }
            _ => None,
        };
        let keeps_room = |room| reason(room).is_none();
        let roster = Roster::new(ground, keeps_room, |at| reach.holds(CategoryOrigin::Node(at)));
        let left_out = ground.rooms().filter_map(|room| Some((ground.room_guid(room), reason(room)?)));
        let left_out = left_out.collect();
        Ok(Selection { roster, left_out })
    }
}

/// What `--scope` reaches.
enum Reach {
    /// No scope was given.
    Everything,
    /// The named categories and what lies below.
    Below {
        /// Whether each node is reached, by position.
        nodes: Vec<bool>,
        /// Whether rooms without a known category are meant.
        unknown: bool,
    },
}

impl Reach {
    fn new(ground: &Ground, scope: &[Text]) -> Result<Reach> {
        if scope.is_empty() {
            return Ok(Reach::Everything);
        }
        let index = Index::new(ground);
        let mut named = BTreeSet::new();
        let mut unknown = false;
        for request in scope {
            let found = index.categories.get(&spelled(request));
            for &category in found.ok_or_else(|| no_such_category(request, &index))? {
                match category {
                    CategoryOrigin::Node(at) => drop(named.insert(at)),
                    CategoryOrigin::Unknown => unknown = true,
                }
            }
        }
        let nodes = ground
            .lineage
            .inherit(|at, above: Option<&bool>| named.contains(&at) || above.copied().unwrap_or(false));
        Ok(Reach::Below { nodes, unknown })
    }

    fn holds(&self, category: CategoryOrigin) -> bool {
        match (self, category) {
            (Reach::Everything, _) => true,
            (Reach::Below { nodes, .. }, CategoryOrigin::Node(at)) => nodes[at],
            (Reach::Below { unknown, .. }, CategoryOrigin::Unknown) => *unknown,
        }
    }
}

/// The categories by every spelling that a user may have for them.
struct Index {
    categories: BTreeMap<Text, Vec<CategoryOrigin>>,
    paths: Vec<Text>,
}

impl Index {
    fn new(ground: &Ground) -> Index {
        let everything = Roster::new(ground, |_| true, |_| true);
        let (names, _) = everything.names(ground, &mut Findings::default());
        let mut index = Index { categories: BTreeMap::new(), paths: Vec::new() };
        for (&category, name) in everything.categories.iter().zip(&names) {
            index.add(name, category);
        }
        for at in ground.categories() {
            for spelling in [&ground.lineage.nodes[at].name, &ground.paths.old[at], &ground.paths.flat[at]] {
                index.add(spelling, CategoryOrigin::Node(at));
            }
        }
        let paths = everything.categories.iter().map(|&category| ground.category_path(category));
        index.paths = paths.collect();
        index.paths.sort();
        index
    }

    fn add(&mut self, spelling: &Text, category: CategoryOrigin) {
        let known = self.categories.entry(spelled(spelling)).or_default();
        // Spellings of one category come one after the other, so looking at the last one is enough.
        if known.last() != Some(&category) {
            known.push(category);
        }
    }
}

/// Returns a spelling as it is compared: in any case, with either slash, none at the ends.
fn spelled(spelling: &Text) -> Text {
    let backslash = u16::from(b'\\');
    let either = |unit: u16| if unit == u16::from(b'/') { backslash } else { unit };
    let units: Vec<u16> = comparison_key(spelling).units().map(either).collect();
    let first = units.iter().position(|&unit| unit != backslash).unwrap_or(0);
    let end = units.iter().rposition(|&unit| unit != backslash).map_or(0, |last| last + 1);
    Text::from_units(units.get(first..end).unwrap_or_default().iter().copied())
}

fn no_such_category(request: &Text, index: &Index) -> Error {
    let known = describe::list(index.paths.iter().map(|path| format!("`{path}`")));
    Error::Usage {
        what: format!("no category is called `{request}`"),
        hint: format!("the categories are {known}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::world::{Planned, World};

    /// Two branches, one of them three levels deep, and a room at the root.
    fn branches() -> World {
        let mut world = World::settled_root();
        for (number, path) in
            ["Trading", "Trading\\Rates", "Trading\\Rates\\Euro", "Sales"].into_iter().enumerate()
        {
            world.category(path);
            world.room(&format!("{path}\\Desk {number}"));
        }
        world.room("Hall");
        world
    }

    fn scoped(scope: &[&str]) -> Result<Planned> {
        let mut world = branches();
        world.options.scope = scope.iter().map(|&name| Text::from(name)).collect();
        world.try_plan()
    }

    #[test]
    fn a_category_may_be_named_by_path_by_legacy_name_or_by_new_name() {
        for spelling in ["Trading\\Rates", "trading/RATES", "/Trading/Rates/", "rates", "Trading_Rates "] {
            let planned = scoped(&[spelling]).unwrap_or_else(|error| panic!("{spelling}: {error}"));
            assert_eq!(planned.category_names(), ["Trading_Rates", "Trading_Rates_Euro"], "{spelling}");
            assert_eq!(planned.plan.rooms.len(), 2, "{spelling}");
            assert_eq!(planned.plan.names.len(), 4, "{spelling}");
        }
    }

    #[test]
    fn several_categories_add_up_and_the_root_means_all() {
        assert_eq!(scoped(&["Euro", "Sales"]).unwrap().category_names(), ["Trading_Rates_Euro", "Sales"]);
        let all = scoped(&["Root"]).unwrap();
        assert_eq!(all.plan.rooms.len(), 5);
        assert!(all.plan.left_out_rooms.is_empty());
    }

    #[test]
    fn rooms_left_out_are_named_with_the_reason() {
        let planned = scoped(&["Sales"]).unwrap();
        let left_out = &planned.plan.left_out_rooms;
        assert_eq!(left_out.len(), 4);
        assert!(left_out.values().all(|&reason| reason == "scope"));
        assert!(planned.plan.rooms.iter().all(|room| !left_out.contains_key(&room.guid)));
    }

    #[test]
    fn an_unknown_category_is_refused_with_the_known_ones() {
        let error = scoped(&["Sales", "Tradnig"]).err().unwrap_or_else(|| panic!("it was accepted"));
        assert_eq!(error.to_string(), "no category is called `Tradnig`");
        let hint = error.hint().unwrap_or_default();
        assert!(hint.contains("`Trading\\Rates\\Euro`") && hint.contains("`Sales`"), "{hint}");
        assert!(matches!(error, Error::Usage { .. }));
    }

    #[test]
    fn disabled_rooms_are_carried_unless_left_out_is_asked_for() {
        let mut world = branches();
        world.room("Sales\\Old").disabled = true;
        let planned = world.plan();
        assert!(planned.room("Old").disabled);
        assert_eq!(planned.told("ROOM-DISABLED"), ["info Sales\\Old"]);

        let mut world = branches();
        world.options.without_disabled_rooms = true;
        let old = world.room("Sales\\Old");
        old.disabled = true;
        let guid = old.guid;
        let planned = world.plan();
        assert!(!planned.room_names().contains(&"Old".to_owned()));
        assert_eq!(planned.told("ROOM-DISABLED"), ["info Sales\\Old"]);
        assert_eq!(planned.plan.left_out_rooms, BTreeMap::from([(guid, "without-disabled-rooms")]));
    }

    #[test]
    fn a_name_collides_with_nothing_that_is_left_out() {
        let mut world = branches();
        world.options.without_disabled_rooms = true;
        world.room("Sales\\Twin").disabled = true;
        world.room("Trading\\Twin");
        let planned = world.plan();
        assert!(planned.told("NAME-DUP-ROOM").is_empty());
        assert!(planned.room_names().contains(&"Twin".to_owned()));
    }

    #[test]
    fn rooms_of_documents_are_in_scope_only_by_the_name_of_their_category() {
        for (scope, kept) in [("Sales", false), ("unknown category", true)] {
            let mut world = branches();
            world.documents_name(0x500, Some("Night desk"), true);
            world.options.scope = vec![Text::from(scope)];
            let planned = world.plan();
            assert_eq!(planned.room_names().contains(&"Night desk".to_owned()), kept, "{scope}");
        }
    }

    #[test]
    fn a_name_that_a_collision_made_is_understood() {
        let mut world = branches();
        world.category("Sales\\Twin");
        world.category("Sales_Twin");
        world.options.scope = vec![Text::from("SALES_TWIN~00000000")];
        assert_eq!(world.plan().plan.names[0].old_path, Text::from("Sales_Twin"));
    }
}
