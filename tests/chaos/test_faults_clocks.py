"""The machine's clock is wrong or jumps; the vendor tells its time wrongly or not at all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from ..oracle.records import parse_instant
from .invariants import partitions
from .reliability import cell
from .strikes import BOTH, Settings, assert_works, survived
from .tap_world import MACHINE_CLOCK
from .vendors import WHOOP

if TYPE_CHECKING:
    from .cell import Cell
    from .vendors import Vendor
    from .world import World

GROUP = "Faults of clocks"
YEARS = timedelta(days=3 * 365)
MINUTES = timedelta(minutes=5)
OFFSETS = {
    "3 years ahead": YEARS,
    "3 years behind": -YEARS,
    "5 minutes ahead": MINUTES,
    "5 minutes behind": -MINUTES,
}
#: A clock that is off by less than this counts as right.
TOLERANCE = timedelta(minutes=1)


def set_machine_clock(struck: Cell, ahead: timedelta) -> Settings:
    """Let the machine's clock differ from the vendor's; returns the settings of such a run."""
    path = struck.root / "machine_clock"
    path.write_text(str(ahead.total_seconds()))
    return {MACHINE_CLOCK: str(path)}


def now(struck: Cell) -> datetime:
    return parse_instant(struck.sandbox.now())


def assert_nothing_is_of_the_future(struck: Cell) -> None:
    """No row was read, and no bookmark stands, later than now; nor long before."""
    latest = now(struck) + TOLERANCE
    for table in [*struck.oracle.keys, "sync_windows"]:
        ((first, last),) = struck.query(
            f"select min(synced_at), max(synced_at) from {struck.oracle.schema}.{table}"
        )
        assert first is None or latest - timedelta(hours=1) < first <= last <= latest, table
    for stream, partition in partitions(struck.state or {}):
        reached = [partition["replication_key_value"], *(end for _, end in partition["covered"])]
        assert max(map(parse_instant, reached)) <= latest, stream


MACHINES = [
    cell(
        GROUP,
        f"{vendor.words}: machine {words}",
        vendor,
        ahead,
        quick=(vendor, words) == (WHOOP, "3 years ahead"),
    )
    for vendor in BOTH
    for words, ahead in OFFSETS.items()
]


@pytest.mark.parametrize(("vendor", "ahead"), MACHINES)
def test_the_vendors_clock_counts(world: World, vendor: Vendor, ahead: timedelta) -> None:
    with survived(world, vendor) as struck:
        done = struck.sync(**set_machine_clock(struck, ahead))
        assert_works(done)
        assert_nothing_is_of_the_future(struck)


JUMPS = [
    cell(GROUP, f"{vendor.words}: machine jumps {words} in a run", vendor, ahead)
    for vendor in BOTH
    for words, ahead in {
        "3 years forth": YEARS,
        "3 years back": -YEARS,
        "an hour back": -timedelta(hours=1),
    }.items()
]


@pytest.mark.parametrize(("vendor", "ahead"), JUMPS)
def test_a_jump_within_a_run_moves_nothing(world: World, vendor: Vendor, ahead: timedelta) -> None:
    action = "sleep" if vendor is WHOOP else "getworkouts"
    with survived(world, vendor) as struck:
        settings = set_machine_clock(struck, timedelta(0))

        def jump() -> None:
            set_machine_clock(struck, ahead)

        done = struck.sync(at={("tap", f"before request {action}"): jump}, **settings)
        assert_works(done)
        assert_nothing_is_of_the_future(struck)


UNTOLD = [
    cell(GROUP, f"{vendor.words}: no Date, machine {words}", vendor, ahead)
    for vendor in BOTH
    for words, ahead in {"right": timedelta(0), **OFFSETS}.items()
]


@pytest.mark.parametrize(("vendor", "ahead"), UNTOLD)
def test_a_vendor_that_tells_no_time(world: World, vendor: Vendor, ahead: timedelta) -> None:
    with survived(world, vendor) as struck:
        struck.is_misdated = ahead > timedelta(days=1)
        struck.sandbox.add_fault("*", "date", times=None)
        done = struck.sync(**set_machine_clock(struck, ahead))
        assert_works(done)
        if not ahead:
            assert_nothing_is_of_the_future(struck)


LIES = [
    cell(GROUP, f"{vendor.words}: Date {words}", vendor, told)
    for vendor in BOTH
    for words, told in {
        "3 years ahead": "Fri, 01 Jun 2029 12:00:00 GMT",
        "3 years behind": "Thu, 01 Jun 2023 12:00:00 GMT",
        "garbled": "yesterday",
        "in the year 9999": "Fri, 31 Dec 9999 23:59:59 GMT",
    }.items()
]


@pytest.mark.parametrize(("vendor", "told"), LIES)
def test_a_vendor_that_tells_a_wrong_time(world: World, vendor: Vendor, told: str) -> None:
    with survived(world, vendor) as struck:
        struck.is_misdated = "2029" in told
        struck.sandbox.add_fault("*", "date", times=None, value=told)
        struck.sync(**set_machine_clock(struck, timedelta(0)))
