//! A small archive, made by hand, with everything in it that is hard to carry.

use std::fs;
use std::path::{Path, PathBuf};

use crate::chat::*;
use crate::error::Result;
// Two enums are called `Level`: that of packages is meant where nothing else is said.
use crate::ledger::{self, Control, *};
use crate::migrate::{Category, NameKind, NameRow, Plan, PlannedPerson, Privacy, RoleHolder, Room};
use crate::package::{Level, *};
use crate::spill::Scratch;

/// A room with this number.
pub fn guid(number: u128) -> Guid {
    Guid::from_u128(number)
}

pub fn id(number: u8) -> MessageId {
    MessageId([number; 16])
}

pub fn source(stream: u32, record: u64) -> Source {
    Source { stream, record }
}

pub fn moment(text: &str) -> Moment {
    Moment::exact(Ticks::parse_iso(text).unwrap())
}

pub fn person(number: u128, uri: Option<&str>, kind: PersonKind) -> PlannedPerson {
    PlannedPerson {
        guid: guid(number),
        uri: uri.map(Text::from),
        source_uri: uri.map(Text::from),
        name: Some(Text::from("Ann \"A\" <Ann> & Co")),
        kind,
        disabled: 0,
        email: None,
        company: None,
        directory_path: None,
        user_principal_name: None,
        new_guid: None,
        new_user_principal_name: None,
        origin: None,
    }
}

/// A message with its text.
#[derive(Clone)]
pub struct Said {
    pub id: MessageId,
    pub chat_id: Option<i64>,
    pub moment: Moment,
    pub author: usize,
    pub alert: Option<bool>,
    pub text: &'static [u8],
    pub rtf: Option<&'static [u8]>,
    pub extras: Option<&'static [u8]>,
    pub conflicts: Vec<MessageId>,
    pub source: Source,
}

/// An event with its text.
#[derive(Clone)]
pub struct Happened {
    pub type_name: &'static [u8],
    pub moment: Moment,
    pub person: usize,
    pub chat_id: Option<i64>,
    pub content: &'static [u8],
    pub extras: Option<&'static [u8]>,
    pub source: Source,
}

/// What was said and what happened in a room.
#[derive(Clone)]
pub struct History {
    pub room: Guid,
    pub messages: Vec<Said>,
    pub events: Vec<Happened>,
}

pub fn message(number: u8, text: &'static [u8]) -> Said {
    Said {
        id: id(number),
        chat_id: Some(4710 + i64::from(number)),
        moment: moment("2008-03-12T19:56:40.522264Z"),
        author: 0,
        alert: Some(false),
        text,
        rtf: None,
        extras: None,
        conflicts: Vec::new(),
        source: source(1, u64::from(number)),
    }
}

pub fn event(record: u64, type_name: &'static [u8], content: &'static [u8]) -> Happened {
    Happened {
        type_name,
        moment: moment("2010-01-01T00:00:00Z"),
        person: 1,
        chat_id: None,
        content,
        extras: None,
        source: source(2, record),
    }
}

/// A piece of histories, growing.
#[derive(Default)]
struct Growing(Piece);

impl Growing {
    fn span(&mut self, text: &[u8]) -> Span {
        let start = self.0.bytes.len();
        self.0.bytes.extend_from_slice(text);
        Span { start, length: text.len() }
    }

    fn room(&mut self, room: Guid) -> &mut RoomHistory {
        if self.0.rooms.last().is_none_or(|last| last.room != room) {
            self.0.rooms.push(RoomHistory { room, ..RoomHistory::default() });
        }
        self.0.rooms.last_mut().unwrap()
    }

    fn say(&mut self, room: Guid, said: &Said) {
        let message = Message {
            id: said.id,
            chat_id: said.chat_id,
            moment: said.moment,
            author: said.author,
            alert: said.alert,
            text: self.span(said.text),
            rtf: said.rtf.map(|text| self.span(text)),
            extras: said.extras.map(|text| self.span(text)),
            conflicts: said.conflicts.clone(),
            source: said.source,
        };
        self.room(room).messages.push(message);
    }

    fn happen(&mut self, room: Guid, happened: &Happened) {
        let event = Event {
            type_name: self.span(happened.type_name),
            moment: happened.moment,
            person: happened.person,
            chat_id: happened.chat_id,
            content: self.span(happened.content),
            extras: happened.extras.map(|text| self.span(text)),
            source: happened.source,
        };
        self.room(room).events.push(event);
    }
}

/// Puts histories into pieces of so many records: first all messages, then all events.
pub fn pieces(histories: &[History], records: usize) -> Vec<Piece> {
    let mut made = vec![Growing::default()];
    let mut count = 0;
    let mut next = |made: &mut Vec<Growing>| {
        if count > 0 && count % records == 0 {
            made.push(Growing::default());
        }
        count += 1;
    };
    for history in histories {
        for said in &history.messages {
            next(&mut made);
            made.last_mut().unwrap().say(history.room, said);
        }
    }
    for history in histories {
        for happened in &history.events {
            next(&mut made);
            let piece = made.last_mut().unwrap();
            // Rooms of one piece begin anew with the events.
            if piece.0.rooms.last().is_some_and(|last| !last.messages.is_empty() && last.room != history.room)
            {
                piece.0.rooms.push(RoomHistory { room: history.room, ..RoomHistory::default() });
            }
            piece.happen(history.room, happened);
        }
    }
    made.into_iter().map(|growing| growing.0).collect()
}

