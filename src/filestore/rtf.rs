//! A URI within RTF: the escapes of RTF are taken back until something stands that no URI holds.

use encoding_rs::WINDOWS_1252;

use super::references::ends_uri;
use crate::chat::Text;

/// Reads a URI at the beginning of RTF.
pub(super) fn uri(rtf: &[u8]) -> Vec<u8> {
    let mut out = Out::default();
    let mut rest = rtf;
    while let Some((token, behind)) = token(rest) {
        match token {
            Token::End => break,
            Token::Byte(byte) if ends_uri(byte) => break,
            Token::Byte(byte) => out.byte(byte),
            Token::Unit(unit) => out.unit(unit),
        }
        rest = behind;
    }
    out.end()
}

/// What stands next in RTF.
enum Token {
    /// A byte as it stands, of a character that may take several.
    Byte(u8),
    /// An escaped character.
    Unit(u16),
    /// The border of a group, or a control word.
    End,
}

fn token(rest: &[u8]) -> Option<(Token, &[u8])> {
    let (&first, behind) = rest.split_first()?;
    Some(match (first, behind) {
        (b'{' | b'}', _) => (Token::End, behind),
        (b'\\', [escaped @ (b'\\' | b'{' | b'}'), after @ ..]) => (Token::Byte(*escaped), after),
        (b'\\', [b'\'', after @ ..]) => match hex_escape(after) {
            Some((byte, after)) if byte.is_ascii() => (Token::Byte(byte), after),
            Some((byte, after)) => {
                let bytes = [byte];
                let (text, _) = WINDOWS_1252.decode_without_bom_handling(&bytes);
                (Token::Unit(text.encode_utf16().next().unwrap_or(0xFFFD)), after)
            }
            None => (Token::End, after),
        },
        (b'\\', [b'u', after @ ..]) => match unicode_escape(after) {
            Some((unit, after)) => (Token::Unit(unit), after),
            None => (Token::End, after),
        },
        (b'\\', _) => (Token::End, behind),
        _ => (Token::Byte(first), behind),
    })
}

/// Reads the two digits of `\'hh`.
fn hex_escape(rest: &[u8]) -> Option<(u8, &[u8])> {
    let (digits, after) = rest.split_at_checked(2)?;
    let digits =
        std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()))?;
    Some((u8::from_str_radix(digits, 16).ok()?, after))
}

/// Reads the number of `\uN`, and passes over what stands there for older readers: one character.
fn unicode_escape(rest: &[u8]) -> Option<(u16, &[u8])> {
    let sign = usize::from(rest.first() == Some(&b'-'));
    let digits = rest.get(sign..)?.iter().take(5).take_while(|byte| byte.is_ascii_digit()).count();
    let number = std::str::from_utf8(rest.get(..sign + digits)?).ok()?;
    // RTF writes units above 32767 as negative numbers; some writers do not.
    let unit = number.parse::<i32>().ok().filter(|number| (-32_768..65_536).contains(number))? as u16;
    let mut after = rest.get(sign + digits..)?;
    if let [b' ', behind @ ..] = after {
        after = behind;
    }
    after = match after {
        [b'\\', b'\'', behind @ ..] => hex_escape(behind).map_or(behind, |(_, behind)| behind),
        [b'?', behind @ ..] => behind,
        _ => after,
    };
    Some((unit, after))
}

/// Puts bytes and UTF-16 units together.
#[derive(Default)]
struct Out {
    bytes: Vec<u8>,
    units: Vec<u16>,
}

impl Out {
    fn byte(&mut self, byte: u8) {
        self.flush();
        self.bytes.push(byte);
    }

    fn unit(&mut self, unit: u16) {
        self.units.push(unit);
    }

    fn flush(&mut self) {
        Text::append_units(&mut self.bytes, self.units.drain(..));
    }

    fn end(mut self) -> Vec<u8> {
        self.flush();
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_taken_back_and_control_words_end_the_uri() {
        for (rtf, text) in [
            ("a.txt\"}{\\fldrslt x}", "a.txt"),
            ("a.txt}", "a.txt"),
            ("\\\\\\\\server\\\\a.txt\\par", "\\\\server\\a.txt"),
            ("\\{a\\}.txt", "{a}.txt"),
            ("caf\\'e9.txt ", "caf\u{E9}.txt"),
            ("\\u8364?\\u-10179\\'3f\\u-8704 ?.txt", "\u{20AC}\u{1F600}.txt"),
            ("\\u233\\'e9.txt", "\u{E9}.txt"),
            ("a\\'22b", "a"),
            ("\\'zz", ""),
            ("\\u", ""),
            ("\\", ""),
            ("", ""),
        ] {
            assert_eq!(String::from_utf8(uri(rtf.as_bytes())).unwrap(), text, "{rtf}");
        }
    }
}
