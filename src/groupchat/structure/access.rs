//! Roles and scopes: `tblRoleType`, `tblPrincipalRole`, `tblScopePrincipal`.

use std::collections::{BTreeMap, BTreeSet};

use super::rows::{Keyed, Reader};
use crate::chat::{Role, Text};
use crate::error::Result;
use crate::groupchat::schema::TableKind;
use crate::groupchat::stream::At;
use crate::ledger::Level;

/// What the numbers of role types mean. They are not published, so the dump has to tell.
#[derive(Debug, Default)]
pub(super) struct RoleTypes {
    rows: BTreeMap<i64, (Option<Role>, Option<Role>)>,
    /// Whether the role that only the newer generation has is among them.
    pub(super) has_creator: bool,
}

impl RoleTypes {
    /// Reads `tblRoleType`.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<RoleTypes> {
        let mut keyed = Keyed::new();
        reader.read(
            TableKind::RoleType,
            &["rtypeID"],
            |columns| ["rtypeID", "rtypeDesc", "rtypeAllowedPermSet"].map(|name| At::find(columns, name)),
            |[number, name, permissions], cells| {
                let row = (cells.text(*name)?, cells.integer(*permissions)?);
                keyed.insert(cells.required_integer(*number)?, row);
                Ok(())
            },
        )?;
        reader.tell_duplicates(TableKind::RoleType, "rtypeID", &keyed.doubled());
        let meaning =
            |(name, permissions): &(Text, Option<i64>)| (by_name(name), permissions.and_then(by_permissions));
        let rows: BTreeMap<_, _> = keyed.rows.iter().map(|(&number, row)| (number, meaning(row))).collect();
        let has_creator = rows.values().any(|meaning| meaning.0 == Some(Role::Creator));
        Ok(RoleTypes { rows, has_creator })
    }

    /// Returns the role that a number stands for: by its description, else by what the operator
    /// says, else by its permissions.
    fn role(&self, number: i64, given: &BTreeMap<i64, Role>) -> Option<Role> {
        let (by_name, by_permissions) = self.rows.get(&number).copied().unwrap_or_default();
        by_name.or_else(|| given.get(&number).copied()).or(by_permissions)
    }
}

/// `rtypeDesc` as the schema topics list it; a presenter is "Voiced" there.
fn by_name(name: &Text) -> Option<Role> {
    match name.to_folded().as_bytes().trim_ascii() {
        b"member" => Some(Role::Member),
        b"manager" => Some(Role::Manager),
        b"voiced" | b"presenter" => Some(Role::Presenter),
        b"creator" => Some(Role::Creator),
        _ => None,
    }
}

/// Guesses a role from `rtypeAllowedPermSet`: bit 2 manages nodes, 12 chats in an auditorium, 7
/// joins a room, 4 creates child nodes.
fn by_permissions(permissions: i64) -> Option<Role> {
    let may = |bit: u32| permissions & (1 << bit) != 0;
    [(2, Role::Manager), (12, Role::Presenter), (7, Role::Member), (4, Role::Creator)]
        .into_iter()
        .find(|&(bit, _)| may(bit))
        .map(|(_, role)| role)
}

/// Roles and scopes at each node, principals by number.
#[derive(Debug, Default)]
pub(super) struct Access {
    pub(super) roles: BTreeMap<i64, BTreeSet<(Role, i64)>>,
    pub(super) scopes: BTreeMap<i64, BTreeMap<i64, bool>>,
}

impl Access {
    /// Reads `tblPrincipalRole` and `tblScopePrincipal`. `is_node` knows the numbers of nodes.
    pub(super) fn read(
        reader: &mut Reader<'_>,
        types: &RoleTypes,
        given: &BTreeMap<i64, Role>,
        is_node: impl Fn(i64) -> bool,
    ) -> Result<Access> {
        let roles = roles(reader, types, given, &is_node)?;
        let scopes = scopes(reader, &is_node)?;
        Ok(Access { roles, scopes })
    }
}

