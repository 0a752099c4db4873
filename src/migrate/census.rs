//! The census: how many of the kept rooms stand in and below each node.

use super::lineage::Lineage;
use super::roster::{CategoryOrigin, RoomOrigin, Roster};

/// Nodes that are kept, and counts by position of the node.
pub(super) struct Census {
    /// The rooms that come from the tree.
    pub rooms: Vec<usize>,
    /// The categories that come from the tree, and all roots.
    pub categories: Vec<usize>,
    /// Rooms directly in each category.
    pub rooms_in: Vec<usize>,
    /// Rooms anywhere below that inherit roles.
    pub heirs_below: Vec<usize>,
}

impl Census {
    /// Counts.
    pub fn new(lineage: &Lineage, roster: &Roster) -> Census {
        let mut census = Census {
            rooms: Vec::new(),
            categories: Vec::new(),
            rooms_in: vec![0; lineage.nodes.len()],
            heirs_below: vec![0; lineage.nodes.len()],
        };
        for &room in &roster.rooms {
            let RoomOrigin::Node(at) = room else { continue };
            census.rooms.push(at);
            census.heirs_below[at] = usize::from(lineage.is_legacy(at));
            if let Some(above) = lineage.parent(at) {
                census.rooms_in[above] += 1;
            }
        }
        for at in lineage.downwards().rev() {
            if let Some(above) = lineage.parent(at) {
                census.heirs_below[above] += census.heirs_below[at];
            }
        }
        let listed = roster.categories.iter().filter_map(|category| match *category {
            CategoryOrigin::Node(at) => Some(at),
            CategoryOrigin::Unknown => None,
        });
        let roots = (0..lineage.nodes.len()).filter(|&at| lineage.is_root(at));
        census.categories = listed.filter(|&at| !lineage.is_root(at)).chain(roots).collect();
        census
    }
}
