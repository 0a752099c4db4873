//! The directory of a run: every room and principal that any source names, each once.
//!
//! Readers on many threads ask for keys while they read; keys are handed out in whatever order the
//! threads come. [`Directory::settle`] then forgets that order: people and rooms are sorted by GUID,
//! and principals that turned out to be one person become one. Nothing after it depends on threads.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Author, Guid, Person, PersonFacts, RoomFacts, SipUri, Text};

/// A room as the readers of one run know it; meaningful only with its [`Directory`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomKey(u32);

impl RoomKey {
    /// Returns the key as a number, to be kept outside of memory.
    pub(crate) fn number(self) -> u32 {
        self.0
    }

    /// Takes what [`RoomKey::number`] returned.
    pub(crate) fn from_number(number: u32) -> RoomKey {
        RoomKey(number)
    }
}

/// A principal as the readers of one run know it; meaningful only with its [`Directory`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonKey(u32);

impl PersonKey {
    /// Returns the key as a number, to be kept outside of memory.
    pub(crate) fn number(self) -> u32 {
        self.0
    }

    /// Takes what [`PersonKey::number`] returned.
    pub(crate) fn from_number(number: u32) -> PersonKey {
        PersonKey(number)
    }
}

/// Hands out keys for rooms and principals, and collects what sources say of them.
///
/// Safe to share between threads; every call takes one lock, so readers keep the keys they got.
#[derive(Debug, Default)]
pub struct Directory {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    room_keys: HashMap<Guid, RoomKey>,
    rooms: Vec<(Guid, RoomFacts)>,
    person_keys: HashMap<Author, PersonKey>,
    people: Vec<Heard>,
    numbers: BTreeMap<(Guid, i64), BTreeSet<Guid>>,
    domains: Vec<Text>,
}

#[derive(Debug)]
struct Heard {
    author: Author,
    facts: PersonFacts,
    addresses: BTreeSet<SipUri>,
}

impl Directory {
    /// Returns the key of the room with this GUID.
    pub fn room(&self, guid: Guid) -> RoomKey {
        let inner = &mut *self.lock();
        *inner.room_keys.entry(guid).or_insert_with(|| {
            inner.rooms.push((guid, RoomFacts::default()));
            RoomKey(inner.rooms.len() as u32 - 1)
        })
    }

    /// Adds what a source says of a room. The order of sayings does not matter.
    pub fn learn_room(&self, room: RoomKey, facts: RoomFacts) {
        let known = &mut self.lock().rooms[room.0 as usize].1;
        let guid_known = known.guid_known || facts.guid_known;
        if facts > *known {
            *known = facts;
        }
        known.guid_known = guid_known;
    }

    /// Returns the key of a principal named in this way.
    pub fn person(&self, author: &Author) -> PersonKey {
        let inner = &mut *self.lock();
        if let Some(&key) = inner.person_keys.get(author) {
            return key;
        }
        let addresses = match author {
            Author::Address(address) => BTreeSet::from([address.clone()]),
            _ => BTreeSet::new(),
        };
        let key = PersonKey(inner.people.len() as u32);
        inner.people.push(Heard { author: author.clone(), facts: PersonFacts::default(), addresses });
        inner.person_keys.insert(author.clone(), key);
        key
    }

    /// Returns how the principal with this key was named.
    pub fn author(&self, person: PersonKey) -> Author {
        self.lock().people[person.0 as usize].author.clone()
    }

    /// Adds what a source says of a principal. The order of sayings does not matter.
    pub fn learn_person(&self, person: PersonKey, facts: PersonFacts) {
        let known = &mut self.lock().people[person.0 as usize];
        known.addresses.extend(facts.uri.as_ref().and_then(SipUri::new));
        if facts > known.facts {
            known.facts = facts;
        }
    }

    /// Tells which principal a number of a database stands for, so that another dump of the same
    /// database that lacks its row can use it. Not for databases without identity (nil GUID).
    pub fn learn_number(&self, database: Guid, number: i64, principal: Guid) {
        if !database.is_nil() {
            self.lock().numbers.entry((database, number)).or_default().insert(principal);
        }
    }

