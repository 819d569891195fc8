"""One HTML file of a person: pictures, words, numbers, and all that it takes to draw them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import vl_convert
from jinja2 import Environment, StrictUndefined

from health_dashboards.report.charts import (
    activity,
    body,
    known_days,
    recovery,
    sleep,
    sources,
    year,
)
from health_dashboards.report.theme import CONFIG
from health_dashboards.report.tiles import tiles
from health_dashboards.report.words import day

if TYPE_CHECKING:
    from datetime import datetime

    from health_dashboards.report.figure import Figure
    from health_dashboards.report.marts import Person

_FOLDER = files("health_dashboards.report")
#: Figures that take the whole width.
_WIDE = {"stages", "year", "recovery", "workouts", "weight", "known_days"}


@dataclass(frozen=True)
class Section:
    """Figures under one heading."""

    name: str
    title: str
    figures: list[Figure]


def sections(person: Person) -> list[Section]:
    """All that the page shows of a person, in its order."""
    return [
        Section("sleep", "Sleep", [
            sleep.stages(person), sleep.bedtimes(person), sleep.debt(person), year.nights(person),
        ]),
        Section("recovery", "Recovery", [recovery.recovery(person), *recovery.vitals(person)]),
        Section("activity", "Activity", [
            *activity.values(person), activity.load(person), activity.workouts(person),
        ]),
        Section("body", "Body", [body.weight(person)]),
        Section("data", "The data", [
            known_days.known_days(person), sources.sources(person), sources.agreement(person),
        ]),
    ]  # fmt: skip


def render(person: Person, made_at: datetime) -> str:
    """The page as text, for a file that opens from disk and asks nobody for anything."""
    template = Environment(autoescape=True, undefined=StrictUndefined).from_string(
        _FOLDER.joinpath("page.html.j2").read_text("utf-8")
    )
    return template.render(
        person=person,
        until=day(person.until_date),
        made_at=f"{made_at:%Y-%m-%d %H:%M}Z",
        tiles=tiles(person),
        sections=sections(person),
        wide=_WIDE,
        config=CONFIG,
        style=_FOLDER.joinpath("style.css").read_text("utf-8"),
        draw=_FOLDER.joinpath("draw.js").read_text("utf-8"),
        vega=_vega(),
    )


@cache
def _vega() -> str:
    """Vega, Vega-Lite and what embeds them, as one script."""
    script: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed")
    return script
