//! What the ledger of a package says of one record and of one message. Its files are read as streams, and
//! no further than to the place where the record must stand.

use std::collections::BTreeMap;

use super::{Fate, RejectedAt};
use crate::chat::{MessageId, Source};
use crate::error::{Error, Result};
use crate::ledger::{Digest, Stream};
use crate::package::read::{Document, Documents, LedgerRow, Onward, value, walk_ledger};
use crate::progress::Progress;

/// Records in favour of which a message stands that are told one by one; more are counted.
const TOLD: usize = 10_000;
/// Messages that exclude a message and are told; more are counted.
const CONFLICTS_TOLD: usize = 100;
/// Rows between two looks whether the run should stop.
const LOOK: u64 = 1 << 16;

/// A row of `sources.csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamRow {
    /// Name, size, digest, format.
    pub stream: Stream,
    /// Records read.
    pub read: u64,
}

/// A record that was dropped in favour of a message or an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The record.
    pub source: Source,
    /// The rule, as `duplicates.csv` names it.
    pub rule: String,
    /// The id of the message that was kept; `None` for an event.
    pub kept: Option<MessageId>,
    /// The record that was kept.
    pub kept_source: Source,
}

/// All records that were dropped in favour of one message or event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holders {
    /// The first of them, in the order of the ledger.
    pub told: Vec<Duplicate>,
    /// How many there are of each rule.
    pub rules: BTreeMap<String, u64>,
}

/// The ledger of a package.
pub(super) struct Account<'a> {
    documents: &'a Documents,
    progress: &'a dyn Progress,
}

