//! The old file store: its files, listed once and read once.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::key::Key;
use super::{name, place, windows};
use crate::container::{self, Blob, Hindrance, TreeFile};
use crate::error::{Error, Result};
use crate::ledger::Digest;
use crate::progress::Progress;

/// Which store, and what is wanted of it.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder of the old file store.
    pub folder: PathBuf,
    /// Whether the package carries the files themselves.
    pub carry: bool,
}

/// The old file store.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    carries: bool,
    /// In the order of keys, then of paths.
    files: Vec<StoredFile>,
    hindrances: Vec<Hindrance>,
}

/// A file of the store.
#[derive(Debug)]
pub struct StoredFile {
    /// Where it stands in the store, with `/`; see [`TreeFile::path`].
    pub path: String,
    /// Where it goes in the new store, with `\`; `None` where only a person can tell.
    pub destination: Option<String>,
    /// Why it has no destination though its name is one that Windows takes: another file's name
    /// differs in case alone.
    pub clashes: bool,
    /// What it holds.
    pub content: Content,
    pub(super) key: Key,
    pub(super) blob: Arc<dyn Blob>,
}

/// What a file of the store holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// It was not read yet; so large it was when it was listed.
    Unknown(u64),
    /// So many bytes with this digest.
    Known(u64, Digest),
    /// It cannot be read, for this reason.
    Unreadable(String),
}

impl StoredFile {
    /// Returns its name: the last step of its path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Returns size and digest of a file that was read.
    pub fn known(&self) -> Option<(u64, Digest)> {
        match self.content {
            Content::Known(size, digest) => Some((size, digest)),
            _ => None,
        }
    }
}

impl Store {
    /// Lists a store. Nothing in it is opened yet.
    ///
    /// Takes memory in proportion to the number of files.
    ///
    /// # Errors
    /// [`Error::Read`] and [`Error::Unusable`] if it cannot be listed; [`Error::Usage`] if the output,
    /// temporary files or an input are where the store is.
    pub fn open(options: &Options, inputs: &[PathBuf], output: Option<&Path>, temp: &Path) -> Result<Store> {
        let root = place::root(&options.folder)?;
        if let Some(output) = output {
            place::refuse_within(&root, output, "the package", "write the package to another folder")?;
        }
        place::refuse_within(&root, temp, "temporary files", "name another folder with --temp")?;
        let left_out = place::inputs_within(&root, inputs)?;
        let tree = container::list_tree(&root, &left_out);
        let tree = tree.map_err(|cause| Error::read(options.folder.display().to_string(), cause))?;
        let mut taken = HashSet::new();
        let mut files: Vec<StoredFile> =
            tree.files.into_iter().map(|file| StoredFile::new(file, &mut taken)).collect();
        files.sort_by(|one, other| (one.key, &one.path).cmp(&(other.key, &other.path)));
        Ok(Store { root, carries: options.carry, files, hindrances: tree.hindrances })
    }

    /// Returns where it is, by canonical path.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Tells whether the package carries the files themselves.
    pub fn carries(&self) -> bool {
        self.carries
    }

    /// Returns its files in the order of their names without regard to case, then of their paths.
    pub fn files(&self) -> &[StoredFile] {
        &self.files
    }

    /// Returns what in it is no file, or could not be looked at.
    pub fn hindrances(&self) -> &[Hindrance] {
        &self.hindrances
    }

    /// Returns how many bytes its files have, as far as is known.
    pub fn bytes(&self) -> u64 {
        self.files.iter().fold(0, |bytes: u64, file| match file.content {
            Content::Unknown(size) | Content::Known(size, _) => bytes.saturating_add(size),
            Content::Unreadable(_) => bytes,
        })
    }

    /// Reads every file and takes its digest, on all threads. A file that cannot be read is noted.
    ///
    /// # Errors
    /// [`Error::Interrupted`], looked for before each file.
    pub fn digest(&mut self, progress: &dyn Progress) -> Result<()> {
        self.files.par_iter_mut().with_max_len(1).try_for_each(|file| {
            progress.check()?;
            let read = container::survey(&*file.blob, &mut |chunk| progress.advance(chunk.len() as u64));
            file.content = match read {
                Ok((size, digest)) => Content::Known(size, digest),
                Err(cause) => Content::Unreadable(cause.kind().to_string()),
            };
            Ok(())
        })
    }

    /// Returns the files of one name, without regard to case.
    pub(super) fn named(&self, key: Key) -> &[StoredFile] {
        let begin = self.files.partition_point(|file| file.key < key);
        let rest = self.files.get(begin..).unwrap_or_default();
        rest.get(..rest.partition_point(|file| file.key == key)).unwrap_or_default()
    }
}

impl StoredFile {
    /// Takes a file of a listing, whose files come by path. `taken` are the places in the new store that
    /// files before it have, without regard to case.
    fn new(file: TreeFile, taken: &mut HashSet<String>) -> StoredFile {
        let TreeFile { path, is_exact, size, blob } = file;
        let place = windows::destination(&path).filter(|_| is_exact);
        let clashes = place.as_ref().is_some_and(|place| !taken.insert(place.to_lowercase()));
        let last = path.rsplit('/').next().unwrap_or(&path).as_bytes();
        let key = if is_exact { Key::of(name::trim_end(last)) } else { Key::of_no_text(last) };
        StoredFile {
            destination: place.filter(|_| !clashes),
            clashes,
            content: Content::Unknown(size),
            key,
            path,
            blob,
        }
    }
}
