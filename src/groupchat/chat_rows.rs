//! `tblChat`: messages.

use std::collections::HashMap;

use super::essential_columns;
use super::extras::ExtraColumns;
use super::field::{self, FieldResult};
use super::merge::Database;
use super::records::{KindBits, Records};
use super::stream::{At, Cells, TableStream, tell_columns};
use crate::chat::{Directory, Form, Kind, Numbering, PersonKey, Record, RoomKey, Text};
use crate::error::{Error, Result};
use crate::ledger::{Level, Sink};
use crate::sqlserver::{Column, Row};

/// Reads the rows of a `tblChat` as messages, and returns their number, the rejected ones included.
///
/// Takes the memory of one batch, and of one key for each room and author of the table.
///
/// # Errors
/// [`Error::Unusable`] if the table lacks a column without which there are no messages; otherwise
/// what the dump or the sink says. A row that cannot be used is rejected and ends nothing.
pub fn read_chat(
    stream: &TableStream,
    stretch: Option<usize>,
    database: &Database,
    directory: &Directory,
    sink: &mut dyn Sink,
) -> Result<u64> {
    let columns = &stream.description()?.columns;
    let mut reader = ChatReader {
        columns: ChatColumns::find(columns),
        extras: ExtraColumns::default(),
        numbers: Keys::new(database, directory),
        kind_bits: KindBits::default(),
    };
    require(stream)?;
    reader.extras = ExtraColumns::new(columns, &reader.columns.positions());
    tell_columns(stream, stream.generation, &mut |code, level, subject, detail| {
        sink.find(code, level, subject, detail);
    });
    let mut records = Records::new(stream, stretch, sink);
    records.read_rows(&mut |row, records| reader.read(row, records))?;
    reader.kind_bits.tell(&mut records);
    records.finish()
}

/// Refuses a table that lacks a column without which its rows mean nothing.
pub(super) fn require(stream: &TableStream) -> Result<()> {
    let columns = &stream.description()?.columns;
    let mut missing = essential_columns(stream.kind).to_vec();
    missing.retain(|&name| !At::find(columns, name).is_there());
    if missing.is_empty() {
        return Ok(());
    }
    let found = stream.column_names().join(", ");
    Err(Error::Unusable {
        input: stream.name.clone(),
        why: format!("{} without {}; its columns are: {found}", stream.kind.name(), missing.join(", ")),
        hint: "export the table again with all its columns and their names".to_string(),
    })
}

/// Where the columns of `tblChat` stand.
struct ChatColumns {
    channel: At,
    chat_id: At,
    date: At,
    user: At,
    alert: At,
    content: At,
    rtf: At,
}

impl ChatColumns {
    fn find(columns: &[Column]) -> ChatColumns {
        let at = |name| At::find(columns, name);
        ChatColumns {
            channel: at("channelId"),
            chat_id: at("chatId"),
            date: at("chatDate"),
            user: at("userId"),
            alert: at("isAlert"),
            content: at("content"),
            rtf: at("rtf"),
        }
    }

    fn positions(&self) -> [Option<usize>; 7] {
        [self.channel, self.chat_id, self.date, self.user, self.alert, self.content, self.rtf]
            .map(|at| at.position)
    }
}

struct ChatReader<'a> {
    columns: ChatColumns,
    extras: ExtraColumns,
    numbers: Keys<'a>,
    kind_bits: KindBits,
}

impl ChatReader<'_> {
    fn read(&mut self, row: &Row<'_>, records: &mut Records<'_>) -> Result<()> {
        records.take_row(row, |records| self.record(row, records))
    }

    fn record(&mut self, row: &Row<'_>, records: &mut Records<'_>) -> FieldResult<Record> {
        let cells = Cells(row.values);
        let columns = &self.columns;
        let channel = cells.required_integer(columns.channel)?;
        // A table without the column has no ids; one with it has one in every row (NOT NULL).
        let chat_id = match columns.chat_id.is_there() {
            true => Some(cells.required_integer(columns.chat_id)?),
            false => None,
        };
        let date = cells.required_moment(columns.date)?;
        let user = cells.required_integer(columns.user)?;
        let alert = cells.flag(columns.alert)?;
        let content = field::text(cells.value(columns.content), columns.content.name)?;
        let rtf = field::nullable_text(cells.value(columns.rtf), columns.rtf.name)?;

        let source = records.next_source();
        self.kind_bits.count(date.had_kind_bits, source.record);
        let room = self.numbers.room(channel, records);
        let text = records.batch.push_known(&content);
        let rtf = rtf.map(|rtf| records.batch.push_known(&rtf));
        let extras_start = records.batch.bytes.len();
        self.extras.append(row.values, &mut records.batch.bytes);
        Ok(Record {
            source,
            room,
            person: self.numbers.person(user),
            moment: date.moment,
            kind: Kind::Message { alert },
            form: Form::Database,
            numbering: if chat_id.is_some() { Numbering::Channel(channel) } else { Numbering::Document },
            chat_id,
            text,
            rtf,
            extras: records.batch.span_from(extras_start),
        })
    }
}

/// Keys of rooms and people by number, remembered so that the directory's lock is seldom taken.
pub(super) struct Keys<'a> {
    database: &'a Database,
    directory: &'a Directory,
    last_room: Option<(i64, RoomKey)>,
    rooms: HashMap<i64, RoomKey>,
    people: HashMap<i64, PersonKey>,
}

impl<'a> Keys<'a> {
    pub(super) fn new(database: &'a Database, directory: &'a Directory) -> Keys<'a> {
        Keys { database, directory, last_room: None, rooms: HashMap::new(), people: HashMap::new() }
    }

    /// Returns the room with this number. One without a node is told once.
    fn room(&mut self, number: i64, records: &mut Records<'_>) -> RoomKey {
        // Rows lie in the order of (channelId, chatId), so most have the room of the one before.
        if let Some((_, room)) = self.last_room.filter(|last| last.0 == number) {
            return room;
        }
        let room = match self.database.room(number) {
            Some(room) => room,
            None => *self.rooms.entry(number).or_insert_with(|| {
                tell_numbered(self.database, number, records);
                self.database.numbered_room(number, self.directory)
            }),
        };
        self.last_room = Some((number, room));
        room
    }

    /// Returns the principal with this number.
    pub(super) fn person(&mut self, number: i64) -> PersonKey {
        let (database, directory) = (self.database, self.directory);
        *self.people.entry(number).or_insert_with(|| database.person(number, directory))
    }
}

fn tell_numbered(database: &Database, number: i64, records: &mut Records<'_>) {
    if !database.has_nodes {
        return;
    }
    let why = match database.is_category(number) {
        true => "has messages, but is a category",
        false => "has messages, but no node",
    };
    let detail = format!("{why} in {}; it is known by its number alone", database.name);
    records.find("ROOM-NO-NODE", Level::Warning, Text::from(format!("room {number}")), Text::from(detail));
}
