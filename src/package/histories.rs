//! Takes the histories of rooms in pieces, has them rendered on all threads, and cuts them into the
//! parts of documents in the order in which they came.
//!
//! It also looks after what no later stage could mend: that rooms come once and in order, that they
//! and the people named exist, and that as many records are written as the ledger says.

use super::contents::{Contents, Watch};
use super::documents::{RoomDocument, RoomPart};
use super::rendered::{Mark, Rendered, Stretch, Task, render, weigh, weigh_staged};
use super::staging::{MessageFiles, RoomIds};
use super::target::Packer;
use crate::chat::{Guid, Message, Piece};
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
    staging: Option<Staging>,
}

/// What the staging lane needs beside documents.
struct Staging {
    files: MessageFiles,
    /// Of all rooms that have messages, in order.
    ids: Vec<RoomIds>,
    /// The piece that was taken last: how its last message is numbered depends on the next one.
    held: Option<Piece>,
}

/// Where in a piece cutting has come to.
#[derive(Default)]
struct Reached {
    bytes: usize,
    staged: usize,
}

impl Histories {
    /// Cuts documents at parts of this size, and keeps about so many bytes waiting. With the staging
    /// lane one piece more is held.
    pub(super) fn new(part_size: usize, waiting: usize, staging: bool) -> Histories {
        let staging =
            staging.then(|| Staging { files: MessageFiles::new(part_size), ids: Vec::new(), held: None });
        Histories {
            part_size,
            watch: None,
            lane: Lane::new(waiting),
            open: None,
            with_messages: Vec::new(),
            with_events: Vec::new(),
            people: 0,
            staging,
        }
    }

    /// Has somebody look at every piece that is taken from now on.
    pub(super) fn watch(&mut self, watch: Watch) {
        self.watch = Some(watch);
    }

    /// Takes the next piece.
    pub(super) fn take(&mut self, piece: Piece, packer: &mut Packer<'_>) -> Result<()> {
        let Some(staging) = &mut self.staging else { return self.render(piece, None, packer) };
        if piece.rooms.iter().all(|room| room.messages.is_empty() && room.events.is_empty()) {
            return Ok(());
        }
        let next = first_message(&piece);
        match staging.held.replace(piece) {
            Some(held) => self.render(held, next, packer),
            None => Ok(()),
        }
    }

