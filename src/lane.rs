//! A lane: work done on many threads whose results come back in the order it was given.
//!
//! Memory is bounded by weight: that of what a piece of work was given while it waits and runs, that
//! of its result until it is taken. The order of results, and therefore the package, depends neither
//! on the bound nor on the number of threads.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, sync_channel};
use std::time::Duration;

use rayon::Yield;

/// Work under way, in order.
#[derive(Debug)]
pub(crate) struct Lane<T> {
    under_way: VecDeque<Receiver<(T, Load)>>,
    weight: Arc<AtomicUsize>,
    most_weight: usize,
    most_pieces: usize,
}

impl<T: Send + 'static> Lane<T> {
    /// Makes a lane that holds so many bytes altogether, or one piece that is larger.
    pub(crate) fn new(most_weight: usize) -> Lane<T> {
        const PIECES: usize = 2;
        Lane::with_pieces(most_weight, PIECES)
    }

    /// Makes a lane for work much of which is light: so many pieces for each thread may be under way.
    pub(crate) fn with_pieces(most_weight: usize, pieces: usize) -> Lane<T> {
        let most_pieces = pieces * rayon::current_num_threads();
        Lane { under_way: VecDeque::new(), weight: Arc::default(), most_weight, most_pieces }
    }

    /// Tells whether a piece of this weight may be given now, or results must be taken first.
    pub(crate) fn has_room(&self, weight: usize) -> bool {
        let fits = self.weight.load(Ordering::Relaxed).saturating_add(weight) <= self.most_weight;
        self.under_way.is_empty() || (fits && self.under_way.len() < self.most_pieces)
    }

    /// Gives a piece of work to the threads. Its result weighs what it was given until it is taken.
    pub(crate) fn give(&mut self, weight: usize, work: impl FnOnce() -> T + Send + 'static) {
        self.give_weighed(weight, move || (work(), weight));
    }

    /// Gives a piece of work to the threads. It returns its result and the weight of that.
    pub(crate) fn give_weighed(&mut self, weight: usize, work: impl FnOnce() -> (T, usize) + Send + 'static) {
        let (sender, receiver) = sync_channel(1);
        let mut load = Load::new(weight, &self.weight);
        // Oldest first: it is what will be waited for.
        rayon::spawn_fifo(move || {
            let (result, weight) = work();
            load.change(weight);
            // A result that nobody waits for any more, as after an error, is dropped.
            drop(sender.send((result, load)));
        });
        self.under_way.push_back(receiver);
    }

    /// Puts a result in its place that needs no work, and weighs nothing.
    pub(crate) fn give_result(&mut self, result: T) {
        let (sender, receiver) = sync_channel(1);
        drop(sender.send((result, Load::new(0, &self.weight))));
        self.under_way.push_back(receiver);
    }

    /// Waits for the oldest piece; `None` where none is under way, or where its work was lost.
    pub(crate) fn take(&mut self) -> Option<T> {
        let (result, _load) = wait(&self.under_way.pop_front()?)?;
        Some(result)
    }

    /// Tells whether nothing is under way.
    pub(crate) fn is_empty(&self) -> bool {
        self.under_way.is_empty()
    }
}

/// A weight on a lane, for as long as this lives.
#[derive(Debug)]
struct Load {
    weight: usize,
    total: Arc<AtomicUsize>,
}

impl Load {
    fn new(weight: usize, total: &Arc<AtomicUsize>) -> Load {
        total.fetch_add(weight, Ordering::Relaxed);
        Load { weight, total: Arc::clone(total) }
    }

    fn change(&mut self, weight: usize) {
        self.total.fetch_add(weight, Ordering::Relaxed);
        self.total.fetch_sub(self.weight, Ordering::Relaxed);
        self.weight = weight;
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.total.fetch_sub(self.weight, Ordering::Relaxed);
    }
}

/// Waits for a result. A thread of the pool works meanwhile: if it slept, a pool of one thread
/// would never get to the work that it waits for.
fn wait<T>(receiver: &Receiver<T>) -> Option<T> {
    loop {
        match receiver.try_recv() {
            Ok(result) => return Some(result),
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) => {}
        }
        match rayon::yield_now() {
            None => return receiver.recv().ok(),
            Some(Yield::Executed) => {}
            Some(Yield::Idle) => match receiver.recv_timeout(Duration::from_millis(1)) {
                Ok(result) => return Some(result),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {}
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(threads: Option<usize>) -> Vec<usize> {
        let walk = || {
            let mut lane = Lane::new(100);
            let mut results = Vec::new();
            for piece in 0..50 {
                if piece % 10 == 9 {
                    lane.give_result(piece);
                    continue;
                }
                while !lane.has_room(30) {
                    results.push(lane.take().unwrap());
                }
                lane.give_weighed(30, move || (piece, 20));
                assert!(lane.weight.load(Ordering::Relaxed) <= 100);
            }
            while let Some(result) = lane.take() {
                results.push(result);
            }
            assert!(lane.is_empty());
            assert_eq!(lane.weight.load(Ordering::Relaxed), 0);
            results
        };
        match threads {
            None => walk(),
            Some(count) => rayon::ThreadPoolBuilder::new().num_threads(count).build().unwrap().install(walk),
        }
    }

    #[test]
    fn results_keep_their_order_in_and_out_of_pools_of_any_size() {
        for threads in [None, Some(1), Some(2), Some(8)] {
            assert_eq!(run(threads), (0..50).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_piece_heavier_than_the_lane_goes_alone() {
        let mut lane = Lane::new(10);
        assert!(lane.has_room(99));
        lane.give(99, || ());
        assert!(!lane.has_room(1));
        assert_eq!(lane.take(), Some(()));
        assert!(lane.has_room(1));
    }

    #[test]
    fn a_result_weighs_what_it_weighs_and_no_longer_what_it_was_made_of() {
        let mut lane = Lane::new(100);
        lane.give_weighed(90, || ((), 10));
        while lane.weight.load(Ordering::Relaxed) > 10 {
            std::thread::yield_now();
        }
        assert!(lane.has_room(90) && !lane.has_room(91));
    }
}
