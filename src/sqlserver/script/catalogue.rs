//! The tables of a script, and where in it their rows stand.
//!
//! The survey walks the script once. Rows of one table mostly stand together; each such stretch is
//! remembered, so that reading a table need not read the others.

use std::collections::{HashMap, HashSet};
use std::io;

use super::define::{Definition, Described};
use super::insert::Header;
use super::lexer::Lexer;
use super::name::{Name, folded};
use super::reel::Reel;
use super::walker::{Change, Resume, Step, Verb, Walker};
use crate::container::Blob;
use crate::error::{Error, Result};
use crate::sqlserver::delimited::MAX_COLUMNS;
use crate::sqlserver::delimited::window::Place;
use crate::sqlserver::{Column, DataType, Encoding, Table};

/// Stretches that are remembered in all; beyond them those of a table grow instead.
const MAX_STRETCHES: usize = 1 << 16;
/// Tables in one script.
const MAX_TABLES: usize = 100_000;
/// Tables and verbs of statements that change rows.
const MAX_CHANGES: usize = 1_000;

/// Where rows of a table stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) from: Place,
    /// The byte behind.
    pub(super) to: u64,
    pub(super) resume: Resume,
}

/// A table and what is known of it.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: Name,
    described: Vec<Described>,
    /// Columns named by inserts, in the order in which they first are.
    named: Vec<String>,
    /// The same without regard to case.
    noted: HashSet<String>,
    /// The number of values of an insert that names no columns.
    unnamed: Option<usize>,
    pub(super) stretches: Vec<Stretch>,
    /// Rows, those that cannot be read left out.
    pub(super) rows: u64,
}

#[derive(Debug, Default)]
pub(super) struct Catalogue {
    pub(super) entries: Vec<Entry>,
    /// Positions by the table's name without regard to case.
    by_name: HashMap<String, Vec<usize>>,
    stretches: usize,
    /// Statements that change rows: table, line of the first, and how many there are.
    changes: Vec<(Verb, String, u64, u64)>,
}

impl Catalogue {
    /// Returns the position of the table that a name means.
    pub(super) fn find(&self, name: &Name) -> Option<usize> {
        let of_name = self.by_name.get(&folded(&name.table))?;
        of_name.iter().copied().find(|&at| self.entries.get(at).is_some_and(|entry| entry.name.means(name)))
    }

    fn enter(&mut self, name: &Name) -> Option<usize> {
        if let Some(at) = self.find(name) {
            self.entries.get_mut(at)?.name.complete(name);
            return Some(at);
        }
        if self.entries.len() >= MAX_TABLES {
            return None;
        }
        self.entries.push(Entry {
            name: name.clone(),
            described: Vec::new(),
            named: Vec::new(),
            noted: HashSet::new(),
            unnamed: None,
            stretches: Vec::new(),
            rows: 0,
        });
        self.by_name.entry(folded(&name.table)).or_default().push(self.entries.len() - 1);
        Some(self.entries.len() - 1)
    }

    fn define(&mut self, definition: Definition) {
        let Some(at) = self.enter(&definition.name) else { return };
        let Some(entry) = self.entries.get_mut(at) else { return };
        if !definition.added && !entry.described.is_empty() {
            return;
        }
        entry.described.extend(definition.columns);
        entry.described.truncate(MAX_COLUMNS);
    }

    /// Notes a statement that changes rows, if there are any that it can change.
    fn change(&mut self, Change { verb, name, sure }: &Change, line: u64) {
        let known = self.find(name).and_then(|at| self.entries.get(at));
        let has_rows = match (verb, known) {
            (Verb::Bulk | Verb::Script, _) => true,
            (_, Some(entry)) => entry.rows > 0,
            (_, None) => {
                let temporary = name.table.starts_with(['#', '@']);
                *sure && !temporary && self.entries.iter().any(|entry| entry.rows > 0)
            }
        };
        if !has_rows {
            return;
        }
        let shown = known.map_or(name, |entry| &entry.name);
        let shown = match shown.schema.as_str() {
            "" => shown.table.clone(),
            schema => format!("{schema}.{}", shown.table),
        };
        let room = self.changes.len() < MAX_CHANGES;
        match self.changes.iter_mut().find(|(other, table, ..)| other == verb && *table == shown) {
            Some((.., count)) => *count += 1,
            None if room => self.changes.push((*verb, shown, line, 1)),
            None => {}
        }
    }

