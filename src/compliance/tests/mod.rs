//! Scenarios: documents as servers, sites and vandals leave them, and the records that come out.

mod conversations;
mod file_dump;
mod hostile;
mod malformed;
mod published;
mod stretches;

use std::collections::BTreeSet;
use std::io::Cursor;

use super::*;
use crate::chat::{Batch, Kind, Numbering, Precision, Record, Settled, Text};
use crate::ledger::{Level, Rejected};

/// A record with its text at hand.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    number: u64,
    /// `None` for a message.
    event: Option<String>,
    text: Text,
    extras: String,
    record: Record,
}

/// Everything that one document gave.
struct Outcome {
    read: u64,
    records: Vec<Seen>,
    rejected: Vec<Rejected>,
    findings: Vec<(&'static str, Level, String)>,
    batches: usize,
    settled: Settled,
}

#[derive(Default)]
struct Desk {
    records: Vec<Seen>,
    rejected: Vec<Rejected>,
    findings: Vec<(&'static str, Level, String)>,
    batches: usize,
}

impl Sink for Desk {
    fn take(&mut self, batch: Batch) -> Result<(), crate::Error> {
        let string = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        self.batches += 1;
        for record in &batch.records {
            self.records.push(Seen {
                number: record.source.record,
                event: match record.kind {
                    Kind::Message { alert } => alert.map(|_| unreachable!()),
                    Kind::Event { type_name } => Some(string(batch.get(type_name))),
                },
                text: batch.text(record.text),
                extras: record.extras.map(|span| string(batch.get(span))).unwrap_or_default(),
                record: *record,
            });
        }
        Ok(())
    }

    fn reject(&mut self, rejected: Rejected) -> Result<(), crate::Error> {
        self.rejected.push(rejected);
        Ok(())
    }

    fn find(&mut self, code: &'static str, level: Level, subject: Text, detail: Text) {
        assert_eq!(subject, Text::from("stream 3"));
        self.findings.push((code, level, detail.to_string()));
    }
}

fn read_as(kind: &DocumentKind, bounds: Bounds, reader: Box<dyn Read + Send>) -> Outcome {
    let directory = Directory::default();
    let mut desk = Desk::default();
    let read = read_within(bounds, 3, kind, reader, &directory, &mut desk).unwrap();
    let Desk { records, rejected, findings, batches } = desk;
    let outcome = Outcome { read, records, rejected, findings, batches, settled: directory.settle() };
    outcome.prove();
    outcome
}

fn read_bytes(document: impl Into<Vec<u8>>) -> Outcome {
    read_as(&DocumentKind::Conversations, Bounds::default(), Box::new(Cursor::new(document.into())))
}

/// Reads what stands within the root of a `Conversations` document.
fn conversations(inner: &str) -> Outcome {
    read_bytes(format!("<Conversations>{inner}</Conversations>"))
}

/// Reads messages of one room.
fn messages(messages: &str) -> Outcome {
    conversations(&conversation("", messages))
}

/// Reads what stands within the one conversation of a `FileDump` document.
fn dump(inner: &str) -> Outcome {
    let document = format!("<FileDump><Conversation><RoomID>Sales</RoomID>{inner}</Conversation></FileDump>");
    read_as(&DocumentKind::FileDump, Bounds::default(), Box::new(Cursor::new(document)))
}

const ROOM: &str = "ma-chan://litware.example/094f5a4a-c492-4f6b-91c2-385eba134fd3";
const SENDER: &str = "<Sender UserName='Ann' id='7' email='' internal='true' uri='ann@litware.example'/>";
const TIME: &str = "<DateTimeUTC since1970='1212610540953' string='2008-06-04T20:15:40.9535482Z' long='633482073409535482'/>";

fn conversation(first: &str, messages: &str) -> String {
    format!(
        "<Conversation><Channel uri='{ROOM}' name='{ROOM}'/>{first}<Messages>{messages}</Messages></Conversation>"
    )
}

/// A message of Ann's with these attributes.
fn message(attributes: &str) -> String {
    format!("<Message {attributes}>{SENDER}{TIME}</Message>")
}

fn chat(content: &str, id: u32) -> String {
    message(&format!("type='CHAT' content='{content}' id='{id}'"))
}

impl Outcome {
    /// Proves that each record stands once, in order.
    fn prove(&self) {
        let numbers: Vec<u64> = self.records.iter().map(|seen| seen.number).collect();
        assert!(numbers.is_sorted(), "{numbers:?}");
        let rejected: Vec<u64> = self.rejected.iter().map(|rejected| rejected.source.record).collect();
        assert!(rejected.is_sorted(), "{rejected:?}");
        let all: BTreeSet<u64> = numbers.iter().chain(&rejected).copied().collect();
        assert_eq!(all.len(), numbers.len() + rejected.len());
        assert_eq!(all, (1..=self.read).collect());
    }

    fn texts(&self) -> Vec<String> {
        self.records.iter().map(|seen| seen.text.to_string()).collect()
    }

    fn events(&self) -> Vec<&str> {
        self.records.iter().map(|seen| seen.event.as_deref().unwrap_or("message")).collect()
    }

    fn causes(&self) -> Vec<Cause> {
        self.rejected.iter().map(|rejected| rejected.cause).collect()
    }

    fn codes(&self) -> Vec<&str> {
        self.findings.iter().map(|finding| finding.0).collect()
    }

    fn finding(&self, code: &str) -> &str {
        &self.findings.iter().find(|finding| finding.0 == code).unwrap().2
    }

    fn person(&self, at: usize) -> &crate::chat::Person {
        &self.settled.people[self.settled.person(self.records[at].record.person)]
    }

    fn room(&self, at: usize) -> &(crate::chat::Guid, crate::chat::RoomFacts) {
        &self.settled.rooms[self.settled.room(self.records[at].record.room)]
    }
}
