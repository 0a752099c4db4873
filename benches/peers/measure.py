"""Runs programs one after the other and tells what they took, as one line of JSON.

usage: measure.py LOG STEPS, with STEPS a JSON list of {"argv": [...], "env": {...}}.
What the programs print goes to the file LOG. CPU is user and system time of all, peak memory
the most that one process had: a chain of programs needs no more at a time.
"""

import json
import os
import sys
import time


def main(log, steps):
    cpu, peak, status = 0.0, 0, 0
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    actions = [(os.POSIX_SPAWN_DUP2, out, 1), (os.POSIX_SPAWN_DUP2, out, 2)]
    start = time.monotonic()
    for step in steps:
        child = os.posix_spawnp(step["argv"][0], step["argv"], {**os.environ, **step["env"]}, file_actions=actions)
        _, ended, usage = os.wait4(child, 0)
        cpu += usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024))
        status = os.waitstatus_to_exitcode(ended)
        if status:
            break
    print(json.dumps({"wall": time.monotonic() - start, "cpu": cpu, "peak": peak, "status": status}))


main(sys.argv[1], json.loads(sys.argv[2]))
