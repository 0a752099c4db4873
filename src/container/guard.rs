//! Readers that stop what grows out of proportion.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Limits;

/// Counts the bytes that pass on their way into a decompressor.
#[derive(Debug)]
pub(super) struct Counted<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R> Counted<R> {
    /// Wraps a reader; the count is shared with whoever watches it.
    pub(super) fn new(inner: R) -> (Counted<R>, Arc<AtomicU64>) {
        let count = Arc::new(AtomicU64::new(0));
        (Counted { inner, count: Arc::clone(&count) }, count)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Refuses to read on once a stream is larger than its compressed form allows.
#[derive(Debug)]
pub(super) struct RatioGuard<R> {
    inner: R,
    compressed: Arc<AtomicU64>,
    produced: u64,
    limits: Limits,
}

impl<R> RatioGuard<R> {
    /// Wraps a decompressor; `compressed` tells how many bytes went into it so far.
    pub(super) fn new(inner: R, compressed: Arc<AtomicU64>, limits: Limits) -> RatioGuard<R> {
        RatioGuard { inner, compressed, produced: 0, limits }
    }
}

impl<R: Read> Read for RatioGuard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.produced += read as u64;
        if bursts(self.produced, self.compressed.load(Ordering::Relaxed), &self.limits) {
            return Err(burst(&self.limits));
        }
        Ok(read)
    }
}

/// Tells whether so many bytes from so few are more than the limits allow.
pub(super) fn bursts(produced: u64, compressed: u64, limits: &Limits) -> bool {
    produced > limits.ratio_free && produced > compressed.saturating_mul(limits.max_ratio)
}

/// Returns the error that a bursting stream ends with.
pub(super) fn burst(limits: &Limits) -> io::Error {
    damaged(format!("grows to more than {} times its compressed size", limits.max_ratio))
}

/// Returns an error that says that the bytes themselves are at fault, not the reading of them.
pub(super) fn damaged(what: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.into())
}
