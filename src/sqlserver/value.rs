//! Typed values of SQL Server's types, and what text of them means.

use std::borrow::Cow;

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
