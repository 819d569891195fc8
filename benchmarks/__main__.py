"""`make bench`: measures everything, prints the table, and writes docs/performance.md anew."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from benchmarks import accounts, backfill, build, extract, load, memory, page, quiet

if TYPE_CHECKING:
    from benchmarks.figure import Figure

#: In the order of the table.
PARTS = (extract, load, backfill, quiet, build, memory, accounts)


def measure(*, small: bool) -> list[Figure]:
    """All figures, each as soon as it is there."""
    found = []
    for part in PARTS:
        began = time.monotonic()
        for figure in part.figures(small=small):
            sys.stderr.write(f"{figure.name}: {figure.ratio:.2f} ({figure.made_of})\n")
            found.append(figure)
        sys.stderr.write(f"  {part.__name__}: {time.monotonic() - began:.0f} s\n")
    return found


if __name__ == "__main__":
    figures = measure(small=False)
    page.write(figures, measure(small=True))
    sys.stdout.write(page.table(figures))
