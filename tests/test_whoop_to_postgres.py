"""`meltano run tap-whoop target-postgres`: what the vendor knows is in the database, exactly once.

The oracle is the sandbox's own truth, flattened here by code that shares nothing with the tap.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from psycopg.rows import dict_row

from .pipe import Pipe

if TYPE_CHECKING:
    from .conftest import Project

KEYS = {
    "cycles": "id",
    "sleeps": "id",
    "recoveries": "cycle_id",
    "workouts": "id",
    "user_basic_profile": "user_id",
    "user_body_measurement": "user_id",
}
TRUTHS = {"user_basic_profile": "profile", "user_body_measurement": "body"}
QUIET = [
    "/v2/activity/sleep",
    "/v2/activity/workout",
    "/v2/cycle",
    "/v2/recovery",
    "/v2/user/measurement/body",
    "/v2/user/profile/basic",
]
INSTANTS = {"created_at", "updated_at", "start", "end"}
UUIDS = {"sleeps.id", "workouts.id", "recoveries.sleep_id"}
DAY = 86_400


def expected(stream: str, name: str, value: Any) -> Any:
    """A value as PostgreSQL has to give it back."""
    if value is None or isinstance(value, bool):
        return value
    if name in INSTANTS:
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ")  # noqa: DTZ007 (stored without)
    if f"{stream}.{name}" in UUIDS:
        return UUID(value)
    return Decimal(repr(value)) if isinstance(value, float) else value


def columns(stream: str, record: dict[str, Any]) -> dict[str, Any]:
    """A vendor's record by column name."""
    flat: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            flat |= columns(stream, {f"{name}_{inner}": v for inner, v in value.items()})
        else:
            flat[name] = expected(stream, name, value)
    return flat


def table(project: Project, stream: str, zone: str = "UTC") -> dict[Any, dict[str, Any]]:
    """All rows of a raw table by key."""
    with project.connection(zone) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        rows = cursor.execute(f"select * from whoop_raw.{stream}".encode()).fetchall()
    found = {row[KEYS[stream]]: row for row in rows}
    assert len(found) == len(rows), f"{stream} has a key twice"
    return found


def in_scope(project: Project, stream: str) -> list[dict[str, Any]]:
    """The sandbox's records that a sync since the start date has to deliver."""
    truth = project.sandbox.truth("ana", TRUTHS.get(stream, stream))
    if stream in TRUTHS:
        return truth
    start = "2026-03-01T00:00:00.000Z"
    if stream == "recoveries":
        ends = {sleep["id"]: sleep["end"] for sleep in project.sandbox.truth("ana", "sleeps")}
        return [record for record in truth if ends[record["sleep_id"]] > start]
    return [record for record in truth if record["end"] is None or record["end"] > start]


def assert_equals_truth(project: Project, zone: str = "UTC") -> None:
    for stream, key in KEYS.items():
        rows = table(project, stream, zone)
        truth = {}
        for record in in_scope(project, stream):
            flat = columns(stream, record)
            truth[flat.get(key, next(iter(rows)))] = flat
        assert rows.keys() == truth.keys(), stream
        for identity, record in truth.items():
            row = rows[identity]
            for name, value in record.items():
                if name == "score":  # null: all its columns are
                    scores = [row[column] for column in row if column.startswith("score_")]
                    assert {v for v in scores if v != row["score_state"]} == {None}
                else:
                    assert row[name] == value, f"{stream} {identity} {name}"


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
        for record in in_scope(project, stream):
            sql = f"select raw::jsonb from whoop_raw.{stream} where {KEYS[stream]}::text = '%s'"
            ((raw,),) = project.query(sql % record[KEYS[stream]])
            assert raw == record
            break


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


def test_ten_runs_with_changes_between_end_equal_to_the_truth(project: Project) -> None:
    sandbox, pipe = project.sandbox, Pipe(project, "tap-whoop", "whoop_raw")
    for number in range(8):
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
    for stream, key in KEYS.items():
        sql = f"select count(*) - count(distinct {key}) from whoop_raw.{stream}"
        assert project.query(sql) == [(0,)]
    ((runs,),) = project.query(
        "select count(*) from whoop_raw.sync_windows where stream = 'cycles'"
    )
    assert runs == 10
    assert_equals_truth(project)
