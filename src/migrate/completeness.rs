//! Whether the history seems whole: what is missing in it, as far as it shows itself.
//!
//! Nothing here is a loss of the conversion: the ledger accounts for every record that was read. It is
//! what the inputs themselves lack, or may lack.

use std::collections::BTreeMap;

use super::describe::count;
use crate::chat::{ChatIds, Text, Ticks};
use crate::ledger::{Findings, Level};
use crate::migrate::{Options, Plan, Room};

/// A silence of so many days is told: longer than a week with a bank holiday on either side.
const SILENCE: i64 = 10;
/// The longest silences are told one by one.
const MOST_SILENCES: usize = 10;

/// Tells what the history of a plan's rooms seems to lack.
pub(super) fn tell(plan: &Plan, options: &Options, findings: &mut Findings) {
    // Without histories nobody looked: a level without messages, or a comparison of trees.
    if options.histories.is_empty() {
        return;
    }
    for room in &plan.rooms {
        match options.histories.get(&room.guid) {
            Some(history) => history.ids.iter().for_each(|ids| tell_ids(room, ids, findings)),
            None => tell_silent_room(room, findings),
        }
    }
    tell_silence(&options.days, findings);
}

/// Tells of chat ids that no record has (SEQ-GAP), and of those whose times disagree with their order
/// (TIME-ORDER).
fn tell_ids(room: &Room, ids: &ChatIds, findings: &mut Findings) {
    let ChatIds { numbering, first, last, missing, gaps, .. } = ids;
    if ids.is_torn {
        let detail = format!(
            "The chat ids {first} to {last} of {numbering} have more gaps than are counted. Either only some rows \
             were exported, or these are no numbers of a server."
        );
        findings.add("SEQ-GAP", Level::Info, room.name.clone(), detail);
    } else if let Some((from, to)) = ids.longest {
        let longest = if from == to { from.to_string() } else { format!("{from} to {to}") };
        let detail = format!(
            "Of the chat ids {first} to {last} of {numbering}, {missing} are in no record, in {gaps} {}; the longest is \
             {longest}. A server counts up by one: they were purged, or their rows are not in the inputs. Compare with \
             another backup if it matters.",
            if *gaps == 1 { "stretch" } else { "stretches" }
        );
        findings.add("SEQ-GAP", Level::Info, room.name.clone(), detail);
    }
    if let Some(beyond) =
        room.last_chat_id.filter(|_| numbering.starts_with("channel")).filter(|id| id > last)
    {
        let detail = format!(
            "tblLastChatId says {beyond}, and the greatest chat id of {numbering} is {last}: the latest {} in no \
             record. They were purged, or the inputs are older than the table.",
            count(usize::try_from(beyond.abs_diff(*last)).unwrap_or(usize::MAX), "message") + " are"
        );
        findings.add("SEQ-GAP", Level::Info, room.name.clone(), detail);
    }
    if ids.backwards > 0 {
        let detail = format!(
            "{} of {numbering} lower than one at an earlier time. A server's clock was set back, or servers \
             disagreed about the time; messages stand in the order of time.",
            match ids.backwards {
                1 => "1 chat id is".to_owned(),
                many => format!("{many} chat ids are"),
            }
        );
        findings.add("TIME-ORDER", Level::Warning, room.name.clone(), detail);
    }
}

/// Tells of a room that has people and no messages (ROOM-SILENT).
fn tell_silent_room(room: &Room, findings: &mut Findings) {
    let people = room.members.len() + room.managers.len() + room.presenters.len();
    if people > 0 {
        let detail = "It has people and no messages. Nobody wrote anything, its messages were purged or left out, or \
                      they are not in the inputs.";
        findings.add("ROOM-SILENT", Level::Info, room.name.clone(), detail);
    }
}

