//! XML 1.0 from generalized UTF-8, fast and without loss.
//!
//! Most bytes of an archive go through here, so text is scanned in blocks and copied in runs. What
//! XML cannot hold is carried as Base64 of UTF-16LE: the package's own convention, told by the
//! attribute `encoding` on elements and by the suffix `Utf16` on attribute names.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::chat::{Guid, MessageId, Text, Ticks};

/// The name space of every document.
pub const NAMESPACE: &str = "urn:gc2pc:package:1";

/// What the attribute `encoding` says of an element whose text XML cannot hold.
pub const UTF16_BASE64: &str = "utf-16le-base64";

/// Follows the name of an attribute whose value is Base64 of UTF-16LE.
pub const UTF16_SUFFIX: &str = "Utf16";

/// Where text stands: the two places differ in what must be escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Element,
    Attribute,
}

/// Appends ` name="value"`, or ` nameUtf16="…"` for a value that XML cannot hold.
pub(super) fn push_attribute(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    let before = out.len();
    open_attribute(out, name, "");
    if !push_escaped(out, value, Place::Attribute) {
        out.truncate(before);
        open_attribute(out, name, UTF16_SUFFIX);
        push_base64(out, value);
    }
    out.push(b'"');
}

/// Appends ` name="value"` for an optional value; nothing where there is none.
pub(super) fn push_optional(out: &mut Vec<u8>, name: &str, value: Option<&Text>) {
    if let Some(value) = value {
        push_attribute(out, name, value.as_bytes());
    }
}

/// Appends ` name="value"` for a value that needs no escaping: names and numbers of our own.
pub(super) fn push_plain(out: &mut Vec<u8>, name: &str, value: &str) {
    open_attribute(out, name, "");
    out.extend_from_slice(value.as_bytes());
    out.push(b'"');
}

/// Appends ` name="true"` or ` name="false"`.
pub(super) fn push_flag(out: &mut Vec<u8>, name: &str, value: bool) {
    push_plain(out, name, if value { "true" } else { "false" });
}

/// Appends ` name="123"`.
pub(super) fn push_count(out: &mut Vec<u8>, name: &str, value: u64) {
    open_attribute(out, name, "");
    push_number(out, value);
    out.push(b'"');
}

/// Appends ` name="guid"` in lower case with hyphens.
pub(super) fn push_guid(out: &mut Vec<u8>, name: &str, guid: Guid) {
    push_plain(out, name, guid.hyphenated().encode_lower(&mut Guid::encode_buffer()));
}

/// Appends ` name="time"` in the form of [`Ticks`]' `Display`.
pub(super) fn push_time(out: &mut Vec<u8>, name: &str, ticks: Ticks) {
    open_attribute(out, name, "");
    push_ticks(out, ticks);
    out.push(b'"');
}

/// Appends 32 hex digits.
pub(super) fn push_id(out: &mut Vec<u8>, id: MessageId) {
    let mut digits = [0; 32];
    for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(id.0) {
        *pair = [hex_digit(byte >> 4), hex_digit(byte & 15)];
    }
    out.extend_from_slice(&digits);
}

/// Appends a number in decimal.
pub(super) fn push_number(out: &mut Vec<u8>, mut value: u64) {
    // The greatest number has 20 digits.
    let mut digits = [0; 20];
    let mut length = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
        length += 1;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[digits.len() - length..]);
}

/// Appends ` name="`.
pub(super) fn open_attribute(out: &mut Vec<u8>, name: &str, suffix: &str) {
    out.push(b' ');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(suffix.as_bytes());
    out.extend_from_slice(b"=\"");
}

/// Appends `<tag>text</tag>`, text verbatim.
pub(super) fn push_text_element(out: &mut Vec<u8>, tag: &str, text: &[u8]) {
    out.push(b'<');
    out.extend_from_slice(tag.as_bytes());
    push_content(out, tag, text);
}

/// Appends `>text</tag>` behind an open start tag, or ` encoding="…">…</tag>` where XML cannot
/// hold the text.
pub(super) fn push_content(out: &mut Vec<u8>, tag: &str, text: &[u8]) {
    let before = out.len();
    out.push(b'>');
    if !push_escaped(out, text, Place::Element) {
        out.truncate(before);
        push_plain(out, "encoding", UTF16_BASE64);
        out.push(b'>');
        push_base64(out, text);
    }
    out.extend_from_slice(b"</");
    out.extend_from_slice(tag.as_bytes());
    out.push(b'>');
}

