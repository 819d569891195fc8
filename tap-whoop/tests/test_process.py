"""The tap as a process: what whoever started it can rely on."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Setup


def start(ana: Setup, tmp_path: Path) -> subprocess.Popen[str]:
    config = tmp_path / "config.json"
    config.write_text(json.dumps(ana.config))
    with (tmp_path / "stderr").open("w") as stderr:
        return subprocess.Popen(
            [sys.executable, "-m", "tap_whoop", "--config", config],
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )


def test_a_tap_that_is_told_to_end_says_how_far_it_was_and_that_it_is_not_done(
    ana: Setup, tmp_path: Path
) -> None:
    ana.sandbox.add_fault("*/v2/recovery", "slow", delay=20, times=None)
    states: list[dict[str, Any]] = []
    told = False
    with start(ana, tmp_path) as tap:
        assert tap.stdout
        for line in tap.stdout:
            if '"STATE"' in line:
                states.append(json.loads(line))
                if "replication_key_value" in line and not told:
                    told = True  # once: the last words hold a state too
                    tap.send_signal(signal.SIGTERM)  # cycles are done, recoveries on their way
    assert tap.returncode == 128 + signal.SIGTERM
    bookmarks = states[-1]["value"]["bookmarks"]
    assert bookmarks["cycles"]["partitions"][0]["replication_key_value"]
    assert "replication_key_value" not in str(bookmarks.get("recoveries"))


def test_a_failure_ends_with_an_exit_code_and_without_a_traceback(
    ana: Setup, tmp_path: Path
) -> None:
    ana.config["client_secret"] = "wrong"
    with start(ana, tmp_path) as tap:
        assert tap.stdout
        tap.stdout.read()
    assert tap.returncode == 1
    said = (tmp_path / "stderr").read_text()
    assert "Check client_id and client_secret" in said
    assert "6 not synced" in said
    assert "Traceback" not in said


def test_two_runs_of_one_account_at_once_read_it_once(ana: Setup, tmp_path: Path) -> None:
    ana.sync()  # the grant is in the store: its one use is not what is contended here
    ana.data_requests()
    ana.sandbox.add_fault("*/v2/recovery", "slow", delay=3)
    with start(ana, tmp_path) as first:
        assert first.stdout
        before = iter(first.stdout)
        assert any('"stream":"cycles"' in line and '"RECORD"' in line for line in before)
        ana.data_requests()
        other = tmp_path / "other"
        other.mkdir()
        with start(ana, other) as second:
            assert second.stdout
            told = [json.loads(line) for line in second.stdout]
        rows = [message["record"] for message in told if message["type"] == "RECORD"]
        assert {row["error"] for row in rows} == {"already_running"}
        assert second.returncode == 1
        assert "Another process is syncing account 'default' of WHOOP" in (
            (other / "stderr").read_text()
        )
        assert not [m for m in told if m["type"] == "STATE" and "covered" in str(m["value"])]
        for _ in before:
            pass
    assert first.returncode == 0
    assert sorted(set(ana.data_requests())) >= ["/v2/activity/sleep", "/v2/activity/workout"]
    assert ana.sync().error is None
