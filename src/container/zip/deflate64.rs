//! Entries in Deflate64, which Windows Explorer writes for files over 2 GB.
//!
//! Their decoder lives in the ZIP crate and borrows the archive's reader, so it cannot be owned by
//! a reader of ours; a thread of its own holds both and hands over what it decoded.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use ::zip::ZipArchive;

use super::list::told;
use super::window::Window;
use crate::container::Blob;
use crate::container::guard::damaged;
use crate::container::survey::fill;

/// Bytes handed over at a time.
const CHUNK: usize = 1 << 18;

/// The decoded bytes of an entry; ends with an error if the decoder did.
pub(super) struct Deflate64 {
    chunks: Receiver<io::Result<Vec<u8>>>,
    chunk: io::Cursor<Vec<u8>>,
}

/// Opens the entry with this number in the directory of an archive that has a path.
pub(super) fn open(archive: Arc<dyn Blob>, number: usize) -> Deflate64 {
    let (sender, chunks) = sync_channel(2);
    // The thread ends with the entry, or when nobody takes its chunks any more.
    std::thread::spawn(move || {
        if let Err(error) = decode(&*archive, number, &sender) {
            let _ = sender.send(Err(error));
        }
    });
    Deflate64 { chunks, chunk: io::Cursor::default() }
}

fn decode(archive: &dyn Blob, number: usize, sender: &SyncSender<io::Result<Vec<u8>>>) -> io::Result<()> {
    let path = archive.path().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
    let broken = |error| damaged(told(&error));
    let mut archive = ZipArchive::new(Window::open(path)?).map_err(broken)?;
    let mut file = archive.by_index(number).map_err(broken)?;
    loop {
        let mut chunk = vec![0; CHUNK];
        let filled = fill(&mut file, &mut chunk)?;
        chunk.truncate(filled);
        if filled == 0 || sender.send(Ok(chunk)).is_err() {
            return Ok(());
        }
    }
}

impl Read for Deflate64 {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.chunk.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            match self.chunks.recv() {
                Ok(chunk) => self.chunk = io::Cursor::new(chunk?),
                Err(_) => return Ok(0),
            }
        }
    }
}
