//! Writes a package: every file in its order, then the seal.
//!
//! The mark of a bag comes first, then the histories, since all else is known only when they are, and
//! then the files in the order of the lines below. That is the order of entries in a ZIP, and means
//! nothing to readers. Whatever fails, the target is left as it was.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::contents::{Contents, Level, Options, Progress, Sizes, SourceTable, Watch};
use super::histories::Histories;
use super::target::{Entry, NowhereStore, Packer, Place, clear_up, judge, spare, store_for};
use super::{bag, documents, files, layout, ledger_files, staging, structure_script, xml};
use crate::chat::Piece;
use crate::error::{Error, Result};
use crate::ledger::Findings;
use crate::migrate::Plan;
use crate::report::{self, Facts, Report, RoomCount, StagingRow, TableRow};

/// A package that was written and proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Its files in the order of writing.
    pub entries: Vec<Entry>,
    /// What its report tells.
    pub report: Report,
    /// The replaced package, where it could be moved aside but not removed.
    pub left_behind: Option<PathBuf>,
}

/// Writes a package while its histories are made: [`Writer::take`] takes these piece by piece,
/// [`Writer::finish`] all else.
///
/// A ZIP if the target's name ends in `.zip`, else a folder. It is built beside the target under a
/// temporary name, synced, read back, and renamed; dropped before, it leaves nothing. Threads of the
/// current pool do the work; what is written depends neither on their number nor on where pieces end.
/// Needs memory for one part of a room's document and three more for each thread, for
/// [`Sizes::waiting`](super::Sizes::waiting), and for names and digests of all files; with the staging
/// lane for one piece, a file of its rows and 64 bytes a room more.
pub struct Writer<'a> {
    level: Level,
    options: Options,
    histories: Histories,
    /// Dropped before the place is cleared.
    packer: Packer<'a>,
    place: Option<Place>,
    failed: bool,
}

impl<'a> Writer<'a> {
    /// Begins a package. Without an output nothing is written, but report, sizes and digests are those
    /// that a package would have.
    ///
    /// # Errors
    /// [`Error::OutputExists`] and [`Error::Usage`]
    /// before anything is written; [`Error::Write`]; those of `progress`.
    pub fn begin(
        output: Option<&Path>,
        level: Level,
        options: &Options,
        progress: Progress<'a>,
    ) -> Result<Writer<'a>> {
        check_options(level, options)?;
        let place = output.map(|target| Place::new(target, options.overwrite)).transpose()?;
        let store = match &place {
            Some(place) => store_for(place, options.compression)?,
            None => Box::new(NowhereStore),
        };
        // What is rendered waits but shortly: it is compressed next.
        let rendering = options.sizes.waiting / 4;
        let sizes = Sizes { waiting: options.sizes.waiting - rendering, ..options.sizes };
        let mut packer = Packer::new(store, sizes, progress);
        packer.put(layout::BAGIT.into(), bag::DECLARATION.into())?;
        let histories = Histories::new(options.sizes.part, rendering, options.staging);
        Ok(Writer { level, options: options.clone(), histories, packer, place, failed: false })
    }

    /// Has somebody look at every piece that is taken from now on, on the threads that make it ready.
    pub fn watch(&mut self, watch: Watch) {
        self.histories.watch(watch);
    }

    /// Takes the next piece of the histories: first the messages of all rooms, by GUID, then their
    /// events. A piece that holds both holds the last messages and the first events.
    ///
    /// # Errors
    /// [`Error::Unsound`] if it does not follow what came before, or if the level
    /// has no content; [`Error::Write`]; those of `progress`.
    pub fn take(&mut self, piece: Piece) -> Result<()> {
        if !self.level.has_content() && !piece.rooms.is_empty() {
            return Err(Error::Unsound { what: "a package of this level has no messages".into() });
        }
        let taken = self.histories.take(piece, &mut self.packer);
        self.failed |= taken.is_err();
        taken
    }

    /// Ends the histories, and tells what the staging lane changes of the package so that the target
    /// takes it: findings that belong to those of the run. Without the lane there are none.
    ///
    /// # Errors
    /// Those of [`Writer::take`].
    pub fn settle(&mut self, plan: &Plan) -> Result<Findings> {
        let ended = self.histories.end(&mut self.packer);
        self.failed |= ended.is_err();
        ended?;
        Ok(self.histories.staged().map(|(ids, _)| staging::tell(plan, ids)).unwrap_or_default())
    }

    /// Writes all else, proves what was written, and gives it its name.
    ///
    /// # Errors
    /// [`Error::Write`] and [`Error::Unsound`] after the
    /// temporary output was removed; those of the contents and of `progress`.
    pub fn finish(self, mut contents: Contents<'_>) -> Result<Sealed> {
        let Writer { level, options, mut histories, mut packer, place, failed } = self;
        let outcome = || {
            if failed {
                return Err(Error::Unsound { what: "a piece of the histories was not written".into() });
            }
            histories.end(&mut packer)?;
            let counts = histories.counts(&contents)?;
            let report = pack(&mut contents, level, &options, &counts, &histories, &mut packer)?;
            Ok((packer.seal()?, report))
        };
        let (entries, report) = outcome()?;
        let left_behind = place.map_or(Ok(None), Place::publish)?;
        Ok(Sealed { entries, report, left_behind })
    }
}

