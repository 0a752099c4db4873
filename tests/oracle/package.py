"""Reads a package and proves it, sharing nothing with the program that wrote it.

`Package(path)` reads a folder or a ZIP; `Package.problems()` lists, as sentences, every promise of the
design (section 4) that the package breaks: the bag and its manifests, the references between
documents, ids and order of messages, the ledger that accounts for every record, and the report.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import xml.etree.ElementTree as ElementTree
import zipfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Dict, List, Optional, Tuple

NAMESPACE = "{urn:gc2pc:package:1}"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,6}[1-9])?Z\Z")
LEDGERS = {
    "sources": "input,size,sha256,format,read,written,duplicate,filtered,rejected",
    "duplicates": "input,record,kept message id,rule",
    "conflicts": None,
    "filtered": "input,first record,last record,reason",
    "rejected": "input,record,line,byte,cause,text as far as it could be read",
    "findings": "code,level,subject,detail",
    "names": "kind,guid,old path,new name",
}


@dataclass
class Message:
    room: str
    id: str
    seq: int
    chat_id: Optional[int]
    ticks: int
    precision: str
    author: Optional[str]  # Person/@Id
    alert: bool
    conflict: Optional[str]
    sources: List[Tuple[int, int]]
    text: str
    rtf: Optional[str]


@dataclass
class Event:
    room: str
    type: str
    ticks: int
    person: Optional[str]
    content: str
    sources: List[Tuple[int, int]]


def read_csv(text: str, delimiter: str = ",") -> List[List[str]]:
    """A plain reader of delimited text; the csv module of older versions refuses NUL."""
    rows: List[List[str]] = []
    row: List[str] = []
    value: List[str] = []
    index, quoted = 0, False
    while index < len(text):
        char = text[index]
        if quoted:
            if char == '"' and text[index + 1 : index + 2] == '"':
                value.append('"')
                index += 1
            elif char == '"':
                quoted = False
            else:
                value.append(char)
        elif char == '"' and not value:
            quoted = True
        elif char == delimiter:
            row.append("".join(value))
            value = []
        elif char == "\n":
            rows.append(row + ["".join(value)])
            row, value = [], []
        elif char != "\r" or text[index + 1 : index + 2] != "\n":
            value.append(char)
        index += 1
    if row or value:
        rows.append(row + ["".join(value)])
    return rows


def ticks_of(text: str) -> int:
    whole, _, fraction = text.rstrip("Z").partition(".")
    delta = datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S") - datetime(1, 1, 1)
    return (delta.days * 86_400 + delta.seconds) * 10_000_000 + int((fraction + "0000000")[:7])


def unpack(encoded: str) -> str:
    return base64.b64decode(encoded, validate=True).decode("utf-16-le", "surrogatepass")


def content(element) -> str:
    """The text of an element, whichever way it is carried."""
    if element.get("encoding") == "utf-16le-base64":
        return unpack("".join((element.text or "").split()))
    return element.text or ""


def attribute(element, name: str) -> Optional[str]:
    wide = element.get(name + "Utf16")
    return element.get(name) if wide is None else unpack(wide)


def sources_of(element) -> List[Tuple[int, int]]:
    return [(int(part.split(":")[0]), int(part.split(":")[1])) for part in (element.get("Source") or "").split()]


class Package:
    def __init__(self, path: str):
        self.path = path
        self.status: Optional[int] = None  # the exit status of the program that wrote it
        self.faults: List[str] = []
        self.files: Dict[str, bytes] = self.read_zip(path) if os.path.isfile(path) else self.read_folder(path)
        self.people: Dict[str, dict] = {}
        self.categories: Dict[str, dict] = {}
        self.rooms: Dict[str, dict] = {}
        self.messages: List[Message] = []
        self.events: List[Event] = []
        self.ledger: Dict[str, List[dict]] = {}
        self.report: dict = {}
        for step in (
            self.read_people,
            self.read_categories,
            self.read_rooms,
            self.read_content,
            self.read_compliance,
            self.read_ledger,
            self.read_report,
        ):
            try:
                step()
            except Exception as error:  # a package that cannot be read is a finding, not a crash
                self.faults.append("%s: %s: %s" % (step.__name__, type(error).__name__, error))

    # Reading

    def read_folder(self, path: str) -> Dict[str, bytes]:
        files = {}
        for folder, _, names in os.walk(path):
            for name in names:
                full = os.path.join(folder, name)
                with open(full, "rb") as source:
                    files[os.path.relpath(full, path).replace(os.sep, "/")] = source.read()
        return files

    def read_zip(self, path: str) -> Dict[str, bytes]:
        files = {}
        top = os.path.splitext(os.path.basename(path))[0]
        with zipfile.ZipFile(path) as bag:
            for entry in bag.infolist():
                if entry.date_time != (1980, 1, 1, 0, 0, 0):
                    self.faults.append("%s: ZIP time %r" % (entry.filename, entry.date_time))
                if not entry.filename.startswith(top + "/"):
                    self.faults.append("%s: not in the folder %s" % (entry.filename, top))
                if entry.is_dir():
                    continue
                name = entry.filename[len(top) + 1 :]
                if name in files:
                    self.faults.append("%s: twice in the ZIP" % name)
                files[name] = bag.read(entry)
        return files

    def document(self, name: str, root: str):
        element = ElementTree.fromstring(self.files["data/" + name])
        if element.tag != NAMESPACE + root:
            self.faults.append("%s: root is %s" % (name, element.tag))
        return element

    def add(self, table: Dict[str, dict], key: Optional[str], value: dict, what: str) -> None:
        if not key or key in table:
            self.faults.append("%s %r: missing or twice" % (what, key))
        table[key or ""] = value

    def read_people(self) -> None:
        guids = set()
        for person in self.document("import/User.xml", "Users").iter(NAMESPACE + "Person"):
            value = {
                name: attribute(person, name) for name in ("Guid", "Uri", "SourceUri", "Name", "Type", "Disabled")
            }
            self.add(self.people, person.get("Id"), value, "Person Id")
            if value["Guid"] in guids:
                self.faults.append("Person Guid %s twice" % value["Guid"])
            guids.add(value["Guid"])
            if value["Disabled"] not in ("0", "1", "2"):
                self.faults.append("Person %s: Disabled is %r" % (person.get("Id"), value["Disabled"]))

    def lists(self, element, names: List[str]) -> Dict[str, List[str]]:
        result: Dict[str, List[str]] = {}
        for name in names:
            result[name] = []
            for group in element.findall(NAMESPACE + name):
                for member in group.findall(NAMESPACE + "Member"):
                    if member.get("Person") not in self.people:
                        self.faults.append("%s: no person %r" % (name, member.get("Person")))
                    result[name].append(member.get("Person"))
        return result

    def read_categories(self) -> None:
        for category in self.document("import/Category.xml", "Categories").iter(NAMESPACE + "Category"):
            value: dict = {
                name: attribute(category, name)
                for name in ("Name", "Description", "Invitations", "ChatHistory", "FileUpload", "Unrestricted")
            }
            value.update(self.lists(category, ["AllowedMembers", "DeniedMembers", "Creators"]))
            unrestricted = [group.get("Unrestricted") for group in category.findall(NAMESPACE + "AllowedMembers")]
            value["Unrestricted"] = value["Unrestricted"] or (unrestricted or [None])[0]
            self.add(self.categories, (category.get("Guid") or "").lower(), value, "Category")

    def read_rooms(self) -> None:
        root = self.document("import/RoomDirectory.xml", "RoomDirectory")
        add_ins = {element.get("Guid") for element in root.iter(NAMESPACE + "AddIn")}
        for room in root.iter(NAMESPACE + "Room"):
            value: dict = {
                name: attribute(room, name)
                for name in (
                    "Name",
                    "Category",
                    "Description",
                    "Privacy",
                    "Behavior",
                    "Invitations",
                    "Disabled",
                    "AddIn",
                )
            }
            value.update(self.lists(room, ["Members", "Managers", "Presenters"]))
            key = (room.get("Guid") or "").lower()
            self.add(self.rooms, key, value, "Room")
            if value["Category"] is not None and value["Category"].lower() not in self.categories:
                self.faults.append("Room %s: no category %s" % (key, value["Category"]))
            if value["AddIn"] and value["AddIn"] not in add_ins:
                self.faults.append("Room %s: no add-in %s" % (key, value["AddIn"]))

    def read_content(self) -> None:
        paths = [name for name in self.files if name.startswith("data/import/Content/")]
        for path in sorted(
            paths, key=lambda name: name.replace(".xml", ".0001.xml") if name.count(".") == 1 else name
        ):
            match = re.match(r"data/import/Content/([0-9a-f-]{36})(\.\d{4,})?\.xml\Z", path)
            root = self.document(path[len("data/") :], "Content")
            room = (root.get("Room") or "").lower()
            if match is None or match.group(1) != room:
                self.faults.append("%s: holds room %s" % (path, room))
            for element in root.iter(NAMESPACE + "Message"):
                self.check_time(path, element.get("Time"))
                texts, rtfs = element.findall(NAMESPACE + "Text"), element.findall(NAMESPACE + "Rtf")
                if len(texts) != 1 or len(rtfs) > 1:
                    self.faults.append("%s: message %s has %d texts" % (path, element.get("Id"), len(texts)))
                chat_id = element.get("ChatId")
                self.messages.append(
                    Message(
                        room,
                        element.get("Id") or "",
                        int(element.get("Seq") or "0"),
                        int(chat_id) if chat_id else None,
                        ticks_of(element.get("Time") or ""),
                        element.get("Precision") or "ticks",
                        element.get("Author"),
                        element.get("Alert") == "true",
                        element.get("Conflict"),
                        sources_of(element),
                        "".join(content(text) for text in texts),
                        content(rtfs[0]) if rtfs else None,
                    )
                )

    def read_compliance(self) -> None:
        for path in sorted(name for name in self.files if name.startswith("data/compliance/")):
            root = self.document(path[len("data/") :], "Compliance")
            room = (root.get("Room") or "").lower()
            for element in root.iter(NAMESPACE + "Event"):
                self.check_time(path, element.get("Time"))
                self.events.append(
                    Event(
                        room,
                        element.get("Type") or "",
                        ticks_of(element.get("Time") or ""),
                        element.get("Person"),
                        content(element),
                        sources_of(element),
                    )
                )

    def check_time(self, path: str, value: Optional[str]) -> None:
        if not TIME.match(value or ""):
            self.faults.append("%s: time %r" % (path, value))

    def read_ledger(self) -> None:
        for name, header in LEDGERS.items():
            data = self.files["data/ledger/%s.csv" % name].decode("utf-8")
            rows = read_csv(data)
            names = header.split(",") if header else rows[0]
            # Columns are taken by place.  A name of one word must be as the design has it; one of
            # several words may be prose there.
            for wanted, given in zip(names, rows[0] + [""] * len(names)):
                if given == "" or (" " not in wanted and given != wanted):
                    self.faults.append("%s.csv: a column %r where %r should be" % (name, given, wanted))
            self.ledger[name] = [dict(zip(names, row)) for row in rows[1:]]
            if any(len(row) != len(rows[0]) for row in rows):
                self.faults.append("%s.csv: rows of unequal length" % name)

    def read_report(self) -> None:
        self.report = json.loads(self.files["data/report.json"].decode("utf-8"))

    # Proving

    def problems(self, gaps: bool = False) -> List[str]:
        """Everything that is wrong; with `gaps` a `Seq` may be missing (messages left out on demand)."""
        if self.faults:
            return self.faults
        found: List[str] = []
        for step in (self.check_bag, self.check_references, self.check_records, self.check_report):
            try:
                step(found)
            except Exception as error:
                found.append("%s: %s: %s" % (step.__name__, type(error).__name__, error))
        self.check_order(found, gaps)
        return found

    def check_bag(self, found: List[str]) -> None:
        if self.files.get("bagit.txt") != b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n":
            found.append("bagit.txt: %r" % self.files.get("bagit.txt"))
        for name in self.files:
            if not re.match(r"[A-Za-z0-9._/-]+\Z", name) or ".." in name.split("/"):
                found.append("entry name %r" % name)
        payload = {name for name in self.files if name.startswith("data/")}
        tags = {name for name in self.files if "/" not in name and name != "tagmanifest-sha256.txt"}
        for manifest, wanted in (("manifest-sha256.txt", payload), ("tagmanifest-sha256.txt", tags)):
            listed = {}
            for line in self.files.get(manifest, b"").decode("utf-8").splitlines():
                digest, name = line.split(None, 1)
                if name in listed:
                    found.append("%s: %s twice" % (manifest, name))
                listed[name] = digest
            for name in sorted(wanted ^ set(listed)):
                found.append("%s: %s is %s" % (manifest, name, "not listed" if name in wanted else "not there"))
            for name in sorted(wanted & set(listed)):
                if hashlib.sha256(self.files[name]).hexdigest() != listed[name]:
                    found.append("%s: %s has another digest" % (manifest, name))
        match = re.search(rb"^Payload-Oxum: (\d+)\.(\d+)", self.files.get("bag-info.txt", b""), re.M)
        if match and (int(match.group(1)), int(match.group(2))) != (
            sum(len(self.files[name]) for name in payload),
            len(payload),
        ):
            found.append("bag-info.txt: Payload-Oxum is wrong")

    def check_references(self, found: List[str]) -> None:
        for item in self.messages + self.events:
            person = item.author if isinstance(item, Message) else item.person
            if person is not None and person not in self.people:
                found.append("%s: no person %r" % (item.room, person))
            if item.room not in self.rooms:
                found.append("no room %s" % item.room)
        ids = Counter(message.id for message in self.messages)
        for number, count in ids.items():
            if count > 1 or not re.match(r"[0-9a-f]{32}\Z", number):
                found.append("message id %r, %d times" % (number, count))
        by_id = {message.id: message for message in self.messages}
        for message in self.messages:
            other = by_id.get(message.conflict or "")
            if message.conflict is not None and (other is None or other.conflict is None):
                found.append("%s: conflict with %s, which does not know of it" % (message.id, message.conflict))
        for row in self.ledger["duplicates"]:
            kept = row["kept message id"]
            if re.match(r"[0-9a-f]{32}\Z", kept) and kept not in ids:
                found.append("duplicates.csv: no message %s" % kept)

    def check_order(self, found: List[str], gaps: bool) -> None:
        rooms = defaultdict(list)
        for message in self.messages:
            rooms[message.room].append(message)
        for room, own in rooms.items():
            numbers = [message.seq for message in own]
            if numbers != sorted(set(numbers)) or (not gaps and numbers != list(range(1, len(own) + 1))):
                found.append("room %s: Seq runs %r" % (room, numbers[:20]))
            for one, two in zip(own, own[1:]):
                if one.ticks > two.ticks:
                    found.append("room %s: Seq %d is later than its successor" % (room, one.seq))
                elif (
                    one.ticks == two.ticks
                    and one.precision == two.precision
                    and one.chat_id is not None
                    and two.chat_id is not None
                    and one.chat_id > two.chat_id
                ):
                    found.append("room %s: Seq %d has a greater chat id than its successor" % (room, one.seq))

    def stream_number(self, value: str) -> int:
        """A stream in a ledger: the row of sources.csv, or its name."""
        if value.isdigit():
            return int(value)
        return 1 + [row["input"] for row in self.ledger["sources"]].index(value)

    def fates(self) -> Dict[str, Counter]:
        """How often each (stream, record) is named, by fate."""
        result: Dict[str, Counter] = {name: Counter() for name in ("written", "duplicate", "filtered", "rejected")}
        for item in self.messages + self.events:
            result["written"].update(item.sources)
        for name, key in (("duplicates", "duplicate"), ("rejected", "rejected")):
            for row in self.ledger[name]:
                result[key][self.stream_number(row["input"]), int(row["record"])] += 1
        for row in self.ledger["filtered"]:
            stream = self.stream_number(row["input"])
            for record in range(int(row["first record"]), int(row["last record"]) + 1):
                result["filtered"][stream, record] += 1
        return result

    def check_records(self, found: List[str]) -> None:
        """Each record 1..read of each stream stands exactly once in the package."""
        fates = self.fates()
        everywhere: Counter = sum(fates.values(), Counter())
        expected: set = set()
        for number, row in enumerate(self.ledger["sources"], 1):
            expected.update((number, record) for record in range(1, int(row["read"]) + 1))
            for fate, names in fates.items():
                count = sum(times for (stream, _), times in names.items() if stream == number)
                if count != int(row[fate]):
                    found.append(
                        "sources.csv: %s says %s %s, the package holds %d" % (row["input"], row[fate], fate, count)
                    )
            if int(row["read"]) != sum(int(row[fate]) for fate in fates):
                found.append("sources.csv: %s does not add up" % row["input"])
        for record, count in everywhere.items():
            if record not in expected:
                found.append("record %d:%d was never read" % record)
            elif count != 1:
                found.append("record %d:%d stands %d times" % (record + (count,)))
        found += ["record %d:%d stands nowhere" % record for record in sorted(expected - set(everywhere))]
        for item in self.messages + self.events:
            if not item.sources:
                found.append("room %s: an entry without Source" % item.room)

    def check_report(self, found: List[str]) -> None:
        report, sources = self.report, self.ledger["sources"]
        wanted = {
            name: sum(int(row[name]) for row in sources)
            for name in ("read", "written", "duplicate", "filtered", "rejected")
        }
        if {name: report["totals"].get(name) for name in wanted} != wanted:
            found.append("report.json: totals %r, the ledger has %r" % (report["totals"], wanted))
        if len(report["sources"]) != len(sources):
            found.append("report.json: %d sources, the ledger has %d" % (len(report["sources"]), len(sources)))
        for name, items in (
            ("rooms", self.rooms),
            ("categories", self.categories),
            ("people", self.people),
            ("messages", self.messages),
            ("events", self.events),
        ):
            told = report[name] if isinstance(report[name], int) else len(report[name])
            if told != len(items):
                found.append("report.json: %s is %r, the package has %d" % (name, told, len(items)))
        codes = {row["code"] for row in self.ledger["findings"]}
        if set(report["findings"]) != codes:
            found.append("report.json: findings %r, the ledger has %r" % (sorted(report["findings"]), sorted(codes)))
        if wanted["written"] != len(self.messages) + len(self.events):
            found.append(
                "written is %d, but there are %d messages and %d events"
                % (wanted["written"], len(self.messages), len(self.events))
            )
