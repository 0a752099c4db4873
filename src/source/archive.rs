//! Everything that was read, put together in the order of streams.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use super::collector::Taken;
use super::opened::{Kind, Opened};
use super::structure::Structure;
use super::table::Table;
use crate::chat::{Directory, Generation, Moment, PersonKey, Settled, Ticks, Tree};
use crate::container::Marks;
use crate::error::Result;
use crate::groupchat::{self, TableKind};
use crate::ledger::{Control, Findings, Inputs, Level, Stretches};

/// All that the inputs say.
#[derive(Debug, Default)]
pub struct Archive {
    /// The files of the user, as they were when they were opened.
    pub marks: Marks,
    /// The streams in order, and how many records were read of each.
    pub inputs: Inputs,
    /// Where the stretches stand that records name as their source.
    pub stretches: Stretches,
    /// Everybody and every room that is named anywhere.
    pub directory: Arc<Settled>,
    /// The legacy tree.
    pub tree: Tree,
    /// The groups, containers and domains that people lie in, by position in the directory; a person
    /// without an entry is not known well enough to say.
    pub affiliations: BTreeMap<usize, Vec<usize>>,
    /// For each stream the number of the dump that it belongs to.
    pub dumps: Vec<u32>,
    /// Tables that hold no records, to be carried verbatim.
    pub tables: Vec<CarriedTable>,
    /// What was found.
    pub findings: Findings,
    /// What each stream holds, in order.
    pub facts: Vec<Facts>,
}

impl Archive {
    /// Returns the rows of tables that nothing brings into the new world, by the table's name: pending
    /// invitations, and what clients kept for their users.
    pub fn left(&self) -> BTreeMap<&'static str, u64> {
        let mut left = BTreeMap::new();
        for kind in [TableKind::PrincipalInvites, TableKind::Preference] {
            let of_kind = self.tables.iter().filter(|table| table.name == kind.name());
            let rows = of_kind.filter_map(|table| self.facts.get(table.stream as usize - 1)?.rows).sum();
            left.insert(kind.name(), rows);
        }
        left
    }
}

/// A table that is carried verbatim.
#[derive(Debug, Clone)]
pub struct CarriedTable {
    /// The number of its stream.
    pub stream: u32,
    /// Its name.
    pub name: String,
    table: Table,
}

impl CarriedTable {
    /// Writes its rows as CSV and returns their number.
    ///
    /// # Errors
    /// If it cannot be read any more, or cannot be written.
    pub fn write(&self, out: &mut dyn Write) -> Result<u64> {
        self.table.write(out)
    }
}

/// What one stream holds, for people who want to know.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Whose shape of database it shows, where it does.
    pub generation: Option<Generation>,
    /// Rows of a table.
    pub rows: Option<u64>,
    /// The rows of a table that SQL Server itself counted, where the dump tells.
    pub engine_rows: Option<u64>,
    /// The name of a table of a database, of which the stream before is a file.
    pub table: Option<String>,
    /// The times of the first and the last record.
    pub span: Option<(Moment, Moment)>,
    /// Messages, without the rejected records.
    pub messages: u64,
    /// Events, without the rejected records.
    pub events: u64,
    /// Records that could not be used.
    pub rejected: u64,
    /// The times of the first and the last message.
    pub message_span: Option<(Ticks, Ticks)>,
}

/// Puts everything together.
pub(super) fn assemble(
    opened: Vec<Opened>,
    structure: Structure,
    taken: Vec<Taken>,
    stretches: Stretches,
    directory: Directory,
    findings: Findings,
) -> Archive {
    let dumps = structure.dumps(opened.len());
    let mut archive =
        Archive { dumps, findings, stretches, tree: structure.merged.tree, ..Archive::default() };
    for ((stream, opened), taken) in (1..).zip(opened).zip(taken) {
        let facts = facts(&opened, &taken);
        if let (Some(rows), Some(engine_rows)) = (facts.rows, facts.engine_rows) {
            archive.inputs.controls.push(Control { stream, rows, engine_rows });
        }
        archive.facts.push(facts);
        archive.tables.extend(carried(stream, &opened));
        archive.inputs.streams.push(opened.stream);
        archive.inputs.read.push(taken.read);
        archive.findings.extend(taken.findings);
    }
    for control in &archive.inputs.controls {
        let stream = &archive.inputs.streams[control.stream as usize - 1];
        if let Some(difference) = control.difference() {
            archive.findings.add(Control::FINDING, Level::Error, stream.name.as_str(), difference);
        }
    }
    archive.directory = Arc::new(directory.settle());
    archive.affiliations = by_position(structure.merged.affiliations, &archive.directory);
    archive
}

/// Names people by position. Two principals that turned out to be one person lie in the groups of
/// both.
fn by_position(
    affiliations: BTreeMap<PersonKey, Vec<PersonKey>>,
    settled: &Settled,
) -> BTreeMap<usize, Vec<usize>> {
    let mut known: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (person, groups) in affiliations {
        let groups = groups.into_iter().map(|group| settled.person(group));
        known.entry(settled.person(person)).or_default().extend(groups);
    }
    for groups in known.values_mut() {
        groups.sort_unstable();
        groups.dedup();
    }
    known
}

fn carried(stream: u32, opened: &Opened) -> Option<CarriedTable> {
    match &opened.kind {
        Kind::Table { table, recognised, .. } if !groupchat::is_record_table(recognised.kind) => {
            Some(CarriedTable { stream, name: recognised.kind.name().to_owned(), table: table.clone() })
        }
        Kind::OtherTable { table, stem } | Kind::CarriedTable { table, stem } => {
            Some(CarriedTable { stream, name: stem.clone(), table: table.clone() })
        }
        _ => None,
    }
}

fn facts(opened: &Opened, taken: &Taken) -> Facts {
    let (generation, held) = match &opened.kind {
        Kind::Table { table, recognised, .. } => (recognised.generation, Some(table)),
        Kind::OtherTable { table, .. } | Kind::Refused { table: Some(table), .. } => (None, Some(table)),
        _ => (None, None),
    };
    let description = held.and_then(Table::description);
    let named = held.map(Table::full_name);
    Facts {
        generation,
        rows: taken.rows,
        engine_rows: description.and_then(|table| table.engine_rows),
        table: named.filter(|table| opened.stream.name.ends_with(&format!("#{table}"))),
        span: taken.span,
        messages: taken.messages,
        events: taken.events,
        rejected: taken.rejected,
        message_span: taken.message_span,
    }
}