pub fn room(number: u128, name: &str) -> Room {
    Room {
        guid: guid(number),
        name: Text::from(name),
        category: guid(0xCA),
        description: Text::from("d"),
        topic: None,
        privacy: Privacy::Secret,
        auditorium: false,
        invitations_inherited: true,
        disabled: false,
        add_in: None,
        members: Vec::new(),
        managers: Vec::new(),
        presenters: Vec::new(),
        last_chat_id: None,
        uri: None,
        origin: None,
    }
}

pub fn holder(person: usize) -> RoleHolder {
    RoleHolder { person, outside_scope: false }
}

pub struct Archive {
    pub plan: Plan,
    pub read: Vec<u64>,
    pub written: Vec<Source>,
    pub filtered: Vec<Filtered>,
    pub histories: Vec<History>,
    /// Records of one piece.
    pub records: usize,
    pub level: Level,
    pub tables: Vec<(u32, &'static str, &'static [u8])>,
}

impl Archive {
    /// Two rooms, four people, three messages, two events, and one record of every other outcome.
    pub fn new() -> Archive {
        let filtered = |record| Filtered { source: source(2, record), reason: "since" };
        Archive {
            plan: plan(),
            read: vec![5, 5],
            written: vec![source(1, 1), source(1, 2), source(1, 3), source(2, 1), source(2, 2)],
            filtered: vec![filtered(4), filtered(5)],
            histories: histories(),
            records: usize::MAX,
            level: Level::All,
            tables: vec![(2, "tblNode", b"nodeID\n1\n"), (1, "../x", b"a\n"), (1, "..\\X", b"b\n")],
        }
    }

    fn ledger(&self) -> Ledger {
        let rejected = Rejected {
            source: source(1, 5),
            line: 7,
            byte: 99,
            cause: Cause::BadNumber,
            detail: "the field \"chatId\" is no number,\nbut a word".into(),
            text: Text::from_units([0x41, 0xD800]),
            raw: None,
        };
        let streams = [("a.bak#dbo.tblChat", "tblChat"), ("b, \"c\".xml", "Conversations")];
        let stream = |(name, format): (&str, &str)| Stream {
            name: name.into(),
            digest: Digest::of(name.as_bytes()),
            size: 10,
            format: format.into(),
        };
        let inputs = Inputs {
            streams: streams.map(stream).to_vec(),
            read: self.read.clone(),
            controls: vec![Control { stream: 1, engine_rows: 6, rows: 5 }],
            rejected: Some(RejectedRows::of(&[rejected]).unwrap()),
        };
        let scratch = std::sync::Arc::new(Scratch::new(std::env::temp_dir()));
        let mut ledger = OpenLedger::open(inputs, &scratch, 1 << 10).unwrap();
        self.written.iter().for_each(|&source| ledger.written(source));
        self.filtered.iter().for_each(|&filtered| ledger.filtered(filtered));
        let duplicate = |of, kept, kept_source, rule| Duplicate { source: of, kept, kept_source, rule };
        ledger.duplicate(&duplicate(source(1, 4), Some(id(1)), source(1, 1), Rule::SameId)).unwrap();
        ledger.duplicate(&duplicate(source(2, 3), None, source(2, 1), Rule::SameEvent)).unwrap();
        ledger.conflict(id(1), id(2)).unwrap();
        ledger.balance().unwrap()
    }

    /// Writes the archive, or tells what would be written.
    pub fn make(&self, output: Option<&Path>, options: &Options, progress: Progress<'_>) -> Result<Sealed> {
        let carry = |&(stream, table, bytes): &(u32, &str, &'static [u8])| SourceTable {
            stream,
            table: table.into(),
            write: Box::new(move |out| {
                out.write_all(bytes).map_err(|cause| crate::Error::write("a table", cause))?;
                Ok(bytes.iter().filter(|&&byte| byte == b'\n').count() as u64)
            }),
        };
        let mut writer = Writer::begin(output, self.level, options, progress)?;
        if self.level.has_content() {
            pieces(&self.histories, self.records).into_iter().try_for_each(|piece| writer.take(piece))?;
        }
        writer.finish(Contents {
            plan: &self.plan,
            findings: &self.plan.findings,
            ledger: &self.ledger(),
            tables: self.tables.iter().map(carry).collect(),
            files: None,
            told: vec![("separator".into(), "_".into())],
        })
    }

    pub fn write(&self, target: &Path, options: &Options) -> Result<Sealed> {
        self.make(Some(target), options, &|_| Ok(()))
    }

