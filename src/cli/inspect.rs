//! `gc2pc inspect`: what is in these files.

use std::io::Write;

use serde::Serialize;

use super::arguments::Inspect;
use super::convert::findings;
use super::terminal::{self, BAD, DIM, HEADING, harmless, number, size};
use super::{Session, Status};
use crate::chat::{Generation, NodeKind};
use crate::error::Result;
use crate::source::{self, Archive, Options, Shape};

/// Reading has this many stages.
const STAGES: u32 = 4;

pub fn run(arguments: &Inspect, session: &Session) -> Result<Status> {
    let options = Options {
        temp: arguments.reading.temp.clone().unwrap_or_else(std::env::temp_dir),
        roles: arguments.roles.iter().copied().collect(),
        set: arguments.reading.set,
        salvage: arguments.reading.salvage,
        check_pages: true,
        max_rejected: None,
        left_out: Vec::new(),
        stages: STAGES,
    };
    let inspected = source::inspect(&arguments.inputs, &options, &session.bar)?;
    session.bar.clear();
    let facts = Facts::new(&inspected.archive, inspected.shapes);
    if arguments.json {
        terminal::print_json(&facts)?;
    } else {
        terminal::print(|out| told(out, &facts, &inspected.archive, session.common.verbose))?;
    }
    let lossy = facts.rejected > 0 || inspected.archive.findings.has_errors();
    Ok(if lossy { Status::WithLosses } else { Status::Complete })
}

/// The facts, as `--json` writes them.
#[derive(Debug, Serialize)]
struct Facts {
    inputs: Vec<Input>,
    categories: u64,
    rooms: u64,
    people: u64,
    messages: u64,
    events: u64,
    rejected: u64,
    first: Option<String>,
    last: Option<String>,
    findings: Vec<Finding>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shapes: Vec<Shape>,
}

#[derive(Debug, Serialize)]
struct Input {
    name: String,
    size: u64,
    sha256: String,
    format: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    generation: Option<&'static str>,
    /// Rows of a table that holds no records.
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<u64>,
    /// Rows of a table as SQL Server itself counted them.
    #[serde(skip_serializing_if = "Option::is_none")]
    engine_rows: Option<u64>,
    records: u64,
    rejected: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<String>,
    /// The name of a table of the file before.
    #[serde(skip)]
    table: Option<String>,
}

#[derive(Debug, Serialize)]
struct Finding {
    code: &'static str,
    level: &'static str,
    subject: String,
    detail: String,
}

impl Facts {
    fn new(archive: &Archive, shapes: Vec<Shape>) -> Facts {
        let sum = |count: fn(&source::Facts) -> u64| archive.facts.iter().map(count).sum();
        let spans = || archive.facts.iter().filter_map(|facts| facts.message_span);
        let nodes = |kind| archive.tree.nodes.iter().filter(|node| node.kind == kind).count() as u64;
        let guids =
            archive.tree.nodes.iter().filter(|node| node.kind == NodeKind::Room).map(|node| node.guid);
        let named = archive.directory.rooms.iter().map(|room| room.0);
        let rooms: std::collections::BTreeSet<_> = guids.chain(named).collect();
        let finding = |finding: &crate::ledger::Finding| Finding {
            code: finding.code,
            level: finding.level.name(),
            subject: finding.subject.to_string(),
            detail: finding.detail.to_string(),
        };
        Facts {
            inputs: inputs(archive),
            categories: nodes(NodeKind::Category),
            rooms: rooms.len() as u64,
            people: archive.directory.people.len() as u64,
            messages: sum(|facts| facts.messages),
            events: sum(|facts| facts.events),
            rejected: sum(|facts| facts.rejected),
            first: spans().map(|span| span.0).min().map(|ticks| ticks.to_string()),
            last: spans().map(|span| span.1).max().map(|ticks| ticks.to_string()),
            findings: archive.findings.iter().map(finding).collect(),
            shapes,
        }
    }
}

