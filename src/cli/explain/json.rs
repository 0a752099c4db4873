//! Explanations for programs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::chat::Text;
use crate::explain::{Conflict, Duplicate, Entry, Explanation, Fate, Kept, Place, StreamRow, reasons};
use crate::source::{Testimony, Witnessed};

/// Characters of a text that are told.
const TOLD: usize = 64 << 10;

/// Returns the explanation as `--json` writes it.
pub(super) fn facts(explanation: &Explanation) -> impl Serialize {
    let mut facts = Map::new();
    let mut put = |name: &str, value: Value| facts.insert(name.to_owned(), value);
    put("record", place(&explanation.record));
    let fate = match &explanation.fate {
        Fate::Kept => "kept",
        Fate::Dropped(_) => "duplicate",
        Fate::Filtered { .. } => "filtered",
        Fate::Rejected(_) => "rejected",
    };
    put("fate", fate.into());
    match &explanation.fate {
        Fate::Kept => {}
        Fate::Dropped(one) => {
            let kept = explanation.kept.as_ref();
            let why = kept.map(|kept| survival(kept, explanation.record.stream.as_ref()));
            put("duplicate", json!({"rule": one.rule, "meaning": reasons::rule(&one.rule), "why": why}));
        }
        Fate::Filtered { first, last, reason } => {
            let meaning = reasons::filter(reason, explanation.told.as_ref());
            put("filtered", json!({"reason": reason, "meaning": meaning, "first": first, "last": last}));
        }
        Fate::Rejected(one) => {
            let rejected = json!({
                "cause": one.cause, "meaning": reasons::cause(&one.cause), "detail": one.detail, "line": one.line,
                "byte": one.byte, "text": beginning(&one.text), "text_is_whole": is_whole(&one.text),
                "raw_base64": one.raw,
            });
            put("rejected", rejected);
        }
    }
    if let Some(kept) = &explanation.kept {
        put("kept", told_kept(kept));
    }
    let raw = explanation.raw.iter().map(|(place, testimony)| raw(place, testimony)).collect();
    put("in_inputs", Value::Array(raw));
    Value::Object(facts)
}

/// Tells a record with its stream.
fn place(place: &Place) -> Value {
    record(place.source.stream, place.source.record, place.stream.as_ref())
}

fn record(input: u32, record: u64, row: Option<&StreamRow>) -> Value {
    let mut told = json!({"input": input, "record": record});
    if let (Some(told), Some(StreamRow { stream, .. })) = (told.as_object_mut(), row) {
        told.insert("name".to_owned(), stream.name.as_str().into());
        told.insert("size".to_owned(), stream.size.into());
        told.insert("sha256".to_owned(), stream.digest.to_string().into());
        told.insert("format".to_owned(), stream.format.as_str().into());
    }
    told
}

fn survival(kept: &Kept, dropped: Option<&StreamRow>) -> String {
    let format = |row: Option<&StreamRow>| row.map_or(String::new(), |row| row.stream.format.clone());
    let is_event = kept.entry.found.id.is_none();
    reasons::survival(&format(kept.place.stream.as_ref()), &format(dropped), is_event)
}

fn told_kept(kept: &Kept) -> Value {
    let mut told = entry(&kept.entry);
    let holder = |(one, row): &(Duplicate, Option<StreamRow>)| {
        json!({
            "record": record(one.source.stream, one.source.record, row.as_ref()),
            "rule": one.rule, "meaning": reasons::rule(&one.rule), "why": survival(kept, row.as_ref()),
        })
    };
    let conflict = |conflict: &Conflict| {
        let side = conflict.side.as_ref();
        json!({
            "id": conflict.id.to_string(),
            "message": side.map(|(told, _)| entry(told)),
            "record": side.map(|(_, at)| place(at)),
        })
    };
    if let Some(told) = told.as_object_mut() {
        let mut put = |name: &str, value: Value| told.insert(name.to_owned(), value);
        put("record", place(&kept.place));
        put("also_held_by", Value::Array(kept.holders.iter().map(holder).collect()));
        put("also_held_by_rule", json!(kept.rules));
        put("conflicts", Value::Array(kept.conflicts.iter().map(conflict).collect()));
        put("more_conflicts", kept.more_conflicts.into());
    }
    told
}

/// Tells a message or an event.
fn entry(entry: &Entry) -> Value {
    let found = &entry.found;
    let text = |text: &Option<Text>| text.as_ref().map(|text| text.to_lossy().into_owned());
    let lossy = found.text.to_lossy();
    json!({
        "kind": if found.id.is_some() { "message" } else { "event" },
        "id": found.id.map(|id| id.to_string()),
        "type": text(&found.type_name),
        "room": {"guid": found.room.to_string(), "name": text(&entry.room), "category": text(&entry.category)},
        "time": found.moment.ticks.to_string(),
        "precision": found.moment.precision.name(),
        "person": {
            "id": found.person, "guid": entry.person.guid.to_string(), "name": text(&entry.person.name),
            "uri": text(&entry.person.uri),
        },
        "chat_id": found.chat_id,
        "alert": found.alert,
        "text": beginning(&lossy),
        "text_is_whole": is_whole(&lossy),
        "has_rtf": found.has_rtf,
        "extra": text(&found.extras),
        "document": found.document,
    })
}

/// Tells what the inputs say of a record.
fn raw(at: &Place, testimony: &Testimony) -> Value {
    let mut told = json!({"record": place(at)});
    let (found, witnessed) = match testimony {
        Testimony::NoInput => ("no-input", None),
        Testimony::NoRecord { .. } => ("no-record", None),
        Testimony::Record(witnessed) => ("record", Some(witnessed)),
    };
    let Some(fields) = told.as_object_mut() else { return told };
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("found", found.into());
    if let Testimony::NoRecord { input } = testimony {
        put("input", input.as_str().into());
    }
    if let Some(witnessed) = witnessed {
        let Witnessed { input, line, byte, place, bytes, is_whole, text, values, fault } = &**witnessed;
        put("input", input.as_str().into());
        put("line", (*line).into());
        put("byte", json!(byte));
        put("place", json!(place));
        put("fault", json!(fault));
        put("text", text.to_lossy().into());
        put("bytes_base64", STANDARD.encode(bytes).into());
        put("is_whole", (*is_whole).into());
        let value = |(name, value): &(String, Option<Text>)| json!({"column": name, "value": value.as_ref().map(|value| value.to_lossy())});
        put("values", Value::Array(values.iter().map(value).collect()));
    }
    told
}

fn beginning(text: &str) -> &str {
    text.char_indices().nth(TOLD).map_or(text, |(end, _)| &text[..end])
}

fn is_whole(text: &str) -> bool {
    beginning(text).len() == text.len()
}
