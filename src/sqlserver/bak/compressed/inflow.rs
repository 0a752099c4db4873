//! The flow of a compressed backup: records are found one after the other and decoded many at once.

use std::collections::VecDeque;
use std::io;
use std::ops::Range;

use rayon::prelude::*;

use super::super::flow::{Flow, Gap};
use super::super::index::PAGE;
use super::super::pages::{EXTENT_BYTES, HEADER, Headers};
use super::chunks::{Chunk, Chunks};
use super::records::Records;
use super::{Decoded, Flaw, Record};
use crate::progress::Progress;
use crate::sqlserver::place::Place;

/// Records decoded at once: at most 8 MiB come out. At the beginning they are fewer, since whoever
/// wants to know what a file is reads no further.
const BATCH: usize = 128;
const FIRST_BATCH: usize = 2;

/// Bytes that have come out, and the gap before them.
struct Piece {
    gap: Option<Gap>,
    /// Where the block stands in the file.
    at: u64,
    bytes: Vec<u8>,
}

/// Walks what comes out of a compressed backup.
pub(in super::super) struct Inflow<'a> {
    file: &'a Place,
    records: Records<'a>,
    batch: usize,
    pieces: VecDeque<Piece>,
    /// Bytes already taken of the first piece.
    taken: usize,
    position: u64,
    /// Position behind the last piece.
    end: u64,
    /// Records whose bytes may still be asked to be kept.
    recent: VecDeque<Chunk>,
    kept: Vec<Chunk>,
    /// Blocks that are not sound; for those that cannot be decoded zeros came out.
    flaws: Vec<(Record, Flaw)>,
}

impl<'a> Inflow<'a> {
    /// Stands at the beginning; `None` if there are no records.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(in super::super) fn new(
        file: &'a Place,
        progress: &'a dyn Progress,
    ) -> io::Result<Option<Inflow<'a>>> {
        Ok(Records::start(file, progress)?.map(|records| Inflow {
            file,
            records,
            batch: FIRST_BATCH,
            pieces: VecDeque::new(),
            taken: 0,
            position: 0,
            end: 0,
            recent: VecDeque::new(),
            kept: Vec::new(),
            flaws: Vec::new(),
        }))
    }

    /// Returns what decodes the kept bytes again, and the blocks that are not sound.
    pub(in super::super) fn finish(self) -> (Chunks, Vec<(Record, Flaw)>) {
        (Chunks::new(self.kept), self.flaws)
    }

    /// Makes sure that the first piece has bytes or a gap; false at the end.
    fn ready(&mut self) -> io::Result<bool> {
        while self.pieces.front().is_some_and(|piece| piece.gap.is_none() && self.taken == piece.bytes.len())
        {
            self.pieces.pop_front();
            self.taken = 0;
        }
        if self.pieces.is_empty() {
            self.decode_more()?;
        }
        Ok(!self.pieces.is_empty())
    }

    fn decode_more(&mut self) -> io::Result<()> {
        let mut found = Vec::with_capacity(self.batch);
        while found.len() < self.batch {
            match self.records.next()? {
                (Some(record), gap) => found.push((Some(record), gap)),
                (None, Some(gap)) => {
                    found.push((None, Some(gap)));
                    break;
                }
                (None, None) => break,
            }
        }
        self.batch = BATCH.min(self.batch * 2);
        let file = self.file;
        let load = |(record, _): &(Option<Record>, _)| record.map(|record| record.load(file)).transpose();
        let loaded: Vec<io::Result<Option<Decoded>>> = found.par_iter().map(load).collect();
        // Whoever reads an extent asks for it to be kept only when it has come in whole.
        while self.recent.front().is_some_and(|chunk| chunk.end() + EXTENT_BYTES as u64 <= self.position) {
            self.recent.pop_front();
        }
        for ((record, gap), loaded) in found.into_iter().zip(loaded) {
            let mut piece = Piece { gap, at: gap.map_or(0, |gap| gap.at), bytes: Vec::new() };
            if let Some((record, decoded)) = record.zip(loaded?) {
                piece.at = record.at;
                self.flaws.extend(decoded.flaw.map(|flaw| (record, flaw)));
                piece.bytes = decoded.bytes.unwrap_or_else(|| vec![0; record.size as usize]);
                self.recent.push_back(Chunk { position: self.end, record });
                self.end += u64::from(record.size);
            }
            self.pieces.push_back(piece);
        }
        Ok(())
    }

    /// Hands the bytes before the next gap to `take`, piece by piece, until it has had `count`.
    fn take(&mut self, count: u64, take: &mut dyn FnMut(&[u8])) -> io::Result<u64> {
        let mut taken = 0;
        while taken < count && self.ready()? {
            let Some(piece) = self.pieces.front().filter(|piece| piece.gap.is_none()) else { break };
            let rest = &piece.bytes[self.taken..];
            let part = usize::try_from(count - taken).unwrap_or(usize::MAX).min(rest.len());
            take(&rest[..part]);
            self.taken += part;
            self.position += part as u64;
            taken += part as u64;
        }
        Ok(taken)
    }
}

impl Flow for Inflow<'_> {
    fn position(&self) -> u64 {
        self.position
    }

    fn place(&self) -> u64 {
        self.pieces.front().map_or(self.file.size(), |piece| piece.at)
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        self.take(buffer.len() as u64, &mut |part| {
            buffer[filled..filled + part.len()].copy_from_slice(part);
            filled += part.len();
        })?;
        Ok(filled)
    }

    fn peek(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.ready()? {
            return Ok(0);
        }
        let Some(piece) = self.pieces.front().filter(|piece| piece.gap.is_none()) else { return Ok(0) };
        let rest = &piece.bytes[self.taken..];
        let part = rest.len().min(buffer.len());
        buffer[..part].copy_from_slice(&rest[..part]);
        Ok(part)
    }

    fn extent(&mut self, length: usize, headers: &mut Headers) -> io::Result<usize> {
        let mut passed = 0;
        self.take(length.min(EXTENT_BYTES) as u64, &mut |part| {
            let (from, end) = (passed, passed + part.len());
            for (at, header) in headers.iter_mut().enumerate().skip(from / PAGE as usize) {
                let page = at * PAGE as usize;
                // The border of two records may cut a header.
                let (start, stop) = (page.max(from), (page + HEADER).min(end));
                if start < stop {
                    header[start - page..stop - page].copy_from_slice(&part[start - from..stop - from]);
                }
            }
            passed = end;
        })?;
        Ok(passed)
    }

    fn skip(&mut self, count: u64) -> io::Result<u64> {
        self.take(count, &mut |_| {})
    }

    fn pass_gap(&mut self) -> io::Result<Option<Gap>> {
        self.ready()?;
        Ok(self.pieces.front_mut().and_then(|piece| piece.gap.take()))
    }

    fn keep(&mut self, range: Range<u64>) {
        while let Some(chunk) = self.recent.front().filter(|chunk| chunk.position < range.end) {
            if chunk.end() > range.start {
                self.kept.push(*chunk);
            }
            self.recent.pop_front();
        }
    }
}
