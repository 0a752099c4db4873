//! The main job: the stages in order, and nothing else.

mod waiting;

use std::path::PathBuf;
use std::sync::Arc;

use crate::budget::Budget;
use crate::chat::{Piece, Ticks};
use crate::dedup::{self, Selection, Shelved, Told};
use crate::error::{Error, Result};
use crate::filestore::{self, Links, Store};
use crate::ledger::{Findings, Ledger, OpenLedger};
use crate::migrate::{self, Plan};
use crate::package::{self, Contents, Entry, Level, SourceTable, Step};
use crate::progress::{Progress, Stage};
use crate::report::Report;
use crate::source::{self, Archive};
use crate::spill::Scratch;
use waiting::Waiting;

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
    /// The files of the package, with sizes and digests.
    pub entries: Vec<Entry>,
}

/// Converts everything in the inputs into one package, proven before it gets its name.
///
/// # Errors
/// Any [`Error`] that ends a run; nothing then stands under the output's name that was not there
/// before.
pub fn convert(inputs: &[PathBuf], options: &Options, progress: &dyn Progress) -> Result<Outcome> {
    package::check_options(options.level, &options.package)?;
    let store = open_store(inputs, options)?;
    let gathered = gather(inputs, options, store.as_ref(), progress)?;

    let tell = |_: Step| progress.check();
    let sizes = options.budget.apply(options.package.sizes);
    let package_options = package::Options { sizes, ..options.package.clone() };
    let mut writer =
        package::Writer::begin(options.output.as_deref(), options.level, &package_options, &tell)?;
    let links = Arc::new(match &store {
        Some(_) => Links::keeping(gathered.scratch.clone(), options.budget.links),
        None => Links::counting(),
    });
    let hearing = links.clone();
    writer.watch(Arc::new(move |piece| hearing.look(piece)));
    let total = gathered.bytes();
    progress.stage(Stage { number: 5, of: STAGES, name: "deduplicating and writing", total });
    let resolved = gathered.resolve(options, progress, &mut |piece| writer.take(piece))?;

    progress.stage(Stage { number: 6, of: STAGES, name: "planning the new tree", total: 0 });
    let Resolved { archive, ledger, mut findings, told } = resolved;
    let migration = migrate::Options {
        authors: told.authors,
        histories: told.rooms,
        days: told.days,
        ..migration(&archive, &options.migration)
    };
    let plan = migrate::plan(&archive.tree, &archive.directory, &migration)?;
    findings.extend(plan.findings.clone());
    findings.extend(writer.settle(&plan)?);
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
    Ok(Outcome { report: sealed.report, entries: sealed.entries, plan, findings })
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

/// Stages 1 to 4: everything that was read, with the records waiting to be resolved.
pub(crate) struct Gathered {
    /// The streams, the legacy tree, and everybody and every room that is named anywhere.
    pub(crate) archive: Archive,
    shelved: Shelved,
    ledger: OpenLedger,
    findings: Findings,
    scratch: Arc<Scratch>,
}

/// Reads everything in the inputs, but not what belongs to the file store.
///
/// # Errors
/// As [`source::read`], and if the temporary file fails.
pub(crate) fn gather(
    inputs: &[PathBuf],
    options: &Options,
    store: Option<&Store>,
    progress: &dyn Progress,
) -> Result<Gathered> {
    let scratch = Arc::new(Scratch::new(&options.reading.temp));
    let carried = store.filter(|store| store.carries()).map_or(0, Store::bytes);
    let waiting = Waiting::new(options, carried, &scratch);
    let mut reading = options.reading.clone();
    reading.left_out.extend(store.map(|store| store.root().to_owned()));
    let mut archive = source::read(inputs, &reading, &waiting, progress)?;
    let Waiting { shelf, rejected, .. } = waiting;
    let shelved = shelf.finish(archive.directory.clone(), archive.stretches.clone())?;
    archive.inputs.rejected = Some(rejected.finish(std::mem::take(&mut archive.stretches)));
    let ledger = OpenLedger::open(std::mem::take(&mut archive.inputs), &scratch, options.budget.ledger)?;
    let findings = std::mem::take(&mut archive.findings);
    Ok(Gathered { archive, shelved, ledger, findings, scratch })
}

/// Stage 5: what remains when the histories of all rooms were handed over.
pub(crate) struct Resolved {
    archive: Archive,
    /// The account of all records, balanced.
    pub(crate) ledger: Ledger,
    findings: Findings,
    /// What the histories say of people and rooms.
    told: Told,
}

impl Gathered {
    /// Returns how many bytes of records wait.
    pub(crate) fn bytes(&self) -> u64 {
        self.shelved.bytes()
    }

    /// Makes one of each message, and hands the histories of all rooms to `take` piece by piece: the
    /// messages of all rooms, by GUID, then their events.
    ///
    /// # Errors
    /// As [`dedup::resolve`]; [`Error::Unsound`] if a record is not accounted for.
    pub(crate) fn resolve(
        self,
        options: &Options,
        progress: &dyn Progress,
        take: &mut dyn FnMut(Piece) -> Result<()>,
    ) -> Result<Resolved> {
        let Gathered { archive, shelved, mut ledger, mut findings, scratch } = self;
        let rooms = migrate::left_out_rooms(&archive.tree, &archive.directory, &options.migration)?;
        let run = dedup::Run {
            settled: archive.directory.clone(),
            dumps: archive.dumps.clone(),
            tree: &archive.tree,
            selection: Selection {
                since: options.since,
                until: options.until,
                rooms,
                all: (!options.level.has_content()).then_some("level"),
            },
            scratch,
            sizes: options.budget.dedup,
        };
        let told = dedup::resolve(shelved, run, &mut ledger, &mut findings, progress, take)?;
        let ledger = ledger.balance().map_err(|imbalance| Error::Unsound { what: imbalance.to_string() })?;
        progress.check()?;
        Ok(Resolved { archive, ledger, findings, told })
    }
}

/// Returns the options of the migration with what the archive knows beyond its tree.
pub(crate) fn migration(archive: &Archive, options: &migrate::Options) -> migrate::Options {
    migrate::Options { affiliations: archive.affiliations.clone(), left: archive.left(), ..options.clone() }
}

fn tables(archive: &Archive) -> Vec<SourceTable<'_>> {
    archive
        .tables
        .iter()
        .map(|table| SourceTable {
            stream: table.stream,
            table: table.name.clone(),
            write: Box::new(|out| {
                let rows = table.write(out)?;
                archive.marks.check().map(|()| rows)
            }),
        })
        .collect()
}
