use super::*;

/// Fixed columns 7 and 8 as bytes, three columns in the bitmap of which the third is NULL, and two
/// columns of varying length, the second complex.
const RECORD: [u8; 20] = [
    HAS_NULLS | HAS_VARIABLE,
    0,
    6,
    0,
    7,
    8, // fixed
    3,
    0,
    0b100, // NULLs
    2,
    0,
    17,
    0,
    19,
    0x80, // ends
    b'a',
    b'b',
    1,
    2, // values
    0xEE,
];

#[test]
fn all_columns_are_found() {
    let record = Record::parse(&RECORD).unwrap();
    assert_eq!(record.bytes().len(), 19);
    assert_eq!(record.fixed(4, 2), Some(&[7, 8][..]));
    assert_eq!(record.variable(0), Some(Variable::Plain(b"ab")));
    assert_eq!(record.variable(1), Some(Variable::Complex(&[1, 2])));
    assert_eq!(record.variable(2), Some(Variable::Absent));
    let bits = (0..4).map(|column| record.null_bit(column)).collect::<Vec<_>>();
    assert_eq!(bits, [NullBit::Value, NullBit::Value, NullBit::Null, NullBit::Older]);
}

#[test]
fn a_record_of_old_engines_has_no_bitmap() {
    let record = Record::parse(&[0, 0, 6, 0, 7, 8]).unwrap();
    assert_eq!(record.null_bit(0), NullBit::Value);
    assert_eq!(record.variable(0), Some(Variable::Absent));
}

#[test]
fn a_version_tag_behind_the_columns_is_passed_over() {
    let mut bytes = RECORD.to_vec();
    bytes[0] |= HAS_VERSION;
    assert!(Record::parse(&bytes).is_none());
    bytes.resize(19 + VERSION_TAG, 0);
    assert_eq!(Record::parse(&bytes).unwrap().variable(0), Some(Variable::Plain(b"ab")));
}

#[test]
fn what_lies_outside_is_not_given() {
    let record = Record::parse(&RECORD).unwrap();
    assert_eq!(record.fixed(5, 2), None);
    assert_eq!(record.fixed(0, 4), None);
    assert_eq!(record.fixed(usize::MAX, 2), None);
    for length in 0..19 {
        assert!(Record::parse(&RECORD[..length]).is_none(), "{length}");
    }
    let mut crossed = RECORD;
    crossed[11] = 19;
    crossed[13] = 17;
    assert_eq!(Record::parse(&crossed).and_then(|record| record.variable(1)), None);
    crossed[11] = 3;
    assert_eq!(Record::parse(&crossed).and_then(|record| record.variable(0)), None);
}

#[test]
fn only_rows_are_rows() {
    let kinds = [0_u8, 1, 2, 3, 4, 5, 6, 7].map(|kind| kind_of(&[kind << 1]));
    assert_eq!(kinds[..2], [RecordKind::Row; 2]);
    assert_eq!(kinds[4], RecordKind::Fragment);
    assert!(kinds[2..4].iter().chain(&kinds[5..]).all(|kind| *kind == RecordKind::Other));
    assert_eq!(kind_of(&[]), RecordKind::Other);
}