    /// Has a piece rendered; `next` is the room and the chat id of the message that follows.
    fn render(
        &mut self,
        piece: Piece,
        next: Option<(Guid, Option<i64>)>,
        packer: &mut Packer<'_>,
    ) -> Result<()> {
        let tasks = self.count(&piece, next)?;
        let (held, rendered) = weigh(&piece);
        let staged = if self.staging.is_some() { weigh_staged(&piece) } else { 0 };
        let weight = held.saturating_add(rendered).saturating_add(staged);
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

    /// Ends the last document; nothing can be taken afterwards. May be called again.
    pub(super) fn end(&mut self, packer: &mut Packer<'_>) -> Result<()> {
        if let Some(last) = self.staging.as_mut().and_then(|staging| staging.held.take()) {
            self.render(last, None, packer)?;
        }
        while !self.lane.is_empty() {
            self.cut_oldest(packer)?;
        }
        self.close(packer)?;
        self.staging.as_mut().map_or(Ok(()), |staging| staging.files.close(packer))
    }

    /// Returns what the staging lane needs of messages, once they are at their end.
    pub(super) fn staged(&self) -> Option<(&[RoomIds], &MessageFiles)> {
        self.staging.as_ref().map(|staging| (&staging.ids[..], &staging.files))
    }

    /// Compares what was written with plan and ledger, once these are known. Returns what was written
    /// of each room that has a history.
    pub(super) fn counts(&mut self, contents: &Contents<'_>) -> Result<Vec<RoomCount>> {
        let mut counts = std::mem::take(&mut self.with_messages);
        counts.append(&mut self.with_events);
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
    fn count(&mut self, piece: &Piece, next: Option<(Guid, Option<i64>)>) -> Result<Vec<Task>> {
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
            let numbering = self.staging.as_mut().map(|staging| {
                let behind = piece.rooms.iter().skip(at + 1).find(|room| !room.messages.is_empty());
                let next = behind.map(|room| (room.room, first_id(&room.messages))).or(next);
                let next = next.filter(|(next, _)| *next == room.room).and_then(|(_, id)| id);
                staging.room(room.room).count(&room.messages, next)
            });
            tasks.push(Task { room: at, document, before: entry.messages, count, numbering });
            entry.messages += room.messages.len() as u64;
        }
        for (at, room) in piece.rooms.iter().enumerate() {
            if room.events.is_empty() {
                continue;
            }
            let (count, entry) = count_of(&mut self.with_events, room.room)?;
            let document = RoomDocument::Compliance;
            tasks.push(Task { room: at, document, before: entry.events, count, numbering: None });
            entry.events += room.events.len() as u64;
        }
        Ok(tasks)
    }

    /// Waits for the oldest piece, and cuts it into parts.
    fn cut_oldest(&mut self, packer: &mut Packer<'_>) -> Result<()> {
        let lost = || Error::Unsound { what: "a thread was lost while it rendered".into() };
        let rendered = self.lane.take().ok_or_else(lost)??;
        self.people = self.people.max(rendered.people);
        let mut reached = Reached::default();
        for stretch in &rendered.stretches {
            self.cut(&rendered, stretch, &mut reached, packer)?;
        }
        Ok(())
    }

    /// Cuts the records of one room, which begin where cutting has come to.
    ///
    /// Rows of the staging lane go beside their documents: so the order of files depends on records
    /// alone, and not on where pieces end.
    fn cut(
        &mut self,
        rendered: &Rendered,
        stretch: &Stretch,
        reached: &mut Reached,
        packer: &mut Packer<'_>,
    ) -> Result<()> {
        let (document, count) = (stretch.task.document, stretch.task.count);
        let counts = match document {
            RoomDocument::Content => &mut self.with_messages,
            RoomDocument::Compliance => &mut self.with_events,
        };
        let Some(count) = counts.get_mut(count) else { return Ok(()) };
        count.span = match (count.span, stretch.span) {
            (Some(one), Some(other)) => Some((one.0.min(other.0), one.1.max(other.1))),
            (one, other) => one.or(other),
        };
        let room = count.room;
        let (mut marks, mut staged) = (&stretch.marks[..], &stretch.staged[..]);
        while !marks.is_empty() {
            let size = self.part_size;
            let part = self.part(document, room, packer)?;
            let (records, end, weight) = fitting(marks, reached.bytes, size.saturating_sub(part.weight()));
            part.push(&rendered.bytes, reached.bytes..end, weight);
            marks = marks.get(records..).unwrap_or_default();
            reached.bytes = end;
            if let (Some(staging), Some((ends, rest))) = (&mut self.staging, staged.split_at_checked(records))
            {
                reached.staged = staging.files.push(&rendered.staged, reached.staged, ends, packer)?;
                staged = rest;
            }
        }
        Ok(())
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

impl Staging {
    /// Returns the ids of a room whose messages go on, or of a new one behind the others.
    fn room(&mut self, room: Guid) -> &mut RoomIds {
        match self.ids.last() {
            Some(last) if last.room == room => {}
            _ => self.ids.push(RoomIds::new(room)),
        }
        let last = self.ids.len() - 1;
        &mut self.ids[last]
    }
}

/// Returns the room and the chat id of the first message of a piece.
fn first_message(piece: &Piece) -> Option<(Guid, Option<i64>)> {
    let room = piece.rooms.iter().find(|room| !room.messages.is_empty())?;
    Some((room.room, first_id(&room.messages)))
}

fn first_id(messages: &[Message]) -> Option<i64> {
    messages.first().and_then(|message| message.chat_id)
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
