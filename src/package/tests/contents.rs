//! What stands in the files.

use super::scenario::*;
use crate::ledger::Filtered;
use crate::package::layout;
use crate::package::{Entry, Level, Options, Sizes};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

#[test]
fn people_are_told_with_all_that_is_known_and_nothing_else() {
    let text = Archive::new().written().text(layout::USERS);
    let expected = format!(
        "{HEAD}<Users xmlns=\"urn:gc2pc:package:1\">\n\
         <Person Id=\"1\" Guid=\"{}\" Uri=\"sip:ann@litware.example\" SourceUri=\"sip:ann@litware.example\" \
         Name=\"Ann &quot;A&quot; &lt;Ann&gt; &amp; Co\" Type=\"User\" Disabled=\"0\" \
         NewGuid=\"{}\" NewUserPrincipalName=\"ann@corp.example\" \
         SourceGeneration=\"2010\" SourceUpdated=\"2009-01-02T03:04:05.67Z\"/>\n",
        guid(1),
        guid(0xA1)
    );
    assert_eq!(text.get(..expected.len()), Some(expected.as_str()));
    assert!(text.ends_with(&format!(
        "<Person Id=\"4\" Guid=\"{}\" Type=\"Unknown\" Disabled=\"0\"/>\n</Users>\n",
        guid(4)
    )));
}

#[test]
fn categories_have_their_three_lists() {
    let text = Archive::new().written().text(layout::CATEGORIES);
    let expected = format!(
        "{HEAD}<Categories xmlns=\"urn:gc2pc:package:1\">\n\
         <Category Guid=\"{}\" Name=\"Trading_Rates\" Description=\"line&#xD;&#xA;break&#x9;and tab\" \
         Invitations=\"true\" ChatHistory=\"true\" FileUpload=\"false\" \
         SourceGeneration=\"2010\" SourceUpdated=\"2009-01-02T03:04:05.67Z\">\n\
         <AllowedMembers>\n<Member Person=\"1\"/>\n<Member Person=\"2\"/>\n<Member Person=\"3\"/>\n\
         </AllowedMembers>\n<DeniedMembers/>\n<Creators/>\n</Category>\n\
         <Category Guid=\"{}\" Name=\"Open\" Description=\"\" Invitations=\"false\" ChatHistory=\"false\" \
         FileUpload=\"true\">\n<AllowedMembers Unrestricted=\"true\"/>\n<DeniedMembers/>\n<Creators/>\n\
         </Category>\n</Categories>\n",
        guid(0xCA),
        guid(0xCB)
    );
    assert_eq!(text, expected);
}

#[test]
fn rooms_have_settings_and_roles_and_a_name_that_xml_cannot_hold_is_carried() {
    let text = Archive::new().written().text(layout::ROOM_DIRECTORY);
    let expected = format!(
        "{HEAD}<RoomDirectory xmlns=\"urn:gc2pc:package:1\">\n\
         <AddIn Guid=\"{}\" Name=\"Ticker\" Url=\"https://t.example/?a=1&amp;b=2\"/>\n\
         <Room Guid=\"{}\" NameUtf16=\"QQAAAADY\" Category=\"{category}\" Description=\"d\" Privacy=\"Open\" \
         Behavior=\"Normal\" Invitations=\"Inherit\" Disabled=\"true\" Topic=\"old topic\">\n\
         <Members>\n<Member Person=\"1\"/>\n</Members>\n<Managers/>\n\
         <Presenters>\n<Member Person=\"1\"/>\n</Presenters>\n</Room>\n\
         <Room Guid=\"{}\" Name=\"Ann's \u{2019}room\u{2019} $(Remove-Item)\" Category=\"{category}\" \
         Description=\"d\" Privacy=\"Secret\" Behavior=\"Auditorium\" Invitations=\"Inherit\" \
         Disabled=\"false\" AddIn=\"{}\" LastChatId=\"4800\" Uri=\"ma-chan://litware.example/b0\" \
         SourceGeneration=\"2010\" SourceUpdated=\"2009-01-02T03:04:05.67Z\">\n\
         <Members>\n<Member Person=\"1\"/>\n<Member Person=\"2\"/>\n<Member Person=\"3\"/>\n\
         <Member Person=\"4\" OutsideScope=\"true\"/>\n</Members>\n\
         <Managers>\n<Member Person=\"1\"/>\n</Managers>\n\
         <Presenters>\n<Member Person=\"3\"/>\n</Presenters>\n</Room>\n</RoomDirectory>\n",
        guid(0xADD),
        guid(0xA0),
        guid(0xB0),
        guid(0xADD),
        category = guid(0xCA),
    );
    assert_eq!(text, expected);
}

