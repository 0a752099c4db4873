//! A package as a ZIP: files are compressed on many threads and written one after another.
//!
//! Times, permissions and order are fixed, so equal files give equal bytes. Every header tells sizes
//! and CRC-32 before the data: those of a file written block by block are put there afterwards.

mod ahead;
mod deflate;
mod format;
mod proof;

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::Arc;

use super::body::{Body, Sum};
use super::{Entry, Place, Prepare, Prepared, Store};
use crate::error::{Error, Result};
use crate::package::contents::{Compression, Progress};
use ahead::SyncedAhead;
use deflate::{Deflater, END, Proof};
use format::Member;

pub(in crate::package) use deflate::Compressed;

/// Puts files into a ZIP, below the bag's folder.
pub(in crate::package) struct ZipStore {
    /// Where the ZIP is built.
    path: PathBuf,
    /// Where it will be, for messages.
    shown: PathBuf,
    /// The bag's folder with a slash.
    prefix: String,
    deflater: Arc<ZipPreparing>,
    file: BufWriter<File>,
    ahead: Option<SyncedAhead>,
    position: u64,
    written: Written,
}

/// What was written, entry by entry.
#[derive(Debug, Default)]
struct Written {
    members: Vec<Member>,
    /// Where the proofs of each member's pieces end.
    ends: Vec<usize>,
    proofs: Vec<Proof>,
}

impl ZipStore {
    /// Creates the ZIP; `name` is the bag's folder in it.
    pub(super) fn create(place: &Place, name: &str, compression: Compression) -> Result<ZipStore> {
        const BUFFER: usize = 1 << 18;
        let shown = place.target().to_path_buf();
        let path = place.temporary().to_path_buf();
        let file = File::create_new(&path).map_err(|cause| Error::write(&shown, cause))?;
        Ok(ZipStore {
            path,
            prefix: format!("{name}/"),
            deflater: Arc::new(ZipPreparing { deflater: Deflater::new(compression), shown: shown.clone() }),
            shown,
            ahead: SyncedAhead::begin(&file),
            file: BufWriter::with_capacity(BUFFER, file),
            position: 0,
            written: Written::default(),
        })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|cause| Error::write(&self.shown, cause))?;
        self.position += bytes.len() as u64;
        let position = self.position;
        let is_well = self.ahead.as_mut().is_none_or(|ahead| ahead.has_grown_to(position));
        if is_well { Ok(()) } else { self.end_ahead() }
    }

    /// Waits for what is synced ahead.
    fn end_ahead(&mut self) -> Result<()> {
        let ended = self.ahead.take().map_or(Ok(()), SyncedAhead::end);
        ended.map_err(|cause| Error::write(&self.shown, cause))
    }

    /// Writes the header of the member begun once more, now that all is known.
    fn rewrite_header(&mut self, member: &Member, path: &str) -> Result<()> {
        let header = member.local_header(&self.prefix, path);
        let (file, end) = (&mut self.file, self.position);
        let write = file
            .seek(SeekFrom::Start(member.offset))
            .and_then(|_| file.write_all(&header))
            .and_then(|()| file.seek(SeekFrom::Start(end)));
        write.map(drop).map_err(|cause| Error::write(&self.shown, cause))
    }
}

impl Drop for ZipStore {
    /// Waits for the disk, so that nobody holds a file that is about to be removed.
    fn drop(&mut self) {
        let _ = self.end_ahead();
    }
}

/// The work on files that needs no order.
struct ZipPreparing {
    deflater: Deflater,
    /// Where the ZIP will be, for messages.
    shown: PathBuf,
}

impl Prepare for ZipPreparing {
    fn whole(&self, _: &str, body: &Body) -> Result<(Sum, Prepared)> {
        let done = self.deflater.whole(body).map_err(|cause| Error::write(&self.shown, cause));
        done.map(|(sum, compressed)| (sum, Prepared::Compressed(compressed)))
    }

    fn block(&self, bytes: Vec<u8>) -> Result<Prepared> {
        let done = self.deflater.block(&bytes).map_err(|cause| Error::write(&self.shown, cause));
        done.map(Prepared::Compressed)
    }
}

impl Store for ZipStore {
    fn preparing(&self) -> Arc<dyn Prepare> {
        Arc::clone(&self.deflater) as Arc<dyn Prepare>
    }

    fn put(&mut self, path: &str, prepared: Prepared) -> Result<()> {
        let Prepared::Compressed(Compressed { bytes, proof }) = prepared else { return Ok(()) };
        let member = Member {
            offset: self.position,
            size: u64::from(proof.size),
            compressed: u64::from(proof.compressed),
            crc: proof.crc,
            wide: false,
        };
        self.write(&member.local_header(&self.prefix, path))?;
        self.write(&bytes)?;
        self.written.proofs.push(proof);
        self.written.end(member);
        Ok(())
    }

    fn open(&mut self, path: &str) -> Result<()> {
        let member = Member { offset: self.position, size: 0, compressed: 0, crc: 0, wide: true };
        self.written.members.push(member);
        self.write(&member.local_header(&self.prefix, path))
    }

    fn append(&mut self, prepared: Prepared) -> Result<()> {
        let Prepared::Compressed(Compressed { bytes, proof }) = prepared else { return Ok(()) };
        self.written.proofs.push(proof);
        self.write(&bytes)
    }

    fn close(&mut self, path: &str, sum: &Sum) -> Result<()> {
        self.write(&END)?;
        let Some(mut member) = self.written.members.pop() else { return Ok(()) };
        let header = member.local_header(&self.prefix, path).len() as u64;
        member.size = sum.size;
        member.crc = sum.crc;
        member.compressed = self.position - member.offset - header;
        self.rewrite_header(&member, path)?;
        self.written.end(member);
        Ok(())
    }

    fn seal(&mut self, entries: &[Entry]) -> Result<()> {
        const ENOUGH: usize = 1 << 16;
        let begin = self.position;
        let mut directory = Vec::new();
        for at in 0..entries.len() {
            if let (Some(member), Some(entry)) = (self.written.members.get(at), entries.get(at)) {
                member.push_central_header(&self.prefix, &entry.path, &mut directory);
            }
            if directory.len() > ENOUGH {
                self.write(&directory)?;
                directory.clear();
            }
        }
        self.write(&directory)?;
        let end = format::end_records(begin, self.position - begin, self.written.members.len() as u64);
        self.write(&end)?;
        self.end_ahead()?;
        let synced = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        synced.map_err(|cause| Error::write(&self.shown, cause))
    }

    fn read_back(&self, entries: &[Entry], progress: Progress<'_>) -> Result<()> {
        proof::read_back(self, entries, progress)
    }
}

impl Written {
    /// Takes a member whose proofs are complete.
    fn end(&mut self, member: Member) {
        self.members.push(member);
        self.ends.push(self.proofs.len());
    }

    /// Returns the proofs of a member's pieces.
    fn proofs_of(&self, at: usize) -> &[Proof] {
        let begin = at.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(at).copied().unwrap_or(begin);
        self.proofs.get(begin..end).unwrap_or_default()
    }
}

fn into_io(error: ::zip::result::ZipError) -> io::Error {
    match error {
        ::zip::result::ZipError::Io(cause) => cause,
        other => io::Error::other(other),
    }
}
