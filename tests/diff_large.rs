//! Comparing takes no more memory for a large room than for a small one, whether nothing or everything
//! differs: 100,000 messages of one room are compared with shares of a few kilobytes.

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use gc2pc::budget::{Budget, LEAST_MEMORY};
use gc2pc::chat::Ticks;
use gc2pc::compare::{Difference, Options, Outcome, Side, compare};
use gc2pc::progress::Silent;
use support::Workshop;

const COUNT: u64 = 100_000;
const ROOM: &str = "094f5a4a-c492-4f6b-91c2-385eba134fd3";

/// Shares so small that nearly all must wait in the temporary file.
fn tiny() -> Budget {
    let mut budget = Budget::new(LEAST_MEMORY, 2);
    budget.waiting = 64 << 10;
    budget.shelf = 64 << 10;
    budget.ledger = 16 << 10;
    budget
}

fn told(a: &Path, b: &Path, temp: &Path) -> (Vec<Difference>, Outcome) {
    let options = Options { temp: temp.to_owned(), people_map: None, budget: tiny() };
    let mut told = Vec::new();
    let (a, b) = ([a.to_owned()], [b.to_owned()]);
    let outcome = compare(&a, &b, &options, &Silent, &mut |difference| {
        told.push(difference.clone());
        Ok(())
    });
    (told, outcome.unwrap())
}

/// Writes what of a package is compared: one room whose messages come ten to a tick, in documents of
/// so many messages each.
fn package(workshop: &Workshop, name: &str, each: u64, text: impl Fn(u64) -> (u64, String)) -> PathBuf {
    let document = |root: &str, inner: &str| {
        let name = root.split(' ').next().unwrap();
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"urn:gc2pc:package:1\">\n{inner}</{name}>\n"
        )
    };
    let file = |path: &str, bytes: &str| workshop.file(&format!("{name}/{path}"), bytes);
    file("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
    let ann = format!("<Person Id=\"1\" Guid=\"{ROOM}\" Name=\"Ann\" Type=\"User\" Disabled=\"0\"/>\n");
    file("data/import/User.xml", &document("Users", &ann));
    for (part, first) in (1..=COUNT).step_by(each as usize).enumerate() {
        let mut messages = String::new();
        for number in first..(first + each).min(COUNT + 1) {
            let time = Ticks::new(633_981_888_000_000_000 + number as i64 / 10 * 1_000).unwrap();
            let (id, text) = text(number);
            writeln!(
                messages,
                "<Message Id=\"{id:032x}\" Seq=\"{number}\" ChatId=\"{number}\" Time=\"{time}\" Author=\"1\" Source=\"1:{number}\"><Text>{text}</Text></Message>"
            )
            .unwrap();
        }
        let path = match part {
            0 => format!("data/import/Content/{ROOM}.xml"),
            _ => format!("data/import/Content/{ROOM}.{:04}.xml", part + 1),
        };
        file(&path, &document(&format!("Content Room=\"{ROOM}\""), &messages));
    }
    workshop.path(name)
}

#[test]
fn a_large_room_is_compared_in_little_memory() {
    let workshop = Workshop::new();
    let text = |number: u64| format!("message {}", number % 7);
    let a = package(&workshop, "a", 30_000, |number| (number, text(number)));
    let b = package(&workshop, "b", 7_000, |number| match number {
        50_000 => (COUNT + 1, "another".to_owned()),
        _ => (number, text(number)),
    });
    let temp = workshop.path("temp");
    fs::create_dir(&temp).unwrap();
    let (differences, outcome) = told(&a, &b, &temp);
    let [difference] = &differences[..] else { panic!("{differences:?}") };
    assert_eq!((difference.side, difference.field), (Side::Both, Some("Text")));
    assert_eq!(difference.record.as_ref().unwrap().chat_id, Some(50_000));
    assert_eq!(outcome.sides.map(|held| held.messages), [COUNT; 2]);
    assert_eq!(fs::read_dir(&temp).unwrap().count(), 0, "nothing temporary is left");
}

#[test]
fn two_large_rooms_with_no_message_in_common_are_told_in_order() {
    let workshop = Workshop::new();
    let a = package(&workshop, "a", COUNT, |number| (number, format!("one {number}")));
    let b = package(&workshop, "b", COUNT, |number| (number + COUNT, format!("two {number}")));
    let (differences, _) = told(&a, &b, workshop.folder.path());
    let ids: Vec<_> = differences.iter().map(|one| one.record.as_ref().unwrap().chat_id.unwrap()).collect();
    assert_eq!(ids, (1..=COUNT as i64).collect::<Vec<_>>());
    assert!(differences.iter().all(|one| one.field == Some("Text")));
}

#[test]
fn a_source_that_waits_in_the_temporary_file_equals_its_package() {
    let workshop = Workshop::new();
    let mut rows = "channelId,chatId,chatDate,userId,isAlert,content\n".to_owned();
    for id in 1..=5_000 {
        let ticks = 633_981_888_000_000_000_u64 + id / 10 * 1_000;
        writeln!(rows, "{},{id},{ticks},{},0,message {}", 7 + id % 2, 10 + id % 3, id % 5).unwrap();
    }
    let source = workshop.file("one/tblChat.csv", rows);
    let (ran, output) = workshop.convert(std::slice::from_ref(&source), "package", &[]);
    assert!(ran.status < 2, "{}", ran.err);
    let (differences, outcome) = told(&source, &output, workshop.folder.path());
    assert!(differences.is_empty(), "{differences:?}");
    assert_eq!(outcome.sides.map(|held| held.messages), [5_000; 2]);
}
