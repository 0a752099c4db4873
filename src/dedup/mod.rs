//! One of each message: identity, survivors, conflicts.
//!
//! Records wait on a [`Shelf`] until all are read. The unit of work is a range of them in the order of
//! room and time, small enough for memory and cut only where no two records on either side agree in
//! time; units know nothing of each other, so they are resolved on all cores. Nothing here depends on
//! where they are cut, or on the order of inputs: records are sorted by content before anything is
//! decided, and stream numbers break no tie but between records that are equal in all that the
//! package shows.
//!
//! The rule itself is told with examples in `docs/identity.md`.

mod authors;
mod chat_ids;
mod conflicts;
mod item;
mod matching;
mod numbering;
mod outcome;
mod reused;
mod room;
mod shelf;
mod survivor;
#[cfg(test)]
mod tests;
mod told;
mod twins;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::chat::{Guid, Piece, RoomHistory, Settled, Ticks, Tree};
use crate::error::{Error, Result};
use crate::lane::Lane;
use crate::ledger::{Findings, OpenLedger};
use crate::progress::Progress;
use crate::spill::{Scratch, Sorter};
use numbering::Reuse;
use outcome::Outcome;
use room::Room;
use shelf::{Range, Unit};
use told::Hearsay;
use twins::Namesakes;

pub use authors::Authors;
pub use shelf::{Shelf, Shelved};
pub use told::Told;

/// What to leave out of the package, though it was read.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Leave out what happened before this instant.
    pub since: Option<Ticks>,
    /// Leave out what happened at this instant or later.
    pub until: Option<Ticks>,
    /// Leave out these rooms, each for its reason.
    pub rooms: BTreeMap<Guid, &'static str>,
    /// Leave out every message and event, for this reason.
    pub all: Option<&'static str>,
}

/// What a run knows before its records are resolved.
#[derive(Debug)]
pub struct Run<'a> {
    /// Everybody and every room.
    pub settled: Arc<Settled>,
    /// For each stream (stream `n` at `n - 1`) which dump it belongs to; it matters only where chat ids
    /// were used twice.
    pub dumps: Vec<u32>,
    /// The legacy tree, for the names of rooms.
    pub tree: &'a Tree,
    /// What to leave out.
    pub selection: Selection,
    /// The temporary file.
    pub scratch: Arc<Scratch>,
    /// Memory for it all.
    pub sizes: Sizes,
}

/// Sizes in bytes that bound memory. They decide nothing of what comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Records and text of a unit: at best, and at most where it must be gathered from many places.
    pub unit: (usize, usize),
    /// Records and text under way.
    pub under_way: usize,
    /// The most that one unit may take.
    pub most: usize,
    /// What sorters keep.
    pub sorter: usize,
}

/// What all units need to know.
#[derive(Debug)]
struct Context {
    authors: Authors,
    dumps: Vec<u32>,
    selection: Selection,
    /// The families that fell apart in rooms that do not lie in one unit, by the room's place.
    reuse: HashMap<u32, Reuse>,
    /// Rooms that have a namesake: their group.
    twins: BTreeMap<u32, u32>,
}

