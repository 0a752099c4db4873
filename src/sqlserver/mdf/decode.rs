//! Bytes of a column to a value, by its type (Microsoft Learn, "Data types (Transact-SQL)"; the bytes
//! verified on real files).

use std::borrow::Cow;
use std::ops::Range;

use super::bytes::{array_at, i32_at, u8_at, u16_at, u32_at};
use super::code_page::CodePage;
use super::utf16;
use crate::chat::{Guid, Ticks};
use crate::ledger::Cause;
use crate::sqlserver::{DataType, Value};

/// 100 ns units in a day.
const DAY: i64 = 86_400 * Ticks::SECOND;
/// Days from 0001-01-01 to 1900-01-01.
const DAYS_TO_1900: i64 = 693_595;
/// 1/300 s in a day.
const DAY_OF_300TH: u32 = 86_400 * 300;
/// The greatest magnitude of a `decimal`.
const MAX_DECIMAL: u128 = 10_u128.pow(38) - 1;

/// A value whose text or bytes lie in a buffer beside it.
#[derive(Debug)]
pub(super) enum Cell {
    /// A value without bytes.
    Scalar(Value<'static>),
    /// Text, in UTF-8.
    Text(Range<usize>),
    /// Bytes.
    Binary(Range<usize>),
}

impl Cell {
    /// Returns the value, its bytes borrowed from the buffer.
    pub(super) fn value<'b>(&self, buffer: &'b [u8]) -> Value<'b> {
        let bytes = |range: &Range<usize>| Cow::Borrowed(buffer.get(range.clone()).unwrap_or_default());
        match self {
            Cell::Scalar(value) => value.clone(),
            Cell::Text(range) => Value::Text { bytes: bytes(range), quoted: true },
            Cell::Binary(range) => Value::Binary(bytes(range)),
        }
    }
}

/// Why bytes are no value of their type.
#[derive(Debug)]
pub(super) struct ValueFault {
    pub(super) cause: Cause,
    pub(super) detail: &'static str,
}

const fn fault(cause: Cause, detail: &'static str) -> ValueFault {
    ValueFault { cause, detail }
}

const SHORT: ValueFault = fault(Cause::Malformed, "its bytes are fewer than its type has");
const BAD_TIME: ValueFault = fault(Cause::BadTime, "it is a time that does not exist");
const BAD_NUMBER: ValueFault = fault(Cause::BadNumber, "it is no number of at most 38 digits");
const HALF_UNIT: ValueFault = fault(Cause::BadEncoding, "it ends with half a UTF-16 code unit");
const BAD_VARIANT: ValueFault = fault(Cause::Malformed, "it is a sql_variant of no known form");

type Decoded = Result<Cell, ValueFault>;

/// Returns the type of a column.
///
/// `length` is in bytes, 0 or less for `max`.
pub(super) fn data_type(number: u8, length: i32, precision: u8, scale: u8) -> DataType {
    let max = length <= 0;
    let bytes = length.max(0).unsigned_abs();
    let scale = scale.min(38);
    match number {
        104 => DataType::Bit,
        48 => DataType::TinyInt,
        52 => DataType::SmallInt,
        56 => DataType::Int,
        127 => DataType::BigInt,
        106 | 108 => DataType::Decimal { precision, scale },
        60 => DataType::Money,
        122 => DataType::SmallMoney,
        59 => DataType::Real,
        62 => DataType::Float,
        40 => DataType::Date,
        41 => DataType::Time(scale.min(7)),
        58 => DataType::SmallDateTime,
        61 => DataType::DateTime,
        42 => DataType::DateTime2(scale.min(7)),
        43 => DataType::DateTimeOffset(scale.min(7)),
        175 => DataType::Char(bytes),
        167 if max => DataType::VarCharMax,
        167 => DataType::VarChar(bytes),
        35 => DataType::Text,
        239 => DataType::NChar(bytes / 2),
        231 if max => DataType::NVarCharMax,
        231 => DataType::NVarChar(bytes / 2),
        99 => DataType::NText,
        173 => DataType::Binary(bytes),
        165 if max => DataType::VarBinaryMax,
        165 => DataType::VarBinary(bytes),
        34 => DataType::Image,
        189 => DataType::RowVersion,
        36 => DataType::UniqueIdentifier,
        241 => DataType::Xml,
        98 => DataType::SqlVariant,
        240 => DataType::Udt,
        _ => DataType::Unknown,
    }
}

