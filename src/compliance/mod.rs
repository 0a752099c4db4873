//! Compliance documents: what XmlAdapter wrote of every room, turned into records.
//!
//! Two shapes are read: `Conversations`, and the `FileDump` that the vendor's sample transform
//! makes of it. Both stream, however large the file. A record that is wrong is rejected and the
//! next one read; where a document is not well-formed, reading ends and that place is rejected.
//! Nothing here knows where documents come from or what becomes of the records.

mod bounds;
mod charset;
mod conversations;
mod decode;
mod document;
mod extras;
mod file_dump;
mod find;
mod frame;
mod intake;
mod markup;
mod notes;
mod people;
mod reading;
mod recognise;
mod recorder;
mod rooms;
mod stretches;
mod time;

#[cfg(test)]
mod tests;

pub use find::{RawRecord, find_record};
pub use recognise::{DocumentKind, recognise};
pub use stretches::{Stretches, read_stretch, stretches};

use std::io::Read;

use crate::chat::{Directory, Form};
use crate::ledger::{Cause, Sink};

use bounds::Bounds;
use charset::{Charset, declared, sniff};
use conversations::Conversations;
use decode::Flaw;
use document::{Document, doctype};
use extras::Extras;
use file_dump::FileDump;
use intake::{Intake, Place};
use people::People;
use reading::{Scene, read_all};
use recorder::{Account, Recorder, Refusal};

/// Bytes that must hold the XML declaration.
const HEAD: u64 = 1_024;

/// Reads the records of a document; returns their number, the rejected ones included.
///
/// Records are numbered from 1 in the order in which they count: a `FirstMessage` counts at the end
/// of its conversation, and only if no message is in it. Rooms and people go to the directory, what
/// is odd becomes a finding. Memory does not grow with the document: only with its largest tag
/// (112 MiB at most) and with the messages in front of a `Channel` that comes late (64 MiB).
///
/// A document that is not well-formed, is cut off, holds a document type definition, or whose
/// container is damaged, ends with one rejected record for all that was not read.
///
/// # Errors
/// [`Error::Read`](crate::Error::Read) if reading fails for another reason, and whatever the sink says.
pub fn read(
    stream: u32,
    kind: &DocumentKind,
    reader: Box<dyn Read + Send>,
    directory: &Directory,
    sink: &mut dyn Sink,
) -> crate::Result<u64> {
    read_within(Bounds::default(), stream, kind, reader, directory, sink)
}

fn read_within(
    bounds: Bounds,
    stream: u32,
    kind: &DocumentKind,
    reader: Box<dyn Read + Send>,
    directory: &Directory,
    sink: &mut dyn Sink,
) -> crate::Result<u64> {
    let intake = begin(reader, kind, bounds);
    let account = read_scene(bounds, stream, kind, intake, directory, sink, None)?;
    account.tell(stream, form_of(kind), sink);
    Ok(account.read)
}

/// Returns how the records of a document are told.
fn form_of(kind: &DocumentKind) -> Form {
    match kind {
        DocumentKind::FileDump => Form::FileDump,
        _ => Form::Compliance,
    }
}

/// Reads the records of a document that was begun; returns what is to be told of them. The record that is
/// `wanted` is handed on as it stands in the document, as rejected ones are.
fn read_scene(
    bounds: Bounds,
    stream: u32,
    kind: &DocumentKind,
    intake: Result<Intake, Flaw>,
    directory: &Directory,
    sink: &mut dyn Sink,
    wanted: Option<u64>,
) -> crate::Result<Account> {
    let recorder = Recorder::new(stream, form_of(kind), bounds, directory, sink);
    let mut recorder = recorder.wanting(wanted);
    let intake = match intake {
        Ok(intake) => intake,
        Err(flaw) => {
            let place = Place { line: 1, byte: 0 };
            recorder.stop(Refusal { place, flaw, text: Default::default(), raw: None })?;
            return Ok(Account { refused: true, ..recorder.account() });
        }
    };
    let document = Document::new(intake, bounds);
    let people = People::new(directory, bounds);
    let scene = Scene { document, recorder, people, extras: Extras::default(), bounds };
    match kind {
        DocumentKind::FileDump => read_all(&mut FileDump::new(scene)),
        _ => read_all(&mut Conversations::new(scene)),
    }
}

/// Reads the beginning of a document and tells its encoding, or why it is not read at all.
fn begin(mut reader: Box<dyn Read + Send>, kind: &DocumentKind, bounds: Bounds) -> Result<Intake, Flaw> {
    match kind {
        DocumentKind::Conversations | DocumentKind::FileDump => {}
        DocumentKind::Doctype(_) => return Err(doctype()),
        DocumentKind::Other(name) => {
            let detail = format!("the root element is {name}, not Conversations or FileDump");
            return Err(Flaw::new(Cause::Malformed, detail));
        }
    }
    let mut head = Vec::new();
    let failure = (&mut *reader).take(HEAD).read_to_end(&mut head).err();
    let (mut charset, mark) = sniff(&head);
    if matches!(charset, Charset::Utf8) && mark == 0 {
        charset = declared(&head).map_err(|name| {
            Flaw::new(Cause::BadEncoding, format!("the document's encoding, {name}, is not read"))
        })?;
    }
    Ok(Intake::new(&head, failure, mark, reader, charset, bounds))
}
