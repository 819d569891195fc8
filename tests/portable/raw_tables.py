"""The raw tables of a PostgreSQL, as a loader would have made them in DuckDB."""

from __future__ import annotations

from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

import duckdb
from psycopg import sql

from .tables import columns_of, in_duckdb, tables_of

if TYPE_CHECKING:
    from pathlib import Path

    from psycopg import Connection

RAW = ("whoop_raw", "withings_raw")


def copy_raw_tables(postgres: Connection[Any], path: Path) -> None:
    """Replace the raw tables of a file. The rows are in another order than they were loaded in."""
    with duckdb.connect(str(path)) as database:
        for schema in RAW:
            database.execute(f"create schema if not exists {schema}")
        for table in tables_of(postgres, RAW):
            columns = ", ".join(
                f'"{name}" {in_duckdb(kind)}' for name, kind in columns_of(postgres, table)
            )
            database.execute(f"create or replace table {table} ({columns})")
            with NamedTemporaryFile(suffix=".csv") as file:
                copy = sql.SQL(
                    "copy (select * from {table} as t order by md5(t::text)) to stdout (format csv)"
                ).format(table=sql.Identifier(*table.split(".")))
                with postgres.cursor().copy(copy) as lines:
                    file.writelines(lines)
                file.flush()
                database.execute(
                    f"copy {table} from '{file.name}' (format csv, header false, "
                    "auto_detect false, nullstr '', allow_quoted_nulls false)"
                )
