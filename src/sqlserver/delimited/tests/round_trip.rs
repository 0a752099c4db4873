//! What [`CsvWriter`] writes, [`Delimited`] reads back as it was.

use std::borrow::Cow;

use super::*;
use crate::sqlserver::CsvWriter;

/// Writes a dump's rows anew.
pub(super) fn rewritten(dump: &Delimited) -> Vec<u8> {
    let mut writer = CsvWriter::new(Vec::new(), &dump.tables()[0].columns).unwrap();
    let mut take = |row: RowResult<'_>| {
        writer.row(row.unwrap().values).unwrap();
        Ok(())
    };
    dump.rows(0).unwrap().for_each_row(&mut take).unwrap();
    writer.finish().unwrap()
}

/// What a value means in a column that may be NULL.
fn meaning(value: &Value<'_>) -> Option<Vec<u8>> {
    value.as_nullable_text(true).unwrap().map(Cow::into_owned)
}

fn text(bytes: &[u8]) -> Value<'_> {
    Value::Text { bytes: Cow::Borrowed(bytes), quoted: true }
}

#[test]
fn every_value_means_the_same_when_read_back() {
    let columns = named(&["id", "odd, \"name\"", "Ünicode"]);
    let odd: [&[u8]; 16] = [
        b"",
        b"NULL",
        b"\\N",
        b"a,b",
        b"\"",
        b"\"\"",
        b"a\"b",
        b"\r",
        b"\n",
        b"\r\n",
        b" blank ",
        b"a\0b",
        b"=1+1",
        b"\xED\xA0\xBD",
        "😀 ß".as_bytes(),
        b"(2 rows affected)",
    ];
    let mut table: Vec<Vec<Value<'_>>> = Vec::new();
    for (at, one) in odd.iter().enumerate() {
        let other = odd[(at + 5) % odd.len()];
        table.push(vec![Value::Integer(at as i64), text(one), text(other)]);
        table.push(vec![Value::Null, Value::Null, text(one)]);
    }
    let mut writer = CsvWriter::new(Vec::new(), &columns).unwrap();
    table.iter().for_each(|row| writer.row(row).unwrap());
    let bytes = writer.finish().unwrap();

    let known = |name: &str| columns.iter().any(|column| column.name == name);
    let found = open(&bytes, Options { is_known_column: &known, ..Options::default() }).unwrap();
    for dump in [with_dialect(&bytes, Dialect::csv()), found] {
        assert_eq!(dump.tables()[0].columns, columns);
        let mut reader = dump.rows(0).unwrap();
        for row in &table {
            let read = reader.next_row().unwrap().unwrap().unwrap();
            let read: Vec<_> = read.values.iter().map(meaning).collect();
            assert_eq!(read, row.iter().map(meaning).collect::<Vec<_>>());
        }
        assert!(reader.next_row().unwrap().is_none());
        drop(reader);
        assert_eq!(rewritten(&dump), bytes);
    }
}

#[test]
fn a_table_of_one_column_comes_back_with_its_empty_rows() {
    let mut writer = CsvWriter::new(Vec::new(), &named(&["name"])).unwrap();
    let table = [text(b""), text(b"Ann"), Value::Null, text(b"")];
    table.iter().for_each(|value| writer.row(std::slice::from_ref(value)).unwrap());
    let dump = sniffed(&writer.finish().unwrap());
    assert_eq!(rows(&dump), ["''", "Ann", "\\\\N", "''"]);
}
