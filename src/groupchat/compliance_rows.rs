//! `tblComplianceData` and `tblComplianceParticipant`: compliance events, among them messages.
//!
//! The compliance database is a queue, not an archive: it holds what no adapter had processed yet.
//! Its messages are the same as those of `tblChat`, in a poorer form.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use super::chat_rows::{Keys, require};
use super::extras::ExtraColumns;
use super::field::{self, Fault, FieldResult, ReadMoment};
use super::merge::Database;
use super::records::{KindBits, Records};
use super::stream::{At, Cells, TableStream, tell_columns};
use crate::chat::{
    Author, Directory, Form, Kind, Numbering, PersonFacts, PersonKey, Record, RoomFacts, RoomKey, RoomUri,
    SipUri, Span,
};
use crate::error::Result;
use crate::ledger::{Level, Sink};
use crate::sqlserver::{Column, Row, Value};

/// Reads the rows of a `tblComplianceData` as messages and events, and returns their number, the
/// rejected ones included.
///
/// # Errors
/// [`Error::Unusable`](crate::Error::Unusable) if the table lacks an essential column; otherwise what
/// the dump or the sink says.
pub fn read_compliance_data(
    stream: &TableStream,
    stretch: Option<usize>,
    database: &Database,
    directory: &Directory,
    sink: &mut dyn Sink,
) -> Result<u64> {
    let columns = &stream.description()?.columns;
    let at = |name| At::find(columns, name);
    let mut reader = DataReader {
        columns: DataColumns {
            kind: at("cmplType"),
            time: at("cmplTime"),
            room: at("cmplChannelUri"),
            chat_id: at("cmplChatID"),
            user: at("cmplUserID"),
            address: at("cmplUserUri"),
            message: at("cmplMessage"),
        },
        names: Names::new(database, directory),
        extras: ExtraColumns::default(),
        kind_bits: KindBits::default(),
        unknown: BTreeMap::new(),
    };
    let DataColumns { kind, time, room, chat_id, address, message, .. } = reader.columns;
    require(stream)?;
    reader.extras = extras(columns, &[kind, time, room, chat_id, address, message]);
    tell_columns(stream, stream.generation, &mut |code, level, subject, detail| {
        sink.find(code, level, subject, detail);
    });
    let mut records = Records::new(stream, stretch, sink);
    records.read_rows(&mut |row, records| reader.read(row, records))?;
    reader.kind_bits.tell(&mut records);
    for (kind, rows) in &reader.unknown {
        let detail =
            format!("{rows} rows have cmplType {kind}, which is not documented; kept as TYPE-{kind}");
        records.find_in_stream("EVENT-UNKNOWN", Level::Info, detail);
    }
    records.finish()
}

/// Reads the rows of a `tblComplianceParticipant`: each is a join, and a part directly after it if it
/// has one. Returns the number of records, the rejected ones included.
///
/// # Errors
/// [`Error::Unusable`](crate::Error::Unusable) if the table lacks an essential column; otherwise what
/// the dump or the sink says.
pub fn read_compliance_participants(
    stream: &TableStream,
    stretch: Option<usize>,
    database: &Database,
    directory: &Directory,
    sink: &mut dyn Sink,
) -> Result<u64> {
    let columns = &stream.description()?.columns;
    let at = |name| At::find(columns, name);
    let mut reader = ParticipantReader {
        room: at("channelUri"),
        user: at("userId"),
        address: at("userUri"),
        joined: at("joinedAt"),
        parted: at("partedAt"),
        names: Names::new(database, directory),
        extras: ExtraColumns::default(),
        kind_bits: KindBits::default(),
    };
    require(stream)?;
    reader.extras = extras(columns, &[reader.room, reader.address, reader.joined, reader.parted]);
    tell_columns(stream, stream.generation, &mut |code, level, subject, detail| {
        sink.find(code, level, subject, detail);
    });
    let mut records = Records::new(stream, stretch, sink);
    records.read_rows(&mut |row, records| reader.read(row, records))?;
    reader.kind_bits.tell(&mut records);
    records.finish()
}