/// Appends text with everything escaped. Returns `false` at what XML 1.0 cannot hold (production
/// 2 of the recommendation); what was appended until then must be cut off again.
fn push_escaped(out: &mut Vec<u8>, bytes: &[u8], place: Place) -> bool {
    // One loop for each place, since the rarest byte that stops it decides how fast it is.
    match place {
        Place::Element => push_escaped_in::<false>(out, bytes),
        Place::Attribute => push_escaped_in::<true>(out, bytes),
    }
}

fn push_escaped_in<const ATTRIBUTE: bool>(out: &mut Vec<u8>, bytes: &[u8]) -> bool {
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    let mut copied = 0;
    for (block, start) in blocks.iter().zip((0..).step_by(BLOCK)) {
        if !push_specials::<ATTRIBUTE>(out, bytes, start, block, &mut copied) {
            return false;
        }
    }
    let mut last = [b' '; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    if !push_specials::<ATTRIBUTE>(out, bytes, bytes.len() - rest.len(), &last, &mut copied) {
        return false;
    }
    out.extend_from_slice(&bytes[copied..]);
    true
}

/// Bytes that are looked at side by side.
const BLOCK: usize = 32;

/// Appends all up to the last byte of a block that is escaped. The block stands at `start`; what
/// stands before `copied` has been appended. Returns `false` at what XML cannot hold.
#[inline]
fn push_specials<const ATTRIBUTE: bool>(
    out: &mut Vec<u8>,
    bytes: &[u8],
    start: usize,
    block: &[u8; BLOCK],
    copied: &mut usize,
) -> bool {
    let mut specials = specials_of::<ATTRIBUTE>(block);
    while specials != 0 {
        let found = start + specials.trailing_zeros() as usize;
        specials &= specials - 1;
        let rest = bytes.get(found + 1..).unwrap_or_default();
        let reference: &[u8] = match bytes[found] {
            b'&' => b"&amp;",
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            b'\r' => b"&#xD;",
            b'"' => b"&quot;",
            b'\n' if ATTRIBUTE => b"&#xA;",
            b'\t' if ATTRIBUTE => b"&#x9;",
            b'\n' | b'\t' => continue,
            // Surrogates are ED A0 80 to ED BF BF.
            0xED if !matches!(rest, [0xA0..=0xBF, ..]) => continue,
            // U+FFFE and U+FFFF are EF BF BE and EF BF BF.
            0xEF if !matches!(rest, [0xBF, 0xBE..=0xBF, ..]) => continue,
            _ => return false,
        };
        out.extend_from_slice(&bytes[*copied..found]);
        out.extend_from_slice(reference);
        *copied = found + 1;
    }
    true
}

/// Returns a bit for each byte that may need more than copying.
#[inline]
fn specials_of<const ATTRIBUTE: bool>(block: &[u8; BLOCK]) -> u32 {
    // Without a branch within the block, so that the compiler looks at its bytes side by side.
    if !block.iter().fold(false, |seen, &byte| seen | is_special::<ATTRIBUTE>(byte)) {
        return 0;
    }
    (0..).zip(block).fold(0, |bits, (at, &byte)| bits | u32::from(is_special::<ATTRIBUTE>(byte)) << at)
}

#[inline]
fn is_special<const ATTRIBUTE: bool>(byte: u8) -> bool {
    // `<` and `>`, ED and EF differ in one bit.
    (byte < 0x20) | (byte == b'&') | (byte | 2 == b'>') | (byte | 2 == 0xEF) | (ATTRIBUTE & (byte == b'"'))
}

fn push_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    let units: Vec<u8> = Text::from_known(bytes).units().flat_map(u16::to_le_bytes).collect();
    out.extend_from_slice(STANDARD.encode(units).as_bytes());
}

fn push_ticks(out: &mut Vec<u8>, ticks: Ticks) {
    let (year, month, day, since_midnight) = ticks.to_date();
    let seconds = (since_midnight / Ticks::SECOND) as u32;
    let mut fraction = (since_midnight % Ticks::SECOND) as u32;
    let mut time = *b"0000-00-00T00:00:00.0000000";
    for (at, value) in [
        (0, year as u32 / 100),
        (2, year as u32 % 100),
        (5, month),
        (8, day),
        (11, seconds / 3_600),
        (14, seconds / 60 % 60),
        (17, seconds % 60),
    ] {
        time[at] = b'0' + (value / 10) as u8;
        time[at + 1] = b'0' + (value % 10) as u8;
    }
    let mut length = if fraction == 0 { 19 } else { time.len() };
    for digit in time[20..].iter_mut().rev() {
        *digit = b'0' + (fraction % 10) as u8;
        fraction /= 10;
    }
    while length > 20 && time[length - 1] == b'0' {
        length -= 1;
    }
    out.extend_from_slice(&time[..length]);
    out.push(b'Z');
}

