"""`meltano run tap-withings target-postgres`: every number of Withings, to its last digit.

The oracle is the sandbox's own truth (tests/oracle).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from .oracle.records import compare
from .oracle.withings import KEYS, WithingsOracle, wrong_columns
from .pipe import Pipe

if TYPE_CHECKING:
    from health_sandbox.client import ControlClient

    from .conftest import Project
    from .oracle.records import Key, Row, TrueRecord

QUIET = sorted(
    ["getdevice", "getgoals", "getmeas", "getactivity", "getworkouts", "getsummary", "list"]
)
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


@dataclass
class Withings:
    """Two users of the simulated Withings, and what is in the database of them."""

    project: Project
    sandbox: ControlClient
    #: What was true of ana when she was synced; she is not synced again.
    ana: dict[str, list[TrueRecord]] = field(default_factory=dict)
    #: Groups that Withings forgot again.
    deleted: set[int] = field(default_factory=set)

    def oracle(self, member: str = "hal") -> WithingsOracle:
        """One user and their whole history."""
        return WithingsOracle(self.sandbox, member, datetime(1970, 1, 1))

    def table(self, stream: str) -> dict[Key, Row]:
        """The rows of a raw table."""
        with self.project.connection("Asia/Kolkata") as connection:
            return self.oracle().rows(connection, stream)

    def assert_equal(self) -> None:
        """Every row equals the truth, and there is no row beside it but what was deleted."""
        for stream in KEYS:
            truth = [*self.ana[stream], *self.oracle().truth(stream)]
            found = compare(self.table(stream), truth, wrong_columns=wrong_columns)
            assert not found.lost, stream
            assert not found.wrong, stream
            assert {key[0] for key in found.surplus} <= self.deleted, stream

    def assert_staging_is_exact(self) -> None:
        """Staging has each current measure, its value digit by digit."""
        built = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
        done = self.project.meltano(
            "invoke", "dbt", "build", *built, "--select", "+stg_withings__measures"
        )
        assert done.code == 0, done.text
        staged = {
            (grpid, kind, position, value_raw, exponent): text
            for grpid, kind, position, value_raw, exponent, text in self.project.query(
                "select grpid, measure_type, coalesce(position_code, -1), value_raw, "
                "unit_exponent, value_num::text from staging.stg_withings__measures"
            )
            if grpid not in self.deleted
        }
        assert staged.keys() == {
            (group["grpid"], m["type"], m.get("position", -1), m["value"], m["unit"])
            for truth in (self.ana["measure_groups"], self.oracle().truth("measure_groups"))
            for group in (record.columns for record in truth)
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
    made.ana = {stream: made.oracle("ana").truth(stream) for stream in KEYS}
    made.questions()
    return made


def test_every_row_equals_the_truth_in_a_session_that_is_not_in_utc(withings: Withings) -> None:
    withings.assert_equal()


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


@pytest.mark.soak
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
    for stream, names in KEYS.items():
        keys = ", ".join(names)
        sql = f"select count(*) - count(distinct ({keys})) from withings_raw.{stream}"
        assert withings.project.query(sql) == [(0,)]


@pytest.mark.soak
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
