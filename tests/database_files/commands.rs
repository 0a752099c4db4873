//! The program on databases and backups that are made for it: what is damaged, missing, wrong or
//! asked for in a special way.

use std::path::PathBuf;

use crate::database_builder::{Backup, Built, Cell, Column, Database, Kind, PAGE, Row, SetKind, Table};
use crate::sample::sample_database;
use crate::support::{Ran, Workshop};

fn run(workshop: &Workshop, verb: &str, inputs: &[PathBuf], more: &[&str]) -> Ran {
    let mut arguments = vec![PathBuf::from(verb)];
    arguments.extend_from_slice(inputs);
    arguments.extend(more.iter().map(PathBuf::from));
    workshop.run(arguments)
}

/// A table of one number and a text, with so many rows.
fn numbers(name: &str) -> Table {
    let columns = vec![Column::new("id", Kind::Int).not_null(), Column::new("text", Kind::NVarChar(100))];
    Table::clustered(name, &["id"], columns)
}

fn rows(count: i64) -> impl Iterator<Item = Row> {
    (1..=count).map(|id| Row::from(vec![Cell::Integer(id), Cell::from(format!("row {id}").as_str())]))
}

fn database(name: &str, count: i64) -> Built {
    let mut database = Database::new(name, 661);
    database.add(&numbers("numbers"), rows(count));
    database.finish()
}

/// Returns the pages of a type, in their order.
fn pages(bytes: &[u8], kind: u8) -> Vec<usize> {
    bytes.chunks(PAGE).enumerate().filter(|(_, page)| page[1] == kind).map(|(at, _)| at).collect()
}

#[test]
fn rows_that_are_fewer_than_the_engine_counted_are_told_everywhere() {
    let workshop = Workshop::new();
    let mut made = Database::new("shop", 706);
    made.add(&numbers("numbers").claiming(12), rows(10));
    let file = workshop.file("shop.mdf", made.finish().bytes(1));
    let sentence = "SQL Server itself counted 12 rows and 10 were read, 2 fewer";
    for (verb, more) in [("tables", &[][..]), ("rows", &["numbers"]), ("inspect", &[])] {
        let ran = run(&workshop, verb, std::slice::from_ref(&file), more);
        assert_eq!(ran.status, 1, "{verb}: {}", ran.err);
        assert!(ran.err.contains(sentence) || ran.out.contains(sentence), "{verb}: {}{}", ran.out, ran.err);
    }
    let package = workshop.converted(&[file], 1);
    let control = package.ledger("control.csv");
    assert_eq!((control[0]["engine_rows"].as_str(), control[0]["rows"].as_str()), ("12", "10"));
    assert!(package.codes().contains(&"ROWS-DIFFER".to_owned()));
    let verified = run(&workshop, "verify", &[workshop.path("out")], &[]);
    assert_eq!(verified.status, 0, "{}", verified.err);
}

#[test]
fn one_flipped_bit_in_any_page_is_told_with_the_page() {
    let workshop = Workshop::new();
    let sound = database("shop", 3000);
    let count = sound.bytes(1).len() / PAGE;
    let ran = run(&workshop, "tables", &[workshop.file("shop.mdf", sound.bytes(1))], &[]);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    for page in 0..count {
        // Another byte of each page, the header among them.
        let mut bytes = sound.bytes(1).to_vec();
        let place = page * PAGE + (page * 977 + 64) % PAGE;
        if bytes[page * PAGE..][..PAGE].iter().all(|&byte| byte == 0) {
            continue;
        }
        bytes[place] ^= 1 << (page % 8);
        let ran = run(&workshop, "inspect", &[workshop.file("shop.mdf", bytes)], &["--verbose"]);
        let told = format!("(1:{page})");
        let said = ran.out.contains(&told) || ran.err.contains(&told);
        assert!(ran.status != 0 && said, "page {page}: {} {}{}", ran.status, ran.out, ran.err);
    }
}

