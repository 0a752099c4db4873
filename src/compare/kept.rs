//! Entries as bytes, to wait in the temporary file until the room's other entries were seen.

use super::entry::{Cursor, Entry};
use crate::chat::{
    Event, Guid, Message, MessageId, Moment, Piece, Precision, RoomHistory, Source, Span, Ticks,
};

const PRECISIONS: [Precision; 4] =
    [Precision::Ticks, Precision::Millisecond, Precision::DateTime, Precision::Second];

/// Writes an entry.
pub(super) fn write(entry: &Entry<'_>) -> Vec<u8> {
    let optional = |text: Option<&[u8]>| text.map_or(u64::MAX, |text| text.len() as u64);
    let texts =
        [entry.type_name, entry.text, entry.rtf.unwrap_or_default(), entry.extras.unwrap_or_default()];
    let precision = PRECISIONS.iter().position(|known| *known == entry.moment.precision).unwrap_or_default();
    let mut out = Vec::with_capacity(128 + texts.iter().map(|text| text.len()).sum::<usize>());
    out.extend([u8::from(entry.place.are_events), precision as u8]);
    out.extend([u8::from(entry.chat_id.is_some()), entry.alert.map_or(2, u8::from)]);
    out.extend(entry.place.room.as_bytes());
    out.extend(entry.id.unwrap_or(MessageId([0; 16])).0);
    for number in [
        entry.moment.ticks.get() as u64,
        entry.chat_id.unwrap_or_default() as u64,
        u64::from(entry.person),
        entry.conflicts.len() as u64,
        entry.type_name.len() as u64,
        entry.text.len() as u64,
        optional(entry.rtf),
        optional(entry.extras),
    ] {
        out.extend(number.to_le_bytes());
    }
    entry.conflicts.iter().for_each(|id| out.extend(id.0));
    texts.iter().for_each(|text| out.extend_from_slice(text));
    out
}

/// Reads what [`write()`] wrote, as the one record of a piece; `None` for anything else.
pub(super) fn read(bytes: Vec<u8>) -> Option<Cursor> {
    let mut rest = &bytes[..];
    let [are_events, precision, has_chat_id, alert] = take::<4>(&mut rest)?;
    let room = Guid::from_bytes(take(&mut rest)?);
    let id = MessageId(take(&mut rest)?);
    let mut number = || take(&mut rest).map(u64::from_le_bytes);
    let moment = Moment {
        ticks: Ticks::new(number()? as i64).ok()?,
        precision: *PRECISIONS.get(usize::from(precision))?,
    };
    let chat_id = Some(number()? as i64).filter(|_| has_chat_id == 1);
    let person = number()? as usize;
    let [conflicts, type_name, text, rtf, extras] = [number()?, number()?, number()?, number()?, number()?];
    let conflicts = (0..conflicts).map(|_| take(&mut rest).map(MessageId)).collect::<Option<Vec<_>>>()?;
    let mut start = bytes.len() - rest.len();
    let mut span = |length: u64| {
        let length = usize::try_from(length).ok()?;
        let span = Span { start, length };
        start = start.checked_add(length)?;
        Some(span)
    };
    let (type_name, text) = (span(type_name)?, span(text)?);
    let mut optional = |length: u64| if length == u64::MAX { Some(None) } else { span(length).map(Some) };
    let (rtf, extras) = (optional(rtf)?, optional(extras)?);
    let source = Source { stream: 0, record: 0 };
    let mut history = RoomHistory { room, ..RoomHistory::default() };
    if are_events == 1 {
        history.events.push(Event { type_name, moment, person, chat_id, content: text, extras, source });
    } else {
        let alert = [Some(false), Some(true), None].get(usize::from(alert)).copied()?;
        let (author, text) = (person, text);
        let message = Message { id, chat_id, moment, author, alert, text, rtf, extras, conflicts, source };
        history.messages.push(message);
    }
    Some(Cursor::new(Piece { bytes, rooms: vec![history] }))
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, left) = rest.split_first_chunk::<N>()?;
    *rest = left;
    Some(*taken)
}

#[cfg(test)]
mod tests {
    use super::super::entry::Place;
    use super::*;

    #[test]
    fn an_entry_comes_back_as_it_was() {
        let ids = [MessageId([7; 16]), MessageId([8; 16])];
        let message = Entry {
            place: Place { are_events: false, room: Guid::from_u128(5) },
            id: Some(MessageId([1; 16])),
            moment: Moment { ticks: Ticks::MAX, precision: Precision::Second },
            chat_id: Some(-4711),
            person: 12,
            alert: Some(false),
            conflicts: &ids,
            type_name: b"",
            text: b"a\0\xED\xA0\x80",
            rtf: Some(b""),
            extras: None,
        };
        let event = Entry {
            place: Place { are_events: true, ..message.place },
            id: None,
            alert: None,
            conflicts: &[],
            type_name: b"JOIN",
            rtf: None,
            extras: Some(b"x=\"1\""),
            chat_id: None,
            ..message
        };
        for entry in [message, event] {
            let cursor = read(write(&entry)).unwrap();
            assert!(cursor.head().unwrap().is_same(&entry), "{:?}", cursor.head());
        }
        assert!(read(write(&message)[..40].to_vec()).is_none());
    }
}
