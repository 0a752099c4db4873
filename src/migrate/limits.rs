//! Limits of a pool that are about the plan as a whole ("Capacity planning for Persistent Chat
//! Server").

use super::describe::count;
use crate::chat::Text;
use crate::ledger::{Findings, Level};
use crate::migrate::Plan;

/// Access control entries of a pool: members, managers, presenters and scopes.
const MOST_ACCESS_ENTRIES: usize = 2_000_000;

/// `nodeDesc` of the target, in UTF-16 code units.
const MOST_DESCRIPTION_UNITS: usize = 256;

/// Tells where a plan exceeds what a pool can hold.
pub(super) fn tell(plan: &Plan, findings: &mut Findings) {
    let roles =
        plan.rooms.iter().map(|room| room.members.len() + room.managers.len() + room.presenters.len());
    let scopes = plan.categories.iter().map(|category| category.allowed.len() + category.denied.len());
    tell_access(roles.chain(scopes).sum(), findings);
    let categories = plan.categories.iter().map(|category| (&category.name, &category.description));
    let rooms = plan.rooms.iter().map(|room| (&room.name, &room.description));
    for (name, description) in categories.chain(rooms) {
        tell_description(name, description, findings);
    }
}

fn tell_access(entries: usize, findings: &mut Findings) {
    if entries > MOST_ACCESS_ENTRIES {
        let detail = format!(
            "Rooms and categories hold {} for members, managers, presenters and scopes; a pool is slow beyond \
             {MOST_ACCESS_ENTRIES}. Let groups stand for their members.",
            count(entries, "entry")
        );
        findings.add("LIMIT-ACCESS", Level::Warning, "access control", detail);
    }
}

fn tell_description(name: &Text, description: &Text, findings: &mut Findings) {
    let length = description.len_units();
    if length > MOST_DESCRIPTION_UNITS {
        let detail = format!(
            "The description has {length} characters; the target takes {MOST_DESCRIPTION_UNITS}. Shorten it \
             before the import."
        );
        findings.add("LIMIT-DESCRIPTION", Level::Warning, name.clone(), detail);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_million_access_entries_are_fine_and_one_more_is_told() {
        for (entries, told) in [(2_000_000, false), (2_000_001, true)] {
            let mut findings = Findings::default();
            tell_access(entries, &mut findings);
            assert_eq!(findings.by_code().contains_key("LIMIT-ACCESS"), told, "{entries}");
        }
    }

    #[test]
    fn descriptions_are_counted_in_utf_16_units() {
        for (description, told) in [("😀".repeat(128), false), ("😀".repeat(129), true)] {
            let mut findings = Findings::default();
            tell_description(&Text::from("Desk"), &Text::from(description), &mut findings);
            assert_eq!(findings.by_code().contains_key("LIMIT-DESCRIPTION"), told);
        }
    }
}
