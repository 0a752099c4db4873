//! Lending out the rows of native data, which may stand in several parts.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use super::decode::{Broken, Slots};
use super::field::Field;
use super::tape::Tape;
use crate::container::Blob;
use crate::error::{Error, Result};
use crate::ledger::Cause;
use crate::sqlserver::value::recycle;
use crate::sqlserver::{FaultKind, Row, RowFault, RowResult, Rows, Value};

/// One part of a table's data, and what it is called.
#[derive(Debug, Clone)]
pub(in crate::sqlserver) struct Part {
    pub(in crate::sqlserver) name: String,
    pub(in crate::sqlserver) blob: std::sync::Arc<dyn Blob>,
}

/// Rows of fields, part after part.
pub(in crate::sqlserver) struct NativeRows<'a> {
    fields: &'a [Field],
    /// The field of each column.
    order: &'a [usize],
    parts: &'a [Part],
    /// The number of the next part.
    part: usize,
    tape: Option<Tape>,
    slots: Slots,
    limit: usize,
    /// Where reading begins.
    from: Cut,
    /// Where it ends, if before the end of all parts.
    until: Option<Cut>,
    values: Vec<Value<'static>>,
}

/// A place at which a row begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::sqlserver) struct Cut {
    /// The number of the part.
    pub(in crate::sqlserver) part: usize,
    /// The byte in it; 0 in one that cannot be entered midway.
    pub(in crate::sqlserver) byte: u64,
}

/// Returns where a stretch begins and ends.
///
/// # Errors
/// [`Error::Usage`] if there is no such stretch.
pub(in crate::sqlserver) fn between(cuts: &[Cut], stretch: usize, input: &str) -> Result<(Cut, Option<Cut>)> {
    let from = cuts.get(stretch).copied().ok_or_else(|| Error::Usage {
        what: format!("{input} has no stretch {stretch}"),
        hint: format!("its rows are in {} stretches, from number 0 on", cuts.len()),
    })?;
    Ok((from, cuts.get(stretch + 1).copied()))
}

impl<'a> NativeRows<'a> {
    pub(in crate::sqlserver) fn new(
        fields: &'a [Field],
        order: &'a [usize],
        parts: &'a [Part],
        limit: usize,
    ) -> NativeRows<'a> {
        let slots = Slots::default();
        let from = Cut::default();
        NativeRows {
            fields,
            order,
            parts,
            part: 0,
            tape: None,
            slots,
            limit,
            from,
            until: None,
            values: Vec::new(),
        }
    }

    /// Reads the rows from one place to another alone.
    pub(in crate::sqlserver) fn between(self, from: Cut, until: Option<Cut>) -> NativeRows<'a> {
        NativeRows { part: from.part, from, until, ..self }
    }

    /// Opens the next part, or what is to be read of it; `false` if there is none.
    fn open_part(&mut self) -> Result<bool> {
        let Some(part) = self.parts.get(self.part) else { return Ok(false) };
        let byte = if self.part == self.from.part { self.from.byte } else { 0 };
        let end = self.until.filter(|until| until.part <= self.part);
        if end.is_some_and(|until| until.part < self.part || until.byte <= byte) {
            return Ok(false);
        }
        self.part += 1;
        let open = || -> io::Result<Box<dyn Read + Send>> {
            let reader: Box<dyn Read + Send> = match part.blob.path().filter(|_| byte > 0) {
                Some(path) => {
                    let mut file = File::open(path)?;
                    file.seek(SeekFrom::Start(byte))?;
                    Box::new(file)
                }
                None => part.blob.open()?,
            };
            Ok(match end {
                Some(until) => Box::new(reader.take(until.byte - byte)),
                None => reader,
            })
        };
        let reader = open().map_err(|cause| Error::read(&part.name, cause))?;
        self.tape = Some(Tape::new(reader, self.limit).at(byte));
        Ok(true)
    }

    fn name(&self) -> &'a str {
        self.parts.get(self.part.saturating_sub(1)).map_or("", |part| part.name.as_str())
    }

    /// Goes on to the next row; `None` at the end.
    fn step(&mut self) -> Result<Option<std::result::Result<(), RowFault>>> {
        loop {
            let Some(tape) = &mut self.tape else {
                if !self.open_part()? {
                    return Ok(None);
                }
                continue;
            };
            match walk(tape, &mut self.slots, self.fields) {
                Ok(None) => self.tape = None,
                Ok(Some(Ok(()))) => return Ok(Some(self.judge())),
                Ok(Some(Err(broken))) => {
                    let fault = self.fault(broken, "; nothing behind it can be read");
                    self.tape = None;
                    return Ok(Some(Err(fault)));
                }
                Err(cause) => match damage(&cause) {
                    Some(broken) => {
                        let fault = self.fault(broken, "; nothing behind it can be read");
                        self.tape = None;
                        return Ok(Some(Err(fault)));
                    }
                    None => return Err(Error::read(self.name(), cause)),
                },
            }
        }
    }

    fn judge(&mut self) -> std::result::Result<(), RowFault> {
        let Some(tape) = &self.tape else { return Ok(()) };
        let outcome = if tape.is_too_long() {
            let detail = format!("the row is longer than the limit of {} bytes", self.limit);
            Err(Broken { cause: Cause::TooLarge, detail })
        } else {
            self.slots.decode(self.fields, tape)
        };
        outcome.map_err(|broken| self.fault(broken, ""))
    }

    fn fault(&self, Broken { cause, detail }: Broken, more: &str) -> RowFault {
        let (byte, raw) = self.tape.as_ref().map_or((0, &[][..]), |tape| (tape.offset(), tape.passed()));
        let detail = format!("{}, byte {byte}: {detail}{more}", self.name());
        RowFault { kind: FaultKind::Row, line: 0, byte, cause, detail, raw: raw.to_vec() }
    }

    fn values(&self) -> impl Iterator<Item = Value<'_>> {
        self.order.iter().map(|&field| match &self.tape {
            Some(tape) => self.slots.value(self.fields, tape, field),
            None => Value::Null,
        })
    }

    fn byte(&self) -> u64 {
        self.tape.as_ref().map_or(0, Tape::offset)
    }
}

