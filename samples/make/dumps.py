"""The table dumps: `mgc` of 2010, `mgc` of 2013, `tblChat` alone, and the tail in `mgccomp`."""

from . import tree
from .formats import delimited, encode, guid, odd_ticks, ticks
from .people import AFFILIATIONS, DOMAIN, PEOPLE
from .records import TABLE, XML, Record
from .talk import RENUMBERED

SCHEMA_2010 = {
    "tblNode": "nodeID nodeGuid parentID nodeType nodeName nodeDesc topic filestoreURI inheritance scopeChange "
               "overrideMember invite logged filePost disabled restrictChildCreate behavior visibility "
               "scopeDefinerId roleDefinerId siopID nodeAddedBy nodeAddedOn nodeUpdatedBy nodeUpdatedOn",
    "tblPrincipal": "prinID prinGuid prinUri prinName prinCompanyName prinEmail prinADPath prinADUserPrincipalName "
                    "prinDisabled prinTypeID prinAllowedPermSet prinUseInheritedPerms prinAddedBy prinAddedOn "
                    "prinUpdatedBy prinUpdatedOn prinVerifiedOn",
}
SCHEMA_2013 = {
    "tblNode": "nodeID nodeGuid parentID nodeType nodeName nodeDesc invite logged filePost disabled behavior "
               "visibility siopID nodeAddedBy nodeAddedOn nodeUpdatedBy nodeUpdatedOn purgedOn",
    "tblPrincipal": "prinID prinGuid prinUri prinName prinDisplayName prinCompanyName prinEmail prinADPath "
                    "prinADUserPrincipalName prinDisabled prinTypeID prinPoolID prinPolicyID prinAddedBy "
                    "prinAddedOn prinUpdatedBy prinUpdatedOn prinVerifiedOn",
}
# Invented numbers: the product's own are not published, tblRoleType tells them.
ROLES_2010 = {"Manager": 1, "Member": 2, "Voiced": 3}
ROLES_2013 = {"Member": 5, "Manager": 6, "Voiced": 7, "Creator": 8}
PERMISSIONS = {"Member": 3984, "Manager": 12276, "Voiced": 4096, "Creator": 16}
TYPES = [(1, "Any", 0, 0, 0), (2, "AnyUser", 0, 1, 0), (3, "AnyGroup", 0, 0, 0), (4, "SystemUser", 1, 0, 0),
         (5, "User", 0, 1, 0), (6, "ExternalUser", 0, 1, 0), (7, "FederatedUser", 0, 1, 1), (8, "DC", 0, 0, 0),
         (9, "Group", 0, 0, 0), (10, "Folder", 0, 0, 0), (11, "FederatedGroup", 0, 0, 1)]
ENUMS = [(2, 1, "private"), (3, 1, "scope"), (4, 2, "normal"), (5, 2, "auditorium"), (6, 1, "open")]
ADDIN_GUID = guid("add-in market data")


def put(folder, sample, table, columns, rows, records=None, **shape):
    """Writes one table; `shape` is its delimiter, encoding and quoting."""
    encoding, bom = shape.pop("encoding", "utf-8"), shape.pop("bom", False)
    columns = columns.split() if isinstance(columns, str) else columns
    text = delimited(columns, rows, **shape)
    path = f"{sample}/{table}.csv"
    folder.add(path, encode(text, encoding, bom), records, None if records else len(rows))


def author(who):
    return PEOPLE[who].address.lower()


def chat_records(stream, said, channel, newer):
    """Returns the records of tblChat rows, in their order."""
    return [
        Record(stream, TABLE, tree.OLD.get(m.room, tree.NEW.get(m.room)).guid, m.time, author(m.who),
               (newer and m.replaced) or m.text, chat_id=m.new_id if newer else m.old_id,
               numbering=("table", channel(m)), rtf=m.rtf if newer else None, alert=m.alert)
        for m in said
    ]


