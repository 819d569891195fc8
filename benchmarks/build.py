"""A build of the models after one new day, by length of history."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from benchmarks.figure import Figure, Goal
from benchmarks.home import home

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from benchmarks.cost import Cost
    from benchmarks.home import Home

_DAY = 86_400
_YEARS = (1, 3, 10)
VENDORS = ("whoop", "withings")


def figures(*, small: bool) -> Iterator[Figure]:
    """`dbt:build` with its data tests, both vendors."""
    if small:
        return
    with ExitStack() as homes:
        known = {years: homes.enter_context(home(years, vendors=VENDORS)) for years in _YEARS}
        for here in known.values():
            _sync_and_build(here)
            with here.project.connection(autocommit=True) as session:
                session.execute("vacuum analyze")  # as autovacuum does in time
        costs = _cheapest_day(known)
    for years in _YEARS[1:]:
        yield Figure(
            f"build-{years}",
            f"`dbt:build` after one new day, {years} years of history: seconds",
            "the same with one year",
            costs[years].wall / costs[1].wall,
            Goal(at_most=1.2),
            f"{costs[years].wall:.1f} s (dbt's CPU {costs[years].cpu:.1f}) "
            f"against {costs[1].wall:.1f} ({costs[1].cpu:.1f})",
        )


def _cheapest_day(known: Mapping[int, Home]) -> dict[int, Cost]:
    """Of some days; the lengths of history take turns, as a machine has slow minutes."""
    costs: dict[int, list[Cost]] = {years: [] for years in known}
    for _ in range(6):
        for years, here in known.items():
            here.sandbox.advance(_DAY)
            costs[years].append(_sync_and_build(here))
    return {years: min(days, key=lambda cost: cost.wall) for years, days in costs.items()}


def _sync_and_build(here: Home) -> Cost:
    for vendor in VENDORS:
        here.sync(f"tap-{vendor}")
    return here.meltano("run", "dbt:build")
