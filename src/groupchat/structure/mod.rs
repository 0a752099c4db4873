//! The structure of one dump: its nodes with their roles and scopes, its people, its add-ins.
//!
//! Numbers of the database end here as far as the dump itself explains them: nodes and people are
//! known by GUID from now on. Rows of structure tables are no records of the ledger; a bad one is
//! told and left out, and it stands verbatim in the package's `data/source/` all the same.

mod access;
mod affiliations;
mod generation;
mod nodes;
mod people;
mod repair;
mod rows;
mod settings;

use std::collections::BTreeMap;

use self::access::{Access, RoleTypes};
use self::affiliations::affiliations;
use self::generation::{Signs, generation};
use self::nodes::{NodeColumns, NodeRow};
pub use self::people::Principal;
use self::people::{PrincipalColumns, PrincipalRow, is_legacy_kind};
use self::repair::{identities, places, root};
pub use self::rows::TableRows;
use self::rows::{Keyed, Reader};
use self::settings::{EnumValues, OPEN};
use super::dumps::DumpTables;
use super::schema::TableKind;
use super::stream::{At, TableStream, tell_columns};
use crate::chat::{AddIn, Author, Generation, Guid, Node, Role};
use crate::error::Result;
use crate::ledger::Findings;

/// A node of one dump, with those who have roles or scope there.
#[derive(Debug, Clone, PartialEq)]
pub struct DumpNode {
    /// The node; its lists of roles and scopes are empty.
    pub node: Node,
    /// Who has which role at this very node, in order.
    pub roles: Vec<(Role, Author)>,
    /// Who is shut out (`true`) or let in at this very node, in order.
    pub scopes: Vec<(bool, Author)>,
}

/// What one dump says of the structure of its database.
#[derive(Debug, Clone, PartialEq)]
pub struct DumpStructure {
    /// How findings name the dump.
    pub name: String,
    /// Which shape of database it is.
    pub generation: Generation,
    /// Whether a column or row proves that; otherwise it rests on what is missing.
    pub generation_proven: bool,
    /// The GUID of the root node, which names the database; nil where it is unknown.
    pub database: Guid,
    /// Whether it has a `tblNode`, its own or a borrowed one.
    pub has_nodes: bool,
    /// Whether that is its own.
    pub owns_nodes: bool,
    /// Its nodes in the order of numbers.
    pub nodes: Vec<DumpNode>,
    /// Its principals by number.
    pub principals: BTreeMap<i64, Principal>,
    /// The numbers of the groups that each principal lies in, directly or not. A principal without
    /// an entry is not known well enough to say.
    pub affiliations: BTreeMap<i64, Vec<i64>>,
    /// Its add-ins by GUID.
    pub add_ins: BTreeMap<Guid, AddIn>,
    /// The rows of the tables that were read.
    pub rows: Vec<TableRows>,
    /// What was found in it.
    pub findings: Findings,
}

/// Reads the structure of one dump. `roles` is what the operator says of numbers of role types that
/// `tblRoleType` does not explain. The memory taken is that of the structure.
///
/// # Errors
/// If a dump cannot be read on; never for a row.
pub fn read_structure(
    dump: &DumpTables,
    streams: &[TableStream],
    roles: &BTreeMap<i64, Role>,
) -> Result<DumpStructure> {
    let mut reader = Reader::new(dump, streams);
    let types = RoleTypes::read(&mut reader)?;
    let values = enum_values(&mut reader)?;
    let rows = node_rows(&mut reader)?;
    let people = principal_rows(&mut reader)?;
    let signs = Signs {
        creator_role: types.has_creator,
        open_rooms: values.1,
        legacy_kinds: people.values().any(|row| row.kind.is_some_and(is_legacy_kind)),
    };
    let records: Vec<&TableStream> = dump.records.iter().filter_map(|&at| streams.get(at)).collect();
    let (generation, generation_proven) = generation(&reader, &records, signs);

    let identities = identities(&rows, &dump.name, &mut reader.findings);
    let places = places(&rows, &dump.name, &mut reader.findings);
    let root = root(&places).and_then(|number| identities.get(&number));
    let database = root.filter(|root| root.is_known).map_or(Guid::nil(), |root| root.guid);
    let principals: BTreeMap<i64, Principal> =
        people.into_iter().map(|(number, row)| (number, row.principal(database, number))).collect();
    let author = |number: i64| match principals.get(&number) {
        Some(principal) => principal.author.clone(),
        None => Author::Numbered { database, number },
    };

    let access = Access::read(&mut reader, &types, roles, |number| rows.contains_key(&number))?;
    let affiliations = affiliations(&mut reader, |number| principals.contains_key(&number))?;
    let last_chat_ids = last_chat_ids(&mut reader)?;
    let nodes = nodes::nodes(&rows, &identities, &places, &values.0, generation, &mut reader.findings);
    let nodes = nodes.into_iter().map(|node| dump_node(node, &access, &last_chat_ids, author)).collect();
    let add_ins = add_ins(&mut reader)?;
    tell_all_columns(&mut reader, generation);
    Ok(DumpStructure {
        name: dump.name.clone(),
        generation,
        generation_proven,
        database,
        has_nodes: reader.has(TableKind::Node),
        owns_nodes: dump.owns_nodes,
        nodes,
        principals,
        affiliations,
        add_ins,
        rows: reader.rows,
        findings: reader.findings,
    })
}

