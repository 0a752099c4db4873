//! `compliance/<room>.xml`: what else happened in a room. Kept for the record, never imported.

use super::person_id;
use super::rooms::{push_chat_id, push_source};
use crate::chat::{Event, Piece};
use crate::package::xml;

/// Appends an event as one line of its own. Returns the length of its `Source` attribute.
pub(in crate::package) fn push_event(out: &mut Vec<u8>, event: &Event, piece: &Piece) -> usize {
    out.extend_from_slice(b"<Event");
    xml::push_attribute(out, "Type", piece.get(event.type_name));
    xml::push_time(out, "Time", event.moment.ticks);
    if let Some(precision) = event.moment.precision.name() {
        xml::push_plain(out, "Precision", precision);
    }
    xml::push_count(out, "Person", person_id(event.person));
    push_chat_id(out, event.chat_id);
    if let Some(extras) = event.extras {
        xml::push_attribute(out, "Extra", piece.get(extras));
    }
    let source_length = push_source(out, event.source);
    xml::push_content(out, "Event", piece.get(event.content));
    out.push(b'\n');
    source_length
}
