//! XML as streams of elements: well-formed, UTF-8, without document type, entities or deep nesting.
//!
//! It knows nothing of the package. What quick-xml leaves unchecked (legal characters, one root,
//! nothing behind it) is checked here, so that a document that passes is XML to any other program.

use std::io::{self, Read};

use quick_xml::XmlVersion;
use quick_xml::errors::{Error as XmlError, SyntaxError};
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use super::meter::Meter;
use crate::ledger::Cause;

/// Elements may lie this deep; the package's own documents need five levels.
const MAX_DEPTH: usize = 64;
/// Attributes that one element may have: finding doubled ones takes quadratic time.
const MAX_ATTRIBUTES: usize = 256;
/// Bytes that one element directly below the root may take.
pub(crate) const MAX_RECORD: u64 = 256 * 1024 * 1024;

/// Why a document cannot be read on.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The document itself is at fault.
    Document {
        /// In the ledger's terms.
        cause: Cause,
        /// What exactly is wrong.
        detail: String,
    },
    /// The input that holds it cannot be read.
    Input(io::Error),
}

impl Broken {
    pub(super) fn new(cause: Cause, detail: impl Into<String>) -> Broken {
        Broken::Document { cause, detail: detail.into() }
    }

    fn bad(detail: impl Into<String>) -> Broken {
        Broken::new(Cause::BadXml, detail)
    }

    /// Sorts an error of reading: damaged archives are the document's fault, a failing disk is not.
    fn reading(error: &io::Error) -> Broken {
        match error.kind() {
            io::ErrorKind::FileTooLarge => Broken::new(Cause::TooLarge, error.to_string()),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
                Broken::new(Cause::DamagedContainer, error.to_string())
            }
            kind => Broken::Input(io::Error::new(kind, error.to_string())),
        }
    }
}

impl From<XmlError> for Broken {
    fn from(error: XmlError) -> Broken {
        match &error {
            XmlError::Io(inner) => Broken::reading(inner),
            XmlError::Encoding(_) => Broken::new(Cause::BadEncoding, "bytes that are no UTF-8"),
            XmlError::Syntax(SyntaxError::InvalidBangMarkup) => Broken::bad(error.to_string()),
            XmlError::Syntax(_) => Broken::new(Cause::Truncated, error.to_string()),
            _ => Broken::bad(error.to_string()),
        }
    }
}

/// A start tag. Owned by the parser and overwritten by the next one.
#[derive(Debug, Default)]
pub(crate) struct Tag {
    name: String,
    text: String,
    spans: Vec<(usize, usize)>,
    /// Line where it begins, from 1.
    pub(crate) line: u64,
    /// Byte where it begins, from 0.
    pub(crate) byte: u64,
}

impl Tag {
    /// Returns the element's name, with its prefix if it has one.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Walks the attributes as written: names and decoded values.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut start = 0;
        self.spans.iter().map(move |&(name_end, end)| {
            let pair = (&self.text[start..name_end], &self.text[name_end..end]);
            start = end;
            pair
        })
    }

    /// Returns the decoded value of an attribute.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.attributes().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    fn take(&mut self, start: &BytesStart<'_>) -> Result<(), Broken> {
        self.name.clear();
        self.name.push_str(start.name().into_inner());
        self.text.clear();
        self.spans.clear();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| Broken::bad(error.to_string()))?;
            if self.spans.len() == MAX_ATTRIBUTES {
                let what = format!("an element with more than {MAX_ATTRIBUTES} attributes");
                return Err(Broken::new(Cause::TooLarge, what));
            }
            let value = attribute.normalized_value(XmlVersion::Explicit1_0)?;
            if attribute.value.contains('<') {
                return Err(Broken::bad("`<` in an attribute value"));
            }
            check_characters(&value)?;
            self.text.push_str(attribute.key.into_inner());
            let name_end = self.text.len();
            self.text.push_str(&value);
            self.spans.push((name_end, self.text.len()));
        }
        Ok(())
    }
}

