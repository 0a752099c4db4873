//! A document that is read in stretches gives exactly what it gives when it is read whole.

use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::super::stretches::{Sizes, Stretches, read_stretch, stretches_within};
use super::*;
use crate::container::Blob;

#[derive(Debug)]
struct Lying(PathBuf);

impl Blob for Lying {
    fn open(&self) -> std::io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(std::fs::File::open(&self.0)?))
    }

    fn size(&self) -> Option<u64> {
        None
    }

    fn path(&self) -> Option<&Path> {
        Some(&self.0)
    }
}

/// Reads a document in stretches of this size, the last one first; returns also their number.
fn in_stretches(kind: &DocumentKind, bounds: Bounds, document: &[u8], stretch: u64) -> (Outcome, usize) {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(document).unwrap();
    let blob = Lying(file.path().to_owned());
    let sizes = Sizes { least: 0, stretch, window: 2_000 };
    let cut: Stretches = stretches_within(bounds, sizes, kind, &blob);
    let directory = Directory::default();
    let mut desks: Vec<(u64, Desk)> = (0..cut.count())
        .rev()
        .map(|number| {
            let mut desk = Desk::default();
            (read_stretch(3, kind, &cut, number, &blob, &directory, &mut desk).unwrap(), desk)
        })
        .collect();
    desks.reverse();
    let mut whole = Desk::default();
    let mut before = 0;
    for (read, desk) in desks {
        whole.records.extend(desk.records.into_iter().map(|mut seen| {
            seen.number += before;
            seen
        }));
        whole.rejected.extend(desk.rejected.into_iter().map(|mut rejected| {
            rejected.source.record += before;
            rejected
        }));
        assert!(whole.findings.is_empty() || desk.findings.is_empty(), "findings are told once");
        whole.findings.extend(desk.findings);
        before += read;
    }
    let Desk { records, rejected, findings, batches } = whole;
    let outcome = Outcome { read: before, records, rejected, findings, batches, settled: directory.settle() };
    outcome.prove();
    (outcome, cut.count())
}

/// What can be compared of the records, without the keys that stand for rooms and people.
fn shown(outcome: &Outcome) -> Vec<String> {
    let show = |(at, seen): (usize, &Seen)| {
        let record = &seen.record;
        format!(
            "{} {:?} {:?} {} {:?} {:?} {:?} {:?} {:?}",
            seen.number,
            seen.event,
            seen.text,
            seen.extras,
            record.moment,
            record.form,
            record.chat_id,
            outcome.room(at),
            outcome.person(at)
        )
    };
    outcome.records.iter().enumerate().map(show).collect()
}

/// Proves that a document gives the same whole and in stretches; returns the greatest number of these.
fn same(kind: &DocumentKind, bounds: Bounds, document: &[u8]) -> usize {
    let whole = read_as(kind, bounds, Box::new(Cursor::new(document.to_vec())));
    let compare = |stretch| {
        let (cut, count) = in_stretches(kind, bounds, document, stretch);
        let text = String::from_utf8_lossy(document);
        assert_eq!(shown(&cut), shown(&whole), "{text}");
        assert_eq!(cut.rejected, whole.rejected, "{text}");
        assert_eq!(cut.findings, whole.findings, "{text}");
        count
    };
    [50, 700, 5_000].into_iter().map(compare).max().unwrap()
}

fn of_conversations(document: &str) -> usize {
    same(&DocumentKind::Conversations, Bounds::default(), document.as_bytes())
}

/// Conversations of different rooms and people, with all that is odd and does not end reading.
fn varied() -> Vec<String> {
    let odd_time = TIME.replace("1212610540953", "12");
    (0..60)
        .map(|number| {
            let person = format!("uri='p{}@litware.example'", number % 7);
            let tell = |text: &str| text.replace("uri='ann@litware.example'", &person);
            let messages = [
                chat("one &amp; &#x1F600;\r\n caf\u{E9}", number),
                chat("&nbsp;", number),
                message(&format!("type='ODD{}' x{}='y'", number % 50, number % 3)),
                chat("odd", number + 1).replace(TIME, &odd_time),
                chat("&#1;", number + 2).replace("uri='ann@litware.example'", ""),
            ];
            let kept: String = messages.iter().skip(number as usize % 5).map(|it| tell(it)).collect();
            let first = tell(&chat("first", 9).replace("Message", "FirstMessage"));
            let text = conversation(&first, if number % 9 == 0 { "" } else { &kept });
            match number % 6 {
                0 => text.replace("094f5a4a", &format!("094f5a{number:02}")),
                1 => text.replace("<Channel ", &format!("\n<Channel new{}='{number}' ", number % 45)),
                2 => text.replace("<Messages>", &format!("<Unknown{number}>x</Unknown{number}><Messages>")),
                3 => text.replace("Channel", "Chanel"),
                4 => text + "\nwords\r\n",
                _ => text,
            }
        })
        .collect()
}

