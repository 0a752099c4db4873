//! Syncs a file while it grows, so that the disk is busy beside the processor and not after it.
//! Systems otherwise keep gigabytes in memory until they are told to write them.

use std::fs::File;
use std::io;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

/// How much may come before the disk is told.
const STRETCH: u64 = 32 << 20;

/// A thread that waits for the disk.
#[derive(Debug)]
pub(super) struct SyncedAhead {
    requests: SyncSender<()>,
    thread: JoinHandle<io::Result<()>>,
    next: u64,
}

impl SyncedAhead {
    /// Begins; `None` where the system gives no thread or handle for it, and the file is synced at its
    /// end alone.
    pub(super) fn begin(file: &File) -> Option<SyncedAhead> {
        let file = file.try_clone().ok()?;
        let (requests, receiver) = sync_channel(1);
        let work = move || receiver.iter().try_for_each(|()| file.sync_data());
        let thread = std::thread::Builder::new().name("sync".into()).spawn(work).ok()?;
        Some(SyncedAhead { requests, thread, next: STRETCH })
    }

    /// Hears how long the file is, and never waits. Returns `false` once the disk has failed.
    pub(super) fn has_grown_to(&mut self, length: u64) -> bool {
        if length < self.next {
            return true;
        }
        self.next = length.saturating_add(STRETCH);
        // A request that waits already will do for this one.
        !matches!(self.requests.try_send(()), Err(TrySendError::Disconnected(())))
    }

    /// Waits for the thread. A failure of the disk is told once, here or to whoever asked it last.
    ///
    /// # Errors
    /// What the system said of an earlier stretch.
    pub(super) fn end(self) -> io::Result<()> {
        drop(self.requests);
        self.thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread that syncs was lost")))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_growing_file_is_synced_and_the_thread_ends_with_it() {
        let mut file = tempfile::tempfile().unwrap();
        let mut ahead = SyncedAhead::begin(&file).unwrap();
        for length in [0, STRETCH - 1, STRETCH, 5 * STRETCH, 6 * STRETCH] {
            file.write_all(b"x").unwrap();
            assert!(ahead.has_grown_to(length));
        }
        assert!(ahead.end().is_ok());
    }

    #[test]
    #[cfg(unix)]
    fn a_failure_is_told_at_the_end() {
        // A pipe cannot be synced.
        let (reader, _writer) = io::pipe().unwrap();
        let file = File::from(std::os::fd::OwnedFd::from(reader));
        let mut ahead = SyncedAhead::begin(&file).unwrap();
        while ahead.has_grown_to(ahead.next) {
            std::thread::yield_now();
        }
        assert!(ahead.end().is_err());
    }
}
