//! Rows of `tblChat`.

use super::fixture::*;
use crate::chat::{Form, Guid, Kind, Moment, Numbering, Precision, Source, Text, Ticks};
use crate::error::Error;
use crate::ledger::Cause;
use crate::sqlserver::DataType;

const RTF: &str = "channelId chatId chatDate userId isAlert content rtf";

fn base() -> Archive {
    Archive::default().file("tblNode", NODE, &["1|#1|1|1|Root|0", "3|#3|1|0|Room|0"]).file(
        "tblPrincipal",
        PRINCIPAL,
        &["5|#50|sip:ann@x|Ann|0|5"],
    )
}

fn chat(columns: &str, rows: &[&str]) -> Outcome {
    base().file("tblChat", columns, rows).read()
}

#[test]
fn a_row_becomes_a_message() {
    let outcome = chat(RTF, &["3|17|633482073409535482|5|True|hello|{\\rtf1 hello}"]);
    let told = outcome.all()[0];
    assert_eq!(told.record.source, Source { stream: 3, record: 1 });
    assert_eq!((told.room, told.author), (guid(3), guid(50)));
    assert_eq!(told.record.moment, Moment::exact(Ticks::new(T).unwrap()));
    assert_eq!(told.record.kind, Kind::Message { alert: Some(true) });
    assert_eq!((told.record.form, told.record.numbering), (Form::Database, Numbering::Channel(3)));
    assert_eq!(told.record.chat_id, Some(17));
    assert_eq!((told.text.as_str(), told.rtf.as_deref()), ("hello", Some("{\\rtf1 hello}")));
    assert_eq!(told.extras, "");
}

#[test]
fn text_is_never_null_and_a_copy_in_rtf_may_be() {
    let rows = ["NULL|NULL", "\\N|\\N", "|", "\"\"|\"\"", "\"NULL\"|\"NULL\"", "x|@null"];
    let rows: Vec<String> = rows.iter().map(|row| format!("3|1|{T}|5|0|{row}")).collect();
    let outcome = chat(RTF, &rows.iter().map(String::as_str).collect::<Vec<_>>());
    let told: Vec<(&str, Option<&str>)> =
        outcome.all().iter().map(|told| (told.text.as_str(), told.rtf.as_deref())).collect();
    assert_eq!(
        told,
        [("NULL", None), ("\\N", None), ("", None), ("", None), ("NULL", Some("NULL")), ("x", None)]
    );
}

#[test]
fn columns_may_be_missing_or_come_in_any_order() {
    let outcome = chat("CONTENT USERID CHATDATE CHANNELID", &[&format!("hello|5|{T}|3")]);
    let record = outcome.all()[0].record;
    assert_eq!((record.chat_id, record.numbering), (None, Numbering::Document));
    assert_eq!(record.kind, Kind::Message { alert: None });
    assert_eq!(
        outcome.findings("COLUMN-MISSING")[0],
        "tblChat.csv: documented columns that tblChat lacks here: chatId, isAlert"
    );
}

#[test]
fn a_table_without_an_essential_column_ends_the_run() {
    let error = base().file("tblChat", "channelId chatId when who what", &[]).error();
    let Error::Unusable { input, why, .. } = error else { panic!("{error}") };
    assert_eq!(input, "tblChat.csv");
    assert_eq!(
        why,
        "tblChat without chatDate, userId, content; its columns are: channelId, chatId, when, who, what"
    );
}

