//! Blocks and streams of the Microsoft Tape Format (MTF 1.00a), the container of backups.

use super::bytes::{put, utf16};

/// Where the bytes of a tape go.
pub trait Sink {
    fn write(&mut self, bytes: &[u8]);

    /// Ends what came so far; `block` marks the place on media that are not compressed.
    fn filemark(&mut self, block: &[u8]);
}

/// A tape that is being written.
pub struct Tape<'a> {
    sink: &'a mut dyn Sink,
    /// Bytes written; those of filemarks only where they are part of what is read.
    at: u64,
    alignment: u64,
    /// Number of the next block.
    control: u32,
}

const BLOCK_HEADER: usize = 52;
const STREAM_HEADER: u64 = 22;
/// Attributes of streams: more parts may follow; this is the last one; it is padding.
const VARIABLE: u16 = 2;
const LAST: u16 = 4;
const PADDING: u16 = 0x80;

impl<'a> Tape<'a> {
    /// Begins a tape whose blocks begin at multiples of `alignment`.
    pub fn new(sink: &'a mut dyn Sink, alignment: u64) -> Tape<'a> {
        Tape { sink, at: 0, alignment, control: 0 }
    }

    fn write(&mut self, bytes: &[u8]) {
        self.at += bytes.len() as u64;
        self.sink.write(bytes);
    }

    fn zeros(&mut self, mut count: u64) {
        const ZEROS: [u8; 4096] = [0; 4096];
        while count > 0 {
            let part = count.min(4096);
            self.write(&ZEROS[..part as usize]);
            count -= part;
        }
    }

    /// Begins a block; `body` is what follows the header that all have. The texts are put behind it,
    /// each told of at the given place.
    pub fn block(&mut self, kind: &[u8; 4], body: &[u8], texts: &[(usize, &str)]) {
        assert_eq!(self.at % self.alignment, 0, "blocks are aligned");
        let mut block = header(kind, 0, self.control);
        self.control += 1;
        block.extend_from_slice(body);
        add_texts(&mut block, texts);
        block.resize(block.len().next_multiple_of(4), 0);
        seal(&mut block);
        self.write(&block);
    }

    /// Writes a stream.
    pub fn stream(&mut self, kind: &[u8; 4], data: &[u8]) {
        self.stream_header(kind, 0, data.len() as u64);
        self.write(data);
        self.align(4);
    }

    /// Begins a stream of pages, so that the first of them is aligned.
    pub fn begin_pages(&mut self, kind: &[u8; 4], length: u64) {
        let first_page = |padding: u64| self.at + STREAM_HEADER + padding + STREAM_HEADER + 2;
        let padding = first_page(0).next_multiple_of(self.alignment) - first_page(0);
        self.stream_header(b"APAD", PADDING, padding);
        self.zeros(padding);
        self.stream_header(kind, VARIABLE, length + 2);
        self.write(&[0; 2]);
    }

    /// Writes bytes of the stream that was begun.
    pub fn pages(&mut self, bytes: &[u8]) {
        self.write(bytes);
    }

    /// Ends it.
    pub fn end_pages(&mut self, kind: &[u8; 4]) {
        self.align(4);
        self.stream_header(kind, VARIABLE | LAST, 0);
        self.align(4);
    }

    /// Ends a block: a stream of padding reaches to where the next one begins.
    pub fn end_block(&mut self) {
        let after = self.at + STREAM_HEADER;
        let padding = after.next_multiple_of(self.alignment) - after;
        self.stream_header(b"SPAD", 0, padding);
        self.zeros(padding);
    }

    /// Marks the end of a part of the tape.
    pub fn filemark(&mut self) {
        let mut block = header(b"SFMB", 0x8000_0000, 0);
        block.resize(self.alignment as usize, 0);
        seal(&mut block);
        self.sink.filemark(&block);
    }

    fn stream_header(&mut self, kind: &[u8; 4], attributes: u16, length: u64) {
        let mut header = [0; STREAM_HEADER as usize];
        put(&mut header, 0, kind);
        put(&mut header, 6, &attributes.to_le_bytes());
        put(&mut header, 8, &length.to_le_bytes());
        let sum = exclusive_or(&header[..20]);
        put(&mut header, 20, &sum.to_le_bytes());
        self.write(&header);
    }

    fn align(&mut self, to: u64) {
        self.zeros(self.at.next_multiple_of(to) - self.at);
    }
}

/// Begins a block of a kind.
fn header(kind: &[u8; 4], attributes: u32, control: u32) -> Vec<u8> {
    let mut block = vec![0; BLOCK_HEADER];
    put(&mut block, 0, kind);
    put(&mut block, 4, &attributes.to_le_bytes());
    // Windows NT, version 1.
    put(&mut block, 10, &[14, 1]);
    put(&mut block, 36, &control.to_le_bytes());
    // Texts are UTF-16.
    block[48] = 2;
    block
}

/// Enters where the first stream begins, which is the end of the block, and the checksum.
fn seal(block: &mut [u8]) {
    let end = block.len() as u16;
    put(block, 8, &end.to_le_bytes());
    let sum = exclusive_or(&block[..50]);
    put(block, 50, &sum.to_le_bytes());
}

fn exclusive_or(bytes: &[u8]) -> u16 {
    bytes.chunks_exact(2).fold(0, |sum, word| sum ^ u16::from_le_bytes([word[0], word[1]]))
}

/// Adds texts behind a record, each with its size and place told at a place in it.
pub fn add_texts(record: &mut Vec<u8>, texts: &[(usize, &str)]) {
    for (told_at, text) in texts {
        let text = utf16(text);
        let place = record.len() as u16;
        put(record, *told_at, &(text.len() as u16).to_le_bytes());
        put(record, told_at + 2, &place.to_le_bytes());
        record.extend_from_slice(&text);
    }
}

/// Returns a body of zeros with numbers in it, each at its place within the block.
pub fn body(length: usize, numbers: &[(usize, &[u8])]) -> Vec<u8> {
    let mut body = vec![0; length - BLOCK_HEADER];
    numbers.iter().for_each(|(at, bytes)| put(&mut body, at - BLOCK_HEADER, bytes));
    body
}
