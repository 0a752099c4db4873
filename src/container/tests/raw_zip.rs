//! A ZIP writer that writes whatever it is told, however wrong.

use flate2::Crc;

/// One entry, as honest or not as its fields.
#[derive(Clone)]
pub(super) struct RawEntry {
    pub(super) name: Vec<u8>,
    pub(super) method: u16,
    pub(super) flags: u16,
    pub(super) unix_mode: u32,
    pub(super) data: Vec<u8>,
    pub(super) size: u32,
    pub(super) crc: u32,
    /// Where the directory says that it begins, if not where it does.
    pub(super) offset: Option<u32>,
}

impl RawEntry {
    /// An honest stored entry.
    pub(super) fn stored(name: &str, data: &[u8]) -> RawEntry {
        let mut crc = Crc::new();
        crc.update(data);
        RawEntry {
            name: name.as_bytes().to_vec(),
            method: 0,
            flags: 0,
            unix_mode: 0o100_644,
            data: data.to_vec(),
            size: data.len() as u32,
            crc: crc.sum(),
            offset: None,
        }
    }
}

/// Writes an archive of these entries.
pub(super) fn raw_zip(entries: &[RawEntry]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for entry in entries {
        let offset = entry.offset.unwrap_or(out.len() as u32);
        let mut common = Vec::new();
        for part in [20, entry.flags, entry.method, 0, 0x21] {
            common.extend(part.to_le_bytes());
        }
        for part in [entry.crc, entry.data.len() as u32, entry.size] {
            common.extend(part.to_le_bytes());
        }
        common.extend((entry.name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(&entry.name);
        out.extend(&entry.data);
        directory.extend(b"PK\x01\x02\x14\x03");
        directory.extend(&common);
        directory.extend([0; 6]);
        directory.extend((entry.unix_mode << 16).to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(&entry.name);
    }
    let (start, length) = (out.len() as u32, directory.len() as u32);
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    for _ in 0..2 {
        out.extend((entries.len() as u16).to_le_bytes());
    }
    out.extend(length.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}
