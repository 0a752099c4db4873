//! Which pages a table owns: its allocation maps (IAM pages), checked against the map of used pages
//! (PFS pages). ("Inside the storage engine: IAM pages, IAM chains, and allocation units".)
//!
//! Pages come in the order of allocation, for heaps and clustered tables alike: unlike the chain of a
//! clustered table it loses nothing behind a damaged page. Pages that were given back keep their old
//! rows, so that bearing a table's number is no sign of belonging to it.

use std::collections::VecDeque;

use super::bytes::{page_id_at, u16_at};
use super::page::{Damage, Page, kind};
use super::pages::{PageError, PageId, PageSet, Pages};

/// Pages of an extent.
const EXTENT: u32 = 8;
/// Pages that a page of the map of used pages tells of.
const FREE_SPACE_INTERVAL: u32 = 8088;
/// Place of the first byte of that map in its page.
const FREE_SPACE_BYTES: usize = 100;
/// The bit that tells a page in use.
const IN_USE: u8 = 0x40;
/// Single pages that an allocation map lists besides extents.
const SINGLES: usize = 8;

/// What the walk comes to.
pub(super) enum Step {
    /// A data page, perhaps damaged.
    Page(Option<Damage>),
    /// Something that could not be used.
    Lost(Damage),
}

/// Walks the data pages of one allocation unit.
pub(super) struct Allocation<'a> {
    pages: &'a dyn Pages,
    next_map: PageId,
    map: Map,
    /// Pages of the map at hand that are not in the input.
    missing: u64,
    /// Where the chain of a clustered table goes on, and the pages of it that were passed.
    chain: PageId,
    passed: PageSet,
    /// Whether a map is damaged or there is none, so that the chain may hold pages that no map tells of.
    maps_damaged: bool,
    free_space: FreeSpace,
    seen: PageSet,
    lost: VecDeque<Damage>,
}

/// The allocation map at hand and how far it was walked.
struct Map {
    page: Page,
    start: PageId,
    singles: usize,
    /// Where in the page single pages are listed, and where the extents' bits lie.
    singles_at: usize,
    bits: std::ops::Range<usize>,
    /// The next page of the map's range to look at, counted from its start.
    place: u32,
    /// Pages of the range that exist.
    count: u32,
}

impl<'a> Allocation<'a> {
    /// Begins at the first allocation map. `chain` is the first page of a clustered table, whose pages
    /// are linked; it serves where there is no map or maps are damaged.
    pub(super) fn new(pages: &'a dyn Pages, first_map: PageId, chain: PageId) -> Allocation<'a> {
        Allocation {
            pages,
            next_map: first_map,
            map: Map::empty(),
            missing: 0,
            chain,
            passed: PageSet::default(),
            maps_damaged: first_map.is_none(),
            free_space: FreeSpace { page: Page::new(), usable: false },
            seen: PageSet::default(),
            lost: VecDeque::new(),
        }
    }

    /// Loads the next data page; `None` at the end.
    pub(super) fn next(&mut self, into: &mut Page) -> Option<Step> {
        loop {
            if let Some(damage) = self.lost.pop_front() {
                return Some(Step::Lost(damage));
            }
            let Some(id) = self.map.next_page() else {
                if self.missing > 0 {
                    let count = std::mem::take(&mut self.missing);
                    self.lost.push_back(Damage::Missing { map: self.map.page.id(), count });
                } else if !self.next_map.is_none() {
                    self.open_map();
                } else {
                    return self.next_of_chain(into);
                }
                continue;
            };
            if id.page >= self.pages.page_count(id.file) {
                self.missing += 1;
                continue;
            }
            if !self.seen.insert(id) || !self.is_in_use(id) {
                continue;
            }
            match into.load(self.pages, id) {
                Err(Damage::Unread(PageError::Absent(_))) => self.missing += 1,
                Err(damage) => self.lost.push_back(damage),
                // Extents hold pages of allocation maps and indexes, too.
                Ok(_) if into.kind() != kind::DATA => {}
                Ok(damage) => return Some(Step::Page(damage)),
            }
        }
    }

    /// Loads the next page of the chain that no map told of.
    fn next_of_chain(&mut self, into: &mut Page) -> Option<Step> {
        while self.maps_damaged && !self.chain.is_none() {
            let id = std::mem::take(&mut self.chain);
            if !self.passed.insert(id) {
                return Some(Step::Lost(Damage::Circle(id)));
            }
            match into.load(self.pages, id) {
                Err(damage) => return Some(Step::Lost(damage)),
                Ok(_) if into.kind() != kind::DATA => {
                    return Some(Step::Lost(Damage::Misplaced { id, what: "data page" }));
                }
                Ok(damage) => {
                    self.chain = into.next();
                    if self.seen.insert(id) {
                        return Some(Step::Page(damage));
                    }
                }
            }
        }
        None
    }

    fn open_map(&mut self) {
        let id = std::mem::take(&mut self.next_map);
        let opened = match self.seen.insert(id) {
            true => self.map.open(self.pages, id),
            false => Err(Damage::Circle(id)),
        };
        if opened.is_ok() {
            self.next_map = self.map.page.next();
            self.missing = self.map.beyond();
        }
        if let Err(damage) | Ok(Some(damage)) = opened {
            self.maps_damaged = true;
            self.lost.push_back(damage);
        }
    }

    fn is_in_use(&mut self, id: PageId) -> bool {
        let map =
            PageId { file: id.file, page: (id.page / FREE_SPACE_INTERVAL * FREE_SPACE_INTERVAL).max(1) };
        if self.free_space.page.id() != map {
            self.lost.extend(self.free_space.open(self.pages, map));
        }
        self.free_space.is_in_use(id.page)
    }
}

impl Map {
    fn empty() -> Map {
        Map {
            page: Page::new(),
            start: PageId::default(),
            singles: SINGLES,
            singles_at: 0,
            bits: 0..0,
            place: 0,
            count: 0,
        }
    }

