//! Values as the bytes that stand in a row.

use encoding_rs::{Encoding, SHIFT_JIS, WINDOWS_1252};
use uuid::Uuid;

use super::kinds::Kind;
use super::schema::{Column, JAPANESE};

/// 100 ns units of a day.
const DAY: i64 = 864_000_000_000;
/// Days from 0001-01-01 to 1900-01-01.
const DAYS_TO_1900: i64 = 693_595;

/// A value of a row, to be stored as its column's type.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Null,
    /// Any whole number.
    Integer(i64),
    /// `decimal`, `numeric` and both kinds of `money`, without the point.
    Decimal(i128),
    Real(f32),
    Float(f64),
    /// Text, encoded as the column wants it.
    Text(String),
    /// UTF-16 that may be no text.
    Units(Vec<u16>),
    /// Bytes as they are, for any type.
    Bytes(Vec<u8>),
    Guid(Uuid),
    /// Any time, as 100 ns units since 0001-01-01T00:00:00; of `time` the time of day.
    Time(i64),
    /// `datetimeoffset`: the time in UTC, and minutes that local time is ahead.
    Offset(i64, i16),
    /// `sql_variant`: a value of another type, with that type and the collation of texts.
    Variant(Kind, u32, Box<Cell>),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Cell {
        Cell::Integer(number)
    }
}

/// Appends the bytes of a value; tells whether there is one.
pub fn encode(column: &Column, cell: &Cell, bytes: &mut Vec<u8>) -> bool {
    if *cell == Cell::Null {
        let zeros = column.kind.fixed_size().unwrap_or_default();
        bytes.resize(bytes.len() + usize::from(zeros), 0);
        return false;
    }
    let start = bytes.len();
    encode_as(column.kind, column.collation, cell, bytes);
    if let Some(size) = column.kind.fixed_size() {
        assert_eq!(bytes.len() - start, usize::from(size), "column {} of {:?}", column.name, column.kind);
    }
    true
}

fn encode_as(kind: Kind, collation: u32, cell: &Cell, bytes: &mut Vec<u8>) {
    let start = bytes.len();
    match cell {
        Cell::Null => {}
        Cell::Bytes(own) => bytes.extend_from_slice(own),
        Cell::Integer(number) => {
            let size = if kind == Kind::RowVersion { 0 } else { usize::from(kind.fixed_size().unwrap_or(8)) };
            match kind {
                Kind::RowVersion => bytes.extend_from_slice(&number.to_be_bytes()),
                _ => bytes.extend_from_slice(&number.to_le_bytes()[..size]),
            }
        }
        Cell::Decimal(number) => match kind {
            Kind::Money => bytes.extend_from_slice(&number.to_le_bytes()[..8]),
            Kind::SmallMoney => bytes.extend_from_slice(&number.to_le_bytes()[..4]),
            _ => {
                bytes.push(u8::from(*number >= 0));
                let size = usize::from(kind.fixed_size().unwrap_or(17));
                bytes.extend_from_slice(&number.unsigned_abs().to_le_bytes()[..size - 1]);
            }
        },
        Cell::Real(number) => bytes.extend_from_slice(&number.to_le_bytes()),
        Cell::Float(number) => bytes.extend_from_slice(&number.to_le_bytes()),
        Cell::Text(text) if kind.is_narrow() => {
            bytes.extend_from_slice(&code_page(collation).encode(text).0);
        }
        Cell::Text(text) => text.encode_utf16().for_each(|unit| bytes.extend_from_slice(&unit.to_le_bytes())),
        Cell::Units(units) => units.iter().for_each(|unit| bytes.extend_from_slice(&unit.to_le_bytes())),
        Cell::Guid(guid) => bytes.extend_from_slice(&guid.to_bytes_le()),
        Cell::Time(ticks) => time(kind, *ticks, bytes),
        Cell::Offset(ticks, minutes) => {
            time(kind, *ticks, bytes);
            bytes.extend_from_slice(&minutes.to_le_bytes());
        }
        Cell::Variant(kind, collation, cell) => variant(*kind, *collation, cell, bytes),
    }
    pad(kind, start, bytes);
}

/// Fills text of fixed length with blanks, and bytes with zeros.
fn pad(kind: Kind, start: usize, bytes: &mut Vec<u8>) {
    let blank: &[u8] = match kind {
        Kind::Char(_) => b" ",
        Kind::NChar(_) => b" \0",
        Kind::Binary(_) => b"\0",
        _ => return,
    };
    while bytes.len() - start < usize::from(kind.fixed_size().unwrap_or_default()) {
        bytes.extend_from_slice(blank);
    }
}

fn code_page(collation: u32) -> &'static Encoding {
    if collation == JAPANESE { SHIFT_JIS } else { WINDOWS_1252 }
}

fn time(kind: Kind, ticks: i64, bytes: &mut Vec<u8>) {
    let (days, since_midnight) = (ticks.div_euclid(DAY), ticks.rem_euclid(DAY));
    let fraction = |scale: u8| (since_midnight / 10_i64.pow(7 - u32::from(scale))).to_le_bytes();
    let sized = |scale: u8| match scale {
        0..=2 => fraction(scale)[..3].to_vec(),
        3..=4 => fraction(scale)[..4].to_vec(),
        _ => fraction(scale)[..5].to_vec(),
    };
    let date = &days.to_le_bytes()[..3];
    match kind {
        Kind::Date => bytes.extend_from_slice(date),
        Kind::Time(scale) => bytes.extend(sized(scale)),
        Kind::DateTime2(scale) | Kind::DateTimeOffset(scale) => {
            bytes.extend(sized(scale));
            bytes.extend_from_slice(date);
        }
        Kind::SmallDateTime => {
            bytes.extend_from_slice(&((since_midnight / 600_000_000) as u16).to_le_bytes());
            bytes.extend_from_slice(&((days - DAYS_TO_1900) as u16).to_le_bytes());
        }
        Kind::DateTime => {
            // Thirds of 10 ms, rounded.
            let thirds = (since_midnight * 3 + 50_000) / 100_000;
            bytes.extend_from_slice(&(thirds as u32).to_le_bytes());
            bytes.extend_from_slice(&((days - DAYS_TO_1900) as i32).to_le_bytes());
        }
        _ => panic!("{kind:?} is no time"),
    }
}

/// Type, version, what the type needs, and the value.
fn variant(kind: Kind, collation: u32, cell: &Cell, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(&[kind.number(), 1]);
    match kind {
        Kind::Decimal(precision, scale) | Kind::Numeric(precision, scale) => bytes.extend([precision, scale]),
        Kind::Time(scale) | Kind::DateTime2(scale) | Kind::DateTimeOffset(scale) => bytes.push(scale),
        Kind::Binary(_) | Kind::VarBinary(_) => bytes.extend_from_slice(&kind.length().to_le_bytes()),
        _ if kind.is_narrow() || kind.is_wide() => {
            bytes.extend_from_slice(&collation.to_le_bytes());
            bytes.extend_from_slice(&kind.length().to_le_bytes());
        }
        _ => {}
    }
    encode_as(kind, collation, cell, bytes);
}
