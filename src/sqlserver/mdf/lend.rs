//! The fast way to read a row: values that lie in the page are lent from it, and text that must be
//! converted is written to a buffer beside it. Nothing is allocated.
//!
//! It knows what almost every row is made of and gives up on everything else, be it large values or
//! damage: such rows are read by [`Fields`](super::fields::Fields), which tells what is wrong.

use std::borrow::Cow;

use super::catalog::{ColumnKey, Physical};
use super::code_page::CodePage;
use super::decode::{fixed_length, scalar};
use super::record::{Parts, Record};
use super::utf16;
use crate::sqlserver::{DataType, Value};

/// Bytes of the buffer for converted text: what a record of the greatest length can become, and more.
const ROOM: usize = 32 << 10;

/// Where a column's bytes lie.
#[derive(Debug, Clone, Copy)]
enum Place {
    Fixed { offset: u16, length: u16 },
    Variable(u16),
}

/// What is made of them.
#[derive(Debug, Clone, Copy)]
enum Make {
    Bit(u8),
    TinyInt,
    SmallInt,
    Int,
    BigInt,
    Scalar(DataType),
    Utf16,
    Text(CodePage),
    Binary,
    /// Something for the other way.
    Other,
}

/// A column.
#[derive(Debug, Clone, Copy)]
struct Column {
    place: Place,
    make: Make,
    /// Its number in the bitmap of NULLs; the last there can be if it is in none.
    null_bit: u16,
    nullable: bool,
}

/// The columns of a partition.
#[derive(Debug, Default)]
pub(super) struct Lender {
    columns: Vec<Column>,
}

/// A buffer for converted text.
#[derive(Debug, Default)]
pub(super) struct Room {
    free: Vec<u8>,
    converted: Vec<u8>,
}

impl Lender {
    /// Adds a column.
    pub(super) fn push(&mut self, key: &ColumnKey, physical: Option<&Physical>) {
        use DataType::*;
        let data_type = physical.map_or(DataType::Unknown, |physical| physical.data_type);
        let offset = physical.map_or(0, |physical| physical.offset);
        let bit = physical.map_or(0, |physical| physical.bit);
        let null_bit = physical.and_then(|physical| physical.null_bit).unwrap_or(u16::MAX);
        let make = match data_type {
            Bit => Make::Bit(bit & 7),
            TinyInt => Make::TinyInt,
            SmallInt => Make::SmallInt,
            Int => Make::Int,
            BigInt => Make::BigInt,
            Char(_) | VarChar(_) | VarCharMax | Text => Make::Text(key.code_page),
            NChar(_) | NVarChar(_) | NVarCharMax | NText => Make::Utf16,
            SqlVariant => Make::Other,
            _ if fixed_length(data_type).is_none() || data_type.is_binary() => Make::Binary,
            _ => Make::Scalar(data_type),
        };
        let length = fixed_length(data_type).and_then(|length| u16::try_from(length).ok());
        let (place, make) = match (u16::try_from(offset), length) {
            (Ok(offset @ 4..), Some(length)) => (Place::Fixed { offset, length }, make),
            (Err(_), _) => (Place::Variable((-1 - i32::from(offset)).unsigned_abs() as u16), make),
            _ => (Place::Variable(0), Make::Other),
        };
        self.columns.push(Column { place, make, null_bit, nullable: key.nullable });
    }

    /// Adds the values of a row; `None` if the other way must be taken.
    pub(super) fn lend<'r>(
        &self,
        record: &Record<'r>,
        room: &'r mut Room,
        values: &mut Vec<Value<'r>>,
    ) -> Option<()> {
        let parts = record.parts();
        room.free.resize(ROOM, 0);
        let Room { free, converted } = room;
        let mut free = free.as_mut_slice();
        for column in &self.columns {
            values.push(column.lend(&parts, &mut free, converted)?);
        }
        Some(())
    }
}

impl Column {
    #[inline]
    fn lend<'r>(
        &self,
        parts: &Parts<'r>,
        free: &mut &'r mut [u8],
        converted: &mut Vec<u8>,
    ) -> Option<Value<'r>> {
        if self.null_bit >= parts.columns {
            // The record is older than the column, unless that is in no bitmap.
            match (self.null_bit, self.nullable) {
                (u16::MAX, _) => {}
                (_, true) => return Some(Value::Null),
                (_, false) => return None,
            }
        } else if let Some(byte) = parts.bitmap.get(usize::from(self.null_bit / 8))
            && byte >> (self.null_bit % 8) & 1 != 0
        {
            return Some(Value::Null);
        }
        let bytes = match self.place {
            Place::Fixed { offset, length } => {
                let offset = usize::from(offset);
                parts.fixed.get(offset..offset + usize::from(length))?
            }
            Place::Variable(number) => parts.variable(number)?,
        };
        Some(match self.make {
            Make::Bit(bit) => Value::Bit(bytes.first()? >> bit & 1 != 0),
            Make::TinyInt => Value::Integer(i64::from(*bytes.first()?)),
            Make::SmallInt => Value::Integer(i64::from(i16::from_le_bytes(*bytes.first_chunk()?))),
            Make::Int => Value::Integer(i64::from(i32::from_le_bytes(*bytes.first_chunk()?))),
            Make::BigInt => Value::Integer(i64::from_le_bytes(*bytes.first_chunk()?)),
            Make::Scalar(data_type) => scalar(bytes, data_type).ok()?,
            Make::Utf16 => {
                let length = utf16::write(bytes, free)?;
                lent(take(free, length)?)
            }
            Make::Text(_) if bytes.is_ascii() => lent(bytes),
            Make::Text(page) => {
                converted.clear();
                page.append(bytes, converted);
                let text = take(free, converted.len())?;
                text.copy_from_slice(converted);
                lent(text)
            }
            Make::Binary => Value::Binary(Cow::Borrowed(bytes)),
            Make::Other => return None,
        })
    }
}

fn lent(bytes: &[u8]) -> Value<'_> {
    Value::Text { bytes: Cow::Borrowed(bytes), quoted: true }
}

/// Cuts as many bytes from the free ones.
fn take<'r>(free: &mut &'r mut [u8], length: usize) -> Option<&'r mut [u8]> {
    let (taken, rest) = std::mem::take(free).split_at_mut_checked(length)?;
    *free = rest;
    Some(taken)
}
