//! The files of `data/ledger/`: what each row must say, and what it says of records and messages.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Read};

use super::account::{Account, Claim, Fate, Mark, Page, Witness};
use super::rows::{Row, walk};
use crate::chat::{Guid, MessageId, Source};
use crate::ledger::{Cause, Digest, Level, Rule, Tally};
use crate::package::read::value;
use crate::package::verify::fault;
use crate::package::verify::problem::{Problems, quote};

/// The options that leave records out, as `filtered.csv` names them.
const FILTER_REASONS: [&str; 5] = ["level", "scope", "since", "until", "without-disabled-rooms"];

/// Codes of findings that are counted one by one: there are far fewer.
const MAX_CODES: usize = 10_000;

/// A row of `sources.csv`.
#[derive(Debug, Clone, Default)]
pub(super) struct StreamRow {
    pub(super) input: String,
    pub(super) tally: Tally,
}

/// Reads `sources.csv`. Memory: its names.
pub(super) fn read_sources(path: &str, input: &mut dyn Read, problems: &mut Problems) -> Vec<StreamRow> {
    const HEADER: &str = "input,size,sha256,format,read,written,duplicate,filtered,rejected";
    let mut streams = Vec::new();
    let mut before = None;
    walk(path, input, HEADER, problems, &mut |row, problems| {
        let name = row.text(0).into_owned();
        row.count(1, problems);
        let digest = row.read(
            2,
            "SHA-256",
            |text| Digest::parse(text).filter(|digest| digest.to_string() == text),
            problems,
        );
        let mut number = |at| row.count(at, problems).unwrap_or_default();
        let tally = Tally {
            read: number(4),
            written: number(5),
            duplicate: number(6),
            filtered: number(7),
            rejected: number(8),
        };
        // An input given twice makes two rows of one name and digest.
        row.check_loose_order(&mut before, (name.clone(), digest), problems);
        let parts = [tally.written, tally.duplicate, tally.filtered, tally.rejected];
        let sum = parts.into_iter().try_fold(0_u64, u64::checked_add);
        if sum != Some(tally.read) {
            let what =
                format!("row {}: {} were read, but {parts:?} do not make that", row.number, tally.read);
            problems.add(&fault::LEDGER_SUM, path, what);
        }
        streams.push(StreamRow { input: name, tally });
    });
    streams
}

/// Reads `control.csv` and counts the tables whose counts differ.
pub(super) fn read_control(
    path: &str,
    input: &mut dyn Read,
    streams: &[StreamRow],
    problems: &mut Problems,
) -> u64 {
    let mut differing = 0;
    let mut before = None;
    walk(path, input, "input,engine_rows,rows", problems, &mut |row, problems| {
        let (engine_rows, rows) = (row.count(1, problems), row.count(2, problems));
        let Some(stream) = row.position(0, problems) else { return };
        if stream > streams.len() as u64 {
            row.wrong("a stream's number beyond all streams", problems);
        }
        row.check_order(&mut before, stream, problems);
        differing += u64::from(engine_rows != rows);
    });
    differing
}

/// Reads a record of a row: stream and number.
fn source(row: &Row<'_>, at: usize, problems: &mut Problems) -> Option<Source> {
    let stream = row.position(at, problems);
    let record = row.position(at + 1, problems)?;
    let stream = u32::try_from(stream?).ok();
    if stream.is_none() {
        row.wrong("a stream's number beyond all streams", problems);
    }
    Some(Source { stream: stream?, record })
}

/// Reads `duplicates.csv` into the account.
///
/// # Errors
/// Those of the account's temporary files.
pub(super) fn read_duplicates(
    path: &str,
    input: &mut dyn Read,
    account: &Account,
    problems: &mut Problems,
) -> io::Result<()> {
    const HEADER: &str = "input,record,kept,rule,kept_input,kept_record";
    let mut page = account.page();
    let mut before = None;
    walk(path, input, HEADER, problems, &mut |row, problems| {
        let rule =
            row.read(3, "rule", |text| Rule::ALL.into_iter().find(|rule| rule.name() == text), problems);
        let kept_source = source(row, 4, problems);
        if let Some(source) = source(row, 0, problems) {
            page.mark_one(source, Fate::Duplicate);
            row.check_order(&mut before, source, problems);
        }
        let (Some(rule), Some(kept_source)) = (rule, kept_source) else { return };
        if rule == Rule::SameEvent {
            let kept = row.read(2, "record of a stream", value::source, problems);
            if kept.is_some_and(|kept| kept != kept_source) {
                row.wrong("the event kept is told in two ways", problems);
            }
            page.mark_one(kept_source, Fate::KeptEvent);
        } else if let Some(kept) = row.read(2, "message id", MessageId::parse, problems) {
            page.claim(kept, Claim::Kept(kept_source));
        }
    });
    page.finish()
}

