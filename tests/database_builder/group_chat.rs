//! The tables of Group Chat databases, as the vendor's schema topics describe them.

use super::kinds::Kind;
use super::schema::{Column, Table};
use super::values::Cell;
use super::{Database, Row};

/// Tables of `mgc` that are the same in all products: name, key in parentheses, columns, of which
/// those with `null` may be NULL.
const COMMON: &[&str] = &[
    "tblEnumAttribute(attributeID) attributeID smallint, attributeName nvarchar(256)",
    "tblEnumValue(valueID) valueID smallint, attributeID smallint, attributeValue nvarchar(256)",
    "tblPrincipalRole(prinRoleNodeID,prinRolePrinID,prinRoleTypeID) prinRoleNodeID int, prinRolePrinID int, \
     prinRoleTypeID int, prinRoleUpdatedBy int",
    "tblSiopWhiteList(siopID) siopID uniqueidentifier, siopName nvarchar(50), siopUrl nvarchar(255)",
    "tblLastChatId(nodeID,lastChatID) nodeID int, lastChatID bigint",
    "tblPrincipalInvites(prinID,nodeID) prinID int, invID int, nodeID int, createdOn datetime",
    "tblLastInviteId(prinID) prinID int, lastInviteID int",
    "tblPreference(prefLabel,prefSeqID) prefLabel nvarchar(255), prefSeqID int, prefContent nvarchar(max) null, \
     lastModifiedBy int",
    "tblPrincipalAffiliations(principalID,index,affiliationID) principalID int, affiliationID int, index int, \
     updatedBy int",
    "tblServerIdentity(serverID) serverID int, serverAddress nvarchar(256), serverLastPingTime datetime null",
    "tblSystemRevision() sysRevision bigint",
    "tblConfig(configLabel) configLabel nvarchar(255), configContent nvarchar(max) null, \
     configPoolID uniqueidentifier",
];

/// Further ones of Office Communications Server 2007 R2 and Lync Server 2010.
const OLD: &[&str] = &[
    "tblNode(nodeID) nodeID int, nodeGuid uniqueidentifier, parentID int null, nodeType bit, \
     nodeName nvarchar(256), nodeDesc nvarchar(256), topic nvarchar(256), filestoreURI nvarchar(256) null, \
     inheritance bit, scopeChange bit, overrideMember bit, invite bit null, logged bit null, \
     filePost bit null, disabled bit, restrictChildCreate bit null, behavior smallint, \
     visibility smallint null, scopeDefinerId int, roleDefinerId int, siopID uniqueidentifier null, \
     nodeAddedBy int, nodeAddedOn bigint, nodeUpdatedBy int, nodeUpdatedOn bigint",
    "tblPrincipal(prinID) prinID int, prinGuid uniqueidentifier, prinUri nvarchar(256), \
     prinName nvarchar(256) null, prinCompanyName nvarchar(256) null, prinEmail nvarchar(256) null, \
     prinADPath nvarchar(256) null, prinADUserPrincipalName nvarchar(256) null, prinDisabled bit, \
     prinTypeID smallint, prinAllowedPermSet bigint, prinUseInheritedPerms bit, prinAddedBy int null, \
     prinAddedOn bigint, prinUpdatedBy int null, prinUpdatedOn bigint, prinVerifiedOn datetime",
    "tblPrincipalType(ptypeID) ptypeID smallint, ptypeDesc nvarchar(256), ptypeIsSystemUser bit, \
     ptypeIsUser bit, ptypeIsFederated bit",
    "tblRoleType(rtypeID) rtypeID int, rtypeDesc nvarchar(256), rtypeAllowedPermSet bigint, \
     honorsOverride bit, honorsScope bit",
    "tblScopePrincipal(scopeNodeID,scopePrinID) scopeNodeID int, scopePrinID int, scopeUpdatedBy int",
    "tblChat(channelId,chatId) channelId int, chatId bigint, chatDate bigint, userId int, isAlert bit, \
     content nvarchar(max)",
    "tblFileToken(fileToken) fileToken nvarchar(50), fileTokenUserID int, \
     fileTokenChannelID uniqueidentifier, fileTokenExpireTime datetime",
];

