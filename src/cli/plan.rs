//! What `convert --dry-run` tells: the plan of the run, for people or as JSON.

use std::io::Write;

use serde::Serialize;

use super::convert::{counts, findings};
use super::terminal::{self, BAD, HEADING, harmless, number, size};
use crate::convert::Outcome;
use crate::error::Result;
use crate::migrate::NameKind;
use crate::package::Entry;
use crate::report::Report;

/// The plan, as `--json` writes it. `names` and `findings` are the rows of `names.csv` and
/// `findings.csv`, `report` is `report.json`.
#[derive(Debug, Serialize)]
struct Plan<'a> {
    report: &'a Report,
    names: Vec<Name>,
    findings: Vec<Finding<'a>>,
    files: Vec<File<'a>>,
    /// The size of all files before compression, in bytes.
    bytes: u64,
}

#[derive(Debug, Serialize)]
struct Name {
    kind: &'static str,
    guid: String,
    old_path: String,
    new_name: String,
}

#[derive(Debug, Serialize)]
struct Finding<'a> {
    code: &'a str,
    level: &'a str,
    subject: String,
    detail: String,
}

#[derive(Debug, Serialize)]
struct File<'a> {
    path: &'a str,
    bytes: u64,
    sha256: String,
}

/// Writes the plan to standard output.
pub fn print(outcome: &Outcome, json: bool) -> Result<()> {
    if json { terminal::print_json(&plan(outcome)) } else { terminal::print(|out| tell(out, outcome)) }
}

fn plan(outcome: &Outcome) -> Plan<'_> {
    let names = outcome.plan.names.iter().map(|row| Name {
        kind: kind(row.kind),
        guid: row.guid.to_string(),
        old_path: row.old_path.to_lossy().into_owned(),
        new_name: row.new_name.to_lossy().into_owned(),
    });
    let findings = outcome.findings.iter().map(|finding| Finding {
        code: finding.code,
        level: finding.level.name(),
        subject: finding.subject.to_lossy().into_owned(),
        detail: finding.detail.to_lossy().into_owned(),
    });
    let files = outcome.entries.iter().map(|entry| File {
        path: &entry.path,
        bytes: entry.size,
        sha256: entry.digest.to_string(),
    });
    Plan {
        report: &outcome.report,
        names: names.collect(),
        findings: findings.collect(),
        files: files.collect(),
        bytes: bytes(&outcome.entries),
    }
}

fn kind(kind: NameKind) -> &'static str {
    match kind {
        NameKind::Category => "category",
        NameKind::Room => "room",
    }
}

fn bytes(entries: &[Entry]) -> u64 {
    entries.iter().map(|entry| entry.size).sum()
}

fn tell(out: &mut dyn Write, outcome: &Outcome) -> std::io::Result<()> {
    writeln!(out, "{HEADING}names{HEADING:#}")?;
    for row in &outcome.plan.names {
        let (old, new) = (row.old_path.to_lossy(), row.new_name.to_lossy());
        writeln!(out, "  {:8}  {}  ->  {}", kind(row.kind), harmless(&old), harmless(&new))?;
    }
    writeln!(out, "{HEADING}findings{HEADING:#}")?;
    let mut lines = Vec::new();
    findings(&outcome.findings, true, &mut |line| lines.push(line.to_owned()));
    for line in lines {
        writeln!(out, "  {line}")?;
    }
    for line in counts(outcome) {
        writeln!(out, "{line}")?;
    }
    let files = number(outcome.entries.len() as u64);
    writeln!(
        out,
        "{HEADING}size{HEADING:#}     {} in {files} files, before compression",
        size(bytes(&outcome.entries))
    )?;
    if outcome.findings.has_errors() {
        writeln!(out, "{BAD}There are findings of level error: the run would end with status 1.{BAD:#}")?;
    }
    Ok(())
}
