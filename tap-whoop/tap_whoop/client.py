"""WHOOP API v2: what its answers mean, and how its collections are paged.

Sources: the specification in ``openapi/whoop.json``;
https://developer.whoop.com/docs/developing/pagination and .../rate-limiting.
"""

from __future__ import annotations

import math
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from health_tap_core.client import VendorClient
from health_tap_core.errors import (
    AccessTokenRejectedError,
    MissingScopeError,
    QuotaExhaustedError,
    RateLimitedError,
    SyncError,
)
from health_tap_core.paging import PageGuard, read_steadily
from health_tap_core.statuses import check_status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    import requests

    from health_tap_core.window import Window

PROFILE = "/v2/user/profile/basic"
BODY_MEASUREMENT = "/v2/user/measurement/body"
#: Records on a page; WHOOP refuses more.
PAGE_SIZE = 25
#: Pages in a row without a new record that are still no loop (pages shift, and may be empty).
STALE_PAGES = 10
#: WHOOP counts per minute and per day. A reset further away than this is the day's.
LONGEST_MINUTE = 120.0
#: Seconds to wait after a 429 that does not say when its window resets.
DEFAULT_RESET = 60.0

Answer = TypeVar("Answer")
_CODE = re.compile(r"[a-z_]{1,40}")


class Page(msgspec.Struct):
    """One page of a collection. No, an empty and a null token all end it."""

    records: list[msgspec.Raw]
    next_token: str | None = None


class _Refusal(msgspec.Struct):
    error: str = ""


class WhoopClient(VendorClient):
    """One account's view of the WHOOP API."""

    vendor = "WHOOP"

    def __init__(self, api_url: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._api_url = api_url.rstrip("/")
        self._profile: msgspec.Raw | SyncError | None = None

    def profile(self) -> msgspec.Raw:
        """The member's profile. Asked for once in a run, also when it fails."""
        if self._profile is None:
            try:
                self._profile = self.get(PROFILE, msgspec.Raw, scope="read:profile")
            except SyncError as error:
                self._profile = error
        if isinstance(self._profile, SyncError):
            raise self._profile
        return self._profile

    def body_measurement(self) -> msgspec.Raw:
        """The member's present height, weight and maximum heart rate."""
        return self.get(BODY_MEASUREMENT, msgspec.Raw, scope="read:body_measurement")

    def collection(self, path: str, window: Window, *, scope: str) -> Iterator[msgspec.Raw]:
        """All records of a collection that overlap a window, newest first.

        Raises:
            PageLoopError: A token came twice, the pages bring nothing new or never hold still.
            SyncError: A page could not be read.
        """
        for page in read_steadily(
            lambda: self._pages(path, window, scope=scope), f"WHOOP's {path}"
        ):
            yield from page.records

    def _pages(self, path: str, window: Window, *, scope: str) -> list[Page]:
        # Page tokens are offsets into the answer, so every page repeats the same bounds.
        params: dict[str, str | int] = {
            "limit": PAGE_SIZE,
            "start": _whoop_time(window.start),
            "end": _whoop_time(window.end),
        }
        guard = PageGuard(f"WHOOP's {path}", patience=STALE_PAGES)
        pages = []
        while True:
            page = self.get(path, Page, scope=scope, params=params)
            pages.append(page)
            if not page.next_token:
                return pages
            guard.turn(page.records, page.next_token)
            params["nextToken"] = page.next_token

    def get(
        self,
        path: str,
        answer: type[Answer],
        *,
        scope: str,
        params: Mapping[str, str | int] | None = None,
    ) -> Answer:
        """Read one document.

        Raises:
            MissingScopeError: The grant lacks ``scope``, as far as WHOOP lets us know.
            SyncError: Anything else that went wrong.
        """
        try:
            return self.request("GET", self._api_url + path, answer, params=params)
        except (AccessTokenRejectedError, MissingScopeError) as error:
            raise MissingScopeError(
                f"{error} Most likely the grant lacks the scope {scope}: enable it for the app in "
                "WHOOP's developer dashboard, then log in again with all scopes."
            ) from None

    def check(self, response: requests.Response) -> None:
        """Classify an answer by its status; WHOOP documents no error bodies."""
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            raise _limit(response)
        check_status(self.vendor, response, reason=_reason(response))


def _limit(response: requests.Response) -> SyncError:
    """Which limit a 429 means: ``X-RateLimit-Reset`` counts seconds to the window's end."""
    try:
        reset = float(response.headers["X-RateLimit-Reset"])
    except (KeyError, ValueError):
        reset = math.nan
    if not math.isfinite(reset):
        reset = DEFAULT_RESET
    if reset > LONGEST_MINUTE:
        return QuotaExhaustedError(
            f"WHOOP's daily quota for this client id is used up; it resets in {reset / 3600:.1f} "
            "hours. Run again then: everything read so far stays."
        )
    return RateLimitedError("WHOOP's limit per minute is reached.", retry_after=max(reset, 1.0))


def _reason(response: requests.Response) -> str:
    """The vendor's error code, if the body has one that is a plain word; never free text."""
    try:
        code = msgspec.json.decode(response.content, type=_Refusal).error
    except msgspec.MsgspecError:
        return ""
    return code if _CODE.fullmatch(code) else ""


def _whoop_time(instant: datetime) -> str:
    """WHOOP takes RFC 3339 with milliseconds; cut, so that a window never reaches too far."""
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"
