//! Opening anything: what is this input, which reader serves it, and what do all of them say.
//!
//! [`read`] takes whatever the user named and gives one [`Archive`]: the streams in their order,
//! the legacy tree, the directory of people and rooms, and all records with an account of those
//! that could not be used. It decides which reader serves a file; it decodes nothing itself.
//!
//! A new format of input is a new [`Kind`] here, and a room of its own below that reads it.

mod archive;
mod collector;
mod contents;
mod database;
mod identify;
mod newest;
mod opened;
mod package;
mod reading;
mod structure;
mod survey;
mod table;
mod tables;
mod text;
mod vendor;
mod whole;
mod witness;

pub use archive::{Archive, CarriedTable, Facts};
pub use tables::{AnyTable, Counted, Listing, tables};
pub use vendor::Shape;
pub use whole::whole_package;
pub use witness::{Testimony, Witnessed, Witnesses, witnesses};

use std::collections::BTreeMap;
use std::path::PathBuf;

use identify::Formats;
use opened::{Kind, OTHER_ROOT_HINT, Opened, other_root};

use crate::chat::{Batch, Directory, Role};
use crate::container::{self, Exceptions, Limits, Marks};
use crate::error::{Error, Result};
use crate::ledger::{Findings, Level, Rejected};
use crate::package::read::is_carried;
use crate::progress::{Progress, Stage};

/// How inputs are read.
#[derive(Debug, Clone)]
pub struct Options {
    /// Folder for temporary files.
    pub temp: PathBuf,
    /// What the numbers of `tblPrincipalRole` mean where `tblRoleType` is missing.
    pub roles: BTreeMap<i64, Role>,
    /// Which backup of a file that holds several, from 1; else the last full one.
    pub set: Option<usize>,
    /// Read damaged databases in recovery mode: pages are found by their own headers.
    pub salvage: bool,
    /// Verify all pages of databases, also those that no table needs, and tell each that is damaged.
    pub check_pages: bool,
    /// Stop when more records than this are rejected.
    pub max_rejected: Option<u64>,
    /// Folders and files that are no inputs though they lie in one, by canonical path.
    pub left_out: Vec<PathBuf>,
    /// How many stages the run has, for its progress.
    pub stages: u32,
}

impl Options {
    /// What is not looked into: what is no input, and files that a package carries from an old file
    /// store, which may be archives of anything.
    fn exceptions(&self) -> Exceptions<'_> {
        Exceptions { left_out: &self.left_out, is_whole: &is_carried }
    }
}

/// Where records go while they are read, from any thread. Their sources name stretches, see
/// [`Archive::stretches`].
pub trait Intake: Sync {
    /// Hears, before any record, about how many bytes of text the records may have.
    ///
    /// # Errors
    /// If there is no room for so many; nothing is read then.
    fn expect(&self, _bytes: u64) -> Result<()> {
        Ok(())
    }

    /// Returns how many bytes of text a record may have; larger ones are rejected.
    fn largest(&self) -> usize {
        usize::MAX
    }

    /// Takes records.
    ///
    /// # Errors
    /// If they cannot be kept.
    fn take(&self, batch: Batch, directory: &Directory) -> Result<()>;

    /// Takes a record that could not be used.
    ///
    /// # Errors
    /// If it cannot be kept.
    fn reject(&self, rejected: &Rejected) -> Result<()>;
}

/// Takes nothing: for whoever wants to know what there is.
struct NoIntake;

impl Intake for NoIntake {
    fn take(&self, _: Batch, _: &Directory) -> Result<()> {
        Ok(())
    }

    fn reject(&self, _: &Rejected) -> Result<()> {
        Ok(())
    }
}

/// Reads everything that these files, folders and archives hold, and hands the records to `intake`.
///
/// Takes memory in proportion to rooms, people and files. The order of inputs does not matter.
///
/// # Errors
/// [`Error::Read`] if an input cannot be read at all, [`Error::Unusable`] if nothing in the inputs
/// can be converted, [`Error::TooManyRejected`], [`Error::Interrupted`].
pub fn read(
    inputs: &[PathBuf],
    options: &Options,
    intake: &dyn Intake,
    progress: &dyn Progress,
) -> Result<Archive> {
    let mut findings = Findings::default();
    let (opened, marks) = open(inputs, options, &mut findings, progress)?;
    refuse_nothing(inputs, &opened, &findings, HINT)?;
    read_opened((opened, marks), options, findings, intake, progress)
}

/// What [`inspect`] found.
#[derive(Debug)]
pub struct Inspected {
    /// All that could be read.
    pub archive: Archive,
    /// The shapes of XML that no reader serves, such as a vendor's export.
    pub shapes: Vec<Shape>,
}

