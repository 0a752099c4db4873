//! Reading a ZIP back: the directory through a reader that knows nothing of what was written, the
//! data piece by piece on all threads.
//!
//! Compressed bytes must be those that were written (SHA-256) and must inflate to the bytes they were
//! made of (size and CRC-32). With each file's own SHA-256 taken of these bytes before, that is the
//! proof that the disk holds every file, at a quarter of what hashing all of them again would cost.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use zip::ZipArchive;

use super::deflate::{END, Proof, Prover};
use super::format::Member;
use super::{ZipStore, into_io};
use crate::error::{Error, Result};
use crate::package::contents::{Progress, Step};
use crate::package::target::Entry;
use crate::sqlserver::positioned::PositionedFile;

/// Buffers that grew beyond this are not kept for the next piece.
const LARGEST_KEPT: usize = 16 << 20;

/// Proves that the disk holds the entries.
pub(super) fn read_back(store: &ZipStore, entries: &[Entry], progress: Progress<'_>) -> Result<()> {
    check_directory(store, entries)?;
    let file = File::open(&store.path).map_err(|cause| unreadable(store, cause))?;
    let proving = Proving { store, file: PositionedFile::new(file) };
    let of = entries.len() as u64;
    let done = AtomicU64::new(0);
    let check = |tools: &mut Tools, (at, entry): (usize, &Entry)| {
        proving.check(at, entry, tools)?;
        progress(Step::ReadBack { files: done.fetch_add(1, Ordering::Relaxed) + 1, of })
    };
    entries.par_iter().enumerate().try_for_each_init(Tools::new, check)
}

/// Compares the directory with what was written.
fn check_directory(store: &ZipStore, entries: &[Entry]) -> Result<()> {
    let open = || ZipArchive::new(io::BufReader::new(File::open(&store.path)?)).map_err(into_io);
    let mut archive = open().map_err(|cause| unreadable(store, cause))?;
    if archive.len() != entries.len() || store.written.members.len() != entries.len() {
        let what = format!("the ZIP's directory has {} entries of {}", archive.len(), entries.len());
        return Err(Error::Unsound { what });
    }
    for (at, (entry, member)) in entries.iter().zip(&store.written.members).enumerate() {
        let found = archive.by_index_raw(at).map_err(|error| unreadable(store, into_io(error)))?;
        let name = found.name_raw();
        let is_named = name.strip_prefix(store.prefix.as_bytes()) == Some(entry.path.as_bytes());
        let values = (found.header_start(), found.compressed_size(), found.size(), found.crc32());
        let is_right = values == (member.offset, member.compressed, member.size, member.crc)
            && found.compression() == ::zip::CompressionMethod::Deflated
            && found.size() == entry.size;
        if !is_named || !is_right {
            let what = format!("the ZIP's directory lacks {} at its place", entry.path);
            return Err(Error::Unsound { what });
        }
    }
    Ok(())
}

fn unreadable(store: &ZipStore, cause: io::Error) -> Error {
    Error::read(store.shown.display().to_string(), cause)
}

/// What one thread needs.
struct Tools {
    prover: Prover,
    buffer: Vec<u8>,
}

impl Tools {
    fn new() -> Tools {
        Tools { prover: Prover::new(), buffer: Vec::new() }
    }
}

struct Proving<'a> {
    store: &'a ZipStore,
    file: PositionedFile,
}

impl Proving<'_> {
    fn check(&self, at: usize, entry: &Entry, tools: &mut Tools) -> Result<()> {
        let Some(member) = self.store.written.members.get(at) else { return Err(differs(entry)) };
        let proofs = self.store.written.proofs_of(at);
        match (member.wide, proofs) {
            (false, [proof]) => self.check_whole(member, proof, entry, tools),
            (true, _) => self.check_blocks(member, proofs, entry),
            _ => Err(differs(entry)),
        }
    }

    fn check_whole(&self, member: &Member, proof: &Proof, entry: &Entry, tools: &mut Tools) -> Result<()> {
        let header = member.local_header(&self.store.prefix, &entry.path);
        self.read(member.offset, header.len() as u64 + member.compressed, &mut tools.buffer)?;
        match tools.buffer.strip_prefix(&header[..]) {
            Some(data) if tools.prover.holds(data, proof) => Ok(()),
            _ => Err(differs(entry)),
        }
    }

    /// Checks a file of many blocks, on as many threads.
    fn check_blocks(&self, member: &Member, proofs: &[Proof], entry: &Entry) -> Result<()> {
        let header = member.local_header(&self.store.prefix, &entry.path);
        let mut found = Vec::new();
        self.read(member.offset, header.len() as u64, &mut found)?;
        let mut place = member.offset + header.len() as u64;
        let mut places = Vec::with_capacity(proofs.len());
        let mut size = 0;
        for proof in proofs {
            places.push(place);
            place += u64::from(proof.compressed);
            size += u64::from(proof.size);
        }
        let mut end = Vec::new();
        self.read(place, END.len() as u64, &mut end)?;
        let data_end = member.offset + header.len() as u64 + member.compressed;
        if found != header || end != END || place + END.len() as u64 != data_end || size != entry.size {
            return Err(differs(entry));
        }
        let check = |tools: &mut Tools, (&place, proof): (&u64, &Proof)| {
            self.read(place, u64::from(proof.compressed), &mut tools.buffer)?;
            match tools.prover.holds_block(&mut tools.buffer, proof) {
                true => Ok(()),
                false => Err(differs(entry)),
            }
        };
        places.par_iter().zip(proofs).try_for_each_init(Tools::new, check)
    }

    /// Reads a stretch of the file into a buffer.
    fn read(&self, place: u64, length: u64, buffer: &mut Vec<u8>) -> Result<()> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if buffer.capacity() > LARGEST_KEPT {
            *buffer = Vec::new();
        }
        buffer.resize(length, 0);
        self.file.read_exact_at(buffer, place).map_err(|cause| unreadable(self.store, cause))
    }
}

fn differs(entry: &Entry) -> Error {
    Error::Unsound { what: format!("{}: read back, it differs from what was written", entry.path) }
}
