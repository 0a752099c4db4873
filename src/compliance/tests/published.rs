//! The sample values that "Customizing the XSLT definition file" (Lync Server 2013) prints.

use super::*;
use crate::chat::PersonKind;

const HEAD: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<Conversations xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <Conversation>
    <Channel uri="ma-chan://litwareinc.com/300" name="ma-chan://litwareinc.com/300" islogged="" />
    <FirstMessage type="JOIN" content="" id="0">
      <Sender UserName="TestUser kazuto" id="10" email="kazuto@litwareinc.com" internal="true" uri="kazuto@litwareinc.com" />
      <DateTimeUTC since1970="1212610540953" string="2008-06-04T20:15:40.9535482Z" long="633482073409535482" />
    </FirstMessage>
    <Messages>
      <Message type="JOIN" content="" id="0">
        <Sender UserName="TestUser kazuto" id="10" email="kazuto@litwareinc.com" internal="true" uri="kazuto@litwareinc.com" />
        <DateTimeUTC since1970="1212610540953" string="2008-06-04T20:15:40.9535482Z" long="633482073409535482" />
      </Message>
      <Message type="PART" content="" id="0">
        <Sender UserName="TestUser kazuto" id="10" email="kazuto@litwareinc.com" internal="true" uri="kazuto@litwareinc.com" />
        <DateTimeUTC since1970="1212610602532" string="2008-06-04T20:16:42.5324614Z" long="633482074025324614" />
      </Message>
"#;
const FOOT: &str = r#"    </Messages>
    <StartTimeUTC since1970="1212610540953" string="2008-06-04T20:15:40.9535482Z" long="633482073409535482" />
    <EndTimeUTC since1970="1212610602532" string="2008-06-04T20:16:42.5324614Z" long="633482074025324614" />
  </Conversation>
</Conversations>
"#;

#[test]
fn the_published_document_gives_a_join_and_a_part() {
    let outcome = read_bytes([HEAD, FOOT].concat());
    assert_eq!((outcome.read, outcome.events()), (2, vec!["JOIN", "PART"]));
    assert_eq!((outcome.rejected.len(), outcome.findings.len()), (0, 0));
    let [join, part] = &outcome.records[..] else { panic!() };
    assert_eq!(join.record.moment.ticks.get(), 633_482_073_409_535_482);
    assert_eq!(part.record.moment.ticks.to_string(), "2008-06-04T20:16:42.5324614Z");
    assert_eq!(join.record.moment.precision, Precision::Ticks);
    assert_eq!((join.text.as_bytes(), join.record.chat_id), (&b""[..], None));
    assert_eq!(join.record.source.stream, 3);

    let person = outcome.person(0);
    assert_eq!(person.facts.name, Some(Text::from("TestUser kazuto")));
    assert_eq!(person.facts.email, Some(Text::from("kazuto@litwareinc.com")));
    assert_eq!((person.facts.kind, person.facts.rank), (Some(PersonKind::User), 0));
    assert_eq!(person.facts.at, 633_482_074_025_324_614);
    assert_eq!(person.address.as_ref().unwrap().address(), &Text::from("kazuto@litwareinc.com"));

    let (_, room) = outcome.room(0);
    assert_eq!(room.uri, Some(Text::from("ma-chan://litwareinc.com/300")));
    assert_eq!((room.guid_known, room.named, room.at), (false, false, 633_482_074_025_324_614));
    assert_eq!(room.logged, Some(Text::default()));
}

#[test]
fn the_other_published_entries_are_read_as_they_stand() {
    let entries = r#"
<Message type="CHAT" content="hello" id="1">
  <Sender UserName="TestUser kazuto" id="10" email="kazuto@litwareinc.com" internal="true" uri="kazuto@litwareinc.com" />
  <DateTimeUTC since1970="1205351800522" string="2008-03-12T19:56:40.522264Z" long="633409486005222640" />
</Message>
<Message type="BACKCHAT" content="backchatcontent" id="0">
  <Sender UserName="TestUser kazuto" id="10" email="kazuto@litwareinc.com" internal="true" uri="kazuto@litwareinc.com" />
  <DateTimeUTC since1970="1205351800522" string="2008-03-12T19:56:40.522264Z" long="633409486005222640" />
</Message>
<Message type="FILEUPLOAD" content="0988239a-bb66-4616-90a4-b07771a2097c.txt" id="0">
  <Sender UserName="TestUser kazuto" id="10" email="kazuto@litwareinc.com" internal="true" uri="kazuto@litwareinc.com" />
  <DateTimeUTC since1970="1205351800522" string="2008-03-12T19:56:40.522264Z" long="633409486005222640" />
</Message>
<Message type="FILEDOWNLOAD" content="006074ca-24f0-4b35-8bd8-98006a2d1aa8.txt" id="0">
  <Sender UserName="kazuto@litwareinc.com" id="10" email="" internal="true" uri="kazuto@litwareinc.com" />
  <DateTimeUTC since1970="1205351800522" string="2008-03-12T19:56:40.522264Z" long="633409486005222640" />
</Message>"#;
    let outcome = read_bytes([HEAD, entries, FOOT].concat());
    assert_eq!(outcome.events()[2..], ["message", "BACKCHAT", "FILEUPLOAD", "FILEDOWNLOAD"]);
    assert_eq!(outcome.texts()[2..4], ["hello", "backchatcontent"]);
    assert_eq!(outcome.texts()[5], "006074ca-24f0-4b35-8bd8-98006a2d1aa8.txt");
    let chat = &outcome.records[2].record;
    assert_eq!((chat.form, chat.chat_id), (Form::Compliance, Some(1)));
    assert!(matches!(chat.numbering, Numbering::Domain(_)));
    assert_eq!(outcome.records[3].record.numbering, Numbering::Document);
    assert!(outcome.records.iter().all(|seen| seen.record.person == chat.person && seen.extras.is_empty()));
    // The tag without a name of its own is older, so it does not take the name away.
    assert_eq!(outcome.person(2).facts.name, Some(Text::from("TestUser kazuto")));
    assert_eq!(outcome.codes(), Vec::<&str>::new());
}
