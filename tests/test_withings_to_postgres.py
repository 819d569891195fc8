"""`meltano run tap-withings target-postgres`: every number of Withings, to its last digit.

The oracle is the sandbox's own truth, flattened here by code that shares nothing with the tap.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from psycopg.rows import dict_row

from .pipe import Pipe

if TYPE_CHECKING:
    from health_sandbox.client import ControlClient

    from .conftest import Project

#: Key columns of each table whose rows are records of the sandbox's collection of that name.
KEYS = {
    "measure_groups": ["grpid"],
    "activity": ["user_id", "date", "brand", "deviceid"],
    "workouts": ["id"],
    "sleep_summary": ["id"],
    "heart_recordings": ["user_id", "deviceid", "timestamp", "ecg_signalid"],
    "devices": ["user_id", "deviceid"],
    "goals": ["user_id"],
}
QUIET = sorted(
    ["getdevice", "getgoals", "getmeas", "getactivity", "getworkouts", "getsummary", "list"]
)
EPOCHS = {
    "created",
    "modified",
    "startdate",
    "enddate",
    "timestamp",
    "first_session_date",
    "last_session_date",
}
JSON = {"measures", "data_night_events", "algo_params"}
ABSENT = {"deviceid": "", "brand": -1, "position": -1, "ecg_signalid": -1}
DAY = 86_400
#: What passes when it is tried again. Each strikes once at two services, never two in a row: what
#: piles up on one request only makes the tap wait longer and longer.
FAULTS: list[dict[str, Any]] = [
    {"kind": "status", "status": 503},
    {"kind": "reset"},
    {"kind": "lost_answer"},
    {"kind": "truncate"},
    {"kind": "html"},
    {"kind": "envelope", "status": 2555},
    {"kind": "rate_limit", "wait_seconds": 1},
]
#: What is strange for as long as it lasts, and sound.
STRANGE: dict[str, dict[str, Any]] = {
    "measure": {"kind": "duplicate"},
    "v2/measure": {"kind": "unsorted"},
    "v2/sleep": {"kind": "empty_as"},
    "v2/heart": {"kind": "more_as", "spelling": "word"},
    "v2/user": {"kind": "empty_as"},
}


def instant(epoch: int) -> datetime:
    """An instant as the loader stores it: UTC, without a zone."""
    return datetime(1970, 1, 1) + timedelta(seconds=epoch)


def expected(stream: str, name: str, value: Any) -> Any:
    """A value as PostgreSQL has to give it back."""
    if value is None:
        return ABSENT.get(name) if name in KEYS[stream] else None
    if name in EPOCHS or (name == "date" and stream == "measure_groups"):
        return instant(value)
    if name == "date":
        return date.fromisoformat(value)
    return Decimal(repr(value)) if isinstance(value, float) else value


def columns(stream: str, record: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """A vendor's record by column name."""
    flat: dict[str, Any] = {}
    for name, value in record.items():
        column = {"modelid": "model_id"}.get(name, prefix + name)
        if isinstance(value, dict) and column not in JSON:
            flat |= columns(stream, value, f"{column}_")
        elif value != []:
            flat[column] = expected(stream, column, value)
    return flat


