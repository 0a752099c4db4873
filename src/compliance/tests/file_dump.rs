//! Documents of the vendor's sample transform.

use super::*;
use crate::chat::Author;

const TIME: &str = "<DateTimeUTC>1212610540953</DateTimeUTC>";

#[test]
fn each_element_of_the_transform_is_a_record() {
    let who = "<LoginName/>";
    let mail = "<CorporateEmailID>ann@litware.example</CorporateEmailID>";
    let outcome = dump(&format!(
        "<StartTimeUTC>1212610540953</StartTimeUTC>\
         <ParticipantEntered>{who}{TIME}<InternalFlag>true</InternalFlag><ConversationID>300</ConversationID>{mail}</ParticipantEntered>\
         <FileTransferStarted>{who}{TIME}<FileName>a.txt</FileName></FileTransferStarted>\
         <FileTransferEnded>{who}{TIME}<FileName>a.txt</FileName><Status>Completed</Status></FileTransferEnded>\
         <Message>{who}{TIME}<Content> hello\r\n&lt;you&gt; </Content></Message>\
         <ParticipantLeft>{who}{TIME}{mail}</ParticipantLeft><EndTimeUTC>1212610602532</EndTimeUTC>"
    ));
    assert_eq!(outcome.events(), ["JOIN", "FILETRANSFERSTARTED", "FILETRANSFERENDED", "message", "PART"]);
    assert_eq!(outcome.texts(), ["", "a.txt", "a.txt", " hello\n<you> ", ""]);
    assert_eq!(outcome.records[2].extras, "Status=\"Completed\"");
    assert_eq!(
        outcome.records[0].extras,
        "InternalFlag=\"true\" ConversationID=\"300\" CorporateEmailID=\"ann@litware.example\""
    );
    let record = outcome.records[3].record;
    assert_eq!((record.form, record.numbering, record.chat_id), (Form::FileDump, Numbering::Document, None));
    assert_eq!(record.moment.precision, Precision::Millisecond);
    assert_eq!(outcome.person(0).address.as_ref().unwrap().address(), &Text::from("ann@litware.example"));
    assert_eq!(outcome.person(3).author, Author::Unnamed);
    assert_eq!(outcome.codes(), ["FILEDUMP-LOSS"]);
    assert!(outcome.finding("FILEDUMP-LOSS").contains("3 of its 5 records name nobody"));
    let (_, room) = outcome.room(0);
    assert_eq!((room.named, room.name.clone(), room.uri.clone()), (true, Some(Text::from("Sales")), None));
    assert_eq!((room.guid_known, room.at), (false, 633_482_074_025_320_000));
}

#[test]
fn a_room_may_be_named_by_its_address_and_behind_its_messages() {
    let document = format!(
        "<filedump><conversation perspective='x_group_channel'><message>{TIME}<content>a</content></message>\
         <roomid> {ROOM} </roomid><message>{TIME}<content>b</content></message></conversation></filedump>"
    );
    let outcome = read_as(&DocumentKind::FileDump, Bounds::default(), Box::new(Cursor::new(document)));
    assert_eq!(outcome.texts(), ["a", "b"]);
    let (guid, room) = outcome.room(0);
    assert_eq!(guid.to_string(), "094f5a4a-c492-4f6b-91c2-385eba134fd3");
    assert_eq!((room.guid_known, room.named, room.uri.clone()), (true, false, Some(Text::from(ROOM))));
}

#[test]
fn a_room_that_is_never_named_makes_its_records_unusable() {
    let document = format!(
        "<FileDump><Conversation><Message>{TIME}<Content>a</Content></Message></Conversation></FileDump>"
    );
    let outcome = read_as(&DocumentKind::FileDump, Bounds::default(), Box::new(Cursor::new(document)));
    assert_eq!(outcome.causes(), [Cause::MissingValue]);
    assert_eq!(
        outcome.rejected[0].text.to_string(),
        format!("<Message>{TIME}<Content>a</Content></Message>")
    );
}

#[test]
fn a_login_name_is_an_address_or_a_name() {
    let outcome = dump(&format!(
        "<Message><LoginName>Ann@Litware.example</LoginName>{TIME}</Message>\
         <Message><LoginName>Ann</LoginName><CorporateEmailID>ann@litware.example</CorporateEmailID>{TIME}</Message>\
         <Message><LoginName>Bob</LoginName>{TIME}</Message>"
    ));
    assert_eq!(outcome.records[0].record.person, outcome.records[1].record.person);
    assert_eq!(outcome.person(1).facts.name, Some(Text::from("Ann")));
    assert_eq!(
        (outcome.person(2).author.clone(), outcome.records[2].extras.as_str()),
        (Author::Unnamed, "LoginName=\"Bob\"")
    );
}

#[test]
fn content_is_put_together_from_all_its_parts() {
    let outcome = dump(&format!(
        "<Message>{TIME}<Content>a &amp; b<!-- not this --><![CDATA[<c>\r\n&amp;]]>&#xD83D;<?nor this?>&#xDE00;\
         <b>aside</b>!</Content></Message>"
    ));
    assert_eq!(outcome.texts(), ["a & b<c>\n&amp;\u{1F600}!"]);
    assert_eq!(outcome.records[0].extras, "b=\"aside\"");
    assert_eq!(outcome.codes(), ["FILEDUMP-LOSS"]);
}

#[test]
fn what_is_wrong_with_a_field_is_wrong_with_its_record_alone() {
    let outcome = dump(&format!(
        "<Message>{TIME}<Content>&nbsp;</Content></Message>\
         <Message>{TIME}<Content>a & b</Content></Message>\
         <Message><DateTimeUTC>yesterday</DateTimeUTC><Content>c</Content></Message>\
         <Message><Content>d</Content></Message>\
         <Message>{TIME}<Content>kept</Content></Message>"
    ));
    assert_eq!(outcome.causes(), [Cause::Malformed, Cause::Malformed, Cause::BadTime, Cause::BadTime]);
    assert_eq!(outcome.texts(), ["kept"]);
    assert!(outcome.rejected[1].text.to_string().contains("<Content>a & b</Content>"));
}

#[test]
fn what_is_not_documented_is_kept_with_the_record_or_told() {
    let outcome = dump(&format!(
        "<Invited/><Message lang='en'>{TIME}<Mood kind='x'>good</Mood><Content>a</Content><Content>b</Content></Message>"
    ));
    assert_eq!(outcome.texts(), ["a"]);
    assert_eq!(outcome.records[0].extras, "lang=\"en\" Mood.kind=\"x\" Mood=\"good\" Content=\"b\"");
    assert!(outcome.finding("XML-EXTRA").contains("Invited (1)"));
}
