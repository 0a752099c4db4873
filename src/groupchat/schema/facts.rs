//! The documented columns of every table, in documented order.
//!
//! Source: "Lync Server 2013 database schema" and "Lync Server 2010 Group Chat schema" (one topic
//! a table). No schema topic of 2007 R2 exists; the vendor's own migration tools treat it like 2010.

use super::TableKind;
use crate::chat::Generation;
use crate::sqlserver::DataType::{self, *};

/// One documented column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fact {
    pub(super) name: &'static str,
    pub(super) data_type: DataType,
    pub(super) nullable: bool,
    /// The only generation that has it in this form; `None` for both.
    pub(super) only: Option<Generation>,
    /// Whether a table without it is not this table.
    pub(super) key: bool,
    /// Whether a `bigint` holds ticks, which an export may have turned into dates.
    pub(super) ticks: bool,
}

impl Fact {
    pub(super) fn is_in(&self, generation: Generation) -> bool {
        self.only.is_none_or(|only| only == generation)
    }

    const fn key(self) -> Fact {
        Fact { key: true, ..self }
    }

    const fn legacy(self) -> Fact {
        Fact { only: Some(Generation::GroupChat), ..self }
    }

    const fn modern(self) -> Fact {
        Fact { only: Some(Generation::PersistentChat), ..self }
    }
}

const fn required(name: &'static str, data_type: DataType) -> Fact {
    Fact { name, data_type, nullable: false, only: None, key: false, ticks: false }
}

const fn nullable(name: &'static str, data_type: DataType) -> Fact {
    Fact { nullable: true, ..required(name, data_type) }
}

const fn ticks(name: &'static str) -> Fact {
    Fact { ticks: true, ..required(name, BigInt) }
}

const NAME: DataType = NVarChar(256);

/// Returns the documented columns of both generations; none for [`TableKind::Other`].
pub(super) fn facts(kind: TableKind) -> &'static [Fact] {
    match kind {
        TableKind::Chat => CHAT,
        TableKind::Node => NODE,
        TableKind::Principal => PRINCIPAL,
        TableKind::PrincipalType => PRINCIPAL_TYPE,
        TableKind::RoleType => ROLE_TYPE,
        TableKind::PrincipalRole => PRINCIPAL_ROLE,
        TableKind::ScopePrincipal => SCOPE_PRINCIPAL,
        TableKind::PrincipalAffiliations => PRINCIPAL_AFFILIATIONS,
        TableKind::PrincipalInvites => PRINCIPAL_INVITES,
        TableKind::LastInviteId => LAST_INVITE_ID,
        TableKind::EnumAttribute => ENUM_ATTRIBUTE,
        TableKind::EnumValue => ENUM_VALUE,
        TableKind::SiopWhiteList => SIOP_WHITE_LIST,
        TableKind::LastChatId => LAST_CHAT_ID,
        TableKind::Preference => PREFERENCE,
        TableKind::FileToken => FILE_TOKEN,
        TableKind::PrincipalMembers => PRINCIPAL_MEMBERS,
        TableKind::PrincipalMeta => PRINCIPAL_META,
        TableKind::PrincipalMemberDifference => PRINCIPAL_MEMBER_DIFFERENCE,
        TableKind::AdCookie => AD_COOKIE,
        TableKind::AdUpdates => AD_UPDATES,
        TableKind::SkippedAffiliations => SKIPPED_AFFILIATIONS,
        TableKind::ServerIdentity => SERVER_IDENTITY,
        TableKind::ActivePeers => ACTIVE_PEERS,
        TableKind::AdminLock => ADMIN_LOCK,
        TableKind::SystemRevision => SYSTEM_REVISION,
        TableKind::Config => CONFIG,
        TableKind::ComplianceData => COMPLIANCE_DATA,
        TableKind::ComplianceParticipant => COMPLIANCE_PARTICIPANT,
        TableKind::ComplianceFanout => COMPLIANCE_FANOUT,
        TableKind::ComplianceState => COMPLIANCE_STATE,
        TableKind::Other => &[],
    }
}

const CHAT: &[Fact] = &[
    required("channelId", Int).key(),
    required("chatId", BigInt),
    ticks("chatDate").key(),
    required("userId", Int).key(),
    required("isAlert", Bit),
    required("content", NVarCharMax).key(),
    nullable("rtf", VarCharMax).modern(),
];

