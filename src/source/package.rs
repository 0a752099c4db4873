//! Packages of ours as a source: their structure joins the tree, their messages are read like any other.

use std::collections::BTreeMap;
use std::io::Read;

use super::newest::{self, PackageTree};
use super::opened::{Kind, Opened};
use super::table::Table;
use crate::chat::{Directory, Tree};
use crate::error::{Error, Result};
use crate::ledger::Findings;
use crate::package::read::{self, FlatDocuments, FlatMessages, PackageStructure, Part, StructureDocuments};

/// The structures of all packages, by position.
#[derive(Debug, Default)]
pub(super) struct Packages(BTreeMap<usize, PackageStructure>);

impl Packages {
    /// Returns the structure of a package.
    pub fn get(&self, package: usize) -> Option<&PackageStructure> {
        self.0.get(&package)
    }
}

/// Reads the structure of every package, and joins it with the tree of the dumps.
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
        let name = &users.stream.name;
        let name = name.strip_suffix("/data/import/User.xml").unwrap_or(name).to_owned();
        trees.push(PackageTree { name, tree: std::mem::take(&mut structure.tree) });
        packages.0.insert(package, structure);
    }
    newest::join(tree, trees, directory, findings);
    Ok(packages)
}

/// Gives the messages of every package as one flat table, `Messages`, each with the package's name.
///
/// # Errors
/// If the structure of a package is damaged.
pub(super) fn flat(opened: &[Opened]) -> Result<Vec<(String, Table)>> {
    let mut packages: BTreeMap<usize, FlatDocuments> = BTreeMap::new();
    for opened in opened {
        let Kind::Package { package, part } = &opened.kind else { continue };
        let documents = packages.entry(*package).or_default();
        match part {
            Part::Users => {
                let name = opened.stream.name.strip_suffix("data/import/User.xml");
                documents.name = name.unwrap_or_default().trim_end_matches(['/', '#']).to_owned();
                documents.structure[0] = Some(opened.blob.clone());
            }
            Part::Categories => documents.structure[1] = Some(opened.blob.clone()),
            Part::RoomDirectory => documents.structure[2] = Some(opened.blob.clone()),
            Part::Content(..) => {
                documents.contents.push((opened.stream.name.clone(), opened.blob.clone()));
            }
            _ => {}
        }
    }
    let table = |documents: FlatDocuments| {
        let name = documents.name.clone();
        Ok((name, Table::only(FlatMessages::open(documents)?)))
    };
    packages.into_values().map(table).collect()
}
