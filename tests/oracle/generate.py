"""Scenarios: from a seed, a random archive and some of its remains in many shapes.

A `Plan` holds the parts of one scenario and can lay them out as inputs in several variants:

    base    as the scenario says
    cut     the same records in other files and folders
    plain   the dumps in another shape (UTF-16, all quoted, columns shuffled)
    twice   every input given twice, and once more as a copy under another name
    wrap    folders as ZIP, or files as gzip

The messages must be the same in all of them.  `python3 generate.py SEED SCENARIO FOLDER [VARIANT]`
writes the inputs of one, to look at.
"""

from __future__ import annotations

import gzip
import io
import os
import random
import sys
import zipfile
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Mapping, Optional, Set, Tuple

sys.dont_write_bytecode = True  # the source tree stays as it is

import archive as archives
import compliance
from archive import Archive, Message, Node
from compliance import Style
from parts import ComplianceTables, Dump, FileDump, Files, Part, Xml
from shapes import choose
from tables import Numbers
from truth import Stream, normal

VARIANTS = ("base", "cut", "plain", "twice", "wrap")


@dataclass
class Plan:
    name: str
    seed: int
    archive: Archive
    parts: Mapping[str, Part]
    structure: bool = False  # rooms, categories and roles are as in the archive
    options: List[str] = field(default_factory=list)
    since: Optional[int] = None
    until: Optional[int] = None
    variants: Tuple[str, ...] = VARIANTS
    nested: bool = False  # all parts as folders of one input
    reused: bool = False  # the finding ID-REUSED must be there
    findings: Tuple[str, ...] = ()  # codes that must be there

    def inputs(self, variant: str = "base") -> Dict[str, Files]:
        """The inputs by name; a name is the last component of an argument."""
        result: Dict[str, Files] = {}
        for name, part in self.parts.items():
            mark = variant if variant in ("cut", "plain") else "base"
            rng = random.Random("%s %s %s %s" % (self.seed, self.name, name, mark))
            result[name] = part.render(rng, variant == "cut", variant == "plain")
        if self.nested:
            result = {
                "remains": {
                    "%s/%s" % (name, path): file for name, files in result.items() for path, file in files.items()
                }
            }
        if variant == "twice":
            result.update({"copy-of-" + name: files for name, files in list(result.items())})
        return result

    def streams(self, variant: str = "base") -> List[Stream]:
        """All records, stream by stream, as the truth wants them."""
        return [
            Stream("%s/%s" % (name, path), file.records)
            for name, files in self.inputs(variant).items()
            for path, file in sorted(files.items())
            if file.records
        ]

    def write(self, folder: str, variant: str = "base") -> List[str]:
        """Writes the inputs and returns the arguments for them."""
        rng = random.Random("wrap %s %s" % (self.seed, self.name))
        arguments = []
        for name, files in self.inputs(variant).items():
            if variant == "wrap" and (rng.random() < 0.6 or any(path.endswith(".fmt") for path in files)):
                target = os.path.join(folder, name + ".zip")
                put(target, zipped(files, rng))
            else:
                target = os.path.join(folder, name)
                for path, file in files.items():
                    packed = variant == "wrap" and rng.random() < 0.7
                    put(
                        os.path.join(target, path + (".gz" if packed else "")),
                        gzip.compress(file.data, mtime=0) if packed else file.data,
                    )
            arguments.append(target)
        return arguments * 2 if variant == "twice" else arguments


def put(path: str, data: bytes) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as out:
        out.write(data)


def zipped(files: Files, rng: random.Random) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", rng.choice([zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])) as bag:
        for path, file in files.items():
            bag.writestr(zipfile.ZipInfo(path, (2012, 5, 27, 12, 0, 0)), file.data, bag.compression)
    return buffer.getvalue()


def within(messages: List[Message], span: Tuple[int, int]) -> List[Message]:
    return [message for message in messages if span[0] <= message.ticks <= span[1]]


def replaceable(rng: random.Random, messages: List[Message]) -> Set[Message]:
    """A few messages that an administrator may have replaced: alone with their author and tick."""
    places: Dict[tuple, int] = {}
    for message in messages:
        key = (message.room, message.author, message.ticks)
        places[key] = places.get(key, 0) + 1
    lone = [
        message
        for message in messages
        if places[message.room, message.author, message.ticks] == 1 and not message.text.startswith("This message")
    ]
    return set(rng.sample(lone, min(len(lone), rng.randint(0, 3))))


