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

    /// Adds what was counted behind this many records.
    fn merge(&mut self, behind: Count, before: u64) {
        if behind.times > 0 {
            self.add(behind.times, before + behind.first);
        }
    }
}

/// Things by their names. Those whose names sort first are kept, and of the others it is counted how
/// often they were seen; so it does not matter in which parts a document is read.
#[derive(Debug)]
struct Named<V> {
    named: BTreeMap<Text, (u64, V)>,
    unnamed: u64,
}

impl<V> Default for Named<V> {
    fn default() -> Named<V> {
        Named { named: BTreeMap::new(), unnamed: 0 }
    }
}

impl<V> Named<V> {
    /// Adds something seen so many times; `first` makes what is kept of the first.
    fn add(&mut self, name: Text, times: u64, first: impl FnOnce() -> V) {
        if let Some((count, _)) = self.named.get_mut(&name) {
            *count += times;
            return;
        }
        if self.named.len() >= NAMED && self.named.last_key_value().is_some_and(|(last, _)| *last < name) {
            self.unnamed += times;
            return;
        }
        self.named.insert(name, (times, first()));
        if self.named.len() > NAMED
            && let Some((_, (times, _))) = self.named.pop_last()
        {
            self.unnamed += times;
        }
    }

    /// Adds what was seen behind this.
    fn merge(&mut self, behind: Named<V>) {
        for (name, (times, first)) in behind.named {
            self.add(name, times, || first);
        }
        self.unnamed += behind.unnamed;
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
    /// With the number of the first record.
    unknown_types: Named<u64>,
    /// With the first raw value.
    beyond: Named<String>,
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
            self.unknown_types.add(Text::from(excerpt(name)), 1, || record);
        }
    }

    /// Notes something that stands outside the records and is not documented there, with its raw
    /// value, of which the first is told.
    pub(super) fn beyond(&mut self, name: &[u8], raw: &[u8]) {
        self.beyond.add(Text::from(excerpt(name)), 1, || excerpt(raw));
    }

    /// Adds what is odd in the part of the document that follows, of which this many records lie before.
    pub(super) fn merge(&mut self, mut behind: Notes, before: u64) {
        self.forbidden.merge(behind.forbidden, before);
        if self.odd_time.times == 0 {
            self.odd_example = behind.odd_example;
        }
        self.odd_time.merge(behind.odd_time, before);
        self.unnamed.merge(behind.unnamed, before);
        behind.unknown_types.named.values_mut().for_each(|(_, first)| *first += before);
        self.unknown_types.merge(behind.unknown_types);
        self.beyond.merge(behind.beyond);
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
        for (name, (times, first)) in &self.unknown_types.named {
            let detail =
                format!("{times} events are of the undocumented type {name}; the first is record {first}");
            find("EVENT-UNKNOWN", Level::Info, detail);
        }
        if self.unknown_types.unnamed > 0 {
            let more = self.unknown_types.unnamed;
            let detail = format!("{more} more events are of further undocumented types");
            find("EVENT-UNKNOWN", Level::Info, detail);
        }
        if !self.beyond.named.is_empty() {
            let name = |(name, (times, example)): (&Text, &(u64, String))| match example.is_empty() {
                true => format!("{name} ({times})"),
                false => format!("{name} ({times}, the first {example})"),
            };
            let names: Vec<_> = self.beyond.named.iter().map(name).collect();
            let more = match self.beyond.unnamed {
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

/// Returns the beginning of something, for people.
fn excerpt(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&restore(bytes)).chars().take(100).collect()
}
