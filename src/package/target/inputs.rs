//! Inputs are never replaced: what a run reads must still be there when it has ended.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Refuses a target that exists and is an input, holds one, or lies in one: to replace it would
/// destroy what the package was made from.
///
/// # Errors
/// [`Error::Usage`] that names the input.
pub(in crate::package) fn spare(target: &Path, inputs: &[PathBuf]) -> Result<()> {
    let Ok(target_path) = target.canonicalize() else { return Ok(()) };
    let meets = |input: &&PathBuf| {
        // An input that cannot be found is told by whoever reads it.
        let path = input.canonicalize();
        path.is_ok_and(|path| path.starts_with(&target_path) || target_path.starts_with(&path))
    };
    match inputs.iter().find(meets) {
        None => Ok(()),
        Some(input) => Err(Error::Usage {
            what: format!(
                "{} exists and would be read as part of the input {}, and then be replaced",
                target.display(),
                input.display()
            ),
            hint: "give the package a name outside of all inputs".into(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_target_that_is_holds_or_lies_in_an_input_is_refused_once_it_exists() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("export/old")).unwrap();
        fs::create_dir_all(at("beside")).unwrap();
        for (target, spared) in [
            ("export", false),
            ("export/old", false),
            ("export/old/..", false),
            ("export/new", true),
            ("beside", true),
            ("", false),
        ] {
            let judged = spare(&at(target), &[at("nowhere"), at("export")]);
            assert_eq!(judged.is_ok(), spared, "{target}");
            assert!(spared || matches!(judged, Err(Error::Usage { .. })), "{target}");
        }
    }
}
