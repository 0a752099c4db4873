//! Writing rows as the one CSV that loses nothing: what `gc2pc rows` prints and packages hold.
//!
//! UTF-8, comma, header, record end LF. NULL is `\N` without quotes, so an empty field is empty
//! text; text stands in quotes only where it must. Nothing is altered against spreadsheet formulas.

use std::io::{self, BufWriter, Write};

use memchr::{memchr_iter, memchr3};

use super::form::write_plain;
use super::{Column, Value};

/// Writes the rows of one table. [`Delimited`](super::Delimited) reads them back as they were.
pub struct CsvWriter<W: Write> {
    out: BufWriter<W>,
    /// Whether each column may be NULL.
    nullable: Vec<bool>,
}

impl<W: Write> CsvWriter<W> {
    /// Begins a table with its header.
    ///
    /// # Errors
    /// What `out` says.
    pub fn new(out: W, columns: &[Column]) -> io::Result<CsvWriter<W>> {
        let nullable = columns.iter().map(|column| column.nullable).collect();
        let mut writer = CsvWriter { out: BufWriter::with_capacity(64 * 1024, out), nullable };
        for (at, column) in columns.iter().enumerate() {
            writer.separate(at)?;
            writer.text(column.name.as_bytes(), columns.len() == 1 && column.name.is_empty())?;
        }
        writer.out.write_all(b"\n")?;
        Ok(writer)
    }

    /// Writes a row.
    ///
    /// Text without quotes that may mean NULL (`NULL` and `\N` where the column may be NULL) is
    /// written as it stands; where it is known to be text it goes into quotes.
    ///
    /// # Errors
    /// What the output says.
    pub fn row(&mut self, values: &[Value<'_>]) -> io::Result<()> {
        for (at, value) in values.iter().enumerate() {
            self.separate(at)?;
            match value {
                Value::Null => self.out.write_all(b"\\N")?,
                Value::Text { bytes, quoted } => {
                    let nullable = self.nullable.get(at).copied().unwrap_or(true);
                    let word = matches!(&**bytes, b"NULL" | b"\\N") && (*quoted || !nullable);
                    // An empty line would be no row to many a reader.
                    let alone = values.len() == 1 && bytes.is_empty();
                    self.text(bytes, word || alone)?;
                }
                typed => write_plain(typed, &mut self.out)?,
            }
        }
        self.out.write_all(b"\n")
    }

    /// Ends the table and gives the output back.
    ///
    /// # Errors
    /// What the output says.
    pub fn finish(self) -> io::Result<W> {
        self.out.into_inner().map_err(io::IntoInnerError::into_error)
    }

    fn separate(&mut self, at: usize) -> io::Result<()> {
        if at > 0 { self.out.write_all(b",") } else { Ok(()) }
    }

    fn text(&mut self, bytes: &[u8], must: bool) -> io::Result<()> {
        if !must && memchr3(b',', b'"', b'\n', bytes).is_none() && memchr::memchr(b'\r', bytes).is_none() {
            return self.out.write_all(bytes);
        }
        self.out.write_all(b"\"")?;
        let mut start = 0;
        for quote in memchr_iter(b'"', bytes) {
            self.out.write_all(&bytes[start..=quote])?;
            start = quote;
        }
        self.out.write_all(&bytes[start..])?;
        self.out.write_all(b"\"")
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::chat::{Guid, Ticks};
    use crate::sqlserver::DataType;

    fn text(bytes: &[u8]) -> Value<'_> {
        Value::Text { bytes: Cow::Borrowed(bytes), quoted: false }
    }

    fn written(columns: &[Column], rows: &[&[Value<'_>]]) -> String {
        let mut writer = CsvWriter::new(Vec::new(), columns).unwrap();
        rows.iter().for_each(|row| writer.row(row).unwrap());
        writer.finish().unwrap().escape_ascii().to_string()
    }

    #[test]
    fn every_type_has_its_form() {
        let time = |text| Value::Time(Ticks::parse_iso(text).unwrap().get());
        let columns: Vec<Column> = (1..=7).map(|at| Column::named(format!("c{at}"))).collect();
        let row = [
            Value::Null,
            Value::Bit(true),
            Value::Integer(-42),
            Value::Guid(Guid::from_u128(0xABCD)),
            Value::Binary(Cow::Borrowed(&[0, 0xAB, 0x1F])),
            time("2012-01-31T10:20:30"),
            time("2012-01-31T10:20:30.1234567"),
        ];
        assert_eq!(
            written(&columns, &[&row]),
            "c1,c2,c3,c4,c5,c6,c7\\n\\\\N,1,-42,00000000-0000-0000-0000-00000000abcd,0x00AB1F,\
             2012-01-31 10:20:30.000,2012-01-31 10:20:30.1234567\\n"
        );
    }

    #[test]
    fn text_stands_in_quotes_only_where_it_must() {
        let columns = [Column::named("a"), Column::named("b, c")];
        let rows: [&[Value<'_>]; 5] = [
            &[text(b""), text(b" plain; =1+1 ")],
            &[text(b"a,b"), text(b"say \"hi\"")],
            &[text(b"1\r\n2"), text(b"\r")],
            &[text(b"\xED\xA0\x80"), text(b"a\0b")],
            &[text(b"\"\""), text(b"\"")],
        ];
        let lines = [
            "a,\\\"b, c\\\"",
            ", plain; =1+1 ",
            "\\\"a,b\\\",\\\"say \\\"\\\"hi\\\"\\\"\\\"",
            "\\\"1\\r\\n2\\\",\\\"\\r\\\"",
            "\\xed\\xa0\\x80,a\\x00b",
            "\\\"\\\"\\\"\\\"\\\"\\\",\\\"\\\"\\\"\\\"",
            "",
        ];
        assert_eq!(written(&columns, &rows), lines.join("\\n"));
    }

    #[test]
    fn words_for_null_keep_what_they_mean() {
        let known = Column { name: "b".to_owned(), data_type: DataType::Unknown, nullable: false };
        let columns = [Column::named("a"), known];
        let quoted = Value::Text { bytes: Cow::Borrowed(b"\\N"), quoted: true };
        let rows: [&[Value<'_>]; 3] =
            [&[text(b"\\N"), text(b"\\N")], &[text(b"NULL"), text(b"NULL")], &[quoted, Value::Null]];
        assert_eq!(
            written(&columns, &rows),
            "a,b\\n\\\\N,\\\"\\\\N\\\"\\nNULL,\\\"NULL\\\"\\n\\\"\\\\N\\\",\\\\N\\n"
        );
    }

    #[test]
    fn a_lone_empty_text_is_no_empty_line() {
        assert_eq!(written(&[Column::named("a")], &[&[text(b"")]]), "a\\n\\\"\\\"\\n");
    }
}
