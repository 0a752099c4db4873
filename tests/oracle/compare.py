"""Compares a package with the truth, and two packages with each other.

All differences come back as sentences with the exact values, escaped, so that white space, control
characters and lone surrogates can be told apart in a log.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import permutations
from typing import Dict, List, Optional, Tuple

from archive import Archive, iso_of
from package import Message, Package
from truth import Expected, Truth, normal


def show(value) -> str:
    """A value for a log line: ASCII, not endless."""
    text = ascii(value)
    return text if len(text) <= 160 else "%s... (%d characters)" % (text[:160], len(text))


def address(person: Optional[dict]) -> Optional[str]:
    uri = (person or {}).get("Uri")
    if not uri:
        return None
    return (uri[4:] if uri.lower().startswith("sip:") else uri).lower()


def compare(truth: Truth, package: Package) -> List[str]:
    """What of the expected messages and events the package lacks, adds or tells otherwise."""
    rooms, found = match_rooms(truth, package)
    found += compare_messages(truth, package, rooms)
    found += compare_events(truth, package, rooms)
    report = package.report.get("totals", {})
    if report.get("read") != truth.read:
        found.append("read: expected %d, got %r" % (truth.read, report.get("read")))
    for name, records in (("rejected", truth.rejected), ("filtered", truth.filtered)):
        if report.get(name) != len(records):
            found.append("%s: expected %d, got %r" % (name, len(records), report.get(name)))
    return found


def match_rooms(truth: Truth, package: Package) -> Tuple[Dict[str, str], List[str]]:
    """The package's GUID for each room of the truth.

    A room without a GUID in its source gets one made of things that the design does not spell out;
    it is recognised by what was said in it.
    """

    def fingerprint(messages) -> Tuple:
        return tuple(
            sorted(
                (item.ticks, normal(min(item.texts)) if isinstance(item, Expected) else normal(item.text))
                for item in messages
            )
        )

    wanted, there = defaultdict(list), defaultdict(list)
    for message in truth.messages:
        wanted[message.room].append(message)
    for item in package.messages:
        there[item.room].append(item)
    known = {fingerprint(messages): room for room, messages in there.items() if room not in wanted}
    rooms, found = {}, []
    for room in set(wanted) | {event.room for event in truth.events}:
        if "#" not in room and "/" not in room:
            rooms[room] = room
        elif fingerprint(wanted[room]) in known:
            rooms[room] = known[fingerprint(wanted[room])]
        elif wanted[room]:
            found.append("room %s: no room of the package holds just its %d messages" % (room, len(wanted[room])))
    return rooms, found


def tell(room: str, ticks: int, author: Optional[str], text: str) -> str:
    return "room %s, %s (%d), %s, %s" % (room, iso_of(ticks), ticks, author, show(text))


def compare_messages(truth: Truth, package: Package, rooms: Dict[str, str]) -> List[str]:
    """Groups both sides by what identifies a class, then matches one to one."""
    found: List[str] = []
    wanted, there = defaultdict(list), defaultdict(list)
    anonymous = set()
    strangers: Dict[str, set] = defaultdict(set)
    authors = {number: address(person) for number, person in package.people.items()}
    for message in truth.messages:
        place = (rooms.get(message.room), message.ticks, message.precision, message.normal)
        if message.author is None or message.author.startswith("#"):
            anonymous.add(place)
        wanted[place].append(message)
    for item in package.messages:
        there[item.room, item.ticks, item.precision, normal(item.text)].append(item)
    for place in set(wanted) | set(there):
        room, ticks, precision, text = place
        more, less = there.get((str(room), ticks, precision, text), []), wanted.get(place, [])
        groups: Dict[Optional[str], Tuple[list, list]] = defaultdict(lambda: ([], []))
        for message in less:
            groups[None if place in anonymous else message.author][0].append(message)
        for item in more:
            groups[None if place in anonymous else authors.get(item.author or "")][1].append(item)
        for author, (expected, got) in groups.items():
            if len(expected) != len(got):
                found.append(
                    "%s, precision %s: expected %d, got %d"
                    % (tell(str(room), ticks, author, text), precision, len(expected), len(got))
                )
            else:
                found += match(expected, got)
        labels = {message.author or "" for message in less}
        if len(labels) == 1 and min(labels).startswith("#"):
            strangers[min(labels)].update(item.author for item in more)
    for label, numbers in strangers.items():
        kinds = {package.people.get(number or "", {}).get("Type") for number in numbers}
        if len(numbers) != 1 or kinds != {"Unknown"}:
            found.append(
                "author %s: expected one placeholder person, got %r of type %r"
                % (label, sorted(map(str, numbers)), sorted(map(str, kinds)))
            )
    if len(set().union(*strangers.values())) < len(strangers):
        found.append("authors %s: several have one placeholder person" % ", ".join(sorted(strangers)))
    if len(truth.messages) != len(package.messages):
        found.append("messages: expected %d, got %d" % (len(truth.messages), len(package.messages)))
    return found


def differences(expected: Expected, got: Message) -> List[str]:
    result = []
    for name, allowed, value in (
        ("text", expected.texts, got.text),
        ("rtf", expected.rtfs, got.rtf),
        ("chat id", expected.chat_ids, got.chat_id),
        ("alert", {expected.alert}, got.alert),
        ("conflict", {expected.conflict}, got.conflict is not None),
    ):
        if value not in allowed:
            result.append(
                "%s: expected %s, got %s" % (name, " or ".join(sorted(show(one) for one in allowed)), show(value))
            )
    return result


def match(expected: List[Expected], got: List[Message]) -> List[str]:
    """The differences under the kindest pairing of equal messages."""
    if len(got) > 6:
        orders = [sorted(got, key=lambda item: item.seq)]
    else:
        orders = [list(order) for order in permutations(got)]
    best: Optional[List[str]] = None
    for order in orders:
        result = []
        for one, other in zip(expected, order):
            result += [
                "%s [%s]: %s" % (tell(one.room, one.ticks, one.author, one.normal), other.id, line)
                for line in differences(one, other)
            ]
        if not result:
            return []
        if best is None or len(result) < len(best):
            best = result
    return best or []


def compare_events(truth: Truth, package: Package, rooms: Dict[str, str]) -> List[str]:
    found: List[str] = []
    wanted: Counter = Counter()
    there: Counter = Counter()
    types: Dict[Tuple, List[str]] = defaultdict(list)
    authors = {number: address(person) for number, person in package.people.items()}
    for item in package.events:
        place = (item.room, item.ticks, authors.get(item.person or ""), item.content)
        there[place] += 1
        types[place].append(item.type.upper())
    for event in truth.events:
        place = (rooms.get(event.room, event.room), event.ticks, event.person, event.content)
        if event.room not in rooms:  # a room without a GUID and without messages
            continue
        wanted[place] += 1
        if event.type is not None and place in types and event.type.upper() not in types[place]:
            found.append("event %s: expected type %s, got %r" % (tell(*place), event.type, types[place]))
    for place in sorted(set(wanted) | set(there), key=repr):
        if wanted[place] != there[place] and (place[0] in rooms.values() or wanted[place]):
            found.append("event %s: expected %d, got %d" % (tell(*place), wanted[place], there[place]))
    return found


def compare_structure(archive: Archive, package: Package) -> List[str]:
    """Names, settings, scopes and roles of the flat model, where a content database told them."""
    found: List[str] = []
    everybody = {person.number: person.address for person in archive.people}
    addresses = {number: address(person) for number, person in package.people.items()}

    def people(numbers) -> List[str]:
        return sorted(str(addresses.get(number)) for number in numbers)

    def expect(subject: str, what: str, wanted, got) -> None:
        if wanted != got:
            found.append("%s: %s: expected %s, got %s" % (subject, what, show(wanted), show(got)))

    for category in archive.categories[1:]:
        got = package.categories.get(category.guid)
        if got is None:
            found.append("category %s (%s) is missing" % (category.guid, show(category.name)))
            continue
        subject = "category " + category.guid
        expect(subject, "Name", category.flat_name(), got["Name"])
        allowed = archive.allowed(category)
        expect(
            subject, "AllowedMembers", sorted(everybody[number] for number in allowed), people(got["AllowedMembers"])
        )
        expect(subject, "Unrestricted", not allowed, got["Unrestricted"] == "true")
    for room in archive.rooms:
        got = package.rooms.get(room.guid)
        if got is None:
            found.append("room %s (%s) is missing" % (room.guid, show(room.name)))
            continue
        subject = "room " + room.guid
        expect(subject, "Name", room.flat_name(), got["Name"])
        expect(subject, "Category", (room.parent.guid if room.parent else None), (got["Category"] or "").lower())
        expect(subject, "Privacy", {2: "Secret", 3: "Closed"}[room.visibility], got["Privacy"])
        expect(subject, "Behavior", "Auditorium" if room.auditorium else "Normal", got["Behavior"])
        expect(subject, "Disabled", "true" if room.disabled else "false", got["Disabled"])
        for role, name in (("Member", "Members"), ("Manager", "Managers"), ("Voiced", "Presenters")):
            expect(
                subject, name, sorted(everybody[number] for number in archive.holders(room, role)), people(got[name])
            )
    by_guid = {(person["Guid"] or "").lower(): person for person in package.people.values()}
    for person in archive.people:
        got = by_guid.get(person.guid)
        if got is None:
            found.append("person %s (%s) is missing" % (person.guid, person.address))
        else:
            expect("person " + person.guid, "address", person.address, address(got))
            expect("person " + person.guid, "Name", person.name, got["Name"])
    return found


def essence(package: Package, message: Message) -> Tuple:
    """What must not depend on how the inputs were cut, ordered or repeated."""
    person = package.people.get(message.author or "", {})
    return (
        message.room,
        message.seq,
        message.id,
        message.ticks,
        message.precision,
        person.get("Guid"),
        message.text,
        message.rtf,
        message.alert,
        message.chat_id,
        message.conflict,
    )


def same_messages(one: Package, other: Package) -> List[str]:
    """Where two packages of the same records differ in their messages or events."""
    names = ("room", "Seq", "Id", "ticks", "precision", "author", "text", "rtf", "alert", "chat id", "conflict")
    left, right = (
        {item[:2]: item for item in (essence(package, message) for message in package.messages)}
        for package in (one, other)
    )
    found = []
    for place in sorted(set(left) | set(right)):
        if place not in left or place not in right:
            found.append("room %s, Seq %d: only in the %s" % (place + ("base" if place in left else "variant",)))
        elif left[place] != right[place]:
            found.append(
                "room %s, Seq %d: " % place
                + "; ".join(
                    "%s %s became %s" % (name, show(before), show(after))
                    for name, before, after in zip(names, left[place], right[place])
                    if before != after
                )
            )
    events = [
        Counter(
            (item.room, item.type, item.ticks, address(package.people.get(item.person or "")), item.content)
            for item in package.events
        )
        for package in (one, other)
    ]
    for event in sorted((events[0] - events[1]) + (events[1] - events[0]), key=repr):
        found.append("event %s: %d became %d" % (show(event), events[0][event], events[1][event]))
    return found
