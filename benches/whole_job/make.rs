//! Inputs of each kind, from the corpus.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use clap::ValueEnum;

use crate::corpus::script::Encoding;
use crate::corpus::tables::small_tables;
use crate::corpus::{Corpus, compliance, csv, script};
use crate::database_builder::group_chat::{self, Product, table_named};
use crate::database_builder::{Cell, Database, Row, Table, bulk};

/// What the messages are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// `tblChat` as CSV; the small tables are written beside it
    Csv,
    /// A T-SQL script in UTF-16
    Script,
    /// A T-SQL script in UTF-8
    ScriptUtf8,
    /// One document of compliance XML
    Xml,
    /// A folder of compliance XML, a document for each slice of time
    XmlFiles,
    /// A data file of SQL Server
    Mdf,
    /// A backup of SQL Server
    Backup,
}

impl Kind {
    /// Returns the name that such a file has in a folder.
    pub fn file_name(self) -> &'static str {
        match self {
            Kind::Csv => "tblChat.csv",
            Kind::Script | Kind::ScriptUtf8 => "mgc.sql",
            Kind::Xml => "conversations.xml",
            Kind::XmlFiles => "compliance",
            Kind::Mdf => "mgc.mdf",
            Kind::Backup => "mgc.bak",
        }
    }
}

/// Writes a corpus to a path.
///
/// # Errors
/// What the file system says.
pub fn make(corpus: &Corpus, kind: Kind, path: &Path) -> io::Result<()> {
    match kind {
        Kind::Csv => {
            csv::write_small_tables(corpus, path.parent().unwrap_or(Path::new("")))?;
            file(path, |out| csv::write_chat(corpus, out))
        }
        Kind::Script => file(path, |out| script::write(corpus, Encoding::Utf16, out)),
        Kind::ScriptUtf8 => file(path, |out| script::write(corpus, Encoding::Utf8, out)),
        Kind::Xml => file(path, |out| compliance::write(corpus, out)),
        Kind::XmlFiles => {
            fs::create_dir_all(path)?;
            compliance::write_files(corpus, path)
        }
        Kind::Mdf => {
            database(corpus, path).finish();
            Ok(())
        }
        Kind::Backup => {
            let pages = path.with_extension("mdf.part");
            bulk::write_backup(path, &database(corpus, &pages).finish(), None);
            fs::remove_file(pages)
        }
    }
}

fn file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    write(&mut out)?;
    out.flush()
}

/// Makes a database. Its messages stand in a heap, since a key would refuse the repeats.
fn database(corpus: &Corpus, path: &Path) -> Database {
    let mut database = Database::on_disk("mgc", 661, path);
    for small in small_tables(corpus) {
        let table = table_named(Product::Mgc2013, small.name);
        let rows: Vec<Row> = small.rows.iter().map(|row| Row::from(cells(&table, row))).collect();
        database.add(&table, rows);
    }
    let chat = table_named(Product::Mgc2013, "tblChat");
    let heap = Table::heap(&chat.name, chat.columns);
    let rows = (0..corpus.rows()).map(|row| {
        let mut message = crate::corpus::Message::default();
        corpus.read(row, &mut message);
        Row::from(vec![
            Cell::Integer(corpus.rooms[message.room].id.into()),
            Cell::Integer(message.chat_id as i64),
            Cell::Integer(message.time),
            Cell::Integer(corpus.people[message.author].id.into()),
            Cell::Integer(message.is_alert.into()),
            Cell::Text(message.content),
            if message.rtf.is_empty() { Cell::Null } else { Cell::Text(message.rtf) },
        ])
    });
    database.add(&heap, rows);
    database
}

fn cells(table: &Table, row: &[Option<String>]) -> Vec<Cell> {
    let cell = |(column, value): (_, &Option<String>)| match value {
        None => Cell::Null,
        Some(value) => group_chat::cell(column, &value.encode_utf16().collect::<Vec<u16>>()),
    };
    table.columns.iter().zip(row).map(cell).collect()
}
