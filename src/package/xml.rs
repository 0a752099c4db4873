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
    for byte in id.0 {
        out.push(hex_digit(byte >> 4));
        out.push(hex_digit(byte & 15));
    }
}

/// Appends a number in decimal.
pub(super) fn push_number(out: &mut Vec<u8>, mut value: u64) {
    let start = out.len();
    loop {
        out.push(b'0' + (value % 10) as u8);
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out[start..].reverse();
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
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = next_special(bytes, at) {
        at = found + 1;
        let rest = bytes.get(at..).unwrap_or_default();
        let reference: &[u8] = match (bytes[found], place) {
            (b'&', _) => b"&amp;",
            (b'<', _) => b"&lt;",
            (b'>', _) => b"&gt;",
            (b'\r', _) => b"&#xD;",
            (b'"', Place::Attribute) => b"&quot;",
            (b'\n', Place::Attribute) => b"&#xA;",
            (b'\t', Place::Attribute) => b"&#x9;",
            (b'"' | b'\n' | b'\t', Place::Element) => continue,
            // Surrogates are ED A0 80 to ED BF BF.
            (0xED, _) if !matches!(rest, [0xA0..=0xBF, ..]) => continue,
            // U+FFFE and U+FFFF are EF BF BE and EF BF BF.
            (0xEF, _) if !matches!(rest, [0xBF, 0xBE..=0xBF, ..]) => continue,
            _ => return false,
        };
        out.extend_from_slice(&bytes[copied..found]);
        out.extend_from_slice(reference);
        copied = at;
    }
    out.extend_from_slice(&bytes[copied..]);
    true
}

/// Finds the next byte that may need more than copying.
fn next_special(bytes: &[u8], from: usize) -> Option<usize> {
    const BLOCK: usize = 32;
    let rest = bytes.get(from..)?;
    // Without a branch within the block, so that the compiler looks at its bytes side by side.
    let block_is_plain = |block: &&[u8; BLOCK]| !block.iter().fold(false, |seen, &b| seen | is_special(b));
    let plain = rest.as_chunks::<BLOCK>().0.iter().take_while(block_is_plain).count() * BLOCK;
    rest[plain..].iter().position(|&byte| is_special(byte)).map(|at| from + plain + at)
}

fn is_special(byte: u8) -> bool {
    (byte < 0x20)
        | (byte == b'"')
        | (byte == b'&')
        | (byte == b'<')
        | (byte == b'>')
        | (byte == 0xED)
        | (byte == 0xEF)
}

fn push_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    let units: Vec<u8> = Text::from_known(bytes).units().flat_map(u16::to_le_bytes).collect();
    out.extend_from_slice(STANDARD.encode(units).as_bytes());
}

fn push_ticks(out: &mut Vec<u8>, ticks: Ticks) {
    let (year, month, day, since_midnight) = ticks.to_date();
    let seconds = since_midnight / Ticks::SECOND;
    push_padded(out, year as u32, 4);
    for (mark, value) in [
        (b'-', i64::from(month)),
        (b'-', i64::from(day)),
        (b'T', seconds / 3_600),
        (b':', seconds / 60 % 60),
        (b':', seconds % 60),
    ] {
        out.push(mark);
        push_padded(out, value as u32, 2);
    }
    let fraction = since_midnight % Ticks::SECOND;
    if fraction != 0 {
        out.push(b'.');
        push_padded(out, fraction as u32, 7);
        while out.last() == Some(&b'0') {
            out.pop();
        }
    }
    out.push(b'Z');
}

fn push_padded(out: &mut Vec<u8>, mut value: u32, width: usize) {
    let mut digits = [b'0'; 10];
    for digit in digits[..width].iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
    }
    out.extend_from_slice(&digits[..width]);
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
            let text = format!("{}<{}", "x".repeat(length), "y".repeat(70));
            assert_eq!(element(text.as_bytes()), format!("<Text>{}</Text>", text.replace('<', "&lt;")));
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
