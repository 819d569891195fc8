from __future__ import annotations

import pytest
import requests

from health_tap_core.errors import (
    AccessTokenRejectedError,
    MissingScopeError,
    NotFoundError,
    RateLimitedError,
    RequestRejectedError,
    SyncError,
    VendorFailureError,
)
from health_tap_core.statuses import check_status


def answer(status: int, **headers: str) -> requests.Response:
    made = requests.Response()
    made.status_code = status
    made.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return made


def test_only_200_is_an_answer_to_read() -> None:
    check_status("Vendor", answer(200))


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, AccessTokenRejectedError),
        (403, MissingScopeError),
        (404, NotFoundError),
        (429, RateLimitedError),
        (500, VendorFailureError),
        (503, VendorFailureError),
        (204, RequestRejectedError),
        (302, RequestRejectedError),
        (400, RequestRejectedError),
    ],
)
def test_a_status_has_its_remedy(status: int, error: type[SyncError]) -> None:
    with pytest.raises(error, match=rf"^Vendor answered {status} \(because\)\.") as raised:
        check_status("Vendor", answer(status), reason="because")
    assert raised.type is error


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("17", 17.0), ("0", 0.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None)],
)
def test_a_limit_is_waited_for_as_long_as_it_says(told: str, seconds: float | None) -> None:
    with pytest.raises(RateLimitedError) as raised:
        check_status("Vendor", answer(429, Retry_After=told))
    assert raised.value.retry_after == seconds
