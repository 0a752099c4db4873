//! One tree of the tree of the dumps and the trees of packages: each node from the newest of them.
//!
//! What holds for dumps holds here: trees are not united, since that would give back access that
//! was taken away. A node is taken whole where its origin is greatest. Of equally new ones that of
//! a dump is taken, which a package has flattened; then content decides, never a name, a number or
//! the order of inputs.

use std::collections::BTreeMap;

use super::contents::Content;
use crate::chat::{AddIn, Directory, Guid, Node, Origin, Tree};
use crate::ledger::{Findings, Level};

/// The tree of one package.
#[derive(Debug)]
pub(super) struct PackageTree {
    /// What to call the package in findings.
    pub name: String,
    /// Its categories, rooms and add-ins.
    pub tree: Tree,
}

/// What findings call the dumps, whose own differences are told elsewhere.
const DUMPS: &str = "a dump";

/// How new a node or add-in is: by its dump, then by being of the dump itself.
type Newness = (Option<Origin>, bool);

/// Joins the trees of packages with that of all dumps. Takes n log n of nodes and list entries.
pub(super) fn join(
    tree: &mut Tree,
    packages: Vec<PackageTree>,
    directory: &Directory,
    findings: &mut Findings,
) {
    if packages.is_empty() {
        return;
    }
    let dumps = PackageTree { name: DUMPS.to_owned(), tree: std::mem::take(tree) };
    let mut names: Vec<String> = Vec::new();
    let mut nodes: Vec<Candidate> = Vec::new();
    let mut add_ins: BTreeMap<Guid, Vec<(Newness, AddIn)>> = BTreeMap::new();
    for (source, PackageTree { name, tree }) in std::iter::once(dumps).chain(packages).enumerate() {
        let of_dump = source == 0;
        let newest = tree.nodes.iter().filter_map(|node| node.origin).max();
        for add_in in tree.add_ins {
            add_ins.entry(add_in.guid).or_default().push(((newest, of_dump), add_in));
        }
        nodes.extend(tree.nodes.into_iter().map(|node| Candidate { node, of_dump, source }));
        names.push(name);
    }
    nodes.sort_by_key(|candidate| candidate.node.guid);
    let mut nodes = nodes.into_iter().peekable();
    while let Some(first) = nodes.next() {
        let guid = first.node.guid;
        let others = std::iter::from_fn(|| nodes.next_if(|other| other.node.guid == guid)).collect();
        tree.nodes.push(choose(first, others, &names, directory, findings));
    }
    tree.add_ins = add_ins.into_values().filter_map(|one| choose_add_in(one, findings)).collect();
}

/// A node as one source has it.
struct Candidate {
    node: Node,
    of_dump: bool,
    /// Position of the source's name.
    source: usize,
}

impl Candidate {
    fn newness(&self) -> Newness {
        (self.node.origin, self.of_dump)
    }
}

/// Takes the newest, and tells in what the others differ from it.
fn choose(
    first: Candidate,
    others: Vec<Candidate>,
    names: &[String],
    directory: &Directory,
    findings: &mut Findings,
) -> Node {
    if others.is_empty() {
        return first.node;
    }
    let mut newest = (Content::new(&first.node, directory), first);
    let mut older = Vec::with_capacity(others.len());
    for other in others {
        let mut other = (Content::new(&other.node, directory), other);
        if (newest.1.newness(), &newest.0) < (other.1.newness(), &other.0) {
            std::mem::swap(&mut newest, &mut other);
        }
        older.push(other);
    }
    let (content, mut chosen) = newest;
    for (other_content, other) in &older {
        // What nobody dated gives way to what somebody did, as it must.
        if other.node.origin.is_none() && chosen.node.origin.is_some() {
            continue;
        }
        if let Some(difference) = difference((&content, &chosen), (other_content, other)) {
            let name = |candidate: &Candidate| names.get(candidate.source).map_or(DUMPS, String::as_str);
            let detail = format!("is taken from {}; {} differs in {difference}", name(&chosen), name(other));
            findings.add("STRUCT-DIFF", Level::Warning, chosen.node.name.clone(), detail);
        }
    }
    // A package has a root, if at all, as one of its categories; the tree of dumps still hangs on it.
    chosen.node.is_root |= older.iter().any(|(_, other)| other.node.is_root);
    chosen.node
}

/// Tells in what two differ, as far as a package could hold it.
fn difference(chosen: (&Content, &Candidate), other: (&Content, &Candidate)) -> Option<String> {
    match (chosen.1.of_dump, other.1.of_dump) {
        (false, false) => chosen.0.difference(other.0),
        // One dump, before and after it was flattened.
        _ if chosen.1.node.origin == other.1.node.origin => None,
        _ => chosen.0.difference_across_models(other.0),
    }
}

fn choose_add_in(candidates: Vec<(Newness, AddIn)>, findings: &mut Findings) -> Option<AddIn> {
    let (_, newest) = candidates.iter().max()?.clone();
    if candidates.iter().any(|(_, other)| *other != newest) {
        let detail = "the add-in is taken from the newest source; others have another name or address";
        findings.add("STRUCT-DIFF", Level::Warning, newest.name.clone(), detail);
    }
    Some(newest)
}
