"""One person at both vendors: the same life, as two devices saw it."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

import health_sandbox
from health_sandbox.instants import DAY, HOUR, MINUTE, parse_instant, to_datetime
from health_sandbox.timeline import Row, first_day
from health_sandbox.whoop import sports
from health_sandbox.whoop.history import History as WhoopHistory
from health_sandbox.whoop.members import MEMBERS as WHOOP_MEMBERS
from health_sandbox.withings import workouts
from health_sandbox.withings.history import History as WithingsHistory
from health_sandbox.withings.members import MEMBERS as WITHINGS_MEMBERS

NOON = parse_instant("2026-06-01T12:00:00Z")


class Pairs(NamedTuple):
    """Rows of WHOOP and Withings that overlap in time, and those that are alone."""

    both: list[tuple[Row, Row]]
    whoop_only: list[Row]
    withings_only: list[Row]


@cache
def whoop(member: str) -> WhoopHistory:
    return WhoopHistory(WHOOP_MEMBERS[member], 1, first_day(NOON, 1))


@cache
def withings(member: str) -> WithingsHistory:
    return WithingsHistory(WITHINGS_MEMBERS[member], 1, first_day(NOON, 1))


def is_nap(row: Row) -> bool:
    return row.end - row.start < 2 * HOUR


def paired(ours: list[Row], theirs: list[Row]) -> Pairs:
    """Pair the rows of the time that both vendors know wholly: not its first and last days."""
    ours, theirs = (
        [row for row in rows if NOON - 360 * DAY < row.start < NOON - 2 * DAY]
        for rows in (ours, theirs)
    )
    both = [(a, b) for a in ours for b in theirs if a.start < b.end and b.start < a.end]
    seen = {row.id for pair in both for row in pair}
    return Pairs(
        both,
        [row for row in ours if row.id not in seen],
        [row for row in theirs if row.id not in seen],
    )


@cache
def sleeps(member: str, *, naps: bool) -> Pairs:
    return paired(
        [row for row in whoop(member).rows("sleeps", NOON).values() if row.body["nap"] == naps],
        [
            row
            for row in withings(member).rows("sleep_summary", NOON).values()
            if is_nap(row) == naps
        ],
    )


@pytest.mark.parametrize("member", ["ana", "chandra", "jon"])
def test_a_night_is_the_same_night_at_both(member: str) -> None:
    nights = sleeps(member, naps=False)
    assert len(nights.both) > 300
    assert all(abs(a.start - b.start) <= 30 * MINUTE for a, b in nights.both)
    assert any(a.start != b.start for a, b in nights.both)
    shares = [(b.end - b.start) / (a.end - a.start) for a, b in nights.both]
    assert sum(0.93 < share < 1.07 for share in shares) > 0.95 * len(shares)
    assert all(a.body["timezone_offset"] == offset(b) for a, b in nights.both)


def offset(row: Row) -> str:
    text = to_datetime(row.start).astimezone(ZoneInfo(row.body["timezone"])).isoformat()[-6:]
    return "Z" if text == "+00:00" else text


def test_a_night_or_nap_may_be_at_one_vendor_alone() -> None:
    for member in ("ana", "jon"):
        assert 1 <= len(sleeps(member, naps=False).whoop_only) < 20
        assert 1 <= len(sleeps(member, naps=True).whoop_only) < 20
    # A monitor under the mattress hears who wears nothing; a watch does not.
    assert sleeps("jon", naps=False).withings_only
    assert not sleeps("ana", naps=False).withings_only


def test_who_does_not_sleep_sleeps_nowhere() -> None:
    account, found = whoop("chandra"), {*withings("chandra").rows("sleep_summary", NOON)}
    life, sleepless = withings("chandra").life, 0
    for number in range(300):
        day = date(2026, 5, 25) - timedelta(days=number)
        night = account.calendar.night(day)
        if night is not None and not night.slept:
            sleepless += 1
            assert str(life.new_id(f"sleep/{day + timedelta(days=1)}")) not in found
    assert sleepless


@pytest.mark.parametrize("member", ["ana", "chandra"])
def test_a_nap_is_the_same_nap_at_both(member: str) -> None:
    naps = sleeps(member, naps=True)
    assert len(naps.both) > 20
    assert not naps.withings_only
    assert all(abs(a.start - b.start) <= 5 * MINUTE for a, b in naps.both)
    assert all(abs(a.end - b.end) <= 10 * MINUTE for a, b in naps.both)


@pytest.mark.parametrize("member", ["ana", "jon"])
def test_a_workout_is_the_same_workout_at_both(member: str) -> None:
    kinds = defaultdict[str, set[int]](set)
    for kind, sport in sports.SPORTS.items():
        kinds[sport.name] |= {row.category for row in workouts.SPORTS[kind]}
    found = paired(
        [*whoop(member).rows("workouts", NOON).values()],
        [*withings(member).rows("workouts", NOON).values()],
    )
    assert len(found.both) > 100
    assert all(abs(a.start - b.start) < 12 * MINUTE for a, b in found.both)
    alike = sum(b.body["category"] in kinds[a.body["sport_name"]] for a, b in found.both)
    assert alike > 0.75 * len(found.both)  # some are corrected at either
    assert found.whoop_only
    assert found.withings_only or member != "jon"  # he deletes some at WHOOP


@pytest.mark.parametrize("member", ["chandra", "jon"])
def test_steps_differ_by_some_percent(member: str) -> None:
    days, zone = withings(member).rows("activity", NOON), WITHINGS_MEMBERS[member].zone
    shares = []
    for cycle in whoop(member).rows("cycles", NOON).values():
        afternoon = to_datetime(cycle.start + 16 * HOUR).astimezone(zone).date().isoformat()
        if cycle.start < NOON - 4 * DAY and cycle.body.get("step_count") and afternoon in days:
            shares.append(days[afternoon].body["steps"] / cycle.body["step_count"])
    assert len(shares) > 300
    assert 0.93 < min(shares) < 0.97
    assert 1.03 < max(shares) < 1.07


def test_before_a_device_was_linked_the_other_vendor_is_alone() -> None:
    linked = parse_instant("2023-10-14T12:00:00Z")
    since = first_day(linked, 0.05)
    strap = WhoopHistory(WHOOP_MEMBERS["ana"], 1, since)
    watch = WithingsHistory(WITHINGS_MEMBERS["ana"], 1, since)
    assert len(strap.rows("sleeps", linked)) > 12
    assert not watch.rows("sleep_summary", linked)
    assert len(watch.rows("sleep_summary", linked + 9 * DAY)) > 5


def test_neither_vendor_knows_the_other() -> None:
    package = Path(health_sandbox.__file__).parent
    for vendor, other in (("whoop", "withings"), ("withings", "whoop")):
        for path in (package / vendor).glob("*.py"):
            assert not re.search(rf"import .*\b{other}\b|from .*\b{other}\b", path.read_text())
