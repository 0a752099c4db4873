//! `report.json` against what was counted.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::ledger::Tally;
use crate::package::verify::fault;
use crate::package::verify::problem::{Problems, quote};

/// Bytes of a report that are read: bounds memory.
const MAX_REPORT: u64 = 256 * 1024 * 1024;

/// What the report tells of the package. What else it tells is for people.
#[derive(Debug, Deserialize)]
pub(super) struct Report {
    /// Which documents the package was to hold.
    pub(super) level: Option<String>,
    #[serde(default)]
    options: Vec<Setting>,
    totals: Totals,
    sources: Count,
    structure: Vec<Table>,
    #[serde(default)]
    staging: Vec<StagingFile>,
    rooms: Count,
    categories: Count,
    people: Count,
    messages: Count,
    events: Count,
    first: Option<String>,
    last: Option<String>,
    findings: BTreeMap<String, u64>,
}

/// A table carried verbatim.
#[derive(Debug, Deserialize)]
struct Table {
    file: String,
}

/// A file of rows in the staging lane.
#[derive(Debug, Deserialize)]
struct StagingFile {
    file: String,
    rows: u64,
}

/// An option that decided what stands in the package.
#[derive(Debug, Deserialize)]
struct Setting {
    name: String,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
struct Totals {
    read: u64,
    written: u64,
    duplicate: u64,
    filtered: u64,
    rejected: u64,
}

/// What the report should tell. `None` stands for what could not be counted.
#[derive(Debug, Default)]
pub(super) struct Counted {
    pub(super) totals: Tally,
    pub(super) sources: u64,
    pub(super) rooms: Option<u64>,
    pub(super) categories: Option<u64>,
    pub(super) people: u64,
    pub(super) messages: u64,
    pub(super) events: u64,
    pub(super) first: Option<String>,
    pub(super) last: Option<String>,
    pub(super) findings: BTreeMap<String, u64>,
}

/// Reads `report.json`; what it tells beyond the counts is passed over.
pub(super) fn read_report(path: &str, input: &mut dyn Read, problems: &mut Problems) -> Option<Report> {
    let input = std::io::BufReader::new(input.take(MAX_REPORT));
    match serde_json::from_reader(input) {
        Ok(report) => Some(report),
        Err(error) => {
            problems.add(&fault::REPORT_FORM, path, error.to_string());
            None
        }
    }
}

impl Report {
    /// Returns the paths of the tables that are carried verbatim.
    pub(super) fn tables(&self) -> impl Iterator<Item = &str> {
        self.structure.iter().map(|table| table.file.as_str())
    }

    /// Returns the files of rows in the staging lane, with their number of rows.
    pub(super) fn staging(&self) -> impl Iterator<Item = (&str, u64)> {
        self.staging.iter().map(|file| (file.file.as_str(), file.rows))
    }

    /// Tells whether the report says that an old file store was given.
    pub(super) fn tells_of_files(&self) -> bool {
        self.options.iter().any(|option| option.name == "files")
    }

    /// Compares the report with what was counted.
    pub(super) fn compare(&self, path: &str, counted: &Counted, problems: &mut Problems) {
        let mut differ = |what: &str, told: &dyn fmt::Display, found: &dyn fmt::Display| {
            let (told, found) = (told.to_string(), found.to_string());
            if told != found {
                problems.add(
                    &fault::REPORT_DIFFERS,
                    path,
                    format!("{what}: it says {told}, there are {found}"),
                );
            }
        };
        let totals = &counted.totals;
        differ("totals.read", &self.totals.read, &totals.read);
        differ("totals.written", &self.totals.written, &totals.written);
        differ("totals.duplicate", &self.totals.duplicate, &totals.duplicate);
        differ("totals.filtered", &self.totals.filtered, &totals.filtered);
        differ("totals.rejected", &self.totals.rejected, &totals.rejected);
        differ("sources", &self.sources.0, &counted.sources);
        differ("rooms", &self.rooms.0, &counted.rooms.unwrap_or(self.rooms.0));
        differ("categories", &self.categories.0, &counted.categories.unwrap_or(self.categories.0));
        differ("people", &self.people.0, &counted.people);
        differ("messages", &self.messages.0, &counted.messages);
        differ("events", &self.events.0, &counted.events);
        let time = |time: &Option<String>| time.as_deref().map_or("none".to_owned(), quote);
        differ("first", &time(&self.first), &time(&counted.first));
        differ("last", &time(&self.last), &time(&counted.last));
        let codes = self
            .findings
            .keys()
            .chain(counted.findings.keys().filter(|code| !self.findings.contains_key(*code)));
        for code in codes {
            let number = |map: &BTreeMap<String, u64>| map.get(code).copied().unwrap_or_default();
            differ(&format!("findings {}", quote(code)), &number(&self.findings), &number(&counted.findings));
        }
    }
}

/// A number, or the length of a list or map.
#[derive(Debug, Clone, Copy)]
struct Count(u64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Count, D::Error> {
        deserializer.deserialize_any(CountVisitor)
    }
}

struct CountVisitor;

impl<'de> Visitor<'de> for CountVisitor {
    type Value = Count;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or a list")
    }

    fn visit_u64<E>(self, number: u64) -> Result<Count, E> {
        Ok(Count(number))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Count, A::Error> {
        let mut count = 0;
        while list.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok(Count(count))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Count, A::Error> {
        let mut count = 0;
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok(Count(count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"{"totals":{"read":3,"written":2,"duplicate":1,"filtered":0,"rejected":0},
        "sources":[{"input":"a"}],"structure":[],"rooms":1,"categories":1,"people":2,"messages":2,"events":0,
        "first":"2008-03-12T19:56:40Z","last":null,"findings":{"A-B":1}}"#;

    #[test]
    fn every_number_of_the_report_is_compared() {
        let mut problems = Problems::default();
        let report = read_report("r", &mut REPORT.as_bytes(), &mut problems).unwrap();
        let counted = Counted { findings: BTreeMap::from([("C-D".to_owned(), 1)]), ..Counted::default() };
        report.compare("r", &counted, &mut problems);
        let told: Vec<String> = problems.finish().0.into_iter().map(|problem| problem.what).collect();
        for word in
            ["totals.read", "written", "duplicate", "sources", "people", "messages", "first", "A-B", "C-D"]
        {
            assert!(told.iter().any(|what| what.contains(word)), "{word}: {told:#?}");
        }
        assert_eq!(told.len(), 9, "{told:#?}");
    }

    #[test]
    fn a_report_that_is_no_report_is_told_of() {
        for text in ["", "[]", "{}", &REPORT.replace("\"people\":2", "\"people\":\"2\""), &"[".repeat(10_000)]
        {
            let mut problems = Problems::default();
            assert!(read_report("r", &mut text.as_bytes(), &mut problems).is_none());
            assert!(problems.has(&fault::REPORT_FORM));
        }
    }
}
