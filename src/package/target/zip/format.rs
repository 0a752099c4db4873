//! The records of a ZIP (PKWARE, ".ZIP File Format Specification") as gc2pc writes them: no comments,
//! no data descriptors, fixed times and permissions, ZIP64 where a value needs it.

/// Stands where a ZIP64 field holds the value.
const WIDE_32: u32 = u32::MAX;
const WIDE_16: u16 = u16::MAX;
/// Deflate.
const METHOD: u16 = 8;
/// 1980-01-01 00:00 as MS-DOS has it.
const TIME: u16 = 0;
const DATE: u16 = 0x0021;
/// Unix, version 4.5 of the specification.
const MADE_BY: u16 = 3 << 8 | NEEDED_ZIP64;
const NEEDED: u16 = 20;
const NEEDED_ZIP64: u16 = 45;
const REGULAR_FILE_READABLE_BY_ALL: u32 = 0o100_644;

/// What the records say of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Member {
    /// Where its own header begins.
    pub(super) offset: u64,
    pub(super) size: u64,
    pub(super) compressed: u64,
    pub(super) crc: u32,
    /// Whether its own header has room for sizes of 64 bits.
    pub(super) wide: bool,
}

impl Member {
    fn needed(&self) -> u16 {
        if self.wide { NEEDED_ZIP64 } else { NEEDED }
    }

    /// Appends the fields that both headers begin with.
    fn push_common(&self, out: &mut Vec<u8>) {
        const FLAGS: u16 = 0;
        for field in [self.needed(), FLAGS, METHOD, TIME, DATE] {
            push_2(out, field);
        }
        push_4(out, self.crc);
    }

    /// Returns the header that stands before its data.
    pub(super) fn local_header(&self, prefix: &str, path: &str) -> Vec<u8> {
        let mut out = b"PK\x03\x04".to_vec();
        self.push_common(&mut out);
        push_4(&mut out, if self.wide { WIDE_32 } else { narrow(self.compressed) });
        push_4(&mut out, if self.wide { WIDE_32 } else { narrow(self.size) });
        let sizes = [self.size, self.compressed];
        let extra = zip64_field(if self.wide { &sizes } else { &[] });
        push_2(&mut out, (prefix.len() + path.len()) as u16);
        push_2(&mut out, extra.len() as u16);
        out.extend_from_slice(prefix.as_bytes());
        out.extend_from_slice(path.as_bytes());
        out.extend_from_slice(&extra);
        out
    }

    /// Appends its header in the directory.
    pub(super) fn push_central_header(&self, prefix: &str, path: &str, out: &mut Vec<u8>) {
        let wide: Vec<u64> =
            [self.size, self.compressed, self.offset].into_iter().filter(|&value| is_wide(value)).collect();
        let extra = zip64_field(&wide);
        out.extend_from_slice(b"PK\x01\x02");
        push_2(out, MADE_BY);
        self.push_common(out);
        push_4(out, narrow(self.compressed));
        push_4(out, narrow(self.size));
        push_2(out, (prefix.len() + path.len()) as u16);
        push_2(out, extra.len() as u16);
        // Length of the comment, disk, internal attributes.
        for field in [0, 0, 0] {
            push_2(out, field);
        }
        push_4(out, REGULAR_FILE_READABLE_BY_ALL << 16);
        push_4(out, narrow(self.offset));
        out.extend_from_slice(prefix.as_bytes());
        out.extend_from_slice(path.as_bytes());
        out.extend_from_slice(&extra);
    }
}

/// Returns the records behind the directory: it begins at `offset` and has so many bytes and entries.
pub(super) fn end_records(offset: u64, size: u64, entries: u64) -> Vec<u8> {
    const REST_OF_RECORD: u64 = 44;
    const DISKS: u32 = 1;
    let mut out = Vec::new();
    let short = u16::try_from(entries).unwrap_or(WIDE_16);
    if short == WIDE_16 || is_wide(offset) || is_wide(size) {
        out.extend_from_slice(b"PK\x06\x06");
        push_8(&mut out, REST_OF_RECORD);
        push_2(&mut out, MADE_BY);
        push_2(&mut out, NEEDED_ZIP64);
        push_4(&mut out, 0);
        push_4(&mut out, 0);
        for field in [entries, entries, size, offset] {
            push_8(&mut out, field);
        }
        out.extend_from_slice(b"PK\x06\x07");
        push_4(&mut out, 0);
        push_8(&mut out, offset + size);
        push_4(&mut out, DISKS);
    }
    out.extend_from_slice(b"PK\x05\x06");
    for field in [0, 0, short, short] {
        push_2(&mut out, field);
    }
    push_4(&mut out, narrow(size));
    push_4(&mut out, narrow(offset));
    push_2(&mut out, 0);
    out
}

