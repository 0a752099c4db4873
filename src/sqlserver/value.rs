//! Typed values of SQL Server's types, and their form as text.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::chat::Ticks;

/// A column type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DataType {
    /// The dump does not tell.
    Unknown,
    /// `bit`
    Bit,
    /// `tinyint`
    TinyInt,
    /// `smallint`
    SmallInt,
    /// `int`
    Int,
    /// `bigint`
    BigInt,
    /// `nvarchar(n)`; the length in UTF-16 code units.
    NVarChar(u32),
    /// `nvarchar(max)`
    NVarCharMax,
    /// `varchar(max)`
    VarCharMax,
    /// `uniqueidentifier`
    UniqueIdentifier,
    /// `datetime`
    DateTime,
    /// `smalldatetime`
    SmallDateTime,
    /// `datetime2`
    DateTime2,
    /// `image`
    Image,
}

/// One value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// No value.
    Null,
    /// Text in generalized UTF-8 (see [`Text`](crate::chat::Text)), from a dump that knows the
    /// column to be text or does not know its type.
    Text {
        /// The bytes.
        bytes: Cow<'a, [u8]>,
        /// Whether it stood in quotes, so that `NULL` in it is the word and not the absence.
        quoted: bool,
    },
    /// `bit`
    Bit(bool),
    /// Any whole number.
    Integer(i64),
    /// `uniqueidentifier`
    Guid(uuid::Uuid),
    /// Any binary type.
    Binary(Cow<'a, [u8]>),
    /// Any calendar type: 100 ns units since 0001-01-01T00:00:00.
    Time(i64),
}

/// Returns the form of a value that [`write_plain`] writes.
pub(super) fn plain(value: &Value<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    // Writing into memory cannot fail.
    let _ = write_plain(value, &mut out);
    out
}

/// Writes a value as it stands in CSV, without regard to quotes: binary `0x` and upper-case hex,
/// times `YYYY-MM-DD hh:mm:ss.fff`, with 7 decimals where 3 would lose something.
pub(super) fn write_plain(value: &Value<'_>, out: &mut impl Write) -> io::Result<()> {
    match value {
        Value::Null => out.write_all(b"\\N"),
        Value::Text { bytes, .. } => out.write_all(bytes),
        Value::Bit(bit) => out.write_all(if *bit { b"1" } else { b"0" }),
        Value::Integer(number) => write!(out, "{number}"),
        Value::Guid(guid) => write!(out, "{}", guid.hyphenated()),
        Value::Binary(bytes) => write_binary(bytes, out),
        Value::Time(ticks) => match Ticks::new(*ticks) {
            Ok(time) => write_time(time, out),
            Err(_) => write!(out, "{ticks}"),
        },
    }
}

fn write_binary(bytes: &[u8], out: &mut impl Write) -> io::Result<()> {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.write_all(b"0x")?;
    let digit = |value: u8| DIGITS[usize::from(value & 0xF)];
    bytes.iter().try_for_each(|&byte| out.write_all(&[digit(byte >> 4), digit(byte)]))
}

fn write_time(time: Ticks, out: &mut impl Write) -> io::Result<()> {
    let (year, month, day, since_midnight) = time.to_date();
    let seconds = since_midnight / Ticks::SECOND;
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    write!(out, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.")?;
    let fraction = since_midnight % Ticks::SECOND;
    if fraction % Ticks::MILLISECOND == 0 {
        write!(out, "{:03}", fraction / Ticks::MILLISECOND)
    } else {
        write!(out, "{fraction:07}")
    }
}
