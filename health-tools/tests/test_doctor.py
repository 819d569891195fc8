"""`health doctor` on installations that are broken on purpose, one thing at a time."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections import namedtuple
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from health_tools.doctor import diagnosis
from health_tools.doctor.checks import disk
from health_tools.doctor.diagnosis import diagnose

from .rows import add_row, log_window, make_log, make_models

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from health_tools.doctor.finding import Finding
    from health_tools.postgres.connection import Connection

    RunCommand = Callable[..., subprocess.CompletedProcess[str]]

Usage = namedtuple("Usage", "total used free")  # noqa: PYI024 (as shutil's)

MELTANO_YML = """
plugins:
  extractors:
  - name: tap-acme
    pip_url: tap-acme
    commands: {status: {args: status, executable: tap-acme-auth}}
  - name: tap-mute
"""
SOURCES = """
sources:
  - name: acme_raw
    tables:
      - name: walks
        columns:
          - {name: id, data_type: bigint}
          - {name: started_at, data_type: timestamp}
          - {name: not_loaded, data_type: text}
"""
#: Stands for Meltano: says what the tap of this project says. The real one is in tests/test_job.py.
MELTANO = """#!/bin/sh
[ "$*" = "--environment=home invoke tap-acme:status --json" ] || exit 9
echo a line of the log >&2
cat status.json; exit 1
"""
GRANT: dict[str, Any] = {
    "account": "default",
    "configured": True,
    "state": "ok",
    "scopes": ["walk"],
    "missing_scopes": [],
    "access_token_until": "2026-06-01T13:00:00Z",
    "last_refresh": None,
    "stored_at": "somewhere",
    "encrypted": True,
    "note": "",
}


def now() -> datetime:
    return datetime.now(timezone.utc)


@dataclasses.dataclass
class Patient:
    """An installation without a fault, and what may be broken in it."""

    root: Path
    database: Connection

    def says(self, *grants: dict[str, Any], **status: Any) -> None:
        """What its tap tells."""
        known = {
            "vendor": "Acme",
            "has_app": True,
            "requests_per_day": 500,
            "accounts": [{**GRANT, **grant} for grant in grants or [{}]],
            **status,
        }
        (self.root / "status.json").write_text(f"{json.dumps(known, indent=2)}\n")

    def execute(self, statement: str) -> None:
        with self.database.connect() as session:
            session.execute(statement.encode())

    def findings(self, check: str) -> list[Finding]:
        """What the doctor finds; all else is well or has nothing to do with it."""
        return [finding for finding in diagnose(self.root) if finding.check == check]

    def finding(self, check: str, state: str) -> tuple[str, str]:
        """The one finding of a check in that state: what is so, and what to do."""
        (found,) = [each for each in self.findings(check) if each.state == state]
        assert bool(found.remedy) == (state != "ok")
        return found.found, found.remedy


@pytest.fixture
def patient(tmp_path: Path, empty_database: Connection, monkeypatch: pytest.MonkeyPatch) -> Patient:
    made = Patient(tmp_path, empty_database)
    for name, value in {**empty_database.parameters, "database": empty_database.dbname}.items():
        monkeypatch.setenv(f"TARGET_POSTGRES_{name.upper()}", value)
    monkeypatch.setenv("MELTANO_ENVIRONMENT", "home")
    monkeypatch.setenv("DBT_PROFILES_DIR", str(tmp_path))
    monkeypatch.setenv("DBT_PROJECT_DIR", str(tmp_path / "transform"))
    files: dict[str, str | Path] = {
        "meltano.yml": MELTANO_YML,
        "constraints.txt": "click==8.4.2\nold==1 ; python_version < '3.11'\nold==2\n",
        "transform/models/acme/_acme__sources.yml": SOURCES,
        "profiles.yml": Path(__file__).parents[2].joinpath("transform/profiles/profiles.yml"),
        ".health-taps/note": "",
        ".meltano/extractors/tap-acme/venv/bin/python": "",
        ".meltano/run/bin": MELTANO,
    }
    for name, text in files.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.read_text() if isinstance(text, Path) else text)
    (tmp_path / ".meltano/run/bin").chmod(0o700)
    made.says()
    make_log(empty_database, "acme_raw")
    log_window(empty_database, "acme_raw", f"{now():%Y-%m-%d %H:%M:%S}", requests=100)
    made.execute("create table acme_raw.walks (id bigint, started_at timestamp, _sdc_sequence int)")
    make_models(empty_database)
    add_stream(empty_database, last_success_at=now() - timedelta(minutes=3))
    add_stream(
        empty_database, last_success_at=now() - timedelta(hours=5, minutes=3), stream="steps"
    )
    install(tmp_path, "tap-acme", "tap_acme-0.1.0", "click-8.4.2")
    return made


def add_stream(database: Connection, **values: Any) -> None:
    row = {"last_status": "complete", "rows": 1, "deleted_rows": 0, "held_deletions": 0, **values}
    add_row(database, "sync_status", **row)


def install(root: Path, plugin: str, *packages: str) -> None:
    for package in packages:
        venv = root / ".meltano/extractors" / plugin / "venv"
        (venv / f"lib/python3.11/site-packages/{package}.dist-info").mkdir(parents=True)


def test_a_sound_installation_is_one_table_and_exit_code_0(
    patient: Patient, run: RunCommand
) -> None:
    shown = run("health", "doctor", env={"MELTANO_PROJECT_ROOT": str(patient.root)})
    assert (shown.returncode, shown.stderr) == (0, "")
    rows = [line.split(maxsplit=2) for line in shown.stdout.splitlines()]
    assert [row[:2] for row in rows[1:-2]] == [
        [check, "ok"]
        for check in (
            *("database", "disk", "versions", "clock", "streams", "days"),
            *("schema", "grants", "quota"),
        )
    ]
    found = {row[0]: row[2] for row in rows[1:-2]}
    assert "MB, UTF8" in found["database"]
    assert "tap-acme 0.1.0" in found["versions"]
    assert found["streams"] == "2 streams of 1 accounts, read 3 min to 5 h ago"
    assert found["schema"] == "1 raw tables, as the models know them"
    until = "all scopes, access until 2026-06-01T13:00:00Z"
    assert found["grants"] == f"account default of Acme: {until}"
    assert found["quota"] == "Acme: 100 of 500 requests in 24 hours"
    assert rows[-1] == ["All", "is", "well."]


def test_a_problem_is_an_exit_code_and_what_to_type(patient: Patient, run: RunCommand) -> None:
    patient.says({"state": "dead"})
    root = {"MELTANO_PROJECT_ROOT": str(patient.root)}
    shown = run("health", "doctor", env=root)
    assert shown.returncode == 1
    assert shown.stdout.partition("What to do:\n")[2] == (
        "grants: account default of Acme: Acme has ended the grant\n"
        "  type meltano --environment=home invoke tap-acme:login --account default; everything "
        "loaded so far stays\n"
    )
    known = json.loads(run("health", "doctor", "--json", env=root).stdout)
    assert known["ok"] is False
    assert [f["check"] for f in known["findings"] if f["state"] == "problem"] == ["grants"]


def test_without_a_database_all_else_is_looked_at(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TARGET_POSTGRES_PORT", "1")
    found, remedy = patient.finding("database", "problem")
    assert found.startswith("no answer: The database does not answer (127.0.0.1:1, database test_")
    assert remedy.startswith("check TARGET_POSTGRES_HOST")
    states = {finding.check: finding.state for finding in diagnose(patient.root)}
    assert [check for check, state in states.items() if state == "ok"] == [
        *("disk", "versions", "grants")
    ]
    assert {states[check] for check in ("clock", "streams", "schema", "quota")} == {"warning"}


def test_a_wrong_password_is_said_and_not_shown(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TARGET_POSTGRES_PASSWORD", "not-it-at-all")
    found, _ = patient.finding("database", "problem")
    assert "password authentication failed" in found
    assert not [f for f in diagnose(patient.root) if "not-it-at-all" in f.found + f.remedy]


def test_the_embedded_database_is_started_by_meltano(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGSERVICE", "home")
    monkeypatch.setenv("PGSERVICEFILE", str(patient.root / "none"))
    _, remedy = patient.finding("database", "problem")
    assert remedy == "type meltano --environment=home invoke postgres:start"


def test_an_encoding_that_lacks_characters(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"{patient.database.dbname}_latin"
    patient.execute(f"create database {name} encoding latin1 locale 'C' template template0")
    monkeypatch.setenv("TARGET_POSTGRES_DATABASE", name)
    try:
        found, _ = patient.finding("database", "problem")
    finally:
        patient.execute(f"drop database {name} with (force)")
    assert found == f"database {name} stores LATIN1, which lacks characters that vendors send"


def test_dbt_in_another_database_is_found(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loader may be told by an address; dbt only knows the single settings."""
    url = patient.database.url(with_password=True).replace("postgresql:", "postgresql+psycopg:")
    monkeypatch.setenv("TARGET_POSTGRES_SQLALCHEMY_URL", url)
    assert len(patient.findings("database")) == 1
    monkeypatch.setenv("TARGET_POSTGRES_DATABASE", "elsewhere")
    found, remedy = patient.finding("database", "problem")
    address = f"127.0.0.1:{patient.database.port}"
    loader = f"{address}/{patient.database.dbname}"
    assert found == f"the loader writes to {loader}, dbt reads {address}/elsewhere"
    assert "without TARGET_POSTGRES_SQLALCHEMY_URL" in remedy


