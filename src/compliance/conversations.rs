//! `Conversations` documents, as XmlAdapter writes them.
//!
//! Element and attribute names follow "Customizing the XSLT definition file" (Lync Server 2013):
//! a `Conversation` is a slice of a room's time, with its `Channel` and `Messages`. Its schema lets
//! elements come in any order, so they may.

use super::channel::Channel;
use super::decode::{Flaw, Setting, decode_attribute};
use super::document::{Halt, Tag};
use super::intake::Place;
use super::markup::{is_blank, local, trim};
use super::notes::RecordNotes;
use super::people::Sender;
use super::reading::{Reading, Scene};
use super::recorder::{Draft, Outcome, Waiting};
use super::time::{TimeElement, number};
use crate::chat::{Moment, PersonKey, Span};
use crate::error::Result;
use crate::ledger::Cause;

/// A known element that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Root,
    Conversation,
    Messages,
    Record,
    /// `Sender` or `DateTimeUTC` within a record.
    Part,
    /// A known element outside the records in which nothing is expected.
    Leaf,
}

/// What a record says, while it is being read.
#[derive(Debug)]
struct Building {
    place: Place,
    /// Whether it is a `FirstMessage`.
    first: bool,
    /// Where its text begins in the buffer.
    start: usize,
    text: Span,
    type_name: Vec<u8>,
    chat_id: i64,
    sender: Option<PersonKey>,
    at: Option<usize>,
    moment: Option<Moment>,
    flaw: Option<Flaw>,
    notes: RecordNotes,
}

/// Reads a `Conversations` document.
pub(super) struct Conversations<'a> {
    scene: Scene<'a>,
    levels: Vec<Level>,
    /// Unknown elements open around the current place, outside the records.
    ignored: u64,
    building: Option<Building>,
    /// `Message` elements in this conversation.
    messages: u64,
    /// What `FirstMessage` says, until it is known whether `Messages` is empty.
    firsts: Vec<Waiting>,
    firsts_start: usize,
}
