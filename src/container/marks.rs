//! Whether files are still what they were: inputs are read more than once, and what is said of them
//! must be true of one and the same state.

use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use crate::error::{Error, Result};

/// Sizes and times of files when they were first seen.
#[derive(Debug, Default)]
pub struct Marks {
    marks: Vec<Mark>,
}

#[derive(Debug)]
struct Mark {
    name: String,
    path: PathBuf,
    seen: Option<State>,
}

type State = (u64, Option<SystemTime>);

impl Marks {
    /// Marks a file as it is now; `name` is how the user knows it.
    pub(super) fn take(&mut self, name: &str, path: PathBuf) {
        let seen = state(&path);
        self.marks.push(Mark { name: name.to_owned(), path, seen });
    }

    /// Looks at every file again: one call to the operating system each.
    ///
    /// # Errors
    /// [`Error::Unusable`] names a file that was changed, removed or replaced.
    pub fn check(&self) -> Result<()> {
        match self.marks.iter().find(|mark| state(&mark.path) != mark.seen) {
            None => Ok(()),
            Some(mark) => Err(Error::Unusable {
                input: mark.name.clone(),
                why: "it was changed while it was read".into(),
                hint: "see to it that nothing writes to the inputs, or copy them, and run again".into(),
            }),
        }
    }
}

fn state(path: &PathBuf) -> Option<State> {
    let found = fs::metadata(path).ok()?;
    Some((found.len(), found.modified().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_grows_shrinks_is_written_anew_or_goes_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let changes: [fn(&PathBuf); 3] = [
            |path| fs::write(path, "longer than before").unwrap(),
            |path| {
                let file = fs::File::options().write(true).open(path).unwrap();
                file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
            },
            |path| fs::remove_file(path).unwrap(),
        ];
        for change in changes {
            fs::write(&path, "before").unwrap();
            let mut marks = Marks::default();
            marks.take("in/a", path.clone());
            assert!(marks.check().is_ok());
            change(&path);
            assert!(matches!(marks.check(), Err(Error::Unusable { input, .. }) if input == "in/a"));
        }
    }
}