    /// Writes the archive into a folder and returns the files by name.
    pub fn written(&self) -> Written {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out");
        self.write(&target, &Options::default()).unwrap();
        Written { root: target, _folder: folder }
    }
}

/// A package in a folder that goes away with it.
pub struct Written {
    pub root: PathBuf,
    _folder: tempfile::TempDir,
}

impl Written {
    pub fn text(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Returns the names of all files in order.
    pub fn names(&self) -> Vec<String> {
        names_below(&self.root)
    }
}

pub fn names_below(root: &Path) -> Vec<String> {
    let mut names = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                names.push(path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    names.sort();
    names
}

fn plan() -> Plan {
    let mut findings = Findings::default();
    findings.add("NAME-LONG", ledger::Level::Error, "a room, \"long\"", "its name was cut <here>");
    findings.add("SCOPE-OUT", ledger::Level::Warning, Text::from_units([0xDC00]), "one");
    let ann = PlannedPerson {
        origin: Some(origin()),
        new_guid: Some(guid(0xA1)),
        new_user_principal_name: Some(Text::from("ann@corp.example")),
        ..person(1, Some("sip:ann@litware.example"), PersonKind::User)
    };
    let gone = PlannedPerson { disabled: 2, ..person(2, Some("sip:bob@litware.example"), PersonKind::User) };
    let group = PlannedPerson {
        directory_path: Some(Text::from("CN=Traders,OU=O'Hare,DC=litware,DC=example")),
        ..person(3, Some("ma-grp:x"), PersonKind::Group)
    };
    let unknown = PlannedPerson { name: None, ..person(4, None, PersonKind::Unknown) };
    let category = Category {
        guid: guid(0xCA),
        name: Text::from("Trading_Rates"),
        description: Text::from("line\r\nbreak\tand tab"),
        invitations: true,
        chat_history: true,
        file_upload: false,
        unrestricted: false,
        allowed: vec![0, 1, 2],
        denied: vec![],
        creators: vec![],
        origin: Some(origin()),
    };
    let hostile = Room {
        name: Text::from_units([0x41, 0, 0xD800]),
        topic: Some(Text::from("old topic")),
        privacy: Privacy::Open,
        disabled: true,
        members: vec![holder(0)],
        presenters: vec![holder(0)],
        ..room(0xA0, "")
    };
    let ordinary = Room {
        add_in: Some(guid(0xADD)),
        auditorium: true,
        members: vec![holder(0), holder(1), holder(2), RoleHolder { person: 3, outside_scope: true }],
        managers: vec![holder(0)],
        presenters: vec![holder(2)],
        last_chat_id: Some(4800),
        uri: Some(Text::from("ma-chan://litware.example/b0")),
        origin: Some(origin()),
        ..room(0xB0, "Ann's \u{2019}room\u{2019} $(Remove-Item)")
    };
    Plan {
        left_out_rooms: Default::default(),
        people: vec![ann, gone, group, unknown],
        add_ins: vec![AddIn {
            guid: guid(0xADD),
            name: Text::from("Ticker"),
            url: Text::from("https://t.example/?a=1&b=2"),
        }],
        categories: vec![category, Category { guid: guid(0xCB), unrestricted: true, ..empty_category() }],
        rooms: vec![hostile, ordinary],
        names: vec![NameRow {
            kind: NameKind::Room,
            guid: guid(0xB0),
            old_path: Text::from("Trading\\Rates, \"all\"\\Ann"),
            new_name: Text::from("Ann"),
        }],
        findings,
    }
}

fn origin() -> Origin {
    let updated_on = Ticks::parse_iso("2009-01-02T03:04:05.67Z").unwrap().get();
    Origin { generation: Generation::GroupChat, updated_on }
}

fn empty_category() -> Category {
    Category {
        guid: guid(0),
        name: Text::from("Open"),
        description: Text::default(),
        invitations: false,
        chat_history: false,
        file_upload: true,
        unrestricted: false,
        allowed: vec![],
        denied: vec![],
        creators: vec![],
        origin: None,
    }
}

fn histories() -> Vec<History> {
    let first = Said { conflicts: vec![id(2), id(3)], ..message(1, b" a < b & c\r\nd ") };
    let second = Said {
        rtf: Some(b"{\\rtf1\0}"),
        chat_id: None,
        alert: None,
        conflicts: vec![id(1)],
        moment: Moment { ticks: Ticks::MIN, precision: Precision::DateTime },
        ..message(2, b"lone \xED\xA0\x80")
    };
    let third = Said {
        author: 3,
        alert: Some(true),
        chat_id: Some(-1),
        extras: Some(b"parsed=\"true\" x=\"1\""),
        ..message(3, "Привет, 世界 😀".as_bytes())
    };
    let told = Happened { chat_id: Some(5), extras: Some(b"a=\"b\""), ..event(2, b"FILE\0", b"\x01") };
    vec![
        History { room: guid(0xA0), messages: vec![first, second], events: vec![] },
        History {
            room: guid(0xB0),
            messages: vec![third],
            events: vec![event(1, b"JOIN", b"<hello/>"), told],
        },
    ]
}
