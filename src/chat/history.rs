//! A room's history as it enters the package: one of each message, in order.

use super::{Guid, MessageId, Moment, Source, Span};

/// A message of a package. Its text stands in the bytes of its [`Piece`].
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its identity, unique in the package.
    pub id: MessageId,
    /// Its chat id in the source, where known.
    pub chat_id: Option<i64>,
    /// When it was written.
    pub moment: Moment,
    /// Position of its author in [`Settled::people`](super::Settled::people).
    pub author: usize,
    /// Whether it was sent as an alert, where known.
    pub alert: Option<bool>,
    /// The text, verbatim, as generalized UTF-8.
    pub text: Span,
    /// The RTF copy, verbatim.
    pub rtf: Option<Span>,
    /// What else the sources say, as `name="value"` pairs.
    pub extras: Option<Span>,
    /// The messages that exclude this one, in order.
    pub conflicts: Vec<MessageId>,
    /// The record that survived.
    pub source: Source,
}

/// An event of a package. Its text stands in the bytes of its [`Piece`].
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The type's name, such as `JOIN`.
    pub type_name: Span,
    /// When it happened.
    pub moment: Moment,
    /// Position of the person in [`Settled::people`](super::Settled::people).
    pub person: usize,
    /// The chat id it refers to, where known.
    pub chat_id: Option<i64>,
    /// Its content, verbatim, as generalized UTF-8.
    pub content: Span,
    /// What else the sources say, as `name="value"` pairs.
    pub extras: Option<Span>,
    /// The record that survived.
    pub source: Source,
}

/// What happened in one room, or a piece of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RoomHistory {
    /// The room.
    pub room: Guid,
    /// Its messages by time, then chat id, then content.
    pub messages: Vec<Message>,
    /// Its events by time, type, person and content.
    pub events: Vec<Event>,
}

/// The chat ids of one numbering in one room.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChatIds {
    /// Whose ids they are, such as `channel 17`.
    pub numbering: String,
    /// The least id.
    pub first: i64,
    /// The greatest id.
    pub last: i64,
    /// How many ids between them no record has.
    pub missing: u64,
    /// In how many stretches.
    pub gaps: u64,
    /// The longest of these: its first and last id.
    pub longest: Option<(i64, i64)>,
    /// Whether there were so many stretches that they were not counted.
    pub is_torn: bool,
    /// How many ids are lower than one at an earlier time; 0 where [`ChatIds::is_torn`].
    pub backwards: u64,
}

/// What the messages of one room say as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryFacts {
    /// The chat ids of each numbering, left-out and repeated records included.
    pub ids: Vec<ChatIds>,
    /// Number of messages that were written.
    pub messages: u64,
    /// The greatest chat id among them.
    pub greatest_chat_id: Option<i64>,
    /// Messages of more than 4,096 bytes in UTF-8.
    pub large_messages: u64,
    /// The size of the largest in bytes of UTF-8.
    pub largest_message: usize,
    /// Messages that a spreadsheet takes for formulas.
    pub formulas: u64,
}

/// A piece of all histories, small enough to be held in memory together with the text in it.
///
/// Pieces come in the order of room GUIDs, first with the messages of all rooms, then with their
/// events. A large room comes in several pieces one after another. Where pieces end means nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Piece {
    /// The text of all messages and events.
    pub bytes: Vec<u8>,
    /// The rooms, in the order of GUIDs.
    pub rooms: Vec<RoomHistory>,
}

impl Piece {
    /// Returns the bytes of a span; empty for a span that lies outside.
    pub fn get(&self, span: Span) -> &[u8] {
        self.bytes.get(span.start..span.start + span.length).unwrap_or_default()
    }
}
