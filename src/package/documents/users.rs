//! `User.xml`: the principals that everything else refers to by their `Id`.

use std::io::{self, Write};

use super::{Lines, person_id, push_origin};
use crate::migrate::Plan;
use crate::package::xml;

/// Writes `User.xml`.
pub(in crate::package) fn write_users(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let mut lines = Lines::begin(out, "Users");
    for (position, person) in plan.people.iter().enumerate() {
        lines.line(|out| {
            out.extend_from_slice(b"<Person");
            xml::push_count(out, "Id", person_id(position));
            xml::push_guid(out, "Guid", person.guid);
            xml::push_optional(out, "Uri", person.uri.as_ref());
            xml::push_optional(out, "SourceUri", person.source_uri.as_ref());
            xml::push_optional(out, "Name", person.name.as_ref());
            xml::push_plain(out, "Type", person.kind.name());
            xml::push_count(out, "Disabled", u64::from(person.disabled));
            xml::push_optional(out, "Email", person.email.as_ref());
            xml::push_optional(out, "Company", person.company.as_ref());
            xml::push_optional(out, "DirectoryPath", person.directory_path.as_ref());
            xml::push_optional(out, "UserPrincipalName", person.user_principal_name.as_ref());
            if let Some(guid) = person.new_guid {
                xml::push_guid(out, "NewGuid", guid);
            }
            xml::push_optional(out, "NewUserPrincipalName", person.new_user_principal_name.as_ref());
            push_origin(out, person.origin);
            out.extend_from_slice(b"/>");
        })?;
    }
    lines.end("Users")
}
