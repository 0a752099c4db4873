//! What stands beside a target while a run works on it, and what of that a killed run left.
//!
//! | name | what |
//! |---|---|
//! | `.NAME.gc2pc-partial-<digits>.lock` | empty, locked while the run lives; made first, removed last |
//! | `.NAME.gc2pc-partial-<digits>` | the output, until it gets its name |
//! | `.NAME.gc2pc-old-<digits>` | the folder that is being replaced, for the moment between two renames |
//!
//! Digits are random and the same in all three, so a lock that nobody holds tells which of them are
//! of no use any more.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::claim::Claim;
use crate::error::{Error, Result};
use crate::ledger::Digest;

const LOCK: &str = ".lock";
const PARTIAL: &str = ".gc2pc-partial-";
const OLD: &str = ".gc2pc-old-";

/// Hidden names beside a target that nothing else has.
#[derive(Debug)]
pub(super) struct Beside {
    lock: Claim,
    /// Where the output is built.
    pub(super) partial: PathBuf,
    /// Where a replaced output waits.
    pub(super) old: PathBuf,
}

impl Beside {
    /// Takes names for a run, in the folder of the target, which exists.
    pub(super) fn new(folder: &Path, name: &OsStr) -> io::Result<Beside> {
        Claim::make(folder, &prefix(name), LOCK).map(Beside::of)
    }

    fn of(lock: Claim) -> Beside {
        let partial = lock.path().with_extension("");
        let name = partial.file_name().unwrap_or_default().to_string_lossy();
        let (before, digits) = name.rsplit_once(PARTIAL).unwrap_or_default();
        let old = partial.with_file_name(format!("{before}{OLD}{digits}"));
        Beside { lock, partial, old }
    }

    /// Lets the names go: the lock is removed if nothing needs it any more. Otherwise the next run finds
    /// it, and does the rest.
    pub(super) fn let_go(&mut self) {
        if is_gone(&self.partial) && is_gone(&self.old) {
            let _ = self.lock.remove();
        }
    }
}

/// Clears up after runs to this target that were killed: what they had written is removed. An output
/// that had been moved aside to be replaced gets its name back, if it was not replaced.
///
/// # Errors
/// [`Error::Write`] if it cannot get its name back. What cannot be removed stays.
pub(super) fn clear_up(folder: &Path, target: &Path) -> Result<()> {
    let Some(name) = target.file_name() else { return Ok(()) };
    for lock in Claim::left_behind(folder, &prefix(name), LOCK) {
        let mut left = Beside::of(lock);
        if !is_gone(&left.old) {
            if is_gone(target) {
                fs::rename(&left.old, target).map_err(|cause| Error::write(target, cause))?;
            } else if is_gone(&left.partial) {
                // It was replaced, and the run did not come to remove it.
                let _ = remove(&left.old);
            } else {
                // Somebody else put something there: nothing tells which of both is wanted.
                continue;
            }
        }
        let _ = remove(&left.partial);
        left.let_go();
    }
    Ok(())
}

/// Returns what the names of locks for a target begin with: what it is called, or the beginning of it
/// and a digest where that is long. Names of files are limited to 255 bytes on most systems.
fn prefix(name: &OsStr) -> String {
    const LONGEST: usize = 40;
    const KEPT: usize = 31;
    match name.to_str() {
        Some(name) if name.chars().count() <= LONGEST => format!(".{name}{PARTIAL}"),
        _ => {
            let digest = Digest::of(name.as_encoded_bytes()).to_string();
            let short: String = name.to_string_lossy().chars().take(KEPT).chain(['~']).collect();
            format!(".{short}{}{PARTIAL}", digest.get(..8).unwrap_or_default())
        }
    }
}

/// Removes a file or a folder.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path)?.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

/// Tells whether nothing stands there, for certain.
fn is_gone(path: &Path) -> bool {
    fs::symlink_metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Desk {
        folder: tempfile::TempDir,
        target: PathBuf,
    }

    impl Desk {
        fn new(name: &str) -> Desk {
            let folder = tempfile::tempdir().unwrap();
            Desk { target: folder.path().join(name), folder }
        }

        fn run(&self) -> Beside {
            let run = Beside::new(self.folder.path(), self.target.file_name().unwrap()).unwrap();
            put(&run.partial, "new");
            run
        }

        fn clear_up(&self) -> Vec<String> {
            clear_up(self.folder.path(), &self.target).unwrap();
            let names = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
            names.map(|name| name.into_string().unwrap()).collect()
        }
    }

    fn put(path: &Path, content: &str) {
        fs::create_dir(path).unwrap();
        fs::write(path.join("mark"), content).unwrap();
    }

    #[test]
    fn what_a_killed_run_left_goes_and_what_a_living_one_has_stays() {
        let long = "a package with a name that is longer than what is kept of it";
        for name in ["out.zip", long] {
            let desk = Desk::new(name);
            let living = desk.run();
            drop(desk.run());
            assert_eq!(desk.clear_up().len(), 2, "{name}");
            assert!(living.partial.join("mark").exists());
            drop(living);
            assert_eq!(desk.clear_up(), [""; 0]);
        }
    }

    #[test]
    fn what_belongs_to_another_target_or_to_nobody_known_stays() {
        let desk = Desk::new("out");
        fs::create_dir(desk.folder.path().join(".out.gc2pc-partial-0011223344556677")).unwrap();
        let other = Beside::new(desk.folder.path(), OsStr::new("out.zip")).unwrap();
        put(&other.partial, "other");
        drop(other);
        assert_eq!(desk.clear_up().len(), 3);
    }

    #[test]
    fn an_output_that_was_about_to_be_replaced_gets_its_name_back() {
        let desk = Desk::new("out");
        put(&desk.target, "old");
        let run = desk.run();
        fs::rename(&desk.target, &run.old).unwrap();
        drop(run);
        assert_eq!(desk.clear_up(), ["out"]);
        assert_eq!(fs::read_to_string(desk.target.join("mark")).unwrap(), "old");
    }

    #[test]
    fn an_output_that_was_replaced_goes() {
        let desk = Desk::new("out");
        put(&desk.target, "old");
        let run = desk.run();
        fs::rename(&desk.target, &run.old).unwrap();
        fs::rename(&run.partial, &desk.target).unwrap();
        drop(run);
        assert_eq!(desk.clear_up(), ["out"]);
        assert_eq!(fs::read_to_string(desk.target.join("mark")).unwrap(), "new");
    }

    #[test]
    fn an_old_output_is_kept_where_nobody_can_tell_whether_it_is_wanted() {
        let desk = Desk::new("out");
        put(&desk.target, "old");
        let run = desk.run();
        fs::rename(&desk.target, &run.old).unwrap();
        put(&desk.target, "a stranger's");
        drop(run);
        assert_eq!(desk.clear_up().len(), 4);
    }
}
