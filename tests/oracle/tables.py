"""The archive as rows of the documented tables, in the shape of 2010 and of 2013.

A row is a dictionary from column name to a plain value: int, bool, str, datetime or None.  How such
values are spelt in a file is the business of `shapes.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Callable, Dict, List, NamedTuple, Optional

from archive import DOMAIN, Archive, Message, Node, Stay

# kind, then ? for nullable, then @generation where only one has the column.  The order is the
# documented one: files without a header have exactly these columns.
SCHEMA = {
    "tblNode": "nodeID:int nodeGuid:guid parentID:int? nodeType:bit nodeName:text nodeDesc:text topic:text@2010 "
    "filestoreURI:text?@2010 inheritance:bit@2010 scopeChange:bit@2010 overrideMember:bit@2010 "
    "invite:bit? logged:bit? filePost:bit? disabled:bit restrictChildCreate:bit?@2010 behavior:int "
    "visibility:int? scopeDefinerId:int@2010 roleDefinerId:int@2010 siopID:guid? nodeAddedBy:int "
    "nodeAddedOn:int nodeUpdatedBy:int nodeUpdatedOn:int purgedOn:date?@2013",
    "tblPrincipal": "prinID:int prinGuid:guid prinUri:text prinName:text? prinDisplayName:text?@2013 "
    "prinCompanyName:text? prinEmail:text? prinADPath:text? prinADUserPrincipalName:text? "
    "prinDisabled:bit@2010 prinDisabled:int@2013 prinTypeID:int prinAllowedPermSet:int@2010 "
    "prinUseInheritedPerms:bit@2010 prinPoolID:int?@2013 prinPolicyID:int?@2013 prinAddedBy:int? "
    "prinAddedOn:int prinUpdatedBy:int? prinUpdatedOn:int prinVerifiedOn:date",
    "tblPrincipalType": "ptypeID:int ptypeDesc:text ptypeIsSystemUser:bit ptypeIsUser:bit ptypeIsFederated:bit@2010",
    "tblRoleType": "rtypeID:int rtypeDesc:text rtypeAllowedPermSet:int honorsOverride:bit@2010 honorsScope:bit@2010",
    "tblPrincipalRole": "prinRoleNodeID:int prinRolePrinID:int prinRoleTypeID:int prinRoleUpdatedBy:int",
    "tblScopePrincipal": "scopeNodeID:int scopePrinID:int scopeUpdatedBy:int scopeIsDenied:bit@2013",
    "tblEnumAttribute": "attributeID:int attributeName:text",
    "tblEnumValue": "valueID:int attributeID:int attributeValue:text",
    "tblSiopWhiteList": "siopID:guid siopName:text siopUrl:text",
    "tblLastChatId": "nodeID:int lastChatID:int",
    "tblChat": "channelId:int chatId:int chatDate:int userId:int isAlert:bit content:text rtf:text?@2013",
    "tblComplianceData": "cmplEventID:int entryDate:date cmplType:int cmplTime:int cmplChannelUri:text cmplChatID:int? "
    "cmplUserID:int cmplUserUri:text cmplMessage:text?",
    "tblComplianceParticipant": "channelUri:text userId:int joinedAt:int partedAt:int? userUri:text serverID:int? "
    "sessionId:int?",
}

# Columns that the conversion can do without, and that no test of ours reads.
OPTIONAL = {
    "topic",
    "filestoreURI",
    "restrictChildCreate",
    "siopID",
    "nodeAddedBy",
    "nodeAddedOn",
    "nodeUpdatedBy",
    "purgedOn",
    "prinCompanyName",
    "prinEmail",
    "prinADPath",
    "prinADUserPrincipalName",
    "prinPoolID",
    "prinPolicyID",
    "prinAddedBy",
    "prinAddedOn",
    "prinUpdatedBy",
    "prinVerifiedOn",
    "prinRoleUpdatedBy",
    "scopeUpdatedBy",
    "entryDate",
    "serverID",
    "sessionId",
    "rtypeAllowedPermSet",
}

MEMBER, MANAGER, VOICED, CREATOR = 21, 22, 23, 24  # the numbers are not documented: any will do
ROLE_IDS = {"Member": MEMBER, "Manager": MANAGER, "Voiced": VOICED}
STAMP = 633_979_008_000_000_000  # 2010-01-01
DAY = datetime(2010, 5, 27, 13, 45, 10)  # a day above 12: no doubt which number is the month


class Column(NamedTuple):
    name: str
    kind: str
    nullable: bool


def columns(table: str, generation: int) -> List[Column]:
    result = []
    for part in SCHEMA[table].split():
        name, rest = part.split(":")
        kind, _, only = rest.partition("@")
        if not only or int(only) == generation:
            result.append(Column(name, kind.rstrip("?"), kind.endswith("?")))
    return result


@dataclass
class Numbers:
    """How one database numbers what the archive holds."""

    nodes: int = 0  # added to each node but the root
    people: int = 0  # added to each person
    chat_ids: Optional[Dict[Message, int]] = None  # other chat ids than the archive's
    skip_people: set = field(default_factory=set)  # principals whose row is missing

    def node(self, node: Optional[Node]) -> int:
        return 1 if node is None or node.parent is None else node.number + self.nodes

    def person(self, number: int) -> int:
        return number + self.people

    def chat_id(self, message: Message) -> int:
        return message.chat_id if self.chat_ids is None else self.chat_ids[message]


def structure(archive: Archive, generation: int, numbers: Numbers) -> Dict[str, List[dict]]:
    """All tables but messages and events."""
    old = generation == 2010
    rows: Dict[str, List[dict]] = {
        "tblNode": [node_row(archive, node, old, numbers) for node in archive.categories + archive.rooms],
        "tblPrincipal": principals(archive, old, numbers),
        "tblPrincipalType": [
            dict(
                ptypeID=number,
                ptypeDesc=name,
                ptypeIsSystemUser=name == "SystemUser",
                ptypeIsUser="User" in name,
                ptypeIsFederated="Federated" in name,
            )
            for number, name in enumerate(
                "Any AnyUser AnyGroup SystemUser User ExternalUser FederatedUser DC Group "
                "Folder FederatedGroup".split(),
                1,
            )
            if old or number not in (6, 7, 11)
        ],
        "tblRoleType": [
            dict(
                rtypeID=number,
                rtypeDesc=name,
                rtypeAllowedPermSet=mask,
                honorsOverride=name == "Member",
                honorsScope=True,
            )
            for number, name, mask in [
                (MEMBER, "Member", 3984),
                (MANAGER, "Manager", 12276),
                (VOICED, "Voiced", 4096),
            ]
            + ([] if old else [(CREATOR, "Creator", 16)])
        ],
        "tblPrincipalRole": roles(archive, old, numbers),
        "tblScopePrincipal": scopes(archive, old, numbers),
        "tblEnumAttribute": [
            dict(attributeID=1, attributeName="Visibility"),
            dict(attributeID=2, attributeName="Behavior"),
        ],
        "tblEnumValue": [
            dict(valueID=number, attributeID=attribute, attributeValue=value)
            for number, attribute, value in [
                (2, 1, "private"),
                (3, 1, "scope"),
                (4, 2, "normal"),
                (5, 2, "auditorium"),
            ]
            + ([] if old else [(6, 1, "open")])
        ],
        "tblSiopWhiteList": [
            dict(
                siopID="7d9d2e0c-6f3a-4f0e-9d3b-2f8f5d1c0a11",
                siopName="Quotes",
                siopUrl="https://quotes.litware.example/?room=1&x=2",
            )
        ],
        "tblLastChatId": [
            dict(
                nodeID=numbers.node(room),
                lastChatID=max(
                    numbers.chat_id(message)
                    for message in archive.messages
                    if message.room is room and (numbers.chat_ids is None or message in numbers.chat_ids)
                )
                + 3,
            )
            for room in archive.rooms
            if any(
                message.room is room and (numbers.chat_ids is None or message in numbers.chat_ids)
                for message in archive.messages
            )
        ],
    }
    return rows


def node_row(archive: Archive, node: Node, old: bool, numbers: Numbers) -> dict:
    category = not node.is_room
    setting = True if category else None  # rooms inherit; the tests of settings are elsewhere
    row = dict(
        nodeID=numbers.node(node),
        nodeGuid=node.guid,
        nodeType=category,
        nodeDesc=node.description,
        topic="",
        filestoreURI="https://files.litware.example/" if node.parent is None else None,
        inheritance=False,
        scopeChange=category,
        overrideMember=node.override,
        invite=setting,
        logged=setting,
        filePost=setting,
        disabled=node.disabled,
        restrictChildCreate=None,
        behavior=5 if node.auditorium else 4,
        visibility=node.visibility,
        scopeDefinerId=numbers.node(archive.scope_definer(node)),
        roleDefinerId=numbers.node(archive.role_definer(node)),
        siopID=None,
        nodeAddedBy=1,
        nodeAddedOn=STAMP,
        nodeUpdatedBy=1,
        nodeUpdatedOn=STAMP + 5,
        purgedOn=DAY if category else None,
    )
    if old:
        row.update(nodeName=node.name, parentID=1 if node.parent is None else numbers.node(node.parent))
    else:  # one level under the root, names joined
        row["nodeName"] = node.name if node.parent is None else node.flat_name()
        row["parentID"] = numbers.node(node.parent) if node.is_room else 1
    return row


def principals(archive: Archive, old: bool, numbers: Numbers) -> List[dict]:
    def row(number, guid, uri, name, kind, disabled):
        return dict(
            prinID=number,
            prinGuid=guid,
            prinUri=uri,
            prinName=name,
            prinDisplayName=name,
            prinCompanyName=None,
            prinEmail=uri[4:] if uri.startswith("sip:") else None,
            prinADPath=None,
            prinADUserPrincipalName=None,
            prinDisabled=disabled,
            prinTypeID=kind,
            prinAllowedPermSet=0,
            prinUseInheritedPerms=True,
            prinPoolID=1,
            prinPolicyID=None,
            prinAddedBy=1,
            prinAddedOn=STAMP,
            prinUpdatedBy=None,
            prinUpdatedOn=STAMP + 7,
            prinVerifiedOn=DAY,
        )

    rows = [row(1, "11111111-2222-4333-8444-555555555555", "ma-grp:system", None, 4, False)]
    for person in archive.people:
        if person.number not in numbers.skip_people:
            kind, disabled = person.type, person.disabled
            if kind == 7 and not old:
                kind, disabled = 5, True  # 2013 knows no federated users
            rows.append(
                row(
                    numbers.person(person.number),
                    person.guid,
                    person.uri,
                    person.name,
                    kind,
                    disabled if old else int(disabled),
                )
            )
    return rows


def roles(archive: Archive, old: bool, numbers: Numbers) -> List[dict]:
    nodes = {node.guid: node for node in archive.categories + archive.rooms}
    if old:
        held = sorted(archive.roles)
    else:  # nothing is inherited: each room lists its own
        held = sorted(
            (room.guid, person, role)
            for room in archive.rooms
            for role in ROLE_IDS
            for person in archive.holders(room, role)
        )
    return [
        dict(
            prinRoleNodeID=numbers.node(nodes[guid]),
            prinRolePrinID=numbers.person(person),
            prinRoleTypeID=ROLE_IDS[role],
            prinRoleUpdatedBy=1,
        )
        for guid, person, role in held
        if person not in numbers.skip_people
    ]


def scopes(archive: Archive, old: bool, numbers: Numbers) -> List[dict]:
    nodes = {node.guid: node for node in archive.categories}
    if old:
        held = sorted(archive.scopes)
    else:
        held = sorted((node.guid, person) for node in archive.categories[1:] for person in archive.allowed(node))
    return [
        dict(
            scopeNodeID=numbers.node(nodes[guid]),
            scopePrinID=numbers.person(person),
            scopeUpdatedBy=1,
            scopeIsDenied=False,
        )
        for guid, person in held
        if person not in numbers.skip_people
    ]


def chat_row(message: Message, numbers: Numbers) -> dict:
    return dict(
        channelId=numbers.node(message.room),
        chatId=numbers.chat_id(message),
        chatDate=message.ticks,
        userId=numbers.person(message.author.number),
        isAlert=message.alert,
        content=message.text,
        rtf=message.rtf,
    )


def room_uri(room: Node, domain: str = DOMAIN) -> str:
    return "ma-chan://%s/%s" % (domain, room.guid)


EVENT_TYPES = {"BACKCHAT": 2, "FILEDOWNLOAD": 3, "FILEUPLOAD": 4}


def compliance_row(number: int, kind: int, room: Node, person, ticks: int, chat_id, content: str) -> dict:
    return dict(
        cmplEventID=number,
        entryDate=DAY.replace(second=0),
        cmplType=kind,
        cmplTime=ticks,
        cmplChannelUri=room_uri(room),
        cmplChatID=chat_id,
        cmplUserID=person.number,
        cmplUserUri=person.uri,
        cmplMessage=content,
    )


def participant_row(stay: Stay, uri: Callable[[Node], str] = room_uri) -> dict:
    return dict(
        channelUri=uri(stay.room),
        userId=stay.person.number,
        joinedAt=stay.joined,
        partedAt=stay.parted,
        userUri=stay.person.uri,
        serverID=1,
        sessionId=99,
    )