    /// Tells whether tables of more than one database are named.
    pub(super) fn is_of_several_databases(&self) -> bool {
        let mut names =
            self.entries.iter().map(|entry| folded(&entry.name.database)).filter(|name| !name.is_empty());
        let first = names.next();
        names.any(|name| Some(name) != first)
    }

    /// Tells why the rows are not those that a server would have behind the script.
    pub(super) fn problems(&self) -> Vec<String> {
        let told = self.changes.iter().map(|(verb, table, line, count)| {
            let what = match verb {
                Verb::Update => format!("UPDATE changes rows of {table}"),
                Verb::Delete => format!("DELETE takes rows out of {table}"),
                Verb::Truncate => format!("TRUNCATE TABLE takes all rows out of {table}"),
                Verb::Drop => format!("DROP TABLE drops {table} and its rows"),
                Verb::Bulk => format!("BULK INSERT puts rows of a file into {table}, and they are not read"),
                Verb::Script => "another script is called by :r and not read; give it too".to_owned(),
            };
            let times = if *count > 1 { format!(" (the first of {count} times)") } else { String::new() };
            match verb {
                Verb::Bulk | Verb::Script => format!("line {line}: {what}{times}"),
                _ => format!("line {line}: {what}{times}; the rows are given as they were put in before"),
            }
        });
        told.collect()
    }

    /// Begins a stretch of the table, or lets its last one go on where there are too many.
    fn begin(&mut self, at: usize, from: Place, resume: Resume) {
        let Some(entry) = self.entries.get_mut(at) else { return };
        match entry.stretches.last_mut() {
            Some(_) if self.stretches >= MAX_STRETCHES => {}
            _ => {
                self.stretches += 1;
                entry.stretches.push(Stretch { from, to: u64::MAX, resume });
            }
        }
    }

    fn end(&mut self, at: usize, to: u64) {
        if let Some(last) = self.entries.get_mut(at).and_then(|entry| entry.stretches.last_mut()) {
            last.to = to;
        }
    }
}

impl Entry {
    fn note(&mut self, header: &Header) {
        for name in header.columns.iter().flatten() {
            if self.named.len() < MAX_COLUMNS && self.noted.insert(folded(name)) {
                self.named.push(name.clone());
            }
        }
    }

    /// Returns the columns that an `INSERT` of so many values fills if it names none.
    fn filled(&self, count: usize) -> Vec<&Column> {
        let stored = || self.described.iter().filter(|described| !described.computed);
        let given = || stored().filter(|described| !described.identity);
        let timed = |described: &&Described| described.column.data_type != DataType::RowVersion;
        let candidates: [Vec<&Column>; 3] = [
            given().map(|described| &described.column).collect(),
            given().filter(timed).map(|described| &described.column).collect(),
            stored().map(|described| &described.column).collect(),
        ];
        let [first, ..] = &candidates;
        let otherwise = first.clone();
        candidates.into_iter().find(|columns| columns.len() == count).unwrap_or(otherwise)
    }

    /// Returns the table's columns: those that some row fills, in the order in which the table has
    /// them, with types where it is described.
    fn columns(&self) -> Vec<Column> {
        let mut names: Vec<String> = self.named.clone();
        if let Some(count) = self.unnamed {
            if self.described.is_empty() && names.is_empty() {
                return (1..=count.min(MAX_COLUMNS))
                    .map(|number| Column::named(format!("column{number}")))
                    .collect();
            }
            let known = &self.noted;
            names.extend(
                self.filled(count)
                    .into_iter()
                    .filter(|column| !known.contains(&folded(&column.name)))
                    .map(|column| column.name.clone()),
            );
        } else if names.is_empty() {
            let stored = self.described.iter().filter(|described| !described.computed);
            return stored.map(|described| described.column.clone()).collect();
        }
        let mut places: HashMap<String, usize> = HashMap::new();
        for (place, name) in names.iter().enumerate() {
            places.entry(folded(name)).or_insert(place);
        }
        let mut columns = Vec::new();
        let mut found = HashSet::new();
        for Described { column, .. } in &self.described {
            if let Some(place) = places.get(&folded(&column.name)).filter(|place| !found.contains(*place)) {
                found.insert(*place);
                columns.push(column.clone());
            }
        }
        let others = names.into_iter().enumerate().filter(|(place, _)| !found.contains(place));
        columns.extend(others.map(|(_, name)| Column::named(name)));
        columns
    }

