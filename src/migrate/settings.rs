//! Settings: what a node's switches come to, and what of it the flat model can hold.
//!
//! A Group Chat setting is the first one that is not NULL on the way from the node to the root; a
//! category with `inheritance = 1` forces its own on everything below (Group Chat database schema,
//! `tblNode`). Where several categories on a path force, the topmost holds, since what the lower
//! ones have to force is itself forced. Nodes of Persistent Chat take part in no forcing.

use std::collections::BTreeMap;

use super::describe::count;
use super::lineage::Lineage;
use crate::chat::{Node, Text, Visibility};
use crate::ledger::{Findings, Level};
use crate::migrate::Privacy;

/// The settings of a node; `None` where all are NULL up to the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Settings {
    pub invitations: Option<bool>,
    pub history: Option<bool>,
    pub file_upload: Option<bool>,
    pub visibility: Option<Visibility>,
    /// Whether the node's own settings count for nothing.
    pub forced: bool,
    forces: bool,
}

impl Settings {
    /// The settings of what stands nowhere.
    pub const UNSET: Settings = Settings {
        invitations: None,
        history: None,
        file_upload: None,
        visibility: None,
        forced: false,
        forces: false,
    };

    /// Returns the effective settings of all nodes by position.
    pub fn of_all(lineage: &Lineage) -> Vec<Settings> {
        lineage.inherit(|at, above| {
            let legacy = lineage.is_legacy(at);
            let above = above.unwrap_or(&Settings::UNSET);
            let node = lineage.nodes[at];
            let settled = if legacy && above.forces { forced(above) } else { inherited(node, above) };
            let forces = legacy && (above.forces || (node.forces_settings && !lineage.is_room(at)));
            Settings { forces, ..settled }
        })
    }

    /// Tells whether members of rooms are invited.
    pub fn invites(&self) -> bool {
        self.invitations.unwrap_or(false)
    }

    /// Tells whether the history is kept.
    pub fn keeps_history(&self) -> bool {
        self.history.unwrap_or(true)
    }

    /// Tells whether files may be uploaded.
    pub fn takes_files(&self) -> bool {
        self.file_upload.unwrap_or(false)
    }

    /// Returns who can see a room with these settings.
    pub fn privacy(&self) -> Privacy {
        match self.visibility.unwrap_or(Visibility::Private) {
            Visibility::Private => Privacy::Secret,
            Visibility::Scope => Privacy::Closed,
            Visibility::Open => Privacy::Open,
        }
    }
}

fn forced(above: &Settings) -> Settings {
    Settings { forced: true, ..*above }
}

fn inherited(node: &Node, above: &Settings) -> Settings {
    Settings {
        invitations: node.invitations.or(above.invitations),
        history: node.history.or(above.history),
        file_upload: node.file_upload.or(above.file_upload),
        visibility: node.visibility.or(above.visibility),
        forced: false,
        forces: false,
    }
}

/// Tells whether a room's invitations follow its category (`Inherit`) rather than being off
/// (`False`), the only two that a room can have; says so where one was on by itself (INV-FORCED).
pub(super) fn follows_invitations(
    node: &Node,
    room: &Settings,
    category: &Settings,
    subject: &Text,
    findings: &mut Findings,
) -> bool {
    match node.invitations.filter(|_| !room.forced) {
        Some(false) => false,
        Some(true) if !category.invites() => {
            let detail = "Invitations were on in this room and off in its category, which a room cannot have. \
                          They are off now; turn them on for the category if they are wanted.";
            findings.add("INV-FORCED", Level::Warning, subject.clone(), detail);
            false
        }
        _ => true,
    }
}

