//! The histories of a package as pieces, such as those that it was written from.

use std::collections::HashMap;
use std::io::Read;

use super::documents::RoomDocument;
use super::entry::{self, EVENTS, Entry, MESSAGES, Shape};
use super::history::{attribute, moment, texts};
use super::structure::DAMAGED_HINT;
use super::value;
use super::xml::{Broken, Elements};
use crate::chat::{Batch, Event, Guid, Message, MessageId, Piece, RoomHistory, Source};
use crate::error::{Error, Result};
use crate::ledger::Cause;

/// Text of a piece before it is handed on.
const PIECE_BYTES: usize = 1 << 20;
/// Records of a piece before it is handed on.
const PIECE_RECORDS: usize = 8 << 10;

/// Reads the messages, or the events, of all rooms of a package piece by piece. Memory: one piece, and
/// one record beside it.
pub struct Pieces<'a> {
    documents: &'a [RoomDocument],
    shape: &'static Shape,
    /// Whom an `Id` stands for; the authors of what is read are these numbers.
    people: &'a HashMap<u64, u32>,
    /// Bytes of text that a record may have.
    largest: usize,
    /// The position of the next document.
    next: usize,
    open: Option<(Elements<Box<dyn Read + Send>>, Guid)>,
    entry: Entry,
}

/// What makes a record or a document unusable.
type Fault = (Cause, String);

impl<'a> Pieces<'a> {
    /// Reads messages from documents of `data/import/Content/`.
    pub fn of_messages(documents: &'a [RoomDocument], people: &'a HashMap<u64, u32>, largest: usize) -> Self {
        Pieces { documents, shape: &MESSAGES, people, largest, next: 0, open: None, entry: Entry::default() }
    }

    /// Reads events from documents of `data/compliance/`.
    pub fn of_events(documents: &'a [RoomDocument], people: &'a HashMap<u64, u32>, largest: usize) -> Self {
        Pieces { shape: &EVENTS, ..Pieces::of_messages(documents, people, largest) }
    }

    /// Returns the next piece; `None` at the end.
    ///
    /// # Errors
    /// [`Error::Unusable`] with the place of what cannot be used, [`Error::Read`].
    pub fn next_piece(&mut self) -> Result<Option<Piece>> {
        let mut batch = Batch::default();
        let mut rooms: Vec<RoomHistory> = Vec::new();
        let mut records = 0;
        while batch.bytes.len() < PIECE_BYTES && records < PIECE_RECORDS {
            let Some(room) = self.step()? else { break };
            records += 1;
            if rooms.last().is_none_or(|last| last.room != room) {
                rooms.push(RoomHistory { room, ..RoomHistory::default() });
            }
            let Some(history) = rooms.last_mut() else { break };
            self.take(history, &mut batch).map_err(|(_, detail)| self.refuse_entry(&detail))?;
        }
        Ok((records > 0).then_some(Piece { bytes: batch.bytes, rooms }))
    }

    /// Goes on to the next record and returns its room; `None` at the end.
    fn step(&mut self) -> Result<Option<Guid>> {
        loop {
            let Some((elements, room)) = &mut self.open else {
                let Some(document) = self.documents.get(self.next) else { return Ok(None) };
                let mut elements = Elements::new(document.document.open()?);
                let begun = entry::begin(&mut elements, self.shape);
                self.next += 1;
                let room = begun.map_err(|broken| self.refuse(broken, elements.place()))?;
                if room != document.room {
                    let why = format!("it names the room {room}, its name another one");
                    return Err(self.refuse_at(&why, elements.place()));
                }
                self.open = Some((elements, room));
                continue;
            };
            match entry::next(elements, self.shape, &mut self.entry) {
                Ok(true) => return Ok(Some(*room)),
                Ok(false) => self.open = None,
                Err(broken) => {
                    let place = elements.place();
                    return Err(self.refuse(broken, place));
                }
            }
        }
    }

    fn take(&self, history: &mut RoomHistory, batch: &mut Batch) -> std::result::Result<(), Fault> {
        let entry = &self.entry;
        if let Some(fault) = &entry.fault {
            return Err(fault.clone());
        }
        let size = entry.text.len() + entry.rtf.len();
        if size > self.largest {
            let largest = self.largest;
            let what =
                format!("a record has {size} bytes of text, more than the {largest} that memory allows");
            return Err((Cause::TooLarge, what));
        }
        let moment = moment(entry)?;
        let chat_id = attribute(entry, "ChatId", Cause::BadNumber, value::number)?;
        let extras = texts(entry, "Extra")?.map(|extras| batch.push_text(&extras));
        let text = batch.push_known(&entry.text);
        let source = attribute(entry, "Source", Cause::BadNumber, value::source)?;
        let source = source.unwrap_or(Source { stream: 0, record: 0 });
        if self.shape.text.is_none() {
            let name = texts(entry, "Type")?.ok_or((Cause::MissingValue, "no Type".to_owned()))?;
            let (type_name, person) = (batch.push_text(&name), self.person("Person")?);
            history.events.push(Event { type_name, moment, person, chat_id, content: text, extras, source });
            return Ok(());
        }
        let id = attribute(entry, "Id", Cause::BadNumber, MessageId::parse)?;
        history.messages.push(Message {
            id: id.ok_or((Cause::MissingValue, "no Id".to_owned()))?,
            chat_id,
            moment,
            author: self.person("Author")?,
            alert: attribute(entry, "Alert", Cause::BadFlag, value::flag)?,
            text,
            rtf: entry.has_rtf.then(|| batch.push_known(&entry.rtf)),
            extras,
            conflicts: attribute(entry, "Conflict", Cause::BadNumber, conflicts)?.unwrap_or_default(),
            source,
        });
        Ok(())
    }

    fn person(&self, name: &str) -> std::result::Result<usize, Fault> {
        let id = attribute(&self.entry, name, Cause::BadNumber, value::count)?;
        let id = id.ok_or_else(|| (Cause::MissingValue, format!("no {name}")))?;
        let person = self.people.get(&id).map(|&person| person as usize);
        person.ok_or_else(|| (Cause::Malformed, format!("User.xml has no person with the Id {id}")))
    }

    fn refuse(&self, broken: Broken, place: (u64, u64)) -> Error {
        match broken {
            Broken::Input(cause) => Error::read(self.document(), cause),
            Broken::Document { detail, .. } => self.refuse_at(&detail, place),
        }
    }

    fn refuse_entry(&self, detail: &str) -> Error {
        self.refuse_at(detail, (self.entry.tag.line, self.entry.tag.byte))
    }

    fn refuse_at(&self, detail: &str, (line, byte): (u64, u64)) -> Error {
        Error::Unusable {
            input: self.document().to_owned(),
            why: format!("{detail} (line {line}, byte {byte})"),
            hint: DAMAGED_HINT.to_owned(),
        }
    }

    fn document(&self) -> &str {
        let at = self.next.saturating_sub(1);
        self.documents.get(at).map_or("", |document| &document.document.name)
    }
}

/// Reads ids separated by one blank.
fn conflicts(text: &str) -> Option<Vec<MessageId>> {
    text.split(' ').map(MessageId::parse).collect()
}
