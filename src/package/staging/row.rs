//! Rows as `bcp` writes them in native Unicode format (`-N`): little-endian values, each with its
//! length in front where the column's type or NULL needs one, so that no data can end a field.
//! (Microsoft Learn, "Use Unicode native format to import or export data".)

use super::table::{Column, Table};
use crate::chat::{self, Guid};

/// A row, growing. Values are pushed in the order of the table's columns, one for each.
pub(super) struct Row<'a> {
    out: &'a mut Vec<u8>,
    columns: std::slice::Iter<'static, Column>,
    /// Columns whose text was too long and was cut.
    pub(super) cut: Vec<&'static Column>,
}

impl<'a> Row<'a> {
    /// Begins a row of a table.
    pub(super) fn begin(out: &'a mut Vec<u8>, table: &'static Table) -> Row<'a> {
        Row { out, columns: table.columns.iter(), cut: Vec::new() }
    }

    /// Appends a number in the width of the column; `None` is NULL.
    pub(super) fn number(&mut self, value: impl Into<Option<i64>>) -> &mut Self {
        let value = value.into();
        self.fixed(value.map(i64::to_le_bytes).as_ref().map(<[u8; 8]>::as_slice))
    }

    /// Appends a bit.
    pub(super) fn flag(&mut self, value: bool) -> &mut Self {
        self.fixed(Some(&[u8::from(value)]))
    }

    /// Appends a GUID as servers store it; `None` is NULL.
    pub(super) fn guid(&mut self, value: impl Into<Option<Guid>>) -> &mut Self {
        let value: Option<Guid> = value.into();
        self.fixed(value.map(|guid| guid.to_bytes_le()).as_ref().map(<[u8; 16]>::as_slice))
    }

    /// Appends text, given as generalized UTF-8, as UTF-16; `None` is NULL. What the column cannot
    /// hold is cut off between characters, and noted.
    pub(super) fn text<'t>(&mut self, value: impl Into<Option<&'t [u8]>>) -> &mut Self {
        let Some(column) = self.columns.next() else { return self };
        let value = value.into();
        let Some(text) = value.or((!column.nullable).then_some(&[])) else {
            self.out.extend(std::iter::repeat_n(0xFF, column.prefix()));
            return self;
        };
        let text = match column.width() {
            Some(width) => fitting(text, width / 2),
            None => text,
        };
        if value.is_some_and(|whole| whole.len() > text.len()) {
            self.cut.push(column);
        }
        let prefix = self.out.len();
        let start = prefix + column.prefix();
        self.out.resize(start, 0);
        push_utf16(self.out, text);
        let length = (self.out.len() - start) as u64;
        if let Some(place) = self.out.get_mut(prefix..start) {
            let bytes = length.to_le_bytes();
            place.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
        }
        self
    }

    /// Appends the first bytes of a value, as many as the column takes.
    fn fixed(&mut self, value: Option<&[u8]>) -> &mut Self {
        let Some(column) = self.columns.next() else { return self };
        let width = column.width().unwrap_or_default();
        match (value, column.prefix()) {
            (None, prefix) if column.nullable => self.out.extend(std::iter::repeat_n(0xFF, prefix)),
            (value, prefix) => {
                self.out.extend((0..prefix).map(|_| width as u8));
                let bytes = value.unwrap_or_default().iter().copied();
                self.out.extend(bytes.chain(std::iter::repeat(0)).take(width));
            }
        }
        self
    }
}

/// Returns the start of generalized UTF-8 that takes at most so many UTF-16 code units.
fn fitting(text: &[u8], most: usize) -> &[u8] {
    if text.len() <= most {
        return text;
    }
    let mut units = 0;
    for (at, &byte) in text.iter().enumerate() {
        // The first byte of a character tells whether it takes two units.
        let taken = usize::from(byte & 0xC0 != 0x80) + usize::from(byte >= 0xF0);
        if units + taken > most {
            return text.get(..at).unwrap_or_default();
        }
        units += taken;
    }
    text
}

fn push_utf16(out: &mut Vec<u8>, text: &[u8]) {
    if text.is_ascii() {
        out.extend(text.iter().flat_map(|&byte| [byte, 0]));
    } else {
        out.extend(chat::units(text).flat_map(u16::to_le_bytes));
    }
}
