//! Backups of SQL Server as a source of database pages.
//!
//! [`Backup::open`] walks the files of a backup once, from front to end, and keeps for each page
//! where it stands, never the page itself: about 24 bytes for each run of consecutive pages and, in
//! compressed backups, 32 bytes for each 64 KiB block. Then it serves [`Pages`] in any order and to
//! any thread, so that `Mdf::open(name, Arc::new(backup))` reads the database. What the pages mean is
//! not known here.
//!
//! [`Pages`]: super::mdf::Pages
//!
//! A backup is a copy of pages taken while the database was in use; the log that RESTORE would replay
//! on top of them is not.

mod compressed;
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
mod walk;
mod xpress;

pub use set::{BackupKind, BackupSet, DatabaseFile, Family};
pub use stripe::family;
pub use walk::Damage;

use std::path::PathBuf;

use rayon::prelude::*;

use compressed::MAGIC;
use index::{Collector, Index, key};
use serve::Extents;
use stripe::{Stripe, Walked};
use walk::Content;

use crate::container::Item;
use crate::error::{Error, Result};
use crate::progress::Progress;

/// How a backup is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which backup of the medium, from 1; else the last full one.
    pub set: Option<usize>,
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
    damage: Vec<Damage>,
}

/// Tells whether an input that begins so is a backup made by SQL Server itself.
pub fn is_backup(head: &[u8]) -> bool {
    head.starts_with(b"TAPE") || head.starts_with(MAGIC)
}

impl Backup {
    /// Opens the files of one backup, in any order.
    ///
    /// Reads all of them once, several at a time. Damage is no error as long as the page that every
    /// database begins with is there: see [`Backup::damage`].
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Write`] for temporary copies, [`Error::Interrupted`];
    /// [`Error::Usage`] if the set does not exist; [`Error::Unusable`] if an input is no backup, a
    /// file of it is missing, or it holds no whole database that can be read.
    pub fn open(inputs: &[Item], options: &Options, progress: &dyn Progress) -> Result<Backup> {
        let open = |input: &Item| Walked::open(input, options, progress);
        let mut walked = inputs.par_iter().map(open).collect::<Result<Vec<Walked>>>()?;
        walked.sort_by(|one, other| {
            let key = |walked: &Walked| walked.tape.family.map(|family| family.number);
            key(one).cmp(&key(other)).then_with(|| one.stripe.name.cmp(&other.stripe.name))
        });
        check_stripes(&walked)?;
        let sets = walked.first().map(|walked| walked.sets()).unwrap_or_default();
        let input = walked.first().map_or("", |walked| &walked.stripe.name).to_owned();
        let chosen = choose(&input, &sets, options.set)?;
        unite(&input, walked, sets, chosen)
    }

    /// Walks the pages that are there, as (file, first page, how many), in order.
    pub fn pages(&self) -> impl Iterator<Item = (u16, u32, u64)> {
        self.index.runs().map(|run| ((run.first >> 32) as u16, run.first as u32, run.count))
    }

    /// Returns the backups that the medium holds, in their order.
    pub fn sets(&self) -> &[BackupSet] {
        &self.sets
    }

    /// Returns the backup that was opened.
    pub fn set(&self) -> &BackupSet {
        &self.sets[self.chosen]
    }

    /// Returns what could not be read; the pages there are missing or in an earlier state.
    pub fn damage(&self) -> &[Damage] {
        &self.damage
    }
}

/// Checks that all files of one backup are there, and none of another.
fn check_stripes(walked: &[Walked]) -> Result<()> {
    let Some((first, others)) = walked.split_first() else {
        return Err(Error::Usage {
            what: "no backup was given".to_owned(),
            hint: "name its files".to_owned(),
        });
    };
    let media = |walked: &Walked| walked.tape.family.map(|family| (family.media, family.count));
    if let Some(stranger) = others.iter().find(|other| media(other).is_none() || media(other) != media(first))
    {
        let why = format!("it belongs to another backup than {}", first.stripe.name);
        return Err(refusal::unusable(&stranger.stripe.name, why, "give the files of one backup at a time"));
    }
    let Some(family) = first.tape.family else { return Ok(()) };
    let mut given: Vec<u16> = walked.iter().filter_map(|walked| Some(walked.tape.family?.number)).collect();
    given.dedup();
    if given.len() < usize::from(family.count) {
        return Err(refusal::missing_stripes(&first.stripe.name, family, &given));
    }
    Ok(())
}

/// Returns the position of the set that is asked for, or of the last full one.
fn choose(input: &str, sets: &[BackupSet], wanted: Option<usize>) -> Result<usize> {
    let is_full = |set: &BackupSet| set.kind == BackupKind::Full;
    let Some(last) = sets.last() else { return Err(refusal::no_sets(input)) };
    match wanted {
        None => sets.iter().rposition(is_full).ok_or_else(|| refusal::wrong_kind(input, last)),
        Some(wanted) => match wanted.checked_sub(1).and_then(|at| Some((at, sets.get(at)?))) {
            Some((at, set)) if is_full(set) => Ok(at),
            Some((_, set)) => Err(refusal::wrong_kind(input, set)),
            None => Err(Error::Usage {
                what: format!("{input} has no backup number {wanted}"),
                hint: format!("it has {}, numbered from 1", sets.len()),
            }),
        },
    }
}

/// Takes the set of a number; of several, which only damage can make, the one at the right position.
fn take_content(contents: Vec<Content>, number: u16, position: usize) -> Option<Content> {
    let same = contents.into_iter().enumerate().filter(|(_, content)| content.set.number == number);
    same.min_by_key(|(at, _)| at.abs_diff(position)).map(|(_, content)| content)
}

/// Unites the pages of all files.
fn unite(input: &str, walked: Vec<Walked>, sets: Vec<BackupSet>, chosen: usize) -> Result<Backup> {
    let mut passes = Vec::new();
    let mut backup = Backup {
        stripes: Vec::new(),
        index: Index::default(),
        extents: Extents::default(),
        sets,
        chosen,
        damage: Vec::new(),
    };
    let number = backup.set().number;
    let mut encrypted = false;
    for (position, walked) in walked.into_iter().enumerate() {
        let Walked { stripe, tape } = walked;
        let Some(content) = take_content(tape.contents, number, chosen) else {
            let why = format!("backup number {number} is not in it, though the other files have it");
            return Err(refusal::unusable(
                &stripe.name,
                why,
                "give the files of one backup, all of them whole",
            ));
        };
        let family = u16::try_from(position).unwrap_or(u16::MAX);
        encrypted |= content.encrypted;
        passes.extend(content.passes.into_iter().map(|(pass, index)| (pass, family, index)));
        backup.damage.extend(tape.damage);
        backup.stripes.push(stripe);
    }
    // A page may be in one file first and in another later.
    passes.sort_by_key(|&(pass, family, _)| (pass, family));
    let mut collector = Collector::default();
    passes.iter().for_each(|(_, family, index)| collector.add_all(index, *family));
    let any = !collector.is_empty();
    backup.index = collector.finish();
    backup.extents = Extents::count(&backup.index);
    if backup.index.find(key(1, BOOT_PAGE)).is_none() {
        let damaged = !backup.damage.is_empty();
        return Err(refusal::no_boot_page(input, backup.set(), encrypted, any, damaged));
    }
    if serve::is_encrypted(&backup) {
        return Err(refusal::transparently_encrypted(input, backup.set()));
    }
    Ok(backup)
}

/// The page of file 1 without which nothing of a database can be found.
const BOOT_PAGE: u32 = 9;
