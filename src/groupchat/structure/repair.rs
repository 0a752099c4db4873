//! Making a tree of `tblNode` even where it is none: doubled GUIDs, loops, parents that are nowhere.

use std::collections::{BTreeMap, BTreeSet};

use super::nodes::NodeRow;
use crate::chat::{Guid, RoomUri, derived_guid};
use crate::ledger::{Findings, Level};

/// The identity of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) guid: Guid,
    /// Whether the GUID stands in the source.
    pub(super) is_known: bool,
}

/// The place of a node in the tree, by `nodeID`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It is its own parent.
    Root,
    /// It hangs below another node.
    Below(i64),
    /// Its parent is not there, or it closes a loop.
    Nowhere,
}

/// Gives each node an identity. Of nodes that share a GUID the least `nodeID` keeps it.
pub(super) fn identities(
    rows: &BTreeMap<i64, NodeRow>,
    dump: &str,
    findings: &mut Findings,
) -> BTreeMap<i64, Identity> {
    let mut holders: BTreeMap<Guid, i64> = BTreeMap::new();
    let mut identities = BTreeMap::new();
    for (&number, row) in rows {
        let identity = match row.guid {
            // The same GUID that a room gets of which nothing but the number is known.
            None => Identity { guid: RoomUri::numbered(number).guid().0, is_known: false },
            Some(guid) => match holders.get(&guid) {
                None => {
                    holders.insert(guid, number);
                    Identity { guid, is_known: true }
                }
                Some(holder) => {
                    let detail = format!(
                        "nodeID {number} repeats the GUID {guid} of nodeID {holder} in {dump} and gets one derived of both"
                    );
                    findings.add("GUID-DUP", Level::Error, row.name.clone(), detail);
                    let guid = derived_guid(&[guid.as_bytes(), number.to_string().as_bytes()]);
                    Identity { guid, is_known: false }
                }
            },
        };
        identities.insert(number, identity);
    }
    identities
}

/// Finds each node's place. Where parents run in a loop, the least `nodeID` of it is cut loose.
pub(super) fn places(
    rows: &BTreeMap<i64, NodeRow>,
    dump: &str,
    findings: &mut Findings,
) -> BTreeMap<i64, Place> {
    let lone_root = lone_root(rows);
    let place = |number: i64, row: &NodeRow| match row.parent {
        Some(parent) if parent == number => Place::Root,
        None if lone_root == Some(number) => Place::Root,
        Some(parent) if rows.contains_key(&parent) => Place::Below(parent),
        _ => Place::Nowhere,
    };
    let mut places: BTreeMap<i64, Place> =
        rows.iter().map(|(&number, row)| (number, place(number, row))).collect();
    for (number, row) in rows.iter().filter(|(number, _)| places.get(number) == Some(&Place::Nowhere)) {
        let parent = row.parent.map_or("NULL".to_string(), |parent| parent.to_string());
        let detail = format!("the parent {parent} of nodeID {number} is nowhere in {dump}");
        findings.add("NODE-ORPHAN", Level::Error, row.name.clone(), detail);
    }
    for number in loops(&places) {
        if let Some(row) = rows.get(&number) {
            let detail = format!("the parents of nodeID {number} in {dump} lead back to it");
            findings.add("NODE-LOOP", Level::Error, row.name.clone(), detail);
        }
        places.insert(number, Place::Nowhere);
    }
    places
}

/// Returns the one category without a parent, in a table in which no node is its own.
fn lone_root(rows: &BTreeMap<i64, NodeRow>) -> Option<i64> {
    if rows.iter().any(|(&number, row)| row.parent == Some(number)) {
        return None;
    }
    let mut parentless = rows.iter().filter(|(_, row)| row.parent.is_none() && row.is_category);
    let first = parentless.next().map(|(&number, _)| number);
    first.filter(|_| parentless.next().is_none())
}

/// Returns the least number of each loop. Takes time in proportion to n log n.
fn loops(places: &BTreeMap<i64, Place>) -> Vec<i64> {
    let mut done: BTreeSet<i64> = BTreeSet::new();
    let mut loops = Vec::new();
    for &start in places.keys() {
        let mut path = Vec::new();
        let mut on_path = BTreeSet::new();
        let mut at = start;
        while !done.contains(&at) && on_path.insert(at) {
            path.push(at);
            match places.get(&at) {
                Some(&Place::Below(parent)) => at = parent,
                _ => break,
            }
        }
        if !done.contains(&at) && path.last() != Some(&at) {
            let entered = path.iter().position(|&number| number == at).unwrap_or(0);
            loops.extend(path.get(entered..).unwrap_or_default().iter().min());
        }
        done.extend(path);
    }
    loops
}

/// Returns the number of the root that names the database: the least of all roots.
pub(super) fn root(places: &BTreeMap<i64, Place>) -> Option<i64> {
    places.iter().find(|(_, place)| **place == Place::Root).map(|(&number, _)| number)
}