def common_tables(folder, sample, ids, people_id, said, chat_id, shape):
    """Writes the tables that look the same in both generations."""
    def write(table, columns, rows):
        put(folder, sample, table, columns, rows, **shape)

    last = {}
    for m in said:
        last[ids[m.room]] = max(last.get(ids[m.room], 0), chat_id(m))
    write("tblLastChatId", "nodeID lastChatID", sorted(last.items()))
    write("tblEnumAttribute", "attributeID attributeName", [(1, "Visibility"), (2, "Behavior")])
    write("tblSiopWhiteList", "siopID siopName siopUrl", [(ADDIN_GUID, tree.ADDIN["name"], tree.ADDIN["url"])])
    affiliations = []
    for who, groups in AFFILIATIONS.items():
        if people_id(who):
            affiliations.append((people_id(who), people_id(who), -1, 1))
            affiliations += [(people_id(who), people_id(g), n, 1) for n, g in enumerate(groups, 1)]
    write("tblPrincipalAffiliations", "principalID affiliationID index updatedBy", affiliations)
    invites = [("bob", 1, "swaps"), ("bob", 2, "hall"), ("grace", 1, "morning")]
    write("tblPrincipalInvites", "prinID invID nodeID createdOn",
          [(people_id(who), n, ids[room], f"2012-11-0{n} 08:00:00.{n}33") for who, n, room in invites])
    write("tblLastInviteId", "prinID lastInviteID", [(people_id("bob"), 2), (people_id("grace"), 1)])
    write("tblPreference", "prefLabel prefSeqID prefContent lastModifiedBy",
          [(f"sip:ann.meyer@{DOMAIN}|ann.GroupChannels", 3, "PD94bWwgdmVyc2lvbj0iMS4wIj8+", people_id("ann")),
           (f"sip:bob.okafor@{DOMAIN}|bob.Filters", 1, None, people_id("bob"))])
    write("tblServerIdentity", "serverID serverAddress serverLastPingTime",
          [(1, "chat01.litware.example", "2012-11-30 17:59:58.007"), (2, "chat02.litware.example", None)])


def write_2010(folder, said):
    """Writes the older dump: UTF-8, comma, CRLF; tblChat with a byte order mark."""
    sample, plain = "mgc-2010", {}
    number = lambda who: PEOPLE[who].old
    rows = []
    for node in tree.OLD.values():
        ids = {key: other.id for key, other in tree.OLD.items()}
        rows.append((
            node.id, node.guid, ids[node.parent], int(node.is_category), node.name, node.desc, node.topic,
            node.get("filestoreURI"), node.get("inheritance", 0), node.get("scopeChange", 0),
            node.get("overrideMember", 0), node.get("invite"), node.get("logged"), node.get("filePost"),
            node.get("disabled", 0), node.get("restrictChildCreate"), node.get("behavior", 4),
            node.get("visibility"), ids[tree.scope_definer(node.key)], ids[tree.role_definer(node.key)],
            ADDIN_GUID if node.get("addin") else None, 10, ticks("2009-09-01 09:00:00") + node.id, 10, node.updated,
        ))
    put(folder, sample, "tblNode", SCHEMA_2010["tblNode"], rows)
    people = []
    for p in PEOPLE.values():
        if p.old:
            email = p.address if p.is_user else None
            people.append((
                p.old, p.guid, p.uri(), p.name if p.is_user else None, p.company, email, p.path(),
                email if p.type == 5 else None, p.old_off, p.type, 5 if p.key == "ann" else 0, int(p.key != "ann"), 1,
                ticks("2009-09-01 08:00:00") + p.old, 1, ticks("2012-11-29 03:00:00") + p.old,
                "2012-11-30 03:00:00.000",
            ))
    put(folder, sample, "tblPrincipal", SCHEMA_2010["tblPrincipal"], people)
    put(folder, sample, "tblPrincipalType", "ptypeID ptypeDesc ptypeIsSystemUser ptypeIsUser ptypeIsFederated", TYPES)
    put(folder, sample, "tblRoleType", "rtypeID rtypeDesc rtypeAllowedPermSet honorsOverride honorsScope",
        [(id, role, PERMISSIONS[role], int(role == "Member"), int(role != "Manager"))
         for role, id in ROLES_2010.items()])
    put(folder, sample, "tblPrincipalRole", "prinRoleNodeID prinRolePrinID prinRoleTypeID prinRoleUpdatedBy",
        [(tree.OLD[node].id, number(who), ROLES_2010[role], 10) for node, who, role in tree.OLD_ROLES])
    put(folder, sample, "tblScopePrincipal", "scopeNodeID scopePrinID scopeUpdatedBy",
        [(tree.OLD[node].id, number(who), 10) for node, who in tree.OLD_SCOPES])
    put(folder, sample, "tblEnumValue", "attributeValue attributeID valueID",
        [(name, attribute, value) for value, attribute, name in ENUMS if value != 6])
    put(folder, sample, "tblFileToken", "fileToken fileTokenUserID fileTokenChannelID fileTokenExpireTime",
        [(guid("token 1"), number("ann"), tree.OLD["swaps"].guid, "2012-11-30 18:20:00.000")])
    put(folder, sample, "tblConfig", "configLabel configContent configPoolID",
        [("pool", "<config messageSizeLimit=\"512\">\n  <storySizeLimit>4096</storySizeLimit>\n</config>",
          guid("pool old"))])
    put(folder, sample, "tblSystemRevision", "sysRevision", [(90210,)])
    mine = [m for m in said if m.in_old]
    ids = {key: node.id for key, node in tree.OLD.items()}
    common_tables(folder, sample, ids, number, mine, lambda m: m.old_id, plain)
    rows = [(ids[m.room], m.old_id, m.time, number(m.who), int(m.alert), m.text) for m in mine]
    put(folder, sample, "tblChat", "channelId chatId chatDate userId isAlert content", rows,
        chat_records(f"{sample}/tblChat.csv", mine, lambda m: ids[m.room], False), bom=True)


