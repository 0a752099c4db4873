//! Recovery of damaged databases: pages that are found by their own headers.
//!
//! Every page bears the number of the allocation unit that it belonged to last (Microsoft Learn, "Pages
//! and extents architecture guide"; "Inside the storage engine: anatomy of a page"). Where the maps that
//! tell of a table's pages are lost, that is what is left. It proves little: a page that was given back
//! keeps its number and its rows, which may be old, deleted, or moved to where they are found a second
//! time. So every such page is told of before its rows, and none is looked for unless asked.

use std::collections::{HashMap, HashSet};

use super::allocation::Run;
use super::bytes::{u8_at, u16_at, u32_at};
use super::page::{Damage, Page, kind, put_right};
use super::pages::{PAGE_SIZE, PageBytes, PageId, Pages};

/// Pages that are read at once.
const BATCH: usize = 32;

/// What a page says of the allocation unit that it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key {
    index: u16,
    object: u32,
}

impl Key {
    /// Returns what the pages of a unit say. Units that were made before an upgrade from SQL Server 2000
    /// may have pages that say otherwise.
    pub(super) fn of_unit(unit: i64) -> Key {
        Key { index: (unit >> 48) as u16, object: (unit >> 16) as u32 }
    }

    fn read(bytes: &PageBytes) -> Option<Key> {
        Some(Key { index: u16_at(&bytes[..], 6)?, object: u32_at(&bytes[..], 24)? })
    }

    /// Returns what a data page says; `None` if it is none or cannot be read.
    pub(super) fn of_page(pages: &dyn Pages, id: PageId) -> Option<Key> {
        let mut page = Page::new();
        page.load(pages, id).ok()?;
        let view = page.view();
        if view.kind() == kind::DATA { Key::read(view.bytes()) } else { None }
    }
}

/// All data pages of a database, by what they say of themselves.
#[derive(Debug, Default)]
pub(super) struct Found {
    pages: HashMap<Key, Vec<Run>>,
}

/// Hands every page that can be read to `look`, in order, with what is wrong with it.
///
/// Pages of the runs to skip, in their order, are not read.
pub(super) fn scan(
    pages: &dyn Pages,
    skip: &[Run],
    mut look: impl FnMut(PageId, &PageBytes, Result<Option<Damage>, Damage>),
) {
    let mut batch = vec![[0; PAGE_SIZE]; BATCH];
    for file in pages.files() {
        let (mut at, count) = (0, pages.page_count(file));
        let mut skip = skip.iter().filter(|run| run.file == file).peekable();
        while at < count {
            while let Some(run) = skip.next_if(|run| run.first <= at) {
                at = at.max(run.first.saturating_add(u32::from(run.count)));
            }
            let end = skip.peek().map_or(count, |run| run.first).min(count);
            let room = batch.len().min(end.saturating_sub(at) as usize);
            if room == 0 {
                continue;
            }
            match pages.pages(file, at, batch.get_mut(..room).unwrap_or_default()) {
                Err(_) => at += 1,
                Ok(read) => {
                    for bytes in batch.iter_mut().take(read.clamp(1, room)) {
                        let id = PageId { file, page: at };
                        let right = put_right(bytes, id);
                        look(id, bytes, right);
                        at += 1;
                    }
                }
            }
        }
    }
}

impl Found {
    /// Looks at every page once. Takes 8 bytes for pages that follow each other.
    pub(super) fn scan(pages: &dyn Pages) -> Found {
        let mut found = Found::default();
        scan(pages, &[], |id, bytes, right| {
            // Pages that were never used hold anything.
            if right.is_ok()
                && u8_at(&bytes[..], 1) == Some(kind::DATA)
                && let Some(key) = Key::read(bytes)
            {
                Run::push(found.pages.entry(key).or_default(), 0, id);
            }
        });
        found
    }

    /// Hands out the pages that say so; nobody else gets them.
    pub(super) fn take(&mut self, key: Key) -> Vec<Run> {
        self.pages.remove(&key).unwrap_or_default()
    }

    /// Tells whether there are the pages of a catalog as SQL Server 2005 has it: it alone has a table of
    /// that number.
    pub(super) fn is_2005(&self) -> bool {
        self.pages.contains_key(&Key { index: 0, object: 13 })
    }

    /// Counts the pages that nobody took and that belong to none of the given units.
    pub(super) fn left(&self, units: impl Iterator<Item = i64>) -> u64 {
        let known: HashSet<Key> = units.map(Key::of_unit).collect();
        let left = self.pages.iter().filter(|(key, _)| !known.contains(key));
        left.flat_map(|(_, runs)| runs).map(|run| u64::from(run.count)).sum()
    }
}
