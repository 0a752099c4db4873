//! Which message stands in which room.

use super::chance::Chance;

/// After so many messages the rooms come in the same order again.
const ROUND: usize = 6000;

/// The room of each message of a round.
pub struct Schedule {
    /// Room, and how many messages of the round it had before.
    places: Vec<(usize, u64)>,
    /// How many messages a room has in a round.
    counts: Vec<u64>,
}

impl Schedule {
    /// A third of a round goes to the first room, the rest to the others, the earlier the more.
    pub fn new(rooms: usize) -> Schedule {
        let mut order: Vec<usize> = (0..rooms).collect();
        order.resize(rooms + ROUND / 3 - 1, 0);
        let weight = |room: usize| 1.0 / (room as f64 + 8.0);
        let total: f64 = (1..rooms).map(weight).sum();
        let left = (ROUND - order.len()) as f64;
        for room in 1..rooms {
            order.resize(order.len() + (weight(room) / total * left) as usize, room);
        }
        order.resize(ROUND, 1);
        let mut chance = Chance::new(1);
        for at in (1..ROUND).rev() {
            order.swap(at, chance.below(at as u64 + 1) as usize);
        }
        let mut counts = vec![0; rooms];
        let places = order.into_iter().map(|room| {
            counts[room] += 1;
            (room, counts[room] - 1)
        });
        Schedule { places: places.collect(), counts }
    }

    /// Returns the room of a message and its chat id there.
    pub fn place(&self, number: u64) -> (usize, u64) {
        let (room, before) = self.places[(number % ROUND as u64) as usize];
        (room, number / ROUND as u64 * self.counts[room] + before + 1)
    }
}
