//! The targets of `fuzz/`, driven by mutated seeds, wherever the tests run: a bounded number for each target,
//! more with `GC2PC_MUTATIONS`. What fuzzing has found stays here as tests of its own.

mod fuzz_bodies;

use std::panic::{AssertUnwindSafe, catch_unwind};

use fuzz_bodies::{TARGETS, run, seeds};

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % below.max(1) as u64) as usize
    }

    /// Changes bytes as a fuzzer does: bits, bytes of meaning, pieces cut out, repeated, or taken from another.
    fn mutate(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        const TELLING: [&[u8]; 12] = [
            b"\0",
            b"\xFF",
            b"\"",
            b"\r\n",
            b"<",
            b"&#0;",
            b"\xFF\xFE",
            b"-1",
            b"9223372036854775807",
            b"\xED\xA0\x80",
            b",",
            b"NULL",
        ];
        for _ in 0..=self.roll(4) {
            let at = self.roll(bytes.len() + 1);
            let end = (at + self.roll(40)).min(bytes.len());
            match self.roll(6) {
                0 if at < bytes.len() => bytes[at] ^= 1 << self.roll(8),
                1 if at < bytes.len() => bytes[at] = self.roll(256) as u8,
                2 => drop(bytes.drain(at..end)),
                3 => {
                    let again = bytes[at..end].to_vec();
                    bytes.splice(at..at, again);
                }
                4 if !other.is_empty() => {
                    let from = self.roll(other.len());
                    let piece = &other[from..(from + self.roll(60)).min(other.len())];
                    bytes.splice(at..end, piece.iter().copied());
                }
                _ => drop(bytes.splice(at..at, TELLING[self.roll(TELLING.len())].iter().copied())),
            }
        }
    }
}

/// Gives the seeds of a target, then so many mutations of them.
fn drive(target: &str, times: usize) {
    let folder = tempfile::tempdir().unwrap();
    let seeds: Vec<Vec<u8>> =
        seeds::all().into_iter().filter(|(of, _)| *of == target).map(|(_, bytes)| bytes).collect();
    assert!(!seeds.is_empty(), "no seeds for {target}");
    seeds.iter().for_each(|seed| run(target, seed, folder.path()));
    let factor: usize = std::env::var("GC2PC_MUTATIONS").map_or(1, |factor| factor.parse().unwrap());
    for number in 0..times * factor {
        let mut dice = Dice(number as u64);
        let mut bytes = seeds[dice.roll(seeds.len())].clone();
        let other = seeds[dice.roll(seeds.len())].clone();
        dice.mutate(&mut bytes, &other);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run(target, &bytes, folder.path()))) {
            let path = std::env::temp_dir().join(format!("gc2pc-{target}-{number}"));
            std::fs::write(&path, &bytes).unwrap();
            eprintln!("{target}: mutation {number} fails; its bytes are in {}", path.display());
            std::panic::resume_unwind(panic);
        }
    }
}

#[test]
fn delimited_text_is_read_or_refused() {
    drive("delimited", 2_000);
}

#[test]
fn format_files_are_read_or_refused() {
    drive("format_file", 2_000);
}

#[test]
fn records_of_compliance_documents_are_handed_on_or_rejected() {
    drive("compliance", 1_000);
}

#[test]
fn archives_are_walked_or_refused() {
    drive("container", 1_000);
}

#[test]
fn bacpacs_are_read_or_refused() {
    drive("bacpac", 1_000);
}

#[test]
fn changed_packages_are_judged_and_read() {
    drive("package", 10);
}

#[test]
fn people_maps_and_lists_of_a_target_are_read_or_refused() {
    drive("lists", 4_000);
}

#[test]
fn what_is_converted_verifies() {
    drive("whole", 30);
}

#[test]
fn every_target_has_its_file_and_its_entry() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    for target in TARGETS {
        assert!(folder.join(format!("fuzz_targets/{target}.rs")).is_file(), "{target}");
        assert!(manifest.contains(&format!("name = \"{target}\"")), "{target}");
    }
}
