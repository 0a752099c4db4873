//! Making one tree of the structure of several dumps.
//!
//! Dumps are not united: a union would give back access that was taken away. A node with its scopes
//! and roles is taken whole from the newest dump that holds it; where others differ, it is told.
//! Nothing depends on the order of dumps, on numbers in databases, or on the order of keys.

mod database;
mod differences;
mod facets;
mod generations;
mod heirs;
mod newness;
mod numbers;

use std::collections::BTreeMap;

pub use self::database::Database;
use self::differences::Paths;
use self::newness::by_newness;
use self::numbers::Numbers;
use super::structure::{DumpNode, DumpStructure, TableRows};
use crate::chat::{
    AddIn, Directory, Guid, Node, Origin, PersonFacts, PersonKey, RoleEntry, ScopeEntry, Tree,
};
use crate::ledger::{Findings, Level};

/// The structure of a run.
#[derive(Debug, Clone, Default)]
pub struct Merged {
    /// Every node once.
    pub tree: Tree,
    /// What readers of records need to know of each dump, in the order in which dumps were given.
    pub databases: Vec<Database>,
    /// The groups, containers and domains that principals lie in, directly or not; a principal
    /// without an entry is not known well enough to say.
    pub affiliations: BTreeMap<PersonKey, Vec<PersonKey>>,
    /// The rows of all structure tables, in the order of streams.
    pub rows: Vec<TableRows>,
    /// What was found in the dumps and between them.
    pub findings: Findings,
}

/// Makes one tree of several dumps, and tells the directory of everybody and every room in them.
///
/// Takes time in proportion to n log n of the structure rows.
pub fn merge(mut dumps: Vec<DumpStructure>, directory: &Directory) -> Merged {
    generations::agree(&mut dumps);
    let numbers = Numbers::learn(&dumps, directory);
    dumps.iter_mut().for_each(|dump| numbers.resolve(dump));
    let newness: Vec<_> = dumps.iter().map(newness::newness).collect();
    for (dump, newness) in dumps.iter_mut().zip(&newness) {
        let origin = newness.origin();
        learn_people(dump, origin, directory);
        dump.nodes.iter_mut().for_each(|node| node.node.origin = Some(origin));
    }
    let databases = dumps.iter().map(|dump| Database::new(dump, directory)).collect();

    let newest_first: Vec<&DumpStructure> = by_newness(&newness).filter_map(|at| dumps.get(at)).collect();
    let mut findings = Findings::default();
    dumps.iter().for_each(|dump| findings.extend(dump.findings.clone()));
    let chosen = choose(&newest_first, &mut findings);
    let heirs = heirs::heirs(&chosen, &mut findings);
    let tree = Tree {
        nodes: chosen
            .iter()
            .map(|(guid, chosen)| node(heirs.get(guid).unwrap_or(chosen.node), directory))
            .collect(),
        add_ins: add_ins(&newest_first, &mut findings),
    };
    let mut rows: Vec<TableRows> = dumps.iter().flat_map(|dump| dump.rows.iter().cloned()).collect();
    rows.sort_by_key(|table| table.stream);
    // A table that several dumps borrow was read for each of them.
    rows.dedup();
    let affiliations = affiliations(&newest_first, directory);
    Merged { tree, databases, affiliations, rows, findings }
}

/// Takes the groups of each principal from the newest dump that knows them.
fn affiliations(
    newest_first: &[&DumpStructure],
    directory: &Directory,
) -> BTreeMap<PersonKey, Vec<PersonKey>> {
    let mut known = BTreeMap::new();
    for dump in newest_first {
        let key = |number: &i64| Some(directory.person(&dump.principals.get(number)?.author));
        for (number, groups) in &dump.affiliations {
            if let Some(person) = key(number) {
                known.entry(person).or_insert_with(|| groups.iter().filter_map(key).collect());
            }
        }
    }
    known
}

fn learn_people(dump: &DumpStructure, origin: Origin, directory: &Directory) {
    let rank = Origin::rank(Some(origin), true);
    for principal in dump.principals.values() {
        let key = directory.person(&principal.author);
        directory.learn_person(key, PersonFacts { rank, ..principal.facts.clone() });
    }
}

/// A node as the newest dump that holds it has it.
#[derive(Debug, Clone, Copy)]
struct Chosen<'d> {
    dump: &'d DumpStructure,
    node: &'d DumpNode,
}

/// Takes each node from the first dump that has it of its own, and tells where later ones differ.
fn choose<'d>(newest_first: &[&'d DumpStructure], findings: &mut Findings) -> BTreeMap<Guid, Chosen<'d>> {
    let nodes = || {
        let owners = newest_first.iter().filter(|dump| dump.owns_nodes);
        owners.flat_map(|dump| dump.nodes.iter().map(|node| Chosen { dump, node }))
    };
    let mut chosen: BTreeMap<Guid, Chosen<'d>> = BTreeMap::new();
    for candidate in nodes() {
        chosen.entry(candidate.node.node.guid).or_insert(candidate);
    }
    let paths = Paths::new(chosen.values().map(|chosen| &chosen.node.node));
    for other in nodes() {
        let Some(newest) = chosen.get(&other.node.node.guid) else { continue };
        if std::ptr::eq(newest.node, other.node) {
            continue;
        }
        if let Some(difference) = differences::between(newest.node, other.node) {
            let detail =
                format!("is taken from {}; {} differs in {difference}", newest.dump.name, other.dump.name);
            findings.add("STRUCT-DIFF", Level::Warning, paths.path(&newest.node.node), detail);
        }
    }
    chosen
}

/// Makes the node of the tree. Lists are in the order of what their people are known by, since the
/// order of keys is that of threads.
fn node(chosen: &DumpNode, directory: &Directory) -> Node {
    let roles = chosen.roles.iter();
    let scopes = chosen.scopes.iter();
    Node {
        roles: roles.map(|(role, who)| RoleEntry { role: *role, person: directory.person(who) }).collect(),
        scopes: scopes
            .map(|(denied, who)| ScopeEntry { denied: *denied, person: directory.person(who) })
            .collect(),
        ..chosen.node.clone()
    }
}

fn add_ins(newest_first: &[&DumpStructure], findings: &mut Findings) -> Vec<AddIn> {
    let mut chosen: BTreeMap<Guid, (&DumpStructure, &AddIn)> = BTreeMap::new();
    for dump in newest_first {
        for add_in in dump.add_ins.values() {
            let (newest, kept) = *chosen.entry(add_in.guid).or_insert((dump, add_in));
            if kept != add_in {
                let detail = format!(
                    "the add-in is taken from {}; {} has another name or address",
                    newest.name, dump.name
                );
                findings.add("STRUCT-DIFF", Level::Warning, kept.name.clone(), detail);
            }
        }
    }
    chosen.into_values().map(|(_, add_in)| add_in.clone()).collect()
}
