//! In what two dumps differ about a node, in words.

use std::collections::HashMap;

use super::facets::{People, people, settings};
use crate::chat::{Guid, Node, Text};
use crate::groupchat::structure::DumpNode;

/// Tells in what an older dump differs from the newest about a node; `None` if in nothing.
///
/// What Group Chat alone has is not compared between generations, nor are counters and the time of
/// the last change: they differ between any two dumps of a living database.
pub(super) fn between(newest: &DumpNode, other: &DumpNode) -> Option<String> {
    let same_generation = newest.node.generation == other.node.generation;
    let settings = settings(newest)
        .into_iter()
        .zip(settings(other))
        .filter(|(ours, theirs)| (same_generation || !ours.is_legacy) && ours != theirs)
        .map(|(ours, _)| ours.name.to_string());
    let people =
        people(newest).into_iter().zip(people(other)).filter_map(|(ours, theirs)| lists(&ours, &theirs));
    let all: Vec<String> = settings.chain(people).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

fn lists(ours: &People<'_>, theirs: &People<'_>) -> Option<String> {
    // Both are in order and without repetition.
    let beyond = |one: &People<'_>, other: &People<'_>| {
        one.people.iter().filter(|author| other.people.binary_search(author).is_err()).count()
    };
    let count = |count: usize| format!("{count} {}", ours.names[usize::from(count != 1)]);
    match (beyond(theirs, ours), beyond(ours, theirs)) {
        (0, 0) => None,
        (more, 0) => Some(format!("{} more", count(more))),
        (0, fewer) => Some(format!("{} fewer", count(fewer))),
        (more, fewer) => Some(format!("{} more and {fewer} fewer", count(more))),
    }
}

/// Knows the way from the root to each node of a tree.
pub(super) struct Paths<'n>(HashMap<Guid, &'n Node>);

/// Names in a path at most; a hostile tree could be as deep as it has nodes.
const DEEPEST: usize = 32;

impl<'n> Paths<'n> {
    pub(super) fn new(nodes: impl Iterator<Item = &'n Node>) -> Paths<'n> {
        Paths(nodes.map(|node| (node.guid, node)).collect())
    }

    /// Returns the names from below the root down to a node, joined by `\`; those next to the node
    /// only, behind `…`, where there are very many.
    pub(super) fn path(&self, node: &'n Node) -> Text {
        let parent = |node: &&'n Node| node.parent.and_then(|guid| self.0.get(&guid).copied());
        let way: Vec<&Node> = std::iter::successors(Some(node), parent)
            .take(DEEPEST + 1)
            .enumerate()
            .take_while(|(steps, node)| *steps == 0 || !node.is_root)
            .map(|(_, node)| node)
            .collect();
        let mut bytes = Vec::new();
        for (at, node) in way.iter().take(DEEPEST).rev().enumerate() {
            if at > 0 {
                bytes.push(b'\\');
            } else if way.len() > DEEPEST {
                bytes.extend_from_slice("…\\".as_bytes());
            }
            bytes.extend_from_slice(node.name.as_bytes());
        }
        crate::groupchat::field::to_text(&bytes)
    }
}
