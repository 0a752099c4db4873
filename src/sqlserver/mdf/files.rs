//! Pages of data files: page *n* lies at *n* × 8192 (Microsoft Learn, "Pages and extents
//! architecture guide"). Each file tells its own number on its first page.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::bytes::{page_id_at, u8_at};
use super::page::kind;
use super::pages::{PAGE_SIZE, PageBytes, PageError, PageId, Pages};
use crate::container::Item;
use crate::error::{Error, Result};
use crate::sqlserver::place::Place;

/// Page type of a file's first page.
const FILE_HEADER: u8 = 15;
/// Bytes from which [`file_kind`] tells most: the first two pages.
const HEAD: usize = 2 * PAGE_SIZE;
/// Bytes by which a page tells its number.
const PAGE_HEAD: usize = 38;

/// What a file of a database is for. The number is the one it has in its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// The file that every database begins with, number 1, usually `.mdf`.
    Primary,
    /// A further data file, usually `.ndf`.
    Secondary(u16),
    /// A file of the transaction log, usually `.ldf`. It holds no tables.
    Log(u16),
}

/// Tells what file of a SQL Server database begins so; `None` if it is none. The first 16 KiB tell all;
/// of fewer than 8232 bytes, a file of another number than 1 is taken for a data file.
///
/// All kinds begin with a file header page. In data files a map of used pages follows (Microsoft Learn,
/// "Pages and extents architecture guide"), which a log has not.
pub fn file_kind(head: &[u8]) -> Option<FileKind> {
    let number = file_number(head)?;
    if number == 1 {
        return Some(FileKind::Primary);
    }
    let second = head.get(PAGE_SIZE..).unwrap_or_default();
    let Some(id) = page_id_at(second, 32) else { return Some(FileKind::Secondary(number)) };
    let is_page = u8_at(second, 0) == Some(1) && id == PageId { file: number, page: 1 };
    Some(if is_page { FileKind::Secondary(number) } else { FileKind::Log(number) })
}

/// Tells whether an input that begins so is a data file of SQL Server (`.mdf`, `.ndf`): see
/// [`file_kind`].
pub fn is_data_file(head: &[u8]) -> bool {
    matches!(file_kind(head), Some(FileKind::Primary | FileKind::Secondary(_)))
}

/// Returns the number of the file whose first page this is the head of.
fn file_number(head: &[u8]) -> Option<u16> {
    let id = page_id_at(head, 32)?;
    let is_header = u8_at(head, 0) == Some(1) && u8_at(head, 1) == Some(FILE_HEADER);
    (is_header && id.page == 0 && id.file > 0).then_some(id.file)
}

/// The data files of one database.
#[derive(Debug)]
pub struct FilePages {
    files: BTreeMap<u16, DataFile>,
}

#[derive(Debug)]
struct DataFile {
    file: Place,
    pages: u32,
}

impl FilePages {
    /// Opens all data files of a database. Their order does not matter. One that has no path (an
    /// archive entry) is copied to a nameless temporary file in the folder `temp` first.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Write`] for temporary copies, and [`Error::Unusable`] if one is no data
    /// file or two bear the same number.
    pub fn open(inputs: &[Item], temp: &Path) -> Result<FilePages> {
        FilePages::open_each(inputs, temp, |_, _| None)
    }

    /// Opens damaged data files for recovery: one whose first page is lost is known by the first page that
    /// bears its own number. Pages must lie where they belong.
    ///
    /// # Errors
    /// As [`FilePages::open`].
    pub fn open_salvaging(inputs: &[Item], temp: &Path) -> Result<FilePages> {
        FilePages::open_each(inputs, temp, number_of_any_page)
    }

    fn open_each(
        inputs: &[Item],
        temp: &Path,
        other_number: fn(&Place, u32) -> Option<u16>,
    ) -> Result<FilePages> {
        let mut opened = BTreeMap::new();
        for input in inputs {
            let (number, file) = open(input, temp, other_number)?;
            if opened.insert(number, file).is_some() {
                return Err(Error::Unusable {
                    input: input.name.clone(),
                    why: format!("another of the given files is number {number} of its database, too"),
                    hint: "give the data files of one database only".to_owned(),
                });
            }
        }
        Ok(FilePages { files: opened })
    }
}

/// Returns the number of the file that the first page tells whose own number is that of its place.
fn number_of_any_page(file: &Place, pages: u32) -> Option<u16> {
    let mut head = [0; PAGE_HEAD];
    (0..pages).find_map(|page| {
        file.read_exact(u64::from(page) * PAGE_SIZE as u64, &mut head).ok()?;
        let id = page_id_at(&head, 32)?;
        (head[0] == 1 && kind::EXISTING.contains(&head[1]) && id.page == page && id.file > 0)
            .then_some(id.file)
    })
}

