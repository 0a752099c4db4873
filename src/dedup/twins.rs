//! Rooms that may be one: one name, two GUIDs, and messages in common.
//!
//! Nothing is joined; a migration by hand can leave such rooms, and an administrator should know.

use std::collections::{BTreeMap, BTreeSet};

use crate::chat::{Settled, Text, Tree};
use crate::error::Result;
use crate::ledger::{Findings, Level};
use crate::spill::Sorted;

/// Group of rooms, hash of the message, room.
pub(super) const TWIN: usize = 4 + 8 + 4;

pub(super) fn twin_row(group: u32, hash: u64, room: u32) -> [u8; TWIN] {
    let mut row = [0; TWIN];
    row[..4].copy_from_slice(&group.to_be_bytes());
    row[4..12].copy_from_slice(&hash.to_be_bytes());
    row[12..].copy_from_slice(&room.to_be_bytes());
    row
}

/// Rooms with one name, without regard to case.
#[derive(Debug, Default)]
pub(super) struct Namesakes {
    /// For each room with a namesake, by its place: the group it is in.
    pub(super) groups: BTreeMap<u32, u32>,
    names: Vec<Text>,
}

impl Namesakes {
    /// Finds the rooms that share a name.
    pub(super) fn find(tree: &Tree, settled: &Settled) -> Namesakes {
        let mut by_name: BTreeMap<Text, Vec<u32>> = BTreeMap::new();
        for place in 0..settled.rooms.len() {
            if let Some(name) = name(place, tree, settled) {
                by_name.entry(name.to_folded()).or_default().push(place as u32);
            }
        }
        let mut namesakes = Namesakes::default();
        for (name, rooms) in by_name.into_iter().filter(|(_, rooms)| rooms.len() > 1) {
            let group = namesakes.names.len() as u32;
            namesakes.groups.extend(rooms.into_iter().map(|room| (room, group)));
            namesakes.names.push(name);
        }
        namesakes
    }

    /// Tells of rooms with one name that have messages in common: equal in time, author and normal
    /// text (ROOM-TWIN).
    ///
    /// A message in many rooms is told of each with the first of them, so that thousands of rooms made
    /// from one template cost one finding each and not one for each pair.
    pub(super) fn tell(
        &self,
        messages: &Sorted<TWIN>,
        settled: &Settled,
        findings: &mut Findings,
    ) -> Result<()> {
        let mut told: BTreeMap<(u32, u32), BTreeMap<u32, u64>> = BTreeMap::new();
        each_message(messages, &mut |group, rooms| {
            for &other in &rooms[1..] {
                told.entry((group, rooms[0])).or_default().insert(other, 0);
            }
        })?;
        if told.is_empty() {
            return Ok(());
        }
        each_message(messages, &mut |group, rooms| {
            for (at, &one) in rooms.iter().enumerate() {
                let Some(others) = told.get_mut(&(group, one)) else { continue };
                for other in &rooms[at + 1..] {
                    others.entry(*other).and_modify(|common| *common += 1);
                }
            }
        })?;
        for ((group, one), others) in told {
            for (other, common) in others {
                let guid = |room: u32| settled.rooms[room as usize].0;
                let detail = format!(
                    "rooms {} and {} have this name and {common} messages in common: they may be one room that was \
                     made anew; nothing was joined",
                    guid(one),
                    guid(other)
                );
                findings.add("ROOM-TWIN", Level::Warning, self.names[group as usize].clone(), detail);
            }
        }
        Ok(())
    }
}

/// Walks the messages that stand in several rooms of a group: the rooms, each once, in order.
fn each_message(messages: &Sorted<TWIN>, take: &mut dyn FnMut(u32, &[u32])) -> Result<()> {
    let mut rows = messages.rows();
    let mut rooms: BTreeSet<u32> = BTreeSet::new();
    let mut list = Vec::new();
    let mut last = [0; 12];
    let mut ended = false;
    while !ended {
        let row = rows.next_row()?;
        ended = row.is_none();
        let row = row.unwrap_or_default();
        if (ended || row[..12] != last) && rooms.len() > 1 {
            list.clear();
            list.extend(&rooms);
            take(u32::from_be_bytes(last[..4].try_into().unwrap_or_default()), &list);
        }
        if row[..12] != last {
            rooms.clear();
            last.copy_from_slice(&row[..12]);
        }
        rooms.insert(u32::from_be_bytes(row[12..].try_into().unwrap_or_default()));
    }
    Ok(())
}

fn name<'a>(place: usize, tree: &'a Tree, settled: &'a Settled) -> Option<&'a Text> {
    let (room, facts) = &settled.rooms[place];
    let node = tree.nodes.binary_search_by_key(room, |node| node.guid).ok().map(|at| &tree.nodes[at].name);
    node.or(facts.name.as_ref())
}
