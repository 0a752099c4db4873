//! What the histories say of people, rooms and days, for whoever plans the new tree.

use std::collections::{BTreeMap, BTreeSet};

use super::chat_ids::AllIds;
use crate::chat::{Guid, HistoryFacts, Piece, Ticks, is_formula};

/// Bytes of UTF-8 that a message may have before a pool's own limits are in reach: `storySizeLimit`
/// was seen as 4096 on a server, and nothing greater.
const LARGE_MESSAGE: usize = 4_096;

/// What all histories say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// The people who wrote a message or figure in an event, by position.
    pub authors: BTreeSet<usize>,
    /// The rooms that have messages, or had some that were left out.
    pub rooms: BTreeMap<Guid, HistoryFacts>,
    /// How many messages were written on each day (UTC), counted from 0001-01-01.
    pub days: BTreeMap<i64, u64>,
}

/// What is heard while units are resolved.
#[derive(Debug, Default)]
pub(super) struct Hearsay {
    pub(super) told: Told,
    pub(super) ids: AllIds,
}

impl Hearsay {
    /// Adds what the messages of a piece say.
    pub(super) fn hear(&mut self, piece: &Piece) {
        for room in piece.rooms.iter().filter(|room| !room.messages.is_empty()) {
            let told = self.told.rooms.entry(room.room).or_default();
            told.messages += room.messages.len() as u64;
            for message in &room.messages {
                told.greatest_chat_id = told.greatest_chat_id.max(message.chat_id);
                told.largest_message = told.largest_message.max(message.text.length);
                told.formulas += u64::from(is_formula(piece.get(message.text)));
                told.large_messages += u64::from(message.text.length > LARGE_MESSAGE);
            }
            let day = |ticks: Ticks| ticks.get().div_euclid(Ticks::DAY);
            let days = |message: &crate::chat::Message| day(message.moment.ticks);
            for same_day in room.messages.chunk_by(|one, other| days(one) == days(other)) {
                *self.told.days.entry(days(&same_day[0])).or_default() += same_day.len() as u64;
            }
        }
    }

    /// Adds what units say that come later in the order of rooms and time.
    pub(super) fn extend(&mut self, later: Hearsay) {
        self.ids.extend(later.ids);
        self.told.authors.extend(later.told.authors);
        for (day, messages) in later.told.days {
            *self.told.days.entry(day).or_default() += messages;
        }
        for (room, later) in later.told.rooms {
            let told = self.told.rooms.entry(room).or_default();
            told.messages += later.messages;
            told.greatest_chat_id = told.greatest_chat_id.max(later.greatest_chat_id);
            told.largest_message = told.largest_message.max(later.largest_message);
            told.formulas += later.formulas;
            told.large_messages += later.large_messages;
        }
    }

    /// Ends the hearing.
    pub(super) fn end(self) -> Told {
        let mut told = self.told;
        for (room, ids) in self.ids.told() {
            told.rooms.entry(room).or_default().ids = ids;
        }
        told
    }
}
