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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::documents::Document;
    use super::*;
    use crate::container::Blob;

    const ROOM: u128 = 7;

    #[derive(Debug)]
    struct Bytes(Vec<u8>);

    impl Blob for Bytes {
        fn open(&self) -> std::io::Result<Box<dyn Read + Send>> {
            Ok(Box::new(std::io::Cursor::new(self.0.clone())))
        }

        fn size(&self) -> Option<u64> {
            None
        }
    }

    fn document(bytes: &str, room: u128) -> RoomDocument {
        let document = Document { name: "a document".to_owned(), blob: Arc::new(Bytes(bytes.into())) };
        RoomDocument { room: Guid::from_u128(room), part: 1, document }
    }

    fn content(messages: &str) -> String {
        let room = Guid::from_u128(ROOM);
        format!("<Content xmlns=\"urn:gc2pc:package:1\" Room=\"{room}\">\n{messages}</Content>")
    }

    fn message(number: u32) -> String {
        format!(
            "<Message Id=\"{number:032x}\" Seq=\"1\" ChatId=\"-5\" Time=\"2011-01-01T00:00:00.5Z\" Precision=\"ms\" Author=\"4\" \
             Alert=\"true\" Conflict=\"{0:032x} {1:032x}\" ExtraUtf16=\"AAA=\" Source=\"1:2\"><Text>a&#xD;\n</Text>\
             <Rtf encoding=\"utf-16le-base64\">ANg=</Rtf></Message>\n",
            8, 9
        )
    }

    fn read(documents: &[RoomDocument], largest: usize) -> Result<Vec<Piece>> {
        let people = HashMap::from([(4, 12)]);
        let mut pieces = Pieces::of_messages(documents, &people, largest);
        let mut all = Vec::new();
        while let Some(piece) = pieces.next_piece()? {
            all.push(piece);
        }
        Ok(all)
    }

    #[test]
    fn messages_come_whole_with_the_numbers_of_their_authors() {
        let text = content(&(message(1) + &message(2)));
        let pieces = read(&[document(&text, ROOM), document(&text, ROOM)], 100).unwrap();
        assert_eq!(pieces[0].rooms.len(), 1);
        let messages = &pieces[0].rooms[0].messages;
        assert_eq!(messages.len(), 4);
        let one = &messages[1];
        assert_eq!((one.author, one.chat_id, one.alert), (12, Some(-5), Some(true)));
        assert_eq!(one.conflicts.len(), 2);
        assert_eq!(pieces[0].get(one.text), b"a\r\n");
        assert_eq!(one.rtf.map(|rtf| pieces[0].get(rtf)), Some(&b"\xED\xA0\x80"[..]));
        assert_eq!(one.extras.map(|extras| pieces[0].get(extras)), Some(&b"\0"[..]));
    }

    #[test]
    fn a_document_that_breaks_off_at_any_byte_is_an_error_that_names_it() {
        let text = content(&message(1));
        for end in 0..text.len() {
            let error = read(&[document(&text[..end], ROOM)], 100).unwrap_err();
            assert!(matches!(error, Error::Unusable { .. }), "{end}: {error}");
            assert!(error.to_string().contains("a document: "), "{error}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_an_error_with_its_line() {
        let sound = message(1);
        for (from, to) in [
            ("Author=\"4\"", "Author=\"5\""),
            ("Author=\"4\"", ""),
            ("Id=\"0", "Id=\"x"),
            ("Time=\"2011-01", "Time=\"2011-13"),
            ("Precision=\"ms\"", "Precision=\"day\""),
            ("Conflict=\"0", "Conflict=\" 0"),
            ("<Text>a&#xD;\n</Text>", ""),
            ("ANg=", "!"),
        ] {
            let broken = sound.replacen(from, to, 1);
            assert_ne!(broken, sound);
            let error = read(&[document(&content(&(sound.clone() + &broken)), ROOM)], 100).unwrap_err();
            assert!(error.to_string().contains("(line 4,"), "{from}: {error}");
        }
        assert!(read(&[document(&content(&sound), ROOM)], 5).unwrap_err().to_string().contains("memory"));
        assert!(
            read(&[document(&content(&sound), ROOM + 1)], 100).is_err(),
            "another room than its name says"
        );
    }
}
