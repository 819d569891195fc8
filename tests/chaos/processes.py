"""Warm processes as a test sees them, and what they fork."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from .moments import GO_ON, REACHED, WAITS
from .zygote import ENDED, send_job

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .messages import Job

TESTS = Path(__file__).resolve().parent.parent
_PID_BYTES = 4


class Lines:
    """Whole lines out of a pipe or socket that is read whenever something has come."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._rest = b""
        os.set_blocking(descriptor, False)

    def read(self) -> list[bytes] | None:
        """What has come since the last call, line by line; None at its end."""
        try:
            content = os.read(self.descriptor, 1 << 20)
        except BlockingIOError:
            return []
        if not content:
            return None
        *lines, self._rest = (self._rest + content).split(b"\n")
        return lines


class Process:
    """A run of a tap or of the loader.

    Attributes:
        code: Its exit code, or the negative number of the signal that ended it; None as long as it
            runs.
        moments: Every moment that it has reached, in order.
        waits: The moment at which it waits.
    """

    def __init__(self, pid: int, test: socket.socket) -> None:
        self.pid = pid
        self.code: int | None = None
        self.moments: list[str] = []
        self.waits: str | None = None
        self._test = test
        self.told = Lines(test.fileno())

    def __repr__(self) -> str:
        state = f"waits at {self.waits}" if self.waits else f"code {self.code}"
        return f"<{state}, last {self.moments[-3:]}>"

    def hear(self) -> None:
        """Take note of what it has told."""
        for line in self.told.read() or ():
            if line.startswith(ENDED):
                self.code = int(line.removeprefix(ENDED))
                return
            name = line.removeprefix(REACHED).removeprefix(WAITS).decode()
            self.moments.append(name)
            if line.startswith(WAITS):
                self.waits = name

    def has_ended(self) -> bool:
        """Whether it has, after a look at what it has told."""
        if self.code is None:
            self.hear()
        return self.code is not None

    def finish(self) -> None:
        """Return when it has ended."""
        while self.code is None:
            select.select([self.told.descriptor], [], [])
            self.hear()
        self.close()

    def go_on(self) -> None:
        """Let it go on where it waits."""
        self.waits = None
        with suppress(BrokenPipeError):  # it was killed meanwhile
            self._test.sendall(GO_ON)

    def close(self) -> None:
        """Hear no more of it."""
        self._test.close()

    def kill(self) -> None:
        """End it, wherever it is."""
        if self.code is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


class WarmProcess:
    """A process that has imported everything and forks for each job; from as many threads."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._lock = threading.Lock()

    def start(self, job: Job, stdin: int, stdout: int, stderr: int) -> Process:
        """Fork one run of a command with these descriptors, which stay the caller's."""
        test, its = socket.socketpair()
        with its, self._lock:
            send_job(self._control, job, [stdin, stdout, stderr, its.fileno()])
            pid = int.from_bytes(self._control.recv(_PID_BYTES, socket.MSG_WAITALL), "big")
        return Process(pid, test)


@contextmanager
def warm_process(python: Path, module: str, environment: dict[str, str]) -> Iterator[WarmProcess]:
    """A module that calls :func:`zygote.serve`, run by an interpreter; it ends with the block."""
    control, its = socket.socketpair()
    # From the folder above this one, "chaos" is a package whatever else is called "tests".
    command = [str(python), "-m", f"chaos.{module}", str(its.fileno())]
    with (
        control,
        subprocess.Popen(
            command, cwd=TESTS, env=environment, pass_fds=[its.fileno()], stdin=subprocess.DEVNULL
        ) as process,
    ):
        its.close()
        try:
            yield WarmProcess(control)
        finally:
            control.close()
            process.wait(timeout=60)