fn hex_digit(value: u8) -> u8 {
    if value < 10 { b'0' + value } else { b'a' + value - 10 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(value: &[u8]) -> String {
        let mut out = Vec::new();
        push_attribute(&mut out, "Name", value);
        String::from_utf8(out).unwrap()
    }

    fn element(value: &[u8]) -> String {
        let mut out = Vec::new();
        push_text_element(&mut out, "Text", value);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn markup_and_line_ends_are_escaped_as_each_place_needs_it() {
        assert_eq!(attribute(b"a\"<&>\r\n\tz"), r#" Name="a&quot;&lt;&amp;&gt;&#xD;&#xA;&#x9;z""#);
        assert_eq!(element(b" a\"<&>\r\n\tz "), "<Text> a\"&lt;&amp;&gt;&#xD;\n\tz </Text>");
        assert_eq!(element(b""), "<Text></Text>");
    }

    #[test]
    fn a_special_byte_is_found_wherever_it_stands() {
        for length in 0..100 {
            for behind in [0, 1, 30, 31, 32, 70] {
                let text = format!("{}<{}", "x".repeat(length), "y".repeat(behind));
                assert_eq!(element(text.as_bytes()), format!("<Text>{}</Text>", text.replace('<', "&lt;")));
                let text = format!("{}\u{FFFF}{}", "\u{FFFD}".repeat(length), "y".repeat(behind));
                assert!(element(text.as_bytes()).contains(" encoding="), "{length}, {behind}");
            }
        }
    }

    #[test]
    fn every_character_stands_as_the_recommendation_wants_it() {
        for character in
            (0..=0x24F_u32).chain(0xD700..0xE100).chain(0xFE00..0x1_0100).filter_map(char::from_u32)
        {
            let text = character.to_string();
            let is_char = matches!(character, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..);
            let element = element(text.as_bytes());
            match (is_char, character) {
                (false, _) => assert!(element.contains(" encoding="), "{character:?}"),
                (_, '&' | '<' | '>' | '\r') => assert!(element.starts_with("<Text>&"), "{character:?}"),
                _ => assert_eq!(element, format!("<Text>{text}</Text>")),
            }
        }
    }

    #[test]
    fn what_xml_cannot_hold_is_base64_of_utf_16() {
        let held = "\u{FFFD}\u{D7FF}\u{E000}\u{10FFFF}\u{7F}\u{85}\u{FDD0}\u{1FFFE}";
        assert_eq!(element(held.as_bytes()), format!("<Text>{held}</Text>"));
        for (bad, base64) in [
            (&b"\0"[..], "AAA="),
            (b"A\x1B", "QQAbAA=="),
            ("\u{FFFE}".as_bytes(), "/v8="),
            ("\u{FFFF}".as_bytes(), "//8="),
            (b"\xED\xA0\x80", "ANg="),
            (b"\xED\xBF\xBFB", "/99CAA=="),
            ("😀\u{B}".as_bytes(), "Pdg A3gsA".replace(' ', "").as_str()),
        ] {
            assert_eq!(
                element(bad),
                format!("<Text encoding=\"utf-16le-base64\">{base64}</Text>"),
                "{bad:?}"
            );
            assert_eq!(attribute(bad), format!(" NameUtf16=\"{base64}\""));
        }
    }

    #[test]
    fn times_numbers_and_ids_look_as_their_types_show_them() {
        for ticks in [0, 1, 633_409_486_005_222_640, 633_409_486_000_000_000, Ticks::MAX.get()] {
            let ticks = Ticks::new(ticks).unwrap();
            let mut out = Vec::new();
            push_ticks(&mut out, ticks);
            assert_eq!(String::from_utf8(out).unwrap(), ticks.to_string());
        }
        for number in [0, 9, 10, 4711, u64::MAX] {
            let mut out = Vec::new();
            push_number(&mut out, number);
            assert_eq!(String::from_utf8(out).unwrap(), number.to_string());
        }
        let id = MessageId(*b"\x00\x1F\xA03456789abcdef");
        let mut out = Vec::new();
        push_id(&mut out, id);
        assert_eq!(String::from_utf8(out).unwrap(), id.to_string());
    }
}
