//! Rooms that only an older dump holds, below what a newer one made flat; and groups.

use super::fixture::*;
use crate::chat::Role;

const ROLE_TYPES: [&str; 2] = ["1|Member|0", "2|Manager|0"];
const PEOPLE: [&str; 4] = [
    "5|#50|sip:ann@x|Ann|0|5",
    "6|#60|sip:ben@x|Ben|0|5",
    "7|#70|sip:cat@x|Cat|0|5",
    "8|#80|sip:all@x|All|0|9",
];

/// A database of 2010 with `Root`, `Desk` below it, and rooms `Rates` and `Gone`; `room` are the columns
/// from `overrideMember` to `roleDefinerId` of `Gone`.
fn old(archive: Archive, room: &str) -> Archive {
    archive
        .file(
            "old/tblNode",
            NODE_2010,
            &[
                "1|#1|1|1|Root|||0|0|1|1|0|0|NULL|2|1|1|NULL|9",
                "2|#2|1|1|Desk|||0|0|NULL|NULL|NULL|0|NULL|3|1|1|NULL|9",
                "3|#3|2|0|Rates|||0|0|NULL|NULL|NULL|0|4|NULL|1|1|NULL|9",
                &format!("4|#4|2|0|Gone|||0|{room}|NULL|9").replace("~", "|NULL|NULL|NULL|0|4|NULL|"),
            ],
        )
        .file("old/tblPrincipal", PRINCIPAL, &PEOPLE)
        .file("old/tblRoleType", ROLE_TYPE, &ROLE_TYPES)
        .file("old/tblPrincipalRole", ROLE, &["1|5|1", "1|6|2", "2|7|1", "2|7|2", "3|5|1"])
}

/// The same deployment after the migration: its own root, `Desk` and `Rates`.
fn new(archive: Archive) -> Archive {
    archive
        .file(
            "new/tblNode",
            NODE_2013,
            &[
                "1|#9|1|1|Root||0|NULL|2|NULL|99",
                "2|#2|1|1|Desk||0|NULL|2|NULL|99",
                "3|#3|2|0|Rates||0|4|2|NULL|99",
            ],
        )
        .file("new/tblPrincipal", PRINCIPAL, &PEOPLE)
        .file("new/tblRoleType", ROLE_TYPE, &ROLE_TYPES)
        .file("new/tblPrincipalRole", ROLE, &["3|6|1"])
}

#[test]
fn a_room_that_only_the_old_dump_has_keeps_what_it_inherited_there() {
    let outcome = new(old(Archive::default(), "0~1|1")).read();
    let gone = outcome.node(4);
    assert_eq!(outcome.people(gone, Role::Member), [guid(50), guid(70)]);
    assert_eq!(outcome.people(gone, Role::Manager), [guid(60), guid(70)]);
    assert_eq!((gone.invitations, gone.history, gone.file_upload), (Some(true), Some(true), Some(false)));
    assert_eq!(gone.visibility, Some(crate::chat::Visibility::Scope));
    // The others are as the newest dump has them.
    assert_eq!(outcome.people(outcome.node(3), Role::Member), [guid(60)]);
    let told = outcome.findings("INHERIT-OLD");
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("Desk\\Gone: Only old/tblNode.csv has it"), "{told:?}");
    assert!(told[0].contains("2 members and 2 managers"), "{told:?}");
}

#[test]
fn a_list_that_began_at_the_room_or_its_category_takes_no_members_from_above() {
    let own = new(old(Archive::default(), "1~1|4")).read();
    assert_eq!(own.people(own.node(4), Role::Member), [] as [crate::chat::Guid; 0]);
    assert_eq!(own.people(own.node(4), Role::Manager), [guid(60), guid(70)]);
    let of_desk = new(old(Archive::default(), "0~1|2")).read();
    assert_eq!(of_desk.people(of_desk.node(4), Role::Member), [guid(70)]);
}

#[test]
fn what_nobody_had_set_in_the_old_dump_keeps_its_meaning_below_a_category_that_means_another() {
    let unset = Archive::default()
        .file(
            "old/tblNode",
            NODE_2010,
            &[
                "1|#1|1|1|Root|||0|0|NULL|NULL|NULL|0|NULL|NULL|1|1|NULL|9",
                "2|#2|1|1|Desk|||0|0|NULL|NULL|NULL|0|NULL|NULL|1|1|NULL|9",
                "4|#4|2|0|Gone|||0|0|NULL|NULL|NULL|0|4|NULL|1|1|NULL|9",
            ],
        )
        .file("old/tblPrincipal", PRINCIPAL, &PEOPLE);
    let open = unset.file(
        "new/tblNode",
        NODE_2013,
        &["1|#1|1|1|Root||0|NULL|2|NULL|99", "2|#2|1|1|Desk||0|NULL|3|NULL|99"],
    );
    let outcome = open.read();
    let gone = outcome.node(4);
    assert_eq!(gone.visibility, Some(crate::chat::Visibility::Private));
    assert_eq!((gone.invitations, gone.history, gone.file_upload), (Some(false), Some(true), Some(false)));
}

