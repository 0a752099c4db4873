//! The documents of one room, and where they are cut into parts.
//!
//! A part ends behind the record that reaches the given size. The size leaves out the `Source`
//! attributes, so that borders depend on what was said and not on how the inputs were cut.

use super::{compliance, content, open_root};
use crate::chat::{Event, Guid, Message, Piece, Source};
use crate::package::{layout, xml};

/// The two kinds of documents that a room has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::package) enum RoomDocument {
    Content,
    Compliance,
}

impl RoomDocument {
    fn root(self) -> &'static str {
        match self {
            RoomDocument::Content => "Content",
            RoomDocument::Compliance => "Compliance",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            RoomDocument::Content => layout::CONTENT,
            RoomDocument::Compliance => layout::COMPLIANCE,
        }
    }
}

/// One part of a room's document, growing.
#[derive(Debug)]
pub(in crate::package) struct RoomPart {
    document: RoomDocument,
    room: Guid,
    number: u32,
    bytes: Vec<u8>,
    source_bytes: usize,
}

impl RoomPart {
    /// Begins the first part of a document.
    pub(in crate::package) fn first(document: RoomDocument, room: Guid) -> RoomPart {
        RoomPart::begin(document, room, 1)
    }

    /// Begins the part that follows this one.
    pub(in crate::package) fn next(&self) -> RoomPart {
        RoomPart::begin(self.document, self.room, self.number + 1)
    }

    /// Tells which document of which room this is.
    pub(in crate::package) fn is_of(&self, document: RoomDocument, room: Guid) -> bool {
        self.document == document && self.room == room
    }

    /// Returns the size that decides where the part ends.
    pub(in crate::package) fn weight(&self) -> usize {
        self.bytes.len() - self.source_bytes
    }

    /// Appends a message.
    pub(in crate::package) fn push_message(&mut self, message: &Message, piece: &Piece, sequence: u64) {
        self.source_bytes += content::push_message(&mut self.bytes, message, piece, sequence);
    }

    /// Appends an event.
    pub(in crate::package) fn push_event(&mut self, event: &Event, piece: &Piece) {
        self.source_bytes += compliance::push_event(&mut self.bytes, event, piece);
    }

    /// Ends the part. Returns its name and its bytes.
    pub(in crate::package) fn end(mut self) -> (String, Vec<u8>) {
        self.bytes.extend_from_slice(b"</");
        self.bytes.extend_from_slice(self.document.root().as_bytes());
        self.bytes.extend_from_slice(b">\n");
        (layout::room_document(self.document.folder(), self.room, self.number), self.bytes)
    }

    fn begin(document: RoomDocument, room: Guid, number: u32) -> RoomPart {
        let mut bytes = Vec::new();
        open_root(&mut bytes, document.root());
        xml::push_guid(&mut bytes, "Room", room);
        if number > 1 {
            xml::push_count(&mut bytes, "Part", u64::from(number));
        }
        bytes.extend_from_slice(b">\n");
        RoomPart { document, room, number, bytes, source_bytes: 0 }
    }
}

/// Appends ` Source="stream:record"` and returns its length.
pub(super) fn push_source(out: &mut Vec<u8>, source: Source) -> usize {
    let before = out.len();
    xml::open_attribute(out, "Source", "");
    xml::push_number(out, u64::from(source.stream));
    out.push(b':');
    xml::push_number(out, source.record);
    out.push(b'"');
    out.len() - before
}

/// Appends ` ChatId="…"` where the id is known.
pub(super) fn push_chat_id(out: &mut Vec<u8>, chat_id: Option<i64>) {
    if let Some(chat_id) = chat_id {
        xml::open_attribute(out, "ChatId", "");
        if chat_id < 0 {
            out.push(b'-');
        }
        xml::push_number(out, chat_id.unsigned_abs());
        out.push(b'"');
    }
}
