//! From a document's bytes to UTF-8 that an XML parser takes, without losing what is no UTF-8.
//!
//! The parser refuses a whole document for one wrong byte. So bytes that cannot be text in the
//! document's encoding, and lone surrogates, are carried through it in disguise: a noncharacter,
//! U+10FFFE, followed by one character from U+0100 on that stands for the byte. [`restore`] takes
//! the disguise off; what then is no generalized UTF-8 makes its record, and it alone, unusable.

use std::borrow::Cow;

use memchr::memmem;

/// Announces a disguised byte; in front of `0`, it stands for itself.
pub(super) const ESCAPE: &[u8] = "\u{10FFFE}".as_bytes();

/// Stands for bytes that are missing at the end, since no encoding has it.
const NO_BYTE: u8 = 0xFF;

/// How the bytes of a document stand for characters.
#[derive(Debug, Clone)]
pub(super) enum Charset {
    Utf8,
    Utf16Little,
    Utf16Big,
    /// One byte a character.
    Single(Box<[char; 256]>),
}

/// What begins a document: its encoding as far as the first bytes tell, and the bytes of its mark.
pub(super) fn sniff(head: &[u8]) -> (Charset, usize) {
    match head {
        [0xEF, 0xBB, 0xBF, ..] => (Charset::Utf8, 3),
        [0xFF, 0xFE, ..] => (Charset::Utf16Little, 2),
        [0xFE, 0xFF, ..] => (Charset::Utf16Big, 2),
        [first, 0, ..] if *first != 0 => (Charset::Utf16Little, 0),
        [0, second, ..] if *second != 0 => (Charset::Utf16Big, 0),
        _ => (Charset::Utf8, 0),
    }
}

/// Returns the encoding that the XML declaration of a document in ASCII-like bytes names;
/// `Err` holds a name that is not known.
pub(super) fn declared(head: &[u8]) -> Result<Charset, String> {
    let Some(name) = declared_name(head) else { return Ok(Charset::Utf8) };
    let label = String::from_utf8_lossy(name).trim().to_ascii_lowercase();
    match label.as_str() {
        "utf-8" | "utf8" | "us-ascii" | "ascii" => Ok(Charset::Utf8),
        // The declaration could not be read as ASCII if this were true: a program that made the
        // document as text and saved it as UTF-8 leaves it so.
        "utf-16" | "utf-16le" | "utf-16be" | "unicode" => Ok(Charset::Utf8),
        "iso-8859-1" | "latin1" => Ok(Charset::Single(Box::new(std::array::from_fn(|at| at as u8 as char)))),
        _ => match encoding_rs::Encoding::for_label(label.as_bytes()) {
            Some(encoding) if encoding.is_single_byte() => {
                let mut table = [char::REPLACEMENT_CHARACTER; 256];
                for (byte, entry) in (0..=u8::MAX).zip(&mut table) {
                    let byte = [byte];
                    let (text, _) = encoding.decode_without_bom_handling(&byte);
                    *entry = text.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER);
                }
                Ok(Charset::Single(Box::new(table)))
            }
            _ => Err(label),
        },
    }
}

fn declared_name(head: &[u8]) -> Option<&[u8]> {
    let rest = head.strip_prefix(b"<?xml")?;
    let rest = &rest[..memmem::find(rest, b"?>")?];
    let rest = &rest[memmem::find(rest, b"encoding")? + 8..];
    let rest = rest.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (&quote, rest) = rest.split_first()?;
    matches!(quote, b'"' | b'\'').then(|| rest.split(|&byte| byte == quote).next()).flatten()
}

impl Charset {
    /// Decodes bytes into `clean`; returns how many it took (what is cut at the end waits for
    /// more, unless this is the `last` of it) and whether anything had to be disguised.
    pub(super) fn decode(&self, raw: &[u8], last: bool, clean: &mut Vec<u8>) -> (usize, bool) {
        match self {
            Charset::Utf8 => decode_utf8(raw, last, clean),
            Charset::Utf16Little => decode_utf16(raw, last, clean, u16::from_le_bytes),
            Charset::Utf16Big => decode_utf16(raw, last, clean, u16::from_be_bytes),
            Charset::Single(table) => {
                let mut room = [0; 4];
                for &byte in raw {
                    let text = table[usize::from(byte)].encode_utf8(&mut room);
                    clean.extend_from_slice(text.as_bytes());
                }
                // No encoding of one byte a character has the noncharacter of the disguise.
                (raw.len(), false)
            }
        }
    }

