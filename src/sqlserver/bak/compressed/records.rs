//! Finding records: along their chain, and byte by byte where the chain breaks.
//!
//! A record has 28 bytes before its block since SQL Server 2014, and 8 before that (no file of the
//! older kind was at hand). The chain breaks at every filemark, where the next record begins at a
//! border of 512 bytes behind some filling; and where the file is damaged.

use std::io;

use super::super::flow::Gap;
use super::super::pages::{self, EXTENT_BYTES};
use super::super::{mtf, xpress};
use super::Record;
use crate::progress::Progress;
use crate::sqlserver::place::Place;

/// Behind the magic number and two numbers of version.
const FIRST: u64 = 16;

/// Bytes searched at a time.
const WINDOW: usize = 1 << 20;

/// How far the first record may be away.
const FIRST_WITHIN: u64 = 1 << 20;

/// Bytes that come out are counted in these units.
const UNIT: u32 = 512;

/// Units of a whole block.
const WHOLE: u8 = 128;

/// Bytes that a record may have before a stored block, at most.
const STORED_HEADER: u64 = 32;

/// How records begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Make {
    /// SQL Server 2014 and later.
    Newer,
    /// SQL Server 2008 to 2012.
    Older,
}

impl Make {
    /// Bytes before the block.
    fn header(self) -> usize {
        match self {
            Make::Newer => 28,
            Make::Older => 8,
        }
    }

    /// Bytes that decide whether a record begins at a place.
    fn look(self) -> usize {
        self.header() + xpress::TABLE
    }

    /// Reads the record that begins with these bytes, if one may.
    fn read(self, bytes: &[u8], at: u64) -> Option<Record> {
        let tag = mtf::long(bytes, 0)?;
        let (units, compressed) = ((tag >> 8) as u8, tag >> 16);
        let marked = match self {
            Make::Newer => tag as u8 == 0x21 && mtf::long(bytes, 20)? == 0,
            Make::Older => true,
        };
        let sound = marked && (1..=WHOLE).contains(&units) && compressed as usize > xpress::TABLE;
        let table = sound.then(|| mtf::bytes(bytes, self.header())).flatten()?;
        let at = at + self.header() as u64;
        let size = u32::from(units) * UNIT;
        xpress::is_complete(&table).then_some(Record { at, compressed, size, stored: false })
    }
}

/// Blocks that stand one after the other as they are.
#[derive(Debug, Clone, Copy)]
struct Stored {
    next: u64,
    stride: u64,
    left: u64,
}

/// Walks the records of a file.
pub(super) struct Records<'a> {
    file: &'a Place,
    progress: &'a dyn Progress,
    make: Make,
    /// Where the next record should begin.
    next: u64,
    stored: Option<Stored>,
}

impl<'a> Records<'a> {
    /// Stands at the first record; `None` if no record of either make is near the beginning.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(super) fn start(file: &'a Place, progress: &'a dyn Progress) -> io::Result<Option<Records<'a>>> {
        for make in [Make::Newer, Make::Older] {
            let mut records = Records { file, progress, make, next: FIRST, stored: None };
            if let Some(first) = records.search(FIRST, FIRST_WITHIN)? {
                records.next = first;
                return Ok(Some(records));
            }
        }
        Ok(None)
    }

    /// Returns the next record and the gap before it; at the end the gap may come alone.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(super) fn next(&mut self) -> io::Result<(Option<Record>, Option<Gap>)> {
        if let Some(record) = self.next_stored() {
            return Ok((Some(record), None));
        }
        let at = self.next;
        if let Some(record) = self.record_at(at)? {
            self.next = record.at + u64::from(record.compressed);
            return Ok((Some(record), None));
        }
        let found = self.search(at, u64::MAX)?;
        self.next = found.unwrap_or_else(|| self.file.size().max(at));
        let gap = Gap { at, length: self.next - at };
        self.stored = if found.is_some() { self.stored_in(gap)? } else { None };
        if let Some(record) = self.next_stored() {
            return Ok((Some(record), None));
        }
        let record = if found.is_some() { self.record_at(self.next)? } else { None };
        if let Some(record) = record {
            self.next = record.at + u64::from(record.compressed);
        }
        Ok((record, Some(gap).filter(|gap| gap.length > 0)))
    }

    /// Returns the record at a place, if one may be there with all its bytes.
    fn record_at(&self, at: u64) -> io::Result<Option<Record>> {
        let mut bytes = vec![0; self.make.look()];
        let read = self.file.read(at, &mut bytes)?;
        let record = self.make.read(&bytes[..read], at);
        Ok(record.filter(|record| record.at + u64::from(record.compressed) <= self.file.size()))
    }

    /// Gives up if the run should stop; whoever hears of it asks the progress again.
    fn check(&self) -> io::Result<()> {
        if self.progress.interrupted() { Err(io::ErrorKind::Interrupted.into()) } else { Ok(()) }
    }

    /// Searches for a place where a record begins whose block can be decoded.
    fn search(&self, from: u64, within: u64) -> io::Result<Option<u64>> {
        let look = self.make.look();
        let mut window = vec![0; WINDOW];
        let mut at = from;
        while at - from < within {
            self.check()?;
            let filled = self.file.read(at, &mut window)?;
            let Some(places) = filled.checked_sub(look).map(|last| last + 1) else { break };
            for start in 0..places {
                let place = at + start as u64;
                if self.make.read(&window[start..start + look], place).is_some()
                    && let Some(record) = self.record_at(place)?
                {
                    self.check()?;
                    if record.load(self.file)?.bytes.is_some() {
                        return Ok(Some(place));
                    }
                }
            }
            at += places as u64;
        }
        Ok(None)
    }

    /// Tells whether a gap is made of blocks that were stored as they are: extents that compression
    /// would have made larger. Nobody has seen one, so the first must hold pages.
    fn stored_in(&self, gap: Gap) -> io::Result<Option<Stored>> {
        let mut bytes = vec![0; EXTENT_BYTES];
        for header in 0..=STORED_HEADER {
            let stride = EXTENT_BYTES as u64 + header;
            if gap.length == 0 || !gap.length.is_multiple_of(stride) {
                continue;
            }
            self.file.read_exact(gap.at + header, &mut bytes)?;
            if pages::recognise_whole(&bytes).is_some() {
                return Ok(Some(Stored { next: gap.at + header, stride, left: gap.length / stride }));
            }
        }
        Ok(None)
    }

    fn next_stored(&mut self) -> Option<Record> {
        let stored = self.stored.as_mut().filter(|stored| stored.left > 0)?;
        let size = EXTENT_BYTES as u32;
        let record = Record { at: stored.next, compressed: size, size, stored: true };
        stored.next += stored.stride;
        stored.left -= 1;
        Some(record)
    }
}
