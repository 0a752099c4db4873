//! A little language for scenarios: tables in memory, written as rows of text.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::chat::{Batch, Directory, Guid, Kind, Node, Person, PersonKey, Record, Role, Settled, Text, Tree};
use crate::error::{Error, Result};
use crate::groupchat::*;
use crate::ledger::{Cause, Digest, Findings, Level, Rejected, Sink};
use crate::sqlserver::{Column, DataType, Dump, FaultKind, Row, RowFault, Rows, Table, Value};

pub const NODE_2010: &str = "nodeID nodeGuid parentID nodeType nodeName nodeDesc topic inheritance overrideMember invite logged filePost disabled behavior visibility scopeDefinerId roleDefinerId siopID nodeUpdatedOn";
pub const NODE_2013: &str =
    "nodeID nodeGuid parentID nodeType nodeName nodeDesc disabled behavior visibility purgedOn nodeUpdatedOn";
pub const NODE: &str = "nodeID nodeGuid parentID nodeType nodeName nodeUpdatedOn";
pub const PRINCIPAL: &str = "prinID prinGuid prinUri prinName prinDisabled prinTypeID";
pub const ROLE_TYPE: &str = "rtypeID rtypeDesc rtypeAllowedPermSet";
pub const ROLE: &str = "prinRoleNodeID prinRolePrinID prinRoleTypeID";
pub const CHAT: &str = "channelId chatId chatDate userId isAlert content";

/// Ticks of some time in 2008, and of later ones.
pub const T: i64 = 633_482_073_409_535_482;

/// The GUID that stands as `#n` in rows.
pub fn guid(number: u128) -> Guid {
    Guid::from_u128(number)
}

/// A row: a field a column, or one that its dump cannot read.
#[derive(Debug, Clone)]
enum Line {
    Fields(Vec<Value<'static>>),
    Torn(Vec<u8>),
}

#[derive(Debug)]
struct Memory {
    tables: Vec<Table>,
    lines: Vec<Line>,
}

struct MemoryRows<'d> {
    lines: std::iter::Enumerate<std::slice::Iter<'d, Line>>,
}

impl Rows for MemoryRows<'_> {
    fn next_row(&mut self) -> Result<Option<std::result::Result<Row<'_>, RowFault>>> {
        let Some((at, line)) = self.lines.next() else { return Ok(None) };
        let (number, byte) = (at as u64 + 2, at as u64 * 100);
        Ok(Some(match line {
            Line::Fields(values) => Ok(Row { values, line: number, byte }),
            Line::Torn(raw) => Err(RowFault {
                kind: FaultKind::Row,
                line: number,
                byte,
                cause: Cause::TooFewFields,
                detail: "torn".to_string(),
                raw: raw.clone(),
            }),
        }))
    }
}

impl Dump for Memory {
    fn tables(&self) -> &[Table] {
        &self.tables
    }

    fn rows(&self, _: usize) -> Result<Box<dyn Rows + '_>> {
        Ok(Box::new(MemoryRows { lines: self.lines.iter().enumerate() }))
    }
}

/// Reads a field: `#5` is a GUID, `"…"` is quoted, `@null` is NULL, all else is bare text.
fn field(text: &str) -> Value<'static> {
    let (text, quoted) = match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(inner) => (inner.to_string(), true),
        None => (text.to_string(), false),
    };
    if text == "@null" {
        return Value::Null;
    }
    let text = match text.strip_prefix('#').and_then(|number| number.parse().ok()) {
        Some(number) => guid(number).to_string(),
        None => text,
    };
    Value::Text { bytes: text.into_bytes().into(), quoted }
}

fn line(text: &str) -> Line {
    match text.strip_prefix("!torn ") {
        Some(raw) => {
            Line::Torn(raw.replace("\\xE9", "\u{1}").bytes().map(|b| if b == 1 { 0xE9 } else { b }).collect())
        }
        None => Line::Fields(text.split('|').map(field).collect()),
    }
}

