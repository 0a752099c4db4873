//! What the format allows, and what sites make of it.

use super::*;
use crate::chat::{Author, PersonKind, SipUri};

fn first(content: &str) -> String {
    format!("<FirstMessage type='CHAT' content='{content}' id='1'>{SENDER}{TIME}</FirstMessage>")
}

#[test]
fn a_first_message_counts_only_where_no_message_is() {
    let outcome = conversations(&conversation(&first("one"), &(chat("one", 1) + &chat("two", 2))));
    assert_eq!(outcome.texts(), ["one", "two"]);

    let outcome = conversations(&conversation(&first("one"), "  "));
    assert_eq!(outcome.texts(), ["one"]);
    assert_eq!(outcome.records[0].record.chat_id, Some(1));

    let absent = format!("<Conversation>{}<Channel uri='{ROOM}'/></Conversation>", first("one"));
    assert_eq!(conversations(&absent).texts(), ["one"]);

    let behind =
        conversation("", &chat("one", 1)).replace("</Conversation>", &(first("one") + "</Conversation>"));
    assert_eq!(conversations(&behind).texts(), ["one"]);
}

#[test]
fn a_first_message_that_repeats_adds_no_rejection_and_no_finding() {
    let broken = first("&nbsp;&#0;");
    let outcome = conversations(&conversation(&(first("&#0;") + &broken), &chat("one", 1)));
    assert_eq!(
        (outcome.texts(), outcome.causes(), outcome.codes()),
        (vec!["one".to_owned()], vec![], vec![])
    );

    let alone = conversations(&conversation(&(first("&#0;") + &broken), ""));
    assert_eq!((alone.texts(), alone.causes()), (vec!["\0".to_owned()], vec![Cause::Malformed]));
    assert_eq!(alone.codes(), ["XML-CHAR"]);
}

#[test]
fn records_are_numbered_as_they_count_over_all_conversations() {
    let quiet = conversation(&first("first"), "");
    let busy = conversation(&first("b"), &(chat("b", 2) + &message("type='CHAT' id='x'") + &chat("c", 4)));
    let outcome = conversations(&(quiet.clone() + &busy + &quiet));
    assert_eq!(outcome.read, 5);
    assert_eq!(outcome.texts(), ["first", "b", "c", "first"]);
    assert_eq!(outcome.rejected[0].source.record, 3);
}

#[test]
fn elements_come_in_any_order_and_names_in_any_case() {
    let late = format!(
        "<CONVERSATION><messages>{}<MESSAGE TYPE='chat' CONTENT='two' ID='2'><datetimeutc LONG='633482073409535482'/>\
         <sender URI='ann@litware.example'></sender></MESSAGE></messages><EndTimeUTC/><channel NAME='{ROOM}'/></CONVERSATION>",
        chat("one", 1)
    );
    let outcome = conversations(&(late + &conversation("", &chat("three", 3))));
    assert_eq!(outcome.texts(), ["one", "two", "three"]);
    assert_eq!(outcome.settled.rooms.len(), 1);
    assert_eq!(outcome.settled.people.len(), 1);
    assert_eq!(outcome.findings, []);
}

#[test]
fn a_conversation_without_a_room_has_its_records_rejected_in_full() {
    let roomless = conversation(&first("f"), &chat("lost", 1)).replace("<Channel", "<Chanel");
    let outcome = conversations(&(chat("stray", 9) + &roomless + &conversation("", &chat("kept", 2))));
    assert_eq!(outcome.causes(), [Cause::MissingValue, Cause::MissingValue]);
    assert!(outcome.rejected[1].text.to_string().contains("content='lost'"));
    assert!(outcome.rejected[1].text.to_string().ends_with("</Message>"));
    assert_eq!(outcome.texts(), ["kept"]);
    assert_eq!(outcome.codes(), ["XML-EXTRA"]);
}