fn document_of(conversations: &[String]) -> String {
    format!(
        "\u{FEFF}<?xml version='1.0' encoding='utf-8'?>\n<Conversations xmlns:x='urn:x' y='z'>\n{}</Conversations>\n",
        conversations.concat()
    )
}

fn dump_document() -> String {
    let one = |number: usize| {
        format!(
            "<Conversation Perspective='p' other='{number}'>\n<RoomID>Room {}</RoomID><Message><LoginName>a{}@b</LoginName>\
             <DateTimeUTC>{number}</DateTimeUTC><Content>a &lt; b {number}</Content></Message>\n<Message/>\
             <ParticipantLeft><DateTimeUTC>1</DateTimeUTC><X{number}/></ParticipantLeft></Conversation>",
            number % 5,
            number % 4
        )
    };
    format!("<FileDump>{}</FileDump>", (0..50).map(one).collect::<String>())
}

#[test]
fn a_document_with_all_that_is_odd_gives_the_same() {
    assert!(of_conversations(&document_of(&varied())) > 40);
    assert!(same(&DocumentKind::FileDump, Bounds::default(), dump_document().as_bytes()) > 40);
}

#[test]
fn published_samples_give_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let mut folders = vec![folder];
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "xml") {
                let bytes = std::fs::read(path).unwrap();
                if let Some(kind) = recognise(&mut &bytes[..]).unwrap() {
                    same(&kind, Bounds::default(), &bytes);
                    count += 1;
                }
            }
        }
    }
    assert!(count > 0);
}

#[test]
fn messages_that_wait_for_their_room_wait_as_long() {
    let late: Vec<String> = (0..30)
        .map(|number| {
            let messages: String = (0..number).map(|id| chat("x", id)).collect();
            format!("<Conversation><Messages>{messages}</Messages><Channel uri='{ROOM}'/></Conversation>")
        })
        .collect();
    let document = document_of(&late);
    let bounds = Bounds { held: 4_000, ..Bounds::default() };
    assert!(same(&DocumentKind::Conversations, bounds, document.as_bytes()) > 10);
}

#[test]
fn a_document_that_ends_before_its_end_gives_the_same() {
    let good = document_of(&varied());
    for wrong in [
        "<!-- c -->",
        "<![CDATA[x]]>",
        "<?p?>",
        "<a></b>",
        "</Conversations>",
        "<Conversation>",
        "</Conversation>",
        "<a b='<Conversation '/>",
        "<a b=\"",
        "<!DOCTYPE a>",
        "<Conversation ",
        "<1/>",
        "<a><Conversation></Conversation></a>",
    ] {
        for at in [0, 3_000, good.len() / 2, good.len() - 40] {
            let (before, behind) = good.split_at(good[..good.floor_char_boundary(at)].len());
            let place = behind.find("<Conversation>").unwrap_or(0);
            let document = [before, &behind[..place], wrong, &behind[place..]].concat();
            of_conversations(&document);
        }
    }
    for cut in (0..good.len()).step_by(1_997) {
        let bytes = &good.as_bytes()[..cut];
        same(&DocumentKind::Conversations, Bounds::default(), bytes);
    }
}

#[test]
fn a_document_that_chance_has_damaged_gives_the_same() {
    let good = document_of(&varied()[..12]);
    let dump = dump_document();
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut chance = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let parts: [&[u8]; 8] =
        [b"<", b">", b"'", b"&", b"</Conversation>", b"<Conversation>", b"\xFF", b"<Conversations>"];
    for round in 0..100 {
        let (kind, text) = match round % 2 {
            0 => (DocumentKind::Conversations, &good),
            _ => (DocumentKind::FileDump, &dump),
        };
        let mut bytes = text.clone().into_bytes();
        for _ in 0..=chance(2) {
            let at = chance(bytes.len());
            match chance(3) {
                0 => bytes[at] = chance(256) as u8,
                1 => drop(bytes.drain(at..(at + chance(30)).min(bytes.len()))),
                _ => drop(bytes.splice(at..at, parts[chance(parts.len())].iter().copied())),
            }
        }
        same(&kind, Bounds::default(), &bytes);
    }
}
