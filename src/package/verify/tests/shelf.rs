//! The shelf of damages: each is made to a sound package, must be found, and must be named.

use std::fs;

use rayon::prelude::*;

use super::sample::{ADD_IN, CATEGORY, EMPTY_ROOM, Place, ROOM, Sample, check, id, show};
use crate::package::verify::Verification;

fn assert_found(damage: &str, code: &str, verification: &Verification) {
    assert!(
        verification.problems.iter().any(|problem| problem.code == code) && !verification.is_sound(),
        "{damage}: {code} expected, found:\n{}",
        show(verification)
    );
}

/// What somebody does to the payload, before making all digests anew.
type Forgery = (&'static str, &'static str, fn(&mut Sample));

/// Line breaks that XML takes for blanks are no difference between messages, nor is an address in
/// capital letters: what the identity passes over is no forgery to it.
#[test]
fn what_the_identity_passes_over_is_not_told() {
    let mut sample = Sample::new();
    sample.replace(&content(), "more&#xD;\n", "more\t");
    sample.replace(USERS, "SourceUri=\"sip:ann@", "SourceUri=\"SIP:Ann@");
    sample.seal();
    assert_eq!(show(&Place::new().verify_folder(&sample)), "");
}

/// A package of another version may have other schemas.
#[test]
fn schemas_are_compared_in_packages_of_this_version_alone() {
    let mut sample = Sample::new();
    sample.put("data/schema/User.xsd", "<schema/>\n".to_owned());
    sample.seal();
    let own = format!("gc2pc {}", env!("CARGO_PKG_VERSION"));
    sample.replace("bag-info.txt", &own, "gc2pc 0.0.7");
    let info = crate::ledger::Digest::of(&sample.files["bag-info.txt"]).to_string();
    let tags = String::from_utf8(sample.files["tagmanifest-sha256.txt"].clone()).unwrap();
    sample.put("tagmanifest-sha256.txt", info + &tags[64..]);
    assert_eq!(show(&Place::new().verify_folder(&sample)), "");
}

fn content() -> String {
    format!("data/import/Content/{ROOM}.xml")
}

fn second_part() -> String {
    format!("data/import/Content/{ROOM}.0002.xml")
}

fn compliance() -> String {
    format!("data/compliance/{ROOM}.xml")
}

const USERS: &str = "data/import/User.xml";
const CATEGORIES: &str = "data/import/Category.xml";
const ROOMS: &str = "data/import/RoomDirectory.xml";
const SOURCES: &str = "data/ledger/sources.csv";
const CONTROL: &str = "data/ledger/control.csv";
const DUPLICATES: &str = "data/ledger/duplicates.csv";
const CONFLICTS: &str = "data/ledger/conflicts.csv";
const FILTERED: &str = "data/ledger/filtered.csv";
const REJECTED: &str = "data/ledger/rejected.csv";
const FINDINGS: &str = "data/ledger/findings.csv";
const NAMES: &str = "data/ledger/names.csv";
const REPORT: &str = "data/report.json";

fn remove(sample: &mut Sample, path: &str) {
    sample.files.remove(path).unwrap();
}