@dataclass
class Withings:
    """Two users of the simulated Withings, and what is in the database of them."""

    project: Project
    sandbox: ControlClient
    #: What was true of ana when she was synced; she is not synced again.
    ana: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    #: Groups that Withings forgot again.
    deleted: set[int] = field(default_factory=set)

    def table(self, stream: str, zone: str = "Asia/Kolkata") -> dict[Any, dict[str, Any]]:
        """All rows of a raw table by key."""
        with self.project.connection(zone) as connection:
            cursor = connection.cursor(row_factory=dict_row)
            rows = cursor.execute(f"select * from withings_raw.{stream}".encode()).fetchall()
        keys = KEYS.get(stream, ["grpid", "type", "position", "repeat"])
        found = {tuple(row[key] for key in keys): row for row in rows}
        assert len(found) == len(rows), f"{stream} has a key twice"
        return found

    def truth(self, stream: str) -> list[dict[str, Any]]:
        """What the sandbox knows of both users, by column name."""
        return [*self.ana[stream], *self.truth_of("hal", stream)]

    def truth_of(self, member: str, stream: str) -> list[dict[str, Any]]:
        """What the sandbox knows of one user now."""
        users = {m["name"]: str(m["user_id"]) for m in self.sandbox.members()}
        absent = {name: ABSENT[name] for name in KEYS[stream] if name in ABSENT}
        return [
            {**absent, "user_id": users[member], **columns(stream, record)}
            for record in self.sandbox.truth(member, stream)
        ]

    def assert_equal(self) -> None:
        """Every row equals the truth, and there is no row beside it but what was deleted."""
        for stream, keys in KEYS.items():
            rows = self.table(stream)
            truth = {tuple(record[key] for key in keys): record for record in self.truth(stream)}
            surplus = {key[0] for key in rows.keys() - truth.keys()}
            assert surplus <= self.deleted, stream
            assert not truth.keys() - rows.keys(), stream
            for key, record in truth.items():
                for name, value in record.items():
                    stored = rows[key].get(name, value)
                    if name in JSON and stored is not None:
                        stored = json.loads(stored)
                    assert stored == value, f"{stream} {key} {name}"
        self.assert_measures_equal()

    def assert_measures_equal(self) -> None:
        """Each measure of each group: value, raw value and exponent, and what its group says."""
        rows = self.table("measures")
        current = {
            (group["grpid"], m["type"], m.get("position", -1), m["value"], m["unit"]): (group, m)
            for group in self.truth("measure_groups")
            for m in group["measures"]
        }
        newest: dict[int, datetime] = {}
        for row in rows.values():
            before = newest.get(row["grpid"], row["synced_at"])
            newest[row["grpid"]] = max(before, row["synced_at"])
        found = {
            (r["grpid"], r["type"], r["position"], r["value_raw"], r["unit_exponent"]): r
            for r in rows.values()
            if r["synced_at"] == newest[r["grpid"]] and r["grpid"] not in self.deleted
        }
        assert found.keys() == current.keys()
        for key, (group, measure) in current.items():
            row = found[key]
            assert row["value"] == Decimal(measure["value"]).scaleb(measure["unit"]), key
            for name in ("user_id", "attrib", "category", "date", "modified", "deviceid"):
                assert row[name] == group.get(name), (key, name)

    def build_staging(self) -> None:
        """Build the staging model of the measures and all that it reads."""
        built = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
        done = self.project.meltano(
            "invoke", "dbt", "build", *built, "--select", "+stg_withings__measures"
        )
        assert done.code == 0, done.text

    def assert_staging_is_exact(self) -> None:
        """Staging has each current measure, its value digit by digit.

        Asked by the model's own query, as dbt compiled it: a build more would only cost time.
        """
        compiled = self.project.root / ".health-taps/dbt/demo/compiled/health/models/staging"
        model = (compiled / "withings/stg_withings__measures.sql").read_text()
        staged = {
            (grpid, kind, position, value_raw, exponent): text
            for grpid, kind, position, value_raw, exponent, text in self.project.query(
                "select grpid, measure_type, coalesce(position_code, -1), value_raw, "
                f"unit_exponent, value_num::text from ({model}) as measures"
            )
            if grpid not in self.deleted
        }
        assert staged.keys() == {
            (group["grpid"], m["type"], m.get("position", -1), m["value"], m["unit"])
            for group in self.truth("measure_groups")
            for m in group["measures"]
        }
        for (*_, value_raw, exponent), text in staged.items():
            sign, digits, _ = Decimal(value_raw).as_tuple()
            exact = Decimal((sign, (*digits, *[0] * max(exponent, 0)), min(exponent, 0)))
            assert text == f"{exact:f}", (value_raw, exponent)

    def questions(self) -> list[str]:
        """Actions of the API requests since the last call."""
        asked = [r for r in self.sandbox.requests() if not r["path"].endswith("/oauth2")]
        self.sandbox.clear_requests()
        return sorted(request["query"]["action"] for request in asked)


