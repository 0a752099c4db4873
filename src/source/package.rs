//! Packages of ours as a source: their structure joins the tree, their messages are read like any other.

use std::collections::BTreeMap;
use std::io::Read;

use super::opened::{Kind, Opened};
use crate::chat::{Directory, Guid, Node, Tree};
use crate::error::{Error, Result};
use crate::ledger::{Findings, Level};
use crate::package::read::{self, PackageStructure, Part, StructureDocuments};

/// The structures of all packages, by position.
#[derive(Debug, Default)]
pub(super) struct Packages(BTreeMap<usize, PackageStructure>);

impl Packages {
    /// Returns the structure of a package.
    pub fn get(&self, package: usize) -> Option<&PackageStructure> {
        self.0.get(&package)
    }
}

/// Reads the structure of every package, and adds to the tree what no dump holds.
///
/// A dump outdoes a package, which was made from one. Of two packages that differ in a node, the one
/// whose node is greater by content holds, whatever the order in which they are given.
///
/// # Errors
/// If the structure of a package is damaged.
pub(super) fn read_all(
    opened: &[Opened],
    directory: &Directory,
    tree: &mut Tree,
    findings: &mut Findings,
) -> Result<Packages> {
    let mut documents: BTreeMap<usize, [Option<&Opened>; 3]> = BTreeMap::new();
    for opened in opened {
        if let Kind::Package { package, part } = &opened.kind {
            let at = match part {
                Part::Users => 0,
                Part::Categories => 1,
                Part::RoomDirectory => 2,
                _ => continue,
            };
            documents.entry(*package).or_default()[at] = Some(opened);
        }
    }
    let mut packages = Packages::default();
    let mut trees = Vec::new();
    for (package, [users, categories, rooms]) in documents {
        let Some(users) = users else { continue };
        let open = |opened: &Opened| {
            opened.blob.open().map_err(|cause| Error::read(opened.stream.name.clone(), cause))
        };
        let documents = StructureDocuments {
            name: users.stream.name.clone(),
            users: open(users)?,
            categories: categories.map(open).transpose()?,
            room_directory: rooms.map(open).transpose()?,
        };
        let mut structure = read::read_structure::<Box<dyn Read + Send>>(documents, directory)?;
        trees.push(std::mem::take(&mut structure.tree));
        packages.0.insert(package, structure);
    }
    join(tree, trees, findings);
    Ok(packages)
}

/// Adds the nodes and add-ins of packages that the tree lacks.
fn join(tree: &mut Tree, packages: Vec<Tree>, findings: &mut Findings) {
    let mut candidates: BTreeMap<Guid, Vec<Node>> = BTreeMap::new();
    for package in packages {
        for node in package.nodes {
            candidates.entry(node.guid).or_default().push(node);
        }
        tree.add_ins.extend(package.add_ins);
    }
    for (guid, mut nodes) in candidates {
        if tree.nodes.iter().any(|node| node.guid == guid) {
            continue;
        }
        // The order of content: the text of a node shows all of it.
        nodes.sort_by_cached_key(|node| format!("{node:?}"));
        let newest = nodes.pop();
        if nodes.iter().any(|node| Some(node) != newest.as_ref()) {
            findings.add(
                "STRUCT-DIFF",
                Level::Warning,
                guid.to_string(),
                "packages differ in this node; it is taken whole from one of them",
            );
        }
        tree.nodes.extend(newest);
    }
    tree.nodes.sort_by_key(|node| node.guid);
    tree.add_ins.sort();
    tree.add_ins.dedup_by_key(|add_in| add_in.guid);
}
