"""A random chat archive with known truth: people, categories, rooms, messages, events.

Nothing here knows of files.  The archive is what "really happened"; the renderers write parts of it
in many shapes.  The same seed makes the same archive.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Dict, List, Optional, Set, Tuple

from texts import RTF, WORDS, text

TICKS_1970 = 621_355_968_000_000_000
DOMAIN = "litware.example"


@dataclass(frozen=True)
class Person:
    number: int
    guid: str
    uri: str  # as stored: sip:, with capitals
    name: str
    type: int  # 5 user, 7 federated user
    disabled: bool

    @property
    def address(self) -> str:
        return self.uri[len("sip:") :].lower()


@dataclass(frozen=True)
class Node:
    """A category or a room of the tree."""

    number: int
    guid: str
    name: str
    parent: Optional["Node"]
    description: str
    override: bool = False  # the member list starts anew here
    disabled: bool = False
    auditorium: bool = False
    visibility: int = 2
    is_room: bool = False

    def path(self) -> List["Node"]:
        """The node and its ancestors, the root last."""
        return [self] + (self.parent.path() if self.parent else [])

    def flat_name(self) -> str:
        """The name in the flat model: below a subcategory the whole path, the root left out."""
        path = self.path()[:-1]
        if self.is_room and len(path) == 2:
            return self.name
        return "_".join(node.name for node in reversed(path))


@dataclass(frozen=True)
class Message:
    room: Node
    chat_id: int
    ticks: int
    author: Person
    text: str
    rtf: Optional[str] = None
    alert: bool = False


@dataclass(frozen=True)
class Happening:
    """A compliance event other than a join, a part or a message."""

    room: Node
    type: str
    person: Person
    ticks: int
    content: str


@dataclass(frozen=True)
class Stay:
    room: Node
    person: Person
    joined: int
    parted: Optional[int]


@dataclass
class Archive:
    people: List[Person]
    categories: List[Node]  # the root first
    rooms: List[Node]
    messages: List[Message]
    happenings: List[Happening]
    stays: List[Stay]
    roles: Set[Tuple[str, int, str]] = field(default_factory=set)  # node guid, person, role
    scopes: Set[Tuple[str, int]] = field(default_factory=set)  # category guid, person

    def person(self, number: int) -> Person:
        return next(person for person in self.people if person.number == number)

    def holders(self, room: Node, role: str) -> Set[int]:
        """The people who effectively have a role in a room."""
        if role == "Voiced":
            nodes = [room]
        else:
            nodes = []
            for node in room.path():
                nodes.append(node)
                if role == "Member" and node.override:
                    break
        guids = {node.guid for node in nodes}
        return {person for guid, person, name in self.roles if guid in guids and name == role}

    def role_definer(self, node: Node) -> Node:
        return next((step for step in node.path() if step.override), node.path()[-1])

    def scope_definer(self, node: Node) -> Node:
        scoped = {guid for guid, _ in self.scopes}
        return next((step for step in node.path() if step.guid in scoped), node.path()[-1])

    def allowed(self, category: Node) -> Set[int]:
        definer = self.scope_definer(category)
        return {person for guid, person in self.scopes if guid == definer.guid}


def ticks_of(moment: datetime) -> int:
    delta = moment - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return TICKS_1970 + (delta.days * 86_400 + delta.seconds) * 10_000_000 + delta.microseconds * 10


def date_of(ticks: int) -> datetime:
    """The moment of a tick, to the microsecond."""
    return datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=(ticks - TICKS_1970) // 10)


def iso_of(ticks: int) -> str:
    """ISO 8601 with up to 7 decimals, trailing zeros dropped, as .NET and the package write it."""
    fraction = ("%07d" % (ticks % 10_000_000)).rstrip("0")
    return date_of(ticks).strftime("%Y-%m-%dT%H:%M:%S") + ("." + fraction if fraction else "") + "Z"


def guid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def make(seed, *, most: int = 45, variants: bool = False) -> Archive:
    """Makes an archive.

    `variants` adds neighbours at one tick that differ in white space alone.
    """
    rng = random.Random("archive %s" % seed)
    people = make_people(rng)
    categories, rooms = make_tree(rng)
    archive = Archive(people, categories, rooms, [], [], [])
    assign_roles(rng, archive)
    for room in rooms:
        archive.messages += make_messages(rng, room, people, rng.randint(1, most), variants)
        make_events(rng, archive, room)
    return archive


def make_people(rng: random.Random) -> List[Person]:
    exotic = [
        "\u0141ukasz {}",
        "\u5f20\u4f1f {}",
        'O\'Neil, "Pat" {}',
        "Zo\u00eb & Co <{}>",
        "R\u00e9sum\u00e9;{}|x",
        "\U0001f98a {}",
        "\u05d3\u05d5\u05d3 {}",
        " padded {} ",
        "Ann\tTab {}",
        "bell\x07 {}",
    ]
    people = []
    for number in range(2, 2 + rng.randint(2, 9)):
        first = rng.choice(["Ann", "bob", "Kazuto", "EVE", "o.neil", "j-p", "x_y"])
        name = "%s Person %d" % (first, number)
        if rng.random() < 0.3:
            name = rng.choice(exotic).format(number)
        people.append(
            Person(
                number,
                guid(rng),
                "sip:%s%d@%s" % (first, number, rng.choice([DOMAIN, "Litware.Example"])),
                name,
                rng.choice([5, 5, 5, 5, 7]),
                rng.random() < 0.2,
            )
        )
    return people


def make_tree(rng: random.Random):
    """A tree of categories with rooms; every name unique, also after flattening.

    No room hangs directly under the root and none has scope rows: those rules have tests of their own.
    """
    exotic = [
        "\u00dcberblick {}",
        "\u4ea4\u6613 {}",
        'Team "A" {}',
        "R&D <{}>",
        "\U0001f4c8 {}",
        "a,b;c|{}",
        "it's {}",
    ]
    serial = [0]

    def name(kind: str) -> str:
        serial[0] += 1
        if rng.random() < 0.3:
            return rng.choice(exotic).format(serial[0])
        return "%s %s %d" % (kind, rng.choice(WORDS), serial[0])

    root = Node(1, guid(rng), "Root", None, "the root")
    categories = [root]
    for _ in range(rng.randint(1, 5)):
        parent = rng.choice([step for step in categories if len(step.path()) < 4])
        categories.append(
            Node(
                len(categories) * 10 + 1,
                guid(rng),
                name("Cat"),
                parent,
                rng.choice(["", "about it"]),
                override=rng.random() < 0.2,
            )
        )
    rooms = []
    for index in range(rng.randint(1, 5)):
        rooms.append(
            Node(
                300 + index * rng.randint(1, 3),
                guid(rng),
                name("Room"),
                rng.choice(categories[1:]),
                rng.choice(["", "daily talk", "NULL"]),
                override=rng.random() < 0.3,
                disabled=rng.random() < 0.2,
                auditorium=rng.random() < 0.2,
                visibility=rng.choice([2, 3]),
                is_room=True,
            )
        )
    unique = {room.number: room for room in reversed(rooms)}
    return categories, [unique[number] for number in sorted(unique)]


def assign_roles(rng: random.Random, archive: Archive) -> None:
    for node in archive.categories + archive.rooms:
        for role in ("Member", "Manager") + (("Voiced",) if node.auditorium else ()):
            if rng.random() < 0.5:
                for person in rng.sample(archive.people, rng.randint(1, min(3, len(archive.people)))):
                    archive.roles.add((node.guid, person.number, role))
        if not node.is_room and rng.random() < 0.4:
            for person in rng.sample(archive.people, rng.randint(1, len(archive.people))):
                archive.scopes.add((node.guid, person.number))


def make_messages(rng: random.Random, room: Node, people: List[Person], count: int, variants: bool):
    ticks = ticks_of(datetime(2008, 1, 1, tzinfo=timezone.utc)) + rng.randint(0, 5 * 365 * 86_400) * 10_000_000
    chat_id = rng.choice([1, 1, 17, 2**31 - 5, 3_000_000_000])
    messages: List[Message] = []

    def add(author: Person, body: str, rtf: Optional[str], alert: bool) -> None:
        nonlocal chat_id
        messages.append(Message(room, chat_id, ticks, author, body, rtf, alert))
        chat_id += rng.choice([1, 1, 1, 1, 2, 7])

    while len(messages) < count:
        ticks += rng.choice(
            [
                1,
                9_999,
                10_000,
                10_000_000 - ticks % 10_000_000,
                rng.randint(1, 600 * 10_000_000),
                rng.randint(1, 600 * 10_000_000),
                rng.randint(1, 86_400 * 10_000_000),
            ]
        )
        author = rng.choice(people)
        body = text(rng)
        rtf = rng.choice(RTF) if rng.random() < 0.3 else None
        alert = rng.random() < 0.1
        add(author, body, rtf, alert)
        dice = rng.random()
        if dice < 0.10:  # twins at one tick
            if rng.random() < 0.3:
                add(rng.choice(people), "between twins", None, False)
            for _ in range(rng.choice([1, 1, 2])):
                add(author, body, rtf, alert)
        elif dice < 0.15:  # the same words a moment later
            ticks += rng.choice([1, 3, 5_000])
            add(author, body, rtf, alert)
        elif dice < 0.20:  # another's same words at the same tick
            other = rng.choice(people)
            if other is not author:
                add(other, body, rtf, alert)
        elif dice < 0.26 and variants:  # the same but for white space
            for space in rng.sample([" ", "\t", "\r\n", "\n", "\r"], 2):
                add(author, "white%sspace" % space, rtf, alert)
        elif dice < 0.30:  # the clock was set back
            ticks -= rng.randint(1, 10_000_000)
    return messages


def make_events(rng: random.Random, archive: Archive, room: Node) -> None:
    """Joins, parts and the other things that compliance saw; their contents hold no line breaks."""
    spoken = sorted(message.ticks for message in archive.messages if message.room is room)
    first, last = spoken[0] - 10**8, spoken[-1] + 10**8
    taken = set(spoken)

    def moment() -> int:
        while True:
            ticks = rng.randint(first, last)
            if ticks not in taken:
                taken.add(ticks)
                return ticks

    for _ in range(rng.randint(0, 6)):
        one, two = sorted((moment(), moment()))
        archive.stays.append(Stay(room, rng.choice(archive.people), one, two if rng.random() < 0.8 else None))
    for _ in range(rng.randint(0, 6)):
        kind = rng.choice(["BACKCHAT", "FILEUPLOAD", "FILEDOWNLOAD", "ROOMRENAME"])
        content = {"BACKCHAT": "backchatcontent <x>", "ROOMRENAME": 'was: "old" & done'}.get(kind) or guid(
            rng
        ) + ".txt"
        archive.happenings.append(Happening(room, kind, rng.choice(archive.people), moment(), content))


def overlapping_spans(rng: random.Random, archive: Archive, count: int) -> List[Tuple[int, int]]:
    """Spans of ticks that overlap and together cover all messages."""
    ticks = sorted({message.ticks for message in archive.messages})
    cuts = sorted(rng.randint(0, len(ticks)) for _ in range(count - 1))
    spans = []
    for begin, end in zip([0] + cuts, cuts + [len(ticks)]):
        low, high = max(0, begin - rng.randint(0, 20)), min(len(ticks) - 1, end + rng.randint(0, 20))
        spans.append((ticks[min(low, len(ticks) - 1)], ticks[high]))
    return spans


def by_room(messages) -> Dict[Node, List[Message]]:
    result: Dict[Node, List[Message]] = {}
    for message in messages:
        result.setdefault(message.room, []).append(message)
    return result
