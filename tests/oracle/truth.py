"""What a conversion must say: a plain, slow reading of the identity rules (design, section 7).

The generator knows which record it wrote where.  From those records, and never from bytes, this
module works out the expected messages and events.  It is written to be read beside the design, one
function a rule, and uses nothing but lists and dictionaries; its cost does not matter.

Where the design leaves a choice open ("ties by content"), an expectation holds the *set* of allowed
values.  Where it would leave open how many messages there are, or which text belongs to which,
`Ambiguous` is raised: the generator must then not produce such an archive, and the self-test makes
sure that it doesn't.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Dict, List, Optional, Set, Tuple

# A coarse time is an interval of ticks: milliseconds and seconds are truncated.  (`datetime`, which
# rounds to 1/300 s, is not generated: no source says that a dump of chatDate has that form.)
SPAN = {"ticks": 1, "ms": 10_000, "s": 10_000_000}

# The richer form survives.  XML and the compliance tables share a rank, since the design does not
# order them against each other.
RTF, DATABASE, COMPLIANCE, FILEDUMP = range(4)


class Ambiguous(Exception):
    """The design does not settle what becomes of these records."""


@dataclass(frozen=True)
class Record:
    """One message or event as it stands in a stream."""

    kind: str  # message, event, or bad (a row that cannot be used)
    room: str = ""  # GUID, or a label where the source knows none
    ticks: int = 0
    precision: str = "ticks"
    author: Optional[str] = None  # address, lower case, no sip:; a label where unknown
    text: str = ""
    rtf: Optional[str] = None
    alert: Optional[bool] = None
    chat_id: Optional[int] = None
    numbering: Tuple = ()  # the family of chat ids: a channelId, or an XML domain
    rank: int = DATABASE
    type: Optional[str] = None  # of an event; None where the design gives it no name

    @property
    def interval(self) -> Tuple[int, int]:
        return self.ticks, self.ticks + SPAN[self.precision] - 1


@dataclass
class Stream:
    """One record stream: a file, or an entry of an archive."""

    name: str
    records: List[Record]


@dataclass
class Expected:
    """A message that must be in the package, with every value it may carry."""

    room: str
    ticks: int
    precision: str
    author: Optional[str]
    normal: str
    texts: Set[str]
    rtfs: Set[Optional[str]]
    alert: bool
    chat_ids: Set[Optional[int]]
    conflict: bool = False
    origins: List[Tuple[str, int]] = field(default_factory=list)  # (stream, record from 1)


@dataclass
class ExpectedEvent:
    room: str
    type: Optional[str]
    person: Optional[str]
    ticks: int
    content: str
    origins: List[Tuple[str, int]] = field(default_factory=list)


@dataclass
class Truth:
    messages: List[Expected]
    events: List[ExpectedEvent]
    read: int
    rejected: List[Tuple[str, int]]
    filtered: List[Tuple[str, int]]
    reused: bool


def normal(text: str) -> str:
    """The text that serves keys: what a reader of an XML attribute would see."""
    return re.sub("\r\n|[\r\n\t]", " ", text)


def agree(one: Record, other: Record) -> bool:
    """Whether two records may have the same time and author; no author agrees with any."""
    (low, high), (other_low, other_high) = one.interval, other.interval
    times = low <= other_high and other_low <= high
    return times and (one.author is None or other.author is None or one.author == other.author)


@dataclass
class Unit:
    """Records of one numbering with one chat id in one class: rule 1 makes them one message."""

    numbering: Tuple
    order: Tuple  # (time, chat id): the order in which coarse ones choose
    chat_id: Optional[int]
    records: List[Record]
    origins: List[Tuple[str, int]]

    @property
    def first(self) -> Record:
        return self.records[0]


@dataclass
class Slot:
    """A message to be: at most one unit of each numbering."""

    units: List[Unit] = field(default_factory=list)
    rivals: Set[Optional[int]] = field(default_factory=set)  # chat ids of twins it may have instead

    @property
    def records(self) -> List[Record]:
        return [record for unit in self.units for record in unit.records]

    def takes(self, unit: Unit) -> bool:
        return all(agree(unit.first, record) for record in self.records)


def expected(streams: List[Stream], since: Optional[int] = None, until: Optional[int] = None) -> Truth:
    """The truth of an archive: its messages and events, and the fate of the other records."""
    messages, events, rejected, filtered = [], [], [], []
    read = 0
    for stream in streams:
        for index, record in enumerate(stream.records, 1):
            read += 1
            origin = (stream.name, index)
            if record.kind == "bad":
                rejected.append(origin)
            elif (since is not None and record.ticks < since) or (until is not None and record.ticks > until):
                filtered.append(origin)
            elif record.kind == "event":
                events.append((origin, record))
            else:
                messages.append((origin, record))
    numbered, reused = resolve_numberings(messages)
    groups: Dict[Tuple[str, str], List] = defaultdict(list)
    for origin, record, numbering in numbered:
        groups[record.room, normal(record.text)].append((origin, record, numbering))
    slots: List[Slot] = []
    for group in groups.values():
        slots += settle(group)
    result = [(slot, describe(slot)) for slot in slots]
    mark_conflicts(result)
    return Truth([message for _, message in result], settle_events(events), read, rejected, filtered, reused)


def resolve_numberings(messages):
    """Splits a numbering by stream where one chat id in it stands for two times or authors.

    Records without a chat id count per document: their numbering is the stream.
    """
    families: Dict[Tuple, List[Record]] = defaultdict(list)
    for _, record in messages:
        if record.chat_id is not None:
            families[record.room, record.numbering, record.chat_id].append(record)
    reused = set()
    for (room, numbering, _), records in families.items():
        if not all(agree(records[0], other) for other in records):
            reused.add((room, numbering))
    result = []
    for origin, record in messages:
        if record.chat_id is None:
            numbering = ("document", origin[0])
        elif (record.room, record.numbering) in reused:
            numbering = ("stream", record.numbering, origin[0])
        else:
            numbering = record.numbering
        result.append((origin, record, numbering))
    return result, bool(reused)


def settle(group) -> List[Slot]:
    """The messages of one room and one normal text (rules 1 and 2)."""
    fine, coarse = defaultdict(list), []
    for entry in group:
        record = entry[1]
        if record.precision == "ticks" and record.author is not None:
            fine[record.author, record.ticks].append(entry)
        else:
            coarse.append(entry)
    slots: List[Slot] = []
    for entries in fine.values():
        slots += settle_class(entries)
    for unit in sorted(units_of(coarse), key=lambda unit: (repr(unit.numbering), unit.order)):
        place_coarse(unit, slots)
    return slots


def units_of(entries) -> List[Unit]:
    """Rule 1: the records of one numbering with one chat id are one."""
    units: Dict[Tuple, Unit] = {}
    for origin, record, numbering in entries:
        # Without a chat id every record of a document stands for itself.
        mark = record.chat_id if record.chat_id is not None else origin
        key = (numbering, mark, record.ticks, record.precision, record.author)
        unit = units.get(key)
        if unit is None:
            order = (record.ticks, record.chat_id or 0, origin[1])
            unit = units[key] = Unit(numbering, order, record.chat_id, [], [])
        unit.records.append(record)
        unit.origins.append(origin)
    return list(units.values())


def settle_class(entries) -> List[Slot]:
    """Rule 2: as many messages as the numbering with most distinct chat ids, matched one to one."""
    by_numbering = defaultdict(list)
    for unit in units_of(entries):
        by_numbering[unit.numbering].append(unit)
    slots = [Slot() for _ in range(max(len(units) for units in by_numbering.values()))]
    for units in by_numbering.values():
        for slot, unit in zip(slots, sorted(units, key=lambda unit: unit.order)):
            slot.units.append(unit)
    refuse_open_pairing(slots, by_numbering)
    return slots


def refuse_open_pairing(slots: List[Slot], by_numbering) -> None:
    """Refuses classes in which the unstated choice of partners would show in the package.

    Only chat ids may hang on that choice: they become alternatives of one another.
    """
    if len(slots) == 1 or len(by_numbering) == 1:
        return
    records = [record for slot in slots for record in slot.records]
    best = min(record.rank for record in records)
    kings = [
        units
        for units in by_numbering.values()
        if any(record.rank == best for unit in units for record in unit.records)
    ]
    reign = all(
        len(units) == len(slots) and all(any(record.rank == best for record in unit.records) for unit in units)
        for units in kings
    )
    if reign and len(kings) == 1:
        return  # the richest numbering holds every message: all others only add to it
    heard = [record for record in records if record.rank == best] if reign else records
    if len({record.text for record in heard}) > 1 or len({record.rtf for record in heard}) > 1:
        raise Ambiguous("which twin goes with which: %r" % [record.text for record in heard])
    for slot in slots:
        slot.rivals = {record.chat_id for record in heard}


def place_coarse(unit: Unit, slots: List[Slot]) -> None:
    """A coarse record takes the earliest finer one still free."""
    free = []
    for slot in slots:
        if not slot.takes(unit):
            continue
        mine = [other for other in slot.units if other.numbering == unit.numbering]
        if not mine:
            free.append(slot)
        elif any(SPAN[other.first.precision] < SPAN[unit.first.precision] for other in mine):
            # Finer and coarser forms of one numbering: rule 1 and "the earliest free" may disagree.
            raise Ambiguous("one numbering in two precisions: %r" % unit.first.text)
    if free:
        slot = min(free, key=lambda slot: min((SPAN[r.precision], r.ticks, r.chat_id or 0) for r in slot.records))
        if SPAN[unit.first.precision] > 1 and all(
            r.precision == unit.first.precision and r.author != unit.first.author for r in slot.records
        ):
            raise Ambiguous("two coarse sources, one without authors: %r" % unit.first.text)
        slot.units.append(unit)
    else:
        slots.append(Slot([unit]))


def describe(slot: Slot) -> Expected:
    """The richest form survives; what only the others know is merged in."""
    records = slot.records
    best = min(record.rank for record in records)
    top = [record for record in records if record.rank == best]
    finest = min(records, key=lambda record: (SPAN[record.precision], record.ticks))
    authors = {record.author for record in records if record.author is not None}
    rtfs: Set[Optional[str]] = {record.rtf for record in records if record.rtf is not None}
    alerts = {record.alert for record in records if record.alert is not None}
    if len(alerts) > 1 or len(authors) > 1:
        raise Ambiguous("a message with two authors, or an alert in one source and none in another")
    ids: Set[Optional[int]] = {record.chat_id for record in top if record.chat_id is not None}
    ids = ids or {record.chat_id for record in records if record.chat_id is not None}
    return Expected(
        room=finest.room,
        ticks=finest.ticks,
        precision=finest.precision,
        author=authors.pop() if authors else None,
        normal=normal(finest.text),
        texts={record.text for record in top},
        rtfs=rtfs or {None},
        alert=True in alerts,
        chat_ids=(ids | slot.rivals) or {None},
        origins=[origin for unit in slot.units for origin in unit.origins],
    )


def mark_conflicts(result) -> None:
    """Rule 3: room, chat id, author and time equal, text not: both are kept and marked."""
    places = defaultdict(list)
    for slot, message in result:
        seen = set()
        for unit in slot.units:
            record = unit.first
            key = (record.room, record.chat_id, record.author, record.ticks)
            if record.chat_id is None or record.author is None or key in seen:
                continue
            seen.add(key)
            places[key].append((slot, message, unit))
            if record.precision != "ticks" and any(
                expectation.normal != message.normal
                and other.takes(unit)
                and record.chat_id in {rival.chat_id for rival in other.records}
                for other, expectation in result
            ):
                raise Ambiguous("a conflict with a coarse time: %r" % record.text)
    for sides in places.values():
        if len({message.normal for _, message, _ in sides}) < 2:
            continue
        numberings = {unit.numbering for _, _, unit in sides}
        databases = {numbering for numbering in numberings if numbering[0] in ("db", "stream")}
        if len(sides) != 2 or len(databases) > 1:
            # Chat ids of two databases that number differently are not comparable.
            raise Ambiguous("a conflict of more than two, or of two databases")
        for _, message, _ in sides:
            message.conflict = True


def settle_events(events) -> List[ExpectedEvent]:
    """Events: room, type, person, time and content equal are one."""
    result: Dict[Tuple, ExpectedEvent] = {}
    for origin, record in events:
        key = (record.room, record.type, record.author, record.ticks, record.text)
        event = result.setdefault(
            key, ExpectedEvent(record.room, record.type, record.author, record.ticks, record.text)
        )
        event.origins.append(origin)
    return list(result.values())