    /// Returns how many bytes of the document became these.
    pub(super) fn measure(&self, clean: &[u8], disguised: bool) -> u64 {
        let bytes = if disguised { restore(clean) } else { Cow::Borrowed(clean) };
        let count = match self {
            Charset::Utf8 => bytes.len(),
            Charset::Utf16Little | Charset::Utf16Big => {
                let units = |byte: &u8| usize::from(byte & 0xC0 != 0x80) + usize::from(*byte >= 0xF0);
                2 * bytes.iter().map(units).sum::<usize>()
            }
            Charset::Single(_) => bytes.iter().filter(|&byte| byte & 0xC0 != 0x80).count(),
        };
        count as u64
    }
}

fn decode_utf8(raw: &[u8], last: bool, clean: &mut Vec<u8>) -> (usize, bool) {
    let mut end = raw.len();
    if let Err(error) = std::str::from_utf8(raw) {
        // Only the very end can be a character cut in two.
        let tail = raw.len() - raw.len().min(3);
        let cut = (tail..raw.len()).find(|&at| {
            let cut_there =
                |error: std::str::Utf8Error| error.error_len().is_none() && error.valid_up_to() == 0;
            std::str::from_utf8(&raw[at..]).is_err_and(cut_there)
        });
        if !last {
            end = cut.unwrap_or(end);
        }
        if error.valid_up_to() < end {
            for chunk in raw[..end].utf8_chunks() {
                push_text(clean, chunk.valid().as_bytes());
                chunk.invalid().iter().for_each(|&byte| disguise(clean, byte));
            }
            return (end, true);
        }
    }
    (end, push_text(clean, &raw[..end]))
}

fn decode_utf16(raw: &[u8], last: bool, clean: &mut Vec<u8>, unit: fn([u8; 2]) -> u16) -> (usize, bool) {
    let units = |bytes: &[u8]| -> Option<u16> { bytes.first_chunk().map(|&pair| unit(pair)) };
    let mut end = raw.len() & !1;
    let high = end.checked_sub(2).and_then(|at| units(&raw[at..])).is_some_and(|it| it & 0xFC00 == 0xD800);
    if high && !last {
        end -= 2;
    }
    let mut disguised = false;
    let mut room = [0; 4];
    for scalar in char::decode_utf16(raw[..end].chunks_exact(2).filter_map(units)) {
        match scalar {
            Ok('\u{10FFFE}') => disguised |= push_text(clean, ESCAPE),
            Ok(scalar) => clean.extend_from_slice(scalar.encode_utf8(&mut room).as_bytes()),
            Err(lone) => {
                let unit = lone.unpaired_surrogate();
                disguised = true;
                disguise(clean, 0xED);
                disguise(clean, 0x80 | (unit >> 6 & 0x3F) as u8);
                disguise(clean, 0x80 | (unit & 0x3F) as u8);
            }
        }
    }
    if last && raw.len() % 2 == 1 {
        disguise(clean, NO_BYTE);
        return (raw.len(), true);
    }
    (end, disguised)
}

/// Appends text, with the disguise's own noncharacter disguised; tells whether it was there.
fn push_text(clean: &mut Vec<u8>, mut text: &[u8]) -> bool {
    let mut found = false;
    while let Some(at) = memmem::find(text, ESCAPE) {
        let end = at + ESCAPE.len();
        clean.extend_from_slice(&text[..end]);
        clean.push(b'0');
        text = &text[end..];
        found = true;
    }
    clean.extend_from_slice(text);
    found
}

fn disguise(clean: &mut Vec<u8>, byte: u8) {
    clean.extend_from_slice(ESCAPE);
    clean.extend_from_slice(&[0xC4 | byte >> 6, 0x80 | byte & 0x3F]);
}

