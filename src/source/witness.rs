//! Records as they stand in the inputs, found again by the digest of the file that holds them.
//!
//! The readers that numbered the records for the ledger count them here again, so the record shown is the
//! very one that the ledger speaks of.

use std::io::{self, Read};
use std::path::PathBuf;

use super::opened::{Kind, Opened};
use super::table::Table;
use super::{Options, open};
use crate::chat::Text;
use crate::compliance;
use crate::container::open_at;
use crate::error::{Error, Result};
use crate::groupchat::{self, TableKind};
use crate::ledger::{Digest, Findings, Stream};
use crate::package::read::{self, Part};
use crate::progress::Progress;
use crate::sqlserver::{FaultKind, Rows};

/// Bytes of a record, and of each of its values, that are shown.
const SHOWN: usize = 64 << 10;

/// Inputs that were opened so that records can be found in them.
#[derive(Debug)]
pub struct Witnesses {
    opened: Vec<Opened>,
    /// What is odd about the inputs.
    pub findings: Findings,
}

/// What inputs say of a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Testimony {
    /// No input has the digest of its stream.
    NoInput,
    /// An input is the very one, and this reading of it has not so many records: it needs other files of
    /// its database, or another version of gc2pc read it.
    NoRecord {
        /// The input's name.
        input: String,
    },
    /// The record.
    Record(Box<Witnessed>),
}

/// A record as it stands in an input.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Witnessed {
    /// The input, named as it was found now.
    pub input: String,
    /// Line where the record begins, from 1; 0 for inputs without lines.
    pub line: u64,
    /// Byte where it begins in the stream, from 0; `None` where the stream is no sequence of bytes.
    pub byte: Option<u64>,
    /// Where it stands in the words of its dump, such as `1:153:4` for file, page and slot.
    pub place: Option<String>,
    /// Its bytes up to 64 KiB; none for rows of a database, whose bytes say little without its catalog.
    pub bytes: Vec<u8>,
    /// Whether these are all its bytes.
    pub is_whole: bool,
    /// These bytes as text, as far as they are.
    pub text: Text,
    /// Its values by column, where it is a row: as text up to 64 KiB, `None` for NULL.
    pub values: Vec<(String, Option<Text>)>,
    /// What is wrong with the row, where it cannot be read.
    pub fault: Option<String>,
}

/// Opens inputs as [`read()`](super::read()) does, and hashes them.
///
/// # Errors
/// [`Error::Read`] if an input cannot be read at all, [`Error::Interrupted`].
pub fn witnesses(inputs: &[PathBuf], options: &Options, progress: &dyn Progress) -> Result<Witnesses> {
    let mut findings = Findings::default();
    // Whether an input changes meanwhile is told by its digest.
    let (opened, _) = open(inputs, options, &mut findings, progress)?;
    Ok(Witnesses { opened, findings })
}

impl Witnesses {
    /// Reads a stream of a package's `sources.csv` up to one of its records. Memory: that record.
    ///
    /// # Errors
    /// [`Error::Read`] if the input cannot be read any more, [`Error::Unusable`], [`Error::Interrupted`].
    pub fn record(&self, stream: &Stream, record: u64, progress: &dyn Progress) -> Result<Testimony> {
        let Some(opened) = self.find(stream) else { return Ok(Testimony::NoInput) };
        let input = opened.stream.name.clone();
        let found = match &opened.kind {
            Kind::Table { table, recognised, .. } => {
                let has_bytes = held(opened).is_none();
                row(opened, table, recognised.kind, has_bytes, record, progress)?
            }
            Kind::Document(kind) => {
                compliance::find_record(kind, reader(opened)?, record)?.map(|found| document(opened, found))
            }
            Kind::Package { part: part @ (Part::Content(..) | Part::Compliance(..)), .. } => {
                let of_events = matches!(part, Part::Compliance(..));
                let found = read::find_record(&input, reader(opened)?, of_events, record)?;
                found
                    .map(|(line, byte, end)| {
                        excerpt(opened, byte, Some(end)).map(|one| Witnessed { line, ..one })
                    })
                    .transpose()?
            }
            _ => None,
        };
        Ok(match found {
            None => Testimony::NoRecord { input },
            Some(witnessed) => Testimony::Record(Box::new(Witnessed { input, ..witnessed })),
        })
    }

    /// Finds a stream by the digest of its file and, where that holds many tables, by its table.
    fn find(&self, wanted: &Stream) -> Option<&Opened> {
        // What could not be read to its end has no digest of its own.
        let is_nameless = wanted.digest == Digest::of(&[]);
        let same_bytes = |opened: &&Opened| {
            (opened.stream.digest, opened.stream.size) == (wanted.digest, wanted.size)
                && (!is_nameless || opened.stream.name == wanted.name)
        };
        let same_table = |opened: &&Opened| match held(opened) {
            Some(table) => wanted.name.ends_with(&format!("#{table}")),
            None => opened.holds_records(),
        };
        let candidates = || self.opened.iter().filter(same_bytes).filter(same_table);
        candidates().find(|opened| opened.stream.name == wanted.name).or_else(|| candidates().next())
    }
}

