"""`health status` on models as dbt builds them, and on the sync log where there are none."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from health_tools.health.display import age, ranges

from .rows import add_row, log_window, make_log, make_models

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from health_tools.postgres.connection import Connection

    RunCommand = Callable[..., subprocess.CompletedProcess[str]]
    Status = Callable[..., subprocess.CompletedProcess[str]]

NOW = datetime.now(timezone.utc)
TODAY = date(2026, 6, 1)


@pytest.fixture
def status(run: RunCommand, empty_database: Connection) -> Status:
    names = {**empty_database.parameters, "database": empty_database.dbname}
    env = {f"TARGET_POSTGRES_{name.upper()}": value for name, value in names.items()}
    return lambda *arguments: run("health", "status", *arguments, env=env)


@pytest.fixture
def models(empty_database: Connection) -> Connection:
    """The models, with one stream that is well and a day that is not over yet."""
    make_models(empty_database)
    add_stream(empty_database)
    add_day(empty_database, 0, status="not_yet_asked")
    add_day(empty_database, 1, status="received")
    return empty_database


def add_stream(database: Connection, **values: Any) -> None:
    add_row(
        database,
        "sync_status",
        **{
            "last_status": "complete",
            "last_success_at": NOW - timedelta(minutes=20),
            "newest_record_at": "2026-06-01 09:30:00+00",
            "rows": 120,
            "deleted_rows": 3,
            "held_deletions": 0,
            **values,
        },
    )


def add_day(database: Connection, ago: int, **values: Any) -> None:
    """A row of the ledger, so many days before the newest."""
    add_row(database, "coverage_ledger", local_date=TODAY - timedelta(days=ago), **values)


def hold(database: Connection) -> None:
    add_row(
        database,
        "held_deletions",
        records=45,
        oldest="2026-01-02 22:00:00+00",
        newest="2026-05-30 22:00:00+00",
        reason="too_many",
        confirm_with="acme.walks",
    )


def problems(shown: subprocess.CompletedProcess[str]) -> str:
    """What the screen ends with."""
    assert shown.stderr == ""
    return shown.stdout.rpartition("\n\n")[2]


def columns(text: str) -> list[str]:
    """The screen, in columns; how many minutes ago depends on how fast the tests are."""
    lines = [re.sub(" {2,}", "|", line) for line in text.splitlines()]
    return [re.sub(r"\|\d+ min\|", "|minutes|", line) for line in lines]


def test_all_well_is_one_screen_and_exit_code_0(status: Status, models: Connection) -> None:
    add_stream(models, stream="naps", last_error="quota", last_failure_at="2026-05-01 07:00:00+00")
    shown = status()
    assert (shown.returncode, shown.stderr) == (0, "")
    success = f"{NOW - timedelta(minutes=20):%Y-%m-%d %H:%M}Z"
    assert columns(shown.stdout) == [
        "source|account|stream|state|last success|lag|newest record|rows|deleted|held|last error",
        f"acme|default|naps|ok|{success}|minutes|2026-06-01 09:30Z|120|3|0|quota 2026-05-01 07:00Z",
        f"acme|default|walks|ok|{success}|minutes|2026-06-01 09:30Z|120|3|0|-",
        "",
        "Every day of the last 30 is explained.",
        "",
        "All is well.",
    ]


def test_days_that_nobody_explains_are_listed_and_only_failures_are_wrong(
    status: Status, models: Connection
) -> None:
    for ago in (2, 3, 29, 30):
        add_day(models, ago, status="not_yet_asked")
    add_day(models, 4, status="pending_score")
    shown = status()
    assert (shown.returncode, shown.stderr) == (0, "")
    assert columns(shown.stdout)[3:7] == [
        "Of the last 30 days, and all that failed:",
        "source|account|stream|status|days|which",
        "acme|default|walks|not_yet_asked|3|2026-05-03, 2026-05-29 to 2026-05-30",
        "acme|default|walks|pending_score|1|2026-05-28",
    ]
    for ago in (5, 6, 100):
        add_day(models, ago, status="failed", error="unreachable")
    shown = status()
    assert shown.returncode == 1
    assert "failed|3|2026-02-21, 2026-05-26 to 2026-05-27" in "\n".join(columns(shown.stdout))
    assert problems(shown) == (
        "acme, account default, stream walks, no data for 2026-02-21, 2026-05-26 to "
        "2026-05-27: unreachable; type meltano run acme and read the tap's own message\n"
    )


def test_a_stream_that_fails_and_its_days_are_one_problem(
    status: Status, models: Connection
) -> None:
    for stream in ("naps", "swims"):
        add_stream(
            models,
            stream=stream,
            last_status="failed",
            last_error="already_running",
            last_failure_at=NOW,
        )
        add_day(models, 1, stream=stream, status="failed", error="already_running")
    shown = status()
    assert shown.returncode == 1
    assert problems(shown) == (
        "acme, account default, streams naps, swims, no data for 2026-05-31: "
        "already_running; another run reads this account: wait until it ends, or end it; then "
        "type meltano run acme\n"
    )
    assert "|failed|" in columns(shown.stdout)[1]


def test_what_is_not_read_any_more_is_not_wrong(status: Status, models: Connection) -> None:
    """A stream that was deselected, an account that was taken out."""
    failed = {"last_status": "failed", "last_error": "missing_scope", "last_success_at": None}
    since = {"last_failure_at": NOW - timedelta(days=3)}
    add_stream(models, **failed, **since, stream="naps", is_history_missing=True)
    add_stream(models, **failed, **since, account_alias="ben")
    add_day(models, 3, stream="naps", status="failed", error="missing_scope")
    shown = status()
    assert (shown.returncode, shown.stderr) == (0, "")
    assert [line.split("|")[3] for line in columns(shown.stdout)[1:4]] == [
        "not read",
        "not read",
        "ok",
    ]


def test_a_failure_of_the_future_has_the_time_of_a_wrong_clock(
    status: Status, models: Connection
) -> None:
    ahead = {"last_failure_at": NOW + timedelta(days=400)}
    add_stream(models, stream="naps", last_status="failed", last_error="unreachable", **ahead)
    assert status().returncode == 0


def test_rows_that_were_lost_are_read_again_in_full(status: Status, models: Connection) -> None:
    for ago in (100, 101):
        add_day(models, ago, status="failed", error="rows_missing")
    add_stream(models, stream="naps", is_history_missing=True)
    shown = status()
    assert shown.returncode == 1
    again = (
        "rows_missing; what was read is not in the database: type meltano run acme; if it is still "
        "said then, meltano run --full-refresh tap-acme target-postgres and meltano run acme\n"
    )
    assert problems(shown) == (
        f"acme, account default, streams naps, walks, no data for 2026-02-20 to 2026-02-21: {again}"
    )


def test_held_deletions_are_named_with_the_command_that_confirms_them(
    status: Status, models: Connection
) -> None:
    hold(models)
    shown = status()
    assert shown.returncode == 1
    assert problems(shown) == (
        "acme: 45 records of walks, from 2026-01-02 to 2026-05-30, are gone at the vendor "
        "(too_many) and kept until you agree; if they should be gone, type "
        "HEALTH_CONFIRM_DELETIONS=acme.walks meltano run dbt:build\n"
    )


def test_an_account_may_be_no_older_than_asked_for(status: Status, models: Connection) -> None:
    # A stream that is no longer selected says nothing about its account.
    add_stream(models, stream="naps", last_success_at=NOW - timedelta(days=9))
    assert status("--max-age=1").returncode == 0
    late = {"account_alias": "ben", "last_success_at": NOW - timedelta(hours=50)}
    add_stream(models, **late)
    add_stream(models, **{**late, "stream": "naps", "last_success_at": None})
    assert status().returncode == 0
    assert status("--max-age", "51").returncode == 0
    shown = status("--max-age", "26")
    assert shown.returncode == 1
    assert problems(shown) == (
        "acme, account ben: last synced 2 d ago; see why the schedule does not run, or "
        "type meltano run acme\n"
    )


def test_json_says_the_same(status: Status, models: Connection) -> None:
    add_day(models, 5, status="failed", error="quota")
    hold(models)
    shown = status("--json")
    assert shown.returncode == 1
    known = json.loads(shown.stdout)
    (stream,) = known.pop("streams")
    assert 1200 <= stream.pop("lag_s") < 5000
    assert stream.pop("last_success").endswith("Z")
    assert stream == {
        "source": "acme",
        "account": "default",
        "stream": "walks",
        "status": "complete",
        "error": None,
        "last_failure": None,
        "newest_record": "2026-06-01T09:30:00Z",
        "rows": 120,
        "deleted_rows": 3,
        "held_deletions": 0,
        "is_history_missing": False,
        "is_current": True,
    }
    walks = {"source": "acme", "stream": "walks"}
    assert known == {
        "ok": False,
        "models_built": True,
        "gaps": [
            {
                **walks,
                "account": "default",
                "status": "failed",
                "error": "quota",
                "days": ["2026-05-27"],
            }
        ],
        "held_deletions": [
            {
                **walks,
                "records": 45,
                "oldest": "2026-01-02T22:00:00Z",
                "newest": "2026-05-30T22:00:00Z",
                "reason": "too_many",
                "confirm_with": "acme.walks",
            }
        ],
        "problems": problems(status()).splitlines(),
    }
    assert len(known["problems"]) == 2


def test_before_the_models_were_built_the_sync_log_is_all_there_is(
    status: Status, empty_database: Connection
) -> None:
    make_log(empty_database, "acme_raw")
    log_window(empty_database, "acme_raw", "2026-03-02 06:00:00")
    shown = status()
    assert (shown.returncode, shown.stderr) == (0, "")
    assert re.fullmatch(
        r"acme\|default\|walks\|ok\|2026-03-02 06:00Z\|\d+ d\|-\|-\|-\|-\|-",
        columns(shown.stdout)[1],
    )
    assert "not known before the models are: meltano run dbt:build\n" in shown.stdout
    assert json.loads(status("--json").stdout)["models_built"] is False
    failed = {"status": "failed", "error": "grant_dead"}
    log_window(empty_database, "acme_raw", "2026-03-03 06:00:00", **failed)
    shown = status()
    assert shown.returncode == 1
    assert "tap-acme:login --account default" in problems(shown)


def test_nothing_synced_yet(status: Status) -> None:
    shown = status()
    assert (shown.returncode, shown.stderr) == (1, "")
    assert shown.stdout == "nothing was synced yet; type meltano run sync, whoop or withings\n"


def test_models_of_another_shape_are_an_error_message(
    status: Status, empty_database: Connection
) -> None:
    with empty_database.connect() as session:
        session.execute("create schema meta")
        session.execute("create table meta.sync_status (stream text)")
    shown = status()
    assert shown.returncode == 1
    assert shown.stderr.startswith("Error: The sync log cannot be read: column ")
    assert shown.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("lag", "text"),
    [
        (timedelta(minutes=-3), "0 min"),
        (timedelta(minutes=119), "119 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(hours=47), "47 h"),
        (timedelta(days=2), "2 d"),
        (None, "-"),
    ],
)
def test_a_lag_is_read_at_a_glance(lag: timedelta | None, text: str) -> None:
    assert age(lag) == text


def test_days_are_stretches_also_across_months() -> None:
    days = [date(2026, 3, 1), date(2026, 2, 28), date(2026, 2, 27), date(2026, 5, 1)]
    assert ranges([*days, *days]) == "2026-02-27 to 2026-03-01, 2026-05-01"
    assert ranges([]) == ""
