//! Canonical codes: from the nibbles of their lengths to the symbol that some bits mean.

use super::Broken;

/// Bytes of the table of code lengths at the beginning of a block.
pub(in super::super) const TABLE: usize = 256;

const SYMBOLS: usize = 512;
const LONGEST: usize = 15;

/// Bits that are looked up at once; longer codes are rare.
const QUICK: usize = 11;

/// A complete set of codes.
pub(super) struct Codes {
    /// By the first [`QUICK`] bits: symbol and length as `symbol << 4 | length`, 0 for longer codes.
    quick: [u16; 1 << QUICK],
    /// Symbols in the order of their codes.
    sorted: [u16; SYMBOLS],
    /// By length: the first 15-bit value behind the codes of that length.
    ends: [u32; LONGEST + 1],
    /// By length: what added to the code gives its place in `sorted`, modulo 2^32.
    places: [u32; LONGEST + 1],
}

/// Tells whether 256 bytes are the lengths of a complete set of codes: the sum of 2^-length is 1.
/// Hardly any other bytes are, so this finds blocks.
pub(in super::super) fn is_complete(table: &[u8; TABLE]) -> bool {
    let mut sum = 0_u32;
    for eight in table.chunks(8) {
        sum += eight.iter().map(|pair| share(pair & 15) + share(pair >> 4)).sum::<u32>();
        if sum > 1 << LONGEST {
            return false;
        }
    }
    sum == 1 << LONGEST
}

/// Returns the share of the code space that a code of some length takes, in units of 2^-15.
fn share(length: u8) -> u32 {
    if length == 0 { 0 } else { 1 << (LONGEST - usize::from(length)) }
}

impl Codes {
    /// Reads the codes at the beginning of a block.
    ///
    /// # Errors
    /// [`Broken`] if they are incomplete or too many, so that every 15 bits mean a symbol.
    pub(super) fn read(block: &[u8]) -> Result<Codes, Broken> {
        let table = block.first_chunk::<TABLE>().filter(|table| is_complete(table)).ok_or(Broken)?;
        let length = |symbol: usize| usize::from(table[symbol / 2] >> (symbol % 2 * 4) & 15);
        let mut counts = [0_u32; LONGEST + 1];
        (0..SYMBOLS).for_each(|symbol| counts[length(symbol)] += 1);
        let mut codes = Codes {
            quick: [0; 1 << QUICK],
            sorted: [0; SYMBOLS],
            ends: [0; LONGEST + 1],
            places: [0; LONGEST + 1],
        };
        let mut next = [0_usize; LONGEST + 1];
        let (mut end, mut place) = (0_u32, 0_u32);
        for length in 1..=LONGEST {
            let first_code = end >> (LONGEST - length);
            next[length] = place as usize;
            codes.places[length] = place.wrapping_sub(first_code);
            end += counts[length] << (LONGEST - length);
            place += counts[length];
            codes.ends[length] = end;
        }
        for symbol in 0..SYMBOLS {
            let length = length(symbol);
            if length > 0 {
                codes.sorted[next[length]] = symbol as u16;
                next[length] += 1;
            }
        }
        codes.fill_quick(&counts);
        Ok(codes)
    }

    /// Writes the quick table: codes in their order fill it from its beginning.
    fn fill_quick(&mut self, counts: &[u32; LONGEST + 1]) {
        let mut symbols = self.sorted.iter();
        let mut rest = &mut self.quick[..];
        for (length, &count) in counts.iter().enumerate().take(QUICK + 1).skip(1) {
            for symbol in symbols.by_ref().take(count as usize) {
                let (mine, behind) = rest.split_at_mut(1 << (QUICK - length));
                mine.fill(symbol << 4 | length as u16);
                rest = behind;
            }
        }
    }

    /// Returns the symbol at the beginning of 15 bits, and the length of its code.
    #[inline(always)]
    pub(super) fn find(&self, bits: u16) -> (u16, u32) {
        let quick = self.quick[usize::from(bits >> (LONGEST - QUICK)) % (1 << QUICK)];
        if quick != 0 { (quick >> 4, u32::from(quick & 15)) } else { self.find_long(bits) }
    }

    fn find_long(&self, bits: u16) -> (u16, u32) {
        let bits = u32::from(bits);
        let length = (QUICK + 1..LONGEST).find(|&length| bits < self.ends[length]).unwrap_or(LONGEST);
        let place = self.places[length].wrapping_add(bits >> (LONGEST - length));
        (self.sorted[place as usize % SYMBOLS], length as u32)
    }
}
