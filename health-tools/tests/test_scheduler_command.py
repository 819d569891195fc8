"""`health-scheduler` as a process: what it refuses, what it logs, how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, ClassVar

import pytest
from click.testing import CliRunner

from health_tools.scheduler import cli as scheduler_command

from .fake_meltano import FakeMeltano, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def fake(tmp_path: Path) -> FakeMeltano:
    return FakeMeltano(tmp_path)


@pytest.fixture
def start(
    fake: FakeMeltano, command_line: Callable[..., list[str]]
) -> Callable[..., subprocess.Popen[str]]:
    def start_command(*names: str, **env: str) -> subprocess.Popen[str]:
        path = f"{fake.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        return subprocess.Popen(
            command_line("health-scheduler", *names),
            cwd=fake.folder,
            env={**os.environ, "PATH": path, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start_command


@contextmanager
def ending(process: subprocess.Popen[str]) -> Iterator[None]:
    try:
        yield
    finally:
        process.kill()
        process.communicate()


class Deaf:
    """A service that gets a signal where exceptions are caught, and goes on."""

    def __init__(self, *_: object) -> None:
        self.is_stopped = False
        self.made.append(self)

    made: ClassVar[list[Deaf]] = []

    def start(self) -> None:
        with suppress(BaseException):
            signal.raise_signal(signal.SIGTERM)

    def stop(self) -> None:
        self.is_stopped = True


def test_a_signal_is_not_lost_in_what_catches_everything(
    fake: FakeMeltano, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(fake.folder)
    monkeypatch.setenv("PATH", str(fake.folder / "bin"), prepend=os.pathsep)
    monkeypatch.setattr(scheduler_command, "Service", Deaf)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        done = CliRunner().invoke(scheduler_command.cli, ["sync"])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert (done.exit_code, done.output) == (0, "")
    assert [service.is_stopped for service in Deaf.made] == [True]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(
    fake: FakeMeltano, start: Callable[..., subprocess.Popen[str]], number: signal.Signals
) -> None:
    fake.runs("trap 'echo asked >>said; exit 143' TERM; touch on; while :; do sleep 0.01; done")
    process = start("sync", "reconcile")
    with ending(process):
        until((fake.folder / "on").exists)
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out) == (0, "")
    assert fake.lines("said") == ["asked"]
    assert fake.lines("runs") == ["sync"]
    assert [line.partition("] ")[2] for line in err.splitlines() if "[info" in line] == [
        "Scheduler started environment=home schedules=['sync', 'reconcile']",
        "Run started schedule=sync",
        "Scheduler stops",
        *[line.partition("] ")[2] for line in err.splitlines() if "Run ended" in line],
        "Scheduler stopped",
    ]
    assert "Run ended exit_code=143 schedule=sync seconds=" in err


def test_every_line_is_json_where_meltanos_are(
    fake: FakeMeltano, start: Callable[..., subprocess.Popen[str]]
) -> None:
    fake.runs("""echo '{"event": "of Meltano", "level": "info"}'; echo plain >&2; exit 3""")
    (fake.folder / ".env").write_text("MELTANO_CLI_LOG_FORMAT=json\nMELTANO_ENVIRONMENT=prod\n")
    process = start("sync")
    with ending(process):
        until(lambda: fake.lines("runs"))
        assert process.stderr
        events = [json.loads(process.stderr.readline()) for _ in range(5)]
    assert {event.pop("name", None) for event in events} == {"scheduler", None}
    assert all(event.pop("timestamp").endswith("Z") for event in events if "timestamp" in event)
    assert events[4].pop("seconds") >= 0
    assert events == [
        {
            "event": "Scheduler started",
            "level": "info",
            "environment": "prod",
            "schedules": ["sync"],
        },
        {"event": "Run started", "level": "info", "schedule": "sync"},
        {"event": "of Meltano", "level": "info"},
        {"event": "plain", "level": "info"},
        {"event": "Run ended", "level": "error", "schedule": "sync", "exit_code": 3},
    ]
    assert fake.lines("calls") == [
        "--log-format=json --environment=prod schedule list --format=json",
        "--log-format=json --environment=prod schedule run sync",
    ]


@pytest.fixture
def refused(start: Callable[..., subprocess.Popen[str]]) -> Callable[..., str]:
    def run_refused(*names: str, code: int = 1) -> str:
        process = start(*names)
        with ending(process):
            out, err = process.communicate(timeout=20)
            assert (process.returncode, out) == (code, "")
        return err

    return run_refused


def test_an_unknown_name_is_told_with_those_that_exist(
    fake: FakeMeltano, refused: Callable[..., str]
) -> None:
    assert refused("sync", "hourly", "nightly") == (
        "Error: meltano.yml has no schedule hourly, nightly. It has: sync, reconcile.\n"
    )
    assert "Missing argument 'SCHEDULE...'" in refused(code=2)
    assert not fake.lines("runs")


def test_a_broken_project_is_told_in_meltanos_words(
    fake: FakeMeltano, refused: Callable[..., str]
) -> None:
    fake.cannot_list(
        "2026-11-22T01:47:51Z [info     ] meltano      Meltano 4.4.1\n"
        "╭─ Traceback ─╮\n│ 519 │ lines │\n╰─╯\n"
        "JobNotFoundError: Job 'nope' was not found.\n\n"
        "2026-11-22T01:47:51Z [info     ] meltano      Need help?\n"
    )
    assert refused("sync") == (
        "Error: Meltano cannot list the schedules of meltano.yml:\n"
        "JobNotFoundError: Job 'nope' was not found.\n"
        f"Mend that, then see: {fake.program} schedule list\n"
    )


def test_a_schedule_without_a_time_is_told(fake: FakeMeltano, refused: Callable[..., str]) -> None:
    fake.lists({"never": None, "odd": "99 * * * *"})
    assert "The schedule never has no time of its own" in refused("never")
    assert "The interval of the schedule odd in meltano.yml, '99 * * * *', is no" in refused("odd")


def test_another_folder_is_told(fake: FakeMeltano, refused: Callable[..., str]) -> None:
    (fake.folder / "meltano.yml").unlink()
    assert refused("sync") == (
        f"Error: There is no meltano.yml in {fake.folder}. "
        f"Type this in the folder of the project.\n"
    )
