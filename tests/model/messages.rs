//! The identity rules of docs/identity.md, read plainly: which records are one message, and what it says.

use std::collections::{BTreeMap, BTreeSet};

use super::archive::{Archive, Units};

/// A record of a message or event, as it stands in its stream.
#[derive(Debug, Clone)]
pub struct Record {
    pub stream: String,
    pub number: u64,
    pub room: String,
    /// The address, in lower case; none where the source has none.
    pub author: Option<String>,
    pub ticks: i64,
    pub span: i64,
    pub text: Units,
    pub event: Option<&'static str>,
    pub id: Option<i64>,
    /// What the chat ids count in; for records without id, their document.
    pub numbering: String,
    pub dump: String,
    /// The richer, the greater.
    pub rank: u8,
    pub alert: Option<bool>,
    pub rtf: Option<String>,
    pub broken: bool,
}

/// Normal text: line breaks and tabs are blanks.
pub fn normal(text: &[u16]) -> Units {
    let mut out = Units::new();
    let mut after_return = false;
    for &unit in text {
        let line_feed = unit == 10;
        if !(line_feed && after_return) {
            out.push(if matches!(unit, 9 | 10 | 13) { 32 } else { unit });
        }
        after_return = unit == 13;
    }
    out
}

pub fn address(uri: &str) -> String {
    uri.to_lowercase().trim_start_matches("sip:").to_owned()
}

/// All records of all streams.
pub fn records(archive: &Archive) -> Vec<Record> {
    let mut records = Vec::new();
    for dump in &archive.dumps {
        for (at, chat) in dump.chats.iter().enumerate() {
            let room =
                dump.nodes.iter().find(|node| node.number == chat.channel).map(|node| node.guid.clone());
            let person = dump.people.iter().find(|person| person.number == chat.author);
            let rtf = chat.rtf.clone().filter(|_| dump.new);
            records.push(Record {
                stream: format!("{}/tblChat.csv", dump.name),
                number: at as u64 + 1,
                room: room.unwrap_or_else(|| format!("unknown {}", chat.channel)),
                author: person.map(|person| address(&person.uri)),
                ticks: chat.ticks,
                span: 1,
                text: chat.text.clone(),
                event: None,
                id: Some(chat.id),
                numbering: format!("channel {}", chat.channel),
                dump: dump.name.clone(),
                rank: if rtf.is_some() { 4 } else { 3 },
                alert: Some(chat.alert),
                rtf,
                broken: chat.broken,
            });
        }
    }
    for document in &archive.documents {
        for (at, entry) in document.entries.iter().enumerate() {
            let id = Some(entry.id).filter(|&id| id != 0);
            let kept = document.keeps_space || document.dump;
            records.push(Record {
                stream: document.name.clone(),
                number: at as u64 + 1,
                room: entry.room.clone(),
                author: (!document.dump).then(|| address(&entry.author)),
                ticks: entry.ticks,
                span: document.span,
                text: if kept { entry.text.clone() } else { normal(&entry.text) },
                event: entry.event,
                id,
                numbering: match id {
                    Some(_) => format!("domain {}", document.domain),
                    None => format!("document {}", document.name),
                },
                dump: document.name.clone(),
                rank: if document.dump { 1 } else { 2 },
                alert: None,
                rtf: None,
                broken: false,
            });
        }
    }
    split_reused(&mut records);
    records
}

/// Whether two records may be of one time and author.
pub fn agree(one: &Record, other: &Record) -> bool {
    let times = one.ticks < other.ticks + other.span && other.ticks < one.ticks + one.span;
    times && (one.author.is_none() || other.author.is_none() || one.author == other.author)
}

/// Where one chat id of a numbering stands for two times or authors, each dump counts as one of its own.
fn split_reused(records: &mut [Record]) {
    let mut meanings: BTreeMap<(String, String, i64), Vec<usize>> = BTreeMap::new();
    for (at, record) in records.iter().enumerate() {
        if let (Some(id), None, false) = (record.id, record.event, record.broken) {
            meanings.entry((record.room.clone(), record.numbering.clone(), id)).or_default().push(at);
        }
    }
    let mut reused = BTreeSet::new();
    for ((room, numbering, _), found) in meanings {
        let differ = |&one: &usize| found.iter().any(|&other| !agree(&records[one], &records[other]));
        if found.iter().any(differ) {
            reused.insert((room, numbering));
        }
    }
    for record in records {
        if record.id.is_some() && reused.contains(&(record.room.clone(), record.numbering.clone())) {
            record.numbering = format!("{} in {}", record.numbering, record.dump);
        }
    }
}

/// Records of one numbering with one chat id in one class, or one without id.
#[derive(Debug, Clone)]
struct Unit<'a> {
    first: &'a Record,
}

/// How many messages the records of one room and normal text make.
pub fn count(group: &[&Record]) -> usize {
    let mark = |record: &Record| {
        (record.numbering.clone(), record.id.ok_or_else(|| (record.stream.clone(), record.number)))
    };
    let mut units: Vec<Unit<'_>> = Vec::new();
    for &record in group {
        // Of one chat id in one numbering: one message, if times and authors agree.
        let known =
            units.iter_mut().find(|unit| mark(unit.first) == mark(record) && agree(unit.first, record));
        match known {
            Some(unit) if record.span < unit.first.span => unit.first = record,
            Some(_) => {}
            None => units.push(Unit { first: record }),
        }
    }
    let coarse = |record: &Record| record.span > 1 || record.author.is_none();
    let order = |unit: &Unit<'_>| {
        let record = unit.first;
        (
            coarse(record),
            record.span,
            record.author.is_none(),
            record.ticks,
            record.id.unwrap_or(0),
            record.number,
        )
    };
    units.sort_by_key(order);
    let mut slots: Vec<Vec<&Record>> = Vec::new();
    for unit in units {
        let record = unit.first;
        let free = |slot: &&mut Vec<&Record>| {
            slot.iter().all(|other| agree(other, record) && other.numbering != record.numbering)
        };
        match slots.iter_mut().find(free) {
            Some(slot) => slot.push(record),
            None => slots.push(vec![record]),
        }
    }
    slots.len()
}

/// Groups what can be one message at all: by room and normal text.
pub fn groups(records: &[Record]) -> BTreeMap<(String, Units), Vec<&Record>> {
    let mut groups: BTreeMap<(String, Units), Vec<&Record>> = BTreeMap::new();
    for record in records.iter().filter(|record| !record.broken && record.event.is_none()) {
        groups.entry((record.room.clone(), normal(&record.text))).or_default().push(record);
    }
    groups
}
