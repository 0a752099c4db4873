//! Format files of `bcp`: which fields a data file has, what ends each, and which column it is.
//!
//! Both kinds are read (Microsoft Learn, "Use Non-XML format files" and "XML Format Files"), for
//! character data with terminators, which [`Delimited`](super::Delimited) reads, and for native data
//! with lengths in place of them, which [`Bcp`](super::Bcp) reads.

mod native;
mod plain;
mod xml;

use super::bcp::field::Field as Stored;
use super::encoding::{Census, Decoder, Encoding};
use super::{Column, DataType};
use crate::error::{Error, Result};
use native::Storage;

/// No format file comes near this size, in bytes.
const LARGEST: usize = 16 << 20;

/// What a format file says about the data file it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormatFile {
    encoding: Option<Encoding>,
    terminators: Vec<Vec<u8>>,
    columns: Vec<Column>,
    /// The field of each column.
    order: Vec<usize>,
    /// The fields of native data; none where all are characters with terminators.
    native: Option<Vec<Stored>>,
}

impl FormatFile {
    /// Reads a format file of either kind. `input` names it in errors.
    ///
    /// # Errors
    /// [`Error::Unusable`] if it is none.
    pub fn parse(input: &str, bytes: &[u8]) -> Result<FormatFile> {
        let draft = match decode(bytes) {
            Err(why) => Err(Refusal::Damaged(why)),
            Ok(text) if text.trim_start().starts_with('<') => xml::parse(&text),
            Ok(text) => plain::parse(&text),
        };
        draft.and_then(Draft::finish).map_err(|refusal| refusal.into_error(input))
    }

    /// Tells whether bytes begin like a format file of either kind.
    pub fn is_like(bytes: &[u8]) -> bool {
        let Ok(text) = decode(bytes.get(..4096).unwrap_or(bytes)) else { return false };
        match text.trim_start().strip_prefix('<') {
            Some(_) => text.contains("<BCPFORMAT"),
            None => plain::is_like(&text),
        }
    }

    /// Tells whether it describes native data, with lengths in place of terminators.
    pub fn is_native(&self) -> bool {
        self.native.is_some()
    }

    /// Gives columns, the field of each column, and the fields of native data.
    pub(super) fn into_native(self) -> Option<(Vec<Column>, Vec<usize>, Vec<Stored>)> {
        Some((self.columns, self.order, self.native?))
    }

    /// Returns the columns in their order in the table; fields that belong to none are left out.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Returns the encoding that the fields' types call for: UTF-16 for `SQLNCHAR`. The code page of
    /// `SQLCHAR` is that of the client, which the file does not tell.
    pub fn encoding(&self) -> Option<Encoding> {
        self.encoding
    }

    /// Returns what ends each field of the data file, in generalized UTF-8; of no use for native data.
    pub fn terminators(&self) -> &[Vec<u8>] {
        &self.terminators
    }

    /// Gives columns, the field of each column, and terminators.
    pub(super) fn into_parts(self) -> (Vec<Column>, Vec<usize>, Vec<Vec<u8>>) {
        (self.columns, self.order, self.terminators)
    }
}