/// Further ones of Lync Server 2013 and Skype for Business Server 2015.
const NEW: &[&str] = &[
    "tblNode(nodeID) nodeID int, nodeGuid uniqueidentifier, parentID int null, nodeType bit, \
     nodeName nvarchar(256), nodeDesc nvarchar(256), invite bit null, logged bit null, filePost bit null, \
     disabled bit, behavior smallint, visibility smallint, siopID uniqueidentifier null, nodeAddedBy int, \
     nodeAddedOn bigint, nodeUpdatedBy int, nodeUpdatedOn bigint, purgedOn datetime null",
    "tblPrincipal(prinID) prinID int, prinGuid uniqueidentifier, prinUri nvarchar(256), \
     prinName nvarchar(256) null, prinDisplayName nvarchar(256) null, prinCompanyName nvarchar(256) null, \
     prinEmail nvarchar(256) null, prinADPath nvarchar(384) null, prinADUserPrincipalName nvarchar(256) null, \
     prinDisabled smallint, prinTypeID smallint, prinPoolID int null, prinPolicyID int null, \
     prinAddedBy int null, prinAddedOn bigint, prinUpdatedBy int null, prinUpdatedOn bigint, \
     prinVerifiedOn datetime",
    "tblPrincipalType(ptypeID) ptypeID smallint, ptypeDesc nvarchar(256), ptypeIsSystemUser bit, \
     ptypeIsUser bit",
    "tblRoleType(rtypeID) rtypeID int, rtypeDesc nvarchar(256), rtypeAllowedPermSet bigint",
    "tblScopePrincipal(scopeNodeID,scopePrinID) scopeNodeID int, scopePrinID int, scopeUpdatedBy int, \
     scopeIsDenied bit",
    "tblChat(channelId,chatId) channelId int, chatId bigint, chatDate bigint, userId int, isAlert bit, \
     content nvarchar(max), rtf varchar(max) null",
    "tblFileToken(fileToken) fileToken nvarchar(50), fileTokenUserID int, \
     fileTokenChannelID uniqueidentifier, fileTokenExpireDate datetime, \
     fileTokenComplianceFileUrl nvarchar(256) null, fileTokenComplianceThumbnailUrl nvarchar(256) null, \
     fileTokenComplianceTime datetime2(7) null, fileTokenComplianceIsUpload bit null, \
     fileTokenCompliancePinned bit",
];

/// Those of the compliance database.
const COMPLIANCE: &[&str] = &[
    "tblComplianceData(cmplEventID) cmplEventID bigint, entryDate smalldatetime, cmplType int, \
     cmplTime bigint, cmplChannelUri nvarchar(255), cmplChatID bigint null, cmplUserID int, \
     cmplUserUri nvarchar(255), cmplMessage nvarchar(max) null",
    "tblComplianceParticipant(channelUri,userId,joinedAt) channelUri nvarchar(255), userId int, \
     joinedAt bigint, partedAt bigint null, userUri nvarchar(255), serverID int null, sessionId bigint null",
    "tblComplianceFanout() fanoutEventID int, fanoutServerID int",
    "tblComplianceState() lastProcessedEntryID bigint, activeServerID int, lockExpirationTime datetime2(7)",
];

/// A kind of Group Chat database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// `mgc` of Office Communications Server 2007 R2 or Lync Server 2010.
    Mgc2010,
    /// `mgc` of Lync Server 2013 or Skype for Business Server 2015.
    Mgc2013,
    /// `mgccomp` of either.
    Mgccomp,
}

/// Returns the tables of a product.
pub fn tables(product: Product) -> Vec<Table> {
    let declarations = match product {
        Product::Mgc2010 => [COMMON, OLD].concat(),
        Product::Mgc2013 => [COMMON, NEW].concat(),
        Product::Mgccomp => COMPLIANCE.to_vec(),
    };
    declarations.into_iter().map(table).collect()
}

/// Returns a table of a product.
pub fn table_named(product: Product, name: &str) -> Table {
    let found = tables(product).into_iter().find(|table| table.name == name);
    found.expect("the product has the table")
}

/// Fills a database with the tables of a product. `rows_of` gives the rows of each in any order.
pub fn fill(database: &mut Database, product: Product, mut rows_of: impl FnMut(&Table) -> Vec<Row>) {
    for table in tables(product) {
        let mut rows = rows_of(&table);
        rows.sort_by_cached_key(|row| table.key.iter().map(|&at| order(&row.cells[at])).collect::<Vec<_>>());
        database.add(&table, rows);
    }
}

