//! Backups of SQL Server as a source of database pages.
//!
//! [`Backup::open`] walks the files of a backup once, from front to end, and keeps for each page
//! where it stands, never the page itself. Then it serves [`Pages`] in any order and to any thread, so
//! that `Mdf::open(name, Arc::new(backup))` reads the database. What the pages mean is not known here.
//!
//! # Memory
//!
//! 24 bytes for each run of consecutive pages, twice that while opening, and for compressed backups
//! 32 bytes for each 64 KiB block and 16 MiB of blocks decoded last. A backup holds extents of eight
//! pages in their order, so the runs are few. At the worst each extent is a run of its own: 20 MB for
//! 50 GB; and if every second page were missing, 80 MB.
//!
//! [`Pages`]: super::mdf::Pages
//!
//! A backup is a copy of pages taken while the database was in use; the log that RESTORE would replay
//! on top of them is not.

mod compressed;
mod damage;
mod flow;
mod index;
mod mtf;
mod pages;
mod refusal;
mod serve;
mod set;
mod stripe;
#[cfg(test)]
mod tests;
mod unite;
mod walk;
mod xpress;

pub use damage::Damage;
pub use set::{BackupKind, BackupSet, DatabaseFile, Family};
pub use stripe::family;

use std::path::PathBuf;

use rayon::prelude::*;

use compressed::MAGIC;
use damage::Damages;
use index::Index;
use serve::Extents;
use stripe::{Stripe, Walked};

use crate::container::Item;
use crate::error::Result;
use crate::progress::Progress;

/// How a backup is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which backup of the medium, by its position from 1, as `FILE` of RESTORE counts them; else the
    /// last full one that can be read.
    pub set: Option<usize>,
    /// Open what is left of a backup of which files or the first pages are missing, for a reader of
    /// databases that can do without: see [`Mdf::open_salvaging`](super::mdf::Mdf::open_salvaging).
    pub salvage: bool,
    /// Folder for temporary copies of inputs that are no plain files.
    pub temp: PathBuf,
}

/// A full backup of a database, open for reading.
#[derive(Debug)]
pub struct Backup {
    stripes: Vec<Stripe>,
    index: Index,
    extents: Extents,
    sets: Vec<BackupSet>,
    chosen: usize,
    damage: Damages,
    doubts: Vec<String>,
    copies: Vec<String>,
}

/// The page of file 1 without which nothing of a database can be found.
const BOOT_PAGE: u32 = 9;

/// Tells whether an input that begins so is a backup made by SQL Server itself.
pub fn is_backup(head: &[u8]) -> bool {
    head.starts_with(b"TAPE") || head.starts_with(MAGIC)
}

impl Backup {
    /// Opens the files of one backup, in any order.
    ///
    /// Looks through all of them once, several at a time, and asks `progress` often enough that a run
    /// can be stopped at any moment. Damage is no error as long as the page that every database begins
    /// with is there: see [`Backup::problems`].
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Write`] for temporary copies, [`Error::Interrupted`];
    /// [`Error::Usage`] if the set does not exist; [`Error::Unusable`] if an input is no backup, a
    /// file of it is missing, or it holds no whole database that can be read.
    ///
    /// [`Error::Read`]: crate::error::Error::Read
    /// [`Error::Write`]: crate::error::Error::Write
    /// [`Error::Interrupted`]: crate::error::Error::Interrupted
    /// [`Error::Usage`]: crate::error::Error::Usage
    /// [`Error::Unusable`]: crate::error::Error::Unusable
    pub fn open(inputs: &[Item], options: &Options, progress: &dyn Progress) -> Result<Backup> {
        let open = |input: &Item| Walked::open(input, options, progress);
        let mut walked = inputs.par_iter().map(open).collect::<Result<Vec<Walked>>>()?;
        unite::order(&mut walked);
        let missing = unite::check_stripes(&walked, options.salvage)?;
        let sets = walked.first().map(Walked::sets).unwrap_or_default();
        let (chosen, later) = unite::choose(&walked, &sets, options.set)?;
        let mut backup = unite::unite(walked, sets, (chosen, later), options.salvage)?;
        backup.doubts.extend(missing);
        Ok(backup)
    }

    /// Walks the pages that are there, as (file, first page, how many), in order.
    pub fn page_runs(&self) -> impl Iterator<Item = (u16, u32, u64)> {
        self.index.runs().map(|run| (run.file(), run.page(), run.count()))
    }

    /// Returns the backups that the medium holds, in their order.
    pub fn sets(&self) -> &[BackupSet] {
        &self.sets
    }

    /// Returns the backup that was opened.
    pub fn set(&self) -> &BackupSet {
        &self.sets[self.chosen]
    }

    /// Returns what could not be read, a hundred places of each file at most; the pages there are
    /// missing or in an earlier state.
    pub fn damage(&self) -> &[Damage] {
        self.damage.told()
    }

    /// Returns what is damaged or doubtful, as sentences: each [`Backup::damage`], and what of the
    /// database is not in the backup.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = self.damage.sentences();
        problems.extend_from_slice(&self.doubts);
        problems
    }

    /// Says in one line what was opened: the set, whether it is compressed or striped, and whether
    /// others were left aside.
    pub fn description(&self) -> String {
        let mut line = self.set().to_string();
        if self.stripes.iter().any(Stripe::is_compressed) {
            line.push_str("; compressed");
        }
        let stripes = self.stripes.len() - self.copies.len();
        if stripes > 1 {
            line.push_str(&format!("; striped over {stripes} files"));
        }
        for copy in &self.copies {
            line.push_str(&format!("; {copy}"));
        }
        let others = self.sets.len() - 1;
        if others > 0 {
            let (position, sets) = (self.chosen + 1, self.sets.len());
            let aside = if others == 1 { "the other is".to_owned() } else { format!("{others} others are") };
            line.push_str(&format!("; backup {position} of the {sets} in the file, {aside} left aside"));
        }
        line
    }
}
