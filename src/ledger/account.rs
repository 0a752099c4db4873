//! The account of all records: written, duplicate, filtered or rejected, each exactly once.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::marks::Marks;
use super::rows::{self, CONFLICT, Conflicts, DUPLICATE, Duplicates};
use super::{Control, RejectedRows, Stream};
use crate::chat::{MessageId, Source};
use crate::error::Result;
use crate::spill::{Scratch, Sorted, Sorter};

/// Why a record was taken for the same message as another one (design of the identity rule).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The same chat id of the same numbering, in one class.
    SameId,
    /// Another numbering's record of the same class.
    SameMessage,
    /// A coarser time that agrees with the kept one.
    CoarserTime,
    /// An author that is not known well enough to differ.
    UnknownAuthor,
    /// An event equal in room, type, person, time and content.
    SameEvent,
}

impl Rule {
    /// All rules.
    pub const ALL: [Rule; 5] =
        [Rule::SameId, Rule::SameMessage, Rule::CoarserTime, Rule::UnknownAuthor, Rule::SameEvent];

    /// Returns the name used in `duplicates.csv`.
    pub fn name(self) -> &'static str {
        match self {
            Rule::SameId => "same-id",
            Rule::SameMessage => "same-message",
            Rule::CoarserTime => "coarser-time",
            Rule::UnknownAuthor => "unknown-author",
            Rule::SameEvent => "same-event",
        }
    }
}

/// A record dropped in favour of another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duplicate {
    /// The record dropped.
    pub source: Source,
    /// The id of the message kept; `None` where an event was kept.
    pub kept: Option<MessageId>,
    /// The record kept.
    pub kept_source: Source,
    /// By which rule.
    pub rule: Rule,
}

/// A record left out because the user asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Filtered {
    /// The record left out.
    pub source: Source,
    /// Which option left it out, as written in `filtered.csv`.
    pub reason: &'static str,
}

/// What became of the records of one stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Records read, the rejected ones included.
    pub read: u64,
    /// Records that stand in the package.
    pub written: u64,
    /// Records dropped in favour of another one.
    pub duplicate: u64,
    /// Records left out on request.
    pub filtered: u64,
    /// Records that could not be used.
    pub rejected: u64,
}

impl Tally {
    /// Adds another tally.
    pub fn add(&mut self, other: Tally) {
        self.read += other.read;
        self.written += other.written;
        self.duplicate += other.duplicate;
        self.filtered += other.filtered;
        self.rejected += other.rejected;
    }
}

/// Returned when a record stands nowhere or twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("record {record} of stream {stream} stands {times} times in the account, or lies beyond its stream", stream = at.stream, record = at.record)]
pub struct Imbalance {
    /// The record.
    pub at: Source,
    /// How often it was accounted for.
    pub times: usize,
}

/// What was read: the records to be accounted for.
#[derive(Debug, Default)]
pub struct Inputs {
    /// The streams, in order: stream `n` stands at `n - 1`.
    pub streams: Vec<Stream>,
    /// Records read of each stream, the rejected ones included.
    pub read: Vec<u64>,
    /// The counts of tables that a dump itself keeps count of, in the order of streams.
    pub controls: Vec<Control>,
    /// Records that could not be used.
    pub rejected: Option<RejectedRows>,
}

/// The account of a run while outcomes come in. Takes one bit of memory for each record, and a few
/// megabytes; what does not fit waits in the temporary file.
#[derive(Debug)]
pub struct OpenLedger {
    inputs: Inputs,
    tallies: Vec<Tally>,
    marks: Vec<Marks>,
    filtered: Vec<BTreeMap<&'static str, Marks>>,
    duplicates: Sorter<DUPLICATE>,
    conflicts: Sorter<CONFLICT>,
    rules: BTreeMap<&'static str, u64>,
    reasons: BTreeMap<&'static str, u64>,
    conflict_count: u64,
    /// The first record found to stand twice, or beyond its stream.
    twice: Option<Source>,
}