/// Returns the name of the table that a stream is, if it is one of the tables of a file.
fn held(opened: &Opened) -> Option<String> {
    let Kind::Table { table, .. } = &opened.kind else { return None };
    let name = table.full_name();
    opened.stream.name.ends_with(&format!("#{name}")).then_some(name)
}

fn reader(opened: &Opened) -> Result<Box<dyn Read + Send>> {
    opened.blob.open().map_err(|cause| Error::read(&opened.stream.name, cause))
}

fn document(opened: &Opened, found: compliance::RawRecord) -> Witnessed {
    let compliance::RawRecord { line, byte, text, raw } = found;
    let all = raw.as_deref().unwrap_or(text.as_bytes());
    let bytes = all.get(..SHOWN).unwrap_or(all).to_vec();
    let is_whole = bytes.len() == all.len();
    let text = shown(text.as_bytes());
    let input = opened.stream.name.clone();
    Witnessed { input, line, byte: Some(byte), bytes, is_whole, text, ..Witnessed::default() }
}

/// Reads the bytes of a stream from one place to another, or to its end.
fn excerpt(opened: &Opened, from: u64, until: Option<u64>) -> Result<Witnessed> {
    let read = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        // One more tells whether there are more.
        let most = until.map_or(u64::MAX, |until| until.saturating_sub(from)).min(SHOWN as u64 + 1);
        open_at(&*opened.blob, from)?.take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let mut bytes = read().map_err(|cause| Error::read(&opened.stream.name, cause))?;
    let is_whole = bytes.len() <= SHOWN;
    bytes.truncate(SHOWN);
    let text = groupchat::raw_text(&bytes);
    Ok(Witnessed { byte: Some(from), bytes, is_whole, text, ..Witnessed::default() })
}

/// Walks the rows of a table up to the one that makes a record.
fn row(
    opened: &Opened,
    table: &Table,
    kind: TableKind,
    is_file: bool,
    record: u64,
    progress: &dyn Progress,
) -> Result<Option<Witnessed>> {
    let columns = table.columns();
    let mut rows = table.rows()?;
    let mut records = 0;
    let mut seen = 0_u64;
    let (byte, mut witnessed) = loop {
        seen += 1;
        if seen.is_multiple_of(4096) {
            progress.check()?;
        }
        match rows.next_row()? {
            None => return Ok(None),
            Some(Ok(row)) => {
                records += groupchat::records_in_row(kind, columns, &row);
                if records < record {
                    continue;
                }
                let names = columns.iter().map(|column| column.name.clone());
                let values =
                    row.values.iter().zip(columns).map(|(value, column)| match value.typed(column) {
                        crate::sqlserver::Value::Null => None,
                        value => Some(shown(&value.to_plain())),
                    });
                let values = names.zip(values).collect();
                break (row.byte, Witnessed { line: row.line, values, ..Witnessed::default() });
            }
            Some(Err(fault)) if fault.kind == FaultKind::Place => {}
            Some(Err(fault)) => {
                records += 1;
                if records < record {
                    continue;
                }
                let bytes = fault.raw.get(..SHOWN).unwrap_or(&fault.raw).to_vec();
                let (text, is_whole) = (groupchat::raw_text(&bytes), bytes.len() == fault.raw.len());
                let (line, fault, byte) = (fault.line, Some(fault.detail), fault.byte);
                break (byte, Witnessed { line, bytes, is_whole, text, fault, ..Witnessed::default() });
            }
        }
    };
    witnessed.place = rows.place();
    // The rows of a script stand in the file as lines do, although it holds many tables.
    if !is_file && witnessed.line == 0 {
        return Ok(Some(Witnessed { is_whole: true, ..witnessed }));
    }
    if witnessed.fault.is_some() {
        return Ok(Some(Witnessed { byte: Some(byte), ..witnessed }));
    }
    let end = next_byte(&mut *rows).filter(|&end| end > byte);
    let Witnessed { bytes, is_whole, text, .. } = excerpt(opened, byte, end)?;
    Ok(Some(Witnessed { byte: Some(byte), bytes, is_whole, text, ..witnessed }))
}

/// Returns where the next row begins; `None` if there is none, or it cannot be known.
fn next_byte(rows: &mut dyn Rows) -> Option<u64> {
    loop {
        match rows.next_row().ok()?? {
            Ok(row) => return Some(row.byte),
            Err(fault) if fault.kind == FaultKind::Place => {}
            Err(fault) => return Some(fault.byte),
        }
    }
}

/// Cuts text short at the border of a character.
fn shown(bytes: &[u8]) -> Text {
    let most = bytes.len().min(SHOWN);
    let is_border = |at: &usize| bytes.get(*at).is_none_or(|byte| !(0x80..0xC0).contains(byte));
    let end = (0..=most).rev().find(is_border).unwrap_or(most);
    let bytes = bytes.get(..end).unwrap_or_default();
    Text::from_bytes(bytes).unwrap_or_else(|_| Text::from(String::from_utf8_lossy(bytes).into_owned()))
}
