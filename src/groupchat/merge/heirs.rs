//! Nodes that a newer dump lacks, below a category that it has made flat.
//!
//! Such a node is taken from the older dump, its category from the newer one. In Persistent Chat a
//! category hands nothing down, so what the node inherited in its own dump would be lost with the way
//! it came: members, managers, settings. They are written out at the node itself, as they stood in
//! the dump that still has it; no newer dump says anything else of it.

use std::collections::{BTreeMap, BTreeSet};

use super::differences::Paths;
use super::{Chosen, DumpNode, DumpStructure};
use crate::chat::{Author, Generation, Guid, Node, NodeKind, Role, Visibility};
use crate::ledger::{Findings, Level};

/// Steps upwards at most, over all nodes, so that a hostile tree does not take hours.
const MOST_STEPS: usize = 10_000_000;

/// Returns the nodes that take over what they inherited, with that written out (INHERIT-OLD).
pub(super) fn heirs(
    chosen: &BTreeMap<Guid, Chosen<'_>>,
    findings: &mut Findings,
) -> BTreeMap<Guid, DumpNode> {
    let paths = Paths::new(chosen.values().map(|chosen| &chosen.node.node));
    let mut ways = Ways { chosen, dumps: BTreeMap::new(), known: BTreeMap::new(), steps: 0 };
    let mut heirs = BTreeMap::new();
    for (&guid, heir) in chosen {
        let Some(parent) = cut_off_from(heir, chosen) else { continue };
        let subject = || paths.path(&heir.node.node);
        if ways.steps > MOST_STEPS {
            let detail = "The trees are too deep to write out what it inherited in the older dump; give its members by hand.";
            findings.add("INHERIT-OLD", Level::Error, subject(), detail);
            continue;
        }
        let (node, members, managers) = written_out(heir, ways.above(heir.dump, parent));
        let detail = format!(
            "Only {} has it, and its category was flat already in {}. {members} members and {managers} managers that \
             it inherited in the older dump, and its inherited settings, were written out at it; check who shall \
             have access today.",
            heir.dump.name,
            chosen.get(&parent).map(|parent| parent.dump.name.as_str()).unwrap_or_default(),
        );
        findings.add("INHERIT-OLD", Level::Warning, subject(), detail);
        heirs.insert(guid, node);
    }
    heirs
}

/// Returns the parent that a node of Group Chat had in its own dump, where a newer dump has made that
/// flat.
fn cut_off_from(heir: &Chosen<'_>, chosen: &BTreeMap<Guid, Chosen<'_>>) -> Option<Guid> {
    let node = &heir.node.node;
    let parent = chosen.get(&node.parent?)?;
    let was_legacy = node.generation == Generation::GroupChat;
    let is_flat = parent.node.node.generation == Generation::PersistentChat;
    (was_legacy && is_flat && !std::ptr::eq(parent.dump, heir.dump)).then_some(parent.node.node.guid)
}

/// The ways upwards in dumps, found once for each node.
struct Ways<'c, 'd> {
    chosen: &'c BTreeMap<Guid, Chosen<'d>>,
    /// By the address of a dump, which only tells dumps apart.
    dumps: BTreeMap<*const DumpStructure, BTreeMap<Guid, &'d DumpNode>>,
    known: BTreeMap<(*const DumpStructure, Guid), Way<'d>>,
    steps: usize,
}

/// The nodes above one in its dump that hand nothing down any more, the nearest first.
#[derive(Clone, Default)]
struct Way<'d> {
    nodes: Vec<&'d DumpNode>,
    /// Whether it goes up to the root, so that nothing else of that dump hands anything down.
    is_whole: bool,
}