/// Everything a user gives.
#[derive(Debug, Clone, Default)]
pub struct Archive {
    pub streams: Vec<TableStream>,
    pub roles: BTreeMap<i64, Role>,
}

/// What became of it.
pub struct Outcome {
    pub tree: Tree,
    pub settled: Settled,
    pub findings: Findings,
    /// Records of each stream by the stream's name.
    pub records: BTreeMap<String, Vec<Told>>,
    pub rejected: Vec<Rejected>,
    pub grouping: Grouping,
    pub rows: Vec<TableRows>,
    /// The groups of people, by position.
    pub affiliations: BTreeMap<usize, Vec<usize>>,
}

/// A record with all that keys and spans stand for.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub record: Record,
    pub room: Guid,
    pub author: Guid,
    pub text: String,
    pub rtf: Option<String>,
    pub extras: String,
    /// The name of an event; empty for a message.
    pub event: String,
}

impl Archive {
    /// Adds a file such as `old/tblNode` with the columns and rows given.
    pub fn file(self, path: &str, columns: &str, rows: &[&str]) -> Archive {
        self.file_of_type(path, columns, rows, DataType::Unknown)
    }

    pub fn file_of_type(mut self, path: &str, columns: &str, rows: &[&str], data_type: DataType) -> Archive {
        let (folder, stem) = path.rsplit_once('/').unwrap_or(("", path));
        let names: Vec<String> = columns.split_whitespace().map(str::to_string).collect();
        let known = recognise(stem, Some(&names));
        let columns: Vec<Column> =
            names.iter().map(|name| Column { name: name.clone(), data_type, nullable: true }).collect();
        let tables =
            vec![Table { schema: String::new(), name: stem.to_string(), columns, engine_rows: None }];
        let memory = Memory { tables, lines: rows.iter().map(|row| line(row)).collect() };
        self.streams.push(TableStream {
            stream: self.streams.len() as u32 + 1,
            name: format!("{path}.csv"),
            folder: folder.to_string(),
            stem: stem.to_string(),
            kind: known.as_ref().map_or(TableKind::Other, |known| known.kind),
            generation: known.and_then(|known| known.generation),
            digest: Digest::of(format!("{names:?}{rows:?}").as_bytes()),
            database: None,
            dump: Arc::new(memory),
            table: 0,
        });
        self
    }

    /// Gives all files of a folder as the tables of one backup.
    pub fn in_one_backup(mut self, folder: &str, database: u32) -> Archive {
        for stream in self.streams.iter_mut().filter(|stream| stream.folder == folder) {
            stream.database = Some(database);
        }
        self
    }

    /// Gives the files in the opposite order.
    pub fn reversed(mut self) -> Archive {
        self.streams.reverse();
        self
    }

    pub fn operator_says(mut self, number: i64, role: Role) -> Archive {
        self.roles.insert(number, role);
        self
    }

    /// Reads everything; fails as a run would.
    pub fn try_read(&self) -> Result<Outcome> {
        let directory = Directory::default();
        let grouping = group(&self.streams);
        let structures = grouping.dumps.iter().map(|dump| read_structure(dump, &self.streams, &self.roles));
        let merged = merge(structures.collect::<Result<Vec<_>>>()?, &directory);
        let mut findings = merged.findings;
        findings.extend(grouping.findings.clone());
        let mut heaps = Vec::new();
        for (at, stream) in self.streams.iter().enumerate() {
            let mut heap = Heap::default();
            let database = &merged.databases[grouping.dump_of[at]];
            let read = read_records(stream, None, database, &directory, &mut heap)?;
            let taken: usize = heap.batches.iter().map(|batch| batch.records.len()).sum();
            assert_eq!(read as usize, taken + heap.rejected.len(), "every record stands once");
            heaps.push((stream.name.clone(), heap));
        }
        let settled = directory.settle();
        let positions = |groups: &Vec<PersonKey>| groups.iter().map(|&group| settled.person(group)).collect();
        let affiliations = merged.affiliations.iter();
        let affiliations =
            affiliations.map(|(&person, groups)| (settled.person(person), positions(groups))).collect();
        let mut outcome = Outcome {
            tree: merged.tree,
            settled,
            findings,
            records: BTreeMap::new(),
            rejected: Vec::new(),
            grouping,
            rows: merged.rows,
            affiliations,
        };
        for (name, heap) in heaps {
            let told: Vec<Told> =
                heap.batches.iter().flat_map(|batch| tell(batch, &outcome.settled)).collect();
            outcome.records.insert(name, told);
            outcome.rejected.extend(heap.rejected);
            outcome.findings.extend(heap.findings);
        }
        Ok(outcome)
    }

