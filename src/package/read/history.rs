//! Messages and events of a package as records, in the order of their document.

use std::io::Read;

use super::PackageStructure;
use super::entry::{self, EVENTS, Entry, MESSAGES, Shape};
use super::value;
use super::xml::{Broken, Elements};
use crate::chat::{
    Batch, Directory, Form, Guid, Kind, Moment, Numbering, PersonKey, Record, RoomFacts, RoomKey, Source,
    Text, Ticks,
};
use crate::error::Error;
use crate::ledger::{Cause, Rejected, Sink};

/// Text of a batch before it is handed on.
const BATCH_BYTES: usize = 1024 * 1024;
/// Records of a batch before it is handed on.
const BATCH_RECORDS: usize = 16 * 1024;

/// Reads the messages of a room from a document of `data/import/Content/`, and returns how many
/// records there were, the rejected ones included. Memory: one message and one batch.
///
/// A message without usable author, time or text is rejected. Where the document is damaged one
/// more record is rejected, and nothing behind that place is read.
///
/// # Errors
/// [`Error::Read`] if the input itself fails, and what the sink returns.
pub fn read_content(
    stream: u32,
    name: &str,
    reader: impl Read,
    structure: &PackageStructure,
    directory: &Directory,
    sink: &mut dyn Sink,
) -> crate::Result<u64> {
    read(&Document { stream, name, shape: &MESSAGES, structure, directory }, reader, sink)
}

/// Reads the events of a room from a document of `data/compliance/`; all else is as with
/// [`read_content`].
///
/// # Errors
/// [`Error::Read`] if the input itself fails, and what the sink returns.
pub fn read_compliance(
    stream: u32,
    name: &str,
    reader: impl Read,
    structure: &PackageStructure,
    directory: &Directory,
    sink: &mut dyn Sink,
) -> crate::Result<u64> {
    read(&Document { stream, name, shape: &EVENTS, structure, directory }, reader, sink)
}

struct Document<'a> {
    stream: u32,
    name: &'a str,
    shape: &'a Shape,
    structure: &'a PackageStructure,
    directory: &'a Directory,
}

fn read(document: &Document<'_>, reader: impl Read, sink: &mut dyn Sink) -> crate::Result<u64> {
    let mut elements = Elements::new(reader);
    let mut entry = Entry::default();
    let mut count = 0;
    let outcome = match entry::begin(&mut elements, document.shape) {
        Ok(room) => read_records(document, room, &mut elements, &mut entry, &mut count, sink)?,
        Err(broken) => Err(broken),
    };
    match outcome {
        Ok(()) => Ok(count),
        Err(Broken::Input(cause)) => Err(Error::read(document.name, cause)),
        Err(Broken::Document { cause, detail }) => {
            count += 1;
            let source = Source { stream: document.stream, record: count };
            let mut row = rejected(&entry, source, cause, detail);
            if !entry.open {
                (row.line, row.byte) = elements.place();
                row.text = Text::default();
            }
            sink.reject(row)?;
            Ok(count)
        }
    }
}

/// Reads the records of a document; the inner error tells where the document itself breaks off.
fn read_records<R: Read>(
    document: &Document<'_>,
    room: Guid,
    elements: &mut Elements<R>,
    entry: &mut Entry,
    count: &mut u64,
    sink: &mut dyn Sink,
) -> crate::Result<Result<(), Broken>> {
    let room = document.directory.room(room);
    if !document.structure.has_room_directory {
        // Nothing else tells of the room. Its GUID may be a derived one, but who can tell.
        document.directory.learn_room(room, RoomFacts { guid_known: true, ..RoomFacts::default() });
    }
    let mut batch = Batch::default();
    let outcome = loop {
        match entry::next(elements, document.shape, entry) {
            Ok(true) => {}
            Ok(false) => break Ok(()),
            Err(broken) => break Err(broken),
        }
        *count += 1;
        let source = Source { stream: document.stream, record: *count };
        match record(document, entry, room, source, &mut batch) {
            Ok(record) => batch.records.push(record),
            Err((cause, detail)) => sink.reject(rejected(entry, source, cause, detail))?,
        }
        if batch.bytes.len() >= BATCH_BYTES || batch.records.len() >= BATCH_RECORDS {
            sink.take(std::mem::take(&mut batch))?;
        }
    };
    if !batch.records.is_empty() {
        sink.take(batch)?;
    }
    Ok(outcome)
}

/// Makes a record of an entry; its text goes to the batch.
fn record(
    document: &Document<'_>,
    entry: &Entry,
    room: RoomKey,
    source: Source,
    batch: &mut Batch,
) -> Result<Record, (Cause, String)> {
    if let Some(fault) = &entry.fault {
        return Err(fault.clone());
    }
    let events = document.shape.text.is_none();
    let person = person(entry, document.structure, if events { "Person" } else { "Author" })?;
    let moment = moment(entry)?;
    let chat_id = attribute(entry, "ChatId", Cause::BadNumber, value::number)?;
    let alert = attribute(entry, "Alert", Cause::BadFlag, value::flag)?;
    let extras = texts(entry, "Extra")?;
    let kind = if events {
        let name = texts(entry, "Type")?.ok_or((Cause::MissingValue, "no Type".to_owned()))?;
        Kind::Event { type_name: batch.push_text(&name) }
    } else {
        Kind::Message { alert }
    };
    Ok(Record {
        source,
        room,
        person,
        moment,
        kind,
        form: Form::Database,
        numbering: Numbering::Document,
        chat_id,
        text: batch.push_known(&entry.text),
        rtf: entry.has_rtf.then(|| batch.push_known(&entry.rtf)),
        extras: extras.map(|extras| batch.push_text(&extras)),
    })
}

fn person(entry: &Entry, structure: &PackageStructure, name: &str) -> Result<PersonKey, (Cause, String)> {
    let id = attribute(entry, name, Cause::BadNumber, value::count)?;
    let id = id.ok_or_else(|| (Cause::MissingValue, format!("no {name}")))?;
    let missing = || (Cause::Malformed, format!("User.xml has no person with the Id {id}"));
    structure.person(id).ok_or_else(missing)
}

pub(super) fn moment(entry: &Entry) -> Result<Moment, (Cause, String)> {
    let ticks = attribute(entry, "Time", Cause::BadTime, Ticks::parse_iso)?;
    let ticks = ticks.ok_or_else(|| (Cause::MissingValue, "no Time".to_owned()))?;
    let precision = value::precision(entry.tag.get("Precision"))
        .ok_or_else(|| (Cause::BadTime, "an unknown Precision".to_owned()))?;
    Ok(Moment { ticks, precision })
}

pub(super) fn attribute<T>(
    entry: &Entry,
    name: &str,
    cause: Cause,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, (Cause, String)> {
    let Some(text) = entry.tag.get(name) else { return Ok(None) };
    read(text).map(Some).ok_or_else(|| (cause, format!("an unusable {name}")))
}

pub(super) fn texts(entry: &Entry, name: &str) -> Result<Option<Text>, (Cause, String)> {
    value::text(&entry.tag, name).map_err(|why| (Cause::BadEncoding, why))
}

fn rejected(entry: &Entry, source: Source, cause: Cause, detail: String) -> Rejected {
    Rejected {
        source,
        line: entry.tag.line,
        byte: entry.tag.byte,
        cause,
        detail,
        text: Text::from_bytes(&entry.text).unwrap_or_default(),
        raw: None,
    }
}
