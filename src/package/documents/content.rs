//! `Content/<room>.xml`: the messages of a room, by time and sequence.

use super::person_id;
use super::rooms::{push_chat_id, push_source};
use crate::chat::{Message, Piece};
use crate::package::xml;

/// Appends a message as one line of its own. Returns the length of its `Source` attribute.
pub(in crate::package) fn push_message(
    out: &mut Vec<u8>,
    message: &Message,
    piece: &Piece,
    sequence: u64,
) -> usize {
    out.extend_from_slice(b"<Message");
    xml::open_attribute(out, "Id", "");
    xml::push_id(out, message.id);
    out.push(b'"');
    xml::push_count(out, "Seq", sequence);
    push_chat_id(out, message.chat_id);
    xml::push_time(out, "Time", message.moment.ticks);
    if let Some(precision) = message.moment.precision.name() {
        xml::push_plain(out, "Precision", precision);
    }
    xml::push_count(out, "Author", person_id(message.author));
    if let Some(alert) = message.alert {
        xml::push_flag(out, "Alert", alert);
    }
    push_conflicts(out, message);
    if let Some(extras) = message.extras {
        xml::push_attribute(out, "Extra", piece.get(extras));
    }
    let source_length = push_source(out, message.source);
    out.push(b'>');
    xml::push_text_element(out, "Text", piece.get(message.text));
    if let Some(rtf) = message.rtf {
        xml::push_text_element(out, "Rtf", piece.get(rtf));
    }
    out.extend_from_slice(b"</Message>\n");
    source_length
}

fn push_conflicts(out: &mut Vec<u8>, message: &Message) {
    for (position, &other) in message.conflicts.iter().enumerate() {
        if position == 0 {
            xml::open_attribute(out, "Conflict", "");
        } else {
            out.push(b' ');
        }
        xml::push_id(out, other);
    }
    if !message.conflicts.is_empty() {
        out.push(b'"');
    }
}
