//! A document piece by piece, and the end of it: where it is not well-formed, nothing more is read.
//!
//! The XML parser lets some things pass that XML forbids (a root that is never closed, something
//! behind it, impossible names); they are found here. So is what would need memory without end.

use std::io;

use quick_xml::Reader;
use quick_xml::errors::SyntaxError;
use quick_xml::events::{BytesStart, Event};

use super::bounds::Bounds;
use super::decode::Flaw;
use super::intake::Intake;
use super::markup::{Attributes, is_blank, is_name};
use crate::error::Error;
use crate::ledger::Cause;

/// Why no more of a document is read.
#[derive(Debug)]
pub(super) enum Halt {
    /// The document is at fault; what came before it counts.
    Flaw(Flaw),
    /// The run ends.
    Error(Error),
}

impl Halt {
    /// Makes the flaw of a document that is not well-formed.
    pub(super) fn bad_xml(detail: impl Into<String>) -> Halt {
        Halt::Flaw(Flaw::new(Cause::BadXml, detail))
    }
}

impl From<Error> for Halt {
    fn from(error: Error) -> Halt {
        Halt::Error(error)
    }
}

/// A start tag, still raw.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tag<'a> {
    pub(super) name: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Tag<'a> {
    /// Takes a start tag.
    pub(super) fn new(start: &'a BytesStart<'_>) -> Tag<'a> {
        let whole = start.as_bytes();
        let (name, rest) = whole.split_at(whole.len() - start.attributes_raw().len());
        Tag { name, rest }
    }

    /// Returns all that stands behind the name.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Checks that the attributes are well-formed.
    pub(super) fn check(&self) -> Result<(), Halt> {
        self.attributes().try_for_each(|attribute| attribute.map(drop)).map_err(Halt::bad_xml)
    }

    /// Walks the attributes.
    pub(super) fn attributes(&self) -> Attributes<'a> {
        Attributes::new(self.rest)
    }
}

/// A document being read.
pub(super) struct Document {
    reader: Reader<Intake>,
    bounds: Bounds,
    keeping: bool,
    depth: u64,
    /// Size of the names of all open elements, as [`Bounds::open`] counts it.
    open: usize,
    rooted: bool,
}

impl Document {
    /// Begins to read.
    pub(super) fn new(intake: Intake, bounds: Bounds) -> Document {
        let mut reader = Reader::from_reader(intake);
        let config = reader.config_mut();
        config.check_end_names = true;
        // A lone ampersand spoils one record, not the document.
        config.allow_dangling_amp = true;
        Document { reader, bounds, keeping: false, depth: 0, open: 0, rooted: false }
    }

    /// Keeps the source text from the beginning of the last piece on, or piece by piece again.
    pub(super) fn keep(&mut self, keeping: bool) {
        self.keeping = keeping;
    }

    /// Returns the intake: places, and the source text of what is being read.
    pub(super) fn intake(&self) -> &Intake {
        self.reader.get_ref()
    }

    /// Reads the next piece into a buffer, which it borrows: an event of the parser, found to be in
    /// its place. Outside the root element there is no text but white space.
    pub(super) fn next<'b>(&mut self, buffer: &'b mut Vec<u8>) -> Result<Event<'b>, Halt> {
        if buffer.capacity() > 1 << 22 {
            *buffer = Vec::new();
        }
        buffer.clear();
        let intake = self.reader.get_mut();
        if !self.keeping {
            intake.mark();
        }
        intake.begin_piece();
        let event = match self.reader.read_event_into(buffer) {
            Ok(event) => event,
            Err(error) => return Err(self.explain(error)),
        };
        match &event {
            Event::Start(start) => {
                self.enter(start)?;
                self.depth += 1;
                self.open += start.name().as_ref().len() + 8;
                if self.open > self.bounds.open {
                    return Err(Halt::Flaw(Flaw::new(
                        Cause::TooLarge,
                        "elements lie too deep in one another",
                    )));
                }
            }
            Event::Empty(start) => self.enter(start)?,
            Event::End(end) => {
                self.depth = self.depth.saturating_sub(1);
                self.open = self.open.saturating_sub(end.name().as_ref().len() + 8);
            }
            Event::Text(text) if self.depth > 0 || text.bytes().all(is_blank) => {}
            Event::CData(_) | Event::GeneralRef(_) if self.depth > 0 => {}
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => {
                return Err(Halt::bad_xml("there is text outside the root element"));
            }
            Event::DocType(_) => return Err(Halt::Flaw(doctype())),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof if self.depth > 0 || !self.rooted => {
                return Err(truncated("its root element is not closed"));
            }
            Event::Eof => {}
        }
        Ok(event)
    }

    /// Checks an element's name and that it has a right to be here.
    fn enter(&mut self, start: &BytesStart<'_>) -> Result<(), Halt> {
        if !is_name(start.name().as_ref().as_bytes()) {
            return Err(Halt::bad_xml("an element has no name that XML allows"));
        }
        if self.depth == 0 && std::mem::replace(&mut self.rooted, true) {
            return Err(Halt::bad_xml("there is a second root element"));
        }
        Ok(())
    }

    fn explain(&self, error: quick_xml::Error) -> Halt {
        match error {
            quick_xml::Error::Io(_) if self.intake().is_exhausted() => {
                Halt::Flaw(Flaw::new(Cause::TooLarge, "a tag or text has no end within the limit"))
            }
            quick_xml::Error::Io(cause) => broken(&cause),
            quick_xml::Error::Syntax(SyntaxError::UnclosedDoctype) => Halt::Flaw(doctype()),
            quick_xml::Error::Syntax(
                what @ (SyntaxError::UnclosedTag
                | SyntaxError::UnclosedSingleQuotedAttributeValue
                | SyntaxError::UnclosedDoubleQuotedAttributeValue),
            ) if self.intake().overran() => Halt::bad_xml(what.to_string()),
            quick_xml::Error::Syntax(what) if self.intake().is_ended() => truncated(&what.to_string()),
            other => Halt::bad_xml(other.to_string()),
        }
    }
}

fn truncated(what: &str) -> Halt {
    Halt::Flaw(Flaw::new(Cause::Truncated, format!("the document ends too early: {what}")))
}

/// Makes the flaw of a document with a document type definition.
pub(super) fn doctype() -> Flaw {
    Flaw::new(Cause::Doctype, "there is a document type definition, which is never read")
}

/// Tells damage of what holds the document from a failure to read at all.
fn broken(cause: &io::Error) -> Halt {
    match cause.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
            Halt::Flaw(Flaw::new(Cause::DamagedContainer, format!("no more could be decompressed: {cause}")))
        }
        kind => Halt::Error(Error::read("a compliance document", io::Error::new(kind, cause.to_string()))),
    }
}
