//! Cutting all records into partitions that can be resolved alone.

use crate::chat::{Batch, Guid, Kind, Record, Settled, Span};
use crate::normalize::normal_text;

/// A record with the batch that holds its text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item<'a> {
    pub record: &'a Record,
    batch: &'a Batch,
}

impl<'a> Item<'a> {
    pub fn bytes(&self, span: Span) -> &'a [u8] {
        self.batch.get(span)
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

    /// Returns what must be equal for two records of one kind to be the same: the normal text, and
    /// for events their type before it.
    pub fn likeness(&self) -> (&'a [u8], std::borrow::Cow<'a, [u8]>) {
        let type_name = match self.record.kind {
            Kind::Message { .. } => &[],
            Kind::Event { type_name } => self.bytes(type_name),
        };
        (type_name, normal_text(self.text()))
    }
}

/// All records of one room.
#[derive(Debug)]
pub(super) struct Partition<'a> {
    pub room: Guid,
    pub messages: Vec<Item<'a>>,
    pub events: Vec<Item<'a>>,
}

/// Cuts all records by room, in the order of room GUIDs.
pub(super) fn by_room<'a>(batches: &'a [Batch], settled: &Settled) -> Vec<Partition<'a>> {
    let mut partitions: Vec<Partition<'a>> = settled
        .rooms
        .iter()
        .map(|&(room, _)| Partition { room, messages: Vec::new(), events: Vec::new() })
        .collect();
    for batch in batches {
        for record in &batch.records {
            let partition = &mut partitions[settled.room(record.room)];
            let items = match record.kind {
                Kind::Message { .. } => &mut partition.messages,
                Kind::Event { .. } => &mut partition.events,
            };
            items.push(Item { record, batch });
        }
    }
    partitions
}
