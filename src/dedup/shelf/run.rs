//! A run: records in the order of kind, room and time, in memory or in the temporary file.

use super::codec::{self, Encoded};
use crate::chat::{Batch, Kind, Record, RoomKey};
use crate::error::{Error, Result};
use crate::spill::Scratch;

/// A place can be found in a run to within so many bytes.
pub(super) const BLOCK: usize = 32 << 10;
/// Bytes written at a time.
const PIECE: usize = 1 << 20;

/// Messages before events, then the room, then the first instant that the time may mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::dedup) struct Key {
    pub(in crate::dedup) is_event: bool,
    /// The room's place in the order of GUIDs.
    pub(in crate::dedup) room: u32,
    pub(in crate::dedup) first: i64,
}

/// Where a block of a run begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fence {
    pub(super) is_event: bool,
    pub(super) room: RoomKey,
    pub(super) first: i64,
    /// Its offset in the run.
    pub(super) offset: u64,
}

/// Records in order.
#[derive(Debug)]
pub(super) struct Run {
    place: Place,
    pub(super) length: u64,
    pub(super) fences: Vec<Fence>,
}

#[derive(Debug)]
enum Place {
    Memory(Vec<u8>),
    Scratch(u64),
}

impl Run {
    /// Puts records in order, rooms by their rank: into the temporary file, or in memory where none is given.
    ///
    /// # Errors
    /// If the temporary file cannot be written.
    pub(super) fn make(
        batches: &[Batch],
        rank: &dyn Fn(RoomKey) -> u32,
        scratch: Option<&Scratch>,
    ) -> Result<Run> {
        let records = || batches.iter().flat_map(|batch| &batch.records);
        let length: usize = records().map(codec::size).sum();
        let mut order: Vec<(u128, u32, u32)> = Vec::with_capacity(records().count());
        for (batch, at) in batches.iter().zip(0..) {
            order.extend(
                batch
                    .records
                    .iter()
                    .zip(0..)
                    .map(|(record, number)| (packed(record, rank(record.room)), at, number)),
            );
        }
        // Records mostly come in their order already, which this sort is quick with.
        order.sort_unstable();
        let begin = scratch.map(|scratch| scratch.reserve(length as u64));
        let held = if scratch.is_some() { PIECE + BLOCK } else { length };
        let mut bytes = Vec::with_capacity(held);
        let mut fences = Vec::with_capacity(length / BLOCK + 2);
        let (mut written, mut block_end) = (0, 0);
        for (_, batch, number) in order {
            let batch = &batches[batch as usize];
            let record = &batch.records[number as usize];
            let offset = written + bytes.len() as u64;
            if offset >= block_end {
                fences.push(Fence {
                    is_event: matches!(record.kind, Kind::Event { .. }),
                    room: record.room,
                    first: record.moment.interval().0,
                    offset,
                });
                block_end = offset + BLOCK as u64;
            }
            if let (Some(scratch), Some(begin)) = (scratch, begin) {
                if bytes.len() >= PIECE {
                    scratch.write(&bytes, begin + written)?;
                    written += bytes.len() as u64;
                    bytes.clear();
                }
                if codec::size(record) >= PIECE {
                    // A record this large is not copied once more.
                    let (head, texts) = codec::parts(record, &batch.bytes);
                    for part in [&bytes[..], &head].into_iter().chain(texts) {
                        scratch.write(part, begin + written)?;
                        written += part.len() as u64;
                    }
                    bytes.clear();
                    continue;
                }
            }
            codec::encode(record, &batch.bytes, &mut bytes);
        }
        let place = match (scratch, begin) {
            (Some(scratch), Some(begin)) => {
                scratch.write(&bytes, begin + written)?;
                Place::Scratch(begin)
            }
            _ => Place::Memory(bytes),
        };
        Ok(Run { place, length: length as u64, fences })
    }

    /// Hands on all records from one key to before another, and some beside them.
    ///
    /// # Errors
    /// If the temporary file cannot be read, or does not hold what was written.
    pub(super) fn read(
        &self,
        blocks: std::ops::Range<usize>,
        scratch: &Scratch,
        take: &mut dyn FnMut(&Encoded<'_>),
    ) -> Result<()> {
        let offset = |block: usize| self.fences.get(block).map_or(self.length, |fence| fence.offset);
        let mut buffer = Vec::new();
        let mut next = blocks.start;
        while next < blocks.end {
            let begin = offset(next);
            // As many blocks as make a piece; a block of one large record may be larger.
            next =
                (next + 1..blocks.end).find(|&end| offset(end) - begin >= PIECE as u64).unwrap_or(blocks.end);
            let length = (offset(next) - begin) as usize;
            let mut rest = match &self.place {
                Place::Memory(bytes) => {
                    bytes.get(begin as usize..begin as usize + length).unwrap_or_default()
                }
                Place::Scratch(place) => {
                    buffer.resize(length, 0);
                    scratch.read(&mut buffer, place + begin)?;
                    &buffer[..]
                }
            };
            while !rest.is_empty() {
                take(&Encoded::first(&mut rest).ok_or_else(damaged)?);
            }
        }
        Ok(())
    }
}

fn damaged() -> Error {
    Error::Unsound { what: "the temporary file does not hold what was written to it".to_owned() }
}

/// Kind, room and first instant in one number, in this order.
fn packed(record: &Record, rank: u32) -> u128 {
    let is_event = u128::from(matches!(record.kind, Kind::Event { .. }));
    // A time may be meant from a few milliseconds before the year 1 on.
    let first = (record.moment.interval().0 as u64) ^ 1 << 63;
    is_event << 96 | u128::from(rank) << 64 | u128::from(first)
}
