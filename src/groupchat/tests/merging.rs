//! Several dumps.

use super::fixture::*;
use crate::chat::{Generation, Origin, Role, Text};

/// A dump whose numbers are its own: `shift` is added to each of them.
fn dump(archive: Archive, folder: &str, shift: i64, updated: i64, members: &[i64]) -> Archive {
    let n = |number: i64| number + shift;
    let nodes = [
        format!("{0}|#1|{0}|1|Root|1", n(1)),
        format!("{}|#2|{}|1|Desk|1", n(2), n(1)),
        format!("{}|#3|{}|0|Rates|{updated}", n(3), n(2)),
    ];
    let people = [5, 6, 7].map(|who| format!("{}|#{who}0|sip:p{who}@x|P{who}|0|5", n(who)));
    let roles: Vec<String> = members.iter().map(|who| format!("{}|{}|{}", n(3), n(*who), n(1))).collect();
    let of = |rows: &[String]| rows.to_vec();
    let add = |archive: Archive, table: &str, columns: &str, rows: Vec<String>| {
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        archive.file(&format!("{folder}/{table}"), columns, &rows)
    };
    let archive = add(archive, "tblNode", NODE, of(&nodes));
    let archive = add(archive, "tblPrincipal", PRINCIPAL, of(&people));
    let archive = add(archive, "tblRoleType", ROLE_TYPE, vec![format!("{}|Member|0", n(1))]);
    let archive = add(archive, "tblPrincipalRole", ROLE, roles);
    add(archive, "tblChat", CHAT, vec![format!("{}|1|{T}|{}|0|hello", n(3), n(5))])
}

#[test]
fn a_removed_member_stays_removed() {
    let archive = dump(dump(Archive::default(), "old", 0, 10, &[5, 6]), "new", 0, 20, &[5, 7]);
    let outcome = archive.read();
    assert_eq!(outcome.people(outcome.node(3), Role::Member), [guid(50), guid(70)]);
    assert_eq!(
        outcome.findings("STRUCT-DIFF"),
        ["Desk\\Rates: is taken from new/tblNode.csv; old/tblNode.csv differs in 1 member more and 1 fewer"]
    );
    let reversed = archive.reversed().read();
    assert_eq!(reversed.people(reversed.node(3), Role::Member), [guid(50), guid(70)]);
    assert_eq!(reversed.findings, outcome.findings);
}

#[test]
fn overlapping_dumps_that_numbered_anew_are_equal() {
    let outcome = dump(dump(Archive::default(), "a", 0, 10, &[5, 6]), "b", 1000, 10, &[6, 5]).read();
    assert_eq!(outcome.tree.nodes.len(), 3);
    assert_eq!(outcome.settled.people.len(), 3);
    assert_eq!(outcome.findings("STRUCT-DIFF"), [] as [String; 0]);
    assert_eq!(outcome.messages()[0], outcome.messages()[1]);
}

#[test]
fn between_dumps_of_one_time_content_decides_and_never_names_or_order() {
    let one = dump(dump(Archive::default(), "a", 0, 10, &[5]), "b", 0, 10, &[6]).read();
    let other = dump(dump(Archive::default(), "b", 0, 10, &[5]), "a", 0, 10, &[6]).read();
    assert_eq!(one.people(one.node(3), Role::Member), other.people(other.node(3), Role::Member));
}

#[test]
fn a_node_that_the_newest_dump_lacks_is_taken_from_an_older_one() {
    let archive = dump(Archive::default(), "old", 0, 10, &[5])
        .file("new/tblNode", NODE, &["1|#1|1|1|Root|99"])
        .file("new/tblPrincipal", PRINCIPAL, &["5|#50|sip:married@x|P5|0|5"]);
    let outcome = archive.read();
    assert_eq!(outcome.people(outcome.node(3), Role::Member), [guid(50)]);
    let person = outcome.person(50);
    assert_eq!(person.facts.uri, Some(Text::from("sip:married@x")));
    let updated_on = |rank| Origin::of_rank(rank).map(|origin| origin.updated_on);
    assert_eq!((updated_on(person.facts.rank), person.addresses.len()), (Some(99), 2));
    assert_eq!(updated_on(outcome.person(60).facts.rank), Some(10));
    assert_eq!(outcome.node(3).origin.map(|origin| origin.updated_on), Some(10));
    assert_eq!(outcome.node(1).origin.map(|origin| origin.updated_on), Some(99));
}

