//! How much there is in a room, and what comes first and last.

use super::entry::Entry;
use crate::chat::{MessageId, Ticks};

/// A message by what finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Its identity.
    pub id: MessageId,
    /// Its chat id.
    pub chat_id: Option<i64>,
    /// When it was written.
    pub time: Ticks,
}

/// What one side has of a room.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Messages.
    pub messages: u64,
    /// Events.
    pub events: u64,
    /// The first message.
    pub first: Option<Mark>,
    /// The last message.
    pub last: Option<Mark>,
}

impl Tally {
    pub(super) fn count(&mut self, entry: &Entry<'_>) {
        let Some(id) = entry.id else {
            self.events += 1;
            return;
        };
        self.messages += 1;
        let mark = Mark { id, chat_id: entry.chat_id, time: entry.moment.ticks };
        self.first = self.first.or(Some(mark));
        self.last = Some(mark);
    }
}
