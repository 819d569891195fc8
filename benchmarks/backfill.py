"""A long backfill at the documented pace, against the least time that it can take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.cost import cost_of
from benchmarks.figure import Figure, Goal
from benchmarks.home import home

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Seconds that the vendor takes for an answer.
LATENCY = 0.15
#: What WHOOP allows a client id in a minute: https://developer.whoop.com/docs/developing/rate-limiting
PER_MINUTE = 100


def figures(*, small: bool) -> Iterator[Figure]:
    """The tap alone, at its own pace."""
    years = 1 if small else 10
    with home(years, database=False, requests_per_minute=None) as here:
        here.sandbox.add_fault("/whoop/developer/*", "slow", times=None, delay=LATENCY)
        tap = cost_of(here.tap("tap-whoop"), here.environment())
        requests = len(here.project.data_requests())
    floor = max(60 * requests / PER_MINUTE, requests * LATENCY)
    yield Figure(
        "backfill",
        f"backfill of {years} years, {1000 * LATENCY:.0f} ms an answer, paced: seconds",
        "max(requests / rate limit, requests x latency)",
        tap.wall / floor,
        Goal(at_most=1.1),
        f"{tap.wall:.0f} s for {requests} requests, against {floor:.0f} s",
    )
