//! What a document says beyond what is known of its format: kept as `name="value"` pairs.
//!
//! An attribute of an unknown element is called `element.attribute`, its text `element`. Elements
//! may lie in one another without end, so each is called by its own name alone.

use super::charset::ESCAPE;
use super::decode::{Flaw, Setting, decode_attribute, decode_part, join_parts, push_quoted};
use super::document::{Halt, Tag};
use super::markup::is_blank;
use crate::ledger::Cause;

/// Bytes of pairs that are kept with one record.
const LIMIT: usize = 4 << 20;

/// Pairs being collected for one record, and the unknown elements open at the moment.
#[derive(Debug, Default)]
pub(super) struct Extras {
    pairs: Vec<u8>,
    /// Text since the last tag.
    run: Vec<u8>,
    names: Vec<u8>,
    starts: Vec<usize>,
    scratch: Vec<u8>,
    forbidden: u64,
    muted: bool,
}

impl Extras {
    /// Forgets everything and begins anew.
    pub(super) fn clear(&mut self) {
        self.pairs.clear();
        self.run.clear();
        self.names.clear();
        self.starts.clear();
        self.forbidden = 0;
        self.muted = false;
        self.pairs.shrink_to(1 << 20);
        self.run.shrink_to(1 << 20);
    }

    /// Keeps nothing more until cleared: the record cannot be used.
    pub(super) fn mute(&mut self) {
        self.muted = true;
        self.pairs.clear();
        self.run.clear();
    }

    /// Returns the pairs, separated by one blank each.
    pub(super) fn pairs(&self) -> &[u8] {
        &self.pairs
    }

    /// Returns how many characters in them XML 1.0 forbids.
    pub(super) fn forbidden(&self) -> u64 {
        self.forbidden
    }

    /// Counts characters found elsewhere in the record.
    pub(super) fn add_forbidden(&mut self, count: u64) {
        self.forbidden += count;
    }

    /// Returns the number of bytes held.
    pub(super) fn len(&self) -> usize {
        self.pairs.len() + self.run.len()
    }

    /// Tells whether an unknown element is open.
    pub(super) fn is_inside(&self) -> bool {
        !self.starts.is_empty()
    }

    /// Adds pairs made before.
    pub(super) fn push_made(&mut self, pairs: &[u8]) {
        if !pairs.is_empty() {
            self.separate();
            self.pairs.extend_from_slice(pairs);
        }
    }

    /// Adds a raw attribute of an element; that of the record itself has no name.
    pub(super) fn push_raw(&mut self, element: &[u8], name: &[u8], raw: &[u8]) -> Result<(), Flaw> {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        let outcome = decode_attribute(raw, &mut scratch)
            .map(|forbidden| self.forbidden += forbidden)
            .and_then(|()| self.push(element, name, &scratch));
        self.scratch = scratch;
        self.scratch.clear();
        self.scratch.shrink_to(1 << 20);
        outcome
    }

    /// Adds a pair.
    pub(super) fn push(&mut self, element: &[u8], name: &[u8], value: &[u8]) -> Result<(), Flaw> {
        if [element, name].iter().any(|part| memchr::memmem::find(part, ESCAPE).is_some()) {
            return Err(Flaw::new(Cause::BadEncoding, "a name is no text in the document's encoding"));
        }
        if self.muted {
            return Ok(());
        }
        self.separate();
        self.pairs.extend_from_slice(element);
        if !element.is_empty() && !name.is_empty() {
            self.pairs.push(b'.');
        }
        self.pairs.extend_from_slice(name);
        self.pairs.extend_from_slice(b"=\"");
        if value.len() > LIMIT || self.pairs.len() > LIMIT {
            self.mute();
            let detail = format!("what it says beyond the format is larger than {LIMIT} bytes");
            return Err(Flaw::new(Cause::TooLarge, detail));
        }
        push_quoted(&mut self.pairs, value);
        self.pairs.push(b'"');
        Ok(())
    }

    /// Enters an unknown element; one without anything in it is entered and left.
    pub(super) fn open(&mut self, tag: &Tag<'_>, empty: bool, around: &[u8]) -> Result<Option<Flaw>, Halt> {
        let mut flaw = self.end_run(around).err();
        let mut bare = true;
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(Halt::bad_xml)?;
            if attribute.is_namespace() {
                continue;
            }
            bare = false;
            let pushed = self.push_raw(tag.name, attribute.name, attribute.value);
            flaw = flaw.or(pushed.err());
        }
        if empty && bare {
            flaw = flaw.or(self.push(tag.name, b"", b"").err());
        }
        if !empty {
            self.starts.push(self.names.len());
            self.names.extend_from_slice(tag.name);
        }
        Ok(flaw)
    }

    /// Leaves the innermost unknown element.
    pub(super) fn close(&mut self) -> Result<(), Flaw> {
        let outcome = self.end_run(b"");
        if let Some(start) = self.starts.pop() {
            self.names.truncate(start);
        }
        outcome
    }

    /// Tells whether text between tags matters: white space alone does not.
    pub(super) fn wants(&self, raw: &[u8]) -> bool {
        !self.muted && (!self.run.is_empty() || !raw.iter().all(|&byte| is_blank(byte)))
    }

    /// Adds text between tags.
    pub(super) fn text(&mut self, raw: &[u8], setting: Setting) -> Result<(), Flaw> {
        if !self.wants(raw) {
            return Ok(());
        }
        self.forbidden += decode_part(raw, setting, &mut self.run)?;
        Ok(())
    }

    /// Ends the text since the last tag: it belongs to the innermost unknown element, else to the
    /// known one `around`.
    pub(super) fn end_run(&mut self, around: &[u8]) -> Result<(), Flaw> {
        if self.run.is_empty() {
            return Ok(());
        }
        let mut run = std::mem::take(&mut self.run);
        let start = self.starts.last().copied();
        let name = start.and_then(|start| self.names.get(start..)).map(<[u8]>::to_vec);
        let outcome = match run.iter().all(|&byte| is_blank(byte)) {
            true => Ok(()),
            false => join_parts(0, &mut run).and_then(|lone| {
                self.forbidden += lone;
                self.push(name.as_deref().unwrap_or(around), b"", &run)
            }),
        };
        self.run = run;
        self.run.clear();
        outcome
    }

    fn separate(&mut self) {
        if !self.pairs.is_empty() {
            self.pairs.push(b' ');
        }
    }
}
