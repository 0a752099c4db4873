//! Documents that were made to hurt, and sources that break.

use std::io;

use super::*;

/// Hands out a document in small pieces, then fails.
struct Breaking(Cursor<Vec<u8>>, io::ErrorKind);

impl Read for Breaking {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = buffer.len().min(7);
        match self.0.read(&mut buffer[..room])? {
            0 => Err(io::Error::from(self.1)),
            read => Ok(read),
        }
    }
}

fn document(messages: &str) -> String {
    format!("<Conversations>{}</Conversations>", conversation("", messages))
}

fn within(bounds: Bounds, document: String) -> Outcome {
    read_as(&DocumentKind::Conversations, bounds, Box::new(Cursor::new(document)))
}

#[test]
fn a_million_elements_in_one_another_need_no_stack() {
    let depth = 1_000_000;
    let nest = "<a>".repeat(depth) + &"</a>".repeat(depth);
    let inside = chat("one", 1).replace("</Message>", &(nest.clone() + "</Message>"));
    let outcome = conversations(&(nest + &conversation("", &inside)));
    assert_eq!((outcome.texts(), outcome.causes()), (vec!["one".to_owned()], vec![]));
}

#[test]
fn elements_deeper_than_allowed_end_the_reading() {
    let bounds = Bounds { open: 1_000, ..Bounds::default() };
    let outcome = within(bounds, document(&(chat("kept", 1) + &"<a>".repeat(200))));
    assert_eq!((outcome.texts(), outcome.causes()), (vec!["kept".to_owned()], vec![Cause::TooLarge]));
}

#[test]
fn a_tag_longer_than_allowed_ends_the_reading() {
    let bounds = Bounds { piece: 1_000, ..Bounds::default() };
    let outcome =
        within(bounds, document(&(chat("kept", 1) + &chat(&"x".repeat(2_000), 2) + &chat("unread", 3))));
    assert_eq!((outcome.texts(), outcome.causes()), (vec!["kept".to_owned()], vec![Cause::TooLarge]));
    assert!(outcome.rejected[0].text.to_string().starts_with("<Message type='CHAT' content='xxx"));
}

#[test]
fn a_record_larger_than_allowed_is_rejected_and_the_next_one_read() {
    let bounds = Bounds { record: 1_000, capture: 100, ..Bounds::default() };
    for wrong in [
        chat(&"x".repeat(2_000), 2),
        chat("x", 2).replace("</Message>", &("<extra a='1'/>".repeat(500) + "</Message>")),
        chat("x", 2).replace("</Message>", &("words<b/> ".repeat(500) + "</Message>")),
    ] {
        let outcome = within(bounds, document(&[chat("kept", 1), wrong, chat("after", 3)].concat()));
        assert_eq!(
            (outcome.texts(), outcome.causes()),
            (vec!["kept".into(), "after".into()], vec![Cause::TooLarge])
        );
        assert_eq!(outcome.rejected[0].text.as_bytes().len(), 100);
    }
    let content = "<Content>a&#x20;".to_owned() + &"b ".repeat(2_000) + "</Content>";
    let dump = format!(
        "<FileDump><Conversation><RoomID>r</RoomID><Message><DateTimeUTC>1</DateTimeUTC>{content}</Message>\
         <Message><DateTimeUTC>1</DateTimeUTC><Content>after</Content></Message></Conversation></FileDump>"
    );
    let outcome = read_as(&DocumentKind::FileDump, bounds, Box::new(Cursor::new(dump)));
    assert_eq!((outcome.texts(), outcome.causes()), (vec!["after".to_owned()], vec![Cause::TooLarge]));
}