#[test]
fn messages_keep_every_code_unit() {
    let written = Archive::new().written();
    let hostile = written.text(&layout::room_document(layout::CONTENT, guid(0xA0), 1));
    let expected = format!(
        "{HEAD}<Content xmlns=\"urn:gc2pc:package:1\" Room=\"{}\">\n\
         <Message Id=\"{}\" Seq=\"1\" ChatId=\"4711\" Time=\"2008-03-12T19:56:40.522264Z\" Author=\"1\" \
         Alert=\"false\" Conflict=\"{} {}\" Source=\"1:1\"><Text> a &lt; b &amp; c&#xD;\nd </Text></Message>\n\
         <Message Id=\"{}\" Seq=\"2\" Time=\"0001-01-01T00:00:00Z\" Precision=\"datetime\" Author=\"1\" \
         Conflict=\"{}\" Source=\"1:2\"><Text encoding=\"utf-16le-base64\">bABvAG4AZQAgAADY</Text>\
         <Rtf encoding=\"utf-16le-base64\">ewBcAHIAdABmADEAAAB9AA==</Rtf></Message>\n</Content>\n",
        guid(0xA0),
        id(1),
        id(2),
        id(3),
        id(2),
        id(1),
    );
    assert_eq!(hostile, expected);
    let ordinary = written.text(&layout::room_document(layout::CONTENT, guid(0xB0), 1));
    assert!(ordinary.contains(
        "Seq=\"1\" ChatId=\"-1\" Time=\"2008-03-12T19:56:40.522264Z\" Author=\"4\" Alert=\"true\" \
         Extra=\"parsed=&quot;true&quot; x=&quot;1&quot;\" Source=\"1:3\"><Text>Привет, 世界 😀</Text>"
    ));
}

#[test]
fn events_stand_apart_and_rooms_without_any_have_no_document() {
    let written = Archive::new().written();
    let text = written.text(&layout::room_document(layout::COMPLIANCE, guid(0xB0), 1));
    let expected = format!(
        "{HEAD}<Compliance xmlns=\"urn:gc2pc:package:1\" Room=\"{}\">\n\
         <Event Type=\"JOIN\" Time=\"2010-01-01T00:00:00Z\" Person=\"2\" Source=\"2:1\">&lt;hello/&gt;</Event>\n\
         <Event TypeUtf16=\"RgBJAEwARQAAAA==\" Time=\"2010-01-01T00:00:00Z\" Person=\"2\" ChatId=\"5\" \
         Extra=\"a=&quot;b&quot;\" Source=\"2:2\" encoding=\"utf-16le-base64\">AQA=</Event>\n</Compliance>\n",
        guid(0xB0)
    );
    assert_eq!(text, expected);
    let absent = layout::room_document(layout::COMPLIANCE, guid(0xA0), 1);
    assert!(!written.root.join(absent).exists());
}

#[test]
fn a_long_room_is_cut_into_parts_wherever_its_records_came_from() {
    let cut = |stream: u32, record: u64| {
        let mut archive = Archive::new();
        let messages = &mut archive.histories[0].messages;
        *messages = (1..=9).map(|number| message(number, b"some text")).collect();
        for (number, message) in (1..).zip(messages) {
            message.source = source(stream, record + number);
        }
        archive.read[0] = 12;
        archive.written.extend((6..=12).map(|record| source(1, record)));
        let folder = tempfile::tempdir().unwrap();
        let options = Options { sizes: Sizes { part: 900, ..Sizes::default() }, ..Options::default() };
        archive.write(&folder.path().join("out"), &options).unwrap();
        let part = |number| {
            let name = layout::room_document(layout::CONTENT, guid(0xA0), number);
            std::fs::read_to_string(folder.path().join("out").join(name)).unwrap_or_default()
        };
        [1, 2, 3].map(part)
    };
    let short = cut(1, 0);
    let long = cut(u32::MAX - 1, u64::MAX / 2);
    let counts = |parts: &[String; 3]| parts.clone().map(|part| part.matches("<Message").count());
    assert_eq!(counts(&short), [5, 4, 0]);
    assert_eq!(counts(&short), counts(&long));
    assert!(short[0].contains(&format!("Room=\"{}\">\n", guid(0xA0))));
    assert!(short[1].contains(&format!("Room=\"{}\" Part=\"2\">\n<Message", guid(0xA0))));
    assert!(short.iter().take(2).all(|part| part.ends_with("</Content>\n")));
}

