//! Walking what the user gave: files, folders, ZIP and gzip, down to plain bytes.
//!
//! It knows nothing of tables or documents. Every [`Item`] can be opened again and again; opening
//! starts at its first byte, decompressed. Links that lead out of an input are not followed, and
//! limits stand against archives made to burst.

mod archive;
mod file;
mod folder;
mod guard;
mod gzip;
mod limits;
mod marks;
mod name;
mod problem;
mod safe_name;
mod section;
mod spool;
mod survey;
mod tree;
mod walk;
mod zip;

#[cfg(test)]
mod tests;

pub use archive::{Member, members};
pub use limits::Limits;
pub use marks::Marks;
pub use problem::Problem;
pub use safe_name::{SafeName, is_device};
pub use section::{Section, open_at};
pub use survey::survey;
pub use tree::{Hindrance, Obstacle, Tree, TreeFile, list_tree};
pub use walk::{Exceptions, Walk, walk, walk_except};

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// Bytes that can be opened any number of times, from several threads.
pub trait Blob: Send + Sync + std::fmt::Debug {
    /// Opens the bytes at their beginning.
    ///
    /// # Errors
    /// What the operating system or the decompressor says.
    fn open(&self) -> std::io::Result<Box<dyn Read + Send>>;

    /// Returns the number of bytes, where that is known without reading them.
    fn size(&self) -> Option<u64>;

    /// Returns the file that holds the very bytes, where there is one.
    fn path(&self) -> Option<&Path> {
        None
    }
}

/// One file, or one entry of an archive.
#[derive(Debug, Clone)]
pub struct Item {
    /// Relative to the argument's last component, with `/`; an archive entry follows its archive
    /// and `#`.
    pub name: String,
    /// The folder (real, or within an archive) in which it lies: items with equal folders lie
    /// side by side. Serves grouping alone and never reaches the output.
    pub folder: String,
    /// Its bytes.
    pub blob: Arc<dyn Blob>,
}