    pub fn read(&self) -> Outcome {
        self.try_read().unwrap()
    }

    pub fn error(&self) -> Error {
        self.try_read().err().expect("the run should fail")
    }
}

fn tell(batch: &Batch, settled: &Settled) -> Vec<Told> {
    let text = |span| String::from_utf8_lossy(batch.get(span)).into_owned();
    let told = |record: &Record| Told {
        record: *record,
        room: settled.rooms[settled.room(record.room)].0,
        author: settled.people[settled.person(record.person)].guid,
        text: text(record.text),
        rtf: record.rtf.map(text),
        extras: record.extras.map(text).unwrap_or_default(),
        event: match record.kind {
            Kind::Event { type_name } => text(type_name),
            Kind::Message { .. } => String::new(),
        },
    };
    batch.records.iter().map(told).collect()
}

#[derive(Default)]
struct Heap {
    batches: Vec<Batch>,
    rejected: Vec<Rejected>,
    findings: Findings,
}

impl Sink for Heap {
    fn take(&mut self, batch: Batch) -> Result<()> {
        self.batches.push(batch);
        Ok(())
    }

    fn reject(&mut self, rejected: Rejected) -> Result<()> {
        self.rejected.push(rejected);
        Ok(())
    }

    fn kind_bits(&mut self, records: u64, first: u64) {
        let (code, level, detail) = crate::groupchat::kind_bits_finding(records, first);
        self.findings.add(code, level, "a stream", detail);
    }

    fn find(&mut self, code: &'static str, level: Level, subject: Text, detail: Text) {
        self.findings.add(code, level, subject, detail);
    }
}

impl Outcome {
    pub fn node(&self, number: u128) -> &Node {
        self.tree.nodes.iter().find(|node| node.guid == guid(number)).expect("the node should be there")
    }

    /// The people with a role at a node, by the numbers in their GUIDs.
    pub fn people(&self, node: &Node, role: Role) -> Vec<Guid> {
        let mut people: Vec<Guid> = node
            .roles
            .iter()
            .filter(|entry| entry.role == role)
            .map(|entry| self.settled.people[self.settled.person(entry.person)].guid)
            .collect();
        people.sort();
        people
    }

    pub fn person(&self, number: u128) -> &Person {
        &self.settled.people[self.settled.find_person(guid(number)).expect("the person should be there")]
    }

    /// The findings of a code, each as `subject: detail`.
    pub fn findings(&self, code: &str) -> Vec<String> {
        let of_code = self.findings.iter().filter(|finding| finding.code == code);
        of_code.map(|finding| format!("{}: {}", finding.subject, finding.detail)).collect()
    }

    /// All records of all streams, in the order of rooms, times and texts.
    pub fn messages(&self) -> Vec<(Guid, Guid, String)> {
        let mut all: Vec<_> =
            self.records.values().flatten().map(|told| (told.room, told.author, told.text.clone())).collect();
        all.sort();
        all
    }

    pub fn all(&self) -> Vec<&Told> {
        self.records.values().flatten().collect()
    }
}
