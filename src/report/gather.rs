//! Makes the report's model out of what a run knows.

use std::collections::{BTreeMap, HashMap};

use super::{
    FindingGroup, RejectedSample, Report, RoomRow, Samples, Setting, SourceRow, StagingRow, TableRow, Totals,
};
use crate::chat::{Guid, Text, Ticks};
use crate::error::Result;
use crate::ledger::{Findings, Ledger, Level, RejectedRows, Tally};
use crate::migrate::Plan;

/// How many findings of one code, and how many rejected records, the HTML shows.
const SHOWN: usize = 50;

/// What a run knows once everything else of the package is written.
#[derive(Debug)]
pub struct Facts<'a> {
    /// People, categories, rooms.
    pub plan: &'a Plan,
    /// All findings.
    pub findings: &'a Findings,
    /// The account of all records, balanced.
    pub ledger: &'a Ledger,
    /// Name space of the documents.
    pub format: &'static str,
    /// Name of the level.
    pub level: &'static str,
    /// Options that decided what stands in the package.
    pub options: &'a [(String, String)],
    /// Tables carried verbatim.
    pub tables: Vec<TableRow>,
    /// Files of rows in the staging lane.
    pub staging: Vec<StagingRow>,
    /// What was written of the rooms that have a history, in the order of GUIDs.
    pub counts: &'a [RoomCount],
}

/// What was written of one room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoomCount {
    /// The room.
    pub room: Guid,
    /// Messages.
    pub messages: u64,
    /// Events.
    pub events: u64,
    /// First and last time of a message.
    pub span: Option<(Ticks, Ticks)>,
}

/// Gathers the report.
///
/// # Errors
/// If the ledger's rejected records cannot be read.
pub fn gather(facts: Facts<'_>) -> Result<Report> {
    let Facts { plan, findings, ledger, counts, .. } = facts;
    let sources = sources(ledger);
    let totals = ledger.totals();
    let span = counts.iter().filter_map(|count| count.span);
    let span = span.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
    let causes = ledger.rejected().into_iter().flat_map(RejectedRows::causes);
    let rejected = causes.map(|(cause, count)| (cause.name(), *count)).collect();
    let setting = |(name, value): &(String, String)| Setting { name: name.clone(), value: value.clone() };
    Ok(Report {
        version: env!("CARGO_PKG_VERSION"),
        format: facts.format,
        level: facts.level,
        options: facts.options.iter().map(setting).collect(),
        totals: totals.into(),
        structure: facts.tables,
        staging: facts.staging,
        rooms: plan.rooms.len() as u64,
        categories: plan.categories.len() as u64,
        people: plan.people.len() as u64,
        messages: counts.iter().map(|count| count.messages).sum(),
        events: counts.iter().map(|count| count.events).sum(),
        first: span.map(|span| span.0.to_string()),
        last: span.map(|span| span.1.to_string()),
        conflicts: ledger.conflict_count(),
        duplicates: ledger.duplicates_by_rule().clone(),
        filtered: ledger.filtered_by_reason().clone(),
        rejected,
        findings: findings.by_code(),
        per_room: per_room(plan, counts),
        samples: Samples {
            findings: finding_groups(findings),
            rejected: rejected_samples(ledger, &sources)?,
        },
        sources,
    })
}

impl From<Tally> for Totals {
    fn from(tally: Tally) -> Totals {
        let Tally { read, written, duplicate, filtered, rejected } = tally;
        Totals { read, written, duplicate, filtered, rejected }
    }
}

fn sources(ledger: &Ledger) -> Vec<SourceRow> {
    let row = |(stream, tally): (&crate::ledger::Stream, &Tally)| SourceRow {
        input: stream.name.clone(),
        size: stream.size,
        sha256: stream.digest.to_string(),
        format: stream.format.clone(),
        totals: (*tally).into(),
    };
    ledger.streams().iter().zip(ledger.tallies()).map(row).collect()
}

fn per_room(plan: &Plan, counts: &[RoomCount]) -> Vec<RoomRow> {
    let categories: HashMap<Guid, &Text> =
        plan.categories.iter().map(|category| (category.guid, &category.name)).collect();
    let counts: HashMap<Guid, &RoomCount> = counts.iter().map(|count| (count.room, count)).collect();
    let row = |room: &crate::migrate::Room| {
        let count = counts.get(&room.guid);
        let span = count.and_then(|count| count.span);
        RoomRow {
            guid: room.guid.to_string(),
            name: room.name.to_string(),
            category: categories.get(&room.category).map(|name| name.to_string()).unwrap_or_default(),
            disabled: room.disabled,
            messages: count.map_or(0, |count| count.messages),
            events: count.map_or(0, |count| count.events),
            first: span.map(|span| span.0.to_string()),
            last: span.map(|span| span.1.to_string()),
        }
    };
    plan.rooms.iter().map(row).collect()
}

/// Groups findings by code; groups that matter most come first, then by code.
fn finding_groups(findings: &Findings) -> Vec<FindingGroup> {
    let mut groups: BTreeMap<&'static str, (Level, FindingGroup)> = BTreeMap::new();
    for finding in findings.iter() {
        let (level, group) = groups.entry(finding.code).or_insert_with(|| {
            let group =
                FindingGroup { code: finding.code, level: finding.level.name(), count: 0, first: Vec::new() };
            (finding.level, group)
        });
        group.count += 1;
        *level = (*level).max(finding.level);
        if group.first.len() < SHOWN {
            group.first.push((finding.subject.to_string(), finding.detail.to_string()));
        }
    }
    let mut groups: Vec<(Level, FindingGroup)> = groups.into_values().collect();
    groups.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.code.cmp(b.1.code)));
    groups.into_iter().map(|(level, group)| FindingGroup { level: level.name(), ..group }).collect()
}

fn rejected_samples(ledger: &Ledger, sources: &[SourceRow]) -> Result<Vec<RejectedSample>> {
    let name = |stream: u32| sources.get((stream as usize).wrapping_sub(1));
    let sample = |row: crate::ledger::Rejected| RejectedSample {
        input: name(row.source.stream).map(|source| source.input.clone()).unwrap_or_default(),
        record: row.source.record,
        line: row.line,
        byte: row.byte,
        cause: row.cause.name(),
        detail: row.detail,
    };
    let mut samples = Vec::new();
    let mut walk = ledger.rejected().map(RejectedRows::walk);
    while let (Some(walk), true) = (&mut walk, samples.len() < SHOWN) {
        match walk.next_row()? {
            Some(row) => samples.push(sample(row)),
            None => break,
        }
    }
    Ok(samples)
}
