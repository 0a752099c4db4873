//! CSV in UTF-8, with quotes where they are needed, `NULL` for NULL, and LF after each record.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::tables::{self, SmallTable};
use super::{Corpus, Message};

/// Writes `tblChat`.
///
/// # Errors
/// What the writer says.
pub fn write_chat(corpus: &Corpus, out: &mut dyn Write) -> io::Result<()> {
    let names: Vec<&str> = tables::chat_columns().iter().map(|column| column.name).collect();
    writeln!(out, "{}", names.join(","))?;
    let mut line = Vec::new();
    corpus.for_each(|message| {
        line.clear();
        push_row(corpus, message, &mut line)?;
        out.write_all(&line)
    })
}

/// Writes the tables that stand beside `tblChat` into a folder, each to a file of its name.
///
/// # Errors
/// What the file system says.
pub fn write_small_tables(corpus: &Corpus, folder: &Path) -> io::Result<()> {
    for table in tables::small_tables(corpus) {
        let mut out = BufWriter::new(File::create(folder.join(format!("{}.csv", table.name)))?);
        out.write_all(&small_table(&table))?;
        out.flush()?;
    }
    Ok(())
}

fn small_table(table: &SmallTable) -> Vec<u8> {
    let mut bytes = Vec::new();
    let names = table.columns.iter().map(|column| Some(column.name));
    push_record(names, &mut bytes);
    for row in &table.rows {
        push_record(row.iter().map(Option::as_deref), &mut bytes);
    }
    bytes
}

fn push_record<'a>(fields: impl Iterator<Item = Option<&'a str>>, bytes: &mut Vec<u8>) {
    for (number, field) in fields.enumerate() {
        if number > 0 {
            bytes.push(b',');
        }
        push_field(field.unwrap_or("NULL"), bytes);
    }
    bytes.push(b'\n');
}

fn push_row(corpus: &Corpus, message: &Message, line: &mut Vec<u8>) -> io::Result<()> {
    let (room, author) = (corpus.rooms[message.room].id, corpus.people[message.author].id);
    let alert = u8::from(message.is_alert);
    write!(line, "{room},{},{},{author},{alert},", message.chat_id, message.time)?;
    push_field(&message.content, line);
    line.push(b',');
    push_field(if message.rtf.is_empty() { "NULL" } else { &message.rtf }, line);
    line.push(b'\n');
    Ok(())
}

fn push_field(field: &str, line: &mut Vec<u8>) {
    let bytes = field.as_bytes();
    if memchr::memchr3(b',', b'"', b'\n', bytes).is_none() && !bytes.contains(&b'\r') {
        line.extend_from_slice(bytes);
        return;
    }
    line.push(b'"');
    super::script::push_doubled(bytes, b'"', line);
    line.push(b'"');
}
