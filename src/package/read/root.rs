//! Finding packages among the names of many items, and telling their parts by name.

use std::collections::BTreeSet;

use crate::chat::Guid;

use super::value;
use crate::package::layout;

/// A package among the items of an input: all its parts have names that begin alike, and lie in the
/// same place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackageRoot {
    prefix: String,
    folder: String,
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

/// Finds the packages among items, each given by its name and its folder: each place that holds both
/// `bagit.txt` and `data/import/User.xml`. They come out in the order of their names and folders.
/// Two packages of one name are two packages if they lie in different places.
pub fn recognise(items: &[(&str, &str)]) -> Vec<PackageRoot> {
    let roots = |tail: &str| -> BTreeSet<PackageRoot> {
        let found = items.iter().filter_map(|(name, folder)| {
            let prefix = name.strip_suffix(tail)?;
            let folder = place(folder, tail)?;
            let sound = prefix.is_empty() || prefix.ends_with(['/', '#']);
            sound.then(|| PackageRoot { prefix: prefix.to_owned(), folder: folder.to_owned() })
        });
        found.collect()
    };
    let declared = roots("bagit.txt");
    roots("data/import/User.xml").intersection(&declared).cloned().collect()
}

/// Returns the folder that a part's own folder lies in, given the part's path below it.
fn place<'a>(folder: &'a str, path: &str) -> Option<&'a str> {
    let mut rest = folder;
    for step in path.rsplit('/').skip(1) {
        rest = rest.trim_end_matches(SEPARATORS).strip_suffix(step)?;
    }
    Some(rest.trim_end_matches(SEPARATORS))
}

/// What stands between the steps of a folder, real or within an archive.
const SEPARATORS: [char; 3] = ['/', '\\', '#'];

impl PackageRoot {
    /// Returns what the names of all parts begin with; empty, or ending in `/` or `#`.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Tells which part of this package an item is; `None` for an item outside it.
    pub fn part(&self, name: &str, folder: &str) -> Option<Part> {
        let path = name.strip_prefix(self.prefix.as_str())?;
        (place(folder, path)? == self.folder).then(|| Part::of(path))
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

/// Tells of the name of an item whether a package carries it from an old file store. What it holds is
/// nobody's business: it may be an archive of anything.
pub fn is_carried(name: &str) -> bool {
    let Some((folder, digest)) = name.rsplit_once('/') else { return false };
    let prefix = folder.strip_suffix(layout::CARRIED);
    prefix.is_some_and(|prefix| prefix.is_empty() || prefix.ends_with(['/', '#'])) && is_digest(digest)
}

/// Tells whether a name is a SHA-256, as carried files are named.
pub(crate) fn is_digest(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
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
        let items = [
            ("old.zip#old/bagit.txt", "/x/old.zip#old"),
            ("old.zip#old/data/import/User.xml", "/x/old.zip#old/data/import"),
            ("bagit.txt", "/y"),
            ("data/import/User.xml", "/y/data/import"),
            ("bag/bagit.txt", "/z/bag"),
            ("xdata/import/User.xml", "/z/xdata/import"),
        ];
        let found = recognise(&items);
        assert_eq!(found.iter().map(PackageRoot::prefix).collect::<Vec<_>>(), ["", "old.zip#old/"]);
        assert_eq!(found[1].part(items[1].0, items[1].1), Some(Part::Users));
        assert_eq!(found[1].part("bag/bagit.txt", "/z/bag"), None);
    }

    #[test]
    fn packages_of_one_name_in_two_places_are_two() {
        let items = [
            ("history/bagit.txt", "/january/history"),
            ("history/data/import/User.xml", "/january/history/data/import"),
            ("history/bagit.txt", "/february/history"),
            ("history/data/import/User.xml", "/february/history/data/import"),
        ];
        let found = recognise(&items);
        assert_eq!(found.len(), 2);
        let user = |at: usize| found.iter().filter_map(|root| root.part(items[at].0, items[at].1)).count();
        assert_eq!((user(1), user(3)), (1, 1));
    }

    #[test]
    fn files_that_a_package_carries_are_told_by_their_place_and_name() {
        let digest = "0a".repeat(32);
        for (name, carried) in [
            (format!("old.zip#old/data/files/content/{digest}"), true),
            (format!("data/files/content/{digest}"), true),
            (format!("old/data/files/content/{digest}#inner.csv"), false),
            (format!("old/mydata/files/content/{}", digest.to_uppercase()), false),
            (format!("mydata/files/content/{digest}"), false),
            (format!("files/content/{digest}"), false),
        ] {
            assert_eq!(is_carried(&name), carried, "{name}");
        }
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
