//! The samples come to what their own truth says: `samples/expected.json`, computed from the model
//! that the samples were made from, not by gc2pc.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use base64::Engine as _;
use serde_json::Value;
use support::{Package, Workshop, sample};

fn expected() -> Value {
    serde_json::from_slice(&std::fs::read(sample("expected.json")).unwrap()).unwrap()
}

fn inputs(set: &Value) -> Vec<PathBuf> {
    set["inputs"].as_array().unwrap().iter().map(|input| sample(input.as_str().unwrap())).collect()
}

/// A truth is a number, or `[least, most]` where equal records of two streams may either survive.
fn within(truth: &Value, value: u64) -> bool {
    match truth.as_array() {
        Some(range) => (range[0].as_u64().unwrap()..=range[1].as_u64().unwrap()).contains(&value),
        None => truth.as_u64() == Some(value),
    }
}

fn assert_set(name: &str, set: &Value, package: &Package) {
    for total in ["read", "written", "duplicate", "filtered", "rejected"] {
        assert!(
            within(&set["totals"][total], package.total(total)),
            "{name}: {total} is {}, not {}",
            package.total(total),
            set["totals"][total]
        );
    }
    assert_eq!(package.report["messages"], set["messages"], "{name}: messages");
    assert_eq!(package.report["events"], set["events"], "{name}: events");
    assert_eq!(
        package.ledger("conflicts.csv").len() as u64,
        set["conflict_pairs"].as_u64().unwrap(),
        "{name}"
    );
    let rooms: BTreeSet<String> = package.messages().into_iter().map(|message| message.room).collect();
    assert_eq!(rooms.len() as u64, set["rooms_with_messages"].as_u64().unwrap(), "{name}: rooms");
    if set["messages"].as_u64() != Some(0) {
        assert_eq!(package.report["first"], set["first"], "{name}: first");
        assert_eq!(package.report["last"], set["last"], "{name}: last");
    }
    let reused = package.ledger("findings.csv").iter().filter(|row| row["code"] == "ID-REUSED").count();
    assert_eq!(reused as u64, set["ids_reused"].as_u64().unwrap(), "{name}: ID-REUSED");
    let sources: BTreeMap<String, BTreeMap<String, String>> =
        package.ledger("sources.csv").into_iter().map(|row| (row["input"].clone(), row)).collect();
    for (stream, truth) in set["streams"].as_object().unwrap() {
        let row = sources
            .get(stream)
            .unwrap_or_else(|| panic!("{name}: no stream {stream} in {:?}", sources.keys()));
        for column in ["read", "written", "duplicate", "rejected"] {
            let value = row[column].parse().unwrap();
            assert!(
                within(&truth[column], value),
                "{name}: {stream}: {column} is {value}, not {}",
                truth[column]
            );
        }
    }
}

#[test]
fn each_set_of_samples_comes_to_its_truth_and_its_package_is_sound() {
    let workshop = Workshop::new();
    for (name, set) in expected()["sets"].as_object().unwrap() {
        let (ran, output) = workshop.convert(&inputs(set), name, &[]);
        match set["status"].as_i64() {
            Some(status) => assert_eq!(i64::from(ran.status), status, "{name}: {}", ran.err),
            None => assert!(ran.status < 2, "{name}: {}", ran.err),
        }
        assert_set(name, set, &Package::open(&output));
        let verified = workshop.run(["verify".into(), output]);
        assert_eq!(verified.status, 0, "{name}: {}{}", verified.out, verified.err);
    }
}

#[test]
fn each_damaged_sample_is_answered_as_its_truth_says() {
    let workshop = Workshop::new();
    for (name, set) in expected()["damaged"].as_object().unwrap() {
        let (ran, output) = workshop.convert(&inputs(set), name, &[]);
        if let Some(status) = set["status"].as_i64() {
            assert_eq!(i64::from(ran.status), status, "{name}: {}", ran.err);
        }
        if ran.status < 2 {
            assert_set(name, set, &Package::open(&output));
        } else {
            assert!(!output.exists(), "{name}: a refused input leaves no package");
            assert!(ran.err.contains("hint:"), "{name}: {}", ran.err);
        }
    }
}

