"""How values are said."""

from __future__ import annotations

from datetime import date

import pytest

from health_dashboards.report import words


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "-"),
        (0, "0 min"),
        (29, "0 min"),
        (-29, "0 min"),
        (3569, "59 min"),
        (3570, "1 h 00 min"),
        (25_020.303, "6 h 57 min"),
        (-5400, "-1 h 30 min"),
    ],
)
def test_durations_are_rounded_to_the_minute(seconds: float | None, said: str) -> None:
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("value", "places", "said"),
    [(None, 0, "-"), (0, 0, "0"), (1234567.89, 1, "1 234 567.9"), (-3.14159, 2, "-3.14")],
)
def test_numbers_have_their_thousands_apart(value: float | None, places: int, said: str) -> None:
    assert words.number(value, places) == said


@pytest.mark.parametrize(
    ("value", "places", "said"), [(0.04, 1, "±0"), (1.25, 2, "+1.25"), (-0.6, 0, "-1")]
)
def test_a_change_has_its_sign(value: float, places: int, said: str) -> None:
    assert words.change(value, places) == said


def test_a_date_has_its_weekday() -> None:
    assert words.day(date(2026, 2, 1)) == "Sun 1 Feb 2026"


def test_one_is_not_many() -> None:
    assert words.counted(1, "night") == "1 night"
    assert words.counted(1200, "night") == "1 200 nights"
