//! What reading either kind of document has in common: the loop, and its end, good or bad.

use super::bounds::Bounds;
use super::decode::{Flaw, Setting};
use super::document::{Document, Halt, Piece, Tag};
use super::extras::Extras;
use super::intake::Place;
use super::people::People;
use super::recorder::{Outcome, Recorder, Refusal};
use crate::error::Result;
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

    /// The document ends, here or by its own fault. A record that is open is dropped; its place is
    /// returned. What else was waiting is settled.
    fn end(&mut self) -> Result<Option<Place>>;

    /// Adds what is to be told of the whole document. Returns whether it tells of records without
    /// a person.
    fn remark(&mut self) -> bool;
}

/// Reads a document to its end, or to where it is at fault; returns the number of records, the
/// rejected ones included.
pub(super) fn read_all<'a>(reading: &mut impl Reading<'a>) -> Result<u64> {
    let mut buffer = Vec::new();
    let mut reference = Vec::new();
    let halt = loop {
        let piece = match reading.scene().document.next(&mut buffer) {
            Ok(piece) => piece,
            Err(halt) => break Some(halt),
        };
        let outcome = match &piece {
            Piece::Open(start) => reading.open(&Tag::new(start), false),
            Piece::Empty(start) => reading.open(&Tag::new(start), true),
            Piece::Close => reading.close(),
            Piece::Text(text) => reading.text(text.as_bytes(), Setting::Element),
            Piece::Verbatim(section) => reading.text(section.as_bytes(), Setting::Verbatim),
            Piece::Reference(name) => {
                reference.clear();
                reference.push(b'&');
                reference.extend_from_slice(name.as_bytes());
                reference.push(b';');
                reading.text(&reference, Setting::Element)
            }
            Piece::Nothing => Ok(()),
            Piece::End => break None,
        };
        if let Err(halt) = outcome {
            break Some(halt);
        }
    };
    let open = match halt {
        Some(Halt::Error(error)) => return Err(error),
        _ => reading.end()?,
    };
    if let Some(Halt::Flaw(flaw)) = halt {
        stop(reading.scene(), open, flaw)?;
    }
    let told_otherwise = reading.remark();
    let scene = reading.scene();
    scene.people.learn();
    scene.recorder.finish(told_otherwise)?;
    Ok(scene.recorder.read())
}

/// Rejects the record within which a document is at fault, or the place between records.
fn stop(scene: &mut Scene<'_>, open: Option<Place>, flaw: Flaw) -> Result<()> {
    let intake = scene.document.intake();
    let reached = intake.place();
    let (text, raw) = intake.captured();
    let detail = format!(
        "{}; found before line {}, byte {}; nothing behind this place was read",
        flaw.detail, reached.line, reached.byte
    );
    let flaw = Flaw::new(flaw.cause, detail);
    scene.recorder.stop(Refusal { place: open.unwrap_or(intake.marked()), flaw, text, raw })
}

impl Scene<'_> {
    /// Makes the refusal of the record that has just ended.
    pub(super) fn refuse(&self, place: Place, flaw: Flaw) -> Outcome {
        let (text, raw) = self.document.intake().captured();
        Outcome::Refused(Refusal { place, flaw, text, raw })
    }

    /// Returns the flaw of a record that is larger than allowed, if it is; `start` is where its
    /// text begins in the buffer.
    pub(super) fn too_large(&mut self, start: usize) -> Option<Flaw> {
        let size = self.recorder.bytes().len().saturating_sub(start) + self.extras.len();
        (size > self.bounds.record).then(|| {
            Flaw::new(Cause::TooLarge, format!("the record is larger than {} bytes", self.bounds.record))
        })
    }
}
