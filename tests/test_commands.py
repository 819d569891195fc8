"""The commands of the README's table, typed against one project: what is read, and what stays."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from itertools import dropwhile
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from tap_whoop.auth import cli as whoop_grants

from .conftest import MELTANO
from .pipe import demo_settings

if TYPE_CHECKING:
    from .conftest import Project

BARE = ("tap-whoop", "target-postgres")
STATE_ID = "demo:tap-whoop-to-target-postgres"
LACKING = ["read:body_measurement", "read:cycles", "read:recovery", "read:sleep", "read:workout"]
RUN_ID = "01890000-0000-7000-8000-00000000c0de"
#: As docs/logs.md has it; without the second one, the tests' own logging.yaml would come first.
IN_JSON = ["--log-format=json", "--log-config=none.yaml"]
#: What a confirmed deletion changes of what health:status shows.
CHANGED = ("deleted_records", "int_sync__stream_states+")
NIGHT = "score_respiratory_rate from whoop_raw.sleeps where id"


@pytest.fixture(scope="module", autouse=True)
def backfill(project: Project) -> str:
    """The first run, three months in windows of 30 days: what it said."""
    return project.sync(TAP_WHOOP_WINDOW_DAYS="30")


def windows_of(project: Project, *run: str, **env: str) -> list[Any]:
    """Run something ten minutes later: kind, first and last day of each window of the cycles."""
    ((before,),) = project.query("select max(synced_at) from whoop_raw.sync_windows")
    project.sandbox.advance(600)
    project.run(*(run or BARE), **env)
    return project.query(
        "select kind, window_start::date::text, window_end::date::text "
        "from whoop_raw.sync_windows where stream = 'cycles' and status = 'complete' "
        f"and synced_at > '{before}' order by window_start"
    )


def position(state: str) -> tuple[str, list[list[str]]]:
    """The bookmark of the cycles and the stretches that were read, in what a command said."""
    found = json.JSONDecoder().raw_decode(state[state.rindex('{"bookmarks"') :])[0]
    (partition,) = found["bookmarks"]["cycles"]["partitions"]
    assert partition["context"] == {"account": "default"}
    return partition["replication_key_value"], partition["covered"]


def test_a_backfill_ends_with_a_report(project: Project, backfill: str) -> None:
    report = re.search(
        r"cycles of account 'default': 4 of 4 windows complete \(100 %\), (\d+) rows, \d+ requests",
        backfill,
    )
    assert report
    assert re.search(r"Run of tap-whoop: (\d+) of \1 windows complete", backfill)
    # What lies across the edge of two windows comes with both.
    assert project.query(
        "select count(*), min(kind), max(kind), sum(records), "
        "sum(records) - 3 <= (select count(*) from whoop_raw.cycles) "
        "from whoop_raw.sync_windows where stream = 'cycles'"
    ) == [(4, "backfill", "backfill", int(report[1]), True)]


def test_the_status_is_known_before_the_models_are(project: Project) -> None:
    shown = project.meltano("invoke", "health:status")
    assert shown.code == 0, shown.text
    assert re.search(r"^whoop +default +cycles +ok ", shown.text, re.MULTILINE)
    assert "meltano --environment=demo run dbt:build\n\nAll is well." in shown.text


def test_every_run_reads_the_last_days_again_and_what_an_earlier_start_date_adds(
    project: Project,
) -> None:
    night = next(
        sleep["id"]
        for sleep in project.sandbox.truth("ana", "sleeps")
        if sleep["score"] and sleep["end"] < "2026-06-01"
    )
    project.sandbox.edit("ana", "sleeps", night, {"score": {"respiratory_rate": 13.5}})
    assert windows_of(project, TAP_WHOOP_START_DATE="2026-02-20") == [
        ("backfill", "2026-02-20", "2026-03-01"),
        ("incremental", "2026-05-25", "2026-06-01"),
    ]
    assert project.query(f"select {NIGHT} = '{night}'") == [(13.5,)]


def test_a_range_of_dates_of_a_single_stream_is_read_and_the_bookmark_stays(
    project: Project,
) -> None:
    before = position(project.said[-1])
    project.data_requests()
    choice = {
        "TAP_WHOOP_START_DATE": "2026-03-10",
        "TAP_WHOOP_END_DATE": "2026-03-12",
        "TAP_WHOOP__SELECT": '["cycles.*", "sync_windows.*"]',
    }
    assert windows_of(project, **choice) == [("backfill", "2026-03-10", "2026-03-12")]
    assert project.data_requests() == ["/v2/cycle", "/v2/user/profile/basic"]
    assert shown_position(project) == before


def shown_position(project: Project) -> tuple[str, list[list[str]]]:
    shown = project.meltano("state", "get", STATE_ID)
    assert shown.code == 0, shown.text
    return position(shown.text)


def test_full_refresh_reads_everything_again_and_goes_on_from_there(project: Project) -> None:
    before, _ = shown_position(project)
    rows = project.query("select count(*) from whoop_raw.cycles")
    assert windows_of(project, "--full-refresh", *BARE) == [
        ("backfill", "2026-03-01", "2026-06-01")
    ]
    after, ((begin, _),) = position(project.said[-1])
    assert begin.startswith("2026-03-01")
    assert after > before
    assert project.query("select count(*) from whoop_raw.cycles") == rows


def test_a_cleared_state_starts_from_the_beginning(project: Project) -> None:
    assert project.meltano("state", "clear", "--force", STATE_ID).code == 0
    project.sandbox.advance(600)
    done = project.meltano(*IN_JSON, "run", *BARE, MELTANO_RUN_ID=RUN_ID)
    assert done.code == 0, done.text
    log = project.query(
        "select stream, kind, window_start::date::text, window_end::date::text "
        f"from whoop_raw.sync_windows where run_id = '{RUN_ID}' order by stream"
    )
    assert log[0] == ("cycles", "backfill", "2026-03-01", "2026-06-01")
    lines = [json.loads(line) for line in done.text.splitlines()]
    assert {line["run_id"] for line in lines if "run_id" in line} == {RUN_ID}
    said = [line for line in lines if line.get("string_id") == "tap-whoop"]
    tap = list(dropwhile(lambda line: not line["event"].startswith("Beginning sync"), said))
    assert {line["sync_run_id"] for line in tap} == {RUN_ID}
    claims = [line for line in tap if "(records: " in line["event"]]
    assert sorted((line["account"], line["stream_name"]) for line in claims) == [
        ("default", stream) for stream, *_ in log
    ]
    assert len(claims) == 6


def test_the_connection_test_reads_a_few_records_and_can_fail(project: Project) -> None:
    done = project.meltano("invoke", "tap-whoop", "--test")
    assert done.code == 0, done.text
    project.sandbox.add_fault("*/v2/recovery", "status", status=403, times=None)
    failing = project.meltano("invoke", "tap-whoop", "--test")
    project.sandbox.clear_faults()
    assert failing.code != 0
    assert "lacks the scope read:recovery" in failing.text


@pytest.fixture(scope="module")
def nightly(project: Project) -> tuple[str, str]:
    """`reconcile-whoop`, called the moment that another run was killed.

    Five nights were deleted at the vendor before, more than are believed at once.

    Returns:
        The bookmark before, and what the schedule said.
    """
    nights = [s["id"] for s in project.sandbox.truth("ana", "sleeps") if s["end"] < "2026-05-28"]
    for night in nights[:5]:
        project.sandbox.delete("ana", "sleeps", night)
    project.sandbox.advance(600)
    kill_a_run(project)
    refused = project.meltano("run", *BARE)
    assert refused.code != 0
    assert f"Another '{STATE_ID}' pipeline is already running" in refused.text
    before, _ = shown_position(project)
    done = project.meltano("schedule", "run", "reconcile-whoop", HEALTH_DELETION_CAP_RECORDS="1")
    assert done.code == 0, done.text
    # A killed Meltano leaves settings of plugins, in a folder that `make setup` keeps private.
    for left in project.root.glob(".meltano/run/*/*.config.json"):
        left.unlink()
    return before, done.text


def kill_a_run(project: Project) -> None:
    """End a `meltano run` by force in the midst of a request; what it started lives on."""
    project.sandbox.add_fault("*/v2/cycle", "slow", delay=1)
    foreign = ("TAP_", "MELTANO_", "HEALTH_")
    clean = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
    with subprocess.Popen(
        [MELTANO, "--environment=demo", "run", *BARE],
        cwd=project.root,
        env={**clean, **project.env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as run:
        while not any(fault["struck"] for fault in project.sandbox.faults()):
            assert run.poll() is None
            time.sleep(0.05)
        run.kill()
    project.sandbox.clear_faults()


@pytest.mark.soak
def test_a_schedule_does_not_wait_for_a_run_that_was_killed_and_moves_no_bookmark(
    project: Project, nightly: tuple[str, str]
) -> None:
    before, said = nightly
    assert "Force option is enabled" in said
    after, ((begin, _),) = position(said)
    assert after == before
    assert begin.startswith("2026-03-01")
    assert project.query(
        "select distinct basis, kind, window_start::date::text from whoop_raw.sync_windows "
        "where kind <> 'snapshot' and synced_at > "
        "(select max(synced_at) - interval '5 minutes' from whoop_raw.sync_windows)"
    ) == [("activity_time", "reconcile", "2026-05-02")]


@pytest.mark.soak
@pytest.mark.usefixtures("nightly")
def test_held_deletions_go_when_they_are_confirmed(project: Project) -> None:
    shown = project.meltano("invoke", "health:status")
    assert shown.code != 0
    assert re.search("5 records of sleeps, .* are gone at the vendor", shown.text)
    typed = re.search(
        r"type (HEALTH_CONFIRM_DELETIONS)=(\S+) meltano \S+ run dbt:build", shown.text
    )
    assert typed
    confirmed = {typed[1]: typed[2], "HEALTH_DELETION_CAP_RECORDS": "1"}
    done = project.meltano("invoke", "dbt:build", "--select", *CHANGED, **confirmed)
    assert done.code == 0, done.text
    shown = project.meltano("invoke", "health:status", "--json")
    assert shown.code == 0, shown.text
    known = json.loads(shown.text[shown.text.index("{\n") :])
    assert known["models_built"]
    assert [gap for gap in known["gaps"] if gap["status"] != "pending_score"] == []
    assert {s["stream"]: s["deleted_rows"] for s in known["streams"]}["sleeps"] == 5


def test_meltanos_own_test_asks_whether_the_settings_are_complete(project: Project) -> None:
    project.sandbox.revoke("ana")
    valid = project.meltano("config", "test", "tap-whoop")
    assert valid.code == 0
    assert "Plugin configuration is valid" in valid.text
    dead = project.meltano("invoke", "tap-whoop", "--test")
    assert dead.code != 0
    assert "Log in again: meltano --environment=demo invoke tap-whoop:login" in dead.text


def test_the_doctor_names_what_is_wrong_with_each_grant_and_what_to_type(project: Project) -> None:
    """After the test above: that grant is dead. Another account may be read only in part."""
    copy = project.root / "ben.json"
    copy.write_text(json.dumps(project.sandbox.grant("ben", scopes=["read:profile", "offline"])))
    settings = demo_settings(project.root, {"HEALTH_SANDBOX_URL": project.sandbox.url})
    arguments = ["import", "--account", "ben", "--from", str(copy)]
    imported = CliRunner().invoke(whoop_grants, arguments, env=settings)
    copy.unlink()
    assert imported.exit_code == 0, imported.output
    both = {"TAP_WHOOP_ACCOUNTS": '["default", "ben"]', "HEALTH_SANDBOX_WHOOP_REFRESH_TOKEN": ""}
    shown = project.meltano("invoke", "health:doctor", "--json", **both)
    assert shown.code == 1
    known = json.loads(shown.text[shown.text.index("{\n") :])
    grants = [found for found in known["findings"] if found["check"] == "grants"]
    assert [(found["state"], found["found"]) for found in grants] == [
        ("problem", "account default of WHOOP: WHOOP has ended the grant"),
        ("warning", f"account ben of WHOOP lacks the scopes {', '.join(LACKING)}"),
        ("problem", "account default of Withings has no grant"),
    ]
    accounts = [("whoop", "default"), ("whoop", "ben"), ("withings", "default")]
    for found, (vendor, account) in zip(grants, accounts, strict=True):
        login = f"meltano --environment=demo invoke tap-{vendor}:login --account {account}"
        assert login in found["remedy"]
