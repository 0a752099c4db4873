//! Principals: the people, groups and containers that rooms and messages refer to.

use super::{Guid, SipUri, Text, derived_guid};

/// What a principal is (`tblPrincipalType`). The package writes [`PersonKind::name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PersonKind {
    /// Nothing tells what it is; authors without a row in `tblPrincipal` among them.
    Unknown,
    /// Known from compliance documents as not internal.
    External,
    /// A person of the organisation (type 5), or known from compliance documents as internal.
    User,
    /// Type 4, an internal account.
    SystemUser,
    /// Type 7, a person of another organisation.
    FederatedUser,
    /// Type 8, a directory domain.
    Domain,
    /// Type 9, a security group or distribution list.
    Group,
    /// Type 10, a container or organisational unit.
    Folder,
    /// Type 11, a group of another organisation.
    FederatedGroup,
    /// Type 6, left over from older versions.
    ExternalUser,
}

impl PersonKind {
    /// Returns the name used in the package's `Type` attribute.
    pub fn name(self) -> &'static str {
        match self {
            PersonKind::Unknown => "Unknown",
            PersonKind::External => "External",
            PersonKind::User => "User",
            PersonKind::SystemUser => "SystemUser",
            PersonKind::FederatedUser => "FederatedUser",
            PersonKind::Domain => "Domain",
            PersonKind::Group => "Group",
            PersonKind::Folder => "Folder",
            PersonKind::FederatedGroup => "FederatedGroup",
            PersonKind::ExternalUser => "ExternalUser",
        }
    }

    /// Reads a [`PersonKind::name`].
    pub fn from_name(name: &str) -> Option<PersonKind> {
        use PersonKind::*;
        [
            Unknown,
            External,
            User,
            SystemUser,
            FederatedUser,
            Domain,
            Group,
            Folder,
            FederatedGroup,
            ExternalUser,
        ]
        .into_iter()
        .find(|kind| kind.name() == name)
    }
}

/// How a source names a principal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Author {
    /// By GUID: it has a row in `tblPrincipal`.
    Principal(Guid),
    /// By address alone, as compliance documents do.
    Address(SipUri),
    /// By a number of a database that has no row for it.
    Numbered {
        /// Which database: the GUID of its root node, or the nil GUID where that is unknown.
        database: Guid,
        /// `prinID`.
        number: i64,
    },
    /// Not at all (`FileDump` without `LoginName`).
    Unnamed,
}

impl Author {
    /// Returns the GUID of somebody named in this way: its own, or one derived from what is known.
    pub fn guid(&self) -> Guid {
        match self {
            Author::Principal(guid) => *guid,
            Author::Address(address) => derived_guid(&[b"person", address.address().as_bytes()]),
            Author::Numbered { database, number } => {
                derived_guid(&[b"principal", database.as_bytes(), number.to_string().as_bytes()])
            }
            Author::Unnamed => derived_guid(&[b"unnamed"]),
        }
    }
}

/// What one source says of a principal.
///
/// Of several sayings the greatest in the order of the fields holds, field by field of no account:
/// a saying is taken whole. `rank` makes database rows outdo compliance documents and newer dumps
/// outdo older ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct PersonFacts {
    /// Which saying is to be believed: greater outdoes less. 0 is what documents say; databases
    /// have an [`Origin::rank`](super::Origin::rank).
    pub rank: u64,
    /// Ticks of the saying where it has a time (documents); 0 elsewhere.
    pub at: i64,
    /// Display name.
    pub name: Option<Text>,
    /// `prinUri`, or the address in a document, as written.
    pub uri: Option<Text>,
    /// E-mail address.
    pub email: Option<Text>,
    /// `prinCompanyName`.
    pub company: Option<Text>,
    /// `prinADPath`: distinguished name.
    pub directory_path: Option<Text>,
    /// `prinADUserPrincipalName`.
    pub user_principal_name: Option<Text>,
    /// What it is.
    pub kind: Option<PersonKind>,
    /// 0 active, 1 disabled, 2 deleted from the directory.
    pub disabled: u8,
}

/// What documents say of a room that no table may describe. The greatest saying holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoomFacts {
    /// Whether [`RoomFacts::name`] is more than the address.
    pub named: bool,
    /// Ticks of the saying.
    pub at: i64,
    /// `Channel/@name`.
    pub name: Option<Text>,
    /// `Channel/@uri` as written, or the address built from a number.
    pub uri: Option<Text>,
    /// `Channel/@islogged` as written.
    pub logged: Option<Text>,
    /// Whether the address holds the room's GUID.
    pub guid_known: bool,
}

/// A principal after all sources were heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Its GUID, or a derived one.
    pub guid: Guid,
    /// How it is known.
    pub author: Author,
    /// What is believed of it.
    pub facts: PersonFacts,
    /// Its address as the newest source has it, for comparison.
    pub address: Option<SipUri>,
    /// Every address that any source has for it, in order.
    pub addresses: Vec<SipUri>,
    /// The GUIDs that share its address, where more than one does (SIP-REUSED); in order.
    pub rivals: Vec<Guid>,
}
