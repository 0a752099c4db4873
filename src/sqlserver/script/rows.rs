//! Reading the rows of one table of a script, stretch by stretch.

use std::io::{self, Read};

use super::Script;
use super::catalogue::{Entry, Stretch};
use super::cell::{Cell, Ground};
use super::evaluate::{Context, Evaluated, Unread};
use super::lexer::Lexer;
use super::reel::Reel;
use super::walker::{Step, Walker};
use crate::container::open_at;
use crate::error::{Error, Result};
use crate::ledger::Cause;
use crate::sqlserver::value::recycle;
use crate::sqlserver::{Column, DataType, Row, RowFault, RowResult, Rows, Value};

/// Bytes that are rather walked than jumped over.
const NEAR: u64 = 1 << 20;

pub(super) struct ScriptRows<'a> {
    script: &'a Script,
    entry: &'a Entry,
    position: usize,
    columns: &'a [Column],
    /// The stretches to come.
    stretches: std::slice::Iter<'a, Stretch>,
    /// The byte behind the stretch at hand.
    to: u64,
    walker: Option<Walker<Box<dyn Read + Send>>>,
    /// The header that `places` is for, and the number of values.
    serial: Option<(u64, usize)>,
    /// The column of each value.
    places: Vec<Option<usize>>,
    /// The value of each column.
    sources: Vec<Option<usize>>,
    evaluated: Evaluated,
    /// The cells of the row at hand in the order of the columns.
    cells: Vec<Cell>,
    /// The values of the last row of [`Rows::next_row`].
    values: Vec<Value<'static>>,
}

