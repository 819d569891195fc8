"""Recovery, and what the heart does at rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from health_dashboards.report.charts.daily_value import DailyValue, daily_value
from health_dashboards.report.figure import Figure
from health_dashboards.report.theme import (
    BLUE,
    DATE,
    GREEN,
    ORANGE,
    PURPLE,
    RED,
    SKY,
    by_date,
    colours,
    plot,
)
from health_dashboards.report.words import counted, day, number, phrase

if TYPE_CHECKING:
    from health_dashboards.report.marts import Person

#: WHOOP's zones and where they begin (https://developer.whoop.com/docs/whoop-101), in colours that
#: everybody can tell apart.
_ZONES = {"high, from 67": (67, BLUE), "medium, from 34": (34, SKY), "low": (0, RED)}
_WEAR = "Wear the device at night, then sync."


def recovery(person: Person) -> Figure:
    """WHOOP's recovery of each date, in its zones."""
    title = "Recovery"
    rows = [
        {
            "local_date": row["local_date"],
            "score": row["recovery_score"],
            "zone": _zone(row["recovery_score"]),
            "source": row["recovery_score_source"],
            "status": phrase(row["recovery_status"]),
        }
        for row in person.recent
    ]
    known = [row for row in rows if row["score"] is not None]
    if not known:
        text = f"No recovery: it is WHOOP's own score. {_WEAR}"
        return Figure("recovery", title, text, "marts.daily_facts")
    chart = (
        plot(known)
        .mark_bar()
        .encode(
            x=by_date(rows),
            y=alt.Y("score:Q", title="of 100", scale=alt.Scale(domain=[0, 100])),
            color=colours("zone", {zone: colour for zone, (_, colour) in _ZONES.items()}, known),
            tooltip=[
                DATE,
                alt.Tooltip("score:Q", title="recovery"),
                "zone:N",
                "source:N",
            ],
        )
    )
    low = sum(row["zone"] == "low" for row in known)
    newest = known[-1]
    return Figure(
        name="recovery",
        title=title,
        text=(
            f"{number(newest['score'])} of 100 on {day(newest['local_date'])}. "
            f"{counted(len(known), 'date')} with a score, {number(low)} of them low."
        ),
        table="marts.daily_facts",
        chart=chart,
        headings=("date", "recovery", "zone", "source", "status"),
        rows=[
            (
                day(row["local_date"]),
                number(row["score"]),
                row["zone"] or "",
                row["source"] or "",
                row["status"],
            )
            for row in reversed(rows)
        ],
    )


def _zone(score: float | None) -> str | None:
    if score is None:
        return None
    return next(zone for zone, (least, _) in _ZONES.items() if score >= least)


_STATUS = "recovery_status"
VALUES = (
    DailyValue("hrv_rmssd", "Heart rate variability", "ms", GREEN, _STATUS, _WEAR),
    DailyValue("resting_heart_rate", "Resting heart rate", "beats/min", RED, _STATUS, _WEAR),
    DailyValue(
        "respiratory_rate", "Breaths in the night", "breaths/min", PURPLE, _STATUS, _WEAR, places=1
    ),
    DailyValue("skin_temperature", "Skin temperature", "°C", ORANGE, _STATUS, _WEAR, places=1),
)


def vitals(person: Person) -> list[Figure]:
    """The values of the night, one picture each."""
    return [daily_value(person, value) for value in VALUES]
