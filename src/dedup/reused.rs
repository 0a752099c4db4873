//! Which chat ids were used twice in rooms that do not lie in one unit: a look at the whole room is
//! needed, and is taken by sorting what each record says of its id.

use std::collections::HashMap;

use super::authors::Certainty;
use super::numbering::{Base, Reuse, Witness};
use super::shelf::{self, Key, Range, Shelved};
use super::{Authors, Run};
use crate::chat::{Precision, Ticks};
use crate::error::Result;
use crate::spill::Sorter;

/// Room, base, id, dump, precision, ticks, certainty, author.
const ROW: usize = 4 + 9 + 8 + 4 + 1 + 8 + 1 + 4;

const PRECISIONS: [Precision; 4] =
    [Precision::Ticks, Precision::Millisecond, Precision::DateTime, Precision::Second];
const CERTAINTIES: [Certainty; 4] =
    [Certainty::Sure, Certainty::Shared, Certainty::NoAddress, Certainty::Unnamed];

/// Finds the families that fell apart in each room that a border of ranges may cut.
///
/// # Errors
/// If the temporary file cannot be read or written.
pub(super) fn in_cut_rooms(
    shelved: &Shelved,
    ranges: &[Range],
    authors: &Authors,
    run: &Run<'_>,
) -> Result<HashMap<u32, Reuse>> {
    let mut found = HashMap::new();
    for room in shelf::cut_rooms(ranges) {
        let key = |room: u32| Key { is_event: false, room, first: i64::MIN };
        let range = Range { from: key(room), to: Some(key(room + 1)), bytes: 0 };
        let mut sorter = Sorter::new(run.scratch.clone(), run.sizes.under_way / 2);
        let mut failed = None;
        shelved.each(&range, &mut |record| {
            if let Some(witness) = Witness::of(record, authors, &run.dumps) {
                failed = failed.take().or_else(|| sorter.push(encode(room, &witness)).err());
            }
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        let sorted = sorter.finish();
        let mut rows = sorted.rows();
        let mut reuse = Reuse::default();
        let mut same_id: Vec<Witness> = Vec::new();
        while let Some(row) = rows.next_row()? {
            let witness = decode(&row);
            if same_id.first().is_some_and(|first| (first.base, first.id) != (witness.base, witness.id)) {
                reuse.look(&same_id, authors);
                same_id.clear();
            }
            same_id.push(witness);
        }
        reuse.look(&same_id, authors);
        found.insert(room, reuse);
    }
    Ok(found)
}

/// Makes a row whose bytes have the order of the witness.
fn encode(room: u32, witness: &Witness) -> [u8; ROW] {
    let ordered = |number: i64| ((number as u64) ^ 1 << 63).to_be_bytes();
    let (kind, base) = match witness.base {
        Base::Channel(channel) => (0, channel),
        Base::Domain(domain) => (1, i64::from(domain)),
    };
    let mut row = [0; ROW];
    row[..4].copy_from_slice(&room.to_be_bytes());
    row[4] = kind;
    row[5..13].copy_from_slice(&ordered(base));
    row[13..21].copy_from_slice(&ordered(witness.id));
    row[21..25].copy_from_slice(&witness.dump.to_be_bytes());
    row[25] = PRECISIONS.iter().position(|known| *known == witness.precision).unwrap_or_default() as u8;
    row[26..34].copy_from_slice(&ordered(witness.ticks.get()));
    row[34] = CERTAINTIES.iter().position(|known| *known == witness.certainty).unwrap_or_default() as u8;
    row[35..].copy_from_slice(&witness.author.to_be_bytes());
    row
}

fn decode(row: &[u8; ROW]) -> Witness {
    let eight = |at: usize| {
        let bytes: [u8; 8] = row[at..at + 8].try_into().unwrap_or_default();
        (u64::from_be_bytes(bytes) ^ 1 << 63) as i64
    };
    let four = |at: usize| u32::from_be_bytes(row[at..at + 4].try_into().unwrap_or_default());
    Witness {
        base: if row[4] == 0 { Base::Channel(eight(5)) } else { Base::Domain(eight(5) as u32) },
        id: eight(13),
        dump: four(21),
        precision: PRECISIONS[usize::from(row[25])],
        ticks: Ticks::new(eight(26)).unwrap_or(Ticks::MIN),
        certainty: CERTAINTIES[usize::from(row[34])],
        author: four(35),
    }
}