fn dump_node(
    node: Node,
    access: &Access,
    last_chat_ids: &BTreeMap<i64, i64>,
    author: impl Fn(i64) -> Author,
) -> DumpNode {
    let number = node.number;
    let roles = access.roles.get(&number).into_iter().flatten();
    let scopes = access.scopes.get(&number).into_iter().flatten();
    let mut roles: Vec<(Role, Author)> = roles.map(|&(role, person)| (role, author(person))).collect();
    let mut scopes: Vec<(bool, Author)> = scopes.map(|(&person, &denied)| (denied, author(person))).collect();
    roles.sort();
    roles.dedup();
    scopes.sort();
    scopes.dedup();
    let last_chat_id = last_chat_ids.get(&number).copied();
    DumpNode { node: Node { last_chat_id, ..node }, roles, scopes }
}

/// Reads `tblEnumValue`, and tells whether `open` is among its rows.
fn enum_values(reader: &mut Reader<'_>) -> Result<(EnumValues, bool)> {
    let mut keyed = Keyed::new();
    reader.read(
        TableKind::EnumValue,
        &["valueID", "attributeValue"],
        |columns| ["valueID", "attributeValue"].map(|name| At::find(columns, name)),
        |[number, name], cells| {
            keyed.insert(cells.required_integer(*number)?, cells.text(*name)?);
            Ok(())
        },
    )?;
    reader.tell_duplicates(TableKind::EnumValue, "valueID", &keyed.doubled());
    let mut values = EnumValues::default();
    keyed.rows.iter().for_each(|(&number, name)| values.learn(number, name));
    Ok((values, keyed.rows.contains_key(&OPEN)))
}

fn node_rows(reader: &mut Reader<'_>) -> Result<BTreeMap<i64, NodeRow>> {
    let mut keyed = Keyed::new();
    reader.read(TableKind::Node, &["nodeID", "nodeType"], NodeColumns::find, |columns, cells| {
        let (number, row) = columns.row(cells)?;
        keyed.insert(number, row);
        Ok(())
    })?;
    reader.tell_duplicates(TableKind::Node, "nodeID", &keyed.doubled());
    Ok(keyed.rows)
}

fn principal_rows(reader: &mut Reader<'_>) -> Result<BTreeMap<i64, PrincipalRow>> {
    let mut keyed = Keyed::new();
    reader.read(TableKind::Principal, &["prinID"], PrincipalColumns::find, |columns, cells| {
        let (number, row) = columns.row(cells)?;
        keyed.insert(number, row);
        Ok(())
    })?;
    reader.tell_duplicates(TableKind::Principal, "prinID", &keyed.doubled());
    Ok(keyed.rows)
}

/// Reads `tblLastChatId`. Its key is the pair, so a room may have several rows: the greatest counts.
fn last_chat_ids(reader: &mut Reader<'_>) -> Result<BTreeMap<i64, i64>> {
    let mut last: BTreeMap<i64, i64> = BTreeMap::new();
    reader.read(
        TableKind::LastChatId,
        &["nodeID", "lastChatID"],
        |columns| ["nodeID", "lastChatID"].map(|name| At::find(columns, name)),
        |[node, id], cells| {
            let id = cells.required_integer(*id)?;
            let known = last.entry(cells.required_integer(*node)?).or_insert(id);
            *known = id.max(*known);
            Ok(())
        },
    )?;
    Ok(last)
}

fn add_ins(reader: &mut Reader<'_>) -> Result<BTreeMap<Guid, AddIn>> {
    let mut keyed = Keyed::new();
    reader.read(
        TableKind::SiopWhiteList,
        &["siopID"],
        |columns| ["siopID", "siopName", "siopUrl"].map(|name| At::find(columns, name)),
        |[guid, name, url], cells| {
            let guid = cells.guid(*guid)?.ok_or_else(|| super::field::Fault::missing(guid.name))?;
            keyed.insert(guid, AddIn { guid, name: cells.text(*name)?, url: cells.text(*url)? });
            Ok(())
        },
    )?;
    reader.tell_duplicates(TableKind::SiopWhiteList, "siopID", &keyed.doubled());
    Ok(keyed.rows)
}

/// Tells for each table that was read which columns it has too many or too few.
fn tell_all_columns(reader: &mut Reader<'_>, generation: Generation) {
    use TableKind::*;
    let mut findings = Findings::default();
    for kind in [
        Node,
        Principal,
        RoleType,
        PrincipalRole,
        ScopePrincipal,
        PrincipalAffiliations,
        EnumValue,
        LastChatId,
        SiopWhiteList,
    ] {
        for stream in reader.parts(kind) {
            tell_columns(stream, Some(generation), &mut |code, level, subject, detail| {
                findings.add(code, level, subject, detail);
            });
        }
    }
    reader.findings.extend(findings);
}
