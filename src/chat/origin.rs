//! Origins: which dump a fact was taken from, as far as it decides which of two facts is newer.
//!
//! Dumps are ordered by what they hold, never by their place among the inputs, so an origin means
//! the same in every run. A package carries it, and is no less able to outdo or to give way than
//! the dump it was made from.

use super::Generation;

/// How new the newest dump is that holds a node or a principal. Greater is newer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// Which shape of database the dump is of.
    pub generation: Generation,
    /// The greatest `nodeUpdatedOn` of the whole dump in ticks; 0 where it has none.
    pub updated_on: i64,
}

/// Rank of what documents say.
const OF_DOCUMENTS: u64 = 0;
/// Rank of a principal of a database about whose dump nothing is known.
const OF_SOME_DUMP: u64 = 1;
/// Ticks take 62 bits (their greatest is below 2^62), so the generation stands above them.
const GENERATION_BIT: u32 = 62;

impl Origin {
    /// Returns the rank that what is said by somebody with this origin has among all sayings: a
    /// number for [`PersonFacts::rank`](super::PersonFacts::rank). `is_principal` tells whether the
    /// one without an origin is known from a database all the same.
    pub fn rank(origin: Option<Origin>, is_principal: bool) -> u64 {
        let Some(origin) = origin else {
            return if is_principal { OF_SOME_DUMP } else { OF_DOCUMENTS };
        };
        let ticks = u64::try_from(origin.updated_on).unwrap_or(0).min((1 << GENERATION_BIT) - 1);
        let newer_generation = u64::from(origin.generation == Generation::PersistentChat);
        (newer_generation << GENERATION_BIT | ticks) + OF_SOME_DUMP + 1
    }

    /// Returns the origin that a rank stands for; `None` where it stands for none.
    pub fn of_rank(rank: u64) -> Option<Origin> {
        let packed = rank.checked_sub(OF_SOME_DUMP + 1)?;
        let generation = match packed >> GENERATION_BIT {
            0 => Generation::GroupChat,
            _ => Generation::PersistentChat,
        };
        let updated_on = i64::try_from(packed & ((1 << GENERATION_BIT) - 1)).unwrap_or(0);
        Some(Origin { generation, updated_on })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::Ticks;

    #[test]
    fn ranks_are_in_the_order_of_origins_and_lead_back_to_them() {
        let of = |generation, updated_on| Origin { generation, updated_on };
        let origins = [
            of(Generation::GroupChat, 0),
            of(Generation::GroupChat, 1),
            of(Generation::GroupChat, Ticks::MAX.get()),
            of(Generation::PersistentChat, 0),
            of(Generation::PersistentChat, Ticks::MAX.get()),
        ];
        assert!(origins.is_sorted());
        let mut ranks = vec![Origin::rank(None, false), Origin::rank(None, true)];
        ranks.extend(origins.map(|origin| Origin::rank(Some(origin), true)));
        assert!(ranks.is_sorted_by(|one, other| one < other), "{ranks:?}");
        let back: Vec<Option<Origin>> = ranks.into_iter().map(Origin::of_rank).collect();
        assert_eq!(back[..2], [None, None]);
        assert_eq!(back[2..], origins.map(Some));
    }
}
