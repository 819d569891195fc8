"""The one data source, as `provisioning/datasources/health.yml` names it, and a query of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from grafana_foundation_sdk.models.common import DataSourceRef

_TYPE = "grafana-postgresql-datasource"
_UID = "health-postgres"


def health() -> DataSourceRef:
    """How panels, variables and annotations name it."""
    return DataSourceRef(type_val=_TYPE, uid=_UID)


@dataclass(frozen=True)
class Query:
    """A query as text, whose rows are taken as they come: a table with a column `time`, or none.

    The SDK has no type for queries of PostgreSQL; these are the keys that Grafana's own editor
    saves.
    """

    sql: str
    ref_id: str = "A"

    def build(self) -> dict[str, Any]:
        """As the SDK asks its builders."""
        return {
            "datasource": health(),
            "editorMode": "code",
            "format": "table",
            "rawQuery": True,
            "rawSql": self.sql,
            "refId": self.ref_id,
        }
