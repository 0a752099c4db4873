//! The examples of the specification, round trips, and bytes that are no block.

use super::encoder::{Token, encode, expand, symbol};
use super::*;

/// Numbers that look like chance and are the same on every run.
pub(in super::super) struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) % limit as u64) as usize
    }
}

fn decoded(input: &[u8], size: usize) -> Result<Vec<u8>, Broken> {
    let mut out = vec![0xEE; size];
    decode(input, &mut out).map(|_| out)
}

/// A block with a few code lengths that are not 0, given as (byte of the table, its value).
fn block(table: &[(usize, u8)], rest: &[u8]) -> Vec<u8> {
    let mut block = vec![0; TABLE];
    table.iter().for_each(|&(at, value)| block[at] = value);
    block.extend(rest);
    block
}

#[test]
fn the_alphabet_of_the_specification() {
    let mut table = vec![(48, 0x50), (59, 0x45), (60, 0x44), (61, 0x04), (128, 0x04)];
    table.extend((49..59).map(|at| (at, 0x55)));
    let bits = [
        0xD8, 0x52, 0x3E, 0xD7, 0x94, 0x11, 0x5B, 0xE9, 0x19, 0x5F, 0xF9, 0xD6, 0x7C, 0xDF, 0x8D, 0x04, 0, 0,
        0, 0,
    ];
    assert_eq!(decoded(&block(&table, &bits), 26).unwrap(), b"abcdefghijklmnopqrstuvwxyz");
}

#[test]
fn a_hundred_times_abc_of_the_specification() {
    let table = [(48, 0x30), (49, 0x23), (128, 0x02), (143, 0x20)];
    let block = block(&table, &[0xA8, 0xDC, 0, 0, 0xFF, 0x26, 0x01]);
    assert_eq!(decoded(&block, 300).unwrap(), b"abc".repeat(100));
    assert_eq!(decode(&block, &mut [0; 300]), Ok(block.len()));
}

/// Any complete code lengths: the longest ones and short ones.
fn lengths(chance: &mut Chance, wanted: &[usize]) -> [u8; 512] {
    let mut leaves = vec![0_u8];
    while leaves.len() < wanted.len().max(2) {
        let deep = chance.below(3) == 0;
        let newest = leaves.len() - 1;
        let at = if deep { newest } else { chance.below(leaves.len()) };
        if leaves[at] < 15 {
            leaves[at] += 1;
            leaves.push(leaves[at]);
        }
    }
    let mut lengths = [0; 512];
    wanted.iter().zip(&leaves).for_each(|(&symbol, &leaf)| lengths[symbol] = leaf);
    for &leaf in leaves.iter().skip(wanted.len()) {
        let free = (0..512).find(|&symbol| lengths[symbol] == 0).unwrap();
        lengths[free] = leaf;
    }
    lengths
}

fn tokens(chance: &mut Chance) -> Vec<Token> {
    let mut size = 0;
    let mut tokens = Vec::new();
    let letters = 1 + chance.below(256);
    for _ in 0..1 + chance.below(3000) {
        let token = if size == 0 || chance.below(2) == 0 {
            Token::Literal(chance.below(letters) as u8)
        } else {
            let reach = if chance.below(2) == 0 { 40 } else { 65535 };
            let distance = 1 + chance.below(size.min(reach));
            let limit = [10, 20, 300, 70_000][chance.below(4).min(chance.below(4))];
            Token::Match(distance, 3 + chance.below(limit))
        };
        let length = if let Token::Match(_, length) = token { length } else { 1 };
        if size + length > 1 << 18 {
            break;
        }
        size += length;
        tokens.push(token);
    }
    tokens
}

#[test]
fn whatever_is_encoded_comes_back() {
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    for round in 0..300 {
        let tokens = tokens(&mut chance);
        let mut wanted: Vec<usize> = tokens.iter().map(|&token| symbol(token)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let input = encode(&lengths(&mut chance, &wanted), &tokens);
        let expected = expand(&tokens);
        let mut out = vec![0xEE; expected.len()];
        assert_eq!(decode(&input, &mut out), Ok(input.len()), "round {round}");
        assert!(out == expected, "round {round}: {tokens:?}");
        let cut = &input[..input.len() - 1 - chance.below(input.len() / 2)];
        assert_eq!(decode(cut, &mut out), Err(Broken), "round {round}: what was cut off is missed");
    }
}

#[test]
fn a_length_that_no_symbol_needs_writes_in_full_is_refused() {
    let table = [(48, 0x30), (49, 0x23), (128, 0x02), (143, 0x20)];
    let short = block(&table, &[0xA8, 0xDC, 0, 0, 0xFF, 0x0E, 0x00]);
    assert_eq!(decoded(&short, 20), Err(Broken));
}

#[test]
fn matches_stay_within_what_was_written() {
    let lengths = [9; 512];
    let far = encode(&lengths, &[Token::Literal(1), Token::Match(2, 3)]);
    assert_eq!(decoded(&far, 4), Err(Broken), "before the beginning");
    let long = encode(&lengths, &[Token::Literal(1), Token::Match(1, 9)]);
    assert_eq!(decoded(&long, 9), Err(Broken), "beyond the end");
    assert_eq!(decoded(&long, 10).unwrap(), [1; 10]);
    let huge = encode(&lengths, &[Token::Literal(1), Token::Match(1, 100_000)]);
    assert_eq!(decoded(&huge, 100_001).unwrap(), [1; 100_001]);
}

#[test]
fn codes_that_are_incomplete_or_too_many_are_refused() {
    assert!(is_complete(&[0x99; TABLE]));
    for table in [[0; TABLE], [0x11; TABLE], [0xAA; TABLE]] {
        assert!(!is_complete(&table));
        assert_eq!(decoded(&[&table[..], &[0; 100]].concat(), 10), Err(Broken));
    }
    assert_eq!(decoded(&[0x99; 255], 1), Err(Broken));
    assert_eq!(decoded(&[], 0), Err(Broken));
}

#[test]
fn damaged_blocks_end_in_bytes_or_a_refusal() {
    let mut chance = Chance(7);
    let original = encode(&[9; 512], &tokens(&mut chance));
    for _ in 0..3000 {
        let mut block = original.clone();
        for _ in 0..1 + chance.below(4) {
            let at = TABLE + chance.below(block.len() - TABLE);
            block[at] = chance.below(256) as u8;
        }
        block.truncate(TABLE + chance.below(block.len()));
        let size = chance.below(70_000);
        if let Ok(out) = decoded(&block, size) {
            assert_eq!(out.len(), size);
        }
    }
}
