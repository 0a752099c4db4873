//! Real files of one column, read where they lie, and made-up ones.

mod stretches;

use std::io::Read;

use super::*;
use crate::ledger::Cause;
use crate::sqlserver::form::plain;
use crate::sqlserver::real_files::bytes as shared;
use crate::sqlserver::{DataType, RowResult, Value};

#[derive(Debug)]
struct Memory(Vec<u8>);

impl Blob for Memory {
    fn open(&self) -> std::io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(std::io::Cursor::new(self.0.clone())))
    }

    fn size(&self) -> Option<u64> {
        Some(self.0.len() as u64)
    }
}

fn open(bytes: &[u8], options: BcpOptions) -> Result<Bcp> {
    Bcp::open("dump/tblThing.bcp", Arc::new(Memory(bytes.to_vec())), options)
}

fn columns(types: &[(DataType, bool)]) -> Option<Vec<Column>> {
    let column = |(at, &(data_type, nullable)): (usize, &(DataType, bool))| Column {
        name: format!("c{at}"),
        data_type,
        nullable,
    };
    Some(types.iter().enumerate().map(column).collect())
}

fn of_columns(bytes: &[u8], types: &[(DataType, bool)]) -> Result<Bcp> {
    open(bytes, BcpOptions { columns: columns(types), ..BcpOptions::default() })
}

fn by_format(format: &str, bytes: &[u8]) -> Bcp {
    let format = FormatFile::parse("x.fmt", format.as_bytes()).unwrap();
    open(bytes, BcpOptions { format: Some(format), row_limit: Some(1 << 16), ..BcpOptions::default() })
        .unwrap()
}

fn told(row: RowResult<'_>) -> String {
    let show = |value: &Value<'_>| match value {
        Value::Null => "-".to_owned(),
        Value::Text { .. } => format!("'{}'", String::from_utf8_lossy(&plain(value))),
        _ => String::from_utf8(plain(value)).unwrap(),
    };
    match row {
        Ok(row) => row.values.iter().map(show).collect::<Vec<_>>().join("|"),
        Err(fault) => format!("!{}@{}", fault.cause, fault.byte),
    }
}

/// Reads all rows, both ways, and tells that they agree.
fn rows(dump: &Bcp) -> Vec<String> {
    let mut pulled = Vec::new();
    let mut reader = dump.rows(0).unwrap();
    while let Some(row) = reader.next_row().unwrap() {
        pulled.push(told(row));
    }
    let mut pushed = Vec::new();
    let mut take = |row: RowResult<'_>| {
        pushed.push(told(row));
        Ok(())
    };
    dump.rows(0).unwrap().for_each_row(&mut take).unwrap();
    assert_eq!(pulled, pushed);
    pulled
}

/// Reads a real file of one nullable column.
fn one(name: &str, data_type: DataType) -> Option<String> {
    let bytes = shared(&format!("bcp/types/{name}.bcp"))?;
    let dump = of_columns(&bytes, &[(data_type, true)]).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(dump.row_count(), 1, "{name}");
    Some(rows(&dump).join("//"))
}

