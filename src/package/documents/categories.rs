//! `Category.xml`: the flat categories, who may be in their rooms and who may create rooms.

use std::io::{self, Write};

use super::{Lines, listed, push_origin};
use crate::migrate::{Category, Plan};
use crate::package::xml;

/// Writes `Category.xml`.
pub(in crate::package) fn write_categories(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let mut lines = Lines::begin(out, "Categories");
    for category in &plan.categories {
        write_category(&mut lines, category)?;
    }
    lines.end("Categories")
}

fn write_category(lines: &mut Lines<'_>, category: &Category) -> io::Result<()> {
    lines.line(|out| {
        out.extend_from_slice(b"<Category");
        xml::push_guid(out, "Guid", category.guid);
        xml::push_attribute(out, "Name", category.name.as_bytes());
        xml::push_attribute(out, "Description", category.description.as_bytes());
        xml::push_flag(out, "Invitations", category.invitations);
        xml::push_flag(out, "ChatHistory", category.chat_history);
        xml::push_flag(out, "FileUpload", category.file_upload);
        push_origin(out, category.origin);
        out.push(b'>');
    })?;
    let unrestricted = if category.unrestricted { " Unrestricted=\"true\"" } else { "" };
    lines.members_with("AllowedMembers", unrestricted, listed(&category.allowed))?;
    lines.members("DeniedMembers", listed(&category.denied))?;
    lines.members("Creators", listed(&category.creators))?;
    lines.text("</Category>")
}
