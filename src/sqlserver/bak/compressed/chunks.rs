//! Single records decoded again, for pages that are asked for one by one.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use super::Record;
use crate::sqlserver::place::Place;

/// Parts of the cache, so that threads seldom wait for each other.
const SHELVES: usize = 16;

/// Decoded records in each part: 16 MiB in all.
const SHELF: usize = 16;

/// A record and where its bytes stand in the flow.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunk {
    pub position: u64,
    pub record: Record,
}

impl Chunk {
    /// Returns the position behind its bytes.
    pub(super) fn end(&self) -> u64 {
        self.position + u64::from(self.record.size)
    }
}

/// Decoded records with their numbers, the one used last in front.
type Shelf = VecDeque<(usize, Arc<Vec<u8>>)>;

/// The records that hold pages, in the order of the flow. Takes 32 bytes for each, and 16 MiB at
/// most for those decoded last.
#[derive(Debug)]
pub(in super::super) struct Chunks {
    chunks: Vec<Chunk>,
    shelves: [Mutex<Shelf>; SHELVES],
}

impl Chunks {
    pub(super) fn new(chunks: Vec<Chunk>) -> Chunks {
        Chunks { chunks, shelves: Default::default() }
    }

    /// Fills the buffer with the bytes at a position of the flow; they must have been kept.
    ///
    /// # Errors
    /// If the file cannot be read, or is no longer what it was.
    pub(in super::super) fn read(&self, file: &Place, at: u64, buffer: &mut [u8]) -> io::Result<()> {
        let mut number = self.chunks.partition_point(|chunk| chunk.end() <= at);
        let mut filled = 0;
        while filled < buffer.len() {
            let position = at + filled as u64;
            let chunk = self.chunks.get(number).filter(|chunk| chunk.position <= position);
            let chunk = chunk.ok_or(io::ErrorKind::UnexpectedEof)?;
            let bytes = self.load(file, number, chunk)?;
            let rest = &bytes[(position - chunk.position) as usize..];
            let part = rest.len().min(buffer.len() - filled);
            buffer[filled..filled + part].copy_from_slice(&rest[..part]);
            filled += part;
            number += 1;
        }
        Ok(())
    }

    fn load(&self, file: &Place, number: usize, chunk: &Chunk) -> io::Result<Arc<Vec<u8>>> {
        let shelf = &self.shelves[number % SHELVES];
        // A thread that panicked leaves nothing half done here.
        let lock = || shelf.lock().unwrap_or_else(PoisonError::into_inner);
        {
            let mut shelf = lock();
            if let Some(found) = shelf.iter().position(|(other, _)| *other == number)
                && let Some(hit) = shelf.remove(found)
            {
                let bytes = hit.1.clone();
                shelf.push_front(hit);
                return Ok(bytes);
            }
        }
        // Two threads may decode the same record at once; both get the same bytes.
        let bytes = chunk.record.load(file)?.bytes.ok_or(io::ErrorKind::InvalidData)?;
        let bytes = Arc::new(bytes);
        let mut shelf = lock();
        shelf.truncate(SHELF - 1);
        shelf.push_front((number, bytes.clone()));
        Ok(bytes)
    }
}
