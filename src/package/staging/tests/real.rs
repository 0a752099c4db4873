//! The very bytes that `bcp` itself wrote, where its sample files have types of the lane.

use super::open;
use crate::chat::Guid;
use crate::package::staging::row::Row;
use crate::package::staging::table::{Column, Table};
use crate::sqlserver::real_files::bytes as shared;
use crate::sqlserver::{DataType, Dump, Value};

/// Tables of one nullable column, for files that `bcp` made of such.
macro_rules! one {
    ($data_type:expr) => {{
        static TABLE: Table =
            Table { name: "x", columns: &[Column { name: "c", data_type: $data_type, nullable: true }] };
        &TABLE
    }};
}

#[test]
fn the_bytes_are_those_of_bcp_itself() {
    if shared("bcp/types/int(10).bcp").is_none() {
        return;
    }
    let real = |file: &str| shared(&format!("bcp/types/{file}.bcp")).unwrap();
    let made = |table: &'static Table, fill: &dyn Fn(&mut Row<'_>)| {
        let mut out = Vec::new();
        fill(&mut Row::begin(&mut out, table));
        out
    };
    let sample = Guid::parse_str("6F9619FF-8B86-D011-B42D-00C04FC964FF").unwrap();
    let (int, bigint) = (one!(DataType::Int), one!(DataType::BigInt));
    let (guid, name, long) =
        (one!(DataType::UniqueIdentifier), one!(DataType::NVarChar(50)), one!(DataType::NVarCharMax));
    let no_text = None::<&[u8]>;
    let cases: [(&str, Vec<u8>); 14] = [
        ("int(10)", made(int, &|row| _ = row.number(10))),
        ("int(-2147483648)", made(int, &|row| _ = row.number(i64::from(i32::MIN)))),
        ("int(2147483647)", made(int, &|row| _ = row.number(i64::from(i32::MAX)))),
        ("int_null", made(int, &|row| _ = row.number(None))),
        ("bigint(max)", made(bigint, &|row| _ = row.number(i64::MAX))),
        ("bigint(min)", made(bigint, &|row| _ = row.number(i64::MIN))),
        ("bigint_null", made(bigint, &|row| _ = row.number(None))),
        ("uniqueidentifier", made(guid, &|row| _ = row.guid(sample))),
        ("uniqueidentifier_null", made(guid, &|row| _ = row.guid(None))),
        ("nvarchar(50)", made(name, &|row| _ = row.text(&b"KIKOO"[..]))),
        ("nvarchar(50)_null", made(name, &|row| _ = row.text(no_text))),
        ("nvarchar(max)", made(long, &|row| _ = row.text(&b"KIKOO"[..]))),
        ("nvarchar(max)_empty", made(long, &|row| _ = row.text(&b""[..]))),
        ("nvarchar(max)_null", made(long, &|row| _ = row.text(no_text))),
    ];
    for (file, made) in &cases {
        assert_eq!(*made, real(file), "{file}");
    }
    rows_of_four_columns(&real("4columns"));
}

/// Whole rows: what the reader finds in a real file is written again, to the same bytes.
fn rows_of_four_columns(real: &[u8]) {
    static TABLE: Table = Table {
        name: "x",
        columns: &[
            Column { name: "a", data_type: DataType::NVarCharMax, nullable: true },
            Column { name: "b", data_type: DataType::NVarCharMax, nullable: true },
            Column { name: "c", data_type: DataType::Int, nullable: true },
            Column { name: "d", data_type: DataType::Int, nullable: true },
        ],
    };
    let bcp = open(real.to_vec(), TABLE.format_file().as_bytes());
    let mut rows = bcp.rows(0).unwrap();
    let (mut out, mut count) = (Vec::new(), 0);
    while let Some(row) = rows.next_row().unwrap() {
        let mut again = Row::begin(&mut out, &TABLE);
        for value in row.unwrap().values.iter() {
            match value {
                Value::Text { bytes, .. } => again.text(&bytes[..]),
                Value::Integer(number) => again.number(*number),
                other => panic!("{other:?}"),
            };
        }
        count += 1;
    }
    assert_eq!((count, out.as_slice()), (3, real));
}