/// What comes next in a document.
#[derive(Debug)]
pub(crate) enum Piece<'a> {
    /// An element begins. An empty element gives a start and an end.
    Start(&'a Tag),
    /// Character data, or a part of it; the parts of one text follow each other.
    Text(&'a str),
    /// The innermost open element ends.
    End,
}

/// Walks a document.
pub(crate) struct Elements<R: Read> {
    reader: Reader<Meter<R>>,
    buffer: Vec<u8>,
    text: String,
    tag: Tag,
    depth: usize,
    rooted: bool,
    any_encoding: bool,
    /// Comments, processing instructions and CDATA sections met so far.
    pub(crate) asides: u64,
    /// Whether the document begins with an XML declaration that names UTF-8.
    pub(crate) declared: bool,
}

impl<R: Read> Elements<R> {
    /// Begins a document.
    pub(crate) fn new(reader: R) -> Elements<R> {
        let mut reader = Reader::from_reader(Meter::new(reader, MAX_RECORD));
        reader.config_mut().expand_empty_elements = true;
        Elements {
            reader,
            buffer: Vec::new(),
            text: String::new(),
            tag: Tag::default(),
            depth: 0,
            rooted: false,
            any_encoding: false,
            asides: 0,
            declared: false,
        }
    }

    /// Begins a document that may declare any encoding, as its bytes are known to be UTF-8.
    pub(crate) fn of_any_encoding(reader: R) -> Elements<R> {
        Elements { any_encoding: true, ..Elements::new(reader) }
    }

    /// Hands out the start tag met last, in exchange for one to overwrite.
    pub(crate) fn swap_tag(&mut self, other: &mut Tag) {
        std::mem::swap(&mut self.tag, other);
    }

    /// Returns the number of elements open now.
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    /// Returns line (from 1) and byte (from 0) behind what was read.
    pub(crate) fn place(&mut self) -> (u64, u64) {
        (self.reader.get_mut().lines_read() + 1, self.reader.buffer_position())
    }

    /// Returns the next piece; `None` behind the end of a sound document.
    ///
    /// # Errors
    /// [`Broken`]; nothing can be read behind it.
    pub(crate) fn next(&mut self) -> Result<Option<Piece<'_>>, Broken> {
        loop {
            if self.depth < 2 {
                self.reader.get_mut().renew();
            }
            self.buffer.clear();
            let (line, byte) = self.place();
            let event = self.reader.read_event_into(&mut self.buffer)?;
            match event {
                Event::Start(start) | Event::Empty(start) => {
                    if self.depth == 0 && self.rooted {
                        return Err(Broken::bad("a second root element"));
                    }
                    if self.depth == MAX_DEPTH {
                        return Err(Broken::bad(format!("elements nested more than {MAX_DEPTH} deep")));
                    }
                    self.tag.take(&start)?;
                    (self.tag.line, self.tag.byte) = (line, byte);
                    self.depth += 1;
                    self.rooted = true;
                    return Ok(Some(Piece::Start(&self.tag)));
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Some(Piece::End));
                }
                Event::Text(_) | Event::GeneralRef(_) | Event::CData(_) => {
                    self.text.clear();
                    self.asides += u64::from(matches!(event, Event::CData(_)));
                    character_data(&event, &mut self.text)?;
                    if self.depth > 0 {
                        return Ok(Some(Piece::Text(&self.text)));
                    }
                    if !self.text.bytes().all(is_blank) {
                        return Err(Broken::bad("text outside the root element"));
                    }
                }
                Event::Decl(_) if self.any_encoding => {}
                Event::Decl(declaration) => self.declared = check_declaration(&declaration)?,
                Event::Comment(_) | Event::PI(_) => self.asides += 1,
                Event::DocType(_) => {
                    return Err(Broken::new(
                        Cause::Doctype,
                        "a document type definition, which is never read",
                    ));
                }
                Event::Eof => return self.end(),
            }
        }
    }

    fn end(&self) -> Result<Option<Piece<'_>>, Broken> {
        match (self.rooted, self.depth) {
            (true, 0) => Ok(None),
            (false, _) => Err(Broken::new(Cause::Truncated, "the document has no element")),
            _ => Err(Broken::new(Cause::Truncated, "the document ends within an element")),
        }
    }
}

/// Tells whether a byte is XML's white space.
pub(crate) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn character_data(event: &Event<'_>, out: &mut String) -> Result<(), Broken> {
    match event {
        Event::Text(text) => out.push_str(&text.xml10_content()),
        Event::CData(text) => out.push_str(&text.xml10_content()),
        Event::GeneralRef(reference) => out.push(resolve(reference)?),
        _ => {}
    }
    if matches!(event, Event::Text(_)) && out.contains("]]>") {
        return Err(Broken::bad("`]]>` in text"));
    }
    check_characters(out)
}

