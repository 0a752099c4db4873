//! Rooms that may be one: one name, two GUIDs, and messages in common.
//!
//! Nothing is joined; a migration by hand can leave such rooms, and an administrator should know.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::chat::{Guid, RoomHistory, Settled, Text, Tree};
use crate::ledger::{Findings, Level};
use crate::normalize::normal_text;

/// Tells of rooms with one name (without regard to case) that have messages in common: equal in
/// time, author and normal text (ROOM-TWIN).
///
/// A message in many rooms is told of each with the first of them, so that thousands of rooms made
/// from one template cost one finding each and not one for each pair.
pub fn tell_twins(histories: &[RoomHistory<'_>], tree: &Tree, settled: &Settled, findings: &mut Findings) {
    let mut by_name: BTreeMap<Text, Vec<&RoomHistory<'_>>> = BTreeMap::new();
    for history in histories.iter().filter(|history| !history.messages.is_empty()) {
        if let Some(name) = name(history.room, tree, settled) {
            by_name.entry(name.to_folded()).or_default().push(history);
        }
    }
    for (name, rooms) in by_name.iter().filter(|(_, rooms)| rooms.len() > 1) {
        let messages: Vec<HashSet<u64>> = rooms.iter().map(|history| keys(history)).collect();
        for (one, other) in pairs(&messages) {
            let common = messages[one].intersection(&messages[other]).count();
            tell(name, rooms[one].room, rooms[other].room, common, findings);
        }
    }
}

/// Returns the pairs of rooms of which one is the first to hold a message of the other. Never more
/// than there are messages.
fn pairs(messages: &[HashSet<u64>]) -> BTreeSet<(usize, usize)> {
    let mut first: HashMap<u64, usize> = HashMap::new();
    let mut pairs = BTreeSet::new();
    for (at, keys) in messages.iter().enumerate() {
        for &key in keys {
            let holder = *first.entry(key).or_insert(at);
            if holder != at {
                pairs.insert((holder, at));
            }
        }
    }
    pairs
}

fn tell(name: &Text, one: Guid, other: Guid, common: usize, findings: &mut Findings) {
    let detail = format!(
        "rooms {one} and {other} have this name and {common} messages in common: they may be one room that was \
         made anew; nothing was joined"
    );
    findings.add("ROOM-TWIN", Level::Warning, name.clone(), detail);
}

fn name<'a>(room: Guid, tree: &'a Tree, settled: &'a Settled) -> Option<&'a Text> {
    let node = tree.nodes.binary_search_by_key(&room, |node| node.guid).ok().map(|at| &tree.nodes[at].name);
    node.or_else(|| settled.rooms[settled.find_room(room)?].1.name.as_ref())
}

/// What makes messages of two rooms alike. A hash serves, since nothing but a finding rests on it.
fn keys(history: &RoomHistory<'_>) -> HashSet<u64> {
    let key = |message: &crate::chat::Message<'_>| {
        let mut hasher = DefaultHasher::new();
        (message.moment.ticks, message.author, normal_text(message.text)).hash(&mut hasher);
        hasher.finish()
    };
    history.messages.iter().map(key).collect()
}
