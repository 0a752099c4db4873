"""The compliance archive: documents of XmlAdapter, one of the sample transform, a manifest."""

from dataclasses import dataclass

from . import tree
from .formats import EPOCH_TICKS, attribute, attribute_value, element, iso, since_1970, ticks
from .people import DOMAIN, PEOPLE
from .records import FILE_DUMP, XML, Record
from .talk import KEPT_SINCE
from .tree import NEW_TIME

ROOT = ('<?xml version="1.0" encoding="utf-8"?>\r\n<Conversations xmlns:xsi="http://www.w3.org/2001/'
        'XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">\r\n')


@dataclass
class Slice:
    """One Conversation: a room from one time to another."""

    room: str
    day: str
    start: str
    end: str
    ids: tuple = ()  # only messages with these chat ids
    only_first: bool = False  # FirstMessage stands alone, Messages is empty
    time_text_only: bool = False  # `string` is the only time attribute

    def holds(self, entry):
        start, end = ticks(f"{self.day} {self.start}"), ticks(f"{self.day} {self.end}")
        chosen = not self.ids or getattr(entry, "old_id", 0) in self.ids
        return entry.room == self.room and start <= entry.time < end and chosen


@dataclass
class Document:
    """One file. `details` tells people and rooms in full; `loose` writes types and addresses in other letters."""

    path: str
    slices: list
    details: bool = True
    loose: bool = False
    bom: bool = False


DOCUMENTS = [
    # Several rooms a file; 0002 is the re-run of a batch and overlaps 0001; the twins of 07:34 are cut apart.
    Document("2012-11/batch-0001.xml", [
        Slice("morning", "2012-11-05", "07:29:00", "07:34:05", ()),
        Slice("morning", "2012-11-05", "07:34:05", "07:34:06", (7,)),
        Slice("swaps", "2012-11-05", "09:00:00", "09:30:00"),
        Slice("quiet", "2012-11-05", "09:00:00", "09:30:00"),
    ]),
    Document("2012-11/batch-0002.xml", [
        Slice("morning", "2012-11-05", "07:34:05", "07:34:06", (8,)),
        Slice("morning", "2012-11-05", "07:34:06", "08:04:00"),
        Slice("swaps", "2012-11-05", "09:15:00", "09:45:00"),
    ], details=False, loose=True),
    Document("2012-11/batch-0003.xml", [Slice("swaps", "2012-11-05", "09:45:00", "10:00:00"),
                                        Slice("credit", "2012-11-08", "14:00:50", "14:01:50", only_first=True),
                                        Slice("equities", "2012-11-06", "08:00:00", "08:01:30")], bom=True),
    # One room a file.
    Document("2012-11/rooms/hall.xml", [Slice("hall", "2012-11-07", "05:59:00", "06:15:00")]),
    Document("2012-11/rooms/town-hall.xml", [
        Slice("townhall", "2012-11-09", "14:58:00", "15:01:50"),
        Slice("townhall", "2012-11-09", "15:01:50", "15:02:50", time_text_only=True),
        Slice("townhall", "2012-11-09", "15:29:00", "15:40:00"),
    ]),
    Document("2012-11/rooms/systems-test.xml", [Slice("test", "2012-11-15", "13:00:00", "13:59:00")]),
    # After the migration: other numbers for people, the same rooms.
    Document("2013-01/batch-0101.xml", [Slice("swaps", "2013-01-15", "08:58:00", "09:45:00"),
                                        Slice("digital", "2013-01-16", "09:58:00", "10:45:00")]),
    Document("2013-01/batch-0101-again.xml", [Slice("swaps", "2013-01-15", "09:05:00", "09:45:00")], details=False),
    Document("2013-03/batch-0201.xml", [Slice("swaps", "2013-03-01", "08:58:00", "09:10:00")]),
]


def time_element(name, value, text_only=False):
    if text_only:
        return f'<{name} string="{iso(value)}" />'
    return f'<{name} since1970="{since_1970(value)}" string="{iso(value)}" long="{value}" />'


