//! What is odd in a document, counted while it is read and told once at its end.

use std::collections::BTreeMap;

use super::charset::restore;
use super::document::{Halt, Tag};
use crate::chat::Text;
use crate::ledger::{Level, Sink};

/// Different things of one sort that are told by name; more are only counted.
const NAMED: usize = 32;

/// How often something was seen, and where first.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    times: u64,
    first: u64,
}

impl Count {
    fn add(&mut self, times: u64, record: u64) {
        if self.times == 0 {
            self.first = record;
        }
        self.times += times;
    }
}

/// What is odd in one record; counts only if the record does.
#[derive(Debug, Clone, Default)]
pub(super) struct RecordNotes {
    /// Characters that XML 1.0 forbids.
    pub(super) forbidden: u64,
    /// Its times do not agree, or not all of them are times; what they say, where it is the first.
    pub(super) odd_time: Option<Box<str>>,
    /// Nothing tells whose it is.
    pub(super) unnamed: bool,
    /// It is an event of a type that is not documented.
    pub(super) unknown_type: bool,
}

/// What is odd in a document.
#[derive(Debug, Default)]
pub(super) struct Notes {
    forbidden: Count,
    odd_time: Count,
    odd_example: Box<str>,
    unnamed: Count,
    unknown_types: BTreeMap<Text, Count>,
    unnoted_types: u64,
    beyond: BTreeMap<Text, (u64, String)>,
    unnoted_beyond: u64,
}

impl Notes {
    /// Adds what is odd in a record with this number; `type_name` is that of an event.
    pub(super) fn add(&mut self, record: u64, notes: RecordNotes, type_name: Option<&[u8]>) {
        if notes.forbidden > 0 {
            self.forbidden.add(notes.forbidden, record);
        }
        if let Some(example) = notes.odd_time {
            if self.odd_time.times == 0 {
                self.odd_example = example;
            }
            self.odd_time.add(1, record);
        }
        if notes.unnamed {
            self.unnamed.add(1, record);
        }
        if let Some(name) = type_name.filter(|_| notes.unknown_type) {
            match bounded(&mut self.unknown_types, name) {
                Some(count) => count.add(1, record),
                None => self.unnoted_types += 1,
            }
        }
    }

    /// Notes something that stands outside the records and is not documented there, with its raw
    /// value, of which the first is told.
    pub(super) fn beyond(&mut self, name: &[u8], raw: &[u8]) {
        match bounded(&mut self.beyond, name) {
            Some((0, example)) => *example = excerpt(raw),
            Some(_) => {}
            None => self.unnoted_beyond += 1,
        }
        if let Some((times, _)) = bounded(&mut self.beyond, name) {
            *times += 1;
        }
    }

    /// Notes the attributes of an element outside the records; `known` ones are documented.
    pub(super) fn attributes(&mut self, tag: &Tag<'_>, known: &[&str]) -> Result<(), Halt> {
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(Halt::bad_xml)?;
            if !attribute.is_namespace() && !known.iter().any(|known| attribute.is(known)) {
                let name = [tag.name, b"/@", attribute.name].concat();
                self.beyond(&name, attribute.value);
            }
        }
        Ok(())
    }

    /// Tells whether an example of odd times is still wanted.
    pub(super) fn wants_odd_time(&self) -> bool {
        self.odd_time.times == 0
    }

    /// Returns how many records tell of nobody.
    pub(super) fn unnamed(&self) -> u64 {
        self.unnamed.times
    }

    /// Tells everything to the sink. `told_otherwise` leaves out the records that tell of nobody.
    pub(super) fn tell(&self, stream: u32, told_otherwise: bool, sink: &mut dyn Sink) {
        let mut find = |code, level, detail: String| {
            sink.find(code, level, subject(stream), Text::from(detail));
        };
        let Count { times, first } = self.forbidden;
        if times > 0 {
            let detail =
                format!("{times} characters that XML 1.0 forbids were kept; the first in record {first}");
            find("XML-CHAR", Level::Warning, detail);
        }
        let Count { times, first } = self.odd_time;
        if times > 0 {
            let detail = format!(
                "{times} records say their time in ways that differ or are wrong, so the finest was believed; \
                 the first is record {first}: {}",
                self.odd_example
            );
            find("TIME-ODD", Level::Warning, detail);
        }
        let Count { times, first } = self.unnamed;
        if times > 0 && !told_otherwise {
            let detail =
                format!("{times} records have no sender with an address; the first is record {first}");
            find("AUTHOR-UNNAMED", Level::Warning, detail);
        }
        for (name, Count { times, first }) in &self.unknown_types {
            let detail =
                format!("{times} events are of the undocumented type {name}; the first is record {first}");
            find("EVENT-UNKNOWN", Level::Info, detail);
        }
        if self.unnoted_types > 0 {
            let detail = format!("{} more events are of further undocumented types", self.unnoted_types);
            find("EVENT-UNKNOWN", Level::Info, detail);
        }
        if !self.beyond.is_empty() {
            let name = |(name, (times, example)): (&Text, &(u64, String))| match example.is_empty() {
                true => format!("{name} ({times})"),
                false => format!("{name} ({times}, the first {example})"),
            };
            let names: Vec<_> = self.beyond.iter().map(name).collect();
            let more = match self.unnoted_beyond {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            let detail =
                format!("there are things outside the records that are not kept: {}{more}", names.join(", "));
            find("XML-EXTRA", Level::Info, detail);
        }
    }
}

/// Returns how findings call a stream: by its number, since readers know no more of it.
pub(super) fn subject(stream: u32) -> Text {
    Text::from(format!("stream {stream}"))
}

fn bounded<'a, V: Default>(counts: &'a mut BTreeMap<Text, V>, name: &[u8]) -> Option<&'a mut V> {
    let name = Text::from(excerpt(name));
    if counts.len() >= NAMED && !counts.contains_key(&name) {
        return None;
    }
    Some(counts.entry(name).or_default())
}

/// Returns the beginning of something, for people.
fn excerpt(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&restore(bytes)).chars().take(100).collect()
}
