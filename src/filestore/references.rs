//! What refers to files: the scheme `ma-filelink` in messages and their RTF copies, and the events of
//! uploads and downloads. Nothing else does: a path or a name in ordinary text is text.

use std::collections::BTreeMap;

use super::key::Key;
use super::{Referrer, name, rtf};
use crate::chat::{Event, Message, Piece, Span, Ticks};

/// The scheme before its colon.
const SCHEME: &[u8] = b"ma-filelink";

/// The types of events that say which file was moved: those of the compliance database, and those of
/// the vendor's sample transform.
const FILE_EVENTS: [&[u8]; 4] =
    [b"FILEUPLOAD", b"FILEDOWNLOAD", b"FILETRANSFERSTARTED", b"FILETRANSFERENDED"];

/// One message or event that refers to files.
pub(super) struct Referring {
    pub(super) referrer: Referrer,
    pub(super) ticks: Ticks,
    /// The names it refers to, each as it is spelled first.
    pub(super) names: BTreeMap<Key, Vec<u8>>,
}

/// Tells whether a byte ends a URI in a text: blanks, quotes, angle brackets.
pub(super) fn ends_uri(byte: u8) -> bool {
    byte <= b' ' || matches!(byte, b'"' | b'\'' | b'<' | b'>')
}

/// Finds all places in bytes that stand behind the scheme and its colon. Costs little more than looking
/// for the colons.
pub(super) fn marks(bytes: &[u8]) -> Vec<usize> {
    memchr::memchr_iter(b':', bytes)
        .filter(|&colon| {
            let before = colon.checked_sub(SCHEME.len()).and_then(|start| bytes.get(start..colon));
            before.is_some_and(|before| before.eq_ignore_ascii_case(SCHEME))
        })
        .map(|colon| colon + 1)
        .collect()
}

/// Looks at a message, given the marks of the whole piece. `None` if it refers to no file.
pub(super) fn of_message(message: &Message, piece: &Piece, marks: &[usize]) -> Option<Referring> {
    let mut names = BTreeMap::new();
    let mut note = |name: Option<Vec<u8>>| {
        if let Some(name) = name {
            names.entry(Key::of(&name)).or_insert(name);
        }
    };
    for rest in behind_marks(message.text, piece, marks) {
        let end = rest.iter().position(|byte| ends_uri(*byte)).unwrap_or(rest.len());
        note(name::of_uri(rest.get(..end).unwrap_or_default()));
    }
    for rest in message.rtf.into_iter().flat_map(|rtf| behind_marks(rtf, piece, marks)) {
        note(name::of_uri(&rtf::uri(rest)));
    }
    let referrer = Referrer::Message(message.id);
    (!names.is_empty()).then_some(Referring { referrer, ticks: message.moment.ticks, names })
}

/// Looks at an event. `None` if it tells of no file.
pub(super) fn of_event(event: &Event, piece: &Piece) -> Option<Referring> {
    let type_name = piece.get(event.type_name);
    if !type_name.starts_with(b"FILE") || !FILE_EVENTS.contains(&type_name) {
        return None;
    }
    let content = piece.get(event.content);
    let name = match marks(content).first() {
        Some(&mark) => name::of_uri(content.get(mark..).unwrap_or_default().trim_ascii()),
        None => name::of_content(content),
    }?;
    let referrer = Referrer::Event(event.source);
    Some(Referring { referrer, ticks: event.moment.ticks, names: BTreeMap::from([(Key::of(&name), name)]) })
}

