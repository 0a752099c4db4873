//! The one form of a package's bag: which files it has, and the very bytes of its tag files.

use std::io::Read;

use super::super::bag::{TagFiles, hex};
use super::super::fault;
use super::super::files::Bag;
use super::super::problem::{Problems, quote};
use super::files;
use crate::package::SCHEMAS;
use crate::package::layout::FILES;
use crate::package::read::Part;
use crate::package::staging;

const BAGIT: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
const MANIFEST: &str = "manifest-sha256.txt";
const TAG_MANIFEST: &str = "tagmanifest-sha256.txt";
const REPORT: &str = "data/report.json";
const TABLES: &str = "data/source/";
const SCRIPT: &str = "data/structure.ps1";

/// Files that every package has, beside the documents that its level leaves out.
const REQUIRED: [&str; 20] = [
    "bagit.txt",
    "bag-info.txt",
    MANIFEST,
    TAG_MANIFEST,
    "data/import/User.xml",
    "data/schema/User.xsd",
    "data/schema/Category.xsd",
    "data/schema/RoomDirectory.xsd",
    "data/schema/Content.xsd",
    "data/schema/Compliance.xsd",
    "data/ledger/sources.csv",
    "data/ledger/control.csv",
    "data/ledger/duplicates.csv",
    "data/ledger/conflicts.csv",
    "data/ledger/filtered.csv",
    "data/ledger/rejected.csv",
    "data/ledger/findings.csv",
    "data/ledger/names.csv",
    "data/report.json",
    "data/report.html",
];

/// Tells whether gc2pc made the bag: it says so, or has what no other bag has.
pub(in crate::package::verify) fn is_ours(bag: &Bag, tags: &TagFiles) -> bool {
    let says_so = |agent: &str| agent == "gc2pc" || agent.starts_with("gc2pc ");
    tags.info("Bag-Software-Agent").any(says_so)
        || (bag.get("data/ledger/sources.csv").is_some() && bag.get("data/import/User.xml").is_some())
}

/// Proves that the package has all of its files and no other ones, and that its tag files have the
/// very bytes that gc2pc writes.
pub(super) fn check(bag: &Bag, tags: &TagFiles, problems: &mut Problems) {
    for path in REQUIRED {
        if bag.get(path).is_none() {
            problems.add(&fault::PACKAGE_MISSING, path, "every package has this file");
        }
    }
    check_level(bag, problems);
    for file in bag.files.iter().filter(|file| !belongs(&file.path)) {
        problems.add(&fault::PACKAGE_EXTRA, &file.path, "no file of a package has this name");
    }
    for folder in &bag.bare_folders {
        problems.add(
            &fault::PACKAGE_EXTRA,
            folder,
            "packages have no empty folders, and ZIPs no entries for folders",
        );
    }
    for path in &bag.outside {
        problems.add(&fault::PACKAGE_EXTRA, path, "it lies beside the package's own folder");
    }
    check_manifest(bag, tags, MANIFEST, problems);
    check_manifest(bag, tags, TAG_MANIFEST, problems);
    check_bytes(bag, "bagit.txt", BAGIT, problems);
    for label in ["Bag-Software-Agent", "Payload-Oxum"] {
        if tags.info(label).count() != 1 {
            problems.add(&fault::PACKAGE_FORM, "bag-info.txt", format!("{label} does not stand there once"));
        }
    }
    let listed = |manifest: &str, path: &str| {
        tags.manifest(manifest).is_some_and(|known| known.listed.contains_key(path))
    };
    for path in ["bag-info.txt", "bagit.txt", MANIFEST] {
        if tags.manifest(TAG_MANIFEST).is_some() && !listed(TAG_MANIFEST, path) {
            problems.add(&fault::PACKAGE_FORM, TAG_MANIFEST, format!("it does not list {path}"));
        }
    }
}

/// A package holds the documents of one level: all, or people with one kind more, or people alone.
fn check_level(bag: &Bag, problems: &mut Problems) {
    let categories = bag.get("data/import/Category.xml").is_some();
    let rooms = bag.get("data/import/RoomDirectory.xml").is_some();
    let content =
        bag.files.iter().any(|file| matches!(Part::of(&file.path), Part::Content(..) | Part::Compliance(..)));
    let mut missing = |path| problems.add(&fault::PACKAGE_MISSING, path, "other documents need it");
    if rooms && content && !categories {
        missing("data/import/Category.xml");
    }
    if categories && content && !rooms {
        missing("data/import/RoomDirectory.xml");
    }
    if (categories || rooms) && bag.get(SCRIPT).is_none() {
        missing(SCRIPT);
    }
}

