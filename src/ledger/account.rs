//! The account of all records: written, duplicate, filtered or rejected, each exactly once.

use std::collections::BTreeMap;

use super::{Control, Rejected, Stream};
use crate::chat::{MessageId, Source};

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
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("record {record} of stream {stream} stands {times} times in the account, or lies beyond its stream", stream = at.stream, record = at.record)]
pub struct Imbalance {
    /// The record.
    pub at: Source,
    /// How often it was accounted for.
    pub times: usize,
}

/// The account of a run. Give it every outcome, then [`Ledger::balance`] it.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// The streams, in order: stream `n` stands at `n - 1`.
    pub streams: Vec<Stream>,
    /// Records read of each stream, the rejected ones included.
    pub read: Vec<u64>,
    /// Records that stand in the package.
    pub written: Vec<Source>,
    /// Records dropped in favour of others.
    pub duplicates: Vec<Duplicate>,
    /// Pairs of messages that exclude each other, the lesser id first.
    pub conflicts: Vec<(MessageId, MessageId)>,
    /// Records left out on request.
    pub filtered: Vec<Filtered>,
    /// Records that could not be used.
    pub rejected: Vec<Rejected>,
    /// The counts of tables that a dump itself keeps count of, in the order of streams.
    pub controls: Vec<Control>,
}

impl Ledger {
    /// Puts everything in the order of (stream, record) and proves the invariant: each record from
    /// 1 to `read` of each stream stands exactly once.
    ///
    /// Takes time in proportion to n log n, and one [`Source`] of memory for each record.
    ///
    /// # Errors
    /// [`Imbalance`] names the first record that stands nowhere or twice.
    pub fn balance(&mut self) -> Result<(), Imbalance> {
        self.written.sort_unstable();
        self.duplicates.sort_unstable();
        self.conflicts.sort_unstable();
        self.conflicts.dedup();
        self.filtered.sort_unstable();
        self.rejected.sort_unstable_by_key(|rejected| rejected.source);
        let mut all: Vec<Source> = self.written.clone();
        all.extend(self.duplicates.iter().map(|duplicate| duplicate.source));
        all.extend(self.filtered.iter().map(|filtered| filtered.source));
        all.extend(self.rejected.iter().map(|rejected| rejected.source));
        all.sort_unstable();
        let mut sources = all.iter().peekable();
        for (stream, &read) in (1..).zip(&self.read) {
            for record in 1..=read {
                let source = Source { stream, record };
                let mut times = 0;
                while sources.next_if_eq(&&source).is_some() {
                    times += 1;
                }
                if times != 1 {
                    return Err(Imbalance { at: source, times });
                }
            }
        }
        match sources.next() {
            None => Ok(()),
            Some(&at) => Err(Imbalance { at, times: 2 }),
        }
    }

    /// Returns the tally of each stream, in order.
    pub fn tallies(&self) -> Vec<Tally> {
        let mut tallies: Vec<Tally> =
            self.read.iter().map(|&read| Tally { read, ..Tally::default() }).collect();
        let mut count = |source: Source, part: fn(&mut Tally) -> &mut u64| {
            if let Some(tally) = tallies.get_mut(source.stream as usize - 1) {
                *part(tally) += 1;
            }
        };
        self.written.iter().for_each(|source| count(*source, |tally| &mut tally.written));
        self.duplicates.iter().for_each(|row| count(row.source, |tally| &mut tally.duplicate));
        self.filtered.iter().for_each(|row| count(row.source, |tally| &mut tally.filtered));
        self.rejected.iter().for_each(|row| count(row.source, |tally| &mut tally.rejected));
        tallies
    }

    /// Returns the filtered records as ranges: first, last record of a stream, and the reason.
    /// Call after [`Ledger::balance`].
    pub fn filtered_ranges(&self) -> Vec<(Source, u64, &'static str)> {
        let mut ranges: Vec<(Source, u64, &'static str)> = Vec::new();
        for row in &self.filtered {
            match ranges.last_mut() {
                Some((first, last, reason))
                    if first.stream == row.source.stream
                        && *last + 1 == row.source.record
                        && *reason == row.reason =>
                {
                    *last += 1;
                }
                _ => ranges.push((row.source, row.source.record, row.reason)),
            }
        }
        ranges
    }

    /// Counts the duplicates by rule.
    pub fn duplicates_by_rule(&self) -> BTreeMap<&'static str, u64> {
        let mut counts = BTreeMap::new();
        for duplicate in &self.duplicates {
            *counts.entry(duplicate.rule.name()).or_default() += 1;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(stream: u32, record: u64) -> Source {
        Source { stream, record }
    }

    fn filtered(stream: u32, record: u64) -> Filtered {
        Filtered { source: source(stream, record), reason: "since" }
    }

    #[test]
    fn an_account_balances_when_each_record_stands_once() {
        let mut ledger = Ledger {
            read: vec![2, 3],
            written: vec![source(2, 1), source(1, 2)],
            filtered: vec![filtered(2, 3), filtered(2, 2), filtered(1, 1)],
            ..Ledger::default()
        };
        assert_eq!(ledger.balance(), Ok(()));
        assert_eq!(ledger.filtered_ranges(), [(source(1, 1), 1, "since"), (source(2, 2), 3, "since")]);
        let tallies = ledger.tallies();
        assert_eq!((tallies[1].read, tallies[1].written, tallies[1].filtered), (3, 1, 2));
    }

    #[test]
    fn a_record_that_stands_nowhere_twice_or_beyond_the_stream_is_named() {
        for (read, written, culprit) in [(2, vec![1], 2), (2, vec![1, 2, 2], 2), (2, vec![1, 2, 3], 3)] {
            let mut ledger = Ledger {
                read: vec![read],
                written: written.into_iter().map(|record| source(1, record)).collect(),
                ..Ledger::default()
            };
            assert_eq!(ledger.balance().unwrap_err().at, source(1, culprit));
        }
    }
}
