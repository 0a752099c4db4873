//! Walking the data pages of a plan, many of them at a time.
//!
//! Pages are read at their places and not mapped into memory: a file that is cut while it is read
//! would end the process, and one that changes would change what was already looked at.

use super::allocation::{Lost, Piece, Plan, Run};
use super::page::{Damage, PageView, kind, put_right};
use super::pages::{PAGE_SIZE, PageBytes, PageError, PageId, PageSet, Pages};

/// Pages that are read at once: as much as the nearer caches hold.
const BATCH: usize = 16;

/// What the walk comes to.
pub(super) enum Step {
    /// A data page, to be had from [`Walk::page`], perhaps damaged.
    Page(Option<Lost>),
    /// Something that could not be used.
    Lost(Lost),
}

/// Walks the data pages of some pieces of a plan.
pub(super) struct Walk<'a> {
    pages: &'a dyn Pages,
    plan: &'a Plan,
    /// Pieces still to come.
    pieces: &'a [Piece],
    partition: usize,
    map: PageId,
    /// Whether the pages were found by their own headers alone.
    found: bool,
    lost: std::slice::Iter<'a, Lost>,
    runs: std::slice::Iter<'a, Run>,
    /// The rest of the run at hand.
    run: Run,
    /// Pages of the piece at hand that are not in the input.
    missing: u64,
    batch: Batch,
    chain: Chain,
}

/// Pages that were read together, and the one at hand.
struct Batch {
    pages: Vec<PageBytes>,
    file: u16,
    first: u32,
    at: usize,
    count: usize,
}

/// Where the chain of a clustered table goes on, and what was passed.
#[derive(Default)]
struct Chain {
    next: PageId,
    passed: PageSet,
    /// The pages that maps told of.
    told: PageSet,
}