def write_2013(folder, said):
    """Writes the newer dump: UTF-16LE; tblChat with TABs, tblNode as Export-Csv, the others with semicolons."""
    sample = "mgc-2013"
    wide = dict(encoding="utf-16-le", bom=True)
    semicolon = dict(wide, delimiter=";", quote_all=True)
    number = lambda who: PEOPLE[who].new
    nodes = sorted(tree.NEW.values(), key=lambda node: node.id)
    ids = {node.key: node.id for node in nodes}
    truth = lambda value: "" if value is None else str(bool(value))
    rows = []
    for node in nodes:
        purged = "11/30/2012 11:59:59 PM" if node.key == "falcon" else ""
        rows.append((
            node.id, node.guid, ids[node.parent], truth(node.is_category), node.name, node.desc,
            truth(node.get("invite")), truth(node.get("logged")), truth(node.get("filePost")),
            truth(node.get("disabled", 0)), node.get("behavior", 4), node.get("visibility"),
            ADDIN_GUID if node.get("addin") else "", 11, ticks("2009-09-01 09:00:00") + node.id, 11, node.updated,
            purged, "", "Unchanged", "Table", "System.Object[]", "False",
        ))
    extra = ["RowError", "RowState", "Table", "ItemArray", "HasErrors"]
    put(folder, sample, "tblNode", SCHEMA_2013["tblNode"].split() + extra, rows,
        quote_all="everything", before="#TYPE System.Data.DataRow\r\n", **wide)
    people = []
    for p in sorted(PEOPLE.values(), key=lambda p: p.new or 0):
        if p.new:
            email = p.uri(True)[4:] if p.is_user else None
            kind = {7: 5, 11: 9}.get(p.type, p.type)
            people.append((
                p.new, p.guid.upper(), p.uri(True), p.name if p.is_user else None, p.name if p.is_user else None,
                p.company, email, p.path(), email if p.type == 5 else None, p.off, kind, None, None, 1,
                ticks("2009-09-01 08:00:00") + p.new, 1, ticks("2013-02-14 03:00:00") + p.new,
                "2013-02-15 03:00:00.000",
            ))
    put(folder, sample, "tblPrincipal", SCHEMA_2013["tblPrincipal"], people, **semicolon)
    put(folder, sample, "tblPrincipalType", "ptypeID ptypeDesc ptypeIsSystemUser ptypeIsUser",
        [row[:4] for row in TYPES if row[0] not in (6, 7, 11)], **semicolon)
    put(folder, sample, "tblRoleType", "rtypeID rtypeDesc rtypeAllowedPermSet",
        [(id, role, PERMISSIONS[role]) for role, id in ROLES_2013.items()], **semicolon)
    put(folder, sample, "tblPrincipalRole", "prinRoleNodeID prinRolePrinID prinRoleTypeID prinRoleUpdatedBy",
        [(ids[node], number(who), ROLES_2013[role], 11) for node, who, role in tree.new_roles()], **semicolon)
    put(folder, sample, "tblScopePrincipal", "scopeNodeID scopePrinID scopeUpdatedBy scopeIsDenied",
        [(ids[node], number(who), 11, denied) for node, who, denied in tree.NEW_SCOPES], **semicolon)
    put(folder, sample, "tblEnumValue", "valueID attributeID attributeValue", ENUMS, **semicolon)
    put(folder, sample, "tblFileToken",
        "fileToken fileTokenUserID fileTokenChannelID fileTokenExpireDate fileTokenComplianceFileUrl "
        "fileTokenComplianceThumbnailUrl fileTokenComplianceTime fileTokenComplianceIsUpload fileTokenCompliancePinned",
        [(guid("token 2"), number("kim"), tree.NEW["swaps"].guid, "2013-02-15 20:20:00.000", None, None, None, None, 0)],
        **semicolon)
    put(folder, sample, "tblConfig", "configLabel configContent configPoolID",
        [("pool", "<config/>", guid("pool new").upper())], **semicolon)
    mine = [m for m in said if m.in_new]
    common_tables(folder, sample, ids, number, mine, lambda m: m.new_id, semicolon)
    mine.sort(key=lambda m: (ids[m.room], m.new_id))
    rows = [(m.new_id, ids[m.room], m.time, number(m.who), int(m.alert), m.replaced or m.text, m.rtf) for m in mine]
    put(folder, sample, "tblChat", "chatId channelId chatDate userId isAlert content rtf", rows,
        chat_records(f"{sample}/tblChat.csv", mine, lambda m: ids[m.room], True), delimiter="\t", **wide)


