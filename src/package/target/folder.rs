//! A package as a folder: every file is written and synced on whichever thread is free.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::place::{Place, sync_folder};
use super::{Entry, Prepare, Prepared, Store, check_bytes};
use crate::error::{Error, Result};
use crate::package::contents::{Progress, Step};

/// Puts files below a folder.
pub(in crate::package) struct FolderStore {
    /// Where the folder is built.
    root: PathBuf,
    /// Where it will be, for messages.
    shown: PathBuf,
    open: Option<(File, PathBuf)>,
}

impl FolderStore {
    /// Creates the folder.
    pub(super) fn create(place: &Place) -> Result<FolderStore> {
        let shown = place.target().to_path_buf();
        let root = place.temporary().to_path_buf();
        fs::create_dir(&root).map_err(|cause| Error::write(&shown, cause))?;
        Ok(FolderStore { root, shown, open: None })
    }
}

impl Store for FolderStore {
    fn prepare(&self) -> Prepare {
        let (root, shown) = (self.root.clone(), self.shown.clone());
        Arc::new(move |path, bytes| {
            let mut file = create(&root, &shown, path)?;
            let written = file.write_all(bytes).and_then(|()| file.sync_all());
            written.map_err(|cause| Error::write(shown.join(path), cause))?;
            Ok(Prepared::Stored)
        })
    }

    fn commit(&mut self, _: Prepared) -> Result<()> {
        Ok(())
    }

    fn open(&mut self, path: &str) -> Result<()> {
        let file = create(&self.root, &self.shown, path)?;
        self.open = Some((file, self.shown.join(path)));
        Ok(())
    }

    fn append(&mut self, bytes: &[u8]) -> Result<()> {
        match &mut self.open {
            Some((file, shown)) => file.write_all(bytes).map_err(|cause| Error::write(&*shown, cause)),
            None => Ok(()),
        }
    }

    fn close(&mut self) -> Result<()> {
        match self.open.take() {
            Some((file, shown)) => file.sync_all().map_err(|cause| Error::write(shown, cause)),
            None => Ok(()),
        }
    }

    /// Files were synced one by one; the folders that name them are synced by
    /// [`Store::read_back`], which knows them.
    fn seal(&mut self) -> Result<()> {
        Ok(())
    }

    fn read_back(&self, entries: &[Entry], progress: Progress<'_>) -> Result<()> {
        let mut folders: BTreeSet<&Path> = BTreeSet::new();
        for entry in entries {
            folders.extend(Path::new(&entry.path).ancestors().skip(1));
        }
        for folder in folders.into_iter().rev() {
            sync_folder(&self.root.join(folder))
                .map_err(|cause| Error::write(self.shown.join(folder), cause))?;
        }
        let of = entries.len() as u64;
        let done = AtomicU64::new(0);
        let check = |entry: &Entry| {
            let shown = self.shown.join(&entry.path);
            let mut file = File::open(self.root.join(&entry.path))
                .map_err(|cause| Error::read(shown.display().to_string(), cause))?;
            check_bytes(entry, &shown, &mut file)?;
            progress(Step::ReadBack { files: done.fetch_add(1, Ordering::Relaxed) + 1, of })
        };
        entries.par_iter().map(check).collect()
    }
}

/// Creates a file and the folders above it.
fn create(root: &Path, shown: &Path, path: &str) -> Result<File> {
    let file = root.join(path);
    let folder = file.parent().unwrap_or(root);
    fs::create_dir_all(folder)
        .and_then(|()| File::create_new(&file))
        .map_err(|cause| Error::write(shown.join(path), cause))
}