/// Resolves all records, hands the histories of rooms to `take` piece by piece, and accounts for every
/// record in the ledger. Returns what they say of people and rooms.
///
/// # Errors
/// [`Error::Interrupted`], looked for before each unit; [`Error::Unusable`] if what happened at one
/// time in one room does not fit in memory; those of the temporary file and of `take`.
pub fn resolve(
    shelved: Shelved,
    run: Run<'_>,
    ledger: &mut OpenLedger,
    findings: &mut Findings,
    progress: &dyn Progress,
    take: &mut dyn FnMut(Piece) -> Result<()>,
) -> Result<Told> {
    progress.check()?;
    let ranges = shelved.ranges(run.sizes.unit);
    let authors = Authors::new(run.settled.clone());
    let namesakes = Namesakes::find(run.tree, &run.settled);
    let reuse = reused::in_cut_rooms(&shelved, &ranges, &authors, &run, progress)?;
    let Run { settled, dumps, selection, scratch, sizes, .. } = run;
    let context = Arc::new(Context { authors, dumps, selection, reuse, twins: namesakes.groups.clone() });
    let mut twins = Sorter::new(scratch, sizes.sorter);
    let mut hearsay = Hearsay::default();
    let mut settle = |outcome: Outcome| -> Result<()> {
        let histories = || outcome.piece.rooms.iter();
        histories().flat_map(|room| &room.messages).for_each(|message| ledger.written(message.source));
        histories().flat_map(|room| &room.events).for_each(|event| ledger.written(event.source));
        outcome.duplicates.iter().try_for_each(|duplicate| ledger.duplicate(duplicate))?;
        outcome.filtered.into_iter().for_each(|filtered| ledger.filtered(filtered));
        outcome.conflicts.into_iter().try_for_each(|(one, other)| ledger.conflict(one, other))?;
        outcome.twins.into_iter().try_for_each(|row| twins.push(row))?;
        findings.extend(outcome.findings);
        hearsay.extend(outcome.hearsay);
        progress.check()?;
        if outcome.piece.rooms.is_empty() { Ok(()) } else { take(outcome.piece) }
    };
    let shelved = Arc::new(shelved);
    let mut units = Units::new(&shelved, &ranges, sizes);
    let mut lane: Lane<Outcome> = Lane::new(sizes.under_way);
    while let Some(unit) = units.next(&settled)? {
        progress.advance(unit.bytes.len() as u64);
        let weight = unit.weight();
        if weight > sizes.most {
            let room = unit
                .records
                .first()
                .map_or(Guid::default(), |record| settled.rooms[settled.room(record.room)].0);
            return Err(shelf::refuse(room, weight as u64, sizes.most as u64));
        }
        while !lane.has_room(weight) {
            settle(lane.take().ok_or_else(lost)?)?;
        }
        let context = context.clone();
        lane.give_weighed(weight, move || {
            let outcome = resolve_unit(unit, &context);
            let weight = outcome.weight();
            (outcome, weight)
        });
    }
    while !lane.is_empty() {
        settle(lane.take().ok_or_else(lost)?)?;
    }
    namesakes.tell(&twins.finish(), &settled, findings)?;
    Ok(hearsay.end())
}

fn lost() -> Error {
    Error::Unsound { what: "a thread was lost while it compared records".to_owned() }
}

/// Fetches units in order, some of them ahead.
struct Units<'a> {
    shelved: &'a Arc<Shelved>,
    ranges: &'a [Range],
    /// Fetched so far.
    given: usize,
    lane: Lane<Result<Unit>>,
    /// The unit whose end is not certain yet, and its number.
    waiting: Option<(usize, Unit)>,
    taken: usize,
}

impl<'a> Units<'a> {
    fn new(shelved: &'a Arc<Shelved>, ranges: &'a [Range], sizes: Sizes) -> Units<'a> {
        let lane = Lane::new(sizes.under_way / 4);
        Units { shelved, ranges, given: 0, lane, waiting: None, taken: 0 }
    }

    /// Returns the next unit, which no record behind it can touch.
    fn next(&mut self, settled: &Settled) -> Result<Option<Unit>> {
        loop {
            let Some(mut next) = self.fetch()? else { return Ok(self.waiting.take().map(|(_, unit)| unit)) };
            let at = self.taken;
            self.taken += 1;
            if let Some((_, mut unit)) = self.waiting.take() {
                unit.hand_over(&mut next, settled, self.ranges[at].to);
                self.waiting = Some((at, next));
                return Ok(Some(unit));
            }
            self.waiting = Some((at, next));
        }
    }

    fn fetch(&mut self) -> Result<Option<Unit>> {
        while let Some(&range) = self.ranges.get(self.given) {
            let weight = range.bytes as usize;
            if !self.lane.has_room(weight) {
                break;
            }
            self.given += 1;
            let shelved = self.shelved.clone();
            self.lane.give(weight, move || shelved.fetch(&range));
        }
        if self.lane.is_empty() {
            return Ok(None);
        }
        self.lane.take().ok_or_else(lost)?.map(Some)
    }
}

fn resolve_unit(unit: Unit, context: &Context) -> Outcome {
    let mut outcome = Outcome::default();
    let is_message = |record: &crate::chat::Record| matches!(record.kind, crate::chat::Kind::Message { .. });
    let are_messages = unit.records.first().is_some_and(is_message);
    let mut rooms = Vec::new();
    for (place, items) in room::by_room(&unit.records, &unit.bytes, &context.authors) {
        let guid = context.authors.settled().rooms[place as usize].0;
        let room = Room { context, place, guid };
        let mut history = RoomHistory { room: guid, ..RoomHistory::default() };
        match are_messages {
            true => history.messages = room.messages(&items, &mut outcome),
            false => history.events = room.events(&items, &mut outcome),
        }
        if !history.messages.is_empty() || !history.events.is_empty() {
            rooms.push(history);
        }
    }
    outcome.piece = Piece { bytes: unit.bytes, rooms };
    outcome.hearsay.hear(&outcome.piece);
    outcome
}
