//! The report: one model, told to programs as JSON and to people as HTML.
//!
//! Pure: facts in, bytes out. Nothing in it depends on clock, host, threads or paths, and it never
//! states its own digest, the package's size or that the package was verified: it lies inside the
//! package, so only the package's final name can say that.

mod gather;
mod html;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::error::{Error, Result};

pub use gather::{Facts, RoomCount, gather};
pub use html::to_html;

/// Everything that a run has to tell. The JSON has these fields under these names; more may come,
/// these stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Version of gc2pc.
    pub version: &'static str,
    /// Name space of the package's documents.
    pub format: &'static str,
    /// Which documents the package holds.
    pub level: &'static str,
    /// The options that decided what stands in the package.
    pub options: Vec<Setting>,
    /// What became of all records.
    pub totals: Totals,
    /// What became of the records of each stream: the rows of `sources.csv`.
    pub sources: Vec<SourceRow>,
    /// The tables carried verbatim.
    pub structure: Vec<TableRow>,
    /// The files of rows in the staging lane; left out where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub staging: Vec<StagingRow>,
    /// Number of rooms.
    pub rooms: u64,
    /// Number of categories.
    pub categories: u64,
    /// Number of principals.
    pub people: u64,
    /// Number of messages.
    pub messages: u64,
    /// Number of events.
    pub events: u64,
    /// Time of the first message.
    pub first: Option<String>,
    /// Time of the last message.
    pub last: Option<String>,
    /// Number of pairs of messages that exclude each other.
    pub conflicts: u64,
    /// Duplicates by the rule that found them.
    pub duplicates: BTreeMap<&'static str, u64>,
    /// Records left out on request, by the option that did it.
    pub filtered: BTreeMap<&'static str, u64>,
    /// Rejected records by cause.
    pub rejected: BTreeMap<&'static str, u64>,
    /// Findings by code.
    pub findings: BTreeMap<&'static str, u64>,
    /// The rooms in the order of their GUIDs.
    pub per_room: Vec<RoomRow>,
    /// What the HTML shows beyond the numbers.
    #[serde(skip)]
    pub samples: Samples,
}

/// An option and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// The option's name.
    pub name: String,
    /// Its value as text.
    pub value: String,
}

/// What became of records: `read = written + duplicate + filtered + rejected`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Records read.
    pub read: u64,
    /// Records that stand in the package.
    pub written: u64,
    /// Records dropped in favour of another one.
    pub duplicate: u64,
    /// Records left out on request.
    pub filtered: u64,
    /// Records that could not be used.
    pub rejected: u64,
}

/// A record stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceRow {
    /// Its name, relative to the argument's last component.
    pub input: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256.
    pub sha256: String,
    /// What it was read as.
    pub format: String,
    /// What became of its records.
    #[serde(flatten)]
    pub totals: Totals,
}

/// A table carried verbatim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableRow {
    /// Row of `sources.csv`.
    pub source: u32,
    /// The table's name.
    pub table: String,
    /// Its number of rows.
    pub rows: u64,
    /// The file of the package that holds it.
    pub file: String,
}

/// A file of rows in the staging lane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StagingRow {
    /// The side table that the rows go to.
    pub table: String,
    /// Their number.
    pub rows: u64,
    /// The file of the package that holds them.
    pub file: String,
}

/// A room and how much was said in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoomRow {
    /// Its GUID.
    pub guid: String,
    /// Its name; lone surrogates are U+FFFD.
    pub name: String,
    /// The name of its category.
    pub category: String,
    /// Whether it is disabled.
    pub disabled: bool,
    /// Number of messages.
    pub messages: u64,
    /// Number of events.
    pub events: u64,
    /// Time of its first message.
    pub first: Option<String>,
    /// Time of its last message.
    pub last: Option<String>,
}

/// What the HTML shows of long lists; the ledger holds them in full.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Samples {
    /// Findings, grouped by code: the first of each.
    pub findings: Vec<FindingGroup>,
    /// The first rejected records.
    pub rejected: Vec<RejectedSample>,
}

/// The findings of one code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingGroup {
    /// The code.
    pub code: &'static str,
    /// The greatest level among them.
    pub level: &'static str,
    /// How many there are.
    pub count: u64,
    /// Subject and detail of the first.
    pub first: Vec<(String, String)>,
}

/// A rejected record as the HTML shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedSample {
    /// Name of its stream.
    pub input: String,
    /// Its number there.
    pub record: u64,
    /// Line where it begins, from 1; 0 for inputs without lines.
    pub line: u64,
    /// Byte where it begins, from 0.
    pub byte: u64,
    /// Why it could not be used.
    pub cause: &'static str,
    /// What exactly was wrong.
    pub detail: String,
}

/// Makes `report.json`: indented, keys in the order of [`Report`], a line break at the end.
///
/// # Errors
/// None that this model can cause; the serializer's own error is passed on.
pub fn to_json(report: &Report) -> Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(report)
        .map_err(|error| Error::Unsound { what: format!("the report cannot be told as JSON: {error}") })?;
    bytes.push(b'\n');
    Ok(bytes)
}
