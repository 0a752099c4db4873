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
/// What the checksum of a page changes by if its flag is lost: that bit, rotated as its sector is.
const FLAG_LOST: u32 = (CHECKSUM_FLAG as u32).rotate_left(SECTORS as u32 - 1);
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
    /// All types that there are.
    pub(in crate::sqlserver::mdf) const EXISTING: std::ops::RangeInclusive<u8> = 1..=20;
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

impl Damage {
    /// Returns the page that is damaged, or tells of pages that are missing.
    pub(super) fn page(&self) -> PageId {
        match self {
            Damage::Unread(error) => error.page(),
            Damage::Foreign(id) | Damage::Checksum(id) | Damage::Torn(id) | Damage::Circle(id) => *id,
            Damage::Misplaced { id, .. } => *id,
            Damage::Missing { map, .. } => *map,
        }
    }
}

/// A page that is looked at: its number and its bytes, put back to what they mean.
#[derive(Clone, Copy)]
pub(super) struct PageView<'p> {
    id: PageId,
    bytes: &'p PageBytes,
    slots: u16,
}

/// A page with bytes of its own.
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
        let read = pages.page(id.file, id.page, &mut self.bytes).map_err(Damage::from);
        let checked = read.and_then(|()| put_right(&mut self.bytes, id));
        if checked.is_err() {
            self.bytes.fill(0);
        }
        checked
    }

    pub(super) fn id(&self) -> PageId {
        self.id
    }

    pub(super) fn view(&self) -> PageView<'_> {
        PageView::new(self.id, &self.bytes)
    }
}

/// Puts the bytes of a page that was read back to what they mean; returns damage that leaves it
/// readable.
///
/// # Errors
/// That it is another page.
pub(super) fn put_right(bytes: &mut PageBytes, id: PageId) -> Result<Option<Damage>, Damage> {
    if bytes[0] != 1 || page_id_at(&bytes[..], 32) != Some(id) {
        return Err(Damage::Foreign(id));
    }
    let flags = u16_at(&bytes[..], 4).unwrap_or_default();
    Ok(match (flags & TORN_FLAG != 0, flags & CHECKSUM_FLAG != 0) {
        (true, false) => put_back_bits(bytes).then_some(Damage::Torn(id)),
        (false, true) => (checksum(bytes) != protection(bytes)).then_some(Damage::Checksum(id)),
        // A page has one protection: one of the flags is damage.
        (true, true) => Some(Damage::Checksum(id)),
        // That the checksum is right but for its flag cannot be chance.
        (false, false) => (protection(bytes) != 0 && checksum(bytes) ^ FLAG_LOST == protection(bytes))
            .then_some(Damage::Checksum(id)),
    })
}

fn protection(bytes: &PageBytes) -> u32 {
    u32_at(&bytes[..], PROTECTION).unwrap_or_default()
}

/// Puts back the bits that signatures replaced, and tells whether the signatures differ.
fn put_back_bits(bytes: &mut PageBytes) -> bool {
    let kept = protection(bytes);
    let signature = (kept & 3) as u8;
    let mut torn = false;
    for sector in 1..SECTORS {
        if let Some(last) = bytes.get_mut(sector * SECTOR + SECTOR - 1) {
            torn |= *last & 3 != signature;
            *last = *last & !3 | (kept >> (2 * sector)) as u8 & 3;
        }
    }
    torn
}

impl<'p> PageView<'p> {
    /// Looks at bytes that [`put_right`] has seen.
    pub(super) fn new(id: PageId, bytes: &'p PageBytes) -> PageView<'p> {
        let count = u16_at(&bytes[..], 22).unwrap_or_default();
        PageView { id, bytes, slots: count.min(((PAGE_SIZE - HEADER) / 2) as u16) }
    }

    pub(super) fn id(self) -> PageId {
        self.id
    }

    pub(super) fn bytes(self) -> &'p PageBytes {
        self.bytes
    }

    /// Returns the page's type, one of [`kind`] or another.
    pub(super) fn kind(self) -> u8 {
        u8_at(&self.bytes[..], 1).unwrap_or_default()
    }

    /// Returns the next page of a chain.
    pub(super) fn next(self) -> PageId {
        page_id_at(&self.bytes[..], 16).unwrap_or_default()
    }

    /// Returns the number of slots, at most as many as a page can have.
    pub(super) fn slots(self) -> u16 {
        self.slots
    }

    fn place_of(self, slot: u16) -> Option<usize> {
        u16_at(&self.bytes[..], PAGE_SIZE - 2 * (usize::from(slot) + 1)).map(usize::from)
    }

    /// Tells whether a slot leads nowhere.
    pub(super) fn is_free(self, slot: u16) -> bool {
        self.place_of(slot) == Some(0)
    }

    /// Returns the place of a slot's record and the bytes from there to the slots' own array.
    pub(super) fn slot(self, slot: u16) -> Option<(usize, &'p [u8])> {
        if slot >= self.slots {
            return None;
        }
        let place = self.place_of(slot)?;
        let end = PAGE_SIZE - 2 * usize::from(self.slots);
        if place < HEADER { None } else { self.bytes.get(place..end).map(|bytes| (place, bytes)) }
    }

    /// Returns the bytes from a place to the next record's: as much as a damaged record can have.
    pub(super) fn until_next(self, place: usize) -> &'p [u8] {
        let end = PAGE_SIZE - 2 * usize::from(self.slots);
        let starts = self.bytes.get(end..).unwrap_or_default().chunks_exact(2);
        let starts = starts.map(|start| usize::from(u16::from_le_bytes([start[0], start[1]])));
        let next = starts.filter(|&start| start > place && start < end).min().unwrap_or(end);
        self.bytes.get(place..next).unwrap_or_default()
    }
}

/// Tells whether a page's checksum is that of its bytes; `None` if it bears none.
pub(in crate::sqlserver) fn checksum_is_right(bytes: &PageBytes) -> Option<bool> {
    let flags = u16_at(&bytes[..], 4).unwrap_or_default();
    (flags & CHECKSUM_FLAG != 0).then(|| checksum(bytes) == protection(bytes))
}

/// Returns the checksum of a page: the exclusive or of each sector's words, rotated by the sectors
/// that follow, the checksum itself taken as zero.
fn checksum(bytes: &PageBytes) -> u32 {
    let stored = protection(bytes);
    let (sectors, _) = bytes.as_chunks::<SECTOR>();
    let sums = sectors.iter().enumerate().map(|(at, sector)| {
        let sum = sector_sum(sector);
        if at == 0 { sum ^ stored } else { sum }
    });
    sums.fold(0, |total: u32, sum| total.rotate_left(1) ^ sum)
}

/// Returns the exclusive or of a sector's words, taken in lanes so that the compiler uses wide registers.
fn sector_sum(sector: &[u8; SECTOR]) -> u32 {
    let mut lanes = [0_u64; 8];
    let (chunks, _) = sector.as_chunks::<64>();
    for chunk in chunks {
        let (words, _) = chunk.as_chunks::<8>();
        for (lane, word) in lanes.iter_mut().zip(words) {
            *lane ^= u64::from_le_bytes(*word);
        }
    }
    let sum = lanes.iter().fold(0, |sum, lane| sum ^ lane);
    (sum >> 32) as u32 ^ sum as u32
}
