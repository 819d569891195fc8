"""The year at a glance: a square for each night."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import altair as alt

from health_dashboards.report.figure import Figure
from health_dashboards.report.theme import BLUE, CARD, DATE, GREY, plot
from health_dashboards.report.words import HOUR, counted, day, duration

if TYPE_CHECKING:
    from health_dashboards.report.marts import Person, Row

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ROW_HEIGHT = 18
#: The name of a month under its first Monday.
_MONTH = "utcdate(datum.value) < 8 ? utcFormat(datum.value, '%b') : ''"


def nights(person: Person) -> Figure:
    """The longer the night, the stronger its square; one without a night is empty."""
    title = "A year of nights"
    dates = [_square(row) for row in person.days]
    rows = [row for row in dates if row["hours"] is not None]
    if not rows:
        return Figure("year", title, "No night in a year.", "marts.daily_facts")
    months = alt.Axis(labelExpr=_MONTH, labelAngle=0, ticks=False, domain=False)
    weekdays = alt.Axis(ticks=False, domain=False)
    base = plot(dates, height=_ROW_HEIGHT * len(_WEEKDAYS)).encode(
        x=alt.X("utcyearweek(week):O", title=None, axis=months),
        y=alt.Y("weekday:N", title=None, sort=_WEEKDAYS, axis=weekdays),
        tooltip=[DATE, "asleep:N", "source:N"],
    )
    hours = alt.Opacity(
        "hours:Q",
        title="hours asleep, 4 or less to 9 or more",
        scale=alt.Scale(domain=[4, 9], range=[0.1, 1], clamp=True),
        legend=alt.Legend(columns=6, titleLimit=400),
    )
    known = base.transform_filter("isValid(datum.hours)").mark_rect(color=BLUE, stroke=CARD)
    empty = base.transform_filter("!isValid(datum.hours)").mark_rect(color=CARD, stroke=GREY)
    chart = alt.layer(known.encode(opacity=hours), empty)
    longest = max(rows, key=lambda row: row["hours"])
    shortest = min(rows, key=lambda row: row["hours"])
    return Figure(
        name="year",
        title=title,
        text=(
            f"{counted(len(rows), 'night')} in a year. The longest: {longest['asleep']} on "
            f"{day(longest['local_date'])}; the shortest: {shortest['asleep']} on "
            f"{day(shortest['local_date'])}. An empty frame is a date without a night."
        ),
        table="marts.daily_facts",
        chart=chart,
        headings=("date", "asleep", "source"),
        rows=[(day(r["local_date"]), r["asleep"], r["source"] or "") for r in reversed(rows)],
    )


def _square(row: Row) -> Row:
    local_date = row["local_date"]
    return {
        "local_date": local_date,
        "week": local_date - timedelta(days=local_date.weekday()),
        "weekday": _WEEKDAYS[local_date.weekday()],
        "hours": None if row["asleep_s"] is None else row["asleep_s"] / HOUR,
        "asleep": duration(row["asleep_s"]),
        "source": row["sleep_source"],
    }
