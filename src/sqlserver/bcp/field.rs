//! How one field stands in a native file, and which fields the columns of a table make.
//! (Microsoft Learn, "Specify prefix length in data files by using bcp".)

use crate::sqlserver::encoding::Encoding;
use crate::sqlserver::{Column, DataType, native};

/// What a field's bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sqlserver) enum Form {
    /// A value of a type of fixed width.
    Native,
    /// Text in this encoding.
    Text(Encoding),
    /// Bytes.
    Bytes,
}

/// One field of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sqlserver) struct Field {
    pub(in crate::sqlserver) data_type: DataType,
    /// Bytes of the length in front of the data: 0, 1, 2, 4 or 8.
    pub(in crate::sqlserver) prefix: u8,
    /// The data's length without a prefix, the most it may be with one.
    pub(in crate::sqlserver) length: Option<usize>,
    pub(in crate::sqlserver) form: Form,
    /// What ends the data; empty where its length does.
    pub(in crate::sqlserver) terminator: Vec<u8>,
}

/// Whose habits a file follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sqlserver) struct Habits {
    /// Whether columns that are NOT NULL have no prefix, as far as their type allows.
    pub(in crate::sqlserver) bare: bool,
    /// Whether `char(n)` NOT NULL has none either.
    pub(in crate::sqlserver) bare_char: bool,
    /// Whether `binary(n)` and `rowversion` NOT NULL have none either.
    pub(in crate::sqlserver) bare_binary: bool,
    /// Whether a `bit` always has one.
    pub(in crate::sqlserver) prefixed_bit: bool,
    /// Whether a `rowversion` has a prefix of 2 bytes instead of 1.
    pub(in crate::sqlserver) long_version: bool,
    /// The encoding of `char`, `varchar` and `text`.
    pub(in crate::sqlserver) narrow: Encoding,
}

/// Returns the field that a column makes.
pub(in crate::sqlserver) fn of_column(column: &Column, habits: Habits) -> Field {
    use DataType::*;
    let Column { data_type, nullable, .. } = *column;
    let unit = if habits.narrow == Encoding::Utf16LittleEndian { 2 } else { 1 };
    let narrow = Form::Text(habits.narrow);
    let wide = Form::Text(Encoding::Utf16LittleEndian);
    let bare = habits.bare && !nullable;
    let size = |length: u32, unit: usize| Some((length as usize).saturating_mul(unit));
    let (prefix, length, form) = match data_type {
        Bit if habits.prefixed_bit => (1, Some(1), Form::Native),
        UniqueIdentifier | Decimal { .. } => (1, native::width(data_type), Form::Native),
        Char(length) if bare && habits.bare_char => (0, size(length, unit), narrow),
        Char(length) | VarChar(length) => (2, size(length, unit), narrow),
        NChar(length) | NVarChar(length) => (2, size(length, 2), wide),
        Text => (4, None, narrow),
        NText => (4, None, wide),
        Image | SqlVariant => (4, None, Form::Bytes),
        VarCharMax => (8, None, narrow),
        NVarCharMax | Xml => (8, None, wide),
        VarBinaryMax | Udt | Unknown => (8, None, Form::Bytes),
        Binary(length) if bare && habits.bare_binary => (0, size(length, 1), Form::Bytes),
        RowVersion if bare && habits.bare_binary => (0, Some(8), Form::Bytes),
        Binary(length) | VarBinary(length) => (2, size(length, 1), Form::Bytes),
        RowVersion => (if habits.long_version { 2 } else { 1 }, Some(8), Form::Bytes),
        _ => (u8::from(!bare), native::width(data_type), Form::Native),
    };
    Field { data_type, prefix, length, form, terminator: Vec::new() }
}

impl Field {
    /// Tells whether the field holds text that is not UTF-16 by its type.
    pub(in crate::sqlserver) fn is_narrow(&self) -> bool {
        use DataType::*;
        matches!(self.data_type, Char(_) | VarChar(_) | VarCharMax | Text)
    }
}
