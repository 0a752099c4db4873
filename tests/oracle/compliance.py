"""The archive as compliance XML: documents of the XmlAdapter, and of the vendor's sample transform.

An `Item` is an entry of a document with the record it stands for.  Texts pass through an XML
attribute: with `keep_space` line breaks and tabs are written as references and survive, without it
they are written as they are and arrive as blanks.  Characters that XML 1.0 forbids are written as
numeric references, as the adapter's lenient writer did.

Left out, since the design does not decide them: coarse times mixed with fine ones in one archive of
XML, file transfers in a `FileDump` (one transfer gives two elements), a `FileDump` with a history read
(it looks like a message) or with a room name instead of its URI.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import List, Optional, Tuple

from archive import DOMAIN, TICKS_1970, Archive, Node, Person, iso_of
from shapes import encode
from tables import room_uri
from truth import COMPLIANCE, FILEDUMP, Record, normal


@dataclass(frozen=True)
class Style:
    """The options of one archive of XML, the same in all its files."""

    domain: str = DOMAIN
    keep_space: bool = True
    coarse: bool = False  # only milliseconds, and only messages
    chat_ids: bool = True  # CHAT entries carry their id
    room_numbers: bool = False  # ma-chan://domain/300 instead of the GUID
    details: bool = False  # room names in Channel/@name
    odd_case: bool = False  # attribute names and types in another case
    encoding: str = "utf-8"


@dataclass(frozen=True)
class Item:
    room: Node
    ticks: int
    person: Person
    type: str
    content: str
    chat_id: int
    record: Record


def room_label(room: Node, style: Style) -> str:
    """The room as the truth knows it: a GUID, or a name of ours where the source has none."""
    return "%s/%d" % (style.domain, room.number) if style.room_numbers else room.guid


def items_of(archive: Archive, style: Style, messages=None, chat_ids=None, events: bool = True) -> List[Item]:
    """All that compliance saw, in the order of time."""
    items = []
    for message in archive.messages if messages is None else messages:
        text = message.text if style.keep_space else normal(message.text)
        number = (chat_ids or {}).get(message, message.chat_id) if style.chat_ids else 0
        ticks = message.ticks - message.ticks % 10_000 if style.coarse else message.ticks
        items.append(
            Item(
                message.room,
                message.ticks,
                message.author,
                "CHAT",
                message.text,
                number,
                Record(
                    "message",
                    room_label(message.room, style),
                    ticks,
                    "ms" if style.coarse else "ticks",
                    message.author.address,
                    text,
                    chat_id=number or None,
                    numbering=("xml", style.domain),
                    rank=COMPLIANCE,
                ),
            )
        )

    def event(room: Node, ticks: int, person: Person, kind: str, content: str) -> None:
        items.append(
            Item(
                room,
                ticks,
                person,
                kind,
                content,
                0,
                Record("event", room_label(room, style), ticks, "ticks", person.address, content, type=kind),
            )
        )

    if events and not style.coarse:
        for stay in archive.stays:
            event(stay.room, stay.joined, stay.person, "JOIN", "")
            if stay.parted is not None:
                event(stay.room, stay.parted, stay.person, "PART", "")
        for happening in archive.happenings:
            event(happening.room, happening.ticks, happening.person, happening.type, happening.content)
    return sorted(items, key=lambda item: item.ticks)


def slices(rng: random.Random, items: List[Item], count: int, overlap: bool = True) -> List[List[Item]]:
    """Time slices that together hold all items; a tick is never cut in two.

    With `overlap` some slices begin before the last one ended, or are run again as a whole.
    """
    moments = sorted({item.ticks // 10_000 for item in items})
    if not moments:
        return [[]]
    edges = sorted(rng.sample(range(1, len(moments)), min(count - 1, len(moments) - 1)))
    result = []
    for begin, end in zip([0] + edges, edges + [len(moments)]):
        if overlap and rng.random() < 0.3:
            begin = max(0, begin - rng.randint(1, 8))
        low, high = moments[begin], moments[end - 1]
        result.append([item for item in items if low <= item.ticks // 10_000 <= high])
        if overlap and rng.random() < 0.1:
            result.append(result[-1])
    return result


def documents(rng: random.Random, groups: List[List[Item]], one_room: bool) -> List[List[Item]]:
    """With `one_room` each slice becomes one document a room."""
    if not one_room:
        return groups
    result = []
    for group in groups:
        rooms = sorted({item.room.number for item in group})
        result += [[item for item in group if item.room.number == number] for number in rooms]
    return result


def escape_attribute(text: str, keep_space: bool) -> str:
    result = []
    for char in text:
        number = ord(char)
        if char in '<>&"':
            result.append({"<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;"}[char])
        elif char in "\t\r\n":
            result.append("&#x%X;" % number if keep_space else char)
        elif number < 32 or 0xD800 <= number <= 0xDFFF or number in (0xFFFE, 0xFFFF):
            result.append("&#x%X;" % number)
        else:
            result.append(char)
    return "".join(result)


def time_attributes(ticks: int, style: Style) -> str:
    milliseconds = (ticks - TICKS_1970) // 10_000
    if style.coarse:
        return 'since1970="%d"' % milliseconds
    return 'since1970="%d" string="%s" long="%d"' % (milliseconds, iso_of(ticks), ticks)


def message_element(name: str, item: Item, style: Style, indent: str) -> str:
    person = item.person
    kind = item.type.capitalize() if style.odd_case and item.type != "ROOMRENAME" else item.type
    names = ["type", "content", "id", "UserName", "email", "internal", "uri"]
    if style.odd_case:
        names = ["Type", "CONTENT", "Id", "userName", "Email", "Internal", "URI"]
    content = '%s="%s" ' % (names[1], escape_attribute(item.content, style.keep_space))
    return (
        '{i}<{name} {t}="{kind}" {content}{id}="{number}">\n'
        '{i}  <Sender {u}="{user}" {id2}="{prin}" {e}="{email}" {n}="{internal}" {r}="{email}" />\n'
        "{i}  <DateTimeUTC {time} />\n{i}</{name}>\n"
    ).format(
        i=indent,
        name=name,
        t=names[0],
        kind=kind,
        content=content,
        id=names[2],
        number=item.chat_id,
        u=names[3],
        user=escape_attribute(person.name, True),
        id2=names[2] if style.odd_case else "id",
        prin=person.number,
        e=names[4],
        email=person.uri[4:],
        n=names[5],
        r=names[6],
        internal="false" if person.type == 7 else "true",
        time=time_attributes(item.ticks, style),
    )


def conversations(rng: random.Random, items: List[Item]) -> List[Tuple[Node, List[Item]]]:
    """The items of a document by room, the rooms in random order; a long one may be cut in two."""
    rooms = {item.room.number: item.room for item in items}
    result = []
    for number in rng.sample(sorted(rooms), len(rooms)):
        own = [item for item in items if item.room.number == number]
        if len(own) > 4 and rng.random() < 0.2:
            cut = rng.randint(1, len(own) - 1)
            while cut < len(own) and own[cut].ticks // 10_000 == own[cut - 1].ticks // 10_000:
                cut += 1
            result += [(rooms[number], part) for part in (own[:cut], own[cut:]) if part]
        else:
            result.append((rooms[number], own))
    return result


def document(rng: random.Random, items: List[Item], style: Style) -> Tuple[bytes, List[Record]]:
    """A `Conversations` document and its records in their order."""
    declared = "utf-16" if "16" in style.encoding else "utf-8"
    parts = [
        '<?xml version="1.0" encoding="%s"?>\n' % declared,
        '<Conversations xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema">\n',
    ]
    records: List[Record] = []
    for room, own in conversations(rng, items):
        uri = "ma-chan://%s/%d" % (style.domain, room.number) if style.room_numbers else room_uri(room, style.domain)
        name = escape_attribute(room.name, True) if style.details else uri
        parts.append('  <Conversation>\n    <Channel uri="%s" name="%s" islogged="" />\n' % (uri, name))
        records += [item.record for item in own]
        if len(own) == 1 and rng.random() < 0.3:  # FirstMessage counts where Messages is empty
            parts.append(message_element("FirstMessage", own[0], style, "    "))
            parts.append(rng.choice(["", "    <Messages />\n"]))
        else:
            if rng.random() < 0.85:  # else it only repeats the first entry
                parts.append(message_element("FirstMessage", own[0], style, "    "))
            parts.append("    <Messages>\n")
            parts += [message_element("Message", item, style, "      ") for item in own]
            parts.append("    </Messages>\n")
        parts.append(
            "    <StartTimeUTC %s />\n    <EndTimeUTC %s />\n  </Conversation>\n"
            % (time_attributes(own[0].ticks, style), time_attributes(own[-1].ticks, style))
        )
    parts.append("</Conversations>\n")
    # Illegal characters are references by now; literal line breaks in values stand as they are.
    return encode("".join(parts), style.encoding), records


def escape_element(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\r", "&#xD;")


def fits_filedump(text: str) -> bool:
    """The transform wrote well-formed XML; texts of blanks alone are in doubt, as is white space at the ends."""
    return text.strip() == text and not any(
        ord(char) < 32 and char not in "\t\r\n" or 0xD800 <= ord(char) <= 0xDFFF or char in "\ufffe\uffff"
        for char in text
    )


def filedump_items(archive: Archive, messages=None, label: Optional[Style] = None) -> List[Item]:
    """Messages alone, to the millisecond, without author and id."""
    style = label or Style()
    items = []
    for message in archive.messages if messages is None else messages:
        if fits_filedump(message.text):
            items.append(
                Item(
                    message.room,
                    message.ticks,
                    message.author,
                    "CHAT",
                    message.text,
                    0,
                    Record(
                        "message",
                        room_label(message.room, style),
                        message.ticks - message.ticks % 10_000,
                        "ms",
                        None,
                        message.text,
                        rank=FILEDUMP,
                    ),
                )
            )
    return sorted(items, key=lambda item: item.ticks)


def filedump(rng: random.Random, items: List[Item]) -> Tuple[bytes, List[Record]]:
    """A `FileDump` document: what the vendor's sample transform makes of the same conversations."""
    parts = ['<?xml version="1.0" encoding="utf-8"?>\n<FileDump>\n']
    records: List[Record] = []
    for room, own in conversations(rng, items):
        uri = room_uri(room)
        start, end = ((ticks - TICKS_1970) // 10_000 for ticks in (own[0].ticks, own[-1].ticks))
        parts.append(
            '  <Conversation Perspective="%s_group_channel">\n    <RoomID>%s</RoomID>\n'
            "    <StartTimeUTC>%d</StartTimeUTC>\n" % (uri, uri, start)
        )
        for item in own:
            records.append(item.record)
            parts.append(
                "    <Message>\n      <LoginName></LoginName>\n      <DateTimeUTC>%d</DateTimeUTC>\n"
                "      <Content>%s</Content>\n    </Message>\n"
                % ((item.ticks - TICKS_1970) // 10_000, escape_element(item.content))
            )
        parts.append("    <EndTimeUTC>%d</EndTimeUTC>\n  </Conversation>\n" % end)
    parts.append("</FileDump>\n")
    return encode("".join(parts), "utf-8"), records
