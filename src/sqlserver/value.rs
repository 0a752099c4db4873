//! Typed values of SQL Server's types.

use std::borrow::Cow;

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
        /// Whether it stood in quotes, so that `NULL` in it is the word and not the absence. Dumps
        /// that mark NULL otherwise always say so.
        quoted: bool,
    },
    /// `bit`
    Bit(bool),
    /// Any whole number.
    Integer(i64),
    /// `decimal`, `numeric`, `money` (of scale 4) and `smallmoney` (of scale 4).
    Decimal {
        /// The number without its point.
        unscaled: i128,
        /// Digits behind the point.
        scale: u8,
    },
    /// `real`
    Real(f32),
    /// `float`
    Float(f64),
    /// `uniqueidentifier`
    Guid(uuid::Uuid),
    /// Any binary type.
    Binary(Cow<'a, [u8]>),
    /// `date`: days since 0001-01-01.
    Date(i32),
    /// `time(n)`
    TimeOfDay {
        /// 100 ns units since midnight.
        since_midnight: i64,
        /// Decimals of a second, at most 7.
        scale: u8,
    },
    /// `datetime` and `smalldatetime`: 100 ns units since 0001-01-01T00:00:00. A `datetime` is
    /// rounded to the millisecond, as SQL Server shows it.
    Time(i64),
    /// `datetime2(n)`
    DateTime2 {
        /// 100 ns units since 0001-01-01T00:00:00.
        ticks: i64,
        /// Decimals of a second, at most 7.
        scale: u8,
    },
    /// `datetimeoffset(n)`
    DateTimeOffset {
        /// 100 ns units since 0001-01-01T00:00:00, UTC.
        ticks: i64,
        /// Decimals of a second, at most 7.
        scale: u8,
        /// Minutes that local time is ahead of UTC.
        offset: i16,
    },
}

impl Value<'_> {
    /// Returns the value with bytes of its own, so that it outlives the reader's buffer.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Null => Value::Null,
            Value::Text { bytes, quoted } => Value::Text { bytes: Cow::Owned(bytes.into_owned()), quoted },
            Value::Bit(bit) => Value::Bit(bit),
            Value::Integer(number) => Value::Integer(number),
            Value::Decimal { unscaled, scale } => Value::Decimal { unscaled, scale },
            Value::Real(number) => Value::Real(number),
            Value::Float(number) => Value::Float(number),
            Value::Guid(guid) => Value::Guid(guid),
            Value::Binary(bytes) => Value::Binary(Cow::Owned(bytes.into_owned())),
            Value::Date(days) => Value::Date(days),
            Value::TimeOfDay { since_midnight, scale } => Value::TimeOfDay { since_midnight, scale },
            Value::Time(ticks) => Value::Time(ticks),
            Value::DateTime2 { ticks, scale } => Value::DateTime2 { ticks, scale },
            Value::DateTimeOffset { ticks, scale, offset } => Value::DateTimeOffset { ticks, scale, offset },
        }
    }
}
/// Empties a list so that its memory serves values of another lifetime. (Collecting in place
/// reuses the allocation: `std::vec`, "impl FromIterator for Vec".)
pub(in crate::sqlserver) fn recycle<'b>(mut values: Vec<Value<'_>>) -> Vec<Value<'b>> {
    values.clear();
    values.into_iter().map(|_| Value::Null).collect()
}
