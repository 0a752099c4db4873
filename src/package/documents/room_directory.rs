//! `RoomDirectory.xml`: add-ins, then rooms with their settings and roles.

use std::io::{self, Write};

use super::{Lines, Member, push_origin};
use crate::migrate::{Plan, RoleHolder, Room};
use crate::package::xml;

/// Writes `RoomDirectory.xml`.
pub(in crate::package) fn write_room_directory(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let mut lines = Lines::begin(out, "RoomDirectory");
    for add_in in &plan.add_ins {
        lines.line(|out| {
            out.extend_from_slice(b"<AddIn");
            xml::push_guid(out, "Guid", add_in.guid);
            xml::push_attribute(out, "Name", add_in.name.as_bytes());
            xml::push_attribute(out, "Url", add_in.url.as_bytes());
            out.extend_from_slice(b"/>");
        })?;
    }
    for room in &plan.rooms {
        write_room(&mut lines, room)?;
    }
    lines.end("RoomDirectory")
}

fn write_room(lines: &mut Lines<'_>, room: &Room) -> io::Result<()> {
    lines.line(|out| {
        out.extend_from_slice(b"<Room");
        xml::push_guid(out, "Guid", room.guid);
        xml::push_attribute(out, "Name", room.name.as_bytes());
        xml::push_guid(out, "Category", room.category);
        xml::push_attribute(out, "Description", room.description.as_bytes());
        xml::push_plain(out, "Privacy", room.privacy.name());
        xml::push_plain(out, "Behavior", if room.auditorium { "Auditorium" } else { "Normal" });
        let invitations = if room.invitations_inherited { "Inherit" } else { "False" };
        xml::push_plain(out, "Invitations", invitations);
        xml::push_flag(out, "Disabled", room.disabled);
        if let Some(add_in) = room.add_in {
            xml::push_guid(out, "AddIn", add_in);
        }
        xml::push_optional(out, "Topic", room.topic.as_ref());
        if let Some(last) = room.last_chat_id {
            xml::push_plain(out, "LastChatId", &last.to_string());
        }
        xml::push_optional(out, "Uri", room.uri.as_ref());
        push_origin(out, room.origin);
        out.push(b'>');
    })?;
    for (list, holders) in
        [("Members", &room.members), ("Managers", &room.managers), ("Presenters", &room.presenters)]
    {
        lines.members(list, holders.iter().map(member))?;
    }
    lines.text("</Room>")
}

fn member(holder: &RoleHolder) -> Member {
    Member { person: holder.person, outside_scope: holder.outside_scope }
}
