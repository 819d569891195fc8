"""The models as dbt builds them, in a second instead of twenty.

What dbt executes does not depend on the rows that it finds, only on which tables there are. So one
real build, and one more of what is incremental, are recorded statement by statement
(``recording``); any cell's models are built by executing the same statements.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection

    from health_tools.postgres.connection import Connection as Address

SCHEMAS = ["staging", "canonical", "quality", "marts", "export", "meta"]
#: Tables that say when something was first found out: rows from raw, but not from raw alone.
HISTORIES = [
    "record_version_log",
    "deleted_records",
    "sync_history",
    "sync_runs",
    "int_sync__missing_records",
]
#: What is made of those.
OF_HISTORIES = ["day_events"]
#: Tables that the user writes.
USERS = ["account_owners", "source_preferences"]
#: What a build found new, and made anew.
CHANGES = "built_inputs|last_build|int_changes__.*"
#: What is built from the log before older windows are moved out of it.
LOGS = ["int_sync__landed_claims", "int_sync__merged_claims"]

#: A node's settings end with its transaction, and here one is for all. Compiling small tables costs
#: more than it brings.
_SETTINGS_OF_A_NODE = b"reset all; set local jit = off"

Nodes = dict[str, list[tuple[str, "list[Any] | None"]]]


@dataclass(frozen=True)
class Recording:
    """What dbt executed.

    Attributes:
        database: In which one.
        raw: Makes the raw tables of all vendors, where they are missing.
        first: Each node's statements in a first build, in their order.
        again: Those of incremental models in any later build.
        unkeyed: Those of the base models in a first build where no raw table has a key.
    """

    database: str
    raw: list[str]
    first: Nodes
    again: Nodes
    unkeyed: Nodes

    def to_json(self) -> str:
        """All of it."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Recording:
        """What :meth:`to_json` wrote."""
        return cls(**json.loads(text))

    def without_keys(self) -> Recording:
        """How the models are built where no raw table has a key."""
        return replace(self, first={**self.first, **self.unkeyed})

    def build(self, database: Address, *, full_refresh: bool = False) -> None:
        """Build everything, as `dbt build` does: what is incremental grows, the rest is new.

        Args:
            database: Where.
            full_refresh: Whether what is incremental is new, too; but for histories and the user's.
        """
        with database.connect() as session, session.transaction():
            built = {name for _, name, _ in _relations(session)}
            for schema in ("whoop_raw", "withings_raw", *SCHEMAS):
                session.execute(f"create schema if not exists {schema}".encode())
            for statement in self.raw:
                session.execute(statement.encode())
            kept = [*HISTORIES, *USERS] if full_refresh else self.again
            built &= {name.rpartition(".")[2] for name in kept}
            self._drop_all_but(session, built)
            for name, statements in self.first.items():
                session.execute(_SETTINGS_OF_A_NODE)
                is_built = name.rpartition(".")[2] in built
                for text, values in (is_built and self.again.get(name)) or statements:
                    ours = text.replace(f'"{self.database}"', f'"{database.dbname}"')
                    psycopg.ClientCursor(session).execute(ours.encode(), values)

    @staticmethod
    def _drop_all_but(session: Connection[Any], kept: set[str]) -> None:
        for schema, name, is_view in _relations(session):
            if name not in kept:
                kind = sql.SQL("view" if is_view else "table")
                relation = sql.Identifier(schema, name)
                session.execute(sql.SQL("drop {} if exists {} cascade").format(kind, relation))


def _relations(session: Connection[Any]) -> list[tuple[str, str, bool]]:
    """The schema and name of all that is built, and whether it is a view; views first."""
    return session.execute(
        "select relnamespace::regnamespace::text, relname, relkind = 'v' from pg_class "
        "where relnamespace::regnamespace::text = any(%s) and relkind in ('r', 'v') "
        "order by relkind desc",
        (SCHEMAS,),
    ).fetchall()


def forget(database: Address) -> None:
    """Leave nothing but the raw tables, and what was moved out of them."""
    with database.connect() as session:
        session.execute("alter table if exists meta.sync_history set schema public")
        for schema in SCHEMAS:
            session.execute(f"drop schema if exists {schema} cascade".encode())
        session.execute("create schema meta")
        session.execute("alter table if exists public.sync_history set schema meta")


def fingerprints(
    database: Address, schemas: Sequence[str] = SCHEMAS, *, but: Sequence[str] = ()
) -> dict[str, str | None]:
    """A hash of the rows of each table that comes from raw alone; None of an empty one.

    Args:
        database: Where.
        schemas: Whose tables.
        but: Columns that do not count, wherever they are.
    """
    with database.connect() as session:
        tables = session.execute(
            "select schemaname, tablename from pg_tables "
            "where schemaname = any(%s) and tablename <> all(%s) and tablename !~ %s",
            ([*schemas], [*HISTORIES, *OF_HISTORIES, *LOGS], f"^({CHANGES})$"),
        ).fetchall()
        return {
            ".".join(table): _fingerprint(session, sql.Identifier(*table), but) for table in tables
        }


def _fingerprint(session: Connection[Any], table: sql.Identifier, but: Sequence[str]) -> str | None:
    row = sql.SQL("to_jsonb(t) - {}::text[]").format([*but]) if but else sql.SQL("t")
    text = sql.SQL("select md5(string_agg(({row})::text, '' order by ({row})::text)) from {} as t")
    found = session.execute(text.format(table, row=row)).fetchone()
    assert found
    digest: str | None = found[0]
    return digest
