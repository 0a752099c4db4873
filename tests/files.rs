//! The old file store: what refers to which file, what is missing, what nobody needs, and how the files
//! get into the new world. The store is made by the test, and `sha2` and `sha256sum` are the oracles.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{Package, Ran, Workshop, digest, sample, tree};

const TRADES: &str = "0f3b2c55-6c1e-4f6e-9d3a-2f8f5a1b7c01.xlsx";
const TWIN: &str = "7d1f0a52-9a0e-4b58-8a40-0d1c2b3a4f05.txt";
const GONE: &str = "11111111-2222-3333-4444-555555555555.doc";
const ROOM: &str = "094f5a4a-c492-4f6b-91c2-385eba134fd3";
const OTHER_ROOM: &str = "194f5a4a-c492-4f6b-91c2-385eba134fd3";

/// Makes a compliance document of one room: types, contents and ids of what happened, a second apart.
fn document(room: &str, entries: &[(&str, &str, u32)]) -> String {
    let mut text = format!(
        "<Conversations><Conversation><Channel uri=\"ma-chan://litware.example/{room}\" name=\"Room {room}\"/>\
         <Messages>"
    );
    for (second, (kind, content, id)) in entries.iter().enumerate() {
        let content = quick_xml::escape::escape(*content);
        text.push_str(&format!(
            "<Message type=\"{kind}\" content=\"{content}\" id=\"{id}\"><Sender UserName=\"Ann\" id=\"10\" \
             email=\"ann@litware.example\" internal=\"true\" uri=\"ann@litware.example\"/>\
             <DateTimeUTC string=\"2012-11-05T09:20:{second:02}Z\"/></Message>"
        ));
    }
    text + "</Messages></Conversation></Conversations>"
}

/// A store and an archive of which each file is a case of its own.
struct Scenario {
    workshop: Workshop,
}

impl Scenario {
    fn new() -> Scenario {
        let workshop = Workshop::new();
        let anchor = format!("<a href=\"ma-filelink:{TRADES}\">Trades 5 Nov.xlsx (24 kilobytes)</a>");
        let cased = format!("look: MA-FILELINK://pool/share/{}", TWIN.to_uppercase());
        workshop.file(
            "archive/one.xml",
            document(
                ROOM,
                &[
                    ("FILEUPLOAD", TRADES, 0),
                    ("CHAT", &anchor, 14),
                    ("CHAT", &cased, 15),
                    ("CHAT", &format!("ma-filelink:{GONE} and ma-filelink:{GONE}"), 16),
                    ("CHAT", "\\\\server\\share\\orphan.txt is a path, no link", 17),
                    ("FILEDOWNLOAD", GONE, 0),
                ],
            ),
        );
        workshop.file(
            "archive/two.xml",
            document(
                OTHER_ROOM,
                &[
                    ("CHAT", &anchor, 20),
                    ("CHAT", "ma-filelink:50%25%20%22off%22%20%26%20%25PATH%25.txt", 21),
                ],
            ),
        );
        workshop.file(&format!("store/rooms/one/{TRADES}"), "trades");
        workshop.file(&format!("store/{TWIN}"), "same content");
        workshop.file("store/orphan.txt", "same content");
        workshop.file("store/empty.txt", "");
        workshop.file("store/50% \"off\" & %PATH%.txt", "hostile");
        workshop.file("store/a,b\n'c' & %PATH%.txt", "more hostile");
        workshop.file("store/Thumbs.db", "no litter here");
        Scenario { workshop }
    }

    fn convert(&self, output: &str, more: &[&str]) -> (Ran, PathBuf) {
        let more = [&["--files", "store"], more].concat();
        self.workshop.convert(&[self.workshop.path("archive")], output, &more)
    }

    fn converted(&self, output: &str, more: &[&str]) -> Package {
        let (ran, output) = self.convert(output, more);
        assert_eq!(ran.status, 0, "{}", ran.err);
        Package::open(&output)
    }

    fn verify(&self, package: &Path) -> Ran {
        self.workshop.run(["verify".as_ref(), package.as_os_str()])
    }
}

type Row = BTreeMap<String, String>;

fn table(package: &Package, name: &str) -> Vec<Row> {
    package.ledger(&format!("../files/{name}"))
}

/// The rows of `files.csv` by path; missing files by name.
fn files(package: &Package) -> BTreeMap<String, Row> {
    let key = |row: &Row| if row["path"].is_empty() { row["name"].clone() } else { row["path"].clone() };
    table(package, "files.csv").into_iter().map(|row| (key(&row), row)).collect()
}

