//! Reading all records, many streams at once, each into a collector of its own.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::opened::{Kind, Opened};
use super::structure::Structure;
use super::table::Table;
use crate::chat::{Batch, Directory, Source, Text};
use crate::compliance;
use crate::error::{Error, Result};
use crate::groupchat;
use crate::ledger::{Cause, Findings, Level, Rejected, Sink};
use crate::package::read::{self, Part};
use crate::progress::Progress;

/// What was read of one stream.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub batches: Vec<Batch>,
    pub rejected: Vec<Rejected>,
    pub findings: Findings,
    /// Records read, the rejected ones included.
    pub read: u64,
    /// Rows of a table, those with a fault included.
    pub rows: Option<u64>,
}

/// Returns how many bytes reading will take.
pub(super) fn bytes(opened: &[Opened]) -> u64 {
    opened.iter().filter(|opened| opened.holds_records()).map(|opened| opened.stream.size).sum()
}

/// Reads the records of all streams; what each gave stands at its place.
///
/// # Errors
/// If a plain file cannot be read any more, more records are rejected than allowed, or the run is
/// interrupted.
pub(super) fn read_all(
    opened: &[Opened],
    structure: &Structure,
    directory: &Directory,
    max_rejected: Option<u64>,
    progress: &dyn Progress,
) -> Result<Vec<Taken>> {
    let rejected = AtomicU64::new(0);
    opened
        .par_iter()
        .enumerate()
        .map(|(at, opened)| {
            let mut collector = Collector {
                taken: Taken::default(),
                stream: at as u32 + 1,
                name: &opened.stream.name,
                size: opened.stream.size,
                advanced: 0,
                rejected: &rejected,
                max_rejected,
                progress,
            };
            if let Kind::Table { table, .. }
            | Kind::OtherTable { table, .. }
            | Kind::CarriedTable { table, .. } = &opened.kind
                && !opened.holds_records()
            {
                let rows = match structure.rows(collector.stream) {
                    Some(rows) => rows,
                    None => collector.count(table)?,
                };
                collector.taken.rows = Some(rows);
            }
            if opened.holds_records() {
                let read = read_one(collector.stream, opened, structure, directory, &mut collector);
                collector.end(read, opened)?;
            }
            Ok(collector.taken)
        })
        .collect()
}

fn read_one(
    stream: u32,
    opened: &Opened,
    structure: &Structure,
    directory: &Directory,
    sink: &mut dyn Sink,
) -> Result<u64> {
    let open = || opened.blob.open().map_err(|cause| Error::read(opened.stream.name.clone(), cause));
    match &opened.kind {
        Kind::Table { .. } => match structure.table(stream) {
            Some((table, database)) => groupchat::read_records(table, database, directory, sink),
            None => Ok(0),
        },
        Kind::Document(kind) => compliance::read(stream, kind, open()?, directory, sink),
        Kind::Package { package, part } => match (structure.packages.get(*package), part) {
            (Some(package), Part::Content(..)) => {
                read::read_content(stream, &opened.stream.name, open()?, package, directory, sink)
            }
            (Some(package), Part::Compliance(..)) => {
                read::read_compliance(stream, &opened.stream.name, open()?, package, directory, sink)
            }
            _ => Ok(0),
        },
        _ => Ok(0),
    }
}

/// Takes the records of one stream.
struct Collector<'a> {
    taken: Taken,
    stream: u32,
    name: &'a str,
    size: u64,
    advanced: u64,
    rejected: &'a AtomicU64,
    max_rejected: Option<u64>,
    progress: &'a dyn Progress,
}

impl Collector<'_> {
    /// Counts the rows of a table that nobody else reads.
    fn count(&mut self, table: &Table) -> Result<u64> {
        let findings = &mut self.taken.findings;
        let rows = table.count(&mut |damage| {
            findings.add(groupchat::PAGE_DAMAGED, Level::Error, self.name, damage.detail);
        })?;
        self.progress.check()?;
        Ok(rows)
    }

    /// Ends the stream. An archive entry that breaks off costs one more record, which stands for
    /// all that lay behind.
    fn end(&mut self, read: Result<u64>, opened: &Opened) -> Result<()> {
        self.taken.read = match read {
            Ok(read) => read,
            Err(Error::Read { cause, .. }) if opened.blob.path().is_none() => {
                let last = self.taken.batches.last().and_then(|batch| batch.records.last());
                let last = last.map_or(0, |record| record.source.record);
                let rejected = self.taken.rejected.last().map_or(0, |rejected| rejected.source.record);
                let record = last.max(rejected) + 1;
                self.reject(Rejected {
                    source: Source { stream: self.stream, record },
                    line: 0,
                    byte: 0,
                    cause: Cause::DamagedContainer,
                    detail: format!("nothing behind this place was read: {cause}"),
                    text: Text::default(),
                    raw: None,
                })?;
                record
            }
            Err(Error::Unusable { why, hint, .. }) => {
                let detail = format!("{why}; {hint}");
                self.find("INPUT-REFUSED", Level::Error, Text::from(self.name), Text::from(detail));
                0
            }
            Err(Error::Read { cause, .. }) => return Err(Error::read(self.name, cause)),
            Err(error) => return Err(error),
        };
        self.progress.advance(self.size.saturating_sub(self.advanced));
        Ok(())
    }
}

impl Sink for Collector<'_> {
    fn take(&mut self, batch: Batch) -> Result<()> {
        let bytes = (batch.bytes.len() as u64).min(self.size.saturating_sub(self.advanced));
        self.advanced += bytes;
        self.progress.advance(bytes);
        self.taken.batches.push(batch);
        self.progress.check()
    }

    fn reject(&mut self, rejected: Rejected) -> Result<()> {
        let count = self.rejected.fetch_add(1, Ordering::Relaxed) + 1;
        let first = format!(
            "{}, record {}, line {}, byte {}: {}: {}",
            self.name, rejected.source.record, rejected.line, rejected.byte, rejected.cause, rejected.detail
        );
        self.taken.rejected.push(rejected);
        match self.max_rejected {
            Some(limit) if count > limit => Err(Error::TooManyRejected { count, limit, first }),
            _ => Ok(()),
        }
    }

    fn rows(&mut self, rows: u64) {
        self.taken.rows = Some(rows);
    }

    fn find(&mut self, code: &'static str, level: Level, subject: Text, detail: Text) {
        // Readers know their stream by its number; people know it by its name.
        let own = Text::from(format!("stream {}", self.stream));
        let subject = if subject == own { Text::from(self.name) } else { subject };
        self.taken.findings.add(code, level, subject, detail);
    }
}
