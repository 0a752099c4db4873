//! Handing on records in batches, numbered from 1, the rejected ones among them.

use super::field::{Fault, FieldResult, render_row, to_text};
use super::stream::TableStream;
use crate::chat::{Batch, Record, Source, Text};
use crate::error::Result;
use crate::ledger::{Cause, Level, Rejected, Sink};
use crate::sqlserver::{FaultKind, Row, RowFault};

/// Text of a batch at which it is handed on.
const BATCH_BYTES: usize = 1 << 20;
/// Records of a batch at which it is handed on, should they have no text.
const BATCH_RECORDS: usize = 1 << 14;

/// The finding for a damaged place of a dump; it stands for no record.
pub const PAGE_DAMAGED: &str = "PAGE-DAMAGED";

/// Takes the records of one stream in order.
pub(super) struct Records<'s> {
    stream: &'s TableStream,
    stretch: Option<usize>,
    sink: &'s mut dyn Sink,
    /// The batch in the making: push a record's text here, then the record itself with
    /// [`Records::push`].
    pub(super) batch: Batch,
    read: u64,
}

impl<'s> Records<'s> {
    /// Begins with a stream, or with one stretch of it.
    pub(super) fn new(
        stream: &'s TableStream,
        stretch: Option<usize>,
        sink: &'s mut dyn Sink,
    ) -> Records<'s> {
        Records { stream, stretch, sink, batch: Batch::default(), read: 0 }
    }

    /// Returns where the next record stands.
    pub(super) fn next_source(&self) -> Source {
        Source { stream: self.stream.stream, record: self.read + 1 }
    }

    /// Takes a record that was given [`Records::next_source`].
    pub(super) fn push(&mut self, record: Record) -> Result<()> {
        self.read += 1;
        self.batch.records.push(record);
        if self.batch.bytes.len() >= BATCH_BYTES || self.batch.records.len() >= BATCH_RECORDS {
            let next = Batch {
                records: Vec::with_capacity(self.batch.records.len()),
                bytes: Vec::with_capacity(BATCH_BYTES + BATCH_BYTES / 8),
            };
            self.sink.take(std::mem::replace(&mut self.batch, next))?;
        }
        Ok(())
    }

    /// Takes the record that a row makes, or rejects the row; text that was pushed for a record
    /// which then failed is taken back.
    pub(super) fn take_row(
        &mut self,
        row: &Row<'_>,
        make: impl FnOnce(&mut Records<'s>) -> FieldResult<Record>,
    ) -> Result<()> {
        let text_before = self.batch.bytes.len();
        match make(self) {
            Ok(record) => self.push(record),
            Err(fault) => {
                self.batch.bytes.truncate(text_before);
                self.reject(row, fault)
            }
        }
    }

    /// Rejects the next record because of a field of its row.
    pub(super) fn reject(&mut self, row: &Row<'_>, fault: Fault) -> Result<()> {
        let text = render_row(row.values);
        self.rejected(row.line, row.byte, fault.cause, fault.detail, text, None)
    }

    /// Rejects the next record because its row could not be read.
    pub(super) fn reject_row(&mut self, fault: RowFault) -> Result<()> {
        let text = raw_text(&fault.raw);
        let raw = (text.as_bytes() != fault.raw).then(|| fault.raw.into_boxed_slice());
        self.rejected(fault.line, fault.byte, fault.cause, fault.detail, text, raw)
    }

    fn rejected(
        &mut self,
        line: u64,
        byte: u64,
        cause: Cause,
        detail: String,
        text: Text,
        raw: Option<Box<[u8]>>,
    ) -> Result<()> {
        let source = self.next_source();
        self.read += 1;
        self.sink.reject(Rejected { source, line, byte, cause, detail, text, raw })
    }

    /// Tells something about the stream.
    pub(super) fn find_in_stream(&mut self, code: &'static str, level: Level, detail: impl Into<Text>) {
        self.find(code, level, Text::from(self.stream.name.as_str()), detail.into());
    }

    pub(super) fn find(&mut self, code: &'static str, level: Level, subject: Text, detail: Text) {
        self.sink.find(code, level, subject, detail);
    }

    /// Reads all rows of the stream. If the dump cannot be read on, the records before that place
    /// are handed on before the error is.
    pub(super) fn read_rows(
        &mut self,
        each: &mut dyn FnMut(&Row<'_>, &mut Records<'s>) -> Result<()>,
    ) -> Result<()> {
        let stream = self.stream;
        let mut rows = match self.stretch {
            Some(stretch) => stream.dump.stretch(stream.table, stretch)?,
            None => stream.dump.rows(stream.table)?,
        };
        let mut count = 0;
        let read = rows.for_each_row(&mut |row| match row {
            Ok(row) => {
                count += 1;
                each(&row, self)
            }
            Err(fault) if fault.kind == FaultKind::Place => {
                self.find_in_stream(PAGE_DAMAGED, Level::Error, fault.detail);
                Ok(())
            }
            Err(fault) => {
                count += 1;
                self.reject_row(fault)
            }
        });
        match read {
            Ok(()) => self.sink.rows(count),
            Err(_) => self.hand_on()?,
        }
        read
    }

    fn hand_on(&mut self) -> Result<()> {
        let batch = std::mem::take(&mut self.batch);
        if batch.records.is_empty() { Ok(()) } else { self.sink.take(batch) }
    }

    /// Hands on what remains, and returns the number of records read, the rejected ones included.
    pub(super) fn finish(mut self) -> Result<u64> {
        self.hand_on()?;
        Ok(self.read)
    }
}

