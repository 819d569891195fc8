from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import pytest
from click.testing import CliRunner

from health_sandbox.cli import main
from health_sandbox.client import ControlClient
from health_sandbox.server import SandboxServer

SERVE = [sys.executable, "-m", "health_sandbox", "serve"]


def test_help_explains_itself() -> None:
    answer = CliRunner().invoke(main, ["serve", "--help"])
    assert answer.exit_code == 0
    for word in (
        "--port",
        "--clock",
        "--years",
        "--ready-file",
        "/control",
        "/withings/v2/oauth2",
        "sandbox-secret",
    ):
        assert word in answer.output


@pytest.mark.parametrize(
    "wrong", [["--clock", "yesterday"], ["--years", "-1"], ["--requests-per-day", "0"]]
)
def test_wrong_options_are_refused(wrong: list[str]) -> None:
    assert CliRunner().invoke(main, ["serve", *wrong]).exit_code == 2


def test_serve_announces_its_url_and_stops_when_asked(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    options = ["--port", "0", "--clock", "2026-06-01T12:00:00Z", "--frozen", "--years", "1"]
    with subprocess.Popen(
        [*SERVE, *options, "--requests-per-minute", "7", "--ready-file", ready],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = process.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        assert ready.read_text() == url
        assert [path.name for path in tmp_path.iterdir()] == ["ready"]
        control = ControlClient(url)
        assert control.now() == "2026-06-01T12:00:00.000Z"
        assert len(control.truth("ana", "cycles")) > 300
        process.terminate()
        rest, errors = process.communicate(timeout=20)
    assert (rest, errors) == ("", "")


def test_a_taken_port_is_named(sandbox: SandboxServer) -> None:
    port = sandbox.url.rpartition(":")[2]
    done = subprocess.run(
        [*SERVE, "--port", port], capture_output=True, text=True, timeout=20, check=False
    )
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr


def test_the_clock_starts_at_wall_time_by_default() -> None:
    before = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
    with SandboxServer(years=0) as sandbox:
        assert before[:23] <= sandbox.now()[:23]
        assert sandbox.now()[:4] == before[:4]


def test_servers_in_one_process_do_not_share_state() -> None:
    with SandboxServer(years=0) as one, SandboxServer(years=0) as two:
        one.add_fault("*", "reset")
        one.grant("ana")
        assert two.faults() == []
        assert len(two.secrets()) < len(one.secrets())
        assert one.url != two.url


def test_nothing_is_left_open_after_the_server_stops() -> None:
    descriptors = Path("/proc/self/fd")
    if not descriptors.exists():
        pytest.skip("needs /proc")
    with SandboxServer(years=0) as sandbox:
        sandbox.now()
    before = len([*descriptors.iterdir()])
    for _ in range(3):
        with SandboxServer(years=0) as sandbox:
            sandbox.now()
    # Fewer, if what another test had opened was collected meanwhile.
    assert len([*descriptors.iterdir()]) <= before
