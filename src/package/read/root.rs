//! Finding packages among the names of many items, and telling their parts by name.

use crate::chat::Guid;

use super::value;

/// A package among the items of an input: all its parts have names that begin alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackageRoot {
    prefix: String,
}

/// What a file of a package is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// `data/import/User.xml`.
    Users,
    /// `data/import/Category.xml`.
    Categories,
    /// `data/import/RoomDirectory.xml`.
    RoomDirectory,
    /// Messages of a room; long ones come in parts, numbered from 1.
    Content(Guid, u32),
    /// Events of a room, in parts as well.
    Compliance(Guid, u32),
    /// Anything else of the package, without the root's prefix: read by nobody but its verifier.
    Other(String),
}

/// Finds the packages among the names of items: each place that holds both `bagit.txt` and
/// `data/import/User.xml`. They come out in the order of their names.
pub fn recognise(names: &[&str]) -> Vec<PackageRoot> {
    let prefixes = |tail: &str| -> Vec<String> {
        let mut found: Vec<String> = names
            .iter()
            .filter_map(|name| name.strip_suffix(tail))
            .filter(|prefix| prefix.is_empty() || prefix.ends_with(['/', '#']))
            .map(str::to_owned)
            .collect();
        found.sort();
        found.dedup();
        found
    };
    let declared = prefixes("bagit.txt");
    prefixes("data/import/User.xml")
        .into_iter()
        .filter(|prefix| declared.binary_search(prefix).is_ok())
        .map(|prefix| PackageRoot { prefix })
        .collect()
}

impl PackageRoot {
    /// Returns what the names of all parts begin with; empty, or ending in `/` or `#`.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Tells which part of this package an item is; `None` for an item outside it.
    pub fn part(&self, name: &str) -> Option<Part> {
        name.strip_prefix(self.prefix.as_str()).map(Part::of)
    }
}

impl Part {
    /// Tells what the file at this path of a package is.
    pub fn of(path: &str) -> Part {
        match path {
            "data/import/User.xml" => return Part::Users,
            "data/import/Category.xml" => return Part::Categories,
            "data/import/RoomDirectory.xml" => return Part::RoomDirectory,
            _ => {}
        }
        let content = path.strip_prefix("data/import/Content/").and_then(room_part);
        let compliance = path.strip_prefix("data/compliance/").and_then(room_part);
        match (content, compliance) {
            (Some((room, part)), _) => Part::Content(room, part),
            (_, Some((room, part))) => Part::Compliance(room, part),
            _ => Part::Other(path.to_owned()),
        }
    }
}

/// Reads `<guid>.xml` as part 1, `<guid>.0002.xml` as part 2 and so on.
fn room_part(name: &str) -> Option<(Guid, u32)> {
    let stem = name.strip_suffix(".xml")?;
    let Some((guid, part)) = stem.split_once('.') else { return Some((value::guid(stem)?, 1)) };
    let number: u32 = part.parse().ok()?;
    (number >= 2 && part == format!("{number:04}")).then_some((value::guid(guid)?, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: &str = "094f5a4a-c492-4f6b-91c2-385eba134fd3";

    #[test]
    fn packages_are_found_at_the_top_in_folders_and_in_archives() {
        let names = [
            "old.zip#old/bagit.txt",
            "old.zip#old/data/import/User.xml",
            "bagit.txt",
            "data/import/User.xml",
            "bag/bagit.txt",
            "xdata/import/User.xml",
        ];
        let found = recognise(&names);
        assert_eq!(found.iter().map(PackageRoot::prefix).collect::<Vec<_>>(), ["", "old.zip#old/"]);
        assert_eq!(found[1].part("old.zip#old/data/import/User.xml"), Some(Part::Users));
        assert_eq!(found[1].part("bag/bagit.txt"), None);
    }

    #[test]
    fn parts_of_rooms_are_numbered_in_one_way_only() {
        let guid = Guid::try_parse(GUID).unwrap();
        let part = |tail: &str| Part::of(&format!("data/import/Content/{GUID}{tail}"));
        assert_eq!(part(".xml"), Part::Content(guid, 1));
        assert_eq!(part(".0012.xml"), Part::Content(guid, 12));
        for tail in [".0001.xml", ".2.xml", ".00002.xml", ".+002.xml", ".0002.0002.xml"] {
            assert!(matches!(part(tail), Part::Other(_)), "{tail}");
        }
        assert_eq!(Part::of(&format!("data/compliance/{GUID}.xml")), Part::Compliance(guid, 1));
    }
}
