"""The scheduler: one run at a time, in turn, and an end that leaves nothing behind."""

from __future__ import annotations

import fcntl
import io
import subprocess
import time
from contextlib import contextmanager, redirect_stderr
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from health_tools.scheduler import service
from health_tools.scheduler.children import Children
from health_tools.scheduler.log import Log
from health_tools.scheduler.meltano import Meltano
from health_tools.scheduler.schedules import Schedule
from health_tools.scheduler.service import Service

from .fake_meltano import FakeMeltano, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apscheduler.triggers.base import BaseTrigger

OFTEN = IntervalTrigger(seconds=0.02)
#: A run that lasts until the test lets it go; `both` tells of two at a time.
HELD = "mkdir alone || echo $name >>both; until rm go 2>/dev/null; do sleep 0.01; done; rmdir alone"


def once() -> DateTrigger:
    """In a moment: behind the first schedule, which runs at once."""
    return DateTrigger(datetime.now(timezone.utc) + timedelta(seconds=0.1))


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeMeltano:
    monkeypatch.chdir(tmp_path)
    return FakeMeltano(tmp_path)


def logged() -> redirect_stderr[io.StringIO]:
    """The log, from now on. To read pytest's capture of it empties it, also of what comes then."""
    return redirect_stderr(io.StringIO())


@contextmanager
def serving(fake: FakeMeltano, **triggers: BaseTrigger) -> Iterator[Service]:
    """A scheduler in this process, with times of the test's own."""
    schedules = [Schedule(name, trigger) for name, trigger in triggers.items()]
    made = Service(
        schedules,
        Meltano(str(fake.program), environment="home", in_json=False),
        Children(),
        Log(in_json=False),
    )
    made.start()
    try:
        yield made
    finally:
        made.stop()


def let_go(fake: FakeMeltano) -> None:
    (fake.folder / "go").touch()
    until(lambda: not (fake.folder / "go").exists())


def test_schedules_take_turns_and_what_is_due_again_meanwhile_runs_once(fake: FakeMeltano) -> None:
    fake.runs(HELD)

    def is_due_again(schedule: str) -> None:
        skipped = f"Run skipped reason='its last run is not over' schedule={schedule}"
        before = log.getvalue().count(skipped)
        until(lambda: log.getvalue().count(skipped) > before)

    with logged() as log, serving(fake, sync=OFTEN, reconcile=OFTEN):
        for turn in range(1, 5):
            until(lambda: len(fake.lines("runs")) == turn)  # noqa: B023  (called at once)
            is_due_again("sync")
            is_due_again("reconcile")
            assert len(fake.lines("runs")) == turn
            let_go(fake)
    assert fake.lines("runs")[:4] == ["sync", "reconcile", "sync", "reconcile"]
    assert not fake.lines("both")


def test_only_the_first_runs_at_once(fake: FakeMeltano) -> None:
    later = DateTrigger(datetime.now(timezone.utc) + timedelta(hours=1))
    with serving(fake, sync=later, reconcile=later):
        until(lambda: fake.lines("runs") == ["sync"])
    assert fake.lines("runs") == ["sync"]
    assert fake.lines("calls") == ["--environment=home schedule run sync"]


def test_what_was_missed_while_the_machine_slept_runs_once_however_late(
    fake: FakeMeltano,
) -> None:
    hourly = IntervalTrigger(hours=1)
    now = datetime.now(timezone.utc)
    with serving(fake, sync=hourly, reconcile=hourly) as made:
        until(lambda: fake.lines("runs") == ["sync"])
        made._scheduler.modify_job("reconcile", next_run_time=now - timedelta(hours=9.5))
        until(lambda: len(fake.lines("runs")) == 2)
        made._scheduler.modify_job("sync", next_run_time=now)
        until(lambda: fake.lines("runs")[-1] == "sync")
    assert fake.lines("runs") == ["sync", "reconcile", "sync"]


def test_it_waits_for_whoever_holds_crons_lock(fake: FakeMeltano) -> None:
    service.LOCK.parent.mkdir()
    with service.LOCK.open("w") as cron:
        fcntl.flock(cron, fcntl.LOCK_EX)
        with logged() as log, serving(fake, sync=once()):
            until(lambda: "Run waits" in log.getvalue())
            assert not fake.lines("runs")
            fcntl.flock(cron, fcntl.LOCK_UN)
            until(lambda: fake.lines("runs") == ["sync"])
    # And whoever comes while the scheduler runs something waits for it.
    fake.runs(HELD)
    with serving(fake, sync=once()):
        until(lambda: len(fake.lines("runs")) == 2)
        busy = subprocess.run(["flock", "--nonblock", service.LOCK, "true"], check=False)
        assert busy.returncode == 1
        let_go(fake)


def test_a_stop_ends_the_wait_for_the_lock_without_a_run(fake: FakeMeltano) -> None:
    service.LOCK.parent.mkdir()
    with service.LOCK.open("w") as cron:
        fcntl.flock(cron, fcntl.LOCK_EX)
        with logged() as log, serving(fake, sync=OFTEN, reconcile=OFTEN):
            until(lambda: "Run waits" in log.getvalue())
    assert not fake.lines("runs")


def test_a_stop_asks_the_run_to_end_and_what_waits_does_not_begin(
    fake: FakeMeltano, capfd: pytest.CaptureFixture[str]
) -> None:
    fake.runs("trap 'echo asked >>said; exit 143' TERM; while :; do sleep 0.01; done")
    with serving(fake, sync=once(), reconcile=once()):
        until(lambda: fake.lines("runs") == ["sync"])
    assert fake.lines("said") == ["asked"]
    assert fake.lines("runs") == ["sync"]
    assert "Run ended exit_code=143 schedule=sync" in capfd.readouterr().err


def test_what_does_not_end_is_ended_with_all_that_it_started(fake: FakeMeltano) -> None:
    fake.runs("trap '' TERM; sleep 600 & echo $! >child; wait; sleep 600")
    children, lines = Children(), list[str]()
    run = Service(
        [Schedule("sync", once())],
        Meltano(str(fake.program), environment="home", in_json=False),
        children,
        Log(in_json=False),
    )
    run.start()
    until(lambda: fake.lines("child"))
    children.stop(grace=0.1)
    run.stop()
    (child,) = fake.lines("child")
    until(lambda: not is_alive(int(child)))
    assert children.run(["true"], said=lines.append) is None


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_command_has_its_time() -> None:
    begin = time.monotonic()
    said: list[str] = []
    code = Children().run(["sh", "-c", "sleep 600 & echo on; wait"], said=said.append, seconds=0.2)
    assert (code, said) == (-9, ["on"])
    assert time.monotonic() - begin < 10


def test_a_run_that_cannot_begin_is_told_and_the_next_one_comes(fake: FakeMeltano) -> None:
    with logged() as log, serving(fake, sync=OFTEN):
        until(lambda: fake.lines("runs"))
        program = fake.program.rename(fake.folder / "away")
        until(lambda: "Run broke" in log.getvalue())
        program.rename(fake.program)
        before = len(fake.lines("runs"))
        until(lambda: len(fake.lines("runs")) > before)
