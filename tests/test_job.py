"""The jobs: database, sync, models, check. A failed stream stops no other, but is seen."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from .standards import fhir, ieee1752, omop
from .standards.exports import Exports, value_of

if TYPE_CHECKING:
    from .conftest import Project, Run


@pytest.fixture(scope="module", autouse=True)
def quiet_run(project: Project) -> str:
    """The first runs, which read and build everything, and one a minute later without news."""
    project.meltano("invoke", "postgres:stop")  # the job starts it by itself
    assert "The models are built: not built before" in project.run("whoop")
    project.connect("ana", "withings")
    project.env["TAP_WITHINGS_START_DATE"] = "2026-03-01"
    project.env["TAP_WITHINGS__SELECT"] = '["*.*", "!intraday_activity.*", "!ecg_signals.*"]'
    assert "The models are built: raw columns." in project.run("withings")
    project.sandbox.advance(60)
    return project.run("sync")


def test_without_news_no_model_is_built(quiet_run: str) -> None:
    assert "Nothing is new since the last build: the models stay as they are." in quiet_run


@pytest.mark.parametrize(
    ("source", "raw", "canonical"),
    [
        ("whoop", "sleeps", "sleep_sessions"),
        ("whoop", "workouts", "workouts"),
        ("whoop", "cycles", "physiological_cycles"),
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


def test_both_accounts_are_one_persons(project: Project) -> None:
    (profile,) = project.sandbox.truth("ana", "profile")
    assert project.query(
        "select source_system, source_account_id, user_id from canonical.source_account order by 1"
    ) == [
        ("whoop", str(profile["user_id"]), "default"),
        ("withings", project.query("select user_id from withings_raw.profile")[0][0], "default"),
    ]
    assert project.query("select user_id, display_name from canonical.user_identity") == [
        ("default", f"{profile['first_name']} {profile['last_name']}")
    ]


def test_a_night_counts_once(project: Project) -> None:
    assert project.query(
        "select count(*) filter (where nights.preferred <> 1), count(*) > 60 from ("
        "  select count(distinct source_system) filter (where is_preferred) as preferred"
        "  from canonical.sleep_sessions group by user_id, episode_id"
        "  having count(distinct source_system) = 2) as nights"
    ) == [(0, True)]


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


@pytest.mark.parametrize(
    ("score_code", "raw", "column"),
    [
        ("whoop.recovery", "recoveries", "score_recovery_score"),
        ("whoop.strain", "cycles", "score_strain"),
        ("whoop.workout_strain", "workouts", "score_strain"),
    ],
)
def test_every_record_has_its_score_or_says_that_it_has_none(
    project: Project, score_code: str, raw: str, column: str
) -> None:
    expected = project.query(
        f"select count(*), sum({column}), count(*) filter (where score_state <> 'SCORED'), "
        f"count(*) > 30 from whoop_raw.{raw}"
    )
    assert expected[0][-1]
    assert expected == project.query(
        "select count(*), sum(value), count(*) filter (where value is null), true "
        f"from canonical.source_scores where score_code = '{score_code}'"
    )


def test_every_unit_test_of_the_models_passes(project: Project) -> None:
    # The job runs all others.
    done = project.meltano("invoke", "dbt:test", "--select", "test_type:unit")
    assert done.code == 0, done.text
    assert "ERROR=0" in done.text


def test_the_models_explain_themselves_without_a_network(project: Project) -> None:
    done = project.meltano("invoke", "dbt", "docs", "generate")
    assert done.code == 0, done.text
    made = project.root / ".health-taps" / "dbt" / "demo"
    manifest = json.loads((made / "manifest.json").read_text())
    catalog = json.loads((made / "catalog.json").read_text())
    known = {**manifest["nodes"], **manifest["sources"]}
    for node in [
        *known.values(),
        *manifest["unit_tests"].values(),
        *manifest["exposures"].values(),
    ]:
        assert node["description"] or node["resource_type"] == "operation", node["unique_id"]
    for name, table in {**catalog["nodes"], **catalog["sources"]}.items():
        described = {c for c, column in known[name]["columns"].items() if column["description"]}
        of_the_loader = {c for c in table["columns"] if c.startswith("_sdc_")}
        assert set(table["columns"]) - of_the_loader <= described, name


def test_raw_data_is_fresh_or_said_not_to_be(project: Project) -> None:
    done = project.meltano("invoke", "dbt:freshness")
    assert "ERROR STALE" in done.text or "WARN" in done.text  # the sandbox lives in June 2026


SEVEN = int(datetime.fromisoformat("2026-06-02T07:00:00+00:00").timestamp())


@pytest.fixture(scope="module")
def second_run(project: Project) -> Run:
    """The next day at eleven: a night scored again, weigh-ins that were just synced, and a stream
    of WHOOP that may not be read."""
    project.sandbox.set_clock("2026-06-02T11:00:00Z")
    night = next(s for s in project.sandbox.truth("ana", "sleeps") if s["score"] and not s["nap"])
    project.sandbox.edit("ana", "sleeps", night["id"], {"score": {"respiratory_rate": 13.5}})
    groups: list[dict[str, Any]] = [
        {"date": SEVEN, "measures": [{"type": 1, "value": 75500, "unit": -3}]},
        {"date": SEVEN - 60, "attrib": 1, "measures": [{"type": 1, "value": 815, "unit": -1}]},
        {"date": SEVEN - 120, "measures": [{"type": 1, "value": 9999, "unit": -1}]},
        {
            "date": SEVEN - 180,
            "measures": [{"type": 6, "value": value, "unit": -1} for value in (201, 202)],
        },
        {
            "date": SEVEN - 1200,
            "measures": [
                {"type": 10, "value": 121, "unit": 0},
                {"type": 9, "value": 795, "unit": -1},
            ],
        },
        {
            "date": SEVEN - 1260,
            "measures": [{"type": 10, "value": 122, "unit": 0}, {"type": 9, "value": 5, "unit": 0}],
        },
    ]
    for exponent in range(-6, 4):
        odd = {"type": 76, "value": 123_456_789_012_345_678, "unit": exponent}
        groups.append({"date": SEVEN + 7 + exponent, "measures": [odd]})
    for group in groups:
        project.sandbox.vendor("withings").add("ana", "measure_groups", group)
    project.sandbox.add_fault("*/v2/activity/workout", "status", status=403, times=None)
    project.sandbox.advance(300)
    job = project.meltano("run", "sync")
    project.sandbox.clear_faults()
    return job


def test_a_failed_stream_fails_the_job_after_everything_else_is_done(
    project: Project, second_run: Run
) -> None:
    assert second_run.code != 0
    assert "failed (whoop workouts)" in second_run.text
    assert "lacks the scope read:workout" in second_run.text
    assert "workouts" in second_run.text.split("health ")[-1]
    assert project.query(
        "select count(*) from canonical.sleep_sessions where respiratory_rate = 13.5"
    ) == [(1,)]
    assert project.query(
        "select status, error from whoop_raw.sync_windows where stream = 'workouts' "
        "order by synced_at desc limit 1"
    ) == [("failed", "missing_scope")]


@pytest.mark.usefixtures("second_run")
def test_the_doctor_explains_the_whole_installation(project: Project) -> None:
    shown = project.meltano("invoke", "health:doctor", "--json")
    assert shown.code == 1
    known = json.loads(shown.text[shown.text.index("{\n") :])
    assert known["ok"] is False
    not_well = [f for f in known["findings"] if f["state"] != "ok" and f["check"] != "disk"]
    missing = "whoop, account default, stream workouts, no data"
    assert [(f["check"], f["state"], re.sub(r"\d+ d", "days", f["found"])) for f in not_well] == [
        ("streams", "problem", f"{missing} for 2026-06-01 to 2026-06-02: missing_scope"),
        # The sandbox lives in June 2026.
        ("streams", "warning", "whoop, account default: last synced days ago"),
        ("streams", "warning", "withings, account default: last synced days ago"),
    ]
    well = {f["check"]: f["found"] for f in known["findings"] if f["state"] == "ok"}
    assert [*well] == [
        *("database", "disk", "versions", "clock", "streams", "days", "schema", "grants", "quota")
    ]
    assert "PostgreSQL 18" in well["database"]
    assert "dbt-core 1.11" in well["versions"]
    assert "meltano 4" in well["versions"]
    assert "it sets no limit by day" in well["quota"]


@pytest.mark.usefixtures("second_run")
def test_each_run_of_each_tap_is_known(project: Project) -> None:
    runs = project.query(
        "select source_system, status, errors, complete_windows, failed_windows, requests > 5 "
        "from meta.sync_runs order by source_system, started_at"
    )
    assert [run[:3] for run in runs] == [
        *[("whoop", "complete", None)] * 2,
        ("whoop", "partial", "missing_scope"),
        *[("withings", "complete", None)] * 3,
    ]
    assert [failed for *_, failed, _ in runs] == [0, 0, 1, 0, 0, 0]
    assert all(asked for *_, asked in runs)


@pytest.mark.usefixtures("second_run")
def test_my_weight_does_not_update(project: Project) -> None:
    """Taken at 07:00, synced at 11:00 with its earlier time stamp: here after the next run."""
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


@pytest.mark.usefixtures("second_run")
def test_kilograms_are_not_divided_by_a_thousand_once_more(project: Project) -> None:
    """`value * 10^unit / 1000`, which public programs have, would make 75.5 grams of them."""
    ((value, unit, staged, weight_kg),) = project.query(
        "select value_raw, unit_exponent, value_num, weight_kg "
        "from staging.stg_withings__measures as measures "
        "inner join canonical.body_measurements using (source_system, raw_source_id) "
        f"where measures.measured_at = to_timestamp({SEVEN})"
    )
    assert (value, unit) == (75500, -3)
    circulating = Decimal(value).scaleb(unit) / 1000
    assert circulating == Decimal("0.0755")
    assert staged == weight_kg == Decimal("75.5")
    assert weight_kg != circulating


@pytest.mark.usefixtures("second_run")
def test_a_value_keeps_all_its_digits_through_every_layer(project: Project) -> None:
    found = project.query(
        "select measures.unit_exponent, vitals.value_num::text "
        "from staging.stg_withings__measures as measures "
        "inner join canonical.biometrics_vitals as vitals "
        "on vitals.source_system = 'withings' and measures.raw_source_id = vitals.raw_source_id "
        "where measures.value_raw = 123456789012345678 order by 1"
    )
    assert [exponent for exponent, _ in found] == list(range(-6, 4))
    for exponent, text in found:
        assert Fraction(text) == 123_456_789_012_345_678 * Fraction(10) ** exponent
        assert len(text.partition(".")[2]) == max(-exponent, 0)


@pytest.mark.usefixtures("second_run")
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


@pytest.mark.usefixtures("second_run")
def test_a_weigh_in_says_what_is_in_doubt(project: Project) -> None:
    assert project.query(
        "select weight_kg::text, body_fat_pct::text, is_ambiguous_owner, has_differing_values "
        "from canonical.body_measurements "
        "where measured_at between '2026-06-02 06:50Z' and '2026-06-02 07:00Z' order by measured_at"
    ) == [
        (None, None, False, True),
        ("999.9", None, False, False),
        ("81.5", None, True, False),
        ("75.500", None, False, False),
    ]


@pytest.fixture(scope="module")
def exports(project: Project, second_run: Run) -> Exports:
    assert second_run.code
    return Exports.write(project)


def test_every_export_is_of_its_standard(project: Project, exports: Exports) -> None:
    resources, episodes = exports.lines("Observation.ndjson"), exports.episodes()
    assert (len(resources) > 3000, len(episodes) > 150) == (True, True)
    assert [fault for resource in resources for fault in fhir.faults(resource)] == []
    assert [fault for episode in episodes for fault in ieee1752.faults(**episode)] == []
    assert omop.faults(project, "export", "omop_measurement") == []
    assert exports.unknown() == set()


def test_all_that_may_leave_is_exported_in_all_its_digits(
    project: Project, exports: Exports
) -> None:
    observations = exports.observations()
    panels = [o["component"] for o in observations.values() if "component" in o]
    assert [half["valueQuantity"]["value"] for half in panels[0]] == [121, Decimal("79.5")]
    alone = [value_of(o) for o in observations.values() if "8480-6" in fhir.loinc(o)]
    assert (len(panels), alone) == (1, ["122"])
    accepted = dict(
        project.query(
            "select observation_key, coalesce(value_text, "
            "(case when metric_code = 'body_height' then 100 else 1 end * value_num)::text) "
            "from canonical.biometrics_vitals where deleted_at is null "
            "and metric_code not in ('bp_systolic', 'bp_diastolic') "
            "and not is_ambiguous_owner and not is_differing_duplicate "
            "and observation_key not in (select observation_key from quality.measurement_rejects)"
        )
    )
    assert {key: value_of(observations[key]) for key in accepted} == accepted
    of_sleeps = len(observations) - len(accepted) - len(panels) - len(alone)
    assert project.query(
        "select count(asleep_s) + count(deep_s) + count(light_s) + count(rem_s), count(*) "
        "from canonical.sleep_sessions where deleted_at is null"
    ) == [(of_sleeps, len(exports.episodes()))]
    running = [key for key, o in observations.items() if o["status"] == "preliminary"]
    assert running
    assert project.query("select count(*) from export.omop_measurement") == [
        (len(observations) + len(panels) - len(running),)
    ]
    users, patients, persons = map(set, zip(*exports.people(project), strict=True))
    assert {f"Patient/{patient}" for patient in patients} == {
        o["subject"]["reference"] for o in observations.values()
    }
    assert {(person,) for person in persons} == set(
        project.query("select person_id from export.omop_measurement")
    )
    assert len(users) == 1


def test_what_was_missing_comes_when_it_may(project: Project) -> None:
    project.sandbox.advance(60)
    assert "workouts" in project.run("tap-whoop", "target-postgres", "health:check")


@pytest.mark.soak
def test_a_build_whose_data_test_fails_is_to_be_done_again(project: Project) -> None:
    passed = "select has_passed from meta.last_build"
    project.run("dbt:build")
    assert project.query(passed) == [(True,)]
    bad = "insert into meta.source_preferences (source_system, priority) values ('whoop', -1)"
    project.execute(bad)
    assert project.meltano("run", "dbt:build").code != 0
    project.execute("delete from meta.source_preferences where priority < 0")
    assert project.query(passed) == [(False,)]
    assert project.meltano("invoke", "dbt:build", "--select", "last_build").code == 0
    assert project.query(passed) == [(False,)]
    assert "The models are built: " in project.run("dbt:update")
    assert project.query(passed) == [(True,)]


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
