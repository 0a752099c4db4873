//! Bags of the drafts, 0.97 above all: what they allowed, what they did not, and the pitfalls of names and
//! encodings that are the same in every version.

use super::bags::{bag, codes, digest};
use super::sample::{Place, Sample, show};
use crate::ledger::Level;
use crate::package::verify::bag::Algorithm;

/// What is done to a sound bag, and all that must be told of it in the drafts and in 1.0.
type Case = (&'static str, &'static [&'static str], &'static [&'static str], fn(&mut Sample));

fn manifest_line(text: &str, path: &str) -> String {
    format!("{}  {path}\n", digest(Algorithm::Md5, text.as_bytes()))
}

/// Adds a payload file and its line, in which it may be written otherwise.
fn add(bag: &mut Sample, path: &str, written: &str) {
    bag.put(path, "x".to_owned());
    let manifest = String::from_utf8(bag.files["manifest-md5.txt"].clone()).unwrap();
    bag.put("manifest-md5.txt", manifest + &manifest_line("x", written));
}

fn declare(bag: &mut Sample, encoding: &str) {
    let text = String::from_utf8(bag.files["bagit.txt"].clone()).unwrap();
    bag.put("bagit.txt", text.replace("UTF-8", encoding));
}

/// Writes the manifest in UTF-16.
fn widen(bag: &mut Sample, order: fn(u16) -> [u8; 2], mark: bool) {
    let text = String::from_utf8(bag.files["manifest-md5.txt"].clone()).unwrap();
    let mark = mark.then_some(0xFEFF);
    let bytes = mark.into_iter().chain(text.encode_utf16()).flat_map(order).collect();
    bag.files.insert("manifest-md5.txt".to_owned(), bytes);
}

const UNREADABLE: &[&str] = &["BAG-ENCODING", "BAG-MANIFEST", "BAG-EXTRA"];

const CASES: &[Case] = &[
    ("nothing", &[], &[], |_| ()),
    // bagit.txt and the other tag files.
    ("mark in bagit.txt", &["BAG-DECLARATION"], &["BAG-DECLARATION"], |b| {
        b.replace("bagit.txt", "BagIt-V", "\u{FEFF}BagIt-V");
    }),
    ("mark in a manifest", &["BAG-TEXT-FORM"], &["BAG-TEXT-FORM"], |b| {
        let text = String::from_utf8(b.files["manifest-md5.txt"].clone()).unwrap();
        b.put("manifest-md5.txt", format!("\u{FEFF}{text}"));
    }),
    ("blanks before bagit.txt's colon", &["BAG-DECLARATION"], &["BAG-DECLARATION"], |b| {
        b.replace("bagit.txt", "Version:", "Version :");
    }),
    ("blank before a label's colon", &["BAG-INFO-FORM"], &["BAG-INFO"], |b| {
        b.put("bag-info.txt", "Source : x\n".to_owned());
    }),
    ("UTF-16 with a mark", &[], &[], |b| {
        declare(b, "UTF-16");
        widen(b, u16::to_le_bytes, true);
    }),
    ("UTF-16 with a mark, high byte first", &[], &[], |b| {
        declare(b, "UTF-16");
        widen(b, u16::to_be_bytes, true);
    }),
    ("UTF-16 without a mark", &[], &[], |b| {
        declare(b, "UTF-16");
        widen(b, u16::to_be_bytes, false);
    }),
    ("UTF-16 without a mark, low byte first", &[], &[], |b| {
        declare(b, "UTF-16");
        widen(b, u16::to_le_bytes, false);
    }),
    ("UTF-16BE by name", &[], &[], |b| {
        declare(b, "UTF-16BE");
        widen(b, u16::to_be_bytes, false);
    }),
    ("UTF-16 cut within a character", UNREADABLE, UNREADABLE, |b| {
        declare(b, "UTF-16LE");
        b.put("manifest-md5.txt", "\0".to_owned());
    }),
    // Manifests.
    ("listed twice with one digest", &["BAG-DUPLICATE-LINE"], &["BAG-DUPLICATE"], |b| {
        let text = String::from_utf8(b.files["manifest-md5.txt"].clone()).unwrap();
        b.put("manifest-md5.txt", text.repeat(2));
    }),
    ("listed twice with two digests", &["BAG-DUPLICATE"], &["BAG-DUPLICATE"], |b| {
        let text = String::from_utf8(b.files["manifest-md5.txt"].clone()).unwrap();
        b.put("manifest-md5.txt", text + &manifest_line("y", "data/hello.txt"));
    }),
    (
        "listed twice in two forms",
        &["BAG-PATH-FORM", "BAG-DUPLICATE-LINE"],
        &["BAG-PATH-FORM", "BAG-DUPLICATE"],
        |b| {
            let text = String::from_utf8(b.files["manifest-md5.txt"].clone()).unwrap();
            b.put("manifest-md5.txt", text + &manifest_line("hello\n", "./data/hello.txt"));
        },
    ),
    ("not in one of two manifests", &[], &["BAG-EXTRA"], |b| b.put("manifest-sha1.txt", String::new())),
    ("in no manifest", &["BAG-EXTRA"], &["BAG-EXTRA"], |b| b.put("data/new.txt", "x".to_owned())),
    ("listed and gone", &["BAG-MISSING"], &["BAG-MISSING"], |b| {
        add(b, "data/x", "data/x");
        b.files.remove("data/x");
    }),
    ("asterisk of md5sum", &["BAG-PATH-FORM"], &["BAG-PATH-FORM"], |b| {
        b.replace("manifest-md5.txt", " data", " *data");
    }),
    ("digest of another length", &["BAG-CHANGED"], &["BAG-CHANGED"], |b| {
        b.put("manifest-md5.txt", "00 data/hello.txt\n".to_owned());
    }),
    ("digest that is none", &["BAG-MANIFEST", "BAG-EXTRA"], &["BAG-MANIFEST", "BAG-EXTRA"], |b| {
        b.put("manifest-md5.txt", "zz data/hello.txt\n".to_owned());
    }),
    ("tag file changed", &["BAG-CHANGED"], &["BAG-CHANGED"], |b| {
        b.put("tagmanifest-md5.txt", manifest_line("other", "bagit.txt"));
    }),
    ("tag file gone", &["BAG-MISSING"], &["BAG-MISSING"], |b| {
        b.put("tagmanifest-md5.txt", manifest_line("other", "about.txt"));
    }),
    // Names.
    ("two dots", &["BAG-PATH"], &["BAG-PATH"], |b| {
        let text = String::from_utf8(b.files["manifest-md5.txt"].clone()).unwrap();
        b.put("manifest-md5.txt", text + &manifest_line("x", "data/../../x"));
    }),
    ("two dots within the payload", &["BAG-PATH", "BAG-EXTRA"], &["BAG-PATH", "BAG-EXTRA"], |b| {
        add(b, "data/x", "data/y/../x");
    }),
    ("absolute name", &["BAG-PATH", "BAG-EXTRA"], &["BAG-PATH", "BAG-EXTRA"], |b| {
        add(b, "data/x", "/data/x")
    }),
    ("drive", &["BAG-PATH", "BAG-EXTRA"], &["BAG-PATH", "BAG-EXTRA"], |b| add(b, "data/x", "C:/data/x")),
    ("server", &["BAG-PATH", "BAG-EXTRA"], &["BAG-PATH", "BAG-EXTRA"], |b| {
        add(b, "data/x", "\\\\host\\share\\x");
    }),
    ("home", &["BAG-PATH", "BAG-EXTRA"], &["BAG-PATH", "BAG-EXTRA"], |b| add(b, "data/x", "~/data/x")),
    ("backslashes", &["BAG-PATH", "BAG-EXTRA"], &["BAG-PATH", "BAG-EXTRA"], |b| {
        add(b, "data/x", "data\\x");
    }),
    ("tag file in a payload manifest", &["BAG-PATH"], &["BAG-PATH"], |b| {
        let text = String::from_utf8(b.files["manifest-md5.txt"].clone()).unwrap();
        b.put("manifest-md5.txt", text + &manifest_line("x", "bagit.txt"));
    }),
    ("escaped line break", &["BAG-PATH-SYSTEM"], &["BAG-PATH-SYSTEM"], |b| add(b, "data/a\nb", "data/a%0Ab")),
    ("escaped line break in small letters", &["BAG-PATH-SYSTEM"], &["BAG-PATH-SYSTEM"], |b| {
        add(b, "data/a\rb", "data/a%0db");
    }),
    ("percent that is not escaped", &[], &["BAG-PATH-FORM"], |b| add(b, "data/100%", "data/100%")),
    ("percent that is escaped", &["BAG-MISSING", "BAG-EXTRA"], &[], |b| add(b, "data/100%", "data/100%25")),
    ("name that looks like an escape", &[], &["BAG-PATH-FORM"], |b| add(b, "data/100%25", "data/100%25")),
    ("name that looks like a line break", &["BAG-PATH-FORM"], &["BAG-PATH-FORM"], |b| {
        add(b, "data/a%0Ab", "data/a%0Ab");
    }),
    ("other escapes are none", &[], &["BAG-PATH-FORM"], |b| add(b, "data/a%20b", "data/a%20b")),
    ("blanks in a name", &[], &[], |b| add(b, "data/a  b.txt", "data/a  b.txt")),
    ("names that differ in case", &["BAG-CLASH"], &["BAG-CLASH"], |b| {
        add(b, "data/HELLO.txt", "data/HELLO.txt");
    }),
    ("names that differ in their Unicode form", &["BAG-CLASH"], &["BAG-CLASH"], |b| {
        add(b, "data/caf\u{E9}", "data/caf\u{E9}");
        add(b, "data/cafe\u{301}", "data/cafe\u{301}");
    }),
    ("names with other letters", &[], &[], |b| {
        add(b, "data/caf\u{E9}", "data/caf\u{E9}");
        add(b, "data/caf\u{E8}", "data/caf\u{E8}");
    }),
    ("name of a device", &["BAG-PATH-SYSTEM"], &["BAG-PATH-SYSTEM"], |b| {
        add(b, "data/aux.txt", "data/aux.txt");
    }),
    ("name that ends in a dot", &["BAG-PATH-SYSTEM"], &["BAG-PATH-SYSTEM"], |b| {
        add(b, "data/old./x", "data/old./x");
    }),
    ("name with a question mark", &["BAG-PATH-SYSTEM"], &["BAG-PATH-SYSTEM"], |b| {
        add(b, "data/why?", "data/why?");
    }),
    // Files that systems leave.
    ("litter that was packed", &["BAG-LITTER"], &["BAG-LITTER"], |b| {
        add(b, "data/.DS_Store", "data/.DS_Store");
    }),
    ("litter beside the payload", &["BAG-LITTER"], &["BAG-LITTER"], |b| b.put("Thumbs.db", "x".to_owned())),
    ("litter that nobody packed", &["BAG-EXTRA", "BAG-LITTER"], &["BAG-EXTRA", "BAG-LITTER"], |b| {
        b.put("data/._hello.txt", "x".to_owned());
    }),
    // fetch.txt.
    ("fetched file that is here", &[], &[], |b| {
        b.put("fetch.txt", "http://a.example/hello 6 data/hello.txt\n".to_owned());
    }),
    ("fetched file that is not here", &["BAG-FETCH"], &["BAG-FETCH"], |b| {
        add(b, "data/x", "data/x");
        b.files.remove("data/x");
        b.put("fetch.txt", "http://a.example/x - data/x\n".to_owned());
    }),
    ("fetched file that no manifest lists", &["BAG-FETCH", "BAG-EXTRA"], &["BAG-FETCH", "BAG-EXTRA"], |b| {
        b.put("data/x", "x".to_owned());
        b.put("fetch.txt", "http://a.example/x 1 data/x\n".to_owned());
    }),
    ("fetch to outside", &["BAG-PATH"], &["BAG-PATH"], |b| {
        b.put("fetch.txt", "http://a.example/x 1 data/../../x\n".to_owned());
    }),
    // Bags in bags.
    ("a ZIP in the payload is a file", &[], &[], |b| {
        let zip = bag("1.0", &[("md5", Algorithm::Md5)]).zip();
        let line = format!("{} data/inner.zip\n", digest(Algorithm::Md5, &zip));
        b.files.insert("data/inner.zip".to_owned(), zip);
        let text = String::from_utf8(b.files["manifest-md5.txt"].clone()).unwrap();
        b.put("manifest-md5.txt", text + &line);
    }),
    ("a bag in the payload is files", &[], &[], |b| {
        for (path, bytes) in bag("1.0", &[("md5", Algorithm::Md5)]).files {
            let line = format!("{} data/inner/{path}\n", digest(Algorithm::Md5, &bytes));
            b.files.insert(format!("data/inner/{path}"), bytes);
            let text = String::from_utf8(b.files["manifest-md5.txt"].clone()).unwrap();
            b.put("manifest-md5.txt", text + &line);
        }
    }),
];

#[test]
fn the_pitfalls_are_told_as_each_version_has_them_in_folders_and_in_zips() {
    for (case, of_drafts, of_final, change) in CASES {
        for (version, expected) in [("0.93", of_drafts), ("0.97", of_drafts), ("1.0", of_final)] {
            let mut bag = bag(version, &[("md5", Algorithm::Md5)]);
            change(&mut bag);
            let place = Place::new();
            let mut verifications = vec![place.verify_zip(&bag.zip()).unwrap()];
            // Names that the system at hand can hold.
            if cfg!(unix) {
                verifications.push(place.verify_folder(&bag));
            }
            for verification in verifications {
                let mut found = codes(&verification);
                let mut expected = expected.to_vec();
                found.sort_unstable();
                expected.sort_unstable();
                assert_eq!(found, expected, "{case} in {version}:\n{}", show(&verification));
                let is_error = |code: &&&str| !WARNINGS.contains(*code);
                assert_eq!(verification.is_sound(), expected.iter().filter(is_error).count() == 0, "{case}");
                for problem in &verification.problems {
                    assert_eq!(problem.level == Level::Warning, WARNINGS.contains(&problem.code), "{case}");
                    // What was found, and in at least two clauses how bad that is and what to do.
                    assert!(!problem.what.is_empty() && problem.meaning.len() > 60, "{}", problem.code);
                }
            }
        }
    }
}

const WARNINGS: [&str; 8] = [
    "BAG-TEXT-FORM",
    "BAG-INFO-FORM",
    "BAG-ALGORITHM",
    "BAG-PATH-FORM",
    "BAG-DUPLICATE-LINE",
    "BAG-CLASH",
    "BAG-PATH-SYSTEM",
    "BAG-LITTER",
];

#[test]
fn a_folder_that_holds_a_zip_says_to_name_the_zip() {
    let place = Place::new();
    std::fs::create_dir(place.path("sent")).unwrap();
    std::fs::write(place.path("sent/History.ZIP"), bag("0.97", &[("md5", Algorithm::Md5)]).zip()).unwrap();
    let error = crate::package::verify::verify(&place.path("sent"), &mut |_| ()).unwrap_err();
    assert!(error.hint().unwrap().contains("History.ZIP"), "{error}");
    assert_eq!(show(&super::sample::check(&place.path("sent/History.ZIP"))), "");
}