impl<'a> ScriptRows<'a> {
    /// Opens the rows of some of a table's stretches.
    pub(super) fn new(
        script: &'a Script,
        position: usize,
        entry: &'a Entry,
        columns: &'a [Column],
        stretches: &'a [Stretch],
    ) -> Self {
        ScriptRows {
            script,
            entry,
            position,
            columns,
            stretches: stretches.iter(),
            to: 0,
            walker: None,
            serial: None,
            places: Vec::new(),
            sources: Vec::new(),
            evaluated: Evaluated::default(),
            cells: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Opens the next stretch; `false` if there is none.
    fn open_stretch(&mut self) -> Result<bool> {
        let Some(Stretch { from, to, resume }) = self.stretches.next() else { return Ok(false) };
        self.to = *to;
        self.serial = None;
        let reader = open_at(&*self.script.blob, from.byte).map_err(|cause| self.script.read_error(cause))?;
        let reel = Reel::new(reader, self.script.encoding, *from, self.script.limit);
        self.walker = Some(Walker::new(Lexer::new(reel), resume.clone()));
        Ok(true)
    }

    /// Goes on to the next row and reads its values into cells; `None` at the end.
    fn step(&mut self) -> Result<Option<std::result::Result<(), RowFault>>> {
        loop {
            let Some(walker) = &mut self.walker else {
                if !self.open_stretch()? {
                    return Ok(None);
                }
                continue;
            };
            let step = walker.next().map_err(|cause| self.script.read_error(cause))?;
            match step {
                Step::End => self.walker = None,
                Step::Definition(_) | Step::Change(_) => {}
                Step::Insert => {
                    let at = walker.place().byte;
                    if at >= self.to {
                        let next = self.stretches.as_slice().first();
                        match next.filter(|next| self.script.is_near(at, next.from.byte)) {
                            Some(next) => {
                                self.to = next.to;
                                self.stretches.next();
                            }
                            None => {
                                self.walker = None;
                                continue;
                            }
                        }
                    }
                    let serial = walker.header.serial;
                    if self.serial.is_none_or(|(known, _)| known != serial) {
                        let table = self.script.catalogue.find(&walker.header.name);
                        walker.want(table == Some(self.position));
                        self.serial = Some((serial, usize::MAX));
                    }
                }
                Step::Row if walker.wanted() => return Ok(Some(self.read())),
                Step::Fault(fault) if walker.wanted() => return Ok(Some(Err(fault))),
                Step::Row | Step::Fault(_) => {}
            }
        }
    }

    /// Reads the row at hand into cells in the order of the columns.
    fn read(&mut self) -> std::result::Result<(), RowFault> {
        let Some(walker) = &self.walker else { return Ok(()) };
        let order = walker.session.date_order;
        let context = Context { lexer: &walker.lexer, order, limit: self.script.limit };
        let fault = |Unread { cause, detail }| walker.fault(cause, detail);
        self.evaluated.read(&context, walker.tokens()).map_err(fault)?;
        let count = self.evaluated.cells.len();
        let serial = Some((walker.header.serial, count));
        if self.serial != serial {
            self.places = self.entry.places(&walker.header, self.columns, count);
            self.sources = sources(&self.places, self.columns.len());
            self.serial = serial;
        }
        if count != self.places.len() {
            let cause = if count > self.places.len() { Cause::TooManyFields } else { Cause::TooFewFields };
            let detail = format!("the row has {count} values where there are {} columns", self.places.len());
            return Err(walker.fault(cause, detail));
        }
        let ground = Ground { text: walker.lexer.reel().text(), store: &self.evaluated.store };
        self.cells.clear();
        for (column, source) in self.columns.iter().zip(&self.sources) {
            let cell = source.and_then(|source| self.evaluated.cells.get_mut(source));
            let cell = cell.map_or(Cell::Null, |cell| std::mem::replace(cell, Cell::Null));
            self.cells.push(match column.data_type {
                DataType::Unknown => cell,
                data_type => ground.fit(&cell, data_type, order).unwrap_or(cell),
            });
        }
        Ok(())
    }

    fn ground(&self) -> Ground<'_> {
        let text = self.walker.as_ref().map_or(&[][..], |walker| walker.lexer.reel().text());
        Ground { text, store: &self.evaluated.store }
    }

    fn place(&self) -> (u64, u64) {
        self.walker.as_ref().map_or((0, 0), |walker| (walker.place().line, walker.place().byte))
    }
}

/// Turns the column of each value into the value of each column.
fn sources(places: &[Option<usize>], count: usize) -> Vec<Option<usize>> {
    let mut sources = vec![None; count];
    for (source, place) in places.iter().enumerate() {
        if let Some(slot) = place.and_then(|place| sources.get_mut(place)) {
            *slot = Some(source);
        }
    }
    sources
}

impl Rows for ScriptRows<'_> {
    fn next_row(&mut self) -> Result<Option<RowResult<'_>>> {
        match self.step()? {
            None => return Ok(None),
            Some(Err(fault)) => return Ok(Some(Err(fault))),
            Some(Ok(())) => {}
        }
        let mut values = std::mem::take(&mut self.values);
        values.clear();
        let ground = self.ground();
        values.extend(self.cells.iter().map(|cell| ground.value(cell).into_owned()));
        self.values = values;
        let (line, byte) = self.place();
        Ok(Some(Ok(Row { values: &self.values, line, byte })))
    }

    fn for_each_row(&mut self, take: &mut dyn FnMut(RowResult<'_>) -> Result<()>) -> Result<()> {
        let mut spare = Vec::new();
        while let Some(step) = self.step()? {
            if let Err(fault) = step {
                take(Err(fault))?;
                continue;
            }
            let mut values = recycle(spare);
            let ground = self.ground();
            values.extend(self.cells.iter().map(|cell| ground.value(cell)));
            let (line, byte) = self.place();
            take(Ok(Row { values: &values, line, byte }))?;
            spare = recycle(values);
        }
        Ok(())
    }
}

impl Script {
    /// Tells whether reading on to a stretch is cheaper than opening the script anew: always where
    /// that would mean to read from its beginning.
    fn is_near(&self, at: u64, stretch: u64) -> bool {
        self.blob.path().is_none() || stretch.saturating_sub(at) < NEAR
    }

    fn read_error(&self, cause: io::Error) -> Error {
        Error::read(&self.input, cause)
    }
}
