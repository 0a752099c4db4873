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

use super::{mtf, xpress};
use crate::sqlserver::place::Place;

/// The first bytes of such a backup.
pub(super) const MAGIC: &[u8] = b"MSSQLBAK";

/// What is known of compressed data without a record that can be decoded.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Unknown {
    /// The version that the file says its format has.
    pub version: u32,
    /// Another algorithm, if its marks are there.
    pub algorithm: Option<&'static str>,
}

/// Where marks of other algorithms are looked for.
const MARKS_WITHIN: usize = 1 << 20;

/// Looks at a compressed backup that cannot be decoded.
///
/// # Errors
/// If the file cannot be read.
pub(super) fn unknown(file: &Place) -> io::Result<Unknown> {
    let mut head = vec![0; MARKS_WITHIN];
    let read = file.read(0, &mut head)?;
    head.truncate(read);
    let algorithm = if memchr::memmem::find(&head, ZSTD).is_some() {
        Some("ZSTD, as SQL Server 2025 can")
    } else if memchr::memmem::find(&head, GZIP).is_some() {
        Some("QAT_DEFLATE, as SQL Server 2022 and later can")
    } else {
        None
    };
    Ok(Unknown { version: mtf::long(&head, MAGIC.len()).unwrap_or_default(), algorithm })
}

/// How a frame of Zstandard begins (RFC 8878, section 3.1.1).
const ZSTD: &[u8] = &[0x28, 0xB5, 0x2F, 0xFD];

/// How a member of gzip with an extra field begins (RFC 1952, section 2.3), as the library for
/// QuickAssist hardware writes them.
const GZIP: &[u8] = &[0x1F, 0x8B, 0x08, 0x04];

/// A record: where its bytes stand and how many come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record {
    /// Where its block begins in the file.
    pub at: u64,
    /// Bytes of the block.
    compressed: u32,
    /// Bytes that come out.
    pub size: u32,
    /// Whether the block stands as it is, since compression would have made it larger.
    stored: bool,
}

impl Record {
    /// Decodes the block.
    ///
    /// # Errors
    /// If the file cannot be read.
    fn load(&self, file: &Place) -> io::Result<Decoded> {
        let mut block = vec![0; self.compressed as usize];
        file.read_exact(self.at, &mut block)?;
        if self.stored {
            return Ok(Decoded { bytes: Some(block), flaw: None });
        }
        let mut out = vec![0; self.size as usize];
        Ok(match xpress::decode(&block, &mut out) {
            Ok(used) => {
                let flaw = (block.len().saturating_sub(used) > REST).then_some(Flaw::Inexact);
                Decoded { bytes: Some(out), flaw }
            }
            Err(_) => Decoded { bytes: None, flaw: Some(Flaw::Broken) },
        })
    }
}

/// Bytes of a block that may be left when all has come out of it; real ones leave 0 or 2.
const REST: usize = 8;

/// What came out of a record.
struct Decoded {
    /// The bytes, if there are as many as the record says.
    bytes: Option<Vec<u8>>,
    flaw: Option<Flaw>,
}

/// What is wrong with a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// It cannot be decoded.
    Broken,
    /// It gave what it should, but before its end.
    Inexact,
}

impl Flaw {
    /// Says what is wrong, as a sentence.
    pub(super) fn detail(self, record: &Record) -> String {
        let size = record.size;
        match self {
            Flaw::Broken => format!(
                "a compressed block is broken; {size} bytes of the backup and the pages in them are lost"
            ),
            Flaw::Inexact => format!(
                "a compressed block goes on where its bytes should have ended; the pages in its {size} bytes are doubtful"
            ),
        }
    }
}
