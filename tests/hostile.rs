//! What a stranger with bad intentions, or bad luck, hands over: the run ends in good time, says
//! what happened, and what it publishes is sound.

mod support;

use std::fs;
use std::io::Write as _;

use support::{Package, Workshop, sample};

const CHAT: &str = "channelId,chatId,chatDate,userId,isAlert,content\n";

fn gzip_of(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn chats(count: usize) -> String {
    let row = |number: usize| {
        format!("5,{number},{},7,0,price {}\n", 633_977_856_058_249_415 + number, number * number)
    };
    CHAT.to_owned() + &(1..=count).map(row).collect::<String>()
}

fn codes(package: &Package, code: &str) -> usize {
    package.ledger("findings.csv").iter().filter(|row| row["code"] == code).count()
}

#[test]
fn a_packed_document_that_breaks_off_gives_the_records_before_that_place() {
    let workshop = Workshop::new();
    let document = fs::read_to_string(sample("compliance/2012-11/batch-0001.xml")).unwrap();
    let whole = workshop.converted(&[workshop.file("whole.xml", &document)], 0).total("written");
    let packed = gzip_of(document.as_bytes());
    let input = workshop.file("batch.xml.gz", &packed[..packed.len() - 40]);
    let package = workshop.converted(&[input], 1);
    assert!((1..whole).contains(&package.total("written")), "{}", package.total("written"));
    assert_eq!(package.total("rejected"), 1);
}

#[test]
fn a_packed_table_that_breaks_off_is_read_to_there_or_refused_and_never_called_empty() {
    for (kept, rejected) in [(12, 0), (4_000, 1)] {
        let workshop = Workshop::new();
        let packed = gzip_of(chats(3_000).as_bytes());
        let inputs = [workshop.file("in/tblChat.csv.gz", &packed[..kept]), sample("mgc-2010")];
        let package = workshop.converted(&inputs, 1);
        assert_eq!(package.total("rejected"), rejected);
        let findings = package.ledger("findings.csv");
        let errors = findings.iter().filter(|row| row["level"] == "error" && row["subject"].contains(".gz"));
        assert_eq!(errors.count(), 1, "{findings:?}");
        assert!(findings.iter().all(|row| row["code"] != "INPUT-EMPTY"));
    }
}

#[test]
fn thousands_of_rooms_with_one_name_and_the_same_messages_cost_one_finding_each() {
    const ROOMS: usize = 400;
    let workshop = Workshop::new();
    let document = fs::read_to_string(sample("compliance/2013-03/batch-0201.xml")).unwrap();
    for room in 1..=ROOMS {
        let guid = format!("{room:08x}-0000-4000-8000-000000000000");
        workshop
            .file(&format!("in/{room}.xml"), document.replace("1ec0cd4a-31d6-5569-818c-2024541bfca3", &guid));
    }
    let package = workshop.converted(&[workshop.path("in")], 1);
    assert_eq!(codes(&package, "NAME-DUP-ROOM"), ROOMS - 1);
    assert_eq!(codes(&package, "ROOM-TWIN"), ROOMS - 1);
}

#[test]
fn an_output_that_would_replace_an_input_is_refused() {
    let workshop = Workshop::new();
    for (input, output) in [("old.zip", "old.zip"), ("old/data", "old"), ("home", "home/old")] {
        let (first, made) = workshop.convert(&[sample("mgc-2010")], output, &["--overwrite"]);
        assert_eq!(first.status, 0, "{}", first.err);
        let before = made.is_file().then(|| fs::read(&made).unwrap());
        let (ran, _) = workshop.convert(&[workshop.path(input)], output, &["--overwrite"]);
        assert_eq!(ran.status, 2, "{input}: {}", ran.err);
        assert_eq!(workshop.run(["verify".into(), made.clone()]).status, 0);
        assert_eq!(made.is_file().then(|| fs::read(&made).unwrap()), before);
    }
}

#[test]
fn an_archive_of_sources_is_never_replaced() {
    let workshop = Workshop::new();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("tblChat.csv", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(chats(3).as_bytes()).unwrap();
    let bytes = zip.finish().unwrap().into_inner();
    let export = workshop.file("export.zip", &bytes);
    let (ran, _) = workshop.convert(&[sample("mgc-2010")], "export.zip", &["--overwrite"]);
    assert_eq!(ran.status, 4, "{}", ran.err);
    assert_eq!(fs::read(export).unwrap(), bytes);
}

#[test]
fn what_a_killed_run_left_in_the_input_is_not_read() {
    let workshop = Workshop::new();
    let input = workshop.file("in/tblChat.csv", chats(10));
    let folder = input.parent().unwrap().to_owned();
    workshop.file("in/.out.gc2pc-partial-0011223344556677/tblChat.csv", chats(10));
    workshop.file("in/.out.zip.gc2pc-partial-0011223344556677", "PK\x03\x04");
    workshop.file("in/.gc2pc-spool-a1b2c3", "PK\x03\x04");
    let package = workshop.converted(&[folder], 1);
    assert_eq!(package.total("read"), 10);
    assert_eq!(package.ledger("sources.csv").len(), 1);
}