#[test]
fn what_had_lost_its_parent_in_the_old_dump_inherits_from_the_root_of_that() {
    let outcome = Archive::default()
        .file(
            "old/tblNode",
            NODE_2010,
            &[
                "1|#1|1|1|Root|||0|0|1|1|1|0|NULL|3|1|1|NULL|9",
                "2|#2|77|1|Desk|||0|0|NULL|NULL|NULL|0|NULL|NULL|1|1|NULL|9",
                "4|#4|2|0|Gone|||0|0|NULL|NULL|NULL|0|4|NULL|1|1|NULL|9",
            ],
        )
        .file("old/tblPrincipal", PRINCIPAL, &PEOPLE)
        .file("old/tblRoleType", ROLE_TYPE, &ROLE_TYPES)
        .file("old/tblPrincipalRole", ROLE, &["1|5|2"])
        .file(
            "new/tblNode",
            NODE_2013,
            &["1|#1|1|1|Root||0|NULL|2|NULL|99", "2|#2|1|1|Desk||0|NULL|2|NULL|99"],
        )
        .file("new/tblPrincipal", PRINCIPAL, &PEOPLE)
        .read();
    let gone = outcome.node(4);
    assert_eq!(outcome.people(gone, Role::Manager), [guid(50)]);
    assert_eq!((gone.invitations, gone.file_upload), (Some(true), Some(true)));
}

#[test]
fn a_category_that_was_forced_forces_what_was_forced_on_it() {
    let outcome = Archive::default()
        .file(
            "old/tblNode",
            NODE_2010,
            &[
                "1|#1|1|1|Root|||0|0|1|1|1|0|NULL|3|1|1|NULL|9",
                // It forces what it has itself and what it inherits.
                "2|#2|1|1|Desk|||1|0|0|NULL|NULL|0|NULL|NULL|1|1|NULL|9",
                "3|#3|2|1|Swaps|||0|0|1|0|0|0|NULL|2|1|1|NULL|9",
            ],
        )
        .file("old/tblPrincipal", PRINCIPAL, &PEOPLE)
        .file(
            "new/tblNode",
            NODE_2013,
            &["1|#1|1|1|Root||0|NULL|2|NULL|99", "2|#2|1|1|Desk||0|NULL|3|NULL|99"],
        )
        .read();
    let swaps = outcome.node(3);
    assert_eq!((swaps.invitations, swaps.history, swaps.file_upload), (Some(false), Some(true), Some(true)));
    assert_eq!(swaps.visibility, Some(crate::chat::Visibility::Scope));
    assert!(swaps.forces_settings);
}

#[test]
fn without_a_newer_dump_nothing_is_written_out() {
    let outcome = old(Archive::default(), "0~1|1").read();
    assert_eq!(outcome.people(outcome.node(4), Role::Member), [] as [crate::chat::Guid; 0]);
    assert_eq!(outcome.findings("INHERIT-OLD"), [] as [String; 0]);
}

#[test]
fn groups_are_those_of_the_newest_dump_that_knows_the_person() {
    let affiliations = "principalID affiliationID index updatedBy";
    let outcome = new(old(Archive::default(), "0~1|1"))
        .file(
            "old/tblPrincipalAffiliations",
            affiliations,
            &["5|5|-1|1", "5|8|1|1", "6|6|-1|1", "6|8|1|1", "7|99|1|1"],
        )
        .file("new/tblPrincipalAffiliations", affiliations, &["5|5|-1|1"])
        .read();
    let groups = |person: u128| -> Option<Vec<_>> {
        let at = |guid| outcome.settled.people.iter().position(|person| person.guid == guid);
        let groups = outcome.affiliations.get(&at(guid(person))?)?;
        Some(groups.iter().map(|&group| outcome.settled.people[group].guid).collect())
    };
    assert_eq!(groups(50), Some(vec![]), "the newest dump says that she lies in none");
    assert_eq!(groups(60), Some(vec![guid(80)]));
    assert_eq!(groups(70), Some(vec![]), "a number without a principal is no group");
    assert_eq!(groups(80), None);
}