const NODE: &[Fact] = &[
    required("nodeID", Int).key(),
    required("nodeGuid", UniqueIdentifier),
    nullable("parentID", Int).key(),
    required("nodeType", Bit).key(),
    required("nodeName", NAME).key(),
    required("nodeDesc", NAME),
    required("topic", NAME).legacy(),
    nullable("filestoreURI", NAME).legacy(),
    required("inheritance", Bit).legacy(),
    required("scopeChange", Bit).legacy(),
    required("overrideMember", Bit).legacy(),
    nullable("invite", Bit),
    nullable("logged", Bit),
    nullable("filePost", Bit),
    required("disabled", Bit),
    nullable("restrictChildCreate", Bit).legacy(),
    required("behavior", SmallInt),
    nullable("visibility", SmallInt).legacy(),
    required("visibility", SmallInt).modern(),
    required("scopeDefinerId", Int).legacy(),
    required("roleDefinerId", Int).legacy(),
    nullable("siopID", UniqueIdentifier),
    required("nodeAddedBy", Int),
    ticks("nodeAddedOn"),
    required("nodeUpdatedBy", Int),
    ticks("nodeUpdatedOn"),
    nullable("purgedOn", DateTime).modern(),
];

const PRINCIPAL: &[Fact] = &[
    required("prinID", Int).key(),
    required("prinGuid", UniqueIdentifier),
    required("prinUri", NAME).key(),
    nullable("prinName", NAME),
    nullable("prinDisplayName", NAME).modern(),
    nullable("prinCompanyName", NAME),
    nullable("prinEmail", NAME),
    nullable("prinADPath", NAME).legacy(),
    nullable("prinADPath", NVarChar(384)).modern(),
    nullable("prinADUserPrincipalName", NAME),
    required("prinDisabled", Bit).legacy(),
    required("prinDisabled", SmallInt).modern(),
    required("prinTypeID", SmallInt),
    required("prinAllowedPermSet", BigInt).legacy(),
    required("prinUseInheritedPerms", Bit).legacy(),
    nullable("prinPoolID", Int).modern(),
    nullable("prinPolicyID", Int).modern(),
    nullable("prinAddedBy", Int),
    ticks("prinAddedOn"),
    nullable("prinUpdatedBy", Int),
    ticks("prinUpdatedOn"),
    required("prinVerifiedOn", DateTime),
];

const PRINCIPAL_TYPE: &[Fact] = &[
    required("ptypeID", SmallInt).key(),
    required("ptypeDesc", NAME).key(),
    required("ptypeIsSystemUser", Bit),
    required("ptypeIsUser", Bit),
    required("ptypeIsFederated", Bit).legacy(),
];

const ROLE_TYPE: &[Fact] = &[
    required("rtypeID", Int).key(),
    required("rtypeDesc", NAME),
    required("rtypeAllowedPermSet", BigInt),
    required("honorsOverride", Bit).legacy(),
    required("honorsScope", Bit).legacy(),
];

const PRINCIPAL_ROLE: &[Fact] = &[
    required("prinRoleNodeID", Int).key(),
    required("prinRolePrinID", Int).key(),
    required("prinRoleTypeID", Int).key(),
    required("prinRoleUpdatedBy", Int),
];

const SCOPE_PRINCIPAL: &[Fact] = &[
    required("scopeNodeID", Int).key(),
    required("scopePrinID", Int).key(),
    required("scopeUpdatedBy", Int),
    required("scopeIsDenied", Bit).modern(),
];

const PRINCIPAL_AFFILIATIONS: &[Fact] = &[
    required("principalID", Int).key(),
    required("affiliationID", Int).key(),
    required("index", Int),
    required("updatedBy", Int),
];

const PRINCIPAL_INVITES: &[Fact] = &[
    required("prinID", Int).key(),
    required("invID", Int).key(),
    required("nodeID", Int).key(),
    required("createdOn", DateTime),
];

const LAST_INVITE_ID: &[Fact] = &[required("prinID", Int).key(), required("lastInviteID", Int).key()];

const ENUM_ATTRIBUTE: &[Fact] =
    &[required("attributeID", SmallInt).key(), required("attributeName", NAME).key()];

const ENUM_VALUE: &[Fact] = &[
    required("valueID", SmallInt).key(),
    required("attributeID", SmallInt),
    required("attributeValue", NAME).key(),
];

const SIOP_WHITE_LIST: &[Fact] = &[
    required("siopID", UniqueIdentifier).key(),
    required("siopName", NVarChar(50)),
    required("siopUrl", NVarChar(255)).key(),
];

const LAST_CHAT_ID: &[Fact] = &[required("nodeID", Int).key(), required("lastChatID", BigInt).key()];

