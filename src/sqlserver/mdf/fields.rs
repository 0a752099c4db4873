//! Reading the columns of one partition's records.

use super::catalog::{ColumnKey, Physical};
use super::code_page::CodePage;
use super::decode::{Cell, ValueFault, decode, fixed_length};
use super::large::{LargeFault, LargeValues};
use super::lend::Lender;
use super::record::{NullBit, Record, Variable};
use crate::ledger::Cause;
use crate::sqlserver::{Column, DataType, Value};

/// The longest row, in bytes of what its values take.
const LIMIT: usize = 128 << 20;

/// Where a column's bytes are in a record.
#[derive(Debug, Clone, Copy)]
enum Place {
    Fixed {
        offset: usize,
        length: usize,
    },
    Bit {
        offset: usize,
        bit: u8,
    },
    Variable(u16),
    /// The partition never had the column.
    Nowhere,
}

/// A column of a partition.
#[derive(Debug)]
struct Field {
    place: Place,
    data_type: DataType,
    code_page: CodePage,
    null_bit: Option<u16>,
    nullable: bool,
}

/// The columns of a partition.
#[derive(Debug, Default)]
pub(super) struct Fields {
    fields: Vec<Field>,
    lender: Lender,
}

/// What is wrong with a column of a row.
#[derive(Debug)]
pub(super) struct FieldFault {
    /// The column, counted from 0.
    pub(super) column: usize,
    pub(super) cause: Cause,
    pub(super) detail: String,
}

impl Fields {
    /// Lays the columns of a table over the records of a partition.
    pub(super) fn new(keys: &[ColumnKey], physicals: &[Physical]) -> Fields {
        let by_number: std::collections::HashMap<i32, &Physical> =
            physicals.iter().rev().map(|physical| (physical.column, physical)).collect();
        let field = |key: &ColumnKey| {
            let physical = by_number.get(&key.number).copied();
            Field {
                place: physical.map_or(Place::Nowhere, place),
                data_type: physical.map_or(DataType::Unknown, |physical| physical.data_type),
                code_page: key.code_page,
                null_bit: physical.and_then(|physical| physical.null_bit),
                nullable: key.nullable,
            }
        };
        let mut lender = Lender::default();
        for key in keys {
            lender.push(key, by_number.get(&key.number).copied());
        }
        Fields { fields: keys.iter().map(field).collect(), lender }
    }

    /// Returns what reads almost every record faster.
    pub(super) fn lender(&self) -> &Lender {
        &self.lender
    }

    /// Reads all columns of a record; text and bytes go to the buffer.
    pub(super) fn read(
        &self,
        record: &Record<'_>,
        large: &mut LargeValues<'_>,
        scratch: &mut Scratch,
    ) -> Result<(), FieldFault> {
        scratch.clear();
        for (column, field) in self.fields.iter().enumerate() {
            match field.read(record, large, scratch) {
                Ok(cell) => scratch.cells.push(cell),
                Err((cause, detail)) => return Err(FieldFault { column, cause, detail }),
            }
        }
        Ok(())
    }
}

/// Returns where a column is.
fn place(physical: &Physical) -> Place {
    let offset = usize::try_from(physical.offset).unwrap_or_default();
    match (physical.offset, physical.data_type, fixed_length(physical.data_type)) {
        (0, ..) => Place::Nowhere,
        (..0, ..) => Place::Variable((-1 - i32::from(physical.offset)).unsigned_abs() as u16),
        (_, DataType::Bit, _) => Place::Bit { offset, bit: physical.bit & 7 },
        (_, _, Some(length)) => Place::Fixed { offset, length },
        (_, _, None) => Place::Nowhere,
    }
}

/// Buffers for the values of one row, used again and again.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    pub(super) cells: Vec<Cell>,
    pub(super) buffer: Vec<u8>,
    large: Vec<u8>,
}

impl Scratch {
    /// Buffers of large values are given back at this size, or one row would cost its memory forever.
    const LARGE: usize = 1 << 20;

    fn clear(&mut self) {
        self.cells.clear();
        for buffer in [&mut self.buffer, &mut self.large] {
            buffer.clear();
            buffer.shrink_to(Scratch::LARGE);
        }
    }
}

type Fault = (Cause, String);

/// SQL Server 2012 and later can add a column with a default without touching the rows.
const LATER: &str =
    "it was added after the row, and the default that stands for it is not kept with the rows";

impl Field {
    fn read(
        &self,
        record: &Record<'_>,
        large: &mut LargeValues<'_>,
        scratch: &mut Scratch,
    ) -> Result<Cell, Fault> {
        let damaged = |what: &str| (Cause::Malformed, what.to_owned());
        let null = Ok(Cell::Scalar(Value::Null));
        match self.null_bit.map(|bit| record.null_bit(bit)) {
            Some(NullBit::Null) => return null,
            Some(NullBit::Older) if self.nullable => return null,
            Some(NullBit::Older) => return Err(damaged(LATER)),
            Some(NullBit::Value) | None => {}
        }
        let bytes = match self.place {
            Place::Nowhere if self.nullable => return null,
            Place::Nowhere => return Err(damaged("the catalog does not tell where it lies")),
            Place::Bit { offset, bit } => {
                let byte = record.fixed(offset, 1).and_then(<[u8]>::first);
                let byte = byte.ok_or_else(|| damaged("the record is too short for it"))?;
                return Ok(Cell::Scalar(Value::Bit(byte >> bit & 1 != 0)));
            }
            Place::Fixed { offset, length } => {
                record.fixed(offset, length).ok_or_else(|| damaged("the record is too short for it"))?
            }
            Place::Variable(number) => {
                match record
                    .variable(number)
                    .ok_or_else(|| damaged("its ends in the record make no sense"))?
                {
                    Variable::Absent => &[],
                    Variable::Plain(bytes) => bytes,
                    Variable::Complex(row) => return self.read_large(row, large, scratch),
                }
            }
        };
        if scratch.buffer.len() > LIMIT {
            return Err(large_fault(&LargeFault::TooLarge(LIMIT)));
        }
        decode(bytes, self.data_type, self.code_page, &mut scratch.buffer).map_err(value_fault)
    }

    fn read_large(
        &self,
        row: &[u8],
        large: &mut LargeValues<'_>,
        scratch: &mut Scratch,
    ) -> Result<Cell, Fault> {
        let limit = LIMIT.saturating_sub(scratch.buffer.len());
        scratch.large.clear();
        match large.append(row, &mut scratch.large, limit) {
            Ok(true) => {}
            Ok(false) => return Ok(Cell::Scalar(Value::Null)),
            Err(fault) => return Err(large_fault(&fault)),
        }
        decode(&scratch.large, self.data_type, self.code_page, &mut scratch.buffer).map_err(value_fault)
    }
}

fn value_fault(fault: ValueFault) -> Fault {
    (fault.cause, fault.detail.to_owned())
}

fn large_fault(fault: &LargeFault) -> Fault {
    let cause = match fault {
        LargeFault::TooLarge(_) => Cause::TooLarge,
        LargeFault::Page(_) => Cause::DamagedContainer,
        _ => Cause::Malformed,
    };
    (cause, fault.to_string())
}

/// Says which column of a row is at fault.
pub(super) fn sentence(fault: &FieldFault, columns: &[Column]) -> String {
    let name = columns.get(fault.column).map(|column| column.name.as_str()).unwrap_or_default();
    format!("column {name} cannot be read: {}", fault.detail)
}

#[cfg(test)]
mod tests;
