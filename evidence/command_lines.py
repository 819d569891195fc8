"""Watches the process list of a test run, as any user of the machine could."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

_PROCESSES = Path("/proc")
_SECONDS_BETWEEN_LOOKS = 0.2


class Watch:
    """Notes every command line of this process, its descendants and whoever carries its mark.

    Strangers' processes are none of our business. A descendant that outlives its parent stays
    known by its id; one that was never seen below its parent is known by the mark, a variable in
    its environment.
    """

    def __init__(self, notes: Path, mark: str) -> None:
        self._notes = notes
        self._mark = mark.encode()
        self._ours = {os.getpid()}
        self._known = set[bytes]()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="process-list", daemon=True)

    def start(self) -> None:
        """Begin to look, several times a second."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()
        self._thread.join()

    def look(self) -> None:
        """Note what is new in the process list."""
        pids = sorted(int(path.name) for path in _PROCESSES.iterdir() if path.name.isdigit())
        self._ours.intersection_update(pids)
        for pid in pids:
            with suppress(OSError):  # it ended meanwhile, or is somebody else's
                self._look_at(pid)

    def _look_at(self, pid: int) -> None:
        process = _PROCESSES / str(pid)
        if pid not in self._ours:
            # The second field may hold anything, but ends at the last bracket.
            parent = int((process / "stat").read_bytes().rpartition(b")")[2].split()[1])
            if parent not in self._ours and self._mark not in (process / "environ").read_bytes():
                return
            self._ours.add(pid)
        line = (process / "cmdline").read_bytes()
        if line not in self._known:
            self._known.add(line)
            with self._notes.open("ab") as file:
                file.write(line.replace(b"\0", b" ") + b"\n")

    def _watch(self) -> None:
        while not self._stop.wait(_SECONDS_BETWEEN_LOOKS):
            self.look()
