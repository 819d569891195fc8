"""The same models on another engine: the rows of DuckDB are those of PostgreSQL."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta, timezone
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from .chaos.conftest import world  # noqa: F401 (the fixture)
from .chaos.vendors import WHOOP, WITHINGS
from .chaos.world import NOON
from .conftest import ROOT
from .portable.dbt_on_duckdb import DuckDBProject
from .portable.raw_tables import RAW, copy_raw_tables
from .portable.tables import differences, read, tables_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .chaos.cell import Cell
    from .chaos.world import World

DAY = 86_400.0
#: What is compared; the raw tables too, because the models take from the sync logs.
SCHEMAS = ("canonical", "export", "marts", "meta", "quality", *RAW)
#: Columns that are not compared: how long ago something was when somebody asks, and a text of as
#: many decimals as a number is known to have, which PostgreSQL alone remembers.
UNLIKE = {"meta.sync_status": ["lag_s"], "export.omop_measurement": ["value_source_value"]}
#: Where a build takes note of what it found new: PostgreSQL tells by its own numbers of rows.
OWN = {"meta.built_inputs", "meta.last_build"}
#: Seconds since 1970.
MORNING = int((NOON - timedelta(hours=5)).replace(tzinfo=timezone.utc).timestamp())
#: Of a scale that is not trusted: exact to many digits, implausible, ambiguous, contradictory.
ODD_MEASURES = [
    *(
        {
            "date": MORNING + exponent,
            "measures": [{"type": 76, "value": 1234567890123, "unit": exponent}],
        }
        for exponent in range(-12, 4)
    ),
    {"date": MORNING - 60, "attrib": 1, "measures": [{"type": 1, "value": 815, "unit": -1}]},
    {"date": MORNING - 120, "measures": [{"type": 1, "value": 99990, "unit": -2}]},
    {
        "date": MORNING - 180,
        "measures": [{"type": 6, "value": value, "unit": -1} for value in (201, 202)],
    },
]


@dataclass
class Engines:
    """One PostgreSQL that both vendors' taps load, and a DuckDB with the same raw tables."""

    whoop: Cell
    withings: Cell
    duckdb: DuckDBProject

    def sync(self) -> None:
        """Both vendors, as every night."""
        for cell, prefix in ((self.whoop, WHOOP.prefix), (self.withings, WITHINGS.prefix)):
            nightly: dict[str, Any] = {f"{prefix}RECONCILE_DAYS": "40"}
            assert cell.sync(**nightly).works

    def build(self, *but: str) -> None:
        """The models on both, as dbt does after a sync, without tests and some others."""
        with self.whoop.connect() as postgres:
            copy_raw_tables(postgres, self.duckdb.path)
        self.whoop.build()
        self.duckdb.build("--exclude", "resource_type:test", "resource_type:unit_test", *but)

    def differences(self) -> dict[str, list[str]]:
        """The tables that differ, and in what."""
        with (
            self.whoop.connect() as postgres,
            duckdb.connect(str(self.duckdb.path), read_only=True) as other,
        ):
            names = tables_of(postgres, SCHEMAS)
            assert names == tables_of(other, SCHEMAS)
            found = {}
            for name in names:
                if name in OWN:
                    continue
                unlike = UNLIKE.get(name, [])
                found[name] = differences(read(postgres, name, unlike), read(other, name, unlike))
        return {name: words for name, words in found.items() if words}


@pytest.fixture(scope="module")
def engines(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:  # noqa: F811
    """Some weeks of two members, one of each vendor; both travel."""
    with (
        world.cell(WHOOP, days=20, member="ben") as alone,
        world.cell(WITHINGS, days=20) as withings,
    ):
        same_database = {"PGSERVICEFILE": withings.environment["PGSERVICEFILE"]}
        whoop = replace(
            alone,
            database=withings.database,
            environment={**alone.environment, **same_database},
        )
        for group in ODD_MEASURES:
            withings.sandbox.add("ana", "measure_groups", group)
        made = Engines(whoop, withings, DuckDBProject(tmp_path_factory.mktemp("duckdb")))
        made.sync()
        made.build()
        yield made


def test_both_engines_make_the_same_rows(engines: Engines) -> None:
    assert engines.differences() == {}
    rules = engines.whoop.query("select distinct rule from quality.measurement_rejects")
    assert {rule for (rule,) in rules} >= {"ambiguous_owner", "differing_duplicate", "too_high"}


def test_both_engines_add_the_same_rows(engines: Engines) -> None:
    """A month later: what was deleted, what was scored again, and a sync log that is merged."""
    for cell, stream, end, score in (
        (engines.whoop, "sleeps", "end", {"score": {"respiratory_rate": 13.5}}),
        (engines.withings, "sleep_summary", "enddate", {"data": {"sleep_score": 41}}),
    ):
        member = cell.oracle.member
        nights = sorted(cell.sandbox.truth(member, stream), key=lambda night: str(night[end]))
        cell.sandbox.delete(member, stream, nights[-5]["id"])
        cell.sandbox.edit(member, stream, nights[-6]["id"], score)
        cell.wait(33 * DAY)
    engines.sync()
    # Views stay as they are when DuckDB replaces what they read, and making them takes the longest.
    engines.build("config.materialized:view", "config.materialized:seed")
    assert engines.differences() == {}
    for table, rows in {"deleted_records": 3, "sync_history": 10, "sync_runs": 4}.items():
        ((found,),) = engines.whoop.query(f"select count(*) from meta.{table}")
        assert found >= rows, table
    assert ("re_score",) in engines.whoop.query("select kind from marts.day_events")


@pytest.mark.soak
def test_every_test_of_the_models_passes_on_duckdb(engines: Engines) -> None:
    """But for one of what PostgreSQL alone remembers: the zeros at the end of a number."""
    zeros = "a_value_is_an_observation_with_its_codes_and_all_its_digits"
    assert f"::{zeros}" not in engines.duckdb.build(f"--exclude={zeros}")


COMMENT = re.compile(r"--[^\n]*|\{#.*?#\}", re.DOTALL)
#: What engines read each in its own way, and what to write instead.
SPELLINGS = {
    r"::": "cast(... as ...)",
    r"(?i)\bas (numeric|decimal)\b(?!\()": "engine_type('numeric')",
    r"(?i)\b(avg|round)\(| / (?![^{]*\}\})": "rounded, rounded_quotient, whole_quotient, midpoint",
    r"(?i)\bat time zone\b|\binterval '": "to_utc, to_local, dbt.dateadd",
    r"(?i)\b(extract|to_char|to_timestamp|date_part|age)\(": "seconds_between, stable_text",
    r"(?i)\bdistinct on\b|\bjsonb?\b|\bfilter \(": "plain SQL",
}


def test_no_model_says_what_engines_read_each_in_its_own_way() -> None:
    transform = ROOT / "transform"
    files = [
        file
        for folder in ("models", "tests", "macros")
        for file in sorted((transform / folder).rglob("*.sql"))
        if "xdb" not in file.parts
    ]
    found = [
        f"{file.relative_to(transform)}: {match.group()} ({instead})"
        for file in files
        for spelling, instead in SPELLINGS.items()
        for match in re.finditer(spelling, COMMENT.sub("", file.read_text()))
    ]
    assert not found
    assert len(files) > 100