impl<'d> Ways<'_, 'd> {
    /// Returns the nodes from one upwards, as a dump has them, up to the first that goes on handing
    /// down in the merged tree.
    fn above(&mut self, dump: &'d DumpStructure, from: Guid) -> &Way<'d> {
        let key = (std::ptr::from_ref(dump), from);
        if !self.known.contains_key(&key) {
            let way = self.find(dump, from);
            self.steps += way.nodes.len();
            self.known.insert(key, way);
        }
        let way = self.known.entry(key).or_default();
        self.steps += way.nodes.len();
        way
    }

    fn find(&mut self, dump: &'d DumpStructure, from: Guid) -> Way<'d> {
        let nodes = self
            .dumps
            .entry(std::ptr::from_ref(dump))
            .or_insert_with(|| dump.nodes.iter().map(|node| (node.node.guid, node)).collect());
        let goes_on = still_handing_down(self.chosen, dump, from);
        let mut seen = BTreeSet::new();
        // What has lost its parent hangs under the root, here as in the merged tree.
        let root = dump.nodes.iter().find(|node| node.node.is_root && node.node.kind == NodeKind::Category);
        let upwards = std::iter::successors(nodes.get(&from).copied(), |node| {
            let parent = node.node.parent.and_then(|parent| nodes.get(&parent).copied());
            let parent = parent.filter(|parent| parent.node.kind == NodeKind::Category);
            parent.or(root.filter(|_| !node.node.is_root))
        });
        let nodes = upwards
            .take_while(|node| !goes_on.contains(&node.node.guid) && seen.insert(node.node.guid))
            .collect();
        Way { nodes, is_whole: goes_on.is_empty() }
    }
}

/// Returns the nodes above one in the merged tree that are of this dump and of Group Chat: what they
/// hand down reaches all below them anyway.
fn still_handing_down(
    chosen: &BTreeMap<Guid, Chosen<'_>>,
    dump: &DumpStructure,
    from: Guid,
) -> BTreeSet<Guid> {
    let mut seen = BTreeSet::new();
    let upwards = std::iter::successors(chosen.get(&from), |above| {
        above.node.node.parent.and_then(|parent| chosen.get(&parent))
    });
    let upwards = upwards.take_while(|above| seen.insert(above.node.node.guid));
    upwards
        .filter(|above| above.node.node.generation == Generation::GroupChat && std::ptr::eq(above.dump, dump))
        .map(|above| above.node.node.guid)
        .collect()
}

/// Writes out at a node what it inherited from the nodes above, the nearest first. Returns it with the
/// numbers of members and managers that it did not have itself.
fn written_out(heir: &Chosen<'_>, way: &Way<'_>) -> (DumpNode, usize, usize) {
    let above = way.nodes.as_slice();
    let mut node = heir.node.clone();
    let with_role = |node: &DumpNode, role: Role| node.roles.iter().filter(|entry| entry.0 == role).count();
    let own = (with_role(&node, Role::Member), with_role(&node, Role::Manager));
    let list = members_from(heir, above);
    let rows = |nodes: &[&DumpNode], role: Role| -> Vec<(Role, Author)> {
        let all = nodes.iter().flat_map(|node| node.roles.iter());
        all.filter(|entry| entry.0 == role).cloned().collect()
    };
    node.roles.extend(rows(above.get(..list).unwrap_or_default(), Role::Member));
    node.roles.extend(rows(above, Role::Manager));
    node.roles.sort();
    node.roles.dedup();
    inherit_settings(&mut node.node, way);
    // Its list is whole in itself now; the node that it began at may have no place above it any more.
    node.node.role_definer = None;
    let (members, managers) = (with_role(&node, Role::Member), with_role(&node, Role::Manager));
    (node, members - own.0, managers - own.1)
}

/// Returns how many of the nodes above hand members down: up to the one where the list begins.
fn members_from(heir: &Chosen<'_>, above: &[&DumpNode]) -> usize {
    let node = &heir.node.node;
    if let Some(definer) = node.role_definer {
        if definer == node.guid {
            return 0;
        }
        if let Some(at) = above.iter().position(|above| above.node.guid == definer) {
            return at + 1;
        }
    }
    if node.overrides_members {
        return 0;
    }
    above.iter().position(|above| above.node.overrides_members).map_or(above.len(), |at| at + 1)
}

/// What a node hands down to those below it.
#[derive(Default)]
struct Handed {
    invitations: Option<bool>,
    history: Option<bool>,
    file_upload: Option<bool>,
    visibility: Option<Visibility>,
}

/// Gives a node the settings that it inherited. What nobody had set is set to what that meant, as the
/// category above it now means something else; and where others forced it, it forces what is below.
fn inherit_settings(node: &mut Node, way: &Way<'_>) {
    let mut handed = Handed::default();
    let mut is_forced = false;
    for above in way.nodes.iter().rev().map(|above| &above.node) {
        if !is_forced {
            handed.invitations = above.invitations.or(handed.invitations);
            handed.history = above.history.or(handed.history);
            handed.file_upload = above.file_upload.or(handed.file_upload);
            handed.visibility = above.visibility.or(handed.visibility);
        }
        is_forced |= above.forces_settings;
    }
    let unset = way.is_whole;
    settle(&mut node.invitations, handed.invitations, is_forced, unset.then_some(false));
    settle(&mut node.history, handed.history, is_forced, unset.then_some(true));
    settle(&mut node.file_upload, handed.file_upload, is_forced, unset.then_some(false));
    settle(&mut node.visibility, handed.visibility, is_forced, unset.then_some(Visibility::Private));
    node.forces_settings |= is_forced && node.kind == NodeKind::Category;
}

/// Decides between a node's own setting, the one handed down, and what none of them means.
fn settle<T>(own: &mut Option<T>, handed: Option<T>, is_forced: bool, unset: Option<T>) {
    let found = if is_forced { handed } else { own.take().or(handed) };
    *own = found.or(unset);
}