/// Returns the bytes that a type of fixed length takes in a row; `None` for other types.
pub(super) fn fixed_length(data_type: DataType) -> Option<usize> {
    use DataType::*;
    Some(match data_type {
        Bit | TinyInt => 1,
        SmallInt => 2,
        Int | Real | SmallMoney | SmallDateTime => 4,
        BigInt | Float | Money | DateTime | RowVersion => 8,
        Decimal { precision, .. } => match precision {
            0..=9 => 5,
            10..=19 => 9,
            20..=28 => 13,
            _ => 17,
        },
        Date => 3,
        Time(scale) => clock_length(scale),
        DateTime2(scale) => clock_length(scale) + 3,
        DateTimeOffset(scale) => clock_length(scale) + 5,
        UniqueIdentifier => 16,
        Char(length) | Binary(length) => length as usize,
        NChar(length) => length as usize * 2,
        _ => return None,
    })
}

fn clock_length(scale: u8) -> usize {
    match scale {
        0..=2 => 3,
        3..=4 => 4,
        _ => 5,
    }
}

/// Reads the bytes of a column; text and bytes are appended to the buffer.
pub(super) fn decode(bytes: &[u8], data_type: DataType, page: CodePage, buffer: &mut Vec<u8>) -> Decoded {
    use DataType::*;
    let start = buffer.len();
    Ok(Cell::Scalar(match data_type {
        Char(_) | VarChar(_) | VarCharMax | Text => {
            page.append(bytes, buffer);
            return Ok(Cell::Text(start..buffer.len()));
        }
        NChar(_) | NVarChar(_) | NVarCharMax | NText if !bytes.len().is_multiple_of(2) => {
            return Err(HALF_UNIT);
        }
        NChar(_) | NVarChar(_) | NVarCharMax | NText => {
            utf16::append(bytes, buffer);
            return Ok(Cell::Text(start..buffer.len()));
        }
        SqlVariant => return variant(bytes, buffer),
        _ if fixed_length(data_type).is_none() || data_type.is_binary() => {
            buffer.extend_from_slice(bytes);
            return Ok(Cell::Binary(start..buffer.len()));
        }
        _ => scalar(bytes, data_type)?,
    }))
}

/// Reads a value without bytes.
pub(super) fn scalar(bytes: &[u8], data_type: DataType) -> Result<Value<'static>, ValueFault> {
    use DataType::*;
    let integer = |number: Option<i64>| number.map(Value::Integer).ok_or(SHORT);
    let money = |number: i64| Value::Decimal { unscaled: i128::from(number), scale: 4 };
    match data_type {
        Bit => u8_at(bytes, 0).map(|byte| Value::Bit(byte & 1 != 0)).ok_or(SHORT),
        TinyInt => integer(u8_at(bytes, 0).map(i64::from)),
        SmallInt => integer(array_at(bytes, 0).map(i16::from_le_bytes).map(i64::from)),
        Int => integer(i32_at(bytes, 0).map(i64::from)),
        BigInt => integer(array_at(bytes, 0).map(i64::from_le_bytes)),
        Decimal { scale, .. } => decimal(bytes, scale),
        Money => array_at(bytes, 0).map(i64::from_le_bytes).map(money).ok_or(SHORT),
        SmallMoney => i32_at(bytes, 0).map(i64::from).map(money).ok_or(SHORT),
        Real => array_at(bytes, 0).map(f32::from_le_bytes).map(Value::Real).ok_or(SHORT),
        Float => array_at(bytes, 0).map(f64::from_le_bytes).map(Value::Float).ok_or(SHORT),
        Date => days(bytes).map(Value::Date),
        Time(scale) => clock(bytes, scale).map(|since_midnight| Value::TimeOfDay { since_midnight, scale }),
        DateTime => date_time(bytes).map(Value::Time),
        SmallDateTime => small_date_time(bytes).map(Value::Time),
        DateTime2(scale) => date_time_2(bytes, scale).map(|ticks| Value::DateTime2 { ticks, scale }),
        DateTimeOffset(scale) => {
            let ticks = date_time_2(bytes, scale)?;
            let offset = array_at(bytes, clock_length(scale) + 3).map(i16::from_le_bytes).ok_or(SHORT)?;
            Ok(Value::DateTimeOffset { ticks, scale, offset })
        }
        UniqueIdentifier => array_at(bytes, 0).map(Guid::from_bytes_le).map(Value::Guid).ok_or(SHORT),
        _ => Err(SHORT),
    }
}

