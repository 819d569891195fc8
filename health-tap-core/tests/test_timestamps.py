from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from health_tap_core.timestamps import parse_instant, to_utc, utc_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-10T00:30:00.123Z", "2026-03-10T00:30:00.123Z"),
        ("2026-03-10T00:30:00-05:00", "2026-03-10T05:30:00Z"),
        ("2026-03-10T00:30:00.5+05:45", "2026-03-09T18:45:00.500000Z"),
    ],
)
def test_every_offset_becomes_the_same_instant_in_utc(text: str, expected: str) -> None:
    assert to_utc(text) == expected


@pytest.mark.parametrize("text", ["2024-13-01", "soon", "12:30", "P1D", ""])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_instant(text)


def test_a_date_is_midnight_utc() -> None:
    assert parse_instant("2024-02-29") == datetime(2024, 2, 29, tzinfo=timezone.utc)


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.timezones()))
def test_text_and_instant_round_trip(instant: datetime) -> None:
    assert parse_instant(utc_text(instant)).timestamp() == instant.timestamp()