@pytest.fixture(scope="module")
def withings(project: Project) -> Withings:
    """Ana synced, then hal under the same account name: both have their rows and stay apart."""
    project.execute("alter database health_demo set timezone to 'America/New_York'")
    made = Withings(project, project.sandbox.vendor("withings"))
    for member in ("ana", "hal"):
        project.connect(member, "withings")
        project.sync("tap-withings")
    made.ana = {stream: made.truth_of("ana", stream) for stream in KEYS}
    made.build_staging()
    made.questions()
    return made


def test_every_row_equals_the_truth_in_a_session_that_is_not_in_utc(withings: Withings) -> None:
    withings.assert_equal()
    withings.assert_staging_is_exact()


def test_a_second_run_with_nothing_new_is_quiet(withings: Withings) -> None:
    before = {stream: withings.table(stream) for stream in KEYS}
    withings.sandbox.advance(60)
    withings.questions()
    withings.project.sync("tap-withings")
    assert withings.questions() == QUIET
    for stream, rows in before.items():
        for key, row in withings.table(stream).items():
            changed = {name for name, value in row.items() if rows[key][name] != value}
            assert all(n == "synced_at" or n.startswith("_sdc_") for n in changed), changed


def test_every_claim_of_the_sync_log_has_landed(withings: Withings) -> None:
    claims = withings.project.query(
        "select stream, synced_at, distinct_keys from withings_raw.sync_windows "
        "where status = 'complete'"
    )
    assert {"activity_time", "change_time", "snapshot"} == {
        basis for (basis,) in withings.project.query("select basis from withings_raw.sync_windows")
    }
    times = {
        stream: [
            at for (at,) in withings.project.query(f"select synced_at from withings_raw.{stream}")
        ]
        for stream in {stream for stream, _, _ in claims}
    }
    for stream, synced_at, distinct_keys in claims:
        assert sum(at >= synced_at for at in times[stream]) >= distinct_keys, stream


def test_ten_runs_with_changes_between_end_equal_to_the_truth(withings: Withings) -> None:
    sandbox, pipe = withings.sandbox, Pipe(withings.project, "tap-withings", "withings_raw")
    pipe.sync()
    for number in range(9):
        sandbox.advance(DAY / 2)
        groups = sandbox.truth("hal", "measure_groups")
        now = int(datetime.fromisoformat(sandbox.now().replace("Z", "+00:00")).timestamp())
        # Taken days ago, synced now; an old one corrected, another with a measure less; one gone.
        sandbox.add("hal", "measure_groups", {"date": now - (number + 1) * DAY})
        sandbox.edit("hal", "measure_groups", groups[-1 - number]["grpid"], {"attrib": 7})
        whole = next(g for g in groups[number * 9 :] if len(g["measures"]) > 1)
        fewer = {"measures": whole["measures"][1:]}
        sandbox.edit("hal", "measure_groups", whole["grpid"], fewer)
        gone = groups[40 + number]["grpid"]
        sandbox.delete("hal", "measure_groups", gone)
        withings.deleted.add(gone)
        pipe.sync()
    withings.assert_equal()
    withings.assert_staging_is_exact()
    tables = ["measures", *KEYS]
    for stream in tables:
        keys = ", ".join(KEYS.get(stream, ["grpid", "type", "position", "repeat"]))
        sql = f"select count(*) - count(distinct ({keys})) from withings_raw.{stream}"
        assert withings.project.query(sql) == [(0,)]


def test_a_run_with_every_fault_on_ends_equal_to_the_truth(withings: Withings) -> None:
    project, sandbox = withings.project, withings.sandbox
    sandbox.advance(4 * 3600)
    sandbox.add("hal", "measure_groups", {"measures": [{"type": 1, "value": 8, "unit": 1}]})
    for service, strange in STRANGE.items():
        for number, fault in enumerate(FAULTS if service in {"measure", "v2/sleep"} else ()):
            sandbox.add_fault(f"*/withings/{service}", skip=number + 1, **fault)
        sandbox.add_fault(f"*/withings/{service}", times=None, **strange)
    done = project.meltano("run", "--full-refresh", "tap-withings", "target-postgres")
    spared = [fault for fault in sandbox.faults() if not fault["struck"]]
    sandbox.clear_faults()
    assert done.code == 0, done.text
    assert not spared
    assert "defect" not in done.text
    withings.assert_equal()
    withings.assert_staging_is_exact()
