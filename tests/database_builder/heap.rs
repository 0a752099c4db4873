//! Heaps: rows on pages in no order, found by way of the unit's maps alone.

use super::bytes::RowId;
use super::large_values::LargeValues;
use super::layout::Layout;
use super::page::{self, Page};
use super::records::{Draft, Form, Row, stub};
use super::schema::Table;
use super::store::Store;
use super::unit::Unit;

/// Rows that are written in a heap.
pub struct Heap<'a> {
    pub store: &'a mut Store,
    pub unit: &'a mut Unit,
    pub large: &'a mut LargeValues,
    pub table: &'a Table,
    pub layout: &'a Layout,
}

impl Heap<'_> {
    /// Writes the rows and returns how many count.
    pub fn write(&mut self, rows: impl Iterator<Item = Row>) -> i64 {
        let mut draft = Draft::default();
        let mut record = Vec::new();
        let mut counted = 0;
        // Pages for plain rows, for rows that have moved, and to be taken out of use.
        let (mut open, mut moved, mut old) = (None, None, None);
        for row in rows {
            counted += i64::from(row.counts());
            draft.fill(self.table, self.layout, &row, 0);
            self.large.move_out(self.store, self.table, self.layout, &mut draft, &row);
            match row.form {
                Form::Forwarded => {
                    // Each points to the other: the stub's place is taken first.
                    let origin = self.add(&mut open, &stub(RowId::default()));
                    draft.record(self.layout, row.form, Some(origin), &mut record);
                    let target = self.add(&mut moved, &record);
                    open.as_mut().expect("the stub's page").replace_last(&stub(target));
                }
                Form::Deallocated => {
                    draft.record(self.layout, row.form, None, &mut record);
                    self.add(&mut old, &record);
                }
                form => {
                    draft.record(self.layout, form, None, &mut record);
                    self.add(&mut open, &record);
                    if form == Form::Ghost {
                        open.as_mut().expect("the ghost's page").count_ghost();
                    }
                }
            }
        }
        let freed = old.as_ref().map(|page: &Page| page.id);
        [open, moved, old].into_iter().flatten().for_each(|page| self.store.write(page));
        if let Some(freed) = freed {
            self.unit.free(self.store, freed);
        }
        counted
    }

    fn add(&mut self, open: &mut Option<Page>, record: &[u8]) -> RowId {
        if let Some(full) = open.take_if(|page| !page.fits(record.len())) {
            self.store.write(full);
        }
        let page = open.get_or_insert_with(|| {
            let id = self.unit.page(self.store);
            self.unit.data_pages += 1;
            if self.unit.first == Default::default() {
                self.unit.first = id;
                self.unit.root = id;
            }
            let mut page = Page::new(id, page::DATA, self.unit.id);
            page.set_least(self.layout.fixed_end);
            page
        });
        RowId { page: page.id, slot: page.add(record) }
    }
}
