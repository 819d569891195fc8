"""Request quotas in fixed windows, one set of windows for each client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .instants import SECOND

if TYPE_CHECKING:
    from .clock import Clock


@dataclass(frozen=True)
class Quota:
    """So many requests in each window of so many seconds, windows aligned to the epoch."""

    limit: int
    seconds: int


@dataclass(frozen=True)
class Usage:
    """Where a client stands in the window nearest its limit."""

    allowed: bool
    quota: Quota
    remaining: int
    reset_seconds: int


class RateLimiter:
    """Counts requests on the sandbox clock; refused requests do not count."""

    def __init__(self, clock: Clock, quotas: tuple[Quota, ...]) -> None:
        self._clock = clock
        self.quotas = quotas
        self._counts: dict[tuple[str, int], tuple[int, int]] = {}

    def count(self, client_id: str) -> Usage:
        """Count one request of a client, unless a window is used up."""
        second = self._clock.now() // SECOND
        used = {quota: self._used(client_id, quota, second) for quota in self.quotas}
        allowed = all(used[quota] < quota.limit for quota in self.quotas)
        if allowed:
            for quota in self.quotas:
                used[quota] += 1
                window = second // quota.seconds
                self._counts[client_id, quota.seconds] = (window, used[quota])
        # Of two windows that are used up, the longer one decides when the client may go on.
        nearest = min(self.quotas, key=lambda quota: (quota.limit - used[quota], -quota.seconds))
        return Usage(
            allowed,
            nearest,
            nearest.limit - used[nearest],
            nearest.seconds - second % nearest.seconds,
        )

    def _used(self, client_id: str, quota: Quota, second: int) -> int:
        window, count = self._counts.get((client_id, quota.seconds), (-1, 0))
        return count if window == second // quota.seconds else 0