#[test]
fn a_damaged_page_costs_nothing_but_its_own_rows() {
    let workshop = Workshop::new();
    let sound = database("shop", 3000);
    let mut bytes = sound.bytes(1).to_vec();
    // The page of one of the rows, overwritten whole.
    let row: Vec<u8> = "row 1500".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let page = bytes.chunks(PAGE).position(|page| page.windows(row.len()).any(|at| at == row)).unwrap();
    bytes[page * PAGE..(page + 1) * PAGE].fill(0xEE);
    let file = workshop.file("shop.mdf", bytes);
    let ran = run(&workshop, "rows", &[file], &["numbers"]);
    assert_eq!(ran.status, 1);
    assert!(ran.err.contains(&format!("(1:{page})")) && ran.err.contains("fewer"), "{}", ran.err);
    let lines = ran.out.lines().count() - 1;
    assert!((2500..3000).contains(&lines), "{lines} rows");
}

#[test]
fn all_files_of_a_database_are_found_in_a_folder_and_its_log_is_left_aside() {
    let workshop = Workshop::new();
    let mut made = Database::new("shop", 661).file(3, "shop_3");
    made.add(&numbers("numbers").in_files(&[1, 3]), rows(4000));
    let made = made.finish();
    workshop.file("data/shop.mdf", made.bytes(1));
    workshop.file("data/shop_3.ndf", made.bytes(3));
    let mut log = vec![0; 4 * PAGE];
    log[..2].copy_from_slice(&[1, 15]);
    log[32..38].copy_from_slice(&[0, 0, 0, 0, 2, 0]);
    log[PAGE] = 0xAB;
    workshop.file("data/shop_log.ldf", log);
    let ran = run(&workshop, "tables", &[workshop.path("data")], &[]);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert!(ran.out.contains("4,000  dbo.numbers"), "{}", ran.out);

    let ran = run(&workshop, "tables", &[workshop.path("data/shop.mdf")], &[]);
    assert_eq!(ran.status, 1);
    assert!(ran.err.contains("fewer"), "{}", ran.err);
    let ran = run(&workshop, "tables", &[workshop.path("data/shop_3.ndf")], &[]);
    assert_eq!(ran.status, 3);
    assert!(ran.err.contains("the primary one of its database is not beside it"), "{}", ran.err);
}

