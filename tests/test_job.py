"""The jobs: database, sync, models, check. A failed stream stops no other, but is seen."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import Project


@pytest.fixture(scope="module", autouse=True)
def _first_run(project: Project) -> str:
    project.connect("ana", "withings")
    project.env["TAP_WITHINGS_START_DATE"] = "2026-03-01"
    project.meltano("invoke", "postgres:stop")  # the job starts it by itself
    return project.run("sync")


@pytest.mark.parametrize(
    ("source", "raw", "canonical"),
    [
        ("whoop", "sleeps", "sleep_sessions"),
        ("whoop", "workouts", "workouts"),
        ("withings", "sleep_summary", "sleep_sessions"),
        ("withings", "workouts", "workouts"),
    ],
)
def test_the_models_hold_every_record_once(
    project: Project, source: str, raw: str, canonical: str
) -> None:
    assert project.query(
        f"select count(*) filter (where r.id is null or c.raw_source_id is null), count(*) > 30 "
        f"from {source}_raw.{raw} r full join "
        f"(select * from canonical.{canonical} where source_system = '{source}') c "
        "on c.raw_source_id = r.id::text"
    ) == [(0, True)]


def test_both_accounts_are_known(project: Project) -> None:
    assert project.query(
        "select source_system, source_account_id from canonical.user_identity order by 1"
    ) == [
        ("whoop", str(project.sandbox.truth("ana", "profile")[0]["user_id"])),
        ("withings", str(project.query("select user_id from withings_raw.profile")[0][0])),
    ]


def test_a_night_belongs_to_the_local_day_of_waking(project: Project) -> None:
    dates = dict(
        project.query("select raw_source_id, local_date::text from canonical.sleep_sessions")
    )
    for night in project.sandbox.vendor("withings").truth("ana", "sleep_summary"):
        assert dates.get(str(night["id"]), night["date"]) == night["date"]
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
            f"where metric_code = '{metric}' and source_system = 'whoop'"
        ) == [(expected, amount)]
        assert amount > 50


def test_my_weight_does_not_update(project: Project) -> None:
    """Taken at 07:00, synced at 11:00 with its earlier time stamp: here after the next run."""
    withings = project.sandbox.vendor("withings")
    project.sandbox.set_clock("2026-06-02T11:00:00Z")
    seven = int(datetime.fromisoformat("2026-06-02T07:00:00+00:00").timestamp())
    weigh_in = {"date": seven, "measures": [{"type": 1, "value": 75500, "unit": -3}]}
    withings.add("ana", "measure_groups", weigh_in)
    for exponent in range(-6, 4):
        odd = {"type": 5, "value": 123_456_789_012_345_678, "unit": exponent}
        withings.add("ana", "measure_groups", {"date": seven + 7 + exponent, "measures": [odd]})
    doubtful: list[dict[str, Any]] = [
        {"attrib": 1, "measures": [{"type": 1, "value": 815, "unit": -1}]},
        {"measures": [{"type": 1, "value": 9999, "unit": -1}]},
        {"measures": [{"type": 6, "value": value, "unit": -1} for value in (201, 202)]},
    ]
    for number, group in enumerate(doubtful):
        withings.add("ana", "measure_groups", {"date": seven - 60 * (number + 1), **group})
    project.sandbox.advance(300)
    project.run("withings")
    assert project.query(
        "select value_num::text, ucum_unit, loinc, effective_end_at, local_date::text "
        "from canonical.biometrics_vitals where metric_code = 'body_weight' "
        "and source_system = 'withings' order by effective_end_at desc limit 1"
    ) == [
        (
            "75.500",
            "kg",
            "29463-7",
            datetime.fromisoformat("2026-06-02T07:00:00+00:00"),
            "2026-06-02",
        )
    ]


def test_every_value_in_staging_is_exact_to_the_last_digit(project: Project) -> None:
    staged = project.query(
        "select grpid, measure_type, coalesce(position_code, -1), value_raw, unit_exponent, "
        "value_num::text from staging.stg_withings__measures"
    )
    truth = {
        (group["grpid"], m["type"], m.get("position", -1), m["value"], m["unit"])
        for group in project.sandbox.vendor("withings").truth("ana", "measure_groups")
        for m in group["measures"]
    }
    assert {row[:5] for row in staged} <= truth
    assert {exponent for *_, exponent, _ in staged} >= set(range(-6, 4))
    assert len(staged) > 500
    for *_, value_raw, exponent, text in staged:
        sign, digits, _ = Decimal(value_raw).as_tuple()
        exact = Decimal((sign, (*digits, *[0] * max(exponent, 0)), min(exponent, 0)))
        assert text == f"{exact:f}", (value_raw, exponent)


def test_what_is_implausible_or_doubtful_is_reported_and_in_no_mart(project: Project) -> None:
    rejects = project.query(
        "select rule, metric_code, value_num::text from quality.measurement_rejects "
        "where effective_start_at between '2026-06-02 06:50Z' and '2026-06-02 07:00Z' order by 3"
    )
    assert rejects == [
        ("differing_duplicate", "body_fat_pct", "20.1"),
        ("differing_duplicate", "body_fat_pct", "20.2"),
        ("ambiguous_owner", "body_weight", "81.5"),
        ("too_high", "body_weight", "999.9"),
    ]
    assert project.query(
        "select count(*) from marts.withings_recent_measurements as recent "
        "inner join quality.measurement_rejects as rejects using (observation_key)"
    ) == [(0,)]
    assert project.query(
        "select count(*) from canonical.biometrics_vitals as vitals "
        "inner join quality.measurement_rejects as rejects using (observation_key)"
    ) > [(3,)]
    assert project.query(
        "select measurement_count, last_value::text, max_value < 100 "
        "from marts.withings_measurement_statistics where metric_code = 'body_weight'"
    ) == project.query(
        "select count(*), '75.500', true from canonical.biometrics_vitals where "
        "metric_code = 'body_weight' and source_system = 'withings' and observation_key not in "
        "(select observation_key from quality.measurement_rejects)"
    )


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
    assert "workouts" in project.run("tap-whoop", "target-postgres", "health:check")


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
