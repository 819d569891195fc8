from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from health_tap_core.window import Window, plan_windows

UTC = timezone.utc
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
instants = st.datetimes(datetime(2012, 1, 1), datetime(2027, 1, 1), timezones=st.just(timezone.utc))


def test_the_first_run_is_one_backfill_window() -> None:
    earliest = NOW - 400 * DAY
    windows = plan_windows(bookmark=None, earliest=earliest, end=NOW, lookback=7 * DAY, length=None)
    assert windows == [Window(earliest, NOW, "backfill")]


def test_a_later_run_reaches_back_behind_the_bookmark() -> None:
    windows = plan_windows(
        bookmark=NOW - DAY, earliest=NOW - 400 * DAY, end=NOW, lookback=7 * DAY, length=30 * DAY
    )
    assert windows == [Window(NOW - 8 * DAY, NOW, "incremental")]


def test_after_three_weeks_off_the_window_reaches_to_the_last_success() -> None:
    (window,) = plan_windows(
        bookmark=NOW - 21 * DAY, earliest=NOW - 400 * DAY, end=NOW, lookback=7 * DAY, length=None
    )
    assert window.start == NOW - 28 * DAY


def test_the_lookback_does_not_reach_before_the_start_date() -> None:
    (window,) = plan_windows(
        bookmark=NOW - DAY, earliest=NOW - 3 * DAY, end=NOW, lookback=7 * DAY, length=None
    )
    assert window.start == NOW - 3 * DAY


def test_nothing_to_read_before_the_end_is_no_window() -> None:
    assert not plan_windows(bookmark=None, earliest=NOW, end=NOW, lookback=7 * DAY, length=None)
    assert not plan_windows(
        bookmark=NOW, earliest=NOW + DAY, end=NOW, lookback=7 * DAY, length=None
    )


@given(earliest=instants, end=instants, days=st.integers(1, 4000))
def test_backfill_windows_cover_the_history_without_gap_or_overlap(
    earliest: datetime, end: datetime, days: int
) -> None:
    windows = plan_windows(
        bookmark=None, earliest=earliest, end=end, lookback=7 * DAY, length=timedelta(days=days)
    )
    if earliest >= end:
        assert not windows
        return
    assert windows[0].start == earliest
    assert windows[-1].end == end
    assert all(one.end == two.start for one, two in pairwise(windows))
    assert all(timedelta(0) < w.end - w.start <= timedelta(days=days) for w in windows)
