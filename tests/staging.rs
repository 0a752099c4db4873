//! The staging lane as people meet it: `convert --staging`, `verify`, `tables` and `rows`.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use support::{Package, Workshop, digest, sample, tree};

fn sound() -> Vec<PathBuf> {
    ["mgc-2010", "mgc-2013", "compliance", "mgccomp"].map(sample).to_vec()
}

/// A package with the lane.
fn staged(workshop: &Workshop) -> Package {
    let (ran, output) = workshop.convert(&sound(), "out", &["--staging"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    Package::open(&output)
}

/// The command, and the files of rows with their format files.
fn command(verb: &str, package: &Package) -> Vec<PathBuf> {
    let folder = package.folder.join("data/staging");
    let files = tree(&folder).into_keys().filter(|name| name.ends_with(".bcp") || name.ends_with(".fmt"));
    std::iter::once(verb.into()).chain(files.map(|name| folder.join(name))).collect()
}

/// The rows of a file of the lane, as `gc2pc rows` gives them, by column name.
fn rows(workshop: &Workshop, package: &Package, table: &str) -> Vec<BTreeMap<String, String>> {
    let mut arguments = command("rows", package);
    arguments.push(table.into());
    let ran = workshop.run(arguments);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let mut reader = csv::Reader::from_reader(ran.out.as_bytes());
    let columns = reader.headers().unwrap().clone();
    let row = |row: csv::Result<csv::StringRecord>| {
        columns.iter().map(str::to_owned).zip(row.unwrap().iter().map(str::to_owned)).collect()
    };
    reader.records().map(row).collect()
}

#[test]
fn the_lane_holds_the_messages_of_the_documents_and_ids_rise() {
    let workshop = Workshop::new();
    let package = staged(&workshop);
    let people: BTreeMap<String, String> = package
        .elements("User.xml", "Person")
        .into_iter()
        .map(|person| {
            let address = person.get("SourceUri").map(|uri| uri.trim_start_matches("sip:").to_lowercase());
            (person["Id"].clone(), address.unwrap_or_else(|| person["Guid"].clone()))
        })
        .collect();
    let documents = package.messages();
    let staged = rows(&workshop, &package, "Messages.0001");
    assert_eq!(staged.len(), documents.len());
    let mut last = (String::new(), 0);
    for (row, message) in staged.iter().zip(&documents) {
        assert_eq!((&row["Room"], &row["Seq"]), (&message.room, &message.sequence.to_string()));
        assert_eq!(people[&row["Author"]], message.author);
        assert_eq!(row["IsAlert"] == "1", message.alert == Some(true));
        let own = message.chat_id.map_or("\\N".to_owned(), |id| id.to_string());
        assert_eq!(row["SourceChatId"], own);
        // Read as UTF-8, the three bytes of a lone surrogate are three replacements. Its last unit is
        // looked at where the reader of bcp files is.
        assert_eq!(row["Content"].replace("\u{FFFD}\u{FFFD}\u{FFFD}", "\u{FFFD}"), message.text());
        let id: i64 = row["ChatId"].parse().unwrap();
        assert!(last.0 != message.room || last.1 < id, "{row:?}");
        assert!(id > 0);
        last = (message.room.clone(), id);
    }
    for (table, document, element) in [
        ("People", "User.xml", "Person"),
        ("Categories", "Category.xml", "Category"),
        ("Rooms", "RoomDirectory.xml", "Room"),
        ("AddIns", "RoomDirectory.xml", "AddIn"),
    ] {
        let guids: Vec<String> =
            rows(&workshop, &package, table).into_iter().map(|mut row| row.remove("Guid").unwrap()).collect();
        let expected: Vec<String> = package
            .elements(document, element)
            .into_iter()
            .map(|mut one| one.remove("Guid").unwrap())
            .collect();
        assert_eq!(guids, expected, "{table}");
    }
}

#[test]
fn the_report_tells_of_it_and_tables_reads_every_file() {
    let workshop = Workshop::new();
    let package = staged(&workshop);
    let told: BTreeMap<String, u64> = package.report["staging"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| {
            let name = file["file"].as_str().unwrap().trim_start_matches("data/staging/");
            (name.trim_end_matches(".bcp").to_owned(), file["rows"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(told["Messages.0001"], package.report["messages"].as_u64().unwrap());
    let mut arguments = command("tables", &package);
    arguments.push("--json".into());
    let ran = workshop.run(arguments);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let tables: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let found: BTreeMap<String, u64> = tables
        .as_array()
        .unwrap()
        .iter()
        .map(|table| (table["name"].as_str().unwrap().to_owned(), table["rows"].as_u64().unwrap()))
        .collect();
    assert_eq!(found, told);
    let options = package.report["options"].as_array().unwrap();
    assert!(options.iter().any(|option| option["name"] == "staging"));
}

#[test]
fn the_rest_of_the_package_is_the_same_and_a_dry_run_tells_the_same() {
    let workshop = Workshop::new();
    let with = staged(&workshop);
    let (_, plain) = workshop.convert(&sound(), "plain", &[]);
    let documents = |folder: &Path| -> BTreeMap<String, String> {
        let kept = ["data/import", "data/compliance", "data/source", "data/structure.ps1"];
        let all = tree(folder).into_iter();
        all.filter(|(name, _)| kept.iter().any(|kept| name.starts_with(kept))).collect()
    };
    assert_eq!(documents(&with.folder), documents(&plain));
    assert!(!plain.join("data/staging").exists());
    assert!(Package::open(&plain).report.get("staging").is_none());
    let mut arguments: Vec<PathBuf> =
        vec!["convert".into(), "--dry-run".into(), "--staging".into(), "-v".into()];
    arguments.extend(sound());
    let dry = workshop.run(arguments);
    for row in with.ledger("findings.csv").iter().filter(|row| row["code"].starts_with("STAGING")) {
        let told = dry.out.lines().chain(dry.err.lines());
        let mut of_code = told.filter(|line| line.contains(&row["code"]));
        assert!(of_code.any(|line| line.contains(&row["detail"])), "{row:?}");
    }
}

#[test]
fn the_same_bytes_come_out_for_any_number_of_threads_and_any_memory() {
    let workshop = Workshop::new();
    let package = |name: &str, more: &[&str]| {
        let more = [&["--staging"], more].concat();
        let (ran, output) = workshop.convert(&sound(), &format!("{name}/history.zip"), &more);
        assert_eq!(ran.status, 0, "{}", ran.err);
        digest(&output)
    };
    let usual = package("usual", &[]);
    for (name, more) in [
        ("one", ["--threads", "1"]),
        ("eight", ["--threads", "8"]),
        ("least", ["--memory", "256MiB"]),
        ("most", ["--memory", "4GiB"]),
    ] {
        assert_eq!(package(name, &more), usual, "{name}");
    }
}

#[test]
fn a_level_that_leaves_something_out_is_refused() {
    let workshop = Workshop::new();
    for level in ["User", "Category", "RoomDirectory", "Content"] {
        let (ran, output) = workshop.convert(&sound(), "out", &["--staging", "--level", level]);
        assert_eq!(ran.status, 2, "{}", ran.err);
        assert!(ran.err.contains(level) && ran.err.contains("hint:"), "{}", ran.err);
        assert!(!output.exists());
    }
    let (ran, _) = workshop.convert(&sound(), "out", &["--staging", "--level", "All"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
}

#[test]
fn a_package_with_the_lane_is_sound_and_serves_as_an_input_as_any_other() {
    let workshop = Workshop::new();
    let first = staged(&workshop);
    let verified = workshop.run([Path::new("verify"), &first.folder]);
    assert_eq!(verified.status, 0, "{}{}", verified.out, verified.err);
    let (ran, again) = workshop.convert(std::slice::from_ref(&first.folder), "again", &["--staging"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let again = Package::open(&again);
    let messages = |package: &Package| {
        let mut messages = package.messages();
        messages.iter_mut().for_each(|message| message.source.clear());
        messages
    };
    assert_eq!(messages(&again), messages(&first));
    let staging = |row: &&BTreeMap<String, String>| row["input"].contains("/data/staging/");
    let sources = again.ledger("sources.csv");
    assert!(sources.iter().filter(staging).count() > 10);
    assert!(sources.iter().filter(staging).all(|row| row["read"] == "0"), "rows are not read a second time");
}

/// Changes one file and makes the bag's digests anew, as somebody who forges does.
fn forged(package: &Package, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let path = package.folder.join(name);
    let mut bytes = fs::read(&path).unwrap();
    change(&mut bytes);
    fs::write(&path, bytes).unwrap();
    seal(package);
}

fn seal(package: &Package) {
    let files = tree(&package.folder);
    let payload: Vec<(&String, &String)> =
        files.iter().filter(|(name, _)| name.starts_with("data/")).collect();
    let size: u64 =
        payload.iter().map(|(name, _)| fs::metadata(package.folder.join(name)).unwrap().len()).sum();
    let manifest: String = payload.iter().map(|(name, digest)| format!("{digest}  {name}\n")).collect();
    fs::write(package.folder.join("manifest-sha256.txt"), manifest).unwrap();
    let info = fs::read_to_string(package.folder.join("bag-info.txt")).unwrap();
    let line = |line: &str| match line.starts_with("Payload-Oxum") {
        true => format!("Payload-Oxum: {size}.{}\n", payload.len()),
        false => format!("{line}\n"),
    };
    fs::write(package.folder.join("bag-info.txt"), info.lines().map(line).collect::<String>()).unwrap();
    let tags = ["bag-info.txt", "bagit.txt", "manifest-sha256.txt"];
    let tags: String =
        tags.iter().map(|name| format!("{}  {name}\n", digest(&package.folder.join(name)))).collect();
    fs::write(package.folder.join("tagmanifest-sha256.txt"), tags).unwrap();
}

#[test]
fn what_is_done_to_the_lane_is_found_even_where_digests_agree() {
    let last = |bytes: &mut Vec<u8>| _ = bytes.pop();
    let nothing = |bytes: &mut Vec<u8>| bytes.clear();
    type Change = fn(&mut Vec<u8>);
    let cases: [(&str, Change, &str); 4] = [
        ("data/staging/Messages.0001.bcp", last, "STAGING-FORM"),
        ("data/staging/Rooms.bcp", nothing, "STAGING-DIFFERS"),
        ("data/staging/Rooms.bcp", nothing, "REPORT-DIFFERS"),
        ("data/staging/Roles.fmt", last, "STAGING-FORM"),
    ];
    let verify = |workshop: &Workshop, package: &Package, code: &str| {
        let verified = workshop.run([Path::new("verify"), &package.folder]);
        assert_eq!(verified.status, 5, "{code}");
        let told = verified.out + &verified.err;
        assert!(told.contains(code), "{code}: {told}");
    };
    for (name, change, code) in cases {
        let workshop = Workshop::new();
        let package = staged(&workshop);
        forged(&package, name, change);
        verify(&workshop, &package, code);
    }
    for (name, code) in
        [("data/staging/People.fmt", "PACKAGE-MISSING"), ("data/staging/load.sql", "PACKAGE-MISSING")]
    {
        let workshop = Workshop::new();
        let package = staged(&workshop);
        fs::remove_file(package.folder.join(name)).unwrap();
        seal(&package);
        verify(&workshop, &package, code);
    }
    for name in ["data/staging/Messages.0002.bcp", "data/staging/more.sql"] {
        let workshop = Workshop::new();
        let package = staged(&workshop);
        fs::write(package.folder.join(name), "").unwrap();
        seal(&package);
        verify(&workshop, &package, "PACKAGE-EXTRA");
    }
}