#[test]
fn two_databases_in_one_folder_stay_two() {
    let workshop = Workshop::new();
    for (name, count) in [("first", 5), ("second", 7)] {
        workshop.file(&format!("data/{name}.mdf"), database(name, count).bytes(1));
    }
    let ran = run(&workshop, "tables", &[workshop.path("data")], &["--json"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let listed: Vec<serde_json::Value> = serde_json::from_str(&ran.out).unwrap();
    let told: Vec<_> = listed
        .iter()
        .map(|table| (table["input"].as_str().unwrap(), table["rows"].as_u64().unwrap()))
        .collect();
    assert_eq!(told, [("data/first.mdf", 5), ("data/second.mdf", 7)]);
    let ran = run(&workshop, "rows", &[workshop.path("data")], &["numbers"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("data/first.mdf") && ran.err.contains("data/second.mdf"), "{}", ran.err);
}

#[test]
fn of_several_backups_in_a_file_the_last_full_one_is_read_or_the_one_that_is_named() {
    let workshop = Workshop::new();
    let (early, late) = (database("shop", 5), database("shop", 9));
    let medium =
        Backup::new().set(SetKind::Full, &early).set(SetKind::Full, &late).set(SetKind::Differential, &late);
    let file = [workshop.file("shop.bak", medium.bytes().remove(0))];
    let ran = run(&workshop, "tables", &file, &[]);
    assert!(ran.out.contains("9  dbo.numbers"), "{}", ran.out);
    assert!(ran.err.contains("BACKUP-SETS") && ran.err.contains("--set N"), "{}", ran.err);
    assert!(run(&workshop, "tables", &file, &["--set", "1"]).out.contains("5  dbo.numbers"));
    let ran = run(&workshop, "tables", &file, &["--set", "3"]);
    assert_eq!(ran.status, 3);
    assert!(ran.err.contains("differential") && ran.err.contains("COPY_ONLY"), "{}", ran.err);
    assert_eq!(run(&workshop, "tables", &file, &["--set", "4"]).status, 2);
}

#[test]
fn stripes_are_found_wherever_they_lie_and_a_missing_one_is_named() {
    let workshop = Workshop::new();
    let made = database("shop", 2000);
    let stripes = Backup::of(&made).stripes(3).bytes();
    for (at, stripe) in stripes.iter().enumerate() {
        workshop.file(&format!("disk{at}/shop.bak"), stripe);
    }
    let all: Vec<PathBuf> = (0..3).map(|at| workshop.path(&format!("disk{at}"))).collect();
    for order in [[0, 1, 2], [2, 0, 1]] {
        let inputs: Vec<PathBuf> = order.iter().map(|&at| all[at].clone()).collect();
        let ran = run(&workshop, "tables", &inputs, &[]);
        assert_eq!((ran.status, ran.err.as_str()), (0, ""));
        assert!(ran.out.contains("2,000  dbo.numbers"), "{}", ran.out);
    }
    let ran = run(&workshop, "tables", &all[..2], &[]);
    assert_eq!(ran.status, 3);
    assert!(ran.err.contains("stripes 1, 2 of 3, other file missing"), "{}", ran.err);
}

#[test]
fn recovery_finds_what_the_maps_have_lost_and_says_so() {
    let workshop = Workshop::new();
    let sound = sample_database(661);
    let mut bytes = sound.bytes(1).to_vec();
    for kind in [10, 11] {
        for page in pages(&bytes.clone(), kind) {
            bytes[page * PAGE..(page + 1) * PAGE].fill(0);
        }
    }
    let file = [workshop.file("mgc.mdf", bytes)];
    let ran = run(&workshop, "convert", &file, &["-o", "plain"]);
    assert!(ran.status == 1 || ran.status == 3, "{}", ran.err);
    let ran = run(&workshop, "convert", &file, &["-o", "saved", "--salvage"]);
    assert_eq!(ran.status, 1, "{}", ran.err);
    let package = crate::support::Package::open(&workshop.path("saved"));
    assert!(package.codes().contains(&"SALVAGED".to_owned()), "{:?}", package.codes());
    let sources = package.ledger("sources.csv");
    assert!(sources[0]["format"].ends_with("recovery mode"), "{}", sources[0]["format"]);
    let whole = workshop.file("whole/mgc.mdf", sound.bytes(1));
    let whole = workshop.converted(&[whole], 0);
    let ids = |package: &crate::support::Package| -> Vec<String> {
        let mut ids: Vec<String> = package.messages().into_iter().map(|message| message.id).collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(ids(&package), ids(&whole), "every message is found again, each once");
}

#[test]
fn a_table_that_cannot_be_read_is_refused_by_name_and_the_others_are_read() {
    let workshop = Workshop::new();
    let mut made = Database::new("shop", 852);
    made.add(&numbers("numbers"), rows(10));
    made.add(&numbers("packed").compression(2), rows(10));
    let file = [workshop.file("shop.mdf", made.finish().bytes(1))];
    let ran = run(&workshop, "tables", &file, &[]);
    assert_eq!(ran.status, 1);
    assert!(ran.out.contains("10  dbo.numbers"), "{}", ran.out);
    assert!(ran.out.contains("dbo.packed") && ran.out.contains("PAGE compression"), "{}", ran.out);
    let ran = run(&workshop, "rows", &file, &["packed"]);
    assert_eq!(ran.status, 3);
    assert!(ran.err.contains("dbo.packed") && ran.err.contains("without compression"), "{}", ran.err);
}

#[test]
fn a_backup_in_an_archive_is_the_same_as_outside() {
    let workshop = Workshop::new();
    let backup = Backup::of(&sample_database(706)).bytes().remove(0);
    let plain = workshop.file("plain/mgc.bak", &backup);
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("mgc.bak", zip::write::SimpleFileOptions::default()).unwrap();
    std::io::Write::write_all(&mut zip, &backup).unwrap();
    let packed = workshop.file("packed/mgc.zip", zip.finish().unwrap().into_inner());
    let (plain, packed) = (workshop.converted(&[plain], 0), workshop.converted(&[packed], 0));
    assert_eq!(plain.messages().len(), 109);
    let told = |package: &crate::support::Package| -> Vec<(String, Vec<u16>)> {
        package.messages().into_iter().map(|message| (message.id, message.units)).collect()
    };
    assert_eq!(told(&plain), told(&packed));
    let sources = packed.ledger("sources.csv");
    assert!(sources.iter().any(|row| row["input"] == "mgc.zip#mgc.bak#dbo.tblChat"), "{sources:?}");
}
