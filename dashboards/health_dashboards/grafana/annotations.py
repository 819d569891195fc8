"""What is marked on all pictures of days: new time zones, and scores that were given otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from grafana_foundation_sdk.builders.dashboard import AnnotationQuery

from health_dashboards.grafana import colours
from health_dashboards.grafana.datasource import Query, health
from health_dashboards.grafana.queries import by_date


@dataclass(frozen=True)
class _Target:
    """A query, with the keys that Grafana wants of every annotation."""

    query: Query

    def build(self) -> dict[str, Any]:
        """As the SDK asks its builders."""
        return {
            **self.query.build(),
            "limit": 1000,
            "matchAny": False,
            "tags": [],
            "type": "dashboard",
        }


def zone_changes() -> AnnotationQuery:
    """Trips, and summer time that was told as an offset alone."""
    return _events("Trips and clock changes", "zone_change", colours.SKY)


def re_scores() -> AnnotationQuery:
    """Scores that were another number in an earlier sync."""
    return _events("Re-scores", "re_score", colours.PURPLE)


def _events(name: str, kind: str, colour: str) -> AnnotationQuery:
    events = f"(select * from marts.day_events where kind = '{kind}') as events"  # noqa: S608
    query = by_date("event_text as text, kind as tags", events)
    return (
        AnnotationQuery()
        .name(name)
        .datasource(health())
        .enable(True)
        .icon_color(colour)
        .target(_Target(Query(query, "Events")))
    )
