//! Records in their uncompressed form: fixed columns, then a bitmap of NULLs, then columns of
//! varying length ("Inside the storage engine: anatomy of a record"; verified on real files).

use super::bytes::{u8_at, u16_at};
use super::page::PageView;
use super::pages::PAGE_SIZE;

const HAS_NULLS: u8 = 0x10;
const HAS_VARIABLE: u8 = 0x20;
const HAS_VERSION: u8 = 0x40;
/// Bytes of the tag that row versioning appends.
const VERSION_TAG: usize = 14;
/// Marks the end of a variable column whose bytes lead elsewhere.
const COMPLEX: u16 = 0x8000;

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RecordKind {
    /// A row in its place, or one that a stub elsewhere leads to.
    Row,
    /// A fragment of a large value.
    Fragment,
    /// Anything that is no row: stubs of forwarded rows, index rows, ghosts of deleted ones.
    Other,
}

/// What a column of varying length holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variable<'a> {
    /// The record has fewer such columns: empty, unless NULL.
    Absent,
    /// The value.
    Plain(&'a [u8]),
    /// What leads to the value.
    Complex(&'a [u8]),
}

/// Whether a column is NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NullBit {
    /// It has a value.
    Value,
    /// It is NULL.
    Null,
    /// The record is older than the column.
    Older,
}

/// A record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    bytes: &'a [u8],
    fixed_end: usize,
    /// Columns that the bitmap counts; none if there is no bitmap.
    columns: Option<u16>,
    /// Place of the array of ends, and how many there are.
    ends: usize,
    variables: u16,
}

/// A record taken apart once for all its columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) bytes: &'a [u8],
    /// The fixed columns, from the record's beginning.
    pub(super) fixed: &'a [u8],
    /// One bit a column; none if nothing is NULL.
    pub(super) bitmap: &'a [u8],
    /// How many columns the record has; all there can be if it does not tell.
    pub(super) columns: u16,
    /// The ends of the columns of varying length.
    pub(super) ends: &'a [[u8; 2]],
    /// Where the first of them begins.
    pub(super) first: usize,
}

impl<'a> Parts<'a> {
    /// Returns a column of varying length whose value is in the record.
    #[inline]
    pub(super) fn variable(&self, number: u16) -> Option<&'a [u8]> {
        let number = usize::from(number);
        let Some(end) = self.ends.get(number) else { return Some(&[]) };
        let end = u16::from_le_bytes(*end);
        let start = match number.checked_sub(1) {
            None => self.first,
            Some(before) => usize::from(u16::from_le_bytes(*self.ends.get(before)?) & !COMPLEX),
        };
        // The array of ends comes before what they tell of.
        if end & COMPLEX != 0 || start < self.first { None } else { self.bytes.get(start..usize::from(end)) }
    }
}

/// Returns what the record is that begins with these bytes.
#[inline]
pub(super) fn kind_of(bytes: &[u8]) -> RecordKind {
    match u8_at(bytes, 0).map(|status| status >> 1 & 7) {
        Some(0 | 1) => RecordKind::Row,
        Some(4) => RecordKind::Fragment,
        _ => RecordKind::Other,
    }
}

