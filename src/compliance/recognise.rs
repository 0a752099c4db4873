//! What kind of document this is, told by its root element and never by a file's name.

use std::io::{self, Read};

use super::charset::{Charset, sniff};
use super::markup::{is_blank, is_name, local};
use crate::chat::Text;

/// How much of a document may come before its root element.
const LIMIT: usize = 1 << 20;

/// What a document is, told by its root element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentKind {
    /// What XmlAdapter writes ("Customizing the XSLT definition file", Lync Server 2013).
    Conversations,
    /// What the vendor's sample transform makes of it (same source).
    FileDump,
    /// It begins with a document type definition, which names this root. Such a document is never
    /// read, whatever its root; where that is one of the above, [`read`](super::read) says so.
    Doctype(Text),
    /// XML of another kind, with its root element's name.
    Other(Text),
}

impl DocumentKind {
    /// Tells the kind by the name of a root element, without regard to case.
    fn of_root(name: &[u8]) -> DocumentKind {
        let plain = local(name);
        if plain.eq_ignore_ascii_case(b"Conversations") {
            DocumentKind::Conversations
        } else if plain.eq_ignore_ascii_case(b"FileDump") {
            DocumentKind::FileDump
        } else {
            DocumentKind::Other(shown(name))
        }
    }
}

/// Reads the beginning of a document, up to its root element and at most 1 MiB, and tells what it
/// is; `None` for what is no XML.
///
/// Byte order marks, the XML declaration, comments and processing instructions are passed over.
///
/// # Errors
/// What reading says, unless what was read before tells enough.
pub fn recognise(reader: &mut dyn Read) -> io::Result<Option<DocumentKind>> {
    let mut raw = Vec::new();
    let mut wanted = 4_096;
    loop {
        let missing = (wanted - raw.len()) as u64;
        let outcome = reader.take(missing).read_to_end(&mut raw);
        let (charset, mark) = sniff(&raw);
        let mut clean = Vec::new();
        let text = match charset {
            Charset::Utf8 => raw.get(mark..).unwrap_or_default(),
            wide => {
                wide.decode(raw.get(mark..).unwrap_or_default(), false, &mut clean);
                &clean
            }
        };
        match prolog(text) {
            Prolog::Root(kind) => return Ok(Some(kind)),
            Prolog::NotXml => return Ok(None),
            Prolog::Unfinished if outcome.is_err() => return outcome.map(|_| None),
            Prolog::Unfinished if raw.len() < wanted || wanted >= LIMIT => return Ok(None),
            Prolog::Unfinished => wanted *= 4,
        }
    }
}

enum Prolog {
    Root(DocumentKind),
    NotXml,
    Unfinished,
}

fn prolog(mut text: &[u8]) -> Prolog {
    loop {
        text = &text[text.iter().take_while(|&&byte| is_blank(byte)).count()..];
        let end = if text.starts_with(b"<?") {
            memchr::memmem::find(text, b"?>").map(|at| at + 2)
        } else if text.starts_with(b"<!--") {
            memchr::memmem::find(&text[4..], b"-->").map(|at| at + 7)
        } else {
            return root(text);
        };
        match end {
            Some(end) => text = &text[end..],
            None => return Prolog::Unfinished,
        }
    }
}

fn root(text: &[u8]) -> Prolog {
    const DOCTYPE: &[u8] = b"<!DOCTYPE";
    if text.len() < DOCTYPE.len()
        && (b"<!--".starts_with(text) || DOCTYPE.starts_with(&text.to_ascii_uppercase()))
    {
        return Prolog::Unfinished;
    }
    let doctype = text.get(..DOCTYPE.len()).is_some_and(|start| start.eq_ignore_ascii_case(DOCTYPE));
    let rest = if doctype {
        let rest = &text[DOCTYPE.len()..];
        &rest[rest.iter().take_while(|&&byte| is_blank(byte)).count()..]
    } else if let Some(rest) = text.strip_prefix(b"<") {
        rest
    } else {
        return Prolog::NotXml;
    };
    let end = rest.iter().position(|&byte| is_blank(byte) || matches!(byte, b'>' | b'/' | b'['));
    match end.map(|end| &rest[..end]) {
        Some(name) if !is_name(name) => Prolog::NotXml,
        Some(name) if doctype => Prolog::Root(DocumentKind::Doctype(shown(name))),
        Some(name) => Prolog::Root(DocumentKind::of_root(name)),
        None if is_name(rest) || rest.is_empty() => Prolog::Unfinished,
        None => Prolog::NotXml,
    }
}

fn shown(name: &[u8]) -> Text {
    Text::from(String::from_utf8_lossy(name).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(document: impl AsRef<[u8]>) -> Option<DocumentKind> {
        recognise(&mut document.as_ref()).unwrap()
    }

    fn other(name: &str) -> Option<DocumentKind> {
        Some(DocumentKind::Other(Text::from(name)))
    }

    #[test]
    fn the_root_element_decides_whatever_stands_before_it() {
        for document in [
            "<Conversations>",
            "<conversations/>",
            "\u{FEFF}<?xml version='1.0'?>\r\n<!-- <FileDump> -->\n<?pi <FileDump> ?><Conversations a='b'>",
            "  <x:Conversations xmlns:x='urn:x'>",
        ] {
            assert_eq!(kind(document), Some(DocumentKind::Conversations), "{document}");
        }
        assert_eq!(kind("<FileDump>"), Some(DocumentKind::FileDump));
        assert_eq!(kind("<ns:Dump>"), other("ns:Dump"));
        assert_eq!(kind("<ConversationsX>"), other("ConversationsX"));
    }

    #[test]
    fn sixteen_bit_documents_are_recognised_with_and_without_mark() {
        let text = "<?xml version='1.0' encoding='utf-16'?><FileDump>";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for document in [[b"\xFF\xFE", &little[..]].concat(), [b"\xFE\xFF", &big[..]].concat(), little, big] {
            assert_eq!(kind(document), Some(DocumentKind::FileDump));
        }
    }

    #[test]
    fn a_document_type_definition_is_told_with_its_root() {
        for document in
            ["<!DOCTYPE Conversations [<!ENTITY a 'b'>]><Conversations/>", "<!doctype Conversations>"]
        {
            assert_eq!(kind(document), Some(DocumentKind::Doctype(Text::from("Conversations"))));
        }
    }

    #[test]
    fn what_is_no_xml_is_told() {
        for document in [
            "",
            "text",
            "{\"a\": \"<b>\"}",
            "<",
            "< a>",
            "<1>",
            "<!-- no end",
            "<!ELEMENT a>",
            "\0\0\0\0",
            "<Conver",
        ] {
            assert_eq!(kind(document), None, "{document}");
        }
    }

    #[test]
    fn a_long_comment_before_the_root_is_read_through() {
        let comment = "x".repeat(500_000);
        assert_eq!(kind(format!("<!--{comment}--><FileDump/>")), Some(DocumentKind::FileDump));
        let endless = "x".repeat(2_000_000);
        assert_eq!(kind(format!("<!--{endless}--><FileDump/>")), None);
    }
}
