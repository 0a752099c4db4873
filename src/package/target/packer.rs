//! Takes the files of a package in order and has the work on them done by many threads.

use std::collections::HashSet;
use std::io::{self, Write};
use std::sync::Arc;

use super::body::{Body, Sum, Summing};
use super::{Entry, Prepare, Prepared, Store};
use crate::error::{Error, Result};
use crate::lane::Lane;
use crate::package::contents::{Progress, Sizes, Step};
use crate::package::layout;

/// A larger file is worked on block by block, whoever had the memory to make it whole.
const LARGEST_WHOLE: usize = 32 << 20;

/// Bytes of a block: large enough that cutting costs no compression to speak of.
const BLOCK: usize = 1 << 20;

/// Files for each thread that may be under way, however small they are.
const PIECES: usize = 64;

/// What comes out of the lane.
enum Work {
    Whole(Entry, Prepared),
    Open(Arc<str>),
    Block(Prepared),
    Close(Arc<str>, Sum),
}

/// Takes the files of a package in order.
pub(in crate::package) struct Packer<'a> {
    store: Box<dyn Store>,
    prepare: Arc<dyn Prepare>,
    lane: Lane<Result<Work>>,
    entries: Vec<Entry>,
    names: HashSet<String>,
    written: (u64, u64),
    sizes: Sizes,
    progress: Progress<'a>,
}

impl<'a> Packer<'a> {
    pub(in crate::package) fn new(store: Box<dyn Store>, sizes: Sizes, progress: Progress<'a>) -> Packer<'a> {
        Packer {
            prepare: store.preparing(),
            store,
            lane: Lane::with_pieces(sizes.waiting, PIECES),
            entries: Vec::new(),
            names: HashSet::new(),
            written: (0, 0),
            sizes,
            progress,
        }
    }

    /// Takes a whole file.
    pub(in crate::package) fn put(&mut self, path: String, bytes: Vec<u8>) -> Result<()> {
        self.put_body(path, bytes.into())
    }

    /// Takes a whole file whose bytes lie in several places.
    pub(in crate::package) fn put_body(&mut self, path: String, body: Body) -> Result<()> {
        if body.len() > LARGEST_WHOLE {
            let write =
                |out: &mut FileWriter<'_, '_>| body.pieces().try_for_each(|piece| out.write_all(piece));
            return self.file(path).fill(write);
        }
        self.claim(&path)?;
        let prepare = Arc::clone(&self.prepare);
        self.tell(1, body.len())?;
        self.give(body.len(), move || {
            let (sum, prepared) = prepare.whole(&path, &body)?;
            Ok(Work::Whole(Entry { path, size: sum.size, digest: sum.digest }, prepared))
        })
    }

    /// Begins a file that is written piece by piece, and may be larger than memory.
    pub(in crate::package) fn file(&mut self, path: String) -> FileWriter<'_, 'a> {
        FileWriter { packer: self, path: path.into(), buffer: Vec::new(), blocks: None }
    }

    /// Waits for all files taken so far and returns what may be told about them, in order.
    pub(in crate::package) fn entries(&mut self) -> Result<&[Entry]> {
        while !self.lane.is_empty() {
            self.commit_oldest()?;
        }
        Ok(&self.entries)
    }

    /// Ends the writing, and proves that the disk holds what was written.
    pub(in crate::package) fn seal(mut self) -> Result<Vec<Entry>> {
        self.entries()?;
        self.store.seal(&self.entries)?;
        self.store.read_back(&self.entries, self.progress)?;
        Ok(std::mem::take(&mut self.entries))
    }

    /// Gives work on so many bytes to the threads.
    fn give(&mut self, length: usize, work: impl FnOnce() -> Result<Work> + Send + 'static) -> Result<()> {
        // What comes out may be as large as what went in, and both are there for a moment.
        let weight = length.saturating_mul(2);
        while !self.lane.has_room(weight) {
            self.commit_oldest()?;
        }
        self.lane.give_weighed(weight, move || {
            let done = work();
            let weight = match &done {
                Ok(Work::Whole(_, prepared) | Work::Block(prepared)) => prepared.weight(),
                _ => 0,
            };
            (done, weight)
        });
        Ok(())
    }

    fn commit_oldest(&mut self) -> Result<()> {
        let lost = || Error::Unsound { what: "a thread was lost while it wrote".into() };
        match self.lane.take().ok_or_else(lost)?? {
            Work::Whole(entry, prepared) => {
                self.store.put(&entry.path, prepared)?;
                self.entries.push(entry);
                Ok(())
            }
            Work::Open(path) => self.store.open(&path),
            Work::Block(prepared) => self.store.append(prepared),
            Work::Close(path, sum) => {
                self.store.close(&path, &sum)?;
                self.entries.push(Entry { path: path.to_string(), size: sum.size, digest: sum.digest });
                Ok(())
            }
        }
    }

    fn claim(&mut self, path: &str) -> Result<()> {
        if !layout::is_safe_path(path) {
            return Err(Error::Unsound { what: format!("{path:?} is no safe name for a file") });
        }
        // Folded, as some file systems make no difference between cases.
        match self.names.insert(path.to_ascii_lowercase()) {
            true => Ok(()),
            false => Err(Error::Unsound { what: format!("{path} would stand twice in the package") }),
        }
    }

    fn tell(&mut self, files: u64, bytes: usize) -> Result<()> {
        self.written = (self.written.0 + files, self.written.1 + bytes as u64);
        (self.progress)(Step::Written { files: self.written.0, bytes: self.written.1 })
    }
}

impl Drop for Packer<'_> {
    /// Waits for the threads, so that none of them writes any more where cleaning up begins.
    fn drop(&mut self) {
        while !self.lane.is_empty() {
            self.lane.take();
        }
    }
}

