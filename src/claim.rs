//! Files that are known to be in use: each carries a lock for as long as the run that made it lives.
//!
//! The operating system drops a lock when its holder ends in whatever way, so what a killed run left
//! can be told from what another run is working on. Where a file system knows no locks, nothing is
//! ever taken for left behind.

use std::collections::hash_map::RandomState;
use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher as _, Hasher as _};
use std::io;
use std::path::{Path, PathBuf};

use fs4::{FileExt, TryLockError};

/// Hex digits that make a name differ from all others.
const DIGITS: usize = 16;

/// A file in a folder, named by a prefix, random digits and a suffix, that this run holds.
#[derive(Debug)]
pub(crate) struct Claim {
    path: PathBuf,
    /// Dropped before the file is removed, which some systems ask for.
    file: Option<File>,
}

impl Claim {
    /// Makes a new file and locks it, so that others may read it and none may claim it.
    ///
    /// # Errors
    /// What the operating system says.
    pub(crate) fn make(folder: &Path, prefix: &str, suffix: &str) -> io::Result<Claim> {
        const ATTEMPTS: usize = 64;
        for _ in 0..ATTEMPTS {
            let digits = RandomState::new().build_hasher().finish();
            let path = folder.join(format!("{prefix}{digits:0DIGITS$x}{suffix}"));
            let file = match private().create_new(true).open(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                opened => opened?,
            };
            match FileExt::try_lock_shared(&file) {
                // Somebody who clears up may have been faster, and have it removed or be about to.
                Ok(()) if !path.exists() => {}
                Err(TryLockError::WouldBlock) => {}
                Ok(()) | Err(TryLockError::Error(_)) => return Ok(Claim { path, file: Some(file) }),
            }
        }
        Err(io::Error::new(io::ErrorKind::AlreadyExists, "no name could be found for a temporary file"))
    }

    /// Claims every file of such a name whose run has ended. Files that cannot be looked at are passed
    /// over: they are no concern of this run.
    pub(crate) fn left_behind(folder: &Path, prefix: &str, suffix: &str) -> Vec<Claim> {
        let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
        let claim = |entry: fs::DirEntry| {
            let name = entry.file_name();
            let digits = name.to_str()?.strip_prefix(prefix)?.strip_suffix(suffix)?;
            let is_ours = digits.len() == DIGITS && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            if !is_ours || !entry.file_type().ok()?.is_file() {
                return None;
            }
            let path = entry.path();
            let file = private().open(&path).ok()?;
            FileExt::try_lock(&file).ok()?;
            Some(Claim { path, file: Some(file) })
        };
        entries.flatten().filter_map(claim).collect()
    }

    /// Returns where the file is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the file, open for reading and writing.
    pub(crate) fn file(&mut self) -> Option<&mut File> {
        self.file.as_mut()
    }

    /// Gives the file up and removes it.
    ///
    /// # Errors
    /// What the operating system says; the file then stays, without a lock.
    pub(crate) fn remove(&mut self) -> io::Result<()> {
        self.file = None;
        fs::remove_file(&self.path)
    }
}

/// Opens for reading and writing; what is made is for nobody else to read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_no_left_over_and_what_was_dropped_is() {
        let folder = tempfile::tempdir().unwrap();
        let left = |prefix: &str| Claim::left_behind(folder.path(), prefix, ".lock").len();
        let held = Claim::make(folder.path(), ".a-", ".lock").unwrap();
        assert_eq!(left(".a-"), 0);
        drop(held);
        assert_eq!((left(".b-"), left(".a-")), (0, 1));
        let mut found = Claim::left_behind(folder.path(), ".a-", ".lock");
        assert_eq!(left(".a-"), 0, "who clears up holds it");
        found[0].remove().unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn files_of_other_names_and_kinds_are_never_claimed() {
        let folder = tempfile::tempdir().unwrap();
        for name in
            [".a-0123456789abcde.lock", ".a-0123456789abcdefg.lock", ".a-0123456789abcdeg.lock", ".a-.lock"]
        {
            fs::write(folder.path().join(name), "").unwrap();
        }
        fs::create_dir(folder.path().join(".a-0123456789abcdef.lock")).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("/dev/null", folder.path().join(".a-1123456789abcdef.lock")).unwrap();
        assert_eq!(Claim::left_behind(folder.path(), ".a-", ".lock").len(), 0);
        assert_eq!(Claim::left_behind(&folder.path().join("nowhere"), ".a-", ".lock").len(), 0);
    }
}