fn roles(
    reader: &mut Reader<'_>,
    types: &RoleTypes,
    given: &BTreeMap<i64, Role>,
    is_node: &impl Fn(i64) -> bool,
) -> Result<BTreeMap<i64, BTreeSet<(Role, i64)>>> {
    let mut roles: BTreeMap<i64, BTreeSet<(Role, i64)>> = BTreeMap::new();
    let mut unknown: BTreeMap<i64, u64> = BTreeMap::new();
    let mut nowhere = 0_u64;
    let names = ["prinRoleNodeID", "prinRolePrinID", "prinRoleTypeID"];
    reader.read(
        TableKind::PrincipalRole,
        &names,
        |columns| names.map(|name| At::find(columns, name)),
        |[node, principal, kind], cells| {
            let node = cells.required_integer(*node)?;
            let principal = cells.required_integer(*principal)?;
            let kind = cells.required_integer(*kind)?;
            match types.role(kind, given) {
                None => *unknown.entry(kind).or_default() += 1,
                Some(_) if !is_node(node) => nowhere += 1,
                Some(role) => {
                    roles.entry(node).or_default().insert((role, principal));
                }
            }
            Ok(())
        },
    )?;
    for (kind, rows) in unknown {
        let detail = format!(
            "{rows} rows have the role type {kind}, which nothing explains; name it with --role {kind}=Member, Manager, Presenter or Creator"
        );
        tell(reader, TableKind::PrincipalRole, "ROLE-UNKNOWN", Level::Error, detail);
    }
    tell_nowhere(reader, TableKind::PrincipalRole, nowhere);
    Ok(roles)
}

fn scopes(
    reader: &mut Reader<'_>,
    is_node: &impl Fn(i64) -> bool,
) -> Result<BTreeMap<i64, BTreeMap<i64, bool>>> {
    let mut scopes: BTreeMap<i64, BTreeMap<i64, bool>> = BTreeMap::new();
    let mut doubled = BTreeSet::new();
    let mut nowhere = 0_u64;
    reader.read(
        TableKind::ScopePrincipal,
        &["scopeNodeID", "scopePrinID"],
        |columns| ["scopeNodeID", "scopePrinID", "scopeIsDenied"].map(|name| At::find(columns, name)),
        |[node, principal, denied], cells| {
            let node = cells.required_integer(*node)?;
            let principal = cells.required_integer(*principal)?;
            let denied = cells.flag(*denied)?.unwrap_or(false);
            if !is_node(node) {
                nowhere += 1;
                return Ok(());
            }
            let at_node = scopes.entry(node).or_default();
            match at_node.get(&principal) {
                Some(&known) if known != denied => {
                    doubled.insert(format!("{node}, scopePrinID {principal}"));
                    // To shut out wins over to let in, as it does on the server.
                    at_node.insert(principal, true);
                }
                _ => {
                    at_node.insert(principal, denied);
                }
            }
            Ok(())
        },
    )?;
    let doubled: Vec<String> = doubled.into_iter().collect();
    reader.tell_duplicates(TableKind::ScopePrincipal, "scopeNodeID", &doubled);
    tell_nowhere(reader, TableKind::ScopePrincipal, nowhere);
    Ok(scopes)
}

fn tell_nowhere(reader: &mut Reader<'_>, kind: TableKind, rows: u64) {
    if rows > 0 && reader.has(TableKind::Node) {
        let detail = format!("{rows} rows name a node that tblNode does not have; they are not used");
        tell(reader, kind, "NODE-MISSING", Level::Warning, detail);
    }
}

fn tell(reader: &mut Reader<'_>, kind: TableKind, code: &'static str, level: Level, detail: String) {
    if let Some(stream) = reader.parts(kind).next() {
        reader.findings.add(code, level, stream.name.as_str(), detail);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_tell_a_role_whose_name_does_not() {
        // The sets that were seen on the wire for members and managers.
        assert_eq!(by_permissions(3984), Some(Role::Member));
        assert_eq!(by_permissions(12276), Some(Role::Manager));
        assert_eq!(by_permissions(1 << 12 | 1 << 7), Some(Role::Presenter));
        assert_eq!(by_permissions(1 << 4), Some(Role::Creator));
        assert_eq!(by_permissions(0), None);
    }

    #[test]
    fn a_description_outdoes_the_operator_and_he_outdoes_permissions() {
        let rows = BTreeMap::from([
            (1, (Some(Role::Member), Some(Role::Manager))),
            (2, (None, Some(Role::Manager))),
        ]);
        let types = RoleTypes { rows, has_creator: false };
        let given = BTreeMap::from([(1, Role::Creator), (2, Role::Presenter), (3, Role::Creator)]);
        assert_eq!(types.role(1, &given), Some(Role::Member));
        assert_eq!(types.role(2, &given), Some(Role::Presenter));
        assert_eq!(types.role(2, &BTreeMap::new()), Some(Role::Manager));
        assert_eq!(types.role(3, &given), Some(Role::Creator));
        assert_eq!(types.role(4, &given), None);
    }
}
