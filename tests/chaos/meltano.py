"""A cell that is a Meltano project: what is killed is Meltano, and what it started lives on."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import time
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from health_tap_core.oauth.codec import KEY_VARIABLE

from ..oracle.records import parse_instant
from .messages import Job
from .sync import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .cell import Cell
    from .messages import Kill
    from .processes import Process, WarmProcess
    from .sync import State

#: Seconds between two looks.
_PAUSE = 0.02


def wait_for(happens: Callable[[], bool]) -> None:
    """Return when something is so."""
    deadline = time.monotonic() + PATIENCE
    while not happens():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(_PAUSE)


@dataclass
class Meltano:
    """Runs of a project.

    Attributes:
        cell: The project, its database and its vendor.
        warm: Forks Meltano.
        environment: What a user has set.
    """

    cell: Cell
    warm: WarmProcess
    environment: Mapping[str, str]

    @property
    def load(self) -> list[str]:
        """A sync, as one types it."""
        return [self.cell.tap, "target-postgres"]

    def start(self, *blocks: str, kill: Kill | None = None) -> Process:
        """Begin a run, as schedules do: with no regard for one that was killed."""
        job = Job(
            "meltano",
            [f"--cwd={self.cell.root}", "--environment=demo", "run", *(blocks or self.load)],
            {**self.environment, "MELTANO_RUN_FORCE": "true"},
            die=(kill.moment, kill.nth) if kill else None,
        )
        with (self.cell.root / "meltano.log").open("ab") as log:
            return self.warm.start(job, *[log.fileno()] * 3)

    def run(self, *blocks: str, kill: Kill | None = None) -> Process:
        """A run, to its end; what it started may go on."""
        began = parse_instant(self.cell.sandbox.now())
        process = self.start(*blocks, kill=kill)
        self.end(process)
        state = self._state()
        if state != self.cell.state:
            self.cell.state, self.cell.known_from = state, began
        if state:
            self.cell.check_state(self.cell, state)
        return process

    def end(self, process: Process) -> None:
        """Return when a run has ended."""
        wait_for(process.has_ended)
        process.close()

    def at_work(self) -> list[int]:
        """The processes that runs of this project have started and that have not ended."""
        mark, found = f"MELTANO_PROJECT_ROOT={self.cell.root}".encode(), []
        for process in Path("/proc").glob("[0-9]*/environ"):
            with suppress(OSError):  # it has ended meanwhile, or is somebody else's
                if mark in process.read_bytes():
                    found.append(int(process.parent.name))
        return found

    def is_alone(self) -> bool:
        """Whether nothing that a run of this project has started is still at work."""
        return not self.at_work()

    @contextmanager
    def hung(self, command: str) -> Iterator[None]:
        """For the length of a block, have what is left of a killed run hang."""
        left = [
            process
            for process in self.at_work()
            if command.encode() in Path(f"/proc/{process}/cmdline").read_bytes()
        ]
        assert left, f"{command} has ended"
        for process in left:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in left:
                os.kill(process, signal.SIGCONT)

    def forget_settings(self) -> None:
        """Remove the settings of plugins that a killed Meltano has left; only we may read them."""
        folder = self.cell.root / ".meltano"
        assert not folder.stat().st_mode & 0o077
        for left in folder.glob("run/*/*.config.json"):
            left.unlink()

    def said(self) -> str:
        """All that Meltano has written."""
        return (self.cell.root / "meltano.log").read_text()

    def _state(self) -> State | None:
        path = self.cell.root / ".health-taps/meltano.db"
        with closing(sqlite3.connect(path)) as system:
            rows = system.execute("select completed_state from state").fetchall()
        states = [json.loads(text)["singer_state"] for (text,) in rows if text]
        return states[0] if states else None


def user_settings(cell: Cell) -> dict[str, str]:
    """What somebody sets who uses the environment `demo`; the rest is in meltano.yml."""
    prefix = f"{cell.tap.upper().replace('-', '_')}_"
    kept = ("START_DATE", "REQUESTS_PER_MINUTE", "WINDOW_DAYS")
    token = f"HEALTH_SANDBOX_{prefix.removeprefix('TAP_')}REFRESH_TOKEN"
    return {
        **{f"{prefix}{name}": cell.environment[f"{prefix}{name}"] for name in kept},
        KEY_VARIABLE: cell.environment[KEY_VARIABLE],
        "HEALTH_SANDBOX_URL": cell.server.url,
        token: cell.environment[f"{prefix}REFRESH_TOKEN"],
        "MELTANO_CLI_DISABLE_VERSION_CHECK": "1",
        "MELTANO_AUTO_INSTALL": "false",  # the plugins are those of `make setup`
    }