def write_chat_alone(folder):
    """Writes tblChat without any other table, Windows-1252, semicolon, LF."""
    rows = [
        (101, 1, odd_ticks("2008-05-05 10:00:00", 1), 7, 0, "Grüße aus Zürich – „guten Morgen“"),
        (101, 2, odd_ticks("2008-05-05 10:01:00", 2), 8, 1, "Price: 1.250,00 €; fixed"),
        (101, 3, odd_ticks("2008-05-05 10:02:00", 3), 7, 0, "ok"),
        (101, 4, odd_ticks("2008-05-05 10:02:00", 3), 7, 0, "ok"),
        (101, 5, odd_ticks("2008-05-05 10:02:00", 3), 8, 0, "ok"),
        (102, 1, odd_ticks("2008-05-06 11:00:00", 4), 7, 0, "two\r\nlines, and “quotes”"),
        (102, 2, odd_ticks("2008-05-06 11:00:30", 5), 9, 0, "NULL"),
    ]
    records = [
        Record("tblChat-alone/tblChat.csv", TABLE, str(row[0]), row[2], f"#{row[3]}", row[5], chat_id=row[1],
               numbering=("table", row[0]), alert=bool(row[4])) for row in rows
    ]
    put(folder, "tblChat-alone", "tblChat", "channelID chatID chatDate userID isAlert content", rows, records,
        encoding="cp1252", delimiter=";", eol="\n")


def write_missing_author(folder):
    """Writes three tables of which one message names a principal that is not there."""
    sample = "missing-author"
    nodes = [node for node in tree.OLD.values() if node.key in ("root", "firm", "townhall")]
    ids = {node.key: node.id for node in nodes}
    put(folder, sample, "tblNode",
        "nodeID nodeGuid parentID nodeType nodeName nodeDesc topic inheritance scopeChange overrideMember invite logged "
        "filePost disabled behavior visibility scopeDefinerId roleDefinerId nodeAddedBy nodeAddedOn nodeUpdatedBy "
        "nodeUpdatedOn",
        [(n.id, n.guid, ids[n.parent], int(n.is_category), n.name, n.desc, n.topic, 0, 0, 0, 1, 1, 1, 0, 4, 3, 1, 1, 10,
          n.updated, 10, n.updated) for n in nodes])
    p = PEOPLE["ann"]
    put(folder, sample, "tblPrincipal", "prinID prinGuid prinUri prinName prinDisabled prinTypeID",
        [(p.old, p.guid, p.uri(), p.name, 0, p.type)])
    said = [(1, p.old, "Who was here before?"), (2, 77, "Somebody without a row"), (3, p.old, "I see.")]
    rows = [(ids["townhall"], n, odd_ticks(f"2012-10-01 10:0{n}:00", n), who, 0, text) for n, who, text in said]
    records = [
        Record(f"{sample}/tblChat.csv", TABLE, tree.OLD["townhall"].guid, row[2],
               author("ann") if row[3] == p.old else f"#{row[3]}", row[5], chat_id=row[1],
               numbering=("table", row[0]), alert=False) for row in rows
    ]
    put(folder, sample, "tblChat", "channelId chatId chatDate userId isAlert content", rows, records)


