//! All rejected records of a run, kept in the temporary file once they are many.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Cause, Rejected, Stretches};
use crate::chat::{Source, Text};
use crate::error::{Error, Result};
use crate::spill::{Rows, Scratch, Sorted, Sorter};

/// Stream, record, place of the body, its length.
const ROW: usize = 4 + 8 + 8 + 8;
/// Bodies that are held before they are written.
const HELD: usize = 1 << 18;
/// Rows of the index in memory.
const INDEX: usize = 4 << 20;

/// Takes rejected records from many threads.
#[derive(Debug)]
pub struct RejectedLog {
    scratch: Arc<Scratch>,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    index: Sorter<ROW>,
    /// The bodies written so far end here.
    written: u64,
    held: Vec<u8>,
    /// Where the pieces of the body lie in the temporary file: begin of each in the log, and its place.
    pieces: Vec<(u64, u64)>,
    causes: BTreeMap<Cause, u64>,
    count: u64,
}

impl RejectedLog {
    /// Begins a log.
    pub fn new(scratch: Arc<Scratch>) -> RejectedLog {
        let inner = Inner {
            index: Sorter::new(scratch.clone(), INDEX),
            written: 0,
            held: Vec::new(),
            pieces: Vec::new(),
            causes: BTreeMap::new(),
            count: 0,
        };
        RejectedLog { scratch, inner: Mutex::new(inner) }
    }

    /// Takes a record.
    ///
    /// # Errors
    /// If the temporary file cannot be written.
    pub fn push(&self, rejected: &Rejected) -> Result<()> {
        let inner = &mut *self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let begin = inner.written + inner.held.len() as u64;
        encode(rejected, &mut inner.held);
        let length = inner.written + inner.held.len() as u64 - begin;
        let mut row = [0; ROW];
        row[..4].copy_from_slice(&rejected.source.stream.to_be_bytes());
        row[4..12].copy_from_slice(&rejected.source.record.to_be_bytes());
        row[12..20].copy_from_slice(&begin.to_be_bytes());
        row[20..].copy_from_slice(&length.to_be_bytes());
        inner.index.push(row)?;
        *inner.causes.entry(rejected.cause).or_default() += 1;
        inner.count += 1;
        if inner.held.len() >= HELD {
            let place = self.scratch.append(&inner.held)?;
            inner.pieces.push((inner.written, place));
            inner.written += inner.held.len() as u64;
            inner.held.clear();
        }
        Ok(())
    }

    /// Ends the taking; sources are counted in these stretches.
    pub fn finish(self, stretches: Stretches) -> RejectedRows {
        let inner = self.inner.into_inner().unwrap_or_else(PoisonError::into_inner);
        RejectedRows {
            scratch: self.scratch,
            index: inner.index.finish(),
            written: inner.written,
            held: inner.held,
            pieces: inner.pieces,
            causes: inner.causes,
            count: inner.count,
            stretches,
        }
    }
}

/// The rejected records in order, to be walked as often as needed.
#[derive(Debug)]
pub struct RejectedRows {
    scratch: Arc<Scratch>,
    index: Sorted<ROW>,
    written: u64,
    held: Vec<u8>,
    pieces: Vec<(u64, u64)>,
    causes: BTreeMap<Cause, u64>,
    count: u64,
    stretches: Stretches,
}

impl RejectedRows {
    /// Takes a list, for small accounts.
    ///
    /// # Errors
    /// If the temporary file cannot be written.
    pub fn of(list: &[Rejected]) -> Result<RejectedRows> {
        let log = RejectedLog::new(Arc::new(Scratch::new(std::env::temp_dir())));
        list.iter().try_for_each(|rejected| log.push(rejected))?;
        Ok(log.finish(Stretches::default()))
    }

    /// Returns how many there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns how many there are for each cause.
    pub fn causes(&self) -> &BTreeMap<Cause, u64> {
        &self.causes
    }

    /// Walks them by stream and record.
    pub fn walk(&self) -> RejectedWalk<'_> {
        RejectedWalk { rows: self, index: self.index.rows() }
    }

    fn body(&self, begin: u64, length: u64) -> Result<Vec<u8>> {
        if let Some(at) = begin.checked_sub(self.written) {
            let at = at as usize;
            return Ok(self.held.get(at..at + length as usize).unwrap_or_default().to_vec());
        }
        let piece = self.pieces.partition_point(|(first, _)| *first <= begin).wrapping_sub(1);
        let (first, place) = self.pieces.get(piece).copied().unwrap_or_default();
        let mut body = vec![0; length as usize];
        self.scratch.read(&mut body, place + (begin - first))?;
        Ok(body)
    }
}

