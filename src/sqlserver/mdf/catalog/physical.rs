//! Where the columns of a rowset lie in its records: two dialects, that of SQL Server 2005 and that of
//! all later versions.
//!
//! Columns are matched by their own number. The number that counts columns in their physical order
//! differs wherever the primary key is not leading.

use std::collections::HashMap;

use super::super::bytes::{i16_at, i32_at, i64_at, u8_at, u16_at, u32_at};
use super::super::decode::data_type;
use super::base::Base;
use crate::sqlserver::DataType;

const DROPPED: i32 = 2;
const SPARSE: i32 = 256;

/// A column of a rowset.
#[derive(Debug, Clone, Copy)]
pub(in crate::sqlserver::mdf) struct Physical {
    /// The number of the table's column.
    pub(in crate::sqlserver::mdf) column: i32,
    /// The type of the bytes.
    pub(in crate::sqlserver::mdf) data_type: DataType,
    /// Where a fixed column lies; of others the number, counted down from -1.
    pub(in crate::sqlserver::mdf) offset: i16,
    /// The bit of a `bit`.
    pub(in crate::sqlserver::mdf) bit: u8,
    /// Its number in the bitmap of NULLs, from 0.
    pub(in crate::sqlserver::mdf) null_bit: Option<u16>,
    /// Whether it lies in the vector of sparse columns.
    pub(in crate::sqlserver::mdf) sparse: bool,
}

/// The columns of rowsets, by the rowset's number.
pub(in crate::sqlserver::mdf) type Physicals = HashMap<i64, Vec<Physical>>;

/// Reads the columns of the given rowsets in the dialect of SQL Server 2008 and later.
pub(super) fn read(base: &mut Base<'_>, mut found: Physicals) -> Physicals {
    base.rows("sysrscols", 3, |record| {
        let fixed = record.bytes();
        let status = i32_at(fixed, 40)?;
        let Some(columns) = found.get_mut(&i64_at(fixed, 4)?).filter(|_| status & DROPPED == 0) else {
            return Some(());
        };
        let [number, low, high, _] = u32_at(fixed, 28)?.to_le_bytes();
        let length = i32::from(u16::from_le_bytes([low, high]));
        let scale = if matches!(number, 106 | 108) { high } else { low };
        columns.push(Physical {
            column: i32_at(fixed, 12)?,
            data_type: data_type(number, length, low, scale),
            offset: i16_at(fixed, 44)?,
            bit: u8_at(fixed, 52)?,
            null_bit: u16_at(fixed, 48)?.checked_sub(1),
            sparse: status & SPARSE != 0,
        });
        Some(())
    });
    found
}

/// Reads the columns of the given rowsets in the dialect of SQL Server 2005.
pub(super) fn read_2005(base: &mut Base<'_>, mut found: Physicals) -> Physicals {
    // The numbers of the tables' columns, by rowset and physical order.
    let mut numbers: HashMap<(i64, i32), i32> = HashMap::new();
    base.rows("sysrowsetcolumns", 4, |record| {
        let fixed = record.bytes();
        let rowset = i64_at(fixed, 4)?;
        if found.contains_key(&rowset) {
            numbers.insert((rowset, i32_at(fixed, 16)?), i32_at(fixed, 12)?);
        }
        Some(())
    });
    base.rows("syshobtcolumns", 13, |record| {
        let fixed = record.bytes();
        let rowset = i64_at(fixed, 4)?;
        let number = numbers.get(&(rowset, i32_at(fixed, 12)?));
        let (Some(&column), Some(columns)) = (number, found.get_mut(&rowset)) else { return Some(()) };
        let length = i32::from(i16_at(fixed, 23)?);
        columns.push(Physical {
            column,
            data_type: data_type(u8_at(fixed, 22)?, length, u8_at(fixed, 25)?, u8_at(fixed, 26)?),
            offset: i16_at(fixed, 31)?,
            bit: u8_at(fixed, 35)?,
            null_bit: u16_at(fixed, 37)?.checked_sub(1),
            sparse: false,
        });
        Some(())
    });
    found
}

impl Physical {
    /// Returns why rows with such a column cannot be read.
    pub(super) fn refusal(&self) -> Option<&'static str> {
        let fixed_only = matches!(self.data_type, DataType::Decimal { .. }) && self.offset < 0;
        match self.sparse {
            true => Some("it has sparse columns"),
            false if self.data_type == DataType::Unknown && self.offset > 0 => {
                Some("a column is of an unknown type")
            }
            false if fixed_only => Some("it is stored in the vardecimal format"),
            false => None,
        }
    }
}
