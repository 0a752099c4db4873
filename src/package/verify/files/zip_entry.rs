//! Opening one entry of a ZIP, and proving what it delivers: size, CRC-32, and that its compressed
//! data is used up exactly.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Take};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use super::zip_directory::{Entry, Fields, ZipDirectory, bad};

const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// Flags of encrypted entries.
const ENCRYPTED: u16 = 0x0041;

/// Opens an entry.
pub(super) fn open(directory: &ZipDirectory, at: usize) -> io::Result<Box<dyn Read + Send>> {
    let entry = directory.entries.get(at).ok_or(io::ErrorKind::NotFound)?;
    if entry.overlaps {
        return Err(bad("the entry shares bytes with another one and was not opened"));
    }
    if entry.header.flags & ENCRYPTED != 0 {
        return Err(bad("the entry is encrypted"));
    }
    let data = compressed(directory, entry)?;
    let data = match entry.header.method {
        STORED => Data::Stored(data),
        DEFLATED => Data::Deflated(Box::new(DeflateDecoder::new(data))),
        method => {
            return Err(bad(format!("the entry is compressed by method {method}, which is not known here")));
        }
    };
    let (crc, compressed, left) = (entry.header.crc, entry.compressed, entry.size);
    Ok(Box::new(EntryReader { data, seen: Crc::new(), crc, compressed, left }))
}

/// Opens an entry's compressed data.
pub(super) fn compressed(directory: &ZipDirectory, entry: &Entry) -> io::Result<BufReader<Take<File>>> {
    let mut file = File::open(&directory.path)?;
    let start = entry.offset.checked_add(directory.prefix).ok_or_else(|| bad("an offset without end"))?;
    file.seek(SeekFrom::Start(start))?;
    let mut header = [0; 30];
    file.read_exact(&mut header)?;
    let mut fields = Fields(&header[..]);
    if fields.four()? != 0x0403_4B50 {
        return Err(bad("the entry's own header is not where the directory says"));
    }
    let lengths =
        (u16::from_le_bytes([header[26], header[27]]), u16::from_le_bytes([header[28], header[29]]));
    file.seek(SeekFrom::Current(i64::from(lengths.0) + i64::from(lengths.1)))?;
    Ok(BufReader::with_capacity(64 * 1024, file.take(entry.compressed)))
}

enum Data {
    Stored(BufReader<Take<File>>),
    Deflated(Box<DeflateDecoder<BufReader<Take<File>>>>),
}

struct EntryReader {
    data: Data,
    seen: Crc,
    crc: u32,
    compressed: u64,
    left: u64,
}

impl EntryReader {
    /// Proves at the end of the data that it was what the directory promised.
    fn check_end(&self) -> io::Result<()> {
        let used_up = match &self.data {
            Data::Stored(data) => data.get_ref().limit() == 0 && data.buffer().is_empty(),
            Data::Deflated(decoder) => decoder.total_in() == self.compressed,
        };
        if self.left > 0 {
            return Err(bad(format!("the entry is {} bytes shorter than the directory says", self.left)));
        }
        if !used_up {
            return Err(bad("the entry's compressed data does not end where the directory says"));
        }
        if self.seen.sum() != self.crc {
            return Err(bad("the entry's content does not agree with its CRC-32"));
        }
        Ok(())
    }
}

impl Read for EntryReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let count = match &mut self.data {
            Data::Stored(data) => data.read(buffer)?,
            Data::Deflated(decoder) => decoder.read(buffer)?,
        };
        if count == 0 {
            return self.check_end().map(|()| 0);
        }
        let left = self.left.checked_sub(count as u64);
        self.left = left.ok_or_else(|| bad("the entry is longer than the directory says"))?;
        self.seen.update(&buffer[..count]);
        Ok(count)
    }
}
