//! Rows that cannot be read: told with their place, and never in the way of others.

use super::*;

#[test]
fn rows_of_another_length_are_told_with_their_place() {
    let dump = sniffed(b"id,text\n1,\"a,b\"\n2\n3,\"c\",d\n4,\"e\nf\"\n5,\"g,\"\n");
    assert_eq!(
        rows(&dump),
        ["1|'a,b'", "!too-few-fields@3:16", "!too-many-fields@4:18", "4|'e\\nf'", "5|'g,'"]
    );
    let fault = fault(&dump);
    assert_eq!((fault.cause, fault.raw.as_slice()), (Cause::TooFewFields, &b"2"[..]));
    assert_eq!(fault.detail, "the row has 1 fields where there are 2 columns");
}

#[test]
fn text_behind_a_closing_quote_spoils_its_row() {
    let dump = with_dialect(b"id,text\n1,\"a\"b\n2,c\n", Dialect::csv());
    assert_eq!(rows(&dump), ["!malformed@2:8", "2|c"]);
}

#[test]
fn a_line_that_looks_like_a_footer_is_told_where_there_are_quotes() {
    let dump = sniffed(b"id,text\n1,\"a,b\"\n\n(1 rows affected)\n");
    assert_eq!(rows(&dump), ["1|'a,b'", "!too-few-fields@4:17"]);
}

#[test]
fn a_file_cut_off_within_quotes_ends_in_one_fault() {
    let dump = sniffed(b"id,text\n1,\"a,b\"\n2,\"cut\noff");
    assert_eq!(rows(&dump), ["1|'a,b'", "!truncated@3:16"]);
    assert_eq!(fault(&dump).raw, b"2,\"cut\noff");
}

#[test]
fn the_only_quote_may_be_the_one_that_was_cut_off() {
    let dump = sniffed(b"id,text\n1,a\n2,\"cut");
    assert_eq!(rows(&dump), ["1|a", "!truncated@3:12"]);
}

#[test]
fn a_row_beyond_the_limit_is_passed_over() {
    let huge = "x".repeat(2_000_000);
    let text = format!("id,text\n1,a\n2,\"{huge}\n,\"\n3,\"b,\"\n4,{huge}\n5,c");
    let options = Options { dialect: Some(Dialect::csv()), row_limit: 1000, ..Options::default() };
    let dump = open(text.as_bytes(), options).unwrap();
    assert_eq!(rows(&dump), ["1|a", "!too-large@3:12", "3|'b,'", "!too-large@6:2000026", "5|c"]);
    let fault = fault(&dump);
    assert_eq!(fault.raw.len(), 1000);
    assert!(text.as_bytes()[12..].starts_with(&fault.raw));
}

#[test]
fn a_row_slightly_beyond_the_limit_is_too_large_as_well() {
    let options = Options { dialect: Some(Dialect::csv()), row_limit: 5, ..Options::default() };
    let dump = open(b"a,b\n1,234\n1,2345\n6,7\n", options).unwrap();
    assert_eq!(rows(&dump), ["1|234", "!too-large@3:10", "6|7"]);
    assert_eq!(fault(&dump).raw, b"1,234");
}

#[test]
fn a_quote_that_never_ends_is_truncated_and_its_fault_bounded() {
    let text = format!("id,text\n1,\"a,\"\n2,\"{}", "y\n".repeat(1_000_000));
    let options = Options { row_limit: 1000, ..Options::default() };
    let dump = open(text.as_bytes(), options).unwrap();
    assert_eq!(rows(&dump), ["1|'a,'", "!truncated@3:15"]);
    assert_eq!(fault(&dump).raw.len(), 1000);
}

#[test]
fn limits_hold_in_text_without_quotes() {
    let huge = "x".repeat(1_000_000);
    let text = format!("1\ta\r\n2\t{huge}\r\n3\tb\r\n");
    let dialect = Dialect::bcp(RecordEnd::CarriageReturnLineFeed);
    let options = Options { dialect: Some(dialect), row_limit: 100, ..Options::default() };
    let dump = open(text.as_bytes(), options).unwrap();
    assert_eq!(rows(&dump), ["'1'|'a'", "!too-large@2:5", "'3'|'b'"]);
}

#[test]
fn an_input_that_cannot_be_read_on_ends_the_reading() {
    #[derive(Debug)]
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("unplugged"))
        }
    }
    impl Blob for Failing {
        fn open(&self) -> io::Result<Box<dyn Read + Send>> {
            Ok(Box::new(b"a,b\n1,2\n".as_slice().chain(Failing)))
        }
        fn size(&self) -> Option<u64> {
            None
        }
    }
    let error = Delimited::open("x.csv", Arc::new(Failing), Options::default()).unwrap_err();
    assert_eq!(error.to_string(), "cannot read x.csv: unplugged");
}
