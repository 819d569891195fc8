"""The models as dbt builds them, in a second instead of twenty.

What dbt executes does not depend on the rows that it finds, only on which tables there are. So one
real build of empty history and one more, of what is incremental, are recorded statement by
statement; any cell's models are then built by executing the same statements.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from string import Template
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from ..conftest import ROOT
from ..pipe import MELTANO
from .messages import Job

if TYPE_CHECKING:
    from pathlib import Path

    from psycopg import Connection

    from .cell import Cell
    from .processes import WarmProcess

SCHEMAS = ["staging", "canonical", "quality", "marts", "meta"]
#: As `dbt:build` in meltano.yml, without the tests.
BUILD = [
    "--log-level=warn",
    "build",
    *(f"--exclude-resource-type={t}" for t in ("test", "unit_test")),
]
_NO_EFFECT = re.compile(r"select|with|comment|begin|commit", re.IGNORECASE)
_TABLES = """
select format('create table if not exists %I.%I (%s)', table_schema, table_name, string_agg(
    format('%I %s', column_name, data_type), ', ' order by ordinal_position
))
from information_schema.columns where table_schema in ('whoop_raw', 'withings_raw')
group by table_schema, table_name
"""

Statement = tuple[str, "list[Any] | None"]
Nodes = dict[str, list[Statement]]


def dbt_settings(root: Path) -> dict[str, str]:
    """What Meltano tells dbt in the environment `demo` of a project; the models are ours."""
    (dbt,) = [u for u in MELTANO["plugins"]["utilities"] if u["name"] == "dbt"]
    known = {"MELTANO_PROJECT_ROOT": str(root), "MELTANO_ENVIRONMENT": "demo"}
    return {
        **{
            setting["env"]: Template(str(setting["value"])).safe_substitute(known)
            for setting in dbt["settings"]
            if "value" in setting
        },
        "DBT_PROJECT_DIR": str(ROOT / "transform"),
    }


@dataclass(frozen=True)
class Recording:
    """What dbt executed.

    Attributes:
        database: In which one.
        raw: Makes the raw tables of all vendors, where they are missing.
        first: Each node's statements in a first build, in their order.
        again: Those of incremental models in any later build.
    """

    database: str
    raw: list[str]
    first: Nodes
    again: Nodes

    def build(self, cell: Cell) -> None:
        """Build everything, as `dbt build` does: what is incremental grows, the rest is new."""
        with cell.connect() as session, session.transaction():
            built = session.execute("select from pg_namespace where nspname = 'meta'").fetchall()
            session.execute("set local jit = off")  # it costs more than it brings for small tables
            for schema in ("whoop_raw", "withings_raw"):
                session.execute(f"create schema if not exists {schema}".encode())
            for statement in self.raw:
                session.execute(statement.encode())
            self._clear(session)
            for name, statements in self.first.items():
                for text, values in (built and self.again.get(name)) or statements:
                    ours = text.replace(f'"{self.database}"', f'"{cell.database.dbname}"')
                    psycopg.ClientCursor(session).execute(ours.encode(), values)

    def _clear(self, session: Connection[Any]) -> None:
        """Drop all models but the incremental ones, whose rows nothing else holds."""
        for schema in SCHEMAS:
            session.execute(f"create schema if not exists {schema}".encode())
        kept = {name.rpartition(".")[2] for name in self.again}
        relations = session.execute(
            "select relnamespace::regnamespace::text, relname, relkind = 'v' from pg_class "
            "where relnamespace::regnamespace::text = any(%s) and relkind in ('r', 'v') "
            "order by relkind desc",
            (SCHEMAS,),
        ).fetchall()
        for schema, name, is_view in relations:
            if name not in kept:
                kind = sql.SQL("view" if is_view else "table")
                relation = sql.Identifier(schema, name)
                session.execute(sql.SQL("drop {} if exists {} cascade").format(kind, relation))


def record(cell: Cell, dbt: WarmProcess) -> Recording:
    """Build the models of a cell that has the raw tables of all vendors, and listen."""
    first = _listen(cell, dbt, BUILD)
    again = _listen(cell, dbt, [*BUILD, "--select=config.materialized:incremental"])
    return Recording(cell.database.dbname, [text for (text,) in cell.query(_TABLES)], first, again)


def _listen(cell: Cell, dbt: WarmProcess, arguments: list[str]) -> Nodes:
    path = cell.root / "dbt.jsonl"
    path.write_text("")
    environment = {**cell.environment, **dbt_settings(cell.root)}
    job = Job("dbt", arguments, environment, record=str(path))
    with (cell.root / "dbt.log").open("ab") as log:
        process = dbt.start(job, *[log.fileno()] * 3)
        process.finish()
    assert process.code == 0, (cell.root / "dbt.log").read_text()
    nodes: Nodes = {}
    for line in path.read_text().splitlines():
        name, text, values = json.loads(line)
        if name.startswith(("model.", "seed.")) and not _NO_EFFECT.match(text):
            nodes.setdefault(name, []).append((text, values))
    return nodes
