//! Walking the records of delimited text as rows, and telling what is wrong with a record.

use std::borrow::Cow;
use std::io::Read;

use super::Shape;
use super::borders::Border;
use super::dialect::Dialect;
use super::splitter::{Field, Fields, Flaw, Scan, Splitter, undouble};
use super::window::{Place, Window};
use crate::chat::Text;
use crate::error::{Error, Result};
use crate::ledger::Cause;
use crate::sqlserver::encoding::STRAY;
use crate::sqlserver::value::recycle;
use crate::sqlserver::{Encoding, FaultKind, Row, RowFault, RowResult, Rows, Value};

/// Buffers for values are used again up to this size.
const LARGE: usize = 64 * 1024;

/// The rows of one delimited text.
pub(super) struct DelimitedRows<'a> {
    input: &'a str,
    shape: &'a Shape,
    window: Window<Box<dyn Read + Send>>,
    splitter: Splitter,
    fields: Fields,
    /// Place of the record at hand.
    place: Place,
    /// Records that the table still has, where a footer ends it before the stream does.
    left: Option<u64>,
    /// The values of the last row of [`Rows::next_row`], and buffers of former ones.
    values: Vec<Value<'static>>,
    spare: Vec<Vec<u8>>,
}

impl<'a> DelimitedRows<'a> {
    /// Opens the rows behind preamble and header.
    pub(super) fn new(
        input: &'a str,
        shape: &'a Shape,
        reader: Box<dyn Read + Send>,
    ) -> Result<DelimitedRows<'a>> {
        let window = Window::new(reader, shape.encoding, shape.limit);
        let mut rows = DelimitedRows::over(input, shape, window, shape.records);
        rows.window.skip(shape.preamble).map_err(|cause| Error::read(input, cause))?;
        let Dialect { header, ruled, .. } = shape.dialect;
        for _ in 0..usize::from(header) + usize::from(ruled) {
            rows.pass_record()?;
        }
        Ok(rows)
    }

    /// Opens the rows from a border on, at which the reader stands.
    pub(super) fn at(
        input: &'a str,
        shape: &'a Shape,
        reader: Box<dyn Read + Send>,
        border: Border,
    ) -> DelimitedRows<'a> {
        let window = Window::new(reader, shape.encoding, shape.limit).at(border.place, border.after_return);
        DelimitedRows::over(input, shape, window, border.left)
    }

    fn over(
        input: &'a str,
        shape: &'a Shape,
        window: Window<Box<dyn Read + Send>>,
        left: Option<u64>,
    ) -> DelimitedRows<'a> {
        DelimitedRows {
            input,
            shape,
            splitter: Splitter::new(&shape.dialect.layout),
            fields: Fields::new(shape.fields().saturating_add(1)),
            place: window.place(),
            window,
            left,
            values: Vec::new(),
            spare: Vec::new(),
        }
    }

    /// Returns where the next record begins.
    pub(super) fn border(&mut self) -> Result<Border> {
        // Of a mark is known once something was read.
        self.window.release();
        self.window.byte_at(&mut 0).map_err(|cause| Error::read(self.input, cause))?;
        let (place, after_return) = self.window.border();
        Ok(Border { place, after_return, left: self.left })
    }

    /// Passes over a record and the blank ones before it.
    fn pass_record(&mut self) -> Result<()> {
        loop {
            let scan = self.split()?;
            let forgotten = self.window.take_head().is_some();
            if forgotten || scan.is_none_or(|scan| scan.length > 0) {
                return Ok(());
            }
        }
    }

    /// Finds the next record and marks it as passed; `None` at the end.
    fn split(&mut self) -> Result<Option<Scan>> {
        if self.left == Some(0) {
            return Ok(None);
        }
        self.left = self.left.map(|left| left - 1);
        self.window.release();
        let mut scan = || {
            if self.window.byte_at(&mut 0)?.is_none() {
                return Ok(None);
            }
            self.place = self.window.place();
            let scan = self.splitter.split(&mut self.window, &mut self.fields)?;
            self.window.seal_record(scan);
            Ok(Some(scan))
        };
        scan().map_err(|cause| Error::read(self.input, cause))
    }

    /// Goes on to the next row; `None` at the end. Quotes in its fields are doubled still.
    fn step(&mut self) -> Result<Option<std::result::Result<(), RowFault>>> {
        loop {
            let Some(scan) = self.split()? else { return Ok(None) };
            if self.is_blank(scan) {
                continue;
            }
            return Ok(Some(self.judge(scan)));
        }
    }

    /// Tells whether a record is an empty line where rows cannot be empty, or the line end that
    /// editors leave at the end of a file whose rows end otherwise.
    fn is_blank(&self, scan: Scan) -> bool {
        if self.window.has_head() {
            return false;
        }
        let record = self.record(scan);
        let leftover = || record.iter().all(|byte| matches!(byte, b'\r' | b'\n'));
        match scan.flaw {
            Some(Flaw::Truncated) => matches!(self.splitter, Splitter::Terminated { .. }) && leftover(),
            Some(Flaw::BrokenQuote) => false,
            None => scan.length == 0 && self.shape.fields() > 1 && self.fields.count() == 1,
        }
    }

    fn record(&self, scan: Scan) -> &[u8] {
        self.window.text().get(..scan.length).unwrap_or_default()
    }

    fn judge(&mut self, scan: Scan) -> std::result::Result<(), RowFault> {
        let head = self.window.take_head();
        if scan.flaw == Some(Flaw::Truncated) {
            let detail = "the input ends within this row".to_owned();
            return Err(self.fault(Cause::Truncated, detail, head.as_deref().unwrap_or(self.record(scan))));
        }
        if head.is_some() || scan.length > self.window.limit() {
            let detail = format!("the row is longer than the limit of {} bytes", self.window.limit());
            return Err(self.fault(Cause::TooLarge, detail, head.as_deref().unwrap_or(self.record(scan))));
        }
        if scan.flaw == Some(Flaw::BrokenQuote) {
            let detail = "a closing quote is followed by neither separator nor line end".to_owned();
            return Err(self.fault(Cause::Malformed, detail, self.record(scan)));
        }
        let (expected, found) = (self.shape.fields(), self.fields.count());
        if expected != found {
            let cause = if found > expected { Cause::TooManyFields } else { Cause::TooFewFields };
            let detail = format!("the row has {found} fields where there are {expected} columns");
            return Err(self.fault(cause, detail, self.record(scan)));
        }
        self.check_text(scan)
    }

    /// Checks that the record is text, and joins surrogate pairs that were encoded singly.
    fn check_text(&mut self, scan: Scan) -> std::result::Result<(), RowFault> {
        if self.window.is_sound(scan.length) || std::str::from_utf8(self.record(scan)).is_ok() {
            return Ok(());
        }
        for at in 0..self.fields.list().len() {
            let Some(&field) = self.fields.list().get(at) else { break };
            let joined = match Text::check(field.of(self.window.text())) {
                Ok(Cow::Borrowed(_)) => continue,
                Ok(Cow::Owned(joined)) => joined,
                Err(invalid) => return Err(self.no_text(scan, field.start + invalid.at, invalid.byte)),
            };
            let end = field.start + joined.len();
            if let Some(place) = self.window.text_mut().get_mut(field.start..end) {
                place.copy_from_slice(&joined);
            }
            if let Some(field) = self.fields.list_mut().get_mut(at) {
                field.end = end;
            }
        }
        Ok(())
    }

    fn no_text(&self, scan: Scan, at: usize, byte: u8) -> RowFault {
        let encoding = self.window.encoding();
        let before = encoding.encoded_length(self.window.text().get(..at).unwrap_or_default());
        let offset = self.place.byte + before;
        let detail = match encoding {
            Encoding::Utf8 => {
                format!("byte 0x{byte:02X} at offset {offset} of the input is no valid UTF-8")
            }
            _ => format!("the byte at offset {offset} of the input is half a character"),
        };
        self.fault(Cause::BadEncoding, detail, self.record(scan))
    }

    fn fault(&self, cause: Cause, detail: String, text: &[u8]) -> RowFault {
        let limit = self.window.limit();
        let mut raw = self.window.encoding().encode(text.get(..limit).unwrap_or(text));
        raw.extend(self.window.stray().filter(|_| text.last() == Some(&STRAY)));
        raw.truncate(limit);
        RowFault { kind: FaultKind::Row, line: self.place.line, byte: self.place.byte, cause, detail, raw }
    }

    /// Makes one quote of each two, in place.
    fn undouble_quotes(&mut self) {
        for field in self.fields.list_mut().iter_mut().filter(|field| field.doubled) {
            let Some(bytes) = self.window.text_mut().get_mut(field.start..field.end) else { continue };
            field.end = field.start + undouble(bytes);
        }
    }

    /// Walks the fields of the record at hand in the order of the columns.
    fn cells(&self) -> impl Iterator<Item = Value<'_>> {
        let record = self.window.text();
        let fields = self.fields.list();
        let dialect = &self.shape.dialect;
        self.shape.order().map(move |place| match fields.get(place) {
            Some(field) => value(dialect, record, field),
            None => Value::Null,
        })
    }

    /// Copies the values of the record at hand into buffers that are used again and again.
    fn keep(&mut self) {
        let mut values = std::mem::take(&mut self.values);
        let mut spare = std::mem::take(&mut self.spare);
        for value in values.drain(..) {
            if let Value::Text { bytes: Cow::Owned(buffer), .. } = value {
                // Large ones are given back, or in time every column would hold the largest.
                if buffer.capacity() <= LARGE {
                    spare.push(buffer);
                }
            }
        }
        values.extend(self.cells().map(|value| match value {
            Value::Text { bytes, quoted } => {
                let mut buffer = spare.pop().unwrap_or_default();
                buffer.clear();
                buffer.extend_from_slice(&bytes);
                Value::Text { bytes: Cow::Owned(buffer), quoted }
            }
            _ => Value::Null,
        }));
        (self.values, self.spare) = (values, spare);
    }
}

