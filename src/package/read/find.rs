//! Finding one message or event among all documents of a package, and one record of a document.
//!
//! A document is parsed only if the attribute that is looked for stands in its bytes, as gc2pc writes it;
//! documents are looked through side by side.

use std::collections::HashMap;
use std::io::{self, Read};

use memchr::memmem::Finder;
use rayon::prelude::*;

use super::documents::RoomDocument;
use super::entry::{self, EVENTS, Entry, MESSAGES};
use super::pieces::Pieces;
use super::xml::{Broken, Elements, MAX_RECORD};
use crate::chat::{Guid, MessageId, Moment, Piece, Source, Span, Text};
use crate::error::{Error, Result};
use crate::progress::Progress;

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A message by its `Id`.
    Message(MessageId),
    /// A message or an event by the record that it was taken from.
    Record(Source),
}

/// A message or an event of a package, with its text.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The document in which it stands.
    pub document: String,
    /// Its room.
    pub room: Guid,
    /// Its identity; `None` for events.
    pub id: Option<MessageId>,
    /// The type's name of an event.
    pub type_name: Option<Text>,
    /// When it happened.
    pub moment: Moment,
    /// Who did it: an `Id` of `User.xml`.
    pub person: u64,
    /// Its chat id in the source.
    pub chat_id: Option<i64>,
    /// Whether it was sent as an alert.
    pub alert: Option<bool>,
    /// Its text, verbatim.
    pub text: Text,
    /// Whether it has a formatted copy.
    pub has_rtf: bool,
    /// What else the sources say.
    pub extras: Option<Text>,
    /// The messages that exclude it.
    pub conflicts: Vec<MessageId>,
    /// The record that survived; stream 0 where the package does not tell.
    pub source: Source,
}

/// Finds a message. `people` tells whom an `Id` stands for; all authors must be in it. Memory: one piece
/// of a document on each thread.
///
/// # Errors
/// [`Error::Unusable`] with the place of what is damaged, [`Error::Read`], [`Error::Interrupted`].
pub fn find_message(
    documents: &[RoomDocument],
    wanted: Wanted,
    people: &HashMap<u64, u32>,
    progress: &dyn Progress,
) -> Result<Option<Found>> {
    find(documents, wanted, progress, &|document| {
        let mut pieces = Pieces::of_messages(std::slice::from_ref(document), people, MAX_RECORD as usize);
        while let Some(piece) = pieces.next_piece()? {
            for room in &piece.rooms {
                let is_it = |message: &&crate::chat::Message| match wanted {
                    Wanted::Message(id) => message.id == id,
                    Wanted::Record(source) => message.source == source,
                };
                let Some(message) = room.messages.iter().find(is_it) else { continue };
                return Ok(Some(Found {
                    document: document.document.name.clone(),
                    room: room.room,
                    id: Some(message.id),
                    type_name: None,
                    moment: message.moment,
                    person: message.author as u64,
                    chat_id: message.chat_id,
                    alert: message.alert,
                    text: text(&piece, message.text),
                    has_rtf: message.rtf.is_some(),
                    extras: message.extras.map(|extras| text(&piece, extras)),
                    conflicts: message.conflicts.clone(),
                    source: message.source,
                }));
            }
        }
        Ok(None)
    })
}

/// Finds an event by its record; all else is as with [`find_message`].
///
/// # Errors
/// As [`find_message`].
pub fn find_event(
    documents: &[RoomDocument],
    source: Source,
    people: &HashMap<u64, u32>,
    progress: &dyn Progress,
) -> Result<Option<Found>> {
    find(documents, Wanted::Record(source), progress, &|document| {
        let mut pieces = Pieces::of_events(std::slice::from_ref(document), people, MAX_RECORD as usize);
        while let Some(piece) = pieces.next_piece()? {
            for room in &piece.rooms {
                let Some(event) = room.events.iter().find(|event| event.source == source) else { continue };
                return Ok(Some(Found {
                    document: document.document.name.clone(),
                    room: room.room,
                    id: None,
                    type_name: Some(text(&piece, event.type_name)),
                    moment: event.moment,
                    person: event.person as u64,
                    chat_id: event.chat_id,
                    alert: None,
                    text: text(&piece, event.content),
                    has_rtf: false,
                    extras: event.extras.map(|extras| text(&piece, extras)),
                    conflicts: Vec::new(),
                    source,
                }));
            }
        }
        Ok(None)
    })
}

fn text(piece: &Piece, span: Span) -> Text {
    Text::from_known(piece.get(span))
}

