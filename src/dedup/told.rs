//! What the histories say of people and rooms, for whoever plans the new tree.

use std::collections::{BTreeMap, BTreeSet};

use crate::chat::{Guid, HistoryFacts, Piece};

/// Bytes of UTF-8 that a message may have before a pool's own limits are in reach: `storySizeLimit`
/// was seen as 4096 on a server, and nothing greater.
const LARGE_MESSAGE: usize = 4_096;

/// What all histories say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// The people who wrote a message or figure in an event, by position.
    pub authors: BTreeSet<usize>,
    /// The rooms that have messages.
    pub rooms: BTreeMap<Guid, HistoryFacts>,
}

impl Told {
    /// Adds what the messages of a piece say.
    pub(super) fn hear(&mut self, piece: &Piece) {
        for room in piece.rooms.iter().filter(|room| !room.messages.is_empty()) {
            let told = self.rooms.entry(room.room).or_default();
            for message in &room.messages {
                told.greatest_chat_id = told.greatest_chat_id.max(message.chat_id);
                told.largest_message = told.largest_message.max(message.text.length);
                told.large_messages += u64::from(message.text.length > LARGE_MESSAGE);
            }
        }
    }

    /// Adds what others say.
    pub(super) fn extend(&mut self, other: Told) {
        self.authors.extend(other.authors);
        for (room, other) in other.rooms {
            let told = self.rooms.entry(room).or_default();
            told.greatest_chat_id = told.greatest_chat_id.max(other.greatest_chat_id);
            told.largest_message = told.largest_message.max(other.largest_message);
            told.large_messages += other.large_messages;
        }
    }
}
