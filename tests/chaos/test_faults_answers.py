"""The vendor refuses, breaks off, or answers with what is no answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .reliability import cell
from .strikes import (
    BOTH,
    assert_failed,
    assert_works,
    each,
    failures,
    last_words,
    one_service,
    state_of,
    survived,
)
from .tap_world import TIMEOUT
from .vendors import WHOOP, WITHINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .vendors import Vendor
    from .world import World

GROUP = "Faults of answers"
Fault = dict[str, Any]
#: For a vendor that is slow: no other answer takes so long, on a busy machine either.
IMPATIENT: Fault = {TIMEOUT: "1"}
GZIP = {"kind": "status", "status": 200, "headers": {"Content-Encoding": "gzip"}}
#: Faults of any HTTP service, and the class of error when they last.
NEUTRAL: dict[str, tuple[Fault, str]] = {
    "500": ({"kind": "status", "status": 500}, "vendor_failure"),
    "502": ({"kind": "status", "status": 502}, "vendor_failure"),
    "503": ({"kind": "status", "status": 503}, "vendor_failure"),
    "connection reset": ({"kind": "reset"}, "unreachable"),
    "answer lost": ({"kind": "lost_answer"}, "unreachable"),
    "no answer in time": ({"kind": "slow", "delay": 1.2}, "unreachable"),
    "body stops half-way": ({"kind": "trickle", "delay": 1.2}, "unreachable"),
    "truncated JSON": ({"kind": "truncate"}, "malformed_answer"),
    "HTML with 200": ({"kind": "html"}, "malformed_answer"),
    "gzip cut": (GZIP, "unreachable"),
}
LIMITS: dict[Vendor, dict[str, Fault]] = {
    WHOOP: {
        "429 with reset header": {"kind": "rate_limit", "reset": 23},
        "429 without reset header": {"kind": "rate_limit", "reset": None},
    },
    WITHINGS: {
        "status 601 with wait_seconds": {"kind": "rate_limit", "wait_seconds": 17},
        "status 601 without wait_seconds": {"kind": "rate_limit", "wait_seconds": None},
    },
}
#: Withings' status families, each by some of its codes.
ENVELOPES: dict[str, tuple[Fault, str]] = {
    "status 401": ({"status": 401}, "access_token_rejected"),
    "status 100": ({"status": 100}, "access_token_rejected"),
    "status 214": ({"status": 214}, "missing_scope"),
    "status 277": ({"status": 277}, "missing_scope"),
    "status 522": ({"status": 522, "body": None, "error": None}, "vendor_failure"),
    "status 2555": ({"status": 2555}, "vendor_failure"),
    "status 5000": ({"status": 5000}, "vendor_failure"),
    "status 503": ({"status": 503, "error": "Invalid Params"}, "request_rejected"),
    "status 2554": ({"status": 2554}, "request_rejected"),
    "undocumented status": ({"status": 77777}, "request_rejected"),
    "status 0 with null": ({"status": 0, "body": None}, "malformed_answer"),
    "status 0 with nothing": ({"status": 0, "body": {}}, "malformed_answer"),
}
MAY_PASS = {"rate_limited", "vendor_failure", "unreachable", "malformed_answer"}
QUICK = {
    "WHOOP: 429 with reset header, passing",
    "Withings: status 2555, lasting",
}


def faults() -> Iterator[tuple[Vendor, str, Fault, str]]:
    for vendor in BOTH:
        for words, fault in LIMITS[vendor].items():
            yield vendor, words, fault, "rate_limited"
        for words, (fault, error) in NEUTRAL.items():
            yield vendor, words, fault, error
    for words, (fault, error) in ENVELOPES.items():
        yield WITHINGS, words, {"kind": "envelope", **fault}, error


def patience(fault: Fault) -> Fault:
    return IMPATIENT if "delay" in fault else {}


def name(vendor: Vendor, *words: str) -> str:
    return f"{vendor.words}: {', '.join(words)}"


PASSING = [
    cell(GROUP, (n := name(vendor, words, "passing")), vendor, fault, quick=n in QUICK)
    for vendor, words, fault, error in faults()
    if error in MAY_PASS and fault.get("status") != 0
]
LASTING = [
    cell(GROUP, (n := name(vendor, words, "lasting")), vendor, fault, error, quick=n in QUICK)
    for vendor, words, fault, error in faults()
]


@pytest.mark.parametrize(("vendor", "fault"), PASSING)
def test_what_passes_costs_a_retry(world: World, vendor: Vendor, fault: Fault) -> None:
    path, _ = one_service(vendor)
    with survived(world, vendor, **patience(fault)) as struck:
        struck.sandbox.add_fault(path, **fault, times=3)
        done = struck.sync()
        assert_works(done)
        assert done.tap.moments.count("wait") == 3


@pytest.mark.parametrize(("vendor", "fault", "error"), LASTING)
def test_what_lasts_fails_the_stream_and_keeps_what_was_complete(
    world: World, vendor: Vendor, fault: Fault, error: str
) -> None:
    path, stream = one_service(vendor)
    short: Fault = {f"{vendor.prefix}WINDOW_DAYS": "6"}
    with survived(world, vendor, **short, **patience(fault)) as struck:
        struck.sandbox.add_fault(path, **fault, times=None, skip=2)
        assert_failed(struck.sync(), struck, {stream: error})
        assert len(state_of(struck, stream)["covered"]) == 1


@pytest.mark.parametrize("vendor", each(GROUP, "slow body"))
def test_a_slow_body_is_waited_for(world: World, vendor: Vendor) -> None:
    path, _ = one_service(vendor)
    with survived(world, vendor, **IMPATIENT) as struck:
        struck.sandbox.add_fault(path, "trickle", delay=0.1, times=2)
        done = struck.sync()
        assert_works(done)
        assert "wait" not in done.tap.moments


QUOTAS = [
    cell(GROUP, "WHOOP: daily quota", WHOOP, {"day": True}),
    cell(GROUP, "Withings: wait_seconds of hours", WITHINGS, {"wait_seconds": 7200}),
]


@pytest.mark.parametrize(("vendor", "limit"), QUOTAS)
def test_a_quota_ends_the_run_and_keeps_what_was_complete(
    world: World, vendor: Vendor, limit: Fault
) -> None:
    path, stream = one_service(vendor)
    with survived(world, vendor) as struck:
        struck.sandbox.add_fault(path, "rate_limit", **limit, times=None)
        done = struck.sync()
        assert done.tap.code == 1, last_words(done)
        assert "wait" not in done.tap.moments
        assert failures(struck)[stream] == "quota"
        assert set(failures(struck).values()) == {"quota"}
        assert "covered" in state_of(struck, "cycles" if vendor is WHOOP else "measure_groups")
        assert "everything read so far stays" in done.said


#: Everything but the token endpoints, which are asked once: a token may be spent by then.
SERVICES = {
    WHOOP: ["*/user/*", "*/cycle", "*/activity/*", "*/recovery"],
    WITHINGS: ["*/measure", "*/v2/sleep", "*/v2/heart", "*/v2/user"],
}
STORMS = [
    cell(GROUP, name(vendor, f"{words} from every service"), vendor, fault)
    for vendor in BOTH
    for words, fault in {
        **LIMITS[vendor],
        **{words: NEUTRAL[words][0] for words in ("503", "connection reset")},
    }.items()
]


@pytest.mark.parametrize(("vendor", "fault"), STORMS)
def test_a_storm_is_weathered(world: World, vendor: Vendor, fault: Fault) -> None:
    with survived(world, vendor) as struck:
        for path in SERVICES[vendor]:
            struck.sandbox.add_fault(path, **fault, times=5)
        done = struck.sync()
        assert_works(done)
        assert done.tap.moments.count("wait") == 5 * len(SERVICES[vendor])


UNREACHABLE = {
    "TLS handshake fails": "https://",
    "connection refused": "http://127.0.0.1:9/",
}


@pytest.mark.parametrize(
    ("vendor", "elsewhere"),
    [
        cell(GROUP, name(vendor, words), vendor, elsewhere)
        for vendor in BOTH
        for words, elsewhere in UNREACHABLE.items()
    ],
)
def test_a_vendor_that_cannot_be_reached_is_said(
    world: World, vendor: Vendor, elsewhere: str
) -> None:
    variable = f"{vendor.prefix}API_URL"
    with survived(world, vendor) as struck:
        real = struck.environment[variable]
        wrong: Fault = {variable: real.replace("http://", elsewhere)}
        done = struck.sync(**wrong)
        assert done.tap.code == 1, last_words(done)
        assert set(failures(struck).values()) == {"unreachable"}
        assert "Check the connection and api_url" in done.said
        assert "covered" not in state_of(struck, one_service(vendor)[1])
