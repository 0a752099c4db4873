//! Cutting everything on the shelf into ranges, and fetching one.
//!
//! A border lies anywhere in the order of (kind, room, first instant). Within a room, records on both
//! sides of it may mean one instant, and then belong together: each unit knows its *tail*, the records
//! behind the last gap in its time, which [`Unit::hand_over`] moves on where they touch what follows.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::codec;
use super::run::{BLOCK, Key, Run};
use crate::chat::{Kind, Record, Settled};
use crate::error::{Error, Result};
use crate::ledger::Stretches;
use crate::spill::Scratch;

/// All records, in runs.
#[derive(Debug)]
pub struct Shelved {
    scratch: Arc<Scratch>,
    runs: Vec<Run>,
    settled: Arc<Settled>,
    stretches: Stretches,
}

/// A range of the order, from one key to before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::dedup) struct Range {
    pub(in crate::dedup) from: Key,
    /// `None` for everything behind.
    pub(in crate::dedup) to: Option<Key>,
    /// Bytes in it, to within some blocks.
    pub(in crate::dedup) bytes: u64,
}

/// The records of a range.
#[derive(Debug, Default)]
pub(in crate::dedup) struct Unit {
    pub(in crate::dedup) records: Vec<Record>,
    /// Their text.
    pub(in crate::dedup) bytes: Vec<u8>,
    /// The first room and instant in it.
    head: Option<(u32, i64)>,
    tail: Option<Tail>,
}

/// The records behind the last gap in the time of the last room.
#[derive(Debug, Clone, Copy)]
struct Tail {
    room: u32,
    first: i64,
    /// The last instant that one of them may mean.
    last: i64,
}

impl Shelved {
    pub(super) fn new(
        scratch: Arc<Scratch>,
        runs: Vec<Run>,
        settled: Arc<Settled>,
        stretches: Stretches,
    ) -> Shelved {
        Shelved { scratch, runs, settled, stretches }
    }

    /// Returns the bytes of all records.
    pub fn bytes(&self) -> u64 {
        self.runs.iter().map(|run| run.length).sum()
    }

    /// Cuts everything into ranges of about so many bytes: as few as wanted, or more where many runs
    /// must be visited for each, but not more than allowed. No range holds both messages and events.
    pub(in crate::dedup) fn ranges(&self, (wanted, allowed): (usize, usize)) -> Vec<Range> {
        let unit = (2 * BLOCK * self.runs.len()).max(wanted).min(allowed.max(1)) as u64;
        let mut blocks: Vec<(Key, u64)> = Vec::new();
        for run in &self.runs {
            let ends = run.fences.iter().skip(1).map(|fence| fence.offset).chain([run.length]);
            for (at, (fence, end)) in run.fences.iter().zip(ends).enumerate() {
                blocks.push((self.key(run, at), end - fence.offset));
            }
        }
        blocks.sort_unstable();
        // Where events begin is known to the block alone.
        let events = Key { is_event: true, room: 0, first: i64::MIN };
        if !blocks.is_empty() {
            blocks.insert(blocks.partition_point(|(key, _)| *key < events), (events, 0));
        }
        let mut ranges: Vec<Range> = Vec::new();
        for (key, bytes) in blocks {
            match ranges.last_mut() {
                Some(last) if last.from == key || (last.bytes + bytes <= unit && key != events) => {
                    last.bytes += bytes;
                }
                last => {
                    last.into_iter().for_each(|last| last.to = Some(key));
                    ranges.push(Range { from: key, to: None, bytes });
                }
            }
        }
        ranges
    }

    /// Fetches the records of a range.
    ///
    /// # Errors
    /// If the temporary file cannot be read.
    pub(in crate::dedup) fn fetch(&self, range: &Range) -> Result<Unit> {
        let mut unit = Unit { bytes: Vec::with_capacity(range.bytes as usize), ..Unit::default() };
        self.walk(range, &mut |encoded| {
            let start = unit.bytes.len();
            unit.bytes.extend_from_slice(encoded.texts);
            let mut record = encoded.record(start);
            record.source = self.stretches.place(record.source);
            unit.records.push(record);
        })?;
        unit.find_ends(&self.settled, range.to);
        Ok(unit)
    }

    /// Hands on the records of a range without their text.
    ///
    /// # Errors
    /// If the temporary file cannot be read.
    pub(in crate::dedup) fn each(&self, range: &Range, take: &mut dyn FnMut(&Record)) -> Result<()> {
        self.walk(range, &mut |encoded| {
            let mut record = encoded.record(0);
            record.source = self.stretches.place(record.source);
            take(&record);
        })
    }