const FORGERIES: &[Forgery] = &[
    // Documents.
    ("broken document", "DOC-XML", |s| s.replace(&content(), "</Content>", "")),
    ("entity", "DOC-XML", |s| s.replace(&content(), "&amp;", "&ent;")),
    ("document type", "DOC-XML", |s| s.replace(USERS, "<Users", "<!DOCTYPE Users><Users")),
    ("forbidden character", "DOC-XML", |s| s.replace(&second_part(), "three", "&#x1;")),
    ("no declaration", "DOC-SCHEMA", |s| {
        s.replace(USERS, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", "")
    }),
    ("comment", "DOC-SCHEMA", |s| s.replace(USERS, "</Users>", "<!-- x --></Users>")),
    ("other name space", "DOC-SCHEMA", |s| s.replace(USERS, "package:1", "package:2")),
    ("other root", "DOC-SCHEMA", |s| {
        s.replace(CATEGORIES, "<Categories", "<Users");
        s.replace(CATEGORIES, "</Categories", "</Users");
    }),
    ("unknown attribute", "DOC-SCHEMA", |s| s.replace(USERS, "Type=\"User\"", "Type=\"User\" Age=\"7\"")),
    ("missing attribute", "DOC-SCHEMA", |s| s.replace(USERS, "Type=\"User\"", "")),
    ("unknown kind", "DOC-SCHEMA", |s| s.replace(USERS, "Type=\"User\"", "Type=\"Robot\"")),
    ("time in another form", "DOC-SCHEMA", |s| s.replace(&content(), ":01.5Z", ":01.50Z")),
    ("name in two forms", "DOC-SCHEMA", |s| s.replace(USERS, "NameUtf16", "Name=\"x\" NameUtf16")),
    ("unknown element", "DOC-SCHEMA", |s| s.replace(&content(), "<Rtf>", "<Html/><Rtf>")),
    ("text twice", "DOC-SCHEMA", |s| s.replace(&second_part(), "</Message>", "<Text/></Message>")),
    ("no text", "DOC-SCHEMA", |s| s.replace(&second_part(), "<Text>three</Text>", "")),
    ("elements out of order", "DOC-SCHEMA", |s| {
        s.replace(&second_part(), "<Text>three</Text>", "<Rtf/><Text/>")
    }),
    ("missing list", "DOC-SCHEMA", |s| s.replace(ROOMS, "<Managers/>", "")),
    ("missing last list", "DOC-SCHEMA", |s| s.replace(ROOMS, "<Presenters/>", "")),
    ("text between elements", "DOC-SCHEMA", |s| s.replace(&content(), "<Message", "x<Message")),
    ("text that does not decode", "DOC-SCHEMA", |s| s.replace(&content(), "AABBAA==", "AABBAAA=")),
    ("name that does not decode", "DOC-SCHEMA", |s| s.replace(USERS, "AAA=", "A")),
    ("unknown encoding", "DOC-SCHEMA", |s| s.replace(&content(), "utf-16le-base64", "base64")),
    // References and identities.
    ("dangling author", "DOC-REFERENCE", |s| s.replace(&content(), "Author=\"1\"", "Author=\"9\"")),
    ("dangling person of an event", "DOC-REFERENCE", |s| {
        s.replace(&compliance(), "Person=\"2\"", "Person=\"9\"")
    }),
    ("dangling member", "DOC-REFERENCE", |s| s.replace(ROOMS, "Person=\"1\"", "Person=\"9\"")),
    ("dangling denied member", "DOC-REFERENCE", |s| s.replace(CATEGORIES, "Person=\"2\"", "Person=\"9\"")),
    ("dangling category", "DOC-REFERENCE", |s| {
        s.replace(ROOMS, &format!("Category=\"{CATEGORY}"), &format!("Category=\"{ROOM}"))
    }),
    ("dangling add-in", "DOC-REFERENCE", |s| {
        s.replace(ROOMS, &format!("AddIn=\"{ADD_IN}"), &format!("AddIn=\"{ROOM}"))
    }),
    ("dangling room", "DOC-REFERENCE", |s| {
        s.replace(ROOMS, &format!("Guid=\"{ROOM}"), "Guid=\"55555555-0000-0000-0000-000000000005")
    }),
    ("another room than the name says", "DOC-REFERENCE", |s| s.replace(&content(), ROOM, EMPTY_ROOM)),
    ("person twice", "DOC-DUPLICATE", |s| s.replace(USERS, "Id=\"2\"", "Id=\"1\"")),
    ("GUID twice", "DOC-DUPLICATE", |s| s.replace(USERS, "-000000000002", "-000000000001")),
    ("room twice", "DOC-DUPLICATE", |s| s.replace(ROOMS, EMPTY_ROOM, ROOM)),
    ("message id twice", "DOC-DUPLICATE", |s| {
        s.replace(&second_part(), &format!("Id=\"{}\"", id(3)), &format!("Id=\"{}\"", id(1)))
    }),
    ("gap in the numbers", "DOC-ORDER", |s| s.replace(&content(), "Seq=\"2\"", "Seq=\"4\"")),
    ("first number is not 1", "DOC-ORDER", |s| s.replace(&content(), "Seq=\"1\"", "Seq=\"2\"")),
    ("time runs backwards", "DOC-ORDER", |s| s.replace(&content(), ":01.5Z", ":09.5Z")),
    ("time runs backwards between parts", "DOC-ORDER", |s| s.replace(&second_part(), ":02.5Z", ":01Z")),
    ("first part is gone", "DOC-ORDER", |s| remove(s, &content())),
    ("another part than the name says", "DOC-ORDER", |s| {
        s.replace(&second_part(), "Part=\"2\"", "Part=\"3\"")
    }),
    ("part 2 is named part 3", "DOC-ORDER", |s| {
        let part = s.files.remove(&second_part()).unwrap();
        s.files.insert(format!("data/import/Content/{ROOM}.0003.xml"), part);
        s.replace(&format!("data/import/Content/{ROOM}.0003.xml"), "Part=\"2\"", "Part=\"3\"");
    }),
    ("text altered", "MESSAGE-ID", |s| s.replace(&second_part(), "three", "tree")),
    ("encoded text altered", "MESSAGE-ID", |s| s.replace(&content(), "AABBAA==", "AABCAA==")),
    ("time altered", "MESSAGE-ID", |s| s.replace(&content(), ":01.5Z", ":01.25Z")),
    ("author altered", "MESSAGE-ID", |s| s.replace(&second_part(), "Author=\"1\"", "Author=\"2\"")),
    ("address of the author altered", "MESSAGE-ID", |s| {
        s.replace(USERS, "SourceUri=\"sip:ann@", "SourceUri=\"sip:eve@")
    }),
    ("address of the author removed", "MESSAGE-ID", |s| {
        s.replace(USERS, " SourceUri=\"sip:ann@litware.example\"", "")
    }),
    ("id forged", "MESSAGE-ID", |s| {
        s.replace(&second_part(), &format!("Id=\"{}\"", id(3)), &format!("Id=\"{}\"", id(7)))
    }),
    ("one side of a conflict is silent", "DOC-CONFLICT", |s| {
        s.replace(&content(), &format!(" Conflict=\"{}\"", id(3)), "")
    }),
    ("the ledger is silent about a conflict", "DOC-CONFLICT", |s| {
        s.replace(CONFLICTS, &format!("{},{}\n", id(2), id(3)), "")
    }),
    ("a conflict with nobody", "DOC-CONFLICT", |s| {
        s.replace(&content(), &format!("Conflict=\"{}", id(3)), &format!("Conflict=\"{} {}", id(3), id(9)))
    }),
    // The account of records.
    ("message lost", "LEDGER-NOWHERE", |s| remove(s, &second_part())),
    ("event lost", "LEDGER-NOWHERE", |s| remove(s, &compliance())),
    ("row of a duplicate lost", "LEDGER-NOWHERE", |s| {
        s.replace(DUPLICATES, &format!("1,4,{},coarser-time,1,1\n", id(1)), "")
    }),
    ("filtered range shortened", "LEDGER-NOWHERE", |s| s.replace(FILTERED, "1,5,6", "1,5,5")),
    ("rejected row lost", "LEDGER-NOWHERE", |s| {
        s.replace(REJECTED, "1,7,8,900,bad-time,\"7,\"\"x\"\"\n\",no such time,\n", "")
    }),
    ("record doubled by a message", "LEDGER-TWICE", |s| {
        s.replace(&second_part(), "Source=\"1:3\"", "Source=\"1:2\"")
    }),
    ("record doubled by a row", "LEDGER-TWICE", |s| s.replace(FILTERED, "1,5,6", "1,4,6")),
    ("row doubled", "LEDGER-TWICE", |s| {
        let row = format!("1,4,{},coarser-time,1,1\n", id(1));
        s.replace(DUPLICATES, &row, &format!("{row}{row}"));
    }),
    ("record beyond its stream", "LEDGER-BEYOND", |s| {
        s.replace(FILTERED, "1,5,6", "1,5,18446744073709551615")
    }),
    ("stream beyond all", "LEDGER-BEYOND", |s| s.replace(&second_part(), "Source=\"1:3\"", "Source=\"3:3\"")),
    ("forged number of records", "LEDGER-NOWHERE", |s| {
        s.replace(SOURCES, "tblChat,7,3,1,2,1", "tblChat,18446744073709551615,3,1,2,1");
    }),
    ("forged sum of a stream", "LEDGER-SUM", |s| s.replace(SOURCES, "7,3,1,2,1", "7,4,0,2,1")),
    ("sum that is no sum", "LEDGER-SUM", |s| s.replace(SOURCES, "7,3,1,2,1", "8,3,1,2,1")),
    ("stream removed", "LEDGER-BEYOND", |s| {
        s.replace(SOURCES, "\"Conversations, utf-8\",3,2,1,0,0\n", "x,0,0,0,0,0\n")
    }),
    ("kept message is not there", "LEDGER-KEPT", |s| s.replace(DUPLICATES, &id(1), &id(7))),
    ("kept message comes from elsewhere", "LEDGER-KEPT", |s| {
        s.replace(DUPLICATES, "coarser-time,1,1", "coarser-time,1,2")
    }),
    ("kept event is not there", "LEDGER-KEPT", |s| {
        s.replace(DUPLICATES, "2:1,same-event,2,1", "2:9,same-event,2,9")
    }),
    ("kept event is a message", "LEDGER-KEPT", |s| {
        s.replace(DUPLICATES, "2:1,same-event,2,1", "1:1,same-event,1,1")
    }),
    ("kept event told in two ways", "LEDGER-FORM", |s| {
        s.replace(DUPLICATES, "2:1,same-event", "2:2,same-event")
    }),
    ("unknown rule", "LEDGER-FORM", |s| s.replace(DUPLICATES, "coarser-time", "a-feeling")),
    ("unknown reason", "LEDGER-FORM", |s| s.replace(FILTERED, "since", "boring")),
    ("unknown cause", "LEDGER-FORM", |s| s.replace(REJECTED, "bad-time", "bad-luck")),
    ("unknown level", "LEDGER-FORM", |s| s.replace(FINDINGS, ",error,", ",fatal,")),
    ("other header", "LEDGER-FORM", |s| s.replace(REJECTED, "input,record,line", "input,line,record")),
    ("missing field", "LEDGER-FORM", |s| s.replace(FILTERED, "5,6,", "5,")),
    ("range upside down", "LEDGER-FORM", |s| s.replace(FILTERED, "1,5,6", "1,6,5")),
    ("digest that is none", "LEDGER-FORM", |s| s.replace(SOURCES, "abab", "ABAB")),
    ("rows out of order", "LEDGER-ORDER", |s| {
        let text = String::from_utf8(s.files[DUPLICATES].clone()).unwrap();
        let mut lines: Vec<&str> = text.lines().collect();
        lines.swap(1, 2);
        s.put(DUPLICATES, lines.join("\n") + "\n");
    }),
    ("streams out of order", "LEDGER-ORDER", |s| s.replace(SOURCES, "mgc.bak", "zzz.bak")),
    ("empty ledger file", "LEDGER-FORM", |s| s.put(REJECTED, String::new())),
    ("a count of a stream that is not there", "LEDGER-FORM", |s| s.replace(CONTROL, "1,8,7", "3,8,7")),
    // What is told to people.
    ("a difference of counts taken away", "CONTROL-DIFFERS", |s| s.replace(CONTROL, "1,8,7", "1,7,7")),
    ("another name", "NAMES-DIFFER", |s| s.replace(NAMES, "Rates,Rates", "Rates,Rate")),
    ("name lost", "NAMES-DIFFER", |s| {
        s.replace(NAMES, &format!("room,{EMPTY_ROOM},Trade\\Empty,Trade_Empty\n"), "")
    }),
    ("name of nothing", "NAMES-DIFFER", |s| {
        s.replace(NAMES, &format!("room,{EMPTY_ROOM}"), &format!("category,{EMPTY_ROOM}"))
    }),
    ("forged total", "REPORT-DIFFERS", |s| s.replace(REPORT, "\"read\":10", "\"read\":9")),
    ("forged number of messages", "REPORT-DIFFERS", |s| {
        s.replace(REPORT, "\"messages\":3", "\"messages\":4")
    }),
    ("forged number of rooms", "REPORT-DIFFERS", |s| s.replace(REPORT, "\"rooms\":2", "\"rooms\":1")),
    ("forged first time", "REPORT-DIFFERS", |s| s.replace(REPORT, ":01.5Z", ":00.5Z")),
    ("forged finding", "REPORT-DIFFERS", |s| s.replace(REPORT, "\"SCOPE-OUT\":2", "\"SCOPE-OUT\":1")),
    ("finding removed", "REPORT-DIFFERS", |s| s.replace(FINDINGS, "SCOPE-OUT,info,Rates,two\n", "")),
    ("report that is none", "REPORT-FORM", |s| s.put(REPORT, "{".to_owned())),
    // Files.
    ("file added", "PACKAGE-EXTRA", |s| s.put("data/notes.txt", "x".to_owned())),
    ("part added under another name", "PACKAGE-EXTRA", |s| {
        s.put(&format!("data/import/Content/{ROOM}.2.xml"), String::new())
    }),
    ("document removed", "PACKAGE-MISSING", |s| remove(s, CATEGORIES)),
    ("document removed that nothing refers to", "PACKAGE-MISSING", |s| {
        [content(), second_part(), compliance()].iter().for_each(|path| remove(s, path));
        remove(s, CATEGORIES);
        remove(s, ROOMS);
    }),
    ("script removed", "PACKAGE-MISSING", |s| remove(s, "data/structure.ps1")),
    ("schema altered", "PACKAGE-FORM", |s| s.replace("data/schema/User.xsd", "required", "optional")),
    ("table removed", "PACKAGE-MISSING", |s| remove(s, "data/source/1-tblNode.csv")),
    ("table added", "PACKAGE-EXTRA", |s| s.put("data/source/2-tblNode.csv", "x\n".to_owned())),
    ("table told of twice", "REPORT-DIFFERS", |s| {
        let table = "{\"source\":1,\"table\":\"tblNode\",\"rows\":1,\"file\":\"data/source/1-tblNode.csv\"}";
        s.replace(REPORT, table, &format!("{table},{table}"));
    }),
    ("table elsewhere", "PACKAGE-MISSING", |s| {
        s.replace(REPORT, "data/source/1-tblNode.csv", "data/import/User.xml")
    }),
    ("schema removed", "PACKAGE-MISSING", |s| remove(s, "data/schema/User.xsd")),
    ("ledger file removed", "PACKAGE-MISSING", |s| remove(s, FINDINGS)),
];

#[test]
fn forgeries_are_found_even_where_all_digests_agree() {
    let sound = Sample::new();
    FORGERIES.par_iter().for_each(|(damage, code, forge)| {
        let mut sample = sound.clone();
        forge(&mut sample);
        sample.seal();
        assert_found(damage, code, &Place::new().verify_folder(&sample));
    });
}

/// What happens to a finished package, with no digest made anew.
const DAMAGES: &[Forgery] = &[
    ("file removed", "BAG-MISSING", |s| remove(s, "data/report.html")),
    ("file added to the payload", "BAG-EXTRA", |s| s.put("data/x", String::new())),
    ("file added beside the payload", "PACKAGE-EXTRA", |s| s.put("x", String::new())),
    ("declaration removed", "BAG-DECLARATION", |s| remove(s, "bagit.txt")),
    ("manifest removed", "BAG-MANIFEST", |s| remove(s, "manifest-sha256.txt")),
    ("tag manifest removed", "PACKAGE-MISSING", |s| remove(s, "tagmanifest-sha256.txt")),
    ("manifest in capital letters", "PACKAGE-FORM", |s| {
        let text = String::from_utf8(s.files["tagmanifest-sha256.txt"].clone()).unwrap();
        let (digest, rest) = text.split_once(' ').unwrap();
        s.put("tagmanifest-sha256.txt", format!("{} {rest}", digest.to_uppercase()));
    }),
    ("line end added", "PACKAGE-FORM", |s| {
        s.replace("tagmanifest-sha256.txt", "bagit.txt\n", "bagit.txt\n\n")
    }),
    ("line end lost", "PACKAGE-FORM", |s| {
        s.replace("tagmanifest-sha256.txt", "manifest-sha256.txt\n", "manifest-sha256.txt")
    }),
    ("size forged", "BAG-OXUM", |s| s.replace("bag-info.txt", "Oxum: ", "Oxum: 1")),
];

#[test]
fn damages_to_files_are_found() {
    let sound = Sample::new();
    for (damage, code, harm) in DAMAGES {
        let mut sample = sound.clone();
        harm(&mut sample);
        assert_found(damage, code, &Place::new().verify_folder(&sample));
        assert_found(damage, code, &Place::new().verify_zip(&sample.zip()).unwrap());
    }
}

#[test]
fn a_changed_byte_in_any_file_of_a_folder_is_found_in_that_file() {
    let sound = Sample::new();
    let place = Place::new();
    place.verify_folder(&sound);
    for (path, bytes) in &sound.files {
        for at in [0, bytes.len() / 2, bytes.len() - 1] {
            let mut changed = bytes.clone();
            changed[at] ^= 0x01;
            fs::write(place.path("pack").join(path), changed).unwrap();
            let verification = check(&place.path("pack"));
            let named = verification
                .problems
                .iter()
                .any(|problem| problem.path == *path || problem.what.contains(path));
            assert!(!verification.is_sound() && named, "{path}, byte {at}:\n{}", show(&verification));
        }
        fs::write(place.path("pack").join(path), bytes).unwrap();
    }
}

#[test]
fn an_empty_folder_and_a_link_are_found() {
    let place = Place::new();
    place.verify_folder(&Sample::new());
    fs::create_dir_all(place.path("pack/data/import/old/older")).unwrap();
    assert_found("empty folder", "PACKAGE-EXTRA", &check(&place.path("pack")));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("/etc/passwd", place.path("pack/data/source/2-link.csv")).unwrap();
        assert_found("link", "BAG-LINK", &check(&place.path("pack")));
    }
}

