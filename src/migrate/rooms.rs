//! Rooms of the flat world: each takes its settings, its people and its place.

use super::add_ins;
use super::describe;
use super::facts::Facts;
use super::holders::{Doubts, Lists};
use super::membership::RoleLists;
use super::roster::RoomOrigin;
use super::settings::{self, Unset};
use super::strangers::Stranger;
use crate::chat::{Generation, Node, Text};
use crate::ledger::{Findings, Level};
use crate::migrate::{Privacy, Room};

/// What is noted of many rooms and told once.
#[derive(Default)]
pub(super) struct Notes {
    /// Settings that nobody has set.
    pub unset: Unset,
    /// People whom a scope may or may not let in.
    pub doubts: Doubts,
}

/// Returns the room that comes from there, under its new name.
pub(super) fn planned(
    facts: &Facts,
    origin: RoomOrigin,
    name: &Text,
    notes: &mut Notes,
    findings: &mut Findings,
) -> Room {
    match origin {
        RoomOrigin::Node(at) => from_node(facts, at, name, notes, findings),
        RoomOrigin::Stranger(at) => from_documents(facts, at, name, findings),
    }
}

fn from_node(facts: &Facts, at: usize, name: &Text, notes: &mut Notes, findings: &mut Findings) -> Room {
    let node = facts.lineage.nodes[at];
    let subject = &facts.paths.old[at];
    let home = facts.ground.home(RoomOrigin::Node(at));
    let settings = &facts.settings[at];
    let category_settings = facts.category_settings(home);
    notes.unset.note_room(settings, facts.top_name(at));
    settings::tell_lost(settings, category_settings, subject, findings);
    tell_state(node, subject, facts, at, findings);
    let mut roles = facts.membership.of_room(at);
    drop_needless_presenters(node, &mut roles, facts, subject, findings);
    let lists = Lists::new(facts, at, roles, &mut notes.doubts, findings);
    let (members, managers, presenters) = lists.judged(facts, home, subject, &mut notes.doubts, findings);
    Room {
        guid: node.guid,
        name: name.clone(),
        category: facts.ground.category_guid(home),
        description: node.description.clone(),
        topic: node.topic.clone().filter(|topic| !topic.is_empty()),
        privacy: settings.privacy(),
        auditorium: node.auditorium,
        invitations_inherited: settings::follows_invitations(
            node,
            settings,
            category_settings,
            subject,
            findings,
        ),
        disabled: node.disabled,
        add_in: add_ins::found(node.add_in, &facts.add_ins, subject, findings),
        members,
        managers,
        presenters,
        last_chat_id: node.last_chat_id,
        uri: facts.room_facts(node.guid).and_then(|facts| facts.uri.clone()),
        origin: node.origin,
    }
}

fn from_documents(facts: &Facts, at: usize, name: &Text, findings: &mut Findings) -> Room {
    let stranger: &Stranger = &facts.ground.strangers[at];
    if !stranger.facts.guid_known {
        tell_derived_guid(&stranger.name(), findings);
    }
    Room {
        guid: stranger.guid,
        name: name.clone(),
        category: facts.ground.category_guid(facts.ground.home(RoomOrigin::Stranger(at))),
        description: Text::default(),
        topic: None,
        privacy: Privacy::Secret,
        auditorium: false,
        invitations_inherited: true,
        disabled: false,
        add_in: None,
        members: Vec::new(),
        managers: Vec::new(),
        presenters: Vec::new(),
        last_chat_id: None,
        uri: stranger.facts.uri.clone(),
        origin: None,
    }
}

/// Tells what is to be known of a room whatever becomes of its settings.
fn tell_state(node: &Node, subject: &Text, facts: &Facts, at: usize, findings: &mut Findings) {
    let mut warn = |code, detail: String| findings.add(code, Level::Warning, subject.clone(), detail);
    if let Some(detail) = facts.membership.disagreement(at) {
        warn("DEFINER-DIFF", detail);
    }
    if let Some(detail) = facts.scopes.disagreement(facts.lineage, at) {
        warn("DEFINER-DIFF", detail);
    }
    let topic = node.topic.as_ref().filter(|topic| !topic.is_empty());
    if let Some(topic) = topic.filter(|_| node.generation == Generation::GroupChat) {
        warn(
            "TOPIC-LOST",
            format!(
                "Rooms have no topic any more. It was `{topic}`; put it into the description if it is needed."
            ),
        );
    }
    if !node.guid_known {
        tell_derived_guid(subject, findings);
    }
    if node.disabled {
        let detail =
            "It is disabled and is carried as a disabled room; --without-disabled-rooms leaves it out.";
        findings.add("ROOM-DISABLED", Level::Info, subject.clone(), detail);
    }
}

