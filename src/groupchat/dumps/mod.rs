//! Which tables belong together: loose files become dumps of databases.
//!
//! Tables of one folder whose file names begin alike form a group. A group with a `tblNode` is a
//! dump. A group without one joins the dump nearest to it in the tree of folders, if one alone is
//! nearest; otherwise its rooms are known by number. Nothing here depends on the order in which
//! tables are given, nor on how `tblChat` is cut into files and folders.
//!
//! Numbers of people mean something within one database alone. So a `tblPrincipal` is borrowed from
//! another group only where that group has no `tblNode` of its own, or is the one joined.

mod nearest;

use std::collections::{BTreeMap, BTreeSet};

use self::nearest::{Found, nearest};
use super::schema::{TableKind, name_affix, part_free, without_schema};
use super::stream::TableStream;
use crate::ledger::{Digest, Findings, Level};

/// The tables of one dump of one database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DumpTables {
    /// How findings name the dump: the name of its `tblNode`, else of its first table.
    pub name: String,
    /// The positions of its structure tables among the tables given, parts in order.
    pub structure: BTreeMap<TableKind, Vec<usize>>,
    /// The positions of its tables that hold records; they may tell its generation.
    pub records: Vec<usize>,
    /// Whether its `tblNode` is its own; a borrowed one serves to name rooms and stands for nothing.
    pub owns_nodes: bool,
}

/// All dumps, and which of them each table belongs to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grouping {
    /// The dumps in a fixed order.
    pub dumps: Vec<DumpTables>,
    /// For each table given, in the order given, the position of its dump.
    pub dump_of: Vec<usize>,
    /// What was joined, and what could not be.
    pub findings: Findings,
}

/// Tables that stand side by side under one prefix.
#[derive(Debug)]
struct Group {
    folder: String,
    /// Its tables in the order of (name, digest).
    tables: Vec<usize>,
    /// Digests of its `tblNode` and of its `tblPrincipal`, in order; empty where it has none.
    nodes: Vec<Digest>,
    principals: Vec<Digest>,
}

/// Where a group takes its structure from: the positions of two groups.
type Home = (Option<usize>, Option<usize>);

/// Groups tables into dumps.
pub fn group(streams: &[TableStream]) -> Grouping {
    let groups = groups(streams);
    let mut findings = Findings::default();
    let nodes = node_homes(&groups, streams, &mut findings);
    let homes = principal_homes(&groups, &nodes, streams, &mut findings);
    let mut members: BTreeMap<Home, Vec<usize>> = BTreeMap::new();
    for (at, home) in homes.iter().enumerate() {
        members.entry(*home).or_default().push(at);
    }
    let mut dumps = Vec::new();
    let mut dump_of = vec![0; streams.len()];
    for (home, members) in members {
        let tables = members.iter().filter_map(|&at| groups.get(at)).flat_map(|group| &group.tables);
        for &table in tables {
            if let Some(place) = dump_of.get_mut(table) {
                *place = dumps.len();
            }
        }
        dumps.push(dump_tables(home, &members, &groups, streams, &mut findings));
    }
    Grouping { dumps, dump_of, findings }
}

/// Puts tables side by side, and the groups in the order of their first tables.
fn groups(streams: &[TableStream]) -> Vec<Group> {
    let mut order: Vec<usize> = (0..streams.len()).collect();
    order.sort_by_key(|&at| (&streams[at].name, streams[at].digest, streams[at].stream));
    let mut keyed: BTreeMap<(Option<u32>, &str, String, String), Vec<usize>> = BTreeMap::new();
    for at in order {
        let stream = &streams[at];
        let key = match stream.database {
            Some(_) => (stream.database, "", String::new(), String::new()),
            None => {
                let (prefix, suffix) = name_affix(&stream.stem, stream.kind);
                let whole_name_is_prefix = suffix.is_empty() && prefix == stream.stem;
                let prefix = if whole_name_is_prefix { part_free(&prefix) } else { without_schema(&prefix) };
                (None, stream.folder.as_str(), prefix, part_free(&suffix))
            }
        };
        keyed.entry(key).or_default().push(at);
    }
    let mut groups: Vec<Group> = keyed.into_values().map(|tables| Group::new(tables, streams)).collect();
    groups.sort_by_key(|group| group.tables.first().map(|&at| (&streams[at].name, streams[at].digest)));
    groups
}