#[test]
fn real_values_of_every_type_are_read() {
    use DataType::*;
    let padded = |text: &str, width: usize| format!("'{text:width$}'");
    for (name, data_type, expected) in [
        ("bigint(max)", BigInt, "9223372036854775807".to_owned()),
        ("bigint(min)", BigInt, "-9223372036854775808".to_owned()),
        ("bigint_null", BigInt, "-".to_owned()),
        ("int(-2147483648)", Int, "-2147483648".to_owned()),
        ("int(10)", Int, "10".to_owned()),
        ("int(1000)", Int, "1000".to_owned()),
        ("int(2)", Int, "2".to_owned()),
        ("int(2147483647)", Int, "2147483647".to_owned()),
        ("int_null", Int, "-".to_owned()),
        ("float(1)", Real, "1234.5677".to_owned()),
        ("float(24)", Real, "1234.5677".to_owned()),
        ("float(53)", Float, "1234.5678".to_owned()),
        ("float_null", Float, "-".to_owned()),
        ("real_null", Real, "-".to_owned()),
        ("uniqueidentifier", UniqueIdentifier, "6f9619ff-8b86-d011-b42d-00c04fc964ff".to_owned()),
        ("uniqueidentifier_null", UniqueIdentifier, "-".to_owned()),
        ("datetime_seconds", DateTime, "2004-05-23 14:25:10.000".to_owned()),
        ("datetime_milliseconds", DateTime, "2004-05-23 14:25:10.123".to_owned()),
        ("datetime_min", DateTime, "1753-01-01 00:00:00.000".to_owned()),
        ("datetime2_seconds", DateTime2(7), "2004-05-23 14:25:10.0000000".to_owned()),
        ("datetime2_null", DateTime2(7), "-".to_owned()),
        ("date_null", Date, "-".to_owned()),
        ("time_null", Time(7), "-".to_owned()),
        ("char(10)", Char(10), padded("KIKOO", 10)),
        ("char(1)_null", Char(1), "-".to_owned()),
        ("char(1000)", Char(1000), padded("KIKOO", 1000)),
        ("char(8000)_null", Char(8000), "-".to_owned()),
        ("nchar(10)", NChar(10), padded("KIKOO", 10)),
        ("nchar(1000)", NChar(1000), padded("KIKOO", 1000)),
        ("varchar(50)", VarChar(50), "'KIKOO'".to_owned()),
        ("nvarchar(50)", NVarChar(50), "'KIKOO'".to_owned()),
        ("nvarchar(50)_null", NVarChar(50), "-".to_owned()),
        ("nvarchar(max)", NVarCharMax, "'KIKOO'".to_owned()),
        ("nvarchar(max)_empty", NVarCharMax, "''".to_owned()),
        ("nvarchar(max)_null", NVarCharMax, "-".to_owned()),
        ("varchar(max)", VarCharMax, "'KIKOO'".to_owned()),
        ("varchar(max)_empty", VarCharMax, "''".to_owned()),
        ("varchar(max)_null", VarCharMax, "-".to_owned()),
        ("text_empty", Text, "''".to_owned()),
        ("text_null", Text, "-".to_owned()),
        ("ntext_empty", NText, "''".to_owned()),
        ("ntext_null", NText, "-".to_owned()),
        ("varbinary(50)", VarBinary(50), "0x4B494B4F4F".to_owned()),
        ("varbinary(50)_null", VarBinary(50), "-".to_owned()),
        ("varbinary(max)", VarBinaryMax, "0x4B494B4F4F".to_owned()),
        ("varbinary(max)_empty", VarBinaryMax, "0x".to_owned()),
        ("varbinary(max)_null", VarBinaryMax, "-".to_owned()),
        ("binary(2)", Binary(2), "0x4B49".to_owned()),
        ("binary(8000)_null", Binary(8000), "-".to_owned()),
        ("xml", Xml, "'<content>KIKOO</content>'".to_owned()),
        ("xml_empty", Xml, "''".to_owned()),
        ("xml_null", Xml, "-".to_owned()),
    ] {
        let Some(found) = one(name, data_type) else { return };
        assert_eq!(found, expected, "{name}");
    }
    for (name, data_type) in [
        ("date", Date),
        ("time", Time(7)),
        ("datetime2_min", DateTime2(7)),
        ("datetime2_milliseconds", DateTime2(7)),
        ("real", Real),
        ("float(4)", Real),
        ("float(25)", Float),
        ("text", Text),
        ("ntext", NText),
        ("char(2)", Char(2)),
        ("nchar(2)", NChar(2)),
        ("char(8000)", Char(8000)),
        ("binary(1000)", Binary(1000)),
        ("binary(50)", Binary(50)),
        ("SQLXmlTest1", Xml),
        ("SQLXmlTest2", Xml),
        ("SQLXmlTest3", Xml),
        ("SQLNVarCharTest1", NVarCharMax),
        ("SQLNVarCharTest3", NVarCharMax),
        ("SQLVarCharTest1", VarCharMax),
        ("SQLVarCharTest3", VarCharMax),
        ("xmldeclaration1", Xml),
        ("char(1)", Char(1)),
    ] {
        let found = one(name, data_type).unwrap();
        assert!(!found.starts_with('!') && found != "-" && !found.contains('\u{FFFD}'), "{name}: {found}");
    }
}

