//! Reading a file at a place, from several threads at once: the one place where operating systems
//! differ.

use std::fs::File;
use std::io;

#[cfg(not(any(unix, windows)))]
use std::sync::Mutex;

/// A file that is read at given places.
#[derive(Debug)]
pub(crate) struct PositionedFile {
    #[cfg(any(unix, windows))]
    file: File,
    #[cfg(not(any(unix, windows)))]
    file: Mutex<File>,
}

impl PositionedFile {
    #[cfg(any(unix, windows))]
    pub(crate) fn new(file: File) -> PositionedFile {
        PositionedFile { file }
    }

    #[cfg(not(any(unix, windows)))]
    pub(crate) fn new(file: File) -> PositionedFile {
        PositionedFile { file: Mutex::new(file) }
    }

    /// Fills a buffer from the given place on.
    ///
    /// # Errors
    /// What the operating system says; [`io::ErrorKind::UnexpectedEof`] if the file ends before.
    pub(crate) fn read_exact_at(&self, mut buffer: &mut [u8], mut place: u64) -> io::Result<()> {
        while !buffer.is_empty() {
            match self.read_at(buffer, place) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => {
                    buffer = buffer.get_mut(count..).unwrap_or_default();
                    place = place.saturating_add(count as u64);
                }
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                Err(cause) => return Err(cause),
            }
        }
        Ok(())
    }

    #[cfg(unix)]
    fn read_at(&self, buffer: &mut [u8], place: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.file, buffer, place)
    }

    #[cfg(windows)]
    fn read_at(&self, buffer: &mut [u8], place: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(&self.file, buffer, place)
    }

    #[cfg(not(any(unix, windows)))]
    fn read_at(&self, buffer: &mut [u8], place: u64) -> io::Result<usize> {
        use std::io::{Read, Seek, SeekFrom};

        let mut file = self.file.lock().map_err(|_| io::ErrorKind::Other)?;
        file.seek(SeekFrom::Start(place))?;
        file.read(buffer)
    }
}