/// Finds documents that are gone though the report tells of a level that has them.
pub(super) fn check_told_level(bag: &Bag, level: &str, problems: &mut Problems) {
    for (path, own_level) in
        [("data/import/Category.xml", "Category"), ("data/import/RoomDirectory.xml", "RoomDirectory")]
    {
        let expected = level == "All" || level == own_level;
        if expected && bag.get(path).is_none() {
            problems.add(
                &fault::PACKAGE_MISSING,
                path,
                format!("the report tells of level {}", quote(level)),
            );
        }
    }
}

/// Finds tables carried verbatim of which the report does not tell, and those that are gone.
pub(super) fn check_told_tables<'a>(bag: &Bag, told: impl Iterator<Item = &'a str>, problems: &mut Problems) {
    let mut told: Vec<&str> = told.collect();
    told.sort_unstable();
    for pair in told.windows(2).filter(|pair| pair[0] == pair[1]) {
        let what = format!("it tells of the table {} more than once", quote(pair[0]));
        problems.add(&fault::REPORT_DIFFERS, REPORT, what);
    }
    told.dedup();
    for path in told.iter().filter(|path| !path.starts_with(TABLES) || bag.get(path).is_none()) {
        let what = format!("the report tells of the table {}", quote(path));
        problems.add(&fault::PACKAGE_MISSING, path, what);
    }
    let tables = bag.files.iter().filter(|file| file.path.starts_with(TABLES));
    for file in tables.filter(|file| told.binary_search(&file.path.as_str()).is_err()) {
        problems.add(&fault::PACKAGE_EXTRA, &file.path, "the report tells of no such table");
    }
}

/// Finds that the plan of the old file store is gone though the report tells of one, or the reverse.
pub(super) fn check_told_files(bag: &Bag, told: bool, problems: &mut Problems) {
    match (told, bag.get(FILES).is_some()) {
        (true, false) => {
            problems.add(&fault::PACKAGE_MISSING, FILES, "the report tells that a file store was given");
        }
        (false, true) => {
            problems.add(
                &fault::PACKAGE_EXTRA,
                FILES,
                "the report does not tell that a file store was given",
            );
        }
        _ => {}
    }
}

/// Tells whether this version of gc2pc made the bag, as the bag says.
pub(super) fn is_this_version(tags: &TagFiles) -> bool {
    tags.info("Bag-Software-Agent")
        .any(|agent| agent.strip_prefix("gc2pc ") == Some(env!("CARGO_PKG_VERSION")))
}

/// Compares one of the package's schemas with the published one; other files are passed over.
pub(super) fn check_schema(path: &str, input: &mut dyn Read, problems: &mut Problems) {
    let Some(name) = path.strip_prefix("data/schema/") else { return };
    let Some((_, published)) = SCHEMAS.into_iter().find(|(known, _)| *known == name) else { return };
    let mut bytes = Vec::new();
    let outcome = input.take(published.len() as u64 + 1).read_to_end(&mut bytes);
    // A file that cannot be read is told of by whoever reads it.
    if outcome.is_ok() && bytes != published.as_bytes() {
        problems.add(&fault::PACKAGE_FORM, path, "it is not the schema that this version of gc2pc writes");
    }
}

/// Tells whether a file of this name may be part of a package.
fn belongs(path: &str) -> bool {
    let plain = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    if files::belongs(path)
        || path == SCRIPT
        || REQUIRED.contains(&path)
        || !matches!(Part::of(path), Part::Other(_))
    {
        return true;
    }
    if let Some(name) = path.strip_prefix("data/source/") {
        let numbered = name.split_once('-').is_some_and(|(number, _)| number.parse::<u32>().is_ok());
        return numbered && plain(name) && name.ends_with(".csv");
    }
    staging::belongs(path)
}

/// Compares a manifest with the one way of writing what it says.
fn check_manifest(bag: &Bag, tags: &TagFiles, path: &str, problems: &mut Problems) {
    let Some(manifest) = tags.manifest(path) else { return };
    let mut listed: Vec<_> = manifest.listed.iter().collect();
    listed.sort_unstable();
    let text: String = listed.iter().map(|(path, digest)| format!("{}  {path}\n", hex(digest))).collect();
    check_bytes(bag, path, &text, problems);
}

fn check_bytes(bag: &Bag, path: &str, expected: &str, problems: &mut Problems) {
    let Some(file) = bag.get(path) else { return };
    let mut bytes = Vec::new();
    let most = expected.len() as u64 + 1;
    let outcome = bag.open(file).and_then(|input| input.take(most).read_to_end(&mut bytes));
    // A file that cannot be read is told of where all files are read.
    if outcome.is_ok() && bytes != expected.as_bytes() {
        let at = bytes.iter().zip(expected.as_bytes()).take_while(|(one, other)| one == other).count();
        let line = bytes[..at].iter().filter(|&&byte| byte == b'\n').count() + 1;
        let what = format!("{} is not written as gc2pc writes it, from line {line} on", quote(path));
        problems.add(&fault::PACKAGE_FORM, path, what);
    }
}
