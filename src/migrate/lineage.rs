//! The mended tree: who stands above whom, without loops and without nodes in mid-air.
//!
//! Reading mends each dump, but nodes taken from several dumps can still contradict each other, so
//! the promise that every walk upwards ends is made here, once, for all rules. Nodes are known by
//! their position in the order of GUIDs. Every question is answered without walking a path, hence
//! a tree that is one long chain costs no more than a flat one.

use super::describe;
use crate::chat::{Generation, Guid, Node, NodeKind, Tree};
use crate::ledger::{Findings, Level};

/// The tree with its relations. Positions are those of [`Lineage::nodes`].
pub(super) struct Lineage<'a> {
    /// The nodes in the order of GUIDs, each GUID once.
    pub nodes: Vec<&'a Node>,
    parents: Vec<Option<usize>>,
    order: Vec<usize>,
    /// Place in `order`, and the first place behind everything below the node.
    spans: Vec<(usize, usize)>,
    depths: Vec<usize>,
    tops: Vec<usize>,
}

impl<'a> Lineage<'a> {
    /// Relates the nodes of a tree to each other; mends what cannot stand (NODE-LOOP, NODE-ORPHAN).
    pub fn new(tree: &'a Tree, findings: &mut Findings) -> Lineage<'a> {
        let mut nodes: Vec<&Node> = tree.nodes.iter().collect();
        nodes.sort_by_key(|node| (node.guid, node.number));
        nodes.dedup_by_key(|node| node.guid);
        let mut parents: Vec<Option<usize>> =
            (0..nodes.len()).map(|at| stated_parent(&nodes, at, findings)).collect();
        cut_loops(&nodes, &mut parents, findings);
        let count = nodes.len();
        let mut lineage = Lineage {
            nodes,
            parents,
            order: Vec::with_capacity(count),
            spans: vec![(0, 0); count],
            depths: vec![0; count],
            tops: (0..count).collect(),
        };
        lineage.walk();
        lineage
    }

    /// Returns the category above; `None` for what stands at the top.
    pub fn parent(&self, at: usize) -> Option<usize> {
        self.parents[at]
    }

    /// Walks all nodes, each behind the one above it.
    pub fn downwards(&self) -> impl DoubleEndedIterator<Item = usize> + '_ {
        self.order.iter().copied()
    }

    /// Returns the number of nodes above.
    pub fn depth(&self, at: usize) -> usize {
        self.depths[at]
    }

    /// Returns the last node met when going upwards: the root, as a rule.
    pub fn top(&self, at: usize) -> usize {
        self.tops[at]
    }

    /// Tells whether `upper` is `lower` itself or stands above it.
    pub fn covers(&self, upper: usize, lower: usize) -> bool {
        let (first, end) = self.spans[upper];
        (first..end).contains(&self.spans[lower].0)
    }

    /// Returns the position of a node.
    pub fn find(&self, guid: Guid) -> Option<usize> {
        self.nodes.binary_search_by_key(&guid, |node| node.guid).ok()
    }

    /// Tells whether a node is a room.
    pub fn is_room(&self, at: usize) -> bool {
        self.nodes[at].kind == NodeKind::Room
    }

    /// Tells whether a node is a root.
    pub fn is_root(&self, at: usize) -> bool {
        is_root(self.nodes[at])
    }

    /// Tells whether a node stands directly under the root, or under nothing.
    pub fn is_top_level(&self, at: usize) -> bool {
        !self.is_root(at) && self.parents[at].is_none_or(|parent| self.is_root(parent))
    }

    /// Tells whether a node follows the rules of Group Chat.
    pub fn is_legacy(&self, at: usize) -> bool {
        self.nodes[at].generation == Generation::GroupChat
    }

    /// Carries a value downwards: each node's is made of the node and the value of the one above.
    pub fn inherit<T: Clone>(&self, mut make: impl FnMut(usize, Option<&T>) -> T) -> Vec<T> {
        let mut values: Vec<Option<T>> = vec![None; self.nodes.len()];
        for &at in &self.order {
            let above = self.parents[at].and_then(|parent| values[parent].as_ref());
            values[at] = Some(make(at, above));
        }
        values.into_iter().flatten().collect()
    }

    fn walk(&mut self) {
        let mut below: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        let mut pending: Vec<usize> = Vec::new();
        for at in (0..self.nodes.len()).rev() {
            match self.parents[at] {
                Some(parent) => below[parent].push(at),
                None => pending.push(at),
            }
        }
        while let Some(at) = pending.pop() {
            self.spans[at] = (self.order.len(), self.order.len() + 1);
            self.order.push(at);
            if let Some(parent) = self.parents[at] {
                self.depths[at] = self.depths[parent] + 1;
                self.tops[at] = self.tops[parent];
            }
            pending.append(&mut below[at]);
        }
        for &at in self.order.iter().rev() {
            if let Some(parent) = self.parents[at] {
                self.spans[parent].1 = self.spans[parent].1.max(self.spans[at].1);
            }
        }
    }
}

