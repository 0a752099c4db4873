//! One pass over an item's bytes: their number, their digest, and whatever the caller wants of them.

use std::io;

use sha2::Digest as _;

use super::Blob;
use crate::ledger::Digest;

/// Bytes handed on at a time.
const CHUNK: usize = 1 << 20;

/// Reads all bytes once: hashes them with SHA-256 and hands each chunk (1 MiB, the last one less)
/// to the caller. Returns their number and digest.
///
/// # Errors
/// What opening or reading says. The caller has then seen every byte before that place.
pub fn survey(blob: &dyn Blob, each: &mut dyn FnMut(&[u8])) -> io::Result<(u64, Digest)> {
    let mut reader = blob.open()?;
    let mut chunk = vec![0; CHUNK];
    let mut hasher = sha2::Sha256::new();
    let mut size = 0;
    loop {
        let (filled, end) = fill_as_far(&mut *reader, &mut chunk);
        let read = &chunk[..filled];
        hasher.update(read);
        each(read);
        size += filled as u64;
        end?;
        if filled < CHUNK {
            return Ok((size, Digest(hasher.finalize().into())));
        }
    }
}

/// Reads until the buffer is full or the bytes end; returns how many were read.
pub(super) fn fill(reader: &mut dyn io::Read, buffer: &mut [u8]) -> io::Result<usize> {
    let (filled, end) = fill_as_far(reader, buffer);
    end.map(|()| filled)
}

/// Reads until the buffer is full, the bytes end or reading fails. What was read counts even then.
fn fill_as_far(reader: &mut dyn io::Read, buffer: &mut [u8]) -> (usize, io::Result<()>) {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (filled, Err(error)),
        }
    }
    (filled, Ok(()))
}