def renumbered(rng: random.Random, messages: List[Message], near: Optional[int] = None) -> Dict[Message, int]:
    """Other chat ids, in the same order, that by no chance look like a conflict with the old ones."""
    result: Dict[Message, int] = {}
    for room, own in archives.by_room(messages).items():
        own = sorted(own, key=lambda message: message.chat_id)
        old = {(message.chat_id, message.author, message.ticks): normal(message.text) for message in own}
        start = own[0].chat_id
        for shift in rng.sample(range(1, 40), 39) if near is None else list(range(near, near + 40)):
            new = {message: start + shift + index for index, message in enumerate(own)}
            if all(
                old.get((number, message.author, message.ticks), normal(message.text)) == normal(message.text)
                for message, number in new.items()
            ):
                break
        else:
            new = {message: start + 100_000_000 + index for index, message in enumerate(own)}
        result.update(new)
    return result


def rooms_without_reuse(first: Dump, second: Dump) -> Set[Node]:
    """Rooms in which no chat id of the second dump stands for another time or author in the first."""
    known = {(message.room, first.numbers.chat_id(message)): message for message in first.messages}
    seen, clashing = set(), set()
    for message in second.messages:
        seen.add(message.room)
        other = known.get((message.room, second.numbers.chat_id(message)))
        if other is not None and (other.ticks != message.ticks or other.author is not message.author):
            clashing.add(message.room)
    return seen - clashing


def style_of(rng: random.Random, **fixed) -> Style:
    options: Dict[str, Any] = dict(
        keep_space=rng.random() < 0.6,
        details=rng.random() < 0.3,
        odd_case=rng.random() < 0.2,
        encoding=rng.choice(["utf-8", "utf-8", "utf-8-bom", "utf-16-le-bom"]),
    )
    options.update(fixed)
    return Style(**options)


def xml_part(rng: random.Random, archive: Archive, style: Style, files: Optional[int] = None, **what) -> Xml:
    return Xml(
        compliance.items_of(archive, style, **what), style, files or rng.choice([1, 1, 3, 10]), rng.random() < 0.4
    )


# The scenarios.  Each takes (seed, rng, name) and returns a plan.


def dump_one(seed, rng, name) -> Plan:
    archive = archives.make("%s %s" % (seed, name), variants=True)
    return Plan(name, seed, archive, {"mgc": Dump(rng, archive, rng.choice([2010, 2013]))}, structure=True)


def dump_overlap(seed, rng, name) -> Plan:
    """Dumps of one database at several times; in later ones an administrator has replaced messages."""
    archive = archives.make("%s %s" % (seed, name), variants=True)
    spans = archives.overlapping_spans(rng, archive, rng.randint(2, 3))
    gone = replaceable(rng, archive.messages)
    parts = {}
    for index, span in enumerate(spans):
        parts["dump%d" % index] = Dump(
            rng,
            archive,
            rng.choice([2010, 2013]),
            messages=within(archive.messages, span),
            replaced=gone if index == len(spans) - 1 else None,
        )
    return Plan(name, seed, archive, parts, structure=True, nested=rng.random() < 0.3)


def dump_renumbered(seed, rng, name) -> Plan:
    """A migrated database with other node, person and chat ids."""
    archive = archives.make("%s %s" % (seed, name))
    spans = archives.overlapping_spans(rng, archive, 2)
    second = Dump(
        rng,
        archive,
        rng.choice([2010, 2013]),
        Numbers(nodes=1000, people=50),
        within(archive.messages, spans[1]),
        alone=False,
    )
    second.renumber(renumbered(rng, archive.messages))
    first = Dump(rng, archive, rng.choice([2010, 2013]), messages=within(archive.messages, spans[0]), alone=False)
    return Plan(name, seed, archive, {"old": first, "new": second}, structure=True)


def dump_reused(seed, rng, name) -> Plan:
    """A migrated database with other chat ids under the same channel ids."""
    archive = archives.make("%s %s" % (seed, name))
    spans = archives.overlapping_spans(rng, archive, 2)
    first = Dump(rng, archive, rng.choice([2010, 2013]), messages=within(archive.messages, spans[0]), keep_twins=True)
    second = Dump(
        rng, archive, rng.choice([2010, 2013]), Numbers(), within(archive.messages, spans[1]), keep_twins=True
    )
    second.renumber(renumbered(rng, archive.messages, near=1))
    second.drop_rooms(rooms_without_reuse(first, second))
    return Plan(name, seed, archive, {"old": first, "new": second}, structure=True, reused=bool(second.messages))


def xml_only(seed, rng, name) -> Plan:
    archive = archives.make("%s %s" % (seed, name))
    return Plan(
        name, seed, archive, {"xml": xml_part(rng, archive, style_of(rng))}, variants=("base", "cut", "twice", "wrap")
    )


