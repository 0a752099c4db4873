use super::super::pages::{PageBytes, PageError, PageId, Pages};
use super::*;
use crate::sqlserver::form::plain;

/// No pages at all.
struct Nothing;

impl Pages for Nothing {
    fn files(&self) -> Vec<u16> {
        Vec::new()
    }

    fn page_count(&self, _: u16) -> u32 {
        0
    }

    fn page(&self, file: u16, page: u32, _: &mut PageBytes) -> Result<(), PageError> {
        Err(PageError::NoFile(PageId { file, page }))
    }
}

fn key(number: i32, nullable: bool) -> ColumnKey {
    ColumnKey { number, code_page: CodePage::of(0x3400_D008), nullable }
}

fn physical(column: i32, data_type: DataType, offset: i16, null_bit: u16) -> Physical {
    Physical { column, data_type, offset, bit: 0, null_bit: Some(null_bit), sparse: false }
}

/// Bits in byte 4, a `smallint` at 5, then two columns of varying length; the second column is NULL.
const RECORD: [u8; 22] =
    [0x30, 0, 7, 0, 0b10, 0x2C, 1, 5, 0, 0b10, 2, 0, 19, 0, 22, 0, b'h', 0, b'i', b'a', b'b', b'c'];

fn read(keys: &[ColumnKey], physicals: &[Physical]) -> Result<Vec<String>, String> {
    let record = Record::parse(&RECORD).unwrap();
    let (fields, mut scratch) = (Fields::new(keys, physicals), Scratch::default());
    let read = fields.read(&record, &mut LargeValues::new(&Nothing), &mut scratch);
    read.map_err(|fault| format!("{}: {}: {}", fault.column, fault.cause, fault.detail))?;
    let shown = |cell: &Cell| String::from_utf8(plain(&cell.value(&scratch.buffer))).unwrap();
    Ok(scratch.cells.iter().map(shown).collect())
}

#[test]
fn columns_are_matched_by_number_and_others_are_passed_over() {
    let bit = |column, bit, null_bit| Physical { bit, ..physical(column, DataType::Bit, 4, null_bit) };
    // Column 9 was dropped, and its bytes stay.
    let physicals = [
        physical(9, DataType::VarBinary(9), -1, 4),
        physical(3, DataType::VarChar(9), -2, 3),
        physical(2, DataType::SmallInt, 5, 2),
        bit(1, 0, 0),
        bit(4, 1, 4),
        physical(5, DataType::SmallInt, 5, 1),
    ];
    let keys = [1, 2, 3, 4, 5].map(|number| key(number, true));
    assert_eq!(read(&keys, &physicals).unwrap(), ["0", "300", "abc", "1", "\\N"]);
}

#[test]
fn a_column_younger_than_the_row_is_null_or_told() {
    let young = [physical(1, DataType::Int, 7, 5)];
    assert_eq!(read(&[key(1, true)], &young).unwrap(), ["\\N"]);
    let fault = read(&[key(1, false)], &young).unwrap_err();
    assert!(fault.starts_with("0: malformed: it was added after the row"), "{fault}");
}

#[test]
fn trailing_columns_that_were_cut_are_empty() {
    assert_eq!(read(&[key(1, true)], &[physical(1, DataType::VarChar(5), -3, 4)]).unwrap(), [""]);
}

#[test]
fn what_the_record_cannot_hold_is_told() {
    let fault = |data_type, offset| read(&[key(1, false)], &[physical(1, data_type, offset, 4)]).unwrap_err();
    assert_eq!(fault(DataType::BigInt, 5), "0: malformed: the record is too short for it");
    assert_eq!(fault(DataType::Bit, 100), "0: malformed: the record is too short for it");
    assert_eq!(fault(DataType::NVarChar(9), -1), "0: bad-encoding: it ends with half a UTF-16 code unit");
    assert_eq!(
        read(&[key(1, false)], &[]).unwrap_err(),
        "0: malformed: the catalog does not tell where it lies"
    );
}
