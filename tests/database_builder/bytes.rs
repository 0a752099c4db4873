//! Numbers as bytes, and the two kinds of address that a database has.

/// Writes bytes over others.
pub fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

/// Reads a number of two bytes.
pub fn short(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

/// Returns a text as UTF-16, little-endian.
pub fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// The address of a page; file 0 is nowhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageId {
    pub file: u16,
    pub page: u32,
}

impl PageId {
    pub fn new(file: u16, page: u32) -> PageId {
        PageId { file, page }
    }

    /// Returns the six bytes of a pointer.
    pub fn bytes(self) -> [u8; 6] {
        let mut bytes = [0; 6];
        put(&mut bytes, 0, &self.page.to_le_bytes());
        put(&mut bytes, 4, &self.file.to_le_bytes());
        bytes
    }
}

/// The address of a record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowId {
    pub page: PageId,
    pub slot: u16,
}

impl RowId {
    /// Returns the eight bytes of a pointer.
    pub fn bytes(self) -> [u8; 8] {
        let mut bytes = [0; 8];
        put(&mut bytes, 0, &self.page.bytes());
        put(&mut bytes, 6, &self.slot.to_le_bytes());
        bytes
    }
}
