//! Where a package goes: a folder, a ZIP, or nowhere at all (a dry run).
//!
//! The [`Packer`] stands in front of all of them. It takes files one after another, has the work on
//! them (digest, compression, disk) done by many threads, and keeps the order in which they came.
//! What may be told about a file is in its [`Entry`], and is compared with the disk at the end.

mod folder;
mod inputs;
mod nowhere;
mod place;
mod zip;

use std::collections::HashSet;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::contents::{Compression, Progress, Sizes, Step};
use super::layout;
use crate::error::{Error, Result};
use crate::lane::Lane;
use crate::ledger::Digest;
use place::bag_name;

pub(super) use folder::FolderStore;
pub(super) use inputs::spare;
pub(super) use nowhere::NowhereStore;
pub(super) use place::{Place, is_zip, judge};
pub(super) use zip::ZipStore;

/// A file of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name relative to the bag's folder, with `/`.
    pub path: String,
    /// Its size before compression.
    pub size: u64,
    /// The SHA-256 of its bytes before compression.
    pub digest: Digest,
}

/// A file made ready on some thread, to be committed in its turn.
pub(super) enum Prepared {
    /// Nothing remains to be done.
    Stored,
    /// Compressed, still to be written.
    Compressed(Box<::zip::PreparedZipFile>),
}

/// Makes a file ready: name and bytes. Called from any thread.
type Prepare = Arc<dyn Fn(&str, &[u8]) -> Result<Prepared> + Send + Sync>;

/// Something that files can be put in.
pub(super) trait Store {
    /// Returns the work on a file that needs no order.
    fn prepare(&self) -> Prepare;

    /// Does the work on a file that needs order.
    fn commit(&mut self, prepared: Prepared) -> Result<()>;

    /// Begins a file whose bytes follow piece by piece.
    fn open(&mut self, path: &str) -> Result<()>;

    /// Appends bytes to the file begun.
    fn append(&mut self, bytes: &[u8]) -> Result<()>;

    /// Ends the file begun.
    fn close(&mut self) -> Result<()>;

    /// Ends the writing; everything is on disk afterwards.
    fn seal(&mut self) -> Result<()>;

    /// Compares the disk with what was written.
    fn read_back(&self, entries: &[Entry], progress: Progress<'_>) -> Result<()>;
}

/// Makes the store that a target asks for, at the place where it is built.
pub(super) fn store_for(place: &Place, compression: Compression) -> Result<Box<dyn Store>> {
    Ok(if is_zip(place.target()) {
        let name = bag_name(place.target());
        Box::new(ZipStore::create(place, &layout::safe_step(&name), compression)?)
    } else {
        Box::new(FolderStore::create(place)?)
    })
}

/// Takes the files of a package in order.
pub(super) struct Packer<'a> {
    store: Box<dyn Store>,
    prepare: Prepare,
    lane: Lane<Result<(Entry, Prepared)>>,
    entries: Vec<Entry>,
    names: HashSet<String>,
    written: (u64, u64),
    sizes: Sizes,
    progress: Progress<'a>,
}

