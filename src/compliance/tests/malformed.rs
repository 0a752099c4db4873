//! Where a record is wrong it alone is rejected; where the document is, reading ends.

use super::*;

#[test]
fn a_wrong_record_is_rejected_and_the_next_one_read() {
    for (wrong, cause) in [
        (chat("&nbsp;", 2), Cause::Malformed),
        (chat("a & b", 2), Cause::Malformed),
        (chat("a < b", 2), Cause::Malformed),
        (message("type='CHAT' content='x' content='y' id='2'"), Cause::Malformed),
        (chat("x", 2).replace("id='7'", "id='7' id='8'"), Cause::Malformed),
        (chat("x", 2).replace("Ann", "&who;"), Cause::Malformed),
        (chat("x", 2).replace("</Message>", "&who;</Message>"), Cause::Malformed),
        (message("type='CHAT' content='x' id='two'"), Cause::BadNumber),
        (message("type='CHAT' content='x' id='9223372036854775808'"), Cause::BadNumber),
        (message("content='x' id='2'"), Cause::MissingValue),
        (message("type=' ' content='x' id='2'"), Cause::MissingValue),
        (format!("<Message type='CHAT' id='2'>{SENDER}</Message>"), Cause::BadTime),
        (format!("<Message type='CHAT' id='2'>{SENDER}<DateTimeUTC long='x'/></Message>"), Cause::BadTime),
    ] {
        let outcome = messages(&[chat("before", 1), wrong.clone(), chat("after", 3)].concat());
        assert_eq!(outcome.causes(), [cause], "{wrong}");
        assert_eq!(outcome.texts(), ["before", "after"], "{wrong}");
        assert_eq!(outcome.rejected[0].text.to_string(), wrong);
        assert_eq!((outcome.rejected[0].source.record, outcome.rejected[0].raw.clone()), (2, None));
        assert_eq!(outcome.findings, [], "{wrong}");
    }
}

#[test]
fn a_rejected_record_is_found_again_by_line_and_byte() {
    let document =
        format!("\u{FEFF}<Conversations>\n{}", conversation("", &format!("\n  {}", chat("&nbsp;", 1))));
    let document = document + "\n</Conversations>";
    let outcome = read_bytes(document.clone());
    let rejected = &outcome.rejected[0];
    assert_eq!((rejected.line, rejected.byte), (3, document.find("<Message ").unwrap() as u64));

    let units = document.trim_start_matches('\u{FEFF}').encode_utf16();
    let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain(units.flat_map(u16::to_le_bytes)).collect();
    let outcome = read_bytes(wide);
    let at = document.trim_start_matches('\u{FEFF}').find("<Message ").unwrap() as u64;
    assert_eq!((outcome.rejected[0].line, outcome.rejected[0].byte), (3, 2 + 2 * at));
}

#[test]
fn a_byte_that_is_no_text_spoils_its_record_alone() {
    let good = conversation("", &[chat("before", 1), chat("caf#", 2), chat("after", 3)].concat());
    let document = format!("<Conversations>{good}</Conversations>");
    let at = document.find('#').unwrap();
    let mut bytes = document.into_bytes();
    bytes[at] = 0xE9;
    let outcome = read_bytes(bytes);
    assert_eq!(
        (outcome.texts(), outcome.causes()),
        (vec!["before".into(), "after".into()], vec![Cause::BadEncoding])
    );
    assert!(outcome.rejected[0].text.to_string().contains("caf\u{FFFD}"));
    let raw = outcome.rejected[0].raw.as_deref().unwrap();
    assert!(memchr::memmem::find(raw, b"caf\xE9").is_some());
    assert!(outcome.rejected[0].detail.contains("0xE9"));
}

#[test]
fn declared_and_marked_encodings_are_read() {
    let text = |declaration: &str| {
        format!(
            "{declaration}<Conversations>{}</Conversations>",
            conversation("", &chat("caf\u{E9} &#x20AC;", 1))
        )
    };
    let latin = |declaration: &str| text(declaration).chars().map(|it| it as u8).collect::<Vec<u8>>();
    let wide = |order: fn(u16) -> [u8; 2]| {
        format!("\u{FEFF}{}", text("<?xml version='1.0' encoding='utf-16'?>"))
            .encode_utf16()
            .flat_map(order)
            .collect()
    };
    for document in [
        text("").into_bytes(),
        text("<?xml version='1.0' encoding='utf-16'?>").into_bytes(),
        latin("<?xml version='1.0' encoding='windows-1252'?>"),
        latin("<?xml version='1.0' encoding='ISO-8859-1'?>"),
        wide(u16::to_le_bytes),
        wide(u16::to_be_bytes),
    ] {
        assert_eq!(read_bytes(document).texts(), ["caf\u{E9} \u{20AC}"]);
    }
    let outcome = read_bytes(text("<?xml version='1.0' encoding='EBCDIC'?>"));
    assert_eq!((outcome.read, outcome.causes()), (1, vec![Cause::BadEncoding]));
}

