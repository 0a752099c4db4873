//! Limits of a pool that are about the plan as a whole ("Capacity planning for Persistent Chat
//! Server").

use std::collections::BTreeMap;

use super::describe::count;
use super::formulas;
use crate::chat::{HistoryFacts, Text};
use crate::ledger::{Findings, Level};
use crate::migrate::{Options, Plan, Room};

/// Access control entries of a pool: members, managers, presenters and scopes.
const MOST_ACCESS_ENTRIES: usize = 2_000_000;

/// `nodeDesc` of the target, in UTF-16 code units.
const MOST_DESCRIPTION_UNITS: usize = 256;

/// Pending invitations of a pool: from here on the vendor warns.
const MOST_INVITATIONS: u64 = 1_000_000;

/// Tells where a plan exceeds what a pool can hold.
pub(super) fn tell(plan: &Plan, options: &Options, findings: &mut Findings) {
    let roles =
        plan.rooms.iter().map(|room| room.members.len() + room.managers.len() + room.presenters.len());
    let scopes = plan.categories.iter().map(|category| category.allowed.len() + category.denied.len());
    tell_access(roles.chain(scopes).sum(), findings);
    let categories = plan.categories.iter().map(|category| (&category.name, &category.description));
    let rooms = plan.rooms.iter().map(|room| (&room.name, &room.description));
    for (name, description) in categories.chain(rooms) {
        tell_description(name, description, findings);
    }
    tell_left(&options.left, findings);
    formulas::tell(plan, options, findings);
    for room in &plan.rooms {
        if let Some(history) = options.histories.get(&room.guid) {
            tell_large_messages(&room.name, history, findings);
            tell_last_chat_id(room, history, findings);
        }
    }
}

/// Tells of rows that are carried verbatim and stay behind (STATE-LEFT), and of more invitations than a
/// pool takes (LIMIT-INVITATIONS).
fn tell_left(left: &BTreeMap<&'static str, u64>, findings: &mut Findings) {
    for (&table, &rows) in left.iter().filter(|(_, rows)| **rows > 0) {
        let detail = format!(
            "Its {rows} rows have no counterpart in the new world. They are carried verbatim in data/source/ and \
             imported by nothing."
        );
        findings.add("STATE-LEFT", Level::Info, table, detail);
        if table == "tblPrincipalInvites" && rows > MOST_INVITATIONS {
            let detail = format!(
                "{rows} invitations are pending; the vendor warns of more than {MOST_INVITATIONS} in a pool. Have them \
                 answered or removed before the source is exported by other means."
            );
            findings.add("LIMIT-INVITATIONS", Level::Warning, table, detail);
        }
    }
}

/// Tells of messages that a pool's own limits may not take (LIMIT-MESSAGE).
fn tell_large_messages(room: &Text, history: &HistoryFacts, findings: &mut Findings) {
    if history.large_messages > 0 {
        let detail = format!(
            "{} larger than 4096 bytes in UTF-8, the largest {} bytes. None is cut; look at the pool's limits of \
             messages and stories before the import.",
            match history.large_messages {
                1 => "1 message is".to_owned(),
                many => format!("{many} messages are"),
            },
            history.largest_message
        );
        findings.add("LIMIT-MESSAGE", Level::Warning, room.clone(), detail);
    }
}

/// Tells of a room whose counter of chat ids lies below its messages (LAST-ID-LOW).
fn tell_last_chat_id(room: &Room, history: &HistoryFacts, findings: &mut Findings) {
    if let (Some(last), Some(greatest)) = (room.last_chat_id, history.greatest_chat_id)
        && last < greatest
    {
        let detail = format!(
            "tblLastChatId says {last}, but a message has the chat id {greatest}. A server that went on from the former \
             would use ids twice; take {greatest} where it matters."
        );
        findings.add("LAST-ID-LOW", Level::Warning, room.name.clone(), detail);
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
    use crate::migrate::world::World;

    #[test]
    fn two_million_access_entries_are_fine_and_one_more_is_told() {
        for (entries, told) in [(2_000_000, false), (2_000_001, true)] {
            let mut findings = Findings::default();
            tell_access(entries, &mut findings);
            assert_eq!(findings.by_code().contains_key("LIMIT-ACCESS"), told, "{entries}");
        }
    }

    #[test]
    fn a_counter_below_the_messages_and_large_messages_are_told_of_their_room() {
        let mut world = World::settled_root();
        world.category("A");
        for (room, last) in [("Low", Some(6)), ("Even", Some(7)), ("Unknown", None)] {
            let node = world.room(&format!("A\\{room}"));
            node.last_chat_id = last;
            let guid = node.guid;
            let facts = HistoryFacts {
                greatest_chat_id: Some(7),
                large_messages: 2,
                largest_message: 5_000,
                ..HistoryFacts::default()
            };
            let facts = if room == "Low" { facts } else { HistoryFacts { large_messages: 0, ..facts } };
            world.options.histories.insert(guid, facts);
        }
        let planned = world.plan();
        assert_eq!(planned.told("LAST-ID-LOW"), ["warning Low"]);
        assert_eq!(planned.told("LIMIT-MESSAGE"), ["warning Low"]);
        assert!(planned.detail("LIMIT-MESSAGE").starts_with("2 messages are larger"));
    }

    #[test]
    fn what_stays_behind_is_told_and_too_many_invitations_are_a_warning() {
        for (rows, told) in [(0, (0, 0)), (1_000_000, (1, 0)), (1_000_001, (1, 1))] {
            let mut findings = Findings::default();
            tell_left(&BTreeMap::from([("tblPrincipalInvites", rows), ("tblPreference", 0)]), &mut findings);
            let count = |code: &str| findings.by_code().get(code).copied().unwrap_or(0);
            assert_eq!((count("STATE-LEFT"), count("LIMIT-INVITATIONS")), told, "{rows}");
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
