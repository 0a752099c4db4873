//! The documents of one room, and where they are cut into parts.
//!
//! A part ends behind the record that reaches the given size. The size leaves out the `Source`
//! attributes, so that borders depend on what was said and not on how the inputs were cut.

use std::ops::Range;
use std::sync::Arc;

use super::open_root;
use crate::chat::{Guid, Source};
use crate::package::target::Body;
use crate::package::{layout, xml};

/// The two kinds of documents that a room has, in their order in a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
    body: Body,
    weight: usize,
}

impl RoomPart {
    /// Begins the first part of a document.
    pub(in crate::package) fn first(document: RoomDocument, room: Guid) -> RoomPart {
        RoomPart::begin(document, room, 1)
    }

    /// Begins the part that follows this one.
    pub(in crate::package) fn next(&self) -> RoomPart {
        RoomPart::begin(self.document, self.room, self.number.saturating_add(1))
    }

    /// Tells which document of which room this is.
    pub(in crate::package) fn is_of(&self, document: RoomDocument, room: Guid) -> bool {
        self.document == document && self.room == room
    }

    /// Returns the size that decides where the part ends.
    pub(in crate::package) fn weight(&self) -> usize {
        self.weight
    }

    /// Appends records that weigh so much.
    pub(in crate::package) fn push(&mut self, rendered: &Arc<Vec<u8>>, range: Range<usize>, weight: usize) {
        self.body.push(Arc::clone(rendered), range);
        self.weight += weight;
    }

    /// Ends the part. Returns its name and its bytes.
    pub(in crate::package) fn end(mut self) -> (String, Body) {
        self.body.push_owned(format!("</{}>\n", self.document.root()).into_bytes());
        (layout::room_document(self.document.folder(), self.room, self.number), self.body)
    }

    fn begin(document: RoomDocument, room: Guid, number: u32) -> RoomPart {
        let mut head = Vec::new();
        open_root(&mut head, document.root());
        xml::push_guid(&mut head, "Room", room);
        if number > 1 {
            xml::push_count(&mut head, "Part", u64::from(number));
        }
        head.extend_from_slice(b">\n");
        let weight = head.len();
        RoomPart { document, room, number, body: head.into(), weight }
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
