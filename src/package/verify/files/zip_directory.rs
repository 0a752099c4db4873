//! The central directory of a ZIP, field by field (PKWARE, ".ZIP File Format Specification").
//!
//! It is read here and not by a library because every byte must be accounted for: libraries pass
//! over what they do not need, and that is where a changed byte hides.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::{BagFile, Listing, Place};
use crate::error::{Error, Result};
use crate::package::verify::fault;
use crate::package::verify::problem::Problems;

/// Entries that a directory may have: bounds memory.
const MAX_ENTRIES: u64 = 4_000_000;
/// Size of the end record without its comment.
const END_SIZE: usize = 22;
/// The largest comment.
const MAX_COMMENT: usize = 0xFFFF;
/// Stands where ZIP64 fields hold the value.
pub(super) const SENTINEL: u32 = 0xFFFF_FFFF;

/// The fields that local and central headers share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) needed: u16,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) time: u16,
    pub(super) date: u16,
    pub(super) crc: u32,
}

/// An entry as the central directory has it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) name: Vec<u8>,
    pub(super) header: Header,
    pub(super) made_by: u16,
    pub(super) disk: u16,
    pub(super) internal: u16,
    pub(super) external: u32,
    /// Sizes and offset as they stand in the fixed fields.
    pub(super) fixed: (u32, u32, u32),
    pub(super) extra: Vec<u8>,
    pub(super) comment: u16,
    pub(super) compressed: u64,
    pub(super) size: u64,
    pub(super) offset: u64,
    /// Whether another entry shares bytes with it; it is not opened then.
    pub(super) overlaps: bool,
}

/// The end record.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct End {
    /// Where it begins.
    pub(super) at: u64,
    pub(super) disks: (u16, u16),
    pub(super) entries: (u16, u16),
    pub(super) size: u32,
    pub(super) offset: u32,
    pub(super) comment: u16,
    /// Where the ZIP64 end record begins, if there is one.
    pub(super) zip64: Option<u64>,
}

/// The directory of a ZIP.
#[derive(Debug)]
pub(in crate::package::verify) struct ZipDirectory {
    pub(super) path: PathBuf,
    pub(super) length: u64,
    pub(super) entries: Vec<Entry>,
    pub(super) end: End,
    /// Where the directory begins and ends in the file.
    pub(super) range: (u64, u64),
    /// Bytes before the first entry that offsets do not count, as in self-extracting archives.
    pub(super) prefix: u64,
    /// What the end records say of the number of entries.
    pub(super) promised: u64,
}

impl ZipDirectory {
    /// Reads the directory of a ZIP. Memory is in proportion to the number of entries.
    ///
    /// # Errors
    /// [`Error::Read`], or [`Error::Unusable`] where it is no ZIP or has no sound directory.
    pub(in crate::package::verify) fn read(path: &Path) -> Result<ZipDirectory> {
        let shown = path.display().to_string();
        let file = File::open(path).map_err(|cause| Error::read(&shown, cause))?;
        let length = file.metadata().map_err(|cause| Error::read(&shown, cause))?.len();
        read_directory(path, file, length).map_err(|cause| match cause.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => Error::Unusable {
                input: shown,
                why: format!("no usable ZIP: {cause}"),
                hint: "the file is cut off, damaged or no ZIP at all; take another copy".to_owned(),
            },
            _ => Error::Read { input: shown, cause },
        })
    }

    /// Lists the files, and the folders that have entries of their own.
    pub(super) fn list(&self, problems: &mut Problems) -> Listing {
        let mut listing = Listing::default();
        for (at, entry) in self.entries.iter().enumerate() {
            let path = String::from_utf8_lossy(&entry.name).into_owned();
            if entry.overlaps {
                problems.add(&fault::ZIP_LAYOUT, &path, "the entry shares bytes with another one");
            }
            if path.ends_with('/') {
                listing.folders.push(path);
            } else {
                listing.files.push(BagFile { path, size: entry.size, place: Place::Entry(at) });
            }
        }
        listing
    }
}

pub(super) fn bad(what: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.into())
}

/// Reads little-endian fields one after another.
pub(super) struct Fields<R>(pub(super) R);

impl<R: Read> Fields<R> {
    fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.0.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn two(&mut self) -> io::Result<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn four(&mut self) -> io::Result<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn eight(&mut self) -> io::Result<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(super) fn bytes(&mut self, length: u16) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; usize::from(length)];
        self.0.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn header(&mut self) -> io::Result<Header> {
        Ok(Header {
            needed: self.two()?,
            flags: self.two()?,
            method: self.two()?,
            time: self.two()?,
            date: self.two()?,
            crc: self.four()?,
        })
    }
}