/// Returns what a value of a key is ordered by.
fn order(cell: &Cell) -> (i64, String) {
    match cell {
        Cell::Integer(number) => (*number, String::new()),
        Cell::Text(text) => (0, text.to_lowercase()),
        Cell::Units(units) => (0, String::from_utf16_lossy(units).to_lowercase()),
        Cell::Guid(guid) => (0, guid.to_string()),
        other => panic!("{other:?} is in no key"),
    }
}

/// Reads a declaration as above.
fn table(declaration: &str) -> Table {
    let (name, rest) = declaration.split_once('(').expect("a name and a key");
    let (key, columns) = rest.split_once(") ").expect("a key and columns");
    let columns = columns.split(", ").map(column).collect();
    let key: Vec<&str> = key.split(',').filter(|key| !key.is_empty()).collect();
    Table::clustered(name, &key, columns)
}

fn column(declaration: &str) -> Column {
    let mut words = declaration.split_whitespace();
    let name = words.next().expect("a name");
    let column = Column::new(name, kind(words.next().expect("a type")));
    if words.next() == Some("null") { column } else { column.not_null() }
}

fn kind(name: &str) -> Kind {
    let (name, length) = name.trim_end_matches(')').split_once('(').unwrap_or((name, "0"));
    match (name, length) {
        ("bit", _) => Kind::Bit,
        ("smallint", _) => Kind::SmallInt,
        ("int", _) => Kind::Int,
        ("bigint", _) => Kind::BigInt,
        ("uniqueidentifier", _) => Kind::UniqueIdentifier,
        ("datetime", _) => Kind::DateTime,
        ("smalldatetime", _) => Kind::SmallDateTime,
        ("datetime2", _) => Kind::DateTime2(7),
        ("nvarchar", "max") => Kind::NVarCharMax,
        ("varchar", "max") => Kind::VarCharMax,
        ("nvarchar", units) => Kind::NVarChar(units.parse().expect("a length")),
        other => panic!("unknown type {other:?}"),
    }
}

/// Returns a value that stands in a text file.
pub fn cell(column: &Column, text: &[u16]) -> Cell {
    let plain = || String::from_utf16(text).expect("plain text");
    match column.kind {
        Kind::Bit => Cell::Integer(i64::from(matches!(plain().as_str(), "1" | "True"))),
        Kind::SmallInt | Kind::Int | Kind::BigInt => Cell::Integer(plain().parse().expect("a number")),
        Kind::UniqueIdentifier => Cell::Guid(plain().parse().expect("a GUID")),
        Kind::DateTime | Kind::SmallDateTime | Kind::DateTime2(_) => Cell::Time(ticks(&plain())),
        _ if column.kind.is_narrow() => Cell::Text(plain()),
        _ => Cell::Units(text.to_vec()),
    }
}

/// Reads `2012-11-30 18:20:00.000` or `11/30/2012 6:20:00 PM`: 100 ns units since the year 1.
fn ticks(text: &str) -> i64 {
    if let [date, time, half] = text.split(' ').collect::<Vec<&str>>()[..] {
        let [month, day, year] = date.split('/').collect::<Vec<&str>>()[..] else {
            panic!("{text} is no time")
        };
        let noon = if half == "PM" { 12 * 36_000_000_000 } else { 0 };
        let time = time.strip_prefix("12:").map_or(time.to_owned(), |rest| format!("0:{rest}"));
        return ticks(&format!("{year}-{month}-{day} {time}")) + noon;
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let parts: Vec<i64> =
        whole.split(['-', ' ', ':']).map(|part| part.parse().expect("a part of a time")).collect();
    let [year, month, day, hour, minute, second] = parts[..] else { panic!("{text} is no time") };
    let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let before = year - 1;
    let mut days = before * 365 + before / 4 - before / 100 + before / 400 + day - 1;
    let february = 28 + i64::from(is_leap(year));
    days += [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][..month as usize - 1].iter().sum::<i64>();
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
    seconds * 10_000_000 + format!("{fraction:0<7}").parse::<i64>().expect("a fraction")
}
