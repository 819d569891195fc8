"""Do vendors, raw tables and models still agree about what there is?"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from psycopg import sql

from health_tools.doctor.finding import Message
from health_tools.health import sync_log

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from health_tools.doctor.finding import Finding
    from health_tools.doctor.installation import Installation

CHECK = "schema"

AGREE = Message("ok", "{tables} raw tables, as the models know them")
NEW_COLUMN = Message(
    "warning",
    "{table}: the models do not know the column {columns}",
    "tap and models are of different versions: update this project, then type make setup and "
    "{meltano} run dbt:build",
)
OTHER_TYPE = Message(
    "problem",
    "{table}: the column {column} is {found}, and the models expect {declared}",
    "another tool made the table: load into a schema of its own, or rename the table and type "
    "{meltano} run --full-refresh {tap} target-postgres",
)
NEW_FIELD = Message(
    "warning",
    "{vendor} sends what {stream} has no column for: {fields}",
    "nothing is lost, the values are in the column raw; update this project, and report it if it "
    "stays",
)
NO_MODELS = Message("warning", "there are no models in {folder}", "type make setup")

#: Written by the loader, of no concern to anybody else.
_OF_THE_LOADER = "_sdc_"
_COLUMNS = """
    select
        c.table_schema || '.' || c.table_name, c.column_name, c.data_type,
        coalesce(format_type(to_regtype(d.type), null), d.type), d.type is not null
    from information_schema.columns as c
    left join unnest(%(tables)s::text[], %(columns)s::text[], %(types)s::text[])
        as d (relation, name, type)
        on d.relation = c.table_schema || '.' || c.table_name and d.name = c.column_name
    where c.table_schema || '.' || c.table_name = any(%(tables)s)
    order by 1, 2
"""
# The last run's last word on each stream.
_FIELDS = sql.SQL("""
    select stream, drift
    from (
        select distinct on (stream) stream, drift
        from {log}
        where status = 'complete'
        order by stream, synced_at desc, window_end desc
    ) as newest
    where drift is not null
    order by stream
""")


def check(installation: Installation) -> Iterator[Finding]:
    """Compare the raw tables with what dbt's sources declare, and read what the taps noticed."""
    folder = Path(os.environ.get("DBT_PROJECT_DIR", installation.root / "transform"))
    declared = _declared(folder)
    if not declared:
        yield NO_MODELS.finding(CHECK, folder=folder)
    with installation.session() as session:
        found = list(_columns(session, declared))
        fields = list(_fields(session))
    yield from found
    yield from fields
    if declared and not found:
        yield AGREE.finding(CHECK, tables=len({table for table, _ in declared}))


def _declared(folder: Path) -> dict[tuple[str, str], str]:
    """The type of each column that the sources declare, by table and name."""
    found = {}
    for file in sorted(folder.glob("models/**/*__sources.yml")):
        for source in yaml.safe_load(file.read_text("utf-8"))["sources"]:
            for table in source["tables"]:
                for column in table["columns"]:
                    key = (f"{source['name']}.{table['name']}", column["name"])
                    found[key] = column["data_type"]
    return found


def _columns(
    session: psycopg.Connection, declared: dict[tuple[str, str], str]
) -> Iterator[Finding]:
    values = {
        "tables": [table for table, _ in declared],
        "columns": [column for _, column in declared],
        "types": list(declared.values()),
    }
    new: dict[str, list[str]] = {}
    for table, column, there, expected, is_known in session.execute(_COLUMNS, values):
        if not is_known and not column.startswith(_OF_THE_LOADER):
            new.setdefault(table, []).append(column)
        elif is_known and there != expected:
            tap = "tap-" + table.partition("_raw.")[0].replace("_", "-")
            names = {"table": table, "column": column, "tap": tap}
            yield OTHER_TYPE.finding(CHECK, **names, found=there, declared=expected)
    for table, columns in new.items():
        yield NEW_COLUMN.finding(CHECK, table=table, columns=", ".join(columns))


def _fields(session: psycopg.Connection) -> Iterator[Finding]:
    for source, schema in sync_log.schemas(session, with_column="drift").items():
        query = _FIELDS.format(log=sql.Identifier(schema, sync_log.LOG))
        for stream, fields in session.execute(query):
            yield NEW_FIELD.finding(CHECK, vendor=source, stream=stream, fields=fields)