fn read_directory(path: &Path, file: File, length: u64) -> io::Result<ZipDirectory> {
    let mut input = BufReader::new(file);
    let mut end = find_end(&mut input, length)?;
    let (promised, size, offset) = read_end64(&mut input, &mut end)?;
    if promised > MAX_ENTRIES {
        return Err(bad(format!("more than {MAX_ENTRIES} entries")));
    }
    let limit = end.zip64.unwrap_or(end.at);
    let begin = limit.checked_sub(size).ok_or_else(|| bad("the directory is larger than the file"))?;
    // Offsets do not count what was put before the archive. But where the directory stands at the
    // very offset that is told, nothing was, and there is a gap behind it instead.
    let told_rightly = begin == offset || signature(&mut input, offset)? == 0x0201_4B50;
    let begin = if told_rightly { offset } else { begin };
    let prefix =
        begin.checked_sub(offset).ok_or_else(|| bad("the directory is not where it is told to be"))?;
    let (entries, stop) = read_entries(&mut input, begin, size, promised)?;
    let range = (begin, stop);
    let mut directory = ZipDirectory { path: path.to_owned(), length, entries, end, range, prefix, promised };
    mark_overlaps(&mut directory);
    Ok(directory)
}

fn signature(input: &mut BufReader<File>, at: u64) -> io::Result<u32> {
    input.seek(SeekFrom::Start(at))?;
    match Fields(&mut *input).four() {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
        outcome => outcome,
    }
}

/// Finds the end record: the last one whose comment fits into the file.
fn find_end(input: &mut BufReader<File>, length: u64) -> io::Result<End> {
    let window = length.min((END_SIZE + MAX_COMMENT) as u64);
    input.seek(SeekFrom::Start(length - window))?;
    let mut tail = Vec::new();
    input.take(window).read_to_end(&mut tail)?;
    let at = (0..=tail.len().saturating_sub(END_SIZE)).rev().find(|&at| {
        let record = tail.get(at..at + END_SIZE);
        record.is_some_and(|record| {
            let comment = usize::from(u16::from_le_bytes([record[20], record[21]]));
            record.starts_with(b"PK\x05\x06") && at + END_SIZE + comment <= tail.len()
        })
    });
    let at = at.ok_or_else(|| bad("it has no end of a central directory"))?;
    let mut fields = Fields(tail.get(at + 4..).unwrap_or_default());
    Ok(End {
        at: length - window + at as u64,
        disks: (fields.two()?, fields.two()?),
        entries: (fields.two()?, fields.two()?),
        size: fields.four()?,
        offset: fields.four()?,
        comment: fields.two()?,
        zip64: None,
    })
}

/// Returns number of entries, size and offset of the directory, from the ZIP64 record if there is one.
fn read_end64(input: &mut BufReader<File>, end: &mut End) -> io::Result<(u64, u64, u64)> {
    let plain = (u64::from(end.entries.1), u64::from(end.size), u64::from(end.offset));
    let Some(locator) = end.at.checked_sub(20) else { return Ok(plain) };
    if signature(input, locator)? != 0x0706_4B50 {
        return Ok(plain);
    }
    let mut fields = Fields(&mut *input);
    fields.four()?;
    let at = fields.eight()?;
    if at >= locator || signature(input, at)? != 0x0606_4B50 {
        return Err(bad("its ZIP64 end record is not where it is told to be"));
    }
    end.zip64 = Some(at);
    let mut fields = Fields(&mut *input);
    // Size of the record, versions, numbers of disks, entries on this disk.
    fields.bytes(8 + 2 + 2 + 4 + 4 + 8)?;
    Ok((fields.eight()?, fields.eight()?, fields.eight()?))
}

/// Reads the central headers, and tells where they stop.
fn read_entries(
    input: &mut BufReader<File>,
    begin: u64,
    size: u64,
    promised: u64,
) -> io::Result<(Vec<Entry>, u64)> {
    input.seek(SeekFrom::Start(begin))?;
    let mut entries = Vec::new();
    let mut read = 0;
    while read < size && (entries.len() as u64) < promised {
        let entry = read_entry(&mut Fields(&mut *input))?;
        let name_length = entry.name.len() as u64;
        read += 46 + name_length + entry.extra.len() as u64 + u64::from(entry.comment);
        entries.push(entry);
    }
    Ok((entries, begin + read))
}

