"""What the taps are guarded by, a test that proves each guard, and how to take it out.

As a pytest plugin this runs each of those tests twice, with its guard and without, and writes what
came of it to the file that ``GUARDS_RESULTS`` names. A guard whose code is not where it was ends it
all with an error.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.runner import runtestprotocol

import tap_whoop.client
import tap_withings.pages
from health_tap_core.bookmarked_stream import BookmarkedStream
from health_tap_core.changes_stream import ChangesStream
from health_tap_core.paging import PageGuard
from health_tap_core.rows import Rows
from health_tap_core.stream import HealthStream
from health_tap_core.tap import HealthTap
from health_tap_core.windowed_stream import WindowedStream

if TYPE_CHECKING:
    from collections.abc import Iterator

Remove = Callable[[pytest.MonkeyPatch], None]
RESULTS = "GUARDS_RESULTS"
#: The row of the table of all cells.
GROUP = "Guards proved by removal"
#: Pages after which a test calls it a loop.
_ENDLESS = 100


@dataclass(frozen=True)
class Guard:
    """A guard.

    Attributes:
        name: What it is.
        test: The test that proves it.
        noticed: How that test fails without it.
        remove: Takes it out.
    """

    name: str
    test: str
    noticed: str
    remove: Remove


def no_lookback(patched: pytest.MonkeyPatch) -> None:
    """Only what lies behind the bookmark is read."""
    patched.setattr(BookmarkedStream, "lookback", timedelta(0))


def no_overlap(patched: pytest.MonkeyPatch) -> None:
    """Changes are asked for from the very bookmark on."""
    patched.setattr(ChangesStream, "overlap", timedelta(0))


def end_is_not_frozen(patched: pytest.MonkeyPatch) -> None:
    """The end of a window is when it was read, not when the run began."""
    for stream in (WindowedStream, ChangesStream):
        complete = stream.complete

        def patch(self: Any, *args: Any, complete: Any = complete) -> None:
            *others, window = args
            complete(self, *others, replace(window, end=self._tap.clock.now()))

        patched.setattr(stream, "complete", patch)


def pages_loop(patched: pytest.MonkeyPatch) -> None:
    """Pages lead on for ever, as far as a test has time for that."""
    turned = 0

    def turn(*_: object) -> None:
        nonlocal turned
        turned += 1
        if turned > _ENDLESS:
            raise RecursionError

    patched.setattr(PageGuard, "turn", turn)


def pages_are_read_once(patched: pytest.MonkeyPatch) -> None:
    """Whatever changes between two of them."""
    for module in (tap_whoop.client, tap_withings.pages):
        patched.setattr(module, "read_steadily", lambda read, _: read())


def last_version_wins(patched: pytest.MonkeyPatch) -> None:
    """Of two versions of a record, the one that comes later."""
    patched.setattr(Rows, "_version", lambda *_: "")


def state_before_claim(patched: pytest.MonkeyPatch) -> None:
    """The bookmark moves before the sync log says why."""
    claim = HealthStream._claim

    def patch(self: HealthStream, account: Any, window: Any, *args: Any) -> None:
        self.complete(account, {"account": account.name}, window)
        claim(self, account, window, *args)

    patched.setattr(HealthStream, "_claim", patch)


def no_run_lock(patched: pytest.MonkeyPatch) -> None:
    """Any number of runs of an account at once."""
    patched.setattr(HealthTap, "_take_run_lock", lambda *_: None)


GUARDS = [
    Guard(
        "the look-back",
        "tap-whoop/tests/test_sync.py::test_the_lookback_catches_a_rescored_night",
        r"KeyError: \('[0-9a-f-]{36}',\)",
        no_lookback,
    ),
    Guard(
        "the overlap of changes",
        "tests/chaos/test_guarded.py::test_a_change_that_is_stamped_before_the_last_run_arrives",
        "KeyError: '2026-05-20'",
        no_overlap,
    ),
    Guard(
        "the frozen end of a run",
        "tests/chaos/test_guarded.py::test_a_change_during_a_long_run_arrives_with_the_next",
        "KeyError: '2026-05-01'",
        end_is_not_frozen,
    ),
    Guard(
        "the check for pages that loop",
        "tap-whoop/tests/test_faults.py::test_pages_that_never_end_fail_the_stream",
        "page_loop",
        pages_loop,
    ),
    Guard(
        "the second reading of WHOOP's pages",
        "tap-whoop/tests/test_client.py::test_a_record_that_a_shifted_page_hid_is_found",
        r"\[b'\{\"id\": 4\}', ",
        pages_are_read_once,
    ),
    Guard(
        "the second reading of Withings' pages",
        "tap-withings/tests/test_client.py::"
        "test_what_changes_between_two_pages_is_read_until_it_holds_still",
        r"\[1, 2, 4\]",
        pages_are_read_once,
    ),
    Guard(
        "the newest version",
        "health-tap-core/tests/test_rows.py::"
        "test_of_a_key_that_comes_twice_the_newest_version_stays[texts1]",
        r"\['old'\]",
        last_version_wins,
    ),
    Guard(
        "the order of claim and state",
        "tap-whoop/tests/test_sync.py::test_the_claim_comes_after_its_rows_and_before_the_bookmark",
        "assert max",
        state_before_claim,
    ),
    Guard(
        "the lock of an account",
        "tests/chaos/test_guarded.py::test_a_second_run_of_an_account_leaves_it_to_the_first",
        "assert {None} == {'already_running'}",
        no_run_lock,
    ),
]


def pytest_runtestloop(session: pytest.Session) -> bool:
    """Run every collected test with its guard and without."""
    guards = {guard.test: guard for guard in GUARDS}
    found = {}
    for item, following in zip(session.items, [*session.items[1:], None], strict=True):
        guard = guards[item.nodeid]
        with_it = [*_failures(item, following)]
        with pytest.MonkeyPatch.context() as patched:
            guard.remove(patched)
            without = [*_failures(item, following)]
        found[guard.name] = {"with": with_it, "without": without}
    Path(os.environ[RESULTS]).write_text(json.dumps(found))
    return True


def _failures(item: pytest.Item, following: pytest.Item | None) -> Iterator[tuple[str, str]]:
    """The phases in which a test failed, and how."""
    for report in runtestprotocol(item, log=False, nextitem=following):
        if not report.passed:
            yield report.when, report.longreprtext
