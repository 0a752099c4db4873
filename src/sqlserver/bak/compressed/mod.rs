//! Backups made `WITH COMPRESSION`: a chain of records, each a block of what an uncompressed backup
//! would be.
//!
//! Three parts: [`records`] finds the records, [`inflow`] decodes all of them in their order, many
//! at once, and [`chunks`] decodes single ones again when a page is asked for.
//!
//! The layout of records was never published; what is here was learnt from files.

mod chunks;
mod inflow;
mod records;

pub(super) use chunks::Chunks;
pub(super) use inflow::Inflow;

use std::io;

use super::xpress;
use crate::sqlserver::place::Place;

/// The first bytes of such a backup.
pub(super) const MAGIC: &[u8] = b"MSSQLBAK";

/// A record: where its bytes stand and how many come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Record {
    /// Where its block begins in the file.
    at: u64,
    /// Bytes of the block.
    compressed: u32,
    /// Bytes that come out.
    size: u32,
    /// Whether the block stands as it is, since compression would have made it larger.
    stored: bool,
}

impl Record {
    /// Returns the bytes that come out; `None` if the block is broken.
    ///
    /// # Errors
    /// If the file cannot be read.
    fn load(&self, file: &Place) -> io::Result<Option<Vec<u8>>> {
        let mut block = vec![0; self.compressed as usize];
        file.read_exact(self.at, &mut block)?;
        if self.stored {
            return Ok(Some(block));
        }
        let mut out = vec![0; self.size as usize];
        Ok(xpress::decode(&block, &mut out).ok().map(|_| out))
    }
}
