"""docs/add-a-vendor.md, followed: its files and changes, its commands, a sync, and the models."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from .conftest import ROOT
from .lull_home import TAP, open_home, tools, type_in
from .recipe import Recipe, copy_repository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .lull_home import Home

PAGE = Recipe(ROOT / "docs/add-a-vendor.md")
DAY = "canonical.{table} where source_system = 'lull' and local_date = '2026-05-31'"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository with the vendor in it."""
    made = tmp_path_factory.mktemp("repository")
    copy_repository(made)
    PAGE.follow(made)
    return made


@pytest.fixture(scope="module")
def home(folder: Path) -> Iterator[Home]:
    """Three nights, synced and built."""
    with open_home(folder) as made:
        made.sync()
        made.build()
        yield made


def test_a_new_vendor_changes_few_files() -> None:
    assert PAGE.changed == [
        ".env.example",
        "meltano.yml",
        "transform/dbt_project.yml",
        "transform/models/canonical_input/input__sleep_sessions.sql",
        "transform/models/canonical_input/input__source_accounts.sql",
        "transform/models/canonical_input/input__vitals.sql",
        "transform/models/canonical_input/input__zone_observations.sql",
        "transform/models/intermediate/int_sync__record_times.sql",
        "transform/seeds/default_source_preferences.csv",
        "transform/seeds/domain_streams.csv",
    ]


@pytest.mark.parametrize("commands", PAGE.commands)
def test_its_commands_find_nothing_wrong(folder: Path, commands: str) -> None:
    type_in(folder, commands)


def test_meltano_knows_what_the_tap_says_of_itself(folder: Path) -> None:
    project = folder / "meltano.yml"
    check = [
        str(ROOT / ".venv/bin/check-jsonschema"),
        "--builtin-schema",
        "vendor.meltano",
        str(project),
    ]
    subprocess.run(check, check=True, capture_output=True)
    said = yaml.safe_load(project.read_text())
    whoop, _, lull = said["plugins"]["extractors"]
    assert [s["name"] for s in lull["settings"]] == [s["name"] for s in whoop["settings"]]
    about = subprocess.check_output([*TAP, "--about", "--format=json"], env=tools(folder))
    described = yaml.safe_load(about)["settings"]["properties"]
    for setting in lull["settings"]:
        if setting["name"] not in {"token_store", "on_error"}:  # the project's own choices
            assert setting.get("value") == described[setting["name"]].get("default")
    assert {"lull", "reconcile-lull"} <= {s["name"] for s in said["schedules"]}


def test_a_night_and_its_vital_are_canonical(home: Home) -> None:
    assert home.query(
        f"select user_id, asleep_s, in_bed_start_local::text, is_preferred from "
        f"{DAY.format(table='sleep_sessions')}"
    ) == [("ada", 28800, "2026-05-30 23:30:00", True)]
    assert home.query(
        f"select metric_code, value_num, context from {DAY.format(table='biometrics_vitals')}"
    ) == [("resting_heart_rate", 65.5, "sleep")]


def test_the_day_has_its_numbers_and_says_from_where(home: Home) -> None:
    (query,) = PAGE.queries
    told = [(str(date), *rest) for date, *rest in home.query(query)]
    assert told[1] == ("2026-05-31", 28800, "lull", 65.5, "lull")
    assert told[0] == ("2026-06-01", None, None, None, None)
    assert home.query(
        "select value_num, ucum_unit from export.fhir_observation where source_system = 'lull' "
        "and metric_code = 'resting_heart_rate' order by value_num desc limit 1"
    ) == [(65.5, "/min")]


def test_the_streams_are_followed(home: Home) -> None:
    assert home.query(
        "select stream, rows, last_status from meta.sync_status where source_system = 'lull' "
        "order by stream"
    ) == [("nights", 3, "complete"), ("profile", 1, "complete")]
    assert home.query(
        "select status, records from meta.coverage_ledger where source_system = 'lull' "
        "and stream = 'nights' and local_date between '2026-05-28' and '2026-05-31' "
        "order by local_date"
    ) == [("nothing_recorded", 0), *[("received", 1)] * 3]


@pytest.fixture(scope="module")
def changed(home: Home) -> Home:
    """A night is scored again; a second sync, a build of what has changed, and its own tests."""
    home.vendor.records["/v1/nights"]["n30"] |= {
        "resting_heart_rate": 48,
        "updated_at": "2026-06-01T08:00:00Z",
    }
    home.sync()
    home.build(
        *("--log-level=warn", "build", "--exclude-resource-type=unit_test"),
        "--exclude=test_type:generic",
    )
    return home


def test_what_changed_is_made_anew(changed: Home) -> None:
    assert changed.query(
        "select local_date::text, value_num from canonical.biometrics_vitals "
        "where source_system = 'lull' order by 1"
    ) == [("2026-05-29", 64.5), ("2026-05-30", 48), ("2026-05-31", 65.5)]
    assert changed.query(
        "select resting_heart_rate from marts.daily_facts where local_date = '2026-05-30'"
    ) == [(48,)]
    assert changed.query(
        "select count(*) from meta.record_versions where raw_relation = 'lull_raw.nights' "
        "and raw_source_id = 'n30'"
    ) == [(2,)]
    assert changed.query("select changed_inputs, replaced_records from meta.last_build") == [(3, 3)]
