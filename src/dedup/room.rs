//! Resolving the records of one room, or of a piece of it: one of each, with an outcome for every record.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use std::hash::BuildHasher;

use super::Context;
use super::authors::{Authors, Certainty};
use super::conflicts;
use super::item::Item;
use super::matching::{Candidate, Slot, match_group};
use super::numbering::{Number, Reuse, Witness, number_event};
use super::outcome::Outcome;
use super::survivor::{self, Survivor};
use crate::chat::{Event, Guid, Message, MessageId, Record, Span, Ticks};
use crate::ledger::Rule;
use crate::normalize::{Identity, normal_text};

/// Resolves records of one room, whose place is given. Takes time in proportion to n log n of them.
pub(super) struct Room<'c> {
    pub(super) context: &'c Context,
    pub(super) place: u32,
    pub(super) guid: Guid,
}

impl Room<'_> {
    /// Resolves messages.
    pub(super) fn messages<'a>(&self, items: &[Item<'a>], outcome: &mut Outcome) -> Vec<Message> {
        let Context { authors, dumps, .. } = self.context;
        let own;
        let reuse = match self.context.reuse.get(&self.place) {
            Some(known) => known,
            None => {
                let witnesses =
                    items.iter().filter_map(|item| Witness::of(item.record, authors, dumps)).collect();
                own = Reuse::of(witnesses, authors);
                &own
            }
        };
        reuse.bases().for_each(|base| outcome.tell_reused(self.guid, base));
        let numbers: Vec<Number> =
            items.iter().map(|item| reuse.number(item.record, authors, dumps)).collect();
        let records = items.iter().map(|item| item.record);
        outcome.hearsay.ids.hear(self.guid, records.zip(numbers.iter().copied()));
        let slots = match_all(candidates(items, numbers, authors), authors);
        let buffer = items.first().map_or(&[][..], |item| item.buffer);
        let named = self.name(slots, buffer);
        self.take_messages(named, buffer, outcome)
    }

    /// Resolves events.
    pub(super) fn events<'a>(&self, items: &[Item<'a>], outcome: &mut Outcome) -> Vec<Event> {
        let authors = &self.context.authors;
        let numbers = items.iter().map(|item| {
            let certainty = authors.certainty(authors.position(item.record.person));
            number_event(item, certainty >= Certainty::NoAddress)
        });
        let slots = match_all(candidates(items, numbers, authors), authors);
        let buffer = items.first().map_or(&[][..], |item| item.buffer);
        self.take_events(slots.into_iter().map(|(_, slot)| slot).collect(), buffer, outcome)
    }

    /// Gives each slot its identity, and puts messages in their order. Slots come with the number of the
    /// normal text that they have, in its order.
    fn name<'a>(&self, mut slots: Vec<(u32, Slot<'a>)>, buffer: &'a [u8]) -> Vec<Named<'a>> {
        let authors = &self.context.authors;
        let get = |span: Span| &buffer[span.start..span.start + span.length];
        let mut named: Vec<Named<'a>> = Vec::with_capacity(slots.len());
        slots.iter_mut().for_each(|(_, slot)| survivor::rank(slot));
        let mut last: Option<(u32, Ticks, usize)> = None;
        let mut ordinal = 0;
        for (group, slot) in in_places(slots, buffer, authors) {
            let survivor = survivor::merge(&slot);
            let author = authors.name(slot.author);
            let equal = last.is_some_and(|(before, ticks, other)| {
                (before, ticks) == (group, slot.moment.ticks)
                    && (other == slot.author || authors.name(other) == author)
            });
            ordinal = if equal { ordinal + 1 } else { 0 };
            last = Some((group, slot.moment.ticks, slot.author));
            let normal = normal_text(get(survivor.text));
            let id = Identity::new(self.guid, slot.moment.ticks, author, &normal).id(ordinal);
            named.push(Named { group, id, slot, survivor });
        }
        let mut order: Vec<(Ticks, bool, Option<i64>, u32)> = named
            .iter()
            .zip(0..)
            .map(|(named, at)| {
                let chat_id = named.survivor.chat_id;
                (named.slot.moment.ticks, chat_id.is_none(), chat_id, at)
            })
            .collect();
        order.sort_unstable_by(|one, other| {
            (one.0, one.1, one.2).cmp(&(other.0, other.1, other.2)).then_with(|| {
                let (one, other) = (&named[one.3 as usize], &named[other.3 as usize]);
                (get(one.survivor.text), one.id).cmp(&(get(other.survivor.text), other.id))
            })
        });
        let mut places: Vec<Option<Named<'a>>> = named.into_iter().map(Some).collect();
        order.into_iter().filter_map(|(.., at)| places[at as usize].take()).collect()
    }

    fn take_messages(&self, named: Vec<Named<'_>>, buffer: &[u8], outcome: &mut Outcome) -> Vec<Message> {
        let authors = &self.context.authors;
        let reasons: Vec<Option<&'static str>> =
            named.iter().map(|named| self.reason(named.slot.moment.ticks)).collect();
        let mut conflicts: HashMap<usize, Vec<MessageId>> = HashMap::new();
        for (one, other) in conflicts::find(&named, authors) {
            if reasons[one].is_none() && reasons[other].is_none() {
                let (first, second) = (named[one].id, named[other].id);
                conflicts.entry(one).or_default().push(second);
                conflicts.entry(other).or_default().push(first);
                outcome.conflicts.push((first.min(second), first.max(second)));
            }
        }
        let mut messages = Vec::with_capacity(named.len());
        for (at, Named { id, slot, survivor, .. }) in named.into_iter().enumerate() {
            if let Some(reason) = reasons[at] {
                outcome.leave_out(&slot, reason);
                continue;
            }
            outcome.account(&slot, Some(id), |record| survivor::rule(&slot, record));
            outcome.hearsay.told.authors.insert(slot.author);
            if let Some(&group) = self.context.twins.get(&self.place) {
                let text = &buffer[survivor.text.start..survivor.text.start + survivor.text.length];
                outcome.twin(group, self.place, (slot.moment.ticks, slot.author, normal_text(text)));
            }
            let mut conflicts = conflicts.remove(&at).unwrap_or_default();
            conflicts.sort_unstable();
            conflicts.dedup();
            messages.push(Message {
                id,
                chat_id: survivor.chat_id,
                moment: slot.moment,
                author: slot.author,
                alert: survivor.alert,
                text: survivor.text,
                rtf: survivor.rtf,
                extras: survivor.extras,
                conflicts,
                source: survivor.source,
            });
        }
        messages
    }

    fn take_events(&self, slots: Vec<Slot<'_>>, buffer: &[u8], outcome: &mut Outcome) -> Vec<Event> {
        let mut events = Vec::with_capacity(slots.len());
        for mut slot in slots {
            survivor::rank(&mut slot);
            if let Some(reason) = self.reason(slot.moment.ticks) {
                outcome.leave_out(&slot, reason);
                continue;
            }
            outcome.account(&slot, None, |_| Rule::SameEvent);
            outcome.hearsay.told.authors.insert(slot.author);
            let survivor = survivor::merge(&slot);
            events.push(Event {
                type_name: slot.records[0].item.type_name(),
                moment: slot.moment,
                person: slot.author,
                chat_id: survivor.chat_id,
                content: survivor.text,
                extras: survivor.extras,
                source: survivor.source,
            });
        }
        let get = |span: Span| &buffer[span.start..span.start + span.length];
        events.sort_by(|one, other| {
            let key = |event: &Event| {
                (
                    event.moment.ticks,
                    get(event.type_name),
                    event.person,
                    get(event.content),
                    event.chat_id,
                    event.extras.map(get),
                    event.source,
                )
            };
            key(one).cmp(&key(other))
        });
        events
    }

    /// Tells why something that happened then is left out; `None` if it is kept.
    fn reason(&self, ticks: Ticks) -> Option<&'static str> {
        let selection = &self.context.selection;
        let room = selection.rooms.get(&self.guid).copied();
        let since = selection.since.filter(|since| ticks < *since).map(|_| "since");
        let until = selection.until.filter(|until| ticks >= *until).map(|_| "until");
        selection.all.or(room).or(since).or(until)
    }
}