/// Tells which of a room's switches only its category has in the new world (HIST-LOST, FILE-LOST).
pub(super) fn tell_lost(room: &Settings, category: &Settings, subject: &Text, findings: &mut Findings) {
    let switches = [
        ("HIST-LOST", "Chat history", room.keeps_history(), category.keeps_history()),
        ("FILE-LOST", "File upload", room.takes_files(), category.takes_files()),
    ];
    for (code, what, own, shared) in switches.into_iter().filter(|(_, _, own, shared)| own != shared) {
        let detail = format!(
            "{what} was {} in this room and {} in its category; only the category's setting survives. Move the \
             room to a category of its own if that matters.",
            on_or_off(own),
            on_or_off(shared)
        );
        findings.add(code, Level::Warning, subject.clone(), detail);
    }
}

fn on_or_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

/// Settings that were found NULL up to the root, to be told once for each tree and setting.
#[derive(Debug, Default)]
pub(super) struct Unset(BTreeMap<(Text, &'static str), usize>);

impl Unset {
    /// Notes which settings of a category nobody has set.
    pub fn note_category(&mut self, settings: &Settings, top: &Text) {
        let unset = [
            ("invitations are taken as off", settings.invitations.is_none()),
            ("chat history is taken as on", settings.history.is_none()),
            ("file upload is taken as off", settings.file_upload.is_none()),
        ];
        for (consequence, _) in unset.into_iter().filter(|(_, is_unset)| *is_unset) {
            *self.0.entry((top.clone(), consequence)).or_default() += 1;
        }
    }

    /// Notes whether nobody has set who sees a room.
    pub fn note_room(&mut self, settings: &Settings, top: &Text) {
        if settings.visibility.is_none() {
            *self.0.entry((top.clone(), PRIVATE)).or_default() += 1;
        }
    }

    /// Tells what was noted (SETTING-UNSET).
    pub fn tell(self, findings: &mut Findings) {
        for ((top, consequence), number) in self.0 {
            let noun = if consequence == PRIVATE { "room" } else { "category" };
            let detail = format!(
                "The setting is NULL up to the root for {}: {consequence}. Check it before the import.",
                count(number, noun)
            );
            findings.add("SETTING-UNSET", Level::Warning, top, detail);
        }
    }
}

const PRIVATE: &str = "visibility is taken as private";

#[cfg(test)]
mod tests {
    use crate::chat::{Generation, Visibility};
    use crate::migrate::Privacy;
    use crate::migrate::world::World;

    #[test]
    fn the_first_setting_on_the_way_to_the_root_holds() {
        let mut world = World::settled_root();
        world.at("Root").invitations = Some(true);
        world.category("A").file_upload = Some(true);
        world.category("A\\B").invitations = Some(false);
        world.category("A\\B\\C").history = Some(false);
        let planned = world.plan();
        let settings = |name: &str| {
            let category = planned.category(name);
            (category.invitations, category.chat_history, category.file_upload)
        };
        assert_eq!(settings("A"), (true, true, true));
        assert_eq!(settings("A_B"), (false, true, true));
        assert_eq!(settings("A_B_C"), (false, false, true));
    }

    #[test]
    fn a_forcing_category_overrules_all_below_and_the_topmost_one_holds() {
        let mut world = World::settled_root();
        let outer = world.category("A");
        (outer.forces_settings, outer.history, outer.visibility) =
            (true, Some(false), Some(Visibility::Scope));
        let inner = world.category("A\\B");
        (inner.forces_settings, inner.history, inner.visibility) =
            (true, Some(true), Some(Visibility::Private));
        let room = world.room("A\\B\\R");
        (room.history, room.invitations, room.visibility) =
            (Some(true), Some(true), Some(Visibility::Private));
        let planned = world.plan();
        assert!(!planned.category("A_B").chat_history);
        let room = planned.room("A_B_R");
        assert_eq!((room.privacy, room.invitations_inherited), (Privacy::Closed, true));
        assert!(planned.told("HIST-LOST").is_empty() && planned.told("INV-FORCED").is_empty());
    }

    #[test]
    fn a_forcing_category_below_a_free_one_rules_its_own_branch_alone() {
        let mut world = World::settled_root();
        world.category("A").history = Some(true);
        let inner = world.category("A\\B");
        (inner.forces_settings, inner.history) = (true, Some(false));
        world.category("A\\B\\C").history = Some(true);
        world.category("A\\D").history = Some(true);
        let planned = world.plan();
        let keeps = ["A", "A_B", "A_B_C", "A_D"].map(|name| planned.category(name).chat_history);
        assert_eq!(keeps, [true, false, false, true]);
    }

    #[test]
    fn a_setting_forced_while_unset_is_forced_to_what_unset_means() {
        let mut world = World::new();
        world.category("A").forces_settings = true;
        let room = world.room("A\\R");
        (room.visibility, room.history) = (Some(Visibility::Scope), Some(false));
        let planned = world.plan();
        assert_eq!(planned.room("R").privacy, Privacy::Secret);
        assert!(planned.category("A").chat_history && planned.told("HIST-LOST").is_empty());
    }

    #[test]
    fn what_nobody_has_set_has_its_known_meaning_and_is_told_once() {
        let mut world = World::new();
        world.category("A");
        world.category("B");
        world.room("A\\R");
        let planned = world.plan();
        let category = planned.category("A");
        assert!(!category.invitations && category.chat_history && !category.file_upload);
        assert_eq!(planned.room("R").privacy, Privacy::Secret);
        assert_eq!(planned.told("SETTING-UNSET"), ["warning Root"; 4]);
        assert!(planned.detail("SETTING-UNSET").contains("for 2 categories: chat history is taken as on"));
        assert!(planned.detail("SETTING-UNSET").contains("for 1 room: visibility is taken as private"));
    }

    #[test]
    fn invitations_of_rooms_follow_or_are_off() {
        for (category, room, follows, told) in [
            (true, None, true, 0),
            (true, Some(true), true, 0),
            (true, Some(false), false, 0),
            (false, None, true, 0),
            (false, Some(false), false, 0),
            (false, Some(true), false, 1),
        ] {
            let mut world = World::settled_root();
            world.category("A").invitations = Some(category);
            world.room("A\\R").invitations = room;
            let planned = world.plan();
            assert_eq!(planned.room("R").invitations_inherited, follows, "{category} {room:?}");
            assert_eq!(planned.told("INV-FORCED").len(), told, "{category} {room:?}");
        }
    }

    #[test]
    fn history_and_upload_of_a_room_survive_only_as_its_categorys() {
        let mut world = World::settled_root();
        world.category("A");
        let room = world.room("A\\R");
        (room.history, room.file_upload) = (Some(false), Some(true));
        let same = world.room("A\\Same");
        (same.history, same.file_upload) = (Some(true), Some(false));
        let planned = world.plan();
        assert_eq!(planned.told("HIST-LOST"), ["warning A\\R"]);
        assert_eq!(planned.told("FILE-LOST"), ["warning A\\R"]);
        assert!(planned.detail("HIST-LOST").contains("off in this room and on in its category"));
    }

    #[test]
    fn visibility_becomes_privacy() {
        for (visibility, privacy) in [
            (Visibility::Private, Privacy::Secret),
            (Visibility::Scope, Privacy::Closed),
            (Visibility::Open, Privacy::Open),
        ] {
            let mut world = World::settled_root();
            world.category("A");
            world.room("A\\R").visibility = Some(visibility);
            assert_eq!(world.plan().room("R").privacy, privacy);
        }
    }

    #[test]
    fn a_node_of_persistent_chat_is_not_forced_by_an_older_category() {
        let mut world = World::settled_root();
        let category = world.category("A");
        (category.forces_settings, category.visibility) = (true, Some(Visibility::Private));
        let new = world.room("A\\New");
        (new.generation, new.visibility) = (Generation::PersistentChat, Some(Visibility::Open));
        world.room("A\\Old").visibility = Some(Visibility::Scope);
        let planned = world.plan();
        assert_eq!(planned.room("New").privacy, Privacy::Open);
        assert_eq!(planned.room("Old").privacy, Privacy::Secret);
    }
}
