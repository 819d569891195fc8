"""Pages that are empty, come again, are in disorder, lead nowhere, or shift while they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .reliability import cell
from .strikes import BOTH, assert_failed, assert_works, each, one_service, state_of, survived
from .vendors import WHOOP, WITHINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _pytest.mark import ParameterSet

    from .cell import Cell
    from .vendors import Vendor
    from .world import World

GROUP = "Faults of pages"
Fault = dict[str, Any]
#: Several pages in each window: 60 nights are three of WHOOP's, and six of ten.
PAGED: dict[str, Any] = {"days": 60, "page_size": 10}
EMPTY = {"kind": "envelope", "status": 0, "body": {"series": [], "more": True, "offset": 10}}

SOUND: list[tuple[Vendor, str, Fault]] = [
    (WHOOP, "empty page with token", {"kind": "empty_page", "times": 3}),
    (WHOOP, "page repeated", {"kind": "repeat_page", "times": 3}),
    (WHOOP, "records repeated", {"kind": "duplicate", "times": None}),
    (WHOOP, "records out of order", {"kind": "unsorted", "times": None}),
    (WITHINGS, "page repeated", {"kind": "repeat_page", "times": 1}),
    (WITHINGS, "records repeated", {"kind": "duplicate", "times": None}),
    (WITHINGS, "records out of order", {"kind": "unsorted", "times": None}),
    (WITHINGS, "more as a word", {"kind": "more_as", "spelling": "word", "times": None}),
    (WITHINGS, "lists as objects", {"kind": "empty_as", "times": None}),
]
ENDLESS: list[tuple[Vendor, str, Fault]] = [
    (WHOOP, "looping token", {"kind": "loop_token"}),
    (WHOOP, "page repeated for ever", {"kind": "repeat_page"}),
    (WHOOP, "empty page with token for ever", {"kind": "empty_page"}),
    (WITHINGS, "page repeated for ever", {"kind": "repeat_page"}),
    (WITHINGS, "empty page with token for ever", EMPTY),
    (WITHINGS, "looping token", {"kind": "stuck_offset"}),
    (WITHINGS, "more without offset", {"kind": "stuck_offset", "missing": True}),
]
QUICK = {"WHOOP: looping token"}


def cells(faults: Iterable[tuple[Vendor, str, Any]]) -> list[ParameterSet]:
    named = ((f"{vendor.words}: {words}", vendor, fault) for vendor, words, fault in faults)
    return [cell(GROUP, name, vendor, fault, quick=name in QUICK) for name, vendor, fault in named]


@pytest.mark.parametrize(("vendor", "fault"), cells(SOUND))
def test_strange_pages_are_read(world: World, vendor: Vendor, fault: Fault) -> None:
    path, _ = one_service(vendor)
    with survived(world, vendor, **PAGED) as struck:
        struck.sandbox.add_fault(path, **fault)
        done = struck.sync()
        assert_works(done)


@pytest.mark.parametrize(("vendor", "fault"), cells(ENDLESS))
def test_pages_without_end_fail_the_stream(world: World, vendor: Vendor, fault: Fault) -> None:
    path, stream = one_service(vendor)
    with survived(world, vendor, **PAGED) as struck:
        struck.sandbox.add_fault(path, **fault, times=None)
        assert_failed(struck.sync(), struck, {stream: "page_loop"})
        assert not state_of(struck, stream).get("covered")


@pytest.mark.parametrize("vendor", each(GROUP, "error on page 3"))
def test_an_error_on_a_later_page_gives_no_partial_window(world: World, vendor: Vendor) -> None:
    path, stream = one_service(vendor)
    with survived(world, vendor, **PAGED) as struck:
        struck.sandbox.add_fault(path, "status", status=500, times=None, skip=2)
        assert_failed(struck.sync(), struck, {stream: "vendor_failure"})
        assert not state_of(struck, stream).get("covered")
        assert not struck.query(f"select from {struck.oracle.schema}.{stream}")


def insert(struck: Cell, vendor: Vendor) -> None:
    """The newest record of all: every page after the first one shifts."""
    stream = "workouts" if vendor is WHOOP else "measure_groups"
    struck.sandbox.add(struck.oracle.member, stream, {})


def delete(struck: Cell, vendor: Vendor) -> None:
    """A record that the first page has shown is gone: what follows moves up by one."""
    stream = "workouts" if vendor is WHOOP else "measure_groups"
    newest = max(struck.oracle.truth(stream), key=lambda record: str(record.start))
    struck.sandbox.delete(struck.oracle.member, stream, newest.key[0])
    struck.deleted.setdefault(stream, set()).add(newest.key)


SHIFTS = [
    (vendor, f"record {words} while paging", strike)
    for vendor in BOTH
    for words, strike in (("inserted", insert), ("deleted", delete))
]


@pytest.mark.parametrize(("vendor", "strike"), cells(SHIFTS))
def test_pages_shift_while_they_are_read(
    world: World, vendor: Vendor, strike: Callable[[Cell, Vendor], None]
) -> None:
    action = "workout" if vendor is WHOOP else "getmeas"
    struck_once: list[bool] = []
    with survived(world, vendor, days=90, member="jon", page_size=10) as struck:

        def shift() -> None:
            if not struck_once:
                struck_once.append(True)
                strike(struck, vendor)

        done = struck.sync(at={("tap", f"after request {action}"): shift})
        assert_works(done)
        assert struck_once
