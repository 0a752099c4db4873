//! Deciding the encoding by all bytes of a stream, while somebody else reads them anyway.

use super::{Encoding, valid_up_to};

/// How far pairs of bytes are looked at for UTF-16 without a mark.
const PAIRED: usize = 1 << 20;

/// Counts what speaks for an encoding. Feed it the whole stream in pieces of any size.
///
/// A byte order mark decides. Without one, NUL bytes beside letters and digits speak for UTF-16;
/// single NULs do not, since they are data (`bcp -c` writes an empty string as one NUL: Microsoft
/// Learn, "Keep nulls or default values during bulk import"). Then the whole stream decides
/// between UTF-8 and Windows-1252. Costs one pass at about the speed of UTF-8 validation.
#[derive(Debug, Clone, Default)]
pub struct Census {
    head: Vec<u8>,
    /// The first bytes of a sequence that the last piece cut off; at most three.
    cut: Vec<u8>,
    pairs: Pairs,
    multibyte: u64,
    invalid: u64,
}

/// Units of two bytes, by how they would read as UTF-16.
#[derive(Debug, Clone, Default)]
struct Pairs {
    first: Option<u8>,
    seen: usize,
    /// A letter or digit, then NUL.
    little: u64,
    /// NUL, then a letter or digit.
    big: u64,
    /// A letter or digit, and anything but NUL beside it.
    mixed: u64,
}

impl Pairs {
    fn feed(&mut self, bytes: &[u8]) {
        let left = PAIRED.saturating_sub(self.seen).min(bytes.len());
        self.seen += left;
        for &byte in &bytes[..left] {
            let Some(first) = self.first.take() else {
                self.first = Some(byte);
                continue;
            };
            match (first, byte) {
                (one, 0) if one.is_ascii_alphanumeric() => self.little += 1,
                (0, two) if two.is_ascii_alphanumeric() => self.big += 1,
                (one, two) if one.is_ascii_alphanumeric() || two.is_ascii_alphanumeric() => self.mixed += 1,
                _ => {}
            }
        }
    }

    /// Names UTF-16 if these units speak for it. Text outside Latin scripts has few NULs and many
    /// mixed units, but it is hardly ever valid UTF-8; Latin text is the other way round.
    fn verdict(&self, valid_utf8: bool) -> Option<Encoding> {
        let (most, least, encoding) = if self.little >= self.big {
            (self.little, self.big, Encoding::Utf16LittleEndian)
        } else {
            (self.big, self.little, Encoding::Utf16BigEndian)
        };
        let units = self.seen as u64 / 2;
        let enough = if valid_utf8 { most >= self.mixed } else { most * 50 >= units };
        (most > 4 * least && enough).then_some(encoding)
    }
}

/// What stands at the beginning of some bytes.
enum Sequence {
    Valid(usize),
    Invalid,
    CutOff,
}

impl Census {
    /// Takes the next bytes of the stream.
    pub fn feed(&mut self, bytes: &[u8]) {
        let wanted = 3_usize.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..wanted]);
        self.pairs.feed(bytes);
        let rest = self.complete(bytes);
        self.count(rest);
    }

    /// Decides.
    pub fn finish(mut self) -> Encoding {
        // A sequence cut off by the end of the stream is as invalid as any.
        self.invalid += self.cut.len() as u64;
        let valid = self.invalid == 0;
        Encoding::marked(&self.head).or_else(|| self.pairs.verdict(valid)).unwrap_or({
            if valid || self.multibyte > self.invalid { Encoding::Utf8 } else { Encoding::Windows1252 }
        })
    }

    /// Completes the sequence that the last piece cut off; returns what follows it.
    fn complete<'a>(&mut self, mut bytes: &'a [u8]) -> &'a [u8] {
        while !self.cut.is_empty() {
            let Some((&next, rest)) = bytes.split_first() else { break };
            let known = self.cut.len();
            self.cut.push(next);
            match sequence(&self.cut) {
                Sequence::CutOff => bytes = rest,
                Sequence::Valid(_) => {
                    self.multibyte += 1;
                    self.cut.clear();
                    bytes = rest;
                }
                // The new byte does not belong to them; it is looked at on its own.
                Sequence::Invalid => {
                    self.invalid += known as u64;
                    self.cut.clear();
                }
            }
        }
        bytes
    }

    fn count(&mut self, mut bytes: &[u8]) {
        loop {
            let (valid, rest) = bytes.split_at(valid_up_to(bytes));
            self.multibyte += multibyte(valid);
            if rest.is_empty() {
                return;
            }
            bytes = match sequence(rest) {
                Sequence::CutOff => return self.cut.extend_from_slice(rest),
                Sequence::Valid(length) => {
                    self.multibyte += 1;
                    &rest[length..]
                }
                Sequence::Invalid => {
                    self.invalid += 1;
                    &rest[1..]
                }
            };
        }
    }
}

