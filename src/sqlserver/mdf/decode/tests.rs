use super::*;

const LATIN: u32 = 0x3400_D008;

fn shown(bytes: &[u8], data_type: DataType) -> String {
    let mut buffer = b"before".to_vec();
    match decode(bytes, data_type, CodePage::of(LATIN), &mut buffer) {
        Ok(cell) => String::from_utf8(crate::sqlserver::form::plain(&cell.value(&buffer))).unwrap(),
        Err(fault) => format!("!{}", fault.cause),
    }
}

#[test]
fn every_type_is_read_from_its_bytes() {
    let decimal = DataType::Decimal { precision: 9, scale: 2 };
    let cases: &[(&[u8], DataType, &str)] = &[
        (&[3], DataType::Bit, "1"),
        (&[200], DataType::TinyInt, "200"),
        (&[0xFF, 0xFF], DataType::SmallInt, "-1"),
        (&[0, 0, 0, 0x80], DataType::Int, "-2147483648"),
        (&[0xFF; 8], DataType::BigInt, "-1"),
        (&[1, 0x1A, 4, 0, 0], decimal, "10.5"),
        (&[0, 0x1A, 4, 0, 0], decimal, "-10.5"),
        (&[0x18, 0x7F, 1, 0, 0, 0, 0, 0], DataType::Money, "9.8072"),
        (&[0xFF; 4], DataType::SmallMoney, "-0.0001"),
        (&0.15_f32.to_le_bytes(), DataType::Real, "0.15"),
        (&(-0.1_f64).to_le_bytes(), DataType::Float, "-0.1"),
        (&[0xA1, 0xC3, 9], DataType::DateTime2(0), "!malformed"),
        (&[0x0B, 0x1F, 0x0B], DataType::Date, "1996-07-04"),
        (&[0xFF, 0x5F, 0x4F, 0, 0x0B, 0x1F, 0x0B], DataType::DateTime2(3), "1996-07-04 01:26:41.919"),
        (&[60, 0, 0, 0x0B, 0x1F, 0x0B, 120, 0], DataType::DateTimeOffset(0), "1996-07-04 02:01:00+02:00"),
        (&[59, 0, 0], DataType::Time(0), "00:00:59"),
        (&[1, 0, 0, 0, 0xB0, 0x89, 0, 0], DataType::DateTime, "1996-07-04 00:00:00.003"),
        (&[2, 0, 0, 0, 0xB0, 0x89, 0, 0], DataType::DateTime, "1996-07-04 00:00:00.007"),
        (&[61, 0, 0xB0, 0x89], DataType::SmallDateTime, "1996-07-04 01:01:00.000"),
        (b"caf\xE9  ", DataType::Char(6), "café  "),
        (b"A\0\xAC\x20", DataType::NVarChar(2), "A€"),
        (b"A\0B\0", DataType::NText, "AB"),
        (&[0xAB, 0], DataType::VarBinaryMax, "0xAB00"),
        (&[0, 0, 0, 0, 0, 0, 7, 0xD1], DataType::RowVersion, "0x00000000000007D1"),
        (&[0xDF, 0xFF], DataType::Xml, "0xDFFF"),
        (&[56, 1, 7, 0, 0, 0], DataType::SqlVariant, "7"),
        (&[108, 1, 9, 2, 1, 0x1A, 4, 0, 0], DataType::SqlVariant, "10.5"),
        (b"\xE7\x01\x08\xD0\0\x34\x0A\0h\0i\0", DataType::SqlVariant, "hi"),
        (b"\xA7\x01\x08\xD0\0\x34\x0A\0\xE9", DataType::SqlVariant, "é"),
    ];
    for (bytes, data_type, text) in cases {
        assert_eq!(shown(bytes, *data_type), *text, "{data_type} {bytes:02X?}");
    }
}

#[test]
fn a_guid_has_its_first_three_groups_turned() {
    let bytes = [0xFF, 0x19, 0x96, 0x6F, 0x86, 0x8B, 0x11, 0xD0, 0xB4, 0x2D, 0, 0xC0, 0x4F, 0xC9, 0x64, 0xFF];
    assert_eq!(shown(&bytes, DataType::UniqueIdentifier), "6f9619ff-8b86-d011-b42d-00c04fc964ff");
}

#[test]
fn bytes_that_are_no_value_are_told() {
    let huge = DataType::Decimal { precision: 38, scale: 0 };
    let cases: &[(&[u8], DataType, &str)] = &[
        (&[], DataType::Int, "!malformed"),
        (&[0xFF; 17], huge, "!bad-number"),
        (&[1; 40], huge, "!bad-number"),
        (&[0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0], DataType::DateTime, "!bad-time"),
        (&[0, 0, 0, 0, 0, 0, 0, 0x80], DataType::DateTime, "!bad-time"),
        (&[0, 6, 0, 0], DataType::SmallDateTime, "!bad-time"),
        (&[0xFF; 3], DataType::Date, "!bad-time"),
        (&[0xFF; 5], DataType::Time(7), "!bad-time"),
        (&[], DataType::SqlVariant, "!malformed"),
        (&[98, 1, 98, 1, 0], DataType::SqlVariant, "!malformed"),
        (&[56, 2, 0, 0, 0, 0], DataType::SqlVariant, "!malformed"),
    ];
    for (bytes, data_type, text) in cases {
        assert_eq!(shown(bytes, *data_type), *text, "{data_type} {bytes:02X?}");
    }
}
