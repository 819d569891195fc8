"""What the dashboards for Grafana ask of the database, as Grafana would ask it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg import sql

from .conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

FOLDER = ROOT / "dashboards" / "grafana" / "dashboards"
#: PostgreSQL's types, by what Grafana takes them for.
KINDS = {
    "time": {"date", "timestamp", "timestamptz"},
    "number": {"int2", "int4", "int8", "float4", "float8", "numeric"},
    "text": {"text", "varchar"},
    "boolean": {"bool"},
}


@dataclass(frozen=True)
class Asked:
    """A query of a dashboard.

    Attributes:
        page: The name of the dashboard's file.
        title: Of the panel, the annotation or the variable.
        kind: The panel's type, `annotation` or `variable`.
        text: The query, with Grafana's macros and variables.
        panel: The panel's JSON; of other kinds nothing.
    """

    page: str
    title: str
    kind: str
    text: str
    panel: dict[str, Any]

    def expanded(self, user: str, start: str, end: str) -> str:
        """As Grafana sends it: instants are text in ISO 8601, values of variables literals."""
        period = rf"\1 BETWEEN '{start}' AND '{end}'"
        text = re.sub(r"\$__timeFilter\((\w+)\)", period, self.text)
        text = text.replace("$__timeFrom()", f"'{start}'").replace("$__timeTo()", f"'{end}'")
        text = text.replace("${user:sqlstring}", sql.Literal(user).as_string(None))
        assert "$" not in text, text
        return text


@dataclass(frozen=True)
class Answer:
    """The kind of each column, and the rows."""

    kinds: dict[str, str]
    rows: list[tuple[Any, ...]]

    def column(self, name: str) -> list[Any]:
        """The values of one, without nulls."""
        place = list(self.kinds).index(name)
        return [row[place] for row in self.rows if row[place] is not None]


def asked() -> Iterator[Asked]:
    """Every query of every dashboard."""
    for file in sorted(FOLDER.glob("*.json")):
        page = json.loads(file.read_text(encoding="utf-8"))
        for variable in page["templating"].get("list", []):
            yield Asked(file.name, variable["name"], "variable", variable["query"], {})
        for annotation in page["annotations"].get("list", []):
            target = annotation["target"]
            yield Asked(file.name, annotation["name"], "annotation", target["rawSql"], {})
        for panel in page["panels"]:
            for target in panel["targets"]:
                yield Asked(file.name, panel["title"], panel["type"], target["rawSql"], panel)


def answer(session: psycopg.Connection[Any], query: str) -> Answer:
    """What the database says."""
    cursor = session.execute(query.encode())
    assert cursor.description
    kinds = {}
    for column in cursor.description:
        kind = session.adapters.types[column.type_code].name
        assert column.name not in kinds, column.name
        (kinds[column.name],) = (name for name, types in KINDS.items() if kind in types)
    return Answer(kinds, cursor.fetchall())