impl<'a> Packer<'a> {
    pub(super) fn new(store: Box<dyn Store>, sizes: Sizes, progress: Progress<'a>) -> Packer<'a> {
        Packer {
            prepare: store.prepare(),
            store,
            lane: Lane::new(sizes.waiting),
            entries: Vec::new(),
            names: HashSet::new(),
            written: (0, 0),
            sizes,
            progress,
        }
    }

    /// Takes a whole file.
    pub(super) fn put(&mut self, path: String, bytes: Vec<u8>) -> Result<()> {
        self.claim(&path)?;
        while !self.lane.has_room(bytes.len()) {
            self.commit_oldest()?;
        }
        self.tell(bytes.len() as u64)?;
        let prepare = Arc::clone(&self.prepare);
        self.lane.give(bytes.len(), move || {
            let prepared = prepare(&path, &bytes)?;
            let entry = Entry { path, size: bytes.len() as u64, digest: Digest::of(&bytes) };
            Ok((entry, prepared))
        });
        Ok(())
    }

    /// Begins a file that is written piece by piece, and may be larger than memory.
    pub(super) fn file(&mut self, path: String) -> FileWriter<'_, 'a> {
        FileWriter { packer: self, path, buffer: Vec::new(), streamed: None }
    }

    /// Waits for all files taken so far and returns what may be told about them, in order.
    pub(super) fn entries(&mut self) -> Result<&[Entry]> {
        while !self.lane.is_empty() {
            self.commit_oldest()?;
        }
        Ok(&self.entries)
    }

    /// Ends the writing, and proves that the disk holds what was written.
    pub(super) fn seal(mut self) -> Result<Vec<Entry>> {
        self.entries()?;
        self.store.seal()?;
        self.store.read_back(&self.entries, self.progress)?;
        Ok(std::mem::take(&mut self.entries))
    }

    fn commit_oldest(&mut self) -> Result<()> {
        let lost = || Error::Unsound { what: "a thread was lost while it wrote".into() };
        let (entry, prepared) = self.lane.take().ok_or_else(lost)??;
        self.store.commit(prepared)?;
        self.entries.push(entry);
        Ok(())
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

    fn tell(&mut self, bytes: u64) -> Result<()> {
        self.written = (self.written.0 + 1, self.written.1 + bytes);
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

/// Writes one file. Kept in memory while it is small, so that it can be worked on beside others;
/// written as it grows once it is larger.
pub(super) struct FileWriter<'p, 'a> {
    packer: &'p mut Packer<'a>,
    path: String,
    buffer: Vec<u8>,
    streamed: Option<(Sha256, u64)>,
}

impl FileWriter<'_, '_> {
    /// Has `write` write the file, and ends it.
    pub(super) fn fill(mut self, write: impl FnOnce(&mut Self) -> io::Result<()>) -> Result<()> {
        write(&mut self).map_err(|cause| uncover(Error::write(&self.path, cause)))?;
        self.finish()
    }

    /// Has somebody else write the file, and ends it.
    pub(super) fn fill_by<T>(mut self, write: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let value = write(&mut self).map_err(uncover)?;
        self.finish()?;
        Ok(value)
    }

    fn finish(mut self) -> Result<()> {
        if self.streamed.is_none() {
            return self.packer.put(self.path, self.buffer);
        }
        self.spill()?;
        self.packer.store.close()?;
        let (hasher, size) = self.streamed.take().unwrap_or_default();
        let digest = Digest(hasher.finalize().into());
        self.packer.entries.push(Entry { path: self.path, size, digest });
        self.packer.tell(size)
    }

    fn spill(&mut self) -> Result<()> {
        if self.streamed.is_none() {
            self.packer.claim(&self.path)?;
            self.packer.entries()?;
            self.packer.store.open(&self.path)?;
        }
        let (hasher, size) = self.streamed.get_or_insert_default();
        hasher.update(&self.buffer);
        *size += self.buffer.len() as u64;
        self.packer.store.append(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }
}

impl Write for FileWriter<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() > self.packer.sizes.kept {
            self.spill().map_err(io::Error::other)?;
        }
        Ok(bytes.len())
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

/// Reads bytes to their end and compares them with what was written.
fn check_bytes(entry: &Entry, shown: &Path, source: &mut dyn Read) -> Result<()> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut size = 0;
    loop {
        let count = match source.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::read(shown.display().to_string(), error)),
        };
        hasher.update(&buffer[..count]);
        size += count as u64;
    }
    if size == entry.size && Digest(hasher.finalize().into()) == entry.digest {
        return Ok(());
    }
    Err(Error::Unsound { what: format!("{}: read back, it differs from what was written", entry.path) })
}

#[cfg(test)]
mod tests;
