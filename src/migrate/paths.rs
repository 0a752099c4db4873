//! Paths: where a node stood in the legacy tree, and the name that its path becomes.
//!
//! Persistent Chat has one level of categories. A room directly in a top-level category keeps its
//! name; below a subcategory its name is the whole path without the root, as the category's is
//! ("Migration process - details").

use super::lineage::Lineage;
use crate::chat::Text;

/// Units kept of a flattened name: enough to see that it is too long, and to cut it.
const MOST_FLAT_UNITS: usize = 258;

/// Units kept of a legacy path; longer ones lose their beginning. Eight levels of the longest
/// names fit, and a tree that is one endless chain cannot exhaust memory.
pub(super) const MOST_PATH_UNITS: usize = 2_048;

/// Paths of all nodes by position.
pub(super) struct Paths {
    /// The legacy path, segments joined by `\`, the root left out; of a root its own name.
    pub old: Vec<Text>,
    /// The name that the path becomes, at most a few units more than a name may have.
    pub flat: Vec<Text>,
}

impl Paths {
    /// Makes the paths of all nodes.
    pub fn new(lineage: &Lineage, separator: &Text) -> Paths {
        let backslash = Text::from("\\");
        let old = lineage.inherit(|at, above: Option<&Text>| {
            let above = above.filter(|_| !lineage.is_top_level(at));
            join(above, &backslash, &lineage.nodes[at].name, tail)
        });
        let prefixes = lineage.inherit(|at, above: Option<&Text>| {
            let above = above.filter(|_| !lineage.is_top_level(at));
            join(above, separator, &lineage.nodes[at].name, head)
        });
        let flat = (0..lineage.nodes.len()).map(|at| flat_name(lineage, &prefixes, at)).collect();
        Paths { old, flat }
    }
}

/// Returns at most the units of a flattened name that matter.
pub(super) fn clipped(name: &Text) -> Text {
    Text::from_units(name.units().take(MOST_FLAT_UNITS))
}

fn flat_name(lineage: &Lineage, prefixes: &[Text], at: usize) -> Text {
    // A room of Persistent Chat bears the whole of its name already.
    let is_flat =
        || !lineage.is_legacy(at) || lineage.parent(at).is_none_or(|above| is_outermost(lineage, above));
    let keeps_name = lineage.is_room(at) && is_flat();
    if keeps_name { clipped(&lineage.nodes[at].name) } else { prefixes[at].clone() }
}

/// Tells whether a category needs no prefix: a root, or directly under it.
fn is_outermost(lineage: &Lineage, at: usize) -> bool {
    lineage.is_root(at) || lineage.is_top_level(at)
}

fn join(above: Option<&Text>, with: &Text, name: &Text, limit: fn(Vec<u16>) -> Vec<u16>) -> Text {
    let mut units: Vec<u16> = Vec::new();
    if let Some(above) = above {
        units.extend(above.units().chain(with.units()));
    }
    units.extend(name.units());
    Text::from_units(limit(units))
}

fn head(mut units: Vec<u16>) -> Vec<u16> {
    units.truncate(MOST_FLAT_UNITS);
    units
}

/// Keeps the end of a path; an ellipsis stands for the beginning.
fn tail(mut units: Vec<u16>) -> Vec<u16> {
    if units.len() > MOST_PATH_UNITS {
        units.drain(..units.len() - MOST_PATH_UNITS + 1);
        units.insert(0, 0x2026);
    }
    units
}

#[cfg(test)]
mod tests {
    use crate::chat::Text;
    use crate::migrate::world::World;
    use crate::migrate::{NameKind, RoomPrefix};

    fn old_paths(world: World) -> Vec<(NameKind, String, String)> {
        let names = world.plan().plan.names;
        names.into_iter().map(|row| (row.kind, row.old_path.to_string(), row.new_name.to_string())).collect()
    }

