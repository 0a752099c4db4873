//! Messages that exclude each other: one room, chat id, author and time, but two texts.
//!
//! An administrator replaced the text after one of the sources was made, or a copy is damaged. Both
//! are kept and marked. An id shared by chance between two numberings is no conflict where the
//! other numbering holds the text as well, under another id.

use super::authors::Authors;
use super::matching::Slot;
use super::numbering::Family;
use super::room::Named;

/// More messages than this with one id at one time are told against the first of them alone, so that a
/// hostile input cannot make the list grow with the square of its size.
const ALL_PAIRS: usize = 16;

/// Finds pairs of messages (by position) that exclude each other.
pub(super) fn find(named: &[Named<'_>], authors: &Authors) -> Vec<(usize, usize)> {
    let mut ids: Vec<(i64, i64, usize, Family)> = Vec::new();
    for (position, Named { slot, .. }) in named.iter().enumerate() {
        let (first, _) = slot.moment.interval();
        ids.extend(slot.records.iter().filter_map(|candidate| {
            candidate.item.record.chat_id.map(|id| (id, first, position, candidate.number.family))
        }));
    }
    ids.sort_unstable();
    ids.dedup();
    let ids: Vec<(i64, usize, Family)> =
        ids.into_iter().map(|(id, _, at, family)| (id, at, family)).collect();
    let mut pairs = Vec::new();
    for same in at_one_time(&ids, named) {
        let others = if same.len() > ALL_PAIRS { 1 } else { same.len() };
        for (at, one) in same.iter().take(others).enumerate() {
            for other in &same[at + 1..] {
                let (first, second) = (&named[one.1].slot, &named[other.1].slot);
                let excluded = named[one.1].group != named[other.1].group
                    && first.moment.agrees(second.moment)
                    && authors.agree(first.author, second.author)
                    && (one.2 == other.2 || (!holds(first, other.2) && !holds(second, one.2)));
                if excluded {
                    pairs.push((one.1, other.1));
                }
            }
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// Cuts ids, sorted by id and time, wherever the id is another one, or no message before agrees in time
/// with any behind.
fn at_one_time<'i>(
    ids: &'i [(i64, usize, Family)],
    named: &[Named<'_>],
) -> impl Iterator<Item = &'i [(i64, usize, Family)]> {
    let mut last = i64::MIN;
    ids.chunk_by(move |one, other| {
        last = last.max(named[one.1].slot.moment.interval().1);
        let together = one.0 == other.0 && named[other.1].slot.moment.interval().0 <= last;
        if !together {
            last = i64::MIN;
        }
        together
    })
}

fn holds(slot: &Slot<'_>, family: Family) -> bool {
    slot.records.iter().any(|candidate| candidate.number.family == family)
}
