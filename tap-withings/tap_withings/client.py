"""The Withings API: what its answers mean, and how its collections are paged.

Source: https://developer.withings.com/api-reference; live answers differ from it where a comment
says so.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec

from health_tap_core.client import VendorClient
from health_tap_core.errors import (
    AccessTokenRejectedError,
    MalformedAnswerError,
    MissingScopeError,
    PageLoopError,
    RateLimitedError,
    RequestRejectedError,
    SyncError,
    VendorFailureError,
)
from health_tap_core.paging import PageGuard
from tap_withings.envelope import Envelope, decode_list, decode_object
from tap_withings.services import DEVICES, Service
from tap_withings.statuses import ADVICE, MEANINGS, OK

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests

    from health_tap_core.oauth.grant import Grant

#: Seconds to wait after a refusal for too many requests that does not say how long.
DEFAULT_WAIT = 60.0
#: A word of an error text that can be no token, address or value.
_WORD = re.compile(r"[A-Za-z_.,:;'()\[\]-]{1,30}")

Body = dict[str, msgspec.Raw]


class _Wait(msgspec.Struct):
    wait_seconds: float = DEFAULT_WAIT


class WithingsClient(VendorClient):
    """One account's view of the Withings API."""

    vendor = "Withings"

    def __init__(self, api_url: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._api_url = api_url.rstrip("/")
        self._listed: dict[Service, tuple[dict[str, str | int], list[msgspec.Raw]]] = {}

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

    def fields(self, service: Service, **form: str | int) -> Body:
        """The fields of one answer's body.

        Raises:
            SyncError: There is none.
        """
        try:
            return decode_object(self.call(service, **form))
        except msgspec.MsgspecError:
            raise _malformed(service) from None

    def pages(
        self, service: Service, **form: str | int
    ) -> Iterator[tuple[Body, list[msgspec.Raw]]]:
        """Every page of a collection: its body, and its records.

        Offsets lead on only while ``more`` is set; without it they may be anything.

        Raises:
            PageLoopError: An offset is missing or does not grow, or pages bring nothing new.
            SyncError: A page could not be read.
        """
        guard = PageGuard(f"Withings' {service.action}")
        offset = 0
        while True:
            body = self.fields(service, **form, **({"offset": offset} if offset else {}))
            try:
                records = _records(body, service)
                more, following = _is_set(body.get("more")), _whole(body.get("offset"))
            except (KeyError, ValueError, msgspec.MsgspecError):
                raise _malformed(service) from None
            yield body, records
            if not more:
                return
            if following <= offset:
                raise PageLoopError(
                    f"Withings' {service.action} announces more than it shows: the offset after "
                    f"{offset} is {following}. The next run asks again; if this stays, report it."
                )
            guard.turn(records, following)
            offset = following

    def listed(self, service: Service, **form: str | int) -> list[msgspec.Raw]:
        """All records of a collection; the same question asked twice in a row is sent once.

        So that who reads details of what another stream lists costs no request for the list.
        """
        asked, records = self._listed.get(service, (None, []))
        if asked != form:
            records = [record for _, page in self.pages(service, **form) for record in page]
            self._listed[service] = (form, records)
        return records

    def devices(self) -> list[msgspec.Raw]:
        """The devices of the user."""
        return self.listed(DEVICES)

    def check(self, response: requests.Response) -> None:
        """Classify an answer: HTTP's status first, then the envelope's."""
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise VendorFailureError(
                f"Withings answered {response.status_code}. The next run continues here."
            )
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            raise RateLimitedError("Withings' limit is reached.", retry_after=DEFAULT_WAIT)
        envelope: Envelope | None
        try:
            envelope = msgspec.json.decode(response.content, type=Envelope)
        except msgspec.MsgspecError:
            envelope = None
        if envelope is not None and envelope.status != OK:
            raise _error(envelope)
        if response.status_code != HTTPStatus.OK:
            raise RequestRejectedError(
                f"Withings answered {response.status_code}. Check api_url; if it is right, this "
                "is a defect of tap-withings: report it."
            )
        if envelope is None:
            raise MalformedAnswerError(
                "Withings answered, but not with its envelope. The next run asks again."
            )


def _error(envelope: Envelope) -> SyncError:
    status = envelope.status
    meaning = MEANINGS.get(status, RequestRejectedError)
    said = " ".join(word for word in envelope.error.split() if _WORD.fullmatch(word))
    what = f"Withings answered with status {status}{f' ({said[:150]})' if said else ''}."
    if meaning is RateLimitedError:
        return RateLimitedError(
            "Withings' limit per minute is reached.", retry_after=_wait_seconds(envelope)
        )
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


def _wait_seconds(envelope: Envelope) -> float:
    try:
        return max(msgspec.json.decode(envelope.body, type=_Wait).wait_seconds, 1.0)
    except msgspec.MsgspecError:
        return DEFAULT_WAIT


def _records(body: Body, service: Service) -> list[msgspec.Raw]:
    """The records of a page.

    Raises:
        KeyError: The body has no container.
        msgspec.MsgspecError: The container is neither list nor object.
    """
    return decode_list(body[service.container]) if body else []


def _is_set(more: msgspec.Raw | None) -> bool:
    """``more`` is a number in getmeas and true or false elsewhere; absent on single pages."""
    return more is not None and str(msgspec.json.decode(more)).lower() in {"1", "true"}


def _whole(offset: msgspec.Raw | None) -> int:
    """Zero if there is none.

    Raises:
        ValueError: It is no whole number.
    """
    return 0 if offset is None else int(msgspec.json.decode(offset) or 0)


def _malformed(service: Service) -> MalformedAnswerError:
    return MalformedAnswerError(
        f"Withings answered {service.action} with another shape than it documents. "
        "The next run asks again."
    )
