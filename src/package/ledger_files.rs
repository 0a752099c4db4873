//! The ledger as CSV files: what became of every record.
//!
//! Records that stand in the package are told by their `Source` attributes; the others stand here.
//! The column `input` of all files but the first is a row of `sources.csv`, counted from 1.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::csv::{Field, Rows};
use crate::ledger::{Findings, Ledger, Rejected, RejectedRows, RejectedWalk};
use crate::migrate::{NameKind, Plan};

/// Writes `sources.csv`: every record stream and its tally.
pub(super) fn write_sources(ledger: &Ledger, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = Rows::begin(out, "input,size,sha256,format,read,written,duplicate,filtered,rejected");
    for (stream, tally) in ledger.streams().iter().zip(ledger.tallies()) {
        rows.row(&[
            stream.name.as_str().into(),
            Field::Number(stream.size),
            Field::Shown(&stream.digest),
            stream.format.as_str().into(),
            Field::Number(tally.read),
            Field::Number(tally.written),
            Field::Number(tally.duplicate),
            Field::Number(tally.filtered),
            Field::Number(tally.rejected),
        ])?;
    }
    rows.end()
}

/// Writes `control.csv`: the rows read of each table that a dump itself keeps count of, and that count.
pub(super) fn write_control(ledger: &Ledger, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = Rows::begin(out, "input,engine_rows,rows");
    for control in ledger.controls() {
        rows.row(&[
            Field::Number(u64::from(control.stream)),
            Field::Number(control.engine_rows),
            Field::Number(control.rows),
        ])?;
    }
    rows.end()
}

/// Writes `duplicates.csv`. The kept column has the message's id, or the kept record of an event,
/// as events have no ids.
pub(super) fn write_duplicates(ledger: &Ledger, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = Rows::begin(out, "input,record,kept,rule,kept_input,kept_record");
    let mut duplicates = ledger.duplicates();
    while let Some(duplicate) = duplicates.next_row().map_err(io::Error::other)? {
        let kept = duplicate.kept_source;
        let event = format_args!("{}:{}", kept.stream, kept.record);
        let id = match &duplicate.kept {
            Some(id) => Field::Shown(id),
            None => Field::Shown(&event),
        };
        rows.row(&[
            Field::Number(u64::from(duplicate.source.stream)),
            Field::Number(duplicate.source.record),
            id,
            duplicate.rule.name().into(),
            Field::Number(u64::from(kept.stream)),
            Field::Number(kept.record),
        ])?;
    }
    rows.end()
}

/// Writes `conflicts.csv`: each pair of messages that exclude each other once.
pub(super) fn write_conflicts(ledger: &Ledger, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = Rows::begin(out, "id,conflicts_with");
    let mut conflicts = ledger.conflicts();
    while let Some((id, other)) = conflicts.next_row().map_err(io::Error::other)? {
        rows.row(&[Field::Shown(&id), Field::Shown(&other)])?;
    }
    rows.end()
}

/// Writes `filtered.csv`: ranges of records left out on request.
pub(super) fn write_filtered(ledger: &Ledger, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = Rows::begin(out, "input,first,last,reason");
    for (first, last, reason) in ledger.filtered_ranges() {
        rows.row(&[
            Field::Number(u64::from(first.stream)),
            Field::Number(first.record),
            Field::Number(last),
            reason.into(),
        ])?;
    }
    rows.end()
}

/// Writes `rejected.csv`: records that could not be used, as far as they could be read.
pub(super) fn write_rejected(ledger: &Ledger, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = Rows::begin(out, "input,record,line,byte,cause,text,detail,raw");
    let mut walk = ledger.rejected().map(RejectedRows::walk);
    while let Some(rejected) =
        walk.as_mut().map_or(Ok(None), RejectedWalk::next_row).map_err(io::Error::other)?
    {
        rows.row(&[
            Field::Number(u64::from(rejected.source.stream)),
            Field::Number(rejected.source.record),
            Field::Number(rejected.line),
            Field::Number(rejected.byte),
            rejected.cause.name().into(),
            Field::lossy(&rejected.text),
            rejected.detail.as_str().into(),
            Field::Text(raw(&rejected).into()),
        ])?;
    }
    rows.end()
}

/// Returns the record's bytes as Base64 where the text column cannot hold them exactly.
fn raw(rejected: &Rejected) -> String {
    match (&rejected.raw, rejected.text.as_str()) {
        (Some(raw), _) => STANDARD.encode(raw),
        (None, None) => STANDARD.encode(rejected.text.as_bytes()),
        (None, Some(_)) => String::new(),
    }
}

/// Writes `findings.csv`.
pub(super) fn write_findings(findings: &Findings, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = Rows::begin(out, "code,level,subject,detail");
    for finding in findings.iter() {
        rows.row(&[
            finding.code.into(),
            finding.level.name().into(),
            Field::lossy(&finding.subject),
            Field::lossy(&finding.detail),
        ])?;
    }
    rows.end()
}

/// Writes `names.csv`: old paths and new names.
pub(super) fn write_names(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = Rows::begin(out, "kind,guid,old_path,new_name");
    for name in &plan.names {
        let kind = match name.kind {
            NameKind::Category => "category",
            NameKind::Room => "room",
        };
        rows.row(&[
            kind.into(),
            Field::Shown(&name.guid),
            Field::lossy(&name.old_path),
            Field::lossy(&name.new_name),
        ])?;
    }
    rows.end()
}
