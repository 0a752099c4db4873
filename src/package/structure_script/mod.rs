//! `structure.ps1`: re-creates add-ins, categories and rooms with the documented cmdlets.
//!
//! The functions at its top are the same in every package; below them stands one call for each
//! item, in the order in which they depend on each other: add-ins, categories, rooms, then what is
//! disabled. Names, ranges and rules of the cmdlets are those of "Persistent Chat cmdlets" in the
//! vendor's PowerShell reference (`New-CsPersistentChatRoom` and its neighbours).

use std::collections::HashMap;
use std::io::{self, Write};

use super::contents::Level;
use super::powershell::{push_flag, push_list, push_string};
use crate::chat::{AddIn, Guid, PersonKind, Text};
use crate::migrate::{Category, Plan, PlannedPerson, Privacy, RoleHolder, Room};

const FUNCTIONS: &str = include_str!("functions.ps1");

/// Tells whether a package of this level has a script.
pub(super) fn is_needed(level: Level) -> bool {
    level.has_categories() || level.has_rooms()
}

/// Writes the script in UTF-8 with a byte order mark, as Windows PowerShell needs it, with CRLF.
pub(super) fn write_script(plan: &Plan, level: Level, out: &mut dyn Write) -> io::Result<()> {
    let mut script = Script { plan, out, line: String::from("\u{FEFF}") };
    for line in FUNCTIONS.lines() {
        script.text(line)?;
    }
    if level.has_rooms() {
        script.section("Add-ins")?;
        plan.add_ins.iter().try_for_each(|add_in| script.add_in(add_in))?;
    }
    if level.has_categories() {
        script.section("Categories")?;
        plan.categories.iter().try_for_each(|category| script.category(category))?;
    }
    if level.has_rooms() {
        script.section("Rooms")?;
        let categories = plan.categories.iter().map(|category| (category.guid, &category.name)).collect();
        let add_ins = plan.add_ins.iter().map(|add_in| (add_in.guid, &add_in.name)).collect();
        plan.rooms.iter().try_for_each(|room| script.room(room, &categories, &add_ins))?;
        script.section("Disabled rooms")?;
        plan.rooms.iter().filter(|room| room.disabled).try_for_each(|room| script.disable(room))?;
    }
    script.section("End")?;
    script.text("Write-Log 'INFO' '-' $PoolFqdn ('done, errors: ' + $script:Failures)")?;
    script.text("if ($script:Failures -gt 0) {")?;
    script.text("    exit 1")?;
    script.text("}")
}

struct Script<'a> {
    plan: &'a Plan,
    out: &'a mut dyn Write,
    line: String,
}