impl OpenLedger {
    /// Opens the account of what was read; the rejected records stand in it already. Keeps about so
    /// many bytes of duplicates in memory.
    ///
    /// # Errors
    /// If the temporary file cannot be read.
    pub fn open(inputs: Inputs, scratch: &Arc<Scratch>, memory: usize) -> Result<OpenLedger> {
        let mut ledger = OpenLedger {
            tallies: inputs.read.iter().map(|&read| Tally { read, ..Tally::default() }).collect(),
            marks: vec![Marks::default(); inputs.read.len()],
            filtered: vec![BTreeMap::new(); inputs.read.len()],
            duplicates: Sorter::new(scratch.clone(), memory),
            conflicts: Sorter::new(scratch.clone(), memory / 8),
            rules: BTreeMap::new(),
            reasons: BTreeMap::new(),
            conflict_count: 0,
            twice: None,
            inputs,
        };
        if let Some(rejected) = ledger.inputs.rejected.take() {
            let mut walk = rejected.walk();
            while let Some(source) = walk.next_source()? {
                ledger.mark(source, |tally| &mut tally.rejected);
            }
            drop(walk);
            ledger.inputs.rejected = Some(rejected);
        }
        Ok(ledger)
    }

    /// Accounts for a record that stands in the package.
    pub fn written(&mut self, source: Source) {
        self.mark(source, |tally| &mut tally.written);
    }

    /// Accounts for a record dropped in favour of another one.
    ///
    /// # Errors
    /// If the temporary file cannot be written.
    pub fn duplicate(&mut self, duplicate: &Duplicate) -> Result<()> {
        self.mark(duplicate.source, |tally| &mut tally.duplicate);
        *self.rules.entry(duplicate.rule.name()).or_default() += 1;
        self.duplicates.push(rows::encode_duplicate(duplicate))
    }

    /// Accounts for a record left out on request.
    pub fn filtered(&mut self, filtered: Filtered) {
        let Filtered { source, reason } = filtered;
        self.mark(source, |tally| &mut tally.filtered);
        *self.reasons.entry(reason).or_default() += 1;
        if let Some(stream) = self.filtered.get_mut((source.stream as usize).wrapping_sub(1)) {
            stream.entry(reason).or_default().set(source.record);
        }
    }

    /// Notes two messages that exclude each other.
    ///
    /// # Errors
    /// If the temporary file cannot be written.
    pub fn conflict(&mut self, one: MessageId, other: MessageId) -> Result<()> {
        self.conflict_count += 1;
        self.conflicts.push(rows::encode_conflict(one.min(other), one.max(other)))
    }

    /// Proves the invariant: each record from 1 to `read` of each stream stands exactly once.
    ///
    /// # Errors
    /// [`Imbalance`] names a record that stands nowhere or twice.
    pub fn balance(self) -> std::result::Result<Ledger, Imbalance> {
        if let Some(at) = self.twice {
            return Err(Imbalance { at, times: 2 });
        }
        for ((stream, &read), marks) in (1..).zip(&self.inputs.read).zip(&self.marks) {
            match marks.next(1, false) {
                Some(record) if record <= read => {
                    return Err(Imbalance { at: Source { stream, record }, times: 0 });
                }
                _ => {}
            }
        }
        Ok(Ledger {
            inputs: self.inputs,
            tallies: self.tallies,
            filtered: self.filtered,
            duplicates: self.duplicates.finish(),
            conflicts: self.conflicts.finish(),
            rules: self.rules,
            reasons: self.reasons,
            conflict_count: self.conflict_count,
        })
    }

    fn mark(&mut self, source: Source, part: fn(&mut Tally) -> &mut u64) {
        let at = (source.stream as usize).wrapping_sub(1);
        let known = self.inputs.read.get(at).is_some_and(|&read| (1..=read).contains(&source.record));
        if !known || !self.marks[at].set(source.record) {
            self.twice.get_or_insert(source);
            return;
        }
        *part(&mut self.tallies[at]) += 1;
    }
}

/// The balanced account of a run.
#[derive(Debug)]
pub struct Ledger {
    inputs: Inputs,
    tallies: Vec<Tally>,
    filtered: Vec<BTreeMap<&'static str, Marks>>,
    duplicates: Sorted<DUPLICATE>,
    conflicts: Sorted<CONFLICT>,
    rules: BTreeMap<&'static str, u64>,
    reasons: BTreeMap<&'static str, u64>,
    conflict_count: u64,
}

impl Ledger {
    /// Returns the streams, in order: stream `n` stands at `n - 1`.
    pub fn streams(&self) -> &[Stream] {
        &self.inputs.streams
    }

    /// Returns the counts of tables that a dump itself keeps count of, in the order of streams.
    pub fn controls(&self) -> &[Control] {
        &self.inputs.controls
    }

    /// Returns the tally of each stream, in order.
    pub fn tallies(&self) -> &[Tally] {
        &self.tallies
    }

