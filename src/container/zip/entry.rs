//! The bytes of one entry, proven against the size and checksum that the directory states.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Take};
use std::sync::Arc;

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use super::deflate64;
use crate::container::guard::{burst, bursts, damaged};
use crate::container::{Blob, Limits};

/// Compressed bytes read at a time.
const BUFFER: usize = 1 << 16;

/// How an entry is compressed (APPNOTE 4.4.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Stored,
    Deflated,
    Deflate64,
}

/// Where an entry lies and what the directory promises of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    /// Its number in the directory, from 0.
    pub(super) number: usize,
    /// Where its compressed bytes begin in the archive.
    pub(super) start: u64,
    /// Compressed bytes.
    pub(super) compressed: u64,
    /// Bytes.
    pub(super) size: u64,
    /// CRC-32 of the bytes.
    pub(super) crc: u32,
    pub(super) method: Method,
}

/// One entry of an archive as a blob. Opening costs one seek, whatever the number of entries.
#[derive(Debug)]
pub(in crate::container) struct ZipEntry {
    archive: Arc<dyn Blob>,
    extent: Extent,
    limits: Limits,
}

impl ZipEntry {
    /// Takes an entry of an archive that has a path.
    pub(super) fn new(archive: Arc<dyn Blob>, extent: Extent, limits: Limits) -> ZipEntry {
        ZipEntry { archive, extent, limits }
    }

    fn slice(&self) -> io::Result<BufReader<Take<File>>> {
        let path = self.archive.path().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(self.extent.start))?;
        Ok(BufReader::with_capacity(BUFFER, file.take(self.extent.compressed)))
    }
}

impl Blob for ZipEntry {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        let Extent { number, compressed, size, crc, method, .. } = self.extent;
        if bursts(size, compressed, &self.limits) {
            return Err(burst(&self.limits));
        }
        let promise = Promise { size, crc };
        Ok(match method {
            Method::Stored => Box::new(Proven::new(self.slice()?, promise)),
            Method::Deflated => Box::new(Proven::new(DeflateDecoder::new(self.slice()?), promise)),
            Method::Deflate64 => {
                Box::new(Proven::new(deflate64::open(Arc::clone(&self.archive), number), promise))
            }
        })
    }

    fn size(&self) -> Option<u64> {
        Some(self.extent.size)
    }
}

/// What the directory states of an entry's bytes.
#[derive(Debug, Clone, Copy)]
struct Promise {
    size: u64,
    crc: u32,
}

/// Reads exactly what was promised, or ends with an error.
struct Proven<R> {
    inner: R,
    promise: Promise,
    read: u64,
    crc: Crc,
}

impl<R> Proven<R> {
    fn new(inner: R, promise: Promise) -> Proven<R> {
        Proven { inner, promise, read: 0, crc: Crc::new() }
    }
}

impl<R: Read> Read for Proven<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let read = self.inner.read(buffer)?;
        self.crc.update(&buffer[..read]);
        self.read += read as u64;
        if self.read > self.promise.size {
            return Err(damaged("the entry holds more than its directory states"));
        }
        if read == 0 && self.read < self.promise.size {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the entry holds less than its directory states",
            ));
        }
        if read == 0 && self.crc.sum() != self.promise.crc {
            return Err(damaged("the entry does not match its checksum"));
        }
        Ok(read)
    }
}
