//! Telling what differs in a message or an event.

use super::Tell;
use super::difference::{Difference, Kind, RecordSubject, Side};
use super::entry::Entry;
use super::model::Model;
use crate::chat::{MessageId, Text};
use crate::error::Result;

/// Tells in what two entries differ, or that one side lacks the other's.
///
/// # Errors
/// Those of `tell`.
pub(super) fn tell(
    model: &Model,
    a: Option<Entry<'_>>,
    b: Option<Entry<'_>>,
    tell: &mut Tell<'_>,
) -> Result<()> {
    let Some(entry) = a.or(b) else { return Ok(()) };
    let kind = if entry.place.are_events { Kind::Event } else { Kind::Message };
    let other_id = a.zip(b).and_then(|(a, b)| b.id.filter(|_| a.id != b.id));
    let difference = Difference {
        kind,
        side: if a.is_none() { Side::B } else { Side::A },
        subject: Some(model.room(entry.place.room)),
        person: Some(model.person(entry.person)),
        record: Some(RecordSubject {
            id: entry.id,
            id_in_b: other_id,
            time: entry.moment.ticks,
            chat_id: entry.chat_id,
            type_name: entry.place.are_events.then(|| Text::from_known(entry.type_name)),
        }),
        field: None,
        a: a.map(|entry| Text::from_known(entry.text)),
        b: b.map(|entry| Text::from_known(entry.text)),
    };
    let (Some(a), Some(b)) = (a, b) else { return tell(&difference) };
    for (field, value) in FIELDS {
        // A message with another text has another identity: that goes without saying.
        if *field == "Id" && a.text != b.text {
            continue;
        }
        let (a, b) = (value(&a, model), value(&b, model));
        if a != b {
            tell(&Difference { side: Side::Both, field: Some(field), a, b, ..difference.clone() })?;
        }
    }
    Ok(())
}

type Value = fn(&Entry<'_>, &Model) -> Option<Text>;

/// All that entries may differ in, as the documents of a package call it.
const FIELDS: &[(&str, Value)] = &[
    ("Id", |entry, _| entry.id.map(|id| shown(&id))),
    ("Type", |entry, _| entry.place.are_events.then(|| Text::from_known(entry.type_name))),
    ("Time", |entry, _| Some(shown(&entry.moment.ticks))),
    ("Precision", |entry, _| entry.moment.precision.name().map(Text::from)),
    ("ChatId", |entry, _| entry.chat_id.map(|id| shown(&id))),
    // GUIDs decide who somebody is.
    ("Author", |entry, model| (!entry.place.are_events).then(|| shown(&model.person(entry.person).guid))),
    ("Person", |entry, model| entry.place.are_events.then(|| shown(&model.person(entry.person).guid))),
    ("Alert", |entry, _| entry.alert.map(|alert| Text::from(if alert { "true" } else { "false" }))),
    ("Conflict", |entry, _| (!entry.conflicts.is_empty()).then(|| conflicts(entry.conflicts))),
    ("Extra", |entry, _| entry.extras.map(Text::from_known)),
    ("Text", |entry, _| Some(Text::from_known(entry.text))),
    ("Rtf", |entry, _| entry.rtf.map(Text::from_known)),
];

fn shown(value: &impl ToString) -> Text {
    Text::from(value.to_string())
}

fn conflicts(ids: &[MessageId]) -> Text {
    Text::from(ids.iter().map(MessageId::to_string).collect::<Vec<_>>().join(" "))
}
