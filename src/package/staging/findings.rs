//! What the staging lane changes so that the target takes it, told as findings.

use std::io;

use super::numbering::RoomIds;
use super::structure::{self, Notes};
use super::table::{MESSAGES, TABLES};
use crate::chat::Text;
use crate::ledger::{Findings, Level};
use crate::migrate::Plan;

/// How many people a sentence lists before it only counts.
const MOST_LISTED: usize = 10;

/// Tells what differs between the staging lane and the documents. Costs writing the structure once,
/// to nowhere.
pub(in crate::package) fn tell(plan: &Plan, ids: &[RoomIds]) -> Findings {
    let mut findings = Findings::default();
    ids.iter().for_each(|ids| tell_ids(plan, ids, &mut findings));
    let mut notes = Notes::default();
    for table in TABLES.into_iter().filter(|table| table.name != MESSAGES.name) {
        // Nowhere takes everything.
        let _ = structure::write_table(table, plan, ids, &mut io::sink(), &mut notes);
    }
    for (subject, column, most) in notes.cut {
        let detail = format!(
            "The target's column takes {most} characters, so {column} in data/staging was cut. The documents \
             have the whole text."
        );
        findings.add("STAGING-CUT", Level::Warning, subject, detail);
    }
    tell_addresses(&notes.addressed, &mut findings);
    findings
}

fn tell_ids(plan: &Plan, ids: &RoomIds, findings: &mut Findings) {
    let RoomIds { messages, changed, given, .. } = *ids;
    if changed == 0 && given == 0 {
        return;
    }
    let room = plan.rooms.binary_search_by_key(&ids.room, |room| room.guid).ok();
    let name = room.and_then(|at| plan.rooms.get(at)).map(|room| room.name.clone());
    let subject = name.filter(|name| !name.is_empty()).unwrap_or_else(|| Text::from(ids.room.to_string()));
    let mut parts = Vec::new();
    if changed > 0 {
        let from = ids.first_changed;
        parts.push(format!(
            "{changed} have another chat id in data/staging than in the source, from Seq {from} on"
        ));
    }
    if given > 0 {
        parts.push(format!("{given} had no chat id and were given one"));
    }
    let detail = format!(
        "Of {messages} messages {}: the target shows messages in the order of their ids, one for each. Order, \
         times and texts are those of the documents; SourceChatId has the source's ids.",
        parts.join(", and ")
    );
    let level = if changed > 0 { Level::Warning } else { Level::Info };
    findings.add("STAGING-CHAT-ID", level, subject, detail);
}

fn tell_addresses(people: &[Text], findings: &mut Findings) {
    if people.is_empty() {
        return;
    }
    let listed: Vec<String> = people.iter().take(MOST_LISTED).map(Text::to_string).collect();
    let more = people.len() - listed.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let detail = format!(
        "No source has an address for these, which the target needs; placeholders stand in data/staging, which \
         reach nobody: {}{more}.",
        listed.join(", ")
    );
    findings.add("STAGING-ADDRESS", Level::Info, "people", detail);
}
