//! A package as a ZIP: files are compressed on many threads and written one after another.
//!
//! Times, permissions and order are fixed, so equal files give equal bytes. Deflate itself does not
//! depend on the machine: its choices are a matter of the level alone. The seam towards another
//! compressor is [`Prepared::Compressed`]: what any thread makes of a file's bytes.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rayon::prelude::*;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, PreparedZipFile, System, ZipArchive, ZipWriter};

use super::{Entry, Place, Prepare, Prepared, Store, check_bytes};
use crate::error::{Error, Result};
use crate::package::contents::{Compression, Progress, Step};

/// Puts files into a ZIP, below the bag's folder.
pub(in crate::package) struct ZipStore {
    /// Where the ZIP is built.
    path: PathBuf,
    /// Where it will be, for messages.
    shown: PathBuf,
    /// The bag's folder with a slash.
    prefix: String,
    options: SimpleFileOptions,
    writer: Option<ZipWriter<Disk>>,
    given_up: Arc<AtomicBool>,
}

impl ZipStore {
    /// Creates the ZIP; `name` is the bag's folder in it.
    pub(super) fn create(place: &Place, name: &str, compression: Compression) -> Result<ZipStore> {
        let shown = place.target().to_path_buf();
        let path = place.temporary().to_path_buf();
        let file = File::create_new(&path).map_err(|cause| Error::write(&shown, cause))?;
        let given_up = Arc::new(AtomicBool::new(false));
        let disk = Disk::new(file, Arc::clone(&given_up));
        Ok(ZipStore {
            path,
            shown,
            prefix: format!("{name}/"),
            options: fixed_options(compression),
            writer: Some(ZipWriter::new(disk)),
            given_up,
        })
    }

    fn with_writer<T>(
        &mut self,
        work: impl FnOnce(&mut ZipWriter<Disk>) -> std::result::Result<T, ZipError>,
    ) -> Result<T> {
        let closed = || ZipError::Io(io::Error::other("the archive is closed already"));
        let done = self.writer.as_mut().ok_or_else(closed).and_then(work);
        done.map_err(|error| Error::write(&self.shown, into_io(error)))
    }
}

/// Everything about an entry that is not its name or its bytes.
fn fixed_options(compression: Compression) -> SimpleFileOptions {
    const REGULAR_FILE_READABLE_BY_ALL: u32 = 0o100_644;
    let level = match compression {
        Compression::Fast => 1,
        Compression::Default => 6,
        Compression::Max => 9,
    };
    SimpleFileOptions::DEFAULT
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(level))
        .last_modified_time(DateTime::DEFAULT)
        .system(System::Unix)
        .external_attributes(REGULAR_FILE_READABLE_BY_ALL << 16)
}

impl Store for ZipStore {
    fn prepare(&self) -> Prepare {
        let (prefix, options, shown) = (self.prefix.clone(), self.options, self.shown.clone());
        Arc::new(move |path, bytes| {
            let prepared = PreparedZipFile::from_data(format!("{prefix}{path}"), options, bytes)
                .map_err(|error| Error::write(&shown, into_io(error)))?;
            Ok(Prepared::Compressed(Box::new(prepared)))
        })
    }

    fn commit(&mut self, prepared: Prepared) -> Result<()> {
        match prepared {
            Prepared::Stored => Ok(()),
            Prepared::Compressed(file) => self.with_writer(|writer| writer.add_prepared_file(*file)),
        }
    }

    fn open(&mut self, path: &str) -> Result<()> {
        let name = format!("{}{path}", self.prefix);
        let options = self.options.large_file(true);
        self.with_writer(|writer| writer.start_file(name, options))
    }

    fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.with_writer(|writer| Ok(writer.write_all(bytes)?))
    }

    fn close(&mut self) -> Result<()> {
        // The next entry, or the end, completes this one.
        Ok(())
    }

    fn seal(&mut self) -> Result<()> {
        let Some(writer) = self.writer.take() else { return Ok(()) };
        let finish = || {
            let mut disk = writer.finish().map_err(into_io)?;
            // What came after a failure went nowhere, so such an archive is none.
            if disk.is_given_up() {
                return Err(io::Error::other("the archive was given up before it was complete"));
            }
            disk.file.flush()?;
            disk.file.get_ref().sync_all()
        };
        finish().map_err(|cause| Error::write(&self.shown, cause))
    }

    /// Parses the directory, and decompresses and compares every entry.
    fn read_back(&self, entries: &[Entry], progress: Progress<'_>) -> Result<()> {
        let count = self.open_archive()?.len();
        if count != entries.len() {
            let what = format!("the ZIP's directory has {count} entries instead of {}", entries.len());
            return Err(Error::Unsound { what });
        }
        let done = AtomicU64::new(0);
        // Every range has an open file of its own; the directory is parsed once for each.
        let ranges = 4 * rayon::current_num_threads();
        let length = entries.len().div_ceil(ranges).max(1);
        let check = |(range, entries): (usize, &[Entry])| {
            let mut archive = self.open_archive()?;
            for (at, entry) in (range * length..).zip(entries) {
                self.check_entry(&mut archive, at, entry)?;
                let files = done.fetch_add(1, Ordering::Relaxed) + 1;
                progress(Step::ReadBack { files, of: count as u64 })?;
            }
            Ok(())
        };
        entries.par_chunks(length).enumerate().map(check).collect()
    }
}

impl ZipStore {
    fn open_archive(&self) -> Result<ZipArchive<BufReader<File>>> {
        File::open(&self.path)
            .and_then(|file| ZipArchive::new(BufReader::new(file)).map_err(into_io))
            .map_err(|cause| Error::read(self.shown.display().to_string(), cause))
    }

    fn check_entry(&self, archive: &mut ZipArchive<BufReader<File>>, at: usize, entry: &Entry) -> Result<()> {
        let mut file = archive
            .by_index(at)
            .map_err(|error| Error::read(self.shown.display().to_string(), into_io(error)))?;
        if file.name_raw() != format!("{}{}", self.prefix, entry.path).as_bytes() {
            let what = format!("the ZIP's directory lacks {} at its place", entry.path);
            return Err(Error::Unsound { what });
        }
        check_bytes(entry, &self.shown, &mut file)
    }
}

impl Drop for ZipStore {
    fn drop(&mut self) {
        self.given_up.store(true, Ordering::Relaxed);
    }
}

fn into_io(error: ZipError) -> io::Error {
    match error {
        ZipError::Io(cause) => cause,
        other => io::Error::other(other),
    }
}

/// The file under the archive. Once the archive is given up, or the disk has failed, it only counts
/// what comes: the writer above it would otherwise still try to complete a file that is about to be
/// removed, and complain on stderr if it cannot. The failure itself is returned to whoever met it.
struct Disk {
    file: BufWriter<File>,
    given_up: Arc<AtomicBool>,
    position: u64,
    end: u64,
}

impl Disk {
    fn new(file: File, given_up: Arc<AtomicBool>) -> Disk {
        const BUFFER: usize = 1 << 18;
        Disk { file: BufWriter::with_capacity(BUFFER, file), given_up, position: 0, end: 0 }
    }

    fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Relaxed)
    }

    /// Gives the archive up if the disk failed. What was interrupted will be tried again.
    fn heed<T>(&self, outcome: io::Result<T>) -> io::Result<T> {
        outcome.inspect_err(|error| {
            if error.kind() != io::ErrorKind::Interrupted {
                self.given_up.store(true, Ordering::Relaxed);
            }
        })
    }

    /// Returns where a seek leads that the file never hears of.
    fn imagined(&self, position: SeekFrom) -> u64 {
        match position {
            SeekFrom::Start(position) => position,
            SeekFrom::Current(offset) => self.position.saturating_add_signed(offset),
            SeekFrom::End(offset) => self.end.saturating_add_signed(offset),
        }
    }
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = if self.is_given_up() {
            bytes.len()
        } else {
            let outcome = self.file.write(bytes);
            self.heed(outcome)?
        };
        self.position += count as u64;
        self.end = self.end.max(self.position);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.is_given_up() {
            return Ok(());
        }
        let outcome = self.file.flush();
        self.heed(outcome)
    }
}

impl Seek for Disk {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.position = if self.is_given_up() {
            self.imagined(position)
        } else {
            let outcome = self.file.seek(position);
            self.heed(outcome)?
        };
        Ok(self.position)
    }
}
