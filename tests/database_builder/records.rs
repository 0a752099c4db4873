//! Records: the bytes of a row on a page.

use super::bytes::{RowId, put};
use super::layout::{Layout, Place, Source};
use super::schema::Table;
use super::values::{self, Cell};

/// What is special about a row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    #[default]
    Plain,
    /// Of a heap: it was moved, and a stub stands where it was.
    Forwarded,
    /// It was deleted, and its page not yet tidied.
    Ghost,
    /// It carries a version tag.
    Versioned,
    /// It was written when the records had only so many columns.
    Old(usize),
    /// It stands on a page that is no longer in use.
    Deallocated,
}

/// A row: one value a column, computed ones left out.
#[derive(Debug, Clone, Default)]
pub struct Row {
    pub cells: Vec<Cell>,
    pub form: Form,
}

impl From<Vec<Cell>> for Row {
    fn from(cells: Vec<Cell>) -> Row {
        Row { cells, form: Form::Plain }
    }
}

impl Row {
    pub fn formed(self, form: Form) -> Row {
        Row { form, ..self }
    }

    /// Tells whether the engine counts the row.
    pub fn counts(&self) -> bool {
        !matches!(self.form, Form::Ghost | Form::Deallocated)
    }
}

/// The first byte of records: their type, and what they have.
pub const FORWARDED: u8 = 1 << 1;
pub const STUB: u8 = 2 << 1;
pub const INDEX: u8 = 3 << 1;
pub const FRAGMENT: u8 = 4 << 1;
const GHOST: u8 = 6 << 1;
pub const HAS_NULLS: u8 = 0x10;
pub const HAS_VARIABLE: u8 = 0x20;
const HAS_VERSION: u8 = 0x40;

/// One value of a record that is being drafted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Field {
    pub null: bool,
    /// Whether its bytes point to where the value is.
    pub complex: bool,
    pub start: usize,
    pub end: usize,
}

impl Field {
    pub fn size(&self) -> usize {
        self.end - self.start
    }
}

/// A record before it is put together.
#[derive(Debug, Default)]
pub struct Draft {
    pub bytes: Vec<u8>,
    /// One a column of the layout.
    pub fields: Vec<Field>,
}

impl Draft {
    /// Encodes a row.
    pub fn fill(&mut self, table: &Table, layout: &Layout, row: &Row, uniquifier: u32) {
        self.bytes.clear();
        self.fields.clear();
        // Positions among the cells differ where computed columns come before.
        let computed = |at: usize| {
            let before = table.columns[..at].iter();
            before.filter(|column| column.presence == super::schema::Presence::Computed).count()
        };
        let any_computed = computed(table.columns.len()) > 0;
        for physical in &layout.columns {
            let start = self.bytes.len();
            let some = match physical.source {
                Source::Uniquifier => {
                    if uniquifier > 0 {
                        self.bytes.extend_from_slice(&uniquifier.to_le_bytes());
                    }
                    uniquifier > 0
                }
                Source::Column(at) => {
                    let cell = row.cells.get(if any_computed { at - computed(at) } else { at });
                    values::encode(&table.columns[at], cell.unwrap_or(&Cell::Null), &mut self.bytes)
                }
            };
            self.fields.push(Field { null: !some, complex: false, start, end: self.bytes.len() });
        }
    }

    /// Replaces the value of a field by what points to it.
    pub fn replace(&mut self, field: usize, pointer: &[u8]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(pointer);
        self.fields[field] = Field { null: false, complex: true, start, end: self.bytes.len() };
    }

    /// Returns the bytes of a field.
    pub fn field(&self, field: usize) -> &[u8] {
        &self.bytes[self.fields[field].start..self.fields[field].end]
    }

    /// Returns the size of the record.
    pub fn size(&self, layout: &Layout) -> usize {
        let fields = self.fields.iter().zip(&layout.columns);
        let variable = fields.filter(|(_, physical)| matches!(physical.place, Place::Variable(_)));
        let bytes: usize = variable.map(|(field, _)| field.size() + 2).sum();
        usize::from(layout.fixed_end) + 2 + layout.columns.len().div_ceil(8) + 2 + bytes
    }

    /// Puts the record together. `origin` is where the row was before it was moved.
    pub fn record(&self, layout: &Layout, form: Form, origin: Option<RowId>, record: &mut Vec<u8>) {
        let columns = match form {
            Form::Old(columns) => columns,
            _ => layout.columns.len(),
        };
        let kind = match form {
            _ if origin.is_some() => FORWARDED,
            Form::Ghost => GHOST,
            _ => 0,
        };
        record.clear();
        record.resize(usize::from(layout.fixed_end_of(columns)), 0);
        record[0] = kind | HAS_NULLS;
        let fixed_end = record.len() as u16;
        put(record, 2, &fixed_end.to_le_bytes());
        let nulls = record.len() + 2;
        record.extend_from_slice(&(columns as u16).to_le_bytes());
        record.resize(nulls + columns.div_ceil(8), 0);
        // Trailing empty values are cut.
        let mut variable = 0;
        for (at, physical) in layout.columns[..columns].iter().enumerate() {
            let field = &self.fields[at];
            if field.null {
                record[nulls + at / 8] |= 1 << (at % 8);
            }
            let bytes = &self.bytes[field.start..field.end];
            match physical.place {
                Place::Fixed(start, _) => put(record, usize::from(start), bytes),
                Place::Bit(byte, bit) => record[usize::from(byte)] |= (bytes[0] & 1) << bit,
                Place::Variable(number) if !bytes.is_empty() || field.complex => variable = number + 1,
                Place::Variable(_) => {}
            }
        }
        // A row that was moved ends in a pointer back, behind all of its columns.
        if variable > 0 || origin.is_some() {
            record[0] |= HAS_VARIABLE;
            self.add_variable(layout, columns, variable, origin, record);
        }
        if form == Form::Versioned {
            record[0] |= HAS_VERSION;
            record.extend_from_slice(&[0x11, 0, 0, 0, 1, 0, 3, 0, 9, 0, 0, 0, 0, 0]);
        }
    }

    fn add_variable(
        &self,
        layout: &Layout,
        columns: usize,
        mut count: u16,
        origin: Option<RowId>,
        record: &mut Vec<u8>,
    ) {
        let fields = self.fields.iter().zip(&layout.columns).take(columns);
        let variable = fields.filter_map(|(field, physical)| match physical.place {
            Place::Variable(number) => Some((number, field)),
            _ => None,
        });
        let mut ordered: Vec<(u16, &Field)> = variable.collect();
        ordered.sort_by_key(|(number, _)| *number);
        if origin.is_some() {
            count = ordered.len() as u16;
        }
        let total = count + u16::from(origin.is_some());
        record.extend_from_slice(&total.to_le_bytes());
        let ends = record.len();
        record.resize(ends + 2 * usize::from(total), 0);
        for (number, field) in &ordered[..usize::from(count)] {
            record.extend_from_slice(&self.bytes[field.start..field.end]);
            let end = record.len() as u16 | if field.complex { 0x8000 } else { 0 };
            put(record, ends + 2 * usize::from(*number), &end.to_le_bytes());
        }
        if let Some(origin) = origin {
            record.extend_from_slice(&0x0400_u16.to_le_bytes());
            record.extend_from_slice(&origin.bytes());
            let end = record.len() as u16 | 0x8000;
            put(record, ends + 2 * usize::from(count), &end.to_le_bytes());
        }
    }
}

/// Returns what stands where a row was that has moved.
pub fn stub(target: RowId) -> Vec<u8> {
    let mut record = vec![STUB];
    record.extend_from_slice(&target.bytes());
    record
}
