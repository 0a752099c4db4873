//! Names that are unique and fit, as the pool demands of categories and rooms together.
//!
//! Names are at most 256 UTF-16 code units (`tblNode.nodeName`); category names are unique in a
//! pool, so are room names, and no room may bear the name of a category ("Using categories to
//! administer Persistent Chat Server"). What must change ends in `~` and digits of its GUID, so
//! that it is the same in every run and can be found again.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::chat::{Guid, Text};
use crate::ledger::{Findings, Level};
use crate::migrate::NameKind;

/// The most UTF-16 code units a name may have.
const MOST_UNITS: usize = 256;

/// A category or room in want of a name.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// Category or room.
    pub kind: NameKind,
    /// Its GUID.
    pub guid: Guid,
    /// Its legacy path.
    pub old_path: Text,
    /// The name it should have.
    pub name: Text,
}

/// Gives each its name, in the order asked: unique, not blank, and short enough.
///
/// Takes time in proportion to n log n.
pub(super) fn assign(wanted: &[Wanted], findings: &mut Findings) -> Vec<Text> {
    let mut names: Vec<Text> = wanted.iter().map(|wanted| fitting(wanted, findings)).collect();
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by_key(|&at| (wanted[at].guid, wanted[at].kind));
    let mut keepers: BTreeMap<Text, usize> = BTreeMap::new();
    let mut losers: Vec<(usize, usize)> = Vec::new();
    for at in order {
        match keepers.entry(comparison_key(&names[at])) {
            Entry::Vacant(free) => {
                free.insert(at);
            }
            Entry::Occupied(taken) => losers.push((at, *taken.get())),
        }
    }
    for (loser, keeper) in losers {
        let name = marked_name(&wanted[loser], &keepers);
        tell_collision(&wanted[loser], &wanted[keeper], &name, findings);
        keepers.insert(comparison_key(&name), loser);
        names[loser] = name;
    }
    names
}

/// Returns the form in which names are compared: lower case, character by character, trailing
/// blanks left out. SQL Server's default collations compare so.
pub(super) fn comparison_key(name: &Text) -> Text {
    let mut units = Vec::with_capacity(name.as_bytes().len());
    for scalar in char::decode_utf16(name.units()) {
        match scalar {
            Ok(scalar) => {
                let mut buffer = [0; 2];
                scalar.to_lowercase().for_each(|c| units.extend_from_slice(c.encode_utf16(&mut buffer)));
            }
            Err(lone) => units.push(lone.unpaired_surrogate()),
        }
    }
    let end = units.iter().rposition(|&unit| unit != 0x20).map_or(0, |last| last + 1);
    units.truncate(end);
    Text::from_units(units)
}

/// Returns the wanted name if it can stand, else one that can.
fn fitting(wanted: &Wanted, findings: &mut Findings) -> Text {
    if comparison_key(&wanted.name).is_empty() {
        let name = Text::from(match wanted.kind {
            NameKind::Category => format!("Category {}", wanted.guid),
            NameKind::Room => format!("Room {}", wanted.guid),
        });
        let detail = format!("It has no name. It is called `{name}`; give it a better one.");
        findings.add("NAME-EMPTY", Level::Error, name.clone(), detail);
        return name;
    }
    if wanted.name.len_units() <= MOST_UNITS {
        return wanted.name.clone();
    }
    let name = marked(&wanted.name, &hex(wanted.guid)[..8]);
    let detail = format!(
        "Its new name would have more than {MOST_UNITS} characters. It was cut to `{name}`; shorten the names \
         in the source, or rename it after the import."
    );
    findings.add("NAME-LONG", Level::Error, wanted.old_path.clone(), detail);
    name
}

