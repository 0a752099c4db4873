//! Pages of data files: page *n* lies at *n* × 8192 (Microsoft Learn, "Pages and extents
//! architecture guide"). Each file tells its own number on its first page.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::bytes::{page_id_at, u8_at};
use super::pages::{PAGE_SIZE, PageBytes, PageError, PageId, Pages};
use crate::container::Item;
use crate::error::{Error, Result};
use crate::sqlserver::place::Place;

/// Page type of a file's first page.
const FILE_HEADER: u8 = 15;
/// Bytes by which [`is_data_file`] tells.
const HEAD: usize = 40;

/// Tells whether an input that begins so is a data file of SQL Server (`.mdf`, `.ndf`). Looks at the
/// first 40 bytes.
pub fn is_data_file(head: &[u8]) -> bool {
    file_number(head).is_some()
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
        let mut opened = BTreeMap::new();
        for input in inputs {
            let (number, file) = open(input, temp)?;
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

fn open(input: &Item, temp: &Path) -> Result<(u16, DataFile)> {
    let file = Place::open(&input.name, &*input.blob, temp)?;
    let mut head = [0; HEAD];
    file.read(0, &mut head).map_err(|cause| Error::read(&input.name, cause))?;
    let number = file_number(&head).ok_or_else(|| Error::Unusable {
        input: input.name.clone(),
        why: "this is no data file of SQL Server: it does not begin with a file header page".to_owned(),
        hint: "give the .mdf file of a database that was detached or whose server was stopped".to_owned(),
    })?;
    let pages = u32::try_from(file.size() / PAGE_SIZE as u64).unwrap_or(u32::MAX);
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
}
