//! What one thread reads of a stream, on its way to the intake.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Intake;
use super::opened::Opened;
use super::table::Table;
use crate::chat::{Batch, Directory, Kind, Moment, Record, Source, Text, Ticks};
use crate::error::{Error, Result};
use crate::groupchat;
use crate::ledger::{Cause, Findings, Level, Rejected, Sink};
use crate::progress::Progress;

/// What was read of a stream, or of a part of one.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub findings: Findings,
    /// Records read, the rejected ones included.
    pub read: u64,
    pub rejected: u64,
    pub messages: u64,
    pub events: u64,
    /// Rows of a table, those with a fault included.
    pub rows: Option<u64>,
    /// The times of the first and the last record.
    pub span: Option<(Moment, Moment)>,
    /// The times of the first and the last message.
    pub message_span: Option<(Ticks, Ticks)>,
    /// Records whose times carried .NET's kind bits, and the number of the first.
    kind_bits: Option<(u64, u64)>,
}

impl Taken {
    /// Adds what was read of the part that follows.
    pub(super) fn add(&mut self, part: &Taken) {
        if let Some((records, first)) = part.kind_bits {
            let (count, _) = self.kind_bits.get_or_insert((0, self.read + first));
            *count += records;
        }
        self.findings.extend(part.findings.clone());
        self.read += part.read;
        self.rejected += part.rejected;
        self.messages += part.messages;
        self.events += part.events;
        self.rows = self.rows.or(part.rows.map(|_| 0)).map(|rows| rows + part.rows.unwrap_or(0));
        self.span = widest(self.span, part.span);
        self.message_span = widest(self.message_span, part.message_span);
    }

    /// Tells, once for a stream, of times that carried kind bits.
    pub(super) fn tell_kind_bits(&mut self, name: &str) {
        if let Some((records, first)) = self.kind_bits {
            let (code, level, detail) = groupchat::kind_bits_finding(records, first);
            self.findings.add(code, level, name, detail);
        }
    }

    fn count(&mut self, batch: &Batch) {
        for record in &batch.records {
            let moment = record.moment;
            self.span = widest(self.span, Some((moment, moment)));
            match record.kind {
                Kind::Message { .. } => {
                    self.messages += 1;
                    self.message_span = widest(self.message_span, Some((moment.ticks, moment.ticks)));
                }
                Kind::Event { .. } => self.events += 1,
            }
        }
    }
}

fn widest<T: Ord>(one: Option<(T, T)>, other: Option<(T, T)>) -> Option<(T, T)> {
    match (one, other) {
        (Some(one), Some(other)) => Some((one.0.min(other.0), one.1.max(other.1))),
        (one, other) => one.or(other),
    }
}

/// What all collectors of a run share.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub intake: &'a dyn Intake,
    pub directory: &'a Directory,
    pub rejected: &'a AtomicU64,
    pub max_rejected: Option<u64>,
    pub progress: &'a dyn Progress,
}

/// Takes the records of one stream, or of a part of one.
pub(super) struct Collector<'a> {
    pub taken: Taken,
    run: Run<'a>,
    /// Stands for the stream in the sources of its records.
    number: u32,
    opened: &'a Opened,
    /// Bytes that reading it should take, for the progress.
    size: u64,
    advanced: u64,
    /// The last record seen.
    last: u64,
}

