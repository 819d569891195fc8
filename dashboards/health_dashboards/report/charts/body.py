"""Weight and where it is going."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

import altair as alt

from health_dashboards.report.figure import Figure
from health_dashboards.report.theme import BLUE, DATE, GREY, PURPLE, by_date, colours, plot
from health_dashboards.report.words import change, counted, day, number

if TYPE_CHECKING:
    from health_dashboards.report.marts import Person


def weight(person: Person) -> Figure:
    """Each weigh-in, and the trend, which breaks where nobody weighed for two weeks."""
    title = "Weight"
    if not person.weights:
        text = "No weigh-in in a year. Step on the scale, then sync."
        return Figure("weight", title, text, "marts.weight_trend")
    stretches = accumulate(int(row["is_gap"]) for row in person.weights)
    rows = [
        {
            "local_date": row["local_date"],
            "kg": row["weight_kg"],
            "trend": row["trend_kg"],
            "stretch": stretch,
            "weigh-in": "does not fit" if row["is_outlier"] else "weigh-in",
            "source": row["weight_source"],
        }
        for row, stretch in zip(person.weights, stretches, strict=True)
    ]
    base = plot(rows).encode(
        x=by_date(person.days),
        tooltip=[
            DATE,
            alt.Tooltip("kg:Q", format=".2f"),
            alt.Tooltip("trend:Q", format=".2f"),
            "weigh-in:N",
            "source:N",
        ],
    )
    dots = base.mark_point(filled=True, size=16, opacity=0.8).encode(
        y=alt.Y("kg:Q", title="kg", scale=alt.Scale(zero=False)),
        color=colours("weigh-in", {"weigh-in": GREY, "does not fit": PURPLE}, rows),
    )
    line = base.mark_line(color=BLUE).encode(y="trend:Q", detail="stretch:N")
    newest = person.weights[-1]
    text = f"{number(newest['trend_kg'], 1)} kg is the trend of {day(newest['local_date'])}"
    if newest["change_per_week_kg"] is not None:
        text += f", {change(newest['change_per_week_kg'], 2)} kg a week"
    return Figure(
        name="weight",
        title=title,
        text=f"{text}. {counted(len(rows), 'date')} with a weigh-in in a year.",
        table="marts.weight_trend",
        chart=alt.layer(dots, line),
        headings=("date", "kg", "trend", "kg a week", "weigh-in", "source"),
        rows=[
            (
                day(row["local_date"]),
                number(row["weight_kg"], 2),
                number(row["trend_kg"], 2),
                "-" if row["change_per_week_kg"] is None else change(row["change_per_week_kg"], 2),
                "does not fit" if row["is_outlier"] else "weigh-in",
                row["weight_source"] or "",
            )
            for row in reversed(person.weights)
        ],
    )