#[test]
fn chunks_of_unknown_length_are_joined() {
    let Some(found) = one("xmlzerolastchunk", DataType::Xml) else { return };
    assert!(
        found.starts_with("'<holdings name=\"T1\" date") && found.ends_with("</holdings>'"),
        "{}",
        &found[found.len() - 80..]
    );
}

#[test]
fn a_code_page_is_the_callers_to_know() {
    let Some(bytes) = shared("bcp/types/varchar(10)_oemcodepage.bcp") else { return };
    assert_eq!(rows(&of_columns(&bytes, &[(DataType::VarChar(10), true)]).unwrap()), ["'KIKOO ‚—…'"]);
}

#[test]
fn four_columns_and_three_rows() {
    let Some(bytes) = shared("bcp/types/4columns.bcp") else { return };
    let types = [
        (DataType::NVarCharMax, true),
        (DataType::NVarCharMax, true),
        (DataType::Int, true),
        (DataType::Int, true),
    ];
    let found = rows(&of_columns(&bytes, &types).unwrap());
    assert_eq!(found.len(), 3);
    assert!(found[0].starts_with("'Frédéric François'|'Chopin'|"), "{found:?}");
    // Nullability that is not known rightly is found out.
    let strict = types.map(|(data_type, _)| (data_type, false));
    assert_eq!(rows(&of_columns(&bytes, &strict).unwrap()), found);
}

#[test]
fn columns_that_do_not_fit_are_refused() {
    let Some(bytes) = shared("bcp/types/4columns.bcp") else { return };
    let error = of_columns(&bytes, &[(DataType::Int, true), (DataType::NVarChar(5), true)]).unwrap_err();
    assert!(error.to_string().contains("its bytes do not fit the columns: in row 1, field 1"), "{error}");
    assert!(
        open(&bytes, BcpOptions::default()).unwrap_err().to_string().contains("nothing tells its columns")
    );
}

const FORMAT: &str = "12.0\n4\n1 SQLINT 0 4 \"\" 2 id \"\"\n2 SQLNCHAR 2 20 \"\" 1 name x\n3 SQLCHAR 0 9 \"\\t\" 3 note x\n\
                      4 SQLBINARY 8 0 \"\" 0 skipped \"\"\n";

fn record(id: i32, name: &str, note: &str) -> Vec<u8> {
    let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    [
        &id.to_le_bytes()[..],
        &(name.len() as u16).to_le_bytes(),
        &name,
        note.as_bytes(),
        b"\t",
        &[0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2, 0, 0, 0, 1, 2, 0, 0, 0, 0],
    ]
    .concat()
}

#[test]
fn a_format_file_says_all() {
    let bytes = [record(1, "Änn", "x"), record(-2, "", ""), record(3, "Z", "\0")].concat();
    let dump = by_format(FORMAT, &bytes);
    assert_eq!(dump.tables()[0].name, "tblThing");
    assert_eq!(rows(&dump), ["'Änn'|1|'x'", "''|-2|-", "'Z'|3|''"]);
}

#[test]
fn the_format_file_of_the_vendor_is_followed() {
    let Some(format) = shared("bcp/product.fmt") else { return };
    let text = |text: &str| -> Vec<u8> {
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        [&(units.len() as u16).to_le_bytes()[..], &units].concat()
    };
    let bytes = [
        text("Bike"),
        vec![0xFF, 0xFF],
        vec![0, 0, 0, 0, 0x10, 0x27, 0, 0],
        text("L"),
        vec![4, 7, 0, 0, 0],
        text("{}"),
        text(""),
    ]
    .concat();
    let dump = by_format(&String::from_utf8(format).unwrap(), &bytes);
    assert_eq!(rows(&dump), ["'Bike'|-|1|'L'|7|'{}'|''"]);
}