/// Tells whether options contradict each other or the level.
///
/// # Errors
/// [`Error::Usage`].
pub fn check_options(level: Level, options: &Options) -> Result<()> {
    bag::check_info(&options.info)?;
    if options.staging && level != Level::All {
        return Err(Error::Usage {
            what: format!("the staging lane needs everything, and level {} leaves some out", level.name()),
            hint: "give --staging without --level, or leave it out".into(),
        });
    }
    Ok(())
}

/// Tells early, before anything is read, whether [`Writer::begin`] would refuse the target, or
/// replace one of the inputs. What killed runs to this target left is cleared up before.
///
/// # Errors
/// [`Error::OutputExists`] and [`Error::Usage`]; [`Error::Write`] if a package that a killed run had
/// moved aside cannot get its name back.
pub fn check(target: &Path, inputs: &[PathBuf], options: &Options) -> Result<()> {
    bag::check_info(&options.info)?;
    clear_up(target)?;
    judge(target, options.overwrite)?;
    spare(target, inputs)
}

/// Writes everything but the histories.
fn pack(
    contents: &mut Contents<'_>,
    level: Level,
    options: &Options,
    counts: &[RoomCount],
    histories: &Histories,
    packer: &mut Packer<'_>,
) -> Result<Report> {
    for (name, schema) in documents::SCHEMAS {
        packer.put(format!("data/schema/{name}"), schema.into())?;
    }
    write_import(contents.plan, level, packer)?;
    let tables = write_tables(&mut contents.tables, packer)?;
    if structure_script::is_needed(level) {
        let file = packer.file(layout::STRUCTURE_SCRIPT.into());
        file.fill(|out| structure_script::write_script(contents.plan, level, out))?;
    }
    let staged = match histories.staged() {
        Some((ids, messages)) => staging::write(contents.plan, ids, messages, packer)?,
        None => Vec::new(),
    };
    if let Some(plan) = contents.files {
        files::write(plan, packer)?;
    }
    write_ledger(contents, packer)?;
    let report = write_report(contents, level, (tables, staged), counts, packer)?;
    write_tags(&options.info, packer)?;
    Ok(report)
}

fn write_import(plan: &Plan, level: Level, packer: &mut Packer<'_>) -> Result<()> {
    packer.file(layout::USERS.into()).fill(|out| documents::write_users(plan, out))?;
    if level.has_categories() {
        packer.file(layout::CATEGORIES.into()).fill(|out| documents::write_categories(plan, out))?;
    }
    if level.has_rooms() {
        let file = packer.file(layout::ROOM_DIRECTORY.into());
        file.fill(|out| documents::write_room_directory(plan, out))?;
    }
    Ok(())
}

