//! A package as a folder: every file is written on whichever thread is free, and synced at the end,
//! when most of it has reached the disk already.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::body::{Body, Sum, Summing};
use super::place::{Place, sync_folder};
use super::{Entry, Prepare, Prepared, Store};
use crate::error::{Error, Result};
use crate::package::contents::{Progress, Step};

/// Puts files below a folder.
pub(in crate::package) struct FolderStore {
    root: Arc<Root>,
    open: Option<(File, PathBuf)>,
}

/// Where files go.
struct Root {
    /// Where the folder is built.
    built: PathBuf,
    /// Where it will be, for messages.
    shown: PathBuf,
}

impl FolderStore {
    /// Creates the folder.
    pub(super) fn create(place: &Place) -> Result<FolderStore> {
        let root = Root { built: place.temporary().to_path_buf(), shown: place.target().to_path_buf() };
        fs::create_dir(&root.built).map_err(|cause| Error::write(&root.shown, cause))?;
        Ok(FolderStore { root: Arc::new(root), open: None })
    }
}

impl Root {
    /// Creates a file and the folders above it.
    fn create(&self, path: &str) -> Result<File> {
        let file = self.built.join(path);
        let folder = file.parent().unwrap_or(&self.built);
        let create = || match File::create_new(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(folder).and_then(|()| File::create_new(&file))
            }
            outcome => outcome,
        };
        create().map_err(|cause| Error::write(self.shown.join(path), cause))
    }

    fn sync(&self, path: &str) -> Result<()> {
        let file = OpenOptions::new().write(true).open(self.built.join(path));
        file.and_then(|file| file.sync_all()).map_err(|cause| Error::write(self.shown.join(path), cause))
    }
}

impl Prepare for Root {
    fn whole(&self, path: &str, body: &Body) -> Result<(Sum, Prepared)> {
        let mut file = self.create(path)?;
        let written = body.pieces().try_for_each(|piece| file.write_all(piece));
        written.map_err(|cause| Error::write(self.shown.join(path), cause))?;
        Ok((body.sum(), Prepared::Done))
    }

    fn block(&self, bytes: Vec<u8>) -> Result<Prepared> {
        Ok(Prepared::Plain(bytes))
    }
}

impl Store for FolderStore {
    fn preparing(&self) -> Arc<dyn Prepare> {
        Arc::clone(&self.root) as Arc<dyn Prepare>
    }

    fn put(&mut self, _: &str, _: Prepared) -> Result<()> {
        Ok(())
    }

    fn open(&mut self, path: &str) -> Result<()> {
        self.open = Some((self.root.create(path)?, self.root.shown.join(path)));
        Ok(())
    }

    fn append(&mut self, prepared: Prepared) -> Result<()> {
        match (&mut self.open, prepared) {
            (Some((file, shown)), Prepared::Plain(bytes)) => {
                file.write_all(&bytes).map_err(|cause| Error::write(&*shown, cause))
            }
            _ => Ok(()),
        }
    }

    fn close(&mut self, _: &str, _: &Sum) -> Result<()> {
        self.open = None;
        Ok(())
    }

    fn seal(&mut self, entries: &[Entry]) -> Result<()> {
        entries.par_iter().with_max_len(1).try_for_each(|entry| self.root.sync(&entry.path))?;
        let mut folders: BTreeSet<&Path> = BTreeSet::new();
        for entry in entries {
            folders.extend(Path::new(&entry.path).ancestors().skip(1));
        }
        for folder in folders.into_iter().rev() {
            sync_folder(&self.root.built.join(folder))
                .map_err(|cause| Error::write(self.root.shown.join(folder), cause))?;
        }
        Ok(())
    }

    fn read_back(&self, entries: &[Entry], progress: Progress<'_>) -> Result<()> {
        let of = entries.len() as u64;
        let done = AtomicU64::new(0);
        entries.par_iter().with_max_len(1).try_for_each(|entry| {
            self.root.check(entry)?;
            progress(Step::ReadBack { files: done.fetch_add(1, Ordering::Relaxed) + 1, of })
        })
    }
}

impl Root {
    /// Reads a file to its end and compares it with what was written.
    fn check(&self, entry: &Entry) -> Result<()> {
        const BUFFER: usize = 1 << 17;
        let unreadable = |cause| Error::read(self.shown.join(&entry.path).display().to_string(), cause);
        let mut file = File::open(self.built.join(&entry.path)).map_err(unreadable)?;
        let mut summing = Summing::default();
        let mut buffer = vec![0; BUFFER];
        loop {
            match file.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => summing.add(buffer.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(cause) => return Err(unreadable(cause)),
            }
        }
        let sum = summing.end();
        if (sum.size, sum.digest) == (entry.size, entry.digest) {
            return Ok(());
        }
        Err(Error::Unsound { what: format!("{}: read back, it differs from what was written", entry.path) })
    }
}
