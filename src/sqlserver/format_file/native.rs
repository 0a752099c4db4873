//! Host types of native data: what a field's bytes are, and which type its column has.

use super::Refusal;
use crate::sqlserver::bcp::field::{Field, Form};
use crate::sqlserver::encoding::Encoding;
use crate::sqlserver::{DataType, native};

/// How a field is stored, as either kind of format file tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Storage {
    /// Bytes of the length in front; 0 if there is none.
    pub(super) prefix: u8,
    /// The length, or the most it may be; 0 and none mean that nothing is told.
    pub(super) length: Option<usize>,
    /// The native type; `None` for characters.
    pub(super) data_type: Option<DataType>,
}

impl Storage {
    /// Tells whether the field is characters up to a terminator.
    pub(super) fn is_plain(&self, terminator: &str) -> bool {
        self.prefix == 0 && self.data_type.is_none() && !terminator.is_empty()
    }
}

/// Returns the type that a name such as `SQLINT` stands for; `length` is in bytes for host types.
pub(super) fn data_type(
    name: &str,
    length: Option<u32>,
    precision: Option<u8>,
    scale: Option<u8>,
) -> Option<DataType> {
    let decimals = scale.unwrap_or(7).min(7);
    Some(match name {
        "SQLBIT" => DataType::Bit,
        "SQLTINYINT" => DataType::TinyInt,
        "SQLSMALLINT" => DataType::SmallInt,
        "SQLINT" => DataType::Int,
        "SQLBIGINT" => DataType::BigInt,
        "SQLMONEY" => DataType::Money,
        "SQLMONEY4" => DataType::SmallMoney,
        "SQLFLT4" => DataType::Real,
        "SQLFLT8" => DataType::Float,
        "SQLDATETIME" => DataType::DateTime,
        "SQLDATETIM4" => DataType::SmallDateTime,
        "SQLDATE" => DataType::Date,
        "SQLTIME" => DataType::Time(decimals),
        "SQLDATETIME2" => DataType::DateTime2(decimals),
        "SQLDATETIMEOFFSET" => DataType::DateTimeOffset(decimals),
        "SQLUNIQUEID" => DataType::UniqueIdentifier,
        "SQLDECIMAL" | "SQLNUMERIC" => {
            DataType::Decimal { precision: precision.unwrap_or(38), scale: scale.unwrap_or(0) }
        }
        "SQLBINARY" => DataType::Binary(length?),
        "SQLVARYBIN" => length.map_or(DataType::VarBinaryMax, DataType::VarBinary),
        "SQLIMAGE" => DataType::Image,
        "SQLVARIANT" => DataType::SqlVariant,
        "SQLUDT" => DataType::Udt,
        "SQLXML" => DataType::Xml,
        "SQLTEXT" => DataType::Text,
        "SQLNTEXT" => DataType::NText,
        "SQLCHAR" => DataType::Char(length?),
        "SQLVARYCHAR" => length.map_or(DataType::VarCharMax, DataType::VarChar),
        "SQLNCHAR" => DataType::NChar(length?),
        "SQLNVARCHAR" => length.map_or(DataType::NVarCharMax, DataType::NVarChar),
        _ => return None,
    })
}

/// Returns the type of a column of characters or bytes by the length in front of its data.
pub(super) fn by_prefix(wide: Option<bool>, prefix: u8, length: Option<usize>) -> DataType {
    let length = length.and_then(|length| u32::try_from(length).ok()).filter(|length| *length > 0);
    match (wide, prefix) {
        (Some(true), 4) => DataType::NText,
        (Some(false), 4) => DataType::Text,
        (None, 4) => DataType::Image,
        (Some(true), _) => length.map_or(DataType::NVarCharMax, |length| DataType::NVarChar(length / 2)),
        (Some(false), _) => length.map_or(DataType::VarCharMax, DataType::VarChar),
        (None, _) => length.map_or(DataType::VarBinaryMax, DataType::VarBinary),
    }
}

/// Makes the field of native data.
pub(super) fn field(number: usize, field: &super::Field) -> Result<Field, Refusal> {
    let super::Field { wide, terminator, storage, .. } = field;
    let damaged = |what: &str| Refusal::Damaged(format!("field {number} {what}"));
    let told = storage.length.filter(|length| *length > 0);
    let encoding = if *wide { Encoding::Utf16LittleEndian } else { Encoding::Windows1252 };
    let (data_type, form) = match storage.data_type {
        None => (by_prefix(Some(*wide), storage.prefix, told), Form::Text(encoding)),
        Some(data_type) if native::width(data_type).is_some() => (data_type, Form::Native),
        Some(data_type) if data_type.is_text() => {
            let narrow = matches!(
                data_type,
                DataType::Char(_) | DataType::VarChar(_) | DataType::VarCharMax | DataType::Text
            );
            (data_type, Form::Text(if narrow { Encoding::Windows1252 } else { Encoding::Utf16LittleEndian }))
        }
        Some(data_type) => (data_type, Form::Bytes),
    };
    let length = match form {
        Form::Native => native::width(data_type),
        _ => told.filter(|_| storage.prefix < 4),
    };
    if storage.prefix == 0 && terminator.is_empty() && length.is_none() {
        return Err(damaged("has neither length, prefix nor terminator"));
    }
    // Fixed text has its length in bytes.
    let terminator = terminator.chars().map(|letter| u8::try_from(u32::from(letter)));
    let terminator = terminator.collect::<Result<Vec<u8>, _>>();
    let terminator = terminator.map_err(|_| damaged("has a terminator of other than single bytes"))?;
    Ok(Field { data_type, prefix: storage.prefix, length, form, terminator })
}
