//! Bags that gc2pc did not make: BagIt 1.0 and the drafts, in folders and in ZIPs of other programs.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::sample::{Place, Sample, check, show};
use crate::error::Error;
use crate::package::verify::bag::{Algorithm, Digesting, hex};
use crate::package::verify::{Kind, Verification, verify};

pub(super) fn digest(algorithm: Algorithm, bytes: &[u8]) -> String {
    let (digests, _) = Digesting::new(bytes, &[algorithm], &|_| ()).finish().unwrap();
    hex(digests.get(algorithm).unwrap())
}

/// Makes a small bag with one payload file and the manifests named.
pub(super) fn bag(version: &str, manifests: &[(&str, Algorithm)]) -> Sample {
    let mut bag = Sample { files: BTreeMap::new() };
    bag.put("bagit.txt", format!("BagIt-Version: {version}\nTag-File-Character-Encoding: UTF-8\n"));
    bag.put("data/hello.txt", "hello\n".to_owned());
    for (name, algorithm) in manifests {
        bag.put(
            &format!("manifest-{name}.txt"),
            format!("{} data/hello.txt\n", digest(*algorithm, b"hello\n")),
        );
    }
    bag
}

pub(super) fn codes(verification: &Verification) -> Vec<&'static str> {
    verification.problems.iter().map(|problem| problem.code).collect()
}

#[test]
fn bags_of_all_versions_and_digests_are_valid() {
    let place = Place::new();
    let all = [
        ("md5", Algorithm::Md5),
        ("sha1", Algorithm::Sha1),
        ("sha256", Algorithm::Sha256),
        ("sha512", Algorithm::Sha512),
    ];
    for version in ["0.93", "0.97", "1.0"] {
        let verification = place.verify_folder(&bag(version, &all));
        assert_eq!((show(&verification).as_str(), verification.kind), ("", Kind::OtherBag));
        let mut changed = bag(version, &all);
        changed.replace("data/hello.txt", "hello", "hullo");
        assert_eq!(codes(&place.verify_folder(&changed)), ["BAG-CHANGED"; 4]);
    }
}