fn findings(package: &Package, code: &str) -> Vec<(String, String)> {
    let rows = package.ledger("findings.csv").into_iter().filter(|row| row["code"] == code);
    rows.map(|row| (row["subject"].clone(), row["detail"].clone())).collect()
}

fn subjects(package: &Package, code: &str) -> Vec<String> {
    findings(package, code).into_iter().map(|(subject, _)| subject).collect()
}

#[test]
fn every_file_is_linked_missing_or_an_orphan() {
    let scenario = Scenario::new();
    let package = scenario.converted("out", &[]);
    let files = files(&package);
    let states: Vec<(&str, &str, &str)> = files
        .iter()
        .map(|(path, row)| (path.as_str(), row["state"].as_str(), row["references"].as_str()))
        .collect();
    let mut expected = vec![
        (GONE, "missing", "2"),
        ("50% \"off\" & %PATH%.txt", "linked", "1"),
        (TWIN, "linked", "1"),
        ("Thumbs.db", "orphan", "0"),
        ("a,b\n'c' & %PATH%.txt", "orphan", "0"),
        ("empty.txt", "orphan", "0"),
        ("orphan.txt", "orphan", "0"),
        ("rooms/one/0f3b2c55-6c1e-4f6e-9d3a-2f8f5a1b7c01.xlsx", "linked", "3"),
    ];
    expected.sort_unstable();
    assert_eq!(states, expected);
    for (path, row) in files.iter().filter(|(_, row)| !row["path"].is_empty()) {
        let file = scenario.workshop.path("store").join(path);
        assert_eq!(row["sha256"], digest(&file), "{path}");
        assert_eq!(row["size"], fs::metadata(&file).unwrap().len().to_string(), "{path}");
        assert_eq!(row["carried"], "");
    }
    let trades = &files["rooms/one/0f3b2c55-6c1e-4f6e-9d3a-2f8f5a1b7c01.xlsx"];
    assert_eq!(trades["rooms"], format!("{ROOM} {OTHER_ROOM}"));
    assert_eq!(trades["first_room"], ROOM);
    assert_eq!(trades["destination"], format!("rooms\\one\\{TRADES}"));
    // What comes first is the upload or the message in the other room, which is of the same instant.
    let first = table(&package, "links.csv").into_iter().find(|row| row["name"] == TRADES).unwrap();
    assert_eq!((&first["record"], first["kind"].as_str()), (&trades["first"], "event"));
    assert_eq!(scenario.verify(&package.folder).status, 0);
}

#[test]
fn findings_tell_what_is_missing_what_nobody_needs_and_what_must_be_done_by_hand() {
    let scenario = Scenario::new();
    scenario.workshop.file("store/fits.bin", vec![b'x'; 20_000 * 1024]);
    scenario.workshop.file("store/large.bin", vec![b'x'; 20_000 * 1024 + 1]);
    let package = scenario.converted("out", &[]);
    let missing = findings(&package, "LINK-FILE-MISSING");
    let message = package.messages().into_iter().find(|message| message.text().contains(GONE)).unwrap();
    assert_eq!(missing.len(), 1);
    assert_eq!(missing[0].0, GONE);
    for told in ["2 messages and events", &message.id, ROOM] {
        assert!(missing[0].1.contains(told), "{missing:?}");
    }
    let orphans = findings(&package, "FILE-ORPHAN");
    let mut names: Vec<&str> = orphans.iter().map(|(subject, _)| subject.as_str()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["Thumbs.db", "a,b\n'c' & %PATH%.txt", "empty.txt", "fits.bin", "large.bin", "orphan.txt"]
    );
    let orphan = orphans.iter().find(|(subject, _)| subject == "orphan.txt").unwrap();
    assert!(orphan.1.contains(&digest(&scenario.workshop.path("store/orphan.txt"))));
    assert_eq!(subjects(&package, "LIMIT-FILE"), ["large.bin"]);
    let mut by_hand = subjects(&package, "FILE-BY-HAND");
    by_hand.sort();
    assert_eq!(by_hand, ["50% \"off\" & %PATH%.txt", "a,b\n'c' & %PATH%.txt"]);
    assert_eq!(subjects(&package, "FILES-REFERRED"), [""; 0]);
}

