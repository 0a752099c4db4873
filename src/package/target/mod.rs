//! Where a package goes: a folder, a ZIP, or nowhere at all (a dry run).
//!
//! The [`Packer`] stands in front of all of them. It takes files one after another, has the work on
//! them (digest, compression, disk) done by many threads, and keeps the order in which they came.
//! What may be told about a file is in its [`Entry`], and is compared with the disk at the end.

mod beside;
mod body;
mod folder;
mod inputs;
mod nowhere;
mod packer;
mod place;
mod zip;

use std::sync::Arc;

use super::contents::{Compression, Progress};
use super::layout;
use crate::error::Result;
use crate::ledger::Digest;
use body::Sum;
use place::bag_name;

pub(super) use body::Body;
pub(super) use folder::FolderStore;
pub(super) use inputs::spare;
pub(super) use nowhere::NowhereStore;
pub(super) use packer::Packer;
pub(super) use place::{Place, clear_up, is_zip, judge};
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

/// A file, or a block of one, made ready on some thread to be written in its turn.
#[derive(Debug)]
pub(super) enum Prepared {
    /// Nothing remains to be done.
    Done,
    /// As it is.
    Plain(Vec<u8>),
    /// Compressed.
    Compressed(zip::Compressed),
}

impl Prepared {
    /// Returns the memory that it holds.
    fn weight(&self) -> usize {
        match self {
            Prepared::Done => 0,
            Prepared::Plain(bytes) => bytes.capacity(),
            Prepared::Compressed(compressed) => compressed.weight(),
        }
    }
}

/// Makes files ready. Called from any thread.
pub(super) trait Prepare: Send + Sync {
    /// Does the work on a whole file that needs no order, and takes its digests.
    fn whole(&self, path: &str, body: &Body) -> Result<(Sum, Prepared)>;

    /// Does the work on a block of a file that needs no order. Digests are those of the file, and
    /// taken elsewhere.
    fn block(&self, bytes: Vec<u8>) -> Result<Prepared>;
}

/// Something that files can be put in.
pub(super) trait Store {
    /// Returns the work that needs no order.
    fn preparing(&self) -> Arc<dyn Prepare>;

    /// Puts a whole file behind the ones before.
    fn put(&mut self, path: &str, prepared: Prepared) -> Result<()>;

    /// Begins a file whose blocks follow.
    fn open(&mut self, path: &str) -> Result<()>;

    /// Appends a block to the file begun.
    fn append(&mut self, prepared: Prepared) -> Result<()>;

    /// Ends the file begun.
    fn close(&mut self, path: &str, sum: &Sum) -> Result<()>;

    /// Ends the writing; everything is on disk afterwards. Entries are those of all files put.
    fn seal(&mut self, entries: &[Entry]) -> Result<()>;

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

#[cfg(test)]
mod tests;
