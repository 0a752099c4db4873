//! What reading either kind of document has in common: the loop, and its end, good or bad.

use quick_xml::events::Event;

use super::bounds::Bounds;
use super::decode::{Flaw, Setting};
use super::document::{Document, Halt, Tag};
use super::extras::Extras;
use super::people::People;
use super::recorder::{Account, Outcome, Recorder, Refusal};
use crate::ledger::Cause;

/// What every reader of a document holds.
pub(super) struct Scene<'a> {
    pub(super) document: Document,
    pub(super) recorder: Recorder<'a>,
    pub(super) people: People<'a>,
    pub(super) extras: Extras,
    pub(super) bounds: Bounds,
}

/// A reader of one kind of document. It is told of each piece and remembers where it is.
pub(super) trait Reading<'a> {
    /// Returns what it holds.
    fn scene(&mut self) -> &mut Scene<'a>;

    /// An element begins; `empty` if it ends at once.
    fn open(&mut self, tag: &Tag<'_>, empty: bool) -> Result<(), Halt>;

    /// The innermost element ends.
    fn close(&mut self) -> Result<(), Halt>;

    /// There is text between tags, raw.
    fn text(&mut self, raw: &[u8], setting: Setting) -> Result<(), Halt>;

    /// The document ends, here or by its own fault. A record that is open is dropped, and what else
    /// was waiting is settled.
    fn end(&mut self) -> crate::Result<()>;
}

/// Reads a document to its end, or to where it is at fault; returns what is to be told of it.
pub(super) fn read_all<'a>(reading: &mut impl Reading<'a>) -> crate::Result<Account> {
    let mut buffer = Vec::new();
    let mut reference = Vec::new();
    let halt = loop {
        let event = match reading.scene().document.next(&mut buffer) {
            Ok(event) => event,
            Err(halt) => break Some(halt),
        };
        let outcome = match &event {
            Event::Start(start) => reading.open(&Tag::new(start), false),
            Event::Empty(start) => reading.open(&Tag::new(start), true),
            Event::End(_) => reading.close(),
            Event::Text(text) => reading.text(text.as_bytes(), Setting::Element),
            Event::CData(section) => reading.text(section.as_bytes(), Setting::Verbatim),
            Event::GeneralRef(name) => {
                reference.clear();
                reference.push(b'&');
                reference.extend_from_slice(name.as_bytes());
                reference.push(b';');
                reading.text(&reference, Setting::Element)
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => Ok(()),
            Event::Eof => break None,
        };
        if let Err(halt) = outcome {
            break Some(halt);
        }
    };
    match halt {
        Some(Halt::Error(error)) => return Err(error),
        Some(Halt::Flaw(flaw)) => {
            reading.end()?;
            stop(reading.scene(), flaw)?;
        }
        None => reading.end()?,
    }
    let scene = reading.scene();
    scene.people.learn();
    scene.recorder.finish()?;
    Ok(scene.recorder.account())
}

/// Rejects the record within which a document is at fault, or the piece between records.
fn stop(scene: &mut Scene<'_>, flaw: Flaw) -> crate::Result<()> {
    let intake = scene.document.intake();
    let reached = intake.place();
    let (text, raw) = intake.captured();
    let detail = format!(
        "{}; found before line {}, byte {}; nothing behind this place was read",
        flaw.detail, reached.line, reached.byte
    );
    let flaw = Flaw::new(flaw.cause, detail);
    scene.recorder.stop(Refusal { place: intake.marked(), flaw, text, raw })
}

impl Scene<'_> {
    /// Makes the refusal of the record that has just ended.
    pub(super) fn refuse(&self, flaw: Flaw) -> Outcome {
        let intake = self.document.intake();
        let (text, raw) = intake.captured();
        Outcome::Refused(Refusal { place: intake.marked(), flaw, text, raw })
    }

    /// Returns the flaw of a record that is larger than allowed, if it is: `start` is where its
    /// text begins in the buffer, `more` is what is held of it elsewhere.
    pub(super) fn too_large(&mut self, start: usize, more: usize) -> Option<Flaw> {
        let size = self.recorder.bytes().len().saturating_sub(start) + self.extras.len() + more;
        (size > self.bounds.record).then(|| {
            Flaw::new(Cause::TooLarge, format!("the record is larger than {} bytes", self.bounds.record))
        })
    }
}
