//! The text that an attribute or an element stands for (XML 1.0, sections 2.11, 3.3.3, 4.1, 4.6).
//!
//! Stricter programs refuse characters that XML 1.0 forbids; people wrote them nevertheless and
//! the servers kept them, so here they are kept and counted.

use std::borrow::Cow;

use super::charset::{ESCAPE, undisguise};
use crate::chat::Text;
use crate::ledger::Cause;

/// Why a record cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flaw {
    pub(super) cause: Cause,
    /// What exactly is wrong, as a sentence.
    pub(super) detail: String,
}

impl Flaw {
    /// Makes a flaw.
    pub(super) fn new(cause: Cause, detail: impl Into<String>) -> Flaw {
        Flaw { cause, detail: detail.into() }
    }
}

/// Where raw text stands, which decides what its line ends and references mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setting {
    /// Between quotes: line ends and tabs are blanks.
    Attribute,
    /// Between tags: line ends are LF.
    Element,
    /// In a CDATA section: as between tags, without references.
    Verbatim,
}

/// Bytes at which decoding must look closer.
const SPECIAL: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = true;
        byte += 1;
    }
    table[b'&' as usize] = true;
    table[b'<' as usize] = true;
    // The first bytes of U+FFFE and U+FFFF, and of the disguise of wrong bytes.
    table[0xEF] = true;
    table[0xF4] = true;
    table
};

/// Appends what the whole of an attribute stands for, as generalized UTF-8; returns how many
/// characters in it are forbidden in XML 1.0.
///
/// # Errors
/// [`Flaw`] for text that is none; nothing has been appended then.
pub(super) fn decode_attribute(raw: &[u8], out: &mut Vec<u8>) -> Result<u64, Flaw> {
    let start = out.len();
    let mut decoder = Decoder { setting: Setting::Attribute, forbidden: 0, joined: false };
    let outcome = decoder.run(raw, out).and_then(|()| match decoder.joined {
        true => join_parts(start, out).map(|lone| decoder.forbidden + lone),
        false => Ok(decoder.forbidden),
    });
    if outcome.is_err() {
        out.truncate(start);
    }
    outcome
}

/// Appends what a part of a text stands for; returns how many characters in it are forbidden in
/// XML 1.0. After the last part, [`join_parts`] must be called.
///
/// # Errors
/// [`Flaw`] for text that is none.
pub(super) fn decode_part(raw: &[u8], setting: Setting, out: &mut Vec<u8>) -> Result<u64, Flaw> {
    let mut decoder = Decoder { setting, forbidden: 0, joined: false };
    decoder.run(raw, out).map(|()| decoder.forbidden)
}

/// Finds the first special byte. Most text has none, and sixteen bytes at a time are told at once.
fn first_special(raw: &[u8]) -> Option<usize> {
    let is_plain = |chunk: &[u8; 16]| {
        let special =
            |byte: u8| (byte < 0x20) | (byte == b'&') | (byte == b'<') | (byte == 0xEF) | (byte == 0xF4);
        !chunk.iter().fold(false, |found, &byte| found | special(byte))
    };
    let plain = 16 * raw.as_chunks().0.iter().take_while(|chunk| is_plain(chunk)).count();
    let found = raw[plain..].iter().position(|&byte| SPECIAL[usize::from(byte)]);
    found.map(|at| plain + at)
}

struct Decoder {
    setting: Setting,
    forbidden: u64,
    /// Whether bytes were put together that may not be text, or not joined as they should be.
    joined: bool,
}

impl Decoder {
    fn run(&mut self, mut raw: &[u8], out: &mut Vec<u8>) -> Result<(), Flaw> {
        while let Some(at) = first_special(raw) {
            out.extend_from_slice(&raw[..at]);
            raw = &raw[at..];
            let taken = self.special(raw, out)?;
            raw = &raw[taken..];
        }
        out.extend_from_slice(raw);
        Ok(())
    }

