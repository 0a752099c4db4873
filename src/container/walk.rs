//! From what the user named to plain bytes: each file and entry is opened once, its first bytes
//! tell what it is, and archives are taken apart until nothing but plain items is left.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::file::FileBlob;
use super::folder::scan;
use super::gzip::{GzipBlob, is_gzip};
use super::marks::Marks;
use super::name::{folder_of, is_litter, last_of, readable, without_gz};
use super::problem::Trouble;
use super::spool::{self, Spool, Spooled};
use super::survey::fill;
use super::zip::{Content, Listed, is_zip, list};
use super::{Blob, Item, Limits, Problem};
use crate::error::{Error, Result};

/// All that a walk found.
#[derive(Debug, Default)]
pub struct Walk {
    /// The plain items, in the order of (name, folder).
    pub items: Vec<Item>,
    /// What was not handed on, in the order of names.
    pub problems: Vec<Problem>,
    /// The files in which all of that lies, as they are now.
    pub marks: Marks,
}

/// What a walk does not look into.
#[derive(Clone, Copy)]
pub struct Exceptions<'a> {
    /// Folders and files that are not walked at all, by canonical path.
    pub left_out: &'a [PathBuf],
    /// Tells of a name whether what bears it is handed on whole, even if it is an archive.
    pub is_whole: &'a (dyn Fn(&str) -> bool + Sync),
}

/// Something that may be an item or an archive; `depth` archives lie around it.
pub(super) struct Candidate {
    pub(super) name: String,
    /// The last part of the name.
    pub(super) last: String,
    pub(super) folder: String,
    pub(super) blob: Arc<dyn Blob>,
    pub(super) depth: u32,
}

/// Walks files and folders, ZIP and gzip archives and what lies in them.
///
/// What a thing is shows in its first bytes, never in its name. ZIP archives that are the body of
/// an Office document or a bacpac are handed on whole. An archive within an archive is copied to a
/// temporary file in `temp`, which is removed when its last item is dropped; those that killed runs
/// left there are removed.
///
/// Takes memory in proportion to the number of files and entries.
///
/// # Errors
/// [`Error::Read`] for an input that does not exist or cannot be opened, [`Error::Unusable`] for
/// one that is neither file nor folder, [`Error::Write`] if `temp` cannot be written. Everything
/// else that goes wrong is a [`Problem`].
pub fn walk(inputs: &[PathBuf], limits: &Limits, temp: &Path) -> Result<Walk> {
    walk_except(inputs, Exceptions { left_out: &[], is_whole: &|_| false }, limits, temp)
}

/// Walks as [`walk`], but for some things.
///
/// # Errors
/// As [`walk`].
pub fn walk_except(
    inputs: &[PathBuf],
    exceptions: Exceptions<'_>,
    limits: &Limits,
    temp: &Path,
) -> Result<Walk> {
    spool::clear_up(temp);
    let mut walker = Walker { exceptions, limits, temp, spooled: 0, full: false, walk: Walk::default() };
    let mut candidates = Vec::new();
    for input in inputs {
        candidates.append(&mut walker.take_input(input)?);
    }
    for candidate in &candidates {
        if let Some(path) = candidate.blob.path() {
            walker.walk.marks.take(&candidate.name, path.to_owned());
        }
    }
    candidates.sort_by(|a, b| (&b.name, &b.folder).cmp(&(&a.name, &a.folder)));
    while let Some(candidate) = candidates.pop() {
        walker.look(candidate, &mut candidates)?;
    }
    let mut walk = walker.walk;
    walk.items.sort_by(|a, b| (&a.name, &a.folder).cmp(&(&b.name, &b.folder)));
    walk.problems.sort();
    walk.problems.dedup();
    Ok(walk)
}

struct Walker<'a> {
    exceptions: Exceptions<'a>,
    limits: &'a Limits,
    temp: &'a Path,
    spooled: u64,
    full: bool,
    walk: Walk,
}

