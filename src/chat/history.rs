//! A room's history as it enters the package: one of each message, in order.

use super::{Guid, MessageId, Moment, Source};

/// A message of a package. Text borrows from the batches that were read.
#[derive(Debug, Clone, PartialEq)]
pub struct Message<'a> {
    /// Its identity, unique in the package.
    pub id: MessageId,
    /// Its place in the room, from 1.
    pub sequence: u64,
    /// Its chat id in the source, where known.
    pub chat_id: Option<i64>,
    /// When it was written.
    pub moment: Moment,
    /// Position of its author in [`Settled::people`](super::Settled::people).
    pub author: usize,
    /// Whether it was sent as an alert, where known.
    pub alert: Option<bool>,
    /// The text, verbatim, as generalized UTF-8.
    pub text: &'a [u8],
    /// The RTF copy, verbatim.
    pub rtf: Option<&'a [u8]>,
    /// What else the sources say, as `name="value"` pairs.
    pub extras: Option<&'a [u8]>,
    /// The messages that exclude this one, in order.
    pub conflicts: Vec<MessageId>,
    /// The record that survived.
    pub source: Source,
}

/// An event of a package. Text borrows from the batches that were read.
#[derive(Debug, Clone, PartialEq)]
pub struct Event<'a> {
    /// The type's name, such as `JOIN`.
    pub type_name: &'a [u8],
    /// When it happened.
    pub moment: Moment,
    /// Position of the person in [`Settled::people`](super::Settled::people).
    pub person: usize,
    /// The chat id it refers to, where known.
    pub chat_id: Option<i64>,
    /// Its content, verbatim, as generalized UTF-8.
    pub content: &'a [u8],
    /// What else the sources say, as `name="value"` pairs.
    pub extras: Option<&'a [u8]>,
    /// The record that survived.
    pub source: Source,
}

/// Everything that happened in one room.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RoomHistory<'a> {
    /// The room.
    pub room: Guid,
    /// Its messages by sequence.
    pub messages: Vec<Message<'a>>,
    /// Its events by time, type, person and content.
    pub events: Vec<Event<'a>>,
}
