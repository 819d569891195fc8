"""What can go wrong between us and a vendor, one class per remedy.

Every error says what happened and what to do next. ``code`` is the class of the error as the sync
log records it. No message ever holds a token, a secret or a health value.
"""

from __future__ import annotations

import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator


class SyncError(Exception):
    """A window of one stream of one account could not be read; its bookmark stays."""

    code: ClassVar[str] = "error"


class GrantError(SyncError):
    """Nothing of the account can be read, because it cannot be signed in."""


class GrantDeadError(GrantError):
    """The vendor no longer accepts the refresh token: a person has to log in again."""

    code = "grant_dead"


class RefreshFailedError(GrantError):
    """The token endpoint gave no usable answer. Not repeated: a refresh token is single use."""

    code = "refresh_failed"


class ClientRejectedError(GrantError):
    """The vendor does not know the client id or its secret."""

    code = "client_rejected"


class TokenStoreError(GrantError):
    """The stored grant cannot be read or written."""

    code = "token_store"


class GrantChangedError(TokenStoreError):
    """Another process replaced the stored grant between our reading and our writing."""


class AlreadyRunningError(SyncError):
    """Another process is syncing the account at this moment."""

    code = "already_running"


class DuplicateUserError(SyncError):
    """Two configured accounts turned out to be one person at the vendor."""

    code = "duplicate_user"


class MissingScopeError(SyncError):
    """The grant does not cover what this stream reads."""

    code = "missing_scope"


class NotFoundError(SyncError):
    """The vendor holds no such record."""

    code = "not_found"


class RequestRejectedError(SyncError):
    """The vendor calls our request wrong: a defect on our side, or a changed API."""

    code = "request_rejected"


class PageLoopError(SyncError):
    """The vendor's pages repeat, so paging would never end."""

    code = "page_loop"


class BookmarkError(SyncError):
    """The state handed to the tap holds something that is no bookmark."""

    code = "bookmark"


class DefectError(SyncError):
    """Something that nobody foresaw; a defect of ours."""

    code = "defect"


class QuotaExhaustedError(SyncError):
    """The vendor's daily quota is used up; waiting for it inside a run makes no sense."""

    code = "quota"


class AccessTokenRejectedError(SyncError):
    """The vendor did not accept the access token; a new one may help."""

    code = "access_token_rejected"


class TransientError(SyncError):
    """Trying again may help.

    Attributes:
        retry_after: Seconds that the vendor asks us to wait, if it said so.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class RateLimitedError(TransientError):
    """Too many requests in the vendor's short window."""

    code = "rate_limited"


class UnreachableError(TransientError):
    """No answer: connection refused or cut, time-out, name not resolved."""

    code = "unreachable"


class VendorFailureError(TransientError):
    """The vendor answered with a server error."""

    code = "vendor_failure"


class MalformedAnswerError(TransientError):
    """The answer is not the JSON that the vendor documents (truncated, HTML, another shape)."""

    code = "malformed_answer"


@contextmanager
def contained() -> Iterator[None]:
    """Let nothing but a :class:`SyncError` out: a defect must not stop other streams and accounts.

    The message names the place of the defect, never the value that it stumbled over.
    """
    try:
        yield
    except SyncError:
        raise
    except Exception as error:  # noqa: BLE001 (that is the purpose)
        place = traceback.extract_tb(error.__traceback__)[-1]
        raise DefectError(
            f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}. This is a "
            "defect of the tap: please report it. The next run tries again."
        ) from None