const PREFERENCE: &[Fact] = &[
    required("prefLabel", NVarChar(255)).key(),
    required("prefSeqID", Int).key(),
    nullable("prefContent", NVarCharMax),
    required("lastModifiedBy", Int),
];

const FILE_TOKEN: &[Fact] = &[
    required("fileToken", NVarChar(50)).key(),
    required("fileTokenUserID", Int).key(),
    required("fileTokenChannelID", UniqueIdentifier),
    required("fileTokenExpireTime", DateTime).legacy(),
    required("fileTokenExpireDate", DateTime).modern(),
    nullable("fileTokenComplianceFileUrl", NAME).modern(),
    nullable("fileTokenComplianceThumbnailUrl", NAME).modern(),
    nullable("fileTokenComplianceTime", DateTime2(7)).modern(),
    nullable("fileTokenComplianceIsUpload", Bit).modern(),
    required("fileTokenCompliancePinned", Bit).modern(),
];

const PRINCIPAL_MEMBERS: &[Fact] =
    &[required("prinID", Int).key(), required("memberADPath", NVarChar(384)).key()];

const PRINCIPAL_META: &[Fact] = &[
    required("prinID", Int).key(),
    required("prinAffiliationsDirty", Bit).key(),
    required("prinAttributesDirty", Bit),
    required("prinDeleted", Bit),
    nullable("tryCount", Int),
    nullable("lastTry", DateTime),
    nullable("nextTry", DateTime),
];

const PRINCIPAL_MEMBER_DIFFERENCE: &[Fact] = &[
    required("prinGuid", UniqueIdentifier).key(),
    nullable("memberADPath", NAME).key(),
    required("memberRemoved", Bit).key(),
];

const AD_COOKIE: &[Fact] = &[
    required("prinGuid", UniqueIdentifier).key(),
    nullable("prinDCHost", NVarChar(255)).key(),
    nullable("adcContent", Image),
    nullable("lastUpdated", DateTime),
    nullable("lockedUntil", DateTime),
];

const AD_UPDATES: &[Fact] = &[
    required("prinGuid", UniqueIdentifier).key(),
    required("prinADPath", NVarChar(384)).key(),
    required("prinAttributesChanged", Bit).key(),
    required("prinMembersChanged", Bit),
    required("prinAffiliationsChanged", Bit),
    required("prinDeleted", Bit),
    required("lastUpdated", DateTime),
];

const SKIPPED_AFFILIATIONS: &[Fact] =
    &[required("prinID", Int).key(), required("affDescription", NAME).key(), required("updatedBy", Int)];

const SERVER_IDENTITY: &[Fact] = &[
    required("serverID", Int).key(),
    required("serverAddress", NAME).key(),
    nullable("serverLastPingTime", DateTime),
];

const ACTIVE_PEERS: &[Fact] = &[required("aplServerID", Int).key(), required("aplPeerID", Int).key()];

const ADMIN_LOCK: &[Fact] = &[
    required("lockExpiresTime", DateTime).key(),
    required("lockServerID", Int).key(),
    required("lockActorID", Int),
];

const SYSTEM_REVISION: &[Fact] = &[required("sysRevision", BigInt).key()];

const CONFIG: &[Fact] = &[
    required("configLabel", NVarChar(255)).key(),
    nullable("configContent", NVarCharMax).key(),
    required("configPoolID", UniqueIdentifier),
];

const COMPLIANCE_DATA: &[Fact] = &[
    required("cmplEventID", BigInt),
    required("entryDate", SmallDateTime),
    required("cmplType", Int).key(),
    ticks("cmplTime").key(),
    required("cmplChannelUri", NVarChar(255)).key(),
    nullable("cmplChatID", BigInt),
    required("cmplUserID", Int),
    required("cmplUserUri", NVarChar(255)),
    nullable("cmplMessage", NVarCharMax),
];

const COMPLIANCE_PARTICIPANT: &[Fact] = &[
    required("channelUri", NVarChar(255)).key(),
    required("userId", Int),
    ticks("joinedAt").key(),
    Fact { nullable: true, ..ticks("partedAt") },
    required("userUri", NVarChar(255)),
    nullable("serverID", Int),
    nullable("sessionId", BigInt),
];

const COMPLIANCE_FANOUT: &[Fact] =
    &[required("fanoutEventID", Int).key(), required("fanoutServerID", Int).key()];

const COMPLIANCE_STATE: &[Fact] = &[
    required("lastProcessedEntryID", BigInt).key(),
    required("activeServerID", Int).key(),
    required("lockExpirationTime", DateTime2(7)),
];