/// Walks what stands behind the marks that lie in a span, each up to the end of the span.
fn behind_marks<'a>(span: Span, piece: &'a Piece, marks: &'a [usize]) -> impl Iterator<Item = &'a [u8]> {
    // The scheme must lie in the span too.
    let first = marks.partition_point(|&mark| mark < span.start + SCHEME.len() + 1);
    let end = span.start + span.length;
    let within = marks.get(first..).unwrap_or_default().iter().take_while(move |&&mark| mark <= end);
    within.map(move |&mark| piece.bytes.get(mark..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::{MessageId, Moment, Source};

    fn message(text: &str, rtf: &str) -> Vec<String> {
        let before = "ma-filelink:of-another ";
        let piece = Piece { bytes: format!("{before}{text}{rtf}").into_bytes(), rooms: Vec::new() };
        let text = Span { start: before.len(), length: text.len() };
        let rtf = Span { start: text.start + text.length, length: rtf.len() };
        let message = Message {
            id: MessageId([1; 16]),
            chat_id: None,
            moment: Moment::exact(Ticks::UNIX_EPOCH),
            author: 0,
            alert: None,
            text,
            rtf: Some(rtf),
            extras: None,
            conflicts: Vec::new(),
            source: Source { stream: 1, record: 1 },
        };
        let found = of_message(&message, &piece, &marks(&piece.bytes));
        let names = found.into_iter().flat_map(|found| found.names.into_values());
        names.map(|name| String::from_utf8(name).unwrap()).collect()
    }

    #[test]
    fn a_bare_link_a_link_in_an_anchor_and_one_in_rtf_are_found() {
        assert_eq!(message("see ma-filelink:a.txt now", ""), ["a.txt"]);
        assert_eq!(message("<A HREF='MA-FileLink:a%20b.txt'>a b (1 kilobytes)</A>", ""), ["a b.txt"]);
        assert_eq!(
            message("x", "{\\rtf1{\\field{\\*\\fldinst HYPERLINK \"ma-filelink:a.txt\"}}}"),
            ["a.txt"]
        );
    }

    #[test]
    fn text_and_rtf_that_name_one_file_refer_to_it_once_as_the_text_spells_it() {
        assert_eq!(message("ma-filelink:A.txt ma-filelink:b.txt", "ma-filelink:a.TXT}"), ["A.txt", "b.txt"]);
    }

    #[test]
    fn ordinary_text_refers_to_nothing() {
        for text in [
            "\\\\server\\share\\a.txt",
            "file://server/a.txt",
            "0f3b2c55-6c1e-4f6e-9d3a-2f8f5a1b7c01.xlsx",
            "ma-filelink",
            "ma-filelink: a.txt",
            "mafilelink:a.txt",
            "ma-filelink:",
            "ma-filelink:\"a.txt\"",
        ] {
            assert_eq!(message(text, ""), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_scheme_that_two_messages_make_together_is_none() {
        assert_eq!(message("ilink:a.txt", ""), [""; 0]);
        let bytes = b"ma-filelink:a.txt".to_vec();
        let piece = Piece { bytes, rooms: Vec::new() };
        let behind = |start, length| behind_marks(Span { start, length }, &piece, &[12]).count();
        assert_eq!([behind(0, 17), behind(5, 12), behind(0, 12), behind(0, 11)], [1, 0, 1, 0]);
    }

    #[test]
    fn events_of_files_name_them_and_no_other_events_do() {
        for (type_name, content, name) in [
            ("FILEUPLOAD", "a.txt", Some("a.txt")),
            ("FILEDOWNLOAD", "ma-filelink://x/a.txt", Some("a.txt")),
            ("FILETRANSFERENDED", "a.txt", Some("a.txt")),
            ("FILEUPLOAD", "", None),
            ("FILEX", "a.txt", None),
            ("BACKCHAT", "ma-filelink:a.txt", None),
        ] {
            let piece = Piece { bytes: format!("{type_name}{content}").into_bytes(), rooms: Vec::new() };
            let event = Event {
                type_name: Span { start: 0, length: type_name.len() },
                moment: Moment::exact(Ticks::UNIX_EPOCH),
                person: 0,
                chat_id: None,
                content: Span { start: type_name.len(), length: content.len() },
                extras: None,
                source: Source { stream: 1, record: 1 },
            };
            let found = of_event(&event, &piece).and_then(|found| found.names.into_values().next());
            assert_eq!(found.as_deref(), name.map(str::as_bytes), "{type_name} {content}");
        }
    }
}