fn read_entry(fields: &mut Fields<&mut BufReader<File>>) -> io::Result<Entry> {
    if fields.four()? != 0x0201_4B50 {
        return Err(bad("a header of its directory is damaged"));
    }
    let made_by = fields.two()?;
    let header = fields.header()?;
    let (compressed, size) = (fields.four()?, fields.four()?);
    let (name, extra, comment) = (fields.two()?, fields.two()?, fields.two()?);
    let (disk, internal, external, offset) = (fields.two()?, fields.two()?, fields.four()?, fields.four()?);
    let mut entry = Entry {
        name: fields.bytes(name)?,
        header,
        made_by,
        disk,
        internal,
        external,
        fixed: (compressed, size, offset),
        extra: fields.bytes(extra)?,
        comment,
        compressed: u64::from(compressed),
        size: u64::from(size),
        offset: u64::from(offset),
        overlaps: false,
    };
    fields.bytes(comment)?;
    read_zip64(&mut entry)?;
    Ok(entry)
}

/// Takes sizes and offset from the ZIP64 field where the fixed fields send there.
fn read_zip64(entry: &mut Entry) -> io::Result<()> {
    let mut rest = entry.extra.as_slice();
    while rest.len() >= 4 {
        let mut fields = Fields(rest);
        let (id, length) = (fields.two()?, fields.two()?);
        let content = rest.get(4..4 + usize::from(length)).ok_or_else(|| bad("a damaged extra field"))?;
        rest = rest.get(4 + usize::from(length)..).unwrap_or_default();
        if id == 1 {
            let mut fields = Fields(content);
            let wide = [&mut entry.size, &mut entry.compressed, &mut entry.offset];
            for (narrow, value) in [entry.fixed.1, entry.fixed.0, entry.fixed.2].into_iter().zip(wide) {
                if narrow == SENTINEL {
                    *value = fields.eight()?;
                }
            }
            return Ok(());
        }
    }
    Ok(())
}

/// Marks entries that share bytes: opening each of a thousand entries that share one block of data
/// would decompress it a thousand times.
fn mark_overlaps(directory: &mut ZipDirectory) {
    let mut order: Vec<usize> = (0..directory.entries.len()).collect();
    order.sort_by_key(|&at| directory.entries[at].offset);
    let mut busy_until = 0;
    for at in order {
        let entry = &mut directory.entries[at];
        let least = 30 + entry.name.len() as u64;
        entry.overlaps = entry.offset < busy_until;
        busy_until = busy_until.max(entry.offset.saturating_add(least).saturating_add(entry.compressed));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An archive whose directory has so many entries, as ZIP64 tells of them.
    fn wide_archive(entries: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        for _ in 0..entries {
            bytes.extend_from_slice(b"PK\x01\x02\x2D\x03\x14\0\0\0\x08\0\0\0\x21\0");
            bytes.extend_from_slice(&[0; 12]);
            bytes.extend_from_slice(&[1, 0]);
            bytes.extend_from_slice(&[0; 16]);
            bytes.push(b'a');
        }
        let size = bytes.len() as u64;
        bytes.extend_from_slice(b"PK\x06\x06\x2C\0\0\0\0\0\0\0\x2D\x03\x2D\0\0\0\0\0\0\0\0\0");
        [entries, entries, size, 0].iter().for_each(|value| bytes.extend_from_slice(&value.to_le_bytes()));
        bytes.extend_from_slice(b"PK\x06\x07\0\0\0\0");
        bytes.extend_from_slice(&size.to_le_bytes());
        bytes.extend_from_slice(b"\x01\0\0\0PK\x05\x06\0\0\0\0\xFF\xFF\xFF\xFF");
        bytes.extend_from_slice(&(size as u32).to_le_bytes());
        bytes.extend_from_slice(&[0; 6]);
        bytes
    }

    #[test]
    fn more_entries_than_sixteen_bits_can_count_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wide.zip");
        std::fs::write(&path, wide_archive(70_000)).unwrap();
        let directory = ZipDirectory::read(&path).unwrap();
        assert_eq!((directory.entries.len(), directory.promised), (70_000, 70_000));
        let archive = ::zip::ZipArchive::new(File::open(&path).unwrap()).unwrap();
        assert!(!archive.is_empty());
    }
}