    /// Returns the tally of all streams.
    pub fn totals(&self) -> Tally {
        let mut totals = Tally::default();
        self.tallies.iter().for_each(|tally| totals.add(*tally));
        totals
    }

    /// Walks the duplicates by stream and record.
    pub fn duplicates(&self) -> Duplicates<'_> {
        Duplicates(self.duplicates.rows())
    }

    /// Counts the duplicates by rule.
    pub fn duplicates_by_rule(&self) -> &BTreeMap<&'static str, u64> {
        &self.rules
    }

    /// Walks the pairs of messages that exclude each other, the lesser id first, in order.
    pub fn conflicts(&self) -> Conflicts<'_> {
        Conflicts(self.conflicts.rows())
    }

    /// Returns how many pairs of messages exclude each other.
    pub fn conflict_count(&self) -> u64 {
        self.conflict_count
    }

    /// Walks the filtered records as ranges: first, last record of a stream, and the reason.
    pub fn filtered_ranges(&self) -> impl Iterator<Item = (Source, u64, &'static str)> + '_ {
        (1..).zip(&self.filtered).flat_map(|(stream, reasons)| {
            let mut walks: Vec<_> =
                reasons.iter().map(|(&reason, marks)| (reason, marks.ranges().peekable())).collect();
            std::iter::from_fn(move || {
                let heads =
                    walks.iter_mut().filter_map(|(reason, walk)| Some((*walk.peek()?, *reason, walk)));
                let ((first, last), reason, walk) = heads.min_by_key(|(range, ..)| *range)?;
                walk.next();
                Some((Source { stream, record: first }, last, reason))
            })
        })
    }

    /// Counts the filtered records by reason.
    pub fn filtered_by_reason(&self) -> &BTreeMap<&'static str, u64> {
        &self.reasons
    }

    /// Returns the rejected records.
    pub fn rejected(&self) -> Option<&RejectedRows> {
        self.inputs.rejected.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(stream: u32, record: u64) -> Source {
        Source { stream, record }
    }

    fn open(read: Vec<u64>) -> OpenLedger {
        let scratch = Arc::new(Scratch::new(std::env::temp_dir()));
        OpenLedger::open(Inputs { read, ..Inputs::default() }, &scratch, 1 << 10).unwrap()
    }

    #[test]
    fn an_account_balances_when_each_record_stands_once() {
        let mut ledger = open(vec![2, 4]);
        ledger.written(source(2, 1));
        ledger.written(source(1, 2));
        for (stream, record, reason) in [(2, 4, "until"), (2, 3, "since"), (2, 2, "since"), (1, 1, "since")] {
            ledger.filtered(Filtered { source: source(stream, record), reason });
        }
        let ledger = ledger.balance().unwrap();
        assert_eq!(
            ledger.filtered_ranges().collect::<Vec<_>>(),
            [(source(1, 1), 1, "since"), (source(2, 2), 3, "since"), (source(2, 4), 4, "until")]
        );
        let tally = ledger.tallies()[1];
        assert_eq!((tally.read, tally.written, tally.filtered), (4, 1, 3));
    }

    #[test]
    fn a_record_that_stands_nowhere_twice_or_beyond_the_stream_is_named() {
        for (read, written, culprit) in [(2, vec![1], 2), (2, vec![1, 2, 2], 2), (2, vec![1, 2, 3], 3)] {
            let mut ledger = open(vec![read]);
            written.into_iter().for_each(|record| ledger.written(source(1, record)));
            assert_eq!(ledger.balance().unwrap_err().at, source(1, culprit));
        }
    }

    #[test]
    fn duplicates_come_in_order_however_many_there_are() {
        let mut ledger = open(vec![10_000]);
        let make = |record: u64| Duplicate {
            source: source(1, record),
            kept: record.is_multiple_of(2).then_some(MessageId([record as u8; 16])),
            kept_source: source(1, record / 2 + 1),
            rule: Rule::ALL[record as usize % 5],
        };
        (1..=10_000).rev().for_each(|record| ledger.duplicate(&make(record)).unwrap());
        let ledger = ledger.balance().unwrap();
        let mut walk = ledger.duplicates();
        (1..=10_000).for_each(|record| assert_eq!(walk.next_row().unwrap(), Some(make(record))));
        assert_eq!(walk.next_row().unwrap(), None);
        assert_eq!(ledger.duplicates_by_rule().values().sum::<u64>(), 10_000);
    }
}
