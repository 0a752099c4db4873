//! The decoder of compressed backups: one block of XPRESS with Huffman codes.
//!
//! It turns a block into exactly as many bytes as the record around it promises, or says that the
//! block is broken. What records are and where they stand is not known here.
//!
//! Format: "\[MS-XCA\]: Xpress Compression Algorithm", section 2.2, of Microsoft's open specifications.
//! A block begins with the lengths of 512 canonical codes, a nibble each. Bits follow in 16-bit
//! little-endian words, the first bit the highest. Lengths too long for their symbol stand as plain
//! bytes *between the words*, at the place where a decoder that holds 16 to 31 bits would read on;
//! this one holds more, so it gives whole words back before it reads such bytes.

mod codes;
#[cfg(test)]
pub(super) mod encoder;
#[cfg(test)]
pub(super) mod tests;

pub(super) use codes::{TABLE, is_complete};

use codes::Codes;

/// A block that cannot be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken;

/// Bytes that a short match may write at once, beyond its own length.
const STRIDE: usize = 16;

/// Decodes the block at the beginning of `input` into all of `out`; returns the bytes of input that
/// belong to it, those of the words read ahead included.
///
/// # Errors
/// [`Broken`] if the codes are no complete set, a match reaches before the beginning or beyond the
/// end, or the input ends early. `out` then holds anything.
pub(super) fn decode(input: &[u8], out: &mut [u8]) -> Result<usize, Broken> {
    let codes = Codes::read(input)?;
    let mut bits = Bits::new(input, TABLE);
    let mut at = 0;
    while at < out.len() {
        bits.refill();
        let mut symbol = bits.symbol(&codes);
        if symbol < 256 {
            out[at] = symbol as u8;
            at += 1;
            // Two codes of 15 bits are within what one refill guarantees.
            if at == out.len() {
                break;
            }
            symbol = bits.symbol(&codes);
            if symbol < 256 {
                out[at] = symbol as u8;
                at += 1;
                continue;
            }
            bits.refill();
        }
        at = copy_match(symbol - 256, &mut bits, out, at)?;
    }
    let used = bits.give_back();
    if used <= input.len() { Ok(used) } else { Err(Broken) }
}

/// Carries out one match; returns the place behind it.
fn copy_match(symbol: u16, bits: &mut Bits<'_>, out: &mut [u8], at: usize) -> Result<usize, Broken> {
    let mut length = usize::from(symbol & 15);
    if length == 15 {
        length = bits.long_length()?;
    }
    length += 3;
    let distance_bits = u32::from(symbol >> 4);
    let distance = (1 << distance_bits) | bits.take(distance_bits) as usize;
    let from = at.checked_sub(distance).ok_or(Broken)?;
    let end = at.checked_add(length).filter(|&end| end <= out.len()).ok_or(Broken)?;
    if length <= STRIDE && distance >= STRIDE && at + STRIDE <= out.len() {
        // What is written too much is written again before anyone sees it.
        let (before, behind) = out.split_at_mut(at);
        behind[..STRIDE].copy_from_slice(&before[from..from + STRIDE]);
    } else if distance >= length {
        out.copy_within(from..from + length, at);
    } else {
        repeat(out, from, at, end);
    }
    Ok(end)
}

/// Fills `at..end` with what stands in `from..at`, again and again.
fn repeat(out: &mut [u8], from: usize, at: usize, end: usize) {
    if at - from == 1 {
        let byte = out[from];
        out[at..end].fill(byte);
        return;
    }
    let mut next = at;
    while next < end {
        // All bytes from `from` to `next` are periodic, so the piece doubles each time.
        let piece = (next - from).min(end - next);
        out.copy_within(from..from + piece, next);
        next += piece;
    }
}

/// Bits of the 16-bit words of a block.
struct Bits<'a> {
    input: &'a [u8],
    /// Where the next word stands; may lie beyond the end, where all words are zero.
    next: usize,
    /// Bits read ahead, the first one highest; all others are zero.
    ahead: u64,
    /// How many there are.
    count: u32,
}

impl<'a> Bits<'a> {
    fn new(input: &'a [u8], next: usize) -> Bits<'a> {
        Bits { input, next, ahead: 0, count: 0 }
    }

    /// Makes sure that at least 33 bits are there.
    #[inline(always)]
    fn refill(&mut self) {
        if self.count > 32 {
            return;
        }
        let words = match self.input.get(self.next..).and_then(|rest| rest.first_chunk::<4>()) {
            Some(words) => u32::from_le_bytes(*words),
            None => self.last_words(),
        };
        self.ahead |= u64::from(words.rotate_left(16)) << (32 - self.count);
        self.count += 32;
        self.next += 4;
    }

    /// Returns what there is of two words at the end of the input.
    #[cold]
    fn last_words(&self) -> u32 {
        let rest = self.input.get(self.next..).unwrap_or_default();
        let mut words = [0; 4];
        words[..rest.len()].copy_from_slice(rest);
        u32::from_le_bytes(words)
    }

    /// Takes a code of at most 15 bits.
    #[inline(always)]
    fn symbol(&mut self, codes: &Codes) -> u16 {
        let (symbol, length) = codes.find((self.ahead >> 49) as u16);
        self.ahead <<= length;
        self.count -= length;
        symbol
    }

    /// Takes at most 15 bits.
    #[inline(always)]
    fn take(&mut self, count: u32) -> u32 {
        // Two shifts, since one by 64 is none.
        let taken = (self.ahead >> 1 >> (63 - count)) as u32;
        self.ahead <<= count;
        self.count -= count;
        taken
    }

    /// Comes to hold 16 to 31 bits, as the format presumes; returns the place of the next byte.
    fn give_back(&mut self) -> usize {
        self.refill();
        let words = (self.count - 16) / 16;
        self.count -= words * 16;
        self.next -= words as usize * 2;
        self.ahead &= !(u64::MAX >> self.count);
        self.next
    }

    /// Reads the length of a match that its symbol could not hold, less 3.
    #[cold]
    fn long_length(&mut self) -> Result<usize, Broken> {
        self.give_back();
        let length = match self.bytes::<1>()? {
            [255] => match u16::from_le_bytes(self.bytes()?) {
                0 => u32::from_le_bytes(self.bytes()?),
                length => u32::from(length),
            },
            [more] => u32::from(more) + 15,
        };
        self.refill();
        if length < 15 { Err(Broken) } else { usize::try_from(length).map_err(|_| Broken) }
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Broken> {
        let rest = self.input.get(self.next..).ok_or(Broken)?;
        let bytes = rest.first_chunk::<N>().ok_or(Broken)?;
        self.next += N;
        Ok(*bytes)
    }
}
