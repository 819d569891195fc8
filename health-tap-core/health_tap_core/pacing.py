"""Requests per minute, kept below what the vendor allows a client id.

A sliding window of the last minute's requests: a quiet sync is never slowed down, a backfill runs
at exactly the permitted rate. The pacer sits in the HTTP adapter, so retries count as well.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from health_tap_core.errors import QuotaExhaustedError

#: Seconds over which vendors count.
PERIOD = 60.0


class Pacer:
    """Lets through at most ``limit`` requests in any 60 seconds, over all streams and accounts."""

    def __init__(
        self,
        limit: int,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._sent: deque[float] = deque(maxlen=limit)
        self._monotonic = monotonic
        self._sleep = sleep
        self._closed: QuotaExhaustedError | None = None

    def close(self, reason: QuotaExhaustedError) -> None:
        """Let nothing through any more: the client id's quota is used up."""
        self._closed = reason

    def wait(self) -> None:
        """Return when the next request may be sent, and count it.

        Raises:
            QuotaExhaustedError: No request may be sent any more.
        """
        if self._closed:
            raise self._closed
        if len(self._sent) == self._sent.maxlen:
            pause = self._sent[0] + PERIOD - self._monotonic()
            if pause > 0:
                self._sleep(pause)
        self._sent.append(self._monotonic())


class PacedAdapter(HTTPAdapter):
    """A transport that asks the pacer before every single request."""

    def __init__(self, pacer: Pacer, **kwargs: Any) -> None:
        self._pacer = pacer
        super().__init__(**kwargs)

    def send(  # type: ignore[override]  # requests types six parameters; we pass them on untouched
        self, request: requests.PreparedRequest, **kwargs: Any
    ) -> requests.Response:
        """Wait for the pacer, then send."""
        self._pacer.wait()
        return super().send(request, **kwargs)
