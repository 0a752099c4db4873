//! `gc2pc verify`.

use std::collections::BTreeMap;
use std::io::Write;

use serde::Serialize;

use super::arguments::Verify;
use super::terminal::{self, DIM, GOOD, HEADING, harmless, level_style, number, size};
use super::{Session, Status};
use crate::error::Result;
use crate::ledger::Level;
use crate::package::verify::{self, Kind, Verification};
use crate::progress::{Progress, Stage};

pub fn run(arguments: &Verify, session: &Session) -> Result<Status> {
    session.bar.stage(Stage { number: 1, of: 1, name: "verifying", total: 0 });
    let verification = verify::verify(&arguments.package, &mut |bytes| session.bar.advance(bytes))?;
    session.bar.check()?;
    session.bar.clear();
    let sound = verification.is_sound();
    if arguments.json {
        terminal::print_json(&Facts::new(&verification))?;
    } else {
        terminal::print(|out| told(out, &verification))?;
    }
    Ok(if sound { Status::Complete } else { Status::Unverified })
}

fn told(out: &mut dyn Write, verification: &Verification) -> std::io::Result<()> {
    for problem in &verification.problems {
        let style = level_style(problem.level);
        let path = if problem.path.is_empty() { "the package" } else { &problem.path };
        writeln!(
            out,
            "{style}{}{style:#} {} {}: {}",
            problem.level.name(),
            problem.code,
            harmless(path),
            harmless(&problem.what)
        )?;
        writeln!(out, "  {DIM}{}{DIM:#}", problem.meaning)?;
    }
    for (code, more) in &verification.more {
        writeln!(out, "{code}: {} more", number(*more))?;
    }
    let counts = &verification.counts;
    writeln!(out, "{HEADING}read{HEADING:#}  {} files, {}", number(counts.files), size(counts.bytes))?;
    if verification.kind == Kind::OurPackage {
        writeln!(
            out,
            "{HEADING}holds{HEADING:#} {} messages and {} events in {} rooms, of {} records read",
            number(counts.messages),
            number(counts.events),
            number(counts.rooms),
            number(counts.records)
        )?;
    }
    match (verification.is_sound(), verification.kind) {
        (true, Kind::OurPackage) => writeln!(
            out,
            "{GOOD}sound{GOOD:#}: every file is as it was sealed, and every record is accounted for"
        ),
        (true, Kind::OtherBag) => writeln!(out, "{GOOD}sound{GOOD:#}: a complete and valid BagIt bag"),
        (false, _) => {
            let style = level_style(Level::Error);
            writeln!(out, "{style}not sound{style:#}: see the errors above")
        }
    }
}

/// The outcome, as `--json` writes it.
#[derive(Serialize)]
struct Facts<'a> {
    kind: &'static str,
    sound: bool,
    problems: Vec<Problem<'a>>,
    more: &'a BTreeMap<&'static str, u64>,
    files: u64,
    bytes: u64,
    people: u64,
    categories: u64,
    rooms: u64,
    messages: u64,
    events: u64,
    records: u64,
}

#[derive(Serialize)]
struct Problem<'a> {
    code: &'static str,
    level: &'static str,
    path: &'a str,
    what: &'a str,
    meaning: &'static str,
}

impl<'a> Facts<'a> {
    fn new(verification: &'a Verification) -> Facts<'a> {
        let counts = verification.counts;
        Facts {
            kind: match verification.kind {
                Kind::OurPackage => "package",
                Kind::OtherBag => "bag",
            },
            sound: verification.is_sound(),
            problems: verification
                .problems
                .iter()
                .map(|problem| Problem {
                    code: problem.code,
                    level: problem.level.name(),
                    path: &problem.path,
                    what: &problem.what,
                    meaning: problem.meaning,
                })
                .collect(),
            more: &verification.more,
            files: counts.files,
            bytes: counts.bytes,
            people: counts.people,
            categories: counts.categories,
            rooms: counts.rooms,
            messages: counts.messages,
            events: counts.events,
            records: counts.records,
        }
    }
}