#[test]
fn every_way_to_be_rejected_is_told_with_its_place() {
    let good = format!("3|1|{T}|5|0|fine");
    let rows = [
        ("x|1|633482073409535482|5|0|t", Cause::BadNumber),
        ("NULL|1|633482073409535482|5|0|t", Cause::MissingValue),
        ("3|one|633482073409535482|5|0|t", Cause::BadNumber),
        ("3|1|9223372036854775807|5|0|t", Cause::BadTime),
        ("3|1|31.12.2012 23:59:59|5|0|t", Cause::BadTime),
        ("3|1||5|0|t", Cause::MissingValue),
        ("3|1|633482073409535482|5.5|0|t", Cause::BadNumber),
        ("3|1|633482073409535482|@null|0|t", Cause::MissingValue),
        ("3|1|633482073409535482|5|perhaps|t", Cause::BadFlag),
        ("3|1|633482073409535482|5|0|@null", Cause::MissingValue),
        ("!torn 3|1|caf\\xE9", Cause::TooFewFields),
    ];
    let mut lines = vec![good.as_str()];
    lines.extend(rows.iter().map(|row| row.0));
    lines.push(&good);
    let outcome = chat(CHAT, &lines);
    let causes: Vec<Cause> = outcome.rejected.iter().map(|rejected| rejected.cause).collect();
    assert_eq!(causes, rows.map(|row| row.1));
    let records: Vec<u64> = outcome.all().iter().map(|told| told.record.source.record).collect();
    assert_eq!(records, [1, 13]);
    assert!(outcome.all().iter().all(|told| told.text == "fine"));

    let first = &outcome.rejected[0];
    assert_eq!((first.source.record, first.line, first.byte), (2, 3, 100));
    assert_eq!(first.detail, "channelId: x is no whole number of 64 bits");
    assert_eq!((&first.text, &first.raw), (&Text::from("x,1,633482073409535482,5,0,t"), &None));
    let torn = outcome.rejected.last().unwrap();
    assert_eq!(torn.text, Text::from("3|1|caf\u{FFFD}"));
    assert_eq!(torn.raw.as_deref(), Some(b"3|1|caf\xE9".as_slice()));
}

#[test]
fn dates_in_the_place_of_ticks_are_as_exact_as_they_look() {
    let outcome = chat(
        CHAT,
        &[
            "3|1|2008-06-04 20:15:40.953|5|0|a",
            "3|2|2008-06-04T20:15:40.9535482|5|0|b",
            "3|3|2008-06-04 20:15:40|5|0|c",
        ],
    );
    let precisions: Vec<Precision> = outcome.all().iter().map(|told| told.record.moment.precision).collect();
    assert_eq!(precisions, [Precision::DateTime, Precision::Ticks, Precision::Second]);
    let exact = Moment::exact(Ticks::new(T).unwrap());
    assert!(outcome.all().iter().all(|told| told.record.moment.agrees(exact)));
}

#[test]
fn kind_bits_are_taken_off_and_told_once() {
    let odd = T | 1 << 62;
    let outcome =
        chat(CHAT, &[&format!("3|1|{T}|5|0|a"), &format!("3|2|{odd}|5|0|b"), &format!("3|3|{odd}|5|0|c")]);
    assert!(outcome.all().iter().all(|told| told.record.moment.ticks.get() == T));
    let told = outcome.findings("TIME-ODD");
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("a stream: 2 records, the first being 2,"), "{told:?}");
}

#[test]
fn unknown_columns_are_kept_as_extras_and_told() {
    let columns = format!("{CHAT} editedBy RowState note");
    let outcome = chat(&columns, &[&format!("3|1|{T}|5|0|a|\"Bob & \"|Unchanged|NULL")]);
    assert_eq!(outcome.all()[0].extras, "editedBy=\"Bob &amp; \"");
    assert_eq!(
        outcome.findings("COLUMN-UNKNOWN"),
        ["tblChat.csv: columns that tblChat is not documented to have: editedBy, note"]
    );
}

#[test]
fn rooms_without_node_are_told_once_and_kept_by_number() {
    let rows = [300, 300, 1, 300].map(|room| format!("{room}|1|{T}|5|0|a"));
    let outcome = chat(CHAT, &rows.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(
        outcome.findings("ROOM-NO-NODE"),
        [
            "room 1: has messages, but is a category in tblNode.csv; it is known by its number alone",
            "room 300: has messages, but no node in tblNode.csv; it is known by its number alone",
        ]
    );
    let rooms: Vec<Guid> = outcome.all().iter().map(|told| told.room).collect();
    assert!(rooms[0] == rooms[1] && rooms[0] != rooms[2] && rooms[0] == rooms[3]);
    assert!(!rooms.contains(&guid(1)));
}

#[test]
fn a_large_table_is_handed_on_in_batches_without_losing_its_order() {
    let text = "x".repeat(200);
    let rows: Vec<String> = (1..=20_000).map(|id| format!("3|{id}|{}|5|0|{text}{id}", T + id)).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let outcome = base().file_of_type("tblChat", CHAT, &rows, DataType::Unknown).read();
    let all = outcome.all();
    assert_eq!(all.len(), 20_000);
    for (at, told) in all.iter().enumerate() {
        assert_eq!(told.record.source.record, at as u64 + 1);
        assert_eq!(told.text, format!("{text}{}", at + 1));
    }
}
