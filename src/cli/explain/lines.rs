//! Explanations for people.

use std::collections::BTreeSet;
use std::io::{self, Write};

use crate::chat::{MessageId, Moment, Precision, Text};
use crate::cli::terminal::{BAD, DIM, GOOD, HEADING, WARNING, harmless, number, quoted};
use crate::explain::{Conflict, Entry, Explanation, Fate, Kept, Place, RejectedAt, StreamRow, reasons};
use crate::source::{Testimony, Witnessed};

/// Characters of a text that are shown.
const SHOWN: usize = 400;
/// Characters of a value of a row that are shown, and of a name.
const SHORT: usize = 100;
/// Records that were dropped are told one by one up to this number, unless all are wanted.
const TOLD: usize = 20;

/// Tells an explanation.
pub(super) fn tell(out: &mut dyn Write, explanation: &Explanation, all: bool) -> io::Result<()> {
    let record = named(&explanation.record);
    match &explanation.fate {
        Fate::Kept => {}
        Fate::Dropped(duplicate) => {
            writeln!(out, "{WARNING}dropped{WARNING:#}  {record}")?;
            stream(out, &explanation.record)?;
            writeln!(out, "  by the rule {}: {}", harmless(&duplicate.rule), reasons::rule(&duplicate.rule))?;
            let formats = explanation.kept.as_ref().map(|kept| (format(&kept.place), kept.entry.found.id));
            if let Some((kept, id)) = formats {
                let why = reasons::survival(kept, format(&explanation.record), id.is_none());
                writeln!(out, "  {why}")?;
            }
            writeln!(out, "{HEADING}in favour of{HEADING:#}")?;
        }
        Fate::Filtered { first, last, reason } => {
            writeln!(out, "{WARNING}left out{WARNING:#} on request  {record}")?;
            stream(out, &explanation.record)?;
            let why = reasons::filter(reason, explanation.told.as_ref());
            writeln!(out, "  {}: {}", harmless(reason), harmless(&why))?;
            writeln!(
                out,
                "  so were all records from {} to {} of this input",
                number(*first),
                number(*last)
            )?;
        }
        Fate::Rejected(rejected) => {
            writeln!(out, "{BAD}rejected{BAD:#} {record}")?;
            stream(out, &explanation.record)?;
            tell_rejected(out, rejected)?;
        }
    }
    if let Some(kept) = &explanation.kept {
        tell_kept(out, kept, all)?;
    }
    for (place, testimony) in &explanation.raw {
        tell_raw(out, place, testimony)?;
    }
    Ok(())
}

/// Names a record and its stream.
fn named(place: &Place) -> String {
    let source = place.source;
    let name = place.stream.as_ref().map(|row| harmless(&row.stream.name).into_owned());
    let of = name.map(|name| format!(" of {name}")).unwrap_or_default();
    format!("record {}:{}{of}", source.stream, source.record)
}

fn format(place: &Place) -> &str {
    place.stream.as_ref().map_or("", |row| &row.stream.format)
}

/// Tells of the stream that holds a record.
fn stream(out: &mut dyn Write, place: &Place) -> io::Result<()> {
    let Some(StreamRow { stream, read }) = &place.stream else {
        return writeln!(out, "  {BAD}the ledger has no such input{BAD:#}");
    };
    let (size, read) = (number(stream.size), number(*read));
    writeln!(out, "  read as {}, {size} bytes, {read} records", harmless(&stream.format))?;
    writeln!(out, "  SHA-256 {}", stream.digest)
}

fn tell_rejected(out: &mut dyn Write, rejected: &RejectedAt) -> io::Result<()> {
    let RejectedAt { line, byte, cause, detail, text, raw } = rejected;
    writeln!(out, "  {}: {}", harmless(cause), reasons::cause(cause))?;
    writeln!(out, "  {}", harmless(detail))?;
    match line {
        0 => writeln!(out, "  at byte {}", number(*byte))?,
        _ => writeln!(out, "  at line {}, byte {}", number(*line), number(*byte))?,
    }
    writeln!(out, "  as far as it could be read: {}", quoted(&Text::from(text.as_str()), SHOWN))?;
    if !raw.is_empty() {
        writeln!(out, "  {DIM}rejected.csv has its bytes as Base64{DIM:#}")?;
    }
    Ok(())
}

fn tell_kept(out: &mut dyn Write, kept: &Kept, all: bool) -> io::Result<()> {
    tell_entry(out, &kept.entry)?;
    writeln!(out, "{HEADING}came from{HEADING:#} {}", named(&kept.place))?;
    stream(out, &kept.place)?;
    tell_holders(out, kept, all)?;
    if !kept.conflicts.is_empty() {
        writeln!(
            out,
            "{WARNING}in conflict{WARNING:#} with messages of the same room, chat id, author and time, and another \
             text: one was replaced, or a copy is damaged; all are kept"
        )?;
        for conflict in &kept.conflicts {
            tell_conflict(out, conflict)?;
        }
    }
    if kept.more_conflicts > 0 {
        writeln!(out, "  {DIM}and {} more{DIM:#}", number(kept.more_conflicts))?;
    }
    Ok(())
}