def write_mgccomp(folder, said):
    """Writes the compliance queue: the tail that the adapter had not yet processed."""
    sample = "mgccomp"
    tail = [m for m in said if m.room == "digital"][:1] + [m for m in said if m.room == "hall" and m.in_new][-1:]
    assert not any(m.room in RENUMBERED for m in tail)
    hall, digital = tree.NEW["hall"], tree.NEW["digital"]
    at = lambda clock: odd_ticks("2013-02-15 " + clock, "queue")
    entries = [  # type, time, room, chat id, person, text
        *[(1, m.time, tree.NEW[m.room], m.new_id, m.who, m.text) for m in tail],
        (1, at("20:05:00"), hall, tail[1].new_id + 1, "farid", "Sent after\r\nthe dump, never archived"),
        (2, at("20:05:10"), hall, None, "carla", "last 30"),
        (3, at("20:05:20"), digital, None, "carla", "a1f0e7d2-3c1b-4f55-8a7e-5b2d9c6f1e10.pdf"),
        (4, at("20:05:30"), digital, None, "kim", "c55d7f1e-0f6d-4f0e-a3f6-1f3f8a2e7b64.pdf"),
        (5, at("20:05:40"), digital, None, "kim", "undocumented"),
        (9, at("20:05:50"), digital, None, "kim", "e0b1c2d3-aaaa-4bbb-8ccc-000000000009.docx"),
        (10, at("20:06:00"), hall, 4, "grace", "This message was replaced by the Persistent Chat administrator."),
        (11, at("20:06:10"), hall, None, "grace", None),
    ]
    rows, records = [], []
    for number, (kind, time, room, chat_id, who, text) in enumerate(entries):
        entry = "2999-12-31 00:00:00" if kind == 9 else "2013-02-15 20:06:00"
        rows.append((9000 + number, entry, kind, time, room.uri, chat_id, PEOPLE[who].new, PEOPLE[who].uri(True), text))
        records.append(Record(
            f"{sample}/tblComplianceData.csv", TABLE if kind == 1 else XML, room.guid, time, author(who), text or "",
            event=None if kind == 1 else f"type {kind}", chat_id=chat_id if kind == 1 else None,
            numbering=("xml", DOMAIN)))
    put(folder, sample, "tblComplianceData",
        "cmplEventID entryDate cmplType cmplTime cmplChannelUri cmplChatID cmplUserID cmplUserUri cmplMessage",
        rows, records)
    stays = [("farid", at("19:00:00"), at("20:30:00")), ("carla", at("19:30:00"), None),
             ("kim", at("20:00:00"), at("20:10:00"))]
    rows, records = [], []
    for who, joined, parted in stays:
        room = digital if who == "kim" else hall
        rows.append((room.uri, PEOPLE[who].new, joined, parted, PEOPLE[who].uri(True), 1, 7_654_321_098_765))
        for kind, time in (("JOIN", joined), ("PART", parted)):
            if time is not None:
                records.append(Record(f"{sample}/tblComplianceParticipant.csv", XML, room.guid, time, author(who), "",
                                      event=kind))
    put(folder, sample, "tblComplianceParticipant",
        "channelUri userId joinedAt partedAt userUri serverID sessionId", rows, records)
    put(folder, sample, "tblComplianceState", "lastProcessedEntryID activeServerID lockExpirationTime",
        [(8999, -1, "2013-02-15 20:10:00.0000000")])