/// Tells damage of the bytes, which ends a part, from trouble with reading them, which ends all.
pub(in crate::sqlserver) fn damage(cause: &io::Error) -> Option<Broken> {
    let damaged = matches!(cause.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof);
    damaged.then(|| Broken { cause: Cause::DamagedContainer, detail: cause.to_string() })
}

/// Walks the next row; `None` at the end of the data.
pub(in crate::sqlserver) fn walk(
    tape: &mut Tape,
    slots: &mut Slots,
    fields: &[Field],
) -> io::Result<Option<std::result::Result<(), Broken>>> {
    if !tape.begin()? {
        return Ok(None);
    }
    let outcome = slots.walk(fields, tape)?;
    if outcome.is_ok() && tape.position() == tape.offset() {
        // Rows without a byte would go on for ever.
        let detail = "the fields of a row take no bytes".to_owned();
        return Ok(Some(Err(Broken { cause: Cause::Malformed, detail })));
    }
    Ok(Some(outcome))
}

impl Rows for NativeRows<'_> {
    fn next_row(&mut self) -> Result<Option<RowResult<'_>>> {
        match self.step()? {
            None => return Ok(None),
            Some(Err(fault)) => return Ok(Some(Err(fault))),
            Some(Ok(())) => {}
        }
        let mut values = std::mem::take(&mut self.values);
        values.clear();
        values.extend(self.values().map(Value::into_owned));
        self.values = values;
        Ok(Some(Ok(Row { values: &self.values, line: 0, byte: self.byte() })))
    }

    fn for_each_row(&mut self, take: &mut dyn FnMut(RowResult<'_>) -> Result<()>) -> Result<()> {
        let mut spare = Vec::new();
        while let Some(step) = self.step()? {
            if let Err(fault) = step {
                take(Err(fault))?;
                continue;
            }
            let mut values = recycle(spare);
            values.extend(self.values());
            take(Ok(Row { values: &values, line: 0, byte: self.byte() }))?;
            spare = recycle(values);
        }
        Ok(())
    }

    fn place(&self) -> Option<String> {
        Some(format!("{}, byte {}", self.name(), self.byte()))
    }
}
