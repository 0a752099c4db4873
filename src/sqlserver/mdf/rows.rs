//! Walking the rows of a table: partition by partition, page by page, slot by slot.
//!
//! A forwarded row is read where it lies now, and the stub in its old place is passed over, so that
//! every row comes once.

use std::borrow::Cow;
use std::ops::Range;

use super::Mdf;
use super::allocation::{Lost, Plan};
use super::catalog::Entry;
use super::fields::{Fields, Scratch, sentence};
use super::large::LargeValues;
use super::lend::Room;
use super::page::PageView;
use super::pages::{PAGE_SIZE, PageId};
use super::record::{Slot, Slots};
use super::walk::{Step, Walk};
use crate::error::Result;
use crate::ledger::Cause;
use crate::sqlserver::{Column, FaultKind, Row, RowFault, RowResult, Rows, Value};

/// The rows of one table, or of some pieces of it.
pub(super) struct MdfRows<'a> {
    mdf: &'a Mdf,
    columns: &'a [Column],
    entry: &'a Entry,
    walk: Walk<'a>,
    /// The columns of a partition, and which it is.
    fields: Fields,
    partition: Option<usize>,
    slots: Slots,
    large: LargeValues<'a>,
    scratch: Scratch,
    room: Room,
    /// Page and slot of the last row of [`Rows::next_row`].
    at: Option<(PageId, u16)>,
    /// The values of the last row of [`Rows::next_row`].
    values: Vec<Value<'static>>,
}

/// What a step comes to; the row's values are in the scratch.
enum Found {
    Row { byte: u64 },
    Fault(RowFault),
}

impl<'a> MdfRows<'a> {
    pub(super) fn new(
        mdf: &'a Mdf,
        columns: &'a [Column],
        entry: &'a Entry,
        plan: &'a Plan,
        pieces: Range<usize>,
    ) -> MdfRows<'a> {
        MdfRows {
            mdf,
            columns,
            entry,
            walk: Walk::new(mdf.pages.as_ref(), plan, pieces),
            fields: Fields::default(),
            partition: None,
            slots: Slots::default(),
            large: LargeValues::new(mdf.pages.as_ref()),
            scratch: Scratch::default(),
            room: Room::default(),
            at: None,
            values: Vec::new(),
        }
    }

    fn step(&mut self) -> Option<Found> {
        loop {
            let page = self.walk.page();
            if let Some(slot) = self.slots.next(page) {
                self.at = Some((page.id(), slot.number));
                let (fields, large, scratch) = (&self.fields, &mut self.large, &mut self.scratch);
                return Some(read(&slot, page, self.columns, fields, large, scratch));
            }
            if let Some(lost) = self.next_page()? {
                return Some(Found::Fault(place_fault(lost)));
            }
        }
    }

    /// Goes on to the next page, and returns what is wrong with it or lies between; `None` at the end.
    fn next_page(&mut self) -> Option<Option<Lost>> {
        self.slots = Slots::default();
        match self.walk.next()? {
            Step::Lost(lost) => Some(Some(lost)),
            Step::Page(lost) => {
                self.slots = Slots::new();
                self.open_partition(self.walk.partition());
                Some(lost)
            }
        }
    }

    fn open_partition(&mut self, number: usize) {
        if self.partition != Some(number) {
            self.partition = Some(number);
            let rowset = self.entry.partitions.get(number).map(|partition| partition.rowset);
            let physicals = rowset.and_then(|rowset| self.mdf.catalog.physicals.get(&rowset));
            self.fields = Fields::new(&self.entry.columns, physicals.map(Vec::as_slice).unwrap_or_default());
        }
    }
}

fn read(
    slot: &Slot<'_>,
    page: PageView<'_>,
    columns: &[Column],
    fields: &Fields,
    large: &mut LargeValues<'_>,
    scratch: &mut Scratch,
) -> Found {
    let byte = byte_of(page.id(), slot.place);
    let fault = |cause, detail: String, raw: &[u8]| {
        let detail = format!("slot {} of page {}: {detail}", slot.number, page.id());
        Found::Fault(RowFault { kind: FaultKind::Row, line: 0, byte, cause, detail, raw: raw.to_vec() })
    };
    match &slot.record {
        Err(raw) => fault(Cause::Malformed, "the record runs beyond its bounds".to_owned(), raw),
        Ok(record) => match fields.read(record, large, scratch) {
            Ok(()) => Found::Row { byte },
            Err(wrong) => fault(wrong.cause, sentence(&wrong, columns), record.bytes()),
        },
    }
}

fn byte_of(page: PageId, place: usize) -> u64 {
    u64::from(page.page) * PAGE_SIZE as u64 + place as u64
}