fn multibyte(valid: &[u8]) -> u64 {
    // Counted in bytes, of which as many as can be are added at once.
    let count = |block: &[u8]| block.iter().map(|&byte| u8::from(byte >= 0xC0)).sum::<u8>();
    valid.chunks(255).map(|block| u64::from(count(block))).sum()
}

/// Judges the sequence that bytes begin with, encoded surrogates being valid.
fn sequence(bytes: &[u8]) -> Sequence {
    match *bytes {
        [0xED, 0xA0..=0xBF, 0x80..=0xBF, ..] => return Sequence::Valid(3),
        [0xED] | [0xED, 0xA0..=0xBF] => return Sequence::CutOff,
        _ => {}
    }
    match std::str::from_utf8(&bytes[..bytes.len().min(4)]) {
        Ok(text) => Sequence::Valid(text.chars().next().map_or(1, char::len_utf8)),
        Err(error) if error.valid_up_to() > 0 => Sequence::Valid(error.valid_up_to()),
        Err(error) if error.error_len().is_none() => Sequence::CutOff,
        Err(_) => Sequence::Invalid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn census(bytes: &[u8]) -> Encoding {
        let of_pieces = |size| {
            let mut census = Census::default();
            bytes.chunks(size).for_each(|piece| census.feed(piece));
            census.finish()
        };
        let whole = of_pieces(usize::MAX);
        for size in 1..8 {
            assert_eq!(of_pieces(size), whole, "in pieces of {size}");
        }
        whole
    }

    fn utf16le(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn a_mark_decides_alone() {
        assert_eq!(census(b"\xEF\xBB\xBFcaf\xE9"), Encoding::Utf8);
        assert_eq!(census(b"\xFF\xFE"), Encoding::Utf16LittleEndian);
        assert_eq!(census(b"\xFE\xFF\x00"), Encoding::Utf16BigEndian);
    }

    #[test]
    fn text_without_mark_is_recognised_by_its_bytes() {
        assert_eq!(census(b""), Encoding::Utf8);
        assert_eq!(census(b"plain"), Encoding::Utf8);
        assert_eq!(census("Grüße an Łukasz 😀".as_bytes()), Encoding::Utf8);
        assert_eq!(census(b"Gr\xFC\xDFe"), Encoding::Windows1252);
        assert_eq!(census(b"it\x92s 50 \x80"), Encoding::Windows1252);
    }

    #[test]
    fn a_lone_surrogate_is_valid_utf8_here() {
        assert_eq!(census(b"a\xED\xA0\xBDb"), Encoding::Utf8);
        assert_eq!(census(b"a\xED\xA0"), Encoding::Windows1252);
    }

    #[test]
    fn a_damaged_utf8_stream_stays_utf8() {
        assert_eq!(census("é é é \u{20AC}".as_bytes().strip_suffix(b"\xAC").unwrap()), Encoding::Utf8);
        assert_eq!(census(b"\xC3\xA9 \xE9 \xE9"), Encoding::Windows1252);
    }

    #[test]
    fn utf16_without_mark_is_seen_by_its_nuls() {
        let rows = "1\t2011-05-01 10:00:00\tHello\r\n";
        assert_eq!(census(&utf16le(rows)), Encoding::Utf16LittleEndian);
        let big: Vec<u8> = rows.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(census(&big), Encoding::Utf16BigEndian);
        let odd = [&utf16le(rows)[..], b"x"].concat();
        assert_eq!(census(&odd), Encoding::Utf16LittleEndian);
    }

    #[test]
    fn utf16_of_another_script_is_seen_by_the_digits_in_it() {
        let row = format!("4711\t634400000000000000\t{}\r\n", "会議は三時からです。".repeat(30));
        assert_eq!(census(&utf16le(&row.repeat(20))), Encoding::Utf16LittleEndian);
    }

    #[test]
    fn empty_strings_of_bcp_do_not_make_utf16() {
        assert_eq!(census(b"\0\t\0\t\0\n".repeat(50).as_slice()), Encoding::Utf8);
        assert_eq!(census(b"1\t\0\t\0\t\0\n".repeat(50).as_slice()), Encoding::Utf8);
        assert_eq!(census(b"12\ta\t\0\tb\0c\n".repeat(50).as_slice()), Encoding::Utf8);
    }
}