impl Script<'_> {
    fn add_in(&mut self, add_in: &AddIn) -> io::Result<()> {
        self.call("Add-Addin", add_in.guid, &add_in.name);
        self.string("Url", &add_in.url);
        self.end_line()
    }

    fn category(&mut self, category: &Category) -> io::Result<()> {
        let allowed = self.nameable(category.allowed.iter().copied());
        let denied = self.nameable(category.denied.iter().copied());
        let creators = self.nameable(category.creators.iter().copied());
        self.left_out("allowed members", &allowed.1)?;
        self.left_out("denied members", &denied.1)?;
        self.left_out("creators", &creators.1)?;
        self.call("Add-Category", category.guid, &category.name);
        self.string("Description", &category.description);
        self.flag("Invitations", category.invitations);
        self.flag("ChatHistory", category.chat_history);
        self.flag("FileUpload", category.file_upload);
        self.flag("Unrestricted", category.unrestricted);
        self.list("Allowed", &allowed.0);
        self.list("Denied", &denied.0);
        self.list("Creators", &creators.0);
        self.end_line()
    }

    fn room(
        &mut self,
        room: &Room,
        categories: &HashMap<Guid, &Text>,
        add_ins: &HashMap<Guid, &Text>,
    ) -> io::Result<()> {
        let Some(category) = categories.get(&room.category) else {
            return self.text(&format!("# Room {} is left out: its category is unknown.", room.guid));
        };
        let no_one = &Vec::new();
        // Open rooms neither need nor allow members; only auditoriums have presenters.
        let members = if room.privacy == Privacy::Open { no_one } else { &room.members };
        let presenters = if room.auditorium { &room.presenters } else { no_one };
        let members = self.insiders(members);
        let managers = self.insiders(&room.managers);
        let presenters = self.insiders(presenters);
        self.left_out("members", &members.1)?;
        self.left_out("managers", &managers.1)?;
        self.left_out("presenters", &presenters.1)?;
        self.call("Add-Room", room.guid, &room.name);
        self.string("Category", category);
        self.string("Description", &room.description);
        let add_in = room.add_in.and_then(|guid| add_ins.get(&guid).copied());
        self.string("Addin", add_in.unwrap_or(&Text::default()));
        self.word("Privacy", room.privacy.name());
        self.word("Type", if room.auditorium { "Auditorium" } else { "Normal" });
        self.word("Invitations", if room.invitations_inherited { "Inherit" } else { "False" });
        self.list("Members", &members.0);
        self.list("Managers", &managers.0);
        self.list("Presenters", &presenters.0);
        self.end_line()
    }

    fn disable(&mut self, room: &Room) -> io::Result<()> {
        self.call("Disable-Room", room.guid, &room.name);
        self.end_line()
    }

    fn call(&mut self, function: &str, guid: Guid, name: &Text) {
        self.line.push_str(function);
        self.line.push_str(&format!(" -Guid '{guid}'"));
        self.string("Name", name);
    }

    fn string(&mut self, parameter: &str, value: &Text) {
        self.parameter(parameter);
        push_string(&mut self.line, value);
    }

    fn word(&mut self, parameter: &str, value: &str) {
        self.parameter(parameter);
        self.line.push_str(&format!("'{value}'"));
    }

    fn flag(&mut self, parameter: &str, value: bool) {
        self.parameter(parameter);
        push_flag(&mut self.line, value);
    }

    fn list(&mut self, parameter: &str, values: &[&Text]) {
        self.parameter(parameter);
        push_list(&mut self.line, values.iter().copied());
    }

    fn parameter(&mut self, parameter: &str) {
        self.line.push_str(" -");
        self.line.push_str(parameter);
        self.line.push(' ');
    }

    fn section(&mut self, title: &str) -> io::Result<()> {
        self.text("")?;
        self.text(&format!("# {title}"))
    }

    fn left_out(&mut self, list: &str, people: &[usize]) -> io::Result<()> {
        if people.is_empty() {
            return Ok(());
        }
        let ids: Vec<String> = people.iter().map(|position| (position + 1).to_string()).collect();
        self.text(&format!("# Left out of the {list} below: Person {}", ids.join(", ")))
    }

    fn text(&mut self, line: &str) -> io::Result<()> {
        self.line.push_str(line);
        self.end_line()
    }

    fn end_line(&mut self) -> io::Result<()> {
        self.line.push_str("\r\n");
        self.out.write_all(self.line.as_bytes())?;
        self.line.clear();
        Ok(())
    }
}

impl<'a> Script<'a> {
    /// Parts the people of a list into names that the cmdlets take, and positions of those who
    /// have none.
    fn nameable(&self, people: impl Iterator<Item = usize>) -> (Vec<&'a Text>, Vec<usize>) {
        let mut names = Vec::new();
        let mut left_out = Vec::new();
        for position in people {
            match self.plan.people.get(position).and_then(principal) {
                Some(name) => names.push(name),
                None => left_out.push(position),
            }
        }
        (names, left_out)
    }

    /// Like [`Script::nameable`]; people outside the category's scope are left out.
    fn insiders(&self, holders: &[RoleHolder]) -> (Vec<&'a Text>, Vec<usize>) {
        let inside = holders.iter().filter(|holder| !holder.outside_scope);
        let (names, mut left_out) = self.nameable(inside.map(|holder| holder.person));
        left_out.extend(holders.iter().filter(|holder| holder.outside_scope).map(|holder| holder.person));
        left_out.sort_unstable();
        (names, left_out)
    }
}

/// Returns what the cmdlets call a principal: the address of a person, the distinguished name of a
/// group or container. `None` for whom the server would not take.
fn principal(person: &PlannedPerson) -> Option<&Text> {
    if person.disabled != 0 {
        return None;
    }
    match person.kind {
        PersonKind::User => person.uri.as_ref().filter(|uri| is_sip(uri)),
        PersonKind::Group | PersonKind::Folder | PersonKind::Domain => {
            person.directory_path.as_ref().filter(|path| !path.is_empty())
        }
        PersonKind::Unknown
        | PersonKind::External
        | PersonKind::SystemUser
        | PersonKind::FederatedUser
        | PersonKind::FederatedGroup
        | PersonKind::ExternalUser => None,
    }
}

fn is_sip(uri: &Text) -> bool {
    uri.as_bytes().get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"sip:"))
}