impl<'a> Account<'a> {
    pub(super) fn new(documents: &'a Documents, progress: &'a dyn Progress) -> Account<'a> {
        Account { documents, progress }
    }

    /// Reads `sources.csv`: memory for all of it, which is in proportion to the number of files.
    pub(super) fn streams(&self) -> Result<Vec<StreamRow>> {
        let mut streams = Vec::new();
        self.walk("sources", &["input", "size", "sha256", "format", "read"], &mut |row| {
            let digest = Digest::parse(&row.text(2));
            let stream = Stream {
                name: row.text(0).into_owned(),
                size: row.count(1)?,
                digest: digest.ok_or_else(|| self.unusable("sources", "a digest is no SHA-256"))?,
                format: row.text(3).into_owned(),
            };
            streams.push(StreamRow { stream, read: row.count(4)? });
            Ok(Onward::Next)
        })?;
        Ok(streams)
    }

    /// Finds a record among those that did not come into the package; `None` if it is none of them.
    pub(super) fn fate(&self, source: Source) -> Result<Option<Fate>> {
        if let Some(duplicate) = self.duplicate(source)? {
            return Ok(Some(Fate::Dropped(duplicate)));
        }
        match self.filtered(source)? {
            Some(fate) => Ok(Some(fate)),
            None => self.rejected(source),
        }
    }

    fn duplicate(&self, source: Source) -> Result<Option<Duplicate>> {
        let mut found = None;
        self.walk("duplicates", &DUPLICATES, &mut |row| {
            let own = place(row)?;
            if own == source {
                found = Some(duplicate(row)?);
            }
            Ok(on_before(own, source))
        })?;
        Ok(found)
    }

    fn filtered(&self, source: Source) -> Result<Option<Fate>> {
        let mut found = None;
        self.walk("filtered", &["input", "first", "last", "reason"], &mut |row| {
            let own = place(row)?;
            let last = row.count(2)?;
            if own.stream == source.stream && (own.record..=last).contains(&source.record) {
                let reason = row.text(3).into_owned();
                found = Some(Fate::Filtered { first: own.record, last, reason });
                return Ok(Onward::Stop);
            }
            Ok(on_before(own, source))
        })?;
        Ok(found)
    }

    fn rejected(&self, source: Source) -> Result<Option<Fate>> {
        let mut found = None;
        let columns = ["input", "record", "line", "byte", "cause", "text", "detail", "raw"];
        self.walk("rejected", &columns, &mut |row| {
            let own = place(row)?;
            if own == source {
                found = Some(Fate::Rejected(Box::new(RejectedAt {
                    line: row.count(2)?,
                    byte: row.count(3)?,
                    cause: row.text(4).into_owned(),
                    text: row.text(5).into_owned(),
                    detail: row.text(6).into_owned(),
                    raw: row.text(7).into_owned(),
                })));
            }
            Ok(on_before(own, source))
        })?;
        Ok(found)
    }

    /// Finds all records that were dropped in favour of a message, given by its id, or of an event, given by
    /// its record.
    pub(super) fn holders(&self, id: Option<MessageId>, source: Source) -> Result<Holders> {
        let mut holders = Holders::default();
        let id = id.map(|id| id.to_string());
        let event = format!("{}:{}", source.stream, source.record);
        let wanted = id.as_deref().unwrap_or(&event).as_bytes();
        self.walk("duplicates", &DUPLICATES, &mut |row| {
            if row.bytes(2) == wanted {
                let duplicate = duplicate(row)?;
                *holders.rules.entry(duplicate.rule.clone()).or_default() += 1;
                if holders.told.len() < TOLD {
                    holders.told.push(duplicate);
                }
            }
            Ok(Onward::Next)
        })?;
        Ok(holders)
    }

    /// Finds the messages that `conflicts.csv` lists against a message, and adds them to those known; returns
    /// how many more there are than are kept.
    pub(super) fn conflicts(&self, id: MessageId, known: &mut Vec<MessageId>) -> Result<u64> {
        let wanted = id.to_string();
        let (listed, mut told) = (known.len() as u64, 0_u64);
        known.truncate(CONFLICTS_TOLD);
        self.walk("conflicts", &["id", "conflicts_with"], &mut |row| {
            let other = match (row.bytes(0) == wanted.as_bytes(), row.bytes(1) == wanted.as_bytes()) {
                (true, _) => row.text(1),
                (_, true) => row.text(0),
                _ => return Ok(Onward::Next),
            };
            let other = MessageId::parse(&other);
            let other = other.ok_or_else(|| self.unusable("conflicts", "an id is no message id"))?;
            told += 1;
            if known.len() < CONFLICTS_TOLD && !known.contains(&other) {
                known.push(other);
            }
            Ok(Onward::Next)
        })?;
        Ok(listed.max(told).saturating_sub(known.len() as u64))
    }

    fn walk(
        &self,
        name: &str,
        columns: &[&'static str],
        take: &mut dyn FnMut(&LedgerRow<'_>) -> Result<Onward>,
    ) -> Result<()> {
        let mut seen = 0_u64;
        walk_ledger(self.document(name)?, columns, &mut |row| {
            seen += 1;
            if seen.is_multiple_of(LOOK) {
                self.progress.check()?;
            }
            take(row)
        })
    }

    fn document(&self, name: &str) -> Result<&Document> {
        self.documents.ledger.get(name).ok_or_else(|| self.unusable(name, "it is missing"))
    }

    fn unusable(&self, name: &str, why: &str) -> Error {
        let known = self.documents.ledger.get(name).map(|document| document.name.clone());
        Error::Unusable {
            input: known.unwrap_or_else(|| crate::package::layout::ledger(name)),
            why: why.to_owned(),
            hint: "the package is damaged: `gc2pc verify` tells how; use another copy".to_owned(),
        }
    }
}

const DUPLICATES: [&str; 6] = ["input", "record", "kept", "rule", "kept_input", "kept_record"];

/// Reads the record that the first two fields name.
fn place(row: &LedgerRow<'_>) -> Result<Source> {
    // A number that is too great for a stream is none of the streams.
    Ok(Source { stream: u32::try_from(row.count(0)?).unwrap_or(u32::MAX), record: row.count(1)? })
}

fn duplicate(row: &LedgerRow<'_>) -> Result<Duplicate> {
    let kept = row.text(2);
    let id = MessageId::parse(&kept);
    let kept_source =
        Source { stream: u32::try_from(row.count(4)?).unwrap_or(u32::MAX), record: row.count(5)? };
    let kept_source = value::source(&kept).filter(|_| id.is_none()).unwrap_or(kept_source);
    Ok(Duplicate { source: place(row)?, rule: row.text(3).into_owned(), kept: id, kept_source })
}

/// Rows stand in the order of their records, so nothing is to be found behind the one that is looked for.
fn on_before(own: Source, wanted: Source) -> Onward {
    if own < wanted { Onward::Next } else { Onward::Stop }
}