#[test]
fn every_message_of_the_three_sources_comes_out_verbatim() {
    let workshop = Workshop::new();
    let sound = &expected()["sets"]["sound"];
    let package = workshop.converted(&inputs(sound), 0);
    let mut kept: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for message in package.messages() {
        kept.entry((
            message.room.clone(),
            message.time.clone(),
            message.author.clone(),
            message.units.clone(),
        ))
        .or_default()
        .push(message);
    }
    let decode = |text: &Value| {
        let bytes = base64::engine::general_purpose::STANDARD.decode(text.as_str().unwrap()).unwrap();
        bytes.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect::<Vec<u16>>()
    };
    let streams = package.ledger("sources.csv");
    let everything = expected();
    let truths = everything["messages_of_sound"].as_array().unwrap();
    for truth in truths {
        let text = |name: &str| truth[name].as_str().unwrap().to_owned();
        let key = (text("room"), text("time"), text("author"), decode(&truth["text_utf16le_base64"]));
        let found = kept.get_mut(&key).and_then(|same| {
            let ids = truth["chat_ids"].as_array().unwrap();
            let fits = |id: &Option<i64>| ids.iter().any(|truth| truth.as_i64() == *id) || ids.is_empty();
            same.iter().position(|message| fits(&message.chat_id)).map(|at| same.remove(at))
        });
        let message = found.unwrap_or_else(|| panic!("missing: {truth}"));
        // Compliance documents do not tell alerts.
        let stream: usize = message.source.split(':').next().unwrap().parse().unwrap();
        let told = !streams[stream - 1]["format"].starts_with("compliance");
        assert_eq!(message.alert, truth["alert"].as_bool().filter(|_| told), "{truth}");
        assert_eq!(message.rtf.is_some(), !truth["rtf"].is_null(), "{truth}");
        if let Some(rtf) = truth["rtf"].as_str() {
            assert_eq!(String::from_utf16(message.rtf.as_ref().unwrap()).unwrap(), rtf);
        }
        assert_eq!(!message.conflicts.is_empty(), truth["conflict"].as_bool().unwrap(), "{truth}");
    }
    assert!(kept.values().all(Vec::is_empty), "invented: {:?}", kept.values().flatten().next());
}

#[test]
fn each_damaged_record_stands_in_the_ledger_with_its_cause_and_place() {
    let workshop = Workshop::new();
    for (name, cause, record, line) in [
        ("truncated", "truncated", "3", "4"),
        ("too-many-fields", "too-many-fields", "2", "3"),
        ("too-few-fields", "too-few-fields", "2", "3"),
        ("bad-number", "bad-number", "2", "3"),
        ("tick-out-of-range", "bad-time", "2", "3"),
        ("invalid-utf8", "bad-encoding", "2", "3"),
        ("broken-xml", "truncated", "3", "6"),
    ] {
        let (ran, output) = workshop.convert(&[sample(&format!("damaged/{name}"))], name, &[]);
        assert_eq!(ran.status, 1, "{name}: {}", ran.err);
        let rejected = Package::open(&output).ledger("rejected.csv");
        let told = ["cause", "record", "line"].map(|column| rejected[0][column].as_str());
        assert_eq!(told, [cause, record, line], "{name}");
        assert!(!rejected[0]["text"].is_empty() && !rejected[0]["detail"].is_empty(), "{name}");
        assert!(ran.err.contains(cause) && ran.err.contains("rejected.csv"), "{name}: {}", ran.err);
    }
}

#[test]
fn files_that_are_not_what_their_names_say_are_answered_by_what_they_are() {
    let workshop = Workshop::new();
    let package = workshop.converted(&[sample("damaged/csv-named-xml")], 1);
    assert_eq!(package.totals(), [3, 3, 0, 0, 0]);
    for (name, reason) in [
        ("no-zip", "it is no archive, though its name says so"),
        ("empty-file", "it has no bytes"),
        ("doctype", "document type definition"),
        ("other-root", "its root element is Archive"),
    ] {
        let (ran, _) = workshop.convert(&[sample(&format!("damaged/{name}"))], name, &[]);
        assert_eq!(ran.status, 3, "{name}: {}", ran.err);
        assert!(ran.err.contains(reason) && ran.err.contains("hint:"), "{name}: {}", ran.err);
    }
}