#[test]
fn what_is_wrong_is_told_where() {
    let good = record(1, "a", "b");
    let cut = [&good[..], &good[..good.len() - 1]].concat();
    assert_eq!(rows(&by_format(FORMAT, &cut)), ["'a'|1|'b'", &format!("!truncated@{}", good.len())]);
    let mut long = record(2, "a", "b");
    long[4] = 21;
    let dump = by_format(FORMAT, &[good.clone(), long].concat());
    let mut reader = dump.rows(0).unwrap();
    reader.next_row().unwrap();
    let fault = reader.next_row().unwrap().unwrap().unwrap_err();
    assert_eq!(fault.cause, Cause::Malformed);
    assert!(fault.detail.contains("a length of 21 where 20 at most are expected"), "{}", fault.detail);
}

#[test]
fn a_row_beyond_the_limit_is_told_and_the_next_is_read() {
    let bytes = [record(1, "a", "b"), record(2, "a", &"x".repeat(3 << 20)), record(3, "c", "d")].concat();
    let found = rows(&by_format(FORMAT, &bytes));
    assert_eq!(
        found,
        ["'a'|1|'b'".to_owned(), format!("!too-large@{}", record(1, "a", "b").len()), "'c'|3|'d'".to_owned()]
    );
}

#[test]
fn any_cut_and_any_changed_byte_is_survived() {
    let bytes = [record(1, "a", "b"), record(2, "cd", "")].concat();
    for at in 0..bytes.len() {
        rows(&by_format(FORMAT, &bytes[..at]));
        for byte in [0, 1, 0x7F, 0xFE, 0xFF] {
            let mut changed = bytes.clone();
            changed[at] = byte;
            rows(&by_format(FORMAT, &changed));
        }
    }
    let huge = [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1];
    assert!(of_columns(&huge, &[(DataType::VarBinaryMax, true)]).is_err());
    assert!(of_columns(&[0xFD; 20], &[(DataType::VarBinaryMax, true)]).is_err());
    assert!(of_columns(b"x", &[]).is_err());
}

#[test]
fn an_empty_file_has_no_rows_whatever_its_layout() {
    let types = [(DataType::Int, false), (DataType::Bit, false), (DataType::Char(4), false)];
    let dump = of_columns(b"", &types).unwrap();
    assert_eq!((dump.row_count(), rows(&dump).len()), (0, 0));
    assert_eq!(rows(&by_format(FORMAT, b"")), [""; 0]);
}

#[test]
fn a_file_that_was_cut_off_gives_the_rows_before_and_one_fault() {
    let row = |id: u8| [&[4, id, 0, 0, 0, 4, 0][..], b"a\0b\0"].concat();
    let bytes = [row(1), row(2), row(3)].concat();
    let types = [(DataType::Int, true), (DataType::NVarChar(5), true)];
    for cut in 12..22 {
        let dump = of_columns(&bytes[..cut], &types).unwrap();
        assert_eq!(rows(&dump), ["1|'ab'", "!truncated@11"], "cut at {cut}");
        assert_eq!(
            dump.problems(),
            ["dump/tblThing.bcp ends within row 2: the rows before it fit the columns"]
        );
    }
    assert_eq!(of_columns(&bytes, &types).unwrap().problems(), [""; 0]);
    assert!(of_columns(&bytes[..10], &types).is_err());
}

#[test]
fn a_file_that_can_be_read_in_two_ways_is_refused() {
    // Two columns NOT NULL of two bytes in all: bare, two rows of (1, 2) and (1, 3); with lengths
    // in front, one row of (2, 3).
    let types = [(DataType::TinyInt, false), (DataType::TinyInt, false)];
    let error = of_columns(&[1, 2, 1, 3], &types).unwrap_err();
    assert_eq!(
        error.to_string(),
        "dump/tblThing.bcp: its bytes fit the columns in more than one way, and row 1 is different in each"
    );
    assert_eq!(rows(&of_columns(&[5, 2, 1, 3], &types).unwrap()), ["5|2", "1|3"]);
    let nullable = types.map(|(data_type, _)| (data_type, true));
    assert_eq!(rows(&of_columns(&[1, 2, 1, 3], &nullable).unwrap()), ["2|3"]);
}
