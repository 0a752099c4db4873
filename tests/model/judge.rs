//! Holds the messages and the ledger of a package against the records and the rules.

use std::collections::{BTreeMap, BTreeSet};

use sha2::Digest as _;

use super::archive::Archive;
use super::messages::{Record, agree, count, groups, normal, records};
use super::support::{Message, Package};

type Verdict = Result<(), String>;

/// Fails with a sentence if something is not so.
macro_rules! must {
    ($holds:expr, $($told:tt)*) => {
        if !$holds {
            return Err(format!($($told)*));
        }
    };
}
pub(super) use must;

/// A record by the row of `sources.csv` and its number.
type Origin = (u64, u64);

fn number(row: &BTreeMap<String, String>, column: &str) -> u64 {
    row[column].parse().unwrap()
}

/// Judges messages, ids, conflicts, and the account of every record.
pub fn judge(archive: &Archive, package: &Package) -> Verdict {
    let records = records(archive);
    let streams: BTreeMap<String, u64> = package
        .ledger("sources.csv")
        .iter()
        .zip(1..)
        .map(|(row, number)| (row["input"].clone(), number))
        .collect();
    let mut by_origin: BTreeMap<Origin, &Record> = BTreeMap::new();
    for record in &records {
        let Some(&stream) = streams.get(&record.stream) else {
            return Err(format!("{} is no row of sources.csv", record.stream));
        };
        by_origin.insert((stream, record.number), record);
    }
    let messages = package.messages();
    account(package, &by_origin, &messages)?;
    let kept = grouped(package, &by_origin, &messages)?;
    counts(&records, &kept)?;
    for (message, group) in &kept {
        is_one_message(group)
            .and_then(|()| says_what_it_should(message, group))
            .map_err(|told| format!("{told}\nmessage {message:?}\nof {group:#?}"))?;
    }
    identities(&messages)?;
    order(&messages)?;
    conflicts(package, &kept)
}

/// Every record stands exactly once, with the fate that it must have.
fn account(package: &Package, by_origin: &BTreeMap<Origin, &Record>, messages: &[Message]) -> Verdict {
    let mut told: Vec<Origin> = messages.iter().map(|message| origin(&message.source)).collect();
    let events = event_origins(package);
    told.extend(&events);
    for row in package.ledger("duplicates.csv") {
        told.push((number(&row, "input"), number(&row, "record")));
    }
    for row in package.ledger("rejected.csv") {
        let at = (number(&row, "input"), number(&row, "record"));
        must!(by_origin.get(&at).is_some_and(|record| record.broken), "record {at:?} is rejected: {row:?}");
        told.push(at);
    }
    told.sort();
    let expected: Vec<Origin> = by_origin.keys().copied().collect();
    must!(told == expected, "the ledger tells of {told:?}, there are {expected:?}");
    let broken = by_origin.values().filter(|record| record.broken).count() as u64;
    let written = (messages.len() + events.len()) as u64;
    let read = expected.len() as u64;
    let totals = [read, written, read - written - broken, 0, broken];
    must!(package.totals() == totals, "totals are {:?}, not {totals:?}", package.totals());
    // Events are one if room, type, person, time and content are equal.
    let known: BTreeSet<_> = by_origin
        .values()
        .filter(|record| record.event.is_some())
        .map(|record| (&record.room, record.event, &record.author, record.ticks, record.span))
        .collect();
    let kept: BTreeSet<_> = events
        .iter()
        .filter_map(|at| by_origin.get(at))
        .map(|record| (&record.room, record.event, &record.author, record.ticks, record.span))
        .collect();
    let exact = by_origin.values().filter(|record| record.event.is_some()).all(|record| record.span == 1);
    must!(!exact || kept == known && kept.len() == events.len(), "events are {kept:?}, not {known:?}");
    Ok(())
}

fn origin(source: &str) -> Origin {
    let (stream, record) = source.split_once(':').unwrap();
    (stream.parse().unwrap(), record.parse().unwrap())
}

fn event_origins(package: &Package) -> Vec<Origin> {
    let folder = package.folder.join("data/compliance");
    let Ok(files) = std::fs::read_dir(&folder) else { return Vec::new() };
    let mut found = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        found.extend(text.split(" Source=\"").skip(1).map(|rest| origin(rest.split('"').next().unwrap())));
    }
    found
}

/// The records of each message, the one that survives first.
type Kept<'a> = Vec<(&'a Message, Vec<&'a Record>)>;

