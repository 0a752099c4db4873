//! The messages of a package as one flat table, for programs that load tables: each row with the
//! names of its room, category and author.

use std::io::Read;
use std::sync::Arc;

use super::entry::{self, Entry, MESSAGES};
use super::names::Names;
use super::value;
use super::xml::{Broken, Elements};
use crate::chat::{Guid, Text};
use crate::container::Blob;
use crate::error::{Error, Result};
use crate::sqlserver::{Column, DataType, Dump, FaultKind, Row, RowFault, RowResult, Rows, Table, Value};

/// The columns: name, type, and the attribute of `Message` that has the value, where one has.
const COLUMNS: [(&str, DataType, Option<&str>); 15] = [
    ("Id", DataType::Char(32), Some("Id")),
    ("Time", DataType::VarChar(28), Some("Time")),
    ("Precision", DataType::VarChar(8), Some("Precision")),
    ("Category", DataType::NVarCharMax, None),
    ("Room", DataType::NVarCharMax, None),
    ("RoomGuid", DataType::UniqueIdentifier, None),
    ("Seq", DataType::BigInt, Some("Seq")),
    ("ChatId", DataType::BigInt, Some("ChatId")),
    ("Author", DataType::NVarCharMax, None),
    ("AuthorUri", DataType::NVarCharMax, None),
    ("Alert", DataType::Bit, Some("Alert")),
    ("Text", DataType::NVarCharMax, None),
    ("Rtf", DataType::NVarCharMax, None),
    ("Conflict", DataType::Char(32), Some("Conflict")),
    ("Source", DataType::VarChar(32), Some("Source")),
];

/// The documents of a package that a flat table needs; of those that are missing names are missing.
#[derive(Debug, Default)]
pub struct FlatDocuments {
    /// What to call the package in messages.
    pub name: String,
    /// `User.xml`, `Category.xml` and `RoomDirectory.xml`.
    pub structure: [Option<Arc<dyn Blob>>; 3],
    /// The documents of messages with their names, in the order in which their rows come.
    pub contents: Vec<(String, Arc<dyn Blob>)>,
}

/// The table `Messages` of a package. Its names are kept in memory, its messages are not.
#[derive(Debug)]
pub struct FlatMessages {
    tables: [Table; 1],
    names: Names,
    contents: Vec<(String, Arc<dyn Blob>)>,
}

impl FlatMessages {
    /// Reads the names of people, categories and rooms.
    ///
    /// # Errors
    /// [`Error::Unusable`] if a document is damaged, [`Error::Read`] if it cannot be read.
    pub fn open(documents: FlatDocuments) -> Result<FlatMessages> {
        let column = |&(name, data_type, _): &(&str, DataType, _)| Column {
            name: name.to_owned(),
            data_type,
            nullable: !matches!(name, "Id" | "Time" | "RoomGuid" | "Seq" | "Text" | "Source"),
        };
        let columns = COLUMNS.iter().map(column).collect();
        let table = Table { schema: String::new(), name: "Messages".to_owned(), columns, engine_rows: None };
        let mut flat =
            FlatMessages { tables: [table], names: Names::default(), contents: documents.contents };
        let names = ["User.xml", "Category.xml", "RoomDirectory.xml"];
        let roots = ["Users", "Categories", "RoomDirectory"];
        for ((blob, name), root) in documents.structure.iter().zip(names).zip(roots) {
            let Some(blob) = blob else { continue };
            let name = format!("{}: {name}", documents.name);
            let reader = blob.open().map_err(|cause| Error::read(&name, cause))?;
            flat.names.learn(&name, reader, root)?;
        }
        Ok(flat)
    }
}

impl Dump for FlatMessages {
    fn tables(&self) -> &[Table] {
        &self.tables
    }

    fn rows(&self, _table: usize) -> Result<Box<dyn Rows + '_>> {
        Ok(Box::new(FlatRows {
            flat: self,
            next: 0,
            open: None,
            entry: Entry::default(),
            values: Vec::new(),
        }))
    }
}

/// The messages of a package, document after document.
struct FlatRows<'a> {
    flat: &'a FlatMessages,
    /// The position of the next document.
    next: usize,
    open: Option<(Elements<Box<dyn Read + Send>>, Guid)>,
    entry: Entry,
    values: Vec<Value<'static>>,
}

