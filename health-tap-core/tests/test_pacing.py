from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from health_tap_core.pacing import PERIOD, Pacer


class FakeTime:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


def test_a_quiet_sync_never_waits() -> None:
    time = FakeTime()
    pacer = Pacer(95, monotonic=time.monotonic, sleep=time.sleep)
    for _ in range(95):
        pacer.wait()
    assert time.now == 1000.0


@given(
    limit=st.integers(1, 20),
    gaps=st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=80),
)
def test_no_minute_ever_sees_more_than_the_limit(limit: int, gaps: list[float]) -> None:
    time = FakeTime()
    pacer = Pacer(limit, monotonic=time.monotonic, sleep=time.sleep)
    sent = []
    for gap in gaps:
        time.now += gap
        pacer.wait()
        sent.append(time.now)
    for first, later in zip(sent, sent[limit:], strict=False):
        assert later - first >= PERIOD - 1e-6


def test_a_backfill_runs_at_the_permitted_rate() -> None:
    time = FakeTime()
    pacer = Pacer(95, monotonic=time.monotonic, sleep=time.sleep)
    for _ in range(95 * 10):
        pacer.wait()
    assert time.now - 1000.0 <= 9 * PERIOD + 1e-6
