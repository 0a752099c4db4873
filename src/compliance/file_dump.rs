//! `FileDump` documents, which the vendor's sample transform makes of `Conversations`.
//!
//! Element names follow "Customizing the XSLT definition file" (Lync Server 2013). The transform
//! drops ids and exact times, and an error in it leaves `LoginName` empty; reads of the history look
//! like messages.

use super::conversations::{too_long, wrong_root};
use super::decode::{Flaw, Setting, decode_part, join_parts};
use super::document::{Halt, Tag};
use super::extras::Extras;
use super::markup::{is_blank, local, trim};
use super::notes::RecordNotes;
use super::people::{Description, is_address};
use super::reading::{Reading, Scene};
use super::recorder::{Draft, Outcome};
use super::time::loose_moment;
use crate::chat::{Moment, PersonKey, Span, Text};
use crate::ledger::Cause;

/// A known element that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Root,
    Conversation,
    RoomId,
    /// `StartTimeUTC` or `EndTimeUTC`.
    Bound,
    Record,
    Field(Field),
}

/// A known element of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    LoginName,
    DateTimeUtc,
    /// `Content` of a message, `FileName` of a file transfer.
    Text,
    CorporateEmailId,
    InternalFlag,
    ConversationId,
    FileName,
    Status,
}

/// The elements that are records: their event type, if they are no messages.
const RECORDS: [(&str, Option<&str>); 5] = [
    ("Message", None),
    ("ParticipantEntered", Some("JOIN")),
    ("ParticipantLeft", Some("PART")),
    ("FileTransferStarted", Some("FILETRANSFERSTARTED")),
    ("FileTransferEnded", Some("FILETRANSFERENDED")),
];

/// What a record says, while it is being read.
#[derive(Debug)]
struct Building {
    start: usize,
    event: Option<&'static str>,
    text: Option<Span>,
    login: Option<Text>,
    email: Option<Text>,
    internal: Option<Text>,
    moment: Option<Moment>,
    flaw: Option<Flaw>,
    notes: RecordNotes,
}

/// Reads a `FileDump` document.
pub(super) struct FileDump<'a> {
    scene: Scene<'a>,
    levels: Vec<Level>,
    /// Unknown elements open around the current place, outside the records.
    ignored: u64,
    building: Option<Building>,
    /// The text of the open field.
    field: Vec<u8>,
}

impl<'a> FileDump<'a> {
    /// Begins a document.
    pub(super) fn new(scene: Scene<'a>) -> FileDump<'a> {
        FileDump { scene, levels: Vec::new(), ignored: 0, building: None, field: Vec::new() }
    }

    /// Enters an element outside the records; `None` if it is not documented there.
    fn enter(&mut self, tag: &Tag<'_>) -> Result<Option<Level>, Halt> {
        let name = local(tag.name);
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        let notes = &mut self.scene.recorder.notes;
        self.field.clear();
        self.field.shrink_to(1 << 20);
        Ok(Some(match self.levels.last() {
            None if is("FileDump") => {
                notes.attributes(tag, &[])?;
                Level::Root
            }
            None => return Err(wrong_root(tag, "FileDump")),
            Some(Level::Root) if is("Conversation") => {
                notes.attributes(tag, &["Perspective"])?;
                Level::Conversation
            }
            Some(Level::Conversation) if is("RoomID") => {
                notes.attributes(tag, &[])?;
                Level::RoomId
            }
            Some(Level::Conversation) if is("StartTimeUTC") || is("EndTimeUTC") => {
                notes.attributes(tag, &[])?;
                Level::Bound
            }
            Some(Level::Conversation) => match RECORDS.iter().find(|record| is(record.0)) {
                Some(&(_, event)) => {
                    self.begin(tag, event)?;
                    Level::Record
                }
                None => return Ok(None),
            },
            Some(_) => return Ok(None),
        }))
    }

    fn begin(&mut self, tag: &Tag<'_>, event: Option<&'static str>) -> Result<(), Halt> {
        let Scene { document, recorder, extras, .. } = &mut self.scene;
        document.keep(true);
        extras.clear();
        self.building = Some(Building {
            start: recorder.bytes().len(),
            event,
            text: None,
            login: None,
            email: None,
            internal: None,
            moment: None,
            flaw: None,
            notes: RecordNotes::default(),
        });
        self.keep_attributes(tag, b"")
    }

    fn keep_attributes(&mut self, tag: &Tag<'_>, element: &[u8]) -> Result<(), Halt> {
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(Halt::bad_xml)?;
            let outcome = if attribute.repeated {
                Err(Flaw::new(Cause::Malformed, "an attribute is given twice"))
            } else if attribute.is_namespace() {
                Ok(())
            } else {
                self.scene.extras.push_raw(element, attribute.name, attribute.value)
            };
            self.spoil(outcome);
        }
        Ok(())
    }

