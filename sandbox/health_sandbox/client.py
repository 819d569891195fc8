"""A typed client of the control endpoint, for tests and scripts in Python."""

from __future__ import annotations

import json
from http import HTTPStatus
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any, TypedDict, cast
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from typing_extensions import NotRequired

_TIMEOUT_SECONDS = 60.0


class ControlError(Exception):
    """The control endpoint refused a request; the message is its answer."""


class GrantedTokens(TypedDict):
    """What ``grant`` hands out: a member's tokens and the client they belong to."""

    access_token: str
    refresh_token: str | None
    expires_in: int
    scope: str
    token_type: str
    client_id: str
    client_secret: str
    userid: NotRequired[int]
    """Withings alone tells it."""


class ControlClient:
    """Drives the sandbox at ``url`` (base URL without a path) through ``/control``.

    Members are those of one vendor, ``whoop`` or ``withings``. WHOOP's collections are
    ``profile``, ``body``, ``cycles``, ``sleeps``, ``recoveries`` and ``workouts``; those of
    Withings ``measure_groups``, ``activity``, ``workouts``, ``sleep_summary``,
    ``heart_recordings``, ``devices`` and ``goals``, and to be read only ``sleep_stages``,
    ``intraday_activity`` and ``ecg_signals``.
    """

    def __init__(self, url: str, vendor: str = "whoop") -> None:
        self.url = url.rstrip("/")
        self._vendor = vendor

    def vendor(self, name: str) -> ControlClient:
        """Return a client of the same sandbox for the members of another vendor."""
        return ControlClient(self.url, name)

    def now(self) -> str:
        """Tell the sandbox clock (UTC, three decimals, ``Z``)."""
        return str(self._call("GET", "clock")["now"])

    def set_clock(self, instant: str) -> None:
        """Set the clock to an RFC 3339 date-time."""
        self._call("POST", "clock", {"set": instant})

    def advance(self, seconds: float) -> None:
        """Advance the clock by seconds."""
        self._call("POST", "clock", {"advance_seconds": seconds})

    def freeze(self, *, frozen: bool = True) -> None:
        """Stop the clock, or let it run on."""
        self._call("POST", "clock", {"frozen": frozen})

    def members(self) -> list[dict[str, Any]]:
        """List the members."""
        return self._list("GET", f"{self._vendor}/members")

    def grant(
        self, member: str, *, scopes: list[str] | None = None, client_id: str | None = None
    ) -> GrantedTokens:
        """Connect a member without a browser; all scopes and the standard client by default."""
        wish = {"scopes": scopes, "client_id": client_id}
        answer = self._call(
            "POST",
            f"{self._vendor}/members/{member}/grant",
            {name: value for name, value in wish.items() if value is not None},
        )
        return cast("GrantedTokens", answer)

    def revoke(self, member: str) -> None:
        """Revoke all grants of a member."""
        self._call("POST", f"{self._vendor}/members/{member}/revoke")

    def truth(self, member: str, collection: str) -> list[dict[str, Any]]:
        """Return every record of a collection as the API would show it now."""
        answer = self._call("GET", f"{self._vendor}/members/{member}/truth/{collection}")
        return cast("list[dict[str, Any]]", answer["records"])

    def add(self, member: str, collection: str, record: dict[str, Any]) -> dict[str, Any]:
        """Add a record; missing fields get plausible values. Returns the whole record.

        At Withings a record whose ``created`` (or else ``modified``) lies ahead is visible from
        then on; else it is at once.
        """
        return self._call("POST", f"{self._vendor}/members/{member}/{collection}", record)

    def edit(
        self, member: str, collection: str, record_id: str | int, change: dict[str, Any]
    ) -> dict[str, Any]:
        """Merge a change into a record and return the whole record."""
        path = f"{self._vendor}/members/{member}/{collection}/{quote(str(record_id), safe='')}"
        return self._call("PATCH", path, change)

    def delete(self, member: str, collection: str, record_id: str | int) -> None:
        """Delete a record; a sleep takes its recovery along."""
        path = f"{self._vendor}/members/{member}/{collection}/{quote(str(record_id), safe='')}"
        self._call("DELETE", path)

    def requests(self) -> list[dict[str, Any]]:
        """List the requests to all vendors, oldest first."""
        return self._list("GET", "requests")

    def clear_requests(self) -> None:
        """Forget all logged requests."""
        self._call("DELETE", "requests")

    def secrets(self) -> list[str]:
        """List every token, code and client secret ever issued."""
        return cast("list[str]", self._list("GET", "secrets"))

    def add_fault(
        self, path: str, kind: str, *, times: int | None = 1, skip: int = 0, **args: Any
    ) -> dict[str, Any]:
        """Put a fault in force for paths that match a pattern such as ``*/v2/cycle``."""
        rule = {"path": path, "kind": kind, "times": times, "skip": skip, **args}
        return self._call("POST", "faults", rule)

    def faults(self) -> list[dict[str, Any]]:
        """List the faults in force and how often each struck."""
        return self._list("GET", "faults")

    def clear_faults(self) -> None:
        """Take all faults out of force."""
        self._call("DELETE", "faults")

    def _call(self, method: str, path: str, content: Any = None) -> dict[str, Any]:
        return cast("dict[str, Any]", self._exchange(method, path, content))

    def _list(self, method: str, path: str) -> list[dict[str, Any]]:
        return cast("list[dict[str, Any]]", self._exchange(method, path, None))

    def _exchange(self, method: str, path: str, content: Any) -> Any:
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=_TIMEOUT_SECONDS)
        body = None if content is None else json.dumps(content)
        try:
            connection.request(method, f"/control/{path}", body)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        if response.status >= HTTPStatus.BAD_REQUEST:
            raise ControlError(f"{method} /control/{path}: {response.status} {text}")
        return json.loads(text) if text else {}
