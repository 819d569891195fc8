"""`make bench`: measures everything, prints the table, and writes docs/performance.md anew."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from benchmarks import accounts, backfill, build, extract, load, memory, page, quiet

if TYPE_CHECKING:
    from types import ModuleType

    from benchmarks.figure import Figure

#: In the order of the table.
PARTS = (extract, load, backfill, quiet, build, memory, accounts)


def measure(*, small: bool) -> list[Figure]:
    """All figures. The paced backfill waits, and hardly works: it runs beside the others."""
    with ThreadPoolExecutor(1) as beside:
        waiting = beside.submit(lambda: _measured(backfill, small=small))
        rest = {part: _measured(part, small=small) for part in PARTS if part is not backfill}
        rest[backfill] = waiting.result()
    return [figure for part in PARTS for figure in rest[part]]


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
