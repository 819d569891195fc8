"""People as the marts would tell of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from health_dashboards.report.marts import YEAR, Person

if TYPE_CHECKING:
    from collections.abc import Callable

UNTIL = date(2026, 6, 1)
#: A date of which nothing is known.
NOTHING: dict[str, Any] = {
    "user_id": "anna",
    "is_over": True,
    **dict.fromkeys(
        ["sleep_status", "recovery_status", "activity_status", "workouts_status", "body_status"],
        "not_worn",
    ),
    **dict.fromkeys([
        *("sleep_source", "bed_local", "wake_local", "asleep_s", "light_s", "deep_s", "rem_s"),
        *("need_s", "debt_14d_s", "acute_load_kj", "chronic_load_kj", "acute_chronic_ratio"),
        *("workouts", "workout_duration_s"),
        *(
            f"{metric}{suffix}"
            for suffix in ("", "_source")
            for metric in (
                *("recovery_score", "resting_heart_rate", "hrv_rmssd", "respiratory_rate"),
                *("skin_temperature", "steps", "energy_total_kcal", "strain", "body_weight"),
            )
        ),
    ]),
}  # fmt: skip


@pytest.fixture
def make_person() -> Callable[..., Person]:
    """A person who has only what is told: by date, and the rest of the report's rows."""

    def make(days: dict[date, dict[str, Any]] | None = None, **rows: Any) -> Person:
        told = days or {}
        dates = [UNTIL - timedelta(days=back) for back in reversed(range(YEAR))]
        person = Person(
            user_id="anna",
            until_date=UNTIL,
            days=[{**NOTHING, "local_date": day, **told.get(day, {})} for day in dates],
            weights=[],
            agreement=[],
        )
        return replace(person, **rows)

    return make


def night(local_date: date, hours: float = 8) -> dict[str, Any]:
    """A night that ends at seven."""
    wake = datetime(local_date.year, local_date.month, local_date.day, 7)
    seconds = hours * 3600
    return {
        "sleep_status": "observed",
        "sleep_source": "strap",
        "bed_local": wake - timedelta(seconds=seconds),
        "wake_local": wake,
        "asleep_s": seconds,
        "deep_s": seconds / 4,
        "rem_s": seconds / 4,
        "light_s": seconds / 2,
    }
