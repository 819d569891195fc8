"""`meltano run tap-whoop target-postgres`: what the vendor knows is in the database, exactly once.

The oracle is the sandbox's own truth (tests/oracle).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from .oracle.records import Difference
from .oracle.whoop import KEYS, WhoopOracle
from .pipe import Pipe

if TYPE_CHECKING:
    from .conftest import Project
    from .oracle.records import Key, Row

QUIET = [
    "/v2/activity/sleep",
    "/v2/activity/workout",
    "/v2/cycle",
    "/v2/recovery",
    "/v2/user/measurement/body",
    "/v2/user/profile/basic",
]
START = datetime(2026, 3, 1)
DAY = 86_400


def oracle(project: Project) -> WhoopOracle:
    return WhoopOracle(project.sandbox, "ana", START)


def table(project: Project, stream: str) -> dict[Key, Row]:
    with project.connection() as connection:
        return oracle(project).rows(connection, stream)


def assert_equals_truth(project: Project, zone: str = "UTC") -> None:
    with project.connection(zone) as connection:
        for stream in KEYS:
            found = oracle(project).compare(connection, stream)
            assert found == Difference(set(), set(), []), stream


@pytest.fixture(scope="module", autouse=True)
def _first_sync(project: Project) -> None:
    project.execute("alter database health_demo set timezone to 'America/New_York'")
    project.sync()
    project.data_requests()


def test_every_row_equals_the_truth_in_a_session_that_is_not_in_utc(project: Project) -> None:
    (zone,) = project.query("show timezone", zone="Asia/Kolkata")[0]
    assert zone == "Asia/Kolkata"
    assert_equals_truth(project, "Asia/Kolkata")


def test_raw_is_the_vendors_record(project: Project) -> None:
    for stream in ("cycles", "sleeps", "recoveries", "workouts"):
        record = oracle(project).records(stream)[0]
        (key,) = KEYS[stream]
        sql = f"select raw::jsonb from whoop_raw.{stream} where {key}::text = '{record[key]}'"
        assert project.query(sql) == [(record,)]


def test_a_second_run_with_nothing_new_is_quiet(project: Project) -> None:
    before = {stream: table(project, stream) for stream in KEYS}
    project.sandbox.advance(5)
    project.data_requests()
    project.sync()
    assert project.data_requests() == QUIET
    for stream, rows in before.items():
        for key, row in table(project, stream).items():
            changed = {name for name, value in row.items() if rows[key][name] != value}
            assert all(n == "synced_at" or n.startswith("_sdc_") for n in changed), changed


def test_every_claim_of_the_sync_log_has_landed(project: Project) -> None:
    claims = project.query(
        "select stream, synced_at, distinct_keys from whoop_raw.sync_windows "
        "where status = 'complete'"
    )
    assert len(claims) >= len(KEYS)
    for stream, synced_at, distinct_keys in claims:
        ((landed,),) = project.query(
            f"select count(*) from whoop_raw.{stream} where synced_at >= '{synced_at}'"
        )
        assert landed >= distinct_keys, stream


@pytest.mark.soak
def test_ten_runs_with_changes_between_end_equal_to_the_truth(project: Project) -> None:
    sandbox, pipe = project.sandbox, Pipe(project, "tap-whoop", "whoop_raw")
    counted = "select count(*) from whoop_raw.sync_windows where stream = 'cycles'"
    ((before,),) = project.query(counted)
    for number in range(10):
        sandbox.advance(DAY / 2)
        workouts = sandbox.truth("ana", "workouts")
        start = datetime.strptime(sandbox.now(), "%Y-%m-%dT%H:%M:%S.%fZ") - timedelta(hours=3)  # noqa: DTZ007
        sandbox.add("ana", "workouts", {"start": f"{start:%Y-%m-%dT%H:%M:%S}.250Z"})
        sandbox.edit("ana", "workouts", workouts[0]["id"], {"sport_name": f"edited-{number}"})
        night = next(s for s in sandbox.truth("ana", "sleeps") if s["score"] and not s["nap"])
        sandbox.edit(
            "ana", "sleeps", night["id"], {"score": {"respiratory_rate": 12.0 + number / 8}}
        )
        pipe.sync()
    for stream, (key,) in KEYS.items():
        sql = f"select count(*) - count(distinct {key}) from whoop_raw.{stream}"
        assert project.query(sql) == [(0,)]
    assert project.query(counted) == [(before + 10,)]
    assert_equals_truth(project)
