//! `gc2pc tables`: the tables of any SQL Server dump.

use std::io::Write;

use serde::Serialize;

use super::arguments::{Reading, Tables};
use super::convert::findings;
use super::terminal::{self, BAD, DIM, HEADING, harmless, number};
use super::{Session, Status};
use crate::error::Result;
use crate::ledger::Control;
use crate::source::{self, AnyTable, Counted, Listing, Options};

/// So many faults of a table are told one by one.
const TOLD: usize = 20;

pub fn run(arguments: &Tables, session: &Session) -> Result<Status> {
    let listing = open(&arguments.inputs, &arguments.reading, true, session)?;
    let mut lossy = listing.findings.has_errors();
    let mut facts = Vec::new();
    for table in &listing.tables {
        let counted = match table.refusal {
            Some(_) => None,
            None => Some(table.count(&session.bar)?),
        };
        lossy |= counted.as_ref().is_none_or(|counted| tell_losses(table, counted, session));
        facts.extend(Fact::new(table, counted.as_ref()));
    }
    session.bar.clear();
    if arguments.json {
        terminal::print_json(&facts)?;
    } else {
        terminal::print(|out| told(out, &facts))?;
    }
    Ok(if lossy { Status::WithLosses } else { Status::Complete })
}

/// Opens the tables, and tells what is odd about the inputs.
pub(super) fn open(
    inputs: &[std::path::PathBuf],
    reading: &Reading,
    check_pages: bool,
    session: &Session,
) -> Result<Listing> {
    let options = Options {
        temp: reading.temp.clone().unwrap_or_else(std::env::temp_dir),
        roles: Default::default(),
        set: reading.set,
        salvage: reading.salvage,
        check_pages,
        max_rejected: None,
        left_out: Vec::new(),
        stages: 1,
    };
    let listing = source::tables(inputs, &options, &session.bar)?;
    findings(&listing.findings, session.common.verbose, &mut |line| session.tell(line));
    Ok(listing)
}

/// Tells on standard error what could not be read and how the counts differ; returns whether anything
/// did.
pub(super) fn tell_losses(table: &AnyTable, counted: &Counted, session: &Session) -> bool {
    let name = format!("{}, {}", table.input, table.name());
    let told = if session.common.verbose { counted.faults.len() } else { TOLD };
    for fault in counted.faults.iter().take(told) {
        let line = if fault.line > 0 { format!("line {}, ", fault.line) } else { String::new() };
        let detail = format!("{name}: {line}byte {}: {}", fault.byte, fault.detail);
        session.tell(&format!("{BAD}error{BAD:#} {}", harmless(&detail)));
    }
    if let Some(more) = counted.faulty.checked_sub(told as u64).filter(|&more| more > 0) {
        session.tell(&format!("{BAD}error{BAD:#} {}: {} more", harmless(&name), number(more)));
    }
    let engine_rows = table.description().and_then(|table| table.engine_rows);
    let control = engine_rows.map(|engine_rows| Control { stream: 0, engine_rows, rows: counted.rows });
    let difference = control.and_then(|control| control.difference());
    if let Some(difference) = &difference {
        session.tell(&format!("{BAD}warning{BAD:#} {}: {difference}", harmless(&name)));
    }
    counted.faulty > 0 || difference.is_some()
}

/// A table, as `--json` writes it.
#[derive(Debug, Serialize)]
struct Fact<'t> {
    input: &'t str,
    /// Where the input holds tables of several databases.
    #[serde(skip_serializing_if = "Option::is_none")]
    database: Option<&'t str>,
    schema: &'t str,
    name: &'t str,
    engine_rows: Option<u64>,
    rows: Option<u64>,
    columns: Vec<Column<'t>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<&'t str>,
    #[serde(skip_serializing_if = "is_zero")]
    faults: u64,
    /// Its name with all that belongs to it.
    #[serde(skip)]
    full_name: String,
}

#[derive(Debug, Serialize)]
struct Column<'t> {
    name: &'t str,
    r#type: String,
    nullable: bool,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl<'t> Fact<'t> {
    fn new(table: &'t AnyTable, counted: Option<&Counted>) -> Option<Fact<'t>> {
        let description = table.description()?;
        let column = |column: &'t crate::sqlserver::Column| Column {
            name: &column.name,
            r#type: column.data_type.to_string(),
            nullable: column.nullable,
        };
        Some(Fact {
            input: &table.input,
            database: table.database(),
            full_name: table.name(),
            schema: &description.schema,
            name: &description.name,
            engine_rows: description.engine_rows,
            rows: counted.map(|counted| counted.rows),
            columns: description.columns.iter().map(column).collect(),
            refused: table.refusal.as_ref().map(|(why, _)| why.as_str()),
            faults: counted.map_or(0, |counted| counted.faulty),
        })
    }
}

fn told(out: &mut dyn Write, facts: &[Fact<'_>]) -> std::io::Result<()> {
    for tables in facts.chunk_by(|one, other| one.input == other.input) {
        writeln!(out, "{HEADING}{}{HEADING:#}", harmless(tables[0].input))?;
        for table in tables {
            let name = harmless(&table.full_name);
            let columns = table.columns.len();
            match (table.rows, table.engine_rows) {
                (None, engine) => {
                    let engine = engine.map_or("?".to_owned(), number);
                    let why = table.refused.unwrap_or_default();
                    writeln!(out, "  {engine:>12}  {}  {BAD}{}{BAD:#}", name, harmless(why))?;
                }
                (Some(rows), Some(engine)) if rows != engine => {
                    let (rows, engine) = (number(rows), number(engine));
                    writeln!(out, "  {rows:>12}  {}  {BAD}the engine counted {engine}{BAD:#}", name)?;
                }
                (Some(rows), _) => {
                    let rows = number(rows);
                    writeln!(out, "  {rows:>12}  {}  {DIM}{columns} columns{DIM:#}", name)?;
                }
            }
        }
    }
    Ok(())
}