/// Looks for the attribute in all documents, and into those that have it.
fn find(
    documents: &[RoomDocument],
    wanted: Wanted,
    progress: &dyn Progress,
    look: &(dyn Fn(&RoomDocument) -> Result<Option<Found>> + Sync),
) -> Result<Option<Found>> {
    let needle = match wanted {
        Wanted::Message(id) => format!(" Id=\"{id}\""),
        Wanted::Record(Source { stream, record }) => format!(" Source=\"{stream}:{record}\""),
    };
    let finder = Finder::new(needle.as_bytes());
    let one = |document: &RoomDocument| {
        let name = &document.document.name;
        match contains(document.document.open()?, &finder, progress) {
            Ok(Some(true)) => look(document),
            Ok(Some(false)) => Ok(None),
            Ok(None) => Err(Error::Interrupted),
            Err(cause) => Err(Error::read(name, cause)),
        }
    };
    documents.par_iter().find_map_first(|document| one(document).transpose()).transpose()
}

/// Tells whether bytes hold a needle; `None` if the run should stop.
fn contains(mut reader: impl Read, finder: &Finder<'_>, progress: &dyn Progress) -> io::Result<Option<bool>> {
    const CHUNK: usize = 1 << 18;
    let overlap = finder.needle().len().saturating_sub(1);
    let mut buffer = vec![0; CHUNK];
    let mut kept = 0;
    loop {
        if progress.interrupted() {
            return Ok(None);
        }
        let read = match reader.read(&mut buffer[kept..]) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let filled = kept + read;
        if finder.find(&buffer[..filled]).is_some() {
            return Ok(Some(true));
        }
        if read == 0 {
            return Ok(Some(false));
        }
        progress.advance(read as u64);
        kept = filled.min(overlap);
        buffer.copy_within(filled - kept..filled, 0);
    }
}

/// Returns line and first and last byte of a record of a document, by the number that
/// [`read_content`](super::read_content) or [`read_compliance`](super::read_compliance) gives it; `None` if
/// there are not so many. The last byte is that before which the reader stands, at or behind its end.
///
/// # Errors
/// [`Error::Read`].
pub fn find_record(
    name: &str,
    reader: impl Read,
    of_events: bool,
    record: u64,
) -> Result<Option<(u64, u64, u64)>> {
    let shape = if of_events { &EVENTS } else { &MESSAGES };
    let mut elements = Elements::new(reader);
    let mut entry = Entry::default();
    let mut count = 0;
    let outcome = match entry::begin(&mut elements, shape) {
        Err(broken) => Err(broken),
        Ok(_) => loop {
            match entry::next(&mut elements, shape, &mut entry) {
                Ok(true) => count += 1,
                Ok(false) => break Ok(()),
                Err(broken) => break Err(broken),
            }
            if count == record {
                return Ok(Some((entry.tag.line, entry.tag.byte, elements.place().1)));
            }
        },
    };
    match outcome {
        Ok(()) => Ok(None),
        Err(Broken::Input(cause)) => Err(Error::read(name, cause)),
        // What is broken is one record more.
        Err(Broken::Document { .. }) if count + 1 == record => {
            let (line, byte) = elements.place();
            let begin = if entry.open { (entry.tag.line, entry.tag.byte) } else { (line, byte) };
            Ok(Some((begin.0, begin.1, byte)))
        }
        Err(Broken::Document { .. }) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Silent;

    /// Gives its bytes in chunks of a size.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(self.1).min(buffer.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    #[test]
    fn a_needle_is_found_wherever_reads_cut_it() {
        let finder = Finder::new(b" Id=\"12\"");
        for size in 1..20 {
            let has = |bytes: &[u8]| contains(Slow(bytes, size), &finder, &Silent).unwrap();
            assert_eq!(has(b"<Message Id=\"12\" Seq=\"1\"/>"), Some(true), "{size}");
            assert_eq!(has(b"<Message Id=\"121\" X Id=\"1 2\"/>"), Some(false), "{size}");
        }
    }

    #[test]
    fn a_record_is_counted_as_its_reader_counts_it() {
        let document = "<Content xmlns=\"urn:gc2pc:package:1\" Room=\"094f5a4a-c492-4f6b-91c2-385eba134fd3\">\n\
                        <Message A=\"1\"><Text>a</Text></Message>\n<Later/>\n<Message A=\"2\"/>\n<Message";
        let find = |record| find_record("a document", document.as_bytes(), false, record).unwrap();
        let shown = |(line, from, until): (u64, u64, u64)| (line, &document[from as usize..until as usize]);
        assert_eq!(find(1).map(shown), Some((2, "<Message A=\"1\"><Text>a</Text></Message>")));
        assert_eq!(find(2).map(shown), Some((4, "<Message A=\"2\"/>")));
        assert_eq!(find(3).map(|(line, ..)| line), Some(5));
        assert_eq!(find(4), None);
    }
}
