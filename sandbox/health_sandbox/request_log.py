"""The log of what clients asked the simulated vendors, for tests to read."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

_KEPT = 100_000


@dataclass(frozen=True)
class LoggedRequest:
    """One request to a vendor; it never holds tokens."""

    method: str
    path: str
    query: dict[str, str]
    """The query; where parameters travel in a form, those of the form too, but no secret.

    If a fault answered in the vendor's place, only ``action`` is told of a form."""
    status: int | None
    """``None``: the connection was dropped without an answer."""
    member: str | None
    at: str
    """The sandbox clock when the request came in."""


class RequestLog:
    """The latest requests to all vendors, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[LoggedRequest] = deque(maxlen=_KEPT)

    def append(self, entry: LoggedRequest) -> None:
        """Note one request."""
        self._entries.append(entry)

    def clear(self) -> None:
        """Forget all requests."""
        self._entries.clear()

    def to_json(self) -> list[dict[str, Any]]:
        """Return the requests as JSON objects."""
        return [asdict(entry) for entry in self._entries]