#[test]
fn messages_wait_for_their_room_only_so_long() {
    let bounds = Bounds { held: 2_000, ..Bounds::default() };
    let all: String = (1..=40).map(|id| chat("x", id)).collect();
    let late = format!("<Conversation><Messages>{all}</Messages><Channel uri='{ROOM}'/></Conversation>");
    let outcome = within(bounds, format!("<Conversations>{late}</Conversations>"));
    assert_eq!(outcome.read, 40);
    assert!(!outcome.rejected.is_empty() && outcome.causes().iter().all(|it| *it == Cause::MissingValue));
    assert!(outcome.records.iter().all(|seen| seen.text == Text::from("x")));
}

#[test]
fn first_messages_without_end_are_counted_at_last() {
    let bounds = Bounds { batch: (1 << 20, 10), ..Bounds::default() };
    let firsts = chat("f", 1).replace("Message", "FirstMessage").repeat(35);
    let outcome =
        within(bounds, format!("<Conversations>{}</Conversations>", conversation(&firsts, &chat("m", 2))));
    assert_eq!(outcome.texts().iter().filter(|it| *it == "f").count(), 33);
    assert_eq!(outcome.texts().last().unwrap(), "m");
}

#[test]
fn a_source_that_breaks_is_a_damaged_container_or_an_error() {
    let half = document(&chat("kept", 1)).replace("</Messages></Conversation></Conversations>", "");
    let broken = |kind| Box::new(Breaking(Cursor::new(half.clone().into_bytes()), kind));
    for kind in [io::ErrorKind::InvalidData, io::ErrorKind::UnexpectedEof] {
        let outcome = read_as(&DocumentKind::Conversations, Bounds::default(), broken(kind));
        assert_eq!(
            (outcome.texts(), outcome.causes()),
            (vec!["kept".to_owned()], vec![Cause::DamagedContainer])
        );
    }
    let directory = Directory::default();
    let reader = broken(io::ErrorKind::PermissionDenied);
    let outcome = read(3, &DocumentKind::Conversations, reader, &directory, &mut Desk::default());
    assert!(matches!(outcome, Err(crate::Error::Read { .. })));
}

#[test]
fn small_pieces_give_the_same_as_large_ones() {
    let text = document(&[chat("caf\u{E9} \u{1F600}", 1), chat("&nbsp;", 2), chat("\r\n", 3)].concat());
    let whole = read_bytes(text.clone());
    let pieces = Box::new(Breaking(Cursor::new(text.into_bytes()), io::ErrorKind::InvalidData));
    let outcome = read_as(&DocumentKind::Conversations, Bounds::default(), pieces);
    assert_eq!(outcome.records, whole.records);
    assert_eq!(outcome.rejected[0], whole.rejected[0]);
}

#[test]
fn nothing_that_chance_makes_of_a_document_upsets_the_account() {
    let sample = document(&[chat("one &amp; &#x1F600; caf\u{E9}", 1), message("type='JOIN' x='y'")].concat())
        .replace("<Messages>", "<!-- c --><![CDATA[x]]><?p i?><Messages>");
    let dump = "<FileDump><Conversation a='b'><RoomID>r</RoomID><Message><LoginName/>&#65;<DateTimeUTC>1</DateTimeUTC>\
                <Content>a<![CDATA[b]]>&lt;</Content><X y='z'/></Message></Conversation></FileDump>";
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut chance = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let parts: [&[u8]; 14] = [
        b"<",
        b">",
        b"\"",
        b"'",
        b"&",
        b";",
        b"<!",
        b"<!--",
        b"-->",
        b"]]>",
        b"<![CDATA[",
        b"/>",
        b"\xFF",
        b"\0",
    ];
    for round in 0..3_000 {
        let (kind, text) = match round % 2 {
            0 => (DocumentKind::Conversations, sample.as_bytes()),
            _ => (DocumentKind::FileDump, dump.as_bytes()),
        };
        let mut bytes = text.to_vec();
        for _ in 0..=chance(3) {
            let at = chance(bytes.len());
            match chance(3) {
                0 => bytes[at] = chance(256) as u8,
                1 => drop(bytes.drain(at..(at + chance(30)).min(bytes.len()))),
                _ => drop(bytes.splice(at..at, parts[chance(parts.len())].iter().copied())),
            }
        }
        let _ = recognise(&mut &bytes[..]).unwrap();
        read_as(&kind, Bounds::default(), Box::new(Cursor::new(bytes)));
    }
}

