//! A node taken apart into facets that can be compared and named, without numbers of databases.

use crate::chat::{Author, Role, Text};
use crate::groupchat::structure::DumpNode;

/// One facet of a node: equal bytes mean equal content.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Facet {
    pub(super) name: &'static str,
    pub(super) bytes: Vec<u8>,
    /// Whether only Group Chat has it, so that it tells nothing between generations.
    pub(super) is_legacy: bool,
}

/// Returns all facets but the lists of people, always the same ones in the same order.
pub(super) fn settings(node: &DumpNode) -> Vec<Facet> {
    let node = &node.node;
    let both = |name, bytes| Facet { name, bytes, is_legacy: false };
    let legacy = |name, bytes| Facet { name, bytes, is_legacy: true };
    let guid =
        |guid: Option<crate::chat::Guid>| guid.map(|guid| guid.as_bytes().to_vec()).unwrap_or_default();
    let visibility = node.visibility.map_or(0, |visibility| 1 + visibility as u8);
    vec![
        both("kind", vec![node.kind as u8, node.is_root.into()]),
        both("parent", guid(node.parent)),
        both("name", node.name.as_bytes().to_vec()),
        both("description", node.description.as_bytes().to_vec()),
        legacy("topic", optional(node.topic.as_ref())),
        both("invitations", vec![switch(node.invitations)]),
        both("history", vec![switch(node.history)]),
        both("file upload", vec![switch(node.file_upload)]),
        both("disabled", vec![node.disabled.into()]),
        both("behavior", vec![node.auditorium.into()]),
        both("visibility", vec![visibility]),
        legacy("inheritance", vec![node.forces_settings.into()]),
        legacy("override of members", vec![node.overrides_members.into()]),
        legacy("scope definer", guid(node.scope_definer)),
        legacy("role definer", guid(node.role_definer)),
        both("add-in", guid(node.add_in)),
    ]
}

fn switch(setting: Option<bool>) -> u8 {
    setting.map_or(2, u8::from)
}

/// Renders text that may be absent.
pub(super) fn optional(text: Option<&Text>) -> Vec<u8> {
    text.map(|text| [b"+".as_slice(), text.as_bytes()].concat()).unwrap_or_default()
}

/// A list of people at a node.
pub(super) struct People<'n> {
    /// What one and several of them are called.
    pub(super) names: [&'static str; 2],
    /// In order.
    pub(super) people: Vec<&'n Author>,
}

/// Returns the lists of people at a node, always the same ones in the same order.
pub(super) fn people(node: &DumpNode) -> [People<'_>; 6] {
    let with_role = |role: Role| node.roles.iter().filter(move |entry| entry.0 == role).map(|entry| &entry.1);
    let in_scope =
        |denied: bool| node.scopes.iter().filter(move |entry| entry.0 == denied).map(|entry| &entry.1);
    [
        People { names: ["member", "members"], people: with_role(Role::Member).collect() },
        People { names: ["manager", "managers"], people: with_role(Role::Manager).collect() },
        People { names: ["presenter", "presenters"], people: with_role(Role::Presenter).collect() },
        People { names: ["creator", "creators"], people: with_role(Role::Creator).collect() },
        People { names: ["principal in scope", "principals in scope"], people: in_scope(false).collect() },
        People { names: ["denied principal", "denied principals"], people: in_scope(true).collect() },
    ]
}

/// Renders what somebody is known by.
pub(super) fn author(author: &Author) -> Vec<u8> {
    let tagged = |tag: u8, bytes: &[u8]| [std::slice::from_ref(&tag), bytes].concat();
    match author {
        Author::Principal(guid) => tagged(1, guid.as_bytes()),
        Author::Address(address) => tagged(2, address.address().as_bytes()),
        Author::Numbered { database, number } => {
            tagged(3, &[database.as_bytes().as_slice(), &number.to_be_bytes()].concat())
        }
        Author::Unnamed => vec![4],
    }
}
