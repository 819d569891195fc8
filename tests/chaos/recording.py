"""Recording what dbt executes; once for each version of the taps and the models."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from filelock import FileLock

from ..conftest import ROOT
from ..pipe import MELTANO
from .messages import Job
from .models import Nodes, Recording
from .processes import warm_process
from .vendors import WHOOP, WITHINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .cell import Cell
    from .processes import WarmProcess
    from .world import World

DBT = ROOT / ".meltano/utilities/dbt/venv/bin/python"
#: As `dbt:build` in meltano.yml, without the tests.
BUILD = [
    *("--log-level=warn", "build"),
    *("--exclude-resource-type=test", "--exclude-resource-type=unit_test"),
]
#: What the statements depend on: the columns of the raw tables, and the models.
_SOURCES = ("health-tap-core", "tap-whoop", "tap-withings", "transform")
_NO_EFFECT = re.compile(r"select|with|comment|begin|commit", re.IGNORECASE)
_RAW_TABLES = """
select format('create table if not exists %I.%I (%s)', table_schema, table_name, string_agg(
    format('%I %s', column_name, data_type), ', ' order by ordinal_position
))
from information_schema.columns where table_schema in ('whoop_raw', 'withings_raw')
group by table_schema, table_name
"""

_DROP_KEYS = """
select format('alter table %s drop constraint %I', conrelid::regclass, conname) from pg_constraint
where contype in ('p', 'u') and connamespace::regnamespace::text in ('whoop_raw', 'withings_raw')
"""


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


def recording(world: World, folder: Path) -> Recording:
    """The recording of this version; whoever comes first makes it, for all processes and runs."""
    path = folder / f"{_version()}.json"
    with FileLock(folder / "lock"):
        if not path.exists():
            for old in folder.glob("*.json"):
                old.unlink()
            path.write_text(_record(world).to_json())
    return Recording.from_json(path.read_text())


def _version() -> str:
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for file in _files():
        digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def _files() -> Iterator[Path]:
    for source in _SOURCES:
        for suffix in ("py", "json", "sql", "yml", "csv"):
            files = sorted((ROOT / source).rglob(f"*.{suffix}"))
            yield from (file for file in files if "tests" not in file.parts)


def _record(world: World) -> Recording:
    """Build the models in a database that has the raw tables of all vendors, and listen."""
    with (
        world.cell(WHOOP, days=10) as cell,
        warm_process(DBT, "dbt_process", world.environment) as dbt,
    ):
        assert cell.sync().works
        with world.cell(WITHINGS, days=10, template=cell.database.dbname) as both:
            assert both.sync().works
            first = _listen(both, dbt, BUILD)
            again = _listen(both, dbt, [*BUILD, "--select=config.materialized:incremental"])
            tables = [statement for (statement,) in both.query(_RAW_TABLES)]
            with both.connect() as session:
                for (statement,) in both.query(_DROP_KEYS):
                    session.execute(statement.encode())
                session.execute("drop schema staging cascade")
            unkeyed = _listen(both, dbt, [*BUILD, "--select=path:models/staging/*/base"])
            return Recording(both.database.dbname, tables, first, again, unkeyed)


def _listen(cell: Cell, dbt: WarmProcess, arguments: list[str]) -> Nodes:
    path, log = cell.root / "dbt.jsonl", cell.root / "dbt.log"
    path.write_text("")
    environment = {**cell.environment, **dbt_settings(cell.root)}
    with log.open("ab") as output:
        job = Job("dbt", arguments, environment, record=str(path))
        process = dbt.start(job, *[output.fileno()] * 3)
        process.finish()
    assert process.code == 0, log.read_text()
    nodes: Nodes = {}
    for line in path.read_text().splitlines():
        name, text, values = json.loads(line)
        if name.startswith(("model.", "seed.")) and not _NO_EFFECT.match(text):
            nodes.setdefault(name, []).append((text, values))
    return nodes
