//! Compressed backups: the tape without its filemarks, cut into records of at most 64 KiB, each
//! compressed by itself.

use std::io::Write;

use super::bytes::put;
use super::tape::Sink;
use super::xpress::compress;

/// How records begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Records {
    /// As SQL Server 2008 to 2012 write them: 8 bytes.
    Version1,
    /// As SQL Server 2014 and later write them: 28 bytes.
    Version2,
}

/// Bytes that are compressed at a time.
const CHUNK: usize = 1 << 16;
/// They are counted in these units.
const UNIT: usize = 512;
/// Where the first record is.
const FIRST: usize = 480;

/// Compresses what is written.
pub struct CompressedSink<'a> {
    out: &'a mut dyn Write,
    records: Records,
    chunk: Vec<u8>,
    at: usize,
}

impl<'a> CompressedSink<'a> {
    /// Begins a file.
    pub fn new(out: &'a mut dyn Write, records: Records) -> CompressedSink<'a> {
        let mut sink = CompressedSink { out, records, chunk: Vec::with_capacity(CHUNK), at: 0 };
        let mut head = vec![0; FIRST];
        put(&mut head, 0, b"MSSQLBAK");
        let (major, minor) = if records == Records::Version1 { (1, 0) } else { (2, 3) };
        put(&mut head, 8, &u32::to_le_bytes(major));
        put(&mut head, 12, &u32::to_le_bytes(minor));
        sink.write_out(&head);
        sink
    }

    /// Ends the file.
    pub fn finish(mut self) {
        self.flush();
    }

    fn write_out(&mut self, bytes: &[u8]) {
        self.out.write_all(bytes).expect("the backup can be written");
        self.at += bytes.len();
    }

    fn flush(&mut self) {
        let chunk = std::mem::take(&mut self.chunk);
        self.record(&chunk);
        self.chunk = chunk;
        self.chunk.clear();
    }

    /// Writes a record, or two where what comes out would be too long for one.
    fn record(&mut self, chunk: &[u8]) {
        if chunk.is_empty() {
            return;
        }
        assert_eq!(chunk.len() % UNIT, 0, "tapes are whole units");
        let block = compress(chunk);
        if block.len() > usize::from(u16::MAX) {
            let half = (chunk.len() / 2).next_multiple_of(UNIT);
            self.record(&chunk[..half]);
            self.record(&chunk[half..]);
            return;
        }
        let tag = 0x21 | (chunk.len() / UNIT) << 8 | block.len() << 16;
        let mut header = vec![0; if self.records == Records::Version1 { 8 } else { 28 }];
        put(&mut header, 0, &(tag as u32).to_le_bytes());
        // Something like a checksum stands last.
        let last = header.len() - 4;
        put(&mut header, last, &[0xE9, 0x1E, 0x86, 0x40]);
        self.write_out(&header);
        self.write_out(&block);
    }
}

impl Sink for CompressedSink<'_> {
    fn write(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let part = bytes.len().min(CHUNK - self.chunk.len());
            self.chunk.extend_from_slice(&bytes[..part]);
            bytes = &bytes[part..];
            if self.chunk.len() == CHUNK {
                self.flush();
            }
        }
    }

    /// The chain of records ends; behind some filling and the mark a new one begins.
    fn filemark(&mut self, block: &[u8]) {
        self.flush();
        let filling = self.at.next_multiple_of(UNIT) - self.at;
        self.write_out(&vec![0; filling]);
        self.write_out(block);
    }
}
