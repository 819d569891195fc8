"""What is chosen at the top of a dashboard. The period is Grafana's own time picker."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import QueryVariable
from grafana_foundation_sdk.models.dashboard import VariableRefresh, VariableSort

from health_dashboards.grafana.datasource import health

_PEOPLE = "select distinct user_id from marts.daily_facts order by user_id"


def user() -> QueryVariable:
    """Whose days are shown: all people that the models know of."""
    return (
        QueryVariable("user")
        .label("Person")
        .description("Empty means that no day was synced yet: type meltano run sync")
        .datasource(health())
        .query(_PEOPLE)
        .refresh(VariableRefresh.ON_DASHBOARD_LOAD)
        .sort(VariableSort.ALPHABETICAL_ASC)
        .multi(False)
        .allow_custom_value(False)
        .include_all(False)
    )
