//! Scenarios of backups: real ones where they lie, and small ones made here.

mod damage;
mod made;
mod media;
mod real_files;
mod refused;
mod stripes;

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::container::Blob;
use crate::error::Error;
use crate::progress::Silent;
use crate::sqlserver::mdf::{PAGE_SIZE, PageError, Pages};

/// Bytes in memory, as an archive entry would hand them out.
#[derive(Debug)]
struct Memory(Arc<[u8]>);

struct MemoryReader(Arc<[u8]>, usize);

impl Read for MemoryReader {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let rest = &self.0[self.1..];
        let count = rest.len().min(buffer.len()).min(100_003);
        buffer[..count].copy_from_slice(&rest[..count]);
        self.1 += count;
        Ok(count)
    }
}

impl Blob for Memory {
    fn open(&self) -> std::io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(MemoryReader(self.0.clone(), 0)))
    }

    fn size(&self) -> Option<u64> {
        Some(self.0.len() as u64)
    }

    fn path(&self) -> Option<&Path> {
        None
    }
}

fn item(name: &str, bytes: &[u8]) -> Item {
    Item { name: name.to_owned(), folder: String::new(), blob: Arc::new(Memory(bytes.into())) }
}

fn options() -> Options {
    Options { set: None, salvage: false, temp: std::env::temp_dir() }
}

fn open(bytes: &[u8]) -> Result<Backup> {
    Backup::open(&[item("x.bak", bytes)], &options(), &Silent)
}

/// Why an input is refused, and the hint.
fn refusal(result: Result<Backup>) -> (String, String) {
    let error = result.expect_err("a refusal");
    (error.to_string(), error.hint().unwrap_or_default().to_owned())
}

fn page(backup: &Backup, file: u16, page: u32) -> Option<Vec<u8>> {
    let mut bytes = [0; PAGE_SIZE];
    match Pages::page(backup, file, page, &mut bytes) {
        Ok(()) => Some(bytes.to_vec()),
        Err(PageError::Absent(_) | PageError::NoFile(_)) => None,
        Err(error) => panic!("{error}"),
    }
}

/// All pages that are there.
fn numbers(backup: &Backup) -> Vec<(u16, u32)> {
    let run = |(file, first, count): (u16, u32, u64)| (0..count).map(move |at| (file, first + at as u32));
    backup.page_runs().flat_map(run).collect()
}

fn told(backup: &Backup) -> Vec<String> {
    backup
        .damage()
        .iter()
        .map(|damage| format!("{}@{}: {}", damage.input, damage.at, damage.detail))
        .collect()
}
