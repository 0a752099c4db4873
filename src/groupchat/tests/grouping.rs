//! Which tables belong together.

use super::fixture::*;
use crate::chat::{Author, Guid};

const ROOT: &str = "1|#1|1|1|Root|0";
const ROOM: &str = "3|#3|1|0|Room|0";
const ANN: &str = "5|#50|sip:ann@x|Ann|0|5";

fn chat(room: i64, id: i64, text: &str) -> String {
    format!("{room}|{id}|{}|5|0|{text}", T + id)
}

fn with_chat(archive: Archive, path: &str, rows: &[String]) -> Archive {
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    archive.file(path, CHAT, &rows)
}

fn dump(archive: Archive, folder: &str, prefix: &str, base: u128) -> Archive {
    let node = [format!("1|#{base}|1|1|Root|0"), format!("3|#{}|1|0|Room|0", base + 3)];
    let person = format!("5|#{}|sip:ann{base}@x|Ann|0|5", base + 50);
    archive.file(&format!("{folder}/{prefix}tblNode"), NODE, &[&node[0], &node[1]]).file(
        &format!("{folder}/{prefix}tblPrincipal"),
        PRINCIPAL,
        &[&person],
    )
}

fn homes(outcome: &Outcome) -> Vec<(Guid, Guid)> {
    outcome.all().iter().map(|told| (told.room, told.author)).collect()
}

#[test]
fn messages_do_not_depend_on_how_the_table_is_cut() {
    let base = || {
        Archive::default().file("a/tblNode", NODE, &[ROOT, ROOM]).file("a/tblPrincipal", PRINCIPAL, &[ANN])
    };
    let (one, two, three) = (chat(3, 1, "one"), chat(3, 2, "two"), chat(4, 1, "no node"));
    let whole = with_chat(base(), "a/tblChat", &[one.clone(), two.clone(), three.clone()]).read();
    let cut = |first: &str, second: &str, third: &str| {
        let archive = with_chat(base(), first, std::slice::from_ref(&one));
        let archive = with_chat(archive, second, std::slice::from_ref(&two));
        with_chat(archive, third, std::slice::from_ref(&three))
    };
    for parts in [
        cut("a/tblChat_1", "a/tblChat_2", "a/tblChat_3"),
        cut("a/part1/tblChat", "a/part2/dbo.tblChat", "tblChat"),
        cut("b/2011-tblChat", "c/tblChat.part7", "a/tblChat_20120101"),
        cut("x/messages", "y/more", "a/rest"),
    ] {
        let outcome = parts.read();
        assert_eq!(outcome.messages(), whole.messages());
        assert_eq!(outcome.tree, whole.tree);
        assert_eq!(parts.clone().reversed().read().messages(), whole.messages());
        assert_eq!(outcome.grouping.dumps.len(), 1);
        assert_eq!(outcome.findings("DUMP-AMBIGUOUS"), [] as [String; 0]);
    }
}

#[test]
fn a_table_in_another_folder_takes_the_nearest_dump_and_says_so() {
    let archive = dump(dump(Archive::default(), "all/2010", "", 100), "all/2013", "", 200);
    let outcome = with_chat(archive, "all/2010/more/tblChat", &[chat(3, 1, "x")]).read();
    assert_eq!(homes(&outcome), [(guid(103), guid(150))]);
    assert_eq!(
        outcome.findings("DUMP-JOINED"),
        ["all/2010/more/tblChat.csv: has no tblNode beside it and takes all/2010/tblNode.csv"]
    );
}

#[test]
fn several_equally_near_dumps_leave_a_table_without_structure() {
    let archive = dump(dump(Archive::default(), "all/2010", "", 100), "all/2013", "", 200);
    let archive = with_chat(archive, "all/tblChat", &[chat(3, 1, "x")]);
    let outcome = archive.read();
    assert_eq!(
        outcome.findings("DUMP-AMBIGUOUS"),
        [
            "all/tblChat.csv: tblNode could be any of all/2010/tblNode.csv, all/2013/tblNode.csv: its rooms are known by their numbers alone; lay it beside its own"
        ]
    );
    let alone = with_chat(Archive::default(), "tblChat", &[chat(3, 1, "x")]).read();
    assert_eq!(homes(&outcome), homes(&alone));
    assert_eq!(archive.reversed().read().findings, outcome.findings);
}

#[test]
fn copies_of_one_table_are_one_candidate() {
    let archive = dump(dump(Archive::default(), "a", "", 100), "b", "", 100);
    let outcome = with_chat(archive, "tblChat", &[chat(3, 1, "x")]).read();
    assert_eq!(homes(&outcome), [(guid(103), guid(150))]);
    assert_eq!(outcome.findings("STRUCT-DIFF"), [] as [String; 0]);
}

#[test]
fn a_chat_table_alone_has_rooms_and_people_by_number() {
    let outcome = with_chat(Archive::default(), "tblChat", &[chat(3, 1, "x")]).read();
    let told = outcome.all()[0];
    let author = &outcome.settled.people[outcome.settled.find_person(told.author).unwrap()].author;
    assert_eq!(*author, Author::Numbered { database: Guid::nil(), number: 5 });
    assert!(!outcome.settled.rooms[0].1.guid_known);
    assert_eq!(outcome.findings("DUMP-LONELY").len(), 2);
    assert_eq!(outcome.findings("ROOM-NO-NODE"), [] as [String; 0]);
    assert!(outcome.tree.nodes.is_empty());
}