/// A message with its identity.
pub(super) struct Named<'a> {
    /// Which normal text it has.
    pub(super) group: u32,
    pub(super) id: MessageId,
    pub(super) slot: Slot<'a>,
    survivor: Survivor,
}

fn candidates<'a>(
    items: &[Item<'a>],
    numbers: impl IntoIterator<Item = Number>,
    authors: &Authors,
) -> Vec<Candidate<'a>> {
    items
        .iter()
        .zip(numbers)
        .map(|(&item, number)| {
            let author = authors.position(item.record.person);
            Candidate { item, number, author, certainty: authors.certainty(author) }
        })
        .collect()
}

/// Groups records by what must be equal (compared by content) and matches each group. Slots of one
/// group stand side by side, with its number.
fn match_all<'a>(candidates: Vec<Candidate<'a>>, authors: &Authors) -> Vec<(u32, Slot<'a>)> {
    // The hash decides nothing: what has one hash is compared by content.
    let state = FixedState::default();
    let mut keyed: Vec<(u64, u32)> = candidates
        .iter()
        .zip(0..)
        .map(|(candidate, at)| (state.hash_one(candidate.item.likeness()), at))
        .collect();
    keyed.sort_unstable();
    let mut slots = Vec::with_capacity(keyed.len());
    let mut group = 0;
    for same_hash in keyed.chunk_by(|one, other| one.0 == other.0) {
        if let [(_, only)] = same_hash {
            slots.push((group, Slot::open(candidates[*only as usize])));
            group += 1;
            continue;
        }
        let mut by_content: HashMap<_, Vec<Candidate<'a>>> = HashMap::new();
        for (_, at) in same_hash {
            let candidate = candidates[*at as usize];
            by_content.entry(candidate.item.likeness()).or_default().push(candidate);
        }
        for alike in by_content.into_values() {
            slots.extend(match_group(alike, authors).into_iter().map(|slot| (group, slot)));
            group += 1;
        }
    }
    slots
}

