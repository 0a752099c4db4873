//! A package in which one byte was changed, anywhere, is never taken for sound, and what is wrong is named.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use gc2pc::Error;
use gc2pc::package::verify::{Verification, verify};
use rayon::prelude::*;
use support::{Workshop, sample, tree};

/// Changes made to a folder, and as many to a ZIP.
const CHANGES: u64 = 1_000;
/// Pieces of work, each with a copy of the package of its own.
const WORKERS: u64 = 8;

/// The generator of Park and Miller: the same changes in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0 * 48_271 % 0x7FFF_FFFF;
        (self.0 as usize) % bound
    }

    /// Returns what a byte is changed to: now one bit, now anything else.
    fn other(&mut self, byte: u8) -> u8 {
        match self.below(2) {
            0 => byte ^ (1 << self.below(8)),
            _ => byte.wrapping_add(1 + self.below(255) as u8),
        }
    }
}

fn package(workshop: &Workshop, name: &str) -> PathBuf {
    let (ran, output) =
        workshop.convert(&[sample("damaged/bad-number")], name, &["--info", "Source-Organization=L"]);
    assert_eq!(ran.status, 1, "{}", ran.err);
    output
}

fn proven(path: &Path) -> Result<Verification, Error> {
    verify(path, &mut |_| ())
}

fn show(verification: &Verification) -> String {
    let line = |problem: &gc2pc::package::verify::Problem| {
        format!("{} {}: {}\n", problem.code, problem.path, problem.what)
    };
    verification.problems.iter().map(line).collect()
}

#[test]
fn a_byte_changed_anywhere_in_a_folder_is_found_and_its_file_is_named() {
    let workshop = Workshop::new();
    let sound = package(&workshop, "sound");
    assert!(proven(&sound).unwrap().is_sound());
    let files: Vec<(String, Vec<u8>)> =
        tree(&sound).into_keys().map(|name| (name.clone(), fs::read(sound.join(name)).unwrap())).collect();
    let total: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    (1..=WORKERS).into_par_iter().for_each(|worker| {
        let copy = workshop.path(&format!("copy-{worker}"));
        for (name, bytes) in &files {
            fs::create_dir_all(copy.join(name).parent().unwrap()).unwrap();
            fs::write(copy.join(name), bytes).unwrap();
        }
        let mut random = Random(worker * 7_919);
        for change in 0..CHANGES / WORKERS {
            // Every other change is in a file chosen without regard to size, or small ones would be spared.
            let (name, bytes, at) = if change % 2 == 0 {
                let (name, bytes) = &files[random.below(files.len())];
                (name, bytes, random.below(bytes.len()))
            } else {
                let mut at = random.below(total);
                let mut found = &files[0];
                for file in &files {
                    found = file;
                    if at < file.1.len() {
                        break;
                    }
                    at -= file.1.len();
                }
                (&found.0, &found.1, at)
            };
            let mut changed = bytes.clone();
            changed[at] = random.other(changed[at]);
            fs::write(copy.join(name), &changed).unwrap();
            let place = format!("byte {at} of {name}, {:#04x} to {:#04x}", bytes[at], changed[at]);
            let verification = proven(&copy).unwrap_or_else(|error| panic!("{place}: {error}"));
            let is_named = |problem: &gc2pc::package::verify::Problem| {
                problem.path == *name || problem.what.contains(name.as_str())
            };
            assert!(!verification.is_sound(), "unseen: {place}");
            assert!(
                verification.problems.iter().any(is_named),
                "not named: {place}\n{}",
                show(&verification)
            );
            fs::write(copy.join(name), bytes).unwrap();
        }
    });
}

#[test]
fn a_byte_changed_anywhere_in_a_zip_is_found_and_its_entry_is_named() {
    let workshop = Workshop::new();
    let sound = package(&workshop, "sound.zip");
    assert!(proven(&sound).unwrap().is_sound());
    let bytes = fs::read(sound).unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&bytes)).unwrap();
    // Where the data of each entry lies, and its name below the bag's folder.
    let entries: Vec<(std::ops::Range<usize>, String)> = (0..archive.len())
        .map(|at| {
            let entry = archive.by_index_raw(at).unwrap();
            let start = usize::try_from(entry.data_start().unwrap()).unwrap();
            let name = entry.name().unwrap().strip_prefix("sound/").unwrap().to_owned();
            (start..start + entry.compressed_size() as usize, name)
        })
        .collect();
    (1..=WORKERS).into_par_iter().for_each(|worker| {
        // The same name: a package in a ZIP bears that of the file.
        let copy = workshop.file(&format!("copy-{worker}/sound.zip"), &bytes);
        let mut random = Random(worker * 104_729);
        for _ in 0..CHANGES / WORKERS {
            let at = random.below(bytes.len());
            let mut changed = bytes.clone();
            changed[at] = random.other(changed[at]);
            fs::write(&copy, &changed).unwrap();
            let place = format!("byte {at} of {}, {:#04x} to {:#04x}", bytes.len(), bytes[at], changed[at]);
            match proven(&copy) {
                Ok(verification) => {
                    assert!(!verification.is_sound(), "unseen: {place}");
                    let inside = entries.iter().find(|(range, _)| range.contains(&at));
                    let is_named = |problem: &gc2pc::package::verify::Problem| match inside {
                        Some((_, name)) => problem.path == *name || problem.what.contains(name.as_str()),
                        None => !problem.what.is_empty(),
                    };
                    assert!(verification.problems.iter().any(is_named), "{place}\n{}", show(&verification));
                }
                // Without its directory it is no ZIP any more.
                Err(Error::Unusable { why, .. }) => assert!(!why.is_empty()),
                Err(error) => panic!("{place}: {error}"),
            }
        }
    });
}
