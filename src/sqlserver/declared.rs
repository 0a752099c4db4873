//! Types as `CREATE TABLE`, `CAST` and the model of a package declare them: a name, and lengths.

use super::DataType;

/// A type's name and what stands in parentheses behind it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Declared<'a> {
    /// The name, without schema and brackets.
    pub(super) name: &'a str,
    /// Whether the length is `max`.
    pub(super) max: bool,
    /// Length, precision or scale, in the order in which they stand.
    pub(super) first: Option<u32>,
    /// The scale of a decimal.
    pub(super) second: Option<u32>,
}

impl Declared<'_> {
    /// Returns the type; [`DataType::Unknown`] if the name is none of SQL Server's own.
    ///
    /// What is not told has the defaults of Microsoft Learn, "Data types (Transact-SQL)".
    pub(super) fn data_type(&self) -> DataType {
        use DataType::*;
        let length = self.first.unwrap_or(1);
        let decimals = self.first.map_or(7, |scale| scale.min(7) as u8);
        let digits = |number: Option<u32>, default: u8| number.map_or(default, |number| number.min(38) as u8);
        match self.name.to_ascii_lowercase().as_str() {
            "bit" => Bit,
            "tinyint" => TinyInt,
            "smallint" => SmallInt,
            "int" | "integer" => Int,
            "bigint" => BigInt,
            "decimal" | "numeric" | "dec" => {
                Decimal { precision: digits(self.first, 18), scale: digits(self.second, 0) }
            }
            "money" => Money,
            "smallmoney" => SmallMoney,
            "real" => Real,
            "float" if self.first.is_some_and(|bits| bits <= 24) => Real,
            "float" | "double precision" => Float,
            "date" => Date,
            "time" => Time(decimals),
            "smalldatetime" => SmallDateTime,
            "datetime" => DateTime,
            "datetime2" => DateTime2(decimals),
            "datetimeoffset" => DateTimeOffset(decimals),
            "varchar" if self.max => VarCharMax,
            "nvarchar" if self.max => NVarCharMax,
            "varbinary" if self.max => VarBinaryMax,
            "char" | "character" => Char(length),
            "varchar" => VarChar(length),
            "nchar" => NChar(length),
            "nvarchar" => NVarChar(length),
            "sysname" => NVarChar(128),
            "binary" => Binary(length),
            "varbinary" => VarBinary(length),
            "text" => Text,
            "ntext" => NText,
            "image" => Image,
            "timestamp" | "rowversion" => RowVersion,
            "uniqueidentifier" => UniqueIdentifier,
            "xml" => Xml,
            "sql_variant" => SqlVariant,
            "hierarchyid" | "geometry" | "geography" => Udt,
            _ => Unknown,
        }
    }
}
