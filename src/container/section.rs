//! A section of a file: the bytes from one place to another, which must all be there.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use super::Blob;

/// Reads a section. Ends with an error where the file has become shorter than it was.
#[derive(Debug)]
pub struct Section {
    file: File,
    /// Bytes that are still to come; `None` where all are taken that there are.
    left: Option<u64>,
}

impl Section {
    /// Opens the section of a file from one place to before another, or to its end.
    ///
    /// # Errors
    /// What the operating system says; [`io::ErrorKind::NotSeekable`] for what is no plain file.
    pub fn open(blob: &dyn Blob, from: u64, until: Option<u64>) -> io::Result<Section> {
        let mut file = File::open(blob.path().ok_or(io::ErrorKind::NotSeekable)?)?;
        file.seek(SeekFrom::Start(from))?;
        Ok(Section { file, left: until.map(|until| until.saturating_sub(from)) })
    }
}

impl Read for Section {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(left) = self.left else { return self.file.read(buffer) };
        let most = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let count = self.file.read(&mut buffer[..most])?;
        if count == 0 && most > 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it became shorter while it was read"));
        }
        self.left = Some(left - count as u64);
        Ok(count)
    }
}

/// Opens a blob at a byte: by a jump where it is a file, else by reading up to there.
///
/// # Errors
/// What the operating system or the decompressor says.
pub fn open_at(blob: &dyn Blob, byte: u64) -> io::Result<Box<dyn Read + Send>> {
    if blob.path().is_some() {
        return Ok(Box::new(Section::open(blob, byte, None)?));
    }
    let mut reader = blob.open()?;
    io::copy(&mut reader.by_ref().take(byte), &mut io::sink())?;
    Ok(reader)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::{Limits, walk};

    #[test]
    fn a_section_ends_where_it_should_or_says_that_it_cannot() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, "0123456789").unwrap();
        let walk = walk(&[path], &Limits::default(), folder.path()).unwrap();
        let read = |from, until| {
            let mut text = String::new();
            Section::open(&*walk.items[0].blob, from, until)?.read_to_string(&mut text)?;
            io::Result::Ok(text)
        };
        assert_eq!(read(2, Some(5)).unwrap(), "234");
        assert_eq!(read(7, None).unwrap(), "789");
        assert_eq!(read(4, Some(4)).unwrap(), "");
        assert_eq!(read(8, Some(11)).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