fn open(input: &Item, temp: &Path, other_number: fn(&Place, u32) -> Option<u16>) -> Result<(u16, DataFile)> {
    let file = Place::open(&input.name, &*input.blob, temp)?;
    let mut head = vec![0; HEAD];
    let length = file.read(0, &mut head).map_err(|cause| Error::read(&input.name, cause))?;
    let pages = u32::try_from(file.size() / PAGE_SIZE as u64).unwrap_or(u32::MAX);
    let unusable = |why: &str, hint: &str| Error::Unusable {
        input: input.name.clone(),
        why: why.into(),
        hint: hint.into(),
    };
    let number = match file_kind(head.get(..length).unwrap_or_default()) {
        Some(FileKind::Primary) => Some(1),
        Some(FileKind::Secondary(number)) => Some(number),
        Some(FileKind::Log(_)) => {
            return Err(unusable(
                "this is a transaction log (.ldf) of SQL Server, which holds no tables",
                "give the .mdf file of the database, and its .ndf files if it has some",
            ));
        }
        None => other_number(&file, pages),
    };
    let number = number.ok_or_else(|| {
        unusable(
            "this is no data file of SQL Server: it does not begin with a file header page",
            "give the .mdf file of a database that was detached or whose server was stopped",
        )
    })?;
    Ok((number, DataFile { file, pages }))
}

impl Pages for FilePages {
    fn files(&self) -> Vec<u16> {
        self.files.keys().copied().collect()
    }

    fn page_count(&self, file: u16) -> u32 {
        self.files.get(&file).map_or(0, |file| file.pages)
    }

    fn page(&self, file: u16, page: u32, into: &mut PageBytes) -> std::result::Result<(), PageError> {
        let id = PageId { file, page };
        let file = self.files.get(&file).ok_or(PageError::NoFile(id))?;
        if page >= file.pages {
            return Err(PageError::Absent(id));
        }
        file.file.read_exact(u64::from(page) * PAGE_SIZE as u64, into).map_err(|cause| match cause.kind() {
            io::ErrorKind::UnexpectedEof => PageError::Short(id),
            _ => PageError::Read { id, cause },
        })
    }

    fn pages(&self, file: u16, first: u32, into: &mut [PageBytes]) -> std::result::Result<usize, PageError> {
        if let Some(data) = self.files.get(&file) {
            let rest = usize::try_from(data.pages.saturating_sub(first)).unwrap_or(usize::MAX);
            let count = into.len().min(rest);
            let room = into.get_mut(..count).unwrap_or_default().as_flattened_mut();
            if count > 1 && data.file.read_exact(u64::from(first) * PAGE_SIZE as u64, room).is_ok() {
                return Ok(count);
            }
        }
        // What is wrong is found out page by page.
        let id = PageId { file, page: first };
        let into = into.first_mut().ok_or(PageError::Absent(id))?;
        self.page(file, first, into).map(|()| 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The head of a file: its first page's number in its database, and the type of its second page.
    fn head(number: u16, second: Option<u8>) -> Vec<u8> {
        let mut head = vec![0; HEAD];
        for (page, kind) in [(0, Some(FILE_HEADER)), (1, second)] {
            let Some(kind) = kind else { continue };
            let bytes = &mut head[page * PAGE_SIZE..];
            (bytes[0], bytes[1], bytes[32]) = (1, kind, page as u8);
            bytes[36..38].copy_from_slice(&number.to_le_bytes());
        }
        head
    }

    #[test]
    fn the_first_two_pages_tell_what_a_file_is_for() {
        assert_eq!(file_kind(&head(1, Some(11))), Some(FileKind::Primary));
        assert_eq!(file_kind(&head(3, Some(11))), Some(FileKind::Secondary(3)));
        assert_eq!(file_kind(&head(2, None)), Some(FileKind::Log(2)));
        let mut log = head(2, None);
        log[PAGE_SIZE..].fill(0xAB);
        assert_eq!(file_kind(&log), Some(FileKind::Log(2)));
        assert!(!is_data_file(&log));
    }

    #[test]
    fn short_and_foreign_heads_are_not_guessed_at() {
        assert_eq!(file_kind(&head(1, None)[..64]), Some(FileKind::Primary));
        assert_eq!(file_kind(&head(3, Some(11))[..PAGE_SIZE]), Some(FileKind::Secondary(3)));
        assert_eq!(file_kind(&head(0, Some(11))), None);
        assert_eq!(file_kind(&head(1, Some(11))[..37]), None);
        assert_eq!(file_kind(&[1; HEAD]), None);
        assert_eq!(file_kind(&[]), None);
    }
}
