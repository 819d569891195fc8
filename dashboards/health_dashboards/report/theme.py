"""Colours, axes and the scale of dates that all pictures share.

Colours are names of CSS variables: the style sheet has them for light, dark and paper. Those of
data are after Okabe and Ito, who chose them so that colour-blind people tell them apart
(https://jfly.uni-koeln.de/color/).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import altair as alt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BLUE = "var(--blue)"
SKY = "var(--sky)"
GREEN = "var(--green)"
ORANGE = "var(--orange)"
RED = "var(--red)"
PURPLE = "var(--purple)"
GREY = "var(--grey)"
INK = "var(--ink)"
LINE = "var(--line)"
CARD = "var(--card)"

HEIGHT = 200

#: What a tooltip says of the date of a row.
DATE = alt.Tooltip("utcyearmonthdate(local_date):T", title="date", format="%a %d %b %Y")

CONFIG: dict[str, Any] = {
    "background": "transparent",
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "line": {"strokeJoin": "round"},
    "axis": {
        "labelColor": "var(--soft)",
        "titleColor": "var(--soft)",
        "titleFontWeight": "normal",
        "gridColor": "var(--line)",
        "domainColor": "var(--line)",
        "tickColor": "var(--line)",
        "labelFontSize": 11,
        "titleFontSize": 11,
    },
    "legend": {
        "labelColor": "var(--soft)",
        "titleColor": "var(--soft)",
        "titleFontWeight": "normal",
        "orient": "top",
        "symbolType": "square",
        "columns": 3,  # as many as fit on a phone
    },
}


def by_date(days: Sequence[Mapping[str, Any]]) -> alt.X:
    """The axis of all these local dates: one without a value is a gap.

    In UTC, or a date would become the evening before in the zone of whoever looks on.
    """
    first, last = days[0]["local_date"], days[-1]["local_date"]
    return alt.X(
        "utcyearmonthdate(local_date):T",
        title=None,
        scale=alt.Scale(domain=[_utc(first), _utc(last + timedelta(days=1))]),
        axis=alt.Axis(format="%d %b", labelOverlap=True, grid=False, tickCount=8),
    )


def _utc(local_date: date) -> alt.DateTime:
    return alt.DateTime(year=local_date.year, month=local_date.month, date=local_date.day, utc=True)


def plot(rows: Sequence[Mapping[str, Any]], height: int = HEIGHT) -> alt.Chart:
    """A picture of rows, as wide as its place in the page."""
    values = [
        {name: str(value) if isinstance(value, date) else value for name, value in row.items()}
        for row in rows
    ]
    return alt.Chart(alt.InlineData(values=values), width="container", height=height)


def colours(field: str, meaning: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> alt.Color:
    """A colour for each value of a field, with a legend of those that the rows have."""
    found = {row[field] for row in rows}
    shown = {value: colour for value, colour in meaning.items() if value in found}
    scale = alt.Scale(domain=list(shown), range=list(shown.values()))
    return alt.Color(f"{field}:N", title=None, scale=scale)