fn decimal(bytes: &[u8], scale: u8) -> Result<Value<'static>, ValueFault> {
    let (&sign, digits) = bytes.split_first().ok_or(SHORT)?;
    let mut magnitude = [0; 16];
    magnitude.get_mut(..digits.len()).ok_or(BAD_NUMBER)?.copy_from_slice(digits);
    let magnitude = u128::from_le_bytes(magnitude);
    let unscaled = i128::try_from(magnitude).ok().filter(|_| magnitude <= MAX_DECIMAL).ok_or(BAD_NUMBER)?;
    Ok(Value::Decimal { unscaled: if sign == 0 { -unscaled } else { unscaled }, scale })
}

/// Reads 3 bytes as days since 0001-01-01.
fn days(bytes: &[u8]) -> Result<i32, ValueFault> {
    let [low, middle, high] = array_at(bytes, 0).ok_or(SHORT)?;
    let days = i32::from_le_bytes([low, middle, high, 0]);
    Ticks::new(i64::from(days).saturating_mul(DAY)).map(|_| days).map_err(|_| BAD_TIME)
}

/// Reads a time of day as 100 ns units since midnight.
fn clock(bytes: &[u8], scale: u8) -> Result<i64, ValueFault> {
    let bytes = bytes.get(..clock_length(scale)).ok_or(SHORT)?;
    let units = bytes.iter().rev().fold(0_i64, |units, &byte| units << 8 | i64::from(byte));
    let ticks = units.checked_mul(10_i64.pow(u32::from(7_u8.saturating_sub(scale))));
    ticks.filter(|ticks| *ticks < DAY).ok_or(BAD_TIME)
}

/// Reads a `datetime2` as 100 ns units since 0001-01-01.
pub(super) fn date_time_2(bytes: &[u8], scale: u8) -> Result<i64, ValueFault> {
    let date = days(bytes.get(clock_length(scale)..).unwrap_or_default())?;
    Ok(i64::from(date) * DAY + clock(bytes, scale)?)
}

/// Reads a `datetime`, rounded to the millisecond as SQL Server shows it.
pub(super) fn date_time(bytes: &[u8]) -> Result<i64, ValueFault> {
    let clock = u32_at(bytes, 0).ok_or(SHORT)?;
    let days = i64::from(i32_at(bytes, 4).ok_or(SHORT)?) + DAYS_TO_1900;
    if clock >= DAY_OF_300TH {
        return Err(BAD_TIME);
    }
    let milliseconds = (i64::from(clock) * 10 + 1) / 3;
    let ticks = days.checked_mul(DAY).ok_or(BAD_TIME)?.saturating_add(milliseconds * Ticks::MILLISECOND);
    Ticks::new(ticks).map(Ticks::get).map_err(|_| BAD_TIME)
}

fn small_date_time(bytes: &[u8]) -> Result<i64, ValueFault> {
    let minutes = i64::from(u16_at(bytes, 0).ok_or(SHORT)?);
    let days = i64::from(u16_at(bytes, 2).ok_or(SHORT)?) + DAYS_TO_1900;
    if minutes >= 24 * 60 { Err(BAD_TIME) } else { Ok(days * DAY + minutes * 60 * Ticks::SECOND) }
}

/// Reads a `sql_variant`: the number of its type, a version, what the type needs, the value.
fn variant(bytes: &[u8], buffer: &mut Vec<u8>) -> Decoded {
    let (number, version) = (u8_at(bytes, 0).ok_or(BAD_VARIANT)?, u8_at(bytes, 1).ok_or(BAD_VARIANT)?);
    let at = |place| u8_at(bytes, place).ok_or(BAD_VARIANT);
    let (properties, precision, scale, collation) = match number {
        106 | 108 => (2, at(2)?, at(3)?, 0),
        41..=43 => (1, 0, at(2)?, 0),
        165 | 173 => (2, 0, 0, 0),
        167 | 175 | 231 | 239 => (6, 0, 0, u32_at(bytes, 2).ok_or(BAD_VARIANT)?),
        _ => (0, 0, 0, 0),
    };
    let data = bytes.get(2 + properties..).ok_or(BAD_VARIANT)?;
    let length = i32::try_from(data.len()).unwrap_or(i32::MAX).max(1);
    let data_type = data_type(number, length, precision, scale);
    if version != 1 || matches!(data_type, DataType::SqlVariant | DataType::Unknown) {
        return Err(BAD_VARIANT);
    }
    decode(data, data_type, CodePage::of(collation), buffer)
}

#[cfg(test)]
mod tests;
