//! `Conversations` documents, as XmlAdapter writes them.
//!
//! Element and attribute names follow "Customizing the XSLT definition file" (Lync Server 2013):
//! a `Conversation` is a slice of a room's time, with its `Channel` and `Messages`. Its schema lets
//! elements come in any order, so they may.

use super::decode::{Flaw, Setting, decode_attribute};
use super::document::{Halt, Tag};
use super::markup::{is_blank, local, trim};
use super::notes::RecordNotes;
use super::reading::{Reading, Scene};
use super::recorder::{Draft, Outcome, Waiting};
use super::time::{TimeElement, number};
use crate::chat::{Moment, PersonKey, Span};
use crate::ledger::Cause;

/// A known element that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Root,
    Conversation,
    Messages,
    Record,
    /// `Sender` or `DateTimeUTC` within a record.
    Part,
    /// A known element outside the records in which nothing is expected.
    Leaf,
}

/// What a record says, while it is being read.
#[derive(Debug)]
struct Building {
    /// Whether it is a `FirstMessage`.
    first: bool,
    /// Where its text begins in the buffer.
    start: usize,
    text: Option<Span>,
    type_name: Option<Vec<u8>>,
    chat_id: Option<i64>,
    sender: Option<PersonKey>,
    /// The sender, to be told of the record's time.
    sender_at: usize,
    timed: bool,
    moment: Option<Moment>,
    flaw: Option<Flaw>,
    notes: RecordNotes,
}

impl Building {
    /// Notes the first thing that makes the record unusable.
    fn spoil(&mut self, outcome: Result<(), Flaw>) {
        if let Err(flaw) = outcome {
            self.flaw.get_or_insert(flaw);
        }
    }
}

/// Reads a `Conversations` document.
pub(super) struct Conversations<'a> {
    scene: Scene<'a>,
    levels: Vec<Level>,
    /// Unknown elements open around the current place, outside the records.
    ignored: u64,
    building: Option<Building>,
    /// `Message` elements in this conversation.
    messages: u64,
    /// What `FirstMessage` says, until it is known whether `Messages` is empty.
    firsts: Vec<Waiting>,
    /// What they take besides their text.
    firsts_size: usize,
    /// Where their text begins in the buffer.
    firsts_start: usize,
    /// A buffer for the next type's name.
    spare: Vec<u8>,
}

