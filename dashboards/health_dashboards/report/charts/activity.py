"""Steps, strain, workouts, and whether they are more than usual."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

import altair as alt

from health_dashboards.report.charts.daily_value import DailyValue, daily_value
from health_dashboards.report.figure import Figure
from health_dashboards.report.theme import (
    BLUE,
    DATE,
    GREEN,
    ORANGE,
    RED,
    SKY,
    by_date,
    colours,
    plot,
)
from health_dashboards.report.words import HOUR, counted, day, duration, number

if TYPE_CHECKING:
    from datetime import date

    from health_dashboards.report.marts import Person, Row

_WEAR = "Wear the device by day, then sync."
VALUES = (
    DailyValue("steps", "Steps", "", BLUE, "activity_status", _WEAR, is_sum=True),
    DailyValue(
        "strain", "Strain", "of 21", ORANGE, "activity_status",
        "No strain: it is WHOOP's own score.", is_sum=True, places=1,
    ),
    DailyValue(
        "energy_total_kcal", "Energy of the day", "kcal", SKY, "activity_status", _WEAR, is_sum=True
    ),
)  # fmt: skip


def values(person: Person) -> list[Figure]:
    """The sums of the days, one picture each."""
    return [daily_value(person, value) for value in VALUES]


def load(person: Person) -> Figure:
    """What was trained in a week against what is usual."""
    title = "Training load"
    kinds = {"last 7 days": ("acute_load_kj", RED), "last 28 days": ("chronic_load_kj", BLUE)}
    rows = [
        {
            "local_date": row["local_date"],
            "mean of the": kind,
            "load": row[column],
            "ratio": number(row["acute_chronic_ratio"], 2),
        }
        for row in person.recent
        for kind, (column, _) in kinds.items()
    ]
    known = [row for row in person.recent if row["acute_chronic_ratio"] is not None]
    if not known:
        text = "Not enough is known: it needs 20 of the last 28 days."
        return Figure("load", title, text, "marts.training_load")
    chart = (
        plot(rows)
        .mark_line()
        .encode(
            x=by_date(person.recent),
            y=alt.Y("load:Q", title="kJ a day in workouts"),
            color=colours(
                "mean of the", {kind: colour for kind, (_, colour) in kinds.items()}, rows
            ),
            tooltip=[
                DATE,
                "mean of the:N",
                alt.Tooltip("load:Q", title="kJ a day", format=",.0f"),
                alt.Tooltip("ratio:N", title="7 days to 28"),
            ],
        )
    )
    ratio = known[-1]["acute_chronic_ratio"]
    return Figure(
        name="load",
        title=title,
        text=(
            f"The last 7 days are {number(ratio, 2)} times what is usual "
            f"({day(known[-1]['local_date'])})."
        ),
        table="marts.training_load",
        chart=chart,
        headings=("date", "kJ a day, 7 days", "kJ a day, 28 days", "ratio"),
        rows=[
            (
                day(row["local_date"]),
                number(row["acute_load_kj"]),
                number(row["chronic_load_kj"]),
                number(row["acute_chronic_ratio"], 2),
            )
            for row in reversed(person.recent)
        ],
    )


def workouts(person: Person) -> Figure:
    """Time in workouts by week, over a year."""
    title = "Workouts by week"
    weeks = [_week(monday, list(days)) for monday, days in groupby(person.days, _monday)]
    total = sum(week["workouts"] for week in weeks)
    if not total:
        return Figure("workouts", title, "No workout was recorded.", "marts.daily_facts")
    months = alt.Axis(format="%b %Y", grid=False)
    chart = (
        plot(weeks)
        .mark_bar(color=GREEN)
        .encode(
            x=alt.X("utcyearweek(local_date):T", title=None, axis=months),
            y=alt.Y("hours:Q", title="hours"),
            tooltip=[
                alt.Tooltip("utcyearmonthdate(local_date):T", title="week from", format="%d %b %Y"),
                "time:N",
                "workouts:Q",
            ],
        )
    )
    hours = sum(week["hours"] for week in weeks)
    return Figure(
        name="workouts",
        title=title,
        text=f"{counted(total, 'workout')} in a year, {duration(hours * HOUR)} in all.",
        table="marts.daily_facts",
        chart=chart,
        headings=("week from", "time", "workouts"),
        rows=[
            (day(week["local_date"]), week["time"], number(week["workouts"]))
            for week in reversed(weeks)
        ],
    )


def _week(monday: date, days: list[Row]) -> Row:
    seconds = sum(row["workout_duration_s"] or 0 for row in days)
    return {
        "local_date": monday,
        "hours": seconds / HOUR,
        "time": duration(seconds),
        "workouts": sum(row["workouts"] or 0 for row in days),
    }


def _monday(row: Row) -> date:
    local_date: date = row["local_date"]
    return local_date - timedelta(days=local_date.weekday())
