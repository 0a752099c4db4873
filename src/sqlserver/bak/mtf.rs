//! The headers of Microsoft Tape Format: descriptor blocks and the streams behind them.
//!
//! Pure functions from bytes to what they say; walking from one to the next is done elsewhere.
//! Format: "Microsoft Tape Format Specification" 1.00a, and what SQL Server adds to it (blocks and
//! streams whose names begin with `MS` and `MQ`).

use crate::chat::{Text, Ticks};

/// Bytes of the header that all descriptor blocks share.
pub(super) const BLOCK_HEADER: usize = 52;

/// Bytes of a stream header.
pub(super) const STREAM_HEADER: usize = 22;

/// The header of a descriptor block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    /// Its type, such as `SSET`.
    pub kind: [u8; 4],
    /// Where its first stream begins, from the block's beginning; for `SFMB` its size, or 0 if that is
    /// too large for the field.
    pub first_stream: u16,
}

impl Block {
    /// Reads the header if it is one: four capital letters and the right checksum.
    pub(super) fn read(header: &[u8; BLOCK_HEADER]) -> Option<Block> {
        let kind = [header[0], header[1], header[2], header[3]];
        let first_stream = u16::from_le_bytes([header[8], header[9]]);
        let long_enough =
            usize::from(first_stream) >= BLOCK_HEADER || (&kind == b"SFMB" && first_stream == 0);
        let sound = is_name(kind) && exclusive_or(header) == 0 && long_enough;
        sound.then_some(Block { kind, first_stream })
    }
}

/// The header of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stream {
    /// Its type, such as `MQDA`.
    pub kind: [u8; 4],
    /// Bytes of data behind the header.
    pub length: u64,
    /// Whether the data are encrypted by the backup software.
    pub encrypted: bool,
}

impl Stream {
    /// Reads the header if it is one: four capital letters and the right checksum.
    pub(super) fn read(header: &[u8; STREAM_HEADER]) -> Option<Stream> {
        let kind = [header[0], header[1], header[2], header[3]];
        let length = header[8..16].iter().rev().fold(0, |length, &byte| length << 8 | u64::from(byte));
        let encrypted = header[16..18] != [0, 0];
        let sound = is_name(kind) && exclusive_or(header) == 0;
        sound.then_some(Stream { kind, length, encrypted })
    }
}

fn is_name(kind: [u8; 4]) -> bool {
    kind.iter().all(|letter| letter.is_ascii_uppercase())
}

/// XORs all words; the last one is the checksum of the others, so a sound header gives 0.
fn exclusive_or(header: &[u8]) -> u16 {
    header.chunks_exact(2).fold(0, |sum, word| sum ^ u16::from_le_bytes([word[0], word[1]]))
}

/// Returns `N` bytes at a place; `None` beyond the end.
pub(super) fn bytes<const N: usize>(from: &[u8], at: usize) -> Option<[u8; N]> {
    from.get(at..)?.first_chunk().copied()
}

/// Returns a little-endian 16-bit number; `None` beyond the end.
pub(super) fn short(from: &[u8], at: usize) -> Option<u16> {
    bytes(from, at).map(u16::from_le_bytes)
}

/// Returns a little-endian 32-bit number; `None` beyond the end.
pub(super) fn long(from: &[u8], at: usize) -> Option<u32> {
    bytes(from, at).map(u32::from_le_bytes)
}

/// Returns the UTF-16 text whose size and offset stand at a place; empty if it lies beyond the end.
pub(super) fn text(from: &[u8], at: usize) -> Text {
    let bounds = short(from, at).zip(short(from, at + 2));
    let held = bounds.and_then(|(size, offset)| from.get(usize::from(offset)..)?.get(..usize::from(size)));
    Text::from_units(
        held.unwrap_or_default().chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])),
    )
}

/// Reads a date of five bytes: year, month, day, hour, minute, second of 14, 4, 5, 5, 6, 6 bits.
pub(super) fn date(from: &[u8], at: usize) -> Option<Ticks> {
    let packed = bytes::<5>(from, at)?.iter().fold(0_u64, |packed, &byte| packed << 8 | u64::from(byte));
    let part = |shift: u32, width: u32| (packed >> shift) & ((1 << width) - 1);
    let (hour, minute, second) = (part(12, 5), part(6, 6), part(0, 6));
    let seconds = (hour * 60 + minute) * 60 + second;
    let exists = hour < 24 && minute < 60 && second < 60;
    let since_midnight = i64::try_from(seconds).ok()? * Ticks::SECOND;
    let (month, day) = (u32::try_from(part(22, 4)).ok()?, u32::try_from(part(17, 5)).ok()?);
    Ticks::from_date(i64::try_from(part(26, 14)).ok()?, month, day, since_midnight).filter(|_| exists)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_counts_only_with_its_checksum() {
        let mut header = [0; BLOCK_HEADER];
        header[..4].copy_from_slice(b"SSET");
        header[8] = 208;
        let sum = exclusive_or(&header).to_le_bytes();
        header[50..].copy_from_slice(&sum);
        assert_eq!(Block::read(&header), Some(Block { kind: *b"SSET", first_stream: 208 }));
        header[20] ^= 1;
        assert_eq!(Block::read(&header), None);
        assert_eq!(Block::read(&[0; BLOCK_HEADER]), None, "zeros have the right checksum, but no name");
        assert_eq!(Stream::read(&[0; STREAM_HEADER]), None);
    }

    #[test]
    fn dates_are_packed() {
        let date = date(&[0x1F, 0xA9, 0x36, 0xA7, 0x74], 0).unwrap();
        assert_eq!(date, Ticks::parse_iso("2026-04-27 10:29:52").unwrap());
        assert_eq!(super::date(&[0; 5], 0), None);
        assert_eq!(super::date(&[0xFF; 5], 0), None);
        assert_eq!(super::date(&[0x1F, 0xA9, 0x36], 0), None);
    }

    #[test]
    fn texts_beyond_the_end_are_empty() {
        let block = [4, 0, 4, 0, b'd', 0, b'b', 0];
        assert_eq!(text(&block, 0), Text::from("db"));
        assert_eq!(text(&block[..7], 0), Text::from(""));
        assert_eq!(text(&block, 6), Text::from(""));
    }
}
