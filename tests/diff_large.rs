//! Comparing takes no more memory for a large room than for a small one, whether nothing or everything
//! differs: 100,000 messages of one room are compared with shares of a few kilobytes.

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use gc2pc::budget::{Budget, LEAST_MEMORY};
use gc2pc::compare::{Difference, Options, Outcome, Side, compare};
use gc2pc::progress::Silent;
use support::Workshop;

const COUNT: u64 = 100_000;

/// Shares so small that nearly all must wait in the temporary file.
fn tiny() -> Budget {
    let mut budget = Budget::new(LEAST_MEMORY, 2);
    budget.waiting = 48 << 10;
    budget.shelf = 1 << 20;
    budget.ledger = 16 << 10;
    budget
}

fn told(a: &[PathBuf], b: &[PathBuf], temp: &Path) -> (Vec<Difference>, Outcome) {
    let options = Options { temp: temp.to_owned(), people_map: None, budget: tiny() };
    let mut told = Vec::new();
    let outcome = compare(a, b, &options, &Silent, &mut |difference| {
        told.push(difference.clone());
        Ok(())
    });
    (told, outcome.unwrap())
}

/// Rows of a room whose messages come ten to a tick.
fn rows(text: impl Fn(u64) -> String) -> String {
    let mut rows = "channelId,chatId,chatDate,userId,isAlert,content\n".to_owned();
    for id in 1..=COUNT {
        let ticks = 633_981_888_000_000_000 + id / 10 * 1_000;
        writeln!(rows, "7,{id},{ticks},{},0,{}", 10 + id % 3, text(id)).unwrap();
    }
    rows
}

#[test]
fn a_large_room_is_compared_in_little_memory() {
    let workshop = Workshop::new();
    let source = workshop.file("one/tblChat.csv", rows(|id| format!("message {}", id % 7)));
    let (_, a) = workshop.convert(&[source.clone()], "a", &[]);
    let (_, zip) = workshop.convert(&[source.clone()], "a.zip", &[]);
    let other = workshop.file(
        "two/tblChat.csv",
        rows(|id| match id {
            50_000 => "another".to_owned(),
            _ => format!("message {}", id % 7),
        }),
    );
    let (_, b) = workshop.convert(&[other], "b", &[]);
    let temp = workshop.path("temp");
    fs::create_dir(&temp).unwrap();

    for sides in [[&a, &zip], [&source, &a], [&a, &source]] {
        let [one, other] = sides.map(|path| vec![path.clone()]);
        let (differences, outcome) = told(&one, &other, &temp);
        assert!(differences.is_empty(), "{differences:?}");
        assert_eq!(outcome.sides.map(|held| held.messages), [COUNT; 2]);
    }
    for (one, other) in [(&a, &b), (&source, &b)] {
        let (differences, _) = told(&[one.clone()], &[other.clone()], &temp);
        let [difference] = &differences[..] else { panic!("{differences:?}") };
        assert_eq!((difference.side, difference.field), (Side::Both, Some("Text")));
        assert_eq!(difference.record.as_ref().unwrap().chat_id, Some(50_000));
    }
    assert_eq!(fs::read_dir(&temp).unwrap().count(), 0, "nothing temporary is left");
}

#[test]
fn two_large_rooms_with_nothing_in_common_are_told_in_order() {
    let workshop = Workshop::new();
    let one = workshop.file("one/tblChat.csv", rows(|id| format!("one {id}")));
    let other = workshop.file("two/tblChat.csv", rows(|id| format!("two {id}")));
    let (_, a) = workshop.convert(&[one], "a", &[]);
    let (_, b) = workshop.convert(&[other], "b", &[]);
    let (differences, _) = told(&[a], &[b], workshop.folder.path());
    let ids: Vec<_> = differences.iter().map(|one| one.record.as_ref().unwrap().chat_id.unwrap()).collect();
    assert_eq!(ids, (1..=COUNT as i64).collect::<Vec<_>>());
    assert!(differences.iter().all(|one| one.field == Some("Text")));
}