/// Takes the disguise off the character behind [`ESCAPE`]: returns the byte, or `None` for the
/// noncharacter itself, and how many bytes of `behind` say so.
pub(super) fn undisguise(behind: &[u8]) -> (Option<u8>, usize) {
    match *behind {
        [high @ 0xC4..=0xC7, low, ..] => (Some((high & 3) << 6 | low & 0x3F), 2),
        [b'0', ..] => (None, 1),
        _ => (None, 0),
    }
}

/// Returns what stood in the document: generalized UTF-8, but for bytes that are no text at all.
pub(super) fn restore(clean: &[u8]) -> Cow<'_, [u8]> {
    let mut rest = clean;
    let mut out = Vec::new();
    while let Some(at) = memmem::find(rest, ESCAPE) {
        out.extend_from_slice(&rest[..at]);
        let behind = &rest[at + ESCAPE.len()..];
        let (byte, taken) = undisguise(behind);
        match byte {
            Some(byte) => out.push(byte),
            None => out.extend_from_slice(ESCAPE),
        }
        rest = &behind[taken..];
    }
    if out.is_empty() && rest.len() == clean.len() {
        return Cow::Borrowed(clean);
    }
    out.extend_from_slice(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Decodes in pieces of every size and checks that the pieces do not matter.
    fn decoded(charset: &Charset, raw: &[u8]) -> Vec<u8> {
        let mut whole = Vec::new();
        let (taken, _) = charset.decode(raw, true, &mut whole);
        assert_eq!(taken, raw.len());
        assert!(std::str::from_utf8(&whole).is_ok());
        for size in 1..raw.len() {
            let (mut clean, mut carry) = (Vec::new(), Vec::new());
            let pieces: Vec<&[u8]> = raw.chunks(size).collect();
            for (at, piece) in pieces.iter().enumerate() {
                carry.extend_from_slice(piece);
                let before = clean.len();
                let (taken, disguised) = charset.decode(&carry, at + 1 == pieces.len(), &mut clean);
                assert_eq!(disguised, memmem::find(&clean[before..], ESCAPE).is_some());
                carry.drain(..taken);
            }
            assert_eq!(clean, whole, "pieces of {size}");
        }
        whole
    }

    #[test]
    fn wrong_bytes_and_lone_surrogates_pass_through_utf8_in_disguise() {
        for raw in [
            &b"plain"[..],
            b"caf\xE9 \xF0\x9F\x98\x80 \xF0\x9F\x98",
            b"\xED\xA0\xBD and \xF4\x8F\xBF\xBE and \xF4\x8F\xBF\xBE0",
            b"\xC3",
            b"\x80\x80\x80\x80\xE2\x82\xAC",
        ] {
            let clean = decoded(&Charset::Utf8, raw);
            assert_eq!(restore(&clean).as_ref(), raw);
            assert_eq!(Charset::Utf8.measure(&clean, true), raw.len() as u64);
        }
    }

    #[test]
    fn utf16_keeps_lone_surrogates_and_tells_of_half_a_unit() {
        let raw = b"a\0\x3D\xD8\x00\xDE\x3D\xD8b\0\x00\xDE";
        let clean = decoded(&Charset::Utf16Little, raw);
        assert_eq!(restore(&clean).as_ref(), b"a\xF0\x9F\x98\x80\xED\xA0\xBDb\xED\xB8\x80");
        assert_eq!(Charset::Utf16Little.measure(&clean, true), raw.len() as u64);
        assert_eq!(restore(&decoded(&Charset::Utf16Big, b"\0a\0")).as_ref(), b"a\xFF");
    }

    #[test]
    fn single_bytes_become_the_characters_of_the_declared_encoding() {
        for (label, expected) in [("windows-1252", "€ä"), ("ISO-8859-1", "\u{80}ä")] {
            let head = format!("<?xml version='1.0' encoding = \"{label}\"?>");
            let charset = declared(head.as_bytes()).unwrap();
            assert_eq!(decoded(&charset, b"\x80\xE4"), expected.as_bytes());
            assert_eq!(charset.measure(expected.as_bytes(), false), 2);
        }
        assert_eq!(declared(b"<?xml version='1.0' encoding='Shift_JIS'?>").unwrap_err(), "shift_jis");
        assert!(matches!(declared(b"<?xml version='1.0'?><a encoding='x'/>"), Ok(Charset::Utf8)));
    }
}
