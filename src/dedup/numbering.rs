//! Which chat ids count in one family, and where a family turns out to be several.
//!
//! Chat ids of one room and channel, or of one room and domain, belong together, in whatever files
//! they stand. A migrated database may have numbered anew under the same channel: then one id
//! stands for two times or two authors (ID-REUSED), and the family falls apart into the dumps it
//! came from; a dump in which that still is so falls apart into its streams.

use std::collections::BTreeSet;

use super::authors::{Authors, Certainty};
use super::item::Item;
use crate::chat::{Moment, Numbering, Record};

/// A family of chat ids as it holds in one room. Its order does not depend on the order in
/// which inputs were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Family {
    Channel(i64),
    Domain(u32),
    Dump(Base, u32),
    Stream(u32),
}

/// What a family was before it fell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Base {
    Channel(i64),
    Domain(u32),
}

/// A record's place among the ids of its room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Number {
    pub family: Family,
    /// The chat id, or the record's number where the document itself is the family.
    pub id: i64,
}

/// What a record says of its chat id: whose it was, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Witness {
    pub base: Base,
    pub id: i64,
    pub dump: u32,
    /// Precision before ticks, so that the finest comes first.
    pub precision: crate::chat::Precision,
    pub ticks: crate::chat::Ticks,
    pub certainty: Certainty,
    pub author: u32,
}

impl Witness {
    /// Asks a record that has a chat id in a family.
    pub fn of(record: &Record, authors: &Authors, dumps: &[u32]) -> Option<Witness> {
        let base = base(record, authors)?;
        let author = authors.position(record.person);
        Some(Witness {
            base,
            id: record.chat_id?,
            dump: dump_of(record, dumps),
            precision: record.moment.precision,
            ticks: record.moment.ticks,
            certainty: authors.certainty(author),
            author: author as u32,
        })
    }

    fn moment(&self) -> Moment {
        Moment { ticks: self.ticks, precision: self.precision }
    }
}

/// The families of a room that fell apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reuse {
    bases: BTreeSet<Base>,
    dumps: BTreeSet<(Base, u32)>,
}

impl Reuse {
    /// Looks at everything that is said of one id of one family, in order.
    ///
    /// All records of an id are held against its finest time and its surest author, so the answer does
    /// not depend on their order.
    pub fn look(&mut self, same_id: &[Witness], authors: &Authors) {
        let Some(first) = same_id.first() else { return };
        if contradict(same_id, authors) {
            self.bases.insert(first.base);
        }
        let dumps = same_id.chunk_by(|one, other| one.dump == other.dump);
        for same_dump in dumps.filter(|same_dump| contradict(same_dump, authors)) {
            self.dumps.insert((first.base, same_dump[0].dump));
        }
    }

    /// Looks at all ids of a room at once.
    pub fn of(mut witnesses: Vec<Witness>, authors: &Authors) -> Reuse {
        let mut reuse = Reuse::default();
        witnesses.sort_unstable();
        for same_id in witnesses.chunk_by(|one, other| (one.base, one.id) == (other.base, other.id)) {
            reuse.look(same_id, authors);
        }
        reuse
    }

    /// Adds what was found of other ids of the room.
    pub fn add(&mut self, other: Reuse) {
        self.bases.extend(other.bases);
        self.dumps.extend(other.dumps);
    }

    /// Returns the families that fell apart.
    pub fn bases(&self) -> impl Iterator<Item = Base> + '_ {
        self.bases.iter().copied()
    }

    /// Numbers a message.
    pub fn number(&self, record: &Record, authors: &Authors, dumps: &[u32]) -> Number {
        let stream = record.source.stream;
        let alone = Number { family: Family::Stream(stream), id: record.source.record as i64 };
        let (Some(base), Some(id)) = (base(record, authors), record.chat_id) else { return alone };
        let family = match base {
            _ if self.bases.contains(&base) => {
                let dump = dump_of(record, dumps);
                match self.dumps.contains(&(base, dump)) {
                    true => Family::Stream(stream),
                    false => Family::Dump(base, dump),
                }
            }
            Base::Channel(channel) => Family::Channel(channel),
            Base::Domain(domain) => Family::Domain(domain),
        };
        Number { family, id }
    }
}

/// Tells whether one id stands for two times or two authors.
fn contradict(same_id: &[Witness], authors: &Authors) -> bool {
    let [first, others @ ..] = same_id else { return false };
    if others.is_empty() {
        return false;
    }
    let finest = same_id.iter().map(|witness| (witness.precision, witness.ticks)).min();
    let (precision, ticks) = finest.unwrap_or((first.precision, first.ticks));
    let surest = same_id.iter().map(|witness| (witness.certainty, witness.author)).min();
    let (_, author) = surest.unwrap_or((first.certainty, first.author));
    same_id.iter().any(|witness| {
        !witness.moment().agrees(Moment { ticks, precision })
            || !authors.agree(author as usize, witness.author as usize)
    })
}

/// Numbers an event: equal events of a known person are one even within a document, those of
/// unknown people are counted.
pub(super) fn number_event(item: &Item<'_>, counted: bool) -> Number {
    let source = item.record.source;
    Number { family: Family::Stream(source.stream), id: if counted { source.record as i64 } else { 0 } }
}

fn base(record: &Record, authors: &Authors) -> Option<Base> {
    match record.numbering {
        Numbering::Channel(channel) => Some(Base::Channel(channel)),
        Numbering::Domain(domain) => Some(Base::Domain(authors.settled().domain(domain))),
        Numbering::Document => None,
    }
}

fn dump_of(record: &Record, dumps: &[u32]) -> u32 {
    let stream = record.source.stream;
    dumps.get((stream as usize).wrapping_sub(1)).copied().unwrap_or(stream)
}
