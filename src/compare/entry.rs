//! A message or an event as it is compared, and the walk over those of a piece.

use std::cmp::Ordering;

use crate::chat::{Guid, MessageId, Moment, Piece};

/// A room's messages or its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// Events come behind the messages of all rooms.
    pub(super) are_events: bool,
    pub(super) room: Guid,
}

/// A message or an event with its text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) place: Place,
    /// `None` for events.
    pub(super) id: Option<MessageId>,
    pub(super) moment: Moment,
    pub(super) chat_id: Option<i64>,
    /// In the numbering of both sides.
    pub(super) person: u32,
    pub(super) alert: Option<bool>,
    pub(super) conflicts: &'a [MessageId],
    /// Empty for messages.
    pub(super) type_name: &'a [u8],
    pub(super) text: &'a [u8],
    pub(super) rtf: Option<&'a [u8]>,
    pub(super) extras: Option<&'a [u8]>,
}

impl Entry<'_> {
    /// Compares the places of two entries in the order in which both sides come. Entries of equal
    /// place are one, or differ in what the order does not look at.
    pub(super) fn order(&self, other: &Entry<'_>) -> Ordering {
        let place = (self.place, self.moment.ticks).cmp(&(other.place, other.moment.ticks));
        let chat_id = |entry: &Entry<'_>| (entry.chat_id.is_none(), entry.chat_id);
        place.then_with(|| match self.place.are_events {
            false => (chat_id(self), self.text, self.id).cmp(&(chat_id(other), other.text, other.id)),
            true => (self.type_name, self.person, self.text, self.chat_id, self.extras).cmp(&(
                other.type_name,
                other.person,
                other.text,
                other.chat_id,
                other.extras,
            )),
        })
    }

    /// Tells whether nothing differs.
    pub(super) fn is_same(&self, other: &Entry<'_>) -> bool {
        let facts =
            |entry: &Self| (entry.place, entry.id, entry.moment, entry.chat_id, entry.person, entry.alert);
        let other_facts = (other.place, other.id, other.moment, other.chat_id, other.person, other.alert);
        facts(self) == other_facts
            && self.conflicts == other.conflicts
            && (self.type_name, self.text) == (other.type_name, other.text)
            && (self.rtf, self.extras) == (other.rtf, other.extras)
    }
}

/// Walks a piece: the messages of its rooms, then their events.
#[derive(Debug)]
pub(super) struct Cursor {
    piece: Piece,
    are_events: bool,
    room: usize,
    record: usize,
}

impl Cursor {
    /// Begins at the first record.
    pub(super) fn new(piece: Piece) -> Cursor {
        let mut cursor = Cursor { piece, are_events: false, room: 0, record: 0 };
        cursor.settle();
        cursor
    }

    /// Returns the record at hand; `None` behind the last.
    pub(super) fn head(&self) -> Option<Entry<'_>> {
        let piece = &self.piece;
        let history = piece.rooms.get(self.room)?;
        let place = Place { are_events: self.are_events, room: history.room };
        if self.are_events {
            let event = history.events.get(self.record)?;
            return Some(Entry {
                place,
                id: None,
                moment: event.moment,
                chat_id: event.chat_id,
                person: event.person as u32,
                alert: None,
                conflicts: &[],
                type_name: piece.get(event.type_name),
                text: piece.get(event.content),
                rtf: None,
                extras: event.extras.map(|extras| piece.get(extras)),
            });
        }
        let message = history.messages.get(self.record)?;
        Some(Entry {
            place,
            id: Some(message.id),
            moment: message.moment,
            chat_id: message.chat_id,
            person: message.author as u32,
            alert: message.alert,
            conflicts: &message.conflicts,
            type_name: &[],
            text: piece.get(message.text),
            rtf: message.rtf.map(|rtf| piece.get(rtf)),
            extras: message.extras.map(|extras| piece.get(extras)),
        })
    }

    /// Goes on to the next record.
    pub(super) fn advance(&mut self) {
        self.record += 1;
        self.settle();
    }

    /// Passes over rooms that have no more records.
    fn settle(&mut self) {
        loop {
            let Some(history) = self.piece.rooms.get(self.room) else {
                if self.are_events {
                    return;
                }
                (self.are_events, self.room, self.record) = (true, 0, 0);
                continue;
            };
            let records = if self.are_events { history.events.len() } else { history.messages.len() };
            if self.record < records {
                return;
            }
            (self.room, self.record) = (self.room + 1, 0);
        }
    }
}
