"""Memory of tap and loader, by length of history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.figure import Figure, Goal
from benchmarks.home import home

if TYPE_CHECKING:
    from collections.abc import Iterator

_MEGABYTE = 1 << 20


def figures(*, small: bool) -> Iterator[Figure]:
    """The whole history of both vendors, long against short."""
    short, long = (0.5, 1) if small else (1, 10)
    for tap in ("tap-whoop", "tap-withings"):
        peaks = {}
        for years in (short, long):
            with home(years, vendors=[tap.removeprefix("tap-")]) as here:
                peaks[years] = [cost.memory / _MEGABYTE for cost in here.sync(tap)]
        for process, less, more in zip((tap, "the loader"), *peaks.values(), strict=True):
            yield Figure(
                f"memory-{tap}" + ("" if process == tap else "-loader"),
                f"memory of {process}, {long:g} years of {tap.removeprefix('tap-')}",
                f"{short:g} of them",
                more / less,
                Goal(at_most=1.1),
                f"{more:.0f} MB against {less:.0f}",
            )