@pytest.mark.parametrize(
    ("free", "state"),
    [(disk.NEEDED - 1, "problem"), (disk.NEEDED, "warning"), (disk.WANTED, "ok")],
)
def test_a_full_disk(
    patient: Patient, monkeypatch: pytest.MonkeyPatch, free: int, state: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(2**40, 2**40 - free, free))
    found, _ = patient.finding("disk", state)
    assert found.startswith(f"{free // 2**20} MB free for .health-taps")


def test_a_project_without_its_folder(patient: Patient) -> None:
    shutil.rmtree(patient.root / ".health-taps")
    found, remedy = patient.finding("disk", "warning")
    assert found == f"there is no folder .health-taps in {patient.root}"
    assert "make setup" in remedy


def test_what_is_older_or_newer_than_its_pin(patient: Patient) -> None:
    install(patient.root, "tap-acme", "old-2", "unpinned-9")
    assert len(patient.findings("versions")) == 1
    install(patient.root, "other", "click-8.0.0", "old-3")
    found, remedy = patient.finding("versions", "warning")
    assert found.startswith("other has ")
    assert "click 8.0.0, constraints.txt wants 8.4.2" in found or "old 3, " in found
    assert found.endswith(", and so 1 others")
    assert remedy == "type make setup"


def test_a_plugin_that_is_not_installed(patient: Patient) -> None:
    shutil.rmtree(patient.root / ".meltano/extractors")
    found, _ = patient.finding("versions", "problem")
    assert found == "tap-acme: in meltano.yml, but not installed"


