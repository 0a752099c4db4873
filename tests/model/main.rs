//! The model against the program: whole archives from seeds are converted, and the packages held against a
//! converter that is written from the documents alone, plain and slow.
//!
//! `GC2PC_MODEL_SEEDS=FIRST-LAST cargo test --test model` takes other seeds than the few of every day. What fails
//! is made smaller by leaving out inputs and rows for as long as it fails.

#[path = "../support/mod.rs"]
mod support;

mod archive;
mod dice;
mod generate;
mod judge;
mod messages;
mod plan;
mod tree;
mod write;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use archive::Archive;
use support::{Package, Workshop};

/// Converts an archive and says what is wrong with what comes out.
fn check(archive: &Archive) -> Result<(), String> {
    let workshop = Workshop::new();
    let inputs = write::write(archive, workshop.folder.path());
    if inputs.is_empty()
        || archive.dumps.is_empty() && archive.documents.iter().all(|document| document.entries.is_empty())
    {
        return Ok(());
    }
    let (ran, output) = workshop.convert(&inputs, "out", &["--threads", "1"]);
    if ran.status > 1 || ran.status < 0 {
        return Err(format!("the program ends with {}: {}", ran.status, ran.err));
    }
    let package = Package::open(&output);
    judge::judge(archive, &package)?;
    plan::judge(archive, &package)
}

/// Leaves out inputs and rows for as long as it fails.
fn smallest(mut archive: Archive, mut told: String) -> (Archive, String) {
    let mut tries = 600;
    loop {
        let before = tries;
        let mut smaller = false;
        for list in 0..archive.lists() {
            for size in [64, 16, 4, 1] {
                let mut at = 0;
                while let Some(less) = archive.without(list, at..at + size) {
                    tries -= 1;
                    if tries == 0 {
                        return (archive, told);
                    }
                    match check(&less) {
                        Err(still) => (archive, told, smaller) = (less, still, true),
                        Ok(()) => at += size,
                    }
                }
            }
        }
        if !smaller || tries == before {
            return (archive, told);
        }
    }
}

#[test]
fn the_program_does_what_the_model_says() {
    let seeds = std::env::var("GC2PC_MODEL_SEEDS").unwrap_or_else(|_| "1-60".to_owned());
    let (first, last) = seeds.split_once('-').expect("FIRST-LAST");
    let next = AtomicU64::new(first.parse().unwrap());
    let last: u64 = last.parse().unwrap();
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while failures.lock().unwrap().len() < 4 {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed > last {
                        return;
                    }
                    let archive = generate::archive(seed);
                    if let Err(told) = check(&archive) {
                        let (archive, told) = smallest(archive, told);
                        let told = format!("seed {seed}: {told}\n\nof\n{archive}");
                        eprintln!("{told}");
                        failures.lock().unwrap().push(told);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap().len();
    assert_eq!(failures, 0, "archives that are converted otherwise than the documents say");
}
