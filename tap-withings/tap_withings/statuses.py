"""What Withings' status codes mean for us.

HTTP 200 means nothing: the envelope's ``status`` tells. Families:
https://developer.withings.com/api-reference#section/Response-status. Where the document puts a code
into a family that live clients contradict, the remark at the code says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from health_tap_core.errors import (
    AccessTokenRejectedError,
    MissingScopeError,
    RateLimitedError,
    RequestRejectedError,
    SyncError,
    VendorFailureError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OK = 0
#: Not documented; the text beside it is "Insufficient_scope" (seen by a client).
INSUFFICIENT_SCOPE = 403
TOO_MANY_REQUESTS = 601


def _codes(text: str) -> Iterator[int]:
    for part in text.split():
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


_FAMILIES: Mapping[type[SyncError], str] = {
    # "Authentication failed"
    AccessTokenRejectedError: "100-102 200 401",
    # "Unauthorized"
    MissingScopeError: f"214 277 2553 {INSUFFICIENT_SCOPE}",
    RateLimitedError: f"{TOO_MANY_REQUESTS}",
    # "Timeout", "An error occurred", and 2555: "Unauthorized" in the document, passing in practice.
    VendorFailureError: (
        "215 219 222 224 226 231-233 237 253 255-259 268-270 273-274 278-282 289 291-292 296 298 "
        "305-320 322 370-375 383 391 402 516-522 525-531 533 602 700 1051-1054 2551-2552 2555-2559 "
        "3000-3016 3020-3024 5000-5006 6000 6010-6011 9000 10000"
    ),
    # "Invalid params", "Bad state", "Not implemented". 503 is none of HTTP's: never tried again.
    RequestRejectedError: (
        "201-213 216-218 220-221 223 225 227-230 234-236 238 240-252 254 260-267 271-272 275-276 "
        "283-288 290 293-295 297 300-304 321 323-353 380-382 400 501-511 523-524 532 2554 3017-3019"
    ),
}
#: One class of error for each documented code.
MEANINGS: Mapping[int, type[SyncError]] = {
    code: error for error, codes in _FAMILIES.items() for code in _codes(codes)
}
#: What to do about refusals that are nobody's defect.
ADVICE: Mapping[int, str] = {
    247: "Withings does not know the user: log in again.",
    250: "The user and the grant do not belong together: log in again.",
    328: "The user's Withings account is deactivated.",
    342: "Check client_id and client_secret.",
    343: "Check redirect_uri.",
}
