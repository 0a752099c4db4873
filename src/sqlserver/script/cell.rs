//! A value of a row before and after it is fitted to the type of its column.
//!
//! Text and bytes stay where they are, in the script or in the row's own store, until a row is
//! handed out. What an `INSERT` would convert on its way into a column is converted here; what does
//! not fit stays as it is written, since losing it would help nobody.

use std::borrow::Cow;

use super::times;
use super::walker::DateOrder;
use crate::chat::{Guid, Text};
use crate::sqlserver::encoding::{Decoder, Encoding};
use crate::sqlserver::{DataType, Value, native};

/// A stretch of the script's text, or of the row's store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) stored: bool,
    pub(super) start: usize,
    pub(super) end: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Null,
    Text(Span),
    Number {
        span: Span,
        negative: bool,
    },
    Bytes(Span),
    /// A value of a type that `CAST` gave it, or of its column.
    Typed(Value<'static>),
}

/// Where the text and bytes of cells lie.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ground<'a> {
    pub(super) text: &'a [u8],
    pub(super) store: &'a [u8],
}

impl<'a> Ground<'a> {
    pub(super) fn of(&self, span: Span) -> &'a [u8] {
        let ground = if span.stored { self.store } else { self.text };
        ground.get(span.start..span.end).unwrap_or_default()
    }

    /// Returns a cell as a value.
    pub(super) fn value(&self, cell: &Cell) -> Value<'a> {
        match cell {
            Cell::Null => Value::Null,
            Cell::Text(span) => Value::Text { bytes: Cow::Borrowed(self.of(*span)), quoted: true },
            Cell::Bytes(span) => Value::Binary(Cow::Borrowed(self.of(*span))),
            Cell::Typed(value) => value.clone(),
            Cell::Number { span, negative } => any_number(self.of(*span), *negative).unwrap_or_else(|| {
                let sign: &[u8] = if *negative { b"-" } else { b"" };
                Value::Text { bytes: Cow::Owned([sign, self.of(*span)].concat()), quoted: false }
            }),
        }
    }

    /// Fits a cell to a type; `None` if it cannot be.
    pub(super) fn fit(&self, cell: &Cell, data_type: DataType, order: Option<DateOrder>) -> Option<Cell> {
        match cell {
            Cell::Null => Some(Cell::Null),
            Cell::Number { span, negative } => number(self.of(*span), *negative, data_type).map(Cell::Typed),
            Cell::Text(_) if data_type.is_text() || data_type == DataType::SqlVariant => Some(cell.clone()),
            Cell::Text(span) => text(self.of(*span), data_type, order).map(Cell::Typed),
            Cell::Bytes(_) if data_type.is_binary() || data_type == DataType::SqlVariant => {
                Some(cell.clone())
            }
            Cell::Bytes(span) => bytes(self.of(*span), data_type).map(Cell::Typed),
            Cell::Typed(value) => typed(value, data_type).map(Cell::Typed),
        }
    }
}

/// Reads a number without regard to a column: whole, decimal or floating.
fn any_number(digits: &[u8], negative: bool) -> Option<Value<'static>> {
    if let Some(number) = short(digits) {
        return Some(Value::Integer(if negative { -number } else { number }));
    }
    let exponent = digits.iter().any(|byte| matches!(byte, b'e' | b'E'));
    let kind = if exponent { DataType::Float } else { DataType::BigInt };
    number(digits, negative, kind)
        .or_else(|| number(digits, negative, DataType::Decimal { precision: 38, scale: 0 }))
}

fn number(digits: &[u8], negative: bool, data_type: DataType) -> Option<Value<'static>> {
    let text = std::str::from_utf8(digits).ok()?;
    let floating = || text.parse::<f64>().ok().map(|number| if negative { -number } else { number });
    match data_type {
        DataType::Bit => Some(Value::Bit(floating()? != 0.0)),
        DataType::TinyInt | DataType::SmallInt | DataType::Int | DataType::BigInt => {
            whole(text, negative).map(Value::Integer)
        }
        DataType::Decimal { .. } | DataType::Money | DataType::SmallMoney => decimal(text, negative),
        DataType::Real => {
            let number: f32 = text.parse().ok()?;
            Some(Value::Real(if negative { -number } else { number }))
        }
        DataType::Float => floating().map(Value::Float),
        _ => None,
    }
}

fn whole(text: &str, negative: bool) -> Option<i64> {
    if let Some(number) = short(text.as_bytes()) {
        return Some(if negative { -number } else { number });
    }
    let (text, rest) = text.split_once('.').unwrap_or((text, ""));
    let magnitude: i128 = text.parse().ok()?;
    let sound = rest.bytes().all(|byte| byte == b'0');
    i64::try_from(if negative { -magnitude } else { magnitude }).ok().filter(|_| sound)
}