/// Makes a document on the fly: this, then that over and over, and an end.
struct Endless(Vec<&'static [u8]>, Cursor<String>, u64, &'static [u8]);

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(begin) = self.0.first_mut()
                && !begin.is_empty()
            {
                return begin.read(buffer);
            }
            let read = self.1.read(buffer)?;
            if read > 0 || self.2 == 0 {
                return if read > 0 { Ok(read) } else { self.3.read(buffer) };
            }
            self.2 -= 1;
            self.1.set_position(0);
        }
    }
}

/// Knows how large the largest batch and the largest rejected record were.
#[derive(Default)]
struct Scales {
    records: u64,
    largest: usize,
    causes: Vec<Cause>,
}

impl Sink for Scales {
    fn take(&mut self, batch: Batch) -> Result<(), crate::Error> {
        self.records += batch.records.len() as u64;
        self.largest = self.largest.max(batch.bytes.capacity());
        Ok(())
    }

    fn reject(&mut self, rejected: Rejected) -> Result<(), crate::Error> {
        self.largest = self.largest.max(rejected.text.as_bytes().len());
        self.causes.push(rejected.cause);
        Ok(())
    }

    fn find(&mut self, _code: &'static str, _level: Level, _subject: Text, detail: Text) {
        self.largest = self.largest.max(detail.as_bytes().len());
    }
}

fn weighed(begin: &'static str, over: String, times: u64, end: &'static str) -> Scales {
    let reader = Endless(vec![begin.as_bytes()], Cursor::new(over), times - 1, end.as_bytes());
    let mut scales = Scales::default();
    let directory = Directory::default();
    read(3, &DocumentKind::Conversations, Box::new(reader), &directory, &mut scales).unwrap();
    scales
}

const IN_ROOM: &str = "<Conversations><Conversation><Channel uri='ma-chan://a.example/1'/><Messages>";
const OUT: &str = "</Messages></Conversation></Conversations>";

#[test]
fn one_conversation_with_messages_without_end_is_handed_on_in_batches() {
    let scales = weighed(IN_ROOM, chat(&"x".repeat(2_000), 1), 20_000, OUT);
    assert_eq!((scales.records, scales.causes.len()), (20_000, 0));
    assert!(scales.largest < 4 << 20, "{}", scales.largest);
}

#[test]
fn what_people_never_write_so_long_is_rejected_before_it_is_copied() {
    let long = "y&lt;".repeat(2_500_000);
    for wrong in [
        chat("x", 1).replace("Ann", &long),
        chat("x", 1).replace("CHAT", &long),
        chat("x", 1).replace("<Message ", &format!("<Message other='{long}' ")),
        chat("x", 1).replace("</Message>", &format!("{long}</Message>")),
    ] {
        let scales = weighed(IN_ROOM, wrong + &chat("kept", 2), 1, OUT);
        assert_eq!((scales.records, scales.causes), (1, vec![Cause::TooLarge]));
        assert!(scales.largest < 3 << 20, "{}", scales.largest);
    }
}

#[test]
fn refused_first_messages_wait_only_so_long() {
    let long = chat(&"&nbsp;".repeat(50_000), 1).replace("Message", "FirstMessage");
    let firsts = long.repeat(20);
    let bounds = Bounds { held: 2_000_000, ..Bounds::default() };
    let outcome =
        within(bounds, format!("<Conversations>{}</Conversations>", conversation(&firsts, &chat("m", 2))));
    assert!(outcome.rejected.len() > 10 && outcome.texts() == ["m"]);
}
