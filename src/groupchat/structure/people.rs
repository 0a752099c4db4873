//! `tblPrincipal`: the people, groups and containers of one dump, by number.

use crate::chat::{Author, Guid, PersonFacts, PersonKind, SipUri, Text};
use crate::groupchat::field::FieldResult;
use crate::groupchat::stream::{At, Cells};
use crate::sqlserver::Column;

/// A row of `tblPrincipal` as it stands. The order of rows is that of their fields.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PrincipalRow {
    guid: Option<Guid>,
    uri: Option<Text>,
    name: Option<Text>,
    display_name: Option<Text>,
    company: Option<Text>,
    email: Option<Text>,
    directory_path: Option<Text>,
    user_principal_name: Option<Text>,
    disabled: i64,
    pub(super) kind: Option<i64>,
}

/// A principal of one dump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// By what it is known everywhere: its GUID, else its address, else its number.
    pub author: Author,
    /// What the dump says of it; the rank is not yet set.
    pub facts: PersonFacts,
}

/// Where the columns of `tblPrincipal` stand.
pub(super) struct PrincipalColumns {
    number: At,
    guid: At,
    uri: At,
    name: At,
    display_name: At,
    company: At,
    email: At,
    directory_path: At,
    user_principal_name: At,
    disabled: At,
    kind: At,
}

impl PrincipalColumns {
    pub(super) fn find(columns: &[Column]) -> PrincipalColumns {
        let at = |name| At::find(columns, name);
        PrincipalColumns {
            number: at("prinID"),
            guid: at("prinGuid"),
            uri: at("prinUri"),
            name: at("prinName"),
            display_name: at("prinDisplayName"),
            company: at("prinCompanyName"),
            email: at("prinEmail"),
            directory_path: at("prinADPath"),
            user_principal_name: at("prinADUserPrincipalName"),
            disabled: at("prinDisabled"),
            kind: at("prinTypeID"),
        }
    }

    /// Reads one row and its `prinID`.
    pub(super) fn row(&self, cells: Cells<'_>) -> FieldResult<(i64, PrincipalRow)> {
        // `bit` in the older generation, `smallint` in the newer one.
        let disabled = match cells.flag(self.disabled) {
            Ok(flag) => i64::from(flag.unwrap_or(false)),
            Err(_) => cells.integer(self.disabled)?.unwrap_or(0),
        };
        let row = PrincipalRow {
            guid: cells.guid(self.guid)?,
            uri: cells.nullable_text(self.uri)?,
            name: cells.nullable_text(self.name)?,
            display_name: cells.nullable_text(self.display_name)?,
            company: cells.nullable_text(self.company)?,
            email: cells.nullable_text(self.email)?,
            directory_path: cells.nullable_text(self.directory_path)?,
            user_principal_name: cells.nullable_text(self.user_principal_name)?,
            disabled,
            kind: cells.integer(self.kind)?,
        };
        Ok((cells.required_integer(self.number)?, row))
    }
}

impl PrincipalRow {
    /// Makes the principal that the row stands for.
    pub(super) fn principal(self, database: Guid, number: i64) -> Principal {
        let address = || self.uri.as_ref().and_then(SipUri::new);
        let author = match (self.guid, address()) {
            (Some(guid), _) => Author::Principal(guid),
            (None, Some(address)) => Author::Address(address),
            (None, None) => Author::Numbered { database, number },
        };
        let facts = PersonFacts {
            rank: 0,
            at: 0,
            name: self.display_name.or(self.name),
            uri: self.uri,
            email: self.email,
            company: self.company,
            directory_path: self.directory_path,
            user_principal_name: self.user_principal_name,
            kind: self.kind.map(kind),
            disabled: match self.disabled {
                0 => 0,
                2 => 2,
                _ => 1,
            },
        };
        Principal { author, facts }
    }
}

/// The documented rows of `tblPrincipalType`; 1 to 3 are generic and never stand in `tblPrincipal`.
fn kind(number: i64) -> PersonKind {
    match number {
        4 => PersonKind::SystemUser,
        5 => PersonKind::User,
        6 => PersonKind::ExternalUser,
        7 => PersonKind::FederatedUser,
        8 => PersonKind::Domain,
        9 => PersonKind::Group,
        10 => PersonKind::Folder,
        11 => PersonKind::FederatedGroup,
        _ => PersonKind::Unknown,
    }
}

/// Tells whether only the older generation has principals of this type.
pub(super) fn is_legacy_kind(number: i64) -> bool {
    matches!(number, 6 | 7 | 11)
}
