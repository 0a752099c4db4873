//! A small encoder, for tests alone: any sequence of literals and matches under any complete codes.

use super::codes::TABLE;

/// What a block says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Token {
    Literal(u8),
    /// Distance 1 to 65535, length 3 and more.
    Match(usize, usize),
}

/// Writes a block. The words that a decoder has read ahead are set aside where it reads them, and
/// filled when their bits are known.
struct Writer {
    out: Vec<u8>,
    bits: Vec<bool>,
    slots: Vec<usize>,
    spare: i32,
}

impl Writer {
    fn slot(&mut self) {
        self.slots.push(self.out.len());
        self.out.extend([0, 0]);
    }

    fn put(&mut self, value: u32, count: u32) {
        self.bits.extend((0..count).rev().map(|bit| value >> bit & 1 == 1));
        self.spare -= count as i32;
        if self.spare < 0 {
            self.slot();
            self.spare += 16;
        }
    }

    fn finish(mut self) -> Vec<u8> {
        for (word, &slot) in self.bits.chunks(16).zip(&self.slots) {
            let value =
                word.iter().enumerate().fold(0, |value, (at, &bit)| value | u16::from(bit) << (15 - at));
            self.out[slot..slot + 2].copy_from_slice(&value.to_le_bytes());
        }
        self.out
    }
}

/// Returns the code of each symbol.
fn codes(lengths: &[u8; 512]) -> Vec<u32> {
    let mut codes = vec![0; 512];
    let mut next = 0_u32;
    for length in 1..=15 {
        for symbol in (0..512).filter(|&symbol| lengths[symbol] == length) {
            codes[symbol] = next;
            next += 1;
        }
        next <<= 1;
    }
    codes
}

/// Encodes tokens; every symbol they need must have a code.
pub(in super::super) fn encode(lengths: &[u8; 512], tokens: &[Token]) -> Vec<u8> {
    let codes = codes(lengths);
    let table = lengths.chunks(2).map(|pair| pair[0] | pair[1] << 4);
    let mut writer = Writer { out: table.collect(), bits: Vec::new(), slots: Vec::new(), spare: 16 };
    assert_eq!(writer.out.len(), TABLE);
    writer.slot();
    writer.slot();
    for token in tokens {
        let symbol = symbol(*token);
        assert!(lengths[symbol] > 0, "symbol {symbol} has no code");
        writer.put(codes[symbol], u32::from(lengths[symbol]));
        if let Token::Match(distance, length) = *token {
            put_length(&mut writer.out, length - 3);
            let bits = distance.ilog2();
            writer.put(distance as u32 & ((1 << bits) - 1), bits);
        }
    }
    writer.finish()
}

fn put_length(out: &mut Vec<u8>, length: usize) {
    match length {
        0..15 => {}
        15..270 => out.push((length - 15) as u8),
        270..65536 => {
            out.push(255);
            out.extend((length as u16).to_le_bytes());
        }
        _ => {
            out.extend([255, 0, 0]);
            out.extend((length as u32).to_le_bytes());
        }
    }
}

pub(in super::super) fn symbol(token: Token) -> usize {
    match token {
        Token::Literal(byte) => usize::from(byte),
        Token::Match(distance, length) => 256 + (distance.ilog2() as usize) * 16 + (length - 3).min(15),
    }
}

/// Carries out tokens.
pub(in super::super) fn expand(tokens: &[Token]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::new();
    for token in tokens {
        match *token {
            Token::Literal(byte) => out.push(byte),
            Token::Match(distance, length) => (0..length).for_each(|_| out.push(out[out.len() - distance])),
        }
    }
    out
}

/// Encodes bytes under codes of 9 bits, with matches to what stands a little before.
pub(in super::super) fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let run = |distance: usize| {
            let same = |offset: &usize| bytes[at + offset] == bytes[at + offset - distance];
            (0..bytes.len() - at).take_while(same).count()
        };
        let best = [1, 2, 3, 4, 8, 16].into_iter().filter(|&distance| distance <= at).max_by_key(|&d| run(d));
        match best.map(|distance| (distance, run(distance))).filter(|(_, length)| *length >= 3) {
            Some((distance, length)) => {
                tokens.push(Token::Match(distance, length));
                at += length;
            }
            None => {
                tokens.push(Token::Literal(bytes[at]));
                at += 1;
            }
        }
    }
    encode(&[9; 512], &tokens)
}
