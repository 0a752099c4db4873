//! Scenarios: stores and histories made by hand, and what comes of both.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::chat::{Guid, Message, MessageId, Moment, Piece, RoomHistory, Source, Span, Ticks};
use crate::error::Error;
use crate::progress::Silent;
use crate::spill::Scratch;

const STAGE: Stage = Stage { number: 1, of: 1, name: "reading the file store", total: 0 };

/// Makes a piece of one room in which the message with this number says this.
fn piece(room: u128, said: &[(u32, String)]) -> Piece {
    let mut bytes = Vec::new();
    let messages = said
        .iter()
        .map(|(number, text)| {
            let span = Span { start: bytes.len(), length: text.len() };
            bytes.extend_from_slice(text.as_bytes());
            let mut id = [0; 16];
            id[..4].copy_from_slice(&number.to_be_bytes());
            Message {
                id: MessageId(id),
                chat_id: None,
                moment: Moment::exact(Ticks::new(i64::from(*number)).unwrap()),
                author: 0,
                alert: None,
                text: span,
                rtf: None,
                extras: None,
                conflicts: Vec::new(),
                source: Source { stream: 1, record: u64::from(*number) },
            }
        })
        .collect();
    let room = RoomHistory { room: Guid::from_u128(room), messages, events: Vec::new() };
    Piece { bytes, rooms: vec![room] }
}

fn open(folder: &Path, carry: bool) -> Store {
    let options = Options { folder: folder.join("store"), carry };
    Store::open(&options, &[], None, folder).unwrap()
}

fn settled(folder: &Path, pieces: &[Piece], memory: usize) -> (FilePlan, Findings) {
    let links = Links::keeping(Arc::new(Scratch::new(folder)), memory);
    pieces.iter().for_each(|piece| links.look(piece).unwrap());
    let mut findings = Findings::default();
    let plan = settle(Some(open(folder, false)), &links, STAGE, &Silent, &mut findings).unwrap().unwrap();
    (plan, findings)
}

/// Everything that a plan says of names and links.
fn shown(plan: &FilePlan) -> Vec<String> {
    let mut shown = Vec::new();
    let mut groups = plan.groups();
    while let Some(group) = groups.next_group().unwrap() {
        let paths: Vec<&str> = group.files.iter().map(|file| file.path.as_str()).collect();
        let first = group.first.map(|first| (first.ticks.get(), first.referrer.to_string()));
        shown.push(format!("{} {paths:?} {} {:?} {first:?}", group.name, group.references, group.rooms));
    }
    let mut links = plan.links();
    while let Some((link, name)) = links.next_link().unwrap() {
        shown.push(format!("{name} {} {} {}", link.room, link.ticks.get(), link.referrer));
    }
    shown
}

#[test]
fn what_is_spilled_and_in_whatever_order_it_was_heard_comes_out_alike() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("store/a")).unwrap();
    for name in ["a/f7.txt", "F8.TXT", "nobody.txt"] {
        fs::write(folder.path().join("store").join(name), name).unwrap();
    }
    let said: Vec<(u32, String)> = (0..3_000)
        .map(|number| (number, format!("ma-filelink:F{}.txt and ma-filelink:x{number}", number % 10)))
        .collect();
    let mut pieces: Vec<Piece> = said.chunks(100).zip(0..).map(|(said, at)| piece(at % 3, said)).collect();
    let whole = shown(&settled(folder.path(), &pieces, 1 << 20).0);
    pieces.reverse();
    assert!(shown(&settled(folder.path(), &pieces, 1_000).0) == whole);
    // Ten names and one a message are referred to; one file by nobody.
    assert_eq!(whole.len(), 10 + 3_000 + 1 + 6_000);
    assert!(whole.iter().any(|line| line.starts_with("f7.txt [\"a/f7.txt\"] 300 ")), "{:?}", &whole[..12]);
    assert!(whole.iter().any(|line| line.starts_with("F8.TXT [\"F8.TXT\"] 300 ")));
    assert!(whole.iter().any(|line| line.starts_with("nobody.txt [\"nobody.txt\"] 0 {} None")));
}

#[test]
fn thousands_of_one_kind_are_told_as_a_thousand_and_a_number() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("store")).unwrap();
    for number in 0..1_001 {
        fs::write(folder.path().join("store").join(number.to_string()), "").unwrap();
    }
    let said: Vec<(u32, String)> =
        (0..1_500).map(|number| (number, format!("ma-filelink:x{number}"))).collect();
    let (_, findings) = settled(folder.path(), &[piece(1, &said)], 1 << 20);
    assert_eq!(findings.by_code()["FILE-ORPHAN"], 1_001);
    assert_eq!(findings.by_code()["LINK-FILE-MISSING"], 1_001);
    let details: Vec<String> = findings.iter().map(|finding| finding.detail.to_string()).collect();
    assert!(details.iter().any(|detail| detail.starts_with("1 more")));
    assert!(details.iter().any(|detail| detail.starts_with("500 more")));
}

#[test]
fn a_file_that_changes_between_reading_and_copying_ends_the_run_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store/a.txt");
    fs::create_dir(path.parent().unwrap()).unwrap();
    fs::write(&path, "before").unwrap();
    let mut store = open(folder.path(), true);
    store.digest(&Silent).unwrap();
    let file = &store.files()[0];
    let mut copied = Vec::new();
    file.copy(&mut copied).unwrap();
    assert_eq!(copied, b"before");
    for after in ["behind", "before and after", ""] {
        fs::write(&path, after).unwrap();
        let error = file.copy(&mut Vec::new()).unwrap_err();
        assert!(matches!(&error, Error::Unusable { input, .. } if input == "a.txt"), "{error}");
        assert!(error.to_string().contains("changed") && error.hint().is_some());
    }
    fs::remove_file(&path).unwrap();
    assert!(matches!(file.copy(&mut Vec::new()), Err(Error::Read { .. })));
}

#[test]
fn a_name_that_no_file_can_have_is_missing_and_cut_where_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("store")).unwrap();
    let long = "\u{E9}".repeat(100_000);
    let said = [(1, format!("ma-filelink:{long}1")), (2, format!("ma-filelink:{long}2"))];
    let (plan, findings) = settled(folder.path(), &[piece(1, &said)], 1 << 20);
    assert_eq!(findings.by_code()["LINK-FILE-MISSING"], 2, "they differ where it is not told");
    assert!(shown(&plan).iter().all(|line| line.len() < 1_300));
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_with_what_refers_to_it_and_stays_in_the_plan() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store/a.txt");
    fs::create_dir(path.parent().unwrap()).unwrap();
    fs::write(&path, "soon gone").unwrap();
    let store = open(folder.path(), true);
    fs::remove_file(&path).unwrap();
    let links = Links::keeping(Arc::new(Scratch::new(folder.path())), 1_000);
    links.look(&piece(1, &[(1, "ma-filelink:a.txt".to_owned())])).unwrap();
    let mut findings = Findings::default();
    let plan = settle(Some(store), &links, STAGE, &Silent, &mut findings).unwrap().unwrap();
    let finding = findings.iter().next().unwrap();
    assert_eq!((findings.len(), finding.code, finding.level), (1, "STORE-UNREADABLE", Level::Error));
    assert!(finding.detail.to_string().contains("1 message or event refers to it"), "{finding:?}");
    let group = plan.groups().next_group().unwrap().unwrap();
    assert!(matches!(group.files, [file] if matches!(file.content, Content::Unreadable(_))));
    assert!(plan.carried().is_empty());
}
