//! Deflate (RFC 1951), there and back, in pieces that threads work on.
//!
//! A file that is one piece is compressed in one call by libdeflate. A file of several is made of
//! blocks that know nothing of each other, each ended so that the next may follow (zlib's "sync
//! flush"), and of [`END`]. What either makes depends on its bytes and the level alone.

use std::io;
use std::sync::{Mutex, PoisonError};

use flate2::{Compress, FlushCompress};
use libdeflater::{CompressionLvl, Compressor, Decompressor};

use crate::ledger::Digest;
use crate::package::contents::Compression;
use crate::package::target::body::{Body, Sum};

/// Ends a stream of blocks: a last block without content.
pub(super) const END: [u8; 2] = [0x03, 0x00];

/// Buffers that grew beyond this are not kept for the next piece.
const LARGEST_KEPT: usize = 16 << 20;

/// A piece of a file, compressed.
#[derive(Debug)]
pub(in crate::package) struct Compressed {
    pub(super) bytes: Vec<u8>,
    pub(super) proof: Proof,
}

impl Compressed {
    /// Returns the memory that it holds.
    pub(in crate::package::target) fn weight(&self) -> usize {
        self.bytes.capacity()
    }
}

/// What proves a piece: before compression by size and CRC-32, after it by size and SHA-256.
#[derive(Debug, Clone, Copy)]
pub(super) struct Proof {
    pub(super) size: u32,
    pub(super) crc: u32,
    pub(super) compressed: u32,
    pub(super) digest: Digest,
}

/// What one thread needs for its work.
struct Tools {
    whole: Compressor,
    block: Option<Compress>,
    gathered: Vec<u8>,
    out: Vec<u8>,
}

/// Compresses pieces on any number of threads, with as many tools as were ever needed at once.
pub(super) struct Deflater {
    compression: Compression,
    idle: Mutex<Vec<Tools>>,
}

impl Deflater {
    pub(super) fn new(compression: Compression) -> Deflater {
        Deflater { compression, idle: Mutex::default() }
    }

    /// Compresses a whole file.
    pub(super) fn whole(&self, body: &Body) -> io::Result<(Sum, Compressed)> {
        self.with_tools(|tools| {
            let (bytes, sum) = body.gather(&mut tools.gathered);
            let bound = tools.whole.deflate_compress_bound(bytes.len());
            if tools.out.len() < bound {
                tools.out.resize(bound, 0);
            }
            let length = tools.whole.deflate_compress(bytes, &mut tools.out).map_err(io::Error::other)?;
            let compressed = tools.out.get(..length).unwrap_or_default().to_vec();
            Ok((sum, Compressed::new(compressed, bytes.len(), sum.crc)?))
        })
    }

    /// Compresses a block of a file.
    pub(super) fn block(&self, bytes: &[u8]) -> io::Result<Compressed> {
        self.with_tools(|tools| {
            let level = zlib_level(self.compression);
            let compress = tools.block.get_or_insert_with(|| Compress::new(level, false));
            compress.reset();
            tools.gathered.clear();
            tools.gathered.reserve(bytes.len() + bytes.len() / 8 + 64);
            loop {
                let rest = bytes.get(compress.total_in() as usize..).unwrap_or_default();
                compress
                    .compress_vec(rest, &mut tools.gathered, FlushCompress::Sync)
                    .map_err(io::Error::other)?;
                // A flush is done when it leaves room behind it.
                let is_full = tools.gathered.len() == tools.gathered.capacity();
                if compress.total_in() == bytes.len() as u64 && !is_full {
                    break;
                }
                tools.gathered.reserve(bytes.len() / 8 + 64);
            }
            Compressed::new(tools.gathered.clone(), bytes.len(), libdeflater::crc32(bytes))
        })
    }

    fn with_tools<T>(&self, work: impl FnOnce(&mut Tools) -> io::Result<T>) -> io::Result<T> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let found = idle().pop();
        let mut tools = match found {
            Some(tools) => tools,
            None => Tools {
                whole: Compressor::new(libdeflate_level(self.compression)?),
                block: None,
                gathered: Vec::new(),
                out: Vec::new(),
            },
        };
        let done = work(&mut tools)?;
        for buffer in [&mut tools.gathered, &mut tools.out] {
            if buffer.capacity() > LARGEST_KEPT {
                *buffer = Vec::new();
            }
        }
        idle().push(tools);
        Ok(done)
    }
}

impl Compressed {
    fn new(bytes: Vec<u8>, size: usize, crc: u32) -> io::Result<Compressed> {
        let narrow = |length: usize| u32::try_from(length).map_err(io::Error::other);
        let proof =
            Proof { size: narrow(size)?, crc, compressed: narrow(bytes.len())?, digest: Digest::of(&bytes) };
        Ok(Compressed { bytes, proof })
    }
}

fn libdeflate_level(compression: Compression) -> io::Result<CompressionLvl> {
    let level = match compression {
        Compression::Fast => 1,
        Compression::Default => 5,
        // Levels 11 and 12 gain less than a thousandth and take twice the time.
        Compression::Max => 10,
    };
    CompressionLvl::new(level).map_err(|_| io::Error::other("the compressor does not know its level"))
}

fn zlib_level(compression: Compression) -> flate2::Compression {
    flate2::Compression::new(match compression {
        // The first level of zlib-rs is far worse than that of libdeflate.
        Compression::Fast => 2,
        Compression::Default => 5,
        Compression::Max => 9,
    })
}

/// Proves pieces that were read again.
pub(super) struct Prover {
    decompressor: Decompressor,
    plain: Vec<u8>,
}

impl Prover {
    pub(super) fn new() -> Prover {
        Prover { decompressor: Decompressor::new(), plain: Vec::new() }
    }

    /// Tells whether compressed bytes are those that were written, and hold what they were made of.
    pub(super) fn holds(&mut self, bytes: &[u8], proof: &Proof) -> bool {
        bytes.len() as u64 == u64::from(proof.compressed)
            && Digest::of(bytes) == proof.digest
            && self.inflates(bytes, proof)
    }

    /// Tells so of a block, whose stream goes on behind it.
    pub(super) fn holds_block(&mut self, bytes: &mut Vec<u8>, proof: &Proof) -> bool {
        let is_written =
            bytes.len() as u64 == u64::from(proof.compressed) && Digest::of(bytes) == proof.digest;
        bytes.extend_from_slice(&END);
        is_written && self.inflates(bytes, proof)
    }

    fn inflates(&mut self, bytes: &[u8], proof: &Proof) -> bool {
        let size = proof.size as usize;
        if self.plain.len() < size || self.plain.len() > LARGEST_KEPT {
            self.plain = vec![0; size];
        }
        let plain = self.plain.get_mut(..size).unwrap_or_default();
        let length = self.decompressor.deflate_decompress(bytes, plain);
        length.is_ok_and(|length| length == size) && libdeflater::crc32(plain) == proof.crc
    }
}
