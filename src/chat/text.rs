//! `Text`: what people wrote, to the last code unit.
//!
//! SQL Server's `nvarchar` holds any sequence of 16-bit units: NUL, other controls and lone
//! surrogates included. A Rust `String` cannot hold the last, so text is kept in *generalized
//! UTF-8* (WTF-8): UTF-8 in which a lone surrogate takes the three bytes that its code point would.
//! A surrogate *pair* always stands as the one four-byte sequence of its scalar value, hence two
//! equal texts have equal bytes and the order of bytes is the order of code points.

use std::borrow::Cow;
use std::fmt;

/// Text of any 16-bit code units, kept as generalized UTF-8.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Box<[u8]>);

/// Returned when bytes are no generalized UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("byte 0x{byte:02X} at offset {at} is no valid UTF-8")]
pub struct InvalidText {
    /// Offset of the first offending byte.
    pub at: usize,
    /// The offending byte.
    pub byte: u8,
}

/// Tells whether a spreadsheet that opens a CSV file takes a field with these bytes for a formula, which
/// may run programs and send data away.
pub fn is_formula(bytes: &[u8]) -> bool {
    matches!(bytes, [b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r', _, ..])
}

impl Text {
    /// Takes bytes that are generalized UTF-8; joins surrogate pairs that were encoded singly.
    ///
    /// # Errors
    /// [`InvalidText`] names the first byte that cannot be part of such text.
    pub fn from_bytes(bytes: &[u8]) -> Result<Text, InvalidText> {
        Text::check(bytes).map(|bytes| Text(bytes.into_owned().into_boxed_slice()))
    }

    /// Checks that bytes are generalized UTF-8 without taking them; copies only where a surrogate
    /// pair had to be joined.
    ///
    /// # Errors
    /// [`InvalidText`] names the first byte that cannot be part of such text.
    pub fn check(bytes: &[u8]) -> Result<Cow<'_, [u8]>, InvalidText> {
        let mut start = 0;
        let mut joined: Option<Vec<u8>> = None;
        let mut copied = 0;
        while let Err(error) = std::str::from_utf8(&bytes[start..]) {
            let at = start + error.valid_up_to();
            let unit = surrogate(&bytes[at..]).ok_or(InvalidText { at, byte: bytes[at] })?;
            start = at + 3;
            if let (0xD800..0xDC00, Some(low @ 0xDC00..)) = (unit, surrogate(&bytes[start..])) {
                let out = joined.get_or_insert_with(|| Vec::with_capacity(bytes.len()));
                out.extend_from_slice(&bytes[copied..at]);
                push_scalar(out, pair(unit, low));
                start += 3;
                copied = start;
            }
        }
        Ok(match joined {
            None => Cow::Borrowed(bytes),
            Some(mut out) => {
                out.extend_from_slice(&bytes[copied..]);
                Cow::Owned(out)
            }
        })
    }

    /// Makes text from UTF-16 code units. Cannot fail: every sequence of units is text.
    pub fn from_units(units: impl IntoIterator<Item = u16>) -> Text {
        let mut out = Vec::new();
        Text::append_units(&mut out, units);
        Text(out.into_boxed_slice())
    }

    /// Appends UTF-16 code units to a buffer as generalized UTF-8.
    ///
    /// Pairs are joined within one call only: hand over whole texts.
    pub fn append_units(out: &mut Vec<u8>, units: impl IntoIterator<Item = u16>) {
        for unit in char::decode_utf16(units) {
            match unit {
                Ok(scalar) => push_scalar(out, scalar),
                Err(lone) => {
                    let unit = lone.unpaired_surrogate();
                    out.extend_from_slice(&[
                        0xED,
                        0x80 | ((unit >> 6) & 0x3F) as u8,
                        0x80 | (unit & 0x3F) as u8,
                    ]);
                }
            }
        }
    }

    /// Returns the generalized UTF-8 bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the text as a string slice, unless it holds a lone surrogate.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// Returns the text for display; each lone surrogate becomes U+FFFD.
    pub fn to_lossy(&self) -> Cow<'_, str> {
        match self.as_str() {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(char::decode_utf16(self.units()).map(|c| c.unwrap_or('\u{FFFD}')).collect()),
        }
    }

    /// Walks the text as UTF-16 code units.
    pub fn units(&self) -> impl Iterator<Item = u16> + '_ {
        units(&self.0)
    }

    /// Returns the length in UTF-16 code units, as SQL Server counts `nvarchar`.
    pub fn len_units(&self) -> usize {
        self.0.iter().map(|&byte| usize::from(byte & 0xC0 != 0x80) + usize::from(byte >= 0xF0)).sum()
    }

    /// Tells whether the text has no characters.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the text in lower case, as a key for comparison without regard to case.
    pub fn to_folded(&self) -> Text {
        match self.as_str() {
            Some(text) => Text::from(text.to_lowercase()),
            None => Text(self.0.to_ascii_lowercase().into_boxed_slice()),
        }
    }

    /// Takes bytes that this crate made and therefore knows to be generalized UTF-8, with every
    /// surrogate pair joined. In debug builds this is checked.
    pub(crate) fn from_known(bytes: impl Into<Box<[u8]>>) -> Text {
        let bytes = bytes.into();
        debug_assert!(matches!(Text::check(&bytes), Ok(Cow::Borrowed(_))));
        Text(bytes)
    }
}

