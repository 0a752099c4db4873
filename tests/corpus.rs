//! The corpus that benches measure with: the same for everyone, and as it is said to be.

#[path = "../benches/corpus/mod.rs"]
mod corpus;
mod support;

use std::collections::HashSet;
use std::fs;

use corpus::script::Encoding;
use corpus::{Corpus, Message, compliance, csv, script};
use gc2pc::chat::Ticks;
use support::{Package, Workshop};

fn rows(corpus: &Corpus) -> Vec<Message> {
    let mut rows = Vec::new();
    corpus
        .for_each(|message| {
            rows.push(message.clone());
            Ok::<(), ()>(())
        })
        .unwrap();
    rows
}

fn bytes(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes);
    bytes
}

#[test]
fn a_corpus_is_the_beginning_of_every_larger_one() {
    let (small, large) = (Corpus::new(1_234), Corpus::new(5_000));
    let chat = |corpus: &Corpus| bytes(|out| csv::write_chat(corpus, out).unwrap());
    assert_eq!(chat(&small), chat(&small));
    assert!(chat(&large).starts_with(&chat(&small)));
    assert_eq!(rows(&large)[..1_234], rows(&small));
}

#[test]
fn of_five_rows_one_repeats_an_earlier_one_exactly_near_or_far() {
    for count in [0, 1, 4, 5, 6, 7, 8, 9, 40_003] {
        let corpus = Corpus::new(count);
        let rows = rows(&corpus);
        let different: HashSet<String> = rows.iter().map(|row| format!("{row:?}")).collect();
        assert_eq!((rows.len() as u64, different.len() as u64), (count, corpus.distinct()), "{count} rows");
    }
    let corpus = Corpus::new(40_000);
    assert_eq!(corpus.distinct(), 32_000);
    let (mut next, mut far) = (0, 0);
    for row in 0..corpus.rows() {
        let number = corpus.number(row);
        assert!(number <= next, "row {row} comes after what it repeats");
        far += u64::from(number + 2_500 < next);
        next = next.max(number + 1);
    }
    assert!((2_500..5_500).contains(&far), "{far} of 8,000 repeats are far ones");
}

#[test]
fn a_third_is_in_one_room_and_chat_ids_count_the_messages_of_each() {
    let corpus = Corpus::new(60_000);
    let mut rows = rows(&corpus);
    let with_rtf = rows.iter().filter(|row| !row.rtf.is_empty()).count();
    assert!((8_000..10_000).contains(&with_rtf), "{with_rtf} rows have RTF");
    rows.sort_by_key(|row| (row.room, row.chat_id));
    rows.dedup();
    let mut rooms = 0;
    for room in rows.chunk_by(|one, other| one.room == other.room) {
        rooms += 1;
        let ids: Vec<u64> = room.iter().map(|row| row.chat_id).collect();
        assert_eq!(ids, (1..=room.len() as u64).collect::<Vec<_>>());
        assert!(room.is_sorted_by_key(|row| row.time));
    }
    assert_eq!(rooms, corpus.rooms.len());
    let large = rows.iter().filter(|row| row.room == 0).count();
    assert!((15_500..16_500).contains(&large), "{large} of 48,000 messages are in the large room");
}

/// What a message says: room, chat id, time, author, text and formatted text.
type Said = (String, u64, String, String, String, Option<String>);

/// Returns what the messages of the corpus say, each once.
fn said(corpus: &Corpus, formatted: bool) -> Vec<Said> {
    let message = |message: &Message| {
        (
            corpus.rooms[message.room].guid.to_string(),
            message.chat_id,
            Ticks::new(message.time).unwrap().to_string(),
            corpus.people[message.author].address.clone(),
            message.content.clone(),
            (formatted && !message.rtf.is_empty()).then(|| message.rtf.clone()),
        )
    };
    let mut messages: Vec<Said> = rows(corpus).iter().map(message).collect();
    messages.sort();
    messages.dedup();
    messages
}

/// Returns what the messages of a package say.
fn read(package: &Package) -> Vec<Said> {
    let message = |message: &support::Message| {
        let rtf = message.rtf.as_ref().map(|units| String::from_utf16(units).unwrap());
        let chat_id = message.chat_id.unwrap() as u64;
        (message.room.clone(), chat_id, message.time.clone(), message.author.clone(), message.text(), rtf)
    };
    let mut messages: Vec<Said> = package.messages().iter().map(message).collect();
    messages.sort();
    messages
}

#[test]
fn every_way_of_writing_it_holds_the_same_messages() {
    let corpus = Corpus::new(3_000);
    let workshop = Workshop::new();
    let folder = |name: &str| {
        let folder = workshop.path(name);
        fs::create_dir(&folder).unwrap();
        folder
    };
    let tables = folder("csv");
    csv::write_small_tables(&corpus, &tables).unwrap();
    fs::write(tables.join("tblChat.csv"), bytes(|out| csv::write_chat(&corpus, out).unwrap())).unwrap();
    let wide = bytes(|out| script::write(&corpus, Encoding::Utf16, out).unwrap());
    let narrow = bytes(|out| script::write(&corpus, Encoding::Utf8, out).unwrap());
    let xml = bytes(|out| compliance::write(&corpus, out).unwrap());
    let files = folder("xml");
    compliance::write_files(&corpus, &files).unwrap();
    let inputs = [
        (tables, true),
        (workshop.file("wide.sql", wide), true),
        (workshop.file("narrow.sql", narrow), true),
        (workshop.file("conversations.xml", xml), false),
        (files, false),
    ];
    for (input, formatted) in inputs {
        let package = workshop.converted(std::slice::from_ref(&input), 0);
        assert_eq!(read(&package), said(&corpus, formatted), "{}", input.display());
    }
}
