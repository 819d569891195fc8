"""Says where long work is, and what came of it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from health_tap_core.account import Account
    from health_tap_core.window import Window

#: Seconds between two lines.
EVERY = 5.0

logger = logging.getLogger(__name__)


@dataclass
class Tally:
    """What was read, of one stream and account or of a whole run."""

    windows: int = 0
    complete: int = 0
    rows: int = 0
    requests: int = 0

    def add(self, other: Tally) -> None:
        """Count another one in."""
        self.windows += other.windows
        self.complete += other.complete
        self.rows += other.rows
        self.requests += other.requests

    def text(self, seconds: float) -> str:
        """The tally as a report."""
        share = 100 * self.complete // self.windows if self.windows else 100
        return (
            f"{self.complete} of {self.windows} windows complete ({share} %), {self.rows} rows, "
            f"{self.requests} requests in {_duration(seconds)}"
        )


class Progress:
    """The reading of one stream of one account: a line every few seconds, a report at the end."""

    def __init__(
        self,
        stream: str,
        account: Account,
        windows: Sequence[Window],
        *,
        monotonic: Callable[[], float],
    ) -> None:
        """Begin.

        Args:
            stream: Name of the stream.
            account: Whose it is; its client counts the requests.
            windows: All that will be read.
            monotonic: Seconds of a steady clock.
        """
        self.tally = Tally(windows=len(windows))
        self._what = f"{stream} of account {account.name!r}"
        self._client = account.client
        self._ends = [window.end for window in windows]
        self._monotonic = monotonic
        self._began = self._said = monotonic()
        self._sent_before = account.client.requests
        self._received = 0
        account.client.on_request = self._tell

    def received(self) -> None:
        """A record came."""
        self._received += 1

    def _tell(self) -> None:
        now = self._monotonic()
        if now - self._said >= EVERY:
            self._said = now
            logger.info("%s", self._line(now - self._began))

    def completed(self, rows: int) -> None:
        """A window is read and written."""
        self.tally.complete += 1
        self.tally.rows += rows

    def end(self) -> None:
        """No more windows; work of more than one is worth a report."""
        self._client.on_request = None
        self.tally.requests = self._requests
        if self.tally.windows > 1:
            text = self.tally.text(self._monotonic() - self._began)
            logger.info("%s: %s", self._what, text)

    @property
    def _requests(self) -> int:
        return int(self._client.requests - self._sent_before)

    def _line(self, elapsed: float) -> str:
        done, windows = self.tally.complete, self.tally.windows
        line = (
            f"{self._what}: window {done + 1} of {windows} (up to {self._ends[done]:%Y-%m-%d}), "
            f"{self._received} rows, {self._requests} requests, "
            f"{60 * self._requests / elapsed:.0f} requests a minute"
        )
        if not done:
            return line
        return f"{line}, about {_duration(elapsed / done * (windows - done))} left"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
