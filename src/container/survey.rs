//! One pass over an item's bytes: their number, their digest, and whatever the caller wants of them.

use std::io;
use std::sync::mpsc;

use sha2::Digest as _;

use super::Blob;
use crate::ledger::Digest;

/// Bytes handed on at a time.
const CHUNK: usize = 1 << 20;
/// Bytes from which on hashing is worth a thread of its own.
const LARGE: u64 = 32 << 20;

/// Reads all bytes once: hashes them with SHA-256 and hands each chunk (1 MiB, the last one less)
/// to the caller. Returns their number and digest.
///
/// # Errors
/// What opening or reading says. The caller has then seen every byte before that place.
pub fn survey(blob: &dyn Blob, each: &mut dyn FnMut(&[u8])) -> io::Result<(u64, Digest)> {
    let mut reader = blob.open()?;
    if blob.size().is_some_and(|size| size >= LARGE) && rayon::current_num_threads() > 1 {
        return std::thread::scope(|scope| beside(scope, &mut *reader, each));
    }
    in_turn(&mut *reader, each)
}

/// Reads and hashes in turn.
fn in_turn(reader: &mut dyn io::Read, each: &mut dyn FnMut(&[u8])) -> io::Result<(u64, Digest)> {
    let mut chunk = vec![0; CHUNK];
    let mut hasher = sha2::Sha256::new();
    let mut size = 0;
    loop {
        let (filled, end) = fill_as_far(reader, &mut chunk);
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

/// Reads while another thread hashes what was read before.
fn beside<'s>(
    scope: &'s std::thread::Scope<'s, '_>,
    reader: &mut dyn io::Read,
    each: &mut dyn FnMut(&[u8]),
) -> io::Result<(u64, Digest)> {
    let (full, to_hash) = mpsc::sync_channel::<(Vec<u8>, usize)>(1);
    let (done, hashed) = mpsc::channel();
    let hash = move || {
        let mut hasher = sha2::Sha256::new();
        for (chunk, filled) in to_hash {
            hasher.update(&chunk[..filled]);
            // Nobody takes the last ones back.
            let _ = done.send(chunk);
        }
        Digest(hasher.finalize().into())
    };
    let Ok(hasher) = std::thread::Builder::new().spawn_scoped(scope, hash) else {
        return in_turn(reader, each);
    };
    let mut size = 0;
    loop {
        let mut chunk = hashed.try_recv().unwrap_or_else(|_| vec![0; CHUNK]);
        let (filled, end) = fill_as_far(reader, &mut chunk);
        each(&chunk[..filled]);
        size += filled as u64;
        end?;
        if full.send((chunk, filled)).is_err() || filled < CHUNK {
            break;
        }
    }
    drop(full);
    let digest = hasher.join().map_err(|_| io::Error::other("hashing failed"))?;
    Ok((size, digest))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_made_beside_is_that_made_in_turn() {
        for size in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK + 7] {
            let bytes: Vec<u8> = (0..size).map(|at| (at * 31 % 251) as u8).collect();
            let (mut one, mut other) = (Vec::new(), Vec::new());
            let turned = in_turn(&mut &*bytes, &mut |chunk| one.extend_from_slice(chunk)).unwrap();
            let read = &mut &*bytes;
            let besides =
                std::thread::scope(|scope| beside(scope, read, &mut |chunk| other.extend_from_slice(chunk)));
            assert_eq!(besides.unwrap(), turned);
            assert!(one == bytes && other == bytes);
        }
    }
}