def entry_lines(tag, entry, document, part):
    """Returns the lines of one Message or FirstMessage."""
    said = hasattr(entry, "old_id")
    person = PEOPLE[entry.who]
    kind = "CHAT" if said else entry.type
    content = entry.text if said else entry.content
    number = entry.old_id if said and entry.numbered else 0
    name, email = (person.name, person.address) if document.details else (person.address, "")
    address = person.address.upper() if document.loose and entry.who == "bob" else person.address
    kind = kind.capitalize() if document.loose else kind
    id = person.new if entry.time > NEW_TIME else person.old
    guest = "false" if person.is_federated else "true"
    breaks = entry.breaks if said else "refs"
    return [
        f'      <{tag} type="{kind}" content="{attribute(content, breaks)}" id="{number}">',
        f'        <Sender UserName="{attribute(name)}" id="{id}" email="{attribute(email)}" internal="{guest}" '
        f'uri="{attribute(address)}" />',
        "        " + time_element("DateTimeUTC", entry.time, part.time_text_only),
        f"      </{tag}>",
    ]


def record(stream, entry):
    """Returns what a reader finds in the entry."""
    who = PEOPLE[entry.who].address.lower()
    room = tree.OLD.get(entry.room) or tree.NEW[entry.room]
    if not hasattr(entry, "old_id"):
        return Record(stream, XML, room.guid, entry.time, who, entry.content, event=entry.type)
    chat_id = entry.old_id if entry.numbered else None
    numbering = ("xml", DOMAIN) if entry.numbered else ("document", stream)
    return Record(stream, XML, room.guid, entry.time, who, attribute_value(entry.text, entry.breaks),
                  chat_id=chat_id, numbering=numbering)


def write_document(folder, document, entries):
    stream = "compliance/" + document.path
    lines, records = [], []
    for part in document.slices:
        mine = [e for e in entries if part.holds(e) and getattr(e, "archived", True)]
        assert mine, (document.path, part)
        room = tree.OLD.get(part.room) or tree.NEW[part.room]
        uri = f"ma-chan://{DOMAIN}/{room.guid.upper()}" if document.loose else room.uri
        name, logged = (room.name, "true") if document.details else (uri, "")
        lines += ["  <Conversation>", f'    <Channel uri="{uri}" name="{attribute(name)}" islogged="{logged}" />']
        lines += [line[2:] for line in entry_lines("FirstMessage", mine[0], document, part)]
        if part.only_first:
            assert len(mine) == 1
            lines.append("    <Messages />")
        else:
            lines.append("    <Messages>")
            for entry in mine:
                lines += entry_lines("Message", entry, document, part)
            lines.append("    </Messages>")
        lines += ["    " + time_element("StartTimeUTC", mine[0].time),
                  "    " + time_element("EndTimeUTC", mine[-1].time), "  </Conversation>"]
        records += [record(stream, entry) for entry in mine]
    text = ROOT + "\r\n".join(lines) + "\r\n</Conversations>\r\n"
    folder.add(stream, (("\ufeff" if document.bom else "") + text).encode("utf-8"), records)


