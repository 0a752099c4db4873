//! Who sent a record: the same few people again and again, so what a tag says is worked out once.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::quality::RandomState;

use super::bounds::Bounds;
use super::decode::{Flaw, decode_attribute};
use super::document::{Halt, Tag};
use super::extras::Extras;
use crate::chat::{Author, Directory, Moment, PersonFacts, PersonKey, PersonKind, SipUri, Text};
use crate::ledger::Cause;

/// A sender as one tag, or one group of elements, describes it.
#[derive(Debug)]
pub(super) struct Sender {
    pub(super) person: PersonKey,
    /// Whether nothing tells its address.
    pub(super) unnamed: bool,
    /// What else is said of it, as pairs for the record.
    pub(super) extras: Box<[u8]>,
    /// Characters that XML 1.0 forbids.
    pub(super) forbidden: u64,
    /// Why a record with this sender cannot be used.
    pub(super) flaw: Option<Flaw>,
    facts: Option<PersonFacts>,
    latest: Option<i64>,
    key: Arc<[u8]>,
}

/// What a source says of a person, before it is known who that is.
#[derive(Debug, Default)]
pub(super) struct Description {
    pub(super) name: Option<Text>,
    pub(super) email: Option<Text>,
    pub(super) uri: Option<Text>,
    pub(super) internal: Option<Text>,
    pub(super) number: Option<Text>,
}

/// The senders of one document.
pub(super) struct People<'a> {
    directory: &'a Directory,
    bounds: Bounds,
    senders: Vec<Sender>,
    by_key: HashMap<Arc<[u8]>, usize, RandomState>,
    last: usize,
    size: usize,
    nobody: Option<PersonKey>,
}

impl<'a> People<'a> {
    /// Begins a document.
    pub(super) fn new(directory: &'a Directory, bounds: Bounds) -> People<'a> {
        People {
            directory,
            bounds,
            senders: Vec::new(),
            by_key: HashMap::default(),
            last: 0,
            size: 0,
            nobody: None,
        }
    }

    /// Returns a sender found since the last search; the first search after it may forget it.
    pub(super) fn get(&self, at: usize) -> Option<&Sender> {
        self.senders.get(at)
    }

    /// Returns the key of a person of whom nothing is known.
    pub(super) fn nobody(&mut self) -> PersonKey {
        *self.nobody.get_or_insert_with(|| self.directory.person(&Author::Unnamed))
    }

    /// Learns that a sender was as described at this time.
    pub(super) fn saw(&mut self, at: usize, moment: Moment) {
        if let Some(sender) = self.senders.get_mut(at) {
            sender.latest = sender.latest.max(Some(moment.ticks.get()));
        }
    }

    /// Finds the sender that a `Sender` tag describes.
    pub(super) fn of_tag(&mut self, tag: &Tag<'_>) -> Result<usize, Halt> {
        match self.find(tag.rest()) {
            Some(at) => Ok(at),
            None => {
                let (description, extras, flaw) = describe(tag)?;
                Ok(self.add(tag.rest(), &description, &extras, flaw))
            }
        }
    }

    /// Finds a sender by the bytes that describe it.
    pub(super) fn find(&mut self, key: &[u8]) -> Option<usize> {
        if self.senders.get(self.last).is_some_and(|sender| *sender.key == *key) {
            return Some(self.last);
        }
        let at = *self.by_key.get(key)?;
        self.last = at;
        Some(at)
    }

    /// Adds a sender that was not found.
    pub(super) fn add(
        &mut self,
        key: &[u8],
        description: &Description,
        extras: &Extras,
        flaw: Option<Flaw>,
    ) -> usize {
        let (senders, size) = self.bounds.remembered;
        if self.senders.len() >= senders || self.size >= size {
            self.learn();
        }
        let facts = description.facts();
        let address = facts.as_ref().and_then(|facts| facts.uri.as_ref()).and_then(SipUri::new);
        let person = match address {
            Some(address) => self.directory.person(&Author::Address(address)),
            None => self.nobody(),
        };
        let sender = Sender {
            person,
            unnamed: facts.is_none(),
            extras: extras.pairs().into(),
            forbidden: extras.forbidden(),
            flaw,
            facts,
            latest: None,
            key: Arc::from(key),
        };
        self.size += 2 * key.len() + sender.extras.len() + size_of::<Sender>();
        self.last = self.senders.len();
        self.by_key.insert(Arc::clone(&sender.key), self.last);
        self.senders.push(sender);
        self.last
    }

    /// Tells the directory what was learnt, and forgets it.
    pub(super) fn learn(&mut self) {
        self.by_key.clear();
        self.size = 0;
        for sender in self.senders.drain(..) {
            if let (Some(facts), Some(at)) = (sender.facts, sender.latest) {
                self.directory.learn_person(sender.person, PersonFacts { at, ..facts });
            }
        }
    }
}

/// Takes a `Sender` tag apart: what is known, what is kept besides, what is wrong.
fn describe(tag: &Tag<'_>) -> Result<(Description, Extras, Option<Flaw>), Halt> {
    let mut description = Description::default();
    let mut extras = Extras::default();
    let mut flaw: Option<Flaw> = None;
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(Halt::bad_xml)?;
        if attribute.is_namespace() {
            continue;
        }
        let outcome = match description.slot(attribute.name) {
            _ if attribute.repeated => Err(Flaw::new(Cause::Malformed, "an attribute is given twice")),
            Some(slot) if slot.is_none() => {
                let mut value = Vec::new();
                decode_attribute(attribute.value, &mut value).map(|forbidden| {
                    extras.add_forbidden(forbidden);
                    *slot = Some(Text::from_known(value));
                })
            }
            _ => extras.push_raw(b"Sender", attribute.name, attribute.value),
        };
        flaw = flaw.or(outcome.err());
    }
    let kept = description.keep_rest(&mut extras);
    Ok((description, extras, flaw.or(kept.err())))
}

