//! All data files of a database, and what they give out.

use super::bytes::PageId;
use super::data_file::DataFile;
use super::page::Page;
use super::protection::Protection;

/// All files of a database.
#[derive(Debug)]
pub struct Store {
    pub files: Vec<DataFile>,
    pub protection: Protection,
    /// Whether pages that were never used hold something.
    pub leftovers: bool,
}

impl Store {
    pub fn file(&mut self, number: u16) -> &mut DataFile {
        self.files.iter_mut().find(|file| file.number == number).expect("the file was declared")
    }

    /// Gives out a page of an extent that units share; `map` if it is a map of allocation.
    pub fn mixed_page(&mut self, file: u16, map: bool) -> PageId {
        PageId::new(file, self.file(file).mixed_page(map))
    }

    /// Gives out an extent and returns its first page.
    pub fn extent(&mut self, file: u16) -> PageId {
        PageId::new(file, self.file(file).new_extent(false))
    }

    /// Notes that a page is in use.
    pub fn allocate(&mut self, id: PageId) {
        self.file(id.file).allocate(id.page);
    }

    /// Notes that a page is no longer in use; what stands in it stays.
    pub fn free(&mut self, id: PageId) {
        self.file(id.file).free(id.page);
    }

    /// Writes a page.
    pub fn write(&mut self, page: Page) {
        let (id, protection) = (page.id, self.protection);
        self.file(id.file).write(id.page, &page.finish(protection));
    }

    /// Writes the pages of the files themselves.
    pub fn finish(&mut self, boot: &[u8]) {
        let protection = self.protection;
        for file in &mut self.files {
            if self.leftovers {
                file.leave(protection);
            }
            file.finish(protection, boot);
        }
    }
}
