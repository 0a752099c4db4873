//! A lane: work done on many threads whose results come back in the order it was given.
//!
//! Memory is bounded by count and by weight. The order of results, and therefore the package,
//! depends on neither, nor on the number of threads.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, sync_channel};
use std::time::Duration;

use rayon::Yield;

/// Work under way, in order.
#[derive(Debug)]
pub(crate) struct Lane<T> {
    under_way: VecDeque<(Receiver<T>, usize)>,
    weight: usize,
    most_weight: usize,
    most_pieces: usize,
}

impl<T: Send + 'static> Lane<T> {
    /// Makes a lane that holds pieces of so many bytes altogether, or one that is larger.
    pub(crate) fn new(most_weight: usize) -> Lane<T> {
        let most_pieces = 2 * rayon::current_num_threads();
        Lane { under_way: VecDeque::new(), weight: 0, most_weight, most_pieces }
    }

    /// Tells whether a piece of this weight may be given now, or results must be taken first.
    pub(crate) fn has_room(&self, weight: usize) -> bool {
        let fits = self.weight.saturating_add(weight) <= self.most_weight;
        self.under_way.is_empty() || (fits && self.under_way.len() < self.most_pieces)
    }

    /// Gives a piece of work to the threads.
    pub(crate) fn give(&mut self, weight: usize, work: impl FnOnce() -> T + Send + 'static) {
        let (sender, receiver) = sync_channel(1);
        // A result that nobody waits for any more, as after an error, is dropped.
        rayon::spawn(move || drop(sender.send(work())));
        self.under_way.push_back((receiver, weight));
        self.weight = self.weight.saturating_add(weight);
    }

    /// Waits for the oldest piece; `None` where none is under way, or where its work was lost.
    pub(crate) fn take(&mut self) -> Option<T> {
        let (receiver, weight) = self.under_way.pop_front()?;
        self.weight = self.weight.saturating_sub(weight);
        wait(&receiver)
    }

    /// Tells whether nothing is under way.
    pub(crate) fn is_empty(&self) -> bool {
        self.under_way.is_empty()
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
                while !lane.has_room(30) {
                    results.push(lane.take().unwrap());
                }
                lane.give(30, move || piece);
                assert!(lane.under_way.len() <= 3);
            }
            while let Some(result) = lane.take() {
                results.push(result);
            }
            assert!(lane.is_empty() && lane.weight == 0);
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
    }
}
