//! A small archive, made by hand, with everything in it that is hard to carry.

use std::fs;
use std::path::{Path, PathBuf};

use crate::chat::*;
use crate::error::Result;
// Two enums are called `Level`: that of packages is meant where nothing else is said.
use crate::ledger::{self, Control, *};
use crate::migrate::{Category, NameKind, NameRow, Plan, PlannedPerson, Privacy, RoleHolder, Room};
use crate::package::{Level, *};

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
        origin: None,
    }
}

pub fn message(number: u8, text: &'static [u8]) -> Message<'static> {
    Message {
        id: id(number),
        sequence: u64::from(number),
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

pub fn event(record: u64, type_name: &'static [u8], content: &'static [u8]) -> Event<'static> {
    Event {
        type_name,
        moment: moment("2010-01-01T00:00:00Z"),
        person: 1,
        chat_id: None,
        content,
        extras: None,
        source: source(2, record),
    }
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
    pub ledger: Ledger,
    pub histories: Vec<RoomHistory<'static>>,
    pub level: Level,
    pub tables: Vec<(u32, &'static str, &'static [u8])>,
}

impl Archive {
    /// Two rooms, four people, three messages, two events, and one record of every other outcome.
    pub fn new() -> Archive {
        let mut ledger = Ledger {
            streams: [("a.bak#dbo.tblChat", "tblChat"), ("b, \"c\".xml", "Conversations")]
                .map(|(name, format)| Stream {
                    name: name.into(),
                    digest: Digest::of(name.as_bytes()),
                    size: 10,
                    format: format.into(),
                })
                .to_vec(),
            read: vec![5, 5],
            controls: vec![Control { stream: 1, engine_rows: 6, rows: 5 }],
            written: vec![source(1, 1), source(1, 2), source(1, 3), source(2, 1), source(2, 2)],
            duplicates: vec![
                Duplicate {
                    source: source(1, 4),
                    kept: Some(id(1)),
                    kept_source: source(1, 1),
                    rule: Rule::SameId,
                },
                Duplicate {
                    source: source(2, 3),
                    kept: None,
                    kept_source: source(2, 1),
                    rule: Rule::SameEvent,
                },
            ],
            conflicts: vec![(id(1), id(2))],
            filtered: vec![
                Filtered { source: source(2, 4), reason: "since" },
                Filtered { source: source(2, 5), reason: "since" },
            ],
            rejected: vec![Rejected {
                source: source(1, 5),
                line: 7,
                byte: 99,
                cause: Cause::BadNumber,
                detail: "the field \"chatId\" is no number,\nbut a word".into(),
                text: Text::from_units([0x41, 0xD800]),
                raw: None,
            }],
        };
        ledger.balance().unwrap();
        Archive {
            plan: plan(),
            ledger,
            histories: histories(),
            level: Level::All,
            tables: vec![(2, "tblNode", b"nodeID\n1\n"), (1, "../x", b"a\n"), (1, "..\\X", b"b\n")],
        }
    }

    /// Returns the contents to be written.
    pub fn contents(&mut self) -> Contents<'_> {
        let carry = |&(stream, table, bytes): &(u32, &str, &'static [u8])| SourceTable {
            stream,
            table: table.into(),
            write: Box::new(move |out| {
                out.write_all(bytes).map_err(|cause| crate::Error::write("a table", cause))?;
                Ok(bytes.iter().filter(|&&byte| byte == b'\n').count() as u64)
            }),
        };
        Contents {
            plan: &self.plan,
            findings: &self.plan.findings,
            ledger: &self.ledger,
            tables: self.tables.iter().map(carry).collect(),
            histories: &mut self.histories,
            level: self.level,
            told: vec![("separator".into(), "_".into())],
        }
    }

    pub fn write(&mut self, target: &Path, options: &Options) -> Result<Sealed> {
        write(target, self.contents(), options, &|_| Ok(()))
    }

    /// Writes the archive into a folder and returns the files by name.
    pub fn written(&mut self) -> Written {
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

fn histories() -> Vec<RoomHistory<'static>> {
    let first = Message { conflicts: vec![id(2), id(3)], ..message(1, b" a < b & c\r\nd ") };
    let second = Message {
        rtf: Some(b"{\\rtf1\0}"),
        chat_id: None,
        alert: None,
        conflicts: vec![id(1)],
        moment: Moment { ticks: Ticks::MIN, precision: Precision::DateTime },
        ..message(2, b"lone \xED\xA0\x80")
    };
    let third = Message {
        author: 3,
        alert: Some(true),
        chat_id: Some(-1),
        extras: Some(b"parsed=\"true\" x=\"1\""),
        ..message(3, "Привет, 世界 😀".as_bytes())
    };
    let told = Event { chat_id: Some(5), extras: Some(b"a=\"b\""), ..event(2, b"FILE\0", b"\x01") };
    vec![
        RoomHistory { room: guid(0xA0), messages: vec![first, second], events: vec![] },
        RoomHistory {
            room: guid(0xB0),
            messages: vec![third],
            events: vec![event(1, b"JOIN", b"<hello/>"), told],
        },
    ]
}