    /// Returns for each value of a row of an insert the column that it fills.
    pub(super) fn places(&self, header: &Header, columns: &[Column], count: usize) -> Vec<Option<usize>> {
        let by_name: HashMap<String, usize> =
            columns.iter().enumerate().rev().map(|(place, column)| (folded(&column.name), place)).collect();
        let place = |name: &str| by_name.get(&folded(name)).copied();
        match &header.columns {
            Some(names) => names.iter().map(|name| place(name)).collect(),
            None if self.described.is_empty() => (0..columns.len()).map(Some).collect(),
            None => self.filled(count).into_iter().map(|column| place(&column.name)).collect(),
        }
    }

    /// Puts stretches together until they are of `size` bytes, so that none is read for a few rows alone;
    /// returns the first of each part, and their number behind them.
    pub(super) fn parts(&self, size: u64) -> Vec<usize> {
        let mut parts = vec![0];
        let mut bytes = 0_u64;
        for (at, stretch) in self.stretches.iter().enumerate() {
            if bytes >= size {
                parts.push(at);
                bytes = 0;
            }
            bytes = bytes.saturating_add(stretch.to.saturating_sub(stretch.from.byte));
        }
        parts.push(self.stretches.len());
        parts
    }

    pub(super) fn table(&self) -> Table {
        Table {
            schema: self.name.schema.clone(),
            name: self.name.table.clone(),
            columns: self.columns(),
            engine_rows: None,
        }
    }
}

/// Walks a whole script. Rows of one table are cut into stretches of `size` bytes, and the statement
/// more that is begun.
pub(super) fn survey(
    input: &str,
    blob: &dyn Blob,
    encoding: Encoding,
    limit: usize,
    size: u64,
) -> Result<Catalogue> {
    let cause = |cause: io::Error| Error::read(input, cause);
    let reader = blob.open().map_err(cause)?;
    let beginning = Place { line: 1, byte: 0 };
    let lexer = Lexer::new(Reel::new(reader, encoding, beginning, limit));
    let mut walker = Walker::new(lexer, Resume::default());
    let mut catalogue = Catalogue::default();
    let mut current: Option<usize> = None;
    let mut serial = None;
    let mut begun = 0;
    loop {
        match walker.next().map_err(cause)? {
            Step::End => break,
            Step::Definition(definition) => catalogue.define(definition),
            Step::Change(change) => catalogue.change(&change, walker.place().line),
            Step::Insert => {
                let place = walker.place();
                if serial != Some(walker.header.serial) {
                    serial = Some(walker.header.serial);
                    let Some(at) = catalogue.enter(&walker.header.name) else {
                        return Err(too_many(input));
                    };
                    if let Some(entry) = catalogue.entries.get_mut(at) {
                        entry.note(&walker.header);
                    }
                    if current != Some(at) {
                        if let Some(last) = current {
                            catalogue.end(last, place.byte);
                        }
                        catalogue.begin(at, place, walker.resume());
                        (current, begun) = (Some(at), place.byte);
                    }
                }
                if let Some(at) = current.filter(|_| place.byte.saturating_sub(begun) >= size) {
                    catalogue.end(at, place.byte);
                    catalogue.begin(at, place, walker.resume());
                    begun = place.byte;
                }
            }
            Step::Row => {
                if let Some(entry) = current.and_then(|at| catalogue.entries.get_mut(at)) {
                    entry.rows += 1;
                    if walker.header.columns.is_none() && entry.unnamed.is_none() {
                        entry.unnamed = Some(walker.fields());
                    }
                }
            }
            Step::Fault(_) => {}
        }
    }
    if let Some(last) = current {
        catalogue.end(last, u64::MAX);
    }
    Ok(catalogue)
}

fn too_many(input: &str) -> Error {
    Error::Unusable {
        input: input.to_owned(),
        why: format!("it fills more than {MAX_TABLES} tables"),
        hint: "give the scripts of one database".to_owned(),
    }
}
