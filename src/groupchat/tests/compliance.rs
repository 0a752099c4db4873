//! Rows of the compliance database.

use super::fixture::*;
use crate::chat::{Author, Form, Guid, Kind, Numbering, Text};
use crate::error::Error;
use crate::ledger::Cause;

const DATA: &str =
    "cmplEventID entryDate cmplType cmplTime cmplChannelUri cmplChatID cmplUserID cmplUserUri cmplMessage";
const PARTICIPANT: &str = "channelUri userId joinedAt partedAt userUri serverID sessionId";
const ROOM: &str = "ma-chan://litware.example/00000000-0000-0000-0000-000000000003";

fn data(rows: &[String]) -> Archive {
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    Archive::default().file("tblComplianceData", DATA, &rows)
}

fn participants(rows: &[String]) -> Outcome {
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    Archive::default().file("tblComplianceParticipant", PARTICIPANT, &rows).read()
}

fn event(kind: &str, chat_id: &str, address: &str, message: &str) -> String {
    format!("901|2012-05-01 10:00:00|{kind}|{T}|{ROOM}|{chat_id}|5|{address}|{message}")
}

#[test]
fn a_chat_event_is_a_message_of_the_room() {
    let outcome = data(&[event("1", "17", "sip:Ann@x", "hello")]).read();
    let told = outcome.all()[0];
    assert_eq!((told.room, told.text.as_str(), told.event.as_str()), (guid(3), "hello", ""));
    assert_eq!(told.record.kind, Kind::Message { alert: None });
    assert_eq!((told.record.form, told.record.chat_id), (Form::Compliance, Some(17)));
    assert!(matches!(told.record.numbering, Numbering::Domain(_)));
    assert_eq!(told.extras, "cmplEventID=\"901\" entryDate=\"2012-05-01 10:00:00\" cmplUserID=\"5\"");
    let author = &outcome.settled.people[0];
    assert!(matches!(&author.author, Author::Address(address) if address.address() == &Text::from("ann@x")));
    assert_eq!(author.facts.uri, Some(Text::from("sip:Ann@x")));
    assert!(outcome.settled.rooms[0].1.guid_known);
    assert_eq!(outcome.findings.len(), 0, "{:?}", outcome.findings);
}

#[test]
fn other_events_are_named_by_their_type() {
    let kinds = ["2", "3", "4", "9", "10", "11", "7", "-1", "7"];
    let outcome = data(&kinds.map(|kind| event(kind, "0", "sip:a@x", "NULL"))).read();
    let names: Vec<&str> = outcome.all().iter().map(|told| told.event.as_str()).collect();
    assert_eq!(
        names,
        [
            "BACKCHAT",
            "FILEDOWNLOAD",
            "FILEUPLOAD",
            "PROVISIONALTRANSFER",
            "REPLACEMENT",
            "PURGE",
            "TYPE-7",
            "TYPE--1",
            "TYPE-7"
        ]
    );
    assert!(outcome.all().iter().all(|told| told.record.chat_id.is_none() && told.text.is_empty()));
    assert!(outcome.all().iter().all(|told| told.record.numbering == Numbering::Document));
    let told = outcome.findings("EVENT-UNKNOWN");
    assert_eq!(
        told[1],
        "tblComplianceData.csv: 2 rows have cmplType 7, which is not documented; kept as TYPE-7"
    );
    assert_eq!(told.len(), 2);
}

#[test]
fn somebody_without_an_address_is_known_by_number() {
    let archive =
        data(&[event("1", "1", "", "a"), event("1", "2", "ma-grp:x", "b"), event("1", "3", "NULL", "c")])
            .file("mgc/tblNode", NODE, &["1|#1|1|1|Root|0"])
            .file("mgc/tblPrincipal", PRINCIPAL, &["5|#50|sip:ann@x|Ann|0|5"]);
    let outcome = archive.read();
    assert!(outcome.all().iter().all(|told| told.author == guid(50)));
    assert_eq!(outcome.findings("DUMP-JOINED"), [] as [String; 0]);
}

#[test]
fn a_room_with_a_number_for_an_address_is_known_by_domain_and_number() {
    let row = event("1", "1", "sip:a@x", "a").replace(ROOM, "ma-chan://litwareinc.com/300");
    let outcome = data(&[row]).read();
    let (room, facts) = &outcome.settled.rooms[0];
    assert_eq!(facts.uri, Some(Text::from("ma-chan://litwareinc.com/300")));
    assert!(!facts.guid_known && *room != Guid::nil());
}

#[test]
fn a_stay_is_a_join_and_a_part_directly_after_it() {
    let later = T + 50;
    let outcome = participants(&[
        format!("{ROOM}|5|{T}|{later}|ann@x|2|-77"),
        format!("{ROOM}|6|{T}|NULL|bob@x|NULL|NULL"),
    ]);
    let told: Vec<_> = outcome
        .all()
        .iter()
        .map(|told| (told.record.source.record, told.event.clone(), told.record.moment.ticks.get()))
        .collect();
    assert_eq!(told, [(1, "JOIN".into(), T), (2, "PART".into(), later), (3, "JOIN".into(), T)]);
    assert_eq!(outcome.all()[1].extras, "userId=\"5\" serverID=\"2\" sessionId=\"-77\"");
}

#[test]
fn a_stay_with_one_bad_end_keeps_the_other() {
    let outcome = participants(&[
        format!("{ROOM}|5|never|{T}|ann@x|2|1"),
        format!("{ROOM}|5|{T}|later|ann@x|2|1"),
        format!("|5|{T}|{T}|ann@x|2|1"),
        format!("{ROOM}|x|{T}|NULL||2|1"),
    ]);
    let kept: Vec<_> =
        outcome.all().iter().map(|told| (told.record.source.record, told.event.clone())).collect();
    assert_eq!(kept, [(2, "PART".into()), (3, "JOIN".into())]);
    let rejected: Vec<_> =
        outcome.rejected.iter().map(|rejected| (rejected.source.record, rejected.cause)).collect();
    assert_eq!(
        rejected,
        [
            (1, Cause::BadTime),
            (4, Cause::BadTime),
            (5, Cause::MissingValue),
            (6, Cause::MissingValue),
            (7, Cause::BadNumber)
        ]
    );
}

#[test]
fn bad_rows_are_rejected_and_the_rest_goes_on() {
    let good = event("1", "1", "sip:a@x", "fine");
    let outcome = data(&[
        event("chat", "1", "sip:a@x", "m"),
        event("1", "x", "sip:a@x", "m"),
        event("1", "1", "sip:a@x", "m").replace(&T.to_string(), "soon"),
        event("1", "1", "sip:a@x", "m").replace(ROOM, ""),
        event("1", "1", "", "m").replace("|5|", "|NULL|"),
        good,
    ])
    .read();
    let causes: Vec<Cause> = outcome.rejected.iter().map(|rejected| rejected.cause).collect();
    use Cause::*;
    assert_eq!(causes, [BadNumber, BadNumber, BadTime, MissingValue, MissingValue]);
    assert_eq!(outcome.all().len(), 1);
    assert_eq!(outcome.all()[0].record.source.record, 6);
}

#[test]
fn a_table_without_rooms_or_times_ends_the_run() {
    let error = Archive::default().file("tblComplianceData", "cmplEventID cmplType", &[]).error();
    assert!(matches!(error, Error::Unusable { why, .. } if why.contains("without cmplTime, cmplChannelUri")));
}
