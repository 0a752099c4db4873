//! Little-endian numbers and page pointers at places that may not be there.

use super::pages::PageId;

/// Returns as many bytes as asked for at a place, if they are all there.
pub(super) fn array_at<const N: usize>(bytes: &[u8], place: usize) -> Option<[u8; N]> {
    bytes.get(place..place.checked_add(N)?)?.try_into().ok()
}

pub(super) fn u8_at(bytes: &[u8], place: usize) -> Option<u8> {
    bytes.get(place).copied()
}

pub(super) fn u16_at(bytes: &[u8], place: usize) -> Option<u16> {
    array_at(bytes, place).map(u16::from_le_bytes)
}

pub(super) fn u32_at(bytes: &[u8], place: usize) -> Option<u32> {
    array_at(bytes, place).map(u32::from_le_bytes)
}

pub(super) fn i16_at(bytes: &[u8], place: usize) -> Option<i16> {
    array_at(bytes, place).map(i16::from_le_bytes)
}

pub(super) fn i32_at(bytes: &[u8], place: usize) -> Option<i32> {
    array_at(bytes, place).map(i32::from_le_bytes)
}

pub(super) fn i64_at(bytes: &[u8], place: usize) -> Option<i64> {
    array_at(bytes, place).map(i64::from_le_bytes)
}

pub(super) fn u64_at(bytes: &[u8], place: usize) -> Option<u64> {
    array_at(bytes, place).map(u64::from_le_bytes)
}

/// Reads a pointer to a page: the number in its file, then the file's.
pub(super) fn page_id_at(bytes: &[u8], place: usize) -> Option<PageId> {
    let page = u32_at(bytes, place)?;
    Some(PageId { file: u16_at(bytes, place.checked_add(4)?)?, page })
}

/// Walks UTF-16LE code units; half a unit at the end is left out.
pub(super) fn units(bytes: &[u8]) -> impl Iterator<Item = u16> + '_ {
    bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
}
