"""Real servers from the wheel, each in a folder of its own that is gone after the test."""

from __future__ import annotations

import dataclasses
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from health_tools.postgres import EmbeddedPostgres, port, process, record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from health_tools.postgres.connection import Connection

    RunCommand = Callable[..., subprocess.CompletedProcess[str]]


def _base() -> str | None:
    """Memory, where there is enough: data folders are thousands of files, made and deleted."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK) or shutil.disk_usage(memory).free < 2**30:
        return None
    return None if os.statvfs(memory).f_flag & os.ST_NOEXEC else str(memory)


def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(
        prefix="health-tools-", dir=_base(), ignore_cleanup_errors=True
    )


_COMMANDS = {
    "health": ("health_tools.health.cli", "cli"),
    "health-dbt": ("health_tools.models", "main"),
    "health-postgres": ("health_tools.postgres.cli", "cli"),
    "health-scheduler": ("health_tools.scheduler.cli", "cli"),
    "health-target-postgres": ("health_tools.loader", "main"),
}


def _command_line(command: str, *arguments: str) -> list[str]:
    module, function = _COMMANDS[command]
    code = f"import sys; sys.argv[0] = {command!r}; from {module} import {function} as run; run()"
    return [sys.executable, "-c", code, *arguments]


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("PG", "TARGET_POSTGRES_", "HEALTH_", "MELTANO_")):
            monkeypatch.delenv(name)


@pytest.fixture
def command_line() -> Callable[..., list[str]]:
    """The arguments that run one of our commands with this interpreter."""
    return _command_line


@pytest.fixture
def run() -> RunCommand:
    """Runs `health-postgres`, `health` or the loader as a process of its own."""

    def run_command(
        command: str, *arguments: str, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            _command_line(command, *arguments),
            check=False,
            capture_output=True,
            text=True,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            timeout=60,
        )

    return run_command


def _end_servers(folder: Path) -> None:
    """End every server that works in `folder`, whatever the test did to its records."""
    for note in folder.rglob("postmaster.pid"):
        pid = process.server_pid(note.parent)
        if pid is None:
            continue
        os.kill(pid, signal.SIGINT)  # in order: a harder end would leave its shared memory behind
        while process.server_pid(note.parent) is not None:
            time.sleep(0.01)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A private folder (0700), removed afterwards: data folders are large."""
    with _folder() as path:
        try:
            yield Path(path)
        finally:
            _end_servers(Path(path))


@pytest.fixture
def open_folder(folder: Path) -> Path:
    """A folder that every user can enter."""
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="session")
def _template() -> Iterator[Path]:
    with _folder() as path:
        home = Path(path, "home")
        server = EmbeddedPostgres(home)
        try:
            server.start()
            server.stop()
        finally:
            _end_servers(home)
        yield home


@pytest.fixture
def stopped(_template: Path, folder: Path) -> EmbeddedPostgres:
    """A server that was started once before and is stopped (a copy: quicker than a first start)."""
    home = folder / "project" / ".health-taps" / "postgres"
    shutil.copytree(_template, home)
    server = EmbeddedPostgres(home)
    kept = record.load(home)
    assert kept is not None
    record.save(home, dataclasses.replace(kept, port=port.pick()))
    return server


@pytest.fixture
def server(stopped: EmbeddedPostgres) -> EmbeddedPostgres:
    """A running server of this test's own."""
    stopped.start()
    return stopped


@pytest.fixture(scope="session")
def shared(_template: Path) -> Iterator[EmbeddedPostgres]:
    """A running server for tests that leave it as it is but for databases of their own."""
    with _folder() as path:
        home = Path(path, "home")
        shutil.copytree(_template, home)
        server = EmbeddedPostgres(home)
        try:
            server.start(new_port=True)
            yield server
        finally:
            _end_servers(home)


@pytest.fixture
def empty_database(shared: EmbeddedPostgres) -> Iterator[Connection]:
    """An empty database of this test's own."""
    name = f"test_{secrets.token_hex(8)}"
    with shared.connection().connect() as session:
        session.execute(f"create database {name}".encode())
        yield dataclasses.replace(shared.connection(), dbname=name)
        session.execute(f"drop database {name} with (force)".encode())
