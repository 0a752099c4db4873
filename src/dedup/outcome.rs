//! What came of the records of a unit.

use std::hash::{BuildHasher, Hash};

use foldhash::fast::FixedState;

use super::matching::{Candidate, Slot};
use super::numbering::Base;
use super::told::Hearsay;
use super::twins::{TWIN, twin_row};
use crate::chat::{Guid, Message, MessageId, Piece};
use crate::ledger::{Duplicate, Filtered, Findings, Level, Rule};

/// A piece of the histories, and what became of the records that are not in it.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) piece: Piece,
    pub(super) duplicates: Vec<Duplicate>,
    pub(super) filtered: Vec<Filtered>,
    pub(super) conflicts: Vec<(MessageId, MessageId)>,
    pub(super) findings: Findings,
    /// What its histories say of people, rooms and days.
    pub(super) hearsay: Hearsay,
    /// What rooms of one name may have in common.
    pub(super) twins: Vec<[u8; TWIN]>,
}

impl Outcome {
    /// Returns the memory that it takes.
    pub(super) fn weight(&self) -> usize {
        let records: usize =
            self.piece.rooms.iter().map(|room| room.messages.len() + room.events.len()).sum();
        let dropped = self.duplicates.len() + self.filtered.len();
        self.piece.bytes.len() + records * size_of::<Message>() + dropped * size_of::<Duplicate>()
    }

    pub(super) fn leave_out(&mut self, slot: &Slot<'_>, reason: &'static str) {
        let sources = slot.records.iter().map(|record| record.item.record.source);
        self.filtered.extend(sources.map(|source| Filtered { source, reason }));
    }

    pub(super) fn account(
        &mut self,
        slot: &Slot<'_>,
        kept: Option<MessageId>,
        rule: impl Fn(&Candidate<'_>) -> Rule,
    ) {
        let kept_source = slot.records[0].item.record.source;
        self.duplicates.extend(slot.records[1..].iter().map(|record| Duplicate {
            source: record.item.record.source,
            kept,
            kept_source,
            rule: rule(record),
        }));
    }

    /// Notes a message by what would make it one with that of another room.
    pub(super) fn twin(&mut self, group: u32, room: u32, alike: impl Hash) {
        // A hash serves, since nothing but a finding rests on it.
        self.twins.push(twin_row(group, FixedState::default().hash_one(alike), room));
    }

    pub(super) fn tell_reused(&mut self, room: Guid, base: Base) {
        let family = match base {
            Base::Channel(channel) => format!("channel {channel}"),
            Base::Domain(_) => "the compliance records".to_owned(),
        };
        self.findings.add(
            "ID-REUSED",
            Level::Warning,
            room.to_string(),
            format!(
                "chat ids of {family} stand for several times or authors, as after a migration that numbered anew: \
                 each dump, and where that is not enough each stream, counts as a numbering of its own"
            ),
        );
    }
}
