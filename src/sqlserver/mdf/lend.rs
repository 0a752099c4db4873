//! The fast way to read a row: values that lie in the page are lent from it, and text that must be
//! converted is written to a buffer beside it. Nothing is allocated.
//!
//! It knows what almost every row is made of and gives up on everything else, be it large values or
//! damage: such rows are read by [`Fields`](super::fields::Fields), which tells what is wrong.

use std::borrow::Cow;

use super::catalog::{ColumnKey, Physical};
use super::code_page::CodePage;
use super::decode::{date_time, date_time_2, fixed_length, scalar};
use super::pages::PAGE_SIZE;
use super::record::{Parts, Record};
use super::utf16;
use crate::chat::Guid;
use crate::sqlserver::{DataType, Value};

/// Bytes of the buffer for converted text: a byte of a page becomes three at most.
const ROOM: usize = 3 * PAGE_SIZE;

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
    Real,
    Float,
    Money,
    DateTime,
    DateTime2(u8),
    Guid,
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

/// A buffer for the converted text of one page.
#[derive(Debug, Default)]
pub(super) struct Room {
    free: Vec<u8>,
    converted: Vec<u8>,
}

/// What is left of it.
pub(super) struct Free<'p> {
    free: &'p mut [u8],
    converted: &'p mut Vec<u8>,
}

impl Room {
    /// Frees the buffer for another page.
    pub(super) fn free(&mut self) -> Free<'_> {
        self.free.resize(ROOM, 0);
        Free { free: &mut self.free, converted: &mut self.converted }
    }
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
            Real => Make::Real,
            Float => Make::Float,
            Money => Make::Money,
            DateTime => Make::DateTime,
            DateTime2(scale) => Make::DateTime2(scale),
            UniqueIdentifier => Make::Guid,
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

    /// Tells whether [`Lender::lend`] could set the values of a row, but for the room that it needs; `None` if
    /// the other way must be taken.
    pub(super) fn check(&self, record: &Record<'_>) -> Option<()> {
        let parts = record.parts();
        self.columns.iter().try_for_each(|column| column.check(&parts))
    }

    /// Sets the values of a row; `None` if the other way must be taken.
    pub(super) fn lend<'p>(
        &self,
        record: &Record<'p>,
        room: &mut Free<'p>,
        values: &mut Vec<Value<'p>>,
    ) -> Option<()> {
        let parts = record.parts();
        if values.len() != self.columns.len() {
            values.resize(self.columns.len(), Value::Null);
        }
        for (column, value) in self.columns.iter().zip(values) {
            column.lend(&parts, &mut room.free, room.converted, value)?;
        }
        Some(())
    }
}

