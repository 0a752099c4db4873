//! Proving a package, or any BagIt bag: what is wrong with it, where, how bad that is.
//!
//! It trusts nothing that it reads and repairs nothing. For a package of ours it also proves that no
//! byte changed unseen and that every record of the inputs is accounted for. It judges the package,
//! not the migration: findings of the run are no problems.

mod bag;
mod fault;
mod files;
mod ours;
mod problem;
mod scan;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::error::Result;
use crate::ledger::Level;
use bag::TagFiles;
use files::{Bag, BagFile};
use problem::Problems;
use scan::Scan;

pub use problem::Problem;

#[cfg(test)]
mod tests;

/// What was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A package that gc2pc made: its documents and its ledger were proven too.
    OurPackage,
    /// Any other BagIt bag.
    OtherBag,
}

/// What there is. All but files and bytes are 0 for bags that gc2pc did not make.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Files of the bag.
    pub files: u64,
    /// Their bytes, decompressed.
    pub bytes: u64,
    /// Persons in `User.xml`.
    pub people: u64,
    /// Categories in `Category.xml`.
    pub categories: u64,
    /// Rooms in `RoomDirectory.xml`.
    pub rooms: u64,
    /// Messages in `Content`.
    pub messages: u64,
    /// Events in `compliance`.
    pub events: u64,
    /// Records read from the inputs, as `sources.csv` says.
    pub records: u64,
}

/// The outcome of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// What was verified.
    pub kind: Kind,
    /// What is wrong: up to 1,000 problems of each code, in an order that does not depend on threads.
    pub problems: Vec<Problem>,
    /// How many more problems there are of a code.
    pub more: BTreeMap<&'static str, u64>,
    /// What there is.
    pub counts: Counts,
}

impl Verification {
    /// Tells whether nothing is wrong; warnings are allowed.
    pub fn is_sound(&self) -> bool {
        self.problems.iter().all(|problem| problem.level < Level::Error)
    }
}

/// Verifies a folder that is a bag or holds exactly one, or a ZIP of either.
///
/// `progress` is told the decompressed bytes read since it was told last. Every file is read once,
/// on all threads of the current rayon pool; memory does not grow with the number of messages, but
/// temporary files may (about 60 bytes a message, for archives of millions).
///
/// # Errors
/// [`Error::Read`](crate::Error::Read) and [`Error::Unusable`](crate::Error::Unusable) where there
/// is nothing to verify; [`Error::Write`](crate::Error::Write) where temporary files fail.
pub fn verify(path: &Path, progress: &mut (dyn FnMut(u64) + Send)) -> Result<Verification> {
    let progress = Mutex::new(progress);
    verify_with(path, &|bytes| progress.lock().unwrap_or_else(PoisonError::into_inner)(bytes))
}

fn verify_with(path: &Path, progress: &(dyn Fn(u64) + Sync)) -> Result<Verification> {
    let mut problems = Problems::default();
    let bag = Bag::find(path, &mut problems)?;
    let tags = TagFiles::read(&bag, &mut problems);
    let is_ours = ours::is_ours(&bag, &tags);
    let scan = Scan { bag: &bag, algorithms: tags.algorithms(), strict: is_ours, progress };
    let mut counts = if is_ours {
        ours::verify(&scan, &tags, &mut problems)?
    } else {
        verify_bag(&scan, &tags, &mut problems);
        Counts::default()
    };
    counts.files = bag.files.len() as u64;
    counts.bytes = bag.files.iter().fold(0, |bytes: u64, file| bytes.saturating_add(file.size));
    let (problems, more) = problems.finish();
    let kind = if is_ours { Kind::OurPackage } else { Kind::OtherBag };
    Ok(Verification { kind, problems, more, counts })
}

/// Verifies a bag of whatever origin: BagIt and nothing else.
fn verify_bag(scan: &Scan<'_>, tags: &TagFiles, problems: &mut Problems) {
    let files: Vec<&BagFile> = scan.bag.files.iter().collect();
    let mut read = HashMap::new();
    scan.run(&files, &|_, _, _| (), &mut |file, scanned| {
        problems.append(scanned.problems);
        read.extend(scanned.read.map(|found| (file.path.as_str(), found)));
    });
    tags.compare(scan.bag, &read, problems);
}
