//! The seam between where pages lie and what they mean: data files serve pages by position, backups
//! by an index.
//!
//! Pages come as they are stored. Nothing here looks into them.

use std::collections::HashMap;
use std::fmt;
use std::io;

/// Bytes of a page (Microsoft Learn, "Pages and extents architecture guide").
pub const PAGE_SIZE: usize = 8192;

/// The bytes of a page as they are stored.
pub type PageBytes = [u8; PAGE_SIZE];

/// A page's number: file and place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PageId {
    /// The number of the file in its database, from 1; 0 points nowhere.
    pub file: u16,
    /// The number of the page in its file, from 0.
    pub page: u32,
}

impl PageId {
    /// Tells whether this points nowhere.
    pub fn is_none(self) -> bool {
        self.file == 0
    }
}

/// Shows a page as SQL Server's messages do: `(1:123)`.
impl fmt::Display for PageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({}:{})", self.file, self.page)
    }
}

/// Why a page could not be had.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// Its file is not among those given.
    #[error("page {0} lies in a file of the database that was not given")]
    NoFile(PageId),
    /// The input does not hold it.
    #[error("page {0} is not in the input")]
    Absent(PageId),
    /// The input ends within it, though it was longer when it was opened.
    #[error("the input ends within page {0}")]
    Short(PageId),
    /// The operating system could not read it.
    #[error("page {id} cannot be read: {cause}")]
    Read {
        /// The page.
        id: PageId,
        /// What the operating system said.
        cause: io::Error,
    },
}

impl PageError {
    /// Returns the page that could not be had.
    pub fn page(&self) -> PageId {
        match self {
            PageError::NoFile(id) | PageError::Absent(id) | PageError::Short(id) => *id,
            PageError::Read { id, .. } => *id,
        }
    }
}

/// Serves the pages of a database, from any number of threads at once.
pub trait Pages: Send + Sync {
    /// Returns the numbers of the files that pages come from, in ascending order.
    fn files(&self) -> Vec<u16>;

    /// Returns the number behind a file's last page; 0 for a file that is not there.
    fn page_count(&self, file: u16) -> u32;

    /// Returns how many pages there are in all, by default as if no file had gaps. Readers take it as
    /// a bound of their work: it must not be more than the input can hold.
    fn stored(&self) -> u64 {
        self.files().into_iter().map(|file| u64::from(self.page_count(file))).sum()
    }

    /// Reads a page as it is stored.
    ///
    /// # Errors
    /// [`PageError`], which names the page.
    fn page(&self, file: u16, page: u32, into: &mut PageBytes) -> Result<(), PageError>;

    /// Reads pages that follow each other, as many as can be had at once; returns how many, which is
    /// at least 1 and at most the room given. By default one, so that it is always right to leave it so.
    ///
    /// # Errors
    /// [`PageError`] for the first page: the others may be there. If there is no room, too.
    fn pages(&self, file: u16, first: u32, into: &mut [PageBytes]) -> Result<usize, PageError> {
        let id = PageId { file, page: first };
        let into = into.first_mut().ok_or(PageError::Absent(id))?;
        self.page(file, first, into).map(|()| 1)
    }
}

/// A set of pages, for guarding against pointers that run in circles.
#[derive(Debug, Default)]
pub(super) struct PageSet {
    /// One bit a page, by file and 64 pages.
    words: HashMap<(u16, u32), u64>,
}

impl PageSet {
    /// Adds a page and tells whether it is new. Takes memory for pages that were added alone.
    pub(super) fn insert(&mut self, id: PageId) -> bool {
        let word = self.words.entry((id.file, id.page / 64)).or_default();
        let bit = 1 << (id.page % 64);
        let new = *word & bit == 0;
        *word |= bit;
        new
    }
}