#[test]
fn two_dumps_in_one_folder_are_told_apart_by_what_stands_before_or_after_the_name() {
    for (old, new) in [("2010-tblChat", "2013-dbo.tblChat"), ("2010_tblChat_2", "2013.tblChat")] {
        let archive = dump(dump(Archive::default(), "x", "2010-", 100), "x", "2013-", 200);
        let archive = with_chat(archive, &format!("x/{old}"), &[chat(3, 1, "a")]);
        let outcome = with_chat(archive, &format!("x/{new}"), &[chat(3, 1, "b")]).read();
        assert_eq!(homes(&outcome), [(guid(103), guid(150)), (guid(203), guid(250))]);
    }
    let outcome = Archive::default()
        .file("tblNode_2010", NODE, &["1|#100|1|1|Root|0"])
        .file("tblPrincipal_2010", PRINCIPAL, &[ANN])
        .file("tblNode_2013", NODE, &["1|#200|1|1|Root|0"])
        .file("tblPrincipal_2013", PRINCIPAL, &[ANN])
        .read();
    assert_eq!((outcome.grouping.dumps.len(), outcome.tree.nodes.len()), (2, 2));
}

#[test]
fn parts_of_structure_tables_are_one_table() {
    let outcome = Archive::default()
        .file("tblNode_1", NODE, &[ROOT])
        .file("tblNode_2", NODE, &[ROOM])
        .file("tblPrincipal", PRINCIPAL, &[ANN])
        .read();
    assert_eq!((outcome.grouping.dumps.len(), outcome.tree.nodes.len()), (1, 2));
    assert_eq!(outcome.findings("NODE-ORPHAN"), [] as [String; 0]);
}

#[test]
fn tables_in_a_folder_each_come_together() {
    let outcome = Archive::default()
        .file("nodes/tblNode", NODE, &[ROOT, ROOM])
        .file("people/tblPrincipal", PRINCIPAL, &[ANN])
        .file("types/tblRoleType", ROLE_TYPE, &["1|Member|0"])
        .file("roles/tblPrincipalRole", ROLE, &["3|5|1"])
        .file("chat/tblChat", CHAT, &[&chat(3, 1, "x")])
        .read();
    assert_eq!(outcome.grouping.dumps.len(), 1);
    assert_eq!(outcome.people(outcome.node(3), crate::chat::Role::Member), [guid(50)]);
    assert_eq!(homes(&outcome), [(guid(3), guid(50))]);
}

#[test]
fn numbered_file_names_do_not_tear_a_dump_apart() {
    let outcome = Archive::default()
        .file("01_tblNode", NODE, &[ROOT, ROOM])
        .file("02_tblPrincipal", PRINCIPAL, &[ANN])
        .file("03_tblChat", CHAT, &[&chat(3, 1, "x")])
        .read();
    assert_eq!(homes(&outcome), [(guid(3), guid(50))]);
    assert!(outcome.findings.iter().all(|finding| !finding.code.starts_with("DUMP-")));
}

#[test]
fn the_people_of_another_database_are_never_borrowed() {
    let archive = dump(Archive::default(), "other", "", 100).file("mine/tblNode", NODE, &[ROOT, ROOM]);
    let outcome = with_chat(archive, "mine/tblChat", &[chat(3, 1, "x")]).read();
    let told = outcome.all()[0];
    let author = &outcome.settled.people[outcome.settled.find_person(told.author).unwrap()].author;
    assert_eq!(*author, Author::Numbered { database: guid(1), number: 5 });
    assert_eq!(outcome.findings("DUMP-LONELY").len(), 1);
}

#[test]
fn a_second_list_of_roles_from_elsewhere_is_left_aside() {
    let archive = Archive::default()
        .file("a/tblNode", NODE, &[ROOT, ROOM])
        .file("a/tblPrincipal", PRINCIPAL, &[ANN, "6|#60|sip:bob@x|Bob|0|5"])
        .file("a/tblRoleType", ROLE_TYPE, &["1|Member|0"])
        .file("a/tblPrincipalRole", ROLE, &["3|5|1"])
        .file("b/tblPrincipalRole", ROLE, &["3|6|1"]);
    let outcome = archive.read();
    assert_eq!(outcome.people(outcome.node(3), crate::chat::Role::Member), [guid(50)]);
    assert_eq!(
        outcome.findings("DUMP-AMBIGUOUS"),
        ["b/tblPrincipalRole.csv: is not used, since the dump has a/tblPrincipalRole.csv"]
    );
}

#[test]
fn tables_of_one_backup_stay_together_whatever_lies_beside_them() {
    let archive = dump(dump(Archive::default(), "old.bak", "", 100), "new.bak", "", 200);
    let archive = with_chat(archive, "old.bak/tblChat", &[chat(3, 1, "a")]);
    let archive = with_chat(archive, "new.bak/tblChat", &[chat(3, 1, "b")]);
    let mut archive = archive.in_one_backup("old.bak", 1).in_one_backup("new.bak", 2);
    archive.streams.iter_mut().for_each(|stream| stream.folder = "same".to_string());
    let mut homes = homes(&archive.read());
    homes.sort();
    assert_eq!(homes, [(guid(103), guid(150)), (guid(203), guid(250))]);
}
