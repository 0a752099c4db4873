//! Records with their text at hand.

use crate::chat::{Kind, Record, Span};
use crate::normalize::normal_text;

/// A record with the buffer that holds its text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item<'a> {
    pub record: &'a Record,
    pub buffer: &'a [u8],
}

impl<'a> Item<'a> {
    pub fn bytes(&self, span: Span) -> &'a [u8] {
        self.buffer.get(span.start..span.start + span.length).unwrap_or_default()
    }

    pub fn text(&self) -> &'a [u8] {
        self.bytes(self.record.text)
    }

    pub fn rtf(&self) -> Option<&'a [u8]> {
        self.record.rtf.map(|span| self.bytes(span))
    }

    pub fn extras(&self) -> Option<&'a [u8]> {
        self.record.extras.map(|span| self.bytes(span))
    }

    pub fn alert(&self) -> Option<bool> {
        match self.record.kind {
            Kind::Message { alert } => alert,
            Kind::Event { .. } => None,
        }
    }

    /// Returns where the type of an event stands; nowhere for a message.
    pub fn type_name(&self) -> Span {
        match self.record.kind {
            Kind::Message { .. } => Span::default(),
            Kind::Event { type_name } => type_name,
        }
    }

    /// Returns what must be equal for two records of one kind to be the same: the normal text, and
    /// for events their type before it.
    pub fn likeness(&self) -> (&'a [u8], std::borrow::Cow<'a, [u8]>) {
        (self.bytes(self.type_name()), normal_text(self.text()))
    }
}