/// Puts the slots of each group in the order in which those that are equal in room, text, time and
/// author get their ordinals.
fn in_places<'a>(mut slots: Vec<(u32, Slot<'a>)>, buffer: &[u8], authors: &Authors) -> Vec<(u32, Slot<'a>)> {
    for same_text in slots.chunk_by_mut(|one, other| one.0 == other.0).filter(|group| group.len() > 1) {
        same_text.sort_by_cached_key(|(_, slot)| place(slot, buffer, authors));
    }
    slots
}

/// The order in which messages that are equal in room, text, time and author get their ordinals.
fn place<'b>(slot: &Slot<'_>, buffer: &'b [u8], authors: &'b Authors) -> impl Ord + use<'b> {
    let get = |span: Span| &buffer[span.start..span.start + span.length];
    let survivor = survivor::merge(slot);
    (
        (slot.moment.ticks, authors.name(slot.author), slot.moment.precision),
        (survivor.chat_id.is_none(), survivor.chat_id, get(survivor.text), survivor.alert),
        (survivor.rtf.map(get), survivor.extras.map(get), survivor.source),
    )
}

/// Returns the records of a unit by room: each room's place with its records.
pub(super) fn by_room<'a>(
    records: &'a [Record],
    buffer: &'a [u8],
    authors: &Authors,
) -> Vec<(u32, Vec<Item<'a>>)> {
    let mut order: Vec<(u32, u32)> = records
        .iter()
        .zip(0..)
        .map(|(record, at)| (authors.settled().room(record.room) as u32, at))
        .collect();
    order.sort_unstable();
    order
        .chunk_by(|one, other| one.0 == other.0)
        .map(|room| {
            let items = room.iter().map(|(_, at)| Item { record: &records[*at as usize], buffer }).collect();
            (room[0].0, items)
        })
        .collect()
}
