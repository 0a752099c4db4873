//! Clustered tables: pages chained in the order of the key, and pages of the index above them.

use super::bytes::PageId;
use super::large_values::LargeValues;
use super::layout::{Layout, Place, Source};
use super::page::{self, Page};
use super::records::{Draft, Form, HAS_NULLS, HAS_VARIABLE, INDEX, Row};
use super::schema::Table;
use super::store::Store;
use super::unit::Unit;

/// Rows that are written in the order of their key.
pub struct Clustered<'a> {
    pub store: &'a mut Store,
    pub unit: &'a mut Unit,
    pub large: &'a mut LargeValues,
    pub table: &'a Table,
    pub layout: &'a Layout,
}

/// A page and the key that it begins with, as the bytes of the key's columns; `None` for NULL.
struct Entry {
    page: PageId,
    key: Vec<Option<Vec<u8>>>,
}

impl Clustered<'_> {
    /// Writes the rows, which must be in the order of their keys, and returns how many count.
    pub fn write(&mut self, rows: impl Iterator<Item = Row>) -> i64 {
        let mut draft = Draft::default();
        let mut record = Vec::new();
        let mut counted = 0;
        let mut uniquifier = Uniquifier::default();
        let mut open = self.leaf();
        let mut pages = Vec::new();
        let mut old: Option<Page> = None;
        for row in rows {
            counted += i64::from(row.counts());
            draft.fill(self.table, self.layout, &row, 0);
            if !self.table.unique {
                let same = uniquifier.next(self.key(&draft));
                draft.fill(self.table, self.layout, &row, same);
            }
            self.large.move_out(self.store, self.table, self.layout, &mut draft, &row);
            draft.record(self.layout, row.form, None, &mut record);
            if row.form == Form::Deallocated {
                old.get_or_insert_with(|| self.leaf()).add(&record);
                continue;
            }
            if !open.fits(record.len()) {
                let mut next = self.leaf();
                next.set_previous(open.id);
                open.set_next(next.id);
                self.store.write(std::mem::replace(&mut open, next));
            }
            if open.is_empty() {
                pages.push(Entry { page: open.id, key: self.key(&draft) });
            }
            open.add(&record);
            if row.form == Form::Ghost {
                open.count_ghost();
            }
        }
        if pages.is_empty() {
            pages.push(Entry { page: open.id, key: Vec::new() });
        }
        self.unit.first = pages[0].page;
        self.store.write(open);
        if let Some(old) = old {
            let id = old.id;
            self.store.write(old);
            self.unit.free(self.store, id);
            self.unit.data_pages -= 1;
        }
        self.unit.root = self.index(pages);
        counted
    }

    fn leaf(&mut self) -> Page {
        let id = self.unit.page(self.store);
        self.unit.data_pages += 1;
        let mut page = Page::new(id, page::DATA, self.unit.id);
        page.set_least(self.layout.fixed_end);
        page
    }

    /// Returns the key of a row: its columns and what tells equal ones apart.
    fn key(&self, draft: &Draft) -> Vec<Option<Vec<u8>>> {
        let columns = self.layout.columns.iter().enumerate();
        let key = columns.filter(|(_, physical)| physical.key > 0 || physical.source == Source::Uniquifier);
        key.map(|(at, _)| (!draft.fields[at].null).then(|| draft.field(at).to_vec())).collect()
    }

    /// Writes the levels of the index and returns its root.
    fn index(&mut self, mut pages: Vec<Entry>) -> PageId {
        let mut level = 0;
        while pages.len() > 1 {
            level += 1;
            let mut above = Vec::new();
            let mut open: Option<Page> = None;
            for entry in pages {
                let record = self.index_record(&entry);
                let page = match open.take() {
                    Some(page) if page.fits(record.len()) => open.insert(page),
                    full => {
                        let mut next = self.index_page(level);
                        if let Some(mut full) = full {
                            next.set_previous(full.id);
                            full.set_next(next.id);
                            self.store.write(full);
                        }
                        above.push(Entry { page: next.id, key: entry.key });
                        open.insert(next)
                    }
                };
                page.add(&record);
            }
            open.into_iter().for_each(|page| self.store.write(page));
            pages = above;
        }
        pages[0].page
    }

    fn index_page(&mut self, level: u8) -> Page {
        let mut page = Page::new(self.unit.page(self.store), page::INDEX, self.unit.id);
        page.set_level(level);
        page.set_least(self.key_size() + 7);
        page
    }

    /// Returns the bytes that the fixed columns of the key take.
    fn key_size(&self) -> u16 {
        let size = |place: &Place| match place {
            Place::Fixed(_, size) => *size,
            Place::Bit(..) => 1,
            Place::Variable(_) => 0,
        };
        let key = self.layout.columns.iter().filter(|physical| physical.key > 0);
        key.map(|physical| size(&physical.place)).sum()
    }

    /// Returns a record of the index: the key's fixed columns, the page below, the other columns.
    fn index_record(&self, entry: &Entry) -> Vec<u8> {
        let key = self.layout.columns.iter();
        let key = key.filter(|physical| physical.key > 0 || physical.source == Source::Uniquifier);
        let (mut fixed, mut variable) = (vec![INDEX], Vec::new());
        for (physical, value) in key.clone().zip(&entry.key) {
            let value = value.as_deref().unwrap_or_default();
            match physical.place {
                Place::Variable(_) => variable.push(value),
                Place::Bit(..) => fixed.push(value.first().copied().unwrap_or_default()),
                Place::Fixed(_, size) => {
                    fixed.extend_from_slice(value);
                    fixed.resize(fixed.len() + usize::from(size) - value.len(), 0);
                }
            }
        }
        fixed.resize(1 + usize::from(self.key_size()), 0);
        fixed.extend_from_slice(&entry.page.bytes());
        if variable.is_empty() {
            return fixed;
        }
        fixed[0] |= HAS_NULLS | HAS_VARIABLE;
        let columns = entry.key.len();
        fixed.extend_from_slice(&(columns as u16).to_le_bytes());
        let nulls = fixed.len();
        fixed.resize(nulls + columns.div_ceil(8), 0);
        for (at, value) in entry.key.iter().enumerate() {
            fixed[nulls + at / 8] |= u8::from(value.is_none()) << (at % 8);
        }
        fixed.extend_from_slice(&(variable.len() as u16).to_le_bytes());
        let mut end = fixed.len() + 2 * variable.len();
        for value in &variable {
            end += value.len();
            fixed.extend_from_slice(&(end as u16).to_le_bytes());
        }
        variable.iter().for_each(|value| fixed.extend_from_slice(value));
        fixed
    }
}

/// Counts rows of the same key.
#[derive(Default)]
struct Uniquifier {
    last: Vec<Option<Vec<u8>>>,
    count: u32,
}

impl Uniquifier {
    /// Returns what tells this row from those before: 0 for the first of its key.
    fn next(&mut self, key: Vec<Option<Vec<u8>>>) -> u32 {
        self.count = if key == self.last { self.count + 1 } else { 0 };
        self.last = key;
        self.count
    }
}
