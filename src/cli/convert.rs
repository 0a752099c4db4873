//! `gc2pc convert`.

use std::path::{Path, PathBuf};

use super::arguments::{CompressionArgument, Convert, LevelArgument, RoomPrefixArgument};
use super::terminal::{BAD, GOOD, HEADING, harmless, level_style, number};
use super::{Session, Status, plan};
use crate::budget::Budget;
use crate::chat::Text;
use crate::convert::{self, Options, Outcome, STAGES};
use crate::error::{Error, Result};
use crate::filestore;
use crate::ledger::{Findings, Level as FindingLevel};
use crate::migrate::{self, PeopleMap, RoomPrefix, TargetNames};
use crate::package::{self, Compression, Level};
use crate::source;

/// So many findings of a code are told one by one; all of them stand in the ledger.
const TOLD: usize = 20;

pub fn run(arguments: Convert, session: &Session) -> Result<Status> {
    let options = options(&arguments)?;
    let outcome = convert::convert(&arguments.inputs, &options, &session.bar)?;
    session.bar.clear();
    if arguments.dry_run {
        plan::print(&outcome, arguments.json)?;
    } else {
        summary(&outcome, &arguments, session);
    }
    let lossy = outcome.report.totals.rejected > 0 || outcome.findings.has_errors();
    Ok(if lossy { Status::WithLosses } else { Status::Complete })
}

/// Turns what was typed into what it means.
fn options(arguments: &Convert) -> Result<Options> {
    let output = if arguments.dry_run { None } else { arguments.output.clone() };
    let people_map = arguments.people_map.as_deref().map(read_people_map).transpose()?;
    let temp = arguments.reading.temp.clone().or_else(|| beside(output.as_deref()));
    Ok(Options {
        level: level(arguments.level),
        since: arguments.since,
        until: arguments.until,
        reading: source::Options {
            temp: temp.unwrap_or_else(std::env::temp_dir),
            roles: arguments.roles.iter().copied().collect(),
            set: arguments.reading.set,
            salvage: arguments.reading.salvage,
            check_pages: true,
            max_rejected: arguments.max_rejected,
            left_out: Vec::new(),
            stages: STAGES,
        },
        migration: migrate::Options {
            separator: Text::from(arguments.separator.as_str()),
            scope: arguments.scope.iter().map(|name| Text::from(name.as_str())).collect(),
            room_prefix: room_prefix(arguments.prefix_rooms),
            target: arguments.target.as_deref().map(read_target).transpose()?,
            without_disabled_rooms: arguments.without_disabled_rooms,
            people_map,
            ..migrate::Options::default()
        },
        package: package::Options {
            compression: compression(arguments.compression),
            overwrite: arguments.overwrite,
            info: arguments.info.clone(),
            staging: arguments.staging,
            ..package::Options::default()
        },
        files: files(arguments)?,
        budget: Budget::new(arguments.memory, rayon::current_num_threads()),
        told: told(arguments),
        output,
    })
}

/// Which file store is meant, and refuses one where there is nothing to hold it against.
fn files(arguments: &Convert) -> Result<Option<filestore::Options>> {
    let Some(folder) = &arguments.files else { return Ok(None) };
    if !level(arguments.level).has_content() {
        return Err(Error::Usage {
            what: "--files needs messages, and this level has none".to_owned(),
            hint: "give --level All or Content, or leave --files out".to_owned(),
        });
    }
    Ok(Some(filestore::Options { folder: folder.clone(), carry: arguments.include_files }))
}

fn level(argument: LevelArgument) -> Level {
    match argument {
        LevelArgument::All => Level::All,
        LevelArgument::User => Level::User,
        LevelArgument::Category => Level::Category,
        LevelArgument::RoomDirectory => Level::RoomDirectory,
        LevelArgument::Content => Level::Content,
    }
}

fn room_prefix(argument: RoomPrefixArgument) -> RoomPrefix {
    match argument {
        RoomPrefixArgument::Always => RoomPrefix::Always,
        RoomPrefixArgument::OnCollision => RoomPrefix::OnCollision,
    }
}

fn compression(argument: CompressionArgument) -> Compression {
    match argument {
        CompressionArgument::Fast => Compression::Fast,
        CompressionArgument::Default => Compression::Default,
        CompressionArgument::Max => Compression::Max,
    }
}

/// The folder that will hold the output, if it exists already.
fn beside(output: Option<&Path>) -> Option<PathBuf> {
    let parent = output?.parent()?;
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    parent.is_dir().then(|| parent.to_owned())
}

pub(super) fn read_people_map(path: &Path) -> Result<PeopleMap> {
    let bytes = std::fs::read(path).map_err(|cause| Error::read(path.display().to_string(), cause))?;
    PeopleMap::parse(&bytes)
}

