//! Opening anything: what is this input, which reader serves it, and what do all of them say.
//!
//! [`read`] takes whatever the user named and gives one [`Archive`]: the streams in their order,
//! the legacy tree, the directory of people and rooms, and all records with an account of those
//! that could not be used. It decides which reader serves a file; it decodes nothing itself.
//!
//! A new format of input is a new [`Kind`] here, and a room of its own below that reads it.

mod archive;
mod identify;
mod package;
mod reading;
mod survey;
mod tables;

pub use archive::{Archive, CarriedTable, Facts, TableRows};

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::chat::{Directory, Role};
use crate::container::{self, Limits};
use crate::error::{Error, Result};
use crate::ledger::Findings;
use crate::progress::{Progress, Stage};

/// How inputs are read.
#[derive(Debug, Clone)]
pub struct Options {
    /// Folder for temporary files.
    pub temp: PathBuf,
    /// What the numbers of `tblPrincipalRole` mean where `tblRoleType` is missing.
    pub roles: BTreeMap<i64, Role>,
    /// Stop when more records than this are rejected.
    pub max_rejected: Option<u64>,
    /// How many stages the run has, for its progress.
    pub stages: u32,
}

/// Reads everything that these files, folders and archives hold.
///
/// Takes memory in proportion to the records. The order of inputs does not matter.
///
/// # Errors
/// [`Error::Read`] if an input cannot be read at all, [`Error::Unusable`] if nothing in the inputs
/// can be converted, [`Error::TooManyRejected`], [`Error::Interrupted`].
pub fn read(inputs: &[PathBuf], options: &Options, progress: &dyn Progress) -> Result<Archive> {
    let stage = |number, name, total| progress.stage(Stage { number, of: options.stages, name, total });
    stage(1, "opening", 0);
    let walk = container::walk(inputs, &Limits::default(), &options.temp)?;
    progress.check()?;

    let total = walk.items.iter().filter_map(|item| item.blob.size()).sum();
    stage(2, "hashing", total);
    let mut findings = Findings::default();
    for problem in walk.problems {
        findings.add(problem.code, problem.level, problem.name, problem.detail);
    }
    let opened = identify::identify(survey::survey(walk.items, progress)?, &mut findings)?;
    refuse_nothing(inputs, &opened, &findings)?;

    stage(3, "reading the structure", 0);
    let directory = Directory::default();
    let structure = tables::read_structure(&opened, &options.roles, &directory, &mut findings)?;
    progress.check()?;

    stage(4, "reading", reading::bytes(&opened));
    let read = reading::read_all(&opened, &structure, &directory, options.max_rejected, progress)?;
    Ok(archive::assemble(opened, structure, read, directory, findings))
}

/// Refuses inputs in which nothing at all can be used, with the reason of the first that was refused.
fn refuse_nothing(inputs: &[PathBuf], opened: &[identify::Opened], findings: &Findings) -> Result<()> {
    if opened.iter().any(identify::Opened::is_usable) {
        return Ok(());
    }
    let refused = opened.iter().find_map(|opened| match &opened.kind {
        identify::Kind::Refused { why, hint } => Some((opened.stream.name.clone(), why.clone(), hint.clone())),
        _ => None,
    });
    let damaged = || {
        let finding = findings.iter().find(|finding| finding.level == crate::ledger::Level::Error)?;
        Some((finding.subject.to_string(), finding.detail.to_string(), HINT.to_owned()))
    };
    let nothing = || {
        let names: Vec<String> = inputs.iter().map(|input| input.display().to_string()).collect();
        (names.join(", "), "nothing in it can be converted".to_owned(), HINT.to_owned())
    };
    let (input, why, hint) = refused.or_else(damaged).unwrap_or_else(nothing);
    Err(Error::Unusable { input, why, hint })
}

const HINT: &str = "give table exports of mgc or mgccomp as CSV, compliance XML, or packages of gc2pc; \
                    `gc2pc inspect` tells what each file is";