def xml_many(seed, rng, name) -> Plan:
    """One small file a slice: hundreds of them, with every tenth seed thousands."""
    archive = archives.make("%s %s" % (seed, name), most=1500 if seed % 10 == 0 else 120)
    part = xml_part(rng, archive, style_of(rng), files=3000)
    return Plan(name, seed, archive, {"xml": part}, variants=("base", "cut", "wrap"))


def xml_without_ids(seed, rng, name) -> Plan:
    archive = archives.make("%s %s" % (seed, name))
    part = xml_part(rng, archive, style_of(rng, chat_ids=False))
    return Plan(name, seed, archive, {"xml": part}, variants=("base", "cut", "twice", "wrap"))


def xml_room_numbers(seed, rng, name) -> Plan:
    """Room URIs that end in a number."""
    archive = archives.make("%s %s" % (seed, name))
    part = xml_part(rng, archive, style_of(rng, room_numbers=True))
    return Plan(
        name, seed, archive, {"xml": part}, variants=("base", "cut", "twice", "wrap"), findings=("ROOM-NO-GUID",)
    )


def xml_two_domains(seed, rng, name) -> Plan:
    """The deployment moved to another domain and numbered its chat anew."""
    archive = archives.make("%s %s" % (seed, name))
    space = rng.random() < 0.5
    spans = archives.overlapping_spans(rng, archive, 2)
    parts: Dict[str, Part] = {
        "xml-old": xml_part(
            rng, archive, style_of(rng, keep_space=space), messages=within(archive.messages, spans[0])
        )
    }
    parts["xml-new"] = xml_part(
        rng,
        archive,
        style_of(rng, keep_space=space, domain="fabrikam.example"),
        events=False,
        messages=within(archive.messages, spans[1]),
        chat_ids=renumbered(rng, archive.messages),
    )
    return Plan(name, seed, archive, parts, variants=("base", "cut", "twice", "wrap"))


def dump_and_xml(seed, rng, name) -> Plan:
    archive = archives.make("%s %s" % (seed, name))
    gone = replaceable(rng, archive.messages) if rng.random() < 0.5 else set()
    span = archives.overlapping_spans(rng, archive, 2)[1]
    parts: Dict[str, Part] = {
        "mgc": Dump(
            rng,
            archive,
            rng.choice([2010, 2013]),
            replaced=gone,
            messages=within(archive.messages, span),
            alone=False,
        )
    }
    parts["compliance"] = xml_part(rng, archive, style_of(rng))
    return Plan(name, seed, archive, parts, structure=True, nested=rng.random() < 0.3)


def dump_and_coarse_xml(seed, rng, name) -> Plan:
    """XML that knows milliseconds only."""
    archive = archives.make("%s %s" % (seed, name))
    span = archives.overlapping_spans(rng, archive, 2)[1]
    parts: Dict[str, Part] = {
        "mgc": Dump(rng, archive, rng.choice([2010, 2013]), alone=False, messages=within(archive.messages, span))
    }
    parts["xml"] = xml_part(rng, archive, style_of(rng, coarse=True))
    return Plan(name, seed, archive, parts, structure=True)


def dump_and_filedump(seed, rng, name) -> Plan:
    archive = archives.make("%s %s" % (seed, name))
    span = archives.overlapping_spans(rng, archive, 2)[1]
    parts: Dict[str, Part] = {
        "mgc": Dump(rng, archive, rng.choice([2010, 2013]), alone=False, messages=within(archive.messages, span))
    }
    parts["transformed"] = FileDump(compliance.filedump_items(archive), rng.choice([1, 4]))
    return Plan(name, seed, archive, parts, structure=True)


def filedump_only(seed, rng, name) -> Plan:
    archive = archives.make("%s %s" % (seed, name))
    part = FileDump(compliance.filedump_items(archive), rng.choice([1, 4]))
    return Plan(name, seed, archive, {"transformed": part}, variants=("base", "cut", "twice", "wrap"))


def compliance_tables(seed, rng, name) -> Plan:
    archive = archives.make("%s %s" % (seed, name))
    part = ComplianceTables(rng, archive, archive.messages, archive.stays, archive.happenings, odd_types=True)
    return Plan(name, seed, archive, {"mgccomp": part})