fn inputs(archive: &Archive) -> Vec<Input> {
    let streams = archive.inputs.streams.iter().zip(&archive.inputs.read).zip(&archive.facts);
    streams
        .map(|((stream, &records), facts)| Input {
            name: stream.name.clone(),
            size: stream.size,
            sha256: stream.digest.to_string(),
            format: stream.format.clone(),
            generation: facts.generation.map(generation),
            rows: facts.rows,
            engine_rows: facts.engine_rows,
            table: facts.table.clone(),
            records,
            rejected: facts.rejected,
            first: facts.span.map(|(first, _)| first.ticks.to_string()),
            last: facts.span.map(|(_, last)| last.ticks.to_string()),
        })
        .collect()
}

fn generation(generation: Generation) -> &'static str {
    match generation {
        Generation::GroupChat => "2007 R2 or 2010",
        Generation::PersistentChat => "2013 or 2015",
    }
}

fn told(out: &mut dyn Write, facts: &Facts, archive: &Archive, all: bool) -> std::io::Result<()> {
    /// So many inputs are told one by one.
    const TOLD: usize = 60;
    writeln!(out, "{HEADING}inputs{HEADING:#}")?;
    for input in facts.inputs.iter().take(if all { usize::MAX } else { TOLD }) {
        tell_input(out, input)?;
    }
    if !all && facts.inputs.len() > TOLD {
        let more = number((facts.inputs.len() - TOLD) as u64);
        writeln!(out, "  {DIM}{more} more inputs (--verbose tells all){DIM:#}")?;
    }
    for shape in &facts.shapes {
        writeln!(out, "{HEADING}shape of {}{HEADING:#}", harmless(&shape.name))?;
        for (path, count) in &shape.paths {
            writeln!(out, "  {:>12}  {}", number(*count), harmless(path))?;
        }
    }
    if !archive.findings.is_empty() {
        writeln!(out, "{HEADING}findings{HEADING:#}")?;
        let mut lines = Vec::new();
        findings(&archive.findings, all, &mut |line| lines.push(line.to_owned()));
        for line in lines {
            writeln!(out, "  {line}")?;
        }
    }
    writeln!(out, "{HEADING}in all{HEADING:#}")?;
    writeln!(
        out,
        "  {} messages and {} events in {} rooms, {} categories, {} people",
        number(facts.messages),
        number(facts.events),
        number(facts.rooms),
        number(facts.categories),
        number(facts.people)
    )?;
    if let (Some(first), Some(last)) = (&facts.first, &facts.last) {
        writeln!(out, "  first message {first}, last message {last}")?;
    }
    if facts.rejected > 0 {
        writeln!(out, "  {BAD}{} records cannot be used{BAD:#}", number(facts.rejected))?;
    }
    Ok(())
}

fn tell_input(out: &mut dyn Write, input: &Input) -> std::io::Result<()> {
    match &input.table {
        Some(table) => write!(out, "    {}  {DIM}{}", harmless(table), input.format)?,
        None => write!(out, "  {}  {DIM}{}, {}", harmless(&input.name), input.format, size(input.size))?,
    }
    if let Some(generation) = input.generation {
        write!(out, ", {generation}")?;
    }
    write!(out, "{DIM:#}")?;
    match (input.rows, input.engine_rows) {
        (Some(rows), Some(engine)) if rows != engine => {
            write!(out, "  {BAD}{} rows of {}{BAD:#}", number(rows), number(engine))?;
        }
        _ if input.records > 0 => write!(out, "  {} records", number(input.records))?,
        (Some(rows), _) => write!(out, "  {} rows", number(rows))?,
        (None, _) => {}
    }
    if let (Some(first), Some(last)) = (&input.first, &input.last) {
        write!(out, "  {first} to {last}")?;
    }
    if input.rejected > 0 {
        write!(out, "  {BAD}{} rejected{BAD:#}", number(input.rejected))?;
    }
    writeln!(out)
}
