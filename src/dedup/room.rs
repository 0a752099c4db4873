//! Resolving one room: from all its records to its history, with an outcome for each record.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::authors::{Authors, Certainty};
use super::matching::{Candidate, Slot, match_group};
use super::numbering::{Base, Number, number_event, number_messages};
use super::partition::{Item, Partition};
use super::survivor::{self, Survivor};
use super::{Selection, conflicts};
use crate::chat::{Event, Guid, Message, MessageId, RoomHistory, Source};
use crate::ledger::{Duplicate, Filtered, Findings, Level, Rule};
use crate::normalize::{author_name, message_id, normal_text};

/// A room's history, and what became of each of its records.
#[derive(Debug, Default)]
pub(super) struct Resolved<'a> {
    pub history: RoomHistory<'a>,
    pub written: Vec<Source>,
    pub duplicates: Vec<Duplicate>,
    pub filtered: Vec<Filtered>,
    pub conflicts: Vec<(MessageId, MessageId)>,
    pub findings: Findings,
}

/// Resolves one room. Takes time in proportion to n log n of its records.
pub(super) fn resolve<'a>(
    partition: Partition<'a>,
    authors: &Authors<'_>,
    dumps: &[u32],
    selection: &Selection,
) -> Resolved<'a> {
    let mut resolved = Resolved {
        history: RoomHistory { room: partition.room, ..Default::default() },
        ..Default::default()
    };
    let (numbers, reused) = number_messages(&partition.messages, authors, dumps);
    for base in reused {
        resolved.tell_reused(partition.room, base);
    }
    let groups = match_all(candidates(&partition.messages, numbers, authors), authors);
    let (messages, pairs) = name_messages(groups, partition.room, authors);
    resolved.take_messages(messages, &pairs, selection);

    let numbers = partition.events.iter().map(|item| {
        let certainty = authors.certainty(authors.position(item.record.person));
        number_event(item, certainty >= Certainty::NoAddress)
    });
    let groups = match_all(candidates(&partition.events, numbers, authors), authors);
    resolved.take_events(groups.into_iter().flatten().collect(), selection);
    resolved
}

fn candidates<'a>(
    items: &[Item<'a>],
    numbers: impl IntoIterator<Item = Number>,
    authors: &Authors<'_>,
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

/// Groups records by what must be equal (compared by content) and matches each group.
fn match_all<'a>(candidates: Vec<Candidate<'a>>, authors: &Authors<'_>) -> Vec<Vec<Slot<'a>>> {
    let mut keyed: Vec<(u64, Candidate<'a>)> = candidates
        .into_iter()
        .map(|candidate| {
            let mut hasher = DefaultHasher::new();
            candidate.item.likeness().hash(&mut hasher);
            (hasher.finish(), candidate)
        })
        .collect();
    keyed.sort_by_key(|(hash, _)| *hash);
    let mut groups = Vec::new();
    for same_hash in keyed.chunk_by(|one, other| one.0 == other.0) {
        if let [(_, only)] = same_hash {
            groups.push(match_group(vec![*only], authors));
            continue;
        }
        let mut by_content: HashMap<_, Vec<Candidate<'a>>> = HashMap::new();
        for (_, candidate) in same_hash {
            by_content.entry(candidate.item.likeness()).or_default().push(*candidate);
        }
        groups.extend(by_content.into_values().map(|group| match_group(group, authors)));
    }
    groups
}

/// A message with its identity, before it has its place in the room.
struct Named<'a> {
    id: MessageId,
    slot: Slot<'a>,
    survivor: Survivor<'a>,
}

/// Gives each slot its identity, puts messages in their order and finds conflicts among them
/// (positions in that order).
fn name_messages<'a>(
    groups: Vec<Vec<Slot<'a>>>,
    room: Guid,
    authors: &Authors<'_>,
) -> (Vec<Named<'a>>, Vec<(usize, usize)>) {
    let mut named: Vec<(usize, Named<'a>)> = Vec::new();
    for (number, mut slots) in groups.into_iter().enumerate() {
        slots.iter_mut().for_each(survivor::rank);
        let mut merged: Vec<_> = slots.into_iter().map(|slot| (survivor::merge(&slot), slot)).collect();
        if merged.len() > 1 {
            merged.sort_by_cached_key(|one| place(one, authors));
        }
        let mut last = None;
        let mut ordinal = 0;
        for (survivor, slot) in merged {
            let author = authors.person(slot.author);
            let equal = (slot.moment.ticks, author_name(author));
            ordinal = if last.as_ref() == Some(&equal) { ordinal + 1 } else { 0 };
            last = Some(equal);
            let id = message_id(room, slot.moment.ticks, author, &normal_text(survivor.text), ordinal);
            named.push((number, Named { id, slot, survivor }));
        }
    }
    named.sort_by(|(_, one), (_, other)| {
        let key = |named: &Named<'a>| {
            (named.slot.moment.ticks, named.survivor.chat_id.is_none(), named.survivor.chat_id)
        };
        key(one)
            .cmp(&key(other))
            .then_with(|| one.survivor.text.cmp(other.survivor.text))
            .then_with(|| one.id.cmp(&other.id))
    });
    let group: Vec<usize> = named.iter().map(|(group, _)| *group).collect();
    let named: Vec<Named<'a>> = named.into_iter().map(|(_, named)| named).collect();
    let slots: Vec<&Slot<'a>> = named.iter().map(|named| &named.slot).collect();
    let pairs = conflicts::find(&slots, &group, authors);
    (named, pairs)
}