    fn walk(&self, range: &Range, take: &mut dyn FnMut(&codec::Encoded<'_>)) -> Result<()> {
        let within = |key: Key| key >= range.from && range.to.is_none_or(|to| key < to);
        for run in &self.runs {
            let before = |key: Key| partition(run.fences.len(), |at| self.key(run, at) < key);
            let blocks = before(range.from).saturating_sub(1)..range.to.map_or(run.fences.len(), before);
            run.read(blocks, &self.scratch, &mut |encoded| {
                let key = Key {
                    is_event: encoded.is_event(),
                    room: self.settled.room(encoded.room()) as u32,
                    first: encoded.moment().interval().0,
                };
                if within(key) {
                    take(encoded);
                }
            })?;
        }
        Ok(())
    }

    fn key(&self, run: &Run, block: usize) -> Key {
        let fence = &run.fences[block];
        Key { is_event: fence.is_event, room: self.settled.room(fence.room) as u32, first: fence.first }
    }
}

/// Returns how many of the first numbers fulfil a condition that all others do not.
fn partition(count: usize, fulfils: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        if fulfils(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

impl Unit {
    /// Returns the memory that it takes, with what is made of its records while they are compared.
    pub(in crate::dedup) fn weight(&self) -> usize {
        const COMPARED: usize = 500;
        self.bytes.len() + self.records.len() * (size_of::<Record>() + COMPARED)
    }

    /// Moves the records behind the last gap to the unit that follows, if they touch what is in it.
    pub(in crate::dedup) fn hand_over(&mut self, next: &mut Unit, settled: &Settled, to: Option<Key>) {
        let (Some(tail), Some((room, first))) = (self.tail, next.head) else { return };
        if tail.room != room || tail.last < first {
            return;
        }
        let moves = |record: &Record| {
            settled.room(record.room) as u32 == tail.room && record.moment.interval().0 >= tail.first
        };
        for record in self.records.extract_if(.., |record| moves(record)) {
            next.take(record, &self.bytes);
        }
        self.tail = None;
        next.find_ends(settled, to);
    }

    fn take(&mut self, mut record: Record, bytes: &[u8]) {
        let mut moved = |span: &mut crate::chat::Span| {
            let start = self.bytes.len();
            self.bytes.extend_from_slice(&bytes[span.start..span.start + span.length]);
            span.start = start;
        };
        moved(&mut record.text);
        record.rtf.iter_mut().for_each(&mut moved);
        record.extras.iter_mut().for_each(&mut moved);
        if let Kind::Event { type_name } = &mut record.kind {
            moved(type_name);
        }
        self.records.push(record);
    }

    /// Finds head and tail. There is a tail only where the range ends within a room.
    fn find_ends(&mut self, settled: &Settled, to: Option<Key>) {
        let key = |record: &Record| (settled.room(record.room) as u32, record.moment.interval());
        let first = self.records.iter().map(|record| (key(record).0, key(record).1.0)).min();
        self.head = first;
        self.tail = None;
        let is_event = |record: &Record| matches!(record.kind, Kind::Event { .. });
        // What is behind may be of the other kind, which shares nothing with these.
        let goes_on = |to: &Key| self.records.first().is_some_and(|record| is_event(record) == to.is_event);
        let Some(last_room) = to.filter(goes_on).map(|to| to.room) else { return };
        let mut times: Vec<(i64, i64)> = self
            .records
            .iter()
            .map(key)
            .filter(|(room, _)| *room == last_room)
            .map(|(_, time)| time)
            .collect();
        times.sort_unstable();
        for (first, last) in times {
            match &mut self.tail {
                Some(tail) if first <= tail.last => tail.last = tail.last.max(last),
                tail => *tail = Some(Tail { room: last_room, first, last }),
            }
        }
    }
}

/// Tells which rooms (by their place) the borders of ranges of messages may cut.
pub(in crate::dedup) fn cut_rooms(ranges: &[Range]) -> BTreeSet<u32> {
    let borders = ranges.iter().filter_map(|range| range.to).filter(|to| !to.is_event);
    borders.map(|to| to.room).collect()
}

/// Refuses a unit that memory cannot hold.
pub(in crate::dedup) fn refuse(room: crate::chat::Guid, bytes: u64, most: u64) -> Error {
    Error::Unusable {
        input: format!("room {room}"),
        why: format!(
            "its records at one time take {bytes} bytes, more than the {most} that can be held at once"
        ),
        hint: "give more --memory".to_owned(),
    }
}
