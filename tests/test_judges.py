"""Judges that we did not write, and consumers other than ours."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from health_sandbox.server import SandboxServer

BIN = Path(sys.executable).parent
TAP = str(BIN / "tap-whoop")
COLLECTIONS = ["cycles", "sleeps", "recoveries", "workouts"]


def settings(sandbox: SandboxServer, grants: Path) -> dict[str, Any]:
    return {
        "client_id": "sandbox-client",
        "client_secret": "sandbox-secret",
        "refresh_token": sandbox.grant("ana")["refresh_token"],
        "token_store": str(grants),
        "api_url": f"{sandbox.url}/whoop/developer",
        "token_url": f"{sandbox.url}/whoop/oauth/oauth2/token",
    }


@pytest.fixture(scope="module")
def config(sandbox: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tap")
    path = folder / "config.json"
    wanted = {**settings(sandbox, folder / "grants"), "start_date": "2026-04-01"}
    path.write_text(json.dumps(wanted))
    return path


def venv(tmp_path: Path, *packages: str) -> Path:
    """An environment of its own for a tool whose pins fit nobody else's; its scripts' folder."""
    uv = str(BIN / "uv")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, tmp_path], check=True)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", tmp_path, *packages], check=True)
    return tmp_path / "bin"


def tap(config: Path, *arguments: str | Path) -> str:
    return subprocess.run(
        [TAP, "--config", config, *arguments], stdout=subprocess.PIPE, text=True, check=True
    ).stdout


def feed(consumer: Path, messages: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [consumer], input=messages, cwd=cwd, capture_output=True, text=True, check=False
    )


def test_singer_check_tap_accepts_the_output_and_that_of_a_run_from_its_state(
    config: Path, tmp_path: Path
) -> None:
    # Fed through its standard input: its own way of running a tap twice reads a result before the
    # thread that makes it has ended.
    check = venv(tmp_path / "venv", "singer-tools==0.4.1", "setuptools<81") / "singer-check-tap"
    first = tap(config)
    state = tmp_path / "state.json"
    state.write_text(
        json.dumps([json.loads(m) for m in first.splitlines() if '"STATE"' in m][-1]["value"])
    )
    for messages in (first, tap(config, "--state", state)):
        done = feed(check, messages, tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "The output is valid" in done.stdout


def test_singer_check_tap_would_notice(config: Path, tmp_path: Path) -> None:
    check = venv(tmp_path / "venv", "singer-tools==0.4.1", "setuptools<81") / "singer-check-tap"
    broken = tap(config).replace('"updated_at":"2026-', '"updated_at":"soon-')
    assert feed(check, broken, tmp_path).returncode != 0


def test_target_jsonl_takes_every_record(
    config: Path, sandbox: SandboxServer, tmp_path: Path
) -> None:
    target = venv(tmp_path / "venv", "target-jsonl==0.1.4", "setuptools<81") / "target-jsonl"
    output = tmp_path / "out"
    output.mkdir()
    done = feed(target, tap(config), output)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["bookmarks"]["cycles"]["partitions"]
    for stream in COLLECTIONS:
        (path,) = output.glob(f"{stream}-*.jsonl")
        rows: list[dict[str, Any]] = [json.loads(line) for line in path.read_text().splitlines()]
        truth = {json.dumps(record, sort_keys=True) for record in sandbox.truth("ana", stream)}
        assert rows
        assert {json.dumps(json.loads(row["raw"]), sort_keys=True) for row in rows} <= truth


#: Runs a command and says its peak memory in KiB. A process of its own: a child's figure begins at
#: the size of whoever forked it, and pytest is larger than the tap.
MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[2:], stdout=open(sys.argv[1], "wb"), check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_five_years_load_in_flat_memory(tmp_path: Path) -> None:
    peaks = {}
    for years in (1, 5):
        with SandboxServer(years=years, requests_per_minute=10**6, requests_per_day=10**6) as own:
            path = tmp_path / f"config-{years}.json"
            path.write_text(
                json.dumps(
                    {**settings(own, tmp_path / f"grants-{years}"), "requests_per_minute": 10**6}
                )
            )
            output = tmp_path / "out.jsonl"
            measured = subprocess.check_output(
                [sys.executable, "-c", MEASURE, output, TAP, "--config", path], text=True
            )
        assert output.read_bytes().count(b'"RECORD"') > years * 1300
        peaks[years] = int(measured) / 1024
    assert peaks[5] < 200, peaks
    assert peaks[5] < peaks[1] * 1.5, peaks