/// Walks rejected records in order.
pub struct RejectedWalk<'a> {
    rows: &'a RejectedRows,
    index: Rows<'a, ROW>,
}

impl RejectedWalk<'_> {
    /// Returns the source of the next one, and lets its body be.
    ///
    /// # Errors
    /// If the temporary file cannot be read.
    pub fn next_source(&mut self) -> Result<Option<Source>> {
        Ok(self.index.next_row()?.map(|row| self.rows.stretches.place(source(&row))))
    }

    /// Returns the next one.
    ///
    /// # Errors
    /// If the temporary file cannot be read.
    pub fn next_row(&mut self) -> Result<Option<Rejected>> {
        let Some(row) = self.index.next_row()? else { return Ok(None) };
        let number = |at: usize| u64::from_be_bytes(row[at..at + 8].try_into().unwrap_or_default());
        let body = self.rows.body(number(12), number(20))?;
        let place = self.rows.stretches.place(source(&row));
        decode(&body, place).map(Some).ok_or_else(|| Error::Unsound {
            what: "the list of rejected records was damaged while it was held".to_owned(),
        })
    }
}

fn source(row: &[u8; ROW]) -> Source {
    Source {
        stream: u32::from_be_bytes(row[..4].try_into().unwrap_or_default()),
        record: u64::from_be_bytes(row[4..12].try_into().unwrap_or_default()),
    }
}

fn encode(rejected: &Rejected, out: &mut Vec<u8>) {
    out.extend_from_slice(&rejected.line.to_le_bytes());
    out.extend_from_slice(&rejected.byte.to_le_bytes());
    let cause = Cause::ALL.iter().position(|cause| *cause == rejected.cause);
    out.push(cause.unwrap_or_default() as u8);
    out.push(u8::from(rejected.raw.is_some()));
    for bytes in
        [rejected.detail.as_bytes(), rejected.text.as_bytes(), rejected.raw.as_deref().unwrap_or_default()]
    {
        out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        out.extend_from_slice(bytes);
    }
}

fn decode(body: &[u8], source: Source) -> Option<Rejected> {
    let mut rest = body;
    let number = |rest: &mut &[u8]| {
        let (first, tail) = rest.split_at_checked(8)?;
        *rest = tail;
        Some(u64::from_le_bytes(first.try_into().ok()?))
    };
    let (line, byte) = (number(&mut rest)?, number(&mut rest)?);
    let (flags, tail) = rest.split_at_checked(2)?;
    rest = tail;
    let mut bytes = || {
        let length = number(&mut rest)? as usize;
        let (first, tail) = rest.split_at_checked(length)?;
        rest = tail;
        Some(first)
    };
    let detail = String::from_utf8(bytes()?.to_vec()).ok()?;
    let text = Text::from_known(bytes()?);
    let raw = bytes()?;
    let raw = (flags[1] == 1).then(|| raw.into());
    Some(Rejected { source, line, byte, cause: *Cause::ALL.get(usize::from(flags[0]))?, detail, text, raw })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejected_records_come_back_whole_and_in_order_however_many_there_are() {
        let folder = tempfile::tempdir().unwrap();
        let log = RejectedLog::new(Arc::new(Scratch::new(folder.path())));
        let make = |stream: u32, record: u64| Rejected {
            source: Source { stream, record },
            line: record + 7,
            byte: record * 100,
            cause: Cause::ALL[record as usize % Cause::ALL.len()],
            detail: format!("record {record} is odd"),
            text: Text::from_units([0x41, 0xD800, record as u16]),
            raw: record.is_multiple_of(3).then(|| vec![0xFF; record as usize % 4000].into()),
        };
        for record in (1..=3000).rev() {
            for stream in [2, 1] {
                log.push(&make(stream, record)).unwrap();
            }
        }
        // The second stretch goes on where the first one ends.
        let mut stretches = Stretches::default();
        let mut total = 0;
        stretches.push(1, 3000, &mut total);
        stretches.push(1, 3000, &mut total);
        let rows = log.finish(stretches);
        assert_eq!(rows.count(), 6000);
        assert_eq!(rows.causes().values().sum::<u64>(), 6000);
        let mut walk = rows.walk();
        for record in 1..=6000 {
            let local = (record - 1) % 3000 + 1;
            let expected = Rejected { source: Source { stream: 1, record }, ..make(1, local) };
            assert_eq!(walk.next_row().unwrap(), Some(expected));
        }
        assert_eq!(walk.next_row().unwrap(), None);
    }
}
