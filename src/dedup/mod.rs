//! One of each message: identity, survivors, conflicts.
//!
//! The unit of work is a *partition*: all records of one room. Partitions know nothing of each
//! other, so they are resolved on all cores, and a room too large for memory can be cut wherever no
//! two records on either side agree in time. Nothing here depends on the order of inputs: records
//! are sorted by content before anything is decided, and stream numbers break no tie but between
//! records that are equal in all that the package shows.
//!
//! The rule itself is told with examples in `docs/identity.md`.

mod authors;
mod conflicts;
mod matching;
mod numbering;
mod partition;
mod room;
mod survivor;
#[cfg(test)]
mod tests;
mod twins;

use rayon::prelude::*;

use crate::chat::{Batch, Guid, RoomHistory, Settled, Ticks};
use crate::error::Result;
use crate::ledger::{Findings, Ledger};
use crate::progress::Progress;

pub use authors::Authors;
pub use twins::tell_twins;

/// What to leave out of the package, though it was read.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Leave out what happened before this instant.
    pub since: Option<Ticks>,
    /// Leave out what happened at this instant or later.
    pub until: Option<Ticks>,
    /// Leave out these rooms, each for its reason.
    pub rooms: std::collections::BTreeMap<Guid, &'static str>,
    /// Leave out every message and event, for this reason.
    pub all: Option<&'static str>,
}

/// Resolves all records into the histories of rooms, in the order of room GUIDs, and accounts for
/// every record in the ledger's `written`, `duplicates`, `filtered` and `conflicts`.
///
/// `dumps` tells for each stream (stream `n` at `n - 1`) which dump it belongs to; it matters only
/// where chat ids were used twice. Takes memory for one reference a record beside the batches.
///
/// # Errors
/// [`Error::Interrupted`](crate::Error::Interrupted), looked for before each room.
pub fn resolve<'a>(
    batches: &'a [Batch],
    settled: &Settled,
    dumps: &[u32],
    selection: &Selection,
    ledger: &mut Ledger,
    findings: &mut Findings,
    progress: &dyn Progress,
) -> Result<Vec<RoomHistory<'a>>> {
    let authors = Authors::new(settled);
    let partitions = partition::by_room(batches, settled);
    let resolve_one = |partition| {
        progress.check()?;
        Ok(room::resolve(partition, &authors, dumps, selection))
    };
    let resolved: Vec<room::Resolved<'a>> =
        partitions.into_par_iter().map(resolve_one).collect::<Result<_>>()?;
    let mut histories = Vec::with_capacity(resolved.len());
    for room in resolved {
        ledger.written.extend(room.written);
        ledger.duplicates.extend(room.duplicates);
        ledger.filtered.extend(room.filtered);
        ledger.conflicts.extend(room.conflicts);
        findings.extend(room.findings);
        if !room.history.messages.is_empty() || !room.history.events.is_empty() {
            histories.push(room.history);
        }
    }
    Ok(histories)
}