/// Reads a row's bytes as text: UTF-16 where zero bytes show it, else UTF-8. What is no text is U+FFFD.
pub fn raw_text(raw: &[u8]) -> Text {
    let zeros = |first: usize| raw.iter().skip(first).step_by(2).filter(|&&byte| byte == 0).count();
    let (high_first, low_first) = (zeros(0), zeros(1));
    if (high_first + low_first) * 4 <= raw.len() {
        return to_text(raw);
    }
    let unit: fn([u8; 2]) -> u16 =
        if low_first >= high_first { u16::from_le_bytes } else { u16::from_be_bytes };
    Text::from_units(raw.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])))
}

/// Counts times that carried .NET's kind bits, to be told once a stream.
#[derive(Debug, Default)]
pub(super) struct KindBits {
    records: u64,
    first: u64,
}

impl KindBits {
    pub(super) fn count(&mut self, had_kind_bits: bool, record: u64) {
        if had_kind_bits {
            if self.records == 0 {
                self.first = record;
            }
            self.records += 1;
        }
    }

    pub(super) fn tell(&self, records: &mut Records<'_>) {
        if self.records > 0 {
            records.sink.kind_bits(self.records, self.first);
        }
    }
}

/// Returns what to tell of a stream in which so many records carry .NET's kind bits.
pub fn kind_bits_finding(records: u64, first: u64) -> (&'static str, Level, String) {
    let detail = format!(
        "{records} records, the first being {first}, carry .NET's kind bits in their ticks; the bits are taken off"
    );
    ("TIME-ODD", Level::Warning, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_utf_16_is_shown_as_what_it_says() {
        let units =
            |order: fn(u16) -> [u8; 2]| "3\t1\tcafé €".encode_utf16().flat_map(order).collect::<Vec<u8>>();
        for raw in [units(u16::to_le_bytes), units(u16::to_be_bytes), "3\t1\tcafé €".as_bytes().to_vec()] {
            assert_eq!(raw_text(&raw), Text::from("3\t1\tcafé €"));
        }
        assert_eq!(raw_text(b"caf\xE9\0"), Text::from("caf\u{FFFD}\0"));
        assert_eq!(raw_text(b""), Text::from(""));
    }
}