fn grouped<'a>(
    package: &Package,
    by_origin: &BTreeMap<Origin, &'a Record>,
    messages: &'a [Message],
) -> Result<Kept<'a>, String> {
    let mut kept: BTreeMap<&str, (&Message, Vec<&Record>)> = BTreeMap::new();
    for message in messages {
        let record = by_origin[&origin(&message.source)];
        must!(record.event.is_none(), "{record:?} is an event and became a message");
        must!(kept.insert(&message.id, (message, vec![record])).is_none(), "{} is there twice", message.id);
    }
    for row in package.ledger("duplicates.csv") {
        let record = by_origin[&(number(&row, "input"), number(&row, "record"))];
        if row["rule"] == "same-event" {
            must!(record.event.is_some(), "{row:?}: no event");
            continue;
        }
        let Some((message, group)) = kept.get_mut(row["kept"].as_str()) else {
            return Err(format!("{row:?}: no such message"));
        };
        let survivor = (number(&row, "kept_input"), number(&row, "kept_record"));
        must!(survivor == origin(&message.source), "{row:?}: kept from {}", message.source);
        rule(&row["rule"], record, group[0])
            .map_err(|told| format!("{row:?}: {told}\n{record:?}\n{:?}", group[0]))?;
        group.push(record);
    }
    Ok(kept.into_values().collect())
}

/// Whether a record was dropped by the rule that fits.
fn rule(told: &str, record: &Record, kept: &Record) -> Verdict {
    let one_id = record.id.is_some() && (record.id, &record.numbering) == (kept.id, &kept.numbering);
    let equal = record.author == kept.author && (record.ticks, record.span) == (kept.ticks, kept.span);
    let expected = match told {
        "same-id" => one_id && record.author == kept.author,
        "same-message" => equal && !one_id,
        // A survivor may be the coarser one, if it is the richer.
        "coarser-time" => record.span != kept.span || record.ticks != kept.ticks,
        "unknown-author" => record.author.is_none() || kept.author.is_none(),
        _ => false,
    };
    must!(expected, "the rule is {told}");
    Ok(())
}

/// As many messages of each room and text as the naive matching says.
fn counts(records: &[Record], kept: &Kept<'_>) -> Verdict {
    let groups = groups(records);
    let mut found = BTreeMap::new();
    for (message, _) in kept {
        *found.entry((message.room.clone(), normal(&message.units))).or_insert(0) += 1;
    }
    for (key, group) in &groups {
        let (expected, found) = (count(group), found.remove(key).unwrap_or(0));
        let text = String::from_utf16_lossy(&key.1);
        must!(expected == found, "{found} messages {text:?} in {}, not {expected}, of {group:#?}", key.0);
    }
    must!(found.is_empty(), "messages that nobody wrote: {found:?}");
    Ok(())
}

/// Whether these records may be one message: they agree, and each numbering is there once.
fn is_one_message(group: &[&Record]) -> Verdict {
    for (at, one) in group.iter().enumerate() {
        for other in &group[at + 1..] {
            must!(agree(one, other), "records that do not agree");
            must!(one.room == other.room && normal(&one.text) == normal(&other.text), "another room or text");
            let twice = one.numbering == other.numbering && (one.id != other.id || one.id.is_none());
            must!(!twice, "two records of one numbering");
        }
    }
    Ok(())
}

/// The richest survives, and what only others know is merged in.
fn says_what_it_should(message: &Message, group: &[&Record]) -> Verdict {
    let kept = group[0];
    let worth = |record: &Record| (record.rank, -record.span, record.author.is_some(), record.text.len());
    let best = group.iter().map(|record| worth(record)).max().unwrap();
    must!(worth(kept) == best, "another record is richer");
    let top: Vec<_> = group.iter().filter(|record| worth(record) == best).collect();
    must!(top.iter().any(|record| record.text == message.units), "the text is not that of the richest");
    must!(kept.text == message.units, "the text is not that of its source");
    let finest = group.iter().min_by_key(|record| record.span).unwrap();
    let times: BTreeSet<String> =
        group.iter().filter(|record| record.span == finest.span).map(|record| time(record.ticks)).collect();
    must!(times.contains(&message.time), "the time is none of {times:?}");
    let precision = match finest.span {
        1 => None,
        10_000 => Some("ms"),
        _ => Some("s"),
    };
    must!(message.precision.as_deref() == precision, "the precision is not {precision:?}");
    let author = group.iter().find_map(|record| record.author.clone());
    must!(author.is_none_or(|author| author == message.author), "the author is another");
    let known = |of: &dyn Fn(&Record) -> Option<String>| -> BTreeSet<Option<String>> {
        match of(kept) {
            Some(own) => BTreeSet::from([Some(own)]),
            None => {
                let others: BTreeSet<_> =
                    group.iter().map(|record| of(record)).filter(Option::is_some).collect();
                if others.is_empty() { BTreeSet::from([None]) } else { others }
            }
        }
    };
    let alerts = known(&|record| record.alert.map(|alert| alert.to_string()));
    must!(alerts.contains(&message.alert.map(|alert| alert.to_string())), "alert is none of {alerts:?}");
    let rtfs = known(&|record| record.rtf.clone());
    let rtf = message.rtf.as_ref().map(|rtf| String::from_utf16_lossy(rtf));
    must!(rtfs.contains(&rtf), "RTF is none of {rtfs:?}");
    let ids = known(&|record| record.id.map(|id| id.to_string()));
    must!(ids.contains(&message.chat_id.map(|id| id.to_string())), "the chat id is none of {ids:?}");
    Ok(())
}

