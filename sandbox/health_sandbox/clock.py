"""The sandbox clock: every time a vendor tells or measures comes from here."""

from __future__ import annotations

import time

from .instants import SECOND


class Clock:
    """A clock that runs at real speed from any instant, and can be frozen, set and advanced.

    It runs on the monotonic clock of the machine, so corrections of the wall clock do not
    reach the simulated vendors. Instants are milliseconds since the epoch, UTC.
    """

    def __init__(self, start: int | None = None, *, frozen: bool = False) -> None:
        self._base = int(time.time() * SECOND) if start is None else start
        self._since = time.monotonic()
        self._frozen = frozen

    @property
    def frozen(self) -> bool:
        """Whether the clock stands still until it is set, advanced or released."""
        return self._frozen

    def now(self) -> int:
        """Tell the present instant."""
        if self._frozen:
            return self._base
        return self._base + int((time.monotonic() - self._since) * SECOND)

    def set(self, instant: int) -> None:
        """Jump to an instant, forwards or backwards."""
        self._base = instant
        self._since = time.monotonic()

    def advance(self, milliseconds: int) -> None:
        """Jump ahead by a span."""
        self.set(self.now() + milliseconds)

    def freeze(self, *, frozen: bool) -> None:
        """Stop the clock, or let it run on."""
        self.set(self.now())
        self._frozen = frozen