/// Tells of stretches of days on which nobody wrote anything anywhere (SILENT-DAYS).
fn tell_silence(days: &BTreeMap<i64, u64>, findings: &mut Findings) {
    let silences =
        days.keys().zip(days.keys().skip(1)).map(|(&before, &after)| (after - before - 1, before + 1));
    let mut silences: Vec<(i64, i64)> = silences.filter(|&(length, _)| length >= SILENCE).collect();
    silences.sort_by_key(|&(length, from)| (std::cmp::Reverse(length), from));
    let more = silences.len().saturating_sub(MOST_SILENCES);
    for &(length, from) in silences.iter().take(MOST_SILENCES) {
        let detail = format!(
            "No message at all in any room, {length} days long (UTC). A backup or a slice of compliance records may be \
             missing between those that were given.{}",
            if more > 0 {
                format!(" {more} shorter silences are not told one by one.")
            } else {
                String::new()
            }
        );
        let subject = format!("{} to {}", date(from), date(from + length - 1));
        findings.add("SILENT-DAYS", Level::Info, Text::from(subject), detail);
    }
}

/// Writes a day, counted from 0001-01-01.
fn date(day: i64) -> String {
    match day.checked_mul(Ticks::DAY).map(Ticks::new) {
        Some(Ok(ticks)) => {
            let (year, month, day, _) = ticks.to_date();
            format!("{year:04}-{month:02}-{day:02}")
        }
        _ => format!("day {day}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::HistoryFacts;
    use crate::migrate::world::{World, member};

    fn ids() -> ChatIds {
        ChatIds { numbering: "channel 17".to_owned(), first: 1, last: 100, ..ChatIds::default() }
    }

    fn planned(ids: ChatIds, last_chat_id: Option<i64>) -> crate::migrate::world::Planned {
        let mut world = World::settled_root();
        world.category("A");
        let room = world.room("A\\R");
        room.last_chat_id = last_chat_id;
        let guid = room.guid;
        world.options.histories.insert(guid, HistoryFacts { ids: vec![ids], ..HistoryFacts::default() });
        world.plan()
    }

    #[test]
    fn missing_chat_ids_are_told_with_the_longest_stretch() {
        let planned = planned(ChatIds { missing: 12, gaps: 2, longest: Some((40, 50)), ..ids() }, Some(100));
        assert_eq!(planned.told("SEQ-GAP"), ["info R"]);
        let detail = planned.detail("SEQ-GAP");
        assert!(detail.contains("12 are in no record, in 2 stretches; the longest is 40 to 50"), "{detail}");
    }

    #[test]
    fn a_whole_numbering_is_not_told_and_a_counter_beyond_it_is() {
        assert!(planned(ids(), Some(100)).told("SEQ-GAP").is_empty());
        let planned = planned(ids(), Some(103));
        assert!(planned.detail("SEQ-GAP").contains("the latest 3 messages are in no record"));
    }

    #[test]
    fn ids_against_the_order_of_time_are_a_warning() {
        let planned = planned(ChatIds { backwards: 2, ..ids() }, None);
        assert_eq!(planned.told("TIME-ORDER"), ["warning R"]);
        assert!(planned.told("SEQ-GAP").is_empty());
    }

    #[test]
    fn a_room_with_people_and_no_messages_is_told() {
        let mut world = World::settled_root();
        let ann = world.person("ann");
        world.category("A");
        world.room("A\\Silent").roles = vec![member(ann)];
        world.room("A\\Empty");
        let other = world.room("A\\Full");
        other.roles = vec![member(ann)];
        let guid = other.guid;
        world.options.histories.insert(guid, HistoryFacts::default());
        assert_eq!(world.plan().told("ROOM-SILENT"), ["info Silent"]);
    }

    #[test]
    fn long_silences_are_told_by_their_days() {
        let mut findings = Findings::default();
        let day = |text: &str| Ticks::parse_iso(text).unwrap().get() / Ticks::DAY;
        let days = ["2009-01-01", "2009-01-11", "2009-01-12", "2009-03-01"].map(|text| (day(text), 1));
        tell_silence(&days.into_iter().collect(), &mut findings);
        let told: Vec<String> = findings.iter().map(|finding| finding.subject.to_string()).collect();
        assert_eq!(told, ["2009-01-13 to 2009-02-28"]);
    }
}