    /// Returns the number that stands for a domain in [`Numbering::Domain`](super::Numbering).
    pub fn domain(&self, domain: &Text) -> u32 {
        let domains = &mut self.lock().domains;
        let at = domains.iter().position(|known| known == domain).unwrap_or_else(|| {
            domains.push(domain.clone());
            domains.len() - 1
        });
        at as u32
    }

    /// Returns for each room key (by its number) its place among all rooms so far in the order of GUIDs.
    /// Rooms that come later change the places, but never which of two is the first.
    pub(crate) fn room_ranks(&self) -> Vec<u32> {
        let inner = self.lock();
        let mut order: Vec<usize> = (0..inner.rooms.len()).collect();
        order.sort_unstable_by_key(|&at| inner.rooms[at].0);
        invert(&order)
    }

    /// Ends the collecting: one entry a person, one a room, in the order of their GUIDs.
    pub fn settle(self) -> Settled {
        let inner = self.inner.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (people, person_index) = settle_people(inner.people, &inner.numbers);
        let mut order: Vec<usize> = (0..inner.rooms.len()).collect();
        order.sort_by_key(|&at| inner.rooms[at].0);
        let room_index = invert(&order);
        let rooms = order.iter().map(|&at| inner.rooms[at].clone()).collect();
        let mut domain_order: Vec<usize> = (0..inner.domains.len()).collect();
        domain_order.sort_by_key(|&at| &inner.domains[at]);
        Settled { people, rooms, person_index, room_index, domain_rank: invert(&domain_order) }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The directory after all sources were heard.
#[derive(Debug, Default)]
pub struct Settled {
    /// Every principal, in the order of GUIDs.
    pub people: Vec<Person>,
    /// Every room that any source names, in the order of GUIDs, with what documents say of it.
    pub rooms: Vec<(Guid, RoomFacts)>,
    person_index: Vec<u32>,
    room_index: Vec<u32>,
    domain_rank: Vec<u32>,
}

impl Settled {
    /// Returns the position in [`Settled::people`] of a principal.
    pub fn person(&self, key: PersonKey) -> usize {
        self.person_index[key.0 as usize] as usize
    }

    /// Returns the position in [`Settled::rooms`] of a room.
    pub fn room(&self, key: RoomKey) -> usize {
        self.room_index[key.0 as usize] as usize
    }

    /// Returns the rank of a domain in the order of names.
    pub fn domain(&self, domain: u32) -> u32 {
        self.domain_rank.get(domain as usize).copied().unwrap_or(u32::MAX)
    }

    /// Finds a room by its GUID.
    pub fn find_room(&self, guid: Guid) -> Option<usize> {
        self.rooms.binary_search_by_key(&guid, |room| room.0).ok()
    }

    /// Finds a principal by its GUID.
    pub fn find_person(&self, guid: Guid) -> Option<usize> {
        self.people.binary_search_by_key(&guid, |person| person.guid).ok()
    }
}

/// Joins the ways in which one person was named, and sorts by GUID.
fn settle_people(
    heard: Vec<Heard>,
    numbers: &BTreeMap<(Guid, i64), BTreeSet<Guid>>,
) -> (Vec<Person>, Vec<u32>) {
    let mut holders: BTreeMap<&SipUri, BTreeSet<Guid>> = BTreeMap::new();
    for person in &heard {
        if let Author::Principal(guid) = person.author {
            for address in &person.addresses {
                holders.entry(address).or_default().insert(guid);
            }
        }
    }
    let no_one = BTreeSet::new();
    let sharing = |person: &Heard| match &person.author {
        Author::Address(address) => holders.get(address).unwrap_or(&no_one).clone(),
        Author::Numbered { database, number } => {
            numbers.get(&(*database, *number)).unwrap_or(&no_one).clone()
        }
        _ => no_one.clone(),
    };
    let mut people: BTreeMap<Guid, Person> = BTreeMap::new();
    let mut guids = Vec::with_capacity(heard.len());
    for person in &heard {
        let candidates = sharing(person);
        let guid = match (candidates.len(), candidates.first()) {
            (1, Some(&only)) => only,
            _ => person.author.guid(),
        };
        guids.push(guid);
        let aliased = guid != person.author.guid();
        let settled = people.entry(guid).or_insert_with(|| Person {
            guid,
            author: if aliased { Author::Principal(guid) } else { person.author.clone() },
            facts: PersonFacts::default(),
            address: None,
            addresses: Vec::new(),
            rivals: if aliased { Vec::new() } else { candidates.iter().copied().collect() },
        });
        if person.facts > settled.facts {
            settled.facts = person.facts.clone();
        }
        settled.addresses.extend(person.addresses.iter().cloned());
    }
    for person in people.values_mut() {
        person.addresses.sort();
        person.addresses.dedup();
        person.address = match &person.author {
            Author::Address(address) => Some(address.clone()),
            _ => person.facts.uri.as_ref().and_then(SipUri::new),
        };
        if let (Author::Principal(_), Some(address)) = (&person.author, &person.address) {
            let shared = holders.get(address).unwrap_or(&no_one);
            person.rivals = shared.iter().copied().filter(|&other| other != person.guid).collect();
        }
    }
    let position: HashMap<Guid, u32> = people.keys().copied().zip(0..).collect();
    let index = guids.iter().map(|guid| position[guid]).collect();
    (people.into_values().collect(), index)
}

/// Turns "which key stands at this position" into "at which position stands this key".
fn invert(order: &[usize]) -> Vec<u32> {
    let mut positions = vec![0; order.len()];
    for (position, &key) in order.iter().enumerate() {
        positions[key] = position as u32;
    }
    positions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Author {
        Author::Address(SipUri::new(&Text::from(text)).unwrap())
    }

    fn row(uri: &str, rank: u64) -> PersonFacts {
        PersonFacts { rank, uri: Some(Text::from(uri)), ..PersonFacts::default() }
    }

    #[test]
    fn an_address_joins_the_one_principal_that_holds_it() {
        let directory = Directory::default();
        let by_address = directory.person(&address("ann@litware.example"));
        let by_row = directory.person(&Author::Principal(Guid::from_u128(7)));
        directory.learn_person(by_row, row("sip:Ann@litware.example", 1));
        let settled = directory.settle();
        assert_eq!(settled.person(by_address), settled.person(by_row));
        assert_eq!(settled.people.len(), 1);
        assert_eq!(settled.people[0].address, SipUri::new(&Text::from("ann@litware.example")));
    }

    #[test]
    fn an_address_never_joins_two_principals() {
        let directory = Directory::default();
        let by_address = directory.person(&address("ann@litware.example"));
        for guid in [7, 8] {
            let key = directory.person(&Author::Principal(Guid::from_u128(guid)));
            directory.learn_person(key, row("sip:ann@litware.example", 1));
        }
        let settled = directory.settle();
        assert_eq!(settled.people.len(), 3);
        assert_eq!(settled.people[settled.person(by_address)].rivals.len(), 2);
        assert_eq!(settled.people[0].rivals, [Guid::from_u128(8)]);
    }

    #[test]
    fn the_newest_saying_holds_and_old_addresses_are_remembered() {
        let directory = Directory::default();
        let key = directory.person(&Author::Principal(Guid::from_u128(7)));
        directory.learn_person(key, row("sip:married@litware.example", 2));
        directory.learn_person(key, row("sip:maiden@litware.example", 1));
        let old = directory.person(&address("maiden@litware.example"));
        let settled = directory.settle();
        let person = &settled.people[settled.person(old)];
        assert_eq!(person.address, SipUri::new(&Text::from("married@litware.example")));
        assert_eq!(person.addresses.len(), 2);
    }
}
