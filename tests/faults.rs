//! Disks that fail: every operation on files fails once, at every place, and afterwards there is
//! either no package or a sound one, nothing half is left, and the sources are what they were. And
//! sources that change before any of the times that they are opened.
//!
//! A layer written in C (`faults/shim.c`) stands between the program and the C library, so that the
//! program is tested as it is. Linux alone has it; elsewhere these tests say so and end.

#![cfg(target_os = "linux")]

#[path = "faults/layer.rs"]
mod layer;
mod support;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use layer::{Desk, Fault, Outcome, layer};

const EIO: i32 = 5;
const ENOSPC: i32 = 28;

/// Fails the n-th operation of a kind for every n until none is left to fail. Returns how many
/// faults were dealt out.
fn every(fault: Fault<'_>, output: &str, judge: &(dyn Fn(&Desk, usize, &Outcome) + Sync)) -> usize {
    let Some(layer) = layer() else {
        println!("skipped: there is no C compiler to build the failing layer with");
        return 0;
    };
    let next = AtomicUsize::new(1);
    let dealt = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let desk = Desk::new(output);
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let outcome = desk.run(&layer, Some((fault, at)));
                    if !outcome.dealt {
                        return;
                    }
                    dealt.fetch_add(1, Ordering::Relaxed);
                    judge(&desk, at, &outcome);
                }
            });
        }
    });
    dealt.into_inner()
}

/// What must hold after any fault.
fn sound(desk: &Desk, what: &str, at: usize, outcome: &Outcome) {
    let told = &outcome.told;
    let context = format!("{what} {at} of {}: status {:?}\n{told}", desk.output, outcome.status);
    match outcome.status {
        // Nothing failed that mattered, so nothing may be missing.
        Some(0) => assert!(desk.is_whole(), "something is missing: {context}"),
        // A source could not be read to its end: that stands in the package.
        Some(1) => {
            assert!(told.contains("error ") || told.contains("rejected"), "{context}");
            assert!(!desk.is_whole(), "{context}");
        }
        Some(3) => assert!(told.contains("cannot read "), "{context}"),
        Some(4) => assert!(told.contains("cannot write ") || told.contains("not sound"), "{context}"),
        _ => panic!("{context}"),
    }
    if matches!(outcome.status, Some(3 | 4)) {
        assert!(desk.names_a_file(told), "{context}");
    }
    desk.leave_nothing_half(&context);
}

fn fails_everywhere(output: &str, kind: &'static str, error: i32, lasts: bool, least: usize) {
    let fault = Fault { kind, error, lasts };
    let dealt = every(fault, output, &|desk, at, outcome| sound(desk, kind, at, outcome));
    assert!(dealt == 0 || dealt >= least, "{kind}: only {dealt}");
    println!("{kind}, {output}: {dealt} places");
}

#[test]
fn files_that_cannot_be_opened_or_made() {
    fails_everywhere("out", "open", EIO, false, 60);
    fails_everywhere("out.zip", "open", EIO, false, 20);
}

#[test]
fn reading_that_fails() {
    fails_everywhere("out", "read", EIO, false, 60);
    fails_everywhere("out.zip", "read", EIO, false, 20);
}

#[test]
fn writing_that_fails_once() {
    fails_everywhere("out", "write", EIO, false, 30);
    fails_everywhere("out.zip", "write", EIO, false, 2);
}

#[test]
fn a_disk_that_is_full_from_some_write_on() {
    fails_everywhere("out", "write", ENOSPC, true, 30);
    fails_everywhere("out.zip", "write", ENOSPC, true, 2);
}

#[test]
fn syncing_that_fails() {
    fails_everywhere("out", "sync", EIO, false, 30);
    fails_everywhere("out.zip", "sync", EIO, false, 2);
}

#[test]
fn renaming_that_fails() {
    for lasts in [false, true] {
        fails_everywhere("out", "rename", EIO, lasts, 1);
        fails_everywhere("out.zip", "rename", EIO, lasts, 1);
        fails_everywhere("old", "rename", EIO, lasts, 2);
        fails_everywhere("old.zip", "rename", EIO, lasts, 1);
    }
}