    /// Opens a map; returns damage that leaves it readable.
    fn open(&mut self, pages: &dyn Pages, id: PageId) -> Result<Option<Damage>, Damage> {
        let mut page = std::mem::replace(self, Map::empty()).page;
        let damage = page.load(pages, id)?;
        let misplaced = Damage::Misplaced { id, what: "allocation map" };
        if page.kind() != kind::ALLOCATION_MAP {
            return Err(misplaced);
        }
        let read = || {
            let (header, _) = page.slot(0)?;
            let (bitmap, bytes) = page.slot(1)?;
            let start = page_id_at(page.bytes(), header + 40)?;
            let bits = bitmap + 4..bitmap + usize::from(u16_at(bytes, 2)?);
            Some((start, header + 46, bits))
        };
        let Some((start, singles_at, bits)) = read() else { return Err(misplaced) };
        let exist = pages.page_count(start.file).saturating_sub(start.page);
        let mapped = u32::try_from(bits.len() * 8).unwrap_or(u32::MAX).saturating_mul(EXTENT);
        *self = Map { page, start, singles: 0, singles_at, bits, place: 0, count: exist.min(mapped) };
        Ok(damage)
    }

    /// Counts the pages in extents that lie behind the end of their file.
    fn beyond(&self) -> u64 {
        let first = (self.count.div_ceil(EXTENT)) as usize;
        let bits = self.page.bytes().get(self.bits.clone()).unwrap_or_default();
        let rest = bits.get(first / 8..).unwrap_or_default();
        let extents: u64 = rest.iter().map(|byte| u64::from(byte.count_ones())).sum();
        let within = rest.first().map_or(0, |byte| byte & !(0xFF << (first % 8)));
        (extents - u64::from(within.count_ones())) * u64::from(EXTENT)
    }

    fn next_page(&mut self) -> Option<PageId> {
        while self.singles < SINGLES {
            let id = page_id_at(self.page.bytes(), self.singles_at + 6 * self.singles);
            self.singles += 1;
            if let Some(id) = id.filter(|id| !id.is_none()) {
                return Some(id);
            }
        }
        while self.place < self.count {
            let extent = (self.place / EXTENT) as usize;
            let bits = self.page.bytes().get(self.bits.start + extent / 8).copied().unwrap_or_default();
            if bits == 0 {
                self.place = (self.place / (8 * EXTENT) + 1).saturating_mul(8 * EXTENT);
            } else if bits >> (extent % 8) & 1 == 0 {
                self.place = (self.place / EXTENT + 1).saturating_mul(EXTENT);
            } else {
                let page = self.start.page.checked_add(self.place)?;
                self.place += 1;
                return Some(PageId { file: self.start.file, page });
            }
        }
        None
    }
}

/// The page at hand of the map of used pages.
struct FreeSpace {
    page: Page,
    usable: bool,
}

impl FreeSpace {
    fn open(&mut self, pages: &dyn Pages, id: PageId) -> Option<Damage> {
        let loaded = self.page.load(pages, id);
        self.usable = loaded.is_ok() && self.page.kind() == kind::FREE_SPACE;
        match loaded {
            Ok(damage) if self.usable => damage,
            Ok(_) => Some(Damage::Misplaced { id, what: "map of used pages" }),
            Err(damage) => Some(damage),
        }
    }

    /// Tells whether a page is in use; without a usable map every page is taken to be.
    fn is_in_use(&self, page: u32) -> bool {
        let place = FREE_SPACE_BYTES + (page % FREE_SPACE_INTERVAL) as usize;
        !self.usable || self.page.bytes().get(place).is_some_and(|byte| byte & IN_USE != 0)
    }
}