def compliance_tables_and_xml(seed, rng, name) -> Plan:
    """The unprocessed tail of the queue, part of which the adapter has written all the same."""
    archive = archives.make("%s %s" % (seed, name))
    spans = archives.overlapping_spans(rng, archive, 2)
    stays = [stay for stay in archive.stays if rng.random() < 0.5]
    parts: Dict[str, Part] = {
        "xml": xml_part(rng, archive, style_of(rng, keep_space=True), messages=within(archive.messages, spans[0])),
        "mgccomp": ComplianceTables(rng, archive, within(archive.messages, spans[1]), stays, [], odd_types=False),
    }
    return Plan(name, seed, archive, parts)


def chat_table_alone(seed, rng, name) -> Plan:
    """`tblChat` and nothing else: rooms and authors are numbers.

    What their stand-in identities are made of besides the number is not told, so nothing is cut here.
    """
    archive = archives.make("%s %s" % (seed, name))
    part = Dump(rng, archive, rng.choice([2010, 2013]), bare=True)
    return Plan(
        name,
        seed,
        archive,
        {"mgc": part},
        variants=("base", "plain"),
        findings=("ROOM-NO-GUID", "PRIN-MISSING") if part.messages else (),
    )


def missing_principal(seed, rng, name) -> Plan:
    archive = archives.make("%s %s" % (seed, name))
    lost = rng.choice(archive.messages).author.number
    part = Dump(rng, archive, rng.choice([2010, 2013]), Numbers(skip_people={lost}), alone=False)
    spoke = any(message.author.number == lost for message in part.messages)
    return Plan(
        name, seed, archive, {"mgc": part}, variants=("base", "plain"), findings=("PRIN-MISSING",) if spoke else ()
    )


def damaged_rows(seed, rng, name) -> Plan:
    archive = archives.make("%s %s" % (seed, name))
    shape = choose(rng, [], shuffled=True)
    for _ in range(20):
        candidate = choose(rng, [dict(content="x")])
        if candidate.family in ("csv", "export-csv") and candidate.header:
            shape = candidate
            break
    part = Dump(rng, archive, rng.choice([2010, 2013]), shape=shape)
    part.damage(rng, rng.randint(1, 5))
    return Plan(name, seed, archive, {"mgc": part}, structure=True)


def a_period(seed, rng, name) -> Plan:
    """`--since` and `--until`; the day of `--until` is without messages, so either reading of it is good."""
    archive = archives.make("%s %s" % (seed, name))
    day = 86_400 * 10_000_000
    days = sorted({message.ticks // day for message in archive.messages})
    since = rng.choice(days)
    free = [number for number in range(since, days[-1] + 2) if number not in days]
    until = rng.choice(free)
    options = []
    for flag, number in (("--since", since), ("--until", until)):
        options += [flag, archives.date_of(number * day).strftime("%Y-%m-%d")]
    part = Dump(rng, archive, rng.choice([2010, 2013]))
    return Plan(name, seed, archive, {"mgc": part}, options=options, since=since * day, until=until * day)


def everything(seed, rng, name) -> Plan:
    archive = archives.make("%s %s" % (seed, name), most=80)
    spans = archives.overlapping_spans(rng, archive, 3)
    new = Dump(rng, archive, 2013, Numbers(nodes=1000, people=50), within(archive.messages, spans[2]), alone=False)
    new.renumber(renumbered(rng, archive.messages))
    parts: Dict[str, Part] = {
        "old": Dump(rng, archive, 2010, messages=within(archive.messages, spans[1]), alone=False),
        "new": new,
        "xml": xml_part(rng, archive, style_of(rng)),
        "transformed": FileDump(compliance.filedump_items(archive), 3),
    }
    return Plan(name, seed, archive, parts, structure=True)


SCENARIOS: Dict[str, Callable[..., Plan]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        dump_one,
        dump_overlap,
        dump_renumbered,
        dump_reused,
        xml_only,
        xml_many,
        xml_without_ids,
        xml_room_numbers,
        xml_two_domains,
        dump_and_xml,
        dump_and_coarse_xml,
        dump_and_filedump,
        filedump_only,
        compliance_tables,
        compliance_tables_and_xml,
        chat_table_alone,
        missing_principal,
        damaged_rows,
        a_period,
        everything,
    )
}


def plan(seed: int, name: str) -> Plan:
    return SCENARIOS[name](seed, random.Random("%s %s" % (seed, name)), name)


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5) or sys.argv[2] not in SCENARIOS:
        sys.exit("usage: generate.py SEED SCENARIO FOLDER [VARIANT]\nscenarios: " + " ".join(SCENARIOS))
    made = plan(int(sys.argv[1]), sys.argv[2])
    print("\n".join(made.write(sys.argv[3], *sys.argv[4:]) + made.options))
