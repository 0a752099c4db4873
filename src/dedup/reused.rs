//! Which chat ids were used twice in rooms that do not lie in one unit.
//!
//! Mostly ids grow with time, so that what lies in one range of time has ids that no other range has:
//! each range is looked at alone, on whichever thread is free. The ids that several ranges have are
//! looked at together, sorted.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::authors::Certainty;
use super::numbering::{Base, Reuse, Witness};
use super::shelf::{self, Key, Range, Shelved};
use super::{Authors, Run};
use crate::chat::{Precision, Ticks};
use crate::error::Result;
use crate::progress::Progress;
use crate::spill::Sorter;

/// Base, id, dump, precision, ticks, certainty, author.
const ROW: usize = 9 + 8 + 4 + 1 + 8 + 1 + 4;

const PRECISIONS: [Precision; 4] =
    [Precision::Ticks, Precision::Millisecond, Precision::DateTime, Precision::Second];
const CERTAINTIES: [Certainty; 4] =
    [Certainty::Sure, Certainty::Shared, Certainty::NoAddress, Certainty::Unnamed];

/// Ids from one to another, both included, of each family.
type Spans = BTreeMap<Base, Vec<(i64, i64)>>;

/// Finds the families that fell apart in each room that a border of ranges may cut.
///
/// # Errors
/// If the temporary file cannot be read or written, or the run is interrupted.
pub(super) fn in_cut_rooms(
    shelved: &Shelved,
    ranges: &[Range],
    authors: &Authors,
    run: &Run<'_>,
    progress: &dyn Progress,
) -> Result<HashMap<u32, Reuse>> {
    let cut = shelf::cut_rooms(ranges);
    cut.into_iter()
        .map(|room| {
            let room_ranges = within(ranges, room);
            let look = Look { shelved, ranges: &room_ranges, authors, run, progress };
            Ok((room, look.reuse()?))
        })
        .collect()
}

/// Returns the ranges as far as they lie in the messages of a room.
fn within(ranges: &[Range], room: u32) -> Vec<Range> {
    let key = |room: u32| Key { is_event: false, room, first: i64::MIN };
    let (begin, end) = (key(room), key(room + 1));
    ranges
        .iter()
        .filter(|range| range.from < end && range.to.is_none_or(|to| to > begin))
        .map(|range| Range {
            from: range.from.max(begin),
            to: Some(range.to.map_or(end, |to| to.min(end))),
            bytes: range.bytes,
        })
        .collect()
}

struct Look<'a> {
    shelved: &'a Shelved,
    ranges: &'a [Range],
    authors: &'a Authors,
    run: &'a Run<'a>,
    progress: &'a dyn Progress,
}

impl Look<'_> {
    fn reuse(&self) -> Result<Reuse> {
        let spans: Vec<BTreeMap<Base, (i64, i64)>> =
            self.ranges.par_iter().map(|range| self.span(range)).collect::<Result<_>>()?;
        let shared = shared(&spans);
        let sorter = Mutex::new(Sorter::new(self.run.scratch.clone(), self.run.sizes.under_way / 2));
        let alone: Vec<Reuse> = self
            .ranges
            .par_iter()
            .map(|range| {
                let (together, alone) = self
                    .witnesses(range)?
                    .into_iter()
                    .partition::<Vec<_>, _>(|witness| is_in(&shared, witness));
                let rows: Vec<[u8; ROW]> = together.iter().map(encode).collect();
                sorter.lock().unwrap_or_else(PoisonError::into_inner).extend(&rows)?;
                Ok(Reuse::of(alone, self.authors))
            })
            .collect::<Result<_>>()?;
        let mut reuse = self.together(sorter.into_inner().unwrap_or_else(PoisonError::into_inner))?;
        alone.into_iter().for_each(|alone| reuse.add(alone));
        Ok(reuse)
    }

    /// Returns the least and the greatest id of each family in a range.
    fn span(&self, range: &Range) -> Result<BTreeMap<Base, (i64, i64)>> {
        let mut spans: BTreeMap<Base, (i64, i64)> = BTreeMap::new();
        for witness in self.witnesses(range)? {
            let span = spans.entry(witness.base).or_insert((witness.id, witness.id));
            *span = (span.0.min(witness.id), span.1.max(witness.id));
        }
        Ok(spans)
    }

    fn witnesses(&self, range: &Range) -> Result<Vec<Witness>> {
        self.progress.check()?;
        let mut witnesses = Vec::new();
        self.shelved.each(range, &mut |record| {
            witnesses.extend(Witness::of(record, self.authors, &self.run.dumps));
        })?;
        Ok(witnesses)
    }

    /// Looks at the ids that several ranges have.
    fn together(&self, sorter: Sorter<ROW>) -> Result<Reuse> {
        let sorted = sorter.finish();
        let mut rows = sorted.rows();
        let mut reuse = Reuse::default();
        let mut same_id: Vec<Witness> = Vec::new();
        while let Some(row) = rows.next_row()? {
            let witness = decode(&row);
            if same_id.first().is_some_and(|first| (first.base, first.id) != (witness.base, witness.id)) {
                reuse.look(&same_id, self.authors);
                same_id.clear();
            }
            same_id.push(witness);
        }
        reuse.look(&same_id, self.authors);
        Ok(reuse)
    }
}