impl FlatRows<'_> {
    /// Goes on to the next message; `None` at the end.
    fn step(&mut self) -> Result<Option<std::result::Result<(), RowFault>>> {
        loop {
            let stepped = match &mut self.open {
                Some((elements, _)) => entry::next(elements, &MESSAGES, &mut self.entry),
                None => {
                    let Some((name, blob)) = self.flat.contents.get(self.next) else { return Ok(None) };
                    self.next += 1;
                    let reader = blob.open().map_err(|cause| Error::read(name, cause))?;
                    let mut elements = Elements::new(reader);
                    match entry::begin(&mut elements, &MESSAGES) {
                        Ok(room) => {
                            self.open = Some((elements, room));
                            continue;
                        }
                        Err(broken) => Err(broken),
                    }
                }
            };
            match stepped {
                Ok(true) => return Ok(Some(self.judge())),
                Ok(false) => self.open = None,
                Err(broken) => {
                    self.open = None;
                    return self.broken(broken).map(|fault| Some(Err(fault)));
                }
            }
        }
    }

    fn judge(&self) -> std::result::Result<(), RowFault> {
        let Some((cause, detail)) = &self.entry.fault else { return Ok(()) };
        Err(RowFault {
            kind: FaultKind::Row,
            line: self.entry.tag.line,
            byte: self.entry.tag.byte,
            cause: *cause,
            detail: format!("{}: {detail}", self.document()),
            raw: Vec::new(),
        })
    }

    fn broken(&self, broken: Broken) -> Result<RowFault> {
        match broken {
            Broken::Input(cause) => Err(Error::read(self.document(), cause)),
            Broken::Document { cause, detail } => Ok(RowFault {
                kind: FaultKind::Row,
                line: self.entry.tag.line,
                byte: self.entry.tag.byte,
                cause,
                detail: format!("{}: {detail}; nothing behind it was read", self.document()),
                raw: Vec::new(),
            }),
        }
    }

    fn document(&self) -> &str {
        let at = self.next.saturating_sub(1);
        self.flat.contents.get(at).map_or("", |(name, _)| name)
    }

    fn value(&self, column: usize) -> Value<'static> {
        let text = |text: Option<&[u8]>| match text {
            Some(text) => Value::Text { bytes: text.to_vec().into(), quoted: true },
            None => Value::Null,
        };
        let known = |known: Option<&Text>| text(known.map(Text::as_bytes));
        let (name, data_type, attribute) = COLUMNS[column];
        let tag = &self.entry.tag;
        if let Some(attribute) = attribute {
            let written = tag.get(attribute);
            return match data_type {
                DataType::BigInt => written.and_then(value::number).map_or(Value::Null, Value::Integer),
                DataType::Bit => written.and_then(value::flag).map_or(Value::Null, Value::Bit),
                _ => text(written.map(str::as_bytes)),
            };
        }
        let guid = self.open.as_ref().map(|(_, room)| *room).unwrap_or_default();
        let names = &self.flat.names;
        let room = names.rooms.get(&guid);
        let author = || names.people.get(&value::count(tag.get("Author")?)?);
        match name {
            "RoomGuid" => Value::Guid(guid),
            "Room" => known(room.and_then(|room| room.name.as_ref())),
            "Category" => known(room.and_then(|room| names.category_of(room))),
            "Author" => known(author().and_then(|person| person.name.as_ref())),
            "AuthorUri" => known(author().and_then(|person| person.uri.as_ref())),
            "Rtf" => text(self.entry.has_rtf.then_some(&self.entry.rtf)),
            _ => text(Some(&self.entry.text)),
        }
    }
}

impl Rows for FlatRows<'_> {
    fn next_row(&mut self) -> Result<Option<RowResult<'_>>> {
        match self.step()? {
            None => return Ok(None),
            Some(Err(fault)) => return Ok(Some(Err(fault))),
            Some(Ok(())) => {}
        }
        self.values = (0..COLUMNS.len()).map(|column| self.value(column)).collect();
        let (line, byte) = (self.entry.tag.line, self.entry.tag.byte);
        Ok(Some(Ok(Row { values: &self.values, line, byte })))
    }
}