#[test]
fn lone_surrogates_of_a_wide_document_are_kept() {
    let document = format!("<Conversations>{}</Conversations>", conversation("", &chat("a#b", 1)));
    let units = document.encode_utf16().map(|unit| if unit == u16::from(b'#') { 0xD83D } else { unit });
    let outcome = read_bytes(units.flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
    assert_eq!(outcome.records[0].text.units().collect::<Vec<_>>(), [0x61, 0xD83D, 0x62]);
    assert_eq!(outcome.codes(), ["XML-CHAR"]);
}

#[test]
fn where_the_document_is_not_well_formed_reading_ends() {
    let good = conversation("", &chat("kept", 1));
    let rest = conversation("", &chat("unread", 2));
    for wrong in [
        "<<FirstMessage/>",
        "< Sender/>",
        "</Messages>",
        "<a></b>",
        "<a b='1'c='2'/>",
        "<a b/>",
        "<Conversation><Messages><Message type=CHAT></Message></Messages></Conversation>",
        "<1/>",
        "<!-- x --!> <a/> ",
        "<!ELEMENT a>",
    ] {
        let outcome = conversations(&[&good, wrong, &rest].concat());
        assert_eq!(outcome.texts(), ["kept"], "{wrong}");
        let expected = if wrong.contains("--!>") { Cause::Truncated } else { Cause::BadXml };
        assert_eq!(outcome.causes(), [expected], "{wrong}");
        assert!(outcome.rejected[0].detail.ends_with("nothing behind this place was read"));
    }
}

#[test]
fn a_message_within_which_the_document_breaks_is_the_rejected_one() {
    let broken = "<Message type='CHAT' content='it's' id='2'>";
    let outcome = messages(&[chat("kept", 1), broken.to_owned(), chat("unread", 3)].concat());
    assert_eq!(
        (outcome.read, outcome.causes(), outcome.texts()),
        (2, vec![Cause::BadXml], vec!["kept".to_owned()])
    );
    assert!(outcome.rejected[0].text.to_string().starts_with("<Message type='CHAT' content='it's'"));

    let outcome = messages(
        &[chat("kept", 1), chat("x", 2).replace("</Message>", "</Mess>"), chat("unread", 3)].concat(),
    );
    assert_eq!((outcome.read, outcome.causes()), (2, vec![Cause::BadXml]));
    assert!(outcome.rejected[0].text.to_string().starts_with("<Message type='CHAT' content='x'"));
}

#[test]
fn something_behind_the_root_is_told() {
    for behind in ["<a/>", "text", "<Conversations/>", "&amp;", "<![CDATA[]]>", "</a>"] {
        let outcome = read_bytes(format!(
            "<Conversations>{}</Conversations>{behind}",
            conversation("", &chat("kept", 1))
        ));
        assert_eq!(
            (outcome.texts(), outcome.causes()),
            (vec!["kept".to_owned()], vec![Cause::BadXml]),
            "{behind}"
        );
    }
    let fine = read_bytes(format!(
        "<Conversations>{}</Conversations>\n<!-- x --><?y?>\n",
        conversation("", &chat("kept", 1))
    ));
    assert_eq!((fine.read, fine.causes()), (1, vec![]));
}

#[test]
fn wherever_a_document_is_cut_what_was_whole_is_kept() {
    let document =
        format!("<Conversations>{}</Conversations>", conversation("", &(chat("one", 1) + &chat("two", 2))));
    let ends: Vec<usize> = document.match_indices("</Message>").map(|(at, end)| at + end.len()).collect();
    for length in 0..document.len() {
        let outcome = read_bytes(&document.as_bytes()[..length]);
        let whole = ends.iter().filter(|&&end| end <= length).count();
        assert_eq!(outcome.records.len(), whole, "cut at {length}");
        assert_eq!(outcome.causes(), [Cause::Truncated], "cut at {length}");
    }
}

#[test]
fn a_document_type_definition_is_never_read() {
    let bomb = "<!DOCTYPE Conversations [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]>";
    let document = format!("{bomb}<Conversations>{}</Conversations>", conversation("", &chat("&b;", 1)));
    let outcome = read_bytes(document.clone());
    assert_eq!((outcome.read, outcome.causes()), (1, vec![Cause::Doctype]));
    let kind = recognise(&mut document.as_bytes()).unwrap().unwrap();
    let outcome = read_as(&kind, Bounds::default(), Box::new(Cursor::new(document)));
    assert_eq!((outcome.read, outcome.causes()), (1, vec![Cause::Doctype]));
    assert_eq!(conversations("<!DOCTYPE a [").causes(), [Cause::Doctype]);
}

#[test]
fn another_root_is_refused_by_name() {
    let kind = DocumentKind::Other(Text::from("Export"));
    let outcome = read_as(&kind, Bounds::default(), Box::new(Cursor::new("<Export/>")));
    assert_eq!((outcome.read, outcome.causes()), (1, vec![Cause::Malformed]));
    assert!(outcome.rejected[0].detail.contains("Export"));
}
