"""Judges that we did not write, and consumers other than ours."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from health_sandbox.server import SandboxServer

BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Vendor:
    """One vendor of the sandbox and the tap for it."""

    name: str
    api: str
    token: str
    version: str
    """The field of its records that tells when they changed."""
    collections: tuple[str, ...]

    @property
    def tap(self) -> str:
        return str(BIN / f"tap-{self.name}")

    def settings(self, sandbox: SandboxServer, grants: Path) -> dict[str, Any]:
        return {
            "client_id": "sandbox-client",
            "client_secret": "sandbox-secret",
            "refresh_token": sandbox.vendor(self.name).grant("ana")["refresh_token"],
            "token_store": str(grants),
            "api_url": f"{sandbox.url}/{self.api}",
            "token_url": f"{sandbox.url}/{self.token}",
        }


WHOOP = Vendor(
    "whoop",
    "whoop/developer",
    "whoop/oauth/oauth2/token",
    "updated_at",
    ("cycles", "sleeps", "recoveries", "workouts"),
)
WITHINGS = Vendor(
    "withings",
    "withings",
    "withings/v2/oauth2",
    "modified",
    ("measure_groups", "activity", "sleep_summary", "workouts", "heart_recordings", "devices"),
)


@dataclass(frozen=True)
class Configured:
    """A tap with a file of its settings."""

    vendor: Vendor
    path: Path

    def run(self, *arguments: str | Path) -> str:
        return subprocess.run(
            [self.vendor.tap, "--config", self.path, *arguments],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout


@pytest.fixture(scope="module", params=[WHOOP, WITHINGS], ids=["whoop", "withings"])
def tap(
    request: pytest.FixtureRequest,
    sandbox: SandboxServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Configured:
    folder, vendor = tmp_path_factory.mktemp("tap"), request.param
    path = folder / "config.json"
    wanted = {**vendor.settings(sandbox, folder / "grants"), "start_date": "2026-04-01"}
    path.write_text(json.dumps(wanted))
    return Configured(vendor, path)


@pytest.fixture(scope="module")
def singer_check_tap(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("singer-tools")
    return venv(folder, "singer-tools==0.4.1", "setuptools<81") / "singer-check-tap"


@pytest.fixture(scope="module")
def target_jsonl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("target-jsonl")
    return venv(folder, "target-jsonl==0.1.4", "setuptools<81") / "target-jsonl"


def venv(tmp_path: Path, *packages: str) -> Path:
    """An environment of its own for a tool whose pins fit nobody else's; its scripts' folder."""
    uv = str(BIN / "uv")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, tmp_path], check=True)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", tmp_path, *packages], check=True)
    return tmp_path / "bin"


def feed(consumer: Path, messages: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [consumer], input=messages, cwd=cwd, capture_output=True, text=True, check=False
    )


def test_singer_check_tap_accepts_the_output_and_that_of_a_run_from_its_state(
    tap: Configured, singer_check_tap: Path, tmp_path: Path
) -> None:
    # Fed through its standard input: its own way of running a tap twice reads a result before the
    # thread that makes it has ended.
    first = tap.run()
    state = tmp_path / "state.json"
    state.write_text(
        json.dumps([json.loads(m) for m in first.splitlines() if '"STATE"' in m][-1]["value"])
    )
    for messages in (first, tap.run("--state", state)):
        done = feed(singer_check_tap, messages, tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "The output is valid" in done.stdout


def test_singer_check_tap_would_notice(
    tap: Configured, singer_check_tap: Path, tmp_path: Path
) -> None:
    version = tap.vendor.version
    broken = tap.run().replace(f'"{version}":"2026-', f'"{version}":"soon-')
    assert feed(singer_check_tap, broken, tmp_path).returncode != 0


def test_target_jsonl_takes_every_record(
    tap: Configured, target_jsonl: Path, sandbox: SandboxServer, tmp_path: Path
) -> None:
    done = feed(target_jsonl, tap.run(), tmp_path)
    assert done.returncode == 0, done.stderr
    state = json.loads(done.stdout.splitlines()[-1])
    assert state["bookmarks"][tap.vendor.collections[0]]["partitions"]
    for stream in tap.vendor.collections:
        (path,) = tmp_path.glob(f"{stream}-*.jsonl")
        rows: list[dict[str, Any]] = [json.loads(line) for line in path.read_text().splitlines()]
        known = sandbox.vendor(tap.vendor.name).truth("ana", stream)
        truth = {json.dumps(record, sort_keys=True) for record in known}
        assert rows
        assert {json.dumps(json.loads(row["raw"]), sort_keys=True) for row in rows} <= truth


#: Runs a command and says its peak memory in KiB. A process of its own: a child's figure begins at
#: the size of whoever forked it, and pytest is larger than the tap.
MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[2:], stdout=open(sys.argv[1], "wb"), check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@pytest.mark.soak
@pytest.mark.parametrize(
    ("vendor", "years", "yearly"),
    [pytest.param(WHOOP, 5, 1300, id="whoop"), pytest.param(WITHINGS, 3, 2500, id="withings")],
)
def test_years_load_in_flat_memory(vendor: Vendor, years: int, yearly: int, tmp_path: Path) -> None:
    peaks = {}
    for length in (1, years):
        with SandboxServer(years=length, requests_per_minute=10**6, requests_per_day=10**6) as own:
            path = tmp_path / f"config-{length}.json"
            settings = vendor.settings(own, tmp_path / f"grants-{length}")
            path.write_text(json.dumps({**settings, "requests_per_minute": 10**6}))
            output = tmp_path / "out.jsonl"
            measured = subprocess.check_output(
                [sys.executable, "-c", MEASURE, output, vendor.tap, "--config", path], text=True
            )
        assert output.read_bytes().count(b'"RECORD"') > length * yearly
        peaks[length] = int(measured) / 1024
    assert peaks[years] < 200, peaks
    assert peaks[years] < peaks[1] * 1.5, peaks