impl Group {
    fn new(tables: Vec<usize>, streams: &[TableStream]) -> Group {
        let digests = |kind| {
            let of_kind = tables.iter().map(|&at| &streams[at]).filter(|stream| stream.kind == kind);
            let digests: BTreeSet<Digest> = of_kind.map(|stream| stream.digest).collect();
            digests.into_iter().collect()
        };
        let (nodes, principals) = (digests(TableKind::Node), digests(TableKind::Principal));
        let folder = tables.first().map(|&at| streams[at].folder.clone()).unwrap_or_default();
        Group { folder, tables, nodes, principals }
    }

    fn holds(&self, streams: &[TableStream], serves: fn(TableKind) -> bool) -> bool {
        self.tables.iter().any(|&at| serves(streams[at].kind))
    }

    fn name<'s>(&self, streams: &'s [TableStream], kind: Option<TableKind>) -> &'s str {
        let mut tables = self.tables.iter().map(|&at| &streams[at]);
        let wanted = |stream: &&TableStream| kind.is_none_or(|kind| stream.kind == kind);
        tables.find(wanted).map(|stream| stream.name.as_str()).unwrap_or_default()
    }
}

/// Finds for each group the group whose `tblNode` it uses.
fn node_homes(groups: &[Group], streams: &[TableStream], findings: &mut Findings) -> Vec<Option<usize>> {
    let owners: Vec<usize> = (0..groups.len()).filter(|&at| !groups[at].nodes.is_empty()).collect();
    let home = |(at, group): (usize, &Group)| {
        if !group.nodes.is_empty() {
            return Some(at);
        }
        let found = nearest(&group.folder, &owners, |at| &groups[at].folder, |at| &groups[at].nodes);
        let needed = group.holds(streams, needs_nodes).then_some(TableKind::Node);
        settle(group, groups, streams, found, needed, findings)
    };
    groups.iter().enumerate().map(home).collect()
}

/// Finds for each group the group whose `tblPrincipal` it uses, and tells what it could not find.
fn principal_homes(
    groups: &[Group],
    nodes: &[Option<usize>],
    streams: &[TableStream],
    findings: &mut Findings,
) -> Vec<Home> {
    let loose: Vec<usize> = (0..groups.len())
        .filter(|&at| !groups[at].principals.is_empty() && groups[at].nodes.is_empty())
        .collect();
    let mut homes: Vec<Home> = nodes.iter().map(|&node| (node, None)).collect();
    // Dumps first: a group that joins one shares its people.
    let is_dump = |at: &usize| nodes[*at] == Some(*at);
    let (dumps, others): (Vec<usize>, Vec<usize>) = (0..groups.len()).partition(is_dump);
    for at in dumps.into_iter().chain(others) {
        let group = &groups[at];
        let joined = nodes[at].filter(|&node| node != at).and_then(|node| homes[node].1);
        let same_as_joined = joined
            .filter(|&joined| group.principals.is_empty() || groups[joined].principals == group.principals);
        homes[at].1 = match same_as_joined {
            Some(joined) => Some(joined),
            None if !group.principals.is_empty() => Some(at),
            None => {
                let found =
                    nearest(&group.folder, &loose, |at| &groups[at].folder, |at| &groups[at].principals);
                let is_needed = nodes[at].is_none_or(|node| node == at) && group.holds(streams, needs_people);
                let needed = is_needed.then_some(TableKind::Principal);
                settle(group, groups, streams, found, needed, findings)
            }
        };
    }
    homes
}

fn needs_nodes(kind: TableKind) -> bool {
    use TableKind::*;
    matches!(kind, Chat | PrincipalRole | ScopePrincipal | LastChatId)
}

fn needs_people(kind: TableKind) -> bool {
    matches!(kind, TableKind::Chat | TableKind::PrincipalRole | TableKind::ScopePrincipal)
}

