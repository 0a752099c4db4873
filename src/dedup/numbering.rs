//! Which chat ids count in one family, and where a family turns out to be several.
//!
//! Chat ids of one room and channel, or of one room and domain, belong together, in whatever files
//! they stand. A migrated database may have numbered anew under the same channel: then one id
//! stands for two times or two authors (ID-REUSED), and the family falls apart into the dumps it
//! came from; a dump in which that still is so falls apart into its streams.

use std::collections::{BTreeSet, HashMap};

use super::authors::Authors;
use super::partition::Item;
use crate::chat::{Moment, Numbering};

/// A family of chat ids as it holds in one partition. Its order does not depend on the order in
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

/// Numbers all messages of a partition, and tells which families fell apart.
pub(super) fn number_messages(
    items: &[Item<'_>],
    authors: &Authors<'_>,
    dumps: &[u32],
) -> (Vec<Number>, BTreeSet<Base>) {
    let mut numbers: Vec<Number> = items.iter().map(|item| first_number(item, authors)).collect();
    let reused = reused_families(items, &numbers, authors);
    if reused.is_empty() {
        return (numbers, BTreeSet::new());
    }
    let told = reused.iter().filter_map(|&family| base(family)).collect();
    for (item, number) in items.iter().zip(&mut numbers) {
        if let (true, Some(base)) = (reused.contains(&number.family), base(number.family)) {
            number.family = Family::Dump(base, dump_of(item, dumps));
        }
    }
    let still_reused = reused_families(items, &numbers, authors);
    for (item, number) in items.iter().zip(&mut numbers) {
        if still_reused.contains(&number.family) {
            number.family = Family::Stream(item.record.source.stream);
        }
    }
    (numbers, told)
}

/// Numbers an event: equal events of a known person are one even within a document, those of
/// unknown people are counted.
pub(super) fn number_event(item: &Item<'_>, counted: bool) -> Number {
    let source = item.record.source;
    Number { family: Family::Stream(source.stream), id: if counted { source.record as i64 } else { 0 } }
}

fn first_number(item: &Item<'_>, authors: &Authors<'_>) -> Number {
    let record = item.record;
    match (record.numbering, record.chat_id) {
        (Numbering::Channel(channel), Some(id)) => Number { family: Family::Channel(channel), id },
        (Numbering::Domain(domain), Some(id)) => {
            Number { family: Family::Domain(authors.settled().domain(domain)), id }
        }
        _ => Number { family: Family::Stream(record.source.stream), id: record.source.record as i64 },
    }
}

fn base(family: Family) -> Option<Base> {
    match family {
        Family::Channel(channel) => Some(Base::Channel(channel)),
        Family::Domain(domain) => Some(Base::Domain(domain)),
        Family::Dump(base, _) => Some(base),
        Family::Stream(_) => None,
    }
}

fn dump_of(item: &Item<'_>, dumps: &[u32]) -> u32 {
    let stream = item.record.source.stream;
    dumps.get(stream as usize - 1).copied().unwrap_or(stream)
}

/// Finds the families in which one id stands for two times or two authors.
///
/// All records of an id are held against its finest time and its surest author, so the answer does
/// not depend on their order.
fn reused_families(items: &[Item<'_>], numbers: &[Number], authors: &Authors<'_>) -> BTreeSet<Family> {
    let telling = |item: &Item<'_>| {
        let moment = item.record.moment;
        let author = authors.position(item.record.person);
        ((moment.precision, moment.ticks), (authors.certainty(author), author))
    };
    let counted =
        || items.iter().zip(numbers).filter(|(_, number)| !matches!(number.family, Family::Stream(_)));
    let mut best = HashMap::with_capacity(items.len());
    for (item, number) in counted() {
        let (moment, author) = telling(item);
        let known = best.entry(*number).or_insert((moment, author));
        *known = (known.0.min(moment), known.1.min(author));
    }
    counted()
        .filter(|(item, number)| {
            let ((precision, ticks), (_, author)) = best[number];
            !item.record.moment.agrees(Moment { ticks, precision })
                || !authors.agree(author, authors.position(item.record.person))
        })
        .map(|(_, number)| number.family)
        .collect()
}
