//! Where everything stands in a package: the names of its entries.
//!
//! All names are relative to the bag's folder, with `/`, and made of ASCII letters, digits, `.`,
//! `_`, `-` alone, so that every file system and every ZIP reader takes them as they are.

use crate::chat::Guid;

/// The mark of a BagIt bag.
pub const BAGIT: &str = "bagit.txt";
/// What the bag says of itself.
pub const BAG_INFO: &str = "bag-info.txt";
/// Digests of everything below `data/`.
pub const MANIFEST: &str = "manifest-sha256.txt";
/// Digests of the files beside `data/`, its own excepted.
pub const TAG_MANIFEST: &str = "tagmanifest-sha256.txt";
/// Principals.
pub const USERS: &str = "data/import/User.xml";
/// Categories.
pub const CATEGORIES: &str = "data/import/Category.xml";
/// Add-ins and rooms.
pub const ROOM_DIRECTORY: &str = "data/import/RoomDirectory.xml";
/// The folder of messages.
pub const CONTENT: &str = "data/import/Content";
/// The folder of events.
pub const COMPLIANCE: &str = "data/compliance";
/// The folder of tables carried verbatim.
pub const SOURCE: &str = "data/source";
/// Re-creates add-ins, categories and rooms with the documented cmdlets.
pub const STRUCTURE_SCRIPT: &str = "data/structure.ps1";
/// The report for programs.
pub const REPORT_JSON: &str = "data/report.json";
/// The report for people.
pub const REPORT_HTML: &str = "data/report.html";

/// Returns the name of a part of a room's document in `folder`; parts count from 1.
pub fn room_document(folder: &str, room: Guid, part: u32) -> String {
    match part {
        0 | 1 => format!("{folder}/{}.xml", room.hyphenated()),
        _ => format!("{folder}/{}.{part:04}.xml", room.hyphenated()),
    }
}

/// Returns the name of a ledger file such as `sources`.
pub fn ledger(name: &str) -> String {
    format!("data/ledger/{name}.csv")
}

/// Makes a name safe as one step of an entry's path: what is not allowed becomes `_`, and so does
/// a dot at an end, as Windows drops or hides such; a name that Windows keeps for a device begins
/// with `_`. At most 100 characters.
pub fn safe_step(name: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let mut safe: String = name.chars().take(100).map(|c| if allowed(c) { c } else { '_' }).collect();
    if safe.is_empty() || safe.starts_with('.') {
        safe.replace_range(..safe.len().min(1), "_");
    }
    if safe.ends_with('.') {
        safe.pop();
        safe.push('_');
    }
    if is_device(&safe) {
        safe.insert(0, '_');
    }
    safe
}

/// Tells whether Windows takes a name for a device, whatever its extension (Microsoft, "Naming
/// Files, Paths, and Namespaces").
pub(super) fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let numbered = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT"));
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || numbered.is_some_and(|rest| matches!(rest.as_bytes(), [b'1'..=b'9']))
}

/// Tells whether an entry's name keeps the rules that [`safe_step`] makes.
pub(super) fn is_safe_path(path: &str) -> bool {
    path.split('/').all(|step| !step.is_empty() && safe_step(step) == step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_become_harmless_steps() {
        for (name, safe) in [
            ("tblNode", "tblNode"),
            ("../../etc/passwd", "_._.._etc_passwd"),
            ("", "_"),
            (".", "_"),
            ("..", "__"),
            ("C:\\x", "C__x"),
            ("a b\0ü", "a_b__"),
            ("nul.txt", "_nul.txt"),
            ("com1", "_com1"),
            ("com10", "com10"),
            ("x.", "x_"),
        ] {
            assert_eq!(safe_step(name), safe);
            assert!(is_safe_path(safe), "{safe}");
        }
        assert_eq!(safe_step(&"x".repeat(300)).len(), 100);
        assert!(!is_safe_path("data//x") && !is_safe_path("/x") && !is_safe_path("data/../x"));
    }

    #[test]
    fn parts_are_numbered_from_the_second_on() {
        let room = Guid::from_u128(1);
        assert_eq!(room_document(CONTENT, room, 1), format!("data/import/Content/{room}.xml"));
        assert_eq!(room_document(CONTENT, room, 2), format!("data/import/Content/{room}.0002.xml"));
    }
}
