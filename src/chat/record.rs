//! Messages and events as they stand in a stream, packed for large numbers of them.
//!
//! A [`Batch`] is what readers hand on: fixed-size [`Record`]s and one buffer that holds all their
//! text. Records own nothing, so a batch is moved, kept or written to disk as two plain blocks.

use super::{Moment, PersonKey, RoomKey, Text};

/// Where a record stands: its stream and its number there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    /// Row of `sources.csv`, from 1.
    pub stream: u32,
    /// Number of the record in the stream, from 1.
    pub record: u64,
}

/// A piece of a batch's buffer: generalized UTF-8, see [`Text`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// Offset in bytes.
    pub start: usize,
    /// Length in bytes.
    pub length: usize,
}

/// How rich a form of a message is. Greater forms survive lesser ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// The vendor's sample transform: no ids, no ticks, often no author.
    FileDump,
    /// Compliance documents and the compliance database.
    Compliance,
    /// A row of `tblChat`, or a message of a package. With RTF it is richer still.
    Database,
}

/// The family of chat ids that a record's id belongs to, within its room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Numbering {
    /// The rows of `tblChat` with this `channelId`.
    Channel(i64),
    /// The compliance records of one domain: a number given by the directory of the run.
    Domain(u32),
    /// The record's own document alone: records without chat id, and messages of a package.
    Document,
}

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A message of the room.
    Message {
        /// Whether it was sent as an alert; `None` where the source does not tell.
        alert: Option<bool>,
    },
    /// Anything else that happened in the room.
    Event {
        /// The type's name in upper case, as in the package's `Type` attribute.
        type_name: Span,
    },
}

/// One message or one compliance event as it stands in a stream.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Record {
    /// Where it stands.
    pub source: Source,
    /// Its room.
    pub room: RoomKey,
    /// Its author, or the person whom the event concerns.
    pub person: PersonKey,
    /// When it happened.
    pub moment: Moment,
    /// Message or event.
    pub kind: Kind,
    /// How rich its form is.
    pub form: Form,
    /// The family of its chat id.
    pub numbering: Numbering,
    /// Its chat id, where the source has one.
    pub chat_id: Option<i64>,
    /// The text, verbatim.
    pub text: Span,
    /// The RTF copy, verbatim.
    pub rtf: Option<Span>,
    /// What else the source says, as `name="value"` pairs separated by one blank; kept, never compared.
    pub extras: Option<Span>,
}

/// Text in bytes for which no room is made in advance of more.
const LARGE: usize = 1 << 20;

impl Record {
    /// Returns the bytes of all its text.
    pub fn text_bytes(&self) -> usize {
        let type_name = match self.kind {
            Kind::Event { type_name } => type_name.length,
            Kind::Message { .. } => 0,
        };
        let length = |span: Option<Span>| span.map_or(0, |span| span.length);
        self.text.length + length(self.rtf) + length(self.extras) + type_name
    }
}

/// Records of one stream in their order, with the buffer that holds their text.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// The records.
    pub records: Vec<Record>,
    /// The text of all of them.
    pub bytes: Vec<u8>,
}

impl Batch {
    /// Appends text to the buffer and returns where it stands.
    pub fn push_text(&mut self, text: &Text) -> Span {
        self.push_known(text.as_bytes())
    }

    /// Appends bytes known to be generalized UTF-8 and returns where they stand.
    pub(crate) fn push_known(&mut self, bytes: &[u8]) -> Span {
        let start = self.bytes.len();
        if bytes.len() > LARGE {
            // Room for it and nothing beside: twice the room of a large text would be wasted.
            self.bytes.reserve_exact(bytes.len());
        }
        self.bytes.extend_from_slice(bytes);
        Span { start, length: bytes.len() }
    }

    /// Returns what was appended since the buffer had this length; `None` if nothing was.
    pub(crate) fn span_from(&self, start: usize) -> Option<Span> {
        let length = self.bytes.len().saturating_sub(start);
        (length > 0).then_some(Span { start, length })
    }

    /// Returns the bytes of a span of this batch; empty for a span of another one that lies outside.
    pub fn get(&self, span: Span) -> &[u8] {
        self.bytes.get(span.start..span.start + span.length).unwrap_or_default()
    }

    /// Returns a span of this batch as text.
    pub fn text(&self, span: Span) -> Text {
        Text::from_known(self.get(span))
    }
}