fn extras(columns: &[Column], meant: &[At]) -> ExtraColumns {
    let positions: Vec<Option<usize>> = meant.iter().map(|at| at.position).collect();
    ExtraColumns::new(columns, &positions)
}

struct DataColumns {
    kind: At,
    time: At,
    room: At,
    chat_id: At,
    user: At,
    address: At,
    message: At,
}

struct DataReader<'a> {
    columns: DataColumns,
    names: Names<'a>,
    extras: ExtraColumns,
    kind_bits: KindBits,
    unknown: BTreeMap<i64, u64>,
}

/// Undocumented types that are counted singly; a hostile table could have one in each row.
const MOST_UNKNOWN: usize = 64;

impl DataReader<'_> {
    fn read(&mut self, row: &Row<'_>, records: &mut Records<'_>) -> Result<()> {
        records.take_row(row, |records| self.record(row, records))
    }

    fn record(&mut self, row: &Row<'_>, records: &mut Records<'_>) -> FieldResult<Record> {
        let cells = Cells(row.values);
        let columns = &self.columns;
        let number = cells.required_integer(columns.kind)?;
        let time = cells.required_moment(columns.time)?;
        let chat_id = cells.integer(columns.chat_id)?.filter(|&id| id != 0);
        let message = field::nullable_text(cells.value(columns.message), columns.message.name)?;
        let room = self.names.room(cells.value(columns.room), columns.room)?;
        let person = self.names.person(cells, columns.address, columns.user)?;

        let source = records.next_source();
        self.kind_bits.count(time.had_kind_bits, source.record);
        let kind = self.kind(number, records);
        let text = records.batch.push_known(message.as_deref().unwrap_or_default());
        let extras_start = records.batch.bytes.len();
        self.extras.append(row.values, &mut records.batch.bytes);
        Ok(Record {
            source,
            room: room.key,
            person,
            moment: time.moment,
            kind,
            form: Form::Compliance,
            numbering: if chat_id.is_some() { Numbering::Domain(room.domain) } else { Numbering::Document },
            chat_id,
            text,
            rtf: None,
            extras: records.batch.span_from(extras_start),
        })
    }

    /// Tells a message from an event by `cmplType`, as documented for the compliance database.
    fn kind(&mut self, number: i64, records: &mut Records<'_>) -> Kind {
        let name: Cow<'static, str> = match number {
            1 => return Kind::Message { alert: None },
            2 => "BACKCHAT".into(),
            3 => "FILEDOWNLOAD".into(),
            4 => "FILEUPLOAD".into(),
            9 => "PROVISIONALTRANSFER".into(),
            10 => "REPLACEMENT".into(),
            11 => "PURGE".into(),
            _ => {
                if self.unknown.len() < MOST_UNKNOWN || self.unknown.contains_key(&number) {
                    *self.unknown.entry(number).or_default() += 1;
                }
                format!("TYPE-{number}").into()
            }
        };
        Kind::Event { type_name: records.batch.push_known(name.as_bytes()) }
    }
}

/// Reads when somebody parted; `None` if that is not known.
fn parted(cells: Cells<'_>, at: At) -> Option<FieldResult<ReadMoment>> {
    cells.moment(at).transpose()
}

/// Returns how many records a row of `tblComplianceParticipant` makes: a join, and a part if it has one.
pub(super) fn participant_records(columns: &[Column], row: &Row<'_>) -> u64 {
    1 + u64::from(parted(Cells(row.values), At::find(columns, "partedAt")).is_some())
}

struct ParticipantReader<'a> {
    room: At,
    user: At,
    address: At,
    joined: At,
    parted: At,
    names: Names<'a>,
    extras: ExtraColumns,
    kind_bits: KindBits,
}