#[test]
fn removing_that_fails() {
    for output in ["out.zip", "old", "old.zip"] {
        fails_everywhere(output, "remove", EIO, true, 1);
    }
}

#[test]
fn removing_that_fails_while_clearing_up_what_failed() {
    let Some(layer) = layer() else { return };
    for output in ["out", "out.zip", "old", "old.zip"] {
        let desk = Desk::new(output);
        let fault = Fault { kind: "sync+remove", error: EIO, lasts: true };
        let outcome = desk.run(&layer, Some((fault, 1)));
        assert_eq!(outcome.status, Some(4), "{}", outcome.told);
        assert!(desk.hidden() > 0, "{output}: the scenario shows nothing");
        sound(&desk, fault.kind, 1, &outcome);
    }
}

#[test]
fn reads_and_writes_of_a_few_bytes_at_a_time_change_nothing() {
    let Some(layer) = layer() else { return };
    for output in ["out", "out.zip"] {
        let desk = Desk::new(output);
        let outcome = desk.run(&layer, Some((Fault { kind: "short", error: 0, lasts: true }, 1)));
        assert_eq!(outcome.status, Some(0), "{}", outcome.told);
        assert!(outcome.dealt);
        sound(&desk, "short", 1, &outcome);
    }
}

#[test]
fn the_layer_is_between() {
    let Some(layer) = layer() else { return };
    let desk = Desk::new("out");
    let outcome = desk.run(&layer, None);
    assert_eq!((outcome.status, outcome.dealt), (Some(0), false), "{}", outcome.told);
    assert!(Path::new(&layer).exists());
}

const CHAT: &str = "channelId,chatId,chatDate,userId,isAlert,content\n";

fn table(rows: usize) -> String {
    let row = |number: usize| format!("5,{number},{},7,0,price {number}\n", 633_977_856_058_249_415 + number);
    CHAT.to_owned() + &(1..=rows).map(row).collect::<String>()
}

#[test]
fn sources_that_change_while_they_are_read_are_told_or_were_read_as_one_state() {
    let Some(layer) = layer() else { return };
    let before = table(40);
    for after in [Some(table(41)), Some(table(20)), Some(before.replace("price", "PRICE")), None] {
        let mut told = 0;
        for at in 1.. {
            let workshop = support::Workshop::new();
            let root = workshop.folder.path().canonicalize().unwrap();
            let path = workshop.file("in/tblChat.csv", &before);
            let change = || match &after {
                Some(after) => std::fs::write(&path, after).unwrap(),
                None => std::fs::remove_file(&path).unwrap(),
            };
            let Some(ran) = layer::run_paused(&workshop, &layer, &root, at, &change) else { break };
            let output = workshop.path("out");
            if ran.status == 3 {
                assert!(ran.err.contains("tblChat.csv") || ran.err.contains("cannot read in"), "{}", ran.err);
                assert!(!output.exists());
                told += 1;
                continue;
            }
            let package = support::Package::open(&output);
            if package.ledger("sources.csv").is_empty() {
                assert!(package.codes().contains(&"INPUT-UNREADABLE".to_owned()), "{}", ran.err);
                continue;
            }
            // All of one state: the digest that is told is that of the rows that stand there.
            let stated = package.ledger("sources.csv")[0]["sha256"].clone();
            let mut states = [Some(&before), after.as_ref()].into_iter().flatten();
            let state = states.find(|state| support::digest(&workshop.file("state", state)) == stated);
            let state =
                state.unwrap_or_else(|| panic!("{at}: a digest of nothing that ever was: {}", ran.err));
            assert_eq!(package.total("read") as usize, state.lines().count() - 1, "{at}");
            assert_eq!(
                package.messages()[0].text(),
                state[CHAT.len()..].lines().next().unwrap().rsplit(',').next().unwrap()
            );
            assert_eq!(workshop.run(["verify", "out"]).status, 0);
        }
        assert!(told > 0, "the scenario shows nothing");
    }
}
