//! Large values: what a row keeps is a pointer or a list of them, and the value lies elsewhere, in
//! one fragment or below a tree of them ("Inside the storage engine: text and LOB pages"; verified on
//! real files).

use std::collections::HashSet;

use super::bytes::{page_id_at, u8_at, u16_at, u32_at, u64_at};
use super::page::{Damage, Page, kind};
use super::pages::{PAGE_SIZE, PageId, Pages};
use super::record::{Record, RecordKind, kind_of};

/// Pages that are kept, since small values share them.
const KEPT: usize = 8;
/// Length of a pointer in the row.
const POINTER: usize = 16;
/// Length of what comes before the links of a root in the row, and of such a link.
const ROOT_HEAD: usize = 12;
const ROOT_LINK: usize = 12;
/// First bytes of roots in the row: of a value that overflowed its row, of a value of a `max` type.
const OVERFLOW: u8 = 2;
const INLINE_ROOT: u8 = 4;

/// Why a large value could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum LargeFault {
    /// A page of it is damaged.
    #[error("{0}")]
    Page(#[from] Damage),
    /// A slot holds no fragment.
    #[error("slot {slot} of page {page} holds no fragment of a large value")]
    NoFragment {
        /// The page.
        page: PageId,
        /// The slot in it.
        slot: u16,
    },
    /// The fragments are more or less than the value.
    #[error("a large value has {found} bytes where its root tells {expected}")]
    Length {
        /// Bytes that the root tells.
        expected: u64,
        /// Bytes found.
        found: u64,
    },
    /// The bytes in the row lead nowhere.
    #[error("what leads to a large value is of no known form")]
    Form,
    /// The row would hold more than it may.
    #[error("the row is longer than the limit of {0} bytes")]
    TooLarge(usize),
    /// Rows share what can belong to one alone.
    #[error("large values of this table hold more bytes than the whole input")]
    Shared,
}

/// Where a fragment lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Place {
    page: PageId,
    slot: u16,
}

impl Place {
    fn read(bytes: &[u8], at: usize) -> Option<Place> {
        Some(Place { page: page_id_at(bytes, at)?, slot: u16_at(bytes, at + 6)? })
    }
}

/// Reads the large values of one table.
pub(super) struct LargeValues<'a> {
    pages: &'a dyn Pages,
    kept: Vec<Page>,
    oldest: usize,
    seen: HashSet<Place>,
    /// Fragments still to visit, the next one last.
    ahead: Vec<Place>,
    /// Bytes of fragments that may still be read: each belongs to one row alone.
    left: u64,
    /// Whether the fragment last visited says that there is no value.
    none: bool,
}