impl<'a> Conversations<'a> {
    /// Begins a document.
    pub(super) fn new(scene: Scene<'a>) -> Conversations<'a> {
        Conversations {
            scene,
            levels: Vec::new(),
            ignored: 0,
            building: None,
            messages: 0,
            firsts: Vec::new(),
            firsts_size: 0,
            firsts_start: 0,
            spare: Vec::new(),
        }
    }

    /// Enters an element outside the records; `None` if it is not documented there.
    fn enter(&mut self, tag: &Tag<'_>) -> Result<Option<Level>, Halt> {
        let name = local(tag.name);
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        let notes = &mut self.scene.recorder.notes;
        let level = self.levels.last().copied();
        Ok(Some(match level {
            None if is("Conversations") => {
                notes.attributes(tag, &[])?;
                Level::Root
            }
            None => return Err(wrong_root(tag, "Conversations")),
            Some(Level::Root | Level::Conversation | Level::Messages) if is("Message") => {
                self.begin(tag, false)?;
                Level::Record
            }
            Some(Level::Root) if is("Conversation") => {
                notes.attributes(tag, &[])?;
                Level::Conversation
            }
            Some(Level::Conversation) if is("FirstMessage") => {
                self.begin(tag, true)?;
                Level::Record
            }
            Some(Level::Conversation) if is("Messages") => {
                notes.attributes(tag, &[])?;
                Level::Messages
            }
            Some(Level::Conversation) if is("Channel") => {
                self.channel(tag)?;
                Level::Leaf
            }
            Some(Level::Conversation) if is("StartTimeUTC") || is("EndTimeUTC") => {
                notes.attributes(tag, &["since1970", "string", "long"])?;
                self.reach(tag)?;
                Level::Leaf
            }
            // The schema lets these stand anywhere; outside a record they tell nothing.
            Some(Level::Root | Level::Conversation | Level::Messages)
                if is("Sender") || is("DateTimeUTC") =>
            {
                Level::Leaf
            }
            Some(_) => return Ok(None),
        }))
    }

    fn channel(&mut self, tag: &Tag<'_>) -> Result<(), Halt> {
        let recorder = &mut self.scene.recorder;
        let room = match recorder.has_room() || tag.rest().len() > self.scene.bounds.name {
            true => None,
            false => recorder.rooms.of_tag(tag, &mut recorder.notes)?,
        };
        match room {
            Some(room) => recorder.enter_room(room)?,
            // One conversation is of one room; a Channel that is unusable, or one too many, is told.
            None => recorder.notes.beyond(tag.name, tag.rest()),
        }
        Ok(())
    }

    fn reach(&mut self, tag: &Tag<'_>) -> Result<(), Halt> {
        let mut element = TimeElement::default();
        for attribute in tag.attributes() {
            element.take(&attribute.map_err(Halt::bad_xml)?);
        }
        if let Some(moment) = element.told().moment {
            self.scene.recorder.reach(moment);
        }
        Ok(())
    }

    /// Begins a record: `Message` or `FirstMessage`.
    fn begin(&mut self, tag: &Tag<'_>, first: bool) -> Result<(), Halt> {
        if !first && self.messages == 0 && !self.firsts.is_empty() {
            self.firsts.clear();
            self.scene.recorder.bytes().truncate(self.firsts_start);
        }
        self.messages += u64::from(!first);
        let Scene { document, recorder, extras, bounds, .. } = &mut self.scene;
        document.keep(true);
        extras.clear();
        let bytes = recorder.bytes();
        let start = bytes.len();
        let building = self.building.insert(Building {
            first,
            start,
            text: None,
            type_name: None,
            chat_id: None,
            sender: None,
            sender_at: 0,
            timed: false,
            moment: None,
            flaw: None,
            notes: RecordNotes::default(),
        });
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(Halt::bad_xml)?;
            let outcome = if attribute.repeated {
                Err(Flaw::new(Cause::Malformed, "an attribute is given twice"))
            } else if attribute.is("content") && building.text.is_none() {
                decode_attribute(attribute.value, bytes).map(|forbidden| {
                    building.notes.forbidden += forbidden;
                    building.text = Some(Span { start, length: bytes.len() - start });
                })
            } else if attribute.is("type") && attribute.value.len() > bounds.name {
                Err(too_long("type", bounds.name))
            } else if attribute.is("type") && building.type_name.is_none() {
                let mut name = std::mem::take(&mut self.spare);
                name.clear();
                let outcome = decode_attribute(attribute.value, &mut name);
                building.type_name = Some(name);
                outcome.map(|forbidden| building.notes.forbidden += forbidden)
            } else if attribute.is("id") && building.chat_id.is_none() {
                match number(attribute.value) {
                    Some(Some(id)) => {
                        building.chat_id = Some(id);
                        Ok(())
                    }
                    Some(None) => Err(Flaw::new(Cause::BadNumber, "the id is no number of 64 bits")),
                    None => Ok(()),
                }
            } else if attribute.is_namespace() {
                Ok(())
            } else {
                extras.push_raw(b"", attribute.name, attribute.value)
            };
            building.spoil(outcome);
        }
        Ok(())
    }

    /// Takes an element within a record.
    fn open_part(&mut self, tag: &Tag<'_>, empty: bool) -> Result<(), Halt> {
        let Some(building) = &mut self.building else { return Ok(()) };
        let extras = &mut self.scene.extras;
        let name = local(tag.name);
        let at_record = !extras.is_inside() && self.levels.last() == Some(&Level::Record);
        if at_record && name.eq_ignore_ascii_case(b"Sender") && building.sender.is_none() {
            let people = &mut self.scene.people;
            if tag.rest().len() > self.scene.bounds.name {
                tag.check()?;
                building.spoil(Err(too_long("sender", self.scene.bounds.name)));
                if !empty {
                    self.levels.push(Level::Part);
                }
                return Ok(());
            }
            building.sender_at = people.of_tag(tag)?;
            if let Some(sender) = people.get(building.sender_at) {
                building.sender = Some(sender.person);
                building.notes.unnamed = sender.unnamed;
                building.notes.forbidden += sender.forbidden;
                extras.push_made(&sender.extras);
                building.spoil(sender.flaw.clone().map_or(Ok(()), Err));
            }
        } else if at_record && name.eq_ignore_ascii_case(b"DateTimeUTC") && !building.timed {
            self.time(tag)?;
        } else {
            let flaw = extras.open(tag, empty, b"text")?;
            building.spoil(flaw.map_or(Ok(()), Err));
            self.weigh();
            return Ok(());
        }
        if !empty {
            self.levels.push(Level::Part);
        }
        Ok(())
    }

