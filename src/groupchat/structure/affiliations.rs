//! `tblPrincipalAffiliations`: in which groups, containers and domains each principal lies.
//!
//! The table is flattened: a row for each principal and each group that it lies in, however deep.
//! Every principal that the server knew has a row for itself, of index -1, so that one without any
//! row is not known rather than without groups (Lync Server 2010 Group Chat schema).

use std::collections::BTreeMap;

use super::rows::Reader;
use crate::error::Result;
use crate::groupchat::schema::TableKind;
use crate::groupchat::stream::At;

/// Reads the numbers of the groups of each principal, both being principals that `is_known` knows.
/// Numbers are in order, each once; a principal lies not in itself.
pub(super) fn affiliations(
    reader: &mut Reader<'_>,
    is_known: impl Fn(i64) -> bool,
) -> Result<BTreeMap<i64, Vec<i64>>> {
    let mut groups: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    let names = ["principalID", "affiliationID"];
    reader.read(
        TableKind::PrincipalAffiliations,
        &names,
        |columns| names.map(|name| At::find(columns, name)),
        |[principal, group], cells| {
            let principal = cells.required_integer(*principal)?;
            let group = cells.required_integer(*group)?;
            if is_known(principal) {
                let of_principal = groups.entry(principal).or_default();
                if principal != group && is_known(group) {
                    of_principal.push(group);
                }
            }
            Ok(())
        },
    )?;
    for of_principal in groups.values_mut() {
        of_principal.sort_unstable();
        of_principal.dedup();
        of_principal.shrink_to_fit();
    }
    Ok(groups)
}
