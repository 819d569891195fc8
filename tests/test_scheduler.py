"""`health-scheduler` with the real Meltano: its list, its runs, its end in the midst of one."""

from __future__ import annotations

import os
import shlex
import signal
import sqlite3
import subprocess
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .conftest import MELTANO, ROOT, Project, make_project
from .documents import blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from health_sandbox.server import SandboxServer

SCHEDULER = MELTANO.with_name("health-scheduler")


@pytest.fixture(scope="module")
def project(sandbox: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project with a schedule more, `look`: it starts the database and finds nothing in it."""
    made = make_project(tmp_path_factory.mktemp("scheduled"), sandbox)
    made.connect("ana")
    meltano_yml = made.root / "meltano.yml"
    text = meltano_yml.read_text()
    look = 'schedules:\n- {name: look, interval: "@yearly", job: look}\n'
    job = "jobs:\n- {name: look, tasks: [postgres:start health:check]}\n"
    meltano_yml.write_text(
        text.replace("\njobs:\n", f"\n{job}").replace("\nschedules:\n", f"\n{look}")
    )
    (made.root / ".env").write_text("MELTANO_ENVIRONMENT=demo\nHEALTH_ON_FAILURE='cat >told'\n")
    yield made
    made.meltano("invoke", "postgres:stop")


@contextmanager
def scheduler(project: Project, *schedules: str) -> Iterator[subprocess.Popen[bytes]]:
    """The scheduler; what it says is in the file `log` of the project."""
    foreign = ("TAP_", "TARGET_", "PG", "MELTANO_", "HEALTH_", "DBT_")
    clean = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
    with (
        (project.root / "log").open("wb") as log,
        subprocess.Popen(
            [SCHEDULER, *schedules],
            cwd=project.root,
            env={**clean, **project.env},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def log_of(project: Project) -> str:
    return (project.root / "log").read_text()


def left_over(project: Project) -> list[str]:
    """What still runs for this project."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode()
            is_here = path.with_name("cwd").resolve() == project.root or str(project.root) in line
        except OSError:
            continue
        if is_here and line:
            lines.append(line)
    return lines


def test_a_failing_schedule_is_told_in_the_words_of_its_check(project: Project) -> None:
    told = project.root / "told"
    with scheduler(project, "look") as process:
        while "Told" not in log_of(project):
            assert process.poll() is None, log_of(project)
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    said = told.read_text()
    assert said.startswith("The schedule look fails with exit code 1.\n\nnothing was synced")
    assert "meltano --environment=demo invoke health:status" in said
    # The database that a run starts is no part of the run.
    status = project.meltano("invoke", "postgres:status")
    assert status.code == 0, status.text


@pytest.fixture
def documented() -> list[str]:
    """The schedules that the pages name."""
    pages = ("README.md", "docs/run-on-a-server.md")
    typed = {tuple(shlex.split(block_of(page, "schedules"), comments=True)) for page in pages}
    ((program, *names),) = typed
    assert program == SCHEDULER.name
    return names


def block_of(page: str, test: str) -> str:
    (code,) = [block.code for block in blocks(ROOT / page) if block.note == f"test: {test}"]
    return code


def test_a_sigterm_in_the_midst_of_a_sync_leaves_nothing_that_runs_or_seems_to(
    project: Project, documented: list[str]
) -> None:
    project.sandbox.add_fault("*/v2/cycle", "slow", delay=1)
    with scheduler(project, *documented) as process:
        while not any(fault["struck"] for fault in project.sandbox.faults()):
            assert process.poll() is None, log_of(project)
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=40) == 0
    project.sandbox.clear_faults()
    assert "Run ended exit_code=" in log_of(project)
    assert log_of(project).endswith("Scheduler stopped\n")
    assert [line for line in left_over(project) if "postgres -D" not in line] == []
    with closing(sqlite3.connect(project.root / ".health-taps" / "meltano.db")) as database:
        assert database.execute("select distinct state from runs").fetchall() == [("FAIL",)]


def test_old_logs_of_meltano_are_deleted_and_new_ones_stay(tmp_path: Path) -> None:
    old, new = (tmp_path / ".local/state/meltano/log/elt" / name / "elt.log" for name in "ab")
    for log in (old, new):
        log.parent.mkdir(parents=True)
        log.touch()
    month_ago = time.time() - 32 * 24 * 3600
    os.utime(old, (month_ago, month_ago))
    clean_up = block_of("docs/run-on-a-server.md", "old-logs")
    subprocess.run(["bash", "-c", clean_up], env={**os.environ, "HOME": str(tmp_path)}, check=True)
    assert (old.exists(), new.exists()) == (False, True)
