"""Tests of the oracle itself, without the program that it judges.

Each generated file is read back by a second reader; the truth must be the same for every variant of a
scenario and never be in doubt; a package written from the truth must pass, and each changed copy of it
must not.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import Iterator, List, Tuple

import naive
import tamper
from archive import TICKS_1970, iso_of
from compare import compare, compare_structure, same_messages
from generate import Plan, plan
from package import Package, read_csv
from truth import Ambiguous, Expected, Record, Stream, Truth, expected
from writer import Writer


def files_problems(made: Plan, variant: str) -> List[str]:
    found = []
    for name, files in made.inputs(variant).items():
        for path, file in files.items():
            found += naive.problems("%s/%s" % (name, path), file)
            if (
                file.table is not None
                and file.records
                and "participant" not in path.lower()
                and len(file.records) != len(file.table.rows)
            ):
                found.append("%s: %d records of %d rows" % (path, len(file.records), len(file.table.rows)))
    return found


def core(truth: Truth) -> Tuple[list, list]:
    """What all variants must agree on.  Twins may swap chat ids."""

    def message(item: Expected) -> Tuple:
        return (
            item.room,
            item.ticks,
            item.precision,
            str(item.author),
            item.normal,
            sorted(item.texts),
            sorted(map(str, item.rtfs)),
            item.alert,
            item.conflict,
        )

    return (
        sorted(message(item) for item in truth.messages),
        sorted((item.room, str(item.type), str(item.person), item.ticks, item.content) for item in truth.events),
    )


# Changes to a package that leave it sound but make it tell something else.
LIES = [
    ("data/import/Content/", "<Text[^>]*>[^<]*</Text>", "<Text>something else</Text>"),
    ("data/import/Content/", "(<Text>[^<]*)</Text>", r"\1 </Text>"),
    ("data/import/Content/", ' Time="[^"]*"', ' Time="2001-01-01T00:00:00Z"'),
    ("data/import/Content/", ' Alert="true"', ""),
    ("data/import/Content/", "<Rtf[^>]*>[^<]*</Rtf>", ""),
    ("data/import/Content/", ' Precision="ms"', ""),
    ("data/import/Content/", ' ChatId="[0-9]+"', ' ChatId="-7"'),
    (
        "data/import/Content/",
        ' Author="([0-9]+)"',
        lambda match: ' Author="%d"' % (2 if match.group(1) != "2" else 3),
    ),
    ("data/compliance/", 'Type="JOIN"', 'Type="PART"'),
    ("data/compliance/", '<Event Type="JOIN".*?</Event>', ""),
    ("data/compliance/", ' Time="[^"]*"', ' Time="2001-01-01T00:00:00Z"'),
]


def package_problems(made: Plan, folder: str) -> List[str]:
    """A good package passes, changed ones do not."""
    good = os.path.join(folder, "good")
    writer = Writer(made, good)
    writer.write()
    package = Package(good)
    gaps = bool(made.options)
    found = package.problems(gaps) + compare(writer.truth, package) + same_messages(package, package)
    if made.structure:
        found += compare_structure(made.archive, package)
    # Costly, so not with every seed.
    changes = tamper.make_all(good, os.path.join(folder, "tampered")) if made.seed % 3 == 1 else []
    for name in changes:
        if not Package(os.path.join(folder, "tampered", name)).problems(gaps):
            found.append("a package with %s passes as sound" % name)
    for where, pattern, replacement in LIES:
        other = os.path.join(folder, "other")
        shutil.copytree(good, other)
        if tamper.change(other, pattern, replacement, where):
            tamper.seal(other)
            changed = Package(other)
            if not compare(writer.truth, changed) or not same_messages(package, changed):
                found.append("a package with another %s compares as equal" % pattern)
        shutil.rmtree(other)
    return found


def scenario(seed: int, name: str) -> List[str]:
    made = plan(seed, name)
    try:
        base = core(expected(made.streams(), made.since, made.until))
        found = []
        for variant in made.variants:
            found += ["%s: %s" % (variant, line) for line in files_problems(made, variant)]
            if core(expected(made.streams(variant), made.since, made.until)) != base:
                found.append("%s: another truth" % variant)
    except Ambiguous as doubt:
        return ["the design does not decide: %s" % doubt]
    again = plan(seed, name)
    if [file.data for files in made.inputs().values() for file in files.values()] != [
        file.data for files in again.inputs().values() for file in files.values()
    ]:
        found.append("the same seed made other files")
    folder = tempfile.mkdtemp(prefix="gc2pc-oracle-")
    try:
        return found + package_problems(made, folder)
    finally:
        shutil.rmtree(folder)


def record(chat_id, text="ok", ticks=5_000_000, author="ann@x", numbering=("db", 7), **more) -> Record:
    return Record("message", "r", ticks, chat_id=chat_id, text=text, author=author, numbering=numbering, **more)


def rules() -> Iterator[Tuple[str, bool]]:
    """The identity rules on archives small enough to be done by hand."""

    def count(*streams: List[Record]) -> int:
        return len(expected([Stream("s%d" % number, records) for number, records in enumerate(streams)]).messages)

    other, xml = ("db", 1007), ("xml", "x")
    yield "one chat id in two dumps is one message", count([record(1)], [record(1)]) == 1
    yield "twins of one database stay two", count([record(1), record(2)], [record(2)]) == 2
    yield "twins cut apart stay two", count([record(1)], [record(2)]) == 2
    yield "renumbered twins add none", count(
        [record(1), record(2)], [record(8, numbering=other), record(9, numbering=other)]
    ) == 2
    yield "one more twin elsewhere adds one", count(
        [record(1)], [record(8, numbering=other), record(9, numbering=other)]
    ) == 2
    yield "white space is not told apart", count([record(1, "a\r\nb")], [record(1, "a b", numbering=xml)]) == 1
    yield "two blanks are not one", count([record(1, "a  b")], [record(1, "a b", numbering=xml)]) == 2
    yield "two ticks are two messages", count([record(1), record(2, ticks=5_000_001)]) == 2
    coarse = dict(precision="ms", numbering=("xml", "x"))
    yield "a coarse record takes a fine one", count([record(1, ticks=5_000_009)], [record(1, **coarse)]) == 1
    yield "two coarse records take two fine ones", count(
        [record(1), record(2, ticks=5_000_009)], [record(1, **coarse), record(2, **coarse)]
    ) == 2
    yield "a third coarse record is left over", count(
        [record(1), record(2, ticks=5_000_009)], [record(number, **coarse) for number in (1, 2, 3)]
    ) == 3
    yield "a record without author agrees with any", count(
        [record(1)], [record(None, author=None, precision="ms")]
    ) == 1
    yield "records without chat id count per document", count(
        [record(None), record(None)], [record(None), record(None), record(None)]
    ) == 3
    yield "a reused chat id makes each stream a numbering", count(
        [record(1), record(2, "x", ticks=6_000_000)], [record(2), record(3, "x", ticks=6_000_000)]
    ) == 2
    both = expected([Stream("a", [record(1)]), Stream("b", [record(1, "gone")])]).messages
    yield "another text under one id is a conflict", len(both) == 2 and all(message.conflict for message in both)
    rich = expected(
        [Stream("a", [record(1, rtf="r", rank=0, alert=True)]), Stream("b", [record(1, numbering=xml, rank=2)])]
    )
    yield "what the other knows is merged in", rich.messages[0].rtfs == {"r"} and rich.messages[0].alert
    yield "the published time stamp", iso_of(633409486005222640) == "2008-03-12T19:56:40.522264Z"
    yield "the milliseconds of it", (633409486005222640 - TICKS_1970) // 10_000 == 1205351800522
    yield "CSV with breaks inside quotes", read_csv('a,"b\r\n""c"\r\n"d\r"\n') == [["a", 'b\r\n"c'], ["d\r"]]


def run(seeds: List[int], names: List[str]) -> Iterator[Tuple[str, bool]]:
    for title, good in rules():
        yield "rule: %s: %s" % (title, "ok" if good else "FAILED"), good
    for seed in seeds:
        for name in names:
            found = scenario(seed, name)
            lines = ["self-test, seed %d %s: %s" % (seed, name, "FAILED" if found else "ok")]
            yield "\n".join(lines + ["    " + line for line in found[:12]]), not found