impl Walker<'_> {
    fn take_input(&mut self, input: &Path) -> Result<Vec<Candidate>> {
        let failed = |cause| Error::read(input.display().to_string(), cause);
        let path = input.canonicalize().map_err(failed)?;
        let metadata = fs::metadata(&path).map_err(failed)?;
        let name = input.file_name().or(path.file_name()).map(readable).unwrap_or_default();
        if metadata.is_dir() {
            let mut contents = scan(&path, &name, self.exceptions.left_out).map_err(failed)?;
            if contents.files.is_empty() && contents.problems.is_empty() {
                self.trouble(Trouble::Bare, name, "there are no files in this folder");
            }
            self.walk.problems.append(&mut contents.problems);
            return Ok(contents.files);
        }
        if !metadata.is_file() {
            return Err(Error::Unusable {
                input: input.display().to_string(),
                why: "it is a device, pipe or socket, which can be read only once".to_owned(),
                hint: "copy it to a file first".to_owned(),
            });
        }
        File::open(&path).map_err(failed)?;
        let folder = path.parent().map(|parent| readable(parent.as_os_str())).unwrap_or_default();
        let blob = Arc::new(FileBlob::new(path, metadata.len()));
        Ok(vec![Candidate { last: name.clone(), name, folder, blob, depth: 0 }])
    }

    fn trouble(&mut self, trouble: Trouble, name: impl Into<String>, detail: impl Into<String>) {
        self.walk.problems.push(trouble.of(name, detail));
    }

    /// Decides what a candidate is; what lies in it, if anything, becomes candidates in turn.
    fn look(&mut self, candidate: Candidate, candidates: &mut Vec<Candidate>) -> Result<()> {
        if (self.exceptions.is_whole)(&candidate.name) {
            self.hand_on(candidate);
            return Ok(());
        }
        let mut head = [0; 8];
        let head = match candidate.blob.open().and_then(|mut reader| fill(&mut *reader, &mut head)) {
            Ok(filled) => &head[..filled],
            Err(cause) => {
                self.cannot_open(candidate, &cause);
                return Ok(());
            }
        };
        let archive = is_zip(head) || is_gzip(head);
        if archive && candidate.depth >= self.limits.max_depth {
            let detail = format!("more than {} archives lie in one another", self.limits.max_depth);
            self.trouble(Trouble::Deep, candidate.name, detail);
        } else if is_zip(head) {
            self.unpack(candidate, candidates)?;
        } else if is_gzip(head) {
            let last = without_gz(&candidate.last).to_owned();
            candidates.push(Candidate {
                name: format!("{}#{last}", candidate.name),
                last,
                blob: Arc::new(GzipBlob::new(candidate.blob, *self.limits)),
                folder: candidate.folder,
                depth: candidate.depth + 1,
            });
        } else {
            self.hand_on(candidate);
        }
        Ok(())
    }

    fn cannot_open(&mut self, candidate: Candidate, cause: &io::Error) {
        let (trouble, detail) = match cause.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
                (Trouble::Entry, format!("it cannot be decompressed: {cause}"))
            }
            kind => (Trouble::Unreadable, format!("it cannot be opened: {kind}")),
        };
        self.trouble(trouble, candidate.name, detail);
    }

    fn hand_on(&mut self, candidate: Candidate) {
        if self.walk.items.len() as u64 >= self.limits.max_entries {
            if !std::mem::replace(&mut self.full, true) {
                let detail = format!(
                    "there are more than {} files and entries; from this one on, none is read",
                    self.limits.max_entries
                );
                self.trouble(Trouble::Many, candidate.name, detail);
            }
            return;
        }
        let Candidate { name, folder, blob, .. } = candidate;
        self.walk.items.push(Item { name, folder, blob });
    }

    /// Takes a ZIP archive apart.
    fn unpack(&mut self, mut candidate: Candidate, candidates: &mut Vec<Candidate>) -> Result<()> {
        if candidate.blob.path().is_none() {
            match self.spool(&candidate)? {
                Some(blob) => candidate.blob = blob,
                None => return Ok(()),
            }
        }
        let room = self.limits.max_entries.saturating_sub(self.walk.items.len() as u64);
        let listing = match list(&candidate.blob, self.limits, room) {
            Ok(listing) => listing,
            Err((trouble, detail)) => {
                self.trouble(trouble, candidate.name, detail);
                return Ok(());
            }
        };
        if listing.is_document() {
            self.hand_on(candidate);
            return Ok(());
        }
        if let Some(damage) = listing.damage {
            self.trouble(Trouble::Archive, &candidate.name, damage);
        }
        let mut found = Vec::new();
        for entry in listing.entries {
            found.extend(self.take_entry(&candidate, entry));
        }
        found.sort_by(|a, b| b.name.cmp(&a.name));
        candidates.append(&mut found);
        Ok(())
    }

    fn take_entry(&mut self, archive: &Candidate, entry: Listed) -> Option<Candidate> {
        let path = match entry.name.path {
            Ok(path) => path,
            Err(why) => {
                let name = format!("{}#{}", archive.name, entry.name.shown);
                self.trouble(Trouble::Name, name, format!("{why}, so it is not read"));
                return None;
            }
        };
        if let Some(end) = litter_end(&path) {
            let name = format!("{}#{}", archive.name, &path[..end]);
            self.trouble(Trouble::Litter, name, "it is no data, so it was passed over");
            return None;
        }
        let name = format!("{}#{path}", archive.name);
        match entry.content {
            Content::Folder => None,
            Content::Link => {
                self.trouble(Trouble::LinkOutside, name, "links in archives are not followed");
                None
            }
            Content::Refused(trouble, why) => {
                self.trouble(trouble, name, why);
                None
            }
            Content::File(file) => Some(Candidate {
                name,
                folder: format!("{}/{}#{}", archive.folder, archive.last, folder_of(&path)),
                last: last_of(&path).to_owned(),
                blob: Arc::new(file),
                depth: archive.depth + 1,
            }),
        }
    }

    /// Copies an archive within an archive to a temporary file; `None` if that became a problem.
    fn spool(&mut self, candidate: &Candidate) -> Result<Option<Arc<dyn Blob>>> {
        let limit = self.limits.max_nested_spool.saturating_sub(self.spooled);
        match Spool::copy(&*candidate.blob, limit, self.temp)? {
            Spooled::Done(spool) => {
                self.spooled += spool.len();
                return Ok(Some(Arc::new(spool)));
            }
            Spooled::TooLarge => {
                let detail = format!(
                    "archives within archives would take more than {} bytes of temporary space",
                    self.limits.max_nested_spool
                );
                self.trouble(Trouble::Large, &candidate.name, detail);
            }
            Spooled::Unreadable(cause) => {
                let detail = format!("it cannot be decompressed: {cause}");
                self.trouble(Trouble::Entry, &candidate.name, detail);
            }
        }
        Ok(None)
    }
}

/// Returns where the first segment of a path ends that operating systems leave behind.
fn litter_end(path: &str) -> Option<usize> {
    let mut end = 0;
    for segment in path.split('/') {
        end += segment.len();
        if is_litter(segment) {
            return Some(end);
        }
        end += 1;
    }
    None
}