/// Tells of a room or category whose GUID was derived (ROOM-NO-GUID).
pub(super) fn tell_derived_guid(subject: &Text, findings: &mut Findings) {
    let detail = "No source has a GUID of its own for it, so one was derived; it will be another one in a \
                  deployment where it lives on. Add a dump that holds `tblNode` to learn it.";
    findings.add("ROOM-NO-GUID", Level::Warning, subject.clone(), detail);
}

/// Tells of a room whose category nobody knows (ROOM-NO-CATEGORY).
pub(super) fn tell_no_category(subject: &Text, category: &Text, findings: &mut Findings) {
    let detail = format!(
        "No table tells which category it belongs to. It was put into `{category}`; move it where it belongs \
         and check who shall be its members."
    );
    findings.add("ROOM-NO-CATEGORY", Level::Warning, subject.clone(), detail);
}

/// Takes the presenters from a room that cannot have any, and names them (PRES-NORMAL).
fn drop_needless_presenters(
    node: &Node,
    roles: &mut RoleLists,
    facts: &Facts,
    subject: &Text,
    findings: &mut Findings,
) {
    if node.auditorium || roles.presenters.is_empty() {
        return;
    }
    let detail = format!(
        "A normal room has no presenters: {} were left out as such. Make them members, or the room an \
         auditorium, if they shall write.",
        describe::people(facts.settled, &roles.presenters)
    );
    findings.add("PRES-NORMAL", Level::Warning, subject.clone(), detail);
    roles.presenters.clear();
}

#[cfg(test)]
mod tests {
    use crate::chat::{Generation, Text};
    use crate::migrate::world::World;

    #[test]
    fn a_topic_is_carried_and_told_as_lost() {
        let mut world = World::settled_root();
        world.category("A");
        world.room("A\\R").topic = Some(Text::from("Rates only"));
        world.room("A\\S").topic = Some(Text::default());
        let new = world.room("A\\T");
        (new.topic, new.generation) = (Some(Text::from("odd")), Generation::PersistentChat);
        let planned = world.plan();
        assert_eq!(planned.room("R").topic, Some(Text::from("Rates only")));
        assert_eq!(planned.room("S").topic, None);
        assert_eq!(planned.told("TOPIC-LOST"), ["warning A\\R"]);
        assert!(planned.detail("TOPIC-LOST").contains("`Rates only`"));
    }

    #[test]
    fn what_needs_no_rule_is_carried_as_it_is() {
        let mut world = World::settled_root();
        world.category("A").description = Text::from("first");
        let room = world.room("A\\R");
        (room.description, room.auditorium, room.last_chat_id) = (Text::from("second"), true, Some(4_711));
        let planned = world.plan();
        let room = planned.room("R");
        assert_eq!((&room.description, room.auditorium), (&Text::from("second"), true));
        assert_eq!(room.last_chat_id, Some(4_711));
        assert_eq!(planned.category("A").description, Text::from("first"));
    }

    #[test]
    fn nodes_without_a_guid_of_their_own_are_told() {
        let mut world = World::settled_root();
        world.category("A").guid_known = false;
        world.room("A\\R").guid_known = false;
        assert_eq!(world.plan().told("ROOM-NO-GUID"), ["warning A", "warning A\\R"]);
    }

    #[test]
    fn text_that_is_no_unicode_survives() {
        let odd = Text::from_units([0x41, 0xD800, 0, 0x42]);
        let mut world = World::settled_root();
        world.category("A").name = odd.clone();
        world.room("A\\R").name = Text::from_units([0xDC00]);
        let planned = world.plan();
        assert_eq!(planned.plan.categories[0].name, odd);
        assert_eq!(planned.plan.rooms[0].name, Text::from_units([0xDC00]));
    }
}