/// Takes what was found, and tells of it if the group has need of that table.
fn settle(
    group: &Group,
    groups: &[Group],
    streams: &[TableStream],
    found: Found,
    needed: Option<TableKind>,
    findings: &mut Findings,
) -> Option<usize> {
    let without = match needed {
        Some(TableKind::Node) => "its rooms are known by their numbers alone",
        _ => {
            "its people are known by their numbers alone, unless another dump of the same database names them"
        }
    };
    let kind = needed.unwrap_or(TableKind::Other);
    let mut tell = |code, level, detail: String| {
        if needed.is_some() {
            findings.add(code, level, group.name(streams, None), detail);
        }
    };
    match found {
        Found::One(at) => {
            let home = &groups[at];
            if home.folder != group.folder {
                let owner = home.name(streams, Some(kind));
                // Of inputs that were named one by one nobody said that they belong together.
                let input = |name: &str| name.split(['/', '#']).next().map(str::to_owned);
                let apart = input(owner) != input(group.name(streams, None));
                tell(
                    "DUMP-JOINED",
                    if apart { Level::Warning } else { Level::Info },
                    format!("has no {} beside it and takes {owner}", kind.name()),
                );
            }
            Some(at)
        }
        Found::None => {
            tell("DUMP-LONELY", Level::Warning, format!("no {} belongs to it: {without}", kind.name()));
            None
        }
        Found::Several(several) => {
            let names: BTreeSet<&str> =
                several.iter().map(|&at| groups[at].name(streams, Some(kind))).collect();
            let names = names.into_iter().collect::<Vec<_>>().join(", ");
            let detail = format!("{} could be any of {names}: {without}; lay it beside its own", kind.name());
            tell("DUMP-AMBIGUOUS", Level::Error, detail);
            None
        }
    }
}

/// Collects the tables of one dump from the groups that form it.
fn dump_tables(
    (node, principal): Home,
    members: &[usize],
    groups: &[Group],
    streams: &[TableStream],
    findings: &mut Findings,
) -> DumpTables {
    let owner = node.filter(|node| members.contains(node));
    let mut structure: BTreeMap<TableKind, Vec<usize>> = BTreeMap::new();
    let mut records = Vec::new();
    // The dump's own group first: what it has, others do not add to.
    let first = owner.into_iter().chain(members.iter().copied().filter(|&at| Some(at) != owner));
    let mut own_kinds = BTreeSet::new();
    for at in first {
        let tables = groups.get(at).map(|group| group.tables.as_slice()).unwrap_or_default();
        for &table in tables {
            let kind = streams[table].kind;
            if kind.holds_records() {
                records.push(table);
            } else if kind == TableKind::Other {
                continue;
            } else if own_kinds.contains(&kind) {
                tell_unused(table, structure.get(&kind), streams, findings);
            } else {
                structure.entry(kind).or_default().push(table);
            }
        }
        if Some(at) == owner {
            own_kinds = structure.keys().copied().collect();
        }
    }
    for (kind, home) in [(TableKind::Node, node), (TableKind::Principal, principal)] {
        let borrowed = home.and_then(|home| groups.get(home)).map(|group| &group.tables);
        let of_kind = borrowed.into_iter().flatten().copied().filter(|&at| streams[at].kind == kind);
        // Copies of the very table may stand in other groups of the dump: one is enough.
        structure.insert(kind, of_kind.collect());
    }
    structure.retain(|_, tables| !tables.is_empty());
    records.sort_unstable_by_key(|&at| (&streams[at].name, streams[at].digest));
    let named = structure.get(&TableKind::Node).or_else(|| structure.get(&TableKind::Principal));
    let first = named.and_then(|tables| tables.first()).or(records.first());
    let first = first.or_else(|| structure.values().flatten().next());
    let name = first.map(|&at| streams[at].name.clone()).unwrap_or_default();
    DumpTables { name, structure, records, owns_nodes: owner.is_some() }
}

/// Tells of a table that is left aside because the dump has one of its own.
fn tell_unused(table: usize, used: Option<&Vec<usize>>, streams: &[TableStream], findings: &mut Findings) {
    let used = used.map(Vec::as_slice).unwrap_or_default();
    let is_copy = used.iter().any(|&at| streams[at].digest == streams[table].digest);
    let matters = !matches!(streams[table].kind, TableKind::Node | TableKind::Principal);
    if let (false, true, Some(&first)) = (is_copy, matters, used.first()) {
        let detail = format!("is not used, since the dump has {}", streams[first].name);
        findings.add("DUMP-AMBIGUOUS", Level::Error, streams[table].name.as_str(), detail);
    }
}
