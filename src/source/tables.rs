//! Tables as they are, whatever they hold: of any dump, for whoever wants rows and no conversion.

use std::io::{self, Write};

use rayon::prelude::*;

use super::opened::{Kind, Opened};
use super::table::Table;
use super::{Options, identify, package, survey, vendor};
use crate::container::{self, Limits};
use crate::error::{Error, Result};
use crate::ledger::{Findings, Level};
use crate::progress::Progress;
use crate::sqlserver::{self, FaultKind, RowFault};

/// Faults of a table are kept up to this number; the rest is counted.
const KEPT: usize = 1000;

/// A table of an input.
#[derive(Debug, Clone)]
pub struct AnyTable {
    /// The input that holds it, as `sources.csv` would name it; for a table of a database the file.
    pub input: String,
    /// Why its rows cannot be read, and what to do about it.
    pub refusal: Option<(String, String)>,
    held: Table,
}

/// What was found by reading a table to its end.
#[derive(Debug, Default)]
pub struct Counted {
    /// Its rows, those with a fault included.
    pub rows: u64,
    /// The first faults: rows that cannot be read, and damaged places.
    pub faults: Vec<RowFault>,
    /// The number of all faults.
    pub faulty: u64,
}

impl Counted {
    /// Takes account of a row or a damaged place.
    pub fn take(&mut self, row: std::result::Result<(), RowFault>) {
        let Err(fault) = row else {
            self.rows += 1;
            return;
        };
        self.rows += u64::from(fault.kind == FaultKind::Row);
        self.faulty += 1;
        if self.faults.len() < KEPT {
            self.faults.push(fault);
        }
    }

    fn add(mut self, other: Counted) -> Counted {
        self.rows += other.rows;
        self.faulty += other.faulty;
        let room = KEPT.saturating_sub(self.faults.len());
        self.faults.extend(other.faults.into_iter().take(room));
        self
    }
}

impl AnyTable {
    /// Returns its name, its columns and the engine's count of its rows.
    pub fn description(&self) -> Option<&sqlserver::Table> {
        self.held.description()
    }

    /// Returns its name with its schema, where it has one, and with its database, where the dump holds tables
    /// of several.
    pub fn name(&self) -> String {
        self.held.full_name()
    }

    /// Returns its database, where the dump holds tables of several.
    pub fn database(&self) -> Option<&str> {
        self.held.dump.database(self.held.position)
    }

    /// Writes its rows as CSV ([`CsvWriter`](sqlserver::CsvWriter)), those that can be read, and counts
    /// all of them.
    ///
    /// # Errors
    /// [`Error::Unusable`] if they are refused, [`Error::Read`], [`Error::Write`] with the path `-`,
    /// [`Error::Interrupted`].
    pub fn write(&self, out: &mut dyn Write, progress: &dyn Progress) -> Result<Counted> {
        let mut counted = Counted::default();
        let mut stopped = Ok(());
        let written = self.held.write_rows(out, "-", &mut |row| {
            counted.take(row);
            if counted.rows % 4096 == 0 && progress.check().is_err() {
                stopped = Err(Error::Interrupted);
                return Err(io::ErrorKind::Interrupted.into());
            }
            Ok(None)
        });
        stopped.and(written).map(|()| counted)
    }

    /// Reads all rows, several stretches at once, and counts them.
    ///
    /// # Errors
    /// As [`AnyTable::write`], which it does not.
    pub fn count(&self, progress: &dyn Progress) -> Result<Counted> {
        let (dump, position) = (&self.held.dump, self.held.position);
        let stretches = (0..dump.stretches(position)).into_par_iter();
        let count = |stretch| {
            let mut counted = Counted::default();
            progress.check()?;
            dump.stretch(position, stretch)?.check_rows(&mut |row| {
                counted.take(row);
                Ok(())
            })?;
            Ok(counted)
        };
        // In order, so that the faults are the same however many threads there are.
        let counts = stretches.map(count).collect::<Result<Vec<Counted>>>()?;
        Ok(counts.into_iter().fold(Counted::default(), Counted::add))
    }
}

/// The tables of some inputs.
#[derive(Debug)]
pub struct Listing {
    /// The tables, in the order of inputs and within a dump in its own.
    pub tables: Vec<AnyTable>,
    /// What is odd about the inputs: those refused, damage, other backups in a file.
    pub findings: Findings,
}

/// Opens all tables that these files, folders and archives hold, without reading their rows.
///
/// Nothing is hashed. Text without a mark of its encoding is read once to find it.
///
/// # Errors
/// [`Error::Read`] if an input cannot be read, [`Error::Unusable`] if no table is in any of them,
/// [`Error::Interrupted`].
pub fn tables(inputs: &[std::path::PathBuf], options: &Options, progress: &dyn Progress) -> Result<Listing> {
    let mut findings = Findings::default();
    super::stage(options, progress, 1, "opening", 0);
    let walk = container::walk_except(inputs, options.exceptions(), &Limits::default(), &options.temp)?;
    for problem in walk.problems {
        findings.add(problem.code, problem.level, problem.name, problem.detail);
    }
    let surveyed = survey::glance(walk.items, progress)?;
    let mut opened = identify::identify(surveyed, options, &mut findings, progress)?;
    vendor::recognise(&mut opened);
    identify::tell_all(&opened, &mut findings);
    // What follows is about conversion alone.
    findings.retain(|finding| finding.level == Level::Error || finding.code == "BACKUP-SETS");
    let mut tables: Vec<AnyTable> = opened.iter().filter_map(any_table).collect();
    let flat = package::flat(&opened)?.into_iter();
    tables.extend(flat.map(|(input, held)| AnyTable { input, refusal: None, held }));
    if tables.is_empty() {
        super::refuse_nothing(inputs, &opened, &findings, HINT)?;
        return Err(Error::Unusable {
            input: inputs.iter().map(|input| input.display().to_string()).collect::<Vec<_>>().join(", "),
            why: "there are no tables in it".to_owned(),
            hint: HINT.to_owned(),
        });
    }
    Ok(Listing { tables, findings })
}

const HINT: &str = "give a backup (.bak), data files (.mdf), a BACPAC, a script of INSERT statements, native \
                    bcp files with their format files, or delimited text";

fn any_table(opened: &Opened) -> Option<AnyTable> {
    let (held, refusal) = match &opened.kind {
        Kind::Table { table, .. } | Kind::OtherTable { table, .. } | Kind::CarriedTable { table, .. } => {
            (table, None)
        }
        Kind::Refused { why, hint, table: Some(table) } => (table, Some((why.clone(), hint.clone()))),
        _ => return None,
    };
    // The file, if this is one of its tables.
    let name = &opened.stream.name;
    let input = name.strip_suffix(&format!("#{}", held.full_name())).unwrap_or(name);
    Some(AnyTable { input: input.to_owned(), refusal, held: held.clone() })
}
