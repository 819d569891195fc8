"""One child process at a time, and everything that it starts: relayed, bounded, ended for good."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

#: Seconds between the request to end and the end by force. A tap needs some to keep its grant.
GRACE = 30.0


class Children:
    """Starts commands, each in a process group of its own; once stopped, no more."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self._current: subprocess.Popen[str] | None = None
        self._guard = threading.Lock()
        self._idle = threading.Event()
        self._idle.set()

    def run(
        self,
        command: Sequence[str],
        *,
        said: Callable[[str], None],
        text: str = "",
        env: Mapping[str, str] | None = None,
        seconds: float | None = None,
    ) -> int | None:
        """Run a command to its end.

        Args:
            command: Program and arguments.
            said: Gets each line of its output, both streams, as it comes.
            text: What it reads.
            env: Its environment; without, this one's.
            seconds: After these it is ended by force.

        Returns:
            Its exit code, negative for a signal; None if it was not started any more.
        """
        with self._guard:
            if self.stopped.is_set():
                return None
            process = subprocess.Popen(  # noqa: S603  (Meltano, or what the user wrote into .env)
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                env=env,
                start_new_session=True,
            )
            self._current = process
            self._idle.clear()
        limit = threading.Timer(seconds or 0, self._signal, [process, signal.SIGKILL])
        if seconds is not None:
            limit.start()
        try:
            return _attend(process, text, said)
        finally:
            limit.cancel()
            with self._guard:
                self._current = None
                self._idle.set()

    def stop(self, grace: float = GRACE) -> None:
        """Start no more; ask the one that runs to end, and force it to after `grace` seconds."""
        with self._guard:
            self.stopped.set()
            process = self._current
        if process is not None:
            self._signal(process, signal.SIGTERM)
            if not self._idle.wait(grace):
                self._signal(process, signal.SIGKILL)

    def _signal(self, process: subprocess.Popen[str], number: signal.Signals) -> None:
        """To all of its group: Meltano does not pass it on to taps and loaders."""
        with self._guard, suppress(ProcessLookupError):
            if self._current is process:
                os.killpg(process.pid, number)


def _attend(process: subprocess.Popen[str], text: str, said: Callable[[str], None]) -> int:
    assert process.stdin is not None  # noqa: S101  (for mypy)
    assert process.stdout is not None  # noqa: S101
    with process:
        with suppress(BrokenPipeError):
            process.stdin.write(text)
            process.stdin.close()
        for line in process.stdout:
            said(line.rstrip("\n"))
    return process.returncode
