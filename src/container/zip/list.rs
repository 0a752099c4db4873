//! Reading an archive's directory, and judging each entry before anything of it is read.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use ::zip::read::ZipFileEntry;
use ::zip::result::ZipError;
use ::zip::{CompressionMethod, ZipArchive};

use super::entry::{Extent, Method, ZipEntry};
use super::window::Window;
use crate::container::name::EntryName;
use crate::container::problem::Trouble;
use crate::container::{Blob, Limits};

/// Bytes of a local file header before the name (APPNOTE 4.3.7).
const LOCAL_HEADER: u64 = 30;

/// The entries of an archive in the order of its directory.
#[derive(Debug, Default)]
pub(in crate::container) struct Listing {
    /// All entries that the directory tells of.
    pub(in crate::container) entries: Vec<Listed>,
    /// What is wrong with the directory, though its entries can be read.
    pub(in crate::container) damage: Option<&'static str>,
}

/// One entry of an archive.
#[derive(Debug)]
pub(in crate::container) struct Listed {
    /// What it is called.
    pub(in crate::container) name: EntryName,
    /// What it is.
    pub(in crate::container) content: Content,
}

/// What an entry is.
#[derive(Debug)]
pub(in crate::container) enum Content {
    /// A folder: nothing to read.
    Folder,
    /// A symbolic link, which is never followed.
    Link,
    /// A file whose bytes can be read.
    File(ZipEntry),
    /// A file that is refused, and why.
    Refused(Trouble, String),
}

impl Listing {
    /// Tells whether the archive is the body of a document or bacpac (ECMA-376 part 2, "Open
    /// Packaging Conventions", names the entry), which is one thing and not a folder of things.
    pub(in crate::container) fn is_document(&self) -> bool {
        self.entries.iter().any(|entry| entry.name.shown.eq_ignore_ascii_case("[Content_Types].xml"))
    }
}

/// Where the directory says that an entry begins, and what it says of its bytes.
struct Draft {
    number: usize,
    header: u64,
    method: Method,
    compressed: u64,
    size: u64,
    crc: u32,
}

/// Reads the directory of the archive whose bytes are `archive`, a blob with a path.
///
/// # Errors
/// If there is no directory, or one with more entries than `room` allows.
pub(in crate::container) fn list(
    archive: &Arc<dyn Blob>,
    limits: &Limits,
    room: u64,
) -> Result<Listing, (Trouble, String)> {
    let damaged = |what: String| (Trouble::Archive, what);
    let path = archive.path().ok_or_else(|| damaged("it has no file".to_owned()))?;
    let window = Window::open(path).map_err(|error| (Trouble::Unreadable, error.kind().to_string()))?;
    let directory = ZipArchive::new(window).map_err(|error| damaged(told(&error)))?;
    if directory.len() as u64 > room {
        return Err((Trouble::Many, format!("it has {} entries, more than allowed", directory.len())));
    }
    let mut listing = Listing::default();
    if directory.has_duplicate_names() {
        listing.damage = Some("names occur more than once; only one entry of each name is read");
    }
    let mut drafts = Vec::new();
    let directory_start = directory.central_directory_start();
    for number in 0..directory.len() {
        let entry = directory.by_index_data(number).map_err(|error| damaged(told(&error)))?;
        let content = judge(&entry, number, &mut drafts);
        listing.entries.push(Listed { name: EntryName::new(entry.name_raw()), content });
    }
    place(archive, limits, &mut directory.into_inner(), drafts, directory_start, &mut listing.entries);
    Ok(listing)
}

/// Says what an entry is as far as the directory tells. A file becomes a draft, to be placed.
fn judge(entry: &ZipFileEntry<'_>, number: usize, drafts: &mut Vec<Draft>) -> Content {
    if entry.is_dir() {
        return Content::Folder;
    }
    if entry.is_symlink() {
        return Content::Link;
    }
    if entry.encrypted() {
        return Content::Refused(Trouble::Encrypted, "it is encrypted".to_owned());
    }
    let method = match entry.compression() {
        CompressionMethod::Stored => Method::Stored,
        CompressionMethod::Deflated => Method::Deflated,
        CompressionMethod::Deflate64 => Method::Deflate64,
        other => return Content::Refused(Trouble::Method, format!("its compression ({other}) is not read")),
    };
    let (compressed, size) = (entry.compressed_size(), entry.size());
    if method == Method::Stored && compressed != size {
        let what = "it is stored, but its two sizes differ".to_owned();
        return Content::Refused(Trouble::Entry, what);
    }
    drafts.push(Draft { number, header: entry.header_start(), method, compressed, size, crc: entry.crc32() });
    Content::Refused(Trouble::Entry, "its place is not known".to_owned())
}

/// Finds where each draft's bytes lie; refuses those that share bytes with others.
fn place(
    archive: &Arc<dyn Blob>,
    limits: &Limits,
    window: &mut Window,
    mut drafts: Vec<Draft>,
    directory_start: u64,
    entries: &mut [Listed],
) {
    drafts.sort_by_key(|draft| (draft.header, draft.number));
    let mut set = |number: usize, content: Content| {
        if let Some(entry) = entries.get_mut(number) {
            entry.content = content;
        }
    };
    let mut placed: Vec<(Draft, u64)> = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let end = |start: u64| start.checked_add(draft.compressed).filter(|&end| end <= directory_start);
        let why = match data_start(window, draft.header) {
            Ok(Some(start)) if end(start).is_some() => {
                placed.push((draft, start));
                continue;
            }
            Ok(_) => "its bytes are not where the directory says".to_owned(),
            Err(error) => error.kind().to_string(),
        };
        set(draft.number, Content::Refused(Trouble::Entry, why));
    }
    let shared = sharing(&placed);
    for ((draft, start), shares) in placed.into_iter().zip(shared) {
        let Draft { number, method, compressed, size, crc, .. } = draft;
        let extent = Extent { number, start, compressed, size, crc, method };
        set(
            number,
            if shares {
                Content::Refused(Trouble::Overlap, "it shares bytes with another entry".to_owned())
            } else {
                Content::File(ZipEntry::new(Arc::clone(archive), extent, *limits))
            },
        );
    }
}

/// Tells of each entry, in the order of their places, whether it shares bytes with another.
fn sharing(placed: &[(Draft, u64)]) -> Vec<bool> {
    let mut shared = vec![false; placed.len()];
    let mut furthest: Option<(usize, u64)> = None;
    for (at, (draft, start)) in placed.iter().enumerate() {
        let end = start.saturating_add(draft.compressed);
        if let Some((holder, reach)) = furthest
            && draft.header < reach
        {
            shared[at] = true;
            shared[holder] = true;
        }
        if furthest.is_none_or(|(_, reach)| end > reach) {
            furthest = Some((at, end));
        }
    }
    shared
}

/// Reads a local header and returns where the bytes behind it begin; `None` if there is none.
fn data_start(window: &mut Window, header: u64) -> io::Result<Option<u64>> {
    let mut block = [0; LOCAL_HEADER as usize];
    window.seek(SeekFrom::Start(header))?;
    match window.read_exact(&mut block) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        outcome => outcome?,
    }
    if !block.starts_with(b"PK\x03\x04") {
        return Ok(None);
    }
    let length = |at: usize| u64::from(u16::from_le_bytes([block[at], block[at + 1]]));
    Ok(header.checked_add(LOCAL_HEADER + length(26) + length(28)))
}

/// Says what is wrong without the words of this host's operating system.
pub(super) fn told(error: &ZipError) -> String {
    match error {
        ZipError::Io(cause) => cause.kind().to_string(),
        other => other.to_string(),
    }
}
