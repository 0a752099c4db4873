//! The main job: the stages in order, and nothing else.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::budget::Budget;
use crate::chat::{Batch, Directory, Ticks};
use crate::dedup::{self, Selection, Shelf};
use crate::error::{Error, Result};
use crate::filestore::{self, Links, Store};
use crate::ledger::{Findings, OpenLedger, Rejected, RejectedLog};
use crate::migrate::{self, Plan};
use crate::package::{self, Contents, Level, SourceTable, Step};
use crate::progress::{Progress, Stage};
use crate::report::Report;
use crate::source::{self, Archive, Intake};
use crate::spill::{Scratch, require_space};

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
    /// The old file store, if it is given.
    pub files: Option<filestore::Options>,
    /// How memory is shared out. Decides nothing of what comes out.
    pub budget: Budget,
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
    let store = open_store(inputs, options)?;
    let budget = options.budget;
    let scratch = Arc::new(Scratch::new(&options.reading.temp));
    let intake = Waiting {
        temp: options.reading.temp.clone(),
        held: budget.shelf as u64,
        output: options.output.clone(),
        carried: store.as_ref().filter(|store| store.carries()).map_or(0, Store::bytes),
        largest: budget.largest,
        shelf: Shelf::new(scratch.clone(), budget.shelf, rayon::current_num_threads()),
        rejected: RejectedLog::new(scratch.clone()),
    };
    let mut reading = options.reading.clone();
    reading.left_out.extend(store.iter().map(|store| store.root().to_owned()));
    let mut archive = source::read(inputs, &reading, &intake, progress)?;
    let Waiting { shelf, rejected, .. } = intake;
    let shelved = shelf.finish(archive.directory.clone(), archive.stretches.clone())?;
    archive.inputs.rejected = Some(rejected.finish(std::mem::take(&mut archive.stretches)));
    let mut ledger = OpenLedger::open(std::mem::take(&mut archive.inputs), &scratch, budget.ledger)?;
    let mut findings = std::mem::take(&mut archive.findings);

    let total = shelved.bytes();
    progress.stage(Stage { number: 5, of: STAGES, name: "deduplicating and writing", total });
    let left_out = migrate::left_out_rooms(&archive.tree, &archive.directory, &options.migration)?;
    let links = Arc::new(match &store {
        Some(_) => Links::keeping(scratch.clone(), budget.links),
        None => Links::counting(),
    });
    let run = dedup::Run {
        settled: archive.directory.clone(),
        dumps: archive.dumps.clone(),
        tree: &archive.tree,
        selection: Selection {
            since: options.since,
            until: options.until,
            rooms: left_out,
            all: (!options.level.has_content()).then_some("level"),
        },
        scratch,
        sizes: budget.dedup,
    };
    let tell = |_: Step| progress.check();
    let package_options =
        package::Options { sizes: budget.apply(options.package.sizes), ..options.package.clone() };
    let mut writer =
        package::Writer::begin(options.output.as_deref(), options.level, &package_options, &tell)?;
    let hearing = links.clone();
    writer.watch(Arc::new(move |piece| hearing.look(piece)));
    let authors =
        dedup::resolve(shelved, run, &mut ledger, &mut findings, progress, &mut |piece| writer.take(piece))?;
    writer.end_histories()?;
    let ledger = ledger.balance().map_err(|imbalance| Error::Unsound { what: imbalance.to_string() })?;
    progress.check()?;

    progress.stage(Stage { number: 6, of: STAGES, name: "planning the new tree", total: 0 });
    let mut migration = options.migration.clone();
    migration.authors = authors;
    let plan = migrate::plan(&archive.tree, &archive.directory, &migration)?;
    findings.extend(plan.findings.clone());
    let reading_files = Stage { number: 6, of: STAGES, name: "reading the file store", total: 0 };
    let files = filestore::settle(store, &links, reading_files, progress, &mut findings)?;

    progress.stage(Stage { number: 7, of: STAGES, name: "writing and proving", total: 0 });
    let sealed = writer.finish(Contents {
        plan: &plan,
        findings: &findings,
        ledger: &ledger,
        tables: tables(&archive),
        files: files.as_ref(),
        told: options.told.clone(),
    })?;
    Ok(Outcome { report: sealed.report, plan, findings })
}

/// Lists the old file store, after it was seen to that nothing is written where it should not be.
fn open_store(inputs: &[PathBuf], options: &Options) -> Result<Option<Store>> {
    let output = options.output.as_deref();
    if let Some(output) = output {
        let folders = options.files.iter().map(|files| files.folder.clone());
        let spared: Vec<PathBuf> = inputs.iter().cloned().chain(folders).collect();
        package::check(output, &spared, &options.package)?;
    }
    let files = options.files.as_ref().map(|files| Store::open(files, inputs, output, &options.reading.temp));
    files.transpose()
}

/// Where records wait until all are read.
struct Waiting {
    temp: PathBuf,
    /// Bytes that wait in memory.
    held: u64,
    output: Option<PathBuf>,
    /// Bytes of files that the package carries, which may not get smaller in a ZIP.
    carried: u64,
    largest: usize,
    shelf: Shelf,
    rejected: RejectedLog,
}

impl Intake for Waiting {
    /// Asks for room on the disks: for what does not fit in memory, and for the package, of which a ZIP
    /// takes a fifth or more of the text.
    fn expect(&self, bytes: u64) -> Result<()> {
        let spilled = if bytes > self.held { bytes } else { 0 };
        let mut demands = vec![(self.temp.as_path(), spilled)];
        if let Some(output) = &self.output {
            let zipped = output.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
            let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty());
            let written = if zipped { bytes / 5 } else { bytes }.saturating_add(self.carried);
            demands.push((folder.unwrap_or(Path::new(".")), written));
        }
        require_space(&demands)
    }

    fn largest(&self) -> usize {
        self.largest
    }

    fn take(&self, batch: Batch, directory: &Directory) -> Result<()> {
        self.shelf.take(batch, directory)
    }

    fn reject(&self, rejected: &Rejected) -> Result<()> {
        self.rejected.push(rejected)
    }
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
