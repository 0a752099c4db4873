//! T-SQL as SQL Server Management Studio scripts a database: one INSERT for each row.

use std::io::{self, Write};

use super::tables::{self, Column};
use super::{Corpus, Message};

/// Rows between two `GO`.
const BATCH: u64 = 100;

/// How the script is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// With a byte order mark, as the Studio does unless told otherwise.
    Utf16,
    /// With a byte order mark.
    Utf8,
}

/// Writes `tblChat` and the small tables.
///
/// # Errors
/// What the writer says.
pub fn write(corpus: &Corpus, encoding: Encoding, out: &mut dyn Write) -> io::Result<()> {
    let mut out = Script { out, encoding, bytes: Vec::new() };
    out.text("\u{feff}USE [mgc]\r\nGO\r\n")?;
    for table in tables::small_tables(corpus) {
        out.text(&declaration(table.name, &table.columns))?;
        let start = insert(table.name, &table.columns);
        for row in &table.rows {
            let values: Vec<String> = row.iter().zip(&table.columns).map(value).collect();
            out.text(&format!("{start}{})\r\n", values.join(", ")))?;
        }
        out.text("GO\r\n")?;
    }
    let columns = tables::chat_columns();
    out.text(&declaration("tblChat", &columns))?;
    let start = insert("tblChat", &columns);
    let (mut line, mut row) = (Vec::new(), 0);
    corpus.for_each(|message| {
        line.clear();
        line.extend_from_slice(start.as_bytes());
        push_values(corpus, message, &mut line)?;
        row += 1;
        if row % BATCH == 0 {
            line.extend_from_slice(b"GO\r\n");
        }
        out.text(std::str::from_utf8(&line).expect("only text was pushed"))
    })?;
    out.text("GO\r\n")
}

/// Appends bytes with each quote doubled.
pub fn push_doubled(mut bytes: &[u8], quote: u8, line: &mut Vec<u8>) {
    while let Some(at) = memchr::memchr(quote, bytes) {
        line.extend_from_slice(&bytes[..=at]);
        line.push(quote);
        bytes = &bytes[at + 1..];
    }
    line.extend_from_slice(bytes);
}

struct Script<'a> {
    out: &'a mut dyn Write,
    encoding: Encoding,
    bytes: Vec<u8>,
}

impl Script<'_> {
    fn text(&mut self, text: &str) -> io::Result<()> {
        if self.encoding == Encoding::Utf8 {
            return self.out.write_all(text.as_bytes());
        }
        self.bytes.clear();
        self.bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        self.out.write_all(&self.bytes)
    }
}

fn declaration(table: &str, columns: &[Column]) -> String {
    let column = |column: &Column| {
        let (kind, length) = column.kind.split_once('(').unwrap_or((column.kind, ""));
        let length = if length.is_empty() { String::new() } else { format!("({length}") };
        format!("\t[{}] [{kind}]{length} {}", column.name, if column.nullable { "NULL" } else { "NOT NULL" })
    };
    let columns: Vec<String> = columns.iter().map(column).collect();
    format!("CREATE TABLE [dbo].[{table}](\r\n{}\r\n) ON [PRIMARY]\r\nGO\r\n", columns.join(",\r\n"))
}

fn insert(table: &str, columns: &[Column]) -> String {
    let names: Vec<String> = columns.iter().map(|column| format!("[{}]", column.name)).collect();
    format!("INSERT [dbo].[{table}] ({}) VALUES (", names.join(", "))
}

fn value((value, column): (&Option<String>, &Column)) -> String {
    match value {
        None => "NULL".to_owned(),
        Some(value) if column.is_text() => format!("N'{}'", value.replace('\'', "''")),
        Some(value) => value.clone(),
    }
}

fn push_values(corpus: &Corpus, message: &Message, line: &mut Vec<u8>) -> io::Result<()> {
    let (room, author) = (corpus.rooms[message.room].id, corpus.people[message.author].id);
    let alert = u8::from(message.is_alert);
    write!(line, "{room}, {}, {}, {author}, {alert}, N'", message.chat_id, message.time)?;
    push_doubled(message.content.as_bytes(), b'\'', line);
    if message.rtf.is_empty() {
        line.extend_from_slice(b"', NULL)\r\n");
    } else {
        line.extend_from_slice(b"', N'");
        push_doubled(message.rtf.as_bytes(), b'\'', line);
        line.extend_from_slice(b"')\r\n");
    }
    Ok(())
}
