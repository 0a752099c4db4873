#!/usr/bin/env python3
"""Writes every sample file, README.md and expected.json; the same bytes each time.

    python3 generate.py [FOLDER]     write (default: beside this script)
    python3 generate.py --check      write nothing; fail if a file here differs
"""

import sys

sys.dont_write_bytecode = True

import json
from pathlib import Path

from make import archive, damaged, dumps, readme, talk, truth
from make.records import Folder

SOUND = ["mgc-2010", "mgc-2013", "compliance"]

NO_ROWS = "the level of what is found where people and rooms have no rows of their own"

# name -> (inputs, exit status or None, what the rules leave open or None)
SETS = {
    "mgc-2010": (["mgc-2010"], 0, None),
    "mgc-2013": (["mgc-2013"], 0, None),
    "compliance": (["compliance"], None, NO_ROWS),
    "published": (["published"], None, NO_ROWS),
    "tblChat-alone": (["tblChat-alone"], 1, None),
    "missing-author": (["missing-author"], 1, None),
    "mgccomp": (["mgccomp"], None, NO_ROWS),
    "both-dumps": (["mgc-2010", "mgc-2013"], 0, None),
    "older-dump-and-archive": (["mgc-2010", "compliance"], None, NO_ROWS),
    "newer-dump-and-archive": (["mgc-2013", "compliance"], 0, None),
    "sound": (SOUND, 0, None),
    "sound-and-queue": ([*SOUND, "mgccomp"], 0, None),
}

# name -> (exit status, what the rules leave open or None)
DAMAGED = {
    "truncated": (1, None),
    "too-many-fields": (1, None),
    "too-few-fields": (1, None),
    "bad-number": (1, None),
    "tick-out-of-range": (1, "taken as rejected, since no Time can be written; TIME-ODD would keep it"),
    "invalid-utf8": (1, "taken as one rejected record, the rest of the file read"),
    "broken-xml": (1, "taken as two sound records and the cut one rejected"),
    "doctype": (3, "taken as refused whole"),
    "other-root": (3, None),
    "empty-file": (None, "refused, or read as no records"),
    "csv-named-xml": (1, "taken as read by its content; refusing it (3) is the other way"),
    "no-zip": (3, None),
}


def make():
    """Returns {path: bytes} of everything here."""
    folder = Folder()
    said, happened = talk.messages(), talk.happened()
    dumps.write_2010(folder, said)
    dumps.write_2013(folder, said)
    archive.write_compliance(folder, said, happened)
    archive.write_published(folder)
    dumps.write_chat_alone(folder)
    dumps.write_missing_author(folder)
    dumps.write_mgccomp(folder, said)
    damaged.write_damaged(folder)

    expected = {"sets": {}, "damaged": {}}
    for name, (inputs, status, left_open) in SETS.items():
        totals, messages = truth.judge([r for i in inputs for r in folder.records[i]])
        rows = {stream: n for i in inputs for stream, n in sorted(folder.rows[i].items())}
        expected["sets"][name] = {"inputs": inputs, "status": status, "left_open": left_open, **totals,
                                  "structure_rows": rows}
        if name == "sound":
            listed = truth.listing(messages)
    for name, (status, left_open) in DAMAGED.items():
        totals, _ = truth.judge(folder.records["damaged/" + name])
        expected["damaged"][name] = {"inputs": ["damaged/" + name], "status": status, "left_open": left_open,
                                     **totals}
    expected["messages_of_sound"] = listed
    folder.files["expected.json"] = (json.dumps(expected, indent=1, ensure_ascii=True) + "\n").encode()
    folder.files["README.md"] = readme.render(expected).encode()
    folder.files[".gitattributes"] = b"* -text\n*.py text eol=lf\n*.md text eol=lf\n*.json text eol=lf\n"
    return folder


def stray(home, files):
    """Returns files of the samples that this script did not write."""
    ours = {path.split("/")[0] for path in files if "/" in path}
    present = [p for top in sorted(ours) for p in sorted((home / top).rglob("*")) if p.is_file()]
    return [path for path in (p.relative_to(home).as_posix() for p in present) if path not in files]


def main(arguments):
    home = Path(__file__).resolve().parent
    folder = make()
    if arguments == ["--check"]:
        wrong = [path for path, data in sorted(folder.files.items())
                 if not (home / path).is_file() or (home / path).read_bytes() != data]
        for path in wrong:
            print(f"{path}: differs from what generate.py writes", file=sys.stderr)
        for path in stray(home, folder.files):
            print(f"{path}: generate.py does not write this", file=sys.stderr)
        return 1 if wrong or stray(home, folder.files) else 0
    folder.write(arguments[0] if arguments else home)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
