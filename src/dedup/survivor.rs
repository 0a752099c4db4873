//! Which of several records of one message is kept, and what the others add.

use std::cmp::Reverse;

use super::authors::Certainty;
use super::matching::{Candidate, Slot};
use crate::chat::{Form, Source, Span};
use crate::ledger::Rule;

/// What a slot comes to. Its text stands in the buffer of the records.
#[derive(Debug, Clone, Copy)]
pub(super) struct Survivor {
    pub source: Source,
    pub chat_id: Option<i64>,
    pub alert: Option<bool>,
    pub text: Span,
    pub rtf: Option<Span>,
    pub extras: Option<Span>,
}

/// Puts the records of a slot in the order of richness, the richest first: a database row with RTF,
/// a database row, a compliance record, a `FileDump`; then the finer time, the surer author, the
/// longer text (it kept line breaks that others lost), and content. Stream numbers come last: they
/// decide only between records that are equal in all that is shown.
pub(super) fn rank(slot: &mut Slot<'_>) {
    if slot.records.len() > 1 {
        slot.records.sort_by(|one, other| richness(one).cmp(&richness(other)));
    }
}

fn richness<'a>(candidate: &Candidate<'a>) -> impl Ord + use<'a> {
    let item = candidate.item;
    let record = item.record;
    let rtf = item.rtf();
    let with_rtf = record.form == Form::Database && rtf.is_some();
    (
        (Reverse(with_rtf), Reverse(record.form), record.moment.precision, candidate.certainty),
        (Reverse(item.text().len()), item.text(), Reverse(rtf), Reverse(item.alert())),
        (record.chat_id.is_none(), record.chat_id, Reverse(item.extras()), record.source),
    )
}

/// Merges a ranked slot: everything from the first record, and what only the others know.
pub(super) fn merge(slot: &Slot<'_>) -> Survivor {
    let records = || slot.records.iter();
    let best = &slot.records[0].item;
    Survivor {
        source: best.record.source,
        chat_id: records().find_map(|candidate| candidate.item.record.chat_id),
        alert: records().find_map(|candidate| candidate.item.alert()),
        text: best.record.text,
        rtf: records().find_map(|candidate| candidate.item.record.rtf),
        extras: records().find_map(|candidate| candidate.item.record.extras),
    }
}

/// Tells why a record that did not survive is the same message as the one that did.
pub(super) fn rule(slot: &Slot<'_>, record: &Candidate<'_>) -> Rule {
    let best = &slot.records[0];
    if record.number == best.number {
        Rule::SameId
    } else if record.item.record.moment.precision > slot.moment.precision {
        Rule::CoarserTime
    } else if record.author != slot.author && record.certainty >= Certainty::NoAddress {
        // Two people who share an address are one author.
        Rule::UnknownAuthor
    } else {
        Rule::SameMessage
    }
}
