//! Which chat ids of a numbering were seen, and whether they came in the order of time.
//!
//! A server counts the ids of a room up by one, so an id that nobody holds was purged, or never came
//! into the inputs; and a lower id at a later time says that clocks disagree. Every record counts,
//! also one that is dropped as a duplicate or left out on request.

use std::collections::{BTreeMap, BTreeSet};

use super::numbering::{Base, Family, Number};
use crate::chat::{ChatIds, Guid, Numbering, Record};

/// Gaps of one numbering at most; what is more torn is told without them.
const MOST_GAPS: usize = 1 << 16;
/// Gaps of all numberings at most, since hostile inputs may have as many rooms as they like.
const MOST_GAPS_OF_ALL: usize = 1 << 20;

/// What the records of one unit, or of all, say of one numbering in one room.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Seen {
    /// First and last ids of the stretches without a gap, by the first.
    stretches: BTreeMap<i64, i64>,
    /// Whether there were too many stretches, so that only the first and last id are true.
    is_torn: bool,
    /// Ids lower than one that stands at an earlier time. Of all units but one they are only counted.
    low: BTreeSet<i64>,
    /// How many these are.
    backwards: u64,
}

/// An id with the first and the last instant that its record may mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamped {
    id: i64,
    first: i64,
    last: i64,
}

/// The chat ids of all rooms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct AllIds {
    seen: BTreeMap<(Guid, Family), Seen>,
    gaps: usize,
}

impl AllIds {
    /// Adds the ids of some records of a room that follow in time on all that were added before.
    pub(super) fn hear<'r>(&mut self, room: Guid, records: impl Iterator<Item = (&'r Record, Number)>) {
        let mut ids: Vec<(Family, i64, i64, i64)> = records
            .filter(|(record, _)| record.chat_id.is_some() && record.numbering != Numbering::Document)
            .map(|(record, number)| {
                let (first, last) = record.moment.interval();
                (number.family, number.id, last - first, first)
            })
            .collect();
        // Of one id the finest time counts.
        ids.sort_unstable();
        ids.dedup_by_key(|(family, id, ..)| (*family, *id));
        for of_family in ids.chunk_by(|one, other| one.0 == other.0) {
            let stamped =
                of_family.iter().map(|&(_, id, width, first)| Stamped { id, first, last: first + width });
            self.join(room, of_family[0].0, Seen::new(stamped.collect()));
        }
    }

    /// Adds what later records of the same rooms say.
    pub(super) fn extend(&mut self, later: AllIds) {
        for ((room, family), seen) in later.seen {
            self.join(room, family, seen);
        }
    }

    fn join(&mut self, room: Guid, family: Family, later: Seen) {
        let seen = self.seen.entry((room, family)).or_default();
        let before = seen.stretches.len();
        seen.join(later, self.gaps < MOST_GAPS_OF_ALL);
        self.gaps = (self.gaps + seen.stretches.len()).saturating_sub(before);
    }

    /// Returns what is to be told, room by room.
    pub(super) fn told(self) -> BTreeMap<Guid, Vec<ChatIds>> {
        let mut told: BTreeMap<Guid, Vec<ChatIds>> = BTreeMap::new();
        for ((room, family), seen) in self.seen {
            told.entry(room).or_default().extend(seen.told(family));
        }
        told
    }
}

impl Seen {
    /// Looks at ids in ascending order, each once.
    fn new(mut ids: Vec<Stamped>) -> Seen {
        let mut seen = Seen::default();
        for stamped in &ids {
            match seen.stretches.last_entry() {
                Some(mut stretch) if stretch.get().checked_add(1) == Some(stamped.id) => {
                    *stretch.get_mut() = stamped.id;
                }
                _ => drop(seen.stretches.insert(stamped.id, stamped.id)),
            }
        }
        if !ids.is_sorted_by_key(|stamped| stamped.first) {
            let mut by_end = ids.clone();
            by_end.sort_by_key(|stamped| stamped.last);
            ids.sort_by_key(|stamped| stamped.first);
            let (mut earlier, mut greatest) = (by_end.iter().peekable(), None);
            for stamped in &ids {
                while let Some(before) = earlier.next_if(|before| before.last < stamped.first) {
                    greatest = greatest.max(Some(before.id));
                }
                if Some(stamped.id) < greatest {
                    seen.low.insert(stamped.id);
                }
            }
        }
        seen.backwards = seen.low.len() as u64;
        seen
    }

    /// Adds what is said of later instants.
    fn join(&mut self, later: Seen, more_allowed: bool) {
        self.backwards += later.backwards;
        if let Some((_, &greatest)) = self.stretches.last_key_value() {
            let lower = later.stretches.range(..greatest);
            let lower = lower.map(|(&from, &to)| to.min(greatest - 1).abs_diff(from) + 1).sum::<u64>();
            // Those that are lower than one of their own unit were counted already.
            self.backwards += lower - later.low.range(..greatest).count() as u64;
        }
        for (from, to) in later.stretches {
            self.insert(from, to);
        }
        if self.is_torn || self.stretches.len() > MOST_GAPS || !more_allowed {
            self.is_torn |= self.stretches.len() > 1;
            let (first, last) =
                (self.stretches.keys().next().copied(), self.stretches.values().last().copied());
            self.stretches = first.into_iter().zip(last).collect();
        }
    }

