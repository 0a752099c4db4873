"""Packages that were changed after the fact, each of which a proof must refuse.

Some changes leave the manifests alone; for the others the bag is sealed anew, so that only the
references, ids and ledger inside can tell.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from typing import Callable, Dict, Iterator, List, Optional


def read(path: str) -> str:
    with open(path, encoding="utf-8", newline="") as source:
        return source.read()


def write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8", newline="") as out:
        out.write(text)


def files_of(folder: str) -> List[str]:
    return sorted(
        os.path.relpath(os.path.join(base, name), folder).replace(os.sep, "/")
        for base, _, names in os.walk(folder)
        for name in names
    )


def seal(folder: str) -> None:
    """Writes both manifests and the payload size anew."""

    def manifest(name: str, paths: List[str]) -> None:
        lines = []
        for path in paths:
            with open(os.path.join(folder, path), "rb") as source:
                lines.append("%s  %s\n" % (hashlib.sha256(source.read()).hexdigest(), path))
        write(os.path.join(folder, name), "".join(lines))

    payload = [path for path in files_of(folder) if path.startswith("data/")]
    size = sum(os.path.getsize(os.path.join(folder, path)) for path in payload)
    info = os.path.join(folder, "bag-info.txt")
    write(info, re.sub(r"(?m)^Payload-Oxum: .*$", "Payload-Oxum: %d.%d" % (size, len(payload)), read(info)))
    manifest("manifest-sha256.txt", payload)
    manifest(
        "tagmanifest-sha256.txt",
        [path for path in files_of(folder) if "/" not in path and path != "tagmanifest-sha256.txt"],
    )


def content_file(folder: str) -> Optional[str]:
    for path in files_of(folder):
        if path.startswith("data/import/Content/") and "<Message " in read(os.path.join(folder, path)):
            return os.path.join(folder, path)
    return None


def change(folder: str, pattern: str, replacement, where: str = "data/import/Content/") -> bool:
    """Changes the first match in the documents below `where`; tells whether there was one."""
    for path in files_of(folder):
        if path.startswith(where):
            old = read(os.path.join(folder, path))
            new = re.sub(pattern, replacement, old, count=1, flags=re.S)
            if new != old:
                write(os.path.join(folder, path), new)
                return True
    return False


def a_changed_byte(folder: str) -> bool:
    return change(folder, "<Text", "<Text ")


def a_file_removed(folder: str) -> bool:
    os.remove(os.path.join(folder, "data/ledger/names.csv"))
    return True


def a_file_added(folder: str) -> bool:
    write(os.path.join(folder, "data/more.txt"), "more")
    return True


def a_manifest_changed(folder: str) -> bool:
    path = os.path.join(folder, "manifest-sha256.txt")
    write(path, "".join(read(path).splitlines(keepends=True)[1:]))
    return True


def a_message_removed(folder: str) -> bool:
    return change(folder, "<Message .*?</Message>", "")


def an_unknown_author(folder: str) -> bool:
    return change(folder, ' Author="[0-9]+"', ' Author="987654321"')


def a_repeated_id(folder: str) -> bool:
    path = content_file(folder)
    ids = re.findall(' Id="([0-9a-f]{32})"', read(path)) if path else []
    return len(ids) > 1 and change(folder, ' Id="%s"' % ids[1], ' Id="%s"' % ids[0])


def another_source(folder: str) -> bool:
    return change(folder, ' Source="([0-9]+):[0-9]+"', r' Source="\1:987654321"')


def a_record_twice(folder: str) -> bool:
    path = content_file(folder)
    match = re.search(r'<Message Id="([0-9a-f]+)".*? Source="([0-9]+):([0-9]+)"', read(path), re.S) if path else None
    if match is None:
        return False
    ledger = os.path.join(folder, "data/ledger/duplicates.csv")
    write(ledger, read(ledger) + "%s,%s,%s,again\n" % (match.group(2), match.group(3), match.group(1)))
    return True


def another_total(folder: str) -> bool:
    path = os.path.join(folder, "data/report.json")
    report = json.loads(read(path))
    report["totals"]["read"] += 1
    write(path, json.dumps(report))
    return True


UNSEALED: List[Callable[[str], bool]] = [a_changed_byte, a_file_removed, a_file_added, a_manifest_changed]
SEALED: List[Callable[[str], bool]] = [
    a_message_removed,
    an_unknown_author,
    a_repeated_id,
    another_source,
    a_record_twice,
    another_total,
]


def make_all(package: str, target: str) -> Iterator[str]:
    """Copies the package (a folder) once for each change that applies to it, and yields the names."""
    names: Dict[str, Callable[[str], bool]] = {
        function.__name__.replace("_", "-"): function for function in UNSEALED + SEALED
    }
    for name, function in names.items():
        folder = os.path.join(target, name)
        shutil.copytree(package, folder)
        if function(folder):
            if function in SEALED:
                seal(folder)
            yield name