/// Reads `conflicts.csv` into the account.
///
/// # Errors
/// Those of the account's temporary files.
pub(super) fn read_conflicts(
    path: &str,
    input: &mut dyn Read,
    account: &Account,
    problems: &mut Problems,
) -> io::Result<()> {
    let mut page = account.page();
    let mut before = None;
    walk(path, input, "id,conflicts_with", problems, &mut |row, problems| {
        let one = row.read(0, "message id", MessageId::parse, problems);
        let other = row.read(1, "message id", MessageId::parse, problems);
        let (Some(one), Some(other)) = (one, other) else { return };
        if one >= other {
            row.wrong("the lesser id does not stand first", problems);
        }
        row.check_order(&mut before, (one, other), problems);
        page.conflict(one, other, Witness::Ledger);
    });
    page.finish()
}

/// Reads `filtered.csv` into the account.
///
/// # Errors
/// Those of the account's temporary files.
pub(super) fn read_filtered(
    path: &str,
    input: &mut dyn Read,
    account: &Account,
    problems: &mut Problems,
) -> io::Result<()> {
    let mut page = account.page();
    let mut before = None;
    walk(path, input, "input,first,last,reason", problems, &mut |row, problems| {
        row.read(3, "reason", |text| FILTER_REASONS.contains(&text).then_some(()), problems);
        let last = row.position(2, problems);
        let (Some(source), Some(last)) = (source(row, 0, problems), last) else { return };
        if last < source.record {
            row.wrong("the last record stands before the first", problems);
            return;
        }
        row.check_order(&mut before, source, problems);
        page.mark(Mark { stream: source.stream, first: source.record, last, fate: Fate::Filtered });
    });
    page.finish()
}

/// Reads `rejected.csv` into the account.
///
/// # Errors
/// Those of the account's temporary files.
pub(super) fn read_rejected(
    path: &str,
    input: &mut dyn Read,
    account: &Account,
    problems: &mut Problems,
) -> io::Result<()> {
    let mut page: Page<'_> = account.page();
    let mut before = None;
    walk(path, input, "input,record,line,byte,cause,text,detail,raw", problems, &mut |row, problems| {
        row.count(2, problems);
        row.count(3, problems);
        row.read(4, "cause", |text| Cause::ALL.into_iter().find(|cause| cause.name() == text), problems);
        if let Some(source) = source(row, 0, problems) {
            row.check_order(&mut before, source, problems);
            page.mark_one(source, Fate::Rejected);
        }
    });
    page.finish()
}

/// Reads `findings.csv` and counts its rows by code.
pub(super) fn read_findings(
    path: &str,
    input: &mut dyn Read,
    problems: &mut Problems,
) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    walk(path, input, "code,level,subject,detail", problems, &mut |row, problems| {
        let is_code = |text: &str| {
            let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
            (!text.is_empty() && text.len() <= 64 && text.bytes().all(allowed)).then(|| text.to_owned())
        };
        let code = row.read(0, "code", is_code, problems);
        let levels = [Level::Info, Level::Warning, Level::Error];
        row.read(1, "level", |text| levels.into_iter().find(|level| level.name() == text), problems);
        if let Some(code) = code
            && (counts.len() < MAX_CODES || counts.contains_key(&code))
        {
            *counts.entry(code).or_default() += 1;
        }
    });
    counts
}

/// The names that a document gives, by GUID; lone surrogates are U+FFFD, as in the ledger.
pub(super) type Names = HashMap<Guid, String>;

/// Reads `names.csv`: what it says of categories and of rooms.
pub(super) fn read_names(path: &str, input: &mut dyn Read, problems: &mut Problems) -> [Names; 2] {
    let mut names = [Names::new(), Names::new()];
    walk(path, input, "kind,guid,old_path,new_name", problems, &mut |row, problems| {
        let kind = |text: &str| match text {
            "category" => Some(0),
            "room" => Some(1),
            _ => None,
        };
        let kind = row.read(0, "category or room", kind, problems);
        let guid = row.read(1, "GUID", value::guid, problems);
        let (Some(kind), Some(guid)) = (kind, guid) else { return };
        if names[kind].insert(guid, row.text(3).into_owned()).is_some() {
            row.wrong(format!("{guid} was named before"), problems);
        }
    });
    names
}

/// Compares what `names.csv` says with what a document says.
pub(super) fn compare_names(
    path: &str,
    kind: &str,
    told: &Names,
    documents: &Names,
    problems: &mut Problems,
) {
    let mut guids: Vec<Guid> = told.keys().chain(documents.keys()).copied().collect();
    guids.sort_unstable();
    guids.dedup();
    for guid in guids {
        let what = match (told.get(&guid), documents.get(&guid)) {
            (Some(told), Some(name)) if told == name => continue,
            (Some(told), Some(name)) => {
                format!("{kind} {guid}: {} here, {} in the document", quote(told), quote(name))
            }
            (Some(_), None) => format!("{kind} {guid} stands in no document"),
            _ => format!("{kind} {guid} is missing here"),
        };
        problems.add(&fault::NAMES_DIFFER, path, what);
    }
}
