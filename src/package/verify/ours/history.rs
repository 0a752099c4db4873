//! Messages and events: what a room's documents must say beyond their schema, and the chain of a
//! room's parts.

use std::collections::BTreeMap;
use std::io::{self, Read};

use super::account::{Account, Claim, Fate, Page, Witness};
use super::grammar::{Element, Visitor, walk};
use super::identity::{Facts, Identities, Tie, judge_borders};
use super::schema;
use super::structure::Structure;
use crate::chat::{Guid, MessageId, Text, Ticks};
use crate::package::layout::{COMPLIANCE, CONTENT, room_document};
use crate::package::read::Part;
use crate::package::read::value;
use crate::package::read::xml::Tag;
use crate::package::verify::fault;
use crate::package::verify::problem::Problems;

/// What was seen in one part of a room's messages or events.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// Messages or events.
    pub(super) count: u64,
    /// `Seq` of the first and the last message.
    sequence: Option<(u64, u64)>,
    /// Times of the first and the last record.
    pub(super) times: Option<(Ticks, Ticks)>,
    /// The least and the greatest time, which differ from these in a damaged document alone.
    pub(super) range: Option<(Ticks, Ticks)>,
    /// Messages whose identities the parts before and behind have a say in.
    borders: Vec<Tie>,
}

/// Reads one part of a room's messages or events into the account.
///
/// # Errors
/// Those of the account's temporary files.
pub(super) fn read_part(
    path: &str,
    part: &Part,
    input: &mut dyn Read,
    structure: &Structure,
    account: &Account,
    problems: &mut Problems,
) -> io::Result<Seen> {
    let (room, number, root) = match part {
        Part::Content(room, number) => (*room, *number, &schema::CONTENT),
        Part::Compliance(room, number) => (*room, *number, &schema::COMPLIANCE),
        _ => return Ok(Seen::default()),
    };
    let page = account.page();
    let mut history = History {
        path,
        room,
        number,
        structure,
        page,
        seen: Seen::default(),
        identities: Identities::new(room, number),
        open: None,
        text: Vec::new(),
    };
    walk(path, input, root, &mut history, problems);
    history.page.finish()?;
    Ok(Seen { borders: history.identities.finish(), ..history.seen })
}

struct History<'a> {
    path: &'a str,
    room: Guid,
    number: u32,
    structure: &'a Structure,
    page: Page<'a>,
    seen: Seen,
    identities: Identities,
    /// The message that is being read, if all is known that its identity needs beside its text.
    open: Option<Open<'a>>,
    text: Vec<u8>,
}

struct Open<'a> {
    id: MessageId,
    line: u64,
    ticks: Ticks,
    author: &'a Text,
}

impl Visitor for History<'_> {
    fn start(&mut self, element: &'static Element, tag: &Tag, problems: &mut Problems) {
        if element.name == schema::MESSAGE.name {
            self.record(tag, "Author", Fate::Message, problems);
            self.message(tag, problems);
        } else if element.name == schema::EVENT.name {
            self.record(tag, "Person", Fate::Event, problems);
        } else if tag.get("Room").is_some() {
            self.root(tag, problems);
        }
    }

    fn text(&mut self, element: &'static Element, text: &[u8]) {
        if self.open.is_some() && element.name == schema::TEXT.name {
            self.text.extend_from_slice(text);
        }
    }

    fn end(&mut self, element: &'static Element, problems: &mut Problems) {
        if element.name == schema::MESSAGE.name
            && let Some(Open { id, line, ticks, author }) = self.open.take()
        {
            let facts = Facts { id, line, ticks, author, text: &self.text };
            self.identities.take(self.path, &facts, problems);
        }
    }
}