/// A change to a bag of version 1.0 and what comes of it: nothing, warnings, errors.
type Case = (&'static str, &'static [&'static str], fn(&mut Sample));

const CASES: &[Case] = &[
    ("line ends of Windows", &[], |b| {
        for path in ["bagit.txt", "manifest-sha256.txt"] {
            b.put(path, String::from_utf8(b.files[path].clone()).unwrap().replace('\n', "\r\n"));
        }
    }),
    ("digest in capital letters, tab as blank", &[], |b| {
        let line = String::from_utf8(b.files["manifest-sha256.txt"].clone()).unwrap();
        let (digest, _) = line.split_once(' ').unwrap();
        b.put("manifest-sha256.txt", format!("{}\tdata/hello.txt", digest.to_uppercase()));
    }),
    ("further tag files", &[], |b| b.put("notes/about.txt", "x".to_owned())),
    ("name with a line break", &["BAG-PATH-SYSTEM"], |b| {
        let file = b.files.remove("data/hello.txt").unwrap();
        b.files.insert("data/hel\nlo%.txt".to_owned(), file);
        b.replace("manifest-sha256.txt", "hello", "hel%0alo%25");
    }),
    ("values that go on in the next line", &[], |b| {
        b.put("bag-info.txt", "Source: a\n  b\nPayload-Oxum: 6.1\nSource: c\n".to_owned());
    }),
    ("asterisk of md5sum", &["BAG-PATH-FORM"], |b| b.replace("manifest-sha256.txt", " data", " *data")),
    ("dot before the name", &["BAG-PATH-FORM"], |b| b.replace("manifest-sha256.txt", " data", " ./data")),
    ("no blank behind a colon", &["BAG-INFO-FORM"], |b| b.put("bag-info.txt", "Source:a\n".to_owned())),
    ("unknown digest beside a known one", &["BAG-ALGORITHM"], |b| {
        b.put("manifest-crc32.txt", "00000000 data/hello.txt\n".to_owned());
    }),
    ("unknown digest alone", &["BAG-ALGORITHM", "BAG-MANIFEST"], |b| {
        let manifest = b.files.remove("manifest-sha256.txt").unwrap();
        b.files.insert("manifest-sha3.txt".to_owned(), manifest);
    }),
    ("byte order mark", &["BAG-DECLARATION"], |b| b.replace("bagit.txt", "BagIt", "\u{FEFF}BagIt")),
    ("blank before a colon", &["BAG-DECLARATION"], |b| b.replace("bagit.txt", "Version:", "Version :")),
    ("third line", &["BAG-DECLARATION"], |b| b.replace("bagit.txt", "UTF-8\n", "UTF-8\nX: y\n")),
    ("unknown version", &["BAG-DECLARATION"], |b| b.replace("bagit.txt", "1.0", "2.0")),
    ("unknown encoding", &["BAG-DECLARATION"], |b| b.replace("bagit.txt", "UTF-8", "EBCDIC-42")),
    ("no declaration", &["BAG-DECLARATION"], |b| drop(b.files.remove("bagit.txt"))),
    ("bytes that are no UTF-8", &["BAG-ENCODING"], |b| {
        b.files.insert("bag-info.txt".to_owned(), b"Source: \xE9\n".to_vec());
    }),
    ("line without a label", &["BAG-INFO"], |b| b.put("bag-info.txt", "Source\n".to_owned())),
    ("blank before a label's colon", &["BAG-INFO"], |b| b.put("bag-info.txt", "Source : x\n".to_owned())),
    ("another payload size", &["BAG-OXUM"], |b| b.put("bag-info.txt", "Payload-Oxum: 6.2\n".to_owned())),
    ("payload size in words", &["BAG-INFO"], |b| b.put("bag-info.txt", "Payload-Oxum: many\n".to_owned())),
    ("file gone", &["BAG-MISSING"], |b| drop(b.files.remove("data/hello.txt"))),
    ("file added", &["BAG-EXTRA"], |b| b.put("data/.DS_Store", "x".to_owned())),
    ("no manifest", &["BAG-MANIFEST"], |b| drop(b.files.remove("manifest-sha256.txt"))),
    ("empty manifest", &["BAG-EXTRA"], |b| b.put("manifest-sha256.txt", String::new())),
    ("a line that is none", &["BAG-MANIFEST"], |b| {
        b.replace("manifest-sha256.txt", "data/hello.txt\n", "data/hello.txt\nxyz data/other\n");
    }),
    ("file of a tag manifest changed", &["BAG-CHANGED"], |b| {
        b.put("tagmanifest-md5.txt", "00000000000000000000000000000000 bagit.txt\n".to_owned());
    }),
    ("one of two manifests does not list a file", &["BAG-EXTRA"], |b| {
        b.put("manifest-md5.txt", String::new());
    }),
    ("file to be fetched", &["BAG-FETCH"], |b| {
        b.put("fetch.txt", "http://a.example/x 12 data/x.txt\n".to_owned())
    }),
    ("bad line of fetch.txt", &["BAG-FETCH"], |b| b.put("fetch.txt", "data/x.txt\n".to_owned())),
    ("names that differ in case", &["BAG-CLASH", "BAG-EXTRA"], |b| b.put("data/HELLO.txt", "x".to_owned())),
];

#[test]
fn what_is_odd_about_a_bag_is_a_warning_and_what_is_wrong_an_error() {
    for (case, expected, change) in CASES {
        let mut bag = bag("1.0", &[("sha256", Algorithm::Sha256)]);
        change(&mut bag);
        let place = Place::new();
        let verification = place.verify_folder(&bag);
        let found = codes(&verification);
        let agrees = if expected.is_empty() {
            found.is_empty()
        } else {
            expected.iter().all(|code| found.contains(code))
        };
        assert!(agrees, "{case}: {expected:?} expected, found:\n{}", show(&verification));
        let warnings = ["BAG-PATH-FORM", "BAG-INFO-FORM", "BAG-ALGORITHM", "BAG-CLASH", "BAG-PATH-SYSTEM"];
        let sound = expected.iter().all(|code| warnings.contains(code));
        assert_eq!(verification.is_sound(), sound, "{case}: {}", show(&verification));
    }
}

#[test]
fn manifests_that_lead_out_of_the_bag_are_not_followed() {
    for path in ["/etc/passwd", "../x", "data/../../x", "~/x", "C:\\x", "\\\\host\\x", "bagit.txt"] {
        let mut bag = bag("1.0", &[("md5", Algorithm::Md5)]);
        bag.replace("manifest-md5.txt", "data/hello.txt\n", &format!("data/hello.txt\n00 {path}\n"));
        bag.put("fetch.txt", format!("http://a.example/x 1 {path}\n"));
        let verification = Place::new().verify_folder(&bag);
        assert_eq!(codes(&verification), ["BAG-PATH"; 2], "{path}: {}", show(&verification));
    }
}

#[test]
fn the_drafts_allowed_more_than_1_0_does() {
    let line = format!("{} data/hello.txt\n", digest(Algorithm::Md5, b"hello\n"));
    for (version, codes_expected) in [("0.97", vec!["BAG-DUPLICATE-LINE"]), ("1.0", vec!["BAG-DUPLICATE"])] {
        let mut twice = bag(version, &[("md5", Algorithm::Md5)]);
        twice.put("manifest-md5.txt", line.repeat(2));
        assert_eq!(codes(&Place::new().verify_folder(&twice)), codes_expected);
    }
    let mut partial = bag("0.97", &[("md5", Algorithm::Md5)]);
    partial.put("manifest-sha1.txt", String::new());
    partial.put("data/100%25.txt", "x".to_owned());
    partial.put("manifest-md5.txt", format!("{line}{} data/100%25.txt\n", digest(Algorithm::Md5, b"x")));
    assert_eq!(show(&Place::new().verify_folder(&partial)), "");
}

#[test]
fn tag_files_in_another_encoding_are_read() {
    let mut bag = bag("1.0", &[("md5", Algorithm::Md5)]);
    bag.put("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: ISO-8859-1\n".to_owned());
    let file = bag.files.remove("data/hello.txt").unwrap();
    bag.files.insert("data/h\u{E9}llo.txt".to_owned(), file);
    let line = [digest(Algorithm::Md5, b"hello\n").as_bytes(), b"  data/h\xE9llo.txt\n"].concat();
    bag.files.insert("manifest-md5.txt".to_owned(), line);
    assert_eq!(show(&Place::new().verify_folder(&bag)), "");
}

#[test]
fn a_name_in_another_unicode_form_is_told() {
    let mut bag = bag("1.0", &[("md5", Algorithm::Md5)]);
    let file = bag.files.remove("data/hello.txt").unwrap();
    bag.files.insert("data/cafe\u{301}.txt".to_owned(), file);
    bag.replace("manifest-md5.txt", "hello", "caf\u{E9}");
    let verification = Place::new().verify_folder(&bag);
    assert!(show(&verification).contains("in another Unicode form"), "{}", show(&verification));
}

fn foreign_zip(bag: &Sample, prefix: &str, method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    if !prefix.is_empty() {
        writer.add_directory(prefix.trim_end_matches('/'), options).unwrap();
    }
    for (path, bytes) in &bag.files {
        writer.start_file(format!("{prefix}{path}"), options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.set_comment("made elsewhere").unwrap();
    writer.finish().unwrap().into_inner()
}

#[test]
fn zips_of_other_programs_are_read_with_and_without_a_folder_at_the_top() {
    let place = Place::new();
    let bag = bag("1.0", &[("sha512", Algorithm::Sha512)]);
    for prefix in ["", "bag/"] {
        for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
            let zip = foreign_zip(&bag, prefix, method);
            for zip in [zip.clone(), [b"#!/bin/sh\n", &zip[..]].concat()] {
                assert_eq!(show(&place.verify_zip(&zip).unwrap()), "");
            }
            // The payload, which stands uncompressed in the one and damaged in the other.
            let at = zip.windows(14).position(|window| window == b"data/hello.txt").unwrap() + 15;
            let mut changed = zip;
            changed[at] ^= 0x04;
            let found = place.verify_zip(&changed).unwrap();
            assert!(codes(&found).contains(&"FILE-UNREADABLE"), "{}", show(&found));
        }
    }
}

#[test]
fn entries_that_share_bytes_are_not_opened() {
    let mut bag = bag("1.0", &[("md5", Algorithm::Md5)]);
    bag.put("data/zzzzz.txt", "hello\n".to_owned());
    let mut zip = foreign_zip(&bag, "", CompressionMethod::Stored);
    // The directory's entry of the second file is led to the bytes of the first.
    let entries: Vec<usize> = (0..zip.len()).filter(|&at| zip[at..].starts_with(b"PK\x01\x02")).collect();
    let first = zip[entries[1] + 42..entries[1] + 46].to_vec();
    zip[entries[2] + 42..entries[2] + 46].copy_from_slice(&first);
    let verification = Place::new().verify_zip(&zip).unwrap();
    assert!(codes(&verification).contains(&"ZIP-LAYOUT"), "{}", show(&verification));
    assert!(codes(&verification).contains(&"FILE-UNREADABLE"), "{}", show(&verification));
}

#[test]
fn where_there_is_no_bag_or_more_than_one_that_is_said() {
    let place = Place::new();
    let refuse = |path: &Path| match verify(path, &mut |_| ()) {
        Err(Error::Unusable { why, .. }) => why,
        other => panic!("{other:?}"),
    };
    fs::create_dir(place.path("empty")).unwrap();
    assert!(refuse(&place.path("empty")).contains("no bag"));
    fs::write(place.path("text"), "hello").unwrap();
    assert!(refuse(&place.path("text")).contains("ZIP"));
    assert!(matches!(verify(&place.path("nothing"), &mut |_| ()), Err(Error::Read { .. })));

    let bag = bag("1.0", &[("md5", Algorithm::Md5)]);
    bag.write_folder(&place.path("many/one"));
    fs::write(place.path("many/readme.txt"), "x").unwrap();
    assert_eq!(show(&check(&place.path("many"))), "");
    bag.write_folder(&place.path("many/two"));
    assert!(refuse(&place.path("many")).contains("more than one"));
}

#[test]
fn progress_tells_every_byte_once() {
    let place = Place::new();
    let bag = bag("1.0", &[("md5", Algorithm::Md5)]);
    bag.write_folder(&place.path("bag"));
    let mut told = 0;
    let verification = verify(&place.path("bag"), &mut |bytes| told += bytes).unwrap();
    assert_eq!(told, verification.counts.bytes);
    assert_eq!(told, bag.files.values().map(|bytes| bytes.len() as u64).sum::<u64>());
}

/// Where data shared between the project's checkouts lies.
fn shared(path: &str) -> PathBuf {
    let root = std::env::var_os("GC2PC_SHARED_DATA").map(PathBuf::from);
    root.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data")).join(path)
}

#[test]
fn the_published_conformance_suite_is_judged_as_published() {
    let archive = shared("bagit/conformance-suite-v1.0.tar.gz");
    let place = Place::new();
    fs::create_dir(place.path("suite")).unwrap();
    let unpacked = archive.is_file()
        && Command::new("tar")
            .arg("-xzf")
            .arg(&archive)
            .arg("-C")
            .arg(place.path("suite"))
            .status()
            .is_ok_and(|s| s.success());
    if !unpacked {
        eprintln!("skipped: {} is not there or cannot be unpacked", archive.display());
        return;
    }
    let mut judged = BTreeMap::new();
    let folders = |path: PathBuf| fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    for version in folders(place.path("suite")).filter(|path| path.is_dir()) {
        for (verdict, bag) in
            folders(version).flat_map(|kind| folders(kind.clone()).map(move |bag| (kind.clone(), bag)))
        {
            let verdict = verdict.file_name().unwrap().to_str().unwrap().to_owned();
            // Bags of one system alone are invalid there and nowhere else.
            let sound = match &verdict[..] {
                "valid" | "warning" => true,
                "invalid" => false,
                "linux-only" if cfg!(unix) => false,
                "windows-only" if cfg!(windows) => false,
                _ => continue,
            };
            let verification = check(&bag);
            assert_eq!(verification.is_sound(), sound, "{}:\n{}", bag.display(), show(&verification));
            let warned = sound && !verification.problems.is_empty();
            assert_eq!(verdict == "warning", warned, "{}:\n{}", bag.display(), show(&verification));
            *judged.entry(verdict).or_insert(0) += 1;
        }
    }
    assert!(judged.contains_key("valid") && judged.contains_key("invalid"), "{judged:?}");
}