/// Characters of a table's file name that come of its stream and its name.
const LONGEST_NAME: usize = 80;

/// Writes the tables carried verbatim, by stream and name.
fn write_tables(tables: &mut [SourceTable<'_>], packer: &mut Packer<'_>) -> Result<Vec<TableRow>> {
    tables.sort_by(|a, b| (a.stream, &a.table).cmp(&(b.stream, &b.table)));
    let mut names = HashSet::new();
    let mut rows = Vec::new();
    for table in tables {
        // A step of 100 characters at most, of which the number of a twin and the extension need some.
        let name = format!("{}-{}", table.stream, layout::safe_step(&table.table));
        let name: String = name.chars().take(LONGEST_NAME).collect();
        // Names that differ in what was replaced, or in case alone, are told apart by a number.
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        let mut candidates = std::iter::once(name.clone()).chain(numbered);
        let unused = candidates.find(|name| names.insert(name.to_ascii_lowercase())).unwrap_or(name);
        let file = format!("{}/{unused}.csv", layout::SOURCE);
        let count = packer.file(file.clone()).fill_by(|out| (table.write)(out))?;
        rows.push(TableRow { source: table.stream, table: table.table.clone(), rows: count, file });
    }
    Ok(rows)
}

fn write_ledger(contents: &Contents<'_>, packer: &mut Packer<'_>) -> Result<()> {
    let (ledger, findings) = (contents.ledger, contents.findings);
    packer.file(layout::ledger("sources")).fill(|out| ledger_files::write_sources(ledger, out))?;
    packer.file(layout::ledger("control")).fill(|out| ledger_files::write_control(ledger, out))?;
    packer.file(layout::ledger("duplicates")).fill(|out| ledger_files::write_duplicates(ledger, out))?;
    packer.file(layout::ledger("conflicts")).fill(|out| ledger_files::write_conflicts(ledger, out))?;
    packer.file(layout::ledger("filtered")).fill(|out| ledger_files::write_filtered(ledger, out))?;
    packer.file(layout::ledger("rejected")).fill(|out| ledger_files::write_rejected(ledger, out))?;
    packer.file(layout::ledger("findings")).fill(|out| ledger_files::write_findings(findings, out))?;
    packer.file(layout::ledger("names")).fill(|out| ledger_files::write_names(contents.plan, out))
}

fn write_report(
    contents: &Contents<'_>,
    level: Level,
    (tables, staging): (Vec<TableRow>, Vec<StagingRow>),
    counts: &[RoomCount],
    packer: &mut Packer<'_>,
) -> Result<Report> {
    let report = report::gather(Facts {
        plan: contents.plan,
        findings: contents.findings,
        ledger: contents.ledger,
        format: xml::NAMESPACE,
        level: level.name(),
        options: &contents.told,
        tables,
        staging,
        counts,
    })?;
    packer.put(layout::REPORT_JSON.into(), report::to_json(&report)?)?;
    packer.put(layout::REPORT_HTML.into(), report::to_html(&report))?;
    Ok(report)
}

/// Writes the files that make the package a bag; each needs the digests of those before it.
fn write_tags(info: &[(String, String)], packer: &mut Packer<'_>) -> Result<()> {
    let entries = packer.entries()?;
    let info = bag::info(info, bag::payload(entries));
    let manifest = bag::manifest(entries.iter().filter(|entry| bag::is_payload(entry)));
    packer.put(layout::BAG_INFO.into(), info.into())?;
    packer.put(layout::MANIFEST.into(), manifest.into())?;
    let tags = packer.entries()?.iter().filter(|entry| !bag::is_payload(entry));
    let tag_manifest = bag::manifest(tags);
    packer.put(layout::TAG_MANIFEST.into(), tag_manifest.into())
}
