//! The streaming transcoder to generalized UTF-8.

use super::Encoding;
use crate::chat::Text;

/// What stands for a byte that is half a UTF-16 unit: it is no text in any encoding.
pub(in crate::sqlserver) const STRAY: u8 = 0xFF;

/// Bytes of UTF-16 that are looked at together.
const BLOCK: usize = 32;

/// Transcodes a stream piece by piece, without its byte order mark.
///
/// Surrogate pairs are joined across pieces, lone surrogates kept. UTF-8 passes as it is, invalid
/// bytes included; the last byte of UTF-16 of odd length becomes one invalid byte.
pub struct Decoder {
    encoding: Encoding,
    /// Bytes of the mark that have been seen; `None` once it is decided whether there is one.
    mark: Option<usize>,
    /// Bytes that the mark took.
    skipped: u64,
    /// The first byte of a unit that the last piece cut off.
    half: Option<u8>,
    /// The same once the stream has ended.
    stray: Option<u8>,
    /// A high surrogate whose low one may follow.
    high: Option<u16>,
    western: encoding_rs::Decoder,
}

impl Decoder {
    /// Makes a decoder for the beginning of a stream.
    pub fn new(encoding: Encoding) -> Decoder {
        let western = encoding_rs::WINDOWS_1252.new_decoder_without_bom_handling();
        Decoder { encoding, mark: Some(0), skipped: 0, half: None, stray: None, high: None, western }
    }

    /// Makes a decoder for a stream whose mark, if any, was taken off already.
    pub fn behind_mark(encoding: Encoding) -> Decoder {
        Decoder { mark: None, ..Decoder::new(encoding) }
    }

    /// Returns the encoding.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Returns the number of bytes that the byte order mark took; final after the first four bytes.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Returns the last byte of UTF-16 of odd length, once the stream has ended.
    pub fn stray(&self) -> Option<u8> {
        self.stray
    }

    /// Tells whether all further bytes pass as they are, so that they need not be fed.
    pub fn is_transparent(&self) -> bool {
        self.encoding == Encoding::Utf8 && self.mark.is_none()
    }

    /// Takes bytes and appends their text.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let Some(seen) = self.mark else { return self.transcode(bytes, out) };
        let mark = self.encoding.mark();
        let expected = &mark[seen..];
        let agreeing = expected.iter().zip(bytes).take_while(|(one, two)| one == two).count();
        if agreeing == expected.len() {
            self.mark = None;
            self.skipped = mark.len() as u64;
            self.transcode(&bytes[agreeing..], out);
        } else if agreeing == bytes.len() {
            self.mark = Some(seen + agreeing);
        } else {
            self.mark = None;
            self.transcode(&mark[..seen], out);
            self.transcode(bytes, out);
        }
    }

    /// Ends the stream and appends what was waiting for more bytes.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        if let Some(seen) = self.mark.take() {
            self.transcode(&self.encoding.mark()[..seen], out);
        }
        if let Some(high) = self.high.take() {
            Text::append_units(out, [high]);
        }
        self.stray = self.half.take();
        if self.stray.is_some() {
            out.push(STRAY);
        }
    }

    fn transcode(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        match self.encoding {
            Encoding::Utf8 => out.extend_from_slice(bytes),
            Encoding::Windows1252 => self.western(bytes, out),
            Encoding::Utf16LittleEndian => self.units(bytes, out, 0, u16::from_le_bytes),
            Encoding::Utf16BigEndian => self.units(bytes, out, 1, u16::from_be_bytes),
        }
    }

    fn western(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let known = out.len();
        // No character of this code page takes more than three bytes.
        out.resize(known.saturating_add(bytes.len().saturating_mul(3)), 0);
        let (_, _, written, _) = self.western.decode_to_utf8(bytes, &mut out[known..], false);
        out.truncate(known + written);
    }

    /// Decodes UTF-16. `low` is the place of the low byte in a unit.
    fn units(&mut self, mut bytes: &[u8], out: &mut Vec<u8>, low: usize, unit: fn([u8; 2]) -> u16) {
        if let Some(first) = self.half.take() {
            let Some((&second, rest)) = bytes.split_first() else {
                self.half = Some(first);
                return;
            };
            self.unit(unit([first, second]), out);
            bytes = rest;
        }
        out.reserve(bytes.len());
        let mut blocks = bytes.chunks_exact(BLOCK);
        for block in &mut blocks {
            match narrow(block, low) {
                Some(letters) if self.high.is_none() => out.extend_from_slice(&letters),
                _ => block.chunks_exact(2).for_each(|pair| self.unit(unit([pair[0], pair[1]]), out)),
            }
        }
        let mut pairs = blocks.remainder().chunks_exact(2);
        (&mut pairs).for_each(|pair| self.unit(unit([pair[0], pair[1]]), out));
        self.half = pairs.remainder().first().copied();
    }

    fn unit(&mut self, unit: u16, out: &mut Vec<u8>) {
        match (self.high.take(), unit) {
            (None, 0..0x80) => out.push(unit as u8),
            (None, 0x80..0x800) => out.extend_from_slice(&[0xC0 | (unit >> 6) as u8, continued(unit)]),
            (None, 0xD800..0xDC00) => self.high = Some(unit),
            (None, _) if !(0xDC00..0xE000).contains(&unit) => {
                out.extend_from_slice(&[0xE0 | (unit >> 12) as u8, continued(unit >> 6), continued(unit)]);
            }
            (None, _) => Text::append_units(out, [unit]),
            (Some(high), 0xDC00..0xE000) => Text::append_units(out, [high, unit]),
            (Some(high), _) => {
                Text::append_units(out, [high]);
                self.unit(unit, out);
            }
        }
    }
}