#[test]
fn where_pieces_of_histories_end_means_nothing() {
    let mut archive = Archive::new();
    let texts: [&[u8]; 3] = [b"some text", b"", "Привет & Tschüß".as_bytes()];
    for (number, history) in (0..).zip(&mut archive.histories) {
        let more = (10..40).map(|at: u8| message(at + 100 * number, texts[usize::from(at) % 3]));
        history.messages.extend(more);
        history.events.extend((10..30).map(|_| event(1, b"PART", b"gone")));
    }
    let more = 2 * (30 + 20);
    archive.read[0] += more;
    archive.written.extend((6..6 + more).map(|record| source(1, record)));
    let folder = tempfile::tempdir().unwrap();
    for part in [1, 700, 1 << 20] {
        let made = [1, 7, usize::MAX].map(|records| {
            archive.records = records;
            let target = folder.path().join(format!("{part}-{records}.zip"));
            let options = Options { sizes: Sizes { part, ..Sizes::default() }, ..Options::default() };
            let sealed = archive.write(&target, &options).unwrap();
            assert_eq!(sealed, archive.make(None, &options, &|_| Ok(())).unwrap());
            sealed.entries
        });
        assert!(made[0] == made[1] && made[1] == made[2]);
        let is_content = |entry: &&Entry| entry.path.starts_with(layout::CONTENT);
        let parts = made[0].iter().filter(is_content).count();
        assert_eq!((parts == 2, parts == 63), (part == 1 << 20, part == 1), "{parts}");
    }
}

#[test]
fn the_ledger_accounts_for_the_rest() {
    let written = Archive::new().written();
    let ledger = |name: &str| written.text(&layout::ledger(name));
    let digest = |name: &str| crate::ledger::Digest::of(name.as_bytes());
    assert_eq!(
        ledger("sources"),
        format!(
            "input,size,sha256,format,read,written,duplicate,filtered,rejected\n\
             a.bak#dbo.tblChat,10,{},tblChat,5,3,1,0,1\n\
             \"b, \"\"c\"\".xml\",10,{},Conversations,5,2,1,2,0\n",
            digest("a.bak#dbo.tblChat"),
            digest("b, \"c\".xml")
        )
    );
    assert_eq!(
        ledger("duplicates"),
        format!(
            "input,record,kept,rule,kept_input,kept_record\n1,4,{},same-id,1,1\n2,3,2:1,same-event,2,1\n",
            id(1)
        )
    );
    assert_eq!(ledger("conflicts"), format!("id,conflicts_with\n{},{}\n", id(1), id(2)));
    assert_eq!(ledger("filtered"), "input,first,last,reason\n2,4,5,since\n");
    assert_eq!(
        ledger("rejected"),
        "input,record,line,byte,cause,text,detail,raw\n\
         1,5,7,99,bad-number,A\u{FFFD},\"the field \"\"chatId\"\" is no number,\nbut a word\",Qe2ggA==\n"
    );
    assert_eq!(
        ledger("findings"),
        "code,level,subject,detail\nNAME-LONG,error,\"a room, \"\"long\"\"\",its name was cut <here>\n\
         SCOPE-OUT,warning,\u{FFFD},one\n"
    );
    assert_eq!(
        ledger("names"),
        format!(
            "kind,guid,old_path,new_name\nroom,{},\"Trading\\Rates, \"\"all\"\"\\Ann\",Ann\n",
            guid(0xB0)
        )
    );
}

#[test]
fn tables_are_carried_under_names_that_cannot_leave_the_package() {
    let written = Archive::new().written();
    let names: Vec<String> =
        written.names().into_iter().filter(|name| name.starts_with(layout::SOURCE)).collect();
    assert_eq!(names, ["data/source/1-_._X-2.csv", "data/source/1-_._x.csv", "data/source/2-tblNode.csv"]);
    assert_eq!(written.text("data/source/2-tblNode.csv"), "nodeID\n1\n");
    let report: serde_json::Value = serde_json::from_str(&written.text(layout::REPORT_JSON)).unwrap();
    assert_eq!(report["structure"][2]["rows"], 2);
    assert_eq!(report["structure"][2]["file"], "data/source/2-tblNode.csv");
}

#[test]
fn the_report_has_the_keys_that_programs_rely_on() {
    let written = Archive::new().written();
    let report: serde_json::Value = serde_json::from_str(&written.text(layout::REPORT_JSON)).unwrap();
    let totals = serde_json::json!(
        {"read": 10, "written": 5, "duplicate": 2, "filtered": 2, "rejected": 1}
    );
    assert_eq!(report["totals"], totals);
    assert_eq!(report["sources"][1]["input"], "b, \"c\".xml");
    assert_eq!(report["sources"][1]["filtered"], 2);
    for (key, count) in [("rooms", 2), ("categories", 2), ("people", 4), ("messages", 3), ("events", 2)] {
        assert_eq!(report[key], count, "{key}");
    }
    assert_eq!(report["first"], "0001-01-01T00:00:00Z");
    assert_eq!(report["last"], "2008-03-12T19:56:40.522264Z");
    assert_eq!(report["findings"], serde_json::json!({"NAME-LONG": 1, "SCOPE-OUT": 1}));
    assert_eq!(report["duplicates"], serde_json::json!({"same-event": 1, "same-id": 1}));
    assert_eq!(report["per_room"][1]["messages"], 1);
    assert_eq!(report["per_room"][0]["name"], "A\0\u{FFFD}");
}