/// The time as a package tells it; all times of the generator lie on one day.
pub fn time(ticks: i64) -> String {
    let day = ticks - super::generate::START;
    let (seconds, rest) = (day.div_euclid(10_000_000), day.rem_euclid(10_000_000));
    let fraction = format!(".{rest:07}");
    let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
    format!("2012-01-01T{:02}:{:02}:{:02}{fraction}Z", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn ticks(told: &str) -> i64 {
    let part = |range: std::ops::Range<usize>| told[range].parse::<i64>().unwrap();
    let seconds = part(11..13) * 3600 + part(14..16) * 60 + part(17..19);
    let fraction = told[19..].trim_start_matches('.').trim_end_matches('Z');
    super::generate::START + seconds * 10_000_000 + format!("{fraction:0<7}").parse::<i64>().unwrap()
}

/// Ids are what docs/identity.md says they are: of equal messages one has each ordinal.
fn identities(messages: &[Message]) -> Verdict {
    let mut equal: BTreeMap<_, Vec<&Message>> = BTreeMap::new();
    for message in messages {
        let key = (&message.room, ticks(&message.time), &message.author, normal(&message.units));
        equal.entry(key).or_default().push(message);
    }
    for ((room, ticks, author, text), same) in equal {
        let expected: BTreeSet<String> =
            (0..same.len() as u32).map(|ordinal| identity(room, ticks, author, &text, ordinal)).collect();
        let found: BTreeSet<String> = same.iter().map(|message| message.id.clone()).collect();
        must!(expected == found, "the ids are not {expected:?}: {same:?}");
    }
    Ok(())
}

fn identity(room: &str, ticks: i64, author: &str, normal: &[u16], ordinal: u32) -> String {
    let mut text = Vec::new();
    for piece in char::decode_utf16(normal.iter().copied()) {
        match piece {
            Ok(c) => text.extend(c.to_string().bytes()),
            Err(lone) => {
                let unit = lone.unpaired_surrogate();
                let bytes = [0xE0 | (unit >> 12), 0x80 | (unit >> 6 & 0x3F), 0x80 | (unit & 0x3F)];
                text.extend(bytes.map(|byte| byte as u8));
            }
        }
    }
    let mut hash = sha2::Sha256::new();
    hash.update(uuid::Uuid::parse_str(room).unwrap().as_bytes());
    hash.update(ticks.to_be_bytes());
    hash.update((author.len() as u32).to_be_bytes());
    hash.update(author.as_bytes());
    hash.update((text.len() as u64).to_be_bytes());
    hash.update(&text);
    hash.update(ordinal.to_be_bytes());
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// By time, then chat id, counted from 1 in each room.
fn order(messages: &[Message]) -> Verdict {
    for pair in messages.windows(2) {
        let (one, next) = (&pair[0], &pair[1]);
        if one.room != next.room {
            must!(next.sequence == 1, "a room begins with {next:?}");
            continue;
        }
        must!(next.sequence == one.sequence + 1, "a gap before {next:?}");
        let by_id = one.chat_id.is_none() || next.chat_id.is_none() || one.chat_id <= next.chat_id;
        let times = (ticks(&one.time), ticks(&next.time));
        must!(times.0 < times.1 || times.0 == times.1 && by_id, "out of order: {one:?} {next:?}");
    }
    Ok(())
}

/// Equal room, chat id, author and time, but another text, unless the other numbering holds the text elsewhere.
fn conflicts(package: &Package, kept: &Kept<'_>) -> Verdict {
    let mut listed = BTreeSet::new();
    for row in package.ledger("conflicts.csv") {
        let mut pair = [row["id"].clone(), row["conflicts_with"].clone()];
        pair.sort();
        must!(listed.insert(pair), "a conflict is listed twice: {row:?}");
    }
    for (at, (message, group)) in kept.iter().enumerate() {
        for (other, others) in &kept[at + 1..] {
            let mut pair = [message.id.clone(), other.id.clone()];
            pair.sort();
            let marks = [message.conflicts.contains(&other.id), other.conflicts.contains(&message.id)];
            must!(marks == [listed.contains(&pair); 2], "marked {marks:?}: {message:?} {other:?}");
            if group.iter().chain(others).any(|record| record.span > 1 || record.author.is_none()) {
                continue; // what is equal of coarse times, the document does not say
            }
            let expected = message.room == other.room
                && normal(&message.units) != normal(&other.units)
                && group.iter().any(|one| others.iter().any(|two| exclude(one, two, group, others)));
            must!(expected == marks[0], "a conflict is {}, not {expected}: {group:#?} {others:#?}", marks[0]);
        }
    }
    Ok(())
}

fn exclude(one: &Record, two: &Record, group: &[&Record], others: &[&Record]) -> bool {
    let equal = one.id.is_some() && one.id == two.id && one.author == two.author && one.ticks == two.ticks;
    // Each of two numberings holds both texts apart from this id: then they share it by chance.
    let by_chance = one.numbering != two.numbering
        && (group.iter().any(|record| record.numbering == two.numbering && record.id.is_some())
            || others.iter().any(|record| record.numbering == one.numbering && record.id.is_some()));
    equal && !by_chance
}