/// Reads one field as a value.
fn value<'a>(dialect: &Dialect, record: &'a [u8], field: &Field) -> Value<'a> {
    let mut bytes = field.of(record);
    if dialect.bcp_nulls {
        return match bytes {
            b"" => Value::Null,
            b"\0" => Value::Text { bytes: Cow::Borrowed(b""), quoted: true },
            _ => Value::Text { bytes: Cow::Borrowed(bytes), quoted: true },
        };
    }
    if dialect.ruled {
        bytes = unpadded(bytes);
    }
    Value::Text { bytes: Cow::Borrowed(bytes), quoted: field.quoted }
}

/// Drops the blanks that `sqlcmd` fills columns up with; numbers have theirs on the left.
pub(super) fn unpadded(bytes: &[u8]) -> &[u8] {
    let blanks = bytes.iter().rev().take_while(|&&byte| byte == b' ').count();
    let kept = &bytes[..bytes.len() - blanks];
    if kept.trim_ascii_start() == b"NULL" { b"NULL" } else { kept }
}

impl Rows for DelimitedRows<'_> {
    fn next_row(&mut self) -> Result<Option<RowResult<'_>>> {
        match self.step()? {
            None => return Ok(None),
            Some(Err(fault)) => return Ok(Some(Err(fault))),
            Some(Ok(())) => {
                self.undouble_quotes();
                self.keep();
            }
        }
        Ok(Some(Ok(Row { values: &self.values, line: self.place.line, byte: self.place.byte })))
    }

    fn for_each_row(&mut self, take: &mut dyn FnMut(RowResult<'_>) -> Result<()>) -> Result<()> {
        let mut spare = Vec::new();
        while let Some(step) = self.step()? {
            if let Err(fault) = step {
                take(Err(fault))?;
                continue;
            }
            self.undouble_quotes();
            let mut values = recycle(spare);
            values.extend(self.cells());
            take(Ok(Row { values: &values, line: self.place.line, byte: self.place.byte }))?;
            spare = recycle(values);
        }
        Ok(())
    }

    fn check_rows(
        &mut self,
        take: &mut dyn FnMut(std::result::Result<(), RowFault>) -> Result<()>,
    ) -> Result<()> {
        while let Some(step) = self.step()? {
            take(step)?;
        }
        Ok(())
    }
}
