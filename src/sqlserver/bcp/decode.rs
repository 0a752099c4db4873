//! Walking the rows of native data by their fields, and reading their values.

use std::borrow::Cow;
use std::io;

use super::field::{Field, Form};
use super::tape::Tape;
use crate::chat::Text;
use crate::ledger::Cause;
use crate::sqlserver::encoding::{Decoder, Encoding};
use crate::sqlserver::{DataType, Value, native};

/// Where the data of a field lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sqlserver) enum Slot {
    Null,
    /// In the row.
    Row(usize, usize),
    /// In the store, where chunks were joined.
    Store(usize, usize),
}

/// Why the bytes are no row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sqlserver) struct Broken {
    pub(in crate::sqlserver) cause: Cause,
    pub(in crate::sqlserver) detail: String,
}

fn broken<T>(cause: Cause, detail: String) -> io::Result<Result<T, Broken>> {
    Ok(Err(Broken { cause, detail }))
}

/// The fields of the row at hand; its lists serve row after row.
#[derive(Debug, Default)]
pub(in crate::sqlserver) struct Slots {
    pub(in crate::sqlserver) list: Vec<Slot>,
    /// Joined chunks, and behind them text that was decoded.
    store: Vec<u8>,
}

impl Slots {
    /// Walks one row, which has begun. What is [`Broken`] is so from here to the end of the data,
    /// since nothing tells where the next row begins.
    pub(in crate::sqlserver) fn walk(
        &mut self,
        fields: &[Field],
        tape: &mut Tape,
    ) -> io::Result<Result<(), Broken>> {
        self.list.clear();
        self.store.clear();
        for (number, field) in fields.iter().enumerate() {
            match self.field(field, tape)? {
                Ok(Some(slot)) => self.list.push(slot),
                Ok(None) => {
                    let detail = format!("the data ends within field {} of this row", number + 1);
                    return broken(Cause::Truncated, detail);
                }
                Err(why) => {
                    let detail = format!("field {} at byte {}: {why}", number + 1, tape.position());
                    return broken(Cause::Malformed, detail);
                }
            }
        }
        Ok(Ok(()))
    }

    /// Walks a field; `None` if the data ends.
    fn field(&mut self, field: &Field, tape: &mut Tape) -> io::Result<Result<Option<Slot>, String>> {
        let whole = |found: Option<(usize, usize)>| Ok(Ok(found.map(|(start, end)| Slot::Row(start, end))));
        if field.prefix == 0 {
            return match (field.terminator.as_slice(), field.length) {
                ([], Some(length)) => whole(tape.take(length as u64)?),
                ([], None) => Ok(Err("neither a length nor a terminator ends it".to_owned())),
                (terminator, _) => match tape.until(terminator)? {
                    Some((start, end)) if start == end => Ok(Ok(Some(Slot::Null))),
                    found => whole(found),
                },
            };
        }
        let Some(length) = tape.number(usize::from(field.prefix))? else { return Ok(Ok(None)) };
        let null = u64::MAX >> (64 - 8 * u32::from(field.prefix));
        let slot = if length == null {
            Some(Slot::Null)
        } else if field.prefix == 8 && length == u64::MAX - 1 {
            self.chunks(tape)?
        } else if !field.allows(length) {
            return Ok(Err(format!("a length of {length} where {}", field.expected())));
        } else {
            tape.take(length)?.map(|(start, end)| Slot::Row(start, end))
        };
        Ok(match (slot, field.terminator.as_slice()) {
            (None, _) => Ok(None),
            (Some(slot), []) => Ok(Some(slot)),
            (Some(slot), terminator) => match tape.take(terminator.len() as u64)? {
                Some((start, end))
                    if tape.is_too_long() || tape.row().get(start..end) == Some(terminator) =>
                {
                    Ok(Some(slot))
                }
                Some(_) => Err("no terminator behind its data".to_owned()),
                None => Ok(None),
            },
        })
    }

    /// Walks data of a length that was not known when it was written: chunks up to an empty one.
    fn chunks(&mut self, tape: &mut Tape) -> io::Result<Option<Slot>> {
        let start = self.store.len();
        loop {
            let Some(length) = tape.number(4)? else { return Ok(None) };
            if length == 0 {
                return Ok(Some(Slot::Store(start, self.store.len())));
            }
            let Some((from, to)) = tape.take(length)? else { return Ok(None) };
            if !tape.is_too_long() {
                self.store.extend_from_slice(tape.row().get(from..to).unwrap_or_default());
            }
        }
    }

    fn bytes<'a>(&'a self, row: &'a [u8], slot: Slot) -> Option<&'a [u8]> {
        match slot {
            Slot::Null => None,
            Slot::Row(start, end) => Some(row.get(start..end).unwrap_or_default()),
            Slot::Store(start, end) => Some(self.store.get(start..end).unwrap_or_default()),
        }
    }

