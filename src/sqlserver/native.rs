//! Values in the bytes that native `bcp` files, BACPAC parts and `CAST(0x...)` of scripts hold.
//!
//! Lengths and NULL stand outside the value and are the caller's. Whatever the bytes are, nothing
//! here fails but by saying so. (Microsoft Learn, "Use native format to import or export data";
//! MS-TDS 2.2.5.5.1.8 for dates.)

use super::{DataType, Value};
use crate::chat::{Guid, Ticks};

/// 100 ns units in a day.
pub(super) const DAY: i64 = 86_400 * Ticks::SECOND;
/// Days from 0001-01-01 to 1900-01-01.
const DAYS_TO_1900: i64 = 693_595;
/// Days from 0001-01-01 to the end of the year 9999.
const DAYS: i64 = 3_652_059;

/// Reads little-endian bytes, at most eight.
pub(super) fn little(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).rev().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

fn array<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}

/// Returns the number of bytes that a value of the type takes, if that does not vary.
pub(super) fn width(data_type: DataType) -> Option<usize> {
    Some(match data_type {
        DataType::Bit | DataType::TinyInt => 1,
        DataType::SmallInt => 2,
        DataType::Int | DataType::Real | DataType::SmallMoney | DataType::SmallDateTime => 4,
        DataType::BigInt | DataType::Float | DataType::Money | DataType::DateTime => 8,
        DataType::Date => 3,
        DataType::Time(scale) => clock_width(scale),
        DataType::DateTime2(scale) => clock_width(scale) + 3,
        DataType::DateTimeOffset(scale) => clock_width(scale) + 5,
        DataType::UniqueIdentifier => 16,
        DataType::Decimal { .. } => 19,
        _ => return None,
    })
}

fn clock_width(scale: u8) -> usize {
    match scale {
        0..=2 => 3,
        3..=4 => 4,
        _ => 5,
    }
}

/// Reads a value of a type of fixed width; `None` if the bytes are none.
pub(super) fn fixed(data_type: DataType, bytes: &[u8]) -> Option<Value<'static>> {
    if width(data_type) != Some(bytes.len()) {
        return None;
    }
    Some(match data_type {
        DataType::Bit => Value::Bit(bytes != [0]),
        DataType::TinyInt => Value::Integer(i64::from(*bytes.first()?)),
        DataType::SmallInt => Value::Integer(i64::from(i16::from_le_bytes(array(bytes)?))),
        DataType::Int => Value::Integer(i64::from(i32::from_le_bytes(array(bytes)?))),
        DataType::BigInt => Value::Integer(i64::from_le_bytes(array(bytes)?)),
        DataType::Real => Value::Real(f32::from_le_bytes(array(bytes)?)),
        DataType::Float => Value::Float(f64::from_le_bytes(array(bytes)?)),
        DataType::SmallMoney => money(i64::from(i32::from_le_bytes(array(bytes)?))),
        DataType::Money => {
            // The high half stands first.
            let (high, low) = bytes.split_at_checked(4)?;
            money(i64::from(i32::from_le_bytes(array(high)?)) << 32 | little(low) as i64)
        }
        DataType::DateTime => {
            let (days, ticks) = bytes.split_at_checked(4)?;
            date_time(i32::from_le_bytes(array(days)?), little(ticks) as u32)?
        }
        DataType::SmallDateTime => {
            let (days, minutes) = bytes.split_at_checked(2)?;
            small_date_time(little(days) as u16, little(minutes) as u16)?
        }
        DataType::Date => Value::Date(days(bytes)? as i32),
        DataType::Time(scale) => Value::TimeOfDay { since_midnight: clock(scale, bytes)?, scale },
        DataType::DateTime2(scale) => Value::DateTime2 { ticks: moment(scale, bytes)?, scale },
        DataType::DateTimeOffset(scale) => {
            let (moment_bytes, offset) = bytes.split_at_checked(bytes.len() - 2)?;
            let offset = i16::from_le_bytes(array(offset)?);
            let sound = offset.unsigned_abs() <= 14 * 60;
            Value::DateTimeOffset { ticks: moment(scale, moment_bytes).filter(|_| sound)?, scale, offset }
        }
        DataType::UniqueIdentifier => guid(bytes)?,
        DataType::Decimal { .. } => decimal(bytes)?,
        _ => return None,
    })
}

fn money(unscaled: i64) -> Value<'static> {
    Value::Decimal { unscaled: i128::from(unscaled), scale: 4 }
}

