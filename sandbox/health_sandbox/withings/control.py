"""What tests may do to the records of the simulated Withings."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from health_sandbox.instants import SECOND
from health_sandbox.record_control import Collection, by

from . import additions
from .heart import recording_key
from .history import DERIVED, SPANS, History, goals_key
from .life import epoch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from health_sandbox.timeline import Body


def _check(name: str, body: Body) -> None:
    SPANS[name](body, lambda _, __: None)
    for row in body.get("measures", ()):
        _ = int(row["value"]), int(row["type"]), int(row["unit"])


def _stamp(_: Body, now: int) -> Body:
    return {"modified": epoch(now)}


def _when_stored(body: Body, now: int) -> int:
    """A record that says that it was stored later than now is not visible until then."""
    return max(now, int(body.get("created") or body.get("modified") or 0) * SECOND)


def _collection(
    name: str,
    key: Callable[[Body], str],
    complete: Callable[[History, Body, int], Body],
    *,
    stamped: bool = True,
) -> Collection[History]:
    check = partial(_check, name)
    if not stamped:
        return Collection(key=key, complete=complete, check=check)
    return Collection(key=key, complete=complete, check=check, stamp=_stamp, shown=_when_stored)


COLLECTIONS: Mapping[str, Collection[History]] = {
    "measure_groups": _collection("measure_groups", by("grpid"), additions.measure_group),
    "activity": _collection("activity", by("date"), additions.activity),
    "workouts": _collection("workouts", by("id"), additions.workout),
    "sleep_summary": _collection("sleep_summary", by("id"), additions.sleep),
    "heart_recordings": _collection("heart_recordings", recording_key, additions.heart_recording),
    "devices": _collection("devices", by("deviceid"), additions.device, stamped=False),
    "goals": _collection("goals", goals_key, additions.goals, stamped=False),
    **dict.fromkeys(DERIVED, Collection[History]()),
}
"""The collections and what identifies their records; the last ones can only be read."""