/// Returns the first free name of one that cannot keep its own: with 8 digits of its GUID, or as
/// many more as it takes.
fn marked_name(wanted: &Wanted, taken: &BTreeMap<Text, usize>) -> Text {
    let hex = hex(wanted.guid);
    let mut marks = [8, 16, 32].map(|digits| hex[..digits].to_owned()).into_iter().chain(
        // Somebody may have typed a name that ends in all digits; no list of names is endless.
        (2_u64..).map(|attempt| format!("{hex}-{attempt}")),
    );
    loop {
        let name = marked(&wanted.name, &marks.next().unwrap_or_default());
        if !taken.contains_key(&comparison_key(&name)) {
            return name;
        }
    }
}

fn hex(guid: Guid) -> String {
    guid.simple().to_string()
}

/// Returns a name ending in `~` and a mark, cut at a character border where it would be too long.
fn marked(name: &Text, mark: &str) -> Text {
    let mut units: Vec<u16> = name.units().collect();
    let mut end = units.len().min(MOST_UNITS - 1 - mark.len());
    let is_pair = |pair: &[u16]| matches!(pair, [0xD800..0xDC00, 0xDC00..0xE000]);
    if end > 0 && units.get(end - 1..=end).is_some_and(is_pair) {
        end -= 1;
    }
    units.truncate(end);
    Text::from_units(units.into_iter().chain([u16::from(b'~')]).chain(mark.encode_utf16()))
}

