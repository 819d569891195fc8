"""A build of the models after one new day, by length of history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.figure import Figure, Goal
from benchmarks.home import home

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.cost import Cost
    from benchmarks.home import Home

_DAY = 86_400
VENDORS = ("whoop", "withings")


def figures(*, small: bool) -> Iterator[Figure]:
    """`dbt:build` with its data tests, both vendors."""
    if small:
        return
    costs = {years: _new_day(years) for years in (1, 3, 10)}
    for years in (3, 10):
        yield Figure(
            f"build-{years}",
            f"`dbt:build` after one new day, {years} years of history: seconds",
            "the same with one year",
            costs[years].wall / costs[1].wall,
            Goal(at_most=1.2),
            f"{costs[years].wall:.1f} s (dbt's CPU {costs[years].cpu:.1f}) "
            f"against {costs[1].wall:.1f} ({costs[1].cpu:.1f})",
        )


def _new_day(years: float) -> Cost:
    with home(years, vendors=VENDORS) as here:
        _sync_and_build(here)
        with here.project.connection(autocommit=True) as session:
            session.execute("vacuum analyze")  # as autovacuum does in time
        here.sandbox.advance(_DAY)
        return _sync_and_build(here)


def _sync_and_build(here: Home) -> Cost:
    for vendor in VENDORS:
        here.sync(f"tap-{vendor}")
    return here.meltano("run", "dbt:build")
