"""The load of many records: our settings, the loader's own, and what PostgreSQL itself takes."""

from __future__ import annotations

import csv
import json
import uuid
from typing import TYPE_CHECKING, Any

from benchmarks.cost import cost_of
from benchmarks.figure import Figure, Goal
from benchmarks.home import LOADER, home
from health_tools.postgres.binaries import wheel_programs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.home import Home

#: What the loader needs to know to find the database, and nothing else.
NEEDED = {"TARGET_POSTGRES_SQLALCHEMY_URL", "TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA"}
#: A client without the loader: into a temporary table, then by key into the one that stays.
LIMIT = """\
\\set ON_ERROR_STOP 1
create schema limits;
create table limits.sleeps (like ours.sleeps including all);
begin;
create temporary table landed (like limits.sleeps) on commit drop;
\\copy landed ({columns}) from '{file}' (format csv)
insert into limits.sleeps ({columns}) select {columns} from landed
on conflict (id) do update set {updates};
commit;
"""


def figures(*, small: bool) -> Iterator[Figure]:
    """Nights with all that WHOOP says of them, each with a key of its own, into an empty table."""
    number = 10_000 if small else 200_000
    with home(1) as here:
        schema, nights = _nights(here)
        messages, rows = here.project.root / "messages.jsonl", here.project.root / "rows.csv"
        columns = _write(schema, nights, number, messages, rows)
        ours = here.environment(TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA="ours")
        fast = cost_of([str(LOADER), "--config=ENV"], ours, source=messages)
        plain = {
            name: value
            for name, value in here.environment(
                TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA="theirs"
            ).items()
            if not name.startswith("TARGET_POSTGRES_") or name in NEEDED
        }
        slow = cost_of([str(LOADER), "--config=ENV"], plain, source=messages)
        yield Figure(
            "load",
            f"load of {number:,} nights by our settings: rows per second",
            "the loader's defaults",
            slow.wall / fast.wall,
            Goal(at_least=3.5),
            f"{fast.wall:.1f} s (CPU {fast.cpu:.1f}) against {slow.wall:.1f} (CPU {slow.cpu:.1f})",
        )
        script = here.project.root / "limit.sql"
        updates = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name != "id")
        names = ", ".join(f'"{name}"' for name in columns)
        script.write_text(LIMIT.format(columns=names, updates=updates, file=rows))
        psql = [str(wheel_programs() / "psql"), "--quiet", "--no-psqlrc", "--file", str(script)]
        limit = cost_of(psql, here.environment())
        yield Figure(
            "load-limit",
            "the same",
            "psql's \\copy and an upsert: what PostgreSQL itself takes",
            limit.wall / fast.wall,
            None,
            f"{limit.wall:.1f} s",
        )


def _nights(here: Home) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    said = here.project.root / "tap.jsonl"
    cost_of(here.tap("tap-whoop"), here.environment(), sink=said)
    messages = [json.loads(line) for line in said.read_bytes().splitlines()]
    sleeps = [message for message in messages if message.get("stream") == "sleeps"]
    (schema,) = [message for message in sleeps if message["type"] == "SCHEMA"]
    return schema, [message for message in sleeps if message["type"] == "RECORD"]


def _write(
    schema: dict[str, Any], nights: list[dict[str, Any]], number: int, messages: Path, rows: Path
) -> list[str]:
    """The same rows twice, as Singer messages and as CSV; the names of the columns."""
    columns = list(nights[0]["record"])
    with messages.open("w") as singer, rows.open("w", newline="") as table:
        lines = csv.writer(table)
        singer.write(json.dumps(schema) + "\n")
        for index in range(number):
            night = nights[index % len(nights)]
            record = {**night["record"], "id": str(uuid.UUID(int=index))}
            singer.write(json.dumps({**night, "record": record}) + "\n")
            lines.writerow([record[name] for name in columns])
    return columns
