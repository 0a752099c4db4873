//! Values of every type.

use uuid::Uuid;

use crate::database_builder::{Cell, Column, Database, JAPANESE, Kind, LATIN, Row, SQL_OEM_437, Table};
use crate::reading::{DAY, Files, assert_holds, expected, read};

/// Ticks of 2013-02-14 06:03:00.3950326.
const THEN: i64 = 634_964_185_803_950_326;

/// Puts values of a type in a table and asserts that they come out, in both dialects, from a heap and
/// from a clustered table, beside columns of other types.
fn assert_type(kind: Kind, values: Vec<Cell>) {
    let columns = || {
        vec![
            Column::new("id", Kind::Int).not_null(),
            Column::new("value", kind),
            Column::new("end", Kind::NVarChar(9)),
        ]
    };
    let mut rows: Vec<Row> = Vec::new();
    for value in values.into_iter().chain([Cell::Null]) {
        rows.push(Row::from(vec![Cell::from(rows.len() as i64), value, Cell::from("behind")]));
    }
    let newer = matches!(kind, Kind::Date | Kind::Time(_) | Kind::DateTime2(_) | Kind::DateTimeOffset(_));
    for version in [611, 661, 904].into_iter().filter(|version| !newer || *version >= 655) {
        for table in [Table::heap("t", columns()), Table::clustered("t", &["id"], columns())] {
            let mut database = Database::new("types", version);
            database.add(&table, rows.clone());
            let mdf = Files::of(&database.finish()).mdf().unwrap();
            println!("{kind:?}, version {version}");
            assert_holds(&mdf, &table, &rows);
        }
    }
}

fn integers(numbers: &[i64]) -> Vec<Cell> {
    numbers.iter().map(|number| Cell::from(*number)).collect()
}

fn times(ticks: &[i64]) -> Vec<Cell> {
    ticks.iter().map(|ticks| Cell::Time(*ticks)).collect()
}

#[test]
fn numbers() {
    assert_type(Kind::Bit, integers(&[0, 1]));
    assert_type(Kind::TinyInt, integers(&[0, 127, 255]));
    assert_type(Kind::SmallInt, integers(&[0, -1, i16::MIN.into(), i16::MAX.into()]));
    assert_type(Kind::Int, integers(&[0, -1, i32::MIN.into(), i32::MAX.into()]));
    assert_type(Kind::BigInt, integers(&[0, -1, i64::MIN, i64::MAX]));
    assert_type(Kind::Real, [0.0, -1.5, f32::MIN, f32::MIN_POSITIVE].map(Cell::Real).to_vec());
    assert_type(Kind::Float, [0.0, -1.5, f64::MAX, 0.1].map(Cell::Float).to_vec());
    assert_type(Kind::Money, [0, -1, i64::MIN.into(), i64::MAX.into()].map(Cell::Decimal).to_vec());
    assert_type(Kind::SmallMoney, [0, -1, i32::MIN.into(), i32::MAX.into()].map(Cell::Decimal).to_vec());
    for precision in [1, 9, 10, 19, 20, 28, 29, 38] {
        let most = 10_i128.pow(precision.into()) - 1;
        for scale in [0, precision / 2, precision] {
            let values = [0, 1, -1, most, -most].map(Cell::Decimal).to_vec();
            assert_type(Kind::Decimal(precision, scale), values.clone());
            assert_type(Kind::Numeric(precision, scale), values);
        }
    }
}

#[test]
fn dates_and_times() {
    let days = [1900, 1753, 1, 9999].map(|year: i64| {
        let before = year - 1;
        (before * 365 + before / 4 - before / 100 + before / 400) * DAY
    });
    let [from_1900, from_1753, first, last] = days;
    assert_type(
        Kind::DateTime,
        times(&[from_1900, from_1753, THEN, last + DAY - 40_000, THEN + 33_333, THEN + 66_667]),
    );
    assert_type(Kind::SmallDateTime, times(&[from_1900, THEN]));
    assert_type(Kind::Date, times(&[first, THEN, last + 364 * DAY]));
    for scale in 0..=7 {
        let moments = [first, THEN, last + 365 * DAY - 1];
        assert_type(Kind::Time(scale), times(&moments.map(|ticks| ticks % DAY)));
        assert_type(Kind::DateTime2(scale), times(&moments));
        let offsets = [(THEN, 0), (THEN, 330), (THEN, -840), (first, 0)];
        let offsets = offsets.map(|(ticks, offset)| Cell::Offset(ticks, offset)).to_vec();
        assert_type(Kind::DateTimeOffset(scale), offsets);
    }
}

