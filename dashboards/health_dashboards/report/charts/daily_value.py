"""A single number per date, with what is usual: bars, or a line that breaks where there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import altair as alt

from health_dashboards.report.charts.running_mean import DATES, running_means
from health_dashboards.report.figure import Figure
from health_dashboards.report.marts import DAYS
from health_dashboards.report.theme import DATE, INK, by_date, plot
from health_dashboards.report.words import counted, day, number, phrase

if TYPE_CHECKING:
    from health_dashboards.report.marts import Person


@dataclass(frozen=True)
class DailyValue:
    """A number of `marts.daily_facts`.

    Attributes:
        metric: Its column; that of its source is named alike.
        title: What it is.
        unit: As it stands after a value.
        colour: Of bars or line.
        status: The column that says why it is missing.
        what_to_do: The text, if the person has no value at all.
        is_sum: Whether it is the sum of a day, and begins at zero: then bars.
        places: Decimal places.
    """

    metric: str
    title: str
    unit: str
    colour: str
    status: str
    what_to_do: str
    is_sum: bool = False
    places: int = 0

    @property
    def source(self) -> str:
        """The column that says who told it."""
        return f"{self.metric}_source"


def daily_value(person: Person, value: DailyValue) -> Figure:
    """The picture of one number."""
    means = running_means([row[value.metric] for row in person.days])
    rows = [
        {
            "local_date": row["local_date"],
            "value": row[value.metric],
            "mean": mean,
            "said": f"{number(row[value.metric], value.places)} {value.unit}".strip(),
            "usual": number(mean, value.places),
            "source": row[value.source],
            "status": phrase(row[value.status]),
        }
        for row, mean in zip(person.days, means, strict=True)
    ][-DAYS:]
    known = [row for row in rows if row["value"] is not None]
    if not known:
        return Figure(value.metric, value.title, value.what_to_do, "marts.daily_facts")
    return Figure(
        name=value.metric,
        title=value.title,
        text=_text(value, rows, known),
        table="marts.daily_facts",
        chart=_chart(value, rows),
        headings=("date", value.title.lower(), f"mean of {DATES} dates", "source", "status"),
        rows=[
            (day(row["local_date"]), row["said"], row["usual"], row["source"] or "", row["status"])
            for row in reversed(rows)
        ],
    )


def _text(value: DailyValue, rows: list[dict[str, Any]], known: list[dict[str, Any]]) -> str:
    newest, mean = known[-1], rows[-1]["mean"]
    text = f"{newest['said']} on {day(newest['local_date'])}"
    if mean is not None:
        text += f"; {number(mean, value.places)} is usual"
    return f"{text}. {counted(len(known), 'date')} of {len(rows)} have a value."


def _chart(value: DailyValue, rows: list[dict[str, Any]]) -> alt.TopLevelMixin:
    base = plot(rows).encode(
        x=by_date(rows),
        tooltip=[
            DATE,
            alt.Tooltip("said:N", title=value.title.lower()),
            alt.Tooltip("usual:N", title=f"mean of {DATES} dates"),
            alt.Tooltip("source:N"),
            alt.Tooltip("status:N"),
        ],
    )
    up = alt.Y("value:Q", title=value.unit or None, scale=alt.Scale(zero=value.is_sum))
    mean = base.mark_line(color=INK, strokeDash=[3, 3], strokeWidth=1.2).encode(y="mean:Q")
    if value.is_sum:
        shown = base.mark_bar(color=value.colour).encode(y=up)
    else:
        point = alt.OverlayMarkDef(color=value.colour, size=14, filled=True)
        shown = base.mark_line(color=value.colour, point=point).encode(y=up)
    return alt.layer(shown, mean)
