//! Types as the catalog has them.

/// A type, by its name in scripts; lengths of text in bytes for `char` and in UTF-16 units for `nchar`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Bit,
    TinyInt,
    SmallInt,
    Int,
    BigInt,
    Real,
    Float,
    Money,
    SmallMoney,
    Decimal(u8, u8),
    Numeric(u8, u8),
    Date,
    Time(u8),
    DateTime,
    SmallDateTime,
    DateTime2(u8),
    DateTimeOffset(u8),
    UniqueIdentifier,
    RowVersion,
    Char(u16),
    VarChar(u16),
    VarCharMax,
    Text,
    NChar(u16),
    NVarChar(u16),
    NVarCharMax,
    NText,
    Binary(u16),
    VarBinary(u16),
    VarBinaryMax,
    Image,
    SqlVariant,
    Xml,
}

use Kind::*;

impl Kind {
    /// Returns the number that the catalog has for the type.
    pub fn number(self) -> u8 {
        match self {
            Image => 34,
            Text => 35,
            UniqueIdentifier => 36,
            Date => 40,
            Time(_) => 41,
            DateTime2(_) => 42,
            DateTimeOffset(_) => 43,
            TinyInt => 48,
            SmallInt => 52,
            Int => 56,
            SmallDateTime => 58,
            Real => 59,
            Money => 60,
            DateTime => 61,
            Float => 62,
            SqlVariant => 98,
            NText => 99,
            Bit => 104,
            Decimal(..) => 106,
            Numeric(..) => 108,
            SmallMoney => 122,
            BigInt => 127,
            VarBinary(_) | VarBinaryMax => 165,
            VarChar(_) | VarCharMax => 167,
            Binary(_) => 173,
            Char(_) => 175,
            RowVersion => 189,
            NVarChar(_) | NVarCharMax => 231,
            NChar(_) => 239,
            Xml => 241,
        }
    }

    /// Returns the bytes that every value takes; `None` where they vary.
    pub fn fixed_size(self) -> Option<u16> {
        Some(match self {
            Bit | TinyInt => 1,
            SmallInt => 2,
            Int | Real | SmallMoney | SmallDateTime => 4,
            BigInt | Float | Money | DateTime | RowVersion => 8,
            Decimal(precision, _) | Numeric(precision, _) => match precision {
                0..=9 => 5,
                10..=19 => 9,
                20..=28 => 13,
                _ => 17,
            },
            Date => 3,
            Time(scale) => time_size(scale),
            DateTime2(scale) => time_size(scale) + 3,
            DateTimeOffset(scale) => time_size(scale) + 5,
            UniqueIdentifier => 16,
            Char(bytes) | Binary(bytes) => bytes,
            NChar(units) => 2 * units,
            _ => return None,
        })
    }

    /// Returns the length that the catalog has: -1 for types without a limit.
    pub fn length(self) -> i16 {
        match self {
            VarCharMax | NVarCharMax | VarBinaryMax | Xml => -1,
            Text | NText | Image => 16,
            SqlVariant => 8016,
            VarChar(bytes) | VarBinary(bytes) => bytes as i16,
            NVarChar(units) => 2 * units as i16,
            _ => self.fixed_size().unwrap_or_default() as i16,
        }
    }

    /// Returns precision and scale as the catalog has them.
    pub fn precision(self) -> (u8, u8) {
        let fraction = |scale: u8| if scale > 0 { scale + 1 } else { 0 };
        match self {
            Bit => (1, 0),
            TinyInt => (3, 0),
            SmallInt => (5, 0),
            Int => (10, 0),
            BigInt => (19, 0),
            Real => (24, 0),
            Float => (53, 0),
            Money => (19, 4),
            SmallMoney => (10, 4),
            Decimal(precision, scale) | Numeric(precision, scale) => (precision, scale),
            Date => (10, 0),
            Time(scale) => (8 + fraction(scale), scale),
            DateTime => (23, 3),
            SmallDateTime => (16, 0),
            DateTime2(scale) => (19 + fraction(scale), scale),
            DateTimeOffset(scale) => (26 + fraction(scale), scale),
            _ => (0, 0),
        }
    }

    /// Returns the type and its measures in one number, as SQL Server 2008 and later keep them.
    pub fn packed(self) -> u32 {
        let measures = match self {
            Decimal(precision, scale) | Numeric(precision, scale) => {
                u32::from(precision) | u32::from(scale) << 8
            }
            Time(scale) | DateTime2(scale) | DateTimeOffset(scale) => u32::from(scale),
            Char(_) | VarChar(_) | NChar(_) | NVarChar(_) | Binary(_) | VarBinary(_) => self.length() as u32,
            SqlVariant => 8016,
            _ => 0,
        };
        u32::from(self.number()) | measures << 8
    }

    /// Tells whether it holds UTF-16.
    pub fn is_wide(self) -> bool {
        matches!(self, NChar(_) | NVarChar(_) | NVarCharMax | NText)
    }

    /// Tells whether it holds text of a code page.
    pub fn is_narrow(self) -> bool {
        matches!(self, Char(_) | VarChar(_) | VarCharMax | Text)
    }

    /// Tells whether it is one of the types without limit that came with SQL Server 2005.
    pub fn is_max(self) -> bool {
        matches!(self, VarCharMax | NVarCharMax | VarBinaryMax | Xml)
    }

    /// Tells whether it is one of the types without limit that are older.
    pub fn is_old_large(self) -> bool {
        matches!(self, Text | NText | Image)
    }
}

fn time_size(scale: u8) -> u16 {
    match scale {
        0..=2 => 3,
        3..=4 => 4,
        _ => 5,
    }
}
