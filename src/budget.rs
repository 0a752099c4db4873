//! How the memory that a run may take is shared out among its stages.
//!
//! Reading and resolving do not overlap, nor does resolving with what comes after the last message, so
//! each stage may use most of the whole. What a share is decides nothing of what comes out.

use crate::{dedup, package};

/// The least with which a run makes progress at all.
pub const LEAST_MEMORY: usize = 256 << 20;

/// The program itself, and the people, rooms and lists that are always held.
const FIXED: usize = 24 << 20;

/// The shares of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// The shelf, while records are read.
    pub shelf: usize,
    /// Text of one record; it is held several times over on its way.
    pub largest: usize,
    /// Resolving records.
    pub dedup: dedup::Sizes,
    /// What of a package waits for being compressed and written.
    pub waiting: usize,
    /// Duplicates and the like that the ledger keeps.
    pub ledger: usize,
    /// Links of messages to files.
    pub links: usize,
}

impl Budget {
    /// Shares out so many bytes among so many threads.
    pub fn new(memory: usize, threads: usize) -> Budget {
        let memory = memory.max(LEAST_MEMORY) - FIXED;
        // A unit takes its bytes, what matching makes of them, and the piece that comes of it; fetched
        // ahead, compared, rendered: some for each thread.
        let most = (memory / (16 * (threads + 1))).max(256 << 10);
        // What is compared should lie in the processor's caches.
        let unit = (most.min(2 << 20), most);
        Budget {
            shelf: memory * 3 / 8,
            largest: memory / 4,
            dedup: dedup::Sizes { unit, under_way: memory / 6, most: memory / 3, sorter: memory / 32 },
            waiting: memory / 6,
            ledger: memory / 32,
            links: memory / 64,
        }
    }

    /// Applies the shares to how a package is made.
    pub fn apply(&self, sizes: package::Sizes) -> package::Sizes {
        package::Sizes { waiting: self.waiting, ..sizes }
    }
}