/// Makes a `datetime` of days since 1900 and 300ths of a second, rounded as SQL Server shows it.
pub(super) fn date_time(days: i32, ticks: u32) -> Option<Value<'static>> {
    let days = i64::from(days) + DAYS_TO_1900;
    let since_midnight = (i64::from(ticks) * 10 + 1) / 3 * Ticks::MILLISECOND;
    let sound = (0..DAYS).contains(&days) && i64::from(ticks) < 86_400 * 300;
    sound.then(|| Value::Time(days * DAY + since_midnight))
}

/// Makes a `smalldatetime` of days since 1900 and minutes.
pub(super) fn small_date_time(days: u16, minutes: u16) -> Option<Value<'static>> {
    let ticks = (i64::from(days) + DAYS_TO_1900) * DAY + i64::from(minutes) * 60 * Ticks::SECOND;
    (minutes < 24 * 60).then_some(Value::Time(ticks))
}

/// Reads days since 0001-01-01.
fn days(bytes: &[u8]) -> Option<i64> {
    let days = little(bytes) as i64;
    (bytes.len() == 3 && days < DAYS).then_some(days)
}

/// Reads 10^-scale seconds since midnight as 100 ns units.
pub(super) fn clock(scale: u8, bytes: &[u8]) -> Option<i64> {
    let unit = 10_i64.checked_pow(7_u32.checked_sub(u32::from(scale))?)?;
    let units = i64::try_from(little(bytes)).ok()?.checked_mul(unit)?;
    (bytes.len() <= 8 && units < DAY).then_some(units)
}

/// Reads time and date, in this order.
fn moment(scale: u8, bytes: &[u8]) -> Option<i64> {
    let (time, date) = bytes.split_at_checked(bytes.len().checked_sub(3)?)?;
    Some(days(date)? * DAY + clock(scale, time)?)
}

/// Reads a GUID as it is stored: the first three groups little-endian.
pub(super) fn guid(bytes: &[u8]) -> Option<Value<'static>> {
    Some(Value::Guid(Guid::from_bytes_le(array(bytes)?)))
}

/// Reads precision, scale, sign (1 is plus) and a magnitude of 16 bytes.
fn decimal(bytes: &[u8]) -> Option<Value<'static>> {
    let [precision, scale, sign, magnitude @ ..] = bytes else { return None };
    let magnitude = i128::from_le_bytes(array(magnitude)?);
    let sound = magnitude >= 0 && *sign <= 1 && (1..=38).contains(precision) && scale <= precision;
    let unscaled = if *sign == 1 { magnitude } else { -magnitude };
    sound.then_some(Value::Decimal { unscaled, scale: *scale })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlserver::form::plain;

    fn shown(data_type: DataType, bytes: &[u8]) -> String {
        fixed(data_type, bytes).map_or("none".to_owned(), |value| String::from_utf8(plain(&value)).unwrap())
    }

    #[test]
    fn values_are_read_as_bcp_writes_them() {
        for (data_type, bytes, text) in [
            (DataType::Int, &[0x0A, 0, 0, 0][..], "10"),
            (DataType::Money, &[0xFF, 0xFF, 0xFF, 0xFF, 0xF0, 0xD8, 0xFF, 0xFF], "-1"),
            (DataType::DateTime, &[0xF0, 0x94, 0, 0, 0x2D, 0xA0, 0xED, 0], "2004-05-23 14:25:10.123"),
            (
                DataType::DateTime2(7),
                &[0x88, 0x3D, 0xD8, 0xDC, 0x78, 0x4B, 0x2A, 0x0B],
                "2004-05-23 14:25:10.1234568",
            ),
            (DataType::SmallDateTime, &[0xB0, 0x89, 0x3C, 0], "1996-07-04 01:00:00.000"),
            (DataType::Date, &[0xA1, 0xC3, 0x09], "1753-01-01"),
            (DataType::Bit, &[1], "1"),
        ] {
            assert_eq!(shown(data_type, bytes), text);
        }
    }

    #[test]
    fn what_cannot_be_is_no_value() {
        for (data_type, bytes) in [
            (DataType::Int, &[0, 0, 0][..]),
            (DataType::Date, &[0xFF, 0xFF, 0xFF]),
            (DataType::DateTime, &[0, 0, 0, 0x7F, 0, 0, 0, 0]),
            (DataType::DateTime, &[0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]),
            (DataType::SmallDateTime, &[0, 0, 0xFF, 0xFF]),
            (DataType::Time(7), &[0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
            (DataType::Decimal { precision: 1, scale: 0 }, &[0xFF; 19]),
            (DataType::NVarCharMax, &[]),
        ] {
            assert_eq!(fixed(data_type, bytes), None, "{data_type:?}");
        }
    }
}