/// Writes one file. Kept in memory while it is small, so that it is one piece of work; a larger one
/// is handed on in blocks of one size, so that its bytes depend on nothing else.
pub(in crate::package) struct FileWriter<'p, 'a> {
    packer: &'p mut Packer<'a>,
    path: Arc<str>,
    buffer: Vec<u8>,
    blocks: Option<Summing>,
}

impl FileWriter<'_, '_> {
    /// Has `write` write the file, and ends it.
    pub(in crate::package) fn fill(mut self, write: impl FnOnce(&mut Self) -> io::Result<()>) -> Result<()> {
        write(&mut self).map_err(|cause| uncover(Error::write(&*self.path, cause)))?;
        self.finish()
    }

    /// Has somebody else write the file, and ends it.
    pub(in crate::package) fn fill_by<T>(mut self, write: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let value = write(&mut self).map_err(uncover)?;
        self.finish()?;
        Ok(value)
    }

    fn finish(mut self) -> Result<()> {
        if self.blocks.is_none() {
            return self.packer.put(self.path.to_string(), self.buffer);
        }
        if !self.buffer.is_empty() {
            let last = std::mem::take(&mut self.buffer);
            self.give_block(last)?;
        }
        let sum = self.blocks.take().unwrap_or_default().end();
        self.packer.lane.give_result(Ok(Work::Close(self.path, sum)));
        self.packer.tell(1, 0)
    }

    fn kept(&self) -> usize {
        self.packer.sizes.kept.min(LARGEST_WHOLE)
    }

    fn block_size(&self) -> usize {
        BLOCK.min(self.kept().max(1))
    }

    /// Hands on all full blocks.
    fn spill(&mut self) -> Result<()> {
        if self.blocks.is_none() {
            self.packer.claim(&self.path)?;
            self.packer.lane.give_result(Ok(Work::Open(Arc::clone(&self.path))));
            self.blocks = Some(Summing::default());
        }
        let size = self.block_size();
        let held = std::mem::take(&mut self.buffer);
        let mut blocks = held.chunks_exact(size);
        for block in blocks.by_ref() {
            self.give_block(block.to_vec())?;
        }
        self.buffer.reserve(size);
        self.buffer.extend_from_slice(blocks.remainder());
        Ok(())
    }

    fn give_block(&mut self, block: Vec<u8>) -> Result<()> {
        self.blocks.get_or_insert_default().add(&block);
        let length = block.len();
        let prepare = Arc::clone(&self.packer.prepare);
        self.packer.give(length, move || prepare.block(block).map(Work::Block))?;
        self.packer.tell(0, length)
    }
}

impl Write for FileWriter<'_, '_> {
    /// Takes what fits beside what is held, so that no more than a block is ever held too much.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let most = if self.blocks.is_some() { self.block_size() } else { self.kept().saturating_add(1) };
        let count = bytes.len().min(most.saturating_sub(self.buffer.len()).max(1));
        self.buffer.extend_from_slice(bytes.get(..count).unwrap_or_default());
        if self.buffer.len() >= most {
            self.spill().map_err(io::Error::other)?;
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Takes the packer's own error out of the input/output error that carried it past `io::Write`.
fn uncover(error: Error) -> Error {
    match error {
        Error::Write { path, cause } => {
            cause.downcast::<Error>().unwrap_or_else(|cause| Error::Write { path, cause })
        }
        other => other,
    }
}
