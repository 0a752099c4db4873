//! One archive whose entries belong together, such as the body of a document or bacpac.

use std::io;
use std::sync::Arc;

use super::guard::damaged;
use super::zip::{Content, list};
use super::{Blob, Limits};

/// An entry of an archive: its name as the archive has it, and its bytes or why they are refused.
pub type Member = (String, std::result::Result<Arc<dyn Blob>, String>);

/// Lists the files of a ZIP archive that lies in a file, in the order of its directory.
///
/// Folders and links are left out. Entries that share bytes, are encrypted or compressed in a way
/// that is not read are refused one by one.
///
/// # Errors
/// If the archive has no path or no directory, or more entries than the limits allow.
pub fn members(archive: &Arc<dyn Blob>, limits: &Limits) -> io::Result<Vec<Member>> {
    let listing = list(archive, limits, limits.max_entries).map_err(|(_, why)| damaged(why))?;
    let member = |name: String, content| match content {
        Content::File(entry) => Some((name, Ok(Arc::new(entry) as Arc<dyn Blob>))),
        Content::Refused(_, why) => Some((name, Err(why))),
        Content::Folder | Content::Link => None,
    };
    let listed = listing.entries.into_iter();
    Ok(listed.filter_map(|entry| member(entry.name.shown, entry.content)).collect())
}
