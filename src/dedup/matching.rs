//! Matching records one to one: which of them are the same message.
//!
//! A *group* is all records of one room with equal normal text. Within it each message is a *slot*.
//! Records come sure authors first, fine times first; each takes the earliest slot that agrees with
//! it in time and author and holds no other record of its numbering, and opens a slot where there
//! is none. So a class keeps as many messages as its numbering with most distinct chat ids, and a
//! coarse record takes the earliest finer one still free.

use std::collections::{BTreeMap, HashMap};

use super::authors::{Authors, Certainty};
use super::item::Item;
use super::numbering::Number;
use crate::chat::{Moment, Ticks};

/// A record about to be matched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate<'a> {
    pub item: Item<'a>,
    pub number: Number,
    /// Position of its author.
    pub author: usize,
    pub certainty: Certainty,
}

impl Candidate<'_> {
    /// What decides the order of matching. Records equal in it take slots that differ in nothing
    /// that was asked for.
    fn order(&self) -> impl Ord + use<> {
        let moment = self.item.record.moment;
        (self.certainty, moment.precision, moment.ticks, self.author, self.number)
    }
}

/// One message: all records that are taken for it.
#[derive(Debug, Clone)]
pub(super) struct Slot<'a> {
    /// The finest time known.
    pub moment: Moment,
    /// The surest author known.
    pub author: usize,
    /// The records, in the order in which they were matched.
    pub records: Vec<Candidate<'a>>,
}

/// Matches the records of one group.
///
/// Takes time in proportion to n log n, and to the number of slots within a second of each record.
pub(super) fn match_group<'a>(mut group: Vec<Candidate<'a>>, authors: &Authors) -> Vec<Slot<'a>> {
    if let [only] = group[..] {
        return vec![Slot::open(only)];
    }
    group.sort_by_key(Candidate::order);
    let mut matcher = Matcher { authors, slots: Vec::new(), by_time: BTreeMap::new(), taken: HashMap::new() };
    let alike = |one: &Candidate<'_>, other: &Candidate<'_>| {
        one.author == other.author
            && one.item.record.moment == other.item.record.moment
            && one.number.family == other.number.family
    };
    for run in group.chunk_by(alike) {
        matcher.match_run(run);
    }
    matcher.slots
}

struct Matcher<'a, 'b> {
    authors: &'b Authors,
    slots: Vec<Slot<'a>>,
    /// Slots by the first instant that their first record may mean.
    by_time: BTreeMap<i64, Vec<usize>>,
    /// The id that each numbering has in a slot.
    taken: HashMap<(usize, super::numbering::Family), i64>,
}

impl<'a> Matcher<'a, '_> {
    /// Matches records with one author, one time and one numbering: those whose id is known first, then the
    /// others, each in the order of ids.
    fn match_run(&mut self, run: &[Candidate<'a>]) {
        let agreeing = self.agreeing(&run[0]);
        let family = run[0].number.family;
        let mut same_id: HashMap<i64, usize> = HashMap::new();
        let mut known_id: HashMap<i64, usize> = HashMap::new();
        for &slot in agreeing.iter().rev() {
            if let Some(&id) = self.taken.get(&(slot, family)) {
                same_id.insert(id, slot);
            }
            for record in &self.slots[slot].records {
                known_id.extend(record.item.record.chat_id.map(|id| (id, slot)));
            }
        }
        let by_id = |candidate: &Candidate<'_>| {
            candidate.item.record.chat_id.and_then(|id| known_id.get(&id).copied())
        };
        // Those with an id that a slot has go first, so that no other takes it from them.
        let (known, unknown): (Vec<&Candidate<'a>>, Vec<&Candidate<'a>>) = run
            .iter()
            .partition(|candidate| same_id.contains_key(&candidate.number.id) || by_id(candidate).is_some());
        let mut next = agreeing.iter().copied();
        for candidate in known.into_iter().chain(unknown) {
            let id = candidate.number.id;
            let free = |slot: &usize| !self.taken.contains_key(&(*slot, family));
            let found = same_id.get(&id).copied();
            let found = found.or_else(|| by_id(candidate).filter(free).or_else(|| next.find(free)));
            let slot = match found {
                Some(slot) => {
                    self.join(slot, *candidate);
                    slot
                }
                None => self.add(*candidate),
            };
            self.taken.insert((slot, family), id);
            same_id.insert(id, slot);
        }
    }

    /// Returns the slots that agree with a record in time and author, the earliest first.
    fn agreeing(&self, candidate: &Candidate<'_>) -> Vec<usize> {
        let moment = candidate.item.record.moment;
        let (first, last) = moment.interval();
        let mut slots: Vec<usize> = self
            .by_time
            .range(first - Ticks::SECOND..=last)
            .flat_map(|(_, slots)| slots.iter().copied())
            .filter(|&slot| {
                let slot = &self.slots[slot];
                slot.moment.agrees(moment) && self.authors.agree(slot.author, candidate.author)
            })
            .collect();
        slots.sort_by_key(|&slot| (self.slots[slot].moment.ticks, slot));
        slots
    }

    fn join(&mut self, slot: usize, candidate: Candidate<'a>) {
        let slot = &mut self.slots[slot];
        let moment = candidate.item.record.moment;
        if moment.precision < slot.moment.precision {
            slot.moment = moment;
        }
        if candidate.certainty < self.authors.certainty(slot.author) {
            slot.author = candidate.author;
        }
        slot.records.push(candidate);
    }

    fn add(&mut self, candidate: Candidate<'a>) -> usize {
        let (first, _) = candidate.item.record.moment.interval();
        self.slots.push(Slot::open(candidate));
        let slot = self.slots.len() - 1;
        self.by_time.entry(first).or_default().push(slot);
        slot
    }
}

impl<'a> Slot<'a> {
    /// Opens a slot with its first record.
    pub(super) fn open(candidate: Candidate<'a>) -> Slot<'a> {
        Slot { moment: candidate.item.record.moment, author: candidate.author, records: vec![candidate] }
    }
}