impl ParticipantReader<'_> {
    fn read(&mut self, row: &Row<'_>, records: &mut Records<'_>) -> Result<()> {
        let cells = Cells(row.values);
        let joined = cells.required_moment(self.joined);
        let parted = parted(cells, self.parted);
        let who_where = self.names.room(cells.value(self.room), self.room).and_then(|room| {
            let person = self.names.person(cells, self.address, self.user)?;
            Ok((room.key, person))
        });
        self.event("JOIN", joined, &who_where, row, records)?;
        match parted {
            None => Ok(()),
            Some(parted) => self.event("PART", parted, &who_where, row, records),
        }
    }

    fn event(
        &mut self,
        type_name: &str,
        time: FieldResult<ReadMoment>,
        who_where: &FieldResult<(RoomKey, PersonKey)>,
        row: &Row<'_>,
        records: &mut Records<'_>,
    ) -> Result<()> {
        let (time, (room, person)) = match (time, who_where) {
            (Ok(time), Ok(who_where)) => (time, *who_where),
            (Err(fault), _) => return records.reject(row, fault),
            (_, Err(fault)) => return records.reject(row, fault.clone()),
        };
        let source = records.next_source();
        self.kind_bits.count(time.had_kind_bits, source.record);
        let type_name = records.batch.push_known(type_name.as_bytes());
        let extras_start = records.batch.bytes.len();
        self.extras.append(row.values, &mut records.batch.bytes);
        records.push(Record {
            source,
            room,
            person,
            moment: time.moment,
            kind: Kind::Event { type_name },
            form: Form::Compliance,
            numbering: Numbering::Document,
            chat_id: None,
            text: Span::default(),
            rtf: None,
            extras: records.batch.span_from(extras_start),
        })
    }
}

/// A room as compliance tables name it.
#[derive(Debug, Clone, Copy)]
struct NamedRoom {
    key: RoomKey,
    domain: u32,
}

/// Keys of rooms and people by address, remembered so that the directory's lock is seldom taken.
struct Names<'a> {
    directory: &'a Directory,
    numbers: Keys<'a>,
    rooms: HashMap<Box<[u8]>, NamedRoom>,
    people: HashMap<Box<[u8]>, Option<PersonKey>>,
}

impl<'a> Names<'a> {
    fn new(database: &'a Database, directory: &'a Directory) -> Names<'a> {
        let numbers = Keys::new(database, directory);
        Names { directory, numbers, rooms: HashMap::new(), people: HashMap::new() }
    }

    fn room(&mut self, value: &Value<'_>, at: At) -> FieldResult<NamedRoom> {
        let address = field::nullable_text(value, at.name)?.ok_or_else(|| Fault::missing(at.name))?;
        if let Some(&room) = self.rooms.get(address.as_ref()) {
            return Ok(room);
        }
        let uri = field::to_text(&address);
        let parts = RoomUri::new(&uri);
        let (guid, guid_known) = parts.guid();
        let room = NamedRoom { key: self.directory.room(guid), domain: self.directory.domain(&parts.domain) };
        let facts = RoomFacts { uri: Some(uri), guid_known, ..RoomFacts::default() };
        self.directory.learn_room(room.key, facts);
        self.rooms.insert(address.as_ref().into(), room);
        Ok(room)
    }

    /// Returns the person by address, or by number where there is no address of a person.
    fn person(&mut self, cells: Cells<'_>, address: At, number: At) -> FieldResult<PersonKey> {
        let known = match field::nullable_text(cells.value(address), address.name)? {
            None => None,
            Some(address) => self.by_address(&address),
        };
        match known {
            Some(person) => Ok(person),
            None => Ok(self.numbers.person(cells.required_integer(number)?)),
        }
    }

    fn by_address(&mut self, address: &[u8]) -> Option<PersonKey> {
        if let Some(&person) = self.people.get(address) {
            return person;
        }
        let uri = field::to_text(address);
        let person = SipUri::new(&uri).map(|sip| {
            let key = self.directory.person(&Author::Address(sip));
            self.directory.learn_person(key, PersonFacts { uri: Some(uri), ..PersonFacts::default() });
            key
        });
        self.people.insert(address.into(), person);
        person
    }
}
