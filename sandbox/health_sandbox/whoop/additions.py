"""Records that a test adds: whatever it leaves out gets a plausible value."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from health_sandbox.instants import HOUR, MINUTE, format_instant, parse_instant, to_datetime

from .calendar import offset_at
from .ids import cycle_id
from .scores import cycle_score, recovery_score, sleep_score, workout_score
from .sports import SPORTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from health_sandbox.timeline import Body

    from .history import History


def _record(history: History, now: int) -> Body:
    stamp = format_instant(now)
    return {"user_id": history.member.user_id, "created_at": stamp, "updated_at": stamp}


def _activity(history: History, now: int, length: int) -> Body:
    zone = history.calendar.zone_on(to_datetime(now).date())
    return {
        **_record(history, now),
        "start": format_instant(now - length),
        "end": format_instant(now),
        "timezone_offset": offset_at(zone, now - length),
        "score_state": "SCORED",
    }


def _cycle(history: History, _: Body, now: int) -> Body:
    key = cycle_id(history.member.name, now)
    while str(key) in history.rows("cycles", now):
        key += 1
    score = cycle_score(history.member, 9.5, 9000.0)
    return {
        "id": key,
        **_activity(history, now, 8 * HOUR),
        "end": None,
        "score": score,
        "step_count": 0,
    }


def _sleep(history: History, given: Body, now: int) -> Body:
    end = parse_instant(given["end"]) if given.get("end") else now
    chance, length = history.calendar.draw("added", now), 8 * HOUR
    score = sleep_score(chance, history.member, length, nap=False, settled=True)
    return {
        "id": str(uuid4()),
        "cycle_id": _cycle_at(history, end, now),
        "v1_id": None,
        **_activity(history, now, length),
        "nap": False,
        "score": score,
    }


def _recovery(history: History, _: Body, now: int) -> Body:
    chance = history.calendar.draw("added", now)
    return {
        "cycle_id": _cycle_at(history, now, now),
        "sleep_id": str(uuid4()),
        **_record(history, now),
        "score_state": "SCORED",
        "score": recovery_score(chance, history.member, settled=True),
    }


def _workout(history: History, _: Body, now: int) -> Body:
    chance, length, sport = history.calendar.draw("added", now), 45 * MINUTE, SPORTS["running"]
    return {
        "id": str(uuid4()),
        "v1_id": None,
        **_activity(history, now, length),
        "sport_name": sport.name,
        "sport_id": sport.sport_id,
        "score": workout_score(chance, history.member, sport, length),
    }


def _cycle_at(history: History, instant: int, now: int) -> int:
    """Return the id of the cycle that went on at an instant, or the one it would have."""
    cycles = history.rows("cycles", now).values()
    on = next((cycle for cycle in cycles if cycle.start < instant <= cycle.end), None)
    return int(on.body["id"]) if on else cycle_id(history.member.name, instant)


DEFAULTS: Mapping[str, Callable[[History, Body, int], Body]] = {
    "cycles": _cycle,
    "sleeps": _sleep,
    "recoveries": _recovery,
    "workouts": _workout,
}
"""A whole, plausible record of now around the fields given, for what takes additions."""
