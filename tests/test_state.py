"""Full resync and the nightly schedule, in Meltano's own terms. The sandbox lives in our time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from health_sandbox.server import SandboxServer

from .conftest import make_project, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Project

STATE_ID = "demo:tap-whoop-to-target-postgres"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with SandboxServer(years=1, requests_per_minute=10_000) as sandbox:
        made = make_project(tmp_path_factory.mktemp("project"), sandbox)
        del made.env["TAP_WHOOP_START_DATE"]
        made.connect("ben")
        with running(made):
            made.sync()
            yield made


def kinds(project: Project) -> list[str]:
    """The kinds of the cycles' windows, newest first."""
    return [
        kind
        for (kind,) in project.query(
            "select kind from whoop_raw.sync_windows where stream = 'cycles' "
            "order by synced_at desc"
        )
    ]


def bookmark(project: Project, state_id: str = STATE_ID) -> str:
    done = project.meltano("state", "get", state_id)
    assert done.code == 0, done.text
    state = json.loads(done.text[done.text.index("{") : done.text.rindex("}") + 1])
    (partition,) = state["singer_state"]["bookmarks"]["cycles"]["partitions"]
    assert partition["context"] == {"account": "default"}
    return str(partition["replication_key_value"])


def test_full_refresh_reads_everything_again_and_goes_on_from_there(project: Project) -> None:
    before = bookmark(project)
    rows = project.query("select count(*) from whoop_raw.cycles")
    project.run("--full-refresh", "tap-whoop", "target-postgres")
    assert kinds(project)[0] == "backfill"
    assert bookmark(project) > before
    assert project.query("select count(*) from whoop_raw.cycles") == rows
    project.sync()
    assert kinds(project)[0] == "incremental"


def test_a_cleared_state_starts_from_the_beginning(project: Project) -> None:
    assert project.meltano("state", "clear", "--force", STATE_ID).code == 0
    project.sync()
    assert kinds(project)[0] == "backfill"


def test_the_nightly_run_reads_30_days_and_never_moves_the_bookmark(project: Project) -> None:
    before = bookmark(project)
    for kind in ("backfill", "incremental"):
        done = project.meltano("schedule", "run", "whoop-nightly")
        assert done.code == 0, done.text
        ((days, newest),) = project.query(
            "select extract(epoch from window_end - window_start) / 86400, kind "
            "from whoop_raw.sync_windows where stream = 'cycles' order by synced_at desc limit 1"
        )
        assert 29 < days < 31
        assert newest == kind
    assert bookmark(project) == before
    assert bookmark(project, f"{STATE_ID}:nightly") > before


def test_a_single_stream_can_be_synced_alone(project: Project) -> None:
    project.data_requests()
    windows = len(kinds(project))
    project.sync(TAP_WHOOP__SELECT='["cycles.*", "sync_windows.*"]')
    assert project.data_requests() == ["/v2/cycle", "/v2/user/profile/basic"]
    assert len(kinds(project)) == windows + 1


def test_the_connection_test_reads_a_few_records_and_can_fail(project: Project) -> None:
    done = project.meltano("invoke", "tap-whoop", "--test")
    assert done.code == 0, done.text
    project.sandbox.add_fault("*/v2/recovery", "status", status=403, times=None)
    failing = project.meltano("invoke", "tap-whoop", "--test")
    project.sandbox.clear_faults()
    assert failing.code != 0
    assert "lacks the scope read:recovery" in failing.text
