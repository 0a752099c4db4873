//! A page: its header, its protection against damage, its slots.
//!
//! Databases that began on SQL Server 2000 protect pages against torn writes: the last two bits of
//! every sector are swapped for a signature and kept in the header. They are put back before anything
//! reads the page, or one byte in 512 would be wrong, silently. (Layout after "Inside the storage
//! engine: anatomy of a page"; verified on real files.)

use super::bytes::{page_id_at, u8_at, u16_at, u32_at};
use super::pages::{PAGE_SIZE, PageBytes, PageError, PageId, Pages};

/// Bytes of a page's header.
pub(super) const HEADER: usize = 96;
const SECTOR: usize = 512;
const SECTORS: usize = PAGE_SIZE / SECTOR;
const TORN_FLAG: u16 = 0x100;
const CHECKSUM_FLAG: u16 = 0x200;
/// Place of the checksum, or of the bits that signatures replaced.
const PROTECTION: usize = 60;

/// The page types that readers meet.
pub(super) mod kind {
    pub(in crate::sqlserver::mdf) const DATA: u8 = 1;
    pub(in crate::sqlserver::mdf) const TEXT_MIX: u8 = 3;
    pub(in crate::sqlserver::mdf) const TEXT_TREE: u8 = 4;
    pub(in crate::sqlserver::mdf) const ALLOCATION_MAP: u8 = 10;
    pub(in crate::sqlserver::mdf) const FREE_SPACE: u8 = 11;
    pub(in crate::sqlserver::mdf) const BOOT: u8 = 13;
}

/// What is wrong with a page.
#[derive(Debug, thiserror::Error)]
pub(super) enum Damage {
    /// It could not be had.
    #[error("{0}")]
    Unread(#[from] PageError),
    /// It is not the page that should be in its place.
    #[error("page {0} is damaged: it does not bear its own number")]
    Foreign(PageId),
    /// Its checksum is not that of its bytes.
    #[error("page {0} is damaged: its checksum is wrong")]
    Checksum(PageId),
    /// Some of its sectors were not written with the others.
    #[error("page {0} is damaged: not all of its sectors were written together")]
    Torn(PageId),
    /// It cannot serve as what a pointer takes it for.
    #[error("page {id} is damaged: it is no {what}")]
    Misplaced {
        /// The page.
        id: PageId,
        /// What it should be.
        what: &'static str,
    },
    /// Pointers lead to it a second time.
    #[error("page {0} is damaged: pointers run in a circle through it")]
    Circle(PageId),
    /// An allocation map owns pages that are not in the input.
    #[error("{count} page(s) that belong to the table by its allocation map {map} are not in the input")]
    Missing {
        /// The allocation map.
        map: PageId,
        /// The pages.
        count: u64,
    },
}

/// A page with its bytes put back to what they mean.
pub(super) struct Page {
    id: PageId,
    bytes: Box<PageBytes>,
}

impl Page {
    /// Makes an empty page to load into.
    pub(super) fn new() -> Page {
        Page { id: PageId::default(), bytes: Box::new([0; PAGE_SIZE]) }
    }

    /// Loads a page; returns damage that leaves it readable.
    ///
    /// # Errors
    /// Damage for which it cannot be read at all; the page is empty then.
    pub(super) fn load(&mut self, pages: &dyn Pages, id: PageId) -> Result<Option<Damage>, Damage> {
        self.id = id;
        let loaded = pages.page(id.file, id.page, &mut self.bytes).map_err(Damage::from).and_then(|()| {
            let own = self.bytes[0] == 1 && page_id_at(&self.bytes[..], 32) == Some(id);
            if own { Ok(()) } else { Err(Damage::Foreign(id)) }
        });
        if let Err(damage) = loaded {
            self.bytes.fill(0);
            return Err(damage);
        }
        let flags = u16_at(&self.bytes[..], 4).unwrap_or_default();
        if flags & TORN_FLAG != 0 {
            return Ok(self.put_back_bits().then_some(Damage::Torn(id)));
        }
        let wrong = flags & CHECKSUM_FLAG != 0 && checksum(&self.bytes) != self.protection();
        Ok(wrong.then_some(Damage::Checksum(id)))
    }

