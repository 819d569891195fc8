"""The year at a glance: a square for each night."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import altair as alt

from health_dashboards.report.figure import Figure
from health_dashboards.report.theme import BLUE, DATE, plot
from health_dashboards.report.words import HOUR, counted, day, duration

if TYPE_CHECKING:
    from health_dashboards.report.marts import Person

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ROW_HEIGHT = 18
#: The name of a month under its first Monday.
_MONTH = "utcdate(datum.value) < 8 ? utcFormat(datum.value, '%b') : ''"


def nights(person: Person) -> Figure:
    """The longer the night, the darker its square; one without a night is empty."""
    rows = [
        {
            "local_date": row["local_date"],
            "week": row["local_date"] - timedelta(days=row["local_date"].weekday()),
            "weekday": _WEEKDAYS[row["local_date"].weekday()],
            "hours": row["asleep_s"] / HOUR,
            "asleep": duration(row["asleep_s"]),
            "source": row["sleep_source"],
        }
        for row in person.days
        if row["asleep_s"] is not None
    ]
    title = "A year of nights"
    if not rows:
        return Figure("year", title, "No night in a year.", "marts.daily_facts")
    weeks = alt.Axis(labelExpr=_MONTH, labelAngle=0, ticks=False, domain=False)
    hours = alt.Scale(domain=[4, 9], range=[0.1, 1], clamp=True)
    chart = (
        plot(rows, height=_ROW_HEIGHT * len(_WEEKDAYS))
        .mark_rect(color=BLUE, stroke="var(--card)")
        .encode(
            x=alt.X("utcyearweek(week):O", title=None, axis=weeks),
            y=alt.Y(
                "weekday:N", title=None, sort=_WEEKDAYS, axis=alt.Axis(ticks=False, domain=False)
            ),
            opacity=alt.Opacity("hours:Q", title="hours asleep", scale=hours),
            tooltip=[DATE, "asleep:N", "source:N"],
        )
    )
    longest = max(rows, key=lambda row: row["hours"])
    shortest = min(rows, key=lambda row: row["hours"])
    return Figure(
        name="year",
        title=title,
        text=(
            f"{counted(len(rows), 'night')} in a year. The longest: {longest['asleep']} on "
            f"{day(longest['local_date'])}; the shortest: {shortest['asleep']} on "
            f"{day(shortest['local_date'])}."
        ),
        table="marts.daily_facts",
        chart=chart,
        headings=("date", "asleep", "source"),
        rows=[(day(r["local_date"]), r["asleep"], r["source"] or "") for r in reversed(rows)],
    )
