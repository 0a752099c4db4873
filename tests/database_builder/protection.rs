//! How a page tells that it is whole.

use super::bytes::put;
use super::page::PAGE;

const SECTOR: usize = 512;

/// What protects the pages of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    Nothing,
    /// The last two bits of each sector are the same, and those that stood there are in the header.
    TornPage,
    Checksum,
}

impl Protection {
    /// Protects a page that is otherwise done.
    pub fn apply(self, page: &mut [u8]) {
        put(page, 60, &[0; 4]);
        let flags = u16::from_le_bytes([page[4], page[5]]) & !0x300;
        let flag = match self {
            Protection::Nothing => 0,
            Protection::TornPage => 0x100,
            Protection::Checksum => 0x200,
        };
        put(page, 4, &(flags | flag).to_le_bytes());
        match self {
            Protection::Nothing => {}
            Protection::TornPage => tear(page),
            Protection::Checksum => {
                let sum = checksum(page);
                put(page, 60, &sum.to_le_bytes());
            }
        }
    }
}

/// Returns the checksum: the exclusive or of the sectors' words, each sector rotated by its distance
/// from the last. The word that holds it must be zero.
fn checksum(page: &[u8]) -> u32 {
    let word = |bytes: &[u8]| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    let sector = |bytes: &[u8]| bytes.chunks_exact(4).fold(0, |sum, bytes| sum ^ word(bytes));
    let sectors = page.chunks_exact(SECTOR).enumerate();
    sectors.fold(0, |sum, (number, bytes)| sum ^ sector(bytes).rotate_left(15 - number as u32))
}

/// Moves the last two bits of each sector but the first into the header, and writes the signature in
/// their place. The signature changes from write to write; here it depends on the page's number.
fn tear(page: &mut [u8]) {
    let signature = if page[32].is_multiple_of(2) { 1 } else { 2 };
    let mut bits = u32::from(signature);
    for sector in 1..PAGE / SECTOR {
        let last = &mut page[sector * SECTOR + SECTOR - 1];
        bits |= u32::from(*last & 3) << (2 * sector);
        *last = *last & !3 | signature;
    }
    put(page, 60, &bits.to_le_bytes());
}
