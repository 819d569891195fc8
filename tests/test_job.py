"""The job `whoop`: database, sync, models, check. A failed stream stops no other, but is seen."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Project


@pytest.fixture(scope="module", autouse=True)
def _first_run(project: Project) -> str:
    project.meltano("invoke", "postgres:stop")  # the job starts it by itself
    return project.run("whoop")


def test_the_models_hold_every_record_once(project: Project) -> None:
    for raw, canonical in (("sleeps", "sleep_sessions"), ("workouts", "workouts")):
        ((missing,),) = project.query(
            f"select count(*) from whoop_raw.{raw} r full join canonical.{canonical} c "
            "on c.raw_source_id = r.id::text and c.source_system = 'whoop' "
            "where r.id is null or c.raw_source_id is null"
        )
        assert missing == 0, canonical
    ((people,),) = project.query("select count(*) from canonical.user_identity")
    assert people == 1


def test_a_night_belongs_to_the_local_day_of_waking(project: Project) -> None:
    dates = dict(
        project.query("select raw_source_id, local_date::text from canonical.sleep_sessions")
    )
    for sleep in project.sandbox.truth("ana", "sleeps"):
        if sleep["id"] not in dates:
            continue
        sign, hours, minutes = 1, 0, 0
        if sleep["timezone_offset"] != "Z":
            sign = -1 if sleep["timezone_offset"][0] == "-" else 1
            hours, minutes = (int(part) for part in sleep["timezone_offset"][1:].split(":"))
        offset = sign * timedelta(hours=hours, minutes=minutes)
        waking = datetime.strptime(sleep["end"], "%Y-%m-%dT%H:%M:%S.%fZ") + offset  # noqa: DTZ007
        assert dates[sleep["id"]] == f"{waking:%Y-%m-%d}"


def test_vitals_are_the_scored_values_and_nothing_else(project: Project) -> None:
    for metric, column in (
        ("hrv_rmssd", "score_hrv_rmssd_milli"),
        ("resting_heart_rate", "score_resting_heart_rate"),
    ):
        ((expected, amount),) = project.query(
            f"select sum({column}), count({column}) from whoop_raw.recoveries"
        )
        assert project.query(
            "select sum(value_num), count(*) from canonical.biometrics_vitals "
            f"where metric_code = '{metric}'"
        ) == [(expected, amount)]
        assert amount > 50


def test_every_test_of_the_models_passes_the_unit_tests_too(project: Project) -> None:
    done = project.meltano("invoke", "dbt:test")
    assert done.code == 0, done.text
    assert "ERROR=0" in done.text


def test_raw_data_is_fresh_or_said_not_to_be(project: Project) -> None:
    done = project.meltano("invoke", "dbt:freshness")
    assert "ERROR STALE" in done.text or "WARN" in done.text  # the sandbox lives in June 2026


def test_a_failed_stream_fails_the_job_after_everything_else_is_done(project: Project) -> None:
    night = next(s for s in project.sandbox.truth("ana", "sleeps") if s["score"] and not s["nap"])
    project.sandbox.edit("ana", "sleeps", night["id"], {"score": {"respiratory_rate": 13.5}})
    project.sandbox.add_fault("*/v2/activity/workout", "status", status=403, times=None)
    project.sandbox.advance(60)
    job = project.meltano("run", "whoop")
    project.sandbox.clear_faults()
    assert job.code != 0
    assert "lacks the scope read:workout" in job.text
    assert "workouts" in job.text.split("health ")[-1]
    assert project.query(
        "select respiratory_rate from canonical.sleep_sessions "
        f"where raw_source_id = '{night['id']}'"
    ) == [(13.5,)]
    assert project.query(
        "select status, error from whoop_raw.sync_windows where stream = 'workouts' "
        "order by synced_at desc limit 1"
    ) == [("failed", "missing_scope")]
    project.sandbox.advance(60)
    assert "workouts" in project.run("whoop")


def test_the_loader_can_be_run_at_debug(project: Project) -> None:
    # Everywhere else it is at INFO, see logging.yaml; here its words are kept for the search.
    default = project.root / "none.yaml"
    project.sync(MELTANO_CLI_LOG_CONFIG=str(default), MELTANO_CLI_LOG_LEVEL="debug")
    assert "target-postgres Processed record" in project.said[-1]


def test_nothing_that_was_said_has_a_secret(project: Project) -> None:
    said = "".join(project.said)
    secrets = project.sandbox.secrets()
    assert len(secrets) > 3
    assert not [secret for secret in secrets if secret != "sandbox-client" and secret in said]


def test_nothing_but_the_grant_folder_has_a_token(project: Project) -> None:
    tokens = [s for s in project.sandbox.secrets() if s != "sandbox-secret"]  # see meltano.yml
    assert len(tokens) > 3
    for path in project.root.rglob("*"):
        if path.is_file() and "grants" not in path.parts and "cluster" not in path.parts:
            text = path.read_bytes().decode(errors="replace")
            assert not [t for t in tokens if t in text], path
