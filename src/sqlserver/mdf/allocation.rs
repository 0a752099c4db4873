//! Which pages a table owns: its allocation maps (IAM pages), checked against the map of used pages
//! (PFS pages). ("Inside the storage engine: IAM pages, IAM chains, and allocation units".)
//!
//! A [`Plan`] lists them before any of them is read, which takes one page of 511,232 and one of 8,088.
//! Its pieces can be read by many threads, and what is wrong with the maps is told once, with the piece
//! that it concerns.
//!
//! Pages come in the order of allocation, for heaps and clustered tables alike: unlike the chain of a
//! clustered table it loses nothing behind a damaged page. Pages that were given back keep their old
//! rows, so that bearing a table's number is no sign of belonging to it.

use std::ops::Range;

use super::bytes::{page_id_at, u16_at};
use super::page::{Damage, Page, kind};
use super::pages::{PageId, PageSet, Pages};

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
/// Pages of a piece, 8 MiB: few enough that threads share a table evenly, and many enough that
/// beginning one costs nothing.
const PIECE: u32 = 1024;

/// Something of a table that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lost {
    pub(super) page: PageId,
    /// What is wrong, as a sentence.
    pub(super) detail: String,
}

impl From<Damage> for Lost {
    fn from(damage: Damage) -> Lost {
        Lost { page: damage.page(), detail: damage.to_string() }
    }
}

/// Pages that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) first: u32,
    pub(super) count: u16,
    pub(super) file: u16,
}

impl Run {
    /// Adds a page to runs, to the last of those from a place on if it follows that.
    pub(super) fn push(runs: &mut Vec<Run>, from: usize, id: PageId) {
        match runs.get_mut(from..).unwrap_or_default().last_mut() {
            Some(run)
                if run.file == id.file
                    && run.first.checked_add(u32::from(run.count)) == Some(id.page)
                    && run.count < u16::MAX =>
            {
                run.count += 1;
            }
            _ => runs.push(Run { first: id.page, count: 1, file: id.file }),
        }
    }

    pub(super) fn pages(self) -> impl Iterator<Item = PageId> {
        (0..u32::from(self.count)).map(move |at| PageId { file: self.file, page: self.first + at })
    }
}

/// A part of a plan.
#[derive(Debug, Default)]
pub(super) struct Piece {
    /// The partition that its rows belong to, in the order in which they were given.
    pub(super) partition: usize,
    /// The allocation map that owns its pages.
    pub(super) map: PageId,
    /// What is wrong with the maps, told before its pages.
    pub(super) lost: Vec<Lost>,
    pub(super) runs: Range<usize>,
    /// The first page of a chain that is walked for pages which no map told of.
    pub(super) chain: PageId,
    /// Whether its pages were found by their own headers alone.
    pub(super) found: bool,
}

/// The pages of a table, in pieces that can be read one by one. Takes 8 bytes for pages that follow
/// each other.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) pieces: Vec<Piece>,
    pub(super) runs: Vec<Run>,
}

/// Where the pages of a partition begin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start<'a> {
    /// Its first allocation map; nowhere if it never had a row.
    pub(super) first_map: PageId,
    /// The first page of a clustered table, whose pages are linked; nowhere for a heap. It serves where
    /// there is no map or maps are damaged.
    pub(super) chain: PageId,
    /// Pages that bear its number. Those that no map tells of come last, and make the chain needless.
    pub(super) found: &'a [Run],
}

impl Plan {
    /// Reads the maps of a table's partitions. Each page comes once, in the partition that first lists
    /// it.
    pub(super) fn read<'a>(pages: &dyn Pages, partitions: impl IntoIterator<Item = Start<'a>>) -> Plan {
        let mut planner = Planner {
            pages,
            plan: Plan::default(),
            piece: Piece::default(),
            size: 0,
            free_space: FreeSpace::new(),
            seen: PageSet::default(),
        };
        for (partition, start) in partitions.into_iter().enumerate() {
            planner.partition(partition, start);
        }
        planner.plan
    }

    /// Counts the pages that were found by their own headers alone.
    pub(super) fn found(&self) -> u64 {
        let pieces = self.pieces.iter().filter(|piece| piece.found);
        pieces.flat_map(|piece| self.runs_of(piece)).map(|run| u64::from(run.count)).sum()
    }

    /// Returns the runs of a piece.
    pub(super) fn runs_of(&self, piece: &Piece) -> &[Run] {
        self.runs.get(piece.runs.clone()).unwrap_or_default()
    }
}

/// Makes a plan.
struct Planner<'a> {
    pages: &'a dyn Pages,
    plan: Plan,
    /// The piece at hand, and its pages.
    piece: Piece,
    size: u32,
    free_space: FreeSpace,
    seen: PageSet,
}

