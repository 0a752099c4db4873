//! The plan: what Persistent Chat shall hold.

use std::collections::BTreeMap;

use crate::chat::{AddIn, Guid, Origin, PersonKind, Text};
use crate::ledger::Findings;

/// Everything that `data/import/` says apart from messages, and what is to be told about it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// Principals in the order of [`Settled::people`](crate::chat::Settled::people); the person at
    /// position `n` has the id `n + 1`.
    pub people: Vec<PlannedPerson>,
    /// Add-ins in the order of their GUIDs.
    pub add_ins: Vec<AddIn>,
    /// Categories in the order of their GUIDs.
    pub categories: Vec<Category>,
    /// Rooms in the order of their GUIDs.
    pub rooms: Vec<Room>,
    /// Old paths and new names, for `names.csv`, in order.
    pub names: Vec<NameRow>,
    /// The rooms that were left out on request, with the option that did it, as `filtered.csv`
    /// names it: `scope` or `without-disabled-rooms`. Their messages are to be filtered.
    pub left_out_rooms: BTreeMap<Guid, &'static str>,
    /// What is lost, changed or odd.
    pub findings: Findings,
}

/// A principal as `User.xml` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedPerson {
    /// Its GUID, or a derived one.
    pub guid: Guid,
    /// Its address in the new world, with scheme; `None` where it has none.
    pub uri: Option<Text>,
    /// Its GUID in the new directory, where the people map tells.
    pub new_guid: Option<Guid>,
    /// Its user principal name in the new directory, where the people map tells.
    pub new_user_principal_name: Option<Text>,
    /// Its address in the source, with scheme.
    pub source_uri: Option<Text>,
    /// Display name.
    pub name: Option<Text>,
    /// What it is.
    pub kind: PersonKind,
    /// 0 active, 1 disabled, 2 deleted or unknown to the directory.
    pub disabled: u8,
    /// E-mail address.
    pub email: Option<Text>,
    /// Company.
    pub company: Option<Text>,
    /// Distinguished name.
    pub directory_path: Option<Text>,
    /// User principal name.
    pub user_principal_name: Option<Text>,
    /// The newest dump that holds it; `None` where documents alone do.
    pub origin: Option<Origin>,
}

/// A category of the flat world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// Its GUID.
    pub guid: Guid,
    /// Its name, at most 256 UTF-16 code units, unique.
    pub name: Text,
    /// Its description.
    pub description: Text,
    /// Whether members of its rooms are invited.
    pub invitations: bool,
    /// Whether its rooms keep their history.
    pub chat_history: bool,
    /// Whether files may be uploaded in its rooms.
    pub file_upload: bool,
    /// Whether nothing restricts it, as the legacy category had no scope rows.
    pub unrestricted: bool,
    /// Positions of the people let in, in order.
    pub allowed: Vec<usize>,
    /// Positions of the people shut out, in order.
    pub denied: Vec<usize>,
    /// Positions of the people who may create rooms, in order.
    pub creators: Vec<usize>,
    /// The newest dump that holds it; `None` where none does.
    pub origin: Option<Origin>,
}

/// Who can see and join a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Privacy {
    /// Members alone see it.
    Secret,
    /// All in the scope see it, members join.
    Closed,
    /// All in the scope join.
    Open,
}

impl Privacy {
    /// Returns the name used by `New-CsPersistentChatRoom -Privacy` and in the package.
    pub fn name(self) -> &'static str {
        match self {
            Privacy::Secret => "Secret",
            Privacy::Closed => "Closed",
            Privacy::Open => "Open",
        }
    }
}

/// Somebody with a role in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoleHolder {
    /// Position of the person.
    pub person: usize,
    /// Whether the category's scope would shut this person out (SCOPE-OUT).
    pub outside_scope: bool,
}

/// A room of the flat world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// Its GUID.
    pub guid: Guid,
    /// Its name, at most 256 UTF-16 code units, unique.
    pub name: Text,
    /// The GUID of its category.
    pub category: Guid,
    /// Its description.
    pub description: Text,
    /// Its topic, which the new world has no place for.
    pub topic: Option<Text>,
    /// Who can see it.
    pub privacy: Privacy,
    /// Whether only presenters write.
    pub auditorium: bool,
    /// Whether invitations follow the category (`Inherit`) rather than being off (`False`).
    pub invitations_inherited: bool,
    /// Whether it is disabled.
    pub disabled: bool,
    /// Its add-in.
    pub add_in: Option<Guid>,
    /// Effective members, in order.
    pub members: Vec<RoleHolder>,
    /// Effective managers, in order.
    pub managers: Vec<RoleHolder>,
    /// Presenters, in order.
    pub presenters: Vec<RoleHolder>,
    /// `lastChatID` of the source.
    pub last_chat_id: Option<i64>,
    /// Its address as documents have it.
    pub uri: Option<Text>,
    /// The newest dump that holds it; `None` where documents alone do.
    pub origin: Option<Origin>,
}

/// What a row of `names.csv` is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameKind {
    /// A category.
    Category,
    /// A room.
    Room,
}

/// A row of `names.csv`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NameRow {
    /// Category or room.
    pub kind: NameKind,
    /// Its GUID.
    pub guid: Guid,
    /// Its path in the legacy tree, segments joined by `\`, the root left out.
    pub old_path: Text,
    /// Its name in the new world.
    pub new_name: Text,
}
