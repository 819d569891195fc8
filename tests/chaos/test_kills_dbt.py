"""``kill -9`` of dbt between and amid its models: nobody reads half of anything, and the next build
is whole."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from .changes import change
from .invariants import assert_all
from .messages import Job
from .models import fingerprints
from .processes import warm_process
from .recording import BUILD, DBT, dbt_settings
from .reliability import cell
from .vendors import WHOOP, WITHINGS, Vendor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .cell import Cell
    from .processes import WarmProcess
    from .world import World

GROUP = "dbt killed"
#: With the data tests of one model, and one test of its own.
TESTED = [
    *("--log-level=warn", "build", "--exclude-resource-type=unit_test"),
    *("--select", "sleep_sessions", "home_zones_exist"),
]
#: What dbt calls an old table until it drops it, after its commit.
BACKUP = "__dbt_backup"
#: No table that is made anew takes them with it: they are replaced where they are.
VIEWS_OF_RAW = """
select relname, oid from pg_class
where relnamespace = 'staging'::regnamespace and relname like 'base%' order by relname
"""
MOMENTS = {
    "before a seed is filled": "before insert seed.health.metric",
    "before a view": "before create model.health.stg_whoop__sleeps",
    "with a view half in place": "after create model.health.stg_whoop__sleeps",
    "before a table": "before create model.health.sleep_sessions",
    "with a table not yet in place": "after create model.health.sleep_sessions",
    "before a table's commit": "before commit model.health.sleep_sessions",
    "after a table's commit": "after commit model.health.sleep_sessions",
    "before an append": "before insert model.health.record_version_log",
    "before an append's commit": "after insert model.health.record_version_log",
    "after an append's commit": "after commit model.health.record_version_log",
    "between the canonical tables and a mart": (
        "before create model.health.withings_recent_measurements"
    ),
    "before a test": "before select test.health.home_zones_exist",
}


@pytest.fixture(scope="module")
def dbt(world: World) -> Iterator[WarmProcess]:
    with warm_process(DBT, "dbt_process", world.environment) as process:
        yield process


def build(
    struck: Cell, dbt: WarmProcess, arguments: list[str], die: tuple[str, int] | None = None
) -> int:
    """The exit code of a real build."""
    environment = {**struck.environment, **dbt_settings(struck.root)}
    with (struck.root / "dbt.log").open("ab") as output:
        job = Job("dbt", arguments, environment, die=die)
        process = dbt.start(job, *[output.fileno()] * 3)
        process.finish()
    assert process.code is not None
    return process.code


@pytest.mark.parametrize(
    ("vendor", "moment"),
    [
        cell(
            GROUP,
            words,
            WITHINGS if "withings" in moment else WHOOP,
            moment,
        )
        for words, moment in MOMENTS.items()
    ],
)
def test_each_table_is_the_old_one_or_the_new_one(
    world: World, dbt: WarmProcess, vendor: Vendor, moment: str
) -> None:
    with world.cell(vendor, days=20) as struck:
        assert struck.sync().works
        struck.build()
        before, views = fingerprints(struck.database), struck.query(VIEWS_OF_RAW)
        struck.wait()
        change(struck)
        assert struck.sync().works
        arguments = TESTED if "test." in moment else BUILD
        assert build(struck, dbt, arguments, die=(moment, 1)) == -signal.SIGKILL
        left = fingerprints(struck.database)
        assert build(struck, dbt, BUILD) == 0, (struck.root / "dbt.log").read_text()
        after = fingerprints(struck.database)
        assert not [table for table in after if table.endswith(BACKUP)]
        assert struck.query(VIEWS_OF_RAW) == views
        for table, digest in left.items():
            name = table.removesuffix(BACKUP)
            assert digest in {before.get(name), after[name]}, table
        # What people and programs look at is there at any time.
        read = {table for table in before if not table.startswith("staging.")}
        assert read <= left.keys()
        assert_all(struck)
