from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from health_tap_core.bookmarked_stream import PROOF
from health_tap_core.coverage import Coverage, Stretch
from health_tap_core.window import Window, plan_windows, split

UTC = timezone.utc
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
YEAR = 365 * DAY
instants = st.datetimes(datetime(2012, 1, 1), datetime(2027, 1, 1), timezones=st.just(timezone.utc))
stretches = st.tuples(instants, instants).filter(lambda pair: pair[0] < pair[1])


def plan(
    *covered: Stretch,
    earliest: datetime = NOW - YEAR,
    end: datetime = NOW,
    length: timedelta = YEAR,
) -> list[Window]:
    return plan_windows(
        covered=Coverage(*covered),
        earliest=earliest,
        end=end,
        settled=NOW - 7 * DAY,
        length=length,
    )


def test_the_first_run_is_a_backfill() -> None:
    assert plan() == [Window(NOW - YEAR, NOW, "backfill", moves_bookmark=True)]


def test_a_later_run_reads_what_was_not_read_for_good() -> None:
    known = (NOW - YEAR, NOW - 8 * DAY)
    assert plan(known, length=30 * DAY) == [
        Window(NOW - 8 * DAY, NOW, "incremental", moves_bookmark=True)
    ]


def test_a_longer_lookback_counts_at_once() -> None:
    (window,) = plan((NOW - YEAR, NOW))
    assert window.start == NOW - 7 * DAY


def test_after_three_weeks_off_the_window_reaches_to_the_last_success() -> None:
    (window,) = plan((NOW - YEAR, NOW - 28 * DAY))
    assert (window.kind, window.start) == ("incremental", NOW - 28 * DAY)


def test_a_start_date_behind_what_is_known_moves_no_bookmark() -> None:
    known = (NOW - YEAR, NOW - 8 * DAY)
    assert plan(known, earliest=NOW - 3 * DAY) == [Window(NOW - 3 * DAY, NOW, "incremental")]


def test_an_interrupted_history_goes_on_where_it_was() -> None:
    windows = plan((NOW - YEAR, NOW - 107 * DAY), length=60 * DAY)
    assert [(w.kind, w.start, w.end, w.moves_bookmark) for w in windows] == [
        ("backfill", NOW - 107 * DAY, NOW - 47 * DAY, True),
        ("backfill", NOW - 47 * DAY, NOW, True),
    ]


def test_what_lies_before_and_between_is_read_first() -> None:
    windows = plan((NOW - 200 * DAY, NOW - 150 * DAY), (NOW - 100 * DAY, NOW - 8 * DAY))
    assert [(w.kind, w.start, w.end) for w in windows] == [
        ("backfill", NOW - YEAR, NOW - 200 * DAY),
        ("backfill", NOW - 150 * DAY, NOW - 100 * DAY),
        ("incremental", NOW - 8 * DAY, NOW),
    ]


def test_nothing_to_read_before_the_end_is_no_window() -> None:
    assert not plan(earliest=NOW)
    assert not plan((NOW - YEAR, NOW - 8 * DAY), earliest=NOW + DAY)
    assert not plan((NOW - YEAR, NOW - 8 * DAY), end=NOW - 20 * DAY)


@given(earliest=instants, end=instants, days=st.integers(1, 4000))
def test_backfill_windows_cover_the_history_without_gap_or_overlap(
    earliest: datetime, end: datetime, days: int
) -> None:
    windows = plan(earliest=earliest, end=end, length=timedelta(days=days))
    if earliest >= end:
        assert not windows
        return
    assert windows[0].start == earliest
    assert windows[-1].end == end
    assert all(one.end == two.start for one, two in pairwise(windows))
    assert all(timedelta(0) < w.end - w.start <= timedelta(days=days) for w in windows)


@given(st.lists(stretches, max_size=5), instants, instants, st.integers(1, 4000))
def test_after_its_windows_everything_is_covered(
    known: list[Stretch], earliest: datetime, end: datetime, days: int
) -> None:
    covered = Coverage(*known)
    windows = plan(*known, earliest=earliest, end=end, length=timedelta(days=days))
    for window in windows:
        assert earliest <= window.start < window.end <= end
        covered.add(window.start, window.end)
    assert not list(covered.gaps(earliest, end))
    assert all(one.end <= two.start for one, two in pairwise(windows))


@given(st.lists(stretches, max_size=6))
def test_coverage_is_the_same_whatever_the_order_and_survives_the_state(
    known: list[Stretch],
) -> None:
    covered = Coverage(*known)
    assert covered.to_state() == Coverage(*reversed(known)).to_state()
    assert Coverage.from_state(covered.to_state()).to_state() == covered.to_state()
    assert covered.end == max((end for _, end in known), default=None)
    assert not [gap for start, end in known for gap in covered.gaps(start, end)]
    assert all(one[1] < two[0] for one, two in pairwise(covered.to_state()))


def test_what_is_no_coverage_is_told() -> None:
    assert Coverage.from_state(None).end is None
    for value in ("2026", 5, [["2026-01-01"]], [["a", "b"]], [5]):
        with pytest.raises((TypeError, ValueError)):
            Coverage.from_state(value)


def test_a_window_ends_in_the_present() -> None:
    (window,) = split(NOW, NOW + DAY, YEAR, "backfill")
    assert window.until(NOW + DAY / 2).end == NOW + DAY / 2
    assert window.until(NOW - DAY) == Window(NOW - DAY, NOW - DAY, "backfill")


@given(
    days=st.integers(1, 900),
    length=st.integers(30, 400),
    at=st.floats(0, 1),
    lasts=st.integers(0, 48),
)
def test_overlapping_windows_leave_no_record_unproven_where_they_meet(
    days: int, length: int, at: float, lasts: int
) -> None:
    start, end = NOW - days * DAY, NOW
    windows = split(start, end, length * DAY, "reconcile", overlap=PROOF)
    assert (windows[0].start, windows[-1].end) == (start, end)
    assert all(window.end - window.start <= length * DAY for window in windows)
    begins = start + DAY + at * (end - start)
    ends = begins + timedelta(hours=lasts)
    if ends <= end - DAY:
        assert any(each.start <= begins - DAY and ends + DAY <= each.end for each in windows)
