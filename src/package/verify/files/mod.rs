//! The files of a bag, wherever it lies: a folder, or a ZIP with or without a folder at its top.
//!
//! It finds and opens files and proves that a ZIP delivers what its directory promises. What the
//! files mean is not its matter. Links are never followed.

mod deflate;
mod folder;
mod zip_directory;
mod zip_entry;
mod zip_strict;

use std::io::Read;
use std::path::Path;

use super::fault;
use super::problem::{Problems, quote};
use crate::error::{Error, Result};

pub(super) use zip_directory::ZipDirectory;

/// A file of a bag.
#[derive(Debug, Clone)]
pub(super) struct BagFile {
    /// Relative to the bag, with `/`.
    pub(super) path: String,
    /// Its size in bytes.
    pub(super) size: u64,
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    Disk(std::path::PathBuf),
    Entry(usize),
}

/// A bag that was found, with all its files in the order of their paths.
#[derive(Debug)]
pub(super) struct Bag {
    pub(super) files: Vec<BagFile>,
    /// Folders that are told of by an entry of their own, or that are empty.
    pub(super) bare_folders: Vec<String>,
    /// What lies beside the bag's folder in a ZIP.
    pub(super) outside: Vec<String>,
    zip: Option<ZipDirectory>,
}

/// What a walk over a folder or a ZIP found, before the bag in it is known.
#[derive(Debug, Default)]
struct Listing {
    files: Vec<BagFile>,
    folders: Vec<String>,
}

impl Bag {
    /// Finds the bag in a folder or ZIP.
    ///
    /// # Errors
    /// [`Error::Read`], or [`Error::Unusable`] where there is no bag, or more than one.
    pub(super) fn find(path: &Path, problems: &mut Problems) -> Result<Bag> {
        let shown = path.display().to_string();
        let metadata = std::fs::metadata(path).map_err(|cause| Error::read(&shown, cause))?;
        let (root, listing, zip) = if metadata.is_dir() {
            let folder = folder::find_bag(path)?;
            (String::new(), folder::list(&folder, problems)?, None)
        } else {
            let directory = ZipDirectory::read(path)?;
            let listing = directory.list(problems);
            let paths = listing.files.iter().map(|file| file.path.as_str());
            (find_root(&shown, paths)?, listing, Some(directory))
        };
        let mut bag = Bag { files: Vec::new(), bare_folders: Vec::new(), outside: Vec::new(), zip };
        for mut file in listing.files {
            match file.path.strip_prefix(&root) {
                Some(path) => {
                    file.path = path.to_owned();
                    bag.files.push(file);
                }
                None => bag.outside.push(file.path),
            }
        }
        let below = |folder: String| folder.strip_prefix(&root).map(str::to_owned);
        bag.bare_folders = listing.folders.into_iter().filter_map(below).collect();
        bag.files.sort_by(|a, b| a.path.cmp(&b.path));
        bag.bare_folders.sort();
        for pair in bag.files.windows(2) {
            if let [one, other] = pair
                && one.path == other.path
            {
                problems.add(&fault::ZIP_DUPLICATE, &one.path, "two entries have this name");
            }
        }
        Ok(bag)
    }

    /// Finds a file by its path.
    pub(super) fn get(&self, path: &str) -> Option<&BagFile> {
        let at = self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        self.files.get(at)
    }

    /// Opens a file. Reading to the end of a ZIP's entry also proves its size and its CRC-32.
    ///
    /// # Errors
    /// What the operating system or the decompressor says.
    pub(super) fn open(&self, file: &BagFile) -> std::io::Result<Box<dyn Read + Send>> {
        match (&file.place, &self.zip) {
            (Place::Disk(path), _) => Ok(Box::new(std::fs::File::open(path)?)),
            (Place::Entry(at), Some(zip)) => zip_entry::open(zip, *at),
            (Place::Entry(_), None) => Err(std::io::ErrorKind::NotFound.into()),
        }
    }

    /// Proves that the unused bits of a file's compressed data are zero; files that are not
    /// compressed have none.
    ///
    /// # Errors
    /// What is wrong, or why it cannot be read.
    pub(super) fn check_padding(&self, file: &BagFile) -> std::io::Result<()> {
        match (&file.place, &self.zip) {
            (Place::Entry(at), Some(zip)) => zip.check_padding(*at),
            _ => Ok(()),
        }
    }

    /// Returns the ZIP's directory, if the bag lies in one.
    pub(super) fn zip(&self) -> Option<&ZipDirectory> {
        self.zip.as_ref()
    }
}

/// Returns the prefix of all files of the one bag among these paths: it lies at the top or one
/// folder below.
fn find_root<'p>(shown: &str, paths: impl Iterator<Item = &'p str>) -> Result<String> {
    // A bag whose declaration is lost is still a bag, and its verifier will say what it lacks.
    let is_mark =
        |name: &str| name == "bagit.txt" || (name.starts_with("manifest-") && name.ends_with(".txt"));
    let mut roots: Vec<&str> = paths
        .filter_map(|path| {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            (!folder.contains('/') && is_mark(name)).then_some(folder)
        })
        .collect();
    roots.sort_unstable();
    roots.dedup();
    match roots[..] {
        ["", ..] => Ok(String::new()),
        [folder] => Ok(format!("{folder}/")),
        [] => Err(Error::Unusable {
            input: shown.to_owned(),
            why: "there is no bag here: neither bagit.txt nor a manifest".to_owned(),
            hint: "name a package or BagIt bag: the folder that holds bagit.txt, or a ZIP of it".to_owned(),
        }),
        [one, other, ..] => Err(Error::Unusable {
            input: shown.to_owned(),
            why: format!("there is more than one bag here: {} and {}", quote(one), quote(other)),
            hint: "name one of them".to_owned(),
        }),
    }
}