#[test]
fn texts_and_bytes() {
    let texts = ["", "x", "blanks  ", "Größl", "“London”", "\u{81}\u{8D}\u{9D}", "NULL", "\0\r\n\t"];
    let cells: Vec<Cell> = texts.map(Cell::from).to_vec();
    for kind in [Kind::Char(12), Kind::VarChar(12), Kind::VarCharMax, Kind::Text] {
        assert_type(kind, cells.clone());
    }
    let mut wide = cells;
    wide.extend(["قاعة", "さとう", "😀", "\u{FFFE}"].map(Cell::from));
    for kind in [Kind::NChar(12), Kind::NVarChar(12), Kind::NVarCharMax, Kind::NText] {
        assert_type(kind, wide.clone());
    }
    let odd = vec![
        Cell::Units(vec![0xD83D]),
        Cell::Units(vec![0x41, 0xDE00, 0xD83D, 0x42]),
        Cell::Units(vec![0, 0]),
    ];
    for kind in [Kind::NVarChar(12), Kind::NVarCharMax, Kind::NText] {
        assert_type(kind, odd.clone());
    }
    let bytes =
        [&b""[..], b"\0", b"\xFF\x00\x80", &[7; 12]].map(|bytes| Cell::Bytes(bytes.to_vec())).to_vec();
    for kind in [Kind::Binary(12), Kind::VarBinary(12), Kind::VarBinaryMax, Kind::Image] {
        assert_type(kind, bytes.clone());
    }
    assert_type(
        Kind::UniqueIdentifier,
        vec![Cell::Guid(Uuid::from_u128(0x0011_2233_4455_6677_8899_AABB_CCDD_EEFF))],
    );
    assert_type(Kind::RowVersion, integers(&[2001, 0x0102_0304_0506_0708]));
}

#[test]
fn variants_are_values_of_their_own_types() {
    let of = |kind, cell| Cell::Variant(kind, LATIN, Box::new(cell));
    assert_type(
        Kind::SqlVariant,
        vec![
            of(Kind::Int, Cell::from(-5)),
            of(Kind::BigInt, Cell::from(i64::MAX)),
            of(Kind::TinyInt, Cell::from(5)),
            of(Kind::SmallInt, Cell::from(-5)),
            of(Kind::Bit, Cell::from(1)),
            of(Kind::Float, Cell::Float(0.25)),
            of(Kind::Real, Cell::Real(0.25)),
            of(Kind::Money, Cell::Decimal(-12_345)),
            of(Kind::Decimal(20, 3), Cell::Decimal(-12_345)),
            of(Kind::DateTime, Cell::Time(THEN)),
            of(Kind::SmallDateTime, Cell::Time(THEN)),
            of(Kind::UniqueIdentifier, Cell::Guid(Uuid::from_u128(7))),
            of(Kind::VarChar(20), Cell::from("Größl")),
            of(Kind::NVarChar(20), Cell::from("さとう")),
            of(Kind::VarBinary(20), Cell::Bytes(vec![1, 2, 3])),
        ],
    );
}

#[test]
fn newer_variants_are_values_of_their_own_types() {
    let of = |kind, cell| Cell::Variant(kind, LATIN, Box::new(cell));
    let values = [
        of(Kind::Date, Cell::Time(THEN)),
        of(Kind::Time(4), Cell::Time(THEN % DAY)),
        of(Kind::DateTime2(7), Cell::Time(THEN)),
        of(Kind::DateTimeOffset(3), Cell::Offset(THEN, 60)),
    ];
    let table = Table::heap("t", vec![Column::new("value", Kind::SqlVariant)]);
    let rows: Vec<Row> = values.into_iter().map(|value| Row::from(vec![value])).collect();
    let mut database = Database::new("types", 661);
    database.add(&table, rows.clone());
    assert_holds(&Files::of(&database.finish()).mdf().unwrap(), &table, &rows);
}

#[test]
fn text_is_decoded_by_the_code_page_of_its_collation() {
    for (collation, bytes, text) in [
        (LATIN, &b"M\xFCnchen \x80 \x81"[..], "München € \u{81}"),
        (SQL_OEM_437, b"M\x81nchen \xE1", "München ß"),
        (JAPANESE, b"\x82\xB3\x82\xC6\x82\xA4 \xB1", "さとう ｱ"),
    ] {
        for kind in [Kind::VarChar(40), Kind::VarCharMax, Kind::Text] {
            let column = Column::new("text", kind).collation(collation);
            let table = Table::heap("t", vec![column.clone()]);
            for version in [611, 661] {
                let mut database = Database::new("pages", version);
                database.add(&table, [Row::from(vec![Cell::Bytes(bytes.to_vec())])]);
                let came_out = read(&Files::of(&database.finish()).mdf().unwrap(), "t");
                assert_eq!(
                    came_out.rows,
                    [[expected(&column, &Cell::from(text))]],
                    "{kind:?} {collation:#X}"
                );
            }
        }
    }
}
