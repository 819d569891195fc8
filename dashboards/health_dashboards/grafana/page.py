"""What every dashboard has alike: period, time zone, links to the others, ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana_foundation_sdk.builders.dashboard import Dashboard, DashboardLink
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync, DashboardLinkType

from health_dashboards.grafana.annotations import re_scores, zone_changes
from health_dashboards.grafana.variables import user

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grafana_foundation_sdk.cog.builder import Builder
    from grafana_foundation_sdk.models import dashboard

_TAG = "health"


def person_page(
    name: str, title: str, description: str, panels: Sequence[Builder[dashboard.Panel]]
) -> dashboard.Dashboard:
    """A dashboard about one person, who is chosen at its top, with what happened in the period."""
    page = _page(name, title, description)
    page.with_variable(user()).annotation(zone_changes()).annotation(re_scores())
    return _filled(page, panels)


def installation_page(
    name: str, title: str, description: str, panels: Sequence[Builder[dashboard.Panel]]
) -> dashboard.Dashboard:
    """A dashboard about all accounts of this installation."""
    return _filled(_page(name, title, description), panels)


def _page(name: str, title: str, description: str) -> Dashboard:
    # Dates are moments at midnight UTC: in any other zone a date could be shown as another one.
    return (
        Dashboard(title)
        .uid(f"health-{name}")
        .description(description)
        .tags([_TAG])
        .timezone("utc")
        .time("now-90d", "now")
        .week_start("monday")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .readonly()
        .link(
            DashboardLink("Health")
            .type(DashboardLinkType.DASHBOARDS)
            .tags([_TAG])
            .icon("dashboard")
            .tooltip("The other dashboards, for the same person and period")
            .include_vars(True)
            .keep_time(True)
        )
    )


def _filled(page: Dashboard, panels: Sequence[Builder[dashboard.Panel]]) -> dashboard.Dashboard:
    for number, panel in enumerate(panels, start=1):
        page.with_panel(panel.id(number))
    return page.build()
