//! The legacy tree: categories and rooms as Group Chat kept them, not yet flattened.

use super::{Guid, Origin, PersonKey, Text};

/// The two shapes of the content database. Later ones are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Generation {
    /// Office Communications Server 2007 R2 and Lync Server 2010 Group Chat.
    GroupChat,
    /// Lync Server 2013 and Skype for Business Server 2015 Persistent Chat.
    PersistentChat,
}

/// What a node of the tree is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeKind {
    /// Holds categories and rooms.
    Category,
    /// Holds messages.
    Room,
}

/// Who can see a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Visibility {
    /// Members alone (`private`, 2): Persistent Chat's *Secret*.
    Private,
    /// Anybody in the scope (`scope`, 3): Persistent Chat's *Closed*.
    Scope,
    /// Anybody in the scope, and anybody may join (`open`, 6; Persistent Chat only): *Open*.
    Open,
}

/// What a principal may do at a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// May read and write.
    Member,
    /// May also manage the node.
    Manager,
    /// May write in an auditorium (`Voiced` in the database).
    Presenter,
    /// May create rooms in a category (Persistent Chat only).
    Creator,
}

/// One row of `tblPrincipalRole`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoleEntry {
    /// What the principal may do.
    pub role: Role,
    /// The principal.
    pub person: PersonKey,
}

/// One row of `tblScopePrincipal`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScopeEntry {
    /// Whether the principal is shut out rather than let in (Persistent Chat only).
    pub denied: bool,
    /// The principal.
    pub person: PersonKey,
}

/// One row of `tblSiopWhiteList`: a web page shown beside a room.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AddIn {
    /// `siopID`.
    pub guid: Guid,
    /// `siopName`; at most 50 UTF-16 code units in the database.
    pub name: Text,
    /// `siopUrl`; at most 255 UTF-16 code units in the database.
    pub url: Text,
}

/// A category or room as one dump holds it (`tblNode` with its scopes and roles).
///
/// A setting that is `None` is inherited in Group Chat's own sense, or its column is missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// `nodeGuid`, or a derived one where the source has none or repeats one.
    pub guid: Guid,
    /// Whether [`Node::guid`] stands in the source.
    pub guid_known: bool,
    /// `nodeID` in the dump it was taken from.
    pub number: i64,
    /// Category or room.
    pub kind: NodeKind,
    /// Whether this is the root of its tree (its own parent).
    pub is_root: bool,
    /// The node above; `None` for a root and for a node whose parent is nowhere.
    pub parent: Option<Guid>,
    /// `nodeName`, one segment of the path.
    pub name: Text,
    /// `nodeDesc`.
    pub description: Text,
    /// `topic` (Group Chat only).
    pub topic: Option<Text>,
    /// `invite`.
    pub invitations: Option<bool>,
    /// `logged`: whether the history is kept.
    pub history: Option<bool>,
    /// `filePost`.
    pub file_upload: Option<bool>,
    /// `disabled`.
    pub disabled: bool,
    /// `behavior` is 5.
    pub auditorium: bool,
    /// `visibility`.
    pub visibility: Option<Visibility>,
    /// `inheritance`: all below must take this category's settings (Group Chat only).
    pub forces_settings: bool,
    /// `overrideMember`: the list of members begins anew here (Group Chat only).
    pub overrides_members: bool,
    /// The node that `scopeDefinerId` names.
    pub scope_definer: Option<Guid>,
    /// The node that `roleDefinerId` names.
    pub role_definer: Option<Guid>,
    /// `siopID`.
    pub add_in: Option<Guid>,
    /// `lastChatID` of `tblLastChatId`.
    pub last_chat_id: Option<i64>,
    /// `nodeUpdatedOn` in ticks; 0 where unknown.
    pub updated_on: i64,
    /// Scope rows at this very node, in order.
    pub scopes: Vec<ScopeEntry>,
    /// Role rows at this very node, in order.
    pub roles: Vec<RoleEntry>,
    /// Whose rules the node follows: those of the database it comes from, or of the flat model
    /// that a package has already put it into.
    pub generation: Generation,
    /// Which dump it was taken from. `None` if none holds it, or that was not told: such a node
    /// never outdoes one of known origin.
    pub origin: Option<Origin>,
}

impl Node {
    /// Makes a node of which nothing but this is known: settings are inherited, switches are off,
    /// lists are empty, and it is under no parent.
    pub fn new(guid: Guid, number: i64, kind: NodeKind, name: Text, generation: Generation) -> Node {
        Node {
            guid,
            guid_known: true,
            number,
            kind,
            is_root: false,
            parent: None,
            name,
            description: Text::default(),
            topic: None,
            invitations: None,
            history: None,
            file_upload: None,
            disabled: false,
            auditorium: false,
            visibility: None,
            forces_settings: false,
            overrides_members: false,
            scope_definer: None,
            role_definer: None,
            add_in: None,
            last_chat_id: None,
            updated_on: 0,
            scopes: Vec::new(),
            roles: Vec::new(),
            generation,
            origin: None,
        }
    }
}

/// The legacy tree of a run: every node once, though several dumps may hold it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tree {
    /// The nodes in the order of their GUIDs. Roots, and nodes whose parent is nowhere, included.
    pub nodes: Vec<Node>,
    /// The add-ins in order.
    pub add_ins: Vec<AddIn>,
}
