//! The staging lane: the package as native `bcp` files, and the script that loads them into a
//! Persistent Chat content database without rooms and messages.
//!
//! It is the way in that rests on published facts: such a database, created by the vendor's own
//! installer, is what `Export-CsPersistentChatData` reads. Data stand in files alone, so no name or
//! text can become part of a statement. Messages are made into rows beside their documents, while
//! pieces of the histories are taken; the rest follows when the plan is known.

mod count;
mod findings;
mod messages;
mod numbering;
mod row;
mod script;
mod structure;
mod table;

#[cfg(test)]
mod tests;

use crate::error::Result;
use crate::migrate::Plan;
use crate::report::StagingRow;
use structure::Notes;
use table::{MESSAGES, TABLES, Table};

use super::layout;
use super::target::Packer;

pub(super) use count::{Staged, belongs, format_file, read, required};
pub(super) use findings::tell;
pub(super) use messages::{AROUND, MessageFiles, push_message};
pub(super) use numbering::{Numbering, RoomIds};

/// Files beside those of tables.
pub(super) const SCRIPT: &str = "data/staging/load.sql";
pub(super) const README: &str = "data/staging/README.txt";

/// A file of rows.
#[derive(Debug, Clone)]
struct StagedFile {
    table: &'static Table,
    /// Its name without folder and extension.
    stem: String,
    rows: u64,
}

fn path(stem: &str) -> String {
    format!("{}/{stem}.bcp", layout::STAGING)
}

fn format_path(stem: &str) -> String {
    format!("{}/{stem}.fmt", layout::STAGING)
}

/// Writes everything but messages, which were written before. Returns what the report tells: each
/// file of rows.
pub(super) fn write(
    plan: &Plan,
    ids: &[RoomIds],
    messages: &MessageFiles,
    packer: &mut Packer<'_>,
) -> Result<Vec<StagingRow>> {
    let mut files = Vec::new();
    for table in TABLES {
        if table.name == MESSAGES.name {
            files.extend_from_slice(messages.files());
            continue;
        }
        let mut rows = 0;
        packer.file(path(table.name)).fill(|out| {
            // What was changed was told before.
            rows = structure::write_table(table, plan, ids, out, &mut Notes::default())?;
            Ok(())
        })?;
        packer.put(format_path(table.name), table.format_file().into_bytes())?;
        files.push(StagedFile { table, stem: table.name.to_owned(), rows });
    }
    packer.put(SCRIPT.into(), script::script(&files).into_bytes())?;
    packer.put(README.into(), script::readme().into_bytes())?;
    let row = |file: StagedFile| StagingRow {
        table: file.table.name.to_owned(),
        rows: file.rows,
        file: path(&file.stem),
    };
    Ok(files.into_iter().map(row).collect())
}