/// The order in which messages that are equal in room, text, time and author get their ordinals.
fn place<'a>((survivor, slot): &(Survivor<'a>, Slot<'a>), authors: &Authors<'_>) -> impl Ord + use<'a> {
    (
        (slot.moment.ticks, author_name(authors.person(slot.author)), slot.moment.precision),
        (survivor.chat_id.is_none(), survivor.chat_id, survivor.text, survivor.alert, survivor.rtf),
        (survivor.extras, survivor.source),
    )
}

impl<'a> Resolved<'a> {
    fn take_messages(&mut self, messages: Vec<Named<'a>>, pairs: &[(usize, usize)], selection: &Selection) {
        let reasons: Vec<Option<&'static str>> =
            messages.iter().map(|named| self.reason(named.slot.moment.ticks, selection)).collect();
        let mut conflicts: HashMap<usize, Vec<MessageId>> = HashMap::new();
        for &(one, other) in
            pairs.iter().filter(|(one, other)| reasons[*one].is_none() && reasons[*other].is_none())
        {
            let (first, second) = (messages[one].id, messages[other].id);
            conflicts.entry(one).or_default().push(second);
            conflicts.entry(other).or_default().push(first);
            self.conflicts.push((first.min(second), first.max(second)));
        }
        let mut sequence = 0;
        for (at, named) in messages.into_iter().enumerate() {
            if let Some(reason) = reasons[at] {
                self.leave_out(&named.slot, reason);
                continue;
            }
            sequence += 1;
            let Named { id, slot, survivor } = named;
            self.account(&slot, Some(id), |record| survivor::rule(&slot, record));
            let mut conflicts = conflicts.remove(&at).unwrap_or_default();
            conflicts.sort_unstable();
            conflicts.dedup();
            self.history.messages.push(Message {
                id,
                sequence,
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
    }

    fn take_events(&mut self, slots: Vec<Slot<'a>>, selection: &Selection) {
        for mut slot in slots {
            survivor::rank(&mut slot);
            if let Some(reason) = self.reason(slot.moment.ticks, selection) {
                self.leave_out(&slot, reason);
                continue;
            }
            self.account(&slot, None, |_| Rule::SameEvent);
            let survivor = survivor::merge(&slot);
            let (type_name, _) = slot.records[0].item.likeness();
            self.history.events.push(Event {
                type_name,
                moment: slot.moment,
                person: slot.author,
                chat_id: survivor.chat_id,
                content: survivor.text,
                extras: survivor.extras,
                source: survivor.source,
            });
        }
        self.history.events.sort_by(|one, other| {
            let key = |event: &Event<'a>| {
                (
                    event.moment.ticks,
                    event.type_name,
                    event.person,
                    event.content,
                    event.chat_id,
                    event.extras,
                    event.source,
                )
            };
            key(one).cmp(&key(other))
        });
    }

    /// Tells why something that happened then is left out; `None` if it is kept.
    fn reason(&self, ticks: crate::chat::Ticks, selection: &Selection) -> Option<&'static str> {
        let room = selection.rooms.get(&self.history.room).copied();
        let since = selection.since.filter(|since| ticks < *since).map(|_| "since");
        let until = selection.until.filter(|until| ticks >= *until).map(|_| "until");
        selection.all.or(room).or(since).or(until)
    }

    fn leave_out(&mut self, slot: &Slot<'a>, reason: &'static str) {
        let sources = slot.records.iter().map(|record| record.item.record.source);
        self.filtered.extend(sources.map(|source| Filtered { source, reason }));
    }

    fn account(&mut self, slot: &Slot<'a>, kept: Option<MessageId>, rule: impl Fn(&Candidate<'a>) -> Rule) {
        let kept_source = slot.records[0].item.record.source;
        self.written.push(kept_source);
        self.duplicates.extend(slot.records[1..].iter().map(|record| Duplicate {
            source: record.item.record.source,
            kept,
            kept_source,
            rule: rule(record),
        }));
    }

    fn tell_reused(&mut self, room: Guid, base: Base) {
        let family = match base {
            Base::Channel(channel) => format!("channel {channel}"),
            Base::Domain(_) => "the compliance records".to_owned(),
        };
        self.findings.add(
            "ID-REUSED",
            Level::Warning,
            room.to_string(),
            format!(
                "chat ids of {family} stand for several times or authors, as after a migration that numbered anew: \
                 each dump, and where that is not enough each stream, counts as a numbering of its own"
            ),
        );
    }
}
