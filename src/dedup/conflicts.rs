//! Messages that exclude each other: one room, chat id, author and time, but two texts.
//!
//! An administrator replaced the text after one of the sources was made, or a copy is damaged. Both
//! are kept and marked. An id shared by chance between two numberings is no conflict where the
//! other numbering holds the text as well, under another id.

use super::authors::Authors;
use super::matching::Slot;
use super::numbering::Family;

/// More messages than this with one id are told against the first of them alone, so that a hostile
/// input cannot make the list grow with the square of its size.
const ALL_PAIRS: usize = 16;

/// Finds pairs of slots (by position) that exclude each other. `group` tells for each slot which
/// normal text it has.
pub(super) fn find(slots: &[&Slot<'_>], group: &[usize], authors: &Authors<'_>) -> Vec<(usize, usize)> {
    let mut ids: Vec<(i64, usize, Family)> = Vec::new();
    for (position, slot) in slots.iter().enumerate() {
        ids.extend(slot.records.iter().filter_map(|candidate| {
            candidate.item.record.chat_id.map(|id| (id, position, candidate.number.family))
        }));
    }
    ids.sort_unstable();
    ids.dedup();
    let mut pairs = Vec::new();
    for same in ids.chunk_by(|one, other| one.0 == other.0) {
        let others = if same.len() > ALL_PAIRS { 1 } else { same.len() };
        for (at, one) in same.iter().take(others).enumerate() {
            for other in &same[at + 1..] {
                let (first, second) = (slots[one.1], slots[other.1]);
                let excluded = group[one.1] != group[other.1]
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

fn holds(slot: &Slot<'_>, family: Family) -> bool {
    slot.records.iter().any(|candidate| candidate.number.family == family)
}
