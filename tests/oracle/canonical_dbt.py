"""dbt on a database, and what becomes of its raw tables before."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from psycopg import sql

from ..chaos.recording import BUILD, dbt_settings
from ..chaos.world import clean_environment
from ..conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from health_tools.postgres.connection import Connection as Address

DBT = ROOT / ".meltano/utilities/dbt/venv/bin/health-dbt"
RAW = ["whoop_raw", "withings_raw"]


def dbt(folder: Path, **env: str) -> Callable[..., None]:
    """A dbt that keeps its files in a folder; it builds everything unless it is told what."""

    def run(database: Address, *arguments: str) -> None:
        settings = {
            "HOST": database.host,
            "PORT": str(database.port),
            "USER": database.user,
            "PASSWORD": database.password,
            "DATABASE": database.dbname,
        }
        done = subprocess.run(
            [DBT, *(arguments or BUILD)],
            env={
                **clean_environment(),
                **dbt_settings(folder),
                "DBT_PROFILES_DIR": str(ROOT / "transform/profiles"),
                **{f"TARGET_POSTGRES_{name}": value for name, value in settings.items()},
                **env,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout

    return run


def shuffle(database: Address) -> None:
    """Have the raw tables hold their rows in another order."""
    with database.connect() as session:
        session.execute("select setseed(0.25)")
        tables = session.execute(
            "select schemaname, tablename from pg_tables where schemaname = any(%s)", (RAW,)
        ).fetchall()
        for schema, table in tables:
            names = {
                "old": sql.Identifier(schema, table),
                "new": sql.Identifier(schema, "shuffled"),
            }
            for statement in (
                "create table {new} (like {old} including all)",
                "insert into {new} select * from {old} order by random()",
                "drop table {old} cascade",
            ):
                session.execute(sql.SQL(statement).format(**names))
            session.execute(
                sql.SQL("alter table {new} rename to {name}").format(
                    **names, name=sql.Identifier(table)
                )
            )


def repeat_recoveries(database: Address) -> int:
    """Have WHOOP's recoveries lie there many times, as an older tool left them; returns how many.

    There is no key any more. Each recovery has an older reading with an older score, another one of
    the same time that the vendor had changed before, one of a time that nobody knows, and an exact copy.
    """
    with database.connect() as session:
        for statement in (
            "create table whoop_raw.repeated as select * from whoop_raw.recoveries",
            "insert into whoop_raw.repeated select * from whoop_raw.recoveries",
            *(
                "insert into whoop_raw.repeated select (jsonb_populate_record(r, jsonb_build_object("
                f"'score_recovery_score', 1, 'score_resting_heart_rate', 99, {change}))).* "
                "from whoop_raw.recoveries as r"
                for change in (
                    "'synced_at', r.synced_at - interval '1 day'",
                    "'updated_at', r.updated_at - interval '1 minute'",
                    "'synced_at', null, 'updated_at', r.updated_at + interval '1 day'",
                )
            ),
            "create table whoop_raw.mixed as select * from whoop_raw.repeated order by random()",
            "drop table whoop_raw.recoveries, whoop_raw.repeated cascade",
            "alter table whoop_raw.mixed rename to recoveries",
        ):
            session.execute(statement.encode())
        found = session.execute(
            "select count(*) - count(distinct cycle_id) from whoop_raw.recoveries"
        ).fetchone()
    assert found
    repeats: int = found[0]
    return repeats
