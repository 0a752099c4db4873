//! Walking a Deflate stream (RFC 1951) without decompressing it, to prove that its padding is zero
//! and that it ends with its input.
//!
//! Decompressors skip the unused bits before a stored block and behind the last one, so a change
//! there alters no content and no CRC. A package must not change unseen, not even there.

use std::io::{self, BufRead};

/// Longest code of any alphabet.
const MAX_BITS: usize = 15;

/// Codes up to this length are found by one look into a table.
const FAST_BITS: u32 = 10;

/// Bits from the least significant one on.
struct Bits<R> {
    input: R,
    held: u64,
    count: u32,
}

fn bad(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

impl<R: BufRead> Bits<R> {
    /// Holds at least 48 bits, or all that remain.
    fn fill(&mut self) -> io::Result<()> {
        while self.count < 48 {
            let available = self.input.fill_buf()?;
            let bytes = available.len().min((64 - self.count as usize) / 8);
            if bytes == 0 {
                break;
            }
            for &byte in &available[..bytes] {
                self.held |= u64::from(byte) << self.count;
                self.count += 8;
            }
            self.input.consume(bytes);
        }
        Ok(())
    }

    fn drop(&mut self, count: u32) -> io::Result<()> {
        self.count = self.count.checked_sub(count).ok_or_else(|| bad("the compressed data ends early"))?;
        self.held >>= count;
        Ok(())
    }

    /// Takes up to 16 bits.
    fn take(&mut self, count: u32) -> io::Result<u32> {
        if self.count < count {
            self.fill()?;
        }
        let bits = self.held as u32 & ((1 << count) - 1);
        self.drop(count)?;
        Ok(bits)
    }

    /// Leaves the byte that is begun.
    fn align(&mut self) -> io::Result<()> {
        if self.take(self.count % 8)? != 0 {
            return Err(bad("unused bits of the compressed data are not zero"));
        }
        Ok(())
    }

    /// Skips whole bytes.
    fn skip(&mut self, mut count: u64) -> io::Result<()> {
        while count > 0 && self.count > 0 {
            self.drop(8)?;
            count -= 1;
        }
        while count > 0 {
            let available = self.input.fill_buf()?.len();
            if available == 0 {
                return Err(bad("the compressed data ends early"));
            }
            let step = available.min(usize::try_from(count).unwrap_or(usize::MAX));
            self.input.consume(step);
            count -= step as u64;
        }
        Ok(())
    }
}

/// A canonical Huffman code: how many codes of each length, and their symbols in order.
struct Code {
    counts: [u16; MAX_BITS + 1],
    symbols: Vec<u16>,
    /// By the next bits: symbol times 16 plus length; 0 where the code is longer.
    fast: Vec<u16>,
}

impl Code {
    fn new(lengths: &[u8]) -> Code {
        let mut counts = [0; MAX_BITS + 1];
        let mut symbols: Vec<u16> = Vec::with_capacity(lengths.len());
        let mut fast = vec![0; 1 << FAST_BITS];
        let mut next: u32 = 0;
        for length in 1..=MAX_BITS as u32 {
            next <<= 1;
            let with_length = (0u16..).zip(lengths).filter(|(_, known)| u32::from(**known) == length);
            for (symbol, _) in with_length {
                symbols.push(symbol);
                counts[length as usize] += 1;
                // Codes stand in the stream with their first bit lowest.
                let reversed = (next.reverse_bits() >> (32 - length)) as usize;
                let places = fast.iter_mut().skip(reversed).step_by(1 << length.min(FAST_BITS));
                if length <= FAST_BITS {
                    places.for_each(|place| *place = symbol << 4 | length as u16);
                }
                next += 1;
            }
        }
        Code { counts, symbols, fast }
    }

    fn read<R: BufRead>(&self, bits: &mut Bits<R>) -> io::Result<u16> {
        bits.fill()?;
        let entry = self.fast[bits.held as usize & ((1 << FAST_BITS) - 1)];
        if entry != 0 {
            bits.drop(u32::from(entry & 15))?;
            return Ok(entry >> 4);
        }
        let (mut code, mut first, mut index) = (0_u32, 0_u32, 0_u32);
        for (length, &count) in (1..).zip(&self.counts[1..]) {
            code |= (bits.held >> (length - 1)) as u32 & 1;
            let count = u32::from(count);
            if code < first + count {
                bits.drop(length)?;
                let at = (index + code).saturating_sub(first) as usize;
                return self.symbols.get(at).copied().ok_or_else(|| bad("a code that is not in use"));
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        Err(bad("a code that is not in use"))
    }
}

/// Proves that all padding of a stream is zero, and that the stream ends where its input ends.
///
/// Takes time in proportion to the compressed size; memory is constant.
///
/// # Errors
/// What is wrong, or why the input cannot be read.
pub(super) fn check_padding(input: impl BufRead) -> io::Result<()> {
    let mut bits = Bits { input, held: 0, count: 0 };
    loop {
        let last = bits.take(1)? == 1;
        match bits.take(2)? {
            0 => {
                bits.align()?;
                let length = bits.take(16)?;
                if bits.take(16)? != !length & 0xFFFF {
                    return Err(bad("a stored block whose length is damaged"));
                }
                bits.skip(u64::from(length))?;
            }
            1 => walk_block(&mut bits, &fixed_literals(), &Code::new(&[5; 30]))?,
            2 => {
                let (literals, distances) = read_codes(&mut bits)?;
                walk_block(&mut bits, &literals, &distances)?;
            }
            _ => return Err(bad("a block of no known kind")),
        }
        if last {
            bits.align()?;
            let rest = bits.count > 0 || !bits.input.fill_buf()?.is_empty();
            return if rest { Err(bad("bytes behind the end of the compressed data")) } else { Ok(()) };
        }
    }
}

fn fixed_literals() -> Code {
    let mut lengths = [8; 288];
    lengths[144..256].fill(9);
    lengths[256..280].fill(7);
    Code::new(&lengths)
}

fn walk_block<R: BufRead>(bits: &mut Bits<R>, literals: &Code, distances: &Code) -> io::Result<()> {
    loop {
        let extra = match literals.read(bits)? {
            0..256 => continue,
            256 => return Ok(()),
            257..265 | 285 => 0,
            symbol @ 265..285 => u32::from(symbol - 261) / 4,
            _ => return Err(bad("a length that does not exist")),
        };
        bits.take(extra)?;
        let extra = match distances.read(bits)? {
            0..4 => 0,
            symbol @ 4..30 => u32::from(symbol) / 2 - 1,
            _ => return Err(bad("a distance that does not exist")),
        };
        bits.take(extra)?;
    }
}

/// Reads the codes of a dynamic block.
fn read_codes<R: BufRead>(bits: &mut Bits<R>) -> io::Result<(Code, Code)> {
    const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    let literals = bits.take(5)? as usize + 257;
    let distances = bits.take(5)? as usize + 1;
    let used = bits.take(4)? as usize + 4;
    let mut lengths = [0_u8; 19];
    for &at in ORDER.iter().take(used) {
        lengths[at] = bits.take(3)? as u8;
    }
    let code = Code::new(&lengths);
    let mut lengths: Vec<u8> = Vec::with_capacity(literals + distances);
    while lengths.len() < literals + distances {
        let (length, times) = match code.read(bits)? {
            length @ 0..16 => (length as u8, 1),
            16 => {
                let before = lengths.last().copied().ok_or_else(|| bad("a repetition of nothing"))?;
                (before, bits.take(2)? + 3)
            }
            17 => (0, bits.take(3)? + 3),
            _ => (0, bits.take(7)? + 11),
        };
        lengths.extend(std::iter::repeat_n(length, times as usize));
    }
    if lengths.len() > literals + distances {
        return Err(bad("more code lengths than codes"));
    }
    let (literals, distances) = lengths.split_at(literals);
    Ok((Code::new(literals), Code::new(distances)))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use flate2::Compression;
    use flate2::read::DeflateDecoder;
    use flate2::write::DeflateEncoder;

    use super::*;

    fn text() -> Vec<u8> {
        (0..5_000_u32)
            .flat_map(|n| format!("line {} of {}\n", n, n.wrapping_mul(2_654_435_761)).into_bytes())
            .collect()
    }

    fn deflated(bytes: &[u8], level: u32) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(level));
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn sound_streams_of_all_kinds_of_blocks_pass() {
        for level in [0, 1, 6, 9] {
            for bytes in [&b""[..], b"a", b"aaaaaaaaaaaaaaaaaaaaaaa", &text()] {
                check_padding(&deflated(bytes, level)[..]).unwrap();
            }
        }
    }

    #[test]
    fn every_bit_that_decompression_does_not_miss_is_missed_here() {
        let bytes = text();
        let sound = deflated(&bytes[..300], 9);
        let mut silent = 0;
        for bit in 0..sound.len() * 8 {
            let mut changed = sound.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let mut out = Vec::new();
            let same = DeflateDecoder::new(&changed[..]).read_to_end(&mut out).is_ok() && out == bytes[..300];
            if same {
                silent += 1;
                assert!(check_padding(&changed[..]).is_err(), "bit {bit}");
            }
        }
        assert!(silent > 0, "the sample has no padding");
    }

    #[test]
    fn cut_and_prolonged_streams_are_refused() {
        let sound = deflated(&text(), 6);
        for end in (0..sound.len()).step_by(97) {
            assert!(check_padding(&sound[..end]).is_err());
        }
        assert!(check_padding(&[&sound[..], &[0]].concat()[..]).is_err());
    }
}
