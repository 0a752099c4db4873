//! Pages: 8192 bytes with a header of 96, records behind it, and the array of slots at the end
//! (Microsoft Learn, "Pages and extents architecture guide").

use super::bytes::{PageId, put, short};
use super::protection::Protection;

pub const PAGE: usize = 8192;
/// Bytes of the header.
pub const HEADER: usize = 96;

/// Types of pages.
pub const DATA: u8 = 1;
pub const INDEX: u8 = 2;
pub const TEXT_MIX: u8 = 3;
pub const TEXT_TREE: u8 = 4;
pub const GLOBAL_MAP: u8 = 8;
pub const SHARED_MAP: u8 = 9;
pub const ALLOCATION_MAP: u8 = 10;
pub const FREE_SPACE: u8 = 11;
pub const BOOT: u8 = 13;
pub const FILE_HEADER: u8 = 15;
pub const DIFFERENTIAL_MAP: u8 = 16;
pub const BULK_MAP: u8 = 17;

/// A page that is being filled.
#[derive(Debug, Clone)]
pub struct Page {
    pub id: PageId,
    bytes: Vec<u8>,
    /// Where the next record goes.
    end: usize,
    slots: usize,
    ghosts: u16,
}

impl Page {
    /// Makes an empty page of an allocation unit.
    pub fn new(id: PageId, kind: u8, unit: i64) -> Page {
        let mut bytes = vec![0; PAGE];
        bytes[0] = 1;
        bytes[1] = kind;
        put(&mut bytes, 6, &((unit >> 48) as u16).to_le_bytes());
        put(&mut bytes, 24, &((unit >> 16) as u32).to_le_bytes());
        put(&mut bytes, 32, &id.bytes());
        // Some log sequence number.
        put(&mut bytes, 40, &[30, 0, 0, 0, 16, 1, 0, 0, 1, 0]);
        Page { id, bytes, end: HEADER, slots: 0, ghosts: 0 }
    }

    /// Makes a page of the file's own, which belongs to the object of that number.
    pub fn system(id: PageId, kind: u8) -> Page {
        Page::new(id, kind, 99 << 16)
    }

    pub fn is_empty(&self) -> bool {
        self.slots == 0
    }

    /// Returns the number of records.
    pub fn slots(&self) -> u16 {
        self.slots as u16
    }

    /// Tells whether a record of this size still fits.
    pub fn fits(&self, size: usize) -> bool {
        self.end + size + 2 * (self.slots + 1) <= PAGE
    }

    /// Adds a record and returns its slot.
    pub fn add(&mut self, record: &[u8]) -> u16 {
        assert!(self.fits(record.len()), "a record of {} bytes does not fit", record.len());
        put(&mut self.bytes, self.end, record);
        let slot = self.slots;
        put(&mut self.bytes, PAGE - 2 * (slot + 1), &(self.end as u16).to_le_bytes());
        self.end += record.len();
        self.slots += 1;
        slot as u16
    }

    /// Replaces the record that was added last by one of the same length.
    pub fn replace_last(&mut self, record: &[u8]) {
        put(&mut self.bytes, self.end - record.len(), record);
    }

    /// Counts a record that is only a ghost.
    pub fn count_ghost(&mut self) {
        self.ghosts += 1;
    }

    pub fn set_level(&mut self, level: u8) {
        self.bytes[3] = level;
    }

    /// Sets the length of the part of the records that all have.
    pub fn set_least(&mut self, bytes: u16) {
        put(&mut self.bytes, 14, &bytes.to_le_bytes());
    }

    pub fn set_previous(&mut self, page: PageId) {
        put(&mut self.bytes, 8, &page.bytes());
    }

    pub fn set_next(&mut self, page: PageId) {
        put(&mut self.bytes, 16, &page.bytes());
    }

    /// Ends the page.
    pub fn finish(mut self, protection: Protection) -> Vec<u8> {
        put(&mut self.bytes, 22, &(self.slots as u16).to_le_bytes());
        let free = PAGE - self.end - 2 * self.slots;
        put(&mut self.bytes, 28, &(free as u16).to_le_bytes());
        put(&mut self.bytes, 30, &(self.end as u16).to_le_bytes());
        put(&mut self.bytes, 58, &self.ghosts.to_le_bytes());
        protection.apply(&mut self.bytes);
        self.bytes
    }
}

/// Returns where the record of a slot begins, in a page that is ended.
pub fn slot(page: &[u8], slot: usize) -> usize {
    usize::from(short(page, PAGE - 2 * (slot + 1)))
}
