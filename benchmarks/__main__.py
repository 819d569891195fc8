"""`make bench`: measures everything, prints the table, and writes docs/performance.md anew."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from benchmarks import accounts, backfill, build, extract, load, memory, page, quiet

if TYPE_CHECKING:
    from concurrent.futures import Future
    from types import ModuleType

    from benchmarks.figure import Figure

#: In the order of the table.
PARTS = (extract, load, backfill, quiet, build, memory, accounts)
#: What takes the whole machine.
BEFORE = (extract, load)


def measure(*, small: bool) -> list[Figure]:
    """All figures. The paced backfill hardly works: it runs beside what comes after it."""
    found: dict[ModuleType, Future[list[Figure]]] = {}
    with ThreadPoolExecutor(1) as alone, ThreadPoolExecutor(1) as beside:
        for part in PARTS:
            pool = beside if part is backfill else alone
            found[part] = pool.submit(_measured, part, small=small)
            if part in BEFORE:
                wait([found[part]])
        return [figure for part in PARTS for figure in found[part].result()]


def _measured(part: ModuleType, *, small: bool) -> list[Figure]:
    began = time.monotonic()
    found = list(part.figures(small=small))
    for figure in found:
        sys.stderr.write(f"{figure.name}: {figure.ratio:.2f} ({figure.made_of})\n")
    sys.stderr.write(f"  {part.__name__}: {time.monotonic() - began:.0f} s\n")
    return found


if __name__ == "__main__":
    figures = measure(small=False)
    page.write(figures, measure(small=True))
    sys.stdout.write(page.table(figures))
