//! Data files: pages written in any order, extents given out, and the maps that tell which are taken (Microsoft Learn, "Pages and extents architecture guide").

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::bytes::{PageId, put};
use super::page::{self, PAGE, Page};
use super::protection::Protection;

pub const EXTENT_PAGES: u32 = 8;
pub const EXTENT: usize = PAGE * EXTENT_PAGES as usize;
/// Pages that one map of extents covers.
pub const INTERVAL: u32 = 511_232;
/// Pages that one map of free space covers.
const FREE_SPACE_INTERVAL: u32 = 8088;
/// Where the bits of a map begin in its page.
const BITS: usize = 194;

/// What the map of free space tells of a page.
const ALLOCATED: u8 = 0x40;
const MIXED: u8 = 0x20;
const MAP: u8 = 0x10;
const FULL: u8 = 0x04;

/// Where the bytes of a file are.
#[derive(Debug)]
enum Bytes {
    Memory(Vec<u8>),
    Disk(PathBuf, File),
}

/// A data file.
#[derive(Debug)]
pub struct DataFile {
    pub number: u16,
    pub name: String,
    bytes: Bytes,
    /// One byte a page, as in the map of free space.
    free_space: Vec<u8>,
    /// Whether each extent is shared by several units; as many as were given out.
    mixed: Vec<bool>,
    /// The next page of the extent that is being shared.
    next_mixed: Option<u32>,
}

impl DataFile {
    /// Makes a file in memory, or on disk.
    pub fn new(number: u16, name: &str, path: Option<&Path>) -> DataFile {
        let bytes = match path {
            None => Bytes::Memory(Vec::new()),
            Some(path) => {
                let file = File::options().create(true).truncate(true).write(true).read(true).open(path);
                Bytes::Disk(path.to_owned(), file.expect("the data file can be made"))
            }
        };
        let name = name.to_owned();
        let mut file =
            DataFile { number, name, bytes, free_space: Vec::new(), mixed: Vec::new(), next_mixed: None };
        file.new_extent(true);
        // The second extent begins the pages that are shared; the boot page lies in it.
        file.next_mixed = Some(file.new_extent(true));
        file
    }

    /// Gives out the next extent, passing over those with maps in them.
    pub fn new_extent(&mut self, mixed: bool) -> u32 {
        loop {
            let first = self.mixed.len() as u32 * EXTENT_PAGES;
            self.free_space.resize((first + EXTENT_PAGES) as usize, 0);
            let own: Vec<u32> = (first..first + EXTENT_PAGES).filter(|&page| self.is_own(page)).collect();
            own.iter().for_each(|&page| self.free_space[page as usize] = ALLOCATED | FULL);
            // Nothing shares the extents of the maps, to keep it simple.
            self.mixed.push(mixed || !own.is_empty());
            if own.is_empty() || first <= 8 {
                return first;
            }
        }
    }

    /// Tells whether a page is one of the file itself.
    fn is_own(&self, page: u32) -> bool {
        self.kind_of(page).is_some()
    }

    /// Returns the type of a page of the file itself.
    fn kind_of(&self, number: u32) -> Option<u8> {
        match number {
            0 => Some(page::FILE_HEADER),
            9 if self.number == 1 => Some(page::BOOT),
            1 => Some(page::FREE_SPACE),
            _ if number.is_multiple_of(FREE_SPACE_INTERVAL) => Some(page::FREE_SPACE),
            _ => match number % INTERVAL {
                2 if number < INTERVAL => Some(page::GLOBAL_MAP),
                3 if number < INTERVAL => Some(page::SHARED_MAP),
                0 => Some(page::GLOBAL_MAP),
                1 => Some(page::SHARED_MAP),
                6 => Some(page::DIFFERENTIAL_MAP),
                7 => Some(page::BULK_MAP),
                _ => None,
            },
        }
    }

    /// Writes a page.
    pub fn write(&mut self, number: u32, page: &[u8]) {
        let at = number as usize * PAGE;
        match &mut self.bytes {
            Bytes::Memory(bytes) => {
                if bytes.len() < at + page.len() {
                    bytes.resize(at + page.len(), 0);
                }
                put(bytes, at, page);
            }
            Bytes::Disk(_, file) => {
                file.seek(SeekFrom::Start(at as u64)).expect("the data file can be sought");
                file.write_all(page).expect("the data file can be written");
            }
        }
    }

    /// Returns the numbers of the extents that are taken.
    pub fn extents(&self) -> impl Iterator<Item = u32> + use<> {
        0..self.mixed.len() as u32
    }

    /// Reads an extent.
    pub fn read_extent(&self, extent: u32, into: &mut [u8]) {
        let at = extent as usize * EXTENT;
        match &self.bytes {
            Bytes::Memory(bytes) => into.copy_from_slice(&bytes[at..at + EXTENT]),
            Bytes::Disk(_, file) => {
                let mut file = file;
                file.seek(SeekFrom::Start(at as u64)).expect("the data file can be sought");
                file.read_exact(into).expect("the data file can be read");
            }
        }
    }

