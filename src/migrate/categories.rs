//! Categories of the flat world: settings, scope and creators.

use super::describe::{self, count};
use super::facts::Facts;
use super::membership;
use super::rooms;
use super::roster::CategoryOrigin;
use super::settings::{Settings, Unset};
use super::strangers;
use crate::chat::Text;
use crate::ledger::{Findings, Level};
use crate::migrate::Category;

/// Returns the category that comes from there, under its new name.
pub(super) fn planned(
    facts: &Facts,
    origin: CategoryOrigin,
    name: &Text,
    unset: &mut Unset,
    findings: &mut Findings,
) -> Category {
    match origin {
        CategoryOrigin::Node(at) => from_node(facts, at, name, unset, findings),
        CategoryOrigin::Unknown => unknown(name),
    }
}

fn from_node(facts: &Facts, at: usize, name: &Text, unset: &mut Unset, findings: &mut Findings) -> Category {
    let node = facts.lineage.nodes[at];
    let subject = &facts.paths.old[at];
    let settings = &facts.settings[at];
    unset.note_category(settings, facts.top_name(at));
    let scope = facts.scopes.rows(facts.scopes.definer(facts.lineage, at));
    if scope.is_none() {
        let detail = "No scope rows restrict this category. It is unrestricted, with an empty list of allowed \
                      members; fill the list before the import if not everybody may be in its rooms.";
        findings.add("SCOPE-EMPTY", Level::Info, subject.clone(), detail);
    }
    if let Some(detail) = facts.scopes.disagreement(facts.lineage, at) {
        findings.add("DEFINER-DIFF", Level::Warning, subject.clone(), detail);
    }
    Category {
        guid: node.guid,
        name: name.clone(),
        description: node.description.clone(),
        invitations: settings.invites(),
        chat_history: settings.keeps_history(),
        file_upload: settings.takes_files(),
        unrestricted: scope.is_none(),
        allowed: scope.map(|scope| scope.allowed.clone()).unwrap_or_default(),
        denied: scope.map(|scope| scope.denied.clone()).unwrap_or_default(),
        creators: facts.membership.creators_at(at),
        origin: node.origin,
    }
}

fn unknown(name: &Text) -> Category {
    Category {
        guid: strangers::category_guid(),
        name: name.clone(),
        description: Text::default(),
        invitations: Settings::UNSET.invites(),
        chat_history: Settings::UNSET.keeps_history(),
        file_upload: Settings::UNSET.takes_files(),
        unrestricted: true,
        allowed: Vec::new(),
        denied: Vec::new(),
        creators: Vec::new(),
        origin: None,
    }
}

/// Tells of the root that became a category because rooms stand directly under it (ROOM-AT-ROOT).
pub(super) fn tell_rooms_at_root(facts: &Facts, root: usize, rooms: usize, findings: &mut Findings) {
    let detail = format!(
        "{} directly under the root. The root becomes a category for them, with its own name and GUID; \
         move them elsewhere if that is not wanted.",
        if rooms == 1 { "1 room stands".to_owned() } else { format!("{rooms} rooms stand") }
    );
    findings.add("ROOM-AT-ROOT", Level::Warning, facts.paths.old[root].clone(), detail);
}

/// Tells what becomes of the managers of categories, which the new world does not know.
pub(super) fn tell_managers(facts: &Facts, at: usize, rooms_below: usize, findings: &mut Findings) {
    let managers = facts.membership.managers_at(at);
    if managers.is_empty() || !facts.lineage.is_legacy(at) {
        return;
    }
    let subject = facts.paths.old[at].clone();
    let spread = format!(
        "{} of {} become managers of all {} below",
        describe::people(facts.settled, &managers),
        if facts.lineage.is_root(at) { "the root" } else { "this category" },
        count(rooms_below, "room")
    );
    if !facts.lineage.is_root(at) {
        let detail = format!("{spread}; nobody may create rooms until creators are named.");
        findings.add("MGR-CATEGORY", Level::Info, subject, detail);
    } else if rooms_below > 0 {
        let detail = format!("{spread}. Take them from the rooms where that is not wanted.");
        findings.add("MGR-ROOT", Level::Warning, subject, detail);
    }
}

/// Tells of role rows that mean nothing at a node (ROLE-MISPLACED), and of a category without a GUID
/// of its own.
pub(super) fn tell_oddities(facts: &Facts, at: usize, findings: &mut Findings) {
    let subject = &facts.paths.old[at];
    if let Some(detail) = membership::misplaced(facts.lineage, at) {
        findings.add("ROLE-MISPLACED", Level::Warning, subject.clone(), detail);
    }
    if !facts.lineage.is_room(at) && !facts.lineage.nodes[at].guid_known {
        rooms::tell_derived_guid(subject, findings);
    }
}
