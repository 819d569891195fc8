"""`health check` on sync logs as the loader writes them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from health_tools.health.hints import next_step

from .rows import log_window, make_log

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from health_tools.postgres.connection import Connection

    RunCommand = Callable[..., subprocess.CompletedProcess[str]]
    Check = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def check(run: RunCommand, empty_database: Connection) -> Check:
    names = {**empty_database.parameters, "database": empty_database.dbname}
    env = {f"TARGET_POSTGRES_{name.upper()}": value for name, value in names.items()}
    return lambda *arguments: run("health", "check", *arguments, env=env)


def test_all_complete_is_a_table_and_exit_code_0(check: Check, empty_database: Connection) -> None:
    make_log(empty_database, "acme_raw")
    log_window(empty_database, "acme_raw", "2026-03-01 06:00:00", records=9, requests=2)
    log_window(
        empty_database,
        *("acme_raw", "2026-03-02 06:00:00.5"),
        window_end="2026-03-02 05:59:59",
        records=3,
    )
    log_window(empty_database, "acme_raw", "2026-03-02 06:01:00", stream="naps", account="b")
    with empty_database.connect() as session:
        session.execute("create table acme_raw.walks as select generate_series(1, 12) as id")
    checked = check()
    assert (checked.returncode, checked.stderr) == (0, "")
    assert [re.sub(" {2,}", "|", line) for line in checked.stdout.splitlines()] == [
        "source|account|stream|status|last success|newest window end|records|requests|rows",
        "acme|b|naps|complete|2026-03-02 06:01Z|2026-03-02 06:01Z|0|1|-",
        "acme|default|walks|complete|2026-03-02 06:00Z|2026-03-02 05:59Z|3|1|12",
    ]
    assert len({len(line) for line in checked.stdout.splitlines()}) == 1  # the columns are aligned


def test_the_newest_window_decides(check: Check, empty_database: Connection) -> None:
    make_log(empty_database, "acme_raw")
    failed = {"status": "failed", "error": "rate_limited"}
    log_window(empty_database, "acme_raw", "2026-03-01 06:00:00", **failed)
    log_window(empty_database, "acme_raw", "2026-03-02 06:00:00")
    assert check().returncode == 0
    log_window(empty_database, "acme_raw", "2026-03-03 06:00:00", **failed)
    checked = check()
    assert checked.returncode == 1
    assert "failed  2026-03-02 06:00Z  2026-03-02 06:00Z" in checked.stdout
    assert checked.stderr.startswith("Error: acme, account default, stream walks: rate_limited; ")


def test_what_is_not_read_any_more_is_not_wrong(check: Check, empty_database: Connection) -> None:
    make_log(empty_database, "acme_raw")
    failed = {"status": "failed", "error": "missing_scope"}
    log_window(empty_database, "acme_raw", "2026-03-01 06:00:00", stream="naps", **failed)
    log_window(empty_database, "acme_raw", "2026-03-02 05:00:00")
    assert check().returncode == 1
    log_window(empty_database, "acme_raw", "2026-03-02 07:00:00")
    checked = check()
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "not read" in checked.stdout


def test_a_failure_of_the_future_has_the_time_of_a_wrong_clock(
    check: Check, empty_database: Connection
) -> None:
    make_log(empty_database, "acme_raw")
    log_window(empty_database, "acme_raw", "2026-03-02 05:00:00")
    failed = {"status": "failed", "error": "unreachable"}
    log_window(empty_database, "acme_raw", "2999-03-02 05:00:00", **failed)
    assert check().returncode == 0


def test_one_failure_among_many_is_named_with_the_next_step(
    check: Check, empty_database: Connection
) -> None:
    for schema in ("acme_raw", "other_raw"):
        make_log(empty_database, schema)
        for account in ("anna", "bert"):
            log_window(empty_database, schema, "2026-03-02 06:00:00", account=account)
    log_window(
        empty_database,
        *("other_raw", "2026-03-02 07:00:00"),
        account="bert",
        status="failed",
        error="grant_dead",
        window_end=None,
    )
    checked = check()
    assert checked.returncode == 1
    assert len(checked.stdout.splitlines()) == 5
    assert checked.stderr == (
        "Error: other, account bert, stream walks: grant_dead; log in again with "
        "meltano invoke tap-other:login --account bert and allow everything that is asked for; "
        "everything loaded so far stays\n"
    )


def test_one_cause_is_one_line_for_all_streams_of_an_account(
    check: Check, empty_database: Connection
) -> None:
    make_log(empty_database, "acme_raw")
    for stream, error in (("naps", "grant_dead"), ("walks", "grant_dead"), ("swims", "quota")):
        failed = {"stream": stream, "status": "failed", "error": error}
        log_window(empty_database, "acme_raw", "2026-03-02 06:00:00", **failed)
    causes = [line.partition(";")[0] for line in check().stderr.splitlines()]
    assert causes == [
        "Error: acme, account default, streams naps, walks: grant_dead",
        "Error: acme, account default, stream swims: quota",
    ]


def test_json_says_the_same(check: Check, empty_database: Connection) -> None:
    make_log(empty_database, "acme_raw")
    log_window(empty_database, "acme_raw", "2026-03-01 06:00:00.25")
    failed = {"status": "failed", "error": "quota", "requests": 4}
    log_window(empty_database, "acme_raw", "2026-03-02 06:00:00", **failed)
    checked = check("--json")
    assert checked.returncode == 1
    assert json.loads(checked.stdout) == {
        "ok": False,
        "streams": [
            {
                "source": "acme",
                "account": "default",
                "stream": "walks",
                "status": "failed",
                "error": "quota",
                "last_success": "2026-03-01T06:00:00.250000Z",
                "newest_window_end": "2026-03-01T06:00:00.250000Z",
                "records": 0,
                "requests": 4,
                "is_current": True,
                "rows": None,
            }
        ],
        "problems": [
            f"acme, account default, stream walks: quota; {next_step('acme', 'default', 'quota')}",
        ],
    }


@pytest.mark.parametrize("schema", [None, "acme_raw", "acme"])
def test_nothing_synced_yet(check: Check, empty_database: Connection, schema: str | None) -> None:
    if schema:
        make_log(empty_database, schema)
    if schema == "acme":  # not a raw schema: not a sync log
        log_window(empty_database, schema, "2026-03-02 06:00:00")
    checked = check()
    assert (checked.returncode, checked.stdout) == (1, "")
    nothing = "nothing was synced yet; type meltano run sync, whoop or withings"
    assert checked.stderr == f"Error: {nothing}\n"
    assert json.loads(check("--json").stdout)["ok"] is False


def test_a_sync_log_of_another_shape_is_an_error_message(
    check: Check, empty_database: Connection
) -> None:
    with empty_database.connect() as session:
        session.execute("create schema acme_raw")
        session.execute("create table acme_raw.sync_windows (stream text)")
    checked = check()
    assert checked.returncode == 1
    assert checked.stderr.startswith("Error: The sync log cannot be read: column ")
    assert checked.stderr.count("\n") == 1


def test_no_database_is_the_message_of_the_loader(run: RunCommand) -> None:
    checked = run("health", "check", "--json", env={"PGSERVICE": "home", "PGSERVICEFILE": "/none"})
    assert (checked.returncode, checked.stdout) == (1, "")
    assert checked.stderr.startswith("Error: The database does not answer ")
    assert checked.stderr.endswith("Type: meltano invoke postgres:start\n")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("grant_dead", "meltano --environment=prod invoke tap-acme-lab:login --account ana"),
        ("rate_limited", "TAP_ACME_LAB_REQUESTS_PER_MINUTE"),
        ("something_new", "meltano --environment=prod run acme_lab"),
        (None, "meltano --environment=prod run acme_lab"),
    ],
)
def test_the_next_step_names_commands_and_settings_of_the_source(
    error: str | None, words: str
) -> None:
    assert words in next_step("acme_lab", "ana", error, {"MELTANO_ENVIRONMENT": "prod"})


def test_every_class_of_error_that_a_tap_can_log_has_a_next_step() -> None:
    errors = pytest.importorskip("health_tap_core.errors", reason="the taps are not installed")
    codes = {getattr(value, "code", "error") for value in vars(errors).values()}
    unlogged = {"error", "not_found"}  # the base class; an absent record is no failed window
    unhelped = {
        code
        for code in codes - unlogged
        if next_step("acme", "ana", code) == next_step("acme", "ana", "something_new")
    }
    assert unhelped == set()
