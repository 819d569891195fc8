"""Activity at high frequency: slots of ten minutes, which add up to the row of the day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .activity import SLOT, ActiveDay, active_day
from .devices import SCANWATCH_2
from .life import Life, epoch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from health_sandbox.timeline import Body

_SECONDS = SLOT // 1000
_SPARED_SHARE, _POOL_SHARE = 0.05, 0.005
_BREATH_SHARE, _WARMTH_SHARE = 0.1, 0.1
_SUMMED = ("steps", "elevation", "calories", "distance")


def slots(life: Life, day: date, now: int) -> Iterator[tuple[int, Body]]:
    """Yield the slots of a date that have reached Withings: epoch second and what it tells."""
    active = active_day(life, day)
    if active is None or active.device is None:
        return
    chance, synced = life.draw("intraday", day), active.synced(now)
    source = {
        "deviceid": active.device.device_id(life.member),
        "model": active.source.name,
        "model_id": active.source.model_id,
    }
    before = active.sums_at(0.0)
    for number, share in enumerate(active.shares[1:]):
        start, after = active.start + number * SLOT, active.sums_at(share)
        draws = [chance.random() for _ in range(4)]
        if start + SLOT > synced:
            return
        if draws[0] >= 1 - _SPARED_SHARE:
            yield epoch(start), {"duration": _SECONDS}
        else:
            counted = {name: round(after[name] - before[name], 3) for name in _SUMMED}
            yield epoch(start), {**source, **counted, **_sensed(active, draws)}
        before = after


def _sensed(active: ActiveDay, draws: list[float]) -> Body:
    """Return what a slot tells besides the activity that was counted."""
    row: Body = {"duration": _SECONDS}
    resting = active.life.member.person.resting_heart_rate
    row["heart_rate"] = round(resting + 12 + 30 * draws[1])
    if draws[2] < _BREATH_SHARE:
        row |= {"spo2_auto": round(94 + 5 * draws[3], 1), "rr": round(13 + 4 * draws[3])}
        row |= {"rmssd": round(20 + 50 * draws[3]), "sdnn1": round(30 + 50 * draws[3])}
        row["hrv_quality"] = 1
    if active.source == SCANWATCH_2 and draws[2] >= 1 - _WARMTH_SHARE:
        row["core_body_temperature"] = round(36.4 + draws[3], 2)
    if draws[0] < _POOL_SHARE:
        row |= {"stroke": round(100 * draws[3]), "pool_lap": round(8 * draws[3])}
    return row
