//! A database gives the same package whether it comes as text files, as data files or as a backup.

use std::path::PathBuf;

use crate::database_builder::group_chat::Product;
use crate::database_builder::{Backup, Database, Protection, Records};
use crate::reading::Files;
use crate::sample::{filled, sample_database};
use crate::support::{Message, Workshop, sample};

/// What a package holds, whatever its sources are called.
#[derive(Debug, PartialEq)]
struct Content {
    totals: [u64; 5],
    messages: Vec<Message>,
    /// The documents of people, categories and rooms.
    structure: Vec<String>,
    /// Code, subject and detail; the name of a table's source is left out.
    findings: Vec<String>,
}

/// Converts inputs, which must end with this status.
fn content(inputs: &[PathBuf], status: i32) -> Content {
    let workshop = Workshop::new();
    let package = workshop.converted(inputs, status);
    let mut messages = package.messages();
    messages.iter_mut().for_each(|message| message.source.clear());
    let finding = |row: &std::collections::BTreeMap<String, String>| {
        let detail = &row["detail"];
        // Dumps are called by the names of their files.
        let names_end = if row["code"] == "INHERIT-OLD" { ". " } else { " differs " };
        let detail = detail.split_once(names_end).map_or(detail.as_str(), |(_, rest)| rest);
        let subject = &row["subject"];
        let is_table = subject.contains("#dbo.") || subject.ends_with(".csv");
        format!("{} {}: {detail}", row["code"], if is_table { "a table" } else { subject })
    };
    let document =
        |name: &str| std::fs::read_to_string(package.folder.join("data/import").join(name)).unwrap();
    Content {
        totals: package.totals(),
        messages,
        structure: ["User.xml", "Category.xml", "RoomDirectory.xml"].map(document).to_vec(),
        findings: package.ledger("findings.csv").iter().map(finding).collect(),
    }
}

fn assert_same(shape: &str, one: &Content, other: &Content) {
    assert_eq!(one.totals, other.totals, "{shape}");
    assert_eq!(one.structure, other.structure, "{shape}");
    assert_eq!(one.findings.len(), other.findings.len(), "{shape}");
    for (one, other) in one.findings.iter().zip(&other.findings) {
        assert_eq!(one, other, "{shape}");
    }
    assert_eq!(one.messages.len(), other.messages.len(), "{shape}");
    for (one, other) in one.messages.iter().zip(&other.messages) {
        assert_eq!(one, other, "{shape}");
    }
}

#[test]
fn the_sample_converts_alike_in_every_shape() {
    let text = content(&[sample("mgc-2010")], 0);
    assert_eq!((text.messages.len(), text.totals[0]), (109, 109));
    assert_same("the sample backup", &content(&[sample("mgc-2010.bak")], 0), &text);

    let new = sample_database(706);
    let old = Database::new("mgc", 611).protection(Protection::TornPage).created(539);
    let old = filled(old, Product::Mgc2010, "mgc-2010");
    let shapes = [
        ("data file", Files::of(&new)),
        ("data file of 2005", Files::of(&old)),
        ("backup of 2005", Files::of_backup(&Backup::of(&old).bytes())),
        ("three stripes", Files::of_backup(&Backup::of(&new).stripes(3).bytes())),
        ("compressed", Files::of_backup(&Backup::of(&new).compressed(Records::Version2).bytes())),
        (
            "compressed stripes",
            Files::of_backup(&Backup::of(&old).stripes(2).compressed(Records::Version1).bytes()),
        ),
    ];
    for (shape, files) in shapes {
        assert_same(shape, &content(&files.paths, 0), &text);
    }
}

#[test]
fn both_dumps_and_the_archive_convert_alike_from_backups() {
    let newer = filled(Database::new("mgc", 706), Product::Mgc2013, "mgc-2013");
    let newer = Files::of_backup(&Backup::of(&newer).compressed(Records::Version2).bytes());
    let text = content(&["mgc-2010", "mgc-2013", "compliance"].map(sample), 0);
    let mut inputs = vec![sample("mgc-2010.bak"), sample("compliance")];
    inputs.extend(newer.paths.clone());
    assert_same("both dumps", &content(&inputs, 0), &text);
}

#[test]
fn the_queue_of_compliance_converts_alike_from_a_data_file() {
    let queue = Files::of(&filled(Database::new("mgccomp", 661), Product::Mgccomp, "mgccomp"));
    let text = content(&[sample("mgccomp"), sample("mgc-2013")], 0);
    assert_eq!(text.totals[0], 112 + 15);
    let mut inputs = vec![sample("mgc-2013")];
    inputs.extend(queue.paths.clone());
    assert_same("data file", &content(&inputs, 0), &text);
}