#[test]
fn a_room_is_known_by_its_address_else_by_its_name() {
    let named =
        conversation("", &chat("a", 1)).replace(&format!("name='{ROOM}'"), "name='Trading' islogged='yes'");
    let outcome = conversations(&named);
    let (guid, facts) = outcome.room(0);
    assert_eq!(guid.to_string(), "094f5a4a-c492-4f6b-91c2-385eba134fd3");
    assert_eq!(
        (facts.named, facts.guid_known, facts.name.clone()),
        (true, true, Some(Text::from("Trading")))
    );
    assert_eq!(facts.logged, Some(Text::from("yes")));

    let nameless = conversation("", &chat("a", 1))
        .replace(&format!("uri='{ROOM}' name='{ROOM}'"), "uri='' name='Trading'");
    let outcome = conversations(&nameless);
    let (_, facts) = outcome.room(0);
    assert_eq!((facts.named, facts.guid_known, facts.uri.clone()), (true, false, None));
}

#[test]
fn unknown_types_are_events_and_told() {
    let outcome = messages(&[message("type='Purge' content='x' id='4'"), message("type=' join '")].concat());
    assert_eq!(outcome.events(), ["PURGE", "JOIN"]);
    assert_eq!(outcome.records[0].record.chat_id, Some(4));
    assert_eq!(outcome.findings[0].1, Level::Info);
    assert!(outcome.finding("EVENT-UNKNOWN").contains("type PURGE; the first is record 1"));
}

#[test]
fn what_a_record_says_beyond_the_format_is_kept() {
    let outcome = messages(&format!(
        "<Message type='CHAT' xmlns:x='urn:x' x:mood='&lt;\"&#10;' content='a' id='1'>{}{TIME}\
         <Attachment kind='b'>text &amp; <b>more</b></Attachment><Flag/> tail</Message>",
        SENDER.replace("uri=", "title='Dr.' uri=")
    ));
    assert_eq!(
        outcome.records[0].extras,
        "x:mood=\"&lt;&quot;&#xA;\" Sender.title=\"Dr.\" Attachment.kind=\"b\" Attachment=\"text &amp; \" \
         b=\"more\" Flag=\"\" text=\" tail\""
    );
    assert_eq!((outcome.texts(), outcome.findings), (vec!["a".to_owned()], vec![]));
}

#[test]
fn what_stands_beyond_the_format_outside_the_records_is_told() {
    let extra = conversation("", &chat("a", 1)).replace("<Channel", "<Topic>x</Topic><Channel topic='Rates'");
    let outcome = conversations(&extra);
    assert_eq!(outcome.texts(), ["a"]);
    let told = outcome.finding("XML-EXTRA");
    assert!(told.contains("Channel/@topic (1, the first Rates)") && told.contains("Topic (1)"), "{told}");
}

#[test]
fn a_sender_is_known_by_address_else_by_mail_else_by_a_name_that_is_one() {
    let address = |sender: &str| {
        let outcome = messages(&format!("<Message type='CHAT' id='1'>{sender}{TIME}</Message>"));
        let person = outcome.person(0).clone();
        (person.address.map(|it| it.address().to_string()), person.facts, outcome)
    };
    let (known, facts, _) = address(
        "<Sender UserName='Ann' email='a@mail.example' internal='false' uri='sip:Ann@Litware.example'/>",
    );
    assert_eq!(known.as_deref(), Some("ann@litware.example"));
    assert_eq!(
        (facts.uri, facts.kind),
        (Some(Text::from("sip:Ann@Litware.example")), Some(PersonKind::External))
    );
    assert_eq!((facts.name, facts.email), (Some(Text::from("Ann")), Some(Text::from("a@mail.example"))));

    assert_eq!(
        address("<Sender UserName='Ann' email='a@mail.example'/>").0.as_deref(),
        Some("a@mail.example")
    );
    let (known, facts, _) = address("<Sender UserName='SIP:Ann@Litware.example' email=''/>");
    assert_eq!((known.as_deref(), facts.name), (Some("ann@litware.example"), None));

    for sender in [
        "<Sender UserName='Ann' id='7' email='none'/>",
        "<Sender uri='ma-grp:x' UserName='Ann' id='7' email='none'/>",
    ] {
        let (known, facts, outcome) = address(sender);
        assert_eq!((known, facts.name), (None, None));
        assert!(
            outcome.records[0]
                .extras
                .starts_with("Sender.UserName=\"Ann\" Sender.id=\"7\" Sender.email=\"none\"")
        );
        assert_eq!(outcome.person(0).author, Author::Unnamed);
        assert_eq!(outcome.codes(), ["AUTHOR-UNNAMED"]);
    }
    let (_, _, outcome) = address("");
    assert_eq!(
        (outcome.person(0).author.clone(), outcome.codes()),
        (Author::Unnamed, vec!["AUTHOR-UNNAMED"])
    );
}

