//! Where the columns of a table lie in its records. Those of the key come first; the others follow in
//! their order.

use super::kinds::Kind;
use super::schema::{Presence, Table};

/// What a physical column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A column, by its position in the table.
    Column(usize),
    /// What tells rows of equal keys apart.
    Uniquifier,
}

/// Where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Begin and size.
    Fixed(u16, u16),
    /// Byte and bit.
    Bit(u16, u8),
    /// Its number among those of varying length.
    Variable(u16),
}

/// A column of the records.
#[derive(Debug, Clone, Copy)]
pub struct Physical {
    pub source: Source,
    pub place: Place,
    /// Its place in the key, from 1; 0 if it is no part of it.
    pub key: u16,
}

/// The columns of the records in their order; the n-th has bit n in the map of NULLs.
#[derive(Debug, Clone)]
pub struct Layout {
    pub columns: Vec<Physical>,
    /// Where the part ends that all records have.
    pub fixed_end: u16,
}

impl Layout {
    /// Lays out a table.
    pub fn of(table: &Table) -> Layout {
        let stored = |at: &usize| table.columns[*at].presence != Presence::Computed;
        let others = (0..table.columns.len()).filter(|at| !table.key.contains(at)).filter(stored);
        let mut sources: Vec<Source> = table.key.iter().map(|&at| Source::Column(at)).collect();
        if !table.key.is_empty() && !table.unique {
            sources.push(Source::Uniquifier);
        }
        sources.extend(others.map(Source::Column));

        let mut layout = Layout { columns: Vec::new(), fixed_end: 4 };
        let (mut variable, mut bits) = (0, None);
        for (at, source) in sources.into_iter().enumerate() {
            let kind = match source {
                Source::Column(at) => table.columns[at].kind,
                // It takes no byte where it is not needed.
                Source::Uniquifier => Kind::VarBinary(4),
            };
            let key = if at < table.key.len() { at as u16 + 1 } else { 0 };
            let place = match (kind, kind.fixed_size()) {
                (Kind::Bit, _) => {
                    let (byte, bit) = bits.unwrap_or_else(|| (layout.take(1), 0));
                    bits = if bit < 7 { Some((byte, bit + 1)) } else { None };
                    Place::Bit(byte, bit)
                }
                (_, Some(size)) => Place::Fixed(layout.take(size), size),
                (_, None) => {
                    variable += 1;
                    Place::Variable(variable - 1)
                }
            };
            layout.columns.push(Physical { source, place, key });
        }
        layout
    }

    fn take(&mut self, size: u16) -> u16 {
        self.fixed_end += size;
        self.fixed_end - size
    }

    /// Returns where the fixed part of a record ends that has only the first columns.
    pub fn fixed_end_of(&self, columns: usize) -> u16 {
        let end = |physical: &Physical| match physical.place {
            Place::Fixed(at, size) => at + size,
            Place::Bit(at, _) => at + 1,
            Place::Variable(_) => 4,
        };
        self.columns[..columns].iter().map(end).max().unwrap_or(4)
    }
}
