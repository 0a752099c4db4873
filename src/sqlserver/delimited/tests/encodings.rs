//! The same table in every encoding, with true positions.

use super::*;

const TABLE: &str = "id,näme\r\n1,\"Ünal, Ö\"\r\n2,a,b\r\n3,\"ß,\"\r\n";

#[test]
fn every_encoding_gives_the_same_rows_and_its_own_positions() {
    let western: Vec<u8> = TABLE.chars().map(|letter| letter as u32 as u8).collect();
    let marked = [b"\xEF\xBB\xBF", TABLE.as_bytes()].concat();
    let little = [b"\xFF\xFE".to_vec(), utf16(TABLE)].concat();
    let big: Vec<u8> = utf16(TABLE).chunks(2).flat_map(|unit| [unit[1], unit[0]]).collect();
    for (bytes, encoding, byte) in [
        (TABLE.as_bytes().to_vec(), Encoding::Utf8, 25),
        (marked, Encoding::Utf8, 28),
        (western, Encoding::Windows1252, 22),
        (utf16(TABLE), Encoding::Utf16LittleEndian, 44),
        (little, Encoding::Utf16LittleEndian, 46),
        (big, Encoding::Utf16BigEndian, 44),
    ] {
        let dump = sniffed(&bytes);
        assert_eq!(dump.encoding(), encoding);
        assert_eq!(names(&dump), ["id", "näme"]);
        let wrong = format!("!too-many-fields@3:{byte}");
        assert_eq!(rows(&dump), ["1|'Ünal, Ö'", &wrong, "3|'ß,'"]);
        let raw = fault(&dump).raw;
        let at = byte as usize;
        assert_eq!(raw, bytes[at..at + raw.len()], "the fault holds the very bytes");
        assert_eq!(raw.len(), if bytes.len() > 70 { 10 } else { 5 });
    }
}

#[test]
fn surrogates_survive_alone_and_are_joined_in_pairs() {
    let mut bytes = utf16("id\ttext\n1\t");
    bytes.extend(b"\x3D\xD8\n\0");
    bytes.extend(utf16("2\t😀\n"));
    let dump = sniffed(&bytes);
    assert_eq!(rows(&dump), ["1|\u{FFFD}", "2|😀"]);

    let joined = sniffed(
        b"id,text,x\n1,\xED\xA0\xBD\xED\xB8\x80!,\xED\xB8\x80\n2,\"\xED\xA0\xBD\xED\xB8\x80\"\"\",y\n",
    );
    assert_eq!(rows(&joined), ["1|😀!|\u{FFFD}", "2|'😀\\\"'|y"]);
}

#[test]
fn bytes_that_are_no_text_spoil_their_row_alone() {
    let dump = sniffed(b"id,text\n1,\xC3\xA9\n2,ab\xE9c\n3,\xC3\xA9\n");
    assert_eq!(rows(&dump), ["1|é", "!bad-encoding@3:13", "3|é"]);
    let fault = fault(&dump);
    assert_eq!(fault.raw, b"2,ab\xE9c");
    assert_eq!(fault.detail, "byte 0xE9 at offset 17 of the input is no valid UTF-8");
}

#[test]
fn an_odd_byte_at_the_end_of_utf16_spoils_the_last_row() {
    let mut bytes = utf16("id\ttext\n1\ta\n2\tb");
    bytes.push(b'c');
    let dump = sniffed(&bytes);
    assert_eq!(rows(&dump), ["1|a", "!bad-encoding@3:24"]);
    assert_eq!(fault(&dump).detail, "the byte at offset 30 of the input is half a character");
    assert_eq!(fault(&dump).raw, bytes[24..]);
}