impl Planner<'_> {
    fn partition(&mut self, partition: usize, start: Start<'_>) {
        let mut next = start.first_map;
        let mut maps_damaged = next.is_none();
        while !next.is_none() {
            let id = std::mem::take(&mut next);
            self.begin(Piece { partition, map: id, ..Piece::default() });
            let opened = match self.seen.insert(id) {
                true => Map::open(self.pages, id),
                false => Err(Damage::Circle(id)),
            };
            match opened {
                Err(damage) => {
                    maps_damaged = true;
                    self.piece.lost.push(damage.into());
                }
                Ok((map, damage)) => {
                    maps_damaged |= damage.is_some();
                    self.piece.lost.extend(damage.map(Lost::from));
                    next = map.page.view().next();
                    self.map(map);
                }
            }
            self.end();
        }
        if !start.found.is_empty() {
            self.begin(Piece { partition, found: true, ..Piece::default() });
            for id in start.found.iter().flat_map(|run| run.pages()) {
                if self.seen.insert(id) {
                    self.add(id);
                }
            }
            self.end();
        } else if maps_damaged && !start.chain.is_none() {
            self.begin(Piece { partition, chain: start.chain, ..Piece::default() });
            self.end();
        }
    }

    /// Lists the pages of a map.
    fn map(&mut self, mut map: Map) {
        let mut missing = map.beyond();
        while let Some(id) = map.next_page() {
            if id.page >= self.pages.page_count(id.file) {
                missing += 1;
            } else if self.is_in_use(id) && self.seen.insert(id) {
                self.add(id);
            }
        }
        if missing > 0 {
            self.piece.lost.push(Damage::Missing { map: map.page.id(), count: missing }.into());
        }
    }

    fn is_in_use(&mut self, id: PageId) -> bool {
        let (in_use, damage) = self.free_space.look(self.pages, id);
        self.piece.lost.extend(damage.map(Lost::from));
        in_use
    }

    fn add(&mut self, id: PageId) {
        if self.size == PIECE {
            let (partition, map, found) = (self.piece.partition, self.piece.map, self.piece.found);
            self.end();
            self.begin(Piece { partition, map, found, ..Piece::default() });
        }
        self.size += 1;
        Run::push(&mut self.plan.runs, self.piece.runs.start, id);
    }

    fn begin(&mut self, piece: Piece) {
        let start = self.plan.runs.len();
        self.piece = Piece { runs: start..start, ..piece };
        self.size = 0;
    }

    fn end(&mut self) {
        let mut piece = std::mem::take(&mut self.piece);
        piece.runs.end = self.plan.runs.len();
        if !(piece.runs.is_empty() && piece.lost.is_empty() && piece.chain.is_none()) {
            self.plan.pieces.push(piece);
        }
    }
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

impl Map {
    /// Opens a map; returns with it damage that leaves it readable.
    fn open(pages: &dyn Pages, id: PageId) -> Result<(Map, Option<Damage>), Damage> {
        let mut page = Page::new();
        let damage = page.load(pages, id)?;
        let misplaced = Damage::Misplaced { id, what: "allocation map" };
        if page.view().kind() != kind::ALLOCATION_MAP {
            return Err(misplaced);
        }
        let read = || {
            let page = page.view();
            let (header, _) = page.slot(0)?;
            let (bitmap, bytes) = page.slot(1)?;
            let start = page_id_at(page.bytes(), header + 40)?;
            let bits = bitmap + 4..bitmap + usize::from(u16_at(bytes, 2)?);
            Some((start, header + 46, bits))
        };
        let Some((start, singles_at, bits)) = read() else { return Err(misplaced) };
        let exist = pages.page_count(start.file).saturating_sub(start.page);
        let mapped = u32::try_from(bits.len() * 8).unwrap_or(u32::MAX).saturating_mul(EXTENT);
        Ok((Map { page, start, singles: 0, singles_at, bits, place: 0, count: exist.min(mapped) }, damage))
    }

    /// Counts the pages in extents that lie behind the end of their file.
    fn beyond(&self) -> u64 {
        let first = (self.count.div_ceil(EXTENT)) as usize;
        let bits = self.page.view().bytes().get(self.bits.clone()).unwrap_or_default();
        let rest = bits.get(first / 8..).unwrap_or_default();
        let extents: u64 = rest.iter().map(|byte| u64::from(byte.count_ones())).sum();
        let within = rest.first().map_or(0, |byte| byte & !(0xFF << (first % 8)));
        (extents - u64::from(within.count_ones())) * u64::from(EXTENT)
    }

    fn next_page(&mut self) -> Option<PageId> {
        while self.singles < SINGLES {
            let id = page_id_at(self.page.view().bytes(), self.singles_at + 6 * self.singles);
            self.singles += 1;
            if let Some(id) = id.filter(|id| !id.is_none()) {
                return Some(id);
            }
        }
        while self.place < self.count {
            let extent = (self.place / EXTENT) as usize;
            let bits =
                self.page.view().bytes().get(self.bits.start + extent / 8).copied().unwrap_or_default();
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
pub(super) struct FreeSpace {
    page: Page,
    usable: bool,
}

impl FreeSpace {
    pub(super) fn new() -> FreeSpace {
        FreeSpace { page: Page::new(), usable: false }
    }

    /// Tells whether a page is in use, and what is wrong with the map if it had to be opened.
    pub(super) fn look(&mut self, pages: &dyn Pages, id: PageId) -> (bool, Option<Damage>) {
        let page = (id.page / FREE_SPACE_INTERVAL * FREE_SPACE_INTERVAL).max(1);
        let map = PageId { file: id.file, page };
        let damage = if self.page.id() == map { None } else { self.open(pages, map) };
        (self.is_in_use(id.page), damage)
    }

    fn open(&mut self, pages: &dyn Pages, id: PageId) -> Option<Damage> {
        let loaded = self.page.load(pages, id);
        self.usable = loaded.is_ok() && self.page.view().kind() == kind::FREE_SPACE;
        match loaded {
            Ok(damage) if self.usable => damage,
            Ok(_) => Some(Damage::Misplaced { id, what: "map of used pages" }),
            Err(damage) => Some(damage),
        }
    }

    /// Tells whether a page is in use; without a usable map every page is taken to be.
    fn is_in_use(&self, page: u32) -> bool {
        let place = FREE_SPACE_BYTES + (page % FREE_SPACE_INTERVAL) as usize;
        !self.usable || self.page.view().bytes().get(place).is_some_and(|byte| byte & IN_USE != 0)
    }
}
