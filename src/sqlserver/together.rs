//! Work on many pieces by as many threads as the pool has, from within a worker of the pool too: no
//! other work of the pool is taken up meanwhile, so that it is safe while a lock is held.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Calls `work` with all numbers below `count` and returns what it gave, in their order.
pub(super) fn together<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let threads = rayon::current_num_threads().min(count);
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(count)));
    let run = || {
        while let number = next.fetch_add(1, Ordering::Relaxed)
            && number < count
        {
            let told = work(number);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((number, told));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            // Where no thread is to be had, the others do its share.
            let _ = std::thread::Builder::new().spawn_scoped(scope, run);
        }
        run();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, told)| told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_is_done_once_and_told_in_order() {
        assert_eq!(together(100, |number| number * 2), (0..100).map(|number| number * 2).collect::<Vec<_>>());
        assert_eq!(together(0, |number| number), [0; 0]);
    }
}
