//! Rows of the account as they wait to be sorted: numbers with the most significant byte first, so that
//! the order of bytes is theirs.

use super::{Duplicate, Rule};
use crate::chat::{MessageId, Source};
use crate::error::Result;
use crate::spill::Rows;

/// Source, kept id and whether there is one, kept source, rule.
pub(super) const DUPLICATE: usize = 12 + 16 + 1 + 12 + 1;
/// Two ids.
pub(super) const CONFLICT: usize = 32;

pub(super) fn encode_duplicate(duplicate: &Duplicate) -> [u8; DUPLICATE] {
    let mut row = [0; DUPLICATE];
    put_source(&mut row[..12], duplicate.source);
    if let Some(MessageId(id)) = duplicate.kept {
        row[12] = 1;
        row[13..29].copy_from_slice(&id);
    }
    put_source(&mut row[29..41], duplicate.kept_source);
    row[41] = Rule::ALL.iter().position(|rule| *rule == duplicate.rule).unwrap_or_default() as u8;
    row
}

pub(super) fn encode_conflict(MessageId(one): MessageId, MessageId(other): MessageId) -> [u8; CONFLICT] {
    let mut row = [0; CONFLICT];
    row[..16].copy_from_slice(&one);
    row[16..].copy_from_slice(&other);
    row
}

fn put_source(row: &mut [u8], source: Source) {
    row[..4].copy_from_slice(&source.stream.to_be_bytes());
    row[4..12].copy_from_slice(&source.record.to_be_bytes());
}

fn source(row: &[u8]) -> Source {
    Source {
        stream: u32::from_be_bytes(row[..4].try_into().unwrap_or_default()),
        record: u64::from_be_bytes(row[4..12].try_into().unwrap_or_default()),
    }
}

fn id(row: &[u8]) -> MessageId {
    MessageId(row.try_into().unwrap_or_default())
}

/// Walks duplicates by stream and record.
pub struct Duplicates<'a>(pub(super) Rows<'a, DUPLICATE>);

impl Duplicates<'_> {
    /// Returns the next one.
    ///
    /// # Errors
    /// If the temporary file cannot be read.
    pub fn next_row(&mut self) -> Result<Option<Duplicate>> {
        Ok(self.0.next_row()?.map(|row| Duplicate {
            source: source(&row[..12]),
            kept: (row[12] == 1).then(|| id(&row[13..29])),
            kept_source: source(&row[29..41]),
            rule: Rule::ALL[usize::from(row[41])],
        }))
    }
}

/// Walks pairs of messages that exclude each other, in order.
pub struct Conflicts<'a>(pub(super) Rows<'a, CONFLICT>);

impl Conflicts<'_> {
    /// Returns the next pair.
    ///
    /// # Errors
    /// If the temporary file cannot be read.
    pub fn next_row(&mut self) -> Result<Option<(MessageId, MessageId)>> {
        Ok(self.0.next_row()?.map(|row| (id(&row[..16]), id(&row[16..]))))
    }
}
