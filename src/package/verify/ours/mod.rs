//! Packages that gc2pc made: beyond the bag, their form, their documents, and the account that
//! proves every record of the inputs.
//!
//! The order: what others refer to first (people, categories, rooms, streams), then everything else
//! at once on all threads, then what only the whole can show.

mod account;
mod balance;
mod files;
mod form;
mod grammar;
mod history;
mod identity;
mod kinds;
mod ledger;
mod report;
mod rows;
mod schema;
mod staging;
mod structure;

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Read};

use super::Counts;
use super::bag::{self, TagFiles};
use super::fault;
use super::files::{Bag, BagFile};
use super::problem::Problems;
use super::scan::{Scan, Scanned};
use crate::error::{Error, Result};
use crate::ledger::{Control, Tally};
use crate::package::layout;
use crate::package::read::Part;
use crate::package::staging::Staged;
use account::Account;
use files::Listed;
use history::{Histories, Seen};
use ledger::{Names, StreamRow};
use report::{Counted, Report};
use structure::Structure;

pub(super) use form::is_ours;

const SOURCES: &str = "data/ledger/sources.csv";
const CONTROL: &str = "data/ledger/control.csv";
const NAMES: &str = "data/ledger/names.csv";
const REPORT: &str = "data/report.json";

/// What a file told, to be used when all have been read.
enum Fact {
    Nothing,
    Part(Part, Seen),
    Findings(BTreeMap<String, u64>),
    /// How many tables differ from the engine's count.
    Differing(u64),
    Names([Names; 2]),
    Report(Option<Report>),
    /// Rows of the staging lane.
    Staged(Staged),
    Files(Listed),
    /// How many links there are.
    Links(u64),
    /// The account's temporary files failed: nothing is proven.
    Failed(io::Error),
}

/// Everything that files told.
#[derive(Default)]
struct Told<'f> {
    read: HashMap<&'f str, bag::Read>,
    streams: Vec<StreamRow>,
    structure: Structure,
    histories: Histories,
    findings: BTreeMap<String, u64>,
    differing: u64,
    names: Option<[Names; 2]>,
    report: Option<Report>,
    staged: BTreeMap<&'f str, Staged>,
    files: Option<Listed>,
    links: Option<u64>,
    failed: Option<io::Error>,
}

impl<'f> Told<'f> {
    fn take(&mut self, file: &'f BagFile, scanned: Scanned<Fact>, problems: &mut Problems) {
        problems.append(scanned.problems);
        self.read.extend(scanned.read.map(|read| (file.path.as_str(), read)));
        match scanned.fact {
            Some(Fact::Part(part, seen)) => self.histories.add(&part, seen),
            Some(Fact::Findings(findings)) => self.findings = findings,
            Some(Fact::Differing(differing)) => self.differing = differing,
            Some(Fact::Names(names)) => self.names = Some(names),
            Some(Fact::Report(report)) => self.report = report,
            Some(Fact::Staged(staged)) => {
                self.staged.insert(&file.path, staged);
            }
            Some(Fact::Files(listed)) => self.files = Some(listed),
            Some(Fact::Links(links)) => self.links = Some(links),
            Some(Fact::Failed(error)) => self.failed = Some(error),
            Some(Fact::Nothing) | None => {}
        }
    }
}

/// Verifies a package of ours, the bag included.
///
/// # Errors
/// If temporary files that are needed for large archives fail.
pub(super) fn verify(scan: &Scan<'_>, tags: &TagFiles, problems: &mut Problems) -> Result<Counts> {
    let bag = scan.bag;
    form::check(bag, tags, problems);
    if let Some(zip) = bag.zip() {
        zip.check_strictly(problems);
    }
    let mut account = Account::new();
    let mut told = Told::default();
    read_structure(scan, &mut told, problems);
    let structure = std::mem::take(&mut told.structure);
    let streams = std::mem::take(&mut told.streams);
    let own_schemas = form::is_this_version(tags);
    let inspect = |file: &BagFile, input: &mut dyn Read, problems: &mut Problems| {
        if own_schemas {
            form::check_schema(&file.path, input, problems);
            staging::check_format(&file.path, input, problems);
        }
        if file.path == CONTROL {
            return Fact::Differing(ledger::read_control(&file.path, input, &streams, problems));
        }
        inspect(file, input, &structure, &account, problems).unwrap_or_else(Fact::Failed)
    };
    let rest: Vec<&BagFile> =
        bag.files.iter().filter(|file| !STRUCTURE.contains(&file.path.as_str())).collect();
    scan.run(&rest, &inspect, &mut |file, scanned| told.take(file, scanned, problems));
    tags.compare(bag, &told.read, problems);
    files::compare(bag, told.files.as_ref(), told.links, &told.read, problems);
    let balanced = told.failed.take().map_or(Ok(()), Err).and_then(|()| {
        balance::balance_records(&mut account, &streams, problems)?;
        balance::balance_identities(&mut account, problems)
    });
    balanced.map_err(|cause| Error::write(std::env::temp_dir(), cause))?;
    told.histories.check(problems);
    (told.structure, told.streams) = (structure, streams);
    if let Some(level) = told.report.as_ref().and_then(|report| report.level.as_deref()) {
        form::check_told_level(bag, level, problems);
    }
    if let Some(report) = &told.report {
        form::check_told_tables(bag, report.tables(), problems);
        form::check_told_files(bag, report.tells_of_files(), problems);
    }
    Ok(told.conclude(bag, problems))
}

