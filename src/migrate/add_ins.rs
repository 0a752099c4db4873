//! Add-ins: the web pages beside rooms, and the limits of their names.

use std::collections::BTreeSet;

use super::names::comparison_key;
use crate::chat::{AddIn, Guid, Text};
use crate::ledger::{Findings, Level};

/// `tblSiopWhiteList.siopName` and `.siopUrl` of the target, in UTF-16 code units.
const MOST_NAME_UNITS: usize = 50;
const MOST_URL_UNITS: usize = 255;

/// Returns the add-ins in the order of GUIDs, each GUID once; tells what the target cannot hold.
pub(super) fn planned(add_ins: &[AddIn], findings: &mut Findings) -> Vec<AddIn> {
    let mut planned = add_ins.to_vec();
    planned.sort();
    planned.dedup_by_key(|add_in| add_in.guid);
    let mut names = BTreeSet::new();
    for add_in in &planned {
        let subject = || add_in.name.clone();
        for (code, what, length, most) in [
            ("LIMIT-ADDIN-NAME", "name", add_in.name.len_units(), MOST_NAME_UNITS),
            ("LIMIT-ADDIN-URL", "address", add_in.url.len_units(), MOST_URL_UNITS),
        ] {
            if length > most {
                let detail = format!(
                    "The {what} of this add-in has {length} characters; the target takes {most}. Shorten it \
                     before the import."
                );
                findings.add(code, Level::Warning, subject(), detail);
            }
        }
        if !names.insert(comparison_key(&add_in.name)) {
            let detail = format!(
                "Another add-in bears the name of {} too, and rooms refer to add-ins by name. Rename one of them.",
                add_in.guid
            );
            findings.add("ADDIN-DUP", Level::Warning, subject(), detail);
        }
    }
    planned
}

/// Returns the add-in of a room if there is one; tells of one that is missing (ADDIN-MISSING).
pub(super) fn found(
    wanted: Option<Guid>,
    add_ins: &[AddIn],
    subject: &Text,
    findings: &mut Findings,
) -> Option<Guid> {
    let guid = wanted?;
    let found = add_ins.binary_search_by_key(&guid, |add_in| add_in.guid).is_ok();
    if !found {
        let detail = format!(
            "It refers to the add-in {guid}, which no table holds. The room has no add-in now; register it \
             again if it is wanted."
        );
        findings.add("ADDIN-MISSING", Level::Warning, subject.clone(), detail);
    }
    found.then_some(guid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::world::{Planned, World};

    fn planned(add_ins: &[(u128, &str, &str)], wanted: u128) -> Planned {
        let mut world = World::settled_root();
        world.add_ins = add_ins
            .iter()
            .map(|&(guid, name, url)| AddIn {
                guid: Guid::from_u128(guid),
                name: Text::from(name),
                url: Text::from(url),
            })
            .collect();
        world.category("A");
        world.room("A\\R").add_in = Some(Guid::from_u128(wanted));
        world.plan()
    }

    #[test]
    fn a_room_keeps_the_add_in_that_exists() {
        let planned = planned(&[(9, "Nine", "https://nine"), (7, "Seven", "https://seven")], 7);
        assert_eq!(planned.room("R").add_in, Some(Guid::from_u128(7)));
        assert_eq!(planned.plan.add_ins[0].name, Text::from("Seven"));
        assert!(planned.told("ADDIN-MISSING").is_empty());
    }

    #[test]
    fn a_missing_add_in_is_told_and_not_referred_to() {
        let planned = planned(&[], 7);
        assert_eq!(planned.room("R").add_in, None);
        assert_eq!(planned.told("ADDIN-MISSING"), ["warning A\\R"]);
    }

    #[test]
    fn add_in_names_of_50_and_addresses_of_255_units_fit() {
        let (name, url) = ("n".repeat(50), "u".repeat(255));
        let fits = planned(&[(7, &name, &url)], 7);
        assert!(fits.told("LIMIT-ADDIN-NAME").is_empty() && fits.told("LIMIT-ADDIN-URL").is_empty());
        let (name, url) = ("n".repeat(51), "u".repeat(256));
        let long = planned(&[(7, &name, &url)], 7);
        assert_eq!(long.told("LIMIT-ADDIN-NAME"), [format!("warning {name}")]);
        assert_eq!(long.told("LIMIT-ADDIN-URL"), [format!("warning {name}")]);
    }

    #[test]
    fn two_add_ins_of_one_name_are_told() {
        let planned = planned(&[(7, "Board", "https://a"), (8, "board ", "https://b")], 7);
        assert_eq!(planned.told("ADDIN-DUP"), ["warning board "]);
    }
}
