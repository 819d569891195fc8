"""The data over time: the same everywhere, and changing as live data does."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from health_sandbox.instants import HOUR, format_instant, parse_instant
from health_sandbox.server import SandboxServer
from health_sandbox.timeline import first_day
from health_sandbox.whoop.history import History
from health_sandbox.whoop.members import MEMBERS

Row = dict[str, Any]
TIMED = ["cycles", "sleeps", "recoveries", "workouts"]
COLLECTIONS = ["profile", "body", *TIMED]
KEY = {"recoveries": "cycle_id"}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def hours(later: str, earlier: str) -> float:
    return (moment(later) - moment(earlier)) / timedelta(hours=1)


def everything(server: SandboxServer, members: list[str]) -> dict[str, Any]:
    return {
        f"{member}/{collection}": server.truth(member, collection)
        for member in members
        for collection in COLLECTIONS
    }


def by_key(rows: list[Row], collection: str) -> dict[Any, Row]:
    return {row[KEY.get(collection, "id")]: row for row in rows}


# The records of some days, looked at every hour: (now, collection -> key -> body).
Shots = list[tuple[str, dict[str, dict[Any, Row]]]]


def test_two_servers_tell_the_same_truth() -> None:
    clock, members = "2026-06-01T12:00:00Z", ["ana", "eli", "fay"]
    with (
        SandboxServer(clock=clock, frozen=True, years=0.4) as one,
        SandboxServer(clock=clock, frozen=True, years=0.4) as two,
        SandboxServer(clock=clock, frozen=True, years=0.4, seed=2) as other,
    ):
        truth = everything(one, members)
        assert truth == everything(two, members)
        assert truth["ana/cycles"] != other.truth("ana", "cycles")
        assert truth["ana/profile"] == other.truth("ana", "profile")


def test_history_does_not_depend_on_the_start_of_the_clock() -> None:
    """A server set to a time tells what a server that started then tells, and years only cut."""
    with (
        SandboxServer(clock="2025-10-10T05:00:00Z", frozen=True, years=0.1) as early,
        SandboxServer(clock="2026-06-01T12:00:00Z", frozen=True, years=0.5) as late,
    ):
        early.set_clock("2026-06-01T12:00:00Z")
        for member in ("eli", "ida"):
            for collection in TIMED:
                short = late.truth(member, collection)
                assert short
                long = early.truth(member, collection)
                assert [row for row in long if row in short] == short
                assert len(long) > len(short)
                for row in long:
                    assert row in short or row["created_at"] < "2025-12-03"


def test_the_clock_can_go_back_to_what_was_seen_then(sandbox: SandboxServer) -> None:
    then = everything(sandbox, ["ana", "ida"])
    sandbox.advance(40 * 86400)
    later = everything(sandbox, ["ana", "ida"])
    assert len(later["ana/cycles"]) > len(then["ana/cycles"]) + 30
    sandbox.set_clock("2026-06-01T12:00:00.000Z")
    assert everything(sandbox, ["ana", "ida"]) == then


def snapshots(member: str, days: int) -> Shots:
    start = parse_instant("2026-03-20T12:00:00Z")
    history = History(MEMBERS[member], 1, first_day(start, 0))
    shots = []
    for hour in range(24 * days):
        now = start + hour * HOUR
        bodies = {name: [row.body for row in history.rows(name, now).values()] for name in TIMED}
        keyed = {name: by_key(rows, name) for name, rows in bodies.items()}
        shots.append((format_instant(now), keyed))
    return shots


@pytest.fixture(scope="module")
def unsteady() -> Shots:
    return snapshots("ida", 60)


@pytest.fixture(scope="module")
def athlete() -> Shots:
    return snapshots("jon", 60)


def lives(shots: Shots, name: str) -> dict[Any, list[Row]]:
    """The bodies each record had, in order, without repeats."""
    found: dict[Any, list[Row]] = {}
    for _, shot in shots:
        for key, row in shot[name].items():
            bodies = found.setdefault(key, [])
            if not bodies or bodies[-1] != row:
                bodies.append(row)
    return found


def test_a_cycle_appears_hours_after_its_start_and_closes_the_one_before(athlete: Any) -> None:
    appeared = 0
    for (_, before), (now, after) in pairwise(athlete):
        new = set(after["cycles"]) - set(before["cycles"])
        for key in new:
            cycle = after["cycles"][key]
            assert 3 < hours(cycle["created_at"], cycle["start"]) < 16
            assert cycle["created_at"] <= now
            assert cycle["end"] is None
            open_before = [row for row in before["cycles"].values() if row["end"] is None]
            for row in open_before:
                closed = after["cycles"][row["id"]]
                assert closed["end"] == cycle["start"] < row["updated_at"]
                assert closed["updated_at"] == cycle["created_at"]
                appeared += 1
    assert appeared > 20


def test_the_open_cycle_changes_all_day_and_its_energy_can_fall_on_closing(athlete: Any) -> None:
    falls = 0
    for bodies in lives(athlete, "cycles").values():
        running = [row for row in bodies if row["end"] is None]
        if len(running) == len(bodies) or len(running) < 5:
            continue
        assert {row["score_state"] for row in running} <= {"SCORED", "PENDING_SCORE", "UNSCORABLE"}
        scores = [row["score"] for row in running if row.get("score")]
        strains = [score["strain"] for score in scores]
        assert strains == sorted(strains)
        closed = bodies[len(running)]
        if scores and closed.get("score"):
            falls += closed["score"]["kilojoule"] < scores[-1]["kilojoule"]
        updates = [row["updated_at"] for row in bodies]
        assert updates == sorted(set(updates))
    assert falls > 5


def test_nights_are_pending_then_scored_or_scored_again_with_a_later_end(unsteady: Any) -> None:
    sleeps = lives(unsteady, "sleeps").values()
    states = [[row["score_state"] for row in bodies] for bodies in sleeps]
    assert ["UNSCORABLE"] in states
    assert any(run[:2] == ["PENDING_SCORE", "SCORED"] for run in states)
    rescored = [
        (first, second)
        for bodies in sleeps
        for first, second in pairwise(bodies)
        if first["score_state"] == second["score_state"] == "SCORED"
    ]
    assert any(second["end"] > first["end"] for first, second in rescored)
    for first, second in rescored:
        assert second["score"] != first["score"]
        assert second["end"] < second["updated_at"] > first["updated_at"]


def test_workouts_come_late_are_edited_and_deleted(athlete: Any) -> None:
    found = lives(athlete, "workouts")
    last = athlete[-1][1]["workouts"]
    assert set(found) - set(last), "some were deleted"
    delays = [hours(bodies[0]["created_at"], bodies[0]["end"]) for bodies in found.values()]
    assert max(delays) > 5
    assert max(delays) <= 14.7
    edits = [
        (first, second)
        for bodies in found.values()
        for first, second in pairwise(bodies)
        if first["start"] != second["start"]
    ]
    assert edits
    for first, second in edits:
        assert second["updated_at"] > first["updated_at"]
        assert hours(second["updated_at"], first["end"]) <= 40.5
        assert second["score"] != first["score"] or second["score"]["strain"] == 0
    assert any(first["sport_name"] != second["sport_name"] for first, second in edits)


def test_weight_changes_from_time_to_time(sandbox: SandboxServer) -> None:
    weights = []
    for _ in range(5):
        weights.append(sandbox.truth("ana", "body")[0]["weight_kilogram"])
        sandbox.advance(14 * 86400)
    assert len(set(weights)) >= 4
