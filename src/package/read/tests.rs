//! Scenarios of reading a package back: what an earlier run wrote is what comes out.

use std::io::{self, Read};

use super::*;
use crate::chat::{
    Author, Batch, Directory, Form, Generation, Guid, Kind, NodeKind, Numbering, Origin, PersonKind,
    Precision, Record, Role, Settled, SipUri, Text, Visibility,
};
use crate::error::{Error, Result};
use crate::ledger::{Cause, Level, Rejected, Sink};

const ROOM: &str = "22222222-0000-0000-0000-000000000002";
const CATEGORY: &str = "11111111-0000-0000-0000-000000000001";

#[derive(Default)]
struct Kept {
    records: Vec<(Record, String, Option<String>)>,
    rejected: Vec<Rejected>,
}

impl Sink for Kept {
    fn take(&mut self, batch: Batch) -> Result<()> {
        for record in &batch.records {
            let rtf = record.rtf.map(|rtf| batch.text(rtf).to_string());
            self.records.push((*record, batch.text(record.text).to_string(), rtf));
        }
        Ok(())
    }

    fn reject(&mut self, rejected: Rejected) -> Result<()> {
        self.rejected.push(rejected);
        Ok(())
    }

    fn find(&mut self, _: &'static str, _: Level, _: Text, _: Text) {}
}

fn root(name: &str, inner: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{name} xmlns=\"urn:gc2pc:package:1\">\n{inner}</{name}>\n"
    )
}

fn structure(users: &str, categories: &str, rooms: &str, directory: &Directory) -> Result<PackageStructure> {
    let documents = [root("Users", users), root("Categories", categories), root("RoomDirectory", rooms)];
    let [users, categories, rooms] = documents.each_ref().map(|document| document.as_bytes());
    let documents = StructureDocuments {
        name: "old".to_owned(),
        users,
        categories: Some(categories),
        room_directory: Some(rooms),
    };
    read_structure(documents, directory)
}

fn address(text: &str) -> Author {
    Author::Address(SipUri::new(&Text::from(text)).unwrap())
}

fn people() -> String {
    let numbered = Author::Numbered { database: Guid::from_u128(9), number: 12 };
    [
        (
            "1",
            Guid::from_u128(1),
            "Uri=\"sip:ann@new.example\" SourceUri=\"sip:ann@old.example\" Name=\"Ann\"",
            "User",
        ),
        ("2", address("bob@old.example").guid(), "Uri=\"sip:Bob@old.example\"", "External"),
        ("3", numbered.guid(), "", "Unknown"),
        ("4", Author::Unnamed.guid(), "", "Unknown"),
    ]
    .map(|(id, guid, rest, kind)| {
        format!("<Person Id=\"{id}\" Guid=\"{guid}\" {rest} Type=\"{kind}\" Disabled=\"0\"/>\n")
    })
    .concat()
}

fn content(messages: &str) -> String {
    root("Content", messages).replace("<Content ", &format!("<Content Room=\"{ROOM}\" "))
}

fn read(document: &[u8]) -> (Kept, u64, Settled) {
    let directory = Directory::default();
    let structure = structure(&people(), "", "", &directory).unwrap();
    let mut kept = Kept::default();
    let count = read_content(7, "old", document, &structure, &directory, &mut kept).unwrap();
    (kept, count, directory.settle())
}

#[test]
fn people_come_back_as_whom_they_were_known() {
    let directory = Directory::default();
    structure(&people(), "", "", &directory).unwrap();
    let settled = directory.settle();
    let person = |guid: Guid| &settled.people[settled.find_person(guid).unwrap()];
    let ann = person(Guid::from_u128(1));
    assert_eq!(ann.address, SipUri::new(&Text::from("ann@old.example")));
    assert_eq!((ann.facts.rank, ann.facts.name.clone()), (1, Some(Text::from("Ann"))));
    let bob = person(address("bob@old.example").guid());
    assert_eq!((&bob.author, bob.facts.kind), (&address("bob@old.example"), Some(PersonKind::External)));
    let lost = Author::Numbered { database: Guid::from_u128(9), number: 12 }.guid();
    assert_eq!(person(lost).author, Author::Principal(lost));
    assert_eq!(person(Author::Unnamed.guid()).author, Author::Unnamed);
}

