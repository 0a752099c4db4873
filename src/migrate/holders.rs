//! Role holders: how scopes bear on the people of a room.
//!
//! Scope rows of the room itself narrow its members, as the server did; the category's scope only
//! marks those whom the new server would refuse, so that nobody vanishes unseen.

use std::collections::BTreeMap;

use super::describe::{self, count};
use super::facts::Facts;
use super::membership::RoleLists;
use super::roster::{CategoryOrigin, RoomOrigin};
use super::scopes::{Judgement, Scope};
use crate::chat::Text;
use crate::ledger::{Findings, Level};
use crate::migrate::RoleHolder;

/// The role lists of a room, narrowed by its own scope.
pub(super) struct Lists(RoleLists);

impl Lists {
    /// Narrows the members to the room's own scope, if it has one (SCOPE-ROOM).
    pub fn new(
        facts: &Facts,
        room: usize,
        mut roles: RoleLists,
        doubts: &mut Doubts,
        findings: &mut Findings,
    ) -> Lists {
        let own = facts.scopes.definer(facts.lineage, room);
        let categorys = facts.category_definer(facts.ground.home(RoomOrigin::Node(room)));
        let Some(scope) = facts.scopes.rows(own).filter(|_| own != categorys) else { return Lists(roles) };
        let mut dropped = Vec::new();
        let mut doubtful = 0;
        roles.members.retain(|&person| match scope.judge_in_room(person, facts.groups(person)) {
            Judgement::Inside => true,
            Judgement::Unsure => {
                doubtful += 1;
                true
            }
            Judgement::Outside => {
                dropped.push(person);
                false
            }
        });
        let subject = &facts.paths.old[room];
        doubts.note(subject, doubtful);
        tell_narrowed(facts, subject, &dropped, findings);
        Lists(roles)
    }

    /// Marks those whom the category's scope shuts out (SCOPE-OUT): members, managers, presenters.
    pub fn judged(
        self,
        facts: &Facts,
        category: CategoryOrigin,
        subject: &Text,
        doubts: &mut Doubts,
        findings: &mut Findings,
    ) -> (Vec<RoleHolder>, Vec<RoleHolder>, Vec<RoleHolder>) {
        let scope = facts.scopes.rows(facts.category_definer(category));
        let mut doubtful = 0;
        let mut mark = |people: Vec<usize>| marked(facts, scope, people, &mut doubtful);
        let RoleLists { members, managers, presenters } = self.0;
        let lists = (mark(members), mark(managers), mark(presenters));
        doubts.note(&facts.ground.category_path(category), doubtful);
        for (role, list) in [("members", &lists.0), ("managers", &lists.1), ("presenters", &lists.2)] {
            tell_outside(facts, subject, role, list, findings);
        }
        lists
    }
}

fn marked(facts: &Facts, scope: Option<&Scope>, people: Vec<usize>, doubtful: &mut usize) -> Vec<RoleHolder> {
    let mark = |person: usize| {
        let judgement = scope.map_or(Judgement::Inside, |scope| scope.judge(person, facts.groups(person)));
        *doubtful += usize::from(judgement == Judgement::Unsure);
        RoleHolder { person, outside_scope: judgement == Judgement::Outside }
    };
    people.into_iter().map(mark).collect()
}

fn tell_narrowed(facts: &Facts, subject: &Text, dropped: &[usize], findings: &mut Findings) {
    let consequence = if dropped.is_empty() {
        "No member is lost by it".to_owned()
    } else {
        format!(
            "Left out as members, as the server left them out: {}",
            describe::people(facts.settled, dropped)
        )
    };
    let detail = format!(
        "Its scope was narrower than that of its category, which a room cannot have any more. {consequence}. \
         Give it a category of its own if others must not be let in later."
    );
    findings.add("SCOPE-ROOM", Level::Warning, subject.clone(), detail);
}

fn tell_outside(facts: &Facts, subject: &Text, role: &str, list: &[RoleHolder], findings: &mut Findings) {
    let outside: Vec<usize> =
        list.iter().filter(|holder| holder.outside_scope).map(|holder| holder.person).collect();
    if !outside.is_empty() {
        let detail = format!(
            "The category's scope shuts out {} of its {role}: {}. They are listed and marked; the server will \
             refuse them unless the category lets them in.",
            outside.len(),
            describe::people(facts.settled, &outside)
        );
        findings.add("SCOPE-OUT", Level::Warning, subject.clone(), detail);
    }
}

/// People of whom nobody can tell whether a scope lets them in, since it holds groups: how many
/// entries, by the path of the category or room whose scope it is.
#[derive(Debug, Default)]
pub(super) struct Doubts(BTreeMap<Text, usize>);

impl Doubts {
    fn note(&mut self, subject: &Text, entries: usize) {
        if entries > 0 {
            *self.0.entry(subject.clone()).or_default() += entries;
        }
    }

    /// Tells what was noted (SCOPE-UNSURE).
    pub fn tell(self, findings: &mut Findings) {
        for (subject, entries) in self.0 {
            let detail = format!(
                "Its scope holds groups or containers whose members are not known here, so {} of role lists \
                 could not be judged and count as inside. The server will refuse those that are not.",
                count(entries, "entry")
            );
            findings.add("SCOPE-UNSURE", Level::Info, subject, detail);
        }
    }
}
