//! Listing a folder as it stands: every file under its own name, nothing opened, no link followed.
//!
//! Unlike a [`walk`](super::walk()) it takes no archive apart and passes nothing over in silence: what
//! lies there is what somebody stored.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Blob;
use super::file::FileBlob;
use super::name::readable;

/// All that stands below a folder.
#[derive(Debug, Default)]
pub struct Tree {
    /// The plain files, by path.
    pub files: Vec<TreeFile>,
    /// What is no plain file and no folder, or could not be looked at, by path.
    pub hindrances: Vec<Hindrance>,
}

/// A plain file below a folder.
#[derive(Debug, Clone)]
pub struct TreeFile {
    /// Where it stands, relative to the folder, with `/`. Where the name is no text, its foreign bytes
    /// are written `%XX`.
    pub path: String,
    /// Whether the path is the very name, letter by letter.
    pub is_exact: bool,
    /// Its bytes, when it was listed.
    pub size: u64,
    /// Its content.
    pub blob: Arc<dyn Blob>,
}

/// Something that was not listed as a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hindrance {
    /// Where it stands, formed as that of a [`TreeFile`].
    pub path: String,
    /// What it is.
    pub what: Obstacle,
}

/// Why something was not listed as a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obstacle {
    /// A link, wherever it leads.
    Link,
    /// A device, pipe or socket.
    Special,
    /// It could not be looked at, for this reason.
    Unreadable(String),
}

/// Lists everything below a folder whose path is canonical, except what stands at the paths left out,
/// which are canonical too. Takes memory in proportion to the number of files.
///
/// # Errors
/// If the folder itself cannot be opened.
pub fn list_tree(root: &Path, left_out: &[PathBuf]) -> io::Result<Tree> {
    let mut lister = Lister { left_out, tree: Tree::default(), found: Vec::new() };
    lister.look(&Folder { path: root.to_owned(), name: String::new(), is_exact: true })?;
    while let Some(folder) = lister.found.pop() {
        if let Err(cause) = lister.look(&folder) {
            lister.hinder(folder.name, Obstacle::Unreadable(cause.kind().to_string()));
        }
    }
    let mut tree = lister.tree;
    tree.files.sort_by(|one, other| (&one.path, !one.is_exact).cmp(&(&other.path, !other.is_exact)));
    tree.hindrances.sort();
    Ok(tree)
}

struct Folder {
    path: PathBuf,
    name: String,
    is_exact: bool,
}

struct Lister<'a> {
    left_out: &'a [PathBuf],
    tree: Tree,
    /// Folders that wait.
    found: Vec<Folder>,
}

impl Lister<'_> {
    fn look(&mut self, folder: &Folder) -> io::Result<()> {
        for entry in fs::read_dir(&folder.path)? {
            let entry = entry?;
            let last = entry.file_name();
            let is_exact = folder.is_exact && last.to_str().is_some();
            let last = readable(&last);
            let name = if folder.name.is_empty() { last } else { format!("{}/{last}", folder.name) };
            let path = entry.path();
            if self.left_out.contains(&path) {
                continue;
            }
            // Neither follows a link.
            let looked = entry.file_type().and_then(|kind| Ok((kind, entry.metadata()?.len())));
            match looked {
                Err(cause) => self.hinder(name, Obstacle::Unreadable(cause.kind().to_string())),
                Ok((kind, _)) if kind.is_symlink() => self.hinder(name, Obstacle::Link),
                Ok((kind, _)) if kind.is_dir() => self.found.push(Folder { path, name, is_exact }),
                Ok((kind, size)) if kind.is_file() => {
                    let blob = Arc::new(FileBlob::new(path, size));
                    self.tree.files.push(TreeFile { path: name, is_exact, size, blob });
                }
                Ok(_) => self.hinder(name, Obstacle::Special),
            }
        }
        Ok(())
    }

    fn hinder(&mut self, path: String, what: Obstacle) {
        self.tree.hindrances.push(Hindrance { path, what });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_listed_but_those_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("a/b")).unwrap();
        for name in ["z", "a/.DS_Store", "a/b/x.zip", "a/b/left out"] {
            fs::write(root.join(name), name).unwrap();
        }
        let tree = list_tree(&root, &[root.join("a/b/left out")]).unwrap();
        let listed: Vec<_> = tree.files.iter().map(|file| (file.path.as_str(), file.size)).collect();
        assert_eq!(listed, [("a/.DS_Store", 11), ("a/b/x.zip", 9), ("z", 1)]);
        assert_eq!(tree.hindrances, []);
        assert!(list_tree(&root.join("nowhere"), &[]).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn links_and_sockets_are_told_and_odd_names_are_written_so_that_they_stay_apart() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::os::unix::fs::symlink("/etc/passwd", root.join("link")).unwrap();
        std::os::unix::fs::symlink(".", root.join("loop")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
        fs::write(root.join(OsStr::from_bytes(b"x\xFF")), "").unwrap();
        fs::write(root.join("x%FF"), "").unwrap();
        let tree = list_tree(&root, &[]).unwrap();
        let listed: Vec<_> = tree.files.iter().map(|file| (file.path.as_str(), file.is_exact)).collect();
        assert_eq!(listed, [("x%FF", true), ("x%FF", false)]);
        let told: Vec<_> = tree.hindrances.iter().map(|it| (it.path.as_str(), &it.what)).collect();
        assert_eq!(
            told,
            [("link", &Obstacle::Link), ("loop", &Obstacle::Link), ("socket", &Obstacle::Special)]
        );
    }
}
