//! The staging lane: as many rows as the report tells, and as the documents have.

use std::collections::BTreeMap;
use std::io::Read;

use super::report::{Counted, Report};
use crate::package::staging::{self, Staged};
use crate::package::verify::fault;
use crate::package::verify::files::Bag;
use crate::package::verify::problem::{Problems, quote};

const FOLDER: &str = "data/staging/";
const REPORT: &str = "data/report.json";

/// Counts the rows of a file of the staging lane; other files are passed over.
pub(super) fn count(path: &str, input: &mut dyn Read, problems: &mut Problems) -> Option<Staged> {
    // A file that cannot be read is told of by whoever reads it.
    match staging::read(path, input).ok().flatten()? {
        Ok(staged) => Some(staged),
        Err(why) => {
            problems.add(&fault::STAGING_FORM, path, why);
            None
        }
    }
}

/// Compares a format file with the one that belongs to the data; other files are passed over.
pub(super) fn check_format(path: &str, input: &mut dyn Read, problems: &mut Problems) {
    let Some(expected) = staging::format_file(path) else { return };
    let mut bytes = Vec::new();
    let outcome = input.take(expected.len() as u64 + 1).read_to_end(&mut bytes);
    // A file that cannot be read is told of by whoever reads it.
    if outcome.is_ok() && bytes != expected.as_bytes() {
        problems.add(&fault::STAGING_FORM, path, "it does not describe the rows beside it");
    }
}

/// Compares what there is with what the report tells, and with the documents.
pub(super) fn compare(
    bag: &Bag,
    report: &Report,
    staged: &BTreeMap<&str, Staged>,
    counted: &Counted,
    problems: &mut Problems,
) {
    let mut told: BTreeMap<&str, u64> = BTreeMap::new();
    for (file, rows) in report.staging() {
        if told.insert(file, rows).is_some() {
            let what = format!("it tells of the rows in {} more than once", quote(file));
            problems.add(&fault::REPORT_DIFFERS, REPORT, what);
        }
    }
    for file in bag.files.iter().filter(|file| file.path.starts_with(FOLDER)) {
        let data = file.path.strip_suffix(".fmt").map(|stem| format!("{stem}.bcp"));
        let known = told.contains_key(data.as_deref().unwrap_or(&file.path));
        if !known && (told.is_empty() || data.is_some() || file.path.ends_with(".bcp")) {
            problems.add(&fault::PACKAGE_EXTRA, &file.path, "the report tells of no such file of rows");
        }
    }
    if told.is_empty() {
        return;
    }
    let formats = told.keys().filter_map(|file| Some(format!("{}.fmt", file.strip_suffix(".bcp")?)));
    let mut needed: Vec<String> = told.keys().map(|&file| file.to_owned()).collect();
    needed.extend(formats.chain(staging::required()));
    needed.sort_unstable();
    needed.dedup();
    for path in needed.iter().filter(|path| bag.get(path).is_none()) {
        problems.add(&fault::PACKAGE_MISSING, path, "the staging lane that the report tells of needs it");
    }
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    for (path, Staged { table, rows }) in staged {
        *sums.entry(table).or_default() += rows;
        if let Some(told) = told.get(path).filter(|told| *told != rows) {
            let what = format!("{}: it says {told} rows, there are {rows}", quote(path));
            problems.add(&fault::REPORT_DIFFERS, REPORT, what);
        }
    }
    let documents = [
        ("People", Some(counted.people)),
        ("Categories", counted.categories),
        ("Rooms", counted.rooms),
        ("Messages", Some(counted.messages)),
    ];
    for (table, documents) in documents {
        let rows = sums.get(table).copied().unwrap_or_default();
        if let Some(documents) = documents.filter(|documents| *documents != rows) {
            let what = format!("{table} has {rows} rows, the documents tell of {documents}");
            problems.add(&fault::STAGING_DIFFERS, FOLDER, what);
        }
    }
}
