"""The remains of an archive: dumps, compliance XML, compliance tables, as folders of files.

A part fixes *which records* exist, once, from a seed.  It can then lay them out in files again and
again, cut differently each time; the messages a conversion finds must not depend on that.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Dict, List, Optional, Set, Tuple

import compliance
from archive import Archive, Message, Node
from compliance import Item, Style
from shapes import CARRIER, Rendered, Shape, carries_row, choose, file_name, random_shape, render
from tables import EVENT_TYPES, Numbers, chat_row, compliance_row, participant_row, structure
from truth import COMPLIANCE, DATABASE, RTF, Record, normal

NEEDED = ["tblNode", "tblPrincipal", "tblPrincipalType", "tblRoleType", "tblPrincipalRole", "tblScopePrincipal"]
REPLACED = "This message was replaced by the Persistent Chat administrator."


@dataclass
class TableSource:
    """What a second reader needs to read a table file without any detection."""

    shape: Shape
    rendered: Rendered
    rows: List[dict]


@dataclass
class File:
    data: bytes
    records: List[Record]
    table: Optional[TableSource] = None


Files = Dict[str, File]


class Part:
    """One folder of remains; `render` lays it out, `cut` asks for another layout than the usual one."""

    def render(self, rng: random.Random, cut: bool, plain: bool = False) -> Files:
        raise NotImplementedError


def put_table(
    files: Files,
    rng: random.Random,
    folder: str,
    table: str,
    generation: int,
    shape: Shape,
    rows: List[dict],
    records: List[Record],
    number: Optional[int] = None,
) -> None:
    if not rows and not shape.header:
        shape = CARRIER  # a file of no bytes at all says nothing
    rendered = render(rng, shape, table, generation, rows)
    path = folder + file_name(rng, table, shape, number)
    files[path] = File(rendered.data, records, TableSource(shape, rendered, rows))
    if rendered.format_file is not None:
        files[path[: -len(shape.extension)] + ".fmt"] = File(rendered.format_file, [])


def pieces(rng: random.Random, entries: List[Tuple[dict, Record]], count: int, keep_twins: bool):
    """Cuts rows into `count` lists, some rows standing in two of them.

    With `keep_twins` equal messages stay together: where each file is a numbering of its own, the
    design gives a count only then.
    """
    result: List[List[Tuple[dict, Record]]] = [[] for _ in range(count)]
    blocks = rng.random() < 0.5
    homes: Dict[Tuple, int] = {}
    for index, entry in enumerate(entries):
        record = entry[1]
        home = index * count // len(entries) if blocks else rng.randrange(count)
        if keep_twins:
            home = homes.setdefault((record.room, record.author, record.ticks, normal(record.text)), home)
        result[home].append(entry)
        if not keep_twins and rng.random() < 0.1:
            result[rng.randrange(count)].append(entry)
    return [piece for piece in result if piece]


class Dump(Part):
    """A content database as table exports."""

    def __init__(
        self,
        rng: random.Random,
        archive: Archive,
        generation: int,
        numbers: Optional[Numbers] = None,
        messages: Optional[List[Message]] = None,
        shape: Optional[Shape] = None,
        alone: bool = True,
        keep_twins: bool = False,
        bare: bool = False,
        replaced: Optional[Set[Message]] = None,
    ):
        self.archive, self.generation, self.numbers = archive, generation, numbers or Numbers()
        self.alone, self.keep_twins, self.bare = alone, keep_twins, bare
        self.shape = shape or random_shape(rng)
        chosen = list(archive.messages if messages is None else messages)
        if rng.random() < 0.4:
            rng.shuffle(chosen)
        wanted = chosen
        self.messages = []
        for message in wanted:
            if message in (replaced or set()):
                message = replace(message, text=REPLACED, rtf=None)
            probe = dict(content=message.text, rtf=message.rtf if generation == 2013 else None)
            if carries_row(self.shape, probe):
                self.messages.append(message)
        self.broken: Dict[Message, Tuple[str, str]] = {}

    def renumber(self, chat_ids: Dict[Message, int]) -> None:
        self.numbers.chat_ids = chat_ids

    def drop_rooms(self, rooms: Set[Node]) -> None:
        self.messages = [message for message in self.messages if message.room not in rooms]

    def damage(self, rng: random.Random, count: int) -> None:
        """Breaks some rows so that no reader can use them."""
        for message in rng.sample(self.messages, min(count, len(self.messages))):
            self.broken[message] = rng.choice([("chatDate", "yesterday"), ("chatId", "x7"), ("channelId", "n/a")])

    def record(self, message: Message) -> Record:
        if message in self.broken:
            return Record("bad")
        numbers = self.numbers
        person = message.author
        label = person.address
        if self.bare or person.number in numbers.skip_people:
            label = "#%d" % numbers.person(person.number)
        channel = numbers.node(message.room)
        rtf = message.rtf if self.generation == 2013 else None
        return Record(
            "message",
            "#%d" % channel if self.bare else message.room.guid,
            message.ticks,
            "ticks",
            label,
            message.text,
            rtf,
            message.alert,
            numbers.chat_id(message),
            ("db", channel),
            DATABASE if rtf is None else RTF,
        )

    def entries(self) -> List[Tuple[dict, Record]]:
        result = []
        for message in self.messages:
            row = chat_row(message, self.numbers)
            if message in self.broken:
                column, value = self.broken[message]
                row[column] = value
            result.append((row, self.record(message)))
        return result

    def render(self, rng: random.Random, cut: bool, plain: bool = False) -> Files:
        files: Files = {}
        entries = self.entries()
        shape = replace(CARRIER, shuffled=True) if plain else self.shape
        layout = rng.choice(["beside", "below", "apart"] if self.alone else ["beside"]) if cut else "beside"
        home = "structure/" if layout == "apart" else ""
        if not self.bare:
            for table, rows in structure(self.archive, self.generation, self.numbers).items():
                if table in NEEDED or rng.random() < 0.5:
                    put_table(files, rng, home, table, self.generation, choose(rng, rows), rows, [])
        if not cut:
            put_table(
                files,
                rng,
                "",
                "tblChat",
                self.generation,
                shape,
                [row for row, _ in entries],
                [record for _, record in entries],
            )
            return files
        parts = pieces(rng, entries, rng.randint(2, 5), self.keep_twins) if entries else []
        for number, piece in enumerate(parts, 1):
            folder = {"beside": "", "below": "part%d/" % number, "apart": "chat/%d/" % number}[layout]
            put_table(
                files,
                rng,
                folder,
                "tblChat",
                self.generation,
                shape,
                [row for row, _ in piece],
                [record for _, record in piece],
                number if layout == "beside" else None,
            )
        return files


class Xml(Part):
    """An archive of compliance XML; `items` says what it holds."""

    def __init__(self, items: List[Item], style: Style, files: int, one_room: bool):
        self.items, self.style, self.files, self.one_room = items, style, files, one_room

    def render(self, rng: random.Random, cut: bool, plain: bool = False) -> Files:
        count, one_room = self.files, self.one_room
        if cut:
            count, one_room = rng.choice([1, 2, 7, 40]), rng.random() < 0.5
        groups = compliance.slices(rng, self.items, count)
        files: Files = {}
        for number, items in enumerate(compliance.documents(rng, groups, one_room)):
            data, records = compliance.document(rng, items, self.style)
            folder = "%d/" % (number // 100) if len(groups) > 100 else ""
            files["%s%s%04d.xml" % (folder, "out" if rng.random() < 0.5 else "Conversations-", number)] = File(
                data, records
            )
        return files


class FileDump(Part):
    def __init__(self, items: List[Item], files: int):
        self.items, self.files = items, files

    def render(self, rng: random.Random, cut: bool, plain: bool = False) -> Files:
        count = rng.choice([1, 2, 9]) if cut else self.files
        return {
            "dump%03d.xml" % number: File(*compliance.filedump(rng, items))
            for number, items in enumerate(compliance.slices(rng, self.items, count))
        }


class ComplianceTables(Part):
    """The compliance database: chat, other events, and stays (a join and perhaps a part a row)."""

    def __init__(
        self, rng: random.Random, archive: Archive, messages: List[Message], stays, happenings, odd_types: bool
    ):
        shape = random_shape(rng)
        self.shape = CARRIER if shape.family == "csv" and not shape.header else shape
        self.data: List[Tuple[dict, List[Record]]] = []
        self.participants: List[Tuple[dict, List[Record]]] = []
        serial = 0
        for message in messages:
            # The column is nullable: a text that looks like a NULL would be in doubt.
            if message.text in ("", "NULL", "null", "\\N") or not carries_row(self.shape, dict(text=message.text)):
                continue
            serial += 1
            row = compliance_row(
                serial, 1, message.room, message.author, message.ticks, message.chat_id, message.text
            )
            self.data.append(
                (
                    row,
                    [
                        Record(
                            "message",
                            message.room.guid,
                            message.ticks,
                            "ticks",
                            message.author.address,
                            message.text,
                            chat_id=message.chat_id,
                            numbering=("compliance",),
                            rank=COMPLIANCE,
                        )
                    ],
                )
            )
        for happening in happenings:
            kind = EVENT_TYPES.get(happening.type)
            if kind is None:
                if not odd_types:
                    continue
                kind = rng.choice([6, 9, 10, 11])
            if not carries_row(self.shape, dict(text=happening.content)):
                continue
            serial += 1
            row = compliance_row(
                serial, kind, happening.room, happening.person, happening.ticks, None, happening.content
            )
            # The design names no event types for this table: any name will do.
            self.data.append(
                (
                    row,
                    [
                        Record(
                            "event",
                            happening.room.guid,
                            happening.ticks,
                            "ticks",
                            happening.person.address,
                            happening.content,
                        )
                    ],
                )
            )
        for stay in stays:
            both = [("JOIN", stay.joined)] + ([("PART", stay.parted)] if stay.parted is not None else [])
            self.participants.append(
                (
                    participant_row(stay),
                    [
                        Record("event", stay.room.guid, ticks, "ticks", stay.person.address, "", type=kind)
                        for kind, ticks in both
                    ],
                )
            )

    def render(self, rng: random.Random, cut: bool, plain: bool = False) -> Files:
        files: Files = {}
        shape = replace(CARRIER, shuffled=True) if plain else self.shape
        for table, entries in (("tblComplianceData", self.data), ("tblComplianceParticipant", self.participants)):
            count = rng.randint(2, 4) if cut and entries else 1
            for number in range(count):
                own = entries[number * len(entries) // count : (number + 1) * len(entries) // count]
                rows = [row for row, _ in own]
                fit = shape if all(carries_row(shape, row) for row in rows) else CARRIER
                put_table(
                    files,
                    rng,
                    "",
                    table,
                    2013,
                    fit,
                    rows,
                    [record for _, group in own for record in group],
                    number + 1 if count > 1 else None,
                )
        return files
