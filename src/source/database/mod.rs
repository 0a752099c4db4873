//! Files that hold whole databases: which of them belong together, the reader that serves them, and
//! a stream for each of their tables.
//!
//! A backup may be striped over several files, and a database may lie in several data files; each such
//! family is opened as one. What cannot be read is refused, file by file or table by table, and the
//! rest goes on.

mod data_files;
mod native;
mod open;
mod stripes;
mod tables;

use std::sync::Arc;

use rayon::prelude::*;

use super::opened::{Kind, Opened, refused};
use super::survey::{Look, Surveyed};
use super::{Formats, Options};
use crate::error::{Error, Result};
use crate::ledger::{Findings, Level, Stream};
use crate::progress::Progress;
use crate::sqlserver::Dump;
use crate::sqlserver::mdf::FileKind;

/// The files of one database.
#[derive(Debug)]
enum Family {
    /// One backup, which may be striped over several files.
    Backup(Vec<Surveyed>),
    /// The data files of one database.
    DataFiles(Vec<Surveyed>),
    /// A BACPAC, if the archive is one.
    Archive(Surveyed),
    /// A script of `INSERT` statements.
    Script(Surveyed),
    /// A file that serves no reader: why, and what to do.
    Refused(Surveyed, String, String),
    /// The log of a database, which is not read.
    Log(Surveyed),
}

/// A family that was opened.
struct Database {
    /// Its files, each with what it is in a few words; the first one names it.
    files: Vec<(Surveyed, String)>,
    dump: Arc<dyn Dump>,
    /// Whether it is no database but one table of one, as scripts made one file per object are: it belongs
    /// to its neighbours as loose files do.
    loose: bool,
    /// What is odd about it: code, level, and a sentence.
    notes: Vec<(&'static str, Level, String)>,
}

/// Tells whether an item is a file of a database or of many tables.
pub(super) fn is_of_database(surveyed: &Surveyed, formats: &Formats) -> bool {
    match surveyed.look {
        Look::Backup | Look::DataFile(_) | Look::Archive | Look::Script => true,
        Look::Text | Look::Binary => native::is_native(surveyed, formats),
        Look::Empty | Look::Xml(_) => false,
    }
}

/// Opens all databases, and gives a stream for each file and each table.
///
/// # Errors
/// If a plain file cannot be read, a temporary one cannot be written, a backup set is asked for that
/// a file does not have, or the run is interrupted.
pub(super) fn open(
    surveyed: Vec<Surveyed>,
    formats: &Formats,
    options: &Options,
    findings: &mut Findings,
    progress: &dyn Progress,
) -> Result<Vec<Opened>> {
    let (natives, others): (Vec<_>, Vec<_>) =
        surveyed.into_iter().partition(|surveyed| matches!(surveyed.look, Look::Text | Look::Binary));
    let mut opened = natives
        .into_par_iter()
        .map(|surveyed| native::open(surveyed, formats))
        .collect::<Result<Vec<Opened>>>()?;
    let families = families(others, options)?;
    let databases: Vec<_> =
        families.into_par_iter().map(|family| family.open(options, progress)).collect::<Result<_>>()?;
    let mut numbers = 0;
    for outcome in databases {
        match outcome {
            Outcome::Open(database) => opened.extend(tables::streams(database, &mut numbers, findings)),
            Outcome::Closed(files) => opened.extend(files),
        }
    }
    Ok(opened)
}

/// Puts files together that form one database.
fn families(surveyed: Vec<Surveyed>, options: &Options) -> Result<Vec<Family>> {
    let (mut backups, mut data_files, mut families) = (Vec::new(), Vec::new(), Vec::new());
    for surveyed in surveyed {
        match surveyed.look {
            Look::Backup => backups.push(surveyed),
            Look::DataFile(FileKind::Log(_)) => families.push(Family::Log(surveyed)),
            Look::DataFile(_) => data_files.push(surveyed),
            Look::Script => families.push(Family::Script(surveyed)),
            _ => families.push(Family::Archive(surveyed)),
        }
    }
    families.extend(stripes::together(backups, options)?);
    families.extend(data_files::together(data_files));
    Ok(families)
}

/// What became of a family.
enum Outcome {
    Open(Database),
    /// Its files, with the reason why they are not read.
    Closed(Vec<Opened>),
}

impl Family {
    fn open(self, options: &Options, progress: &dyn Progress) -> Result<Outcome> {
        progress.check()?;
        let (files, database) = match self {
            Family::Log(file) => {
                return Ok(Outcome::Closed(vec![closed(
                    file,
                    Kind::Ignored,
                    "SQL Server log file, not read",
                )]));
            }
            Family::Refused(file, why, hint) => {
                return Ok(Outcome::Closed(vec![closed(file, refused(&why, &hint).0, "refused")]));
            }
            Family::Backup(files) => (files.clone(), open::backup(files, options, progress)),
            Family::DataFiles(files) => (files.clone(), open::data_files(files, options)),
            Family::Archive(file) => (vec![file.clone()], open::archive(file)),
            Family::Script(file) => (vec![file.clone()], open::script(file)),
        };
        match database {
            Ok(database) => Ok(Outcome::Open(database)),
            Err(Error::Unusable { input, why, hint }) => {
                Ok(Outcome::Closed(refuse(files, &input, &why, &hint)))
            }
            // An entry of an archive that is damaged.
            Err(Error::Read { input, cause }) if files.iter().all(|file| file.item.blob.path().is_none()) => {
                let why = format!("it cannot be read to its end: {cause}");
                Ok(Outcome::Closed(refuse(files, &input, &why, "make another copy of the archive")))
            }
            Err(error) => Err(error),
        }
    }
}

/// Refuses the files of a family, each with the name of the one that is to blame if it is another.
fn refuse(files: Vec<Surveyed>, input: &str, why: &str, hint: &str) -> Vec<Opened> {
    let refuse = |file: Surveyed| {
        let told = if file.item.name == input { why.to_owned() } else { format!("with {input}: {why}") };
        closed(file, refused(&told, hint).0, "refused")
    };
    files.into_iter().map(refuse).collect()
}

fn closed(file: Surveyed, kind: Kind, format: impl Into<String>) -> Opened {
    let Surveyed { item, size, digest, .. } = file;
    let stream = Stream { name: item.name, digest, size, format: format.into() };
    Opened { stream, folder: item.folder, blob: item.blob, kind }
}
