//! Everything but messages as rows: people, add-ins, categories, scopes, rooms, roles.
//!
//! Categories, and behind them rooms, are numbered from 1 in the order of the plan; these numbers are
//! what other tables refer to. What has to be changed so that the target takes it is noted.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use super::numbering::RoomIds;
use super::row::Row;
use super::table::{self, Table};
use crate::chat::{Guid, PersonKind, Text};
use crate::migrate::{Plan, PlannedPerson, Privacy, RoleHolder, Room};

/// What was changed so that the target takes it.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// Texts that were cut: what they belong to, the column, and its length in UTF-16 code units.
    pub(super) cut: Vec<(Text, String, usize)>,
    /// People who were given an address, since none is known.
    pub(super) addressed: Vec<Text>,
}

/// Rows of one table on their way out.
struct Rows<'a> {
    out: &'a mut dyn Write,
    table: &'static Table,
    buffer: Vec<u8>,
    count: u64,
}

impl<'a> Rows<'a> {
    fn begin(out: &'a mut dyn Write, table: &'static Table) -> Rows<'a> {
        Rows { out, table, buffer: Vec::new(), count: 0 }
    }

    /// Writes a row; `subject` tells whose it is where something had to be cut.
    fn row(
        &mut self,
        notes: &mut Notes,
        subject: &dyn Fn() -> Text,
        fill: impl FnOnce(&mut Row<'_>),
    ) -> io::Result<()> {
        const ENOUGH: usize = 1 << 16;
        let mut row = Row::begin(&mut self.buffer, self.table);
        fill(&mut row);
        for column in row.cut {
            let name = format!("{}.{}", self.table.name, column.name);
            notes.cut.push((subject(), name, column.width().unwrap_or_default() / 2));
        }
        self.count += 1;
        if self.buffer.len() > ENOUGH {
            self.out.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }

    /// Ends the table. Returns its number of rows.
    fn end(self) -> io::Result<u64> {
        self.out.write_all(&self.buffer)?;
        Ok(self.count)
    }
}

fn bytes(text: &Option<Text>) -> Option<&[u8]> {
    text.as_ref().map(Text::as_bytes)
}

/// Writes the rows of a table other than messages. Returns their number.
pub(super) fn write_table(
    table: &'static Table,
    plan: &Plan,
    ids: &[RoomIds],
    out: &mut dyn Write,
    notes: &mut Notes,
) -> io::Result<u64> {
    let mut rows = Rows::begin(out, table);
    match table.name {
        name if name == table::PEOPLE.name => people(plan, &mut rows, notes)?,
        name if name == table::ADD_INS.name => add_ins(plan, &mut rows, notes)?,
        name if name == table::CATEGORIES.name => categories(plan, &mut rows, notes)?,
        name if name == table::SCOPES.name => scopes(plan, &mut rows, notes)?,
        name if name == table::ROOMS.name => rooms(plan, ids, &mut rows, notes)?,
        _ => roles(plan, &mut rows, notes)?,
    }
    rows.end()
}

fn people(plan: &Plan, rows: &mut Rows<'_>, notes: &mut Notes) -> io::Result<()> {
    for (number, person) in (1..).zip(&plan.people) {
        let known = person.uri.as_ref().or(person.source_uri.as_ref()).filter(|uri| !uri.is_empty());
        if known.is_none() {
            notes.addressed.push(subject(person));
        }
        let uri = known.cloned().unwrap_or_else(|| placeholder(person));
        rows.row(notes, &|| subject(person), |row| {
            row.number(number)
                .guid(person.new_guid.unwrap_or(person.guid))
                .text(uri.as_bytes())
                .text(bytes(&person.name))
                .text(bytes(&person.company))
                .text(bytes(&person.email))
                .text(bytes(&person.directory_path))
                .text(bytes(principal_name(person)))
                .number(i64::from(person.disabled))
                .number(type_id(person.kind));
        })?;
    }
    Ok(())
}

/// Returns the user principal name in the new directory, or in the old one where that is all that is
/// known.
fn principal_name(person: &PlannedPerson) -> &Option<Text> {
    match &person.new_user_principal_name {
        None => &person.user_principal_name,
        known => known,
    }
}

/// Returns what tells a person apart.
fn subject(person: &PlannedPerson) -> Text {
    let known = person.uri.as_ref().or(person.name.as_ref()).filter(|text| !text.is_empty());
    known.cloned().unwrap_or_else(|| Text::from(person.guid.to_string()))
}

/// Makes an address for a principal without one, as `prinUri` cannot be NULL. The domain is one that
/// nobody can have (RFC 2606).
fn placeholder(person: &PlannedPerson) -> Text {
    Text::from(match type_id(person.kind) {
        USER | SYSTEM_USER => format!("sip:{}@unknown.invalid", person.guid),
        _ => format!("ma-grp:{}", person.guid),
    })
}

const SYSTEM_USER: i64 = 4;
const USER: i64 = 5;

/// Returns the row of `tblPrincipalType`; kinds that the target no longer has are users or groups,
/// disabled by the plan.
fn type_id(kind: PersonKind) -> i64 {
    match kind {
        PersonKind::SystemUser => SYSTEM_USER,
        PersonKind::Domain => 8,
        PersonKind::Group | PersonKind::FederatedGroup => 9,
        PersonKind::Folder => 10,
        PersonKind::User
        | PersonKind::FederatedUser
        | PersonKind::ExternalUser
        | PersonKind::External
        | PersonKind::Unknown => USER,
    }
}

fn add_ins(plan: &Plan, rows: &mut Rows<'_>, notes: &mut Notes) -> io::Result<()> {
    plan.add_ins.iter().try_for_each(|add_in| {
        rows.row(notes, &|| add_in.name.clone(), |row| {
            row.guid(add_in.guid).text(add_in.name.as_bytes()).text(add_in.url.as_bytes());
        })
    })
}

fn categories(plan: &Plan, rows: &mut Rows<'_>, notes: &mut Notes) -> io::Result<()> {
    (1..).zip(&plan.categories).try_for_each(|(number, category)| {
        rows.row(notes, &|| category.name.clone(), |row| {
            row.number(number)
                .guid(category.guid)
                .text(category.name.as_bytes())
                .text(category.description.as_bytes())
                .flag(category.invitations)
                .flag(category.chat_history)
                .flag(category.file_upload);
        })
    })
}

/// A person who is let in and shut out has one row, as the key wants it: shutting out wins.
fn scopes(plan: &Plan, rows: &mut Rows<'_>, notes: &mut Notes) -> io::Result<()> {
    for (number, category) in (1..).zip(&plan.categories) {
        let mut people: BTreeMap<usize, bool> =
            category.allowed.iter().map(|&person| (person, false)).collect();
        people.extend(category.denied.iter().map(|&person| (person, true)));
        for (person, denied) in people {
            rows.row(notes, &|| category.name.clone(), |row| {
                row.number(number).number(person as i64 + 1).flag(denied);
            })?;
        }
    }
    Ok(())
}

fn rooms(plan: &Plan, ids: &[RoomIds], rows: &mut Rows<'_>, notes: &mut Notes) -> io::Result<()> {
    let numbers: HashMap<Guid, i64> = plan.categories.iter().map(|category| category.guid).zip(1..).collect();
    for (number, room) in (plan.categories.len() as i64 + 1..).zip(&plan.rooms) {
        let found = ids.binary_search_by_key(&room.guid, |ids| ids.room).ok();
        let ids = found.and_then(|at| ids.get(at));
        let last = ids.map_or(0, |ids| ids.last).max(room.last_chat_id.unwrap_or(0));
        rows.row(notes, &|| room.name.clone(), |row| {
            row.number(number)
                .guid(room.guid)
                .number(numbers.get(&room.category).copied().unwrap_or(0))
                .text(room.name.as_bytes())
                .text(room.description.as_bytes())
                .text(visibility(room.privacy).as_bytes())
                .text(if room.auditorium { "auditorium" } else { "normal" }.as_bytes())
                .flag(!room.invitations_inherited)
                .flag(room.disabled)
                .guid(room.add_in.filter(|guid| plan.add_ins.iter().any(|known| known.guid == *guid)))
                .number(last)
                .number(ids.map_or(0, |ids| ids.messages as i64))
                .number(ids.map(|ids| ids.first))
                .number(ids.map(|ids| ids.last));
        })?;
    }
    Ok(())
}

/// Returns what `tblEnumValue` calls it.
fn visibility(privacy: Privacy) -> &'static str {
    match privacy {
        Privacy::Secret => "private",
        Privacy::Closed => "scope",
        Privacy::Open => "open",
    }
}

