//! One dump: nodes, roles, people.

use super::fixture::*;
use crate::chat::{Author, Generation, NodeKind, Origin, PersonKind, Role, Text, Visibility, derived_guid};
use crate::ledger::Level;

fn legacy() -> Archive {
    Archive::default()
        .file(
            "tblNode",
            NODE_2010,
            &[
                "1|#1|1|1|Root|||0|0|1|1|0|0|4|NULL|1|1|NULL|10",
                "2|#2|1|1|Trading|all desks||1|1|NULL|NULL|NULL|0|4|3|2|2|NULL|20",
                "3|#3|2|0|Rates||\"today\"|0|0|NULL|0|NULL|1|5|2|2|2|#77|30",
            ],
        )
        .file(
            "tblPrincipal",
            PRINCIPAL,
            &["5|#50|sip:ann@litware.example|Ann|0|5", "6|#60|ma-grp:desk|NULL|1|9"],
        )
        .file("tblRoleType", ROLE_TYPE, &["11|member|3984", "12|Manager|12276", "13|Sprecher|4096"])
        .file("tblPrincipalRole", ROLE, &["3|5|12", "3|6|11", "3|5|13", "2|5|99", "9|5|11"])
        .file("tblScopePrincipal", "scopeNodeID scopePrinID", &["2|6"])
        .file("tblLastChatId", "nodeID lastChatID", &["3|40", "3|41"])
        .file("tblSiopWhiteList", "siopID siopName siopUrl", &["#77|Ticker|https://ticker.example/"])
}

#[test]
fn a_legacy_dump_becomes_a_tree() {
    let outcome = legacy().read();
    let room = outcome.node(3);
    assert_eq!((room.kind, room.parent, room.number), (NodeKind::Room, Some(guid(2)), 3));
    assert_eq!(room.generation, Generation::GroupChat);
    assert_eq!(room.topic, Some(Text::from("today")));
    assert_eq!((room.invitations, room.history, room.file_upload), (None, Some(false), None));
    assert_eq!((room.auditorium, room.visibility, room.disabled), (true, Some(Visibility::Private), true));
    assert_eq!((room.scope_definer, room.role_definer), (Some(guid(2)), Some(guid(2))));
    assert_eq!((room.add_in, room.last_chat_id, room.updated_on), (Some(guid(77)), Some(41), 30));
    let category = outcome.node(2);
    assert!(category.forces_settings && category.overrides_members && !category.is_root);
    assert_eq!(category.scopes.len(), 1);
    assert!(outcome.node(1).is_root);
    assert_eq!(outcome.tree.add_ins[0].name, Text::from("Ticker"));
}

#[test]
fn roles_are_resolved_by_description_then_by_permissions() {
    let outcome = legacy().read();
    let room = outcome.node(3);
    assert_eq!(outcome.people(room, Role::Manager), [guid(50)]);
    assert_eq!(outcome.people(room, Role::Member), [guid(60)]);
    assert_eq!(outcome.people(room, Role::Presenter), [guid(50)]);
}

#[test]
fn a_role_type_that_nothing_explains_needs_the_operator() {
    let told = legacy().read().findings("ROLE-UNKNOWN");
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("1 rows have the role type 99") && told[0].contains("--role 99="), "{told:?}");

    let outcome = legacy().operator_says(99, Role::Creator).read();
    assert_eq!(outcome.findings("ROLE-UNKNOWN"), [] as [String; 0]);
    assert_eq!(outcome.people(outcome.node(2), Role::Creator), [guid(50)]);
}

#[test]
fn roles_at_a_node_that_is_not_there_are_told() {
    let told = legacy().read().findings("NODE-MISSING");
    assert_eq!(
        told,
        ["tblPrincipalRole.csv: 1 rows name a node that tblNode does not have; they are not used"]
    );
}

#[test]
fn principals_are_known_with_all_that_the_dump_says() {
    let outcome = legacy().read();
    let (ann, desk) = (outcome.person(50), outcome.person(60));
    assert_eq!((ann.facts.kind, ann.facts.disabled), (Some(PersonKind::User), 0));
    let origin = Origin { generation: Generation::GroupChat, updated_on: 30 };
    assert_eq!(Origin::of_rank(ann.facts.rank), Some(origin));
    assert_eq!(ann.facts.name, Some(Text::from("Ann")));
    assert_eq!((desk.facts.kind, desk.facts.disabled), (Some(PersonKind::Group), 1));
    assert_eq!((&desk.facts.name, &desk.address), (&None, &None));
}

