//! ZIP archives (PKWARE APPNOTE 6.3): what entries there are, and the bytes of each.
//!
//! The central directory is parsed once, when the archive is walked; an entry then knows where its
//! bytes lie and is opened without looking at any other. What could deceive is refused there and
//! then: entries that share bytes, encryption, compressions that are not read.

mod deflate64;
mod entry;
mod list;
mod window;

pub(super) use list::{Content, Listed, list};

/// Tells whether bytes begin a ZIP archive: a local file header, or the end of an empty archive.
pub(super) fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}