def test_a_vendors_answer_from_the_future_is_a_clock_that_is_behind(patient: Patient) -> None:
    tomorrow = f"{now() + timedelta(days=1):%Y-%m-%d %H:%M}"
    log_window(patient.database, "acme_raw", tomorrow)
    found, remedy = patient.finding("clock", "problem")
    assert found.endswith(f"but acme answered at {tomorrow} UTC already")
    assert "timedatectl" in remedy


def test_a_clock_that_differs_from_the_databases(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + timedelta(minutes=5)

    monkeypatch.setattr("health_tools.doctor.checks.clock.datetime", Later)
    found, _ = patient.finding("clock", "warning")
    assert found == "this machine's clock is 300 s ahead of the database's"


def test_what_the_status_knows_is_found(patient: Patient) -> None:
    add_stream(
        patient.database,
        stream="naps",
        last_status="failed",
        last_error="missing_scope",
        last_failure_at=now(),
        last_success_at=now() - timedelta(days=3),
    )
    found, remedy = patient.finding("streams", "problem")
    assert found == "acme, account default, stream naps: missing_scope"
    assert remedy.startswith("enable the scope for your app at the vendor; then log in again")


def test_stale_data_are_a_warning(patient: Patient) -> None:
    assert not [f for f in patient.findings("streams") if f.state != "ok"]
    patient.execute("update meta.sync_status set last_success_at = now() - interval '27 hours'")
    assert patient.finding("streams", "warning") == (
        "acme, account default: last synced 27 h ago",
        "see why the schedule does not run, or type meltano --environment=home run acme",
    )


def test_missing_days_and_models(patient: Patient) -> None:
    for local_date, status in (("2026-06-01", "not_yet_asked"), ("2026-06-02", "received")):
        add_row(patient.database, "coverage_ledger", local_date=local_date, status=status)
    found, _ = patient.finding("days", "ok")
    assert found.startswith("of the last 30 days, 1 are not read or not scored yet")
    patient.execute("drop schema meta cascade")
    assert patient.finding("days", "warning")[1] == "type meltano --environment=home run dbt:build"


def test_nothing_synced(patient: Patient) -> None:
    patient.execute("drop schema meta cascade; drop schema acme_raw cascade")
    found, remedy = patient.finding("streams", "problem")
    assert (found, "meltano run sync" in remedy) == ("nothing was synced yet", True)


def test_columns_that_the_models_do_not_know(patient: Patient) -> None:
    patient.execute("alter table acme_raw.walks add pace text, add mood text")
    found, remedy = patient.finding("schema", "warning")
    assert found == "acme_raw.walks: the models do not know the column mood, pace"
    assert "dbt:build" in remedy


def test_a_column_of_another_type(patient: Patient) -> None:
    patient.execute("alter table acme_raw.walks alter id type text")
    found, remedy = patient.finding("schema", "problem")
    assert found == "acme_raw.walks: the column id is text, and the models expect bigint"
    assert "run --full-refresh tap-acme target-postgres" in remedy


def test_a_field_that_the_tap_does_not_know(patient: Patient) -> None:
    log = {"drift": "pace_new", "stream": "walks"}
    patient.execute("alter table acme_raw.sync_windows add drift text")
    log_window(patient.database, "acme_raw", "2026-03-01", drift="long_gone", stream="walks")
    log_window(patient.database, "acme_raw", f"{now()}", stream="steps")
    assert patient.finding("schema", "ok")
    log_window(patient.database, "acme_raw", f"{now() + timedelta(seconds=1)}", **log)
    found, remedy = patient.finding("schema", "warning")
    assert found == "acme sends what walks has no column for: pace_new"
    assert "nothing is lost" in remedy


def test_no_models_at_all(patient: Patient) -> None:
    shutil.rmtree(patient.root / "transform")
    assert patient.finding("schema", "warning")[0].startswith("there are no models in ")


LOGIN = "meltano --environment=home invoke tap-acme:login --account default"


@pytest.mark.parametrize(
    ("grant", "status", "state", "found", "remedy"),
    [
        ({"state": "expired"}, {}, "ok", "the next run renews the access", ""),
        ({"state": "seed"}, {}, "ok", "the next run starts it with refresh_token", ""),
        ({"state": "none"}, {"has_app": False}, "ok", "Acme is not set up", ""),
        ({"state": "none"}, {}, "problem", "has no grant", f"{LOGIN}, or take it out of TAP_ACME_"),
        ({"state": "dead"}, {}, "problem", "Acme has ended the grant", LOGIN),
        ({"state": "other client"}, {}, "problem", "given to another client id", LOGIN),
        (
            *({"state": "unreadable", "note": "It is corrupt."}, {}, "problem"),
            *("the stored grant cannot be read", "It is corrupt."),
        ),
        ({"missing_scopes": ["naps"]}, {}, "warning", "lacks the scopes naps", LOGIN),
        (
            *({"configured": False}, {}, "warning"),
            *("has a grant, but TAP_ACME_ACCOUNTS does not name it", "invoke tap-acme:logout"),
        ),
        ({}, {"has_app": False}, "problem", "no client id and secret", "TAP_ACME_CLIENT_SECRET"),
    ],
)
def test_grants(
    patient: Patient,
    grant: dict[str, Any],
    status: dict[str, Any],
    state: str,
    found: str,
    remedy: str,
) -> None:
    patient.says(grant, **status)
    said = patient.finding("grants", state)
    assert found in said[0]
    assert remedy in said[1]


@pytest.mark.parametrize("answer", ["", "no {json}", '{"vendor": "Acme"}'])
def test_a_tap_that_does_not_answer_stops_nothing(patient: Patient, answer: str) -> None:
    (patient.root / "status.json").write_text(answer)
    found, remedy = patient.finding("grants", "warning")
    assert found == "tap-acme does not tell its grants: it said: a line of the log"
    assert remedy == "type meltano --environment=home invoke tap-acme:status"
    assert not patient.findings("quota")


@pytest.mark.parametrize(
    "text", [None, "", "plugins:", "plugins: {extractors: [", "environments: []"]
)
def test_a_project_without_a_meltano_yml_that_names_taps(
    patient: Patient, text: str | None
) -> None:
    (patient.root / "meltano.yml").unlink()
    if text is not None:
        (patient.root / "meltano.yml").write_text(text)
    assert patient.finding("grants", "warning")[0].startswith("no tap in ")
    assert patient.finding("database", "ok")


def test_a_project_without_meltano(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    (patient.root / ".meltano/run/bin").unlink()
    monkeypatch.setenv("PATH", "/none")
    assert patient.finding("grants", "warning")[1] == "type make setup"


@pytest.mark.parametrize(
    ("more", "state"), [(299, "ok"), (300, "warning"), (399, "warning"), (400, "problem")]
)
def test_the_quota(patient: Patient, more: int, state: str) -> None:
    log_window(patient.database, "acme_raw", f"{now() - timedelta(hours=23)}", requests=more)
    log_window(patient.database, "acme_raw", f"{now() - timedelta(hours=25)}", requests=10_000)
    found, _ = patient.finding("quota", state)
    assert f"{more + 100} " in found
    assert "500" in found


def test_a_vendor_that_counts_no_days(patient: Patient) -> None:
    patient.says(requests_per_day=None)
    found, _ = patient.finding("quota", "ok")
    assert found == "Acme: 100 requests in 24 hours; it sets no limit by day"


def test_a_check_that_breaks_stops_no_other(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient.execute("alter table acme_raw.sync_windows drop synced_at")

    def broken(_: object) -> list[Finding]:
        raise KeyError

    monkeypatch.setitem(diagnosis.CHECKS, "broken", broken)
    found, remedy = patient.finding("broken", "warning")
    assert found == "could not be looked at: KeyError: KeyError"
    assert "make setup" in remedy
    assert "UndefinedColumn" in patient.finding("clock", "warning")[0]
    assert patient.finding("database", "ok")