impl<'a> Collector<'a> {
    pub(super) fn new(run: Run<'a>, number: u32, opened: &'a Opened, parts: usize) -> Collector<'a> {
        let size = opened.stream.size / parts as u64;
        Collector { taken: Taken::default(), run, number, opened, size, advanced: 0, last: 0 }
    }

    /// Counts the rows of a table that nobody else reads.
    pub(super) fn count(&mut self, table: &Table) -> Result<u64> {
        let findings = &mut self.taken.findings;
        let name = self.opened.stream.name.as_str();
        let rows = table.count(&mut |damage| {
            findings.add(groupchat::PAGE_DAMAGED, Level::Error, name, damage.detail);
        })?;
        self.run.progress.check()?;
        Ok(rows)
    }

    /// Takes the records out of a batch that are too large to be handled, and rejects them.
    fn reject_large(&mut self, batch: &mut Batch) -> Result<()> {
        /// So much of the text stands in the ledger.
        const SHOWN: usize = 4096;
        let largest = self.run.intake.largest();
        if batch.bytes.len() <= largest {
            return Ok(());
        }
        let large: Vec<Record> =
            batch.records.extract_if(.., |record| record.text_bytes() > largest).collect();
        for record in large {
            let text = batch.get(record.text);
            let shown = String::from_utf8_lossy(&text[..text.len().min(SHOWN)]).into_owned();
            self.reject(Rejected {
                source: record.source,
                line: 0,
                byte: 0,
                cause: Cause::TooLarge,
                detail: format!(
                    "it has {} bytes of text, more than the {largest} that the memory allows; only its beginning stands \
                     here; give more --memory",
                    record.text_bytes()
                ),
                text: Text::from(shown),
                raw: None,
            })?;
        }
        Ok(())
    }

    /// Ends the stream. An archive entry that breaks off costs one more record, which stands for
    /// all that lay behind.
    pub(super) fn end(&mut self, read: Result<u64>) -> Result<()> {
        let name = self.opened.stream.name.as_str();
        self.taken.read = match read {
            Ok(read) => read,
            Err(Error::Read { cause, .. }) if self.opened.blob.path().is_none() => {
                let record = self.last + 1;
                self.reject(Rejected {
                    source: Source { stream: self.number, record },
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
                self.find("INPUT-REFUSED", Level::Error, Text::from(name), Text::from(detail));
                0
            }
            Err(Error::Read { cause, .. }) => return Err(Error::read(name, cause)),
            Err(error) => return Err(error),
        };
        self.run.progress.advance(self.size.saturating_sub(self.advanced));
        Ok(())
    }
}

impl Sink for Collector<'_> {
    fn take(&mut self, mut batch: Batch) -> Result<()> {
        self.reject_large(&mut batch)?;
        let bytes = (batch.bytes.len() as u64).min(self.size.saturating_sub(self.advanced));
        self.advanced += bytes;
        self.run.progress.advance(bytes);
        self.taken.count(&batch);
        self.last = batch.records.last().map_or(self.last, |record| self.last.max(record.source.record));
        self.run.intake.take(batch, self.run.directory)?;
        self.run.progress.check()
    }

    fn reject(&mut self, rejected: Rejected) -> Result<()> {
        let count = self.run.rejected.fetch_add(1, Ordering::Relaxed) + 1;
        self.last = self.last.max(rejected.source.record);
        self.taken.rejected += 1;
        self.run.intake.reject(&rejected)?;
        match self.run.max_rejected {
            Some(limit) if count > limit => {
                let first = format!(
                    "{}, record {}, line {}, byte {}: {}: {}",
                    self.opened.stream.name,
                    rejected.source.record,
                    rejected.line,
                    rejected.byte,
                    rejected.cause,
                    rejected.detail
                );
                Err(Error::TooManyRejected { count, limit, first })
            }
            _ => Ok(()),
        }
    }

    fn rows(&mut self, rows: u64) {
        self.taken.rows = Some(rows);
    }

    fn kind_bits(&mut self, records: u64, first: u64) {
        self.taken.kind_bits = Some((records, first));
    }

    fn find(&mut self, code: &'static str, level: Level, subject: Text, detail: Text) {
        // Readers know their stream by its number; people know it by its name.
        let own = Text::from(format!("stream {}", self.number));
        let subject = if subject == own { Text::from(self.opened.stream.name.as_str()) } else { subject };
        self.taken.findings.add(code, level, subject, detail);
    }
}