    /// Notes what makes the open record unusable, or too large; nothing more of it is kept then.
    fn spoil(&mut self, outcome: Result<(), Flaw>) {
        let Some(building) = &mut self.building else { return };
        building.flaw = building.flaw.take().or(outcome.err());
        if building.flaw.is_none() {
            building.flaw = self.scene.too_large(building.start, self.field.len());
        }
        if building.flaw.is_some() {
            self.scene.extras.mute();
            self.field = Vec::new();
        }
    }

    /// Takes an element within a record.
    fn open_part(&mut self, tag: &Tag<'_>, empty: bool) -> Result<(), Halt> {
        let Some(building) = &self.building else { return Ok(()) };
        let extras = &mut self.scene.extras;
        let at_record = !extras.is_inside() && self.levels.last() == Some(&Level::Record);
        if let (true, Some(field)) = (at_record, field_of(local(tag.name), building)) {
            let outcome = extras.end_run(b"text");
            self.field.clear();
            self.spoil(outcome);
            self.keep_attributes(tag, local(tag.name))?;
            self.levels.push(Level::Field(field));
            return if empty { self.close() } else { Ok(()) };
        }
        let flaw = extras.open(tag, empty, b"text")?;
        self.spoil(flaw.map_or(Ok(()), Err));
        Ok(())
    }

    /// Takes the text of a field that has ended.
    fn end_field(&mut self, field: Field) -> Result<(), Flaw> {
        let Some(building) = &mut self.building else { return Ok(()) };
        let Scene { recorder, extras, bounds, .. } = &mut self.scene;
        building.notes.forbidden += join_parts(0, &mut self.field)?;
        if field != Field::Text && self.field.len() > bounds.name {
            return Err(too_long(&String::from_utf8_lossy(field.name()), bounds.name));
        }
        let trimmed = Text::from_known(trim(&self.field));
        match field {
            Field::Text => {
                let bytes = recorder.bytes();
                building.text = Some(Span { start: bytes.len(), length: self.field.len() });
                bytes.extend_from_slice(&self.field);
                return Ok(());
            }
            Field::DateTimeUtc => {
                building.moment = trimmed.as_str().and_then(loose_moment);
                if building.moment.is_none() {
                    let shown: String = trimmed.to_lossy().chars().take(40).collect();
                    return Err(Flaw::new(Cause::BadTime, format!("\"{shown}\" is no time")));
                }
                return Ok(());
            }
            Field::LoginName => {
                building.login = Some(trimmed);
                return Ok(());
            }
            Field::CorporateEmailId => building.email = Some(trimmed.clone()),
            Field::InternalFlag => building.internal = Some(trimmed.clone()),
            Field::ConversationId | Field::FileName | Field::Status => {}
        }
        if trimmed.is_empty() { Ok(()) } else { extras.push(field.name(), b"", trimmed.as_bytes()) }
    }

    fn enter_room(&mut self) -> Result<(), Halt> {
        let recorder = &mut self.scene.recorder;
        let name = match join_parts(0, &mut self.field) {
            Ok(_) if self.field.len() <= self.scene.bounds.name => Text::from_known(trim(&self.field)),
            _ => Text::default(),
        };
        if name.is_empty() || recorder.has_room() {
            recorder.notes.beyond(b"RoomID", name.as_bytes());
            return Ok(());
        }
        let room = recorder.rooms.of_name(name);
        Ok(recorder.enter_room(room)?)
    }

    /// Ends a record.
    fn finish(&mut self) -> Result<(), Halt> {
        let outcome = self.scene.extras.end_run(b"text");
        self.spoil(outcome);
        let Some(building) = self.building.take() else { return Ok(()) };
        let start = building.start;
        let outcome = match self.draft(building) {
            Ok(draft) => Outcome::Usable(draft),
            Err(flaw) => {
                self.scene.recorder.bytes().truncate(start);
                self.scene.refuse(flaw)
            }
        };
        let Scene { document, recorder, .. } = &mut self.scene;
        let intake = document.intake();
        recorder.commit(outcome, intake)?;
        document.keep(false);
        Ok(())
    }

    fn draft(&mut self, mut building: Building) -> Result<Draft, Flaw> {
        if let Some(flaw) = building.flaw.take() {
            return Err(flaw);
        }
        let moment = building.moment.ok_or_else(|| Flaw::new(Cause::BadTime, "the record has no time"))?;
        let person = self.person(&mut building, moment)?;
        let Scene { recorder, extras, .. } = &mut self.scene;
        let bytes = recorder.bytes();
        let mut push = |text: &[u8]| {
            let start = bytes.len();
            bytes.extend_from_slice(text);
            Span { start, length: text.len() }
        };
        let event = building.event.map(|name| push(name.as_bytes()));
        let pairs = (!extras.pairs().is_empty()).then(|| push(extras.pairs()));
        building.notes.forbidden += extras.forbidden();
        Ok(Draft {
            event,
            person,
            moment,
            chat_id: None,
            text: building.text.unwrap_or(Span { start: building.start, length: 0 }),
            extras: pairs,
            notes: building.notes,
        })
    }

