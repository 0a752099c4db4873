"""Judges a gc2pc program as a stranger would, from random archives with known truth.

    python3 check.py --gc2pc PATH/TO/gc2pc [--seeds 1-50] [--only SCENARIO…] [--jobs N] [--keep DIR]
    python3 check.py --self-test [--seeds 1-6]

For each seed and scenario it writes the remains of a random archive, converts them, and compares the
package with the truth; proves the package on its own (`package.py`); asks `verify` and `inspect`; and
converts variants (cut otherwise, given twice, packed, in another shape, other order, threads, locale,
folder), which must give the same messages or the same bytes.  Only `convert`, `inspect --json` and
`verify` are used.  The exit status is 1 if anything failed.  With `--keep` the inputs and packages of
failed scenarios stay in DIR.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import Dict, List, Optional, Tuple

sys.dont_write_bytecode = True  # the source tree stays as it is

import tamper
from compare import address, compare, compare_structure, same_messages, show
from generate import SCENARIOS, Plan, plan
from package import Package
from parts import FileDump
from truth import expected, normal

SHOWN = 12  # differences printed of one scenario
ENVIRONMENTS = [
    dict(TZ="Pacific/Auckland", LANG="tr_TR.UTF-8", LC_ALL="tr_TR.UTF-8"),
    dict(TZ="America/St_Johns", LANG="C", LC_ALL="C"),
]


class Failure(Exception):
    """A run that ended otherwise than it may; its text is the difference to print."""


class Run:
    """The program under test, with the folder in which one scenario happens."""

    def __init__(self, program: str, folder: str, limit: float):
        self.program, self.folder, self.limit = os.path.abspath(program), folder, limit

    def call(self, arguments: List[str], environment: Optional[dict] = None, cwd: Optional[str] = None):
        try:
            return subprocess.run(
                [self.program] + arguments,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=cwd or self.folder,
                timeout=self.limit,
                env={**os.environ, **(environment or {})},
            )
        except subprocess.TimeoutExpired:
            raise Failure("no end after %d s: gc2pc %s" % (self.limit, " ".join(arguments)))

    def convert(self, made: Plan, arguments: List[str], out: str, extra: Tuple[str, ...] = (), **where) -> Package:
        line = ["convert"] + arguments + ["-o", out, "--quiet"] + made.options + list(extra)
        done = self.call(line, **where)
        if done.returncode not in (0, 1):
            raise Failure(
                "exit status %d of gc2pc %s\n      %s"
                % (done.returncode, " ".join(line), done.stderr.decode("utf-8", "replace").strip()[:1500])
            )
        full = os.path.join(where.get("cwd") or self.folder, out)
        if not os.path.exists(full):
            raise Failure("exit status %d, but no package: gc2pc %s" % (done.returncode, " ".join(line)))
        result = Package(full)
        result.status = done.returncode
        return result


def check_base(run: Run, made: Plan, package: Package, out: str) -> List[str]:
    """The package of the base variant against the truth, and in itself."""
    truth = expected(made.streams(), made.since, made.until)
    found = package.problems(gaps=bool(made.options))
    if package.faults:
        return found
    found += compare(truth, package)
    if made.structure:
        found += compare_structure(made.archive, package)
    codes = {row["code"] for row in package.ledger["findings"]}
    needed = set(made.findings) | ({"ID-REUSED"} if made.reused else set())
    found += ["the finding %s is missing" % code for code in sorted(needed - codes)]
    if "ID-REUSED" in codes and not truth.reused:
        found.append("a finding ID-REUSED without cause")
    errors = [row for row in package.ledger["findings"] if row["level"].lower() == "error"]
    status = 1 if errors or truth.rejected else 0
    if package.status != status:
        found.append(
            "exit status %r with %d rejected records and %d findings of level error"
            % (package.status, len(truth.rejected), len(errors))
        )
    found += check_sources(made, package)
    verified = run.call(["verify", out])
    if verified.returncode != 0:
        found.append(
            "verify: exit status %d: %s" % (verified.returncode, verified.stderr.decode("utf-8", "replace")[:500])
        )
    return found


def check_sources(made: Plan, package: Package) -> List[str]:
    """Each file of records is a stream, found by its digest, with as many records as were written."""
    wanted: Counter = Counter()
    for files in made.inputs().values():
        for file in files.values():
            wanted[hashlib.sha256(file.data).hexdigest(), len(file.data), len(file.records)] += bool(file.records)
    there = Counter(
        (row["sha256"].lower(), int(row["size"]), int(row["read"]))
        for row in package.ledger["sources"]
        if int(row["read"])
    )
    return [
        "sources.csv: expected %d streams of (sha256, size, read) %r, got %d" % (wanted[key], key, there[key])
        for key in sorted(set(wanted) | set(there))
        if wanted[key] != there[key]
    ]


def tree_digest(path: str) -> Dict[str, str]:
    if os.path.isfile(path):
        with open(path, "rb") as source:
            return {"the file": hashlib.sha256(source.read()).hexdigest()}
    result = {}
    for folder, _, names in os.walk(path):
        for name in names:
            with open(os.path.join(folder, name), "rb") as source:
                digest = hashlib.sha256(source.read()).hexdigest()
            result[os.path.relpath(os.path.join(folder, name), path)] = digest
    return result


def check_same_bytes(run: Run, made: Plan, arguments: List[str], out: str, rng: random.Random) -> List[str]:
    """Other threads, zone, locale, folder and order of inputs: not a byte may change."""
    found = []
    base = tree_digest(os.path.join(run.folder, out))
    for threads, environment in zip((2, 8), ENVIRONMENTS):
        elsewhere = os.path.join(run.folder, "elsewhere %d" % threads)
        os.makedirs(elsewhere)
        order = list(arguments)
        rng.shuffle(order)
        relative = [os.path.relpath(os.path.join(run.folder, path), elsewhere) for path in reversed(order)]
        run.convert(made, relative, out, ("--threads", str(threads)), environment=environment, cwd=elsewhere)
        other = tree_digest(os.path.join(elsewhere, out))
        changed = sorted(name for name in set(base) | set(other) if base.get(name) != other.get(name))
        if changed:
            found.append(
                "threads %d, %s, inputs %s: other bytes in %s"
                % (threads, environment["LANG"], " ".join(relative), ", ".join(changed[:6]))
            )
    return found


def check_inspect(run: Run, arguments: List[str]) -> List[str]:
    done = run.call(["inspect", "--json"] + arguments)
    if done.returncode not in (0, 1):
        return ["inspect: exit status %d: %s" % (done.returncode, done.stderr.decode("utf-8", "replace")[:500])]
    try:
        json.loads(done.stdout.decode("utf-8"))
    except ValueError as error:
        return ["inspect --json: %s" % error]
    return []


def check_variant(run: Run, made: Plan, base: Package, variant: str) -> List[str]:
    arguments = made.write(os.path.join(run.folder, variant), variant)
    package = run.convert(made, arguments, variant + "-out")
    found = package.problems(gaps=bool(made.options))
    if package.faults:
        return found
    if variant != "twice":  # whether an argument given twice is read twice is not told
        truth = expected(made.streams(variant), made.since, made.until)
        found += compare(truth, package)
    return found + same_messages(base, package)


def check_alone(run: Run, made: Plan, base: Package, rng: random.Random) -> List[str]:
    """One part alone gives its messages the ids that they have in the whole.

    An id is made of room, ticks, author, normal text and ordinal; where these are known exactly and a
    class is not larger than in the whole, all its ids are there.
    """
    name = rng.choice(sorted(name for name, part in made.parts.items() if not isinstance(part, FileDump)))
    argument = os.path.join("base", "remains", name) if made.nested else os.path.join("base", name)
    package = run.convert(made, [argument], "alone-out")
    if package.faults:
        return package.faults
    whole, alone = classes(base), classes(package)
    return [
        "part %s: %s: ids %s, in the whole %s" % (name, show(place), sorted(ids), sorted(whole[place]))
        for place, ids in sorted(alone.items())
        if len(ids) <= len(whole[place]) and not ids <= whole[place]
    ]


def classes(package: Package) -> Dict[tuple, set]:
    result: Dict[tuple, set] = defaultdict(set)
    for message in package.messages:
        author = address(package.people.get(message.author or ""))
        if message.precision == "ticks" and author:
            result[message.room, message.ticks, author, normal(message.text)].add(message.id)
    return result


def check_tampered(run: Run, folder: str) -> List[str]:
    """`verify` must refuse packages that were changed, even where the manifests were redone."""
    found = []
    for name in tamper.make_all(folder, os.path.join(run.folder, "tampered")):
        done = run.call(["verify", os.path.join("tampered", name)])
        if done.returncode != 5:
            found.append("verify of a package with %s: exit status %d, expected 5" % (name, done.returncode))
    return found


def check_scenario(program: str, seed: int, name: str, keep: Optional[str], limit: float) -> Tuple[str, bool]:
    """Runs one scenario; the lines to print, and whether it passed."""
    folder = tempfile.mkdtemp(prefix="gc2pc-oracle-")
    run = Run(program, folder, limit)
    rng = random.Random("check %s %s" % (seed, name))
    found: List[str] = []
    summary = ""
    try:
        made = plan(seed, name)
        arguments = [os.path.relpath(path, folder) for path in made.write(os.path.join(folder, "base"))]
        out = "package.zip" if rng.random() < 0.5 else "package"
        base = run.convert(made, arguments, out, ("--threads", "1"))
        summary = "%d records, %d messages, %d events" % (
            base.report.get("totals", {}).get("read", 0),
            len(base.messages),
            len(base.events),
        )
        checks = [
            ("", lambda: check_base(run, made, base, out)),
            ("inspect", lambda: check_inspect(run, arguments)),
            ("same bytes", lambda: check_same_bytes(run, made, arguments, out, rng)),
        ]
        checks += [
            (variant, functools.partial(check_variant, run, made, base, variant))
            for variant in made.variants
            if variant != "base"
        ]
        if len(made.parts) > 1:
            checks.append(("alone", lambda: check_alone(run, made, base, rng)))
        if seed % 5 == 1 and out == "package":
            checks.append(("tampered", lambda: check_tampered(run, os.path.join(folder, out))))
        for label, check in checks:
            try:
                found += ["%s%s" % (label and label + ": ", line) for line in check()]
            except Failure as failure:
                found.append("%s%s" % (label and label + ": ", failure))
            except Exception as error:
                found.append("%s%s: %s" % (label and label + ": ", type(error).__name__, error))
    except Failure as failure:
        found.append(str(failure))
    except Exception as error:  # such as a ZIP that cannot be opened
        found.append("%s: %s" % (type(error).__name__, error))
    finally:
        if keep and found:
            kept = os.path.join(keep, "%d-%s" % (seed, name))
            shutil.rmtree(kept, ignore_errors=True)
            shutil.move(folder, kept)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    lines = ["seed %d %s: %s%s" % (seed, name, "ok" if not found else "FAILED", summary and " (%s)" % summary)]
    lines += ["    " + line for line in found[:SHOWN]]
    if len(found) > SHOWN:
        lines.append("    … and %d more differences" % (len(found) - SHOWN))
    return "\n".join(lines), not found


def seeds(text: str) -> List[int]:
    result: List[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        result += range(int(first), int(last or first) + 1)
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--gc2pc", help="the program to judge")
    parser.add_argument("--seeds", type=seeds, help="such as 1-50 or 3,7")
    parser.add_argument(
        "--only", nargs="+", choices=sorted(SCENARIOS), metavar="SCENARIO", help="of " + ", ".join(SCENARIOS)
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="scenarios at a time")
    parser.add_argument("--timeout", type=float, default=120, help="seconds for one run of the program")
    parser.add_argument("--keep", metavar="DIR", help="where inputs and packages of failures stay")
    parser.add_argument("--self-test", action="store_true", help="tests the oracle itself, without a program")
    options = parser.parse_args()
    if options.self_test:
        import selftest

        results = selftest.run(options.seeds or list(range(1, 7)), options.only or list(SCENARIOS))
    elif options.gc2pc:
        if options.keep:
            os.makedirs(options.keep, exist_ok=True)
        pairs = [(seed, name) for seed in options.seeds or list(range(1, 51)) for name in options.only or SCENARIOS]
        pool = ThreadPoolExecutor(options.jobs)
        results = pool.map(
            lambda pair: check_scenario(options.gc2pc, pair[0], pair[1], options.keep, options.timeout), pairs
        )
    else:
        parser.error("--gc2pc or --self-test is needed")
    passed = failed = 0
    for line, good in results:
        print(line, flush=True)
        passed, failed = passed + good, failed + (not good)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