    /// Returns the bytes, if they are in memory.
    pub fn bytes(&self) -> &[u8] {
        match &self.bytes {
            Bytes::Memory(bytes) => bytes,
            Bytes::Disk(path, _) => panic!("{} is on disk", path.display()),
        }
    }

    /// Gives out a page of a shared extent.
    pub fn mixed_page(&mut self, map: bool) -> u32 {
        loop {
            let page = self.next_mixed.take().unwrap_or_else(|| self.new_extent(true));
            self.next_mixed = Some(page + 1).filter(|next| next % EXTENT_PAGES != 0);
            if !self.is_own(page) {
                self.free_space[page as usize] = ALLOCATED | MIXED | if map { MAP } else { FULL };
                return page;
            }
        }
    }

    /// Notes that a page is in use.
    pub fn allocate(&mut self, page: u32) {
        self.free_space[page as usize] |= ALLOCATED | FULL;
    }

    /// Notes that a page is no longer in use; what stands in it stays.
    pub fn free(&mut self, page: u32) {
        self.free_space[page as usize] &= !ALLOCATED;
    }

    /// Fills pages that were never used: with a page of another place, or with noise.
    pub fn leave(&mut self, protection: Protection) {
        for number in (0..self.free_space.len() as u32)
            .filter(|&page| self.free_space[page as usize] == 0)
            .collect::<Vec<u32>>()
        {
            let mut page =
                Page::new(PageId::new(self.number, number / 2 + 1), page::DATA, 256 << 48 | 512 << 16);
            page.add(&[0x10, 0, 8, 0, 0xFF, 0xFF, 0xFF, 0x7F, 1, 0, 0]);
            let mut bytes = page.finish(protection);
            if number % 3 == 0 {
                bytes
                    .iter_mut()
                    .enumerate()
                    .for_each(|(at, byte)| *byte = (at as u32 * 31 + number * 7) as u8);
            }
            self.write(number, &bytes);
        }
    }

    /// Writes the pages of the file itself; `boot` is the content of the boot page.
    pub fn finish(&mut self, protection: Protection, boot: &[u8]) {
        let pages = self.mixed.len() as u32 * EXTENT_PAGES;
        // So that the last extent is whole.
        let last = pages - 1;
        if self.free_space[last as usize] & ALLOCATED == 0 {
            self.write(last, &[0; PAGE]);
        }
        for number in (0..pages).filter(|&number| self.is_own(number)).collect::<Vec<u32>>() {
            let kind = self.kind_of(number).expect("it is one of the file's own");
            let mut page = Page::system(PageId::new(self.number, number), kind);
            match kind {
                page::FILE_HEADER => drop(page.add(&self.header())),
                page::BOOT => drop(page.add(boot)),
                page::FREE_SPACE => drop(page.add(&self.free_space_map(number))),
                _ => {
                    let first = number / INTERVAL * INTERVAL;
                    let bits = extents_where(first, self.mixed.len(), |extent| match kind {
                        page::GLOBAL_MAP => extent >= self.mixed.len(),
                        page::DIFFERENTIAL_MAP => extent < self.mixed.len(),
                        _ => false,
                    });
                    add_map(&mut page, &[0; 90], &bits);
                }
            }
            let page = page.finish(protection);
            self.write(number, &page);
        }
    }

    fn header(&self) -> Vec<u8> {
        let mut record = vec![0; 400];
        put(&mut record, 0, &[0x30, 0, 8, 0]);
        put(&mut record, 320, &super::bytes::utf16(&self.name));
        record
    }

    fn free_space_map(&self, page: u32) -> Vec<u8> {
        let first = if page == 1 { 0 } else { page };
        let mut record = vec![0; 4 + FREE_SPACE_INTERVAL as usize];
        put(&mut record, 2, &0x1F9C_u16.to_le_bytes());
        let rest = &self.free_space[first as usize..];
        put(&mut record, 4, &rest[..rest.len().min(FREE_SPACE_INTERVAL as usize)]);
        record
    }
}

/// Returns the bits of a map of extents that begins at a page; those behind the file count as free.
fn extents_where(first: u32, extents: usize, is_set: impl Fn(usize) -> bool) -> Vec<u8> {
    let mut bits = vec![0; (INTERVAL / EXTENT_PAGES / 8) as usize];
    let first = (first / EXTENT_PAGES) as usize;
    // A little room behind the last extent.
    for extent in first..(extents + 64).min(first + bits.len() * 8) {
        if is_set(extent) {
            bits[(extent - first) / 8] |= 1 << ((extent - first) % 8);
        }
    }
    bits
}

/// Adds the two records that a map is made of.
pub fn add_map(page: &mut Page, head: &[u8; 90], bits: &[u8]) {
    let mut first = vec![0, 0, 0x5E, 0];
    first.extend_from_slice(head);
    page.add(&first);
    let mut second = vec![0, 0, 0x38, 0x1F];
    second.extend_from_slice(bits);
    second.resize(second.len().max(0x1F38), 0);
    page.add(&second);
    debug_assert_eq!(page::HEADER + first.len() + 4, BITS);
}