#[test]
fn a_changed_byte_anywhere_in_a_zip_is_found() {
    let zip = Sample::new().zip();
    // All of the first entry, of the last header and of the end; elsewhere one byte in seventeen.
    let chosen = |at: &usize| *at < 400 || *at + 200 > zip.len() || at.is_multiple_of(17);
    let unseen: Vec<usize> = (0..zip.len())
        .into_par_iter()
        .filter(chosen)
        .map_init(Place::new, |place, at| {
            let mut changed = zip.clone();
            changed[at] ^= 1 << (at % 8);
            place.verify_zip(&changed).is_some_and(|verification| verification.is_sound()).then_some(at)
        })
        .flatten()
        .collect();
    assert!(unseen.is_empty(), "unseen of {} bytes: {unseen:?}", zip.len());
}

#[test]
fn bytes_before_between_and_behind_the_entries_of_a_zip_are_found() {
    let place = Place::new();
    let zip = Sample::new().zip();
    let find = |zip: &[u8]| place.verify_zip(zip).unwrap();
    assert_found("byte behind", "ZIP-LAYOUT", &find(&[&zip[..], b"x"].concat()));
    assert_found("byte before", "ZIP-LAYOUT", &find(&[b"x", &zip[..]].concat()));

    let end = zip.len() - 22;
    let directory = u32::from_le_bytes(zip[end + 16..end + 20].try_into().unwrap()) as usize;
    let moved = |gap: &[u8]| {
        let mut changed = [&zip[..directory], gap, &zip[directory..]].concat();
        let at = ((directory + gap.len()) as u32).to_le_bytes();
        let end = changed.len() - 22;
        changed[end + 16..end + 20].copy_from_slice(&at);
        changed
    };
    assert_found("gap before the directory", "ZIP-LAYOUT", &find(&moved(b"gap")));
    let gap = [&zip[..end], b"gap", &zip[end..]].concat();
    assert_found("gap behind the directory", "ZIP-LAYOUT", &find(&gap));

    let mut commented = zip.clone();
    let length = commented.len();
    commented[length - 2] = 1;
    commented.push(b'c');
    assert_found("comment", "ZIP-HEADER", &find(&commented));

    // The time of the first entry, in both of its headers.
    let mut dated = zip.clone();
    dated[10] = 1;
    dated[directory + 12] = 1;
    assert_found("time", "ZIP-HEADER", &find(&dated));
}