#[test]
fn a_level_has_its_own_document_and_the_people() {
    let documents = |level: Level| {
        let mut archive = Archive::new();
        archive.level = level;
        if !level.has_content() {
            let left_out = |source| Filtered { source, reason: "level" };
            archive.filtered.extend(archive.written.drain(..).map(left_out));
        }
        let written = archive.written();
        let has = |name: &str| written.root.join(name).exists();
        [
            has(layout::USERS),
            has(layout::CATEGORIES),
            has(layout::ROOM_DIRECTORY),
            has(layout::CONTENT),
            has(layout::COMPLIANCE),
            has(layout::STRUCTURE_SCRIPT),
        ]
    };
    assert_eq!(documents(Level::All), [true; 6]);
    assert_eq!(documents(Level::User), [true, false, false, false, false, false]);
    assert_eq!(documents(Level::Category), [true, true, false, false, false, true]);
    assert_eq!(documents(Level::RoomDirectory), [true, false, true, false, false, true]);
    assert_eq!(documents(Level::Content), [true, false, false, true, true, false]);
}

#[test]
fn the_script_clears_lists_but_none_that_a_room_or_category_must_not_be_given() {
    let text = Archive::new().written().text(layout::STRUCTURE_SCRIPT).replace("\r\n", "\n");
    assert!(text.contains("$arguments[$List] = $null\n"));
    // Each of these lists is set in this case alone.
    for (case, list) in [
        ("} elseif ($Unrestricted) {", "'AllowedMembers' $Everyone"),
        ("} else {", "'AllowedMembers' $Allowed"),
        ("if ($Privacy -ne 'Open') {", "'Members' $Members"),
        ("if ($Type -eq 'Auditorium') {", "'Presenters' $Presenters"),
    ] {
        let (before, _) = text.split_once(list).unwrap();
        let line_before = before.lines().rev().nth(1).unwrap_or_default().trim();
        assert_eq!((line_before, text.matches(list).count()), (case, 1), "{list}");
    }
}

#[test]
fn the_script_calls_the_cmdlets_in_order_and_leaves_out_whom_the_server_would() {
    let text = Archive::new().written().text(layout::STRUCTURE_SCRIPT);
    assert!(text.starts_with("\u{FEFF}<#\r\n"));
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    let calls: Vec<&str> = text.split_once("# Add-ins\r\n").unwrap().1.lines().collect();
    let expected = format!(
        "Add-Addin -Guid '{}' -Name 'Ticker' -Url 'https://t.example/?a=1&b=2'\n\n# Categories\n\
         # Left out of the allowed members below: Person 2\n\
         Add-Category -Guid '{}' -Name 'Trading_Rates' -Description ('line' + [char]0x000D + '' + [char]0x000A \
         + 'break' + [char]0x0009 + 'and tab') -Invitations $true -ChatHistory $true -FileUpload $false \
         -Unrestricted $false -Allowed @('sip:ann@litware.example', \
         'CN=Traders,OU=O''Hare,DC=litware,DC=example') -Denied @() -Creators @()\n\
         Add-Category -Guid '{}' -Name 'Open' -Description '' -Invitations $false -ChatHistory $false \
         -FileUpload $true -Unrestricted $true -Allowed @() -Denied @() -Creators @()\n\n# Rooms\n\
         Add-Room -Guid '{hostile}' -Name ('A' + [char]0x0000 + '' + [char]0xD800 + '') \
         -Category 'Trading_Rates' -Description 'd' -Addin '' -Privacy 'Open' -Type 'Normal' \
         -Invitations 'Inherit' -Members @() -Managers @() -Presenters @()\n\
         # Left out of the members below: Person 2, 4\n\
         Add-Room -Guid '{}' -Name 'Ann''s \u{2019}\u{2019}room\u{2019}\u{2019} $(Remove-Item)' \
         -Category 'Trading_Rates' -Description 'd' -Addin 'Ticker' -Privacy 'Secret' -Type 'Auditorium' \
         -Invitations 'Inherit' -Members @('sip:ann@litware.example', \
         'CN=Traders,OU=O''Hare,DC=litware,DC=example') -Managers @('sip:ann@litware.example') \
         -Presenters @('CN=Traders,OU=O''Hare,DC=litware,DC=example')\n\n# Disabled rooms\n\
         Disable-Room -Guid '{hostile}' -Name ('A' + [char]0x0000 + '' + [char]0xD800 + '')\n",
        guid(0xADD),
        guid(0xCA),
        guid(0xCB),
        guid(0xB0),
        hostile = guid(0xA0),
    );
    let calls = calls.join("\n");
    assert_eq!(calls.get(..expected.len()), Some(expected.as_str()), "{calls}");
}