#[test]
fn links_name_the_messages_of_the_package() {
    let scenario = Scenario::new();
    let package = scenario.converted("out", &[]);
    let links = table(&package, "links.csv");
    assert_eq!(links.len(), 7);
    let messages = package.messages();
    for link in links.iter().filter(|link| link["kind"] == "message") {
        let message = messages.iter().find(|message| message.id == link["record"]).unwrap();
        assert_eq!((&message.room, &message.time), (&link["room"], &link["time"]));
        let text = message.text().to_lowercase();
        assert!(text.contains(&link["name"].to_lowercase()) || text.contains("%25path%25"), "{text}");
    }
    let events: Vec<&Row> = links.iter().filter(|link| link["kind"] == "event").collect();
    let events_of =
        |room: &str| fs::read_to_string(package.folder.join(format!("data/compliance/{room}.xml"))).unwrap();
    assert_eq!(events.len(), 2);
    for event in events {
        assert!(events_of(&event["room"]).contains(&format!("Source=\"{}\"", event["record"])));
    }
}

#[test]
fn carried_files_are_the_files_themselves_in_a_folder_and_in_a_zip() {
    let scenario = Scenario::new();
    // Larger than what is kept in memory, so that it goes through in blocks.
    let large: Vec<u8> =
        (0..(5_u32 << 20) + 7).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    scenario.workshop.file("store/large.bin", large);
    let package = scenario.converted("out", &["--include-files"]);
    let content = tree(&package.folder.join("data/files/content"));
    let mut contents: Vec<String> = tree(&scenario.workshop.path("store")).into_values().collect::<Vec<_>>();
    contents.sort();
    contents.dedup();
    assert_eq!(content.keys().cloned().collect::<Vec<_>>(), contents, "one of each content, by its digest");
    assert!(content.iter().all(|(name, digest)| name == digest));
    for row in files(&package).values().filter(|row| row["state"] != "missing") {
        assert_eq!(row["carried"], format!("data/files/content/{}", row["sha256"]));
    }
    let checked = Command::new("sha256sum")
        .args(["--strict", "--quiet", "-c", "manifest-sha256.txt", "tagmanifest-sha256.txt"])
        .current_dir(&package.folder)
        .output();
    match checked {
        Ok(checked) => assert!(checked.status.success(), "{checked:?}"),
        Err(_) => println!("sha256sum is missing: the manifests were not checked by it"),
    }
    assert_eq!(scenario.verify(&package.folder).status, 0);

    let (ran, zip) = scenario.convert("out.zip", &["--include-files"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let verified = scenario.verify(&zip);
    assert_eq!(verified.status, 0, "{}", verified.out);
    let mut archive = zip::ZipArchive::new(fs::File::open(&zip).unwrap()).unwrap();
    for (path, _) in tree(&package.folder).iter().filter(|(path, _)| path.starts_with("data/files/")) {
        let mut bytes = Vec::new();
        archive.by_name(&format!("out/{path}")).unwrap().read_to_end(&mut bytes).unwrap();
        assert!(bytes == fs::read(package.folder.join(path)).unwrap(), "{path}");
    }
}

#[test]
fn a_carried_file_that_was_changed_lost_or_added_is_named() {
    let scenario = Scenario::new();
    let package = scenario.converted("out", &["--include-files"]);
    let trades = package
        .folder
        .join("data/files/content")
        .join(digest(&scenario.workshop.path(&format!("store/rooms/one/{TRADES}"))));
    let name = trades.file_name().unwrap().to_str().unwrap().to_owned();
    let manifest = package.folder.join("manifest-sha256.txt");
    let sealed = fs::read_to_string(&manifest).unwrap();
    let told = |code: &str, path: &str| {
        let verified = scenario.verify(&package.folder);
        assert_eq!(verified.status, 5);
        let named = verified.out.lines().any(|line| line.contains(code) && line.contains(path));
        assert!(named, "{code} {path}: {}", verified.out);
    };
    fs::write(&trades, "traded").unwrap();
    told("BAG-CHANGED", &name);
    told("FILES-DIFFER", &name);
    // A manifest made to agree does not help.
    let forged = sealed.replace(&format!("{name}  "), &format!("{}  ", digest(&trades)));
    fs::write(&manifest, forged).unwrap();
    told("FILES-DIFFER", &name);
    fs::write(&manifest, &sealed).unwrap();
    fs::remove_file(&trades).unwrap();
    told("PACKAGE-MISSING", &name);
    fs::write(&trades, "trades").unwrap();
    assert_eq!(scenario.verify(&package.folder).status, 0);
    let added = "0".repeat(64);
    fs::write(trades.with_file_name(&added), "").unwrap();
    told("PACKAGE-EXTRA", &added);
    fs::remove_file(trades.with_file_name(&added)).unwrap();
    fs::remove_file(package.folder.join("data/files/links.csv")).unwrap();
    told("PACKAGE-MISSING", "links.csv");
}

#[test]
fn a_dry_run_tells_what_the_run_tells_and_the_store_is_never_touched() {
    let scenario = Scenario::new();
    let before = tree(&scenario.workshop.path("store"));
    let package = scenario.converted("out", &[]);
    let archive = scenario.workshop.path("archive");
    let ran = scenario.workshop.run([
        "convert".as_ref(),
        archive.as_os_str(),
        "--dry-run".as_ref(),
        "--files".as_ref(),
        "store".as_ref(),
    ]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    for row in package.ledger("findings.csv") {
        let line = ran.out.lines().find(|line| line.contains(&row["code"]));
        assert!(line.is_some(), "{row:?}: {}", ran.out);
    }
    let missing = &findings(&package, "LINK-FILE-MISSING")[0];
    assert!(ran.out.contains(&format!("LINK-FILE-MISSING {}: {}", missing.0, missing.1)), "{}", ran.out);
    assert_eq!(tree(&scenario.workshop.path("store")), before);
}

#[test]
fn the_same_bytes_come_out_for_any_threads_place_and_order_of_names() {
    let scenario = Scenario::new();
    let package = |name: &str, threads: &str| {
        let (ran, output) =
            scenario.convert(&format!("{name}/history.zip"), &["--include-files", "--threads", threads]);
        assert_eq!(ran.status, 0, "{}", ran.err);
        digest(&output)
    };
    let one = package("one", "1");
    assert_eq!(package("again", "1"), one);
    assert_eq!(package("four", "4"), one);
    // The same files in another folder, made in another order.
    let workshop = &scenario.workshop;
    for path in tree(&workshop.path("store")).keys().rev() {
        let bytes = fs::read(workshop.path("store").join(path)).unwrap();
        workshop.file(&format!("elsewhere/old store/{path}"), bytes);
    }
    let (ran, output) = workshop.convert(
        &[workshop.path("archive")],
        "moved/history.zip",
        &["--files", "elsewhere/old store", "--include-files"],
    );
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert_eq!(digest(&output), one);
}

#[test]
fn names_that_differ_in_case_alone_are_one_file_on_windows() {
    let scenario = Scenario::new();
    scenario.workshop.file(&format!("store/{}", TWIN.to_uppercase()), "other content");
    let package = scenario.converted("out", &[]);
    let files = files(&package);
    let upper = TWIN.to_uppercase();
    assert_eq!((files[&upper]["state"].as_str(), files[TWIN]["state"].as_str()), ("linked", "linked"));
    assert_eq!((files[&upper]["destination"].as_str(), files[TWIN]["destination"].as_str()), (&*upper, ""));
    let by_hand = findings(&package, "FILE-BY-HAND");
    assert!(
        by_hand.iter().any(|(subject, detail)| subject == TWIN && detail.contains("case")),
        "{by_hand:?}"
    );
    let same = findings(&package, "FILE-SAME-NAME");
    assert_eq!(same.len(), 1, "{same:?}");
    assert!(same[0].1.contains(TWIN) && same[0].1.contains(&upper), "{same:?}");
    let verified = scenario.verify(&package.folder);
    assert_eq!(verified.status, 0, "{}", verified.out);
}

#[cfg(unix)]
#[test]
fn links_pipes_and_names_that_are_no_text_are_told_and_nothing_is_followed() {
    use std::os::unix::ffi::OsStrExt;
    let scenario = Scenario::new();
    let store = scenario.workshop.path("store");
    scenario.workshop.file("secret/secret.txt", "secret");
    std::os::unix::fs::symlink("../secret", store.join("folder")).unwrap();
    std::os::unix::fs::symlink("../secret/secret.txt", store.join(GONE)).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(store.join("socket")).unwrap();
    fs::write(store.join(std::ffi::OsStr::from_bytes(b"caf\xE9.txt")), "no text").unwrap();
    let package = scenario.converted("out", &["--include-files"]);
    let mut skipped = subjects(&package, "STORE-SKIPPED");
    skipped.sort();
    assert_eq!(skipped, [GONE, "folder", "socket"]);
    let files = files(&package);
    assert_eq!(files[GONE]["state"], "missing");
    assert_eq!((files["caf%E9.txt"]["state"].as_str(), &*files["caf%E9.txt"]["destination"]), ("orphan", ""));
    assert!(!files.keys().any(|path| path.contains("secret")));
    let verified = scenario.verify(&package.folder);
    assert_eq!(verified.status, 0, "{}", verified.out);
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_read_is_an_error_and_not_lost() {
    use std::os::unix::fs::PermissionsExt;
    let scenario = Scenario::new();
    let path = scenario.workshop.path(&format!("store/rooms/one/{TRADES}"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::File::open(&path).is_ok() {
        println!("this user may read everything: nothing was tried");
        return;
    }
    let (ran, output) = scenario.convert("out", &["--include-files"]);
    assert_eq!(ran.status, 1, "{}", ran.err);
    let package = Package::open(&output);
    let row = &files(&package)[&format!("rooms/one/{TRADES}")];
    assert_eq!((&*row["state"], &*row["references"], &*row["sha256"]), ("unreadable", "3", ""));
    assert_eq!(subjects(&package, "STORE-UNREADABLE"), [format!("rooms/one/{TRADES}")]);
    assert_eq!(scenario.verify(&output).status, 0);
}

#[test]
fn a_store_within_the_inputs_is_no_input_and_an_input_within_the_store_is_no_file_of_it() {
    let scenario = Scenario::new();
    let workshop = &scenario.workshop;
    // A document that people uploaded is no archive of messages.
    let uploaded = document(ROOM, &[("CHAT", "never said here", 99)]);
    fs::rename(workshop.path("store"), workshop.path("archive/store")).unwrap();
    workshop.file("archive/store/upload.xml", uploaded);
    let (ran, output) = workshop.convert(
        &[workshop.path("archive")],
        "out",
        &["--files", "archive/store", "--include-files"],
    );
    assert_eq!(ran.status, 0, "{}", ran.err);
    let package = Package::open(&output);
    assert_eq!(package.report["messages"], 6);
    assert!(package.ledger("sources.csv").iter().all(|row| !row["input"].contains("store")));
    assert_eq!(files(&package)["upload.xml"]["state"], "orphan");

    let (ran, output) = workshop.convert(&[workshop.path("archive/one.xml")], "in", &["--files", "archive"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let files = files(&Package::open(&output));
    assert!(!files.contains_key("one.xml") && files.contains_key("two.xml"));
}

#[test]
fn what_would_write_into_the_store_or_replace_it_is_refused() {
    let scenario = Scenario::new();
    let before = tree(scenario.workshop.folder.path());
    for (output, more) in [
        ("store/out", &[][..]),
        ("store/rooms/new/out.zip", &[]),
        ("store", &["--overwrite"]),
        ("out", &["--temp", "store/rooms"]),
        ("out", &["--level", "RoomDirectory"]),
        ("out", &["--dry-run", "--temp", "store"]),
    ] {
        let (ran, _) = scenario.convert(output, more);
        assert!([2, 4].contains(&ran.status), "{output} {more:?}: {} {}", ran.status, ran.err);
    }
    let (ran, _) =
        scenario.workshop.convert(&[scenario.workshop.path("store")], "out", &["--files", "store"]);
    assert_eq!(ran.status, 2, "{}", ran.err);
    for folder in ["nowhere", "archive/one.xml"] {
        let more = ["--files", folder];
        let (ran, _) = scenario.workshop.convert(&[scenario.workshop.path("archive")], "out", &more);
        assert_eq!(ran.status, 3, "{}", ran.err);
    }
    assert_eq!(tree(scenario.workshop.folder.path()), before);
}

#[test]
fn without_a_store_only_the_number_of_references_is_told() {
    let scenario = Scenario::new();
    let archive = scenario.workshop.path("archive");
    let package = scenario.workshop.converted(&[archive], 0);
    let told = findings(&package, "FILES-REFERRED");
    assert_eq!(told.len(), 1);
    assert!(told[0].1.starts_with("5 messages and 2 events"), "{told:?}");
    assert!(!package.folder.join("data/files").exists());
    let samples = scenario.workshop.converted(&[sample("tblChat-alone")], 1);
    assert_eq!(findings(&samples, "FILES-REFERRED"), []);
}

#[test]
fn files_of_an_earlier_package_are_no_inputs_whatever_they_hold() {
    let scenario = Scenario::new();
    // A ZIP with a document, as somebody may have uploaded.
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("said.xml", zip::write::SimpleFileOptions::default()).unwrap();
    let said = document(ROOM, &[("CHAT", "never said here", 99)]);
    std::io::Write::write_all(&mut zip, said.as_bytes()).unwrap();
    scenario.workshop.file("store/upload.zip", zip.finish().unwrap().into_inner());
    for output in ["first", "first.zip"] {
        let (ran, output) = scenario.convert(output, &["--include-files"]);
        assert_eq!(ran.status, 0, "{}", ran.err);
        let again = scenario.workshop.converted(&[output], 0);
        assert_eq!(again.report["messages"], 6);
        assert!(again.messages().iter().all(|message| message.text() != "never said here"));
    }
}