fn resolve(reference: &BytesRef<'_>) -> Result<char, Broken> {
    if let Some(character) = reference.resolve_char_ref()? {
        return Ok(character);
    }
    match &**reference {
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "amp" => Ok('&'),
        "apos" => Ok('\''),
        "quot" => Ok('"'),
        _ => Err(Broken::bad("an entity that nothing defines")),
    }
}

fn check_declaration(declaration: &BytesDecl<'_>) -> Result<bool, Broken> {
    if &*declaration.version()? != "1.0" {
        return Err(Broken::bad("a version of XML other than 1.0"));
    }
    match declaration.encoding() {
        None => Ok(false),
        Some(Ok(name)) if name.eq_ignore_ascii_case("utf-8") => Ok(true),
        Some(_) => Err(Broken::new(Cause::BadEncoding, "an encoding other than UTF-8")),
    }
}

/// Refuses what the production `Char` of XML 1.0 leaves out. Surrogates cannot stand in a `str`.
fn check_characters(text: &str) -> Result<(), Broken> {
    let controls = text.bytes().any(|byte| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r'));
    // Both forbidden noncharacters begin with this byte, and hardly any text has it.
    let may_have = memchr::memchr(0xEF, text.as_bytes()).is_some();
    if controls || (may_have && text.contains(['\u{FFFE}', '\u{FFFF}'])) {
        return Err(Broken::bad("a character that XML 1.0 forbids"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(document: &str) -> Result<String, Broken> {
        let mut elements = Elements::new(document.as_bytes());
        let mut out = String::new();
        while let Some(piece) = elements.next()? {
            match piece {
                Piece::Start(tag) => {
                    out.push_str(&format!("<{}", tag.name()));
                    tag.attributes().for_each(|(name, value)| out.push_str(&format!(" {name}={value:?}")));
                    out.push('>');
                }
                Piece::Text(text) => out.push_str(text),
                Piece::End => out.push_str("</>"),
            }
        }
        Ok(out)
    }

    #[test]
    fn references_and_line_ends_come_out_as_xml_says() {
        let document = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a b=\"1&#xA;&quot;\t2\">x&#xD;\r\ny &amp;<c/></a>\n";
        assert_eq!(walk(document).unwrap(), "<a b=\"1\\n\\\" 2\">x\r\ny &<c></></>");
    }

    #[test]
    fn places_are_those_of_the_tags() {
        let mut elements = Elements::new(&b"<a>\n  <b/>\n</a>"[..]);
        let mut places = Vec::new();
        while let Some(piece) = elements.next().unwrap() {
            if let Piece::Start(tag) = piece {
                places.push((tag.line, tag.byte));
            }
        }
        assert_eq!(places, [(1, 0), (2, 6)]);
    }

    #[test]
    fn what_is_no_sound_document_is_refused_with_its_cause() {
        for (document, expected) in [
            ("", Cause::Truncated),
            ("<a><b></b>", Cause::Truncated),
            ("<a b=\"", Cause::Truncated),
            ("<a></b>", Cause::BadXml),
            ("<a/><b/>", Cause::BadXml),
            ("<a/>x", Cause::BadXml),
            ("<a>&lol;</a>", Cause::BadXml),
            ("<a>&#x1;</a>", Cause::BadXml),
            ("<a>\u{1}</a>", Cause::BadXml),
            ("<a b=\"&#xFFFE;\"/>", Cause::BadXml),
            ("<a b=\"1\" b=\"2\"/>", Cause::BadXml),
            ("<a b=\"<\"/>", Cause::BadXml),
            ("<a>]]></a>", Cause::BadXml),
            ("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", Cause::Doctype),
            ("<?xml version=\"1.0\" encoding=\"utf-16\"?><a/>", Cause::BadEncoding),
        ] {
            match walk(document) {
                Err(Broken::Document { cause, .. }) => assert_eq!(cause, expected, "{document}"),
                other => panic!("{document}: {other:?}"),
            }
        }
        assert!(walk(&"<a>".repeat(MAX_DEPTH + 1)).is_err());
        let attributes: String = (0..=MAX_ATTRIBUTES).map(|n| format!(" a{n}=\"\"")).collect();
        assert!(walk(&format!("<a{attributes}/>")).is_err());
    }
}