fn read_target(path: &Path) -> Result<TargetNames> {
    let bytes = std::fs::read(path).map_err(|cause| Error::read(path.display().to_string(), cause))?;
    TargetNames::parse(&bytes)
}

/// The options that decide what stands in the package, for the report.
fn told(arguments: &Convert) -> Vec<(String, String)> {
    let mut told = Vec::new();
    let mut tell = |name: &str, value: String| told.push((name.to_owned(), value));
    tell("level", level(arguments.level).name().to_owned());
    tell("separator", arguments.separator.clone());
    arguments.scope.iter().for_each(|category| tell("scope", category.clone()));
    arguments.since.iter().for_each(|time| tell("since", time.to_string()));
    arguments.until.iter().for_each(|time| tell("until", time.to_string()));
    arguments.roles.iter().for_each(|(id, role)| tell("role", format!("{id}={role:?}")));
    arguments.reading.set.iter().for_each(|set| tell("set", set.to_string()));
    if arguments.reading.salvage {
        tell("salvage", "true".to_owned());
    }
    if arguments.people_map.is_some() {
        tell("people-map", "given".to_owned());
    }
    if arguments.prefix_rooms == RoomPrefixArgument::OnCollision {
        tell("prefix-rooms", "on-collision".to_owned());
    }
    if arguments.target.is_some() {
        tell("target", "given".to_owned());
    }
    if arguments.files.is_some() {
        tell("files", if arguments.include_files { "included" } else { "given" }.to_owned());
    }
    if arguments.without_disabled_rooms {
        tell("without-disabled-rooms", "true".to_owned());
    }
    if arguments.staging {
        tell("staging", "true".to_owned());
    }
    told
}

/// Tells on standard error what was done.
fn summary(outcome: &Outcome, arguments: &Convert, session: &Session) {
    findings(&outcome.findings, session.common.verbose, &mut |line| session.tell(line));
    for line in counts(outcome).into_iter().chain(rejected(outcome)) {
        session.tell(&line);
    }
    if let Some(output) = &arguments.output {
        let output = output.display().to_string();
        session.tell(&format!("{GOOD}written and proven:{GOOD:#} {}", harmless(&output)));
    }
}

/// What was read and what became of it, in two lines.
pub(super) fn counts(outcome: &Outcome) -> Vec<String> {
    let report = &outcome.report;
    let totals = &report.totals;
    vec![
        format!(
            "{HEADING}records{HEADING:#}  {} read = {} written + {} duplicates + {} left out + {} rejected",
            number(totals.read),
            number(totals.written),
            number(totals.duplicate),
            number(totals.filtered),
            number(totals.rejected)
        ),
        format!(
            "{HEADING}package{HEADING:#}  {} messages and {} events in {} rooms and {} categories, {} people",
            number(report.messages),
            number(report.events),
            number(report.rooms),
            number(report.categories),
            number(report.people)
        ),
    ]
}

/// How many records were rejected for which cause, and the first of them.
fn rejected(outcome: &Outcome) -> Vec<String> {
    let report = &outcome.report;
    let mut lines: Vec<String> = report
        .rejected
        .iter()
        .map(|(cause, count)| format!("{BAD}rejected{BAD:#} {} for {cause}", number(*count)))
        .collect();
    if let Some(first) = report.samples.rejected.first() {
        lines.push(format!(
            "  the first: {}, record {}, line {}: {}; all stand in data/ledger/rejected.csv",
            harmless(&first.input),
            first.record,
            first.line,
            harmless(&first.detail)
        ));
    }
    lines
}

/// Tells the findings, the gravest first, the first of each code one by one.
pub(super) fn findings(findings: &Findings, all: bool, tell: &mut dyn FnMut(&str)) {
    for level in [FindingLevel::Error, FindingLevel::Warning, FindingLevel::Info] {
        let of_level: Vec<_> = findings.iter().filter(|finding| finding.level == level).collect();
        for same in of_level.chunk_by(|one, other| one.code == other.code) {
            let style = level_style(level);
            if level == FindingLevel::Info && !all {
                tell(&format!("{style}info{style:#} {} ({})", same[0].code, number(same.len() as u64)));
                continue;
            }
            let shown = if all { same.len() } else { same.len().min(TOLD) };
            for finding in &same[..shown] {
                tell(&format!(
                    "{style}{}{style:#} {} {}: {}",
                    level.name(),
                    finding.code,
                    harmless(&finding.subject.to_lossy()),
                    harmless(&finding.detail.to_lossy())
                ));
            }
            if shown < same.len() {
                tell(&format!(
                    "{style}{}{style:#} {}: {} more (--verbose tells all)",
                    level.name(),
                    same[0].code,
                    number((same.len() - shown) as u64)
                ));
            }
        }
    }
}
