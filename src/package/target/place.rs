//! The place of an output: what may stand there, the temporary name beside it, and the moment it
//! gets its final name.
//!
//! The final name means success. Until [`Place::publish`] the output stands under a temporary
//! name, and is removed together with every folder made for it if anything ends the run. What a run
//! leaves that was killed, the next one to the same target removes.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::beside::{self, Beside, remove};
use crate::error::{Error, Result};
use crate::package::layout;

/// Tells whether an output of this name shall be a ZIP: its name ends in `.zip`, in any case. A name
/// that is nothing else counts too, though [`Path::extension`] says that it has no extension.
pub(in crate::package) fn is_zip(target: &Path) -> bool {
    zip_stem(target).is_some()
}

/// Returns the name of the bag's folder in a ZIP, before it is made safe: what the ZIP is called
/// without `.zip`, or `bag` where nothing remains.
pub(in crate::package) fn bag_name(target: &Path) -> String {
    match zip_stem(target) {
        None | Some([]) => "bag".to_owned(),
        Some(_) => target.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
    }
}

/// Returns the bytes before `.zip` in the name of a file.
fn zip_stem(target: &Path) -> Option<&[u8]> {
    let name = target.file_name()?.as_encoded_bytes();
    let (stem, ending) = name.split_at_checked(name.len().checked_sub(".zip".len())?)?;
    ending.eq_ignore_ascii_case(b".zip").then_some(stem)
}

/// Where an output is built, and where it will be.
#[derive(Debug)]
pub(in crate::package) struct Place {
    target: PathBuf,
    parent: PathBuf,
    /// `None` only while the place is made.
    beside: Option<Beside>,
    temporary: PathBuf,
    overwrite: bool,
    /// Folders made for the target, the uppermost first.
    made: Vec<PathBuf>,
    published: bool,
}

impl Place {
    /// Looks at the target, makes the folder it is to lie in, and chooses a temporary name.
    ///
    /// # Errors
    /// [`Error::OutputExists`] if something stands there and must not be replaced, [`Error::Usage`]
    /// if the target has no name, [`Error::Write`] if what stands there is no package or the folder
    /// cannot be made.
    pub(in crate::package) fn new(target: &Path, overwrite: bool) -> Result<Place> {
        let Some(name) = target.file_name() else {
            return Err(Error::Usage {
                what: format!("{} has no name that an output could get", target.display()),
                hint: "give the name of a new folder, or of a file ending in .zip".into(),
            });
        };
        clear_up(target)?;
        judge(target, overwrite)?;
        let mut place = Place {
            target: target.to_path_buf(),
            parent: parent_of(target),
            beside: None,
            temporary: PathBuf::new(),
            overwrite,
            made: Vec::new(),
            published: false,
        };
        place.make_parent()?;
        let beside = Beside::new(&place.parent, name).map_err(|cause| Error::write(target, cause))?;
        place.temporary.clone_from(&beside.partial);
        place.beside = Some(beside);
        Ok(place)
    }

    /// Returns where the output will be.
    pub(in crate::package) fn target(&self) -> &Path {
        &self.target
    }

    /// Returns where the output is built.
    pub(in crate::package) fn temporary(&self) -> &Path {
        &self.temporary
    }

    /// Gives the output its final name. Returns the replaced output where it could be moved aside
    /// but not removed.
    pub(in crate::package) fn publish(mut self) -> Result<Option<PathBuf>> {
        let failed = |cause| Error::write(&self.target, cause);
        let mut aside = None;
        if judge(&self.target, self.overwrite)? && !self.is_replaced_at_once() {
            let old = self.beside.as_ref().map(|beside| beside.old.clone()).unwrap_or_default();
            fs::rename(&self.target, &old).map_err(failed)?;
            aside = Some(old);
        }
        if let Err(cause) = fs::rename(&self.temporary, &self.target) {
            if let Some(old) = &aside {
                // If this fails too, the next run to this target does it.
                let _ = fs::rename(old, &self.target);
            }
            return Err(failed(cause));
        }
        self.published = true;
        sync_folder(&self.parent).map_err(|cause| Error::write(&self.target, cause))?;
        Ok(aside.filter(|old| remove(old).is_err()))
    }

    /// Tells whether giving the output its name replaces what stands there in one step: a file does a
    /// file.
    fn is_replaced_at_once(&self) -> bool {
        let is_file = |path| fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
        is_file(&self.temporary) && is_file(&self.target)
    }

    fn make_parent(&mut self) -> Result<()> {
        let missing: Vec<PathBuf> = self
            .parent
            .ancestors()
            .take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists())
            .map(Path::to_path_buf)
            .collect();
        for folder in missing.into_iter().rev() {
            match fs::create_dir(&folder) {
                Ok(()) => self.made.push(folder),
                // Another run may have been faster.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(cause) => return Err(Error::write(folder, cause)),
            }
        }
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.published {
            // Nobody is left to hear of a failure; the next run to this target does the rest.
            let _ = remove(&self.temporary);
        }
        if let Some(beside) = &mut self.beside {
            beside.let_go();
        }
        if !self.published {
            for folder in self.made.iter().rev() {
                let _ = fs::remove_dir(folder);
            }
        }
    }
}

