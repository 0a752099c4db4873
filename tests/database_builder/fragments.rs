//! Fragments of large values and the pages that hold them: parts, and links to parts, in a tree.

use super::bytes::{RowId, put};
use super::page::{self, Page};
use super::records::FRAGMENT;
use super::store::Store;
use super::unit::Unit;

/// Bytes of a value in one fragment, at most.
pub const FRAGMENT_DATA: usize = 8040;
/// Links of a root, at most.
pub const ROOT_LINKS: usize = 5;

/// Kinds of fragments.
pub const SMALL_ROOT: u16 = 0;
const INTERNAL: u16 = 2;
const DATA: u16 = 3;
pub const OLD_ROOT: u16 = 4;
pub const NEW_ROOT: u16 = 5;
pub const NULL: u16 = 8;

/// Where a part of a value is, and where in the value it ends.
pub type Link = (usize, RowId);

/// A unit with large values.
#[derive(Debug)]
pub struct Bin {
    unit: Unit,
    /// The page that small fragments share.
    shared: Option<Page>,
    /// Number of the last value.
    last: u64,
}

/// Begins a fragment; its length is set when it is added.
pub fn fragment(number: u64, kind: u16) -> Vec<u8> {
    let mut record = vec![FRAGMENT, 0, 0, 0];
    record.extend_from_slice(&(number << 16).to_le_bytes());
    record.extend_from_slice(&kind.to_le_bytes());
    record
}

impl Bin {
    pub fn new(unit: Unit) -> Bin {
        Bin { unit, shared: None, last: 1 }
    }

    /// Returns the number of the next value.
    pub fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// Writes what is still open and returns the unit.
    pub fn finish(mut self, store: &mut Store) -> Unit {
        if let Some(page) = self.shared.take() {
            store.write(page);
        }
        self.unit.finish(store);
        self.unit
    }

    /// Writes the parts of a value, and links to them until few enough are left for a root. Returns
    /// these and how many levels stand between them and the parts.
    pub fn tree(
        &mut self,
        store: &mut Store,
        number: u64,
        fan_out: usize,
        value: &[u8],
    ) -> (Vec<Link>, usize) {
        let mut links: Vec<Link> = Vec::new();
        for part in value.chunks(FRAGMENT_DATA) {
            let mut record = fragment(number, DATA);
            record.extend_from_slice(part);
            let place = self.add(store, &mut record);
            links.push((links.last().map_or(0, |link| link.0) + part.len(), place));
        }
        let mut level = 0;
        while links.len() > ROOT_LINKS {
            let mut above: Vec<Link> = Vec::new();
            let mut start = 0;
            for part in links.chunks(fan_out) {
                let mut record = fragment(number, INTERNAL);
                for number in [fan_out, part.len(), level] {
                    record.extend_from_slice(&(number as u16).to_le_bytes());
                }
                for (end, place) in part {
                    record.extend_from_slice(&((end - start) as u64).to_le_bytes());
                    record.extend_from_slice(&place.bytes());
                }
                start = part.last().map_or(start, |link| link.0);
                above.push((start, self.add(store, &mut record)));
            }
            links = above;
            level += 1;
        }
        (links, level)
    }

    /// Adds a fragment to a page.
    pub fn add(&mut self, store: &mut Store, record: &mut [u8]) -> RowId {
        let length = record.len() as u16;
        put(record, 2, &length.to_le_bytes());
        if record.len() > FRAGMENT_DATA {
            // It has the page for itself.
            let mut page = self.page(store, page::TEXT_TREE);
            let slot = page.add(record);
            let place = RowId { page: page.id, slot };
            store.write(page);
            return place;
        }
        let mut page = match self.shared.take() {
            Some(page) if page.fits(record.len()) => page,
            full => {
                if let Some(full) = full {
                    store.write(full);
                }
                self.page(store, page::TEXT_MIX)
            }
        };
        let slot = page.add(record);
        let place = RowId { page: page.id, slot };
        self.shared = Some(page);
        place
    }

    fn page(&mut self, store: &mut Store, kind: u8) -> Page {
        let id = self.unit.page(store);
        if self.unit.first == Default::default() {
            self.unit.first = id;
            self.unit.root = id;
        }
        Page::new(id, kind, self.unit.id)
    }
}
