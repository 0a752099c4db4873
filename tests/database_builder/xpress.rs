//! A compressor of XPRESS Huffman blocks ("[MS-XCA]: Xpress Compression Algorithm", section 2.1): a
//! table of 512 code lengths of four bits, then codes in words of 16 bits, with bytes of long matches
//! between them.

const SYMBOLS: usize = 512;
const TABLE: usize = SYMBOLS / 2;
/// The longest code.
const LONGEST: u8 = 15;
/// Matches of fewer bytes are not worth it.
const LEAST: usize = 4;
/// The format counts the length of matches from here.
const BASE: usize = 3;
const BUCKETS: usize = 1 << 14;

/// What a block is made of.
#[derive(Debug, Clone, Copy)]
enum Token {
    Literal(u8),
    /// So many bytes as they stood so far back.
    Match {
        length: usize,
        distance: usize,
    },
}

impl Token {
    fn symbol(self) -> usize {
        match self {
            Token::Literal(byte) => usize::from(byte),
            Token::Match { length, distance } => {
                256 + (length - BASE).min(15) + (distance.ilog2() as usize) * 16
            }
        }
    }
}

/// Compresses at most 64 KiB.
pub fn compress(data: &[u8]) -> Vec<u8> {
    let tokens = tokens(data);
    let mut counts = [0_u32; SYMBOLS];
    tokens.iter().for_each(|token| counts[token.symbol()] += 1);
    let lengths = code_lengths(counts);
    let codes = codes(&lengths);
    let mut block = vec![0; TABLE];
    for (symbol, length) in lengths.iter().enumerate() {
        block[symbol / 2] |= length << (4 * (symbol % 2));
    }
    let mut bits = Bits::new(block);
    for token in tokens {
        let symbol = token.symbol();
        bits.write(codes[symbol].into(), lengths[symbol].into());
        if let Token::Match { length, distance } = token {
            let beyond = length - BASE;
            if beyond >= 15 {
                bits.byte((beyond - 15).min(255) as u8);
                if beyond - 15 >= 255 {
                    bits.byte(beyond as u8);
                    bits.byte((beyond >> 8) as u8);
                }
            }
            let width = distance.ilog2();
            bits.write(distance as u32 - (1 << width), width);
        }
    }
    bits.finish()
}

/// Finds matches: of each beginning the place is kept where it was seen last.
fn tokens(data: &[u8]) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(data.len() / 4);
    let mut seen = vec![usize::MAX; BUCKETS];
    let mut at = 0;
    while at < data.len() {
        let mut found = 0;
        let mut from = 0;
        if let Some(bytes) = data.get(at..at + 4) {
            let value = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
            let bucket = &mut seen[(value.wrapping_mul(0x9E37_79B1) >> 18) as usize];
            from = std::mem::replace(bucket, at);
            if from < at {
                let pairs = data[from..].iter().zip(&data[at..]);
                found = pairs.take_while(|(one, other)| one == other).count();
            }
        }
        // The longest distance would need a symbol that there is not.
        if found >= LEAST && at - from < 1 << 16 {
            tokens.push(Token::Match { length: found, distance: at - from });
            at += found;
        } else {
            tokens.push(Token::Literal(data[at]));
            at += 1;
        }
    }
    tokens
}

/// Returns the lengths of a complete code of at least two symbols, none of them too long.
fn code_lengths(mut counts: [u32; SYMBOLS]) -> [u8; SYMBOLS] {
    // A code of one symbol is not complete.
    let mut spare = 0;
    while counts.iter().filter(|count| **count > 0).count() < 2 {
        counts[spare] += 1;
        spare += 1;
    }
    loop {
        let lengths = huffman(&counts);
        if lengths.iter().all(|length| *length <= LONGEST) {
            return lengths;
        }
        counts.iter_mut().filter(|count| **count > 0).for_each(|count| *count = count.div_ceil(2));
    }
}

/// Builds the tree: the two rarest become one, until one is left.
fn huffman(counts: &[u32; SYMBOLS]) -> [u8; SYMBOLS] {
    let mut heap = std::collections::BinaryHeap::new();
    let mut parents: Vec<usize> = vec![0; SYMBOLS];
    for (symbol, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        heap.push(std::cmp::Reverse((*count, symbol)));
    }
    while heap.len() > 1 {
        let node = parents.len();
        parents.push(0);
        let mut total = 0;
        for _ in 0..2 {
            let std::cmp::Reverse((count, child)) = heap.pop().expect("there are two");
            parents[child] = node;
            total += count;
        }
        heap.push(std::cmp::Reverse((total, node)));
    }
    let root = parents.len() - 1;
    let depth = |mut node: usize| {
        let mut depth = 0;
        while node != root {
            node = parents[node];
            depth += 1;
        }
        depth
    };
    std::array::from_fn(|symbol| if counts[symbol] > 0 { depth(symbol) } else { 0 })
}

/// Gives out codes in the order of length and symbol.
fn codes(lengths: &[u8; SYMBOLS]) -> [u16; SYMBOLS] {
    let mut codes = [0; SYMBOLS];
    let mut next = 0_u32;
    for length in 1..=LONGEST {
        next <<= 1;
        for symbol in (0..SYMBOLS).filter(|&symbol| lengths[symbol] == length) {
            codes[symbol] = next as u16;
            next += 1;
        }
    }
    codes
}

/// Words of bits, and bytes between them. A reader is always two words ahead, so their places are kept
/// before bytes are written.
struct Bits {
    out: Vec<u8>,
    /// Where the word goes that is being filled, and the next one.
    places: [usize; 2],
    word: u32,
    free: u32,
}

impl Bits {
    fn new(mut out: Vec<u8>) -> Bits {
        let start = out.len();
        out.extend_from_slice(&[0; 4]);
        Bits { out, places: [start, start + 2], word: 0, free: 16 }
    }

    fn write(&mut self, bits: u32, count: u32) {
        if count <= self.free {
            self.word = self.word << count | bits;
            self.free -= count;
            return;
        }
        let rest = count - self.free;
        self.word = self.word << self.free | bits >> rest;
        self.put_word();
        self.word = bits & ((1 << rest) - 1);
        self.free = 16 - rest;
    }

    fn put_word(&mut self) {
        self.out[self.places[0]..self.places[0] + 2].copy_from_slice(&(self.word as u16).to_le_bytes());
        self.places = [self.places[1], self.out.len()];
        self.out.extend_from_slice(&[0; 2]);
    }

    fn byte(&mut self, byte: u8) {
        self.out.push(byte);
    }

    fn finish(mut self) -> Vec<u8> {
        self.word <<= self.free;
        let place = self.places[0];
        self.out[place..place + 2].copy_from_slice(&(self.word as u16).to_le_bytes());
        self.out
    }
}
