//! The kinds of tables.

/// A table of the content database (`mgc`) or the compliance database (`mgccomp`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TableKind {
    /// Messages.
    Chat,
    /// Categories and rooms.
    Node,
    /// Users, groups and containers.
    Principal,
    /// What a principal can be.
    PrincipalType,
    /// What a principal may do at a node: the kinds of roles.
    RoleType,
    /// Who has which role at which node.
    PrincipalRole,
    /// Who is let in or shut out at which node; also named `tblScopedPrincipal`.
    ScopePrincipal,
    /// Flattened membership in groups.
    PrincipalAffiliations,
    /// Pending invitations.
    PrincipalInvites,
    /// The last number of an invitation.
    LastInviteId,
    /// The two settings with enumerated values.
    EnumAttribute,
    /// The enumerated values of visibility and behavior.
    EnumValue,
    /// Add-ins.
    SiopWhiteList,
    /// The last chat id of each room.
    LastChatId,
    /// What clients keep for their users.
    Preference,
    /// Short-lived permissions to move files.
    FileToken,
    /// Direct members of groups.
    PrincipalMembers,
    /// The state of directory synchronisation for each principal.
    PrincipalMeta,
    /// Changes of group members that wait for synchronisation.
    PrincipalMemberDifference,
    /// Where directory synchronisation stands.
    AdCookie,
    /// Directory changes that wait for synchronisation.
    AdUpdates,
    /// Memberships that were left out.
    SkippedAffiliations,
    /// Servers of the pool.
    ServerIdentity,
    /// Which servers see each other.
    ActivePeers,
    /// The lock of administration.
    AdminLock,
    /// A counter of changes.
    SystemRevision,
    /// Settings of the pool.
    Config,
    /// Compliance events other than joins and parts.
    ComplianceData,
    /// Compliance joins and parts.
    ComplianceParticipant,
    /// Which server has which compliance event still to process.
    ComplianceFanout,
    /// How far compliance processing came.
    ComplianceState,
    /// Any other table; carried, never understood.
    Other,
}

impl TableKind {
    /// Every documented kind, in a fixed order.
    pub const DOCUMENTED: [TableKind; 31] = [
        TableKind::Chat,
        TableKind::Node,
        TableKind::Principal,
        TableKind::PrincipalType,
        TableKind::RoleType,
        TableKind::PrincipalRole,
        TableKind::ScopePrincipal,
        TableKind::PrincipalAffiliations,
        TableKind::PrincipalInvites,
        TableKind::LastInviteId,
        TableKind::EnumAttribute,
        TableKind::EnumValue,
        TableKind::SiopWhiteList,
        TableKind::LastChatId,
        TableKind::Preference,
        TableKind::FileToken,
        TableKind::PrincipalMembers,
        TableKind::PrincipalMeta,
        TableKind::PrincipalMemberDifference,
        TableKind::AdCookie,
        TableKind::AdUpdates,
        TableKind::SkippedAffiliations,
        TableKind::ServerIdentity,
        TableKind::ActivePeers,
        TableKind::AdminLock,
        TableKind::SystemRevision,
        TableKind::Config,
        TableKind::ComplianceData,
        TableKind::ComplianceParticipant,
        TableKind::ComplianceFanout,
        TableKind::ComplianceState,
    ];

    /// Returns the physical name, such as `tblNode`; `other` for a table that is not documented.
    pub fn name(self) -> &'static str {
        match self {
            TableKind::Chat => "tblChat",
            TableKind::Node => "tblNode",
            TableKind::Principal => "tblPrincipal",
            TableKind::PrincipalType => "tblPrincipalType",
            TableKind::RoleType => "tblRoleType",
            TableKind::PrincipalRole => "tblPrincipalRole",
            TableKind::ScopePrincipal => "tblScopePrincipal",
            TableKind::PrincipalAffiliations => "tblPrincipalAffiliations",
            TableKind::PrincipalInvites => "tblPrincipalInvites",
            TableKind::LastInviteId => "tblLastInviteId",
            TableKind::EnumAttribute => "tblEnumAttribute",
            TableKind::EnumValue => "tblEnumValue",
            TableKind::SiopWhiteList => "tblSiopWhiteList",
            TableKind::LastChatId => "tblLastChatId",
            TableKind::Preference => "tblPreference",
            TableKind::FileToken => "tblFileToken",
            TableKind::PrincipalMembers => "tblPrincipalMembers",
            TableKind::PrincipalMeta => "tblPrincipalMeta",
            TableKind::PrincipalMemberDifference => "tblPrincipalMemberDifference",
            TableKind::AdCookie => "tblADCookie",
            TableKind::AdUpdates => "tblADUpdates",
            TableKind::SkippedAffiliations => "tblSkippedAffiliations",
            TableKind::ServerIdentity => "tblServerIdentity",
            TableKind::ActivePeers => "tblActivePeers",
            TableKind::AdminLock => "tblAdminLock",
            TableKind::SystemRevision => "tblSystemRevision",
            TableKind::Config => "tblConfig",
            TableKind::ComplianceData => "tblComplianceData",
            TableKind::ComplianceParticipant => "tblComplianceParticipant",
            TableKind::ComplianceFanout => "tblComplianceFanout",
            TableKind::ComplianceState => "tblComplianceState",
            TableKind::Other => "other",
        }
    }

    /// Walks the names under which the documentation speaks of the table.
    pub(super) fn names(self) -> impl Iterator<Item = &'static str> {
        let other_name = (self == TableKind::ScopePrincipal).then_some("tblScopedPrincipal");
        (self != TableKind::Other).then(|| self.name()).into_iter().chain(other_name)
    }

    /// Tells whether rows of this table are records of the ledger: messages or compliance events.
    ///
    /// Every other table, known or not, describes structure or state and is carried verbatim.
    pub fn holds_records(self) -> bool {
        matches!(self, TableKind::Chat | TableKind::ComplianceData | TableKind::ComplianceParticipant)
    }
}
