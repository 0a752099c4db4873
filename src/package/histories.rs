//! Takes the histories of rooms in pieces, has them rendered on all threads, and cuts them into the
//! parts of documents in the order in which they came.
//!
//! It also looks after what no later stage could mend: that rooms come once and in order, that they
//! and the people named exist, and that as many records are written as the ledger says.

use super::contents::{Contents, Watch};
use super::documents::{RoomDocument, RoomPart};
use super::rendered::{Mark, Rendered, Stretch, Task, render, weigh};
use super::target::Packer;
use crate::chat::{Guid, Piece};
use crate::error::{Error, Result};
use crate::lane::Lane;
use crate::report::RoomCount;

/// Takes pieces of histories.
pub(super) struct Histories {
    part_size: usize,
    watch: Option<Watch>,
    lane: Lane<Result<Rendered>>,
    open: Option<RoomPart>,
    /// Of all rooms that have messages, in order.
    with_messages: Vec<RoomCount>,
    /// Of all rooms that have events, in order.
    with_events: Vec<RoomCount>,
    people: usize,
}

impl Histories {
    /// Cuts documents at parts of this size, and keeps about so many bytes waiting.
    pub(super) fn new(part_size: usize, waiting: usize) -> Histories {
        Histories {
            part_size,
            watch: None,
            lane: Lane::new(waiting),
            open: None,
            with_messages: Vec::new(),
            with_events: Vec::new(),
            people: 0,
        }
    }

    /// Has somebody look at every piece that is taken from now on.
    pub(super) fn watch(&mut self, watch: Watch) {
        self.watch = Some(watch);
    }

    /// Takes the next piece.
    pub(super) fn take(&mut self, piece: Piece, packer: &mut Packer<'_>) -> Result<()> {
        let tasks = self.count(&piece)?;
        let (held, rendered) = weigh(&piece);
        let weight = held.saturating_add(rendered);
        while !self.lane.has_room(weight) {
            self.cut_oldest(packer)?;
        }
        let watch = self.watch.clone();
        self.lane.give_weighed(weight, move || {
            let rendered = watch.map_or(Ok(()), |watch| watch(&piece)).map(|()| render(&piece, tasks));
            let weight = rendered.as_ref().map_or(0, Rendered::weight);
            (rendered, weight)
        });
        Ok(())
    }

    /// Ends the last document. What is ended already stays so.
    pub(super) fn end(&mut self, packer: &mut Packer<'_>) -> Result<()> {
        while !self.lane.is_empty() {
            self.cut_oldest(packer)?;
        }
        self.close(packer)
    }

    /// Compares what was written with plan and ledger, once these are known. Returns what was written
    /// of each room that has a history.
    pub(super) fn counts(self, contents: &Contents<'_>) -> Result<Vec<RoomCount>> {
        let mut counts = self.with_messages;
        counts.extend(self.with_events);
        counts.sort_by_key(|count| count.room);
        counts.dedup_by(|events, messages| {
            let is_same = events.room == messages.room;
            messages.events += if is_same { events.events } else { 0 };
            is_same
        });
        let plan = contents.plan;
        if self.people > plan.people.len() {
            return unsound(format!("person {} of a message or an event is not in User.xml", self.people));
        }
        let is_unknown =
            |count: &&RoomCount| plan.rooms.binary_search_by_key(&count.room, |known| known.guid).is_err();
        if let Some(unknown) = counts.iter().find(is_unknown) {
            return unsound(format!("room {} has a history, but is not in the plan", unknown.room));
        }
        let written: u64 = counts.iter().map(|count| count.messages + count.events).sum();
        let accounted = contents.ledger.totals().written;
        if written != accounted {
            return unsound(format!("{written} records were written, but the ledger says {accounted}"));
        }
        Ok(counts)
    }