    /// Decodes what begins with a special byte; returns how many bytes it took, at least one.
    fn special(&mut self, raw: &[u8], out: &mut Vec<u8>) -> Result<usize, Flaw> {
        let in_attribute = self.setting == Setting::Attribute;
        match *raw {
            [b'&', ref rest @ ..] if self.setting != Setting::Verbatim => {
                let end = memchr::memchr(b';', rest);
                let end =
                    end.ok_or_else(|| Flaw::new(Cause::Malformed, "an ampersand begins no reference"))?;
                self.reference(&rest[..end], out)?;
                return Ok(end + 2);
            }
            [b'<', ..] if in_attribute => {
                return Err(Flaw::new(Cause::Malformed, "an attribute holds a bare <"));
            }
            [b'\r', b'\n', ..] => {
                out.push(if in_attribute { b' ' } else { b'\n' });
                return Ok(2);
            }
            [b'\r' | b'\n' | b'\t', ..] if in_attribute => out.push(b' '),
            [b'\r', ..] => out.push(b'\n'),
            [0xF4, ..] if raw.starts_with(ESCAPE) => {
                let (byte, taken) = undisguise(&raw[ESCAPE.len()..]);
                match byte {
                    Some(byte) => {
                        self.joined = true;
                        out.push(byte);
                    }
                    None => out.extend_from_slice(ESCAPE),
                }
                return Ok(ESCAPE.len() + taken);
            }
            [0xEF, 0xBF, 0xBE | 0xBF, ..] => {
                self.forbidden += 1;
                out.extend_from_slice(&raw[..3]);
                return Ok(3);
            }
            [byte, ..] => {
                self.forbidden += u64::from(byte < 0x20 && !matches!(byte, b'\t' | b'\n'));
                out.push(byte);
            }
            [] => {}
        }
        Ok(1)
    }

    /// Appends what `&name;` stands for.
    fn reference(&mut self, name: &[u8], out: &mut Vec<u8>) -> Result<(), Flaw> {
        let point = match *name {
            [b'#', b'x', ref digits @ ..] => number(digits, 16),
            [b'#', ref digits @ ..] => number(digits, 10),
            _ => match name {
                b"lt" => Some(0x3C),
                b"gt" => Some(0x3E),
                b"amp" => Some(0x26),
                b"quot" => Some(0x22),
                b"apos" => Some(0x27),
                _ => None,
            },
        };
        let Some(point) = point else {
            let shown: String = String::from_utf8_lossy(name).chars().take(40).collect();
            return Err(Flaw::new(Cause::Malformed, format!("&{shown}; stands for nothing known")));
        };
        match char::from_u32(point) {
            Some(scalar) => {
                let odd =
                    (point < 0x20 && !matches!(point, 0x9 | 0xA | 0xD)) || matches!(point, 0xFFFE | 0xFFFF);
                self.forbidden += u64::from(odd);
                out.extend_from_slice(scalar.encode_utf8(&mut [0; 4]).as_bytes());
            }
            None => {
                self.joined = true;
                Text::append_units(out, [point as u16]);
            }
        }
        Ok(())
    }
}

/// Reads a code point: surrogates too, but nothing beyond U+10FFFF.
fn number(digits: &[u8], radix: u32) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u32, |sum, &digit| {
        let value = char::from(digit).to_digit(radix)?;
        let sum = sum.checked_mul(radix)?.checked_add(value)?;
        (sum <= 0x10_FFFF).then_some(sum)
    })
}

/// Checks that all parts since `start` make a text, joins surrogates that make a pair, and returns
/// how many stay alone.
///
/// # Errors
/// [`Flaw`] if they make none.
pub(super) fn join_parts(start: usize, out: &mut Vec<u8>) -> Result<u64, Flaw> {
    if std::str::from_utf8(&out[start..]).is_ok() {
        return Ok(0);
    }
    let joined = match Text::check(&out[start..]) {
        Err(wrong) => {
            let detail = format!("byte 0x{:02X} is no text in the document's encoding", wrong.byte);
            return Err(Flaw::new(Cause::BadEncoding, detail));
        }
        Ok(Cow::Owned(joined)) => Some(joined),
        Ok(Cow::Borrowed(_)) => None,
    };
    if let Some(joined) = joined {
        out.truncate(start);
        out.extend_from_slice(&joined);
    }
    let lone = out[start..].windows(2).filter(|pair| pair[0] == 0xED && pair[1] >= 0xA0);
    Ok(lone.count() as u64)
}

