"""What tests may do to the records of the simulated WHOOP."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from health_sandbox.instants import format_instant
from health_sandbox.record_control import Collection, by
from health_sandbox.timeline import Body, merge

from .additions import DEFAULTS
from .history import SPANS, History

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def _complete(name: str, history: History, given: Body, now: int) -> Body:
    return merge(DEFAULTS[name](history, given, now), given)


def _check(name: str, body: Body) -> None:
    SPANS[name](body, lambda _, __: None)


def _stamp(before: Body, now: int) -> Body:
    return {"updated_at": format_instant(now)} if "updated_at" in before else {}


def _recovery_of_sleep(history: History, sleep_id: str, now: int) -> Iterator[tuple[str, str]]:
    """Name the recovery that goes along with its sleep (WHOOP webhooks page)."""
    for recovery in history.rows("recoveries", now).values():
        if recovery.body["sleep_id"] == sleep_id:
            yield "recoveries", recovery.id


def _edited_only() -> Collection[History]:
    return Collection(key=by("user_id"), stamp=_stamp)


def _of_the_time(name: str, key: str) -> Collection[History]:
    return Collection(
        key=by(key), complete=partial(_complete, name), check=partial(_check, name), stamp=_stamp
    )


COLLECTIONS: Mapping[str, Collection[History]] = {
    "profile": _edited_only(),
    "body": _edited_only(),
    "cycles": _of_the_time("cycles", "id"),
    "sleeps": Collection(
        key=by("id"),
        complete=partial(_complete, "sleeps"),
        check=partial(_check, "sleeps"),
        stamp=_stamp,
        goes_along=_recovery_of_sleep,
    ),
    "recoveries": _of_the_time("recoveries", "cycle_id"),
    "workouts": _of_the_time("workouts", "id"),
}
"""The collections and what identifies their records; a body measurement carries no id."""