#[test]
fn rooms_and_categories_come_back_flat_with_their_lists() {
    let directory = Directory::default();
    let categories = format!(
        "<Category Guid=\"{CATEGORY}\" Name=\"Trade\" Description=\"\" Invitations=\"true\" ChatHistory=\"true\" \
         FileUpload=\"false\"><AllowedMembers><Member Person=\"2\"/><Member Person=\"1\"/></AllowedMembers>\
         <DeniedMembers><Member Person=\"3\"/></DeniedMembers><Creators><Member Person=\"1\"/></Creators></Category>"
    );
    let rooms = format!(
        "<AddIn Guid=\"{CATEGORY}\" Name=\"Web\" Url=\"http://a.example\"/>\
         <Room Guid=\"{ROOM}\" NameUtf16=\"AAA=\" Category=\"{CATEGORY}\" Privacy=\"Closed\" Behavior=\"Auditorium\" \
         Invitations=\"False\" Disabled=\"true\" LastChatId=\"77\" Topic=\"t\" Uri=\"ma-chan://a.example/{ROOM}\">\
         <Members><Member Person=\"1\"/></Members><Managers/><Presenters><Member Person=\"2\" OutsideScope=\"true\"/>\
         </Presenters></Room>"
    );
    let read = structure(&people(), &categories, &rooms, &directory).unwrap();
    let [category, room] = &read.tree.nodes[..] else { panic!("{:?}", read.tree.nodes) };
    assert_eq!(
        (category.kind, category.history, category.file_upload),
        (NodeKind::Category, Some(true), Some(false))
    );
    assert_eq!(category.scopes.iter().filter(|scope| scope.denied).count(), 1);
    assert_eq!(category.roles[0].role, Role::Creator);
    assert_eq!(room.parent, Some(category.guid));
    assert_eq!(room.name, Text::from("\0"));
    assert_eq!((room.visibility, room.invitations), (Some(Visibility::Scope), Some(false)));
    assert!(room.auditorium && room.disabled && room.generation == Generation::PersistentChat);
    assert_eq!(room.roles.iter().map(|role| role.role).collect::<Vec<_>>(), [Role::Member, Role::Presenter]);
    assert_eq!(read.tree.add_ins[0].name, Text::from("Web"));
    assert_eq!(directory.settle().rooms.len(), 1);
}

#[test]
fn the_dump_that_something_was_taken_from_comes_back_and_placeholders_are_known_to_the_directory_alone() {
    let directory = Directory::default();
    let unknown = crate::migrate::unknown_category_guid();
    let origin = "SourceGeneration=\"2010\" SourceUpdated=\"2009-01-02T03:04:05Z\"";
    let users = format!("<Person Id=\"1\" Guid=\"{CATEGORY}\" Type=\"User\" Disabled=\"0\" {origin}/>");
    let category = format!(
        "<Category Guid=\"{unknown}\" Name=\"Unknown category\" Invitations=\"false\" ChatHistory=\"true\" \
         FileUpload=\"false\"><AllowedMembers/><DeniedMembers/><Creators/></Category>"
    );
    let room = |guid: &str, more: &str| {
        format!(
            "<Room Guid=\"{guid}\" Name=\"Desk\" Category=\"{unknown}\" Privacy=\"Secret\" \
             Behavior=\"Normal\" Invitations=\"Inherit\" Disabled=\"false\" {more}><Members/><Managers/>\
             <Presenters/></Room>"
        )
    };
    let uri = format!("Uri=\"ma-chan://a.example/{ROOM}\"");
    let rooms = [room(ROOM, &uri), room(CATEGORY, origin)].concat();
    let read = structure(&users, &category, &rooms, &directory).unwrap();
    let [described] = &read.tree.nodes[..] else { panic!("{:?}", read.tree.nodes) };
    let ticks = crate::chat::Ticks::parse_iso("2009-01-02T03:04:05Z").unwrap().get();
    let expected = Origin { generation: Generation::GroupChat, updated_on: ticks };
    assert_eq!((described.origin, described.parent), (Some(expected), None));
    let settled = directory.settle();
    assert_eq!(Origin::of_rank(settled.people[0].facts.rank), Some(expected));
    let placeholder = &settled.rooms[settled.find_room(Guid::parse_str(ROOM).unwrap()).unwrap()].1;
    assert_eq!((placeholder.named, placeholder.guid_known), (true, true));
    assert_eq!(placeholder.name, Some(Text::from("Desk")));
    let half = structure(&users.replace("SourceUpdated", "Email"), "", "", &Directory::default());
    assert!(matches!(half, Err(Error::Unusable { .. })));
}

