"""Nights: how long and how deep, from when to when, and what is owed."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from statistics import fmean
from typing import TYPE_CHECKING

import altair as alt

from health_dashboards.report.figure import Figure
from health_dashboards.report.theme import (
    BLUE,
    DATE,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    by_date,
    colours,
    plot,
)
from health_dashboards.report.words import HOUR, counted, day, duration

if TYPE_CHECKING:
    from health_dashboards.report.marts import Person, Row

_STAGES = {"deep": BLUE, "REM": PURPLE, "light": SKY, "not told apart": GREY}
_WHAT_TO_DO = "No night was recorded. Wear the device at night, then sync."
_NOON = 12
_DAY_HOURS = 24


def stages(person: Person) -> Figure:
    """Time asleep of each night by stage, and what was needed."""
    title = "Time asleep"
    nights = _nights(person)
    if not nights:
        return Figure("stages", title, _WHAT_TO_DO, "marts.daily_facts")
    told = [
        {
            "local_date": night["local_date"],
            "asleep": duration(night["asleep_s"]),
            "needed": duration(night["need_s"]),
            "source": night["sleep_source"],
        }
        for night in nights
    ]
    parts = [
        {**row, "stage": stage, "order": order, "hours": seconds / HOUR, "time": duration(seconds)}
        for row, night in zip(told, nights, strict=True)
        for order, (stage, seconds) in enumerate(_parts(night).items())
    ]
    needs = [
        {"local_date": row["local_date"], "need": row["need_s"] and row["need_s"] / HOUR}
        for row in person.recent
    ]
    axis = by_date(person.recent)
    bars = (
        plot(parts)
        .mark_bar()
        .encode(
            x=axis,
            y=alt.Y("hours:Q", title="hours"),
            color=colours("stage", _STAGES, parts),
            order="order:Q",
            tooltip=[
                DATE,
                "stage:N",
                "time:N",
                "asleep:N",
                "needed:N",
                "source:N",
            ],
        )
    )
    need = plot(needs).mark_line(color=INK, strokeDash=[3, 3], strokeWidth=1.2)
    mean = fmean(night["asleep_s"] for night in nights)
    return Figure(
        name="stages",
        title=title,
        text=(
            f"{duration(mean)} a night on average; "
            f"{counted(len(nights), 'night')} of {len(person.recent)}. "
            "The dashed line is what was needed."
        ),
        table="marts.daily_facts",
        chart=alt.layer(bars, need.encode(x=axis, y="need:Q")),
        headings=("date", "asleep", "deep", "REM", "light", "needed", "source"),
        rows=[
            (
                day(night["local_date"]),
                *(duration(night[name]) for name in ("asleep_s", "deep_s", "rem_s", "light_s")),
                duration(night["need_s"]),
                night["sleep_source"] or "",
            )
            for night in reversed(nights)
        ],
    )


def bedtimes(person: Person) -> Figure:
    """From when to when each night was."""
    title = "In bed"
    nights = [night for night in _nights(person) if night["bed_local"] and night["wake_local"]]
    if not nights:
        return Figure("bedtimes", title, _WHAT_TO_DO, "marts.daily_facts")
    rows = [
        {
            "local_date": night["local_date"],
            "bed": _hours_since_noon(night, "bed_local"),
            "wake": _hours_since_noon(night, "wake_local"),
            "from": f"{night['bed_local']:%H:%M}",
            "to": f"{night['wake_local']:%H:%M}",
            "source": night["sleep_source"],
        }
        for night in nights
    ]
    clock = alt.Axis(
        labelExpr=f"format((datum.value + {_NOON}) % {_DAY_HOURS}, '02') + ':00'", tickMinStep=2
    )
    chart = (
        plot(rows)
        .mark_bar(color=BLUE, cornerRadius=2)
        .encode(
            x=by_date(person.recent),
            y=alt.Y(
                "bed:Q", title="local time", axis=clock, scale=alt.Scale(reverse=True, zero=False)
            ),
            y2="wake:Q",
            tooltip=[
                DATE,
                "from:N",
                "to:N",
                "source:N",
            ],
        )
    )
    bed, wake = (_clock(fmean(row[name] for row in rows)) for name in ("bed", "wake"))
    return Figure(
        name="bedtimes",
        title=title,
        text=f"From {bed} to {wake} on average, on the clock of where the night was.",
        table="marts.daily_facts",
        chart=chart,
        headings=("date", "from", "to", "source"),
        rows=[
            (day(row["local_date"]), row["from"], row["to"], row["source"] or "")
            for row in reversed(rows)
        ],
    )


def debt(person: Person) -> Figure:
    """What the nights of two weeks fell short of the need."""
    title = "Sleep debt of 14 nights"
    rows = [
        {
            "local_date": row["local_date"],
            "owed": None if row["debt_14d_s"] is None else row["debt_14d_s"] / HOUR,
            "time": duration(row["debt_14d_s"]),
        }
        for row in person.recent
    ]
    known = [row for row in rows if row["owed"] is not None]
    if not known:
        return Figure(
            "debt", title, "Too few nights: it needs ten of the last 14.", "marts.sleep_debt"
        )
    area = alt.OverlayMarkDef(color=ORANGE)
    chart = (
        plot(rows)
        .mark_area(color=ORANGE, opacity=0.35, line=area)
        .encode(
            x=by_date(rows),
            y=alt.Y("owed:Q", title="hours"),
            tooltip=[
                DATE,
                alt.Tooltip("time:N", title="owed"),
            ],
        )
    )
    return Figure(
        name="debt",
        title=title,
        text=(
            f"{known[-1]['time']} owed on {day(known[-1]['local_date'])}. "
            "Less than zero is rest in hand."
        ),
        table="marts.sleep_debt",
        chart=chart,
        headings=("date", "owed"),
        rows=[(day(row["local_date"]), row["time"]) for row in reversed(rows)],
    )


def _nights(person: Person) -> list[Row]:
    return [row for row in person.recent if row["asleep_s"] is not None]


def _parts(night: Row) -> dict[str, float]:
    parts = {"deep": night["deep_s"], "REM": night["rem_s"], "light": night["light_s"]}
    if None in parts.values():
        return {"not told apart": night["asleep_s"]}
    return parts


def _hours_since_noon(night: Row, column: str) -> float:
    noon = datetime.combine(night["local_date"] - timedelta(days=1), time(_NOON))
    passed: timedelta = night[column] - noon
    return passed.total_seconds() / HOUR


def _clock(hours_since_noon: float) -> str:
    hour, minute = divmod(round(hours_since_noon * 60), 60)
    return f"{(hour + _NOON) % _DAY_HOURS:02}:{minute:02}"
