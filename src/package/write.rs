//! Writes a package: every file in its order, then the seal.
//!
//! The order is that of the lines below, and is the order of entries in a ZIP. Whatever fails, the
//! target is left as it was.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::contents::{Contents, Options, Progress, SourceTable};
use super::target::{Entry, NowhereStore, Packer, Place, Store, judge, spare, store_for};
use super::{bag, documents, histories, layout, ledger_files, structure_script, xml};
use crate::error::Result;
use crate::report::{self, Facts, Report, RoomCount, TableRow};

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

/// Writes a package to `target`: a ZIP if the name ends in `.zip`, else a folder.
///
/// It is built beside the target under a temporary name, synced, read back, and renamed. Threads of
/// the current pool do the work; what is written does not depend on their number. Needs memory for
/// one part of a room's document and two more for each thread, and for [`Sizes::waiting`](super::Sizes::waiting).
///
/// # Errors
/// [`Error::OutputExists`](crate::Error::OutputExists) and [`Error::Usage`](crate::Error::Usage)
/// before anything is written; [`Error::Write`](crate::Error::Write) and
/// [`Error::Unsound`](crate::Error::Unsound) after the temporary output was removed; those of the
/// contents and of `progress`.
pub fn write(
    target: &Path,
    contents: Contents<'_>,
    options: &Options,
    progress: Progress<'_>,
) -> Result<Sealed> {
    bag::check_info(&options.info)?;
    let place = Place::new(target, options.overwrite)?;
    let store = store_for(&place, options.compression)?;
    let (entries, report) = pack(store, contents, options, progress)?;
    let left_behind = place.publish()?;
    Ok(Sealed { entries, report, left_behind })
}

/// Tells early, before anything is read, whether [`write`](fn@write) would refuse the target, or
/// replace one of the inputs.
///
/// # Errors
/// [`Error::OutputExists`](crate::Error::OutputExists) and [`Error::Usage`](crate::Error::Usage).
pub fn check(target: &Path, inputs: &[PathBuf], options: &Options) -> Result<()> {
    bag::check_info(&options.info)?;
    judge(target, options.overwrite)?;
    spare(target, inputs)
}

/// Does all of [`write`](fn@write) but the writing: report, sizes and digests are those that it would have.
///
/// # Errors
/// Those of the contents and of `progress`, and [`Error::Unsound`](crate::Error::Unsound).
pub fn rehearse(contents: Contents<'_>, options: &Options, progress: Progress<'_>) -> Result<Sealed> {
    bag::check_info(&options.info)?;
    let (entries, report) = pack(Box::new(NowhereStore), contents, options, progress)?;
    Ok(Sealed { entries, report, left_behind: None })
}

fn pack(
    store: Box<dyn Store>,
    mut contents: Contents<'_>,
    options: &Options,
    progress: Progress<'_>,
) -> Result<(Vec<Entry>, Report)> {
    let mut packer = Packer::new(store, options.sizes, progress);
    packer.put(layout::BAGIT.into(), bag::DECLARATION.into())?;
    write_import(&contents, &mut packer)?;
    let counts = histories::write_histories(&mut contents, &mut packer, options.sizes.part)?;
    for (name, schema) in documents::SCHEMAS {
        packer.put(format!("data/schema/{name}"), schema.into())?;
    }
    let tables = write_tables(&mut contents.tables, &mut packer)?;
    if structure_script::is_needed(contents.level) {
        let file = packer.file(layout::STRUCTURE_SCRIPT.into());
        file.fill(|out| structure_script::write_script(contents.plan, contents.level, out))?;
    }
    write_ledger(&contents, &mut packer)?;
    let report = write_report(&contents, tables, &counts, &mut packer)?;
    write_tags(&options.info, &mut packer)?;
    Ok((packer.seal()?, report))
}

fn write_import(contents: &Contents<'_>, packer: &mut Packer<'_>) -> Result<()> {
    let plan = contents.plan;
    packer.file(layout::USERS.into()).fill(|out| documents::write_users(plan, out))?;
    if contents.level.has_categories() {
        packer.file(layout::CATEGORIES.into()).fill(|out| documents::write_categories(plan, out))?;
    }
    if contents.level.has_rooms() {
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
    tables: Vec<TableRow>,
    counts: &[RoomCount],
    packer: &mut Packer<'_>,
) -> Result<Report> {
    let report = report::gather(Facts {
        plan: contents.plan,
        findings: contents.findings,
        ledger: contents.ledger,
        format: xml::NAMESPACE,
        level: contents.level.name(),
        options: &contents.told,
        tables,
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