/// Reads digits that cannot be too many for a number of 64 bits.
fn short(digits: &[u8]) -> Option<i64> {
    let known = (1..=18).contains(&digits.len());
    known.then_some(())?;
    digits
        .iter()
        .try_fold(0_i64, |number, &byte| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0')))
}

fn decimal(text: &str, negative: bool) -> Option<Value<'static>> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let sound = whole.len() + fraction.len() <= 38 && !text.is_empty();
    let digits = |text: &str| {
        text.bytes().try_fold(0_i128, |number, byte| {
            byte.is_ascii_digit().then(|| number * 10 + i128::from(byte - b'0'))
        })
    };
    if !sound {
        return None;
    }
    let unscaled = digits(whole)? * 10_i128.checked_pow(fraction.len() as u32)? + digits(fraction)?;
    Some(Value::Decimal {
        unscaled: if negative { -unscaled } else { unscaled },
        scale: fraction.len() as u8,
    })
}

fn text(bytes: &[u8], data_type: DataType, order: Option<DateOrder>) -> Option<Value<'static>> {
    let trimmed = bytes.trim_ascii();
    match data_type {
        DataType::UniqueIdentifier => {
            let inner =
                trimmed.strip_prefix(b"{").and_then(|text| text.strip_suffix(b"}")).unwrap_or(trimmed);
            (inner.len() == 36).then(|| Guid::try_parse_ascii(inner).ok()).flatten().map(Value::Guid)
        }
        DataType::Bit if trimmed.eq_ignore_ascii_case(b"true") => Some(Value::Bit(true)),
        DataType::Bit if trimmed.eq_ignore_ascii_case(b"false") => Some(Value::Bit(false)),
        _ => {
            let (negative, digits) = match trimmed {
                [b'-', digits @ ..] => (true, digits),
                [b'+', digits @ ..] => (false, digits),
                digits => (false, digits),
            };
            let is_number = digits.first().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'.');
            number(digits, negative, data_type)
                .filter(|_| is_number)
                .or_else(|| times::of_text(data_type, trimmed, order))
        }
    }
}

fn bytes(bytes: &[u8], data_type: DataType) -> Option<Value<'static>> {
    let owned = |bytes: Vec<u8>| Some(Value::Text { bytes: Cow::Owned(bytes), quoted: true });
    match data_type {
        DataType::NChar(_) | DataType::NVarChar(_) | DataType::NVarCharMax | DataType::NText => {
            let units = bytes
                .chunks_exact(2)
                .map(|unit| unit.iter().rev().fold(0, |all, &byte| all << 8 | u16::from(byte)));
            bytes
                .len()
                .is_multiple_of(2)
                .then(|| Text::from_units(units))
                .and_then(|text| owned(text.as_bytes().to_vec()))
        }
        DataType::Char(_) | DataType::VarChar(_) | DataType::VarCharMax | DataType::Text => {
            let mut out = Vec::new();
            Decoder::behind_mark(Encoding::Windows1252).feed(bytes, &mut out);
            owned(out)
        }
        DataType::UniqueIdentifier => native::guid(bytes),
        DataType::Bit => Some(Value::Bit(bytes.iter().any(|&byte| byte != 0))),
        DataType::TinyInt | DataType::SmallInt | DataType::Int | DataType::BigInt => {
            let number = bytes.iter().try_fold(0_u64, |number, &byte| {
                (number >> 56 == 0).then_some(number << 8 | u64::from(byte))
            })?;
            Some(Value::Integer(match data_type {
                DataType::TinyInt => i64::from(number as u8),
                DataType::SmallInt => i64::from(number as i16),
                DataType::Int => i64::from(number as i32),
                _ => number as i64,
            }))
        }
        _ => times::of_bytes(data_type, bytes),
    }
}

/// Fits what `CAST` made to a column of another type.
fn typed(value: &Value<'static>, data_type: DataType) -> Option<Value<'static>> {
    use native::DAY;
    let moment = match value {
        Value::Time(ticks) | Value::DateTime2 { ticks, .. } => *ticks,
        Value::Date(days) => i64::from(*days) * DAY,
        _ => return Some(value.clone()),
    };
    Some(match data_type {
        DataType::DateTime | DataType::SmallDateTime => Value::Time(moment),
        DataType::DateTime2(scale) => Value::DateTime2 { ticks: moment, scale },
        DataType::Date => Value::Date((moment / DAY) as i32),
        DataType::Time(scale) => Value::TimeOfDay { since_midnight: moment % DAY, scale },
        _ => value.clone(),
    })
}