    /// Counts the records of a piece, and says how each room's are to be rendered.
    fn count(&mut self, piece: &Piece) -> Result<Vec<Task>> {
        let mut tasks = Vec::new();
        for (at, room) in piece.rooms.iter().enumerate() {
            if room.messages.is_empty() {
                continue;
            }
            if !self.with_events.is_empty() {
                return unsound(format!("room {} has messages that come after events", room.room));
            }
            let (count, entry) = count_of(&mut self.with_messages, room.room)?;
            let document = RoomDocument::Content;
            tasks.push(Task { room: at, document, before: entry.messages, count });
            entry.messages += room.messages.len() as u64;
        }
        for (at, room) in piece.rooms.iter().enumerate() {
            if room.events.is_empty() {
                continue;
            }
            let (count, entry) = count_of(&mut self.with_events, room.room)?;
            let document = RoomDocument::Compliance;
            tasks.push(Task { room: at, document, before: entry.events, count });
            entry.events += room.events.len() as u64;
        }
        Ok(tasks)
    }

    /// Waits for the oldest piece, and cuts it into parts.
    fn cut_oldest(&mut self, packer: &mut Packer<'_>) -> Result<()> {
        let lost = || Error::Unsound { what: "a thread was lost while it rendered".into() };
        let rendered = self.lane.take().ok_or_else(lost)??;
        self.people = self.people.max(rendered.people);
        let mut from = 0;
        for stretch in &rendered.stretches {
            from = self.cut(&rendered, stretch, from, packer)?;
        }
        Ok(())
    }

    /// Cuts the records of one room, which begin at `from`. Returns where they end.
    fn cut(
        &mut self,
        rendered: &Rendered,
        stretch: &Stretch,
        mut from: usize,
        packer: &mut Packer<'_>,
    ) -> Result<usize> {
        let (document, count) = (stretch.task.document, stretch.task.count);
        let counts = match document {
            RoomDocument::Content => &mut self.with_messages,
            RoomDocument::Compliance => &mut self.with_events,
        };
        let Some(count) = counts.get_mut(count) else { return Ok(from) };
        count.span = match (count.span, stretch.span) {
            (Some(one), Some(other)) => Some((one.0.min(other.0), one.1.max(other.1))),
            (one, other) => one.or(other),
        };
        let room = count.room;
        let mut marks = &stretch.marks[..];
        while !marks.is_empty() {
            let size = self.part_size;
            let part = self.part(document, room, packer)?;
            let (records, end, weight) = fitting(marks, from, size.saturating_sub(part.weight()));
            part.push(&rendered.bytes, from..end, weight);
            marks = marks.get(records..).unwrap_or_default();
            from = end;
        }
        Ok(from)
    }

    /// Returns the part that the next record of a document goes to.
    fn part(&mut self, document: RoomDocument, room: Guid, packer: &mut Packer<'_>) -> Result<&mut RoomPart> {
        let part = match self.open.take_if(|part| part.is_of(document, room)) {
            Some(part) if part.weight() < self.part_size => part,
            Some(full) => {
                let next = full.next();
                self.open = Some(full);
                self.close(packer)?;
                next
            }
            None => {
                self.close(packer)?;
                RoomPart::first(document, room)
            }
        };
        Ok(self.open.insert(part))
    }

    fn close(&mut self, packer: &mut Packer<'_>) -> Result<()> {
        match self.open.take() {
            None => Ok(()),
            Some(part) => {
                let (path, body) = part.end();
                packer.put_body(path, body)
            }
        }
    }
}

/// Returns how many records go into a part that has so much left, where they end, and their weight:
/// at least one, and none behind that which reaches the size.
fn fitting(marks: &[Mark], from: usize, left: usize) -> (usize, usize, usize) {
    let (mut records, mut end, mut weight) = (0, from, 0);
    for mark in marks {
        weight += mark.end - end - mark.source;
        (records, end) = (records + 1, mark.end);
        if weight >= left {
            break;
        }
    }
    (records, end, weight)
}

/// Returns the count that a piece of a room's history goes on with, or a new one behind the others.
fn count_of(counts: &mut Vec<RoomCount>, room: Guid) -> Result<(usize, &mut RoomCount)> {
    match counts.last() {
        Some(last) if last.room > room => {
            return unsound(format!("room {room} comes after room {}, out of order", last.room));
        }
        Some(last) if last.room == room => {}
        _ => counts.push(RoomCount { room, messages: 0, events: 0, span: None }),
    }
    let at = counts.len().saturating_sub(1);
    match counts.last_mut() {
        Some(count) => Ok((at, count)),
        None => unsound(format!("room {room} is not counted")),
    }
}

fn unsound<T>(what: String) -> Result<T> {
    Err(Error::Unsound { what })
}