#[test]
fn a_damaged_structure_document_ends_the_run_with_its_place() {
    let directory = Directory::default();
    for (users, rooms, culprit) in [
        ("<Person Id=\"1\"/>", "", "User.xml"),
        ("<Person", "", "User.xml"),
        ("", "<Room/>", "RoomDirectory.xml"),
        ("", "<!-- -->&x;", "RoomDirectory.xml"),
    ] {
        match structure(users, "", rooms, &directory) {
            Err(Error::Unusable { input, why, .. }) => {
                assert!(input.contains(culprit) && why.contains("line"), "{input}: {why}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn messages_come_back_whole_and_in_order() {
    let document = content(
        "<Message Id=\"x\" Seq=\"1\" ChatId=\"4711\" Time=\"2008-03-12T19:56:40.522264Z\" Author=\"1\" Alert=\"true\" \
         Extra=\"a=&quot;b&quot;\" Source=\"2:1045\"><Text>one&#xD;\ntwo &lt;</Text><Rtf>{\\rtf1}</Rtf></Message>\n\
         <Message Id=\"y\" Seq=\"2\" Time=\"2008-03-12T19:56:41Z\" Precision=\"s\" Author=\"3\" Source=\"2:1046\">\
         <Text encoding=\"utf-16le-base64\">AABBAA==</Text></Message>\n",
    );
    let (kept, count, settled) = read(document.as_bytes());
    assert_eq!((count, kept.rejected.len()), (2, 0), "{:?}", kept.rejected);
    let (first, text, rtf) = &kept.records[0];
    assert_eq!((text.as_str(), rtf.as_deref()), ("one\r\ntwo <", Some("{\\rtf1}")));
    assert_eq!((first.chat_id, first.kind), (Some(4711), Kind::Message { alert: Some(true) }));
    assert_eq!((first.form, first.numbering, first.source.stream), (Form::Database, Numbering::Document, 7));
    assert_eq!(settled.people[settled.person(first.person)].guid, Guid::from_u128(1));
    let (second, text, rtf) = &kept.records[1];
    assert_eq!((text.as_str(), rtf, second.moment.precision), ("\0A", &None, Precision::Second));
}

#[test]
fn events_come_back_with_their_type_and_content() {
    let document =
        content("<Event Type=\"JOIN\" Time=\"2008-03-12T19:56:41Z\" Person=\"2\" Source=\"1:1\">in</Event>")
            .replace("Content", "Compliance");
    let directory = Directory::default();
    let structure = structure(&people(), "", "", &directory).unwrap();
    let mut kept = Kept::default();
    read_compliance(1, "old", document.as_bytes(), &structure, &directory, &mut kept).unwrap();
    assert!(
        matches!(kept.records[..], [(Record { kind: Kind::Event { .. }, .. }, ref text, _)] if text == "in")
    );
}

#[test]
fn an_unusable_message_is_rejected_and_the_next_one_is_read() {
    let good = "<Message Time=\"2008-03-12T19:56:41Z\" Author=\"1\"><Text>ok</Text></Message>";
    for (bad, cause) in [
        (good.replace("2008-03-12", "2008-02-30"), Cause::BadTime),
        (good.replace("Author=\"1\"", "Author=\"99\""), Cause::Malformed),
        (good.replace("Author=\"1\"", ""), Cause::MissingValue),
        (good.replace("Author=\"1\"", "Author=\"1\" ChatId=\"x\""), Cause::BadNumber),
        (good.replace("Author=\"1\"", "Author=\"1\" Alert=\"1\""), Cause::BadFlag),
        (good.replace("<Text>", "<Text encoding=\"utf-16le-base64\">"), Cause::BadEncoding),
        (good.replace("<Text>ok</Text>", ""), Cause::MissingValue),
    ] {
        let (kept, count, _) = read(content(&format!("{bad}{good}")).as_bytes());
        assert_eq!((count, kept.records.len()), (2, 1), "{bad}");
        assert_eq!((kept.rejected[0].cause, kept.rejected[0].source.record), (cause, 1), "{bad}");
    }
}

#[test]
fn a_document_that_breaks_off_gives_one_rejected_record_at_any_byte() {
    let message =
        "<Message Time=\"2008-03-12T19:56:41Z\" Author=\"1\"><Text>text &amp; more</Text></Message>\n";
    let document = content(&message.repeat(3));
    let whole = document.trim_end().len();
    for cut in 0..whole {
        let (kept, count, _) = read(&document.as_bytes()[..cut]);
        assert_eq!(kept.rejected.len(), 1, "cut at {cut}");
        assert_eq!(kept.records.len() as u64 + 1, count);
        assert!(kept.rejected[0].byte <= cut as u64);
    }
    let (kept, ..) = read(document.replacen("text &amp;", "text &lol;", 2).as_bytes());
    assert_eq!((kept.records.len(), kept.rejected[0].cause), (0, Cause::BadXml));
    assert_eq!(kept.rejected[0].text.to_string(), "text ");
}

#[test]
fn a_failing_disk_ends_the_run_and_a_damaged_archive_does_not() {
    struct Failing(io::ErrorKind);
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
    }
    let directory = Directory::default();
    let structure = structure("", "", "", &directory).unwrap();
    let read = |kind| {
        let mut kept = Kept::default();
        let outcome = read_content(1, "old", Failing(kind), &structure, &directory, &mut kept);
        (outcome, kept.rejected.first().map(|rejected| rejected.cause))
    };
    assert!(matches!(read(io::ErrorKind::InvalidData), (Ok(1), Some(Cause::DamagedContainer))));
    assert!(matches!(read(io::ErrorKind::PermissionDenied), (Err(Error::Read { .. }), None)));
}
