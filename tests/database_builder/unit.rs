//! Allocation units: the pages that hold the rows, the large values or the overflow of a partition,
//! and the maps that list them.

use std::collections::VecDeque;

use super::bytes::{PageId, put};
use super::data_file::{EXTENT_PAGES, INTERVAL, add_map};
use super::page::{self, Page};
use super::store::Store;

/// What a unit holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    Rows = 1,
    LargeValues = 2,
    Overflow = 3,
}

/// A map of the unit's extents in one file.
#[derive(Debug)]
struct Map {
    id: PageId,
    /// The first page that it covers.
    first: u32,
    bits: Vec<u8>,
}

/// An allocation unit.
#[derive(Debug)]
pub struct Unit {
    pub id: i64,
    pub holds: Holds,
    /// The rowset it belongs to.
    pub owner: i64,
    pub first: PageId,
    pub root: PageId,
    /// Pages with records, pages given out, and pages reserved.
    pub data_pages: i64,
    pub used_pages: i64,
    pub reserved_pages: i64,
    files: Vec<u16>,
    /// Pages of shared extents: the first eight.
    single: Vec<PageId>,
    maps: Vec<Map>,
    next: Option<PageId>,
    extents: usize,
    /// Pages that were given out before they are needed.
    planned: VecDeque<PageId>,
}

/// Pages that a unit takes from shared extents before it gets extents of its own.
const SINGLE: usize = 8;

impl Unit {
    /// Makes a unit in these files; its first map is given out at once.
    pub fn new(store: &mut Store, id: i64, holds: Holds, owner: i64, files: &[u16]) -> Unit {
        let mut unit = Unit {
            id,
            holds,
            owner,
            first: PageId::default(),
            root: PageId::default(),
            data_pages: 0,
            used_pages: 0,
            reserved_pages: 0,
            files: files.to_vec(),
            single: Vec::new(),
            maps: Vec::new(),
            next: None,
            extents: 0,
            planned: VecDeque::new(),
        };
        unit.map(store, files[0], 0);
        unit
    }

    /// Returns the first map.
    pub fn first_map(&self) -> PageId {
        self.maps[0].id
    }

    /// Returns the map that covers a page, which is made if there is none.
    fn map(&mut self, store: &mut Store, file: u16, page: u32) -> &mut Map {
        let first = page / INTERVAL * INTERVAL;
        let found = self.maps.iter().position(|map| map.id.file == file && map.first == first);
        let at = found.unwrap_or_else(|| {
            let id = store.mixed_page(file, true);
            self.maps.push(Map { id, first, bits: vec![0; (INTERVAL / EXTENT_PAGES / 8) as usize] });
            self.used_pages += 1;
            self.reserved_pages += 1;
            self.maps.len() - 1
        });
        &mut self.maps[at]
    }

    /// Gives out pages before they are needed, and returns the first and the last of them.
    pub fn plan(&mut self, store: &mut Store, pages: usize) -> (PageId, PageId) {
        let planned: VecDeque<PageId> = (0..pages).map(|_| self.page(store)).collect();
        self.planned = planned;
        (self.planned[0], self.planned[pages - 1])
    }

    /// Gives out a page.
    pub fn page(&mut self, store: &mut Store) -> PageId {
        if let Some(page) = self.planned.pop_front() {
            return page;
        }
        self.used_pages += 1;
        if self.single.len() < SINGLE {
            let page = store.mixed_page(self.files[self.single.len() % self.files.len()], false);
            self.single.push(page);
            self.reserved_pages += 1;
            return page;
        }
        let page = self.next.unwrap_or_else(|| {
            let first = store.extent(self.files[self.extents % self.files.len()]);
            self.extents += 1;
            self.reserved_pages += i64::from(EXTENT_PAGES);
            let map = self.map(store, first.file, first.page);
            let extent = (first.page - map.first) / EXTENT_PAGES;
            map.bits[extent as usize / 8] |= 1 << (extent % 8);
            first
        });
        store.allocate(page);
        let next = PageId::new(page.file, page.page + 1);
        self.next = Some(next).filter(|next| next.page % EXTENT_PAGES != 0);
        page
    }

    /// Takes a page out of use. One of an extent of the unit's own stays in the extent.
    pub fn free(&mut self, store: &mut Store, page: PageId) {
        store.free(page);
        self.used_pages -= 1;
        if let Some(single) = self.single.iter_mut().find(|single| **single == page) {
            *single = PageId::default();
        }
    }

    /// Writes the maps.
    pub fn finish(&mut self, store: &mut Store) {
        for (number, map) in self.maps.iter().enumerate() {
            let mut page = Page::new(map.id, page::ALLOCATION_MAP, 99 << 16);
            if let Some(next) = self.maps.get(number + 1) {
                page.set_next(next.id);
            }
            if number > 0 {
                page.set_previous(self.maps[number - 1].id);
            }
            page.set_least(90);
            let mut head = [0; 90];
            put(&mut head, 0, &(number as u32).to_le_bytes());
            put(&mut head, 36, &PageId::new(map.id.file, map.first).bytes());
            if number == 0 {
                for (at, single) in self.single.iter().enumerate() {
                    put(&mut head, 42 + 6 * at, &single.bytes());
                }
            }
            add_map(&mut page, &head, &map.bits);
            store.write(page);
        }
    }
}