/// Appends text as it may stand between double quotes: `"`, `&`, `<` and control characters
/// become references.
pub(super) fn push_quoted(out: &mut Vec<u8>, text: &[u8]) {
    for &byte in text {
        match byte {
            b'"' => out.extend_from_slice(b"&quot;"),
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            0..0x20 | 0x7F => out.extend_from_slice(format!("&#x{byte:X};").as_bytes()),
            _ => out.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(raw: &[u8], setting: Setting) -> Result<(Vec<u8>, u64), Cause> {
        let mut out = b"before ".to_vec();
        let outcome = match setting {
            Setting::Attribute => decode_attribute(raw, &mut out),
            _ => decode_part(raw, setting, &mut out),
        };
        assert!(out.starts_with(b"before "));
        let out = out.split_off(7);
        assert!(outcome.is_ok() || out.is_empty());
        outcome.map(|count| (out, count)).map_err(|flaw| flaw.cause)
    }

    #[test]
    fn parts_of_a_text_make_one() {
        let mut out = b"x".to_vec();
        for part in ["a", "&#xD83D;", "&#xDE00;", "&#xD83D;", "b"] {
            assert_eq!(decode_part(part.as_bytes(), Setting::Element, &mut out), Ok(0));
        }
        assert_eq!(join_parts(1, &mut out), Ok(1));
        assert_eq!(out, b"xa\xF0\x9F\x98\x80\xED\xA0\xBDb");
    }

    fn attribute(raw: &str) -> (String, u64) {
        let (text, count) = decoded(raw.as_bytes(), Setting::Attribute).unwrap();
        (String::from_utf8(text).unwrap(), count)
    }

    #[test]
    fn literal_line_ends_and_tabs_in_an_attribute_are_one_blank_each() {
        assert_eq!(attribute("a\r\nb\rc\nd\te\n\rf\r\r\ng"), ("a b c d e  f  g".into(), 0));
    }

    #[test]
    fn references_in_an_attribute_are_the_characters_themselves() {
        assert_eq!(attribute("a&#xA;b&#13;c&#9;d&#x0a;"), ("a\nb\rc\td\n".into(), 0));
        assert_eq!(
            attribute("&lt;b&gt; &amp;amp; &quot;&apos;&#x1F600;"),
            ("<b> &amp; \"'\u{1F600}".into(), 0)
        );
    }

    #[test]
    fn line_ends_between_tags_are_line_feeds() {
        let (text, _) = decoded(b"a\r\nb\rc\nd\te&#xD;", Setting::Element).unwrap();
        assert_eq!(text, b"a\nb\nc\nd\te\r");
        let (text, _) = decoded(b"a\r\n&amp;<b>", Setting::Verbatim).unwrap();
        assert_eq!(text, b"a\n&amp;<b>");
    }

    #[test]
    fn characters_that_xml_forbids_are_kept_and_counted() {
        assert_eq!(
            attribute("&#0;&#x1F;&#xFFFE;\u{1}\u{FFFF}\u{FFFD}"),
            ("\0\u{1F}\u{FFFE}\u{1}\u{FFFF}\u{FFFD}".into(), 5)
        );
        let lone = decoded(b"&#xD800;x", Setting::Attribute).unwrap();
        assert_eq!(lone, (b"\xED\xA0\x80x".to_vec(), 1));
    }

    #[test]
    fn a_pair_of_surrogates_given_as_two_references_is_joined() {
        assert_eq!(attribute("a&#xD83D;&#xDE00;b"), ("a\u{1F600}b".into(), 0));
        assert_eq!(attribute("&#55357;&#56832;"), ("\u{1F600}".into(), 0));
    }

    #[test]
    fn what_stands_for_nothing_is_a_flaw() {
        for raw in [
            "&nbsp;",
            "&;",
            "&",
            "a & b",
            "&#;",
            "&#x;",
            "&#x110000;",
            "&#xFFFFFFFFFF;",
            "&#12a;",
            "&#X41;",
            "a<b",
        ] {
            assert_eq!(decoded(raw.as_bytes(), Setting::Attribute), Err(Cause::Malformed), "{raw}");
        }
    }

    #[test]
    fn a_disguised_byte_is_a_flaw_unless_it_is_part_of_a_surrogate() {
        let clean = |raw: &[u8]| {
            let mut clean = Vec::new();
            crate::compliance::charset::Charset::Utf8.decode(raw, true, &mut clean);
            clean
        };
        assert_eq!(decoded(&clean(b"caf\xE9"), Setting::Attribute), Err(Cause::BadEncoding));
        let kept = decoded(&clean(b"\xED\xA0\xBD\xF4\x8F\xBF\xBE"), Setting::Attribute).unwrap();
        assert_eq!(kept, (b"\xED\xA0\xBD\xF4\x8F\xBF\xBE".to_vec(), 1));
        let pair = decoded(&clean(b"\xED\xA0\xBD\xED\xB8\x80"), Setting::Attribute).unwrap();
        assert_eq!(pair, ("\u{1F600}".as_bytes().to_vec(), 0));
    }

    #[test]
    fn a_special_byte_is_found_wherever_it_stands() {
        for at in 0..50 {
            for byte in 0..=255 {
                let mut text = vec![b'x'; 50];
                text[at] = byte;
                assert_eq!(first_special(&text), SPECIAL[usize::from(byte)].then_some(at));
            }
        }
    }

    #[test]
    fn quoting_makes_text_fit_between_double_quotes() {
        let mut out = Vec::new();
        push_quoted(&mut out, "a\"b&c<d>\n\0é'".as_bytes());
        assert_eq!(out, "a&quot;b&amp;c&lt;d>&#xA;&#x0;é'".as_bytes());
    }
}