def write_file_dump(folder, said):
    """Writes the sample transform's document: messages that others have too, events of a quarter nobody else has."""
    part = Slice("swaps", "2012-11-05", "09:00:00", "09:12:30")
    room, stream = tree.OLD["swaps"], "compliance/filedump/swaps-2012-11-05.xml"
    chats = [m for m in said if part.holds(m)]
    clock = lambda text: (ticks("2012-11-05 " + text) - EPOCH_TICKS) // 10_000
    events = [
        ("ParticipantEntered", clock("08:46:01.25"), "JOIN", ""), ("ParticipantEntered", clock("08:47:30.5"), "JOIN", ""),
        ("FileTransferStarted", clock("08:50:00.125"), "FILETRANSFERSTARTED", "curve.csv"),
        ("FileTransferEnded", clock("08:50:02.75"), "FILETRANSFERENDED", "curve.csv"),
        ("ParticipantLeft", clock("08:55:59.999"), "PART", ""),
    ]
    at = lambda ms: EPOCH_TICKS + ms * 10_000
    lines, records = [], []
    for tag, ms, kind, name in events:
        inner = f"<LoginName /><DateTimeUTC>{ms}</DateTimeUTC>"
        if tag.startswith("Participant"):
            inner += (f"<InternalFlag>true</InternalFlag><ConversationID>{room.uri}</ConversationID>"
                      "<CorporateEmailID />")
        else:
            inner += f"<FileName>{name}</FileName>"
            inner += "<Status>Completed</Status>" if tag == "FileTransferEnded" else ""
        lines.append(f"    <{tag}>{inner}</{tag}>")
        records.append(Record(stream, FILE_DUMP, room.guid, at(ms), None, name, event=kind, coarse=True))
    for m in chats:
        # What the transform prints has passed an XML attribute: line breaks come out as references.
        ms = since_1970(m.time)
        content = element(m.text).replace("\r", "&#xD;")
        lines.append(f"    <Message><LoginName /><DateTimeUTC>{ms}</DateTimeUTC><Content>{content}</Content></Message>")
        records.append(Record(stream, FILE_DUMP, room.guid, at(ms), None, m.text, numbering=("document", stream),
                              coarse=True))
    text = (
        '<?xml version="1.0" encoding="utf-8"?>\n<FileDump>\n'
        f'  <Conversation Perspective="{room.uri}_group_channel">\n    <RoomID>{room.uri}</RoomID>\n'
        f'    <StartTimeUTC>{events[0][1]}</StartTimeUTC>\n' + "\n".join(lines)
        + f'\n    <EndTimeUTC>{since_1970(chats[-1].time)}</EndTimeUTC>\n  </Conversation>\n</FileDump>\n'
    )
    folder.add(stream, text.encode("utf-8"), records)


def write_compliance(folder, said, happened):
    entries = sorted([*said, *happened], key=lambda e: (e.time, getattr(e, "old_id", 0)))
    assert all(e.time > KEPT_SINCE for d in DOCUMENTS for s in d.slices for e in entries if s.holds(e))
    for document in DOCUMENTS:
        write_document(folder, document, entries)
    write_file_dump(folder, said)
    folder.add("compliance/2012-11/batch-0001.ATTACH",
               b"Its syntax was never published; these words are a stand-in.\r\n")


PUBLISHED = '''<?xml version="1.0" encoding="utf-8"?>
<Conversations xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <Conversation>
    <Channel uri="ma-chan://litwareinc.com/300" name="ma-chan://litwareinc.com/300" islogged="" />
    <FirstMessage type="JOIN" content="" id="0">
      <Sender UserName="TestUser kazuto" id="10" email="kazuto@litwareinc.com" internal="true" uri="kazuto@litwareinc.com" />
      <DateTimeUTC since1970="1212610540953" string="2008-06-04T20:15:40.9535482Z" long="633482073409535482" />
    </FirstMessage>
    <Messages>
      <Message type="JOIN" content="" id="0">
        <Sender UserName="TestUser kazuto" id="10" email="kazuto@litwareinc.com" internal="true" uri="kazuto@litwareinc.com" />
        <DateTimeUTC since1970="1212610540953" string="2008-06-04T20:15:40.9535482Z" long="633482073409535482" />
      </Message>
      <Message type="PART" content="" id="0">
        <Sender UserName="TestUser kazuto" id="10" email="kazuto@litwareinc.com" internal="true" uri="kazuto@litwareinc.com" />
        <DateTimeUTC since1970="1212610602532" string="2008-06-04T20:16:42.5324614Z" long="633482074025324614" />
      </Message>
    </Messages>
    <StartTimeUTC since1970="1212610540953" string="2008-06-04T20:15:40.9535482Z" long="633482073409535482" />
    <EndTimeUTC since1970="1212610602532" string="2008-06-04T20:16:42.5324614Z" long="633482074025324614" />
  </Conversation>
</Conversations>
'''


def write_published(folder):
    stream = "published/published-example.xml"
    records = [
        Record(stream, XML, "litwareinc.com/300", time, "kazuto@litwareinc.com", "", event=kind)
        for kind, time in (("JOIN", 633482073409535482), ("PART", 633482074025324614))
    ]
    folder.add(stream, PUBLISHED.encode("utf-8"), records)
