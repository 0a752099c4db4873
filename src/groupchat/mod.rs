//! The tables of Group Chat and Persistent Chat, and what they mean in the nouns of [`chat`](crate::chat).
//!
//! It stands above [`sqlserver`](crate::sqlserver), which hands it rows of any table, and knows no
//! bytes. The way of the data: [`recognise`] tells which table a file holds, [`group`] which tables
//! form a dump of a database, [`read_structure`] reads the tree and the people of one dump, [`merge()`]
//! makes one tree of all dumps, and [`read_records`] turns rows into messages and events.
//!
//! It serves Office Communications Server 2007 R2, Lync Server 2010, and Lync Server 2013 with Skype
//! for Business Server 2015. Columns are found by name, never by place.

mod chat_rows;
mod compliance_rows;
mod dumps;
mod extras;
mod field;
mod merge;
mod records;
mod schema;
mod stream;
mod structure;
#[cfg(test)]
mod tests;

pub use chat_rows::read_chat;
pub use compliance_rows::{read_compliance_data, read_compliance_participants};
pub use dumps::{DumpTables, Grouping, group};
pub use merge::{Database, Merged, merge};
pub use records::{PAGE_DAMAGED, kind_bits_finding, raw_text};
pub use schema::{
    Layout, Recognised, TableKind, documented_layouts, fits, is_documented_column, layouts_for_field_count,
    name_affix, recognise,
};
pub use stream::TableStream;
pub use structure::{DumpNode, DumpStructure, Principal, TableRows, read_structure};

use crate::chat::Directory;
use crate::error::Result;
use crate::ledger::Sink;
use crate::sqlserver::{Column, Row};

/// Tells whether rows of this table are records of the ledger: messages or compliance events. Every
/// other table, known or not, is carried verbatim.
pub fn is_record_table(kind: TableKind) -> bool {
    kind.holds_records()
}

/// Returns the columns of a table of records without which its rows mean nothing; none for tables
/// that hold no records.
pub fn essential_columns(kind: TableKind) -> &'static [&'static str] {
    match kind {
        TableKind::Chat => &["channelId", "chatDate", "userId", "content"],
        TableKind::ComplianceData => &["cmplType", "cmplTime", "cmplChannelUri"],
        TableKind::ComplianceParticipant => &["channelUri", "joinedAt"],
        _ => &[],
    }
}

/// Returns how many records a row of a table makes; a row that cannot be read makes one.
pub fn records_in_row(kind: TableKind, columns: &[Column], row: &Row<'_>) -> u64 {
    match kind {
        TableKind::ComplianceParticipant => compliance_rows::participant_records(columns, row),
        _ => 1,
    }
}

/// Reads the records of a table, and returns their number, the rejected ones included; 0 for a table
/// that holds none. Of a table that is read in stretches side by side, reads one; records are then
/// counted from its beginning.
///
/// # Errors
/// If the table lacks essential columns, or the dump or the sink fails.
pub fn read_records(
    stream: &TableStream,
    stretch: Option<usize>,
    database: &Database,
    directory: &Directory,
    sink: &mut dyn Sink,
) -> Result<u64> {
    match stream.kind {
        TableKind::Chat => read_chat(stream, stretch, database, directory, sink),
        TableKind::ComplianceData => read_compliance_data(stream, stretch, database, directory, sink),
        TableKind::ComplianceParticipant => {
            read_compliance_participants(stream, stretch, database, directory, sink)
        }
        _ => Ok(0),
    }
}
