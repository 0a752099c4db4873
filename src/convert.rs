//! The main job: the stages in order, and nothing else.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::chat::{RoomHistory, Ticks};
use crate::dedup::{self, Selection};
use crate::error::{Error, Result};
use crate::ledger::Findings;
use crate::migrate::{self, Plan};
use crate::package::{self, Contents, Level, SourceTable, Step};
use crate::progress::{Progress, Stage};
use crate::report::Report;
use crate::source::{self, Archive};

/// How many stages a conversion has.
pub const STAGES: u32 = 7;

/// What is wanted of a conversion.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the package goes; `None` writes nothing and tells what would be written.
    pub output: Option<PathBuf>,
    /// Which documents are written.
    pub level: Level,
    /// Leave out what happened before this instant.
    pub since: Option<Ticks>,
    /// Leave out what happened at this instant or later.
    pub until: Option<Ticks>,
    /// How inputs are read.
    pub reading: source::Options,
    /// How the tree is flattened, and what of it.
    pub migration: migrate::Options,
    /// How the package is made.
    pub package: package::Options,
    /// The options as the report tells them: those that decide what stands in the package.
    pub told: Vec<(String, String)>,
}

/// What came of a conversion.
#[derive(Debug)]
pub struct Outcome {
    /// What Persistent Chat shall hold.
    pub plan: Plan,
    /// All findings.
    pub findings: Findings,
    /// What was read, written and left out.
    pub report: Report,
}

/// Converts everything in the inputs into one package, proven before it gets its name.
///
/// # Errors
/// Any [`Error`] that ends a run; nothing then stands under the output's name that was not there
/// before.
pub fn convert(inputs: &[PathBuf], options: &Options, progress: &dyn Progress) -> Result<Outcome> {
    if let Some(output) = &options.output {
        package::check(output, inputs, &options.package)?;
    }
    let mut archive = source::read(inputs, &options.reading, progress)?;
    let stage = |number, name| progress.stage(Stage { number, of: STAGES, name, total: 0 });

    stage(5, "deduplicating");
    let mut findings = std::mem::take(&mut archive.findings);
    let left_out = migrate::left_out_rooms(&archive.tree, &archive.directory, &options.migration)?;
    let selection = Selection {
        since: options.since,
        until: options.until,
        rooms: left_out,
        all: (!options.level.has_content()).then_some("level"),
    };
    let mut ledger = std::mem::take(&mut archive.ledger);
    let batches = std::mem::take(&mut archive.batches);
    let mut histories = dedup::resolve(
        &batches,
        &archive.directory,
        &archive.dumps,
        &selection,
        &mut ledger,
        &mut findings,
        progress,
    )?;
    dedup::tell_twins(&histories, &archive.tree, &archive.directory, &mut findings);
    ledger.balance().map_err(|imbalance| Error::Unsound { what: imbalance.to_string() })?;
    progress.check()?;

    stage(6, "planning the new tree");
    let mut migration = options.migration.clone();
    migration.authors = authors(&histories);
    let plan = migrate::plan(&archive.tree, &archive.directory, &migration)?;
    findings.extend(plan.findings.clone());

    progress.stage(Stage { number: 7, of: STAGES, name: "writing and proving", total: estimate(&histories) });
    let contents = Contents {
        plan: &plan,
        findings: &findings,
        ledger: &ledger,
        histories: &mut histories,
        tables: tables(&archive),
        level: options.level,
        told: options.told.clone(),
    };
    let done = AtomicU64::new(0);
    let tell = |step: Step| {
        if let Step::Written { bytes, .. } = step {
            progress.advance(bytes.saturating_sub(done.fetch_max(bytes, Ordering::Relaxed)));
        }
        progress.check()
    };
    let sealed = match &options.output {
        Some(output) => package::write(output, contents, &options.package, &tell)?,
        None => package::rehearse(contents, &options.package, &tell)?,
    };
    Ok(Outcome { report: sealed.report, plan, findings })
}

/// Estimates the bytes of the documents, for the progress: their text, and what stands around it.
fn estimate(histories: &[RoomHistory<'_>]) -> u64 {
    const AROUND: usize = 230;
    let messages = histories.iter().flat_map(|history| &history.messages);
    let events = histories.iter().flat_map(|history| &history.events);
    let text = messages.map(|message| message.text.len() + message.rtf.map_or(0, <[u8]>::len) + AROUND);
    (text.sum::<usize>() + events.map(|event| event.content.len() + AROUND).sum::<usize>()) as u64
}

/// The people who wrote a message or figure in an event.
fn authors(histories: &[RoomHistory<'_>]) -> std::collections::BTreeSet<usize> {
    let of = |history: &RoomHistory<'_>| {
        let mut people: Vec<usize> = history.messages.iter().map(|message| message.author).collect();
        people.extend(history.events.iter().map(|event| event.person));
        people.sort_unstable();
        people.dedup();
        people
    };
    histories.iter().flat_map(of).collect()
}

fn tables(archive: &Archive) -> Vec<SourceTable<'_>> {
    archive
        .tables
        .iter()
        .map(|table| SourceTable {
            stream: table.stream,
            table: table.name.clone(),
            write: Box::new(|out| table.write(out)),
        })
        .collect()
}