/// Clears up after runs to this target that were killed.
///
/// # Errors
/// [`Error::Write`] if a package that was moved aside cannot get its name back.
pub(in crate::package) fn clear_up(target: &Path) -> Result<()> {
    beside::clear_up(&parent_of(target), target)
}

fn parent_of(target: &Path) -> PathBuf {
    match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// Tells whether something stands at the target that shall be replaced.
pub(in crate::package) fn judge(target: &Path, overwrite: bool) -> Result<bool> {
    let found = match fs::symlink_metadata(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(cause) => return Err(Error::write(target, cause)),
        Ok(_) if !overwrite => return Err(Error::OutputExists { path: target.to_path_buf() }),
        Ok(found) => found,
    };
    let replaceable =
        if found.is_dir() { is_bag_or_empty(target) } else { found.is_file() && is_zipped_bag(target) };
    if replaceable {
        return Ok(true);
    }
    Err(Error::write(
        target,
        io::Error::new(io::ErrorKind::AlreadyExists, "it exists, is no package, and is not replaced"),
    ))
}

fn is_bag_or_empty(folder: &Path) -> bool {
    let is_empty = || fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
    folder.join(layout::BAGIT).is_file() || is_empty()
}

/// Tells whether a file is a ZIP of a bag. Any other ZIP may be the only copy of an export.
fn is_zipped_bag(file: &Path) -> bool {
    let open = || ::zip::ZipArchive::new(io::BufReader::new(File::open(file).ok()?)).ok();
    let is_mark = |name: &str| matches!(name.split_once('/'), Some((_, layout::BAGIT)));
    open().is_some_and(|archive| archive.file_names().flatten().any(|name| is_mark(&name)))
}

/// Makes the names in a folder last. Systems other than Unix offer no such thing for folders.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn build(place: &Place, content: &str) {
        fs::create_dir(place.temporary()).unwrap();
        fs::write(place.temporary().join(layout::BAGIT), content).unwrap();
    }

    #[test]
    fn a_published_output_replaces_the_old_one_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out");
        for content in ["first", "second"] {
            let place = Place::new(&target, true).unwrap();
            build(&place, content);
            assert_eq!(place.publish().unwrap(), None);
            assert_eq!(fs::read_to_string(target.join(layout::BAGIT)).unwrap(), content);
            assert_eq!(names(folder.path()), ["out"]);
        }
    }

    #[test]
    fn an_abandoned_output_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::new(&folder.path().join("a/b/out"), false).unwrap();
        build(&place, "x");
        assert_eq!(names(folder.path()), ["a"]);
        drop(place);
        assert_eq!(names(folder.path()), [""; 0]);
    }

    #[test]
    fn only_bags_zipped_bags_and_empty_folders_are_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("empty")).unwrap();
        fs::create_dir(at("full")).unwrap();
        fs::write(at("full/thesis.doc"), "years").unwrap();
        fs::write(at("letter"), "dear").unwrap();
        fs::write(at("short.zip"), "PK").unwrap();
        fs::write(at("empty.zip"), b"PK\x05\x06").unwrap();
        for (name, entry) in [("export.zip", "mgc/tblChat.csv"), ("some.zip", "some/bagit.txt")] {
            let mut zip = ::zip::ZipWriter::new(File::create(at(name)).unwrap());
            zip.start_file(entry, ::zip::write::SimpleFileOptions::default()).unwrap();
            zip.finish().unwrap();
        }
        for (name, replaced) in [
            ("empty", true),
            ("some.zip", true),
            ("export.zip", false),
            ("empty.zip", false),
            ("full", false),
            ("letter", false),
            ("short.zip", false),
        ] {
            let refused = Place::new(&at(name), false);
            assert!(matches!(refused, Err(Error::OutputExists { .. })), "{name}");
            let judged = Place::new(&at(name), true);
            assert_eq!(judged.is_ok(), replaced, "{name}");
            assert!(replaced || matches!(judged, Err(Error::Write { .. })), "{name}");
        }
        assert!(at("full/thesis.doc").exists());
    }

    #[test]
    fn what_appeared_meanwhile_is_not_replaced_without_leave() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out");
        let place = Place::new(&target, false).unwrap();
        build(&place, "mine");
        fs::create_dir(&target).unwrap();
        assert!(matches!(place.publish(), Err(Error::OutputExists { .. })));
        assert_eq!(names(folder.path()), ["out"]);
        assert_eq!(names(&target), [""; 0]);
    }

    #[test]
    fn what_ends_in_zip_is_a_zip_even_if_nothing_stands_before_it() {
        for (name, bag) in [("a/b.zip", "b"), ("b.x.ZIP", "b.x"), (".zip", "bag"), ("a/.Zip", "bag")] {
            assert!(is_zip(Path::new(name)), "{name}");
            assert_eq!(bag_name(Path::new(name)), bag, "{name}");
        }
        for name in ["zip", "a.zip/b", "bzip", "b.zip.x", "", "/"] {
            assert!(!is_zip(Path::new(name)), "{name}");
        }
    }

    #[test]
    fn an_output_without_a_name_is_refused() {
        for target in ["/", "..", "a/.."] {
            assert!(matches!(Place::new(Path::new(target), true), Err(Error::Usage { .. })));
        }
    }
}
