from __future__ import annotations

from datetime import datetime, timezone

import pytest

from health_tap_core.clock import Clock

MACHINE = datetime(2020, 1, 1, 12, 0, 0, 250_000, tzinfo=timezone.utc)


def clock() -> Clock:
    return Clock(MACHINE.timestamp, monotonic=lambda: 100.0)


def test_before_the_vendor_is_heard_the_machine_is_believed() -> None:
    assert clock().now() == MACHINE


def test_a_machine_that_is_years_off_follows_the_vendor() -> None:
    subject = clock()
    subject.observe("Mon, 01 Jun 2026 12:00:00 GMT")
    assert subject.now() == datetime(2026, 6, 1, 12, tzinfo=timezone.utc)


def test_a_small_difference_is_network_delay() -> None:
    subject = clock()
    subject.observe("Wed, 01 Jan 2020 12:00:30 GMT")
    assert subject.now() == MACHINE


def test_the_first_answer_of_a_run_decides() -> None:
    subject = clock()
    subject.observe("Mon, 01 Jun 2026 12:00:00 GMT")
    subject.observe("Mon, 01 Jun 2026 11:59:59 GMT")
    assert subject.now() == datetime(2026, 6, 1, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    "header",
    [
        *(None, "", "yesterday"),
        *("Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"),
    ],
)
def test_a_date_that_cannot_be_changes_nothing(header: str | None) -> None:
    subject = clock()
    subject.observe(header)
    assert subject.now() == MACHINE


def test_a_machines_clock_that_is_set_within_a_run_changes_nothing() -> None:
    machine, steady = [MACHINE.timestamp()], [100.0]
    subject = Clock(lambda: machine[0], monotonic=lambda: steady[0])
    subject.observe("Mon, 01 Jun 2026 12:00:00 GMT")
    machine[0] += 3 * 365 * 86_400
    steady[0] += 5
    assert subject.now() == datetime(2026, 6, 1, 12, 0, 5, tzinfo=timezone.utc)