#[test]
fn no_change_to_any_document_makes_the_verifier_fail() {
    let sound = Sample::new();
    let texts: Vec<&String> = sound
        .files
        .keys()
        .filter(|path| path.ends_with(".xml") || path.ends_with(".csv") || path.ends_with(".json"))
        .collect();
    // Multiplicative generator of Park and Miller: the same changes in every run.
    let mut state: u64 = 42;
    let mut random = |below: usize| {
        state = state * 48_271 % 0x7FFF_FFFF;
        state as usize % below
    };
    let pieces: [&[u8]; 8] =
        [b"18446744073709551615", b"-9223372036854775808", b"\"", b"<", b"&#0;", b"\xFF", b"", b"\n"];
    let place = Place::new();
    for _ in 0..100 {
        let mut sample = sound.clone();
        let bytes = sample.files.get_mut(texts[random(texts.len())]).unwrap();
        for _ in 0..3 {
            let start = random(bytes.len());
            let end = (start + random(4)).min(bytes.len());
            bytes.splice(start..end, pieces[random(pieces.len())].iter().copied());
        }
        sample.seal();
        place.verify_folder(&sample);
    }
    // The greatest numbers at the places where sums are made.
    for (path, old) in
        [(content(), "Seq=\"2\""), (content(), "Source=\"1:2\""), (compliance(), "Source=\"2:2\"")]
    {
        let mut sample = sound.clone();
        let new = old.replace("2\"", "18446744073709551615\"");
        sample.replace(&path, old, &new);
        sample.seal();
        assert!(!place.verify_folder(&sample).is_sound());
    }
}

#[test]
fn a_zip_cut_off_anywhere_is_found() {
    let place = Place::new();
    let zip = Sample::new().zip();
    for end in (0..zip.len()).step_by(251) {
        assert!(
            place.verify_zip(&zip[..end]).is_none_or(|verification| !verification.is_sound()),
            "cut at {end}"
        );
    }
}