impl<'a> Walk<'a> {
    /// Begins at a piece and goes on to the end of another, which is left out.
    pub(super) fn new(pages: &'a dyn Pages, plan: &'a Plan, pieces: std::ops::Range<usize>) -> Walk<'a> {
        Walk {
            pages,
            plan,
            pieces: plan.pieces.get(pieces).unwrap_or_default(),
            partition: 0,
            map: PageId::default(),
            found: false,
            lost: [].iter(),
            runs: [].iter(),
            run: Run { first: 0, count: 0, file: 0 },
            missing: 0,
            batch: Batch { pages: Vec::new(), file: 0, first: 0, at: 0, count: 0 },
            chain: Chain::default(),
        }
    }

    /// Returns the partition that the page at hand belongs to.
    pub(super) fn partition(&self) -> usize {
        self.partition
    }

    /// Returns the page at hand; an empty one if there is none.
    pub(super) fn page(&self) -> PageView<'_> {
        const NONE: PageBytes = [0; PAGE_SIZE];
        let batch = &self.batch;
        match batch.pages.get(batch.at) {
            Some(bytes) => PageView::new(batch.id(), bytes),
            None => PageView::new(PageId::default(), &NONE),
        }
    }

    /// Goes on to the next data page; `None` at the end.
    pub(super) fn next(&mut self) -> Option<Step> {
        loop {
            if let Some(lost) = self.lost.next() {
                return Some(Step::Lost(lost.clone()));
            }
            let step = match self.batch.advance() {
                true => self.look(),
                false if self.run.count > 0 => self.read(),
                false => match self.runs.next() {
                    Some(run) => {
                        self.run = *run;
                        None
                    }
                    None if self.missing > 0 => {
                        let count = std::mem::take(&mut self.missing);
                        Some(Step::Lost(Damage::Missing { map: self.map, count }.into()))
                    }
                    None if !self.chain.next.is_none() => self.follow(),
                    None => {
                        self.open_piece()?;
                        None
                    }
                },
            };
            if step.is_some() {
                return step;
            }
        }
    }

    fn open_piece(&mut self) -> Option<()> {
        let (piece, rest) = self.pieces.split_first()?;
        self.pieces = rest;
        (self.partition, self.map, self.found) = (piece.partition, piece.map, piece.found);
        self.lost = piece.lost.iter();
        self.runs = self.plan.runs_of(piece).iter();
        if !piece.chain.is_none() {
            let mut told = PageSet::default();
            let own = self.plan.pieces.iter().filter(|other| other.partition == piece.partition);
            for page in own.flat_map(|other| self.plan.runs_of(other)).flat_map(|run| run.pages()) {
                told.insert(page);
            }
            self.chain = Chain { next: piece.chain, passed: PageSet::default(), told };
        }
        Some(())
    }

    /// Reads the next pages of the run.
    fn read(&mut self) -> Option<Step> {
        let Run { first, count, file } = self.run;
        let passed = match self.batch.read(self.pages, PageId { file, page: first }, usize::from(count)) {
            Ok(read) => read,
            Err(error) => {
                self.run = Run { first: first.saturating_add(1), count: count - 1, file };
                return match error {
                    PageError::Absent(_) => {
                        self.missing += 1;
                        None
                    }
                    error => Some(Step::Lost(Damage::Unread(error).into())),
                };
            }
        };
        let passed = u16::try_from(passed).unwrap_or(count).min(count);
        self.run = Run { first: first.saturating_add(u32::from(passed)), count: count - passed, file };
        self.look()
    }

    /// Looks at the page at hand, whether it holds rows.
    fn look(&mut self) -> Option<Step> {
        let (id, right) = (self.batch.id(), self.batch.put_right());
        let kind = self.page().kind();
        match right {
            Err(damage) => Some(Step::Lost(damage.into())),
            Ok(damage) if kind == kind::DATA && self.found => Some(Step::Page(Some(told_found(id, damage)))),
            Ok(damage) if kind == kind::DATA => Some(Step::Page(damage.map(Lost::from))),
            // Extents hold pages of allocation maps and indexes, too; a damaged one may have held rows.
            Ok(Some(damage)) => Some(Step::Lost(damage.into())),
            Ok(None) if kind::EXISTING.contains(&kind) => None,
            Ok(None) => Some(Step::Lost(Damage::Misplaced { id, what: "page of any kind" }.into())),
        }
    }

    /// Reads the next page of the chain that no map told of.
    fn follow(&mut self) -> Option<Step> {
        let id = std::mem::take(&mut self.chain.next);
        if !self.chain.passed.insert(id) {
            return Some(Step::Lost(Damage::Circle(id).into()));
        }
        // What is wrong with a page that a map told of was told with it.
        let new = self.chain.told.insert(id);
        let lost = |damage: Damage| new.then(|| Step::Lost(damage.into()));
        if let Err(error) = self.batch.read(self.pages, id, 1) {
            return lost(Damage::Unread(error));
        }
        match self.batch.put_right() {
            Err(damage) => lost(damage),
            Ok(_) if self.page().kind() != kind::DATA => lost(Damage::Misplaced { id, what: "data page" }),
            Ok(damage) => {
                self.chain.next = self.page().next();
                new.then(|| Step::Page(damage.map(Lost::from)))
            }
        }
    }
}

/// Tells of a page that was found by its own header.
fn told_found(id: PageId, damage: Option<Damage>) -> Lost {
    let damage = damage.map(|damage| format!("{damage}; ")).unwrap_or_default();
    let detail = format!(
        "{damage}page {id} was found by its own header, and no allocation map tells that it is in use: its \
         rows may be old, deleted or come a second time"
    );
    Lost { page: id, detail }
}

impl Batch {
    /// Reads pages that follow each other, and takes the first of them in hand; returns how many.
    fn read(&mut self, pages: &dyn Pages, first: PageId, most: usize) -> Result<usize, PageError> {
        (self.file, self.first, self.at, self.count) = (first.file, first.page, 0, 0);
        let most = most.min(BATCH);
        if self.pages.len() < most {
            self.pages.resize(most, [0; PAGE_SIZE]);
        }
        let read = pages.pages(first.file, first.page, self.pages.get_mut(..most).unwrap_or_default())?;
        self.count = read.clamp(1, most);
        Ok(self.count)
    }

    /// Takes the next page in hand, if one was read.
    fn advance(&mut self) -> bool {
        let more = self.at + 1 < self.count;
        self.at += usize::from(more);
        more
    }

    fn id(&self) -> PageId {
        PageId { file: self.file, page: self.first.saturating_add(self.at as u32) }
    }

    fn put_right(&mut self) -> Result<Option<Damage>, Damage> {
        let id = self.id();
        match self.pages.get_mut(self.at) {
            Some(bytes) => put_right(bytes, id),
            None => Err(Damage::Unread(PageError::Absent(id))),
        }
    }
}
