"""The stages of a sleep: the summary is counted from them, and ``get`` shows them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

from .devices import SCANWATCH, SCANWATCH_2, SCANWATCH_LIGHT, SLEEP_MAT
from .relays import APPLE_WATCH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from health_sandbox.timeline import Body

AWAKE, LIGHT, DEEP, REM, UNSPECIFIED, OUT_OF_BED = 0, 1, 2, 3, 5, 15
"""States of sleep (API reference, sleep get)."""

MODEL_NAMES: Mapping[int, str] = {
    source.model_id: source.name
    for source in (SLEEP_MAT, SCANWATCH, SCANWATCH_2, SCANWATCH_LIGHT, APPLE_WATCH)
}

TRACKER, MONITOR = 16, 32
"""What recorded a sleep, as ``model`` tells it."""

_MINUTE = 60
_CYCLE = ((LIGHT, 12, 30), (DEEP, 8, 35), (LIGHT, 5, 20), (REM, 6, 30))
_WAKES_SHARE, _LEAVES_SHARE = 0.45, 0.15
_SAMPLE_SECONDS = 900


class Stage(NamedTuple):
    """A stretch of one state; epoch seconds."""

    state: int
    start: int
    end: int

    @property
    def seconds(self) -> int:
        """How long it lasts."""
        return self.end - self.start


def stages(sleep: Body) -> list[Stage]:
    """Return the stages of a sleep, which depend on its id and its times alone."""
    start, end = int(sleep["startdate"]), int(sleep["enddate"])
    if _is_external(sleep):
        return [Stage(UNSPECIFIED, start, end)]
    chance = random.Random(f"{sleep['id']}/{start}/{end}")  # noqa: S311 - made-up data
    # What stays awake at both ends is at most a fifth of a short nap.
    most = max(2, min(25 * _MINUTE, (end - start) // 10))
    latency, lying = chance.randrange(1, most), chance.randrange(1, most)
    asleep_until, at = end - lying, start + latency
    found = [Stage(AWAKE, start, at)]
    for state, seconds in _cycles(chance):
        until = min(at + seconds, asleep_until)
        if until > at:
            found.append(Stage(state, at, until))
        at = until
        if at >= asleep_until:
            break
    if found[-1].state in {AWAKE, OUT_OF_BED}:
        found[-1] = found[-1]._replace(state=LIGHT)
    return [*found, Stage(AWAKE, at, end)]


def _cycles(chance: random.Random) -> Iterator[tuple[int, int]]:
    while True:
        for state, shortest, longest in _CYCLE:
            yield state, chance.randrange(shortest * _MINUTE, longest * _MINUTE)
        if chance.random() < _WAKES_SHARE:
            state = OUT_OF_BED if chance.random() < _LEAVES_SHARE else AWAKE
            yield state, chance.randrange(_MINUTE, 12 * _MINUTE)


def _is_external(sleep: Body) -> bool:
    return sleep["hash_deviceid"] is None


def stage_rows(sleep: Body) -> Iterator[Body]:
    """Yield the rows of ``get`` for a sleep, with all data fields that its device knows."""
    chance = random.Random(f"{sleep['id']}/samples")  # noqa: S311 - made-up data
    data = sleep.get("data") or {}
    monitor = sleep["model"] == MONITOR
    for stage in stages(sleep):
        row: Body = {
            "startdate": stage.start,
            "enddate": stage.end,
            "state": stage.state,
            "model": MODEL_NAMES.get(sleep["model_id"], ""),
            "model_id": sleep["model_id"],
            "hash_deviceid": sleep["hash_deviceid"],
        }
        if not _is_external(sleep):
            row |= _samples(chance, stage, data.get("hr_average") or 60, monitor=monitor)
        yield row


def _samples(chance: random.Random, stage: Stage, pulse: float, *, monitor: bool) -> Body:
    """Return the maps from epoch to value, each value a whole number as in the document."""
    levels = {"hr": (pulse, 3), "rr": (14, 1), "rmssd": (45, 9), "sdnn_1": (60, 9)}
    levels["hrv_quality"] = (60, 10)
    if monitor:
        levels |= {"snoring": (20, 15), "mvt_score": (12, 8)}
        levels |= {"chest_movement_rate": (14, 1), "breathing_sounds": (6, 4)}
    instants = range(stage.start, stage.end, _SAMPLE_SECONDS)
    return {
        name: {str(at): max(0, round(chance.gauss(*level))) for at in instants}
        for name, level in levels.items()
    }
