"""The newest numbers, each beside what is usual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from health_dashboards.report.charts.running_mean import DATES, usual
from health_dashboards.report.words import day, duration, number

if TYPE_CHECKING:
    from collections.abc import Callable

    from health_dashboards.report.marts import Person, Row


@dataclass(frozen=True)
class Tile:
    """One number.

    Attributes:
        title: What it is.
        value: The value with its unit.
        usual: How far it is from what is usual; empty where too little is known for that.
        told: Who told it, and of which date.
    """

    title: str
    value: str
    usual: str
    told: str


@dataclass(frozen=True)
class _Shown:
    metric: str
    source: str
    title: str
    say: Callable[[float], str]
    scale: str = ""


def _with_unit(unit: str = "", places: int = 0) -> Callable[[float], str]:
    return lambda value: f"{number(value, places)} {unit}".strip()


_SHOWN = (
    _Shown("asleep_s", "sleep_source", "Asleep", duration),
    _Shown("recovery_score", "recovery_score_source", "Recovery", _with_unit(), " of 100"),
    _Shown("hrv_rmssd", "hrv_rmssd_source", "Heart rate variability", _with_unit("ms")),
    _Shown(
        "resting_heart_rate",
        "resting_heart_rate_source",
        "Resting heart rate",
        _with_unit("beats/min"),
    ),
    _Shown("steps", "steps_source", "Steps", _with_unit()),
    _Shown("strain", "strain_source", "Strain", _with_unit(places=1), " of 21"),
    _Shown(
        "energy_total_kcal", "energy_total_kcal_source", "Energy of the day", _with_unit("kcal")
    ),
    _Shown("body_weight", "body_weight_source", "Weight", _with_unit("kg", 1)),
)


def tiles(person: Person) -> list[Tile]:
    """The newest value of each number that the person has; what is not over yet still grows."""
    return [
        _tile(person, shown, known[-1])
        for shown in _SHOWN
        if (known := [nth for nth, row in enumerate(person.days) if _is_told(row, shown)])
    ]


def _is_told(row: Row, shown: _Shown) -> bool:
    return row["is_over"] and row[shown.metric] is not None


def _tile(person: Person, shown: _Shown, nth: int) -> Tile:
    newest = person.days[nth]
    value = newest[shown.metric]
    mean = usual([row[shown.metric] for row in person.days[max(0, nth - DATES) : nth]])
    return Tile(
        title=shown.title,
        value=shown.say(value) + shown.scale,
        usual="" if mean is None else _against(mean, value, shown),
        told=f"{newest[shown.source] or 'no source'}, {day(newest['local_date'])}",
    )


def _against(mean: float, value: float, shown: _Shown) -> str:
    if shown.say(value) == shown.say(mean):
        return "as usual"
    return f"{shown.say(abs(value - mean))} {'more' if value > mean else 'less'} than usual"
