//! Where a store may lie: never where the run would write to it, or read it as something else.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Returns the folder of a store by its canonical path.
///
/// # Errors
/// [`Error::Read`] if it cannot be found, [`Error::Unusable`] if it is no folder.
pub(super) fn root(folder: &Path) -> Result<PathBuf> {
    let shown = || folder.display().to_string();
    let root = folder.canonicalize().map_err(|cause| Error::read(shown(), cause))?;
    if root.is_dir() {
        return Ok(root);
    }
    Err(Error::Unusable {
        input: shown(),
        why: "it is no folder".to_owned(),
        hint: "give the folder that the old file store is".to_owned(),
    })
}

/// Refuses to write into the store: neither the output nor temporary files may lie in it.
///
/// # Errors
/// [`Error::Usage`].
pub(super) fn refuse_within(root: &Path, path: &Path, what: &str, hint: &str) -> Result<()> {
    if !resolved(path).starts_with(root) {
        return Ok(());
    }
    Err(Error::Usage {
        what: format!("{} lies in the file store, and {what} would be written there", path.display()),
        hint: hint.to_owned(),
    })
}

/// Returns the inputs that lie in the store, by canonical path: they are no files of it.
///
/// # Errors
/// [`Error::Usage`] for an input that is the store itself.
pub(super) fn inputs_within(root: &Path, inputs: &[PathBuf]) -> Result<Vec<PathBuf>> {
    // An input that cannot be found is told by whoever reads it.
    let within = inputs.iter().filter_map(|input| input.canonicalize().ok());
    let within: Vec<PathBuf> = within.filter(|input| input.starts_with(root)).collect();
    match within.iter().any(|input| input == root) {
        false => Ok(within),
        true => Err(Error::Usage {
            what: "the file store is given as an input too".to_owned(),
            hint: "give as inputs the archives of messages alone".to_owned(),
        }),
    }
}

/// Returns the canonical path of what exists of a path.
fn resolved(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let known = absolute.ancestors().find_map(|above| above.canonicalize().ok());
    known.unwrap_or(absolute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_written_into_a_store_by_whatever_name() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store");
        std::fs::create_dir_all(store.join("room")).unwrap();
        let root = root(&store).unwrap();
        for (path, fine) in [
            ("out.zip", true),
            ("store.zip", true),
            ("store", false),
            ("store/out.zip", false),
            ("store/room/new/out", false),
            ("new/../store/out", true),
        ] {
            let judged = refuse_within(&root, &folder.path().join(path), "the package", "");
            assert_eq!(judged.is_ok(), fine, "{path}");
        }
        assert!(inputs_within(&root, &[folder.path().to_owned()]).unwrap().is_empty());
        assert_eq!(inputs_within(&root, &[store.join("room/..//room")]).unwrap(), [root.join("room")]);
        assert!(matches!(inputs_within(&root, &[store]), Err(Error::Usage { .. })));
    }
}
