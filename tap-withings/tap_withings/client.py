"""The Withings API: its services, and what their answers mean.

Source: https://developer.withings.com/api-reference; live answers differ from it where a comment
says so.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec

from health_tap_core.answers import decode
from health_tap_core.client import VendorClient
from health_tap_core.errors import (
    AccessTokenRejectedError,
    MalformedAnswerError,
    MissingScopeError,
    QuotaExhaustedError,
    RateLimitedError,
    RequestRejectedError,
    SyncError,
    VendorFailureError,
)
from tap_withings.envelope import Envelope
from tap_withings.pages import Page, body_fields, read_pages
from tap_withings.services import DEVICES, Form, Service
from tap_withings.statuses import ADVICE, MEANINGS, OK

if TYPE_CHECKING:
    import requests

    from health_tap_core.oauth.grant import Grant

#: Seconds to wait after a refusal for too many requests that does not say how long.
DEFAULT_WAIT = 60.0
#: Seconds beyond which waiting within a run makes no sense.
LONGEST_WAIT = 300.0
#: A list that was read this long ago still counts as read now.
_FRESH = timedelta(minutes=1)
#: A word of an error text that can be no token, address or value.
_WORD = re.compile(r"[A-Za-z_.,:;'()\[\]-]{1,30}")


class _Wait(msgspec.Struct):
    wait_seconds: float = DEFAULT_WAIT


class WithingsClient(VendorClient):
    """One account's view of the Withings API."""

    vendor = "Withings"

    def __init__(self, api_url: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._api_url = api_url.rstrip("/")
        self._lists: dict[Service, tuple[Form, datetime, list[msgspec.Raw]]] = {}

    def grant(self) -> Grant:
        """The account's grant, which names the user and the scopes."""
        return self._auth.named_grant()

    def call(self, service: Service, **form: str | int) -> msgspec.Raw:
        """One answer's body, as it came.

        Raises:
            MissingScopeError: The grant lacks the service's scope.
            SyncError: Anything else that went wrong.
        """
        try:
            envelope = self.request(
                "POST",
                self._api_url + service.path,
                Envelope,
                data={"action": service.action, **form},
            )
        except MissingScopeError as error:
            raise MissingScopeError(
                f"{error} The grant lacks the scope {service.scope}, or your app's plan does not "
                "cover it: log in again and allow everything that is asked for."
            ) from None
        except RequestRejectedError as error:
            raise RequestRejectedError(f"{service.action}: {error}") from None
        return envelope.body

    def pages(self, service: Service, **form: str | int) -> list[Page]:
        """Every page of a collection.

        Raises:
            SyncError: It could not be read to its last page.
        """
        return read_pages(lambda asked: self.call(service, **asked), service, form)

    def fields(self, service: Service, **form: str | int) -> dict[str, msgspec.Raw]:
        """The fields of one answer's body, the service's container among them.

        Raises:
            SyncError: There is none.
        """
        return body_fields(self.call(service, **form), service)

    def listed(self, service: Service, **form: str | int) -> list[msgspec.Raw]:
        """All records of a collection.

        The same question asked again within a minute is not sent: streams that read details of what
        another one lists follow each other.
        """
        now = self._clock.now()
        asked, read_at, records = self._lists.get(service, (None, now, []))
        if asked != form or now - read_at > _FRESH:
            records = [record for page in self.pages(service, **form) for record in page.records]
            self._lists[service] = (form, now, records)
        return records

    def devices(self) -> list[msgspec.Raw]:
        """The devices of the user."""
        return self.listed(DEVICES)

    def check(self, response: requests.Response) -> None:
        """Classify an answer: by the envelope's status if it has one, else by HTTP's."""
        status = response.status_code
        envelope = _open(response)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise VendorFailureError(f"Withings answered {status}. The next run continues here.")
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            raise _limit(envelope)
        if envelope is not None and envelope.status != OK:
            raise _error(envelope)
        if status != HTTPStatus.OK:
            raise RequestRejectedError(
                f"Withings answered {status}. Check api_url; if it is right, this is a defect of "
                "tap-withings: report it."
            )
        if envelope is None:
            raise MalformedAnswerError(
                "Withings answered, but not with its envelope. The next run asks again."
            )


def _open(response: requests.Response) -> Envelope | None:
    try:
        return decode(response.content, Envelope)
    except msgspec.MsgspecError:
        return None


def _error(envelope: Envelope) -> SyncError:
    status = envelope.status
    meaning = MEANINGS.get(status, RequestRejectedError)
    text = envelope.error if isinstance(envelope.error, str) else ""
    said = " ".join(word for word in text.split() if _WORD.fullmatch(word))
    what = f"Withings answered with status {status}{f' ({said[:150]})' if said else ''}."
    if meaning is RateLimitedError:
        return _limit(envelope)
    if meaning is VendorFailureError:
        return VendorFailureError(f"{what} The next run continues here.")
    if meaning is RequestRejectedError:
        advice = ADVICE.get(status, "This looks like a defect of tap-withings: report it.")
        return RequestRejectedError(f"{what} {advice}")
    if meaning is AccessTokenRejectedError:
        return AccessTokenRejectedError(
            f"{what} A new access token did not help either: log in again if this stays."
        )
    return meaning(what)


def _limit(envelope: Envelope | None) -> SyncError:
    """The limit counts for the application: waiting helps all streams and accounts alike."""
    try:
        body = envelope.body if envelope else b"{}"
        wait = max(msgspec.json.decode(body, type=_Wait).wait_seconds, 1.0)
    except msgspec.MsgspecError:
        wait = DEFAULT_WAIT
    if wait > LONGEST_WAIT:
        return QuotaExhaustedError(
            f"Withings takes no more requests of this application for {wait / 60:.0f} minutes. "
            "Run again then: everything read so far stays."
        )
    return RateLimitedError("Withings' limit per minute is reached.", retry_after=wait)