    fn protection(&self) -> u32 {
        u32_at(&self.bytes[..], PROTECTION).unwrap_or_default()
    }

    /// Puts back the bits that signatures replaced, and tells whether the signatures differ.
    fn put_back_bits(&mut self) -> bool {
        let kept = self.protection();
        let signature = (kept & 3) as u8;
        let mut torn = false;
        for sector in 1..SECTORS {
            if let Some(last) = self.bytes.get_mut(sector * SECTOR + SECTOR - 1) {
                torn |= *last & 3 != signature;
                *last = *last & !3 | (kept >> (2 * sector)) as u8 & 3;
            }
        }
        torn
    }

    pub(super) fn id(&self) -> PageId {
        self.id
    }

    pub(super) fn bytes(&self) -> &PageBytes {
        &self.bytes
    }

    /// Returns the page's type, one of [`kind`] or another.
    pub(super) fn kind(&self) -> u8 {
        u8_at(&self.bytes[..], 1).unwrap_or_default()
    }

    /// Returns the next page of a chain.
    pub(super) fn next(&self) -> PageId {
        page_id_at(&self.bytes[..], 16).unwrap_or_default()
    }

    /// Returns the number of slots, at most as many as a page can have.
    pub(super) fn slots(&self) -> u16 {
        let count = u16_at(&self.bytes[..], 22).unwrap_or_default();
        count.min(((PAGE_SIZE - HEADER) / 2) as u16)
    }

    /// Tells whether a slot leads nowhere.
    pub(super) fn is_free(&self, slot: u16) -> bool {
        u16_at(&self.bytes[..], PAGE_SIZE - 2 * (usize::from(slot) + 1)) == Some(0)
    }

    /// Returns the place of a slot's record and the bytes from there to the slots' own array.
    pub(super) fn slot(&self, slot: u16) -> Option<(usize, &[u8])> {
        if slot >= self.slots() {
            return None;
        }
        let place = u16_at(&self.bytes[..], PAGE_SIZE - 2 * (usize::from(slot) + 1))?;
        let place = usize::from(place);
        let end = PAGE_SIZE - 2 * usize::from(self.slots());
        if place < HEADER { None } else { self.bytes.get(place..end).map(|bytes| (place, bytes)) }
    }

    /// Returns the bytes from a place to the next record's: as much as a damaged record can have.
    pub(super) fn until_next(&self, place: usize) -> &[u8] {
        let end = PAGE_SIZE - 2 * usize::from(self.slots());
        let starts = self.bytes.get(end..).unwrap_or_default().chunks_exact(2);
        let starts = starts.map(|start| usize::from(u16::from_le_bytes([start[0], start[1]])));
        let next = starts.filter(|&start| start > place && start < end).min().unwrap_or(end);
        self.bytes.get(place..next).unwrap_or_default()
    }
}

/// Returns the checksum of a page: the exclusive or of each sector's words, rotated by the sectors
/// that follow, the checksum itself taken as zero.
fn checksum(bytes: &PageBytes) -> u32 {
    let sector_sum = |sector: &[u8]| {
        sector
            .chunks_exact(4)
            .map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]))
            .fold(0, |sum, word| sum ^ word)
    };
    let stored = u32_at(&bytes[..], PROTECTION).unwrap_or_default();
    let sectors = bytes.chunks_exact(SECTOR).map(sector_sum).enumerate();
    sectors.fold(0, |total, (at, sum)| {
        let sum = if at == 0 { sum ^ stored } else { sum };
        total ^ sum.rotate_left((SECTORS - 1 - at) as u32)
    })
}