    /// Finds whose the record is. A login name that is no address is a name.
    fn person(&mut self, building: &mut Building, moment: Moment) -> Result<PersonKey, Flaw> {
        let Scene { people, extras, .. } = &mut self.scene;
        let parts = [&building.login, &building.email, &building.internal];
        let key = parts.map(|part| part.as_ref().map_or(&b""[..], Text::as_bytes)).join(&0x1F);
        let at = people.find(&key).unwrap_or_else(|| {
            let login = building.login.clone();
            let addressed = login.as_ref().is_some_and(is_address);
            let (uri, name) = if addressed { (login, None) } else { (None, login) };
            let (email, internal) = (building.email.clone(), building.internal.clone());
            let description = Description { name, email, uri, internal, number: None };
            people.add(&key, &description, &Extras::default(), None)
        });
        people.saw(at, moment);
        let Some(sender) = people.get(at) else { return Ok(people.nobody()) };
        let (person, unnamed) = (sender.person, sender.unnamed);
        building.notes.unnamed = unnamed;
        if let Some(login) = building.login.as_ref().filter(|login| unnamed && !login.is_empty()) {
            extras.push(Field::LoginName.name(), b"", login.as_bytes())?;
        }
        Ok(person)
    }
}

impl<'a> Reading<'a> for FileDump<'a> {
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
        if self.building.is_some() && self.scene.extras.is_inside() {
            let outcome = self.scene.extras.close();
            self.spoil(outcome);
            return Ok(());
        }
        match self.levels.pop() {
            Some(Level::Field(field)) => {
                let outcome = self.end_field(field);
                self.field.clear();
                self.spoil(outcome);
                Ok(())
            }
            Some(Level::Record) => self.finish(),
            Some(Level::RoomId) => self.enter_room(),
            Some(Level::Bound) => {
                let moment = std::str::from_utf8(trim(&self.field)).ok().and_then(loose_moment);
                moment.into_iter().for_each(|moment| self.scene.recorder.reach(moment));
                Ok(())
            }
            Some(Level::Conversation) => Ok(self.scene.recorder.leave_room()?),
            _ => Ok(()),
        }
    }

    fn text(&mut self, raw: &[u8], setting: Setting) -> Result<(), Halt> {
        let level = self.levels.last();
        if let Some(building) = &mut self.building {
            let in_field = matches!(level, Some(Level::Field(_))) && !self.scene.extras.is_inside();
            let outcome = if building.flaw.is_some() {
                Ok(())
            } else if in_field {
                decode_part(raw, setting, &mut self.field)
                    .map(|forbidden| building.notes.forbidden += forbidden)
            } else {
                self.scene.extras.text(raw, setting)
            };
            self.spoil(outcome);
        } else if self.ignored > 0 {
        } else if matches!(level, Some(Level::RoomId | Level::Bound)) {
            // What is no text leaves the field without sense, which is noticed at its end.
            let _ = decode_part(raw, setting, &mut self.field);
        } else if !raw.iter().all(|&byte| is_blank(byte)) {
            self.scene.recorder.notes.beyond(b"text", raw);
        }
        Ok(())
    }

    fn end(&mut self) -> crate::Result<()> {
        if let Some(building) = self.building.take() {
            self.scene.recorder.bytes().truncate(building.start);
        }
        self.scene.recorder.leave_room()
    }
}

impl Field {
    /// Returns the element's name as documented.
    fn name(self) -> &'static [u8] {
        match self {
            Field::LoginName => b"LoginName",
            Field::DateTimeUtc => b"DateTimeUTC",
            Field::Text => b"Content",
            Field::CorporateEmailId => b"CorporateEmailID",
            Field::InternalFlag => b"InternalFlag",
            Field::ConversationId => b"ConversationID",
            Field::FileName => b"FileName",
            Field::Status => b"Status",
        }
    }
}

/// Returns the field that an element of a record is; `None` for an unknown one, and for one too many.
fn field_of(name: &[u8], building: &Building) -> Option<Field> {
    let is = |field: Field| name.eq_ignore_ascii_case(field.name());
    let text_free = building.text.is_none();
    if is(Field::Text) && building.event.is_none() && text_free {
        return Some(Field::Text);
    }
    if is(Field::FileName) && building.event.is_some_and(|event| event.starts_with("FILE")) && text_free {
        return Some(Field::Text);
    }
    let free = [
        (Field::LoginName, building.login.is_none()),
        (Field::DateTimeUtc, building.moment.is_none()),
        (Field::CorporateEmailId, building.email.is_none()),
        (Field::InternalFlag, building.internal.is_none()),
        (Field::ConversationId, true),
        (Field::FileName, true),
        (Field::Status, true),
    ];
    free.into_iter().find(|&(field, free)| free && is(field)).map(|(field, _)| field)
}
