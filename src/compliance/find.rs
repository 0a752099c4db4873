//! One record of a document as it stands there, found by the very reader that numbers the records.

use std::io::Read;

use super::{Bounds, DocumentKind, begin, read_scene};
use crate::chat::{Batch, Directory, Text};
use crate::error::{Error, Result};
use crate::ledger::{Level, Rejected, Sink};

/// A record as it stands in its document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRecord {
    /// Line where it begins, from 1.
    pub line: u64,
    /// Byte where it begins, from 0.
    pub byte: u64,
    /// Its source text up to 1 MiB; bytes that cannot be decoded are U+FFFD.
    pub text: Text,
    /// Its bytes, where the text does not hold them exactly.
    pub raw: Option<Box<[u8]>>,
}

/// Finds a record by the number that [`read`](super::read) gives it; `None` if there are not so many.
/// Reads the document up to there.
///
/// # Errors
/// [`Error::Read`] if reading fails.
pub fn find_record(
    kind: &DocumentKind,
    reader: Box<dyn Read + Send>,
    record: u64,
) -> Result<Option<RawRecord>> {
    let bounds = Bounds::default();
    let mut catch = Catch { record, caught: None };
    let directory = Directory::default();
    let intake = begin(reader, kind, bounds);
    let read = read_scene(bounds, 1, kind, intake, &directory, &mut catch, Some(record));
    match (catch.caught, read) {
        (Some(caught), _) => Ok(Some(caught)),
        (None, read) => read.map(|_| None),
    }
}

/// Lets everything pass but one record, at which reading ends.
struct Catch {
    record: u64,
    caught: Option<RawRecord>,
}

impl Sink for Catch {
    fn take(&mut self, _: Batch) -> Result<()> {
        Ok(())
    }

    fn reject(&mut self, rejected: Rejected) -> Result<()> {
        if rejected.source.record != self.record {
            return Ok(());
        }
        let Rejected { line, byte, text, raw, .. } = rejected;
        self.caught = Some(RawRecord { line, byte, text, raw });
        Err(Error::Interrupted)
    }

    fn find(&mut self, _: &'static str, _: Level, _: Text, _: Text) {}
}