fn tell_collision(loser: &Wanted, keeper: &Wanted, name: &Text, findings: &mut Findings) {
    let (code, holder) = match (loser.kind, keeper.kind) {
        (NameKind::Room, NameKind::Room) => ("NAME-DUP-ROOM", "the room"),
        (NameKind::Category, NameKind::Category) => ("NAME-DUP-CAT", "the category"),
        (NameKind::Room, NameKind::Category) => ("NAME-ROOM-CAT", "the category"),
        (NameKind::Category, NameKind::Room) => ("NAME-ROOM-CAT", "the room"),
    };
    let detail = format!(
        "Its new name `{}` belongs to {holder} `{}` ({}) already. It is called `{name}`; rename one of the \
         two in the source, or after the import.",
        loser.name, keeper.old_path, keeper.guid
    );
    findings.add(code, Level::Error, loser.old_path.clone(), detail);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::world::World;

    fn wanted(kind: NameKind, guid: u128, name: &str) -> Wanted {
        let name = Text::from(name);
        Wanted { kind, guid: Guid::from_u128(guid), old_path: name.clone(), name }
    }

    fn assigned(wanted: &[Wanted]) -> (Vec<String>, Findings) {
        let mut findings = Findings::default();
        let names = assign(wanted, &mut findings);
        let keys: std::collections::BTreeSet<Text> = names.iter().map(comparison_key).collect();
        assert_eq!(keys.len(), names.len(), "names are unique: {names:?}");
        assert!(names.iter().all(|name| name.len_units() <= MOST_UNITS));
        (names.iter().map(Text::to_string).collect(), findings)
    }

    #[test]
    fn the_least_guid_keeps_a_name_whatever_the_case_and_trailing_blanks() {
        let rooms = [
            wanted(NameKind::Room, 0xBBBB_BBBB << 96, "ÄRZTE"),
            wanted(NameKind::Room, 0xAAAA_AAAA << 96, "Ärzte  "),
            wanted(NameKind::Room, 0xCCCC_CCCC << 96, " ärzte"),
        ];
        let (names, findings) = assigned(&rooms);
        assert_eq!(names, ["ÄRZTE~bbbbbbbb", "Ärzte  ", " ärzte"]);
        assert_eq!(findings.by_code().into_iter().collect::<Vec<_>>(), [("NAME-DUP-ROOM", 1)]);
        assert!(findings.has_errors());
    }

    #[test]
    fn rooms_and_categories_share_one_space_of_names() {
        let both = [
            wanted(NameKind::Category, 1 << 96, "Trading"),
            wanted(NameKind::Room, 2 << 96, "trading"),
            wanted(NameKind::Category, 3 << 96, "TRADING"),
        ];
        let (names, findings) = assigned(&both);
        assert_eq!(names, ["Trading", "trading~00000002", "TRADING~00000003"]);
        assert_eq!(
            findings.by_code().into_iter().collect::<Vec<_>>(),
            [("NAME-DUP-CAT", 1), ("NAME-ROOM-CAT", 1)]
        );
    }

    #[test]
    fn a_flattened_name_may_collide_with_one_that_was_typed() {
        let mut world = World::settled_root();
        world.category("A");
        world.category("A\\B");
        world.room("A\\B\\C");
        world.category("Z");
        world.room("Z\\a_b_c");
        let planned = world.plan();
        assert_eq!(planned.room_names(), ["A_B_C", "a_b_c~00000000"]);
        assert_eq!(planned.told("NAME-DUP-ROOM"), ["error Z\\a_b_c"]);
    }

    #[test]
    fn names_of_256_units_fit_and_longer_ones_are_cut_to_256() {
        let guid = 0x094F_5A4A << 96;
        let (names, findings) = assigned(&[wanted(NameKind::Room, guid, &"x".repeat(256))]);
        assert_eq!((names[0].len(), findings.len()), (256, 0));
        let (names, findings) = assigned(&[wanted(NameKind::Room, guid, &"x".repeat(257))]);
        assert_eq!(names, [format!("{}~094f5a4a", "x".repeat(247))]);
        assert_eq!(findings.by_code().into_iter().collect::<Vec<_>>(), [("NAME-LONG", 1)]);
    }

    #[test]
    fn a_surrogate_pair_at_the_cut_is_left_out_whole() {
        let name = format!("{}😀{}", "x".repeat(246), "y".repeat(20));
        let (names, _) = assigned(&[wanted(NameKind::Room, 1, &name)]);
        assert_eq!(names, [format!("{}~00000000", "x".repeat(246))]);
        let name = format!("{}😀{}", "x".repeat(245), "y".repeat(20));
        let (names, _) = assigned(&[wanted(NameKind::Room, 1, &name)]);
        assert_eq!(names, [format!("{}😀~00000000", "x".repeat(245))]);
    }

    #[test]
    fn shortened_names_that_collide_take_more_digits() {
        let long = "x".repeat(300);
        let rooms: Vec<Wanted> = (1..=3).map(|guid| wanted(NameKind::Room, guid, &long)).collect();
        let (names, _) = assigned(&rooms);
        assert!(names[0].ends_with("x~00000000"));
        assert!(names[1].ends_with("x~0000000000000000"));
        assert!(names[2].ends_with(&format!("x~{:032x}", 3)));
    }

    #[test]
    fn even_a_name_typed_like_a_shortened_one_is_given_once() {
        let mark = format!("{:032x}", 2);
        let rooms = [
            wanted(NameKind::Room, 1, "n"),
            wanted(NameKind::Room, 2, "n"),
            wanted(NameKind::Room, 3, "n~00000000"),
            wanted(NameKind::Room, 4, "n~0000000000000000"),
            wanted(NameKind::Room, 5, &format!("n~{mark}")),
        ];
        let (names, _) = assigned(&rooms);
        assert_eq!(names[1], format!("n~{mark}-2"));
    }

    #[test]
    fn a_blank_name_becomes_kind_and_guid() {
        let (names, findings) =
            assigned(&[wanted(NameKind::Room, 7, "  "), wanted(NameKind::Category, 8, "")]);
        assert_eq!(
            names,
            ["Room 00000000-0000-0000-0000-000000000007", "Category 00000000-0000-0000-0000-000000000008"]
        );
        assert_eq!(findings.by_code().into_iter().collect::<Vec<_>>(), [("NAME-EMPTY", 2)]);
    }

    #[test]
    fn a_path_too_long_for_a_name_is_told_with_its_path() {
        let mut world = World::settled_root();
        let long = "n".repeat(200);
        world.category(&long);
        world.category(&format!("{long}\\{long}"));
        let planned = world.plan();
        assert_eq!(planned.told("NAME-LONG"), [format!("error {long}\\{long}")]);
        let name = &planned.plan.categories[1].name;
        assert_eq!(name.to_string(), format!("{long}_{}~00000000", "n".repeat(46)));
    }
}
