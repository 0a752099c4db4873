//! gzip files (RFC 1952): one stream, possibly of several members, nothing behind them.

use std::io::{self, BufReader, Read};
use std::sync::Arc;

use flate2::bufread::MultiGzDecoder;

use super::guard::{Counted, RatioGuard};
use super::{Blob, Limits};

/// Compressed bytes read at a time.
const BUFFER: usize = 1 << 16;

/// The bytes that a gzip file stands for.
#[derive(Debug)]
pub(super) struct GzipBlob {
    compressed: Arc<dyn Blob>,
    limits: Limits,
}

impl GzipBlob {
    /// Takes a blob that [`is_gzip`] knows.
    pub(super) fn new(compressed: Arc<dyn Blob>, limits: Limits) -> GzipBlob {
        GzipBlob { compressed, limits }
    }
}

impl Blob for GzipBlob {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        let (counted, count) = Counted::new(self.compressed.open()?);
        let decoder = MultiGzDecoder::new(BufReader::with_capacity(BUFFER, counted));
        Ok(Box::new(RatioGuard::new(decoder, count, self.limits)))
    }

    fn size(&self) -> Option<u64> {
        None
    }
}

/// Tells whether bytes begin a gzip file: magic, the deflate method, no reserved flags.
pub(super) fn is_gzip(head: &[u8]) -> bool {
    matches!(head, [0x1F, 0x8B, 0x08, flags, ..] if flags & 0xE0 == 0)
}
