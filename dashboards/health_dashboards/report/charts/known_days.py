"""What is known of each date, and why the rest is missing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import altair as alt

from health_dashboards.report.figure import Figure
from health_dashboards.report.theme import (
    BLUE,
    CARD,
    DATE,
    GREY,
    LINE,
    ORANGE,
    PURPLE,
    RED,
    SKY,
    by_date,
    colours,
    plot,
)
from health_dashboards.report.words import day, number, phrase

if TYPE_CHECKING:
    from health_dashboards.report.marts import Person

_DOMAINS = {
    "sleep": "sleep_status",
    "recovery": "recovery_status",
    "activity": "activity_status",
    "workouts": "workouts_status",
    "body": "body_status",
}
_STATUSES = {
    "observed": BLUE,
    "true_zero": SKY,
    "pending_score": ORANGE,
    "unscorable": PURPLE,
    "not_worn": GREY,
    "not_measured": LINE,
    "not_yet_asked": RED,
    "no_source": "transparent",
}
_ROW_HEIGHT = 26


def known_days(person: Person) -> Figure:
    """A strip for each domain, a mark for each date."""
    rows = [
        {"local_date": row["local_date"], "domain": domain, "status": phrase(row[column])}
        for row in person.recent
        for domain, column in _DOMAINS.items()
    ]
    counts = Counter(row["status"] for row in rows)
    meaning = {phrase(status): colour for status, colour in _STATUSES.items()}
    chart = (
        plot(rows, height=_ROW_HEIGHT * len(_DOMAINS))
        .mark_rect(stroke=CARD)
        .encode(
            x=by_date(person.recent),
            y=alt.Y("domain:N", title=None, sort=list(_DOMAINS)),
            color=colours("status", meaning, rows),
            tooltip=[
                DATE,
                "domain:N",
                "status:N",
            ],
        )
    )
    said = ", ".join(f"{number(counts[status])} {status}" for status in meaning if counts[status])
    return Figure(
        name="known_days",
        title="What is known of each date",
        text=f"Five domains a date: {said}. What is missing is never a zero.",
        table="marts.daily_facts",
        chart=chart,
        headings=("date", *_DOMAINS),
        rows=[
            (day(row["local_date"]), *(phrase(row[column]) for column in _DOMAINS.values()))
            for row in reversed(person.recent)
        ],
    )