/// Tells whether text looks like an address of a person: something, `@`, something, no blanks.
pub(super) fn is_address(text: &Text) -> bool {
    let bytes = text.as_bytes().trim_ascii();
    let at = bytes.iter().position(|&byte| byte == b'@');
    at.is_some_and(|at| at > 0 && at + 1 < bytes.len()) && !bytes.iter().any(u8::is_ascii_whitespace)
}

/// Reads a boolean of XML Schema, in any case.
fn flag(text: &Text) -> Option<bool> {
    let bytes = text.as_bytes().trim_ascii();
    let is = |word: &str| bytes.eq_ignore_ascii_case(word.as_bytes());
    if is("true") || is("1") {
        Some(true)
    } else if is("false") || is("0") {
        Some(false)
    } else {
        None
    }
}

fn filled(text: &Option<Text>) -> Option<&Text> {
    text.as_ref().filter(|text| !text.as_bytes().trim_ascii().is_empty())
}

impl Description {
    /// Returns where the value of an attribute of `Sender` goes; `None` for an unknown one.
    fn slot(&mut self, name: &[u8]) -> Option<&mut Option<Text>> {
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        if is("UserName") {
            Some(&mut self.name)
        } else if is("uri") {
            Some(&mut self.uri)
        } else if is("email") {
            Some(&mut self.email)
        } else if is("internal") {
            Some(&mut self.internal)
        } else if is("id") {
            Some(&mut self.number)
        } else {
            None
        }
    }

    /// Returns what is said of a person, its address first of all; `None` if nothing tells that:
    /// neither the address itself, nor an e-mail address, nor a name that is one.
    fn facts(&self) -> Option<PersonFacts> {
        let addressed = |text: &&Text| is_address(text) && SipUri::new(text).is_some();
        let uri = filled(&self.uri)
            .filter(|uri| SipUri::new(uri).is_some())
            .or_else(|| filled(&self.email).filter(addressed))
            .or_else(|| filled(&self.name).filter(addressed))?;
        let name = filled(&self.name).filter(|name| SipUri::new(name) != SipUri::new(uri));
        let kind = filled(&self.internal).and_then(flag).map(|internal| match internal {
            true => PersonKind::User,
            false => PersonKind::External,
        });
        Some(PersonFacts {
            name: name.cloned(),
            uri: Some(uri.clone()),
            email: filled(&self.email).cloned(),
            kind,
            ..PersonFacts::default()
        })
    }

    /// Keeps for the record what the facts of a person do not hold.
    fn keep_rest(&self, extras: &mut Extras) -> Result<(), Flaw> {
        let unnamed = self.facts().is_none();
        let odd = filled(&self.internal).is_some_and(|internal| flag(internal).is_none());
        let rest = [
            (&b"UserName"[..], &self.name, unnamed),
            (b"id", &self.number, unnamed),
            (b"email", &self.email, unnamed),
            (b"internal", &self.internal, unnamed || odd),
            (b"uri", &self.uri, unnamed),
        ];
        for (name, value, kept) in rest {
            if let (Some(value), true) = (filled(value), kept) {
                extras.push(b"Sender", name, value.as_bytes())?;
            }
        }
        Ok(())
    }
}