/// Returns a byte of UTF-8 that is not the first.
fn continued(bits: u16) -> u8 {
    0x80 | (bits & 0x3F) as u8
}

/// Returns the letters of a block if it is ASCII throughout. Written so that it takes no branch.
fn narrow(block: &[u8], low: usize) -> Option<[u8; BLOCK / 2]> {
    let mut letters = [0; BLOCK / 2];
    let mut others = 0;
    for (letter, unit) in letters.iter_mut().zip(block.chunks_exact(2)) {
        *letter = unit[low];
        others |= unit[1 - low] | (unit[low] & 0x80);
    }
    (others == 0).then_some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Decodes in pieces of every small size and tells that all agree.
    fn decode(encoding: Encoding, bytes: &[u8]) -> Vec<u8> {
        let of_pieces = |size| {
            let mut decoder = Decoder::new(encoding);
            let mut out = Vec::new();
            bytes.chunks(size).for_each(|piece| decoder.feed(piece, &mut out));
            decoder.finish(&mut out);
            out
        };
        let whole = of_pieces(usize::MAX);
        for size in 1..20 {
            assert_eq!(of_pieces(size), whole, "in pieces of {size}");
        }
        whole
    }

    fn bytes_of(encoding: Encoding, units: &[u16]) -> Vec<u8> {
        let little = encoding == Encoding::Utf16LittleEndian;
        units.iter().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
    }

    #[test]
    fn utf16_keeps_every_unit_whatever_the_pieces() {
        let mut units: Vec<u16> =
            "A rather long row of plain letters, 😀 and \0 – ok".encode_utf16().collect();
        units.extend([0xD800, 0x41, 0xDC00, 0xD83D, 0xD83D, 0xDE00, 0xFFFF, 0xD800]);
        for encoding in [Encoding::Utf16LittleEndian, Encoding::Utf16BigEndian] {
            let bytes = bytes_of(encoding, &units);
            let decoded = decode(encoding, &bytes);
            assert_eq!(Text::from_bytes(&decoded).unwrap().units().collect::<Vec<_>>(), units);
            assert_eq!(decoded, Text::from_units(units.iter().copied()).as_bytes());
            assert_eq!(encoding.encoded_length(&decoded), bytes.len() as u64);
            assert_eq!(encoding.encode(&decoded), bytes);
        }
    }

    #[test]
    fn an_odd_byte_at_the_end_is_no_text() {
        assert_eq!(decode(Encoding::Utf16LittleEndian, b"a\0b"), b"a\xFF");
        assert_eq!(decode(Encoding::Utf16LittleEndian, b"\x3D\xD8b"), b"\xED\xA0\xBD\xFF");
    }

    #[test]
    fn windows_1252_maps_every_byte_to_one_character_and_back() {
        let bytes: Vec<u8> = (0..=255).collect();
        let decoded = decode(Encoding::Windows1252, &bytes);
        let text = String::from_utf8(decoded.clone()).unwrap();
        assert_eq!(text.chars().count(), 256);
        assert!(
            text.contains("€\u{81}‚") && text.contains("\u{8D}Ž\u{8F}\u{90}‘") && text.contains("\u{9D}žŸ")
        );
        assert_eq!(Encoding::Windows1252.encoded_length(&decoded), 256);
        assert_eq!(Encoding::Windows1252.encode(&decoded), bytes);
    }

    #[test]
    fn the_mark_is_skipped_once_and_half_a_mark_is_data() {
        assert_eq!(decode(Encoding::Utf8, b"\xEF\xBB\xBF\xEF\xBB\xBFa"), b"\xEF\xBB\xBFa");
        assert_eq!(decode(Encoding::Utf8, b"\xEF\xBBa"), b"\xEF\xBBa");
        assert_eq!(decode(Encoding::Utf8, b"\xEF\xBB"), b"\xEF\xBB");
        assert_eq!(decode(Encoding::Utf16LittleEndian, b"\xFF\xFE"), b"");
        assert_eq!(decode(Encoding::Utf16BigEndian, b"\xFE"), b"\xFF");
    }
}
