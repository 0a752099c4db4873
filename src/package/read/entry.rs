//! One message or event of a document, with buffers that serve the next one again.

use std::io::Read;

use super::value::{self, NAMESPACE, UTF16_BASE64};
use super::xml::{Broken, Elements, Piece, Tag};
use crate::chat::Guid;
use crate::ledger::Cause;

/// What a record is called, and which elements hold its text.
pub(super) struct Shape {
    pub(super) root: &'static str,
    pub(super) element: &'static str,
    /// Elements below it that hold text; none where the record holds it itself.
    pub(super) text: Option<&'static str>,
    pub(super) rtf: Option<&'static str>,
}

/// `Message` elements of `Content`.
pub(super) const MESSAGES: Shape =
    Shape { root: "Content", element: "Message", text: Some("Text"), rtf: Some("Rtf") };
/// `Event` elements of `Compliance`.
pub(super) const EVENTS: Shape = Shape { root: "Compliance", element: "Event", text: None, rtf: None };

/// A record as it stands in its document.
#[derive(Debug, Default)]
pub(super) struct Entry {
    /// Its start tag.
    pub(super) tag: Tag,
    /// Its text as generalized UTF-8.
    pub(super) text: Vec<u8>,
    /// Its RTF copy, if [`Entry::has_rtf`].
    pub(super) rtf: Vec<u8>,
    pub(super) has_rtf: bool,
    has_text: bool,
    /// Whether reading broke off within it.
    pub(super) open: bool,
    /// The first thing that makes it unusable.
    pub(super) fault: Option<(Cause, String)>,
    encoded: String,
}

/// Where character data goes, and how it is written.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Slot {
    Nowhere,
    Text { encoded: bool },
    Rtf { encoded: bool },
}

impl Entry {
    fn begin(&mut self) {
        self.text.clear();
        self.rtf.clear();
        self.encoded.clear();
        self.has_rtf = false;
        self.has_text = false;
        self.open = true;
        self.fault = None;
    }

    /// Notes what makes the record unusable, unless something did before.
    pub(super) fn blame(&mut self, cause: Cause, detail: impl Into<String>) {
        self.fault.get_or_insert_with(|| (cause, detail.into()));
    }

    /// Tells whether an element's text is written as base64 of UTF-16.
    fn is_encoded(&mut self, encoding: Option<&str>) -> bool {
        if encoding.is_some_and(|name| name != UTF16_BASE64) {
            self.blame(Cause::BadEncoding, "text in an encoding that is unknown");
        }
        encoding == Some(UTF16_BASE64)
    }

    /// Chooses where the text of an element within the record goes.
    fn slot(&mut self, shape: &Shape, tag: &Tag) -> Slot {
        let (text, rtf) = (shape.text == Some(tag.name()), shape.rtf == Some(tag.name()));
        if !text && !rtf {
            return Slot::Nowhere;
        }
        let encoded = self.is_encoded(tag.get("encoding"));
        let seen = if text { &mut self.has_text } else { &mut self.has_rtf };
        if std::mem::replace(seen, true) {
            self.blame(Cause::Malformed, format!("two elements {}", tag.name()));
        }
        if text { Slot::Text { encoded } } else { Slot::Rtf { encoded } }
    }

    fn take(&mut self, slot: Slot, text: &str) {
        match slot {
            Slot::Nowhere => {}
            Slot::Text { encoded: false } => self.text.extend_from_slice(text.as_bytes()),
            Slot::Rtf { encoded: false } => self.rtf.extend_from_slice(text.as_bytes()),
            _ => self.encoded.push_str(text),
        }
    }

    fn finish(&mut self, slot: Slot) {
        let out = match slot {
            Slot::Text { encoded: true } => &mut self.text,
            Slot::Rtf { encoded: true } => &mut self.rtf,
            _ => return,
        };
        let outcome = value::append_utf16(out, &self.encoded);
        self.encoded.clear();
        if let Err(why) = outcome {
            self.blame(Cause::BadEncoding, why);
        }
    }
}

/// Reads the root's start tag and returns the room it names.
pub(super) fn begin<R: Read>(elements: &mut Elements<R>, shape: &Shape) -> Result<Guid, Broken> {
    let malformed = |detail: String| Broken::new(Cause::Malformed, detail);
    match elements.next()? {
        Some(Piece::Start(tag)) if tag.name() == shape.root && tag.get("xmlns") == Some(NAMESPACE) => tag
            .get("Room")
            .and_then(value::guid)
            .ok_or_else(|| malformed(format!("{} names no room", shape.root))),
        _ => Err(malformed(format!("its root is not `{}` of {NAMESPACE}", shape.root))),
    }
}

/// Reads the next record of a document; `false` behind the last one of a sound document.
pub(super) fn next<R: Read>(
    elements: &mut Elements<R>,
    shape: &Shape,
    entry: &mut Entry,
) -> Result<bool, Broken> {
    entry.open = false;
    loop {
        let depth = elements.depth();
        match elements.next()? {
            None => return Ok(false),
            Some(Piece::Start(tag)) if depth == 1 && tag.name() == shape.element => break,
            // What later versions may add is no record and is passed over.
            Some(_) => {}
        }
    }
    entry.begin();
    elements.swap_tag(&mut entry.tag);
    let mut own = Slot::Nowhere;
    if shape.text.is_none() {
        entry.has_text = true;
        let encoding = entry.tag.get("encoding").map(str::to_owned);
        own = Slot::Text { encoded: entry.is_encoded(encoding.as_deref()) };
    }
    read_texts(elements, shape, entry, own)?;
    if !entry.has_text {
        entry.blame(Cause::MissingValue, "no text");
    }
    entry.open = false;
    Ok(true)
}

/// Reads a record from behind its start tag to behind its end tag.
fn read_texts<R: Read>(
    elements: &mut Elements<R>,
    shape: &Shape,
    entry: &mut Entry,
    own: Slot,
) -> Result<(), Broken> {
    let mut child = Slot::Nowhere;
    loop {
        let depth = elements.depth();
        match elements.next()? {
            Some(Piece::Start(tag)) if depth == 2 => child = entry.slot(shape, tag),
            Some(Piece::Start(_)) => {}
            Some(Piece::Text(text)) => {
                let slot = match depth {
                    2 => own,
                    3 => child,
                    _ => Slot::Nowhere,
                };
                entry.take(slot, text);
            }
            Some(Piece::End) if depth == 3 => entry.finish(child),
            Some(Piece::End) if depth > 3 => {}
            Some(Piece::End) | None => {
                entry.finish(own);
                return Ok(());
            }
        }
    }
}