#[test]
fn the_newest_of_a_persons_names_holds_wherever_it_stands() {
    let named = |name: &str, ticks: i64| {
        format!(
            "<Message type='JOIN'><Sender UserName='{name}' uri='ann@litware.example'/>\
             <DateTimeUTC long='{ticks}'/></Message>"
        )
    };
    let outcome = messages(
        &[named("Old", 600), named("Newest", 900), named("Middle", 800), named("Old", 100)].concat(),
    );
    assert_eq!(outcome.person(0).facts.name, Some(Text::from("Newest")));
    assert_eq!(outcome.person(0).address, SipUri::new(&Text::from("ann@litware.example")));
}

#[test]
fn many_senders_are_forgotten_and_found_again() {
    let bounds = Bounds { remembered: (3, 1 << 20), ..Bounds::default() };
    let all: String = (0..50)
        .map(|at| {
            format!(
                "<Message type='JOIN'><Sender UserName='P{0}' uri='p{0}@x.example'/>{TIME}</Message>",
                at % 10
            )
        })
        .collect();
    let document = format!("<Conversations>{}</Conversations>", conversation("", &all));
    let outcome = read_as(&DocumentKind::Conversations, bounds, Box::new(Cursor::new(document)));
    assert_eq!((outcome.records.len(), outcome.settled.people.len()), (50, 10));
    for at in 0..50 {
        assert_eq!(outcome.person(at).facts.name, Some(Text::from(format!("P{}", at % 10))));
    }
}

#[test]
fn times_that_disagree_are_told_once_with_the_first_of_them() {
    let odd = format!(
        "<Message type='JOIN'>{SENDER}<DateTimeUTC long='633482073409535482' since1970='1'/></Message>"
    );
    let outcome = messages(&[chat("a", 1), odd.clone(), odd].concat());
    assert_eq!(outcome.codes(), ["TIME-ODD"]);
    let told = outcome.finding("TIME-ODD");
    assert!(
        told.starts_with("2 records") && told.contains("record 2: long=\"633482073409535482\""),
        "{told}"
    );
}

#[test]
fn text_survives_the_attribute_as_xml_says() {
    let outcome =
        messages(&(chat("a\r\nb\nc\td&#xA;&#xD;&#x9;e", 1) + &chat("&#0;&#x1F;&#xD800;&#xFFFE;\u{1}", 2)));
    assert_eq!(outcome.texts()[0], "a b c d\n\r\te");
    assert_eq!(outcome.records[1].text.units().collect::<Vec<_>>(), [0, 0x1F, 0xD800, 0xFFFE, 1]);
    assert!(outcome.finding("XML-CHAR").starts_with("5 characters"));
    assert_eq!(outcome.findings[0].1, Level::Warning);
}

#[test]
fn html_like_text_stays_as_it_is() {
    let link = "&lt;a href=&quot;ma-filelink:x&quot;&gt;x&lt;/a&gt; &amp;amp; &amp;#65;";
    assert_eq!(messages(&chat(link, 1)).texts(), ["<a href=\"ma-filelink:x\">x</a> &amp; &#65;"]);
}

#[test]
fn one_file_holds_many_conversations_in_batches_of_a_megabyte() {
    let text = "some words of some length ".repeat(8);
    let one = conversation(&first("x"), &(0..20).map(|id| chat(&text, id + 1)).collect::<String>());
    let outcome = conversations(&one.repeat(1_000));
    assert_eq!((outcome.read, outcome.records.len()), (20_000, 20_000));
    assert!((4..=6).contains(&outcome.batches), "{}", outcome.batches);
    assert!(outcome.texts().iter().all(|it| *it == text));
    assert_eq!((outcome.settled.rooms.len(), outcome.settled.people.len()), (1, 1));
}
