//! Walks the histories of rooms and hands their documents to the packer, part by part.
//!
//! It also looks after what no later stage could mend: that rooms come once and in order, that
//! they and the people named exist, and that as many records are written as the ledger says.

use super::contents::Contents;
use super::documents::{RoomDocument, RoomPart};
use super::target::Packer;
use crate::chat::{Guid, Piece};
use crate::error::{Error, Result};
use crate::migrate::Plan;
use crate::report::RoomCount;

/// Writes all histories. Returns what was written of each room that has one.
pub(super) fn write_histories(
    contents: &mut Contents<'_>,
    packer: &mut Packer<'_>,
    part_size: usize,
) -> Result<Vec<RoomCount>> {
    let mut writer = HistoryWriter { plan: contents.plan, packer, part_size, open: None, counts: Vec::new() };
    if contents.level.has_content() {
        contents.histories.each(&mut |piece| writer.take(piece))?;
    }
    let counts = writer.end()?;
    let written: u64 = counts.iter().map(|count| count.messages + count.events).sum();
    let accounted = contents.ledger.totals().written;
    if written != accounted {
        return unsound(format!("{written} records were written, but the ledger says {accounted}"));
    }
    Ok(counts)
}

struct HistoryWriter<'p, 'a> {
    plan: &'p Plan,
    packer: &'p mut Packer<'a>,
    part_size: usize,
    open: Option<RoomPart>,
    counts: Vec<RoomCount>,
}

impl HistoryWriter<'_, '_> {
    fn take(&mut self, piece: &Piece) -> Result<()> {
        for history in &piece.rooms {
            let room = history.room;
            let mut count = self.begin_room(room)?;
            let people = self.plan.people.len();
            for message in &history.messages {
                if message.author >= people {
                    return unsound(format!("message {} has an author who is not in User.xml", message.id));
                }
                self.part(RoomDocument::Content, room)?.push_message(message, piece, count.messages + 1);
                count.messages += 1;
                let ticks = message.moment.ticks;
                let (first, last) = count.span.unwrap_or((ticks, ticks));
                count.span = Some((first.min(ticks), last.max(ticks)));
            }
            for event in &history.events {
                if event.person >= people {
                    return unsound(format!("an event of room {room} has a person who is not in User.xml"));
                }
                self.part(RoomDocument::Compliance, room)?.push_event(event, piece);
                count.events += 1;
            }
            self.counts.push(count);
        }
        Ok(())
    }

    /// Returns the count that a piece of a room's history goes on with.
    fn begin_room(&mut self, room: Guid) -> Result<RoomCount> {
        if let Some(going_on) = self.counts.pop_if(|last| last.room == room) {
            return Ok(going_on);
        }
        if let Some(last) = self.counts.last().filter(|last| last.room > room) {
            return unsound(format!("room {room} comes after room {}, out of order", last.room));
        }
        if self.plan.rooms.binary_search_by_key(&room, |known| known.guid).is_err() {
            return unsound(format!("room {room} has a history, but is not in the plan"));
        }
        Ok(RoomCount { room, messages: 0, events: 0, span: None })
    }

    /// Returns the part that the next record of a document goes to.
    fn part(&mut self, document: RoomDocument, room: Guid) -> Result<&mut RoomPart> {
        let part = match self.open.take() {
            Some(part) if part.is_of(document, room) && part.weight() < self.part_size => part,
            Some(full) if full.is_of(document, room) => {
                let next = full.next();
                self.close(full)?;
                next
            }
            Some(other) if other.is_of(RoomDocument::Compliance, room) => {
                return unsound(format!("room {room} has messages that come after its events"));
            }
            other => {
                other.map_or(Ok(()), |part| self.close(part))?;
                RoomPart::first(document, room)
            }
        };
        Ok(self.open.insert(part))
    }

    fn close(&mut self, part: RoomPart) -> Result<()> {
        let (path, bytes) = part.end();
        self.packer.put(path, bytes)
    }

    fn end(mut self) -> Result<Vec<RoomCount>> {
        if let Some(part) = self.open.take() {
            self.close(part)?;
        }
        Ok(self.counts)
    }
}

fn unsound<T>(what: String) -> Result<T> {
    Err(Error::Unsound { what })
}