    #[test]
    fn three_levels_become_one_and_only_the_top_level_keeps_room_names() {
        let mut world = World::settled_root();
        world.category("Trading");
        world.category("Trading\\Rates");
        world.category("Trading\\Rates\\Euro");
        world.room("Trading\\General");
        world.room("Trading\\Rates\\Swaps");
        world.room("Trading\\Rates\\Euro\\Bunds");
        let planned = world.plan();
        assert_eq!(planned.category_names(), ["Trading", "Trading_Rates", "Trading_Rates_Euro"]);
        assert_eq!(planned.room_names(), ["General", "Trading_Rates_Swaps", "Trading_Rates_Euro_Bunds"]);
        let bunds = planned.room("Trading_Rates_Euro_Bunds");
        assert_eq!(bunds.category, planned.category("Trading_Rates_Euro").guid);
        assert!(planned.plan.findings.iter().all(|finding| finding.code == "SCOPE-EMPTY"));
    }

    #[test]
    fn the_separator_is_the_users_choice_and_may_be_empty() {
        for (separator, name) in [(" / ", "A / B / C"), ("", "ABC")] {
            let mut world = World::settled_root();
            world.category("A");
            world.category("A\\B");
            world.room("A\\B\\C");
            world.options.separator = Text::from(separator);
            assert_eq!(world.plan().room_names(), [name]);
        }
    }

    #[test]
    fn on_request_a_path_is_taken_only_where_names_collide() {
        let mut world = World::settled_root();
        world.options.room_prefix = RoomPrefix::OnCollision;
        world.category("A");
        world.category("A\\B");
        world.category("A\\Swaps");
        world.room("A\\General");
        for room in ["Bunds", "general", "SWAPS", "A"] {
            world.room(&format!("A\\B\\{room}"));
        }
        world.room("A\\Swaps\\Swaps");
        let planned = world.plan();
        assert_eq!(planned.category_names(), ["A", "A_B", "A_Swaps"]);
        assert_eq!(
            planned.room_names(),
            ["General", "Bunds", "A_B_general", "A_B_SWAPS", "A_B_A", "A_Swaps_Swaps"]
        );
        assert!(planned.told("NAME-DUP-ROOM").is_empty());
    }

    #[test]
    fn old_paths_leave_the_root_out_and_are_joined_by_backslashes() {
        let mut world = World::settled_root();
        world.category("A");
        world.category("A\\B");
        world.room("A\\B\\C");
        assert_eq!(
            old_paths(world),
            [
                (NameKind::Category, "A".to_owned(), "A".to_owned()),
                (NameKind::Category, "A\\B".to_owned(), "A_B".to_owned()),
                (NameKind::Room, "A\\B\\C".to_owned(), "A_B_C".to_owned()),
            ]
        );
    }

    #[test]
    fn rooms_at_the_root_go_to_a_category_of_its_name_and_guid() {
        let mut world = World::settled_root();
        let root = world.guid("Root");
        world.at("Root").description = Text::from("All of it");
        world.room("Lobby");
        world.room("Hall");
        let planned = world.plan();
        let category = planned.category("Root");
        assert_eq!((category.guid, category.description.to_string()), (root, "All of it".to_owned()));
        assert_eq!(planned.room("Lobby").category, root);
        assert_eq!(planned.told("ROOM-AT-ROOT"), ["warning Root"]);
        assert!(planned.detail("ROOM-AT-ROOT").starts_with("2 rooms stand"));
    }

    #[test]
    fn a_root_without_rooms_is_no_category_and_an_empty_category_is_one() {
        let mut world = World::settled_root();
        world.category("Empty");
        let planned = world.plan();
        assert_eq!(planned.category_names(), ["Empty"]);
        assert!(planned.told("ROOM-AT-ROOT").is_empty());
    }

    #[test]
    fn halves_of_a_surrogate_pair_that_meet_in_a_path_are_one_character() {
        let mut world = World::settled_root();
        world.category("A").name = Text::from_units([0xD83D]);
        world.category("A\\B").name = Text::from_units([0xDE00]);
        world.options.separator = Text::default();
        let planned = world.plan();
        assert_eq!(planned.plan.categories[1].name, Text::from("😀"));
    }
}
