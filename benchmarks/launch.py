"""Runs a command and writes down what it cost.

A small process of its own: what `ru_maxrss` tells of a child is never less than its parent's size.

Arguments: the file that gets the costs, then the command.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

report, *command = sys.argv[1:]
began = time.monotonic()
process = subprocess.Popen(command)  # noqa: S603 (whatever is measured)
_, status, usage = os.wait4(process.pid, 0)
costs = {
    "wall": time.monotonic() - began,
    "cpu": usage.ru_utime + usage.ru_stime,
    "memory": usage.ru_maxrss * 1024,  # it counts kilobytes: getrusage(2)
}
with open(report, "w", encoding="utf-8") as file:  # noqa: PTH123 (pathlib would double its size)
    json.dump(costs, file)
sys.exit(os.waitstatus_to_exitcode(status))
