//! Large Group Chat databases, written to disk as they grow: for benches and long scenarios.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use super::group_chat::{Product, table_named};
use super::{Backup, Built, Cell, Database, Records, Row};

/// Messages of a room.
const ROOM: u64 = 50_000;
/// 2010-01-04T08:00:00.
const BEGIN: i64 = 633_981_888_000_000_000;

const WORDS: &[&str] = &[
    "rates", "the", "desk", "is", "long", "short", "ten", "years", "at", "1.78", "and", "offers", "Größl",
    "moved", "to", "London", "before", "lunch", "please", "confirm", "swap", "fixing", "€", "basis",
    "points",
];

/// Returns messages of `tblChat` of 2013 in the order of its key: some 340 bytes each, the formatted
/// copy of the text included; one in 5000 is kept outside of its row.
pub fn messages(count: u64) -> impl Iterator<Item = Row> {
    (0..count).map(|number| {
        let mut chance = Chance(number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let words = if number % 5000 == 4999 { 1500 } else { 2 + chance.below(24) };
        let mut text = String::with_capacity(words as usize * 7);
        for _ in 0..words {
            text.push_str(WORDS[chance.below(WORDS.len() as u64) as usize]);
            text.push(' ');
        }
        let formatted = format!(
            "{{\\rtf1\\ansi\\ansicpg1252\\deff0{{\\fonttbl{{\\f0 Segoe UI;}}}}\\viewkind4\\uc1\\pard\\f0\\fs20 {text}\\par}}"
        );
        let rtf = if chance.below(8) == 0 { Cell::Null } else { Cell::Text(formatted) };
        Row::from(vec![
            Cell::Integer(10 + (number / ROOM) as i64),
            Cell::Integer(1 + (number % ROOM) as i64),
            Cell::Integer(BEGIN + number as i64 * 3_000_017),
            Cell::Integer(10 + chance.below(400) as i64),
            Cell::Integer(i64::from(chance.below(50) == 0)),
            Cell::Text(text),
            rtf,
        ])
    })
}

/// Writes a database with so many messages in `tblChat` to a path, in little memory.
pub fn write_chat(path: &Path, version: u16, count: u64) -> Built {
    let mut database = Database::on_disk("mgc", version, path);
    database.add(&table_named(Product::Mgc2013, "tblChat"), messages(count));
    database.finish()
}

/// Writes a backup of a database, in little memory too.
pub fn write_backup(path: &Path, database: &Built, records: Option<Records>) {
    let file = File::create(path).expect("the backup can be made");
    let mut file = BufWriter::with_capacity(1 << 20, file);
    let plan = Backup::of(database);
    let plan = match records {
        None => plan,
        Some(records) => plan.compressed(records),
    };
    plan.write(1, &mut file);
    file.flush().expect("the backup can be written");
}

/// Numbers that look random and are always the same.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % limit
    }
}