impl Column {
    /// Finds the bytes of a row's value, or that it is NULL; `None` if the other way must be taken.
    #[inline(always)]
    fn find<'r>(&self, parts: &Parts<'r>) -> Option<Option<&'r [u8]>> {
        if self.null_bit >= parts.columns {
            // The record is older than the column, unless that is in no bitmap.
            match (self.null_bit, self.nullable) {
                (u16::MAX, _) => {}
                (_, true) => return Some(None),
                (_, false) => return None,
            }
        } else if let Some(byte) = parts.bitmap.get(usize::from(self.null_bit / 8))
            && byte >> (self.null_bit % 8) & 1 != 0
        {
            return Some(None);
        }
        let bytes = match self.place {
            Place::Fixed { offset, length } => {
                let offset = usize::from(offset);
                parts.fixed.get(offset..offset + usize::from(length))?
            }
            Place::Variable(number) => parts.variable(number)?,
        };
        Some(Some(bytes))
    }

    /// Tells whether a value can be set, without making it; `None` if the other way must be taken.
    #[inline]
    fn check(&self, parts: &Parts<'_>) -> Option<()> {
        let Some(bytes) = self.find(parts)? else { return Some(()) };
        let sound = match self.make {
            Make::Bit(_) | Make::TinyInt => !bytes.is_empty(),
            Make::SmallInt => bytes.len() >= 2,
            Make::Int | Make::Real => bytes.len() >= 4,
            Make::BigInt | Make::Float | Make::Money => bytes.len() >= 8,
            Make::DateTime => date_time(bytes).is_ok(),
            Make::DateTime2(scale) => date_time_2(bytes, scale).is_ok(),
            Make::Guid => bytes.len() >= 16,
            Make::Scalar(data_type) => scalar(bytes, data_type).is_ok(),
            Make::Utf16 => bytes.len().is_multiple_of(2),
            Make::Text(_) | Make::Binary => true,
            Make::Other => false,
        };
        sound.then_some(())
    }

    /// Sets the value of a row.
    #[inline]
    fn lend<'r>(
        &self,
        parts: &Parts<'r>,
        free: &mut &'r mut [u8],
        converted: &mut Vec<u8>,
        value: &mut Value<'r>,
    ) -> Option<()> {
        let Some(bytes) = self.find(parts)? else {
            set::null(value);
            return Some(());
        };
        match self.make {
            Make::Bit(bit) => set::bit(value, bytes.first()? >> bit & 1 != 0),
            Make::TinyInt => set::integer(value, i64::from(*bytes.first()?)),
            Make::SmallInt => set::integer(value, i64::from(i16::from_le_bytes(*bytes.first_chunk()?))),
            Make::Int => set::integer(value, i64::from(i32::from_le_bytes(*bytes.first_chunk()?))),
            Make::BigInt => set::integer(value, i64::from_le_bytes(*bytes.first_chunk()?)),
            Make::Real => set::real(value, f32::from_le_bytes(*bytes.first_chunk()?)),
            Make::Float => set::float(value, f64::from_le_bytes(*bytes.first_chunk()?)),
            Make::Money => {
                let unscaled = i128::from(i64::from_le_bytes(*bytes.first_chunk()?));
                set::decimal(value, unscaled, 4);
            }
            Make::DateTime => set::time(value, date_time(bytes).ok()?),
            Make::DateTime2(scale) => set::date_time_2(value, date_time_2(bytes, scale).ok()?, scale),
            Make::Guid => set::guid(value, Guid::from_bytes_le(*bytes.first_chunk()?)),
            Make::Scalar(data_type) => *value = scalar(bytes, data_type).ok()?,
            Make::Utf16 => {
                let length = utf16::write(bytes, free)?;
                set::text(value, take(free, length)?);
            }
            Make::Text(_) if bytes.is_ascii() => set::text(value, bytes),
            Make::Text(page) => {
                converted.clear();
                page.append(bytes, converted);
                let room = take(free, converted.len())?;
                room.copy_from_slice(converted);
                set::text(value, room);
            }
            Make::Binary => set::binary(value, bytes),
            Make::Other => return None,
        }
        Some(())
    }
}

/// Functions that set one kind of value each. They are not to be inlined: the compiler would join their
/// ends, make every value on the stack in parts and copy it as a whole, for which processors wait three
/// times as long as all the rest takes. For the same reason they set and do not push.
mod set {
    use super::*;

    macro_rules! setters {
        ($($name:ident($($argument:ident: $kind:ty),*) => $value:expr;)*) => {
            $(
                #[inline(never)]
                pub(super) fn $name<'r>(value: &mut Value<'r>, $($argument: $kind),*) {
                    *value = $value;
                }
            )*
        };
    }

    setters! {
        null() => Value::Null;
        bit(bit: bool) => Value::Bit(bit);
        integer(number: i64) => Value::Integer(number);
        real(number: f32) => Value::Real(number);
        float(number: f64) => Value::Float(number);
        decimal(unscaled: i128, scale: u8) => Value::Decimal { unscaled, scale };
        time(ticks: i64) => Value::Time(ticks);
        date_time_2(ticks: i64, scale: u8) => Value::DateTime2 { ticks, scale };
        guid(guid: Guid) => Value::Guid(guid);
        text(bytes: &'r [u8]) => Value::Text { bytes: Cow::Borrowed(bytes), quoted: true };
        binary(bytes: &'r [u8]) => Value::Binary(Cow::Borrowed(bytes));
    }
}

/// Cuts as many bytes from the free ones.
fn take<'r>(free: &mut &'r mut [u8], length: usize) -> Option<&'r mut [u8]> {
    let (taken, rest) = std::mem::take(free).split_at_mut_checked(length)?;
    *free = rest;
    Some(taken)
}
