//! Serving the pages of a backup to the reader of databases.

use std::collections::BTreeMap;

use super::index::{Index, PAGE, key};
use super::{BOOT_PAGE, Backup, DatabaseFile};
use crate::sqlserver::mdf::{PageBytes, PageError, PageId, Pages, checksum_is_right};

/// Pages that a file may have for each that a backup holds: there is a page of allocations in every
/// 8088 pages (Microsoft Learn, "Pages and extents architecture guide"), and it is always held.
const SPREAD: u64 = 2 * 8088;

/// Pages looked at for encryption.
const LOOKED_AT: u64 = 64;

/// Pages with wrong checksums that are taken for encryption, where no others are.
const ENOUGH: usize = 8;

/// How much of the database's files there is.
#[derive(Debug, Default)]
pub(super) struct Extents {
    /// By file: the number behind its last page.
    files: BTreeMap<u16, u32>,
    held: u64,
}

impl Extents {
    /// Counts pages. A number far beyond what the backup can hold is no page of it.
    pub(super) fn count(index: &Index) -> Extents {
        let mut held: BTreeMap<u16, u64> = BTreeMap::new();
        index.runs().for_each(|run| *held.entry(run.file()).or_default() += run.count());
        let mut extents = Extents { files: BTreeMap::new(), held: held.values().sum() };
        for run in index.runs() {
            let file = run.file();
            let bound = held.get(&file).map_or(0, |held| held.saturating_add(1).saturating_mul(SPREAD));
            let end = u64::from(run.page()) + run.count();
            if let Ok(end) = u32::try_from(end)
                && u64::from(end) <= bound
            {
                extents.files.insert(file, end);
            }
        }
        extents
    }
}

impl Pages for Backup {
    fn files(&self) -> Vec<u16> {
        self.extents.files.keys().copied().collect()
    }

    fn page_count(&self, file: u16) -> u32 {
        self.extents.files.get(&file).copied().unwrap_or_default()
    }

    fn stored(&self) -> u64 {
        self.extents.held
    }

    fn page(&self, file: u16, page: u32, into: &mut PageBytes) -> Result<(), PageError> {
        self.read(file, page, std::slice::from_mut(into)).map(drop)
    }

    fn pages(&self, file: u16, first: u32, into: &mut [PageBytes]) -> Result<usize, PageError> {
        match self.read(file, first, into) {
            // One page of many may be what cannot be read.
            Err(PageError::Read { .. }) if into.len() > 1 => {
                let one = into.get_mut(..1).unwrap_or_default();
                self.read(file, first, one)
            }
            read => read,
        }
    }
}

impl Backup {
    /// Reads pages that follow each other in the database and in the backup; returns how many, at
    /// least 1.
    fn read(&self, file: u16, first: u32, into: &mut [PageBytes]) -> Result<usize, PageError> {
        let id = PageId { file, page: first };
        let count = *self.extents.files.get(&file).ok_or(PageError::NoFile(id))?;
        let run = self.index.find(key(file, first)).ok_or(PageError::Absent(id))?;
        let most = run.count().min(u64::from(count.saturating_sub(first))).min(into.len() as u64);
        let room = into.get_mut(..most as usize).filter(|room| !room.is_empty());
        let room = room.ok_or(PageError::Absent(id))?.as_flattened_mut();
        let spot = run.spot();
        // Spots are made from the positions of stripes, so there is one.
        let stripe = self.stripes.get(usize::from(spot.family)).ok_or(PageError::Absent(id))?;
        stripe.read(spot.at, room).map_err(|cause| PageError::Read { id, cause })?;
        Ok(most as usize)
    }
}

/// Returns the database's files of data of which there is no page.
pub(super) fn absent_files(backup: &Backup) -> impl Iterator<Item = &DatabaseFile> {
    let is_there = |file: &DatabaseFile| {
        u16::try_from(file.number).is_ok_and(|number| backup.extents.files.contains_key(&number))
    };
    backup.set().files.iter().filter(move |file| file.is_data && !is_there(file))
}

/// Tells whether the database is encrypted (TDE): headers are plain, and no checksum is right.
///
/// The first pages of files and the boot page are never encrypted.
pub(super) fn is_encrypted(backup: &Backup) -> bool {
    let mut bytes = [0; PAGE as usize];
    let mut wrong = 0;
    let step = (backup.extents.held / LOOKED_AT).max(1);
    let mut passed = 0_u64;
    for run in backup.index.runs() {
        let first = passed.div_ceil(step) * step - passed;
        passed += run.count();
        for at in (first..run.count()).step_by(step as usize) {
            let (file, page) = (run.file(), (run.first + at) as u32);
            let plain = page == 0 || page == BOOT_PAGE;
            if plain || Pages::page(backup, file, page, &mut bytes).is_err() {
                continue;
            }
            match checksum_is_right(&bytes) {
                Some(true) => return false,
                Some(false) => wrong += 1,
                None => {}
            }
        }
    }
    wrong >= ENOUGH
}