/// Tells whether a node is a root; a room that claims to be one is not.
fn is_root(node: &Node) -> bool {
    node.is_root && node.kind == NodeKind::Category
}

/// Returns the parent that a node names, or the root where it names none that can be one.
fn stated_parent(nodes: &[&Node], at: usize, findings: &mut Findings) -> Option<usize> {
    let node = nodes[at];
    if is_root(node) {
        return None;
    }
    let Some(guid) = node.parent else { return shelter(nodes, at) };
    let found = nodes.binary_search_by_key(&guid, |other| other.guid).ok();
    match found.filter(|&parent| nodes[parent].kind == NodeKind::Category) {
        Some(parent) => Some(parent),
        None => {
            let detail = "The category it names as its parent does not exist. It was put directly under \
                          the root; move it where it belongs.";
            findings.add("NODE-ORPHAN", Level::Error, describe::node(node), detail);
            shelter(nodes, at)
        }
    }
}

/// Returns the root for a node that has lost its parent: of its own generation if there is one,
/// and of several that with the least GUID.
fn shelter(nodes: &[&Node], at: usize) -> Option<usize> {
    let mut roots = (0..nodes.len()).filter(|&root| is_root(nodes[root]));
    let first = roots.clone().next();
    roots.find(|&root| nodes[root].generation == nodes[at].generation).or(first)
}

/// Puts one node of each loop directly under the root: that with the least GUID.
fn cut_loops(nodes: &[&Node], parents: &mut [Option<usize>], findings: &mut Findings) {
    // The walk in which a node was met first; a node met twice in one walk stands in a loop.
    let mut met: Vec<Option<usize>> = vec![None; nodes.len()];
    for start in 0..nodes.len() {
        let mut at = start;
        while met[at].is_none() {
            met[at] = Some(start);
            match parents[at] {
                Some(parent) => at = parent,
                None => break,
            }
        }
        if met[at] == Some(start) && parents[at].is_some() {
            let least = least_of_loop(at, parents);
            let detail = "It stands below itself. The loop was cut here and the node put directly under \
                          the root; move it where it belongs.";
            findings.add("NODE-LOOP", Level::Error, describe::node(nodes[least]), detail);
            parents[least] = shelter(nodes, least);
        }
    }
}

fn least_of_loop(start: usize, parents: &[Option<usize>]) -> usize {
    let mut least = start;
    let mut at = start;
    while let Some(parent) = parents[at].filter(|&parent| parent != start) {
        least = least.min(parent);
        at = parent;
    }
    least
}

#[cfg(test)]
mod tests {
    use crate::chat::Guid;
    use crate::migrate::world::{World, manager};

    #[test]
    fn a_node_without_parent_hangs_under_the_root_and_inherits_from_it() {
        let mut world = World::settled_root();
        let ann = world.person("ann");
        world.at("Root").roles = vec![manager(ann)];
        world.category("Lost").parent = None;
        world.room("Lost\\Desk");
        let planned = world.plan();
        assert_eq!(planned.category_names(), ["Lost"]);
        assert_eq!(planned.names(&planned.room("Desk").managers), ["ann"]);
    }

    #[test]
    fn a_parent_that_is_nowhere_or_a_room_is_told_and_the_root_stands_in() {
        let mut world = World::settled_root();
        world.category("Stray").parent = Some(Guid::from_u128(999));
        world.room("Stray\\Desk");
        world.room("Stray\\Desk\\Inner");
        let planned = world.plan();
        assert_eq!(planned.told("NODE-ORPHAN"), ["error Inner", "error Stray"]);
        assert_eq!(planned.room("Desk").category, planned.category("Stray").guid);
        assert_eq!(planned.room("Inner").category, planned.category("Root").guid);
    }

    #[test]
    fn a_loop_is_cut_once_at_the_least_guid() {
        let mut world = World::settled_root();
        for path in ["A", "A\\B", "A\\B\\C"] {
            world.category(path);
        }
        let last = world.guid("A\\B\\C");
        world.at("A").parent = Some(last);
        world.category("Self").parent = Some(Guid::from_u128(5));
        let planned = world.plan();
        assert_eq!(planned.told("NODE-LOOP"), ["error A", "error Self"]);
        assert_eq!(planned.category_names(), ["A", "A_B", "A_B_C", "Self"]);
    }

    #[test]
    fn a_room_that_claims_to_be_the_root_is_a_room() {
        let mut world = World::settled_root();
        let room = world.room("Desk");
        room.is_root = true;
        let planned = world.plan();
        assert_eq!(planned.room_names(), ["Desk"]);
        assert_eq!(planned.room("Desk").category, planned.category("Root").guid);
    }

    #[test]
    fn a_chain_of_thousands_of_levels_is_one_tree_among_others() {
        let mut world = World::settled_root();
        let mut above = world.guid("Root");
        for level in 0..2_000 {
            let node = world.category(&level.to_string());
            node.parent = Some(above);
            above = node.guid;
        }
        let planned = world.plan();
        assert_eq!(planned.plan.categories.len(), 2_000);
        assert!(planned.plan.names.iter().all(|row| row.old_path.len_units() <= 2_048));
    }
}
