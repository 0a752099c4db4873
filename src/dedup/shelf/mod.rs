//! Where records wait between being read and being resolved, in bounded memory.
//!
//! Readers on all threads put batches on the [`Shelf`]. Whenever it is full, its records are put in
//! the order of kind, room and time, and go to the temporary file as a *run*. When all is read,
//! [`Shelved`] cuts the whole into ranges of that order, each small enough to be resolved in memory,
//! and fetches what each run holds of a range. What is left on the shelf is a run in memory where
//! it is all there is, so a small archive never touches the disk.

mod codec;
mod ranges;
mod run;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::chat::{Batch, Directory, Record, RoomKey, Settled};
use crate::error::Result;
use crate::ledger::Stretches;
use crate::spill::Scratch;
use run::Run;

pub use ranges::Shelved;
pub(super) use ranges::{Range, Unit, cut_rooms, refuse};
pub(super) use run::Key;

/// Takes batches from many threads.
#[derive(Debug)]
pub struct Shelf {
    scratch: Arc<Scratch>,
    drawers: Vec<Drawer>,
    most: usize,
}

/// A part of the shelf with a lock of its own.
#[derive(Debug, Default)]
struct Drawer {
    held: Mutex<Held>,
    runs: Mutex<Vec<Run>>,
}

#[derive(Debug, Default)]
struct Held {
    batches: Vec<Batch>,
    bytes: usize,
}

impl Shelf {
    /// Makes a shelf that takes about so many bytes of memory, for so many threads.
    pub fn new(scratch: Arc<Scratch>, memory: usize, threads: usize) -> Shelf {
        let drawers = (threads / 4).max(1);
        // A drawer is filled anew while what it held is written.
        let most = (memory / (2 * drawers)).max(1);
        Shelf { scratch, drawers: (0..drawers).map(|_| Drawer::default()).collect(), most }
    }

    /// Takes a batch. Its sources may name stretches, see [`Stretches`].
    ///
    /// # Errors
    /// If the temporary file cannot be written.
    pub fn take(&self, batch: Batch, directory: &Directory) -> Result<()> {
        let Some(first) = batch.records.first() else { return Ok(()) };
        let drawer = &self.drawers[first.source.stream as usize % self.drawers.len()];
        {
            let mut held = lock(&drawer.held);
            held.bytes += weight(&batch);
            held.batches.push(batch);
            if held.bytes < self.most {
                return Ok(());
            }
        }
        // One thread at a time: the others wait here with nothing in their hands.
        let mut runs = lock(&drawer.runs);
        let full = {
            let mut held = lock(&drawer.held);
            // Somebody else may have emptied it meanwhile.
            if held.bytes < self.most || held.batches.is_empty() {
                return Ok(());
            }
            std::mem::take(&mut *held)
        };
        let ranks = directory.room_ranks();
        let rank = |room: RoomKey| ranks.get(room.number() as usize).copied().unwrap_or(u32::MAX);
        runs.push(Run::make(&full.batches, &rank, Some(&self.scratch))?);
        Ok(())
    }

    /// Ends the taking: now it is known who and which rooms there are, and where each stretch stands in
    /// its stream. What is left stays in memory if all of it does.
    ///
    /// # Errors
    /// If the temporary file cannot be written.
    pub fn finish(self, settled: Arc<Settled>, stretches: Stretches) -> Result<Shelved> {
        let rank = |room| settled.room(room) as u32;
        let mut all = Vec::new();
        let spilled = self.drawers.iter().any(|drawer| !lock(&drawer.runs).is_empty());
        let scratch = spilled.then_some(&*self.scratch);
        for drawer in self.drawers {
            let held = drawer.held.into_inner().unwrap_or_else(PoisonError::into_inner);
            let mut runs = drawer.runs.into_inner().unwrap_or_else(PoisonError::into_inner);
            if !held.batches.is_empty() {
                runs.push(Run::make(&held.batches, &rank, scratch)?);
            }
            all.append(&mut runs);
        }
        Ok(Shelved::new(self.scratch, all, settled, stretches))
    }
}

fn weight(batch: &Batch) -> usize {
    batch.bytes.capacity() + batch.records.capacity() * size_of::<Record>()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