/// Roles that the server would not have are not to be loaded: those of people outside the scope,
/// members of open rooms, presenters of rooms that are no auditorium. They stand in the file.
fn roles(plan: &Plan, rows: &mut Rows<'_>, notes: &mut Notes) -> io::Result<()> {
    for (number, category) in (1..).zip(&plan.categories) {
        for &person in &category.creators {
            rows.row(notes, &|| category.name.clone(), |row| role(row, number, person, "Creator", true))?;
        }
    }
    for (number, room) in (plan.categories.len() as i64 + 1..).zip(&plan.rooms) {
        for (list, name, taken) in lists(room) {
            for holder in list {
                let loaded = taken && !holder.outside_scope;
                rows.row(notes, &|| room.name.clone(), |row| role(row, number, holder.person, name, loaded))?;
            }
        }
    }
    Ok(())
}

fn lists(room: &Room) -> [(&[RoleHolder], &'static str, bool); 3] {
    [
        (&room.members, "Member", room.privacy != Privacy::Open),
        (&room.managers, "Manager", true),
        (&room.presenters, "Voiced", room.auditorium),
    ]
}

fn role(row: &mut Row<'_>, node: i64, person: usize, name: &str, loaded: bool) {
    row.number(node).number(person as i64 + 1).text(name.as_bytes()).flag(loaded);
}
