//! `tblNode`: its rows, and the nodes they stand for.

use std::collections::BTreeMap;

use super::repair::{Identity, Place};
use super::settings::{EnumValues, Settings};
use crate::chat::{Generation, Guid, Node, NodeKind, Text};
use crate::groupchat::field::{Fault, FieldResult};
use crate::groupchat::stream::{At, Cells};
use crate::ledger::Findings;
use crate::sqlserver::Column;

/// A row of `tblNode` as it stands. The order of rows is that of their fields.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NodeRow {
    pub(super) guid: Option<Guid>,
    pub(super) parent: Option<i64>,
    pub(super) is_category: bool,
    pub(super) name: Text,
    description: Text,
    topic: Option<Text>,
    invitations: Option<bool>,
    history: Option<bool>,
    file_upload: Option<bool>,
    disabled: bool,
    behavior: Option<i64>,
    visibility: Option<i64>,
    forces_settings: bool,
    overrides_members: bool,
    scope_definer: Option<i64>,
    role_definer: Option<i64>,
    add_in: Option<Guid>,
    updated_on: i64,
}

/// Where the columns of `tblNode` stand.
pub(super) struct NodeColumns {
    number: At,
    guid: At,
    parent: At,
    kind: At,
    name: At,
    description: At,
    topic: At,
    invitations: At,
    history: At,
    file_upload: At,
    disabled: At,
    behavior: At,
    visibility: At,
    inheritance: At,
    override_member: At,
    scope_definer: At,
    role_definer: At,
    add_in: At,
    updated_on: At,
}

impl NodeColumns {
    pub(super) fn find(columns: &[Column]) -> NodeColumns {
        let at = |name| At::find(columns, name);
        NodeColumns {
            number: at("nodeID"),
            guid: at("nodeGuid"),
            parent: at("parentID"),
            kind: at("nodeType"),
            name: at("nodeName"),
            description: at("nodeDesc"),
            topic: at("topic"),
            invitations: at("invite"),
            history: at("logged"),
            file_upload: at("filePost"),
            disabled: at("disabled"),
            behavior: at("behavior"),
            visibility: at("visibility"),
            inheritance: at("inheritance"),
            override_member: at("overrideMember"),
            scope_definer: at("scopeDefinerId"),
            role_definer: at("roleDefinerId"),
            add_in: at("siopID"),
            updated_on: at("nodeUpdatedOn"),
        }
    }

    /// Reads one row and its `nodeID`.
    pub(super) fn row(&self, cells: Cells<'_>) -> FieldResult<(i64, NodeRow)> {
        let is_category = cells.flag(self.kind)?.ok_or_else(|| Fault::missing(self.kind.name))?;
        let row = NodeRow {
            guid: cells.guid(self.guid)?,
            parent: cells.integer(self.parent)?,
            is_category,
            name: cells.text(self.name)?,
            description: cells.text(self.description)?,
            topic: Some(cells.text(self.topic)?).filter(|topic| !topic.is_empty()),
            invitations: cells.flag(self.invitations)?,
            history: cells.flag(self.history)?,
            file_upload: cells.flag(self.file_upload)?,
            disabled: cells.flag(self.disabled)?.unwrap_or(false),
            behavior: cells.integer(self.behavior)?,
            visibility: cells.integer(self.visibility)?,
            forces_settings: cells.flag(self.inheritance)?.unwrap_or(false),
            overrides_members: cells.flag(self.override_member)?.unwrap_or(false),
            scope_definer: cells.integer(self.scope_definer)?,
            role_definer: cells.integer(self.role_definer)?,
            add_in: cells.guid(self.add_in)?,
            updated_on: cells.ticks(self.updated_on)?,
        };
        Ok((cells.required_integer(self.number)?, row))
    }
}

/// Makes the nodes of a dump from its rows, their identities and their places in the tree.
pub(super) fn nodes(
    rows: &BTreeMap<i64, NodeRow>,
    identities: &BTreeMap<i64, Identity>,
    places: &BTreeMap<i64, Place>,
    values: &EnumValues,
    generation: Generation,
    findings: &mut Findings,
) -> Vec<Node> {
    let guid_of = |number: Option<i64>| Some(identities.get(&number?)?.guid);
    let node = |(&number, row): (&i64, &NodeRow)| {
        let identity = identities.get(&number)?;
        let place = places.get(&number)?;
        let Settings { auditorium, visibility } = values.settings(number, row, findings);
        Some(Node {
            guid: identity.guid,
            guid_known: identity.is_known,
            number,
            kind: if row.is_category { NodeKind::Category } else { NodeKind::Room },
            is_root: *place == Place::Root,
            parent: match place {
                Place::Below(parent) => guid_of(Some(*parent)),
                Place::Root | Place::Nowhere => None,
            },
            name: row.name.clone(),
            description: row.description.clone(),
            topic: row.topic.clone(),
            invitations: row.invitations,
            history: row.history,
            file_upload: row.file_upload,
            disabled: row.disabled,
            auditorium,
            visibility,
            forces_settings: row.forces_settings,
            overrides_members: row.overrides_members,
            scope_definer: guid_of(row.scope_definer),
            role_definer: guid_of(row.role_definer),
            add_in: row.add_in,
            last_chat_id: None,
            updated_on: row.updated_on,
            scopes: Vec::new(),
            roles: Vec::new(),
            generation,
            origin: None,
        })
    };
    rows.iter().filter_map(node).collect()
}

impl NodeRow {
    /// Returns `behavior` and `visibility` as they stand.
    pub(super) fn enumerated(&self) -> (Option<i64>, Option<i64>) {
        (self.behavior, self.visibility)
    }
}