/// What other files refer to, in an order in which each refers to those before it alone.
const STRUCTURE: [&str; 4] =
    [SOURCES, "data/import/User.xml", "data/import/Category.xml", "data/import/RoomDirectory.xml"];

fn read_structure<'f>(scan: &Scan<'f>, told: &mut Told<'f>, problems: &mut Problems) {
    for path in STRUCTURE {
        let Some(file) = scan.bag.get(path) else { continue };
        let (streams, structure) = (&mut told.streams, &mut told.structure);
        let scanned = scan.one(file, |_, input, problems| {
            match Part::of(path) {
                Part::Users => structure.read_users(path, input, problems),
                Part::Categories => structure.read_categories(path, input, problems),
                Part::RoomDirectory => structure.read_rooms(path, input, problems),
                _ => *streams = ledger::read_sources(path, input, problems),
            }
            Fact::Nothing
        });
        told.take(file, scanned, problems);
    }
}

/// Reads one of the files that nothing else refers to; others are left to be digested.
fn inspect(
    file: &BagFile,
    input: &mut dyn Read,
    structure: &Structure,
    account: &Account,
    problems: &mut Problems,
) -> io::Result<Fact> {
    let path = file.path.as_str();
    match Part::of(path) {
        Part::Other(_) => {}
        part => {
            let seen = history::read_part(path, &part, input, structure, account, problems)?;
            return Ok(Fact::Part(part, seen));
        }
    }
    match path {
        "data/ledger/duplicates.csv" => ledger::read_duplicates(path, input, account, problems)?,
        "data/ledger/conflicts.csv" => ledger::read_conflicts(path, input, account, problems)?,
        "data/ledger/filtered.csv" => ledger::read_filtered(path, input, account, problems)?,
        "data/ledger/rejected.csv" => ledger::read_rejected(path, input, account, problems)?,
        "data/ledger/findings.csv" => {
            return Ok(Fact::Findings(ledger::read_findings(path, input, problems)));
        }
        layout::FILES => return Ok(Fact::Files(files::read_files(path, input, problems))),
        layout::LINKS => return Ok(Fact::Links(files::read_links(path, input, problems))),
        NAMES => return Ok(Fact::Names(ledger::read_names(path, input, problems))),
        REPORT => return Ok(Fact::Report(report::read_report(path, input, problems))),
        _ => {}
    }
    Ok(staging::count(path, input, problems).map_or(Fact::Nothing, Fact::Staged))
}

impl Told<'_> {
    /// Compares what is told in two places, and counts.
    fn conclude(&self, bag: &Bag, problems: &mut Problems) -> Counts {
        if let Some([categories, rooms]) = &self.names {
            let documents = &self.structure;
            let pairs = [("category", categories, &documents.categories), ("room", rooms, &documents.rooms)];
            for (kind, told, document) in pairs {
                if let Some(document) = document {
                    ledger::compare_names(NAMES, kind, told, document, problems);
                }
            }
        }
        let told = self.findings.get(Control::FINDING).copied().unwrap_or_default();
        if told != self.differing {
            let what =
                format!("{} tables differ from the engine's count, and {told} findings", self.differing);
            problems.add(&fault::CONTROL_DIFFERS, CONTROL, what);
        }
        let (messages, events) = self.histories.counts();
        let mut totals = Tally::default();
        self.streams.iter().for_each(|row| add(&mut totals, row.tally));
        let length = |names: &Option<Names>| names.as_ref().map(|names| names.len() as u64);
        let (first, last) =
            self.histories.range().map(|(first, last)| (first.to_string(), last.to_string())).unzip();
        let counted = Counted {
            totals,
            sources: self.streams.len() as u64,
            rooms: length(&self.structure.rooms),
            categories: length(&self.structure.categories),
            people: self.structure.people.len() as u64,
            messages,
            events,
            first,
            last,
            findings: self.findings.clone(),
        };
        if let Some(report) = &self.report {
            report.compare(REPORT, &counted, problems);
            staging::compare(bag, report, &self.staged, &counted, problems);
        }
        Counts {
            people: counted.people,
            categories: counted.categories.unwrap_or_default(),
            rooms: counted.rooms.unwrap_or_default(),
            messages,
            events,
            records: totals.read,
            ..Counts::default()
        }
    }
}

/// Adds counts that may be forged, so that no sum overflows.
fn add(totals: &mut Tally, tally: Tally) {
    for (total, part) in [
        (&mut totals.read, tally.read),
        (&mut totals.written, tally.written),
        (&mut totals.duplicate, tally.duplicate),
        (&mut totals.filtered, tally.filtered),
        (&mut totals.rejected, tally.rejected),
    ] {
        *total = total.saturating_add(part);
    }
}
