"""A package made from the truth, for tests of the package reader and of the comparison.

It is the least that the design asks of a package, written from expectations and not from inputs: no
converter, only a way to give `package.py` and `compare.py` something to read that is right.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import uuid
from typing import Dict, List, Optional, Tuple
from xml.sax.saxutils import escape, quoteattr

from archive import Archive, iso_of
from generate import Plan
from tamper import seal
from truth import Expected, Truth, expected

NAMESPACE = "urn:gc2pc:package:1"
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def wide(text: str) -> str:
    return base64.b64encode(text.encode("utf-16-le", "surrogatepass")).decode("ascii")


def element(name: str, text: Optional[str]) -> str:
    if text is None:
        return ""
    if ILLEGAL.search(text):
        return '<%s encoding="utf-16le-base64">%s</%s>' % (name, wide(text), name)
    return "<%s>%s</%s>" % (name, escape(text, {"\r": "&#xD;"}), name)


def attribute(name: str, text: str) -> str:
    if ILLEGAL.search(text):
        return '%sUtf16="%s"' % (name, wide(text))
    return "%s=%s" % (name, quoteattr(text, {"\r": "&#xD;", "\n": "&#xA;", "\t": "&#x9;"}))


def cell(value) -> str:
    text = str(value)
    return '"%s"' % text.replace('"', '""') if any(char in text for char in '",\r\n') else text


def table(header: str, rows: List[Tuple]) -> str:
    return "\n".join([header] + [",".join(cell(value) for value in row) for row in rows]) + "\n"


class Writer:
    def __init__(self, made: Plan, folder: str):
        self.made, self.folder = made, folder
        self.truth: Truth = expected(made.streams(), made.since, made.until)
        self.files: Dict[str, str] = {}
        self.inputs = {}
        for name, files in made.inputs().items():
            for path, file in files.items():
                if file.records:
                    self.inputs["%s/%s" % (name, path)] = file
        self.streams = {name: number for number, name in enumerate(sorted(self.inputs), 1)}
        self.people: Dict[str, int] = {}
        self.duplicates: List[Tuple] = []
        self.written = {name: 0 for name in self.streams}
        self.findings: List[Tuple] = [("ROOM-NO-GUID", "warning", "", ""), ("PRIN-MISSING", "error", "", "")]
        if self.truth.reused:
            self.findings.append(("ID-REUSED", "warning", "", ""))

    def write(self) -> None:
        archive = self.made.archive
        for person in archive.people:
            self.people[person.address] = person.number
        self.content()
        self.compliance()
        self.directory(archive)
        self.ledger()
        for path, text in self.files.items():
            full = os.path.join(self.folder, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8", newline="") as out:
                out.write(text)
        seal(self.folder)

    def room(self, label: str) -> str:
        return label if "#" not in label and "/" not in label else str(uuid.uuid5(uuid.NAMESPACE_URL, label))

    def person(self, address: Optional[str]) -> str:
        if address is None:
            return ""
        return ' Author="%d"' % self.people.setdefault(address, 1000 + len(self.people))

    def source(self, origins: List[Tuple[str, int]], kept: str) -> str:
        first = origins[0]
        self.written[first[0]] += 1
        for stream, record in origins[1:]:
            self.duplicates.append((self.streams[stream], record, kept, "equal"))
        return "%d:%d" % (self.streams[first[0]], first[1])

    def content(self) -> None:
        rooms: Dict[str, List[Expected]] = {}
        for message in self.truth.messages:
            rooms.setdefault(self.room(message.room), []).append(message)
        for room, messages in rooms.items():
            messages.sort(
                key=lambda message: (message.ticks, min(number or 0 for number in message.chat_ids), message.normal)
            )
            numbers: List[str] = []
            seen: Dict[Tuple, int] = {}
            for message in messages:
                key = (room, message.ticks, message.author, message.normal)
                seen[key] = seen.get(key, 0) + 1
                numbers.append(
                    hashlib.sha256(repr(key + (seen[key],)).encode("ascii", "backslashreplace")).hexdigest()[:32]
                )
            lines = ['<Content xmlns="%s" Room="%s">' % (NAMESPACE, room)]
            for seq, (message, number) in enumerate(zip(messages, numbers), 1):
                chat_id = min((one for one in message.chat_ids if one is not None), default=None)
                conflict = next(
                    (
                        other
                        for rival, other in zip(messages, numbers)
                        if message.conflict
                        and rival.conflict
                        and rival is not message
                        and rival.ticks == message.ticks
                    ),
                    None,
                )
                lines.append(
                    '<Message Id="%s" Seq="%d"%s Time="%s"%s%s%s%s Source="%s">%s%s</Message>'
                    % (
                        number,
                        seq,
                        "" if chat_id is None else ' ChatId="%d"' % chat_id,
                        iso_of(message.ticks),
                        "" if message.precision == "ticks" else ' Precision="%s"' % message.precision,
                        self.person(message.author),
                        ' Alert="true"' if message.alert else "",
                        "" if conflict is None else ' Conflict="%s"' % conflict,
                        self.source(message.origins, number),
                        element("Text", sorted(message.texts)[0]),
                        element("Rtf", sorted(message.rtfs, key=str)[0]),
                    )
                )
            self.files["data/import/Content/%s.xml" % room] = "\n".join(lines + ["</Content>", ""])
        self.rooms = set(rooms)

    def compliance(self) -> None:
        rooms: Dict[str, List[str]] = {}
        for event in self.truth.events:
            rooms.setdefault(self.room(event.room), []).append(
                '<Event Type="%s" Time="%s"%s Source="%s">%s</Event>'
                % (
                    event.type or "SOMETHING",
                    iso_of(event.ticks),
                    self.person(event.person).replace("Author", "Person"),
                    self.source(event.origins, ""),
                    escape(event.content),
                )
            )
        for room, lines in rooms.items():
            self.files["data/compliance/%s.xml" % room] = '<Compliance xmlns="%s" Room="%s">%s</Compliance>' % (
                NAMESPACE,
                room,
                "".join(lines),
            )
        self.rooms |= set(rooms)

    def members(self, name: str, numbers) -> str:
        return "<%s>%s</%s>" % (name, "".join('<Member Person="%d"/>' % number for number in sorted(numbers)), name)

    def directory(self, archive: Archive) -> None:
        names = {person.address: person for person in archive.people}
        lines = []
        for address, number in self.people.items():
            person = names.get(address)
            lines.append(
                '<Person Id="%d" Guid="%s" Uri=%s %s Type="%s" Disabled="0"/>'
                % (
                    number,
                    person.guid if person else uuid.uuid5(uuid.NAMESPACE_URL, address),
                    quoteattr("sip:" + address),
                    attribute("Name", person.name if person else address),
                    "Unknown" if address.startswith("#") else "User",
                )
            )
        self.files["data/import/User.xml"] = '<Users xmlns="%s">%s</Users>' % (NAMESPACE, "".join(lines))
        lines = []
        for category in archive.categories[1:]:
            allowed = archive.allowed(category)
            lines.append(
                '<Category Guid="%s" %s%s>%s</Category>'
                % (
                    category.guid,
                    attribute("Name", category.flat_name()),
                    "" if allowed else ' Unrestricted="true"',
                    self.members("AllowedMembers", allowed),
                )
            )
        self.files["data/import/Category.xml"] = '<Categories xmlns="%s">%s</Categories>' % (
            NAMESPACE,
            "".join(lines),
        )
        lines = []
        for room in archive.rooms:
            lines.append(
                '<Room Guid="%s" %s Category="%s" Privacy="%s" Behavior="%s" Disabled="%s">%s%s%s</Room>'
                % (
                    room.guid,
                    attribute("Name", room.flat_name()),
                    room.parent.guid if room.parent else "",
                    {2: "Secret", 3: "Closed"}[room.visibility],
                    "Auditorium" if room.auditorium else "Normal",
                    "true" if room.disabled else "false",
                    self.members("Members", archive.holders(room, "Member")),
                    self.members("Managers", archive.holders(room, "Manager")),
                    self.members("Presenters", archive.holders(room, "Voiced")),
                )
            )
        for guid in sorted(self.rooms - {room.guid for room in archive.rooms}):
            lines.append('<Room Guid="%s" Name="%s"/>' % (guid, guid))
        self.files["data/import/RoomDirectory.xml"] = '<RoomDirectory xmlns="%s">%s</RoomDirectory>' % (
            NAMESPACE,
            "".join(lines),
        )
        self.counts = dict(rooms=len(lines), categories=len(archive.categories) - 1, people=len(self.people))

    def ledger(self) -> None:
        rejected = [
            (self.streams[stream], record, record + 1, 0, "bad", 'x, "y"') for stream, record in self.truth.rejected
        ]
        filtered = [(self.streams[stream], record, record, "period") for stream, record in self.truth.filtered]
        sources = []
        for name, number in sorted(self.streams.items(), key=lambda pair: pair[1]):
            file = self.inputs[name]
            sources.append(
                (
                    name,
                    len(file.data),
                    hashlib.sha256(file.data).hexdigest(),
                    "some",
                    len(file.records),
                    self.written[name],
                    *[sum(row[0] == number for row in rows) for rows in (self.duplicates, filtered, rejected)],
                )
            )
        for name, header, rows in (
            ("sources", "input,size,sha256,format,read,written,duplicate,filtered,rejected", sources),
            ("duplicates", "input,record,kept message id,rule", self.duplicates),
            ("conflicts", "one,other", []),
            ("filtered", "input,first record,last record,reason", filtered),
            ("rejected", "input,record,line,byte,cause,text", rejected),
            ("findings", "code,level,subject,detail", self.findings),
            ("names", "kind,guid,old path,new name", []),
        ):
            self.files["data/ledger/%s.csv" % name] = table(header, rows)
        totals = dict(
            zip(
                ("read", "written", "duplicate", "filtered", "rejected"),
                (sum(column) for column in list(zip(*sources))[4:]),
            )
        ) or dict.fromkeys(("read", "written", "duplicate", "filtered", "rejected"), 0)
        self.files["data/report.json"] = json.dumps(
            dict(
                totals=totals,
                sources=[row[0] for row in sources],
                findings={row[0]: 1 for row in self.findings},
                messages=len(self.truth.messages),
                events=len(self.truth.events),
                **self.counts,
            )
        )
        self.files["bagit.txt"] = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
        self.files["bag-info.txt"] = "Payload-Oxum: 0.0\n"