fn tell_entry(out: &mut dyn Write, entry: &Entry) -> io::Result<()> {
    let found = &entry.found;
    match found.id {
        Some(id) => writeln!(out, "{GOOD}message{GOOD:#} {id}")?,
        None => {
            let type_name = found.type_name.as_ref().map(|name| quoted(name, SHORT)).unwrap_or_default();
            writeln!(out, "{GOOD}event{GOOD:#} {type_name}")?;
        }
    }
    let room = entry.room.as_ref().map(|name| format!("{} ", quoted(name, SHORT))).unwrap_or_default();
    let category = entry.category.as_ref().map(|name| format!(" in {}", quoted(name, SHORT)));
    writeln!(out, "  room    {room}({}){}", found.room, category.unwrap_or_default())?;
    writeln!(out, "  time    {}", time(found.moment))?;
    let person = &entry.person;
    let named = [person.name.as_ref(), person.uri.as_ref()].into_iter().flatten();
    let mut parts: Vec<String> = named.map(|part| quoted(part, SHORT)).collect();
    parts.push(format!("({})", person.guid));
    writeln!(out, "  person  {}", parts.join(" "))?;
    if let Some(id) = found.chat_id {
        writeln!(out, "  chat id {id}")?;
    }
    if found.alert == Some(true) {
        writeln!(out, "  sent as an alert")?;
    }
    writeln!(out, "  text    {}", quoted(&found.text, SHOWN))?;
    if found.has_rtf {
        writeln!(out, "  with a formatted copy (RTF)")?;
    }
    if let Some(extras) = &found.extras {
        writeln!(out, "  further {}", quoted(extras, SHOWN))?;
    }
    writeln!(out, "  stands in {}", harmless(&found.document))
}

fn time(moment: Moment) -> String {
    let known = match moment.precision {
        Precision::Ticks => "",
        Precision::Millisecond => ", known to the millisecond",
        Precision::DateTime => ", known to 1/300 s",
        Precision::Second => ", known to the second",
    };
    format!("{}{known}", moment.ticks)
}

fn tell_holders(out: &mut dyn Write, kept: &Kept, all: bool) -> io::Result<()> {
    let count: u64 = kept.rules.values().sum();
    if count == 0 {
        return writeln!(out, "{HEADING}held by no other record{HEADING:#}");
    }
    let records = if count == 1 { "record that was" } else { "records that were" };
    writeln!(out, "{HEADING}also held by{HEADING:#} {} {records} dropped", number(count))?;
    let shown = if all { kept.holders.len() } else { kept.holders.len().min(TOLD) };
    let mut sentences = BTreeSet::new();
    let kept_format = format(&kept.place);
    for (one, row) in &kept.holders {
        let format = row.as_ref().map_or("", |row| &row.stream.format);
        let why = reasons::survival(kept_format, format, kept.entry.found.id.is_none());
        sentences.insert((one.rule.as_str(), why));
    }
    for (one, row) in kept.holders.iter().take(shown) {
        let place = Place { source: one.source, stream: row.clone() };
        writeln!(out, "  {}  {}", named(&place), harmless(&one.rule))?;
    }
    if count > shown as u64 {
        writeln!(out, "  {DIM}and {} more{DIM:#}", number(count - shown as u64))?;
    }
    for (rule, why) in sentences {
        writeln!(out, "  {DIM}{}: {}; {why}{DIM:#}", harmless(rule), reasons::rule(rule))?;
    }
    Ok(())
}

fn tell_conflict(out: &mut dyn Write, conflict: &Conflict) -> io::Result<()> {
    let id: MessageId = conflict.id;
    match &conflict.side {
        None => writeln!(out, "  {id}  {BAD}the package lacks it{BAD:#}"),
        Some((entry, place)) => {
            writeln!(out, "  {id}  {}", named(place))?;
            writeln!(out, "    {}", quoted(&entry.found.text, SHOWN))
        }
    }
}

fn tell_raw(out: &mut dyn Write, place: &Place, testimony: &Testimony) -> io::Result<()> {
    let record = named(place);
    let found = match testimony {
        Testimony::Record(found) => found,
        Testimony::NoInput => {
            let digest = place.stream.as_ref().map(|row| row.stream.digest.to_string()).unwrap_or_default();
            return writeln!(
                out,
                "{WARNING}not at hand{WARNING:#} {record}: none of the inputs given has the SHA-256 {digest}"
            );
        }
        Testimony::NoRecord { input } => {
            return writeln!(
                out,
                "{WARNING}not at hand{WARNING:#} {record}: {} is the very file and has no such record as it is read \
                 now; give all files of its database",
                harmless(input)
            );
        }
    };
    writeln!(out, "{HEADING}as it stands{HEADING:#} {record}, in {}", harmless(&found.input))?;
    tell_witnessed(out, found)
}

fn tell_witnessed(out: &mut dyn Write, found: &Witnessed) -> io::Result<()> {
    let mut places = Vec::new();
    if found.line > 0 {
        places.push(format!("line {}", number(found.line)));
    }
    places.extend(found.byte.map(|byte| format!("byte {}", number(byte))));
    places.extend(found.place.as_ref().map(|place| harmless(place).into_owned()));
    writeln!(out, "  at {}", places.join(", "))?;
    if let Some(fault) = &found.fault {
        writeln!(out, "  {}", harmless(fault))?;
    }
    for (name, value) in &found.values {
        let value = value.as_ref().map_or_else(|| "NULL".to_owned(), |value| quoted(value, SHORT));
        writeln!(out, "  {DIM}{} ={DIM:#} {value}", harmless(name))?;
    }
    let lossy = found.text.to_lossy();
    let shown: String = lossy.chars().take(SHOWN * 5).collect();
    for line in shown.trim_end_matches(['\r', '\n']).split('\n').filter(|_| !found.bytes.is_empty()) {
        writeln!(out, "  {DIM}|{DIM:#} {}", harmless(line.trim_end_matches('\r')))?;
    }
    if shown.len() < lossy.len() || !found.is_whole {
        writeln!(out, "  {DIM}| …{DIM:#}")?;
    }
    Ok(())
}
