//! Input made to hurt: it may be refused or be full of faults, but it ends, and within bounds.

use super::*;

/// Opens and reads whatever can be; gives the number of rows and faults.
fn endured(bytes: &[u8]) -> Option<(usize, usize)> {
    let options = Options { row_limit: 1 << 20, ..Options::default() };
    let dump = open(bytes, options).ok()?;
    let rows = rows(&dump);
    let faults = rows.iter().filter(|row| row.starts_with('!')).count();
    Some((rows.len() - faults, faults))
}

#[test]
fn nothing_at_all_is_refused_unless_the_columns_are_known() {
    for bytes in [&b""[..], b"\xEF\xBB\xBF", b"\xFF\xFE", b"\xFE\xFF"] {
        assert_eq!(refusal(bytes, Options::default()).0, "it is empty");
        let options = Options { columns: Some(named(&["a", "b"])), ..Options::default() };
        assert_eq!(rows(&open(bytes, options).unwrap()), [""; 0]);
    }
}

#[test]
fn a_header_alone_is_an_empty_table() {
    for text in ["id,text", "id,text\n", "\u{FEFF}\"id\",\"text\"\r\n", "#TYPE x\r\nid,text\r\n\r\n"] {
        let dump = sniffed(text.as_bytes());
        assert_eq!(names(&dump), ["id", "text"]);
        assert_eq!(rows(&dump), [""; 0]);
    }
}

#[test]
fn endless_quotes_end() {
    for count in [1, 2, 3, 2_000_000, 2_000_001] {
        let quotes = "\"".repeat(count);
        endured(quotes.as_bytes());
        endured(format!("id,text\n1,{quotes}").as_bytes());
        endured(format!("id,text\n{}", "\",".repeat(count)).as_bytes());
    }
    let dump = with_dialect(b"id,text\n1,\"\"\"\"\"", Dialect::csv());
    assert_eq!(rows(&dump), ["!truncated@2:8"]);
}

#[test]
fn a_header_of_a_million_columns_is_refused() {
    let header: Vec<String> = (0..1_000_000).map(|at| format!("c{at}")).collect();
    for delimiter in [",", "\t"] {
        let text = header.join(delimiter) + "\n1\n";
        let (why, _) = refusal(text.as_bytes(), Options::default());
        assert!(why.contains("more than 30000 fields"), "{why}");
    }
    let (why, _) = refusal(&b",".repeat(3_000_000), Options::default());
    assert!(why.contains("more than 30000 fields"), "{why}");
    let options = || Options { dialect: Some(Dialect::csv()), ..Options::default() };
    let (why, _) = refusal(&b",".repeat(3_000_000), options());
    assert!(why.contains("more than 30000 fields"), "{why}");
}

#[test]
fn a_row_of_a_million_fields_is_one_fault() {
    let text = format!("a,b\n1,\"2,\"\n{}\n3,4\n", ",".repeat(1_000_000));
    assert_eq!(endured(text.as_bytes()), Some((2, 1)));
}

#[test]
fn nuls_are_data() {
    let dump = sniffed(b"id,text\n1,a\0b\n2,\0\n");
    assert_eq!(rows(&dump), ["1|a\\0b", "2|\\0"]);
    endured(&[0; 10_000]);
}

#[test]
fn line_ends_may_be_mixed_where_there_are_quotes() {
    let dump = sniffed(b"id,text\r\n1,\"a,\"\n2,b\r3,c\r\n\r\n\r4,d");
    assert_eq!(rows(&dump), ["1|'a,'", "2|b", "3|c", "4|d"]);
}

#[test]
fn line_ends_may_be_mixed_where_there_are_none() {
    assert_eq!(rows(&sniffed(b"id,text\r\n1,a\n2,b\r\n3,c")), ["1|a", "2|b", "3|c"]);
    assert_eq!(rows(&sniffed(b"id,text\r1,a\r2,b\r")), ["1|a", "2|b"]);
    assert_eq!(rows(&sniffed(b"id,text\n1,a\rb\n2,c\n")), ["1|a\\rb", "2|c"]);
}

#[test]
fn noise_is_endured() {
    // A fixed sequence (Marsaglia, "Xorshift RNGs") over the bytes that matter here.
    let alphabet = b"\"\",,;\t|\r\n\n\0ab1-( )\\N\xE9\xC3\xA9\xFF\xFE\xED\xA0";
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    for round in 0..3_000 {
        let noise: Vec<u8> = (0..round % 64)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                alphabet[(state % alphabet.len() as u64) as usize]
            })
            .collect();
        endured(&noise);
        let dialects = [Dialect::csv(), Dialect::bcp(RecordEnd::LineFeed)];
        for dialect in dialects {
            for encoding in [Encoding::Utf8, Encoding::Utf16LittleEndian, Encoding::Windows1252] {
                let options = Options {
                    dialect: Some(dialect.clone()),
                    encoding: Some(encoding),
                    row_limit: 7,
                    ..Options::default()
                };
                if let Ok(dump) = open(&noise, options) {
                    rows(&dump);
                }
            }
        }
    }
}
