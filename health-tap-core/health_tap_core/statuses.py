"""What an answer means by its HTTP status alone (RFC 9110), for vendors that use them so."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from health_tap_core.errors import (
    AccessTokenRejectedError,
    MissingScopeError,
    NotFoundError,
    RateLimitedError,
    RequestRejectedError,
    VendorFailureError,
)

if TYPE_CHECKING:
    import requests


def check_status(vendor: str, response: requests.Response, *, reason: str = "") -> None:
    """Raise what is wrong with an answer.

    Args:
        vendor: Its name, for the message.
        response: The answer.
        reason: What of the body may be quoted: a code, never free text.

    Raises:
        SyncError: Of the class whose remedy it is.
    """
    status = response.status_code
    if status == HTTPStatus.OK:
        return
    what = f"{vendor} answered {status}{reason and f' ({reason})'}."
    if status == HTTPStatus.UNAUTHORIZED:
        raise AccessTokenRejectedError(what)
    if status == HTTPStatus.FORBIDDEN:
        raise MissingScopeError(what)
    if status == HTTPStatus.NOT_FOUND:
        raise NotFoundError(what)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise RateLimitedError(what, retry_after=_retry_after(response))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise VendorFailureError(f"{what} The next run continues here.")
    raise RequestRejectedError(f"{what} This looks like a defect of the tap: report it.")


def _retry_after(response: requests.Response) -> float | None:
    """Seconds that ``Retry-After`` asks for; its other form, a date, counts as not told."""
    told = response.headers.get("Retry-After", "")
    return float(told) if told.isdecimal() else None