/// Walks generalized UTF-8 as UTF-16 code units.
pub(crate) fn units(bytes: &[u8]) -> impl Iterator<Item = u16> + '_ {
    let mut at = 0;
    let mut low: Option<u16> = None;
    std::iter::from_fn(move || {
        if let Some(unit) = low.take() {
            return Some(unit);
        }
        let first = *bytes.get(at)?;
        let length = match first {
            0..0x80 => 1,
            0x80..0xE0 => 2,
            0xE0..0xF0 => 3,
            _ => 4,
        };
        let rest = bytes.get(at + 1..at + length).unwrap_or_default();
        at += length;
        let lead = if length == 1 { u32::from(first) } else { u32::from(first) & (0x7F >> length) };
        let point = rest.iter().fold(lead, |point, &byte| point << 6 | u32::from(byte & 0x3F));
        if point < 0x1_0000 {
            return Some(point as u16);
        }
        low = Some(0xDC00 | ((point - 0x1_0000) & 0x3FF) as u16);
        Some(0xD800 | ((point - 0x1_0000) >> 10) as u16)
    })
}

/// Reads one surrogate code point encoded as three bytes.
fn surrogate(bytes: &[u8]) -> Option<u16> {
    match *bytes {
        [0xED, second @ 0xA0..=0xBF, third @ 0x80..=0xBF, ..] => {
            Some(0xD000 | u16::from(second & 0x3F) << 6 | u16::from(third & 0x3F))
        }
        _ => None,
    }
}

fn pair(high: u16, low: u16) -> char {
    let point = 0x1_0000 + (u32::from(high & 0x3FF) << 10 | u32::from(low & 0x3FF));
    char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn push_scalar(out: &mut Vec<u8>, scalar: char) {
    out.extend_from_slice(scalar.encode_utf8(&mut [0; 4]).as_bytes());
}

impl From<&str> for Text {
    fn from(text: &str) -> Text {
        Text(text.as_bytes().into())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Text {
        Text(text.into_bytes().into_boxed_slice())
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_lossy())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_str() {
            Some(text) => write!(f, "{text:?}"),
            None => write!(f, "{:?} (with lone surrogates)", self.to_lossy()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sequence_of_units_survives_the_round_trip() {
        for units in [
            vec![],
            vec![0],
            vec![0x41, 0xD800, 0x42],
            vec![0xDC00, 0xD800],
            vec![0xD83D, 0xDE00],
            vec![0xD83D, 0xD83D, 0xDE00, 0xDE00],
            vec![0xFFFE, 0xFFFF, 0x20AC, 0x7FF, 0x800],
        ] {
            let text = Text::from_units(units.iter().copied());
            assert_eq!(text.units().collect::<Vec<_>>(), units);
            assert_eq!(text.len_units(), units.len());
            assert_eq!(Text::from_bytes(text.as_bytes()).unwrap(), text);
        }
    }

    #[test]
    fn a_pair_encoded_as_two_surrogates_is_joined() {
        let text = Text::from_bytes(b"a\xED\xA0\xBD\xED\xB8\x80b\xED\xA0\xBD").unwrap();
        assert_eq!(text.units().collect::<Vec<_>>(), [0x61, 0xD83D, 0xDE00, 0x62, 0xD83D]);
        assert_eq!(text.as_bytes(), b"a\xF0\x9F\x98\x80b\xED\xA0\xBD");
    }

    #[test]
    fn a_foreign_byte_is_named_with_its_place() {
        assert_eq!(Text::from_bytes(b"caf\xE9!"), Err(InvalidText { at: 3, byte: 0xE9 }));
        assert_eq!(Text::from_bytes(b"\xED\xA0"), Err(InvalidText { at: 0, byte: 0xED }));
    }
}