#[test]
fn a_persistent_chat_dump_has_its_own_settings() {
    let outcome = Archive::default()
        .file(
            "tblNode",
            NODE_2013,
            &["1|#1|1|1|root||0|4|3|NULL|1", "2|#2|1|1|Desk||0|4|6|NULL|2", "3|#3|2|0|Open|d|0|4|6|NULL|3"],
        )
        .file(
            "tblPrincipal",
            "prinID prinGuid prinUri prinName prinDisplayName prinDisabled prinTypeID",
            &["5|#50|sip:ann@x|ann.lee|Ann Lee|2|5"],
        )
        .file("tblRoleType", ROLE_TYPE, &["1|Creator|16"])
        .file("tblPrincipalRole", ROLE, &["2|5|1"])
        .file("tblScopedPrincipal", "scopeNodeID scopePrinID scopeIsDenied", &["2|5|True", "2|5|False"])
        .read();
    let category = outcome.node(2);
    assert_eq!(category.generation, Generation::PersistentChat);
    assert_eq!(outcome.node(3).visibility, Some(Visibility::Open));
    assert_eq!(outcome.people(category, Role::Creator), [guid(50)]);
    assert_eq!((category.scopes.len(), category.scopes[0].denied), (1, true));
    assert_eq!(outcome.findings("STRUCT-ROW-DUP").len(), 1);
    let ann = outcome.person(50);
    assert_eq!((&ann.facts.name, ann.facts.disabled), (&Some(Text::from("Ann Lee")), 2));
}

#[test]
fn loops_and_orphans_are_cut_loose_and_told() {
    let outcome = Archive::default()
        .file(
            "tblNode",
            NODE,
            &[
                "1|#1|1|1|Root|0",
                "2|#2|4|1|A|0",
                "3|#3|2|1|B|0",
                "4|#4|3|1|C|0",
                "5|#5|4|0|Room below the loop|0",
                "6|#6|99|0|Orphan|0",
            ],
        )
        .file("tblPrincipal", PRINCIPAL, &[])
        .read();
    assert_eq!(outcome.findings("NODE-LOOP"), ["A: the parents of nodeID 2 in tblNode.csv lead back to it"]);
    assert_eq!(
        outcome.findings("NODE-ORPHAN"),
        ["Orphan: the parent 99 of nodeID 6 is nowhere in tblNode.csv"]
    );
    let parents: Vec<_> = [2, 3, 4, 5, 6].map(|number| outcome.node(number).parent).to_vec();
    assert_eq!(parents, [None, Some(guid(2)), Some(guid(3)), Some(guid(4)), None]);
}

#[test]
fn a_loop_as_long_as_the_table_ends_too() {
    let rows: Vec<String> = (0..2000).map(|n| format!("{n}|#{}|{}|1|n|0", n + 1, (n + 1) % 2000)).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let outcome = Archive::default().file("tblNode", NODE, &rows).file("tblPrincipal", PRINCIPAL, &[]).read();
    assert_eq!(outcome.findings("NODE-LOOP").len(), 1);
    assert_eq!(outcome.tree.nodes.iter().filter(|node| node.parent.is_none()).count(), 1);
}

#[test]
fn of_nodes_with_one_guid_the_least_number_keeps_it() {
    let outcome = Archive::default()
        .file("tblNode", NODE, &["9|#3|1|0|Later|0", "1|#1|1|1|Root|0", "3|#3|1|0|First|0"])
        .file("tblPrincipal", PRINCIPAL, &[])
        .file("tblChat", CHAT, &["9|1|633482073409535482|5|0|to the later"])
        .read();
    assert_eq!(outcome.findings("GUID-DUP").len(), 1);
    assert_eq!(outcome.node(3).name, Text::from("First"));
    let derived = derived_guid(&[guid(3).as_bytes(), b"9"]);
    let later = outcome.tree.nodes.iter().find(|node| node.name == Text::from("Later")).unwrap();
    assert_eq!((later.guid, later.guid_known), (derived, false));
    assert_eq!(outcome.all()[0].room, derived);
}

#[test]
fn nodes_without_guid_have_that_of_rooms_known_by_number() {
    let table = Archive::default()
        .file("tblNode", "nodeID parentID nodeType nodeName", &["1|1|1|Root", "300|1|0|Room"])
        .file("tblPrincipal", PRINCIPAL, &[])
        .file("tblChat", CHAT, &["300|1|633482073409535482|5|0|hello"])
        .read();
    let alone = Archive::default().file("tblChat", CHAT, &["300|1|633482073409535482|5|0|hello"]).read();
    assert_eq!(table.all()[0].room, alone.all()[0].room);
    assert!(table.tree.nodes.iter().all(|node| !node.guid_known));
    assert!(table.findings("COLUMN-MISSING").iter().any(|told| told.contains("nodeGuid")));
}

#[test]
fn bad_rows_are_told_and_the_rest_is_used() {
    let outcome = Archive::default()
        .file(
            "tblNode",
            NODE,
            &[
                "1|#1|1|1|Root|0",
                "x|#2|1|0|No number|0",
                "3|#3|1|maybe|No kind|0",
                "!torn 4|#4",
                "5|#5|1|0|Room|0",
            ],
        )
        .file("tblPrincipal", PRINCIPAL, &["5|nonsense|sip:a@x|A|0|5"])
        .read();
    assert_eq!(outcome.tree.nodes.len(), 2);
    assert_eq!(
        outcome.findings("STRUCT-ROW-BAD"),
        [
            "tblNode.csv: line 3, byte 100: nodeID: x is no whole number of 64 bits; the row is not used",
            "tblNode.csv: line 4, byte 200: nodeType: maybe is neither true nor false; the row is not used",
            "tblNode.csv: line 5, byte 300: torn; the row is not used",
            "tblPrincipal.csv: line 2, byte 0: prinGuid: nonsense is no GUID; the row is not used",
        ]
    );
    let counts: Vec<_> = outcome.rows.iter().map(|table| (table.rows, table.bad)).collect();
    assert_eq!(counts, [(5, 3), (1, 1)]);
}

