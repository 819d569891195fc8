"""Warm processes and a database, shared by the tests of grants that outlive their processes."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from cryptography.fernet import Fernet

from health_tap_core.oauth.codec import KEY_VARIABLE
from health_tools.postgres import EmbeddedPostgres

from .messages import Job, Report

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = Path(__file__).resolve().parent.parent
#: As many as are worth it on two cores: a process often waits for its vendor.
WARM = 3
POSTGRES = "postgresql:///?service=demo"


@dataclass
class Launcher:
    """Lets warm processes do jobs in forks of themselves; from as many threads as you like."""

    idle: queue.Queue[subprocess.Popen[bytes]]

    def run(self, job: Job) -> list[Report]:
        """Do a job; returns when its processes have ended."""
        parent = self.idle.get()
        try:
            assert parent.stdin
            assert parent.stdout
            parent.stdin.write(msgspec.json.encode(job) + b"\n")
            parent.stdin.flush()
            return msgspec.json.decode(parent.stdout.readline(), type=list[Report])
        finally:
            self.idle.put(parent)


@contextmanager
def warm_process(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process that has imported everything, and ends with its standard input."""
    # From the folder above this one, "grants" is a package whatever else is called "tests".
    command = [sys.executable, "-m", "grants.refresh_process"]
    with subprocess.Popen(
        command, cwd=TESTS, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        yield process
        process.communicate(timeout=60)


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    with tempfile.TemporaryDirectory(prefix="health-taps-", ignore_cleanup_errors=True) as folder:
        server = EmbeddedPostgres(Path(folder, "home"))
        server.start()
        yield server
        server.stop()


@pytest.fixture(scope="session")
def launcher(postgres: EmbeddedPostgres) -> Iterator[Launcher]:
    """Encrypts what it stores, finds the database, and knows nothing of the caller's settings."""
    foreign = ("TAP_", "PG", "MELTANO_", "HEALTH_")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(foreign)},
        **postgres.client_environment("demo"),
        KEY_VARIABLE: Fernet.generate_key().decode(),
    }
    with ExitStack() as stack:
        idle: queue.Queue[subprocess.Popen[bytes]] = queue.Queue()
        for _ in range(WARM):
            idle.put(stack.enter_context(warm_process(environment)))
        yield Launcher(idle)