impl<'a> Record<'a> {
    /// Takes the record that begins with these bytes; `None` if it runs beyond them.
    #[inline]
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Record<'a>> {
        let status = u8_at(bytes, 0)?;
        let fixed_end = usize::from(u16_at(bytes, 2)?);
        if fixed_end < 4 || fixed_end > bytes.len() {
            return None;
        }
        let mut at = fixed_end;
        let mut columns = None;
        if status & HAS_NULLS != 0 {
            let count = u16_at(bytes, at)?;
            columns = Some(count);
            at += 2 + usize::from(count).div_ceil(8);
        }
        let (mut variables, mut ends) = (0, at);
        let mut end = at;
        if status & HAS_VARIABLE != 0 {
            variables = u16_at(bytes, at)?;
            ends = at + 2;
            end = ends + 2 * usize::from(variables);
            if variables > 0 {
                let last = u16_at(bytes, end - 2)? & !COMPLEX;
                end = end.max(usize::from(last));
            }
        }
        let tag = if status & HAS_VERSION != 0 { VERSION_TAG } else { 0 };
        let bytes = bytes.get(..end + tag)?;
        Some(Record { bytes, fixed_end, columns, ends, variables })
    }

    /// Returns the parts of which values are made.
    #[inline]
    pub(super) fn parts(&self) -> Parts<'a> {
        let (array, end) = (self.ends, self.ends + 2 * usize::from(self.variables));
        let columns = self.columns.unwrap_or_default();
        let bitmap = self.fixed_end + 2;
        Parts {
            bytes: self.bytes,
            fixed: self.bytes.get(..self.fixed_end).unwrap_or_default(),
            bitmap: self.bytes.get(bitmap..bitmap + usize::from(columns).div_ceil(8)).unwrap_or_default(),
            columns: self.columns.map_or(u16::MAX, |columns| columns),
            ends: self.bytes.get(array..end).unwrap_or_default().as_chunks().0,
            first: end,
        }
    }

    /// Returns the record's own bytes.
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Returns the end of the part with fixed columns.
    pub(super) fn fixed_end(&self) -> usize {
        self.fixed_end
    }

    /// Returns the bytes of a fixed column.
    pub(super) fn fixed(&self, place: usize, length: usize) -> Option<&'a [u8]> {
        let end = place.checked_add(length)?;
        if place < 4 || end > self.fixed_end { None } else { self.bytes.get(place..end) }
    }

    /// Tells whether a column is NULL, by its number in the bitmap, from 0.
    pub(super) fn null_bit(&self, column: u16) -> NullBit {
        match self.columns {
            // Pages of old engines have records without a bitmap: nothing is NULL.
            None => NullBit::Value,
            Some(count) if column >= count => NullBit::Older,
            Some(_) => {
                let byte = self.bytes.get(self.fixed_end + 2 + usize::from(column / 8));
                match byte.is_some_and(|byte| byte >> (column % 8) & 1 != 0) {
                    true => NullBit::Null,
                    false => NullBit::Value,
                }
            }
        }
    }

    /// Returns a column of varying length, by its number from 0; `None` if the record is damaged.
    pub(super) fn variable(&self, number: u16) -> Option<Variable<'a>> {
        if number >= self.variables {
            return Some(Variable::Absent);
        }
        let place = |number: u16| u16_at(self.bytes, self.ends + 2 * usize::from(number));
        let start = match number.checked_sub(1) {
            None => self.ends + 2 * usize::from(self.variables),
            Some(before) => usize::from(place(before)? & !COMPLEX),
        };
        let end = place(number)?;
        if start < self.ends {
            return None;
        }
        let bytes = self.bytes.get(start..usize::from(end & !COMPLEX))?;
        Some(if end & COMPLEX != 0 { Variable::Complex(bytes) } else { Variable::Plain(bytes) })
    }
}

/// A slot of a page that holds a row.
pub(super) struct Slot<'p> {
    /// The slot.
    pub(super) number: u16,
    /// Where in the page the record begins; 0 if nowhere.
    pub(super) place: usize,
    /// The record, or the bytes that should be one.
    pub(super) record: Result<Record<'p>, &'p [u8]>,
}

/// Walks the rows of a page. The page itself is lent for each step, so that it can be replaced.
#[derive(Debug, Default)]
pub(super) struct Slots {
    next: u16,
    /// Bytes that records may still take: they never overlap, so a page cannot hold more than its size.
    left: usize,
}

impl Slots {
    /// Begins at the first slot. (The default is at the end.)
    pub(super) fn new() -> Slots {
        Slots { next: 0, left: PAGE_SIZE }
    }

    /// Returns the next slot that holds a row or should; `None` at the end of the page, and as soon
    /// as its records overlap.
    #[inline(always)]
    pub(super) fn next<'p>(&mut self, page: PageView<'p>) -> Option<Slot<'p>> {
        while self.next < page.slots() && self.left > 0 {
            let number = self.next;
            self.next += 1;
            // Deleting rows of a heap leaves slots that lead nowhere.
            if page.is_free(number) {
                continue;
            }
            let Some((place, bytes)) = page.slot(number) else {
                return Some(Slot { number, place: 0, record: Err(&[]) });
            };
            if kind_of(bytes) != RecordKind::Row {
                continue;
            }
            let record = Record::parse(bytes).ok_or_else(|| page.until_next(place));
            let length = record.map_or_else(|raw| raw.len().max(4), |record| record.bytes().len());
            self.left = match self.left.checked_sub(length) {
                Some(left) => left,
                None => {
                    self.left = 0;
                    return Some(Slot { number, place, record: Err(&[]) });
                }
            };
            return Some(Slot { number, place, record });
        }
        None
    }
}

#[cfg(test)]
mod tests;
