"""Who says so: the source of each number, and how far two devices agree."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import altair as alt

from health_dashboards.report.figure import Figure
from health_dashboards.report.theme import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    colours,
    plot,
)
from health_dashboards.report.words import change, number, phrase

if TYPE_CHECKING:
    from health_dashboards.report.marts import Person

_PALETTE = (BLUE, ORANGE, GREEN, PURPLE, SKY)
_NOBODY = "none"
_SUFFIX = "_source"
_UNIT = re.compile("_(s|m|kcal|pct)$")
_ROW_HEIGHT = 22


def sources(person: Person) -> Figure:
    """On how many dates each source told each number."""
    columns = [name for name in person.recent[-1] if name.endswith(_SUFFIX)]
    counts = {
        _name(column): Counter(row[column] or _NOBODY for row in person.recent)
        for column in columns
    }
    names = sorted({source for count in counts.values() for source in count} - {_NOBODY})
    rows = [
        {"number": name, "source": source, "dates": dates}
        for name, count in counts.items()
        for source, dates in count.items()
    ]
    meaning = {**dict(zip(names, _PALETTE, strict=False)), _NOBODY: GREY}
    chart = (
        plot(rows, height=_ROW_HEIGHT * len(counts))
        .mark_bar()
        .encode(
            y=alt.Y("number:N", title=None, sort=list(counts)),
            x=alt.X("dates:Q", title="dates", scale=alt.Scale(domain=[0, len(person.recent)])),
            color=colours("source", meaning, rows),
            order=alt.Order("source:N", sort="descending"),
            tooltip=["number:N", "source:N", "dates:Q"],
        )
    )
    return Figure(
        name="sources",
        title="Who says so",
        text=(
            f"On how many of the last {len(person.recent)} dates each number is from which source."
        ),
        table="marts.daily_facts",
        chart=chart,
        headings=("number", *names, _NOBODY),
        rows=[
            (name, *(number(count[source]) for source in (*names, _NOBODY)))
            for name, count in counts.items()
        ],
    )


def _name(column: str) -> str:
    """A number in words, without its unit."""
    return phrase(_UNIT.sub("", column.removesuffix(_SUFFIX)))


def agreement(person: Person) -> Figure:
    """How far apart two devices are on the same night, in percent of what they measure."""
    title = "Do the devices agree?"
    if not person.agreement:
        text = "No ten nights were measured by two devices."
        return Figure("agreement", title, text, "marts.device_agreement")
    rows = [
        {
            "metric": _name(row["metric"]),
            "devices": f"{row['source_a']} less {row['source_b']}",
            **{
                name: 100 * row[column] / ((row["mean_a"] + row["mean_b"]) / 2)
                for name, column in (
                    ("bias", "bias"),
                    ("low", "lower_limit"),
                    ("high", "upper_limit"),
                )
            },
            "nights": row["pairs"],
        }
        for row in person.agreement
        if row["mean_a"] + row["mean_b"] and row["lower_limit"] is not None
    ]
    first = person.agreement[0]
    base = plot(rows, height=_ROW_HEIGHT * len(rows)).encode(
        y=alt.Y("metric:N", title=None),
        tooltip=[
            "metric:N",
            "devices:N",
            "nights:Q",
            alt.Tooltip("bias:Q", title="bias %", format="+.1f"),
            alt.Tooltip("low:Q", title="lower limit %", format="+.1f"),
            alt.Tooltip("high:Q", title="upper limit %", format="+.1f"),
        ],
    )
    limits = base.mark_rule(color=GREY, strokeWidth=6).encode(
        x=alt.X("low:Q", title="percent of the mean"), x2="high:Q"
    )
    bias = base.mark_point(color=BLUE, filled=True, size=60).encode(x="bias:Q")
    zero = alt.Chart(alt.InlineData(values=[{}])).mark_rule(color=INK, strokeDash=[3, 3])
    return Figure(
        name="agreement",
        title=title,
        text=(
            f"The dot is how much more {first['source_a']} says than {first['source_b']} on "
            "average, and 95 of 100 nights lie on the bar. At zero they agree."
        ),
        table="marts.device_agreement",
        chart=alt.layer(limits, zero.encode(x=alt.datum(0)), bias),
        headings=("metric", "devices", "nights", "bias %", "lower limit %", "upper limit %"),
        rows=[
            (
                row["metric"],
                row["devices"],
                number(row["nights"]),
                *(change(row[name], 1) for name in ("bias", "low", "high")),
            )
            for row in rows
        ],
    )