impl<'a> LargeValues<'a> {
    pub(super) fn new(pages: &'a dyn Pages) -> LargeValues<'a> {
        LargeValues {
            pages,
            kept: Vec::new(),
            oldest: 0,
            seen: HashSet::new(),
            ahead: Vec::new(),
            left: pages.stored().saturating_mul(PAGE_SIZE as u64),
            none: false,
        }
    }

    /// Appends the value to which the row's bytes lead; returns `false` if they lead to none. `out`
    /// must not grow beyond `limit`; after a fault it may hold a part of the value.
    pub(super) fn append(&mut self, row: &[u8], out: &mut Vec<u8>, limit: usize) -> Result<bool, LargeFault> {
        self.ahead.clear();
        self.seen.clear();
        self.none = false;
        let mut expected = None;
        match u8_at(row, 0) {
            _ if row.len() == POINTER => self.ahead.extend(Place::read(row, 8)),
            Some(OVERFLOW | INLINE_ROOT) if row.len() >= ROOT_HEAD => {
                let links = row.get(ROOT_HEAD..).unwrap_or_default().chunks_exact(ROOT_LINK);
                expected = Some(links.clone().last().and_then(|link| u32_at(link, 0)).map_or(0, u64::from));
                self.ahead.extend(links.rev().filter_map(|link| Place::read(link, 4)));
            }
            _ => return Err(LargeFault::Form),
        }
        let start = out.len();
        while let Some(place) = self.ahead.pop() {
            if !self.seen.insert(place) {
                return Err(Damage::Circle(place.page).into());
            }
            let told = self.visit(place, out, limit)?;
            expected = expected.or(told);
        }
        let found = (out.len() - start) as u64;
        match expected {
            Some(expected) if expected != found => Err(LargeFault::Length { expected, found }),
            _ => Ok(!self.none),
        }
    }

    /// Appends a fragment, or puts what lies below it ahead; returns the length that it tells.
    fn visit(&mut self, place: Place, out: &mut Vec<u8>, limit: usize) -> Result<Option<u64>, LargeFault> {
        let none = LargeFault::NoFragment { page: place.page, slot: place.slot };
        let at = self.load(place.page)?;
        let page = self.kept.get(at).map(Page::view);
        let page = page.filter(|page| matches!(page.kind(), kind::TEXT_MIX | kind::TEXT_TREE));
        let Some((_, bytes)) = page.and_then(|page| page.slot(place.slot)) else { return Err(none) };
        let fragment = match Record::parse(bytes) {
            Some(record) if kind_of(bytes) == RecordKind::Fragment => {
                record.bytes().get(..record.fixed_end()).unwrap_or_default()
            }
            _ => return Err(none),
        };
        self.left = self.left.checked_sub(fragment.len() as u64).ok_or(LargeFault::Shared)?;
        let told = match u16_at(fragment, 12) {
            Some(0) => {
                let length = usize::from(u16_at(fragment, 14).unwrap_or_default());
                return match fragment.get(20..20 + length) {
                    None => Err(none),
                    Some(data) => take(data, out, limit).map(|()| Some(length as u64)),
                };
            }
            Some(2) => {
                let links = links(fragment, 20, 16);
                self.ahead.extend(links.clone().rev().filter_map(|link| Place::read(link, 8)));
                links.last().and_then(|link| u64_at(link, 0))
            }
            Some(3) => {
                take(fragment.get(14..).unwrap_or_default(), out, limit)?;
                None
            }
            // The root of SQL Server 2000 and the one of later versions.
            Some(4 | 5) => {
                let links = links(fragment, 24, 12);
                self.ahead.extend(links.clone().rev().filter_map(|link| Place::read(link, 4)));
                links.last().and_then(|link| u32_at(link, 0)).map(u64::from)
            }
            Some(8) => {
                self.none = true;
                None
            }
            _ => return Err(none),
        };
        Ok(told)
    }

    /// Returns where in the kept pages a page is.
    fn load(&mut self, id: PageId) -> Result<usize, LargeFault> {
        if let Some(at) = self.kept.iter().position(|page| page.id() == id) {
            return Ok(at);
        }
        let at = if self.kept.len() < KEPT {
            self.kept.push(Page::new());
            self.kept.len() - 1
        } else {
            self.oldest = (self.oldest + 1) % KEPT;
            self.oldest
        };
        let Some(page) = self.kept.get_mut(at) else { return Err(LargeFault::Form) };
        match page.load(self.pages, id) {
            Ok(None) => Ok(at),
            // A damaged page is not kept, so that every value in it is told of.
            Ok(Some(damage)) | Err(damage) => {
                *page = Page::new();
                Err(damage.into())
            }
        }
    }
}

/// Returns the links of an inner fragment; its own count may be less than it has room for.
fn links(fragment: &[u8], at: usize, length: usize) -> std::slice::ChunksExact<'_, u8> {
    let count = usize::from(u16_at(fragment, 16).unwrap_or_default());
    let rest = fragment.get(at..).unwrap_or_default();
    rest.get(..count.saturating_mul(length)).unwrap_or(rest).chunks_exact(length)
}

fn take(data: &[u8], out: &mut Vec<u8>, limit: usize) -> Result<(), LargeFault> {
    if out.len().saturating_add(data.len()) > limit {
        return Err(LargeFault::TooLarge(limit));
    }
    out.extend_from_slice(data);
    Ok(())
}

#[cfg(test)]
mod tests;