#[test]
fn a_table_of_bad_rows_does_not_fill_the_report() {
    let rows = vec!["x|#2|1|0|n|0"; 5000];
    let outcome = Archive::default()
        .file("tblNode", NODE, &rows)
        .file("tblPrincipal", "prinGuid prinUri", &["#1|sip:a@x"])
        .read();
    let told = outcome.findings("STRUCT-ROW-BAD");
    assert_eq!(told.len(), 102);
    assert!(told.iter().any(|told| told.ends_with("4900 further rows are not used")));
    assert!(told.iter().any(|told| told.contains("has no column prinID")), "{:?}", told.last());
}

#[test]
fn of_rows_with_one_key_the_order_of_content_decides() {
    let read = |rows: &[&str]| {
        Archive::default().file("tblNode", NODE, rows).file("tblPrincipal", PRINCIPAL, &[]).read()
    };
    let (one, other) = ("3|#3|1|0|Beta|0", "3|#3|1|0|Alpha|0");
    let outcome = read(&["1|#1|1|1|Root|0", one, other, other]);
    assert_eq!(outcome.node(3).name, Text::from("Alpha"));
    assert_eq!(outcome.findings("STRUCT-ROW-DUP").len(), 1);
    assert_eq!(read(&[other, one, "1|#1|1|1|Root|0"]).tree, outcome.tree);
    assert_eq!(read(&[other, other, "1|#1|1|1|Root|0"]).findings("STRUCT-ROW-DUP").len(), 0);
}

#[test]
fn numbers_of_settings_follow_the_dump_s_own_table() {
    let outcome = Archive::default()
        .file(
            "tblNode",
            NODE_2013,
            &["1|#1|1|1|Root||0|4|3|NULL|0", "2|#2|1|0|Own||0|25|23|NULL|0", "3|#3|1|0|Odd||0|7|1|NULL|0"],
        )
        .file("tblPrincipal", PRINCIPAL, &[])
        .file("tblEnumValue", "valueID attributeID attributeValue", &["23|1|Scope", "25|2|auditorium"])
        .read();
    let own = outcome.node(2);
    assert_eq!((own.auditorium, own.visibility), (true, Some(Visibility::Scope)));
    let odd = outcome.node(3);
    assert_eq!((odd.auditorium, odd.visibility), (false, None));
    assert_eq!(
        outcome.findings("ENUM-UNKNOWN"),
        [
            "Odd: behavior 7 of nodeID 3 is not documented; taken for normal",
            "Odd: visibility 1 of nodeID 3 is not documented; taken for unset",
        ]
    );
}

#[test]
fn a_role_of_somebody_without_a_row_is_kept_by_number() {
    let outcome = Archive::default()
        .file("tblNode", NODE, &["1|#1|1|1|Root|0", "3|#3|1|0|Room|0"])
        .file("tblPrincipal", PRINCIPAL, &[])
        .file("tblRoleType", ROLE_TYPE, &["1|Member|0"])
        .file("tblPrincipalRole", ROLE, &["3|8|1"])
        .read();
    let person = &outcome.settled.people[outcome.settled.person(outcome.node(3).roles[0].person)];
    assert_eq!(person.author, Author::Numbered { database: guid(1), number: 8 });
}

#[test]
fn a_principal_without_guid_is_known_by_address() {
    let outcome = Archive::default()
        .file("tblNode", NODE, &["1|#1|1|1|Root|0", "3|#3|1|0|Room|0"])
        .file("tblPrincipal", "prinID prinUri prinName", &["5|sip:Ann@x|Ann"])
        .file("tblChat", CHAT, &["3|1|633482073409535482|5|0|hello"])
        .read();
    let author = outcome.all()[0].author;
    let person = &outcome.settled.people[outcome.settled.find_person(author).unwrap()];
    assert!(matches!(&person.author, Author::Address(address) if address.address() == &Text::from("ann@x")));
    assert_eq!(person.facts.name, Some(Text::from("Ann")));
}

#[test]
fn findings_about_what_is_lost_are_errors_and_others_are_not() {
    let outcome = legacy().read();
    let level = |code| outcome.findings.iter().find(|finding| finding.code == code).map(|found| found.level);
    assert_eq!(level("ROLE-UNKNOWN"), Some(Level::Error));
    assert_eq!(level("NODE-MISSING"), Some(Level::Warning));
    assert_eq!(level("COLUMN-MISSING"), Some(Level::Info));
}
