"""Requests to a vendor's API: signed, paced, and repeated only where repeating is right."""

from __future__ import annotations

import logging
import time
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import msgspec
import requests
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from health_tap_core.answers import decode
from health_tap_core.errors import (
    AccessTokenRejectedError,
    MalformedAnswerError,
    TransientError,
    UnreachableError,
)
from health_tap_core.statuses import check_status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tenacity import RetryCallState

    from health_tap_core.clock import Clock
    from health_tap_core.oauth.authenticator import AccountAuth

#: Tries of one request before its window fails.
ATTEMPTS = 6
#: Seconds to connect, and between two bytes of an answer.
TIMEOUT = (10.0, 60.0)

Answer = TypeVar("Answer")
logger = logging.getLogger(__name__)

_backoff = wait_random_exponential(multiplier=1, max=60)


class VendorClient:
    """One account's access to one vendor.

    A vendor's subclass offers the calls that its streams need, and says what an answer means
    (:meth:`check`) where that is more than its HTTP status.
    """

    #: The vendor as people write it, for messages.
    vendor: str

    def __init__(
        self,
        session: requests.Session,
        auth: AccountAuth,
        *,
        clock: Clock,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Wrap a session that all accounts of the tap share.

        Args:
            session: Paced transport.
            auth: Signs with the account's grant.
            clock: Learns the vendor's time from its answers.
            sleep: Waits that many seconds between tries.
        """
        self._session = session
        self._auth = auth
        self._clock = clock
        self._sleep = sleep
        #: Requests sent to the API; retries count, token requests do not.
        self.requests = 0
        #: Called after each of them.
        self.on_request: Callable[[], None] | None = None
        self._taken = 0

    def take_requests(self) -> int:
        """Requests sent to the API since the last call."""
        new = self.requests - self._taken
        self._taken = self.requests
        return new

    def check(self, response: requests.Response) -> None:
        """Raise what is wrong with an answer: by its HTTP status, unless the vendor says more.

        Raises:
            AccessTokenRejectedError: A new access token may help; it is tried once.
            TransientError: Another try may help.
            SyncError: No further try will help.
        """
        check_status(self.vendor, response)

    def request(
        self,
        method: str,
        url: str,
        answer: type[Answer],
        *,
        params: Mapping[str, str | int] | None = None,
        data: Mapping[str, str | int] | None = None,
    ) -> Answer:
        """Send one request, again if that is right, and give its answer.

        Args:
            method: HTTP method.
            url: Full address.
            answer: What the JSON of the answer is decoded into.
            params: Query of the address.
            data: Form in the body.

        Raises:
            SyncError: The last try's error.
        """
        retrying = Retrying(
            retry=retry_if_exception_type(TransientError),
            stop=stop_after_attempt(ATTEMPTS),
            wait=_wait,
            sleep=self._sleep,
            before_sleep=_log_retry,
            reraise=True,
        )
        request = requests.Request(method, url, params=params, data=data, auth=self._auth)
        result: Answer = retrying(self._attempt, request, answer)
        return result

    def _attempt(self, request: requests.Request, answer: type[Answer]) -> Answer:
        response = self._send(request)
        try:
            self.check(response)
        except AccessTokenRejectedError:
            self._auth.renew(response.request)
            response = self._send(request)
            self.check(response)
        try:
            return decode(response.content, answer)
        except msgspec.MsgspecError:
            raise MalformedAnswerError(
                f"{self.vendor} answered {response.status_code}, but not with the JSON that it "
                "documents. The next run asks again."
            ) from None

    def _send(self, request: requests.Request) -> requests.Response:
        try:
            prepared = self._session.prepare_request(request)
            parts = urlsplit(str(prepared.url))
            response = self._session.send(
                prepared,
                timeout=TIMEOUT,
                allow_redirects=False,
                **_surroundings(self._session, f"{parts.scheme}://{parts.netloc}"),
            )
        except requests.RequestException as error:
            self._count()
            raise UnreachableError(
                f"{self.vendor} gave no complete answer ({type(error).__name__}). "
                "Check the connection and api_url; the next run continues here."
            ) from None  # the chained error's request carries the Authorization header
        self._count()
        if response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            self._clock.observe(response.headers.get("Date"))
        return response

    def _count(self) -> None:
        self.requests += 1
        if self.on_request:
            self.on_request()


@lru_cache(maxsize=8)
def _surroundings(session: requests.Session, origin: str) -> Mapping[str, Any]:
    """Proxy and certificates for an origin, as the environment has them.

    Looked up once: requests reads every variable of the environment again for each request, which
    took a fifth of a backfill's processor time.
    """
    return session.merge_environment_settings(origin, {}, None, None, None)


def _wait(state: RetryCallState) -> float:
    """Seconds before the next try: what the vendor asks for, or jittered exponential back-off."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, TransientError) and error.retry_after is not None:
        return error.retry_after
    return _backoff(state)


def _log_retry(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    wait = state.next_action.sleep if state.next_action else 0.0
    logger.warning(
        "%s Trying again in %.0f s (%d of %d).", error, wait, state.attempt_number, ATTEMPTS
    )