fn decode(bytes: &[u8]) -> std::result::Result<String, String> {
    if bytes.len() > LARGEST {
        return Err(format!("it has {} bytes, more than any format file", bytes.len()));
    }
    let mut census = Census::default();
    census.feed(bytes);
    let mut decoder = Decoder::new(census.finish());
    let mut text = Vec::new();
    decoder.feed(bytes, &mut text);
    decoder.finish(&mut text);
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Why a format file is of no use.
#[derive(Debug, PartialEq, Eq)]
enum Refusal {
    /// It is none, or contradicts itself.
    Damaged(String),
}

impl Refusal {
    fn into_error(self, input: &str) -> Error {
        let Refusal::Damaged(why) = self;
        let hint = "let bcp write the format file again (bcp TABLE format nul -f FILE), with the options of the data";
        let why = format!("it is no format file: {why}");
        Error::Unusable { input: input.to_owned(), why, hint: hint.to_owned() }
    }
}

/// A field of the data file as the format file has it.
struct Field {
    /// By which a column of an XML format file names it.
    id: String,
    /// Whether it is UTF-16.
    wide: bool,
    /// With escapes resolved.
    terminator: String,
    storage: Storage,
}

/// What was read, not yet checked.
#[derive(Default)]
struct Draft {
    fields: Vec<Field>,
    /// In table order, with the position of the field.
    columns: Vec<(usize, Column)>,
}

impl Draft {
    fn finish(self) -> std::result::Result<FormatFile, Refusal> {
        use std::result::Result;
        let damaged = |why: &str| Err(Refusal::Damaged(why.to_owned()));
        let Some(first) = self.fields.first() else { return damaged("it describes no field") };
        if self.columns.is_empty() {
            return damaged("it names no column");
        }
        let wide = first.wide;
        let (order, mut columns): (Vec<usize>, Vec<Column>) = self.columns.into_iter().unzip();
        let plain = self.fields.iter().all(|field| field.storage.is_plain(&field.terminator));
        if !plain {
            let fields = self.fields.iter().enumerate();
            let fields =
                fields.map(|(at, field)| native::field(at + 1, field)).collect::<Result<Vec<_>, _>>()?;
            for (column, &at) in columns.iter_mut().zip(&order) {
                if let Some(field) = fields.get(at).filter(|_| column.data_type == DataType::Unknown) {
                    column.data_type = field.data_type;
                }
            }
            let native = Some(fields);
            return Ok(FormatFile { encoding: None, terminators: Vec::new(), columns, order, native });
        }
        if self.fields.iter().any(|field| field.wide != wide) {
            return damaged("some fields are UTF-16 and some are not");
        }
        let terminators = self.fields.iter().map(|field| terminator(field).into_bytes()).collect();
        let encoding = wide.then_some(Encoding::Utf16LittleEndian);
        Ok(FormatFile { encoding, terminators, columns, order, native: None })
    }
}

/// Returns the characters of a terminator: UTF-16 data has each followed by a NUL in the file.
fn terminator(field: &Field) -> String {
    let odd = || field.terminator.chars().skip(1).step_by(2);
    let count = field.terminator.chars().count();
    if field.wide && count.is_multiple_of(2) && odd().all(|second| second == '\0') {
        field.terminator.chars().step_by(2).collect()
    } else {
        field.terminator.clone()
    }
}

/// Resolves `\t`, `\n`, `\r`, `\0`, `\\` and `\"`; anything else behind a backslash stays as it is.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            out.push(letter);
            continue;
        }
        match letters.next() {
            Some('t') => out.push('\t'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('0') => out.push('\0'),
            Some(same @ ('\\' | '"')) => out.push(same),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_escapes_are_resolved() {
        assert_eq!(unescape(r#"\t\r\n\0\\\"+|\x\"#), "\t\r\n\0\\\"+|\\x\\");
    }

    #[test]
    fn terminators_of_utf16_lose_the_nuls_between_their_characters() {
        let of = |wide, text: &str| {
            terminator(&Field {
                id: String::new(),
                wide,
                terminator: text.to_owned(),
                storage: Storage::default(),
            })
        };
        assert_eq!(of(true, "\t\0"), "\t");
        assert_eq!(of(true, "\r\0\n\0"), "\r\n");
        assert_eq!(of(true, "\t"), "\t");
        assert_eq!(of(false, "\t\0"), "\t\0");
    }

    #[test]
    fn what_is_no_format_file_is_refused_with_a_sentence() {
        for bytes in [&b""[..], b"\0", b"<", b"<a/>", b"12.0", b"12.0\n99\n", b"a,b\n1,2\n", b"<BCPFORMAT>"] {
            let error = FormatFile::parse("x.fmt", bytes).unwrap_err();
            assert!(error.to_string().starts_with("x.fmt: it is no format file: "), "{error}");
        }
    }

    #[test]
    fn any_cut_and_any_changed_byte_is_survived() {
        let plain = "12.0\n2\n1 SQLINT 1 4 \"\" 1 id \"\"\n2 SQLNCHAR 2 20 \"\\t\\0\" 2 \"my name\" x\n";
        let xml = "<BCPFORMAT><RECORD><FIELD ID=\"1\" xsi:type=\"NativeFixed\" LENGTH=\"4\"/></RECORD><ROW>\
                   <COLUMN SOURCE=\"1\" NAME=\"a\" xsi:type=\"SQLINT\"/></ROW></BCPFORMAT>";
        for text in [plain, xml] {
            assert!(FormatFile::parse("x.fmt", text.as_bytes()).is_ok());
            for at in 0..text.len() {
                let _ = FormatFile::parse("x.fmt", &text.as_bytes()[..at]);
                for byte in [0, b'"', b'9', 0xFF] {
                    let mut changed = text.as_bytes().to_vec();
                    changed[at] = byte;
                    let _ = FormatFile::parse("x.fmt", &changed);
                }
            }
        }
    }
}
