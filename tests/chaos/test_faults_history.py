"""Runs that come late, settings that move, and records that change behind the bookmark."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from ..oracle.records import parse_instant
from .reliability import cell
from .strikes import (
    BOTH,
    Settings,
    assert_failed,
    assert_works,
    each,
    one_service,
    state_of,
    survived,
)
from .vendors import WHOOP, WITHINGS
from .world import NOON

if TYPE_CHECKING:
    from .cell import Cell
    from .vendors import Vendor
    from .world import World

GROUP = "Faults of history"
DAY = 86_400.0


def text(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%S.000Z}"


def epoch(instant: datetime) -> int:
    return int(instant.replace(tzinfo=timezone.utc).timestamp())


def stamped(vendor: Vendor, instant: datetime) -> dict[str, Any]:
    """What says when a record changed."""
    return {"updated_at": text(instant)} if vendor is WHOOP else {"modified": epoch(instant)}


def lasting(vendor: Vendor, start: datetime, end: datetime) -> dict[str, Any]:
    """What says when an activity was."""
    if vendor is WHOOP:
        return {"start": text(start), "end": text(end)}
    return {"startdate": epoch(start), "enddate": epoch(end), "date": f"{start:%Y-%m-%d}"}


def workout(struck: Cell, vendor: Vendor, start: datetime) -> str:
    """A workout of 45 minutes."""
    times = lasting(vendor, start, start + timedelta(minutes=45))
    made = struck.sandbox.add(struck.oracle.member, "workouts", times)
    return str(made["id"])


def edit(struck: Cell, workout_id: str, change: dict[str, Any]) -> None:
    struck.sandbox.edit(struck.oracle.member, "workouts", workout_id, change)


@pytest.mark.parametrize("vendor", each(GROUP, "machine off for three weeks", quick={WHOOP}))
def test_the_look_back_grows_to_the_last_success(world: World, vendor: Vendor) -> None:
    with survived(world, vendor) as struck:
        assert_works(struck.sync())
        struck.wait(21 * DAY)


@pytest.mark.parametrize("vendor", each(GROUP, "start_date moved earlier", quick={WITHINGS}))
def test_a_start_date_that_moves_is_caught_up_with(world: World, vendor: Vendor) -> None:
    with survived(world, vendor, days=10) as struck:
        assert_works(struck.sync())
        earlier = NOON - timedelta(days=35)
        struck.environment[f"{vendor.prefix}START_DATE"] = text(earlier)
        struck.oracle = replace(struck.oracle, start=earlier)  # type: ignore[type-var]


@pytest.mark.parametrize("vendor", each(GROUP, "end_date, and then none"))
def test_a_range_leaves_no_gap(world: World, vendor: Vendor) -> None:
    with survived(world, vendor) as struck:
        ends: Settings = {f"{vendor.prefix}END_DATE": text(NOON - timedelta(days=10))}
        done = struck.sync(**ends)
        assert_works(done)
        _, stream = one_service(vendor)
        reached = parse_instant(state_of(struck, stream)["covered"][-1][1])
        assert reached <= NOON - timedelta(days=10)


@pytest.mark.parametrize("vendor", each(GROUP, "old record edited today"))
def test_a_late_edit_moves_no_bookmark_over_what_was_not_read(world: World, vendor: Vendor) -> None:
    short: Settings = {f"{vendor.prefix}WINDOW_DAYS": "6"}
    path, action = ("*/workout", None) if vendor is WHOOP else ("*/v2/measure", "getworkouts")
    with survived(world, vendor, **short) as struck:
        old = workout(struck, vendor, NOON - timedelta(days=19))
        edit(struck, old, stamped(vendor, NOON))
        struck.sandbox.add_fault(path, "status", times=None, skip=1, action=action)
        assert_failed(struck.sync(), struck, {"workouts": "vendor_failure"})
        ((_, reached),) = state_of(struck, "workouts")["covered"]
        assert parse_instant(reached) < NOON - timedelta(days=12)


@pytest.mark.parametrize("vendor", each(GROUP, "changed in the future"))
def test_a_stamp_of_the_future_moves_no_bookmark(world: World, vendor: Vendor) -> None:
    with survived(world, vendor) as struck:
        ahead = workout(struck, vendor, NOON - timedelta(days=1))
        edit(struck, ahead, stamped(vendor, NOON + timedelta(days=3 * 365)))
        assert_works(struck.sync())
        bookmark = parse_instant(state_of(struck, "workouts")["replication_key_value"])
        assert bookmark <= NOON + timedelta(minutes=1)
        struck.wait(DAY)


NIGHT: dict[Vendor, tuple[str, dict[str, Any]]] = {
    WHOOP: ("sleeps", {"score": {"sleep_performance_percentage": 41.0}}),
    WITHINGS: ("sleep_summary", {"data": {"sleep_score": 41}}),
}


@pytest.mark.parametrize("vendor", each(GROUP, "scored again after 6 days"))
def test_a_late_score_arrives(world: World, vendor: Vendor) -> None:
    stream, change = NIGHT[vendor]
    with survived(world, vendor) as struck:
        assert_works(struck.sync())
        struck.wait(6 * DAY)
        nights = [r for r in struck.oracle.truth(stream) if r.end and r.end < NOON]
        newest = max(nights, key=lambda night: str(night.end))
        struck.sandbox.edit(struck.oracle.member, stream, str(newest.key[0]), change)


MOVES = {
    "by three hours": (timedelta(days=1), timedelta(hours=3)),
    "across the edge of a window": (timedelta(days=1), timedelta(days=4)),
    "back across the edge of a window": (timedelta(days=5), -timedelta(days=4)),
}


@pytest.mark.parametrize(
    ("vendor", "ago", "by"),
    [
        cell(GROUP, f"{vendor.words}: times edited {words}", vendor, ago, by)
        for vendor in BOTH
        for words, (ago, by) in MOVES.items()
    ],
)
def test_edited_times_arrive(world: World, vendor: Vendor, ago: timedelta, by: timedelta) -> None:
    short: Settings = {f"{vendor.prefix}WINDOW_DAYS": "3"}
    with survived(world, vendor, **short) as struck:
        moved = workout(struck, vendor, NOON - ago)
        assert_works(struck.sync())
        struck.wait()
        start = NOON - ago - by
        edit(struck, moved, lasting(vendor, start, start + timedelta(minutes=45)))


@pytest.mark.parametrize("vendor", each(GROUP, "times edited across the look-back"))
def test_times_edited_to_long_ago_are_found_at_night(world: World, vendor: Vendor) -> None:
    nightly = {f"{vendor.prefix}RECONCILE_DAYS": "20"}
    with survived(world, vendor, clean=nightly) as struck:
        moved = workout(struck, vendor, NOON - timedelta(days=1))
        assert_works(struck.sync())
        struck.wait()
        start = NOON - timedelta(days=15)
        edit(struck, moved, lasting(vendor, start, start + timedelta(minutes=45)))
        assert_works(struck.sync())


UNSCORED = {"score_state": "PENDING_SCORE", "score": None}


@pytest.mark.cell(GROUP, "WHOOP: pending, then scored, then unscorable")
@pytest.mark.soak
def test_a_score_comes_and_goes(world: World) -> None:
    with survived(world, WHOOP) as struck:
        night = struck.sandbox.add(struck.oracle.member, "sleeps", UNSCORED)
        score = struck.oracle.sandbox.truth(struck.oracle.member, "sleeps")[-1]["score"]

        def state() -> list[Any]:
            return struck.query(
                "select score_state, score_sleep_performance_percentage is null "
                f"from whoop_raw.sleeps where id = '{night['id']}'"
            )

        def become(score_state: str, score: dict[str, Any] | None) -> None:
            struck.wait()
            change = {"score_state": score_state, "score": score}
            struck.sandbox.edit(struck.oracle.member, "sleeps", night["id"], change)

        assert_works(struck.sync())
        assert state() == [("PENDING_SCORE", True)]
        become("SCORED", score)
        assert_works(struck.sync())
        assert state() == [("SCORED", False)]
        become("UNSCORABLE", None)


@pytest.mark.cell(GROUP, "Withings: somebody else's, then decided")
@pytest.mark.soak
def test_a_measure_that_was_in_doubt_is_decided(world: World) -> None:
    with survived(world, WITHINGS) as struck:
        group = struck.sandbox.add(struck.oracle.member, "measure_groups", {"attrib": 1})
        assert_works(struck.sync())
        struck.wait()
        struck.sandbox.edit(struck.oracle.member, "measure_groups", group["grpid"], {"attrib": 0})