/// Returns the extra field that holds these values; nothing for none.
fn zip64_field(values: &[u64]) -> Vec<u8> {
    let mut out = Vec::new();
    if !values.is_empty() {
        push_2(&mut out, 1);
        push_2(&mut out, 8 * values.len() as u16);
        values.iter().for_each(|&value| push_8(&mut out, value));
    }
    out
}

fn is_wide(value: u64) -> bool {
    value >= u64::from(WIDE_32)
}

fn narrow(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(WIDE_32)
}

fn push_2(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn push_4(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn push_8(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read, Seek, SeekFrom};

    use super::*;

    /// A file that is empty but for a few records: as large as it has to be, and held nowhere.
    struct Sparse {
        records: Vec<(u64, Vec<u8>)>,
        length: u64,
        position: u64,
    }

    impl Read for Sparse {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = (buffer.len() as u64).min(self.length.saturating_sub(self.position)) as usize;
            for (place, byte) in (self.position..).zip(&mut buffer[..count]) {
                let holds =
                    |(start, bytes): &&(u64, Vec<u8>)| (*start..*start + bytes.len() as u64).contains(&place);
                *byte = self
                    .records
                    .iter()
                    .find(holds)
                    .map_or(0, |(start, bytes)| bytes[(place - start) as usize]);
            }
            self.position += count as u64;
            Ok(count)
        }
    }

    impl Seek for Sparse {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.position = match to {
                SeekFrom::Start(place) => place,
                SeekFrom::Current(step) => self.position.saturating_add_signed(step),
                SeekFrom::End(step) => self.length.saturating_add_signed(step),
            };
            Ok(self.position)
        }
    }

    #[test]
    fn an_independent_reader_understands_sizes_and_places_on_either_side_of_every_border() {
        const EDGE: u64 = u32::MAX as u64;
        for (offset, size, compressed) in [
            (0, 0, 2),
            (0, EDGE - 1, EDGE - 1),
            (0, EDGE, 5),
            (7, EDGE + 1, EDGE),
            (EDGE - 1, 1, 3),
            (EDGE, 1, 3),
            (EDGE + 1, 1 << 40, 1 << 39),
        ] {
            for wide in [false, true] {
                if !wide && (is_wide(size) || is_wide(compressed)) {
                    continue;
                }
                let member = Member { offset, size, compressed, crc: 0x0102_0304, wide };
                let local = member.local_header("bag/", "data/x");
                let mut central = Vec::new();
                member.push_central_header("bag/", "data/x", &mut central);
                let begin = offset + local.len() as u64 + compressed;
                let end = end_records(begin, central.len() as u64, 1);
                let after = begin + central.len() as u64;
                let data = offset + local.len() as u64;
                let length = after + end.len() as u64;
                let records = vec![(offset, local), (begin, central), (after, end)];
                let mut archive = ::zip::ZipArchive::new(Sparse { records, length, position: 0 }).unwrap();
                let entry = archive.by_index_raw(0).unwrap();
                assert_eq!(entry.name_raw(), b"bag/data/x");
                assert_eq!((entry.size(), entry.compressed_size()), (size, compressed));
                assert_eq!((entry.header_start(), entry.data_start()), (offset, Some(data)));
                assert_eq!((entry.crc32(), entry.unix_mode()), (0x0102_0304, Some(0o100_644)));
            }
        }
    }

    #[test]
    fn a_directory_of_any_number_of_entries_is_understood() {
        for count in [0_u64, 1, 65_534, 65_535, 65_536, 70_000] {
            let member = Member { offset: 0, size: 0, compressed: 2, crc: 0, wide: false };
            let mut bytes = member.local_header("", "a");
            let begin = bytes.len() as u64;
            for number in 0..count {
                member.push_central_header("bag/", &number.to_string(), &mut bytes);
            }
            let size = bytes.len() as u64 - begin;
            bytes.extend(end_records(begin, size, count));
            let archive = ::zip::ZipArchive::new(io::Cursor::new(bytes)).unwrap();
            assert_eq!(archive.len() as u64, count);
        }
    }
}
