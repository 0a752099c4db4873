//! Column types of SQL Server, and their names.

use std::fmt;

/// A column type.
///
/// Its form as text is that of a `CREATE TABLE` statement, such as `nvarchar(256)`.
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
    /// `decimal(p, s)` and its synonym `numeric(p, s)`.
    Decimal {
        /// Digits in all.
        precision: u8,
        /// Digits behind the point.
        scale: u8,
    },
    /// `money`
    Money,
    /// `smallmoney`
    SmallMoney,
    /// `real`, which is `float(24)`
    Real,
    /// `float`, which is `float(53)`
    Float,
    /// `date`
    Date,
    /// `time(n)`; decimals of a second.
    Time(u8),
    /// `smalldatetime`
    SmallDateTime,
    /// `datetime`
    DateTime,
    /// `datetime2(n)`; decimals of a second.
    DateTime2(u8),
    /// `datetimeoffset(n)`; decimals of a second.
    DateTimeOffset(u8),
    /// `char(n)`; the length in bytes.
    Char(u32),
    /// `varchar(n)`; the length in bytes.
    VarChar(u32),
    /// `varchar(max)`
    VarCharMax,
    /// `text`
    Text,
    /// `nchar(n)`; the length in UTF-16 code units.
    NChar(u32),
    /// `nvarchar(n)`; the length in UTF-16 code units.
    NVarChar(u32),
    /// `nvarchar(max)`
    NVarCharMax,
    /// `ntext`
    NText,
    /// `binary(n)`
    Binary(u32),
    /// `varbinary(n)`
    VarBinary(u32),
    /// `varbinary(max)`
    VarBinaryMax,
    /// `image`
    Image,
    /// `rowversion`, which older scripts call `timestamp`: 8 bytes, no time.
    RowVersion,
    /// `uniqueidentifier`
    UniqueIdentifier,
    /// `xml`
    Xml,
    /// `sql_variant`
    SqlVariant,
    /// Types of the common language runtime: `hierarchyid`, `geometry`, `geography` and users' own.
    Udt,
}

impl DataType {
    /// Tells whether the type holds text.
    pub fn is_text(self) -> bool {
        use DataType::*;
        matches!(
            self,
            Char(_) | VarChar(_) | VarCharMax | Text | NChar(_) | NVarChar(_) | NVarCharMax | NText | Xml
        )
    }

    /// Tells whether the type holds bytes that are neither text nor number.
    pub fn is_binary(self) -> bool {
        use DataType::*;
        matches!(self, Binary(_) | VarBinary(_) | VarBinaryMax | Image | RowVersion | Udt)
    }

    fn name(self) -> &'static str {
        use DataType::*;
        match self {
            Unknown => "unknown",
            Bit => "bit",
            TinyInt => "tinyint",
            SmallInt => "smallint",
            Int => "int",
            BigInt => "bigint",
            Decimal { .. } => "decimal",
            Money => "money",
            SmallMoney => "smallmoney",
            Real => "real",
            Float => "float",
            Date => "date",
            Time(_) => "time",
            SmallDateTime => "smalldatetime",
            DateTime => "datetime",
            DateTime2(_) => "datetime2",
            DateTimeOffset(_) => "datetimeoffset",
            Char(_) => "char",
            VarChar(_) | VarCharMax => "varchar",
            Text => "text",
            NChar(_) => "nchar",
            NVarChar(_) | NVarCharMax => "nvarchar",
            NText => "ntext",
            Binary(_) => "binary",
            VarBinary(_) | VarBinaryMax => "varbinary",
            Image => "image",
            RowVersion => "rowversion",
            UniqueIdentifier => "uniqueidentifier",
            Xml => "xml",
            SqlVariant => "sql_variant",
            Udt => "udt",
        }
    }
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use DataType::*;
        f.write_str(self.name())?;
        match self {
            Decimal { precision, scale } => write!(f, "({precision}, {scale})"),
            Time(scale) | DateTime2(scale) | DateTimeOffset(scale) => write!(f, "({scale})"),
            Char(length) | VarChar(length) | NChar(length) | NVarChar(length) | Binary(length)
            | VarBinary(length) => write!(f, "({length})"),
            VarCharMax | NVarCharMax | VarBinaryMax => f.write_str("(max)"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_named_as_in_a_create_table_statement() {
        let named = [
            (DataType::Decimal { precision: 18, scale: 2 }, "decimal(18, 2)"),
            (DataType::NVarChar(256), "nvarchar(256)"),
            (DataType::VarBinaryMax, "varbinary(max)"),
            (DataType::DateTime2(7), "datetime2(7)"),
            (DataType::NText, "ntext"),
        ];
        for (data_type, name) in named {
            assert_eq!(data_type.to_string(), name);
        }
    }
}