/// Returns the ids that may occur in several ranges.
fn shared(spans: &[BTreeMap<Base, (i64, i64)>]) -> Spans {
    let mut all: Spans = BTreeMap::new();
    for (base, span) in spans.iter().flatten() {
        all.entry(*base).or_default().push(*span);
    }
    for spans in all.values_mut() {
        spans.sort_unstable();
        let mut shared: Vec<(i64, i64)> = Vec::new();
        let mut end: Option<i64> = None;
        for &(first, last) in spans.iter() {
            if let Some(end) = end.filter(|end| first <= *end) {
                match shared.last_mut() {
                    Some(before) if first <= before.1 => before.1 = before.1.max(last.min(end)),
                    _ => shared.push((first, last.min(end))),
                }
            }
            end = end.max(Some(last));
        }
        *spans = shared;
    }
    all
}

fn is_in(spans: &Spans, witness: &Witness) -> bool {
    spans.get(&witness.base).is_some_and(|spans| {
        let at = spans.partition_point(|(first, _)| *first <= witness.id);
        at > 0 && witness.id <= spans[at - 1].1
    })
}

/// Makes a row whose bytes have the order of the witness.
fn encode(witness: &Witness) -> [u8; ROW] {
    let ordered = |number: i64| ((number as u64) ^ 1 << 63).to_be_bytes();
    let (kind, base) = match witness.base {
        Base::Channel(channel) => (0, channel),
        Base::Domain(domain) => (1, i64::from(domain)),
    };
    let mut row = [0; ROW];
    row[0] = kind;
    row[1..9].copy_from_slice(&ordered(base));
    row[9..17].copy_from_slice(&ordered(witness.id));
    row[17..21].copy_from_slice(&witness.dump.to_be_bytes());
    row[21] = PRECISIONS.iter().position(|known| *known == witness.precision).unwrap_or_default() as u8;
    row[22..30].copy_from_slice(&ordered(witness.ticks.get()));
    row[30] = CERTAINTIES.iter().position(|known| *known == witness.certainty).unwrap_or_default() as u8;
    row[31..].copy_from_slice(&witness.author.to_be_bytes());
    row
}

fn decode(row: &[u8; ROW]) -> Witness {
    let eight = |at: usize| {
        let bytes: [u8; 8] = row[at..at + 8].try_into().unwrap_or_default();
        (u64::from_be_bytes(bytes) ^ 1 << 63) as i64
    };
    let four = |at: usize| u32::from_be_bytes(row[at..at + 4].try_into().unwrap_or_default());
    Witness {
        base: if row[0] == 0 { Base::Channel(eight(1)) } else { Base::Domain(eight(1) as u32) },
        id: eight(9),
        dump: four(17),
        precision: PRECISIONS[usize::from(row[21])],
        ticks: Ticks::new(eight(22)).unwrap_or(Ticks::MIN),
        certainty: CERTAINTIES[usize::from(row[30])],
        author: four(31),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_lie_in_several_ranges_are_found() {
        let base = Base::Channel(5);
        let spans = |spans: &[(i64, i64)]| -> Vec<(i64, i64)> {
            let each: Vec<_> = spans.iter().map(|span| BTreeMap::from([(base, *span)])).collect();
            shared(&each).remove(&base).unwrap_or_default()
        };
        assert_eq!(spans(&[(1, 10), (11, 20), (21, 21)]), []);
        assert_eq!(spans(&[(11, 20), (1, 11)]), [(11, 11)]);
        assert_eq!(spans(&[(1, 100), (5, 6), (8, 9), (99, 200)]), [(5, 6), (8, 9), (99, 100)]);
        assert_eq!(spans(&[(1, 9), (1, 9), (3, 12)]), [(1, 9)]);
        assert_eq!(spans(&[(1, 10), (2, 4), (3, 8)]), [(2, 8)]);
    }

    #[test]
    fn witnesses_come_back_from_rows_and_rows_have_their_order() {
        let witness = |id, dump, ticks, author| Witness {
            base: Base::Domain(7),
            id,
            dump,
            precision: Precision::DateTime,
            ticks: Ticks::new(ticks).unwrap(),
            certainty: Certainty::NoAddress,
            author,
        };
        let mut all = vec![
            witness(5, 1, 9, 3),
            Witness { base: Base::Channel(-1), ..witness(5, 1, 9, 3) },
            witness(-5, 2, 9, 3),
            witness(5, 0, 1 << 50, 3),
            Witness { precision: Precision::Second, certainty: Certainty::Unnamed, ..witness(5, 1, 9, 3) },
        ];
        let mut rows: Vec<[u8; ROW]> = all.iter().map(encode).collect();
        all.sort_unstable();
        rows.sort_unstable();
        assert_eq!(rows.iter().map(decode).collect::<Vec<_>>(), all);
    }
}
