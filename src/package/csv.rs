//! Rows of CSV as the ledger has them: RFC 4180, but LF alone ends a record, so that line tools
//! can count them. Always valid UTF-8.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::chat::Text;

/// Writes rows into a file.
pub(super) struct Rows<'a> {
    out: &'a mut dyn Write,
    buffer: Vec<u8>,
}

impl<'a> Rows<'a> {
    /// Begins a file with its header.
    pub(super) fn begin(out: &'a mut dyn Write, header: &str) -> Rows<'a> {
        Rows { out, buffer: format!("{header}\n").into_bytes() }
    }

    /// Writes a row.
    pub(super) fn row(&mut self, fields: &[Field<'_>]) -> io::Result<()> {
        const ENOUGH: usize = 1 << 16;
        for (position, field) in fields.iter().enumerate() {
            if position > 0 {
                self.buffer.push(b',');
            }
            field.push(&mut self.buffer)?;
        }
        self.buffer.push(b'\n');
        if self.buffer.len() > ENOUGH {
            self.out.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }

    /// Ends the file.
    pub(super) fn end(self) -> io::Result<()> {
        self.out.write_all(&self.buffer)
    }
}

/// A field of a row.
pub(super) enum Field<'a> {
    /// A number.
    Number(u64),
    /// Something of our own that needs no quotes.
    Shown(&'a dyn std::fmt::Display),
    /// Any text.
    Text(Cow<'a, str>),
}

impl Field<'_> {
    /// Makes a field of text that people wrote; lone surrogates become U+FFFD.
    pub(super) fn lossy(text: &Text) -> Field<'_> {
        Field::Text(text.to_lossy())
    }

    fn push(&self, out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Field::Number(number) => super::xml::push_number(out, *number),
            Field::Shown(value) => write!(out, "{value}")?,
            Field::Text(text) => push_text(out, text),
        }
        Ok(())
    }
}

impl<'a> From<&'a str> for Field<'a> {
    fn from(text: &'a str) -> Field<'a> {
        Field::Text(Cow::Borrowed(text))
    }
}

fn push_text(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    if !bytes.iter().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        out.extend_from_slice(bytes);
        return;
    }
    out.push(b'"');
    for run in bytes.split_inclusive(|&byte| byte == b'"') {
        out.extend_from_slice(run);
        if run.ends_with(b"\"") {
            out.push(b'"');
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_independent_reader_gets_every_field_back() {
        let texts = ["", "plain", "a,b", "say \"hi\"", "\"", "two\nlines", "cr\rx", " blanks ", "\0", "ü😀"];
        let mut out = Vec::new();
        let mut rows = Rows::begin(&mut out, "first,second,third");
        for text in texts {
            rows.row(&[text.into(), Field::Number(7), Field::Shown(&'x')]).unwrap();
        }
        rows.end().unwrap();
        let mut reader = csv::Reader::from_reader(&out[..]);
        let read: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(read.len(), texts.len());
        for (record, text) in read.iter().zip(texts) {
            assert_eq!(record, vec![text, "7", "x"]);
        }
    }

    #[test]
    fn lone_surrogates_do_not_spoil_a_file() {
        let mut out = Vec::new();
        let text = Text::from_units([0x41, 0xD800]);
        let mut rows = Rows::begin(&mut out, "text");
        rows.row(&[Field::lossy(&text)]).unwrap();
        rows.end().unwrap();
        assert_eq!(std::str::from_utf8(&out), Ok("text\nA\u{FFFD}\n"));
    }
}