/// Tells of a place that is damaged. Rows that can still be read from it follow.
fn place_fault(lost: Lost) -> RowFault {
    RowFault {
        kind: FaultKind::Place,
        line: 0,
        byte: byte_of(lost.page, 0),
        cause: Cause::DamagedContainer,
        detail: lost.detail,
        raw: Vec::new(),
    }
}

/// Takes the values out of a list so that its memory serves those of another lifetime. (Collecting in
/// place reuses the allocation: `std::vec`, "impl FromIterator for Vec".)
fn recycle<'b>(values: Vec<Value<'_>>) -> Vec<Value<'b>> {
    values.into_iter().map(|_| Value::Null).collect()
}

/// Copies a value, into a buffer that is used again where there is one.
fn keep(old: Value<'static>, value: &Value<'_>) -> Value<'static> {
    let buffer = match old {
        Value::Text { bytes: Cow::Owned(buffer), .. } | Value::Binary(Cow::Owned(buffer))
            if buffer.capacity() <= PAGE_SIZE =>
        {
            buffer
        }
        _ => Vec::new(),
    };
    let copy = |mut buffer: Vec<u8>, bytes: &[u8]| {
        buffer.clear();
        buffer.extend_from_slice(bytes);
        Cow::Owned(buffer)
    };
    match value {
        Value::Text { bytes, quoted } => Value::Text { bytes: copy(buffer, bytes), quoted: *quoted },
        Value::Binary(bytes) => Value::Binary(copy(buffer, bytes)),
        scalar => scalar.clone().into_owned(),
    }
}

impl Rows for MdfRows<'_> {
    fn next_row(&mut self) -> Result<Option<RowResult<'_>>> {
        let byte = match self.step() {
            None => return Ok(None),
            Some(Found::Fault(fault)) => return Ok(Some(Err(fault))),
            Some(Found::Row { byte }) => byte,
        };
        self.values.resize(self.scratch.cells.len(), Value::Null);
        for (value, cell) in self.values.iter_mut().zip(&self.scratch.cells) {
            *value = keep(std::mem::replace(value, Value::Null), &cell.value(&self.scratch.buffer));
        }
        Ok(Some(Ok(Row { values: &self.values, line: 0, byte })))
    }

    fn for_each_row(&mut self, take: &mut dyn FnMut(RowResult<'_>) -> Result<()>) -> Result<()> {
        let (mut spare, mut spare_read) = (Vec::new(), Vec::new());
        loop {
            let (page, mut room) = (self.walk.page(), self.room.free());
            let mut values = recycle(spare);
            while let Some(slot) = self.slots.next(page) {
                if let Ok(record) = &slot.record
                    && self.fields.lender().lend(record, &mut room, &mut values).is_some()
                {
                    take(Ok(Row { values: &values, line: 0, byte: byte_of(page.id(), slot.place) }))?;
                    continue;
                }
                let (fields, large, scratch) = (&self.fields, &mut self.large, &mut self.scratch);
                match read(&slot, page, self.columns, fields, large, scratch) {
                    Found::Row { byte } => {
                        let mut values = recycle(spare_read);
                        values.clear();
                        values.extend(scratch.cells.iter().map(|cell| cell.value(&scratch.buffer)));
                        take(Ok(Row { values: &values, line: 0, byte }))?;
                        spare_read = recycle(values);
                    }
                    Found::Fault(fault) => take(Err(fault))?,
                }
            }
            spare = recycle(values);
            match self.next_page() {
                None => return Ok(()),
                Some(Some(lost)) => take(Err(place_fault(lost)))?,
                Some(None) => {}
            }
        }
    }

    fn check_rows(
        &mut self,
        take: &mut dyn FnMut(std::result::Result<(), RowFault>) -> Result<()>,
    ) -> Result<()> {
        loop {
            let page = self.walk.page();
            while let Some(slot) = self.slots.next(page) {
                if let Ok(record) = &slot.record
                    && self.fields.lender().check(record).is_some()
                {
                    take(Ok(()))?;
                    continue;
                }
                let (fields, large, scratch) = (&self.fields, &mut self.large, &mut self.scratch);
                match read(&slot, page, self.columns, fields, large, scratch) {
                    Found::Row { .. } => take(Ok(()))?,
                    Found::Fault(fault) => take(Err(fault))?,
                }
            }
            match self.next_page() {
                None => return Ok(()),
                Some(Some(lost)) => take(Err(place_fault(lost)))?,
                Some(None) => {}
            }
        }
    }

    fn place(&self) -> Option<String> {
        self.at.map(|(page, slot)| format!("{}:{}:{slot}", page.file, page.page))
    }
}
