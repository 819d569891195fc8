"""One sync: a tap and the loader with a pipe between them, watched moment by moment."""

from __future__ import annotations

import json
import os
import selectors
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .processes import Lines

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from .messages import Job
    from .processes import Process, WarmProcess

    #: What a test does while a process waits, by process and moment.
    Acts = Mapping[tuple[str, str], Callable[[], None]]

State = dict[str, Any]
#: Seconds after which a sync counts as stuck.
PATIENCE = 300.0
#: At this moment a state has been handed over: what it promises has to be in the database.
CONFIRMED = ("loader", "after confirmation")
#: From here until it tells of anything else, a tap's grant is in its memory alone.
REFRESHES = ("tap", "before refresh")
REFRESHING = {"before refresh", "after refresh"}


@dataclass
class Sync:
    """A sync.

    Attributes:
        tap: Its tap.
        loader: Its loader.
        folder: Where both write their standard error.
        confirmed: The states that the loader has confirmed, in order.
    """

    tap: Process
    loader: Process
    folder: Path
    confirmed: list[State] = field(default_factory=list)

    @property
    def works(self) -> bool:
        """Whether both ended by themselves, and well."""
        return self.tap.code == 0 and self.loader.code == 0

    @property
    def said(self) -> str:
        """What both wrote to their standard error."""
        return "".join((self.folder / f"{name}.log").read_text() for name in ("tap", "loader"))

    def __getitem__(self, name: str) -> Process:
        """The ``tap`` or the ``loader``."""
        return {"tap": self.tap, "loader": self.loader}[name]


def start(
    taps: WarmProcess, tap: Job, loaders: WarmProcess, loader: Job, folder: Path
) -> tuple[Sync, int]:
    """Start both; returns them and the pipe in which the loader's states come."""
    folder.mkdir()
    with ExitStack() as stack:

        def ours(descriptor: int) -> int:
            stack.callback(os.close, descriptor)
            return descriptor

        records, to_loader = map(ours, os.pipe())
        states, confirmations = os.pipe()
        ours(confirmations)
        nothing = ours(os.open(os.devnull, os.O_RDONLY))
        logs = [
            ours(os.open(folder / f"{name}.log", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600))
            for name in ("tap", "loader")
        ]
        return Sync(
            taps.start(tap, nothing, to_loader, logs[0]),
            loaders.start(loader, records, confirmations, logs[1]),
            folder,
        ), states


class Watch:
    """Follows a sync to its end."""

    def __init__(
        self,
        sync: Sync,
        states: int,
        acts: Acts,
        confirm: Callable[[State], None],
        *,
        power_cut: bool,
    ) -> None:
        """Begin to follow.

        Args:
            sync: Which one.
            states: Where the loader's states come; closed at the end.
            acts: What to do while a process waits.
            confirm: Takes a state that the loader has confirmed.
            power_cut: Whether the death of one is that of the other.
        """
        self._sync = sync
        self._lines = Lines(states)
        self._acts = acts
        self._confirm = confirm
        self._power_cut = power_cut
        self._tap_is_doomed = False
        self._deadline = time.monotonic() + PATIENCE

    def to_the_end(self) -> None:
        """Return when both processes have ended; neither outlives this call."""
        processes = {"tap": self._sync.tap, "loader": self._sync.loader}
        with selectors.DefaultSelector() as selector:
            for name, process in processes.items():
                selector.register(process.told.descriptor, selectors.EVENT_READ, name)
            try:
                while processes:
                    left = self._deadline - time.monotonic()
                    assert left > 0, f"stuck: {self._sync.tap} {self._sync.loader}"
                    for key, _ in selector.select(left):
                        process = processes[key.data]
                        process.hear()
                        self._kill_the_doomed()
                        self._read_states()
                        if process.code is not None:
                            selector.unregister(key.fd)
                            process.close()
                            del processes[key.data]
                            self._ended(key.data, process.code)
                        elif process.waits:
                            if act := self._acts.get((key.data, process.waits)):
                                act()
                            process.go_on()
            finally:
                for process in processes.values():
                    process.kill()
                    process.close()
                os.close(self._lines.descriptor)

    def _ended(self, name: str, code: int) -> None:
        # Meltano kills a tap whose loader has ended; a loader finds the end of its input.
        if name == "loader" or (self._power_cut and code < 0):
            self._tap_is_doomed = True
            self._kill_the_doomed()
            if name == "tap":
                self._sync.loader.kill()

    def _kill_the_doomed(self) -> None:
        """But for the moment at WHOOP that no grant survives: the grants' tests are about it."""
        tap = self._sync.tap
        if self._tap_is_doomed and (tap.waits or not {*tap.moments[-1:]} & REFRESHING):
            tap.kill()

    def _read_states(self) -> None:
        for line in self._lines.read() or ():
            self._sync.confirmed.append(json.loads(line))
            self._confirm(self._sync.confirmed[-1])
