//! Balancing the account: what marks and claims prove once they are sorted.

use std::io;

use super::account::{Account, Claim, Fate, Mark, Witness};
use super::ledger::StreamRow;
use crate::chat::{MessageId, Source};
use crate::ledger::Tally;
use crate::package::verify::fault;
use crate::package::verify::problem::{Problems, quote};

const SOURCES: &str = "data/ledger/sources.csv";

/// Proves that each record from 1 to `read` of each stream stands exactly once, that the counts of
/// `sources.csv` are those of the marks, and that events kept in favour of others are there.
///
/// # Errors
/// Those of the temporary files.
pub(super) fn balance_records(
    account: &mut Account,
    streams: &[StreamRow],
    problems: &mut Problems,
) -> io::Result<()> {
    let mut balance = Balance { streams, problems, at: 0, expected: 1, tally: Tally::default(), event: None };
    account.each_mark(&mut |mark| balance.take(mark))?;
    while balance.at < balance.streams.len() {
        balance.close();
    }
    Ok(())
}

struct Balance<'a> {
    streams: &'a [StreamRow],
    problems: &'a mut Problems,
    /// Position of the stream whose marks are coming.
    at: usize,
    /// The record that should come next.
    expected: u64,
    tally: Tally,
    /// The event seen last.
    event: Option<u64>,
}

impl Balance<'_> {
    fn take(&mut self, mark: Mark) {
        let Some(position) = (mark.stream as usize).checked_sub(1).filter(|at| *at < self.streams.len())
        else {
            let what = format!(
                "{} of stream {}: there is no such stream",
                records(mark.first, mark.last),
                mark.stream
            );
            self.problems.add(&fault::LEDGER_BEYOND, SOURCES, what);
            return;
        };
        while self.at < position {
            self.close();
        }
        if mark.fate == Fate::KeptEvent {
            if self.event != Some(mark.first) {
                let what = format!(
                    "{}: an event was dropped in favour of this one, which is not here",
                    self.name(mark.first, mark.last)
                );
                self.problems.add(&fault::LEDGER_KEPT, "data/ledger/duplicates.csv", what);
            }
            return;
        }
        if mark.fate == Fate::Event {
            self.event = Some(mark.first);
        }
        self.count(mark);
        let read = self.streams[self.at].tally.read;
        if mark.last > read {
            let what = format!("{}: only {read} were read", self.name(mark.first, mark.last));
            self.problems.add(&fault::LEDGER_BEYOND, SOURCES, what);
        }
        if mark.first < self.expected {
            let last = mark.last.min(self.expected - 1);
            let what = format!("{} more than once", self.name(mark.first, last));
            self.problems.add(&fault::LEDGER_TWICE, SOURCES, what);
        } else if mark.first > self.expected {
            self.nowhere(mark.first - 1);
        }
        self.expected = self.expected.max(mark.last.saturating_add(1));
    }

    fn count(&mut self, mark: Mark) {
        let part = match mark.fate {
            Fate::Message | Fate::Event | Fate::KeptEvent => &mut self.tally.written,
            Fate::Duplicate => &mut self.tally.duplicate,
            Fate::Filtered => &mut self.tally.filtered,
            Fate::Rejected => &mut self.tally.rejected,
        };
        *part = part.saturating_add((mark.last - mark.first).saturating_add(1));
    }

    /// Tells of records from the expected one to `last` of which nobody speaks.
    fn nowhere(&mut self, last: u64) {
        let last = last.min(self.streams[self.at].tally.read);
        if self.expected <= last {
            let what = format!("{} nowhere", self.name(self.expected, last));
            self.problems.add(&fault::LEDGER_NOWHERE, SOURCES, what);
        }
    }

    /// Ends a stream and goes on to the next one.
    fn close(&mut self) {
        self.nowhere(u64::MAX);
        let told = self.streams[self.at].tally;
        let seen = Tally { read: told.read, ..self.tally };
        if seen != told {
            let counts = |tally: Tally| {
                let Tally { written, duplicate, filtered, rejected, .. } = tally;
                format!("{written} written, {duplicate} duplicate, {filtered} filtered, {rejected} rejected")
            };
            let what =
                format!("stream {}: it says {}, there are {}", self.at + 1, counts(told), counts(seen));
            self.problems.add(&fault::LEDGER_SUM, SOURCES, what);
        }
        self.at += 1;
        (self.expected, self.tally, self.event) = (1, Tally::default(), None);
    }

    fn name(&self, first: u64, last: u64) -> String {
        let input = self.streams.get(self.at).map(|row| quote(&row.input)).unwrap_or_default();
        format!("{} of stream {} ({input})", records(first, last), self.at + 1)
    }
}

fn records(first: u64, last: u64) -> String {
    if first == last { format!("record {first}") } else { format!("records {first} to {last}") }
}

/// Proves that ids are unique, that messages kept in favour of others are there, and that messages
/// which exclude each other both say so, as `conflicts.csv` does.
///
/// # Errors
/// Those of the temporary files.
pub(super) fn balance_identities(account: &mut Account, problems: &mut Problems) -> io::Result<()> {
    let mut bearer: Option<(MessageId, Source)> = None;
    let mut pair = Pair::default();
    account.each_claim(&mut |id, claim| match claim {
        Claim::Bears(source) => {
            if let Some((known, other)) = bearer
                && known == id
            {
                let what = format!("message {id} stands twice, from {} and {}", place(other), place(source));
                problems.add(&fault::DOC_DUPLICATE, "data/import/Content", what);
            }
            bearer = Some((id, source));
        }
        Claim::Kept(source) => {
            let found = bearer.filter(|(known, _)| *known == id).map(|(_, source)| source);
            let why = match found {
                None => format!("message {id}, which was kept, is not here"),
                Some(found) if found != source => {
                    format!("message {id} was kept from {}, but comes from {}", place(source), place(found))
                }
                Some(_) => return,
            };
            problems.add(&fault::LEDGER_KEPT, "data/ledger/duplicates.csv", why);
        }
        Claim::Excludes(other, witness) => {
            if pair.ids != Some((id, other)) {
                pair.close(problems);
                pair = Pair { ids: Some((id, other)), witnesses: [0; 3] };
            }
            let count = &mut pair.witnesses[witness as usize];
            *count = count.saturating_add(1);
        }
    })?;
    pair.close(problems);
    Ok(())
}

fn place(source: Source) -> String {
    format!("{}:{}", source.stream, source.record)
}

/// Two messages that exclude each other, and how often each witness says so.
#[derive(Default)]
struct Pair {
    ids: Option<(MessageId, MessageId)>,
    witnesses: [u64; 3],
}

impl Pair {
    fn close(&self, problems: &mut Problems) {
        let Some((one, other)) = self.ids else { return };
        if one == other {
            problems.add(&fault::DOC_CONFLICT, "", format!("message {one} excludes itself"));
            return;
        }
        let speakers = [
            (Witness::Lesser, format!("message {one}")),
            (Witness::Greater, format!("message {other}")),
            (Witness::Ledger, "conflicts.csv".to_owned()),
        ];
        for (witness, speaker) in speakers {
            let says = match self.witnesses[witness as usize] {
                0 => "does not say",
                1 => continue,
                _ => "says more than once",
            };
            let what = format!("{speaker} {says} that {one} and {other} exclude each other");
            problems.add(&fault::DOC_CONFLICT, "data/ledger/conflicts.csv", what);
        }
    }
}