/// Reads what [`read()`] does, and describes what it would refuse.
///
/// # Errors
/// As [`read()`], but inputs in which nothing can be converted are no error.
pub fn inspect(inputs: &[PathBuf], options: &Options, progress: &dyn Progress) -> Result<Inspected> {
    let mut findings = Findings::default();
    let (opened, marks) = open(inputs, options, &mut findings, progress)?;
    if opened.is_empty() {
        refuse_nothing(inputs, &opened, &findings, HINT)?;
    }
    let shapes = vendor::describe(&opened)?;
    let archive = read_opened((opened, marks), options, findings, &NoIntake, progress)?;
    Ok(Inspected { archive, shapes })
}

fn open(
    inputs: &[PathBuf],
    options: &Options,
    findings: &mut Findings,
    progress: &dyn Progress,
) -> Result<(Vec<Opened>, Marks)> {
    stage(options, progress, 1, "opening", 0);
    let walk = container::walk_except(inputs, options.exceptions(), &Limits::default(), &options.temp)?;
    progress.check()?;
    let total = walk.items.iter().filter_map(|item| item.blob.size()).sum();
    stage(options, progress, 2, "hashing", total);
    for problem in walk.problems {
        findings.add(problem.code, problem.level, problem.name, problem.detail);
    }
    let mut opened = identify::identify(survey::survey(walk.items, progress)?, options, findings, progress)?;
    vendor::recognise(&mut opened);
    identify::tell_all(&opened, findings);
    Ok((opened, walk.marks))
}

fn read_opened(
    (opened, marks): (Vec<Opened>, Marks),
    options: &Options,
    mut findings: Findings,
    intake: &dyn Intake,
    progress: &dyn Progress,
) -> Result<Archive> {
    intake.expect(reading::text_bytes(&opened))?;
    stage(options, progress, 3, "reading the structure", 0);
    let directory = Directory::default();
    let structure = structure::read_structure(&opened, &options.roles, &directory, &mut findings)?;
    progress.check()?;
    stage(options, progress, 4, "reading", reading::bytes(&opened));
    let reading = reading::Reading {
        opened: &opened,
        structure: &structure,
        directory: &directory,
        intake,
        max_rejected: options.max_rejected,
        progress,
    };
    let (taken, stretches) = reading.read_all()?;
    marks.check()?;
    let archive = archive::assemble(opened, structure, taken, stretches, directory, findings);
    Ok(Archive { marks, ..archive })
}

fn stage(options: &Options, progress: &dyn Progress, number: u32, name: &'static str, total: u64) {
    progress.stage(Stage { number, of: options.stages, name, total });
}

/// Refuses inputs in which nothing at all can be used, with the reason of the first that was refused.
fn refuse_nothing(inputs: &[PathBuf], opened: &[Opened], findings: &Findings, hint: &str) -> Result<()> {
    if opened.iter().any(Opened::is_usable) {
        return Ok(());
    }
    let refused = opened.iter().find_map(|opened| match &opened.kind {
        Kind::Refused { why, hint, .. } => Some((opened.stream.name.clone(), why.clone(), hint.clone())),
        Kind::OtherXml(root) => {
            Some((opened.stream.name.clone(), other_root(root), OTHER_ROOT_HINT.to_owned()))
        }
        Kind::VendorExport => Some(vendor::refusal(&opened.stream.name)),
        Kind::Empty => {
            Some((opened.stream.name.clone(), "it has no bytes".to_owned(), EMPTY_HINT.to_owned()))
        }
        _ => None,
    });
    let damaged = || {
        let finding = findings.iter().find(|finding| finding.level == Level::Error)?;
        Some((finding.subject.to_string(), finding.detail.to_string(), hint.to_owned()))
    };
    let nothing = || {
        let names: Vec<String> = inputs.iter().map(|input| input.display().to_string()).collect();
        let why =
            if opened.is_empty() { "there are no files in it" } else { "nothing in it can be converted" };
        (names.join(", "), why.to_owned(), hint.to_owned())
    };
    let (input, why, hint) = refused.or_else(damaged).unwrap_or_else(nothing);
    Err(Error::Unusable { input, why, hint })
}

const EMPTY_HINT: &str = "export it again: an empty file is what a failed export leaves";

const HINT: &str = "give a backup (.bak) or data file (.mdf) of mgc or mgccomp, exports of their tables as CSV, a \
                    script or a BACPAC, compliance XML, or packages of gc2pc; `gc2pc inspect` tells what each file is";