    /// Returns the data of a field of the row; `None` if it is NULL.
    pub(in crate::sqlserver) fn data<'a>(&'a self, tape: &'a Tape, number: usize) -> Option<&'a [u8]> {
        self.bytes(tape.row(), *self.list.get(number)?)
    }

    /// Turns text into generalized UTF-8, and checks all other values, so that [`Slots::value`] has
    /// nothing to refuse.
    pub(in crate::sqlserver) fn decode(&mut self, fields: &[Field], tape: &Tape) -> Result<(), Broken> {
        let mut store = std::mem::take(&mut self.store);
        let outcome = self.decode_into(&mut store, fields, tape);
        self.store = store;
        outcome
    }

    fn decode_into(&mut self, store: &mut Vec<u8>, fields: &[Field], tape: &Tape) -> Result<(), Broken> {
        for (number, (slot, field)) in self.list.iter_mut().zip(fields).enumerate() {
            let in_store: Vec<u8>;
            let bytes = match *slot {
                Slot::Null => continue,
                Slot::Row(start, end) => tape.row().get(start..end).unwrap_or_default(),
                Slot::Store(..) if field.form == Form::Bytes => continue,
                Slot::Store(start, end) => {
                    in_store = store.get(start..end).unwrap_or_default().to_vec();
                    &in_store
                }
            };
            let wrong =
                |cause, what: &str| Err(Broken { cause, detail: format!("field {} is {what}", number + 1) });
            match field.form {
                Form::Native if value(field.data_type, bytes).is_none() => {
                    return wrong(Cause::Malformed, &format!("no value of type {}", field.data_type));
                }
                Form::Native | Form::Bytes => {}
                Form::Text(encoding) => {
                    let start = store.len();
                    // An empty string behind which a terminator stands is written as one NUL.
                    let bytes = match (field.terminator.is_empty() || field.prefix > 0, bytes) {
                        (false, [0] | [0, 0]) => &[],
                        _ => bytes,
                    };
                    if !decode_text(encoding, bytes, store) {
                        return wrong(Cause::BadEncoding, &format!("no text in {}", encoding.name()));
                    }
                    *slot = Slot::Store(start, store.len());
                }
            }
        }
        Ok(())
    }

    /// Returns the value of a field, after [`Slots::decode`].
    pub(in crate::sqlserver) fn value<'a>(
        &'a self,
        fields: &[Field],
        tape: &'a Tape,
        number: usize,
    ) -> Value<'a> {
        let (Some(field), Some(bytes)) = (fields.get(number), self.data(tape, number)) else {
            return Value::Null;
        };
        match field.form {
            Form::Text(_) => Value::Text { bytes: Cow::Borrowed(bytes), quoted: true },
            Form::Bytes => Value::Binary(Cow::Borrowed(bytes)),
            Form::Native => value(field.data_type, bytes).unwrap_or(Value::Null),
        }
    }
}

fn decode_text(encoding: Encoding, bytes: &[u8], store: &mut Vec<u8>) -> bool {
    match encoding {
        Encoding::Utf8 => match Text::check(bytes) {
            Ok(text) => store.extend_from_slice(&text),
            Err(_) => return false,
        },
        Encoding::Utf16LittleEndian | Encoding::Utf16BigEndian if !bytes.len().is_multiple_of(2) => {
            return false;
        }
        _ => {
            let mut decoder = Decoder::behind_mark(encoding);
            decoder.feed(bytes, store);
            decoder.finish(store);
        }
    }
    true
}

/// Reads a native value. Where the decimals of a time are not told rightly, its length tells them.
fn value(data_type: DataType, bytes: &[u8]) -> Option<Value<'static>> {
    let told = |clock: usize| match clock {
        3 => 2,
        4 => 4,
        _ => 7,
    };
    let data_type = match data_type {
        _ if native::width(data_type) == Some(bytes.len()) => data_type,
        DataType::Time(_) => DataType::Time(told(bytes.len())),
        DataType::DateTime2(_) => DataType::DateTime2(told(bytes.len().checked_sub(3)?)),
        DataType::DateTimeOffset(_) => DataType::DateTimeOffset(told(bytes.len().checked_sub(5)?)),
        _ => data_type,
    };
    native::fixed(data_type, bytes)
}

impl Field {
    /// Tells whether data of this length can be of this field.
    fn allows(&self, length: u64) -> bool {
        let Some(most) = self.length.map(|length| length as u64) else { return true };
        match (self.form, self.data_type) {
            (Form::Native, DataType::Time(_)) => (3..=5).contains(&length),
            (Form::Native, DataType::DateTime2(_)) => (6..=8).contains(&length),
            (Form::Native, DataType::DateTimeOffset(_)) => (8..=10).contains(&length),
            (Form::Native, _) => length == most,
            _ => length <= most,
        }
    }

    fn expected(&self) -> String {
        let length = self.length.unwrap_or_default();
        let most = if self.form == Form::Native { "are" } else { "at most are" };
        format!("{length} {most} expected ({})", self.data_type)
    }
}
