//! Which data files form one database.
//!
//! A data file tells its own number and not its database. So the secondary files of a folder belong to
//! its primary file; where there are several, to the one whose name begins most like theirs.

use std::collections::BTreeMap;

use super::Family;
use crate::source::opened::stem;
use crate::source::survey::{Look, Surveyed};
use crate::sqlserver::mdf::FileKind;

/// Puts the data files of each database together, the primary one first.
pub(super) fn together(files: Vec<Surveyed>) -> Vec<Family> {
    let mut folders: BTreeMap<String, (Vec<Surveyed>, Vec<Surveyed>)> = BTreeMap::new();
    for file in files {
        let (primaries, secondaries) = folders.entry(file.item.folder.clone()).or_default();
        match file.look {
            Look::DataFile(FileKind::Primary) => primaries.push(file),
            _ => secondaries.push(file),
        }
    }
    folders.into_values().flat_map(|(primaries, secondaries)| in_folder(primaries, secondaries)).collect()
}

fn in_folder(primaries: Vec<Surveyed>, secondaries: Vec<Surveyed>) -> Vec<Family> {
    let mut databases: Vec<Vec<Surveyed>> = primaries.into_iter().map(|file| vec![file]).collect();
    let mut refused = Vec::new();
    for file in secondaries {
        match owner(&databases, &file) {
            Ok(at) => databases[at].push(file),
            Err(why) => {
                let hint = "lay the data files of each database in a folder of their own, the primary one (.mdf) among them";
                refused.push(Family::Refused(file, why.to_owned(), hint.to_owned()));
            }
        }
    }
    databases.into_iter().map(Family::DataFiles).chain(refused).collect()
}

/// Returns the position of the database to which a secondary file belongs.
fn owner(databases: &[Vec<Surveyed>], file: &Surveyed) -> Result<usize, &'static str> {
    if databases.is_empty() {
        return Err("it is a secondary data file, and the primary one of its database is not beside it");
    }
    let alike = |database: &[Surveyed]| {
        let (one, other) = (stem(&database[0].item.name), stem(&file.item.name));
        one.chars().zip(other.chars()).take_while(|(one, other)| one.eq_ignore_ascii_case(other)).count()
    };
    let most = databases.iter().map(|database| alike(database)).max().unwrap_or_default();
    let mut best = (0..databases.len()).filter(|&at| alike(&databases[at]) == most);
    match (best.next(), best.next()) {
        (Some(at), None) => Ok(at),
        _ => Err("it is a secondary data file, and could belong to several databases beside it"),
    }
}
