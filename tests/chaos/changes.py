"""Half a day at a vendor: something new, something corrected, something gone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ..oracle.records import parse_instant

if TYPE_CHECKING:
    from collections.abc import Callable

    from .cell import Cell

HALF_A_DAY = 12 * 3600.0
#: Within the look-back of WHOOP's streams.
RECENT = timedelta(days=5)


def change(cell: Cell) -> None:
    """Let half a day pass in which a member adds, corrects and deletes."""
    cell.wait(HALF_A_DAY)
    _CHANGES[cell.tap](cell)


def _change_whoop(cell: Cell) -> None:
    sandbox, member, now = cell.sandbox, cell.oracle.member, parse_instant(cell.sandbox.now())
    sandbox.add(member, "workouts", {"start": f"{now - timedelta(hours=3):%Y-%m-%dT%H:%M:%S}.250Z"})
    corrected, deleted, *_ = sorted(
        record.key
        for record in cell.oracle.truth("workouts")
        if record.start and now - RECENT < record.start < now - timedelta(days=1)
    )
    sandbox.edit(member, "workouts", str(corrected[0]), {"sport_name": "corrected"})
    sandbox.delete(member, "workouts", str(deleted[0]))
    cell.deleted["workouts"] = {deleted}
    night = next(r for r in cell.oracle.truth("sleeps") if r.end and r.end > now - RECENT)
    sandbox.edit(member, "sleeps", str(night.key[0]), {"score": {"respiratory_rate": 12.125}})


def _change_withings(cell: Cell) -> None:
    sandbox, member, now = cell.sandbox, cell.oracle.member, parse_instant(cell.sandbox.now())
    taken = now - timedelta(days=2)
    sandbox.add(member, "measure_groups", {"date": int((taken - _EPOCH).total_seconds())})
    groups = cell.oracle.truth("measure_groups")
    whole = next(group for group in groups if len(group.columns["measures"]) > 1)
    corrected, deleted = [group.key for group in groups if group is not whole][:2]
    sandbox.edit(member, "measure_groups", corrected[0], {"attrib": 7})
    fewer = {"measures": whole.columns["measures"][1:]}
    sandbox.edit(member, "measure_groups", whole.key[0], fewer)
    measures = {m.key for m in cell.oracle.truth("measures") if m.key[0] == deleted[0]}
    cell.deleted |= {"measure_groups": {deleted}, "measures": measures}
    sandbox.delete(member, "measure_groups", deleted[0])


_EPOCH = parse_instant("1970-01-01")
_CHANGES: dict[str, Callable[[Cell], None]] = {
    "tap-whoop": _change_whoop,
    "tap-withings": _change_withings,
}
