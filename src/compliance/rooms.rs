//! Which room a conversation is of: the same few rooms again and again, so what a tag says is worked
//! out once.

use std::collections::HashMap;

use super::bounds::Bounds;
use super::decode::{Flaw, decode_attribute};
use super::document::{Halt, Tag};
use super::notes::Notes;
use crate::chat::{Directory, Form, Numbering, RoomFacts, RoomKey, RoomUri, Text};
use crate::ledger::Cause;

/// The attributes of a `Channel` that are documented.
const KNOWN: [&str; 3] = ["uri", "name", "islogged"];

/// What a `Channel` tag says.
#[derive(Debug, Default)]
struct Channel {
    uri: Option<Text>,
    name: Option<Text>,
    logged: Option<Text>,
}

impl Channel {
    /// Reads a tag. Attributes that are not documented are noted.
    fn new(tag: &Tag<'_>, notes: &mut Notes) -> Result<Result<Channel, Flaw>, Halt> {
        notes.attributes(tag, &KNOWN)?;
        let mut channel = Channel::default();
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(Halt::bad_xml)?;
            let slot = if attribute.is("uri") {
                &mut channel.uri
            } else if attribute.is("name") {
                &mut channel.name
            } else if attribute.is("islogged") {
                &mut channel.logged
            } else {
                continue;
            };
            if attribute.repeated {
                return Ok(Err(Flaw::new(Cause::Malformed, "an attribute is given twice")));
            }
            if slot.is_none() {
                let mut value = Vec::new();
                match decode_attribute(attribute.value, &mut value) {
                    Ok(_) => *slot = Some(Text::from_known(value)),
                    Err(flaw) => return Ok(Err(flaw)),
                }
            }
        }
        Ok(Ok(channel))
    }

    /// Returns the room's address and what is said of it; `None` without address and name.
    fn room(self) -> Option<(RoomUri, RoomFacts)> {
        let filled = |text: Option<Text>| text.filter(|text| !text.as_bytes().trim_ascii().is_empty());
        let (uri, name) = (filled(self.uri), filled(self.name));
        let address = RoomUri::new(uri.as_ref().or(name.as_ref())?);
        let named = name.as_ref().is_some_and(|name| {
            let same = uri.as_ref().is_some_and(|uri| RoomUri::new(uri) == RoomUri::new(name));
            !same && !is_room_address(name)
        });
        let facts = RoomFacts { named, name, uri, logged: self.logged, ..RoomFacts::default() };
        Some((address, facts))
    }
}

/// Tells whether text is a room's address rather than its name.
fn is_room_address(text: &Text) -> bool {
    let start = text.as_bytes().trim_ascii().get(..10);
    start.is_some_and(|start| start.eq_ignore_ascii_case(b"ma-chan://"))
}

/// A room of a document.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) key: RoomKey,
    /// The family of chat ids in it.
    pub(super) numbering: Numbering,
    facts: RoomFacts,
    latest: i64,
}

/// The rooms of one document.
pub(super) struct Rooms<'a> {
    directory: &'a Directory,
    form: Form,
    bounds: Bounds,
    rooms: Vec<Room>,
    by_key: HashMap<Box<[u8]>, usize>,
    size: usize,
}

impl<'a> Rooms<'a> {
    /// Begins a document.
    pub(super) fn new(directory: &'a Directory, form: Form, bounds: Bounds) -> Rooms<'a> {
        Rooms { directory, form, bounds, rooms: Vec::new(), by_key: HashMap::new(), size: 0 }
    }

    /// Returns a room found since the last search; the first search after it may forget it.
    pub(super) fn get(&self, at: usize) -> Option<&Room> {
        self.rooms.get(at)
    }

    /// Learns that a room was as described at this time, in ticks.
    pub(super) fn saw(&mut self, at: usize, ticks: i64) {
        if let Some(room) = self.rooms.get_mut(at) {
            room.latest = room.latest.max(ticks);
        }
    }

    /// Finds the room that a `Channel` tag describes; `None` if it describes none. Attributes that
    /// are not documented are noted.
    pub(super) fn of_tag(&mut self, tag: &Tag<'_>, notes: &mut Notes) -> Result<Option<usize>, Halt> {
        if let Some(&at) = self.by_key.get(tag.rest()) {
            notes.attributes(tag, &KNOWN)?;
            return Ok(Some(at));
        }
        let channel = Channel::new(tag, notes)?;
        let room = channel.ok().and_then(Channel::room);
        Ok(room.map(|(address, facts)| self.add(tag.rest(), &address, facts)))
    }

    /// Finds the room that a `FileDump` document calls by this name, which may be its address.
    pub(super) fn of_name(&mut self, name: Text) -> usize {
        if let Some(&at) = self.by_key.get(name.as_bytes()) {
            return at;
        }
        let is_address = is_room_address(&name);
        let facts = RoomFacts {
            named: !is_address,
            uri: is_address.then(|| name.clone()),
            name: Some(name.clone()),
            ..RoomFacts::default()
        };
        self.add(name.as_bytes(), &RoomUri::new(&name), facts)
    }

    fn add(&mut self, key: &[u8], address: &RoomUri, mut facts: RoomFacts) -> usize {
        let (rooms, size) = self.bounds.remembered;
        if self.rooms.len() >= rooms || self.size >= size {
            self.learn();
        }
        let (guid, known) = address.guid();
        facts.guid_known = known;
        let numbering = match self.form {
            Form::Compliance => Numbering::Domain(self.directory.domain(&address.domain)),
            _ => Numbering::Document,
        };
        let at = self.rooms.len();
        self.rooms.push(Room { key: self.directory.room(guid), numbering, facts, latest: 0 });
        self.by_key.insert(key.into(), at);
        self.size += 3 * key.len() + size_of::<Room>();
        at
    }

    /// Tells the directory what was learnt, and forgets it.
    pub(super) fn learn(&mut self) {
        self.by_key.clear();
        self.size = 0;
        for room in self.rooms.drain(..) {
            self.directory.learn_room(room.key, RoomFacts { at: room.latest, ..room.facts });
        }
    }
}
