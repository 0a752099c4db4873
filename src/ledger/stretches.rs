//! Numbers of records while a stream is read in stretches side by side.
//!
//! How many records lie before a stretch is known only when all stretches before it were read. Until
//! then a record's [`Source`] names its stretch in place of its stream, and counts from the stretch's
//! beginning. Stretches are numbered in the order of (stream, place), so the order of sources is the same.

use crate::chat::Source;

/// Where each stretch of a run stands.
#[derive(Debug, Clone, Default)]
pub struct Stretches(Vec<Stretch>);

#[derive(Debug, Clone, Copy)]
struct Stretch {
    stream: u32,
    before: u64,
}

impl Stretches {
    /// Adds the next stretch: its stream, and how many records it has.
    pub fn push(&mut self, stream: u32, records: u64, total: &mut u64) {
        self.0.push(Stretch { stream, before: *total });
        *total += records;
    }

    /// Takes each stream for one stretch, as many as there are.
    pub fn whole(streams: u32) -> Stretches {
        Stretches((1..=streams).map(|stream| Stretch { stream, before: 0 }).collect())
    }

    /// Returns where a record stands that was counted in its stretch; stretches are counted from 1, as
    /// streams are.
    pub fn place(&self, source: Source) -> Source {
        match self.0.get((source.stream as usize).wrapping_sub(1)) {
            Some(stretch) => Source { stream: stretch.stream, record: stretch.before + source.record },
            None => source,
        }
    }
}