#[test]
fn the_newer_generation_wins_and_is_not_blamed_for_what_it_cannot_hold() {
    let outcome = Archive::default()
        .file(
            "old/tblNode",
            NODE_2010,
            &[
                "1|#1|1|1|Root||news|1|1|NULL|NULL|NULL|0|4|3|1|1|NULL|9000",
                "3|#3|1|0|Rates|old||0|0|NULL|NULL|NULL|0|4|3|1|1|NULL|9000",
            ],
        )
        .file("old/tblPrincipal", PRINCIPAL, &[])
        .file("new/tblNode", NODE_2013, &["8|#1|8|1|Root||0|4|3|NULL|1", "9|#3|8|0|Rates|new|0|4|3|NULL|1"])
        .file("new/tblPrincipal", PRINCIPAL, &[])
        .read();
    let room = outcome.node(3);
    assert_eq!((room.generation, room.number), (Generation::PersistentChat, 9));
    assert_eq!(room.description, Text::from("new"));
    assert_eq!(
        outcome.findings("STRUCT-DIFF"),
        ["Rates: is taken from new/tblNode.csv; old/tblNode.csv differs in description"]
    );
}

#[test]
fn a_dump_cut_down_to_a_few_columns_has_the_generation_of_its_database() {
    let outcome = Archive::default()
        .file("new/tblNode", NODE_2013, &["1|#1|1|1|Root||0|4|3|NULL|5", "3|#3|1|0|Rates||0|4|3|NULL|5"])
        .file("new/tblPrincipal", PRINCIPAL, &[])
        .file("newest/tblNode", NODE, &["1|#1|1|1|Root|9", "3|#3|1|0|Rates and more|9"])
        .file("newest/tblPrincipal", PRINCIPAL, &[])
        .read();
    let room = outcome.node(3);
    assert_eq!((room.generation, &room.name), (Generation::PersistentChat, &Text::from("Rates and more")));
}

#[test]
fn somebody_missing_in_one_dump_is_known_through_another_of_the_same_database() {
    let base = |archive: Archive, folder: &str, people: &[&str]| {
        archive
            .file(&format!("{folder}/tblNode"), NODE, &["1|#1|1|1|Root|0", "3|#3|1|0|Rates|0"])
            .file(&format!("{folder}/tblPrincipal"), PRINCIPAL, people)
            .file(&format!("{folder}/tblRoleType"), ROLE_TYPE, &["1|Member|0"])
            .file(&format!("{folder}/tblPrincipalRole"), ROLE, &["3|5|1"])
    };
    let archive = base(Archive::default(), "old", &["5|#50|sip:ann@x|Ann|0|5"]);
    let archive = base(archive, "new", &[]).file("new/tblChat", CHAT, &[&format!("3|1|{T}|5|0|hello")]);
    let outcome = archive.read();
    assert_eq!(outcome.all()[0].author, guid(50));
    assert_eq!(outcome.people(outcome.node(3), Role::Member), [guid(50)]);
    assert_eq!(outcome.findings("STRUCT-DIFF"), [] as [String; 0]);
    assert_eq!(outcome.settled.people.len(), 1);
}

#[test]
fn a_number_that_stands_for_two_people_in_one_database_stands_for_neither() {
    let archive = Archive::default()
        .file("a/tblNode", NODE, &["1|#1|1|1|Root|0"])
        .file("a/tblPrincipal", PRINCIPAL, &["5|#50|sip:ann@x|Ann|0|5"])
        .file("b/tblNode", NODE, &["1|#1|1|1|Root|1"])
        .file("b/tblPrincipal", PRINCIPAL, &["5|#51|sip:bob@x|Bob|0|5"])
        .file("c/tblNode", NODE, &["1|#1|1|1|Root|2", "3|#3|1|0|Rates|0"])
        .file("c/tblPrincipal", PRINCIPAL, &[])
        .file("c/tblChat", CHAT, &[&format!("3|1|{T}|5|0|who?")]);
    let outcome = archive.read();
    let author = outcome.all()[0].author;
    assert!(author != guid(50) && author != guid(51));
}

#[test]
fn add_ins_are_taken_from_the_newest_dump() {
    let add_ins = "siopID siopName siopUrl";
    let outcome = dump(dump(Archive::default(), "old", 0, 10, &[5]), "new", 0, 20, &[5])
        .file(
            "old/tblSiopWhiteList",
            add_ins,
            &["#77|Ticker|https://old.example/", "#78|Gone|https://gone.example/"],
        )
        .file("new/tblSiopWhiteList", add_ins, &["#77|Ticker|https://new.example/"])
        .read();
    let urls: Vec<String> = outcome.tree.add_ins.iter().map(|add_in| add_in.url.to_string()).collect();
    assert_eq!(urls, ["https://new.example/", "https://gone.example/"]);
    assert_eq!(outcome.findings("STRUCT-DIFF").len(), 1);
}