impl History<'_> {
    fn root(&self, tag: &Tag, problems: &mut Problems) {
        if tag.get("Room").and_then(value::guid) != Some(self.room) {
            problems.add(
                &fault::DOC_REFERENCE,
                self.path,
                "the document is about another room than its name says",
            );
        }
        if self.structure.rooms.as_ref().is_some_and(|rooms| !rooms.contains_key(&self.room)) {
            let what = format!("room {} does not exist", self.room);
            problems.add(&fault::DOC_REFERENCE, self.path, what);
        }
        // The first part bears no number.
        let expected = (self.number > 1).then(|| self.number.to_string());
        if tag.get("Part") != expected.as_deref() {
            problems.add(&fault::DOC_ORDER, self.path, "the document is another part than its name says");
        }
    }

    /// Checks what messages and events have in common.
    fn record(&mut self, tag: &Tag, person: &str, fate: Fate, problems: &mut Problems) {
        self.seen.count += 1;
        self.structure.check_person(self.path, tag, person, problems);
        if let Some(source) = tag.get("Source").and_then(value::source) {
            self.page.mark_one(source, fate);
        }
        let Some(time) = tag.get("Time").and_then(Ticks::parse_iso) else { return };
        if let Some((_, before)) = self.seen.times
            && time < before
        {
            let what = format!("line {}: {time} stands behind {before}", tag.line);
            problems.add(&fault::DOC_ORDER, self.path, what);
        }
        self.seen.times = Some((self.seen.times.map_or(time, |(first, _)| first), time));
        self.seen.range =
            Some(self.seen.range.map_or((time, time), |(least, most)| (least.min(time), most.max(time))));
    }

    fn message(&mut self, tag: &Tag, problems: &mut Problems) {
        if let Some(sequence) = tag.get("Seq").and_then(value::count) {
            if let Some((_, before)) = self.seen.sequence
                && before.checked_add(1) != Some(sequence)
            {
                let what = format!("line {}: message {sequence} stands behind message {before}", tag.line);
                problems.add(&fault::DOC_ORDER, self.path, what);
            }
            self.seen.sequence = Some((self.seen.sequence.map_or(sequence, |(first, _)| first), sequence));
        }
        self.text.clear();
        self.open = None;
        let Some(id) = tag.get("Id").and_then(MessageId::parse) else { return };
        let author = tag.get("Author").and_then(value::count).and_then(|id| self.structure.people.get(&id));
        if let (Some(ticks), Some(author)) = (tag.get("Time").and_then(Ticks::parse_iso), author) {
            self.open = Some(Open { id, line: tag.line, ticks, author });
        }
        if let Some(source) = tag.get("Source").and_then(value::source) {
            self.page.claim(id, Claim::Bears(source));
        }
        for other in tag.get("Conflict").into_iter().flat_map(|ids| ids.split(' ')) {
            if let Some(other) = MessageId::parse(other) {
                let witness = if id < other { Witness::Lesser } else { Witness::Greater };
                self.page.conflict(id, other, witness);
            }
        }
    }
}

/// The parts of all rooms, put together.
#[derive(Debug, Default)]
pub(super) struct Histories {
    content: BTreeMap<Guid, BTreeMap<u32, Seen>>,
    compliance: BTreeMap<Guid, BTreeMap<u32, Seen>>,
}

impl Histories {
    /// Takes what was seen in a part.
    pub(super) fn add(&mut self, part: &Part, seen: Seen) {
        let (rooms, room, number) = match part {
            Part::Content(room, number) => (&mut self.content, *room, *number),
            Part::Compliance(room, number) => (&mut self.compliance, *room, *number),
            _ => return,
        };
        rooms.entry(room).or_default().insert(number, seen);
    }

    /// Proves that the parts of each room follow each other without gap.
    pub(super) fn check(&self, problems: &mut Problems) {
        check_rooms(CONTENT, &self.content, true, problems);
        check_rooms(COMPLIANCE, &self.compliance, false, problems);
        for (&room, parts) in &self.content {
            let borders = parts
                .iter()
                .map(|(&number, seen)| (room_document(CONTENT, room, number), seen.borders.as_slice()));
            judge_borders(borders, problems);
        }
    }

    /// Returns the number of messages and of events.
    pub(super) fn counts(&self) -> (u64, u64) {
        let count = |rooms: &BTreeMap<Guid, BTreeMap<u32, Seen>>| {
            rooms.values().flat_map(BTreeMap::values).map(|seen| seen.count).sum()
        };
        (count(&self.content), count(&self.compliance))
    }

    /// Returns the times of the first and the last message.
    pub(super) fn range(&self) -> Option<(Ticks, Ticks)> {
        let ranges = self.content.values().flat_map(BTreeMap::values).filter_map(|seen| seen.range);
        ranges.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
    }
}

fn check_rooms(
    folder: &str,
    rooms: &BTreeMap<Guid, BTreeMap<u32, Seen>>,
    numbered: bool,
    problems: &mut Problems,
) {
    for (room, parts) in rooms {
        let path = format!("{folder}/{room}.xml");
        let mut wrong = |what: String| problems.add(&fault::DOC_ORDER, &path, what);
        let (mut next, mut time) = (1, None);
        for (expected, (&number, seen)) in (1..).zip(parts) {
            if number != expected {
                wrong(format!("part {number} stands where part {expected} is expected"));
            }
            if let Some((first, last)) = seen.sequence.filter(|_| numbered) {
                if first != next {
                    wrong(format!("part {number} begins with message {first}, message {next} is expected"));
                }
                next = last.saturating_add(1);
            }
            if let Some((first, last)) = seen.times {
                if time.is_some_and(|before| first < before) {
                    wrong(format!("part {number} begins before the part before it ends"));
                }
                time = Some(last);
            }
        }
    }
}