    fn time(&mut self, tag: &Tag<'_>) -> Result<(), Halt> {
        let Some(building) = &mut self.building else { return Ok(()) };
        let Scene { extras, recorder, .. } = &mut self.scene;
        building.timed = true;
        let mut element = TimeElement::default();
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(Halt::bad_xml)?;
            let outcome = if attribute.repeated {
                Err(Flaw::new(Cause::Malformed, "an attribute is given twice"))
            } else if element.take(&attribute) || attribute.is_namespace() {
                Ok(())
            } else {
                extras.push_raw(tag.name, attribute.name, attribute.value)
            };
            building.spoil(outcome);
        }
        let told = element.told();
        building.moment = told.moment;
        if told.moment.is_none() {
            let detail = format!("there is no time in {}", element.shown());
            building.spoil(Err(Flaw::new(Cause::BadTime, detail)));
        } else if told.odd {
            let example = if recorder.notes.wants_odd_time() { element.shown() } else { String::new() };
            building.notes.odd_time = Some(example.into_boxed_str());
        }
        Ok(())
    }

    /// Stops keeping what is unusable or too large.
    fn weigh(&mut self) {
        let Some(building) = &mut self.building else { return };
        if building.flaw.is_none() {
            building.flaw = self.scene.too_large(building.start, 0);
        }
        if building.flaw.is_some() {
            self.scene.extras.mute();
        }
    }

    /// Ends a record: `Message` or `FirstMessage`.
    fn finish(&mut self) -> Result<(), Halt> {
        let Some(mut building) = self.building.take() else { return Ok(()) };
        let (first, start) = (building.first, building.start);
        building.spoil(self.scene.extras.end_run(b"text"));
        let outcome = match self.draft(&mut building) {
            Ok(draft) => Outcome::Usable(draft),
            Err(flaw) => {
                self.scene.recorder.bytes().truncate(start);
                self.scene.refuse(flaw)
            }
        };
        let Scene { document, recorder, bounds, .. } = &mut self.scene;
        let intake = document.intake();
        if !first {
            recorder.commit(outcome, intake)?;
        } else if self.messages == 0 {
            self.firsts_start = if self.firsts.is_empty() { start } else { self.firsts_start };
            let waiting = Waiting::new(outcome, intake);
            self.firsts_size = waiting.size() + if self.firsts.is_empty() { 0 } else { self.firsts_size };
            self.firsts.push(waiting);
            // So many cannot wait. They count now; if messages follow, they are duplicates.
            let size = self.firsts_size + recorder.bytes().len() - self.firsts_start;
            if size > bounds.held || self.firsts.len() > bounds.batch.1 {
                recorder.commit_all(std::mem::take(&mut self.firsts))?;
            }
        } else {
            recorder.bytes().truncate(start);
        }
        document.keep(false);
        if self.levels.last() == Some(&Level::Root) {
            self.leave_conversation()?;
        }
        Ok(())
    }

    /// Makes a draft of what was read, or says why that cannot be.
    fn draft(&mut self, building: &mut Building) -> Result<Draft, Flaw> {
        let type_name = building.type_name.take().unwrap_or_default();
        let outcome = self.draft_of(building, trim(&type_name));
        self.spare = type_name;
        outcome
    }

    fn draft_of(&mut self, building: &mut Building, type_name: &[u8]) -> Result<Draft, Flaw> {
        let &mut Building { start, text, chat_id, sender, sender_at, moment, .. } = building;
        if let Some(flaw) = building.flaw.take().or_else(|| self.scene.too_large(start, 0)) {
            return Err(flaw);
        }
        let mut notes = std::mem::take(&mut building.notes);
        let moment = moment.ok_or_else(|| Flaw::new(Cause::BadTime, "the record has no time"))?;
        if type_name.is_empty() {
            return Err(Flaw::new(Cause::MissingValue, "the record has no type"));
        }
        let Scene { recorder, people, extras, .. } = &mut self.scene;
        let person = match sender {
            Some(person) => {
                people.saw(sender_at, moment);
                person
            }
            None => {
                notes.unnamed = true;
                people.nobody()
            }
        };
        notes.forbidden += extras.forbidden();
        let bytes = recorder.bytes();
        let mut push = |text: &[u8]| {
            let start = bytes.len();
            bytes.extend_from_slice(text);
            Span { start, length: text.len() }
        };
        let is = |known: &str| type_name.eq_ignore_ascii_case(known.as_bytes());
        let event = (!is("CHAT")).then(|| push(type_name));
        let extras = (!extras.pairs().is_empty()).then(|| push(extras.pairs()));
        if let Some(Span { start, length }) = event {
            let known = ["JOIN", "PART", "BACKCHAT", "FILEUPLOAD", "FILEDOWNLOAD"];
            notes.unknown_type = !known.into_iter().any(is);
            bytes[start..start + length].make_ascii_uppercase();
        }
        let text = text.unwrap_or(Span { start, length: 0 });
        let chat_id = chat_id.filter(|&id| id != 0);
        Ok(Draft { event, person, moment, chat_id, text, extras, notes })
    }

    fn leave_conversation(&mut self) -> crate::Result<()> {
        if self.messages == 0 {
            self.scene.recorder.commit_all(std::mem::take(&mut self.firsts))?;
        }
        self.firsts.clear();
        self.messages = 0;
        self.scene.recorder.leave_room()
    }
}

