//! Data read by its format file.

use super::*;

const FORMAT: &str = "12.0\n3\n1 SQLCHAR 0 9 \"\\t\" 2 name \"\"\n2 SQLCHAR 0 9 \"\\t\" 0 skipped \"\"\n\
                      3 SQLCHAR 0 9 \"\\r\\n\" 1 id \"\"\n";

fn by_format(format: &str, bytes: &[u8]) -> Delimited {
    let format = FormatFile::parse("x.fmt", format.as_bytes()).unwrap();
    open(bytes, Options { format: Some(format), ..Options::default() }).unwrap()
}

#[test]
fn columns_come_in_table_order_and_skipped_fields_not_at_all() {
    let dump = by_format(FORMAT, b"Ann\tx\t1\r\n\0\t\t\r\nB\nob\t\"\t3\r\n");
    assert_eq!(names(&dump), ["id", "name"]);
    assert_eq!(dump.format(), "format file, utf-8");
    assert_eq!(rows(&dump), ["'1'|'Ann'", "-|''", "'3'|'B\\nob'"]);
}

#[test]
fn a_terminator_in_a_value_is_told_and_not_shifted() {
    let dump = by_format(FORMAT, b"Ann\tx\t1\r\nB\tob\tx\t2\r\nCid\tx\t3\r\n");
    assert_eq!(rows(&dump), ["'1'|'Ann'", "!too-many-fields@2:9", "'3'|'Cid'"]);
}

#[test]
fn the_end_of_the_file_may_lack_the_last_terminator_or_have_a_line_end_more() {
    assert_eq!(rows(&by_format(FORMAT, b"Ann\tx\t1")), ["'1'|'Ann'"]);
    assert_eq!(rows(&by_format(FORMAT, b"Ann\tx\t1\r\n\r\n\n")), ["'1'|'Ann'"]);
    assert_eq!(rows(&by_format(FORMAT, b"Ann\tx\t1\r\nB\tx")), ["'1'|'Ann'", "!truncated@2:9"]);
    assert_eq!(rows(&by_format(FORMAT, b"")), [""; 0]);
}

#[test]
fn wide_fields_are_read_as_utf16() {
    let format = "10.0\n2\n1 SQLNCHAR 0 8 \"\\t\\0\" 1 a \"\"\n2 SQLNCHAR 0 8 \"\\r\\0\\n\\0\" 2 b \"\"\n";
    let dump = by_format(format, &utf16("1\tzwölf\r\n\0\t\r\n"));
    assert_eq!(dump.encoding(), Encoding::Utf16LittleEndian);
    assert_eq!(rows(&dump), ["'1'|'zwölf'", "''|-"]);
}
