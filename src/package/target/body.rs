//! The bytes of a file before they are worked on: pieces that may share memory with those of other
//! files, so that documents are cut out of what was rendered without being copied for it.

use std::ops::Range;
use std::sync::Arc;

use libdeflater::Crc;
use sha2::{Digest as _, Sha256};

use crate::ledger::Digest;

/// The bytes of a file.
#[derive(Debug, Clone, Default)]
pub(in crate::package) struct Body {
    pieces: Vec<(Arc<Vec<u8>>, Range<usize>)>,
    length: usize,
}

impl Body {
    /// Appends a stretch of a buffer; one that lies outside of it is empty.
    pub(in crate::package) fn push(&mut self, buffer: Arc<Vec<u8>>, range: Range<usize>) {
        let length = buffer.get(range.clone()).map_or(0, <[u8]>::len);
        if length > 0 {
            self.length += length;
            self.pieces.push((buffer, range));
        }
    }

    /// Appends bytes.
    pub(in crate::package) fn push_owned(&mut self, bytes: Vec<u8>) {
        let length = bytes.len();
        self.push(Arc::new(bytes), 0..length);
    }

    /// Returns the number of bytes.
    pub(in crate::package) fn len(&self) -> usize {
        self.length
    }

    /// Returns the bytes, stretch by stretch.
    pub(in crate::package) fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        self.pieces.iter().map(|(buffer, range)| buffer.get(range.clone()).unwrap_or_default())
    }

    /// Takes the digests of all bytes. Returns them with the bytes in one stretch: as they lie, or
    /// gathered in `buffer`.
    pub(super) fn gather<'a>(&'a self, buffer: &'a mut Vec<u8>) -> (&'a [u8], Sum) {
        let mut summing = Summing::default();
        if let [(whole, range)] = &self.pieces[..] {
            let whole = whole.get(range.clone()).unwrap_or_default();
            summing.add(whole);
            return (whole, summing.end());
        }
        buffer.clear();
        buffer.reserve(self.length);
        // Copied bytes are still in the cache when their digests are taken.
        for slice in self.pieces().flat_map(|piece| piece.chunks(SLICE)) {
            buffer.extend_from_slice(slice);
            summing.add(slice);
        }
        (buffer, summing.end())
    }

    /// Takes the digests of all bytes.
    pub(super) fn sum(&self) -> Sum {
        let mut summing = Summing::default();
        self.pieces().for_each(|piece| summing.add(piece));
        summing.end()
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Body {
        let mut body = Body::default();
        body.push_owned(bytes);
        body
    }
}

/// What proves bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::package) struct Sum {
    pub(super) size: u64,
    pub(super) digest: Digest,
    pub(super) crc: u32,
}

/// How much goes through one digest before the other has its turn: less than a core's own cache.
const SLICE: usize = 1 << 15;

/// Takes both digests of bytes that come piece by piece.
#[derive(Default)]
pub(super) struct Summing {
    size: u64,
    sha: Sha256,
    crc: Crc,
}

impl Summing {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.size += bytes.len() as u64;
        for slice in bytes.chunks(SLICE) {
            self.sha.update(slice);
            self.crc.update(slice);
        }
    }

    pub(super) fn end(self) -> Sum {
        Sum { size: self.size, digest: Digest(self.sha.finalize().into()), crc: self.crc.sum() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_of_several_buffers_are_one_file() {
        let (one, other) = (Arc::new(b"xxhello".to_vec()), Arc::new(b", worldyy".to_vec()));
        let mut body = Body::default();
        body.push(one, 2..7);
        body.push(Arc::clone(&other), 3..3);
        body.push(Arc::clone(&other), 3..99);
        body.push(other, 0..7);
        let whole = Body::from(b"hello, world".to_vec());
        let mut buffer = b"left over".to_vec();
        let (bytes, sum) = body.gather(&mut buffer);
        assert_eq!((bytes, body.len()), (&b"hello, world"[..], 12));
        assert_eq!(sum, whole.sum());
        assert_eq!((sum.size, sum.digest), (12, Digest::of(b"hello, world")));
        assert_eq!(sum.crc, 0xFFAB_723A);
    }
}