impl<'a> Reading<'a> for Conversations<'a> {
    fn scene(&mut self) -> &mut Scene<'a> {
        &mut self.scene
    }

    fn open(&mut self, tag: &Tag<'_>, empty: bool) -> Result<(), Halt> {
        if self.building.is_some() {
            return self.open_part(tag, empty);
        }
        if self.ignored == 0
            && let Some(level) = self.enter(tag)?
        {
            self.levels.push(level);
            return if empty { self.close() } else { Ok(()) };
        }
        tag.check()?;
        if self.ignored == 0 {
            self.scene.recorder.notes.beyond(tag.name, tag.rest());
        }
        self.ignored += u64::from(!empty);
        Ok(())
    }

    fn close(&mut self) -> Result<(), Halt> {
        if self.ignored > 0 {
            self.ignored -= 1;
            return Ok(());
        }
        if let Some(building) = &mut self.building {
            let extras = &mut self.scene.extras;
            let outcome = if extras.is_inside() {
                Some(extras.close())
            } else if self.levels.last() == Some(&Level::Part) {
                self.levels.pop();
                Some(extras.end_run(b"text"))
            } else {
                None
            };
            if let Some(outcome) = outcome {
                building.spoil(outcome);
                self.weigh();
                return Ok(());
            }
        }
        match self.levels.pop() {
            Some(Level::Record) => self.finish(),
            Some(Level::Conversation) => Ok(self.leave_conversation()?),
            _ => Ok(()),
        }
    }

    fn text(&mut self, raw: &[u8], setting: Setting) -> Result<(), Halt> {
        if let Some(building) = &mut self.building {
            if !self.scene.extras.wants(raw) {
                return Ok(());
            }
            building.spoil(self.scene.extras.text(raw, setting));
            self.weigh();
        } else if self.ignored == 0 && !raw.iter().all(|&byte| is_blank(byte)) {
            self.scene.recorder.notes.beyond(b"text", raw);
        }
        Ok(())
    }

    fn end(&mut self) -> crate::Result<()> {
        if let Some(building) = self.building.take() {
            self.scene.recorder.bytes().truncate(building.start);
        }
        self.leave_conversation()
    }
}

/// Returns why something is not read that people never write so long.
pub(super) fn too_long(what: &str, limit: usize) -> Flaw {
    Flaw::new(Cause::TooLarge, format!("its {what} is larger than {limit} bytes"))
}

/// Returns why a document with this root is not read.
pub(super) fn wrong_root(tag: &Tag<'_>, expected: &str) -> Halt {
    let name: String = String::from_utf8_lossy(tag.name).chars().take(100).collect();
    Halt::Flaw(Flaw::new(Cause::Malformed, format!("the root element is {name}, not {expected}")))
}