    /// Adds a stretch, and joins those that touch.
    fn insert(&mut self, mut from: i64, mut to: i64) {
        while let Some((&first, &last)) = self.stretches.range(..=to.saturating_add(1)).next_back() {
            if last.saturating_add(1) < from {
                break;
            }
            (from, to) = (from.min(first), to.max(last));
            self.stretches.remove(&first);
        }
        self.stretches.insert(from, to);
    }

    fn told(self, family: Family) -> Option<ChatIds> {
        let (&first, _) = self.stretches.first_key_value()?;
        let last = self.stretches.values().last().copied()?;
        let mut told = ChatIds {
            numbering: family.words(),
            first,
            last,
            missing: 0,
            gaps: 0,
            longest: None,
            is_torn: self.is_torn,
            backwards: if self.is_torn { 0 } else { self.backwards },
        };
        let gaps = self.stretches.values().zip(self.stretches.keys().skip(1));
        for (&before, &after) in gaps {
            let ids = after.abs_diff(before) - 1;
            told.missing += ids;
            told.gaps += 1;
            if told.longest.is_none_or(|(from, to)| ids > to.abs_diff(from) + 1) {
                told.longest = Some((before + 1, after - 1));
            }
        }
        Some(told)
    }
}

impl Family {
    /// Says whose ids these are.
    fn words(self) -> String {
        let of = |base: Base| match base {
            Base::Channel(channel) => format!("channel {channel}"),
            Base::Domain(_) => "the compliance records".to_owned(),
        };
        match self {
            Family::Channel(channel) => of(Base::Channel(channel)),
            Family::Domain(domain) => of(Base::Domain(domain)),
            Family::Dump(base, _) => format!("{} in one of several dumps", of(base)),
            Family::Stream(stream) => format!("source {stream}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ids with their instants, in any order.
    fn seen(ids: &[(i64, i64)]) -> Seen {
        let mut ids: Vec<Stamped> =
            ids.iter().map(|&(id, time)| Stamped { id, first: time, last: time }).collect();
        ids.sort_by_key(|stamped| stamped.id);
        Seen::new(ids)
    }

    fn told(seen: Seen) -> ChatIds {
        seen.told(Family::Channel(7)).unwrap()
    }

    #[test]
    fn gaps_are_counted_and_the_longest_is_named() {
        let told = told(seen(&[(3, 1), (4, 2), (6, 3), (9, 4), (10, 5)]));
        assert_eq!((told.first, told.last, told.missing, told.gaps), (3, 10, 3, 2));
        assert_eq!((told.longest, told.backwards), (Some((7, 8)), 0));
        assert_eq!(told.numbering, "channel 7");
    }

    #[test]
    fn what_comes_later_fills_gaps_and_tells_of_clocks_set_back() {
        let mut first = seen(&[(1, 10), (2, 20), (5, 30)]);
        first.join(seen(&[(3, 40), (4, 50), (6, 60)]), true);
        let told = told(first);
        assert_eq!((told.first, told.last, told.missing, told.gaps), (1, 6, 0, 0));
        assert_eq!(told.backwards, 2);
    }

    #[test]
    fn a_lower_id_at_a_later_time_is_counted_and_times_that_may_be_equal_are_not() {
        assert_eq!(told(seen(&[(1, 100), (2, 400), (3, 150), (4, 500)])).backwards, 1);
        let within_a_second = |id, first| Stamped { id, first, last: first + 9_999_999 };
        let exact = |id, first| Stamped { id, first, last: first };
        let seen = Seen::new(vec![exact(1, 5_000_000), within_a_second(2, 0), exact(3, 20_000_000)]);
        assert_eq!(told(seen).backwards, 0);
    }

    #[test]
    fn the_whole_range_of_numbers_is_no_overflow() {
        let whole = told(seen(&[(i64::MIN, 1), (0, 2), (i64::MAX, 3)]));
        assert_eq!((whole.gaps, whole.missing), (2, u64::MAX - 2));
        let mut all = seen(&[(i64::MAX, 1)]);
        all.join(seen(&[(i64::MIN, 2)]), true);
        let all = told(all);
        assert_eq!((all.gaps, all.backwards), (1, 1));
    }

    #[test]
    fn too_many_gaps_are_not_held() {
        let ids: Vec<(i64, i64)> = (0..2 * MOST_GAPS as i64).map(|at| (at * 2, at)).collect();
        let mut all = Seen::default();
        all.join(seen(&ids), true);
        assert_eq!(all.stretches.len(), 1);
        let told = told(all);
        assert!(told.is_torn && told.last == 4 * MOST_GAPS as i64 - 2);
    }

    #[test]
    fn how_records_are_cut_into_units_does_not_matter() {
        let ids = [(1, 1), (2, 4), (3, 2), (4, 3), (8, 5), (20, 9), (21, 6), (7, 10), (40, 7), (6, 8)];
        let whole = told(seen(&ids));
        assert_eq!((whole.missing, whole.backwards), (30, 4));
        let mut in_time = ids;
        in_time.sort_by_key(|&(_, time)| time);
        for first in 1..ids.len() {
            for second in first..ids.len() {
                let mut joined = seen(&in_time[..first]);
                joined.join(seen(&in_time[first..second]), true);
                joined.join(seen(&in_time[second..]), true);
                assert_eq!(told(joined), whole, "{first} {second}");
            }
        }
    }
}
