//! The documents of a package: what each element and attribute says. One file for each kind.
//!
//! All share one form: UTF-8, a declaration, the root on a line of its own, one record a line, LF
//! line ends. Attributes whose value is not known are left out. `docs/schema/` describes them for
//! validators, `docs/package-format.md` for people; the three change together.

mod categories;
mod compliance;
mod content;
mod room_directory;
mod rooms;
mod users;

use std::io::{self, Write};

use super::xml;
use crate::chat::{Generation, Origin, Ticks};

pub(super) use categories::write_categories;
pub(super) use compliance::push_event;
pub(super) use content::push_message;
pub(super) use room_directory::write_room_directory;
pub(super) use rooms::{RoomDocument, RoomPart};
pub(super) use users::write_users;

/// The schemas that lie in every package, by the name of their file.
pub const SCHEMAS: [(&str, &str); 5] = [
    ("User.xsd", include_str!("../../../docs/schema/User.xsd")),
    ("Category.xsd", include_str!("../../../docs/schema/Category.xsd")),
    ("RoomDirectory.xsd", include_str!("../../../docs/schema/RoomDirectory.xsd")),
    ("Content.xsd", include_str!("../../../docs/schema/Content.xsd")),
    ("Compliance.xsd", include_str!("../../../docs/schema/Compliance.xsd")),
];

/// Appends the declaration and the start tag of the root, still open for attributes.
fn open_root(out: &mut Vec<u8>, root: &str) {
    out.extend_from_slice(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<");
    out.extend_from_slice(root.as_bytes());
    xml::push_plain(out, "xmlns", xml::NAMESPACE);
}

/// Writes a document line by line.
struct Lines<'a> {
    out: &'a mut dyn Write,
    buffer: Vec<u8>,
}

impl<'a> Lines<'a> {
    /// Begins a document.
    fn begin(out: &'a mut dyn Write, root: &str) -> Lines<'a> {
        let mut buffer = Vec::new();
        open_root(&mut buffer, root);
        buffer.extend_from_slice(b">\n");
        Lines { out, buffer }
    }

    /// Writes a line that `fill` makes.
    fn line(&mut self, fill: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        const ENOUGH: usize = 1 << 16;
        fill(&mut self.buffer);
        self.buffer.push(b'\n');
        if self.buffer.len() > ENOUGH {
            self.out.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }

    /// Writes a line.
    fn text(&mut self, line: &str) -> io::Result<()> {
        self.line(|out| out.extend_from_slice(line.as_bytes()))
    }

    /// Writes a list of references to people, each a line.
    fn members(&mut self, list: &str, people: impl Iterator<Item = Member>) -> io::Result<()> {
        self.members_with(list, "", people)
    }

    /// Writes a list of references to people; `attributes` follow the list's name as they are.
    fn members_with(
        &mut self,
        list: &str,
        attributes: &str,
        people: impl Iterator<Item = Member>,
    ) -> io::Result<()> {
        let mut people = people.peekable();
        if people.peek().is_none() {
            return self.text(&format!("<{list}{attributes}/>"));
        }
        self.text(&format!("<{list}{attributes}>"))?;
        for member in people {
            self.line(|out| {
                out.extend_from_slice(b"<Member");
                xml::push_count(out, "Person", person_id(member.person));
                if member.outside_scope {
                    xml::push_flag(out, "OutsideScope", true);
                }
                out.extend_from_slice(b"/>");
            })?;
        }
        self.text(&format!("</{list}>"))
    }

    /// Ends the document.
    fn end(mut self, root: &str) -> io::Result<()> {
        self.text(&format!("</{root}>"))?;
        self.out.write_all(&self.buffer)
    }
}

/// Appends which dump something was taken from, where one is known.
fn push_origin(out: &mut Vec<u8>, origin: Option<Origin>) {
    let Some(origin) = origin else { return };
    xml::push_plain(out, "SourceGeneration", generation_name(origin.generation));
    xml::push_time(out, "SourceUpdated", Ticks::new(origin.updated_on).unwrap_or(Ticks::MIN));
}

/// Returns what the attribute `SourceGeneration` says.
pub(super) fn generation_name(generation: Generation) -> &'static str {
    match generation {
        Generation::GroupChat => "2010",
        Generation::PersistentChat => "2013",
    }
}

/// A reference to a person.
struct Member {
    person: usize,
    outside_scope: bool,
}

/// Makes references out of positions.
fn listed(people: &[usize]) -> impl Iterator<Item = Member> {
    people.iter().map(|&person| Member { person, outside_scope: false })
}

/// Returns the id of the person at a position.
fn person_id(position: usize) -> u64 {
    position as u64 + 1
}
