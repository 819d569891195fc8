"""What the pictures say of people whose days are known."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from markupsafe import escape

from health_dashboards.report import page
from health_dashboards.report.charts import activity, body, known_days, recovery, sleep, sources
from health_dashboards.report.charts.running_mean import running_means
from health_dashboards.report.marts import DAYS
from health_dashboards.report.tiles import tiles

from .conftest import UNTIL, night

if TYPE_CHECKING:
    from collections.abc import Callable

    from health_dashboards.report.figure import Figure
    from health_dashboards.report.marts import Person

    MakePerson = Callable[..., Person]

NOON = datetime(2026, 6, 2, 12, tzinfo=timezone.utc)


def data_of(figure: Figure) -> list[dict[str, Any]]:
    """All rows that a picture draws."""
    assert figure.spec
    return [row for rows in figure.spec["datasets"].values() for row in rows]


def test_a_person_without_numbers_is_told_what_to_do(make_person: MakePerson) -> None:
    nobody = make_person()
    shown = {figure.name: figure for part in page.sections(nobody) for figure in part.figures}
    empty = {name: figure.text for name, figure in shown.items() if figure.chart is None}
    assert set(shown) - set(empty) == {"known_days", "sources"}
    assert "Step on the scale, then sync." in empty["weight"]
    assert tiles(nobody) == []
    html = page.render(nobody, NOON)
    for text in empty.values():
        assert escape(text) in html


def test_what_is_missing_is_a_gap_and_no_zero(make_person: MakePerson) -> None:
    days = {
        UNTIL - timedelta(days=back): {"steps": 1000 * back, "steps_source": "watch"}
        for back in (0, 2)
    }
    (steps, _, _) = activity.values(make_person(days))
    values = {row["local_date"]: row["value"] for row in data_of(steps)}
    assert len(values) == DAYS
    assert [values[f"2026-{day}"] for day in ("05-30", "05-31", "06-01")] == [2000, None, 0]
    assert steps.text == "0 on Mon 1 Jun 2026. 2 dates of 90 have a value."
    assert [row[1] for row in steps.rows[:3]] == ["0", "-", "2 000"]


def test_a_mean_needs_half_of_its_dates() -> None:
    known = [10.0] * 13
    assert running_means([*known, None, 24.0]) == [None] * 14 + [pytest.approx(11.0)]
    assert running_means([1.0] * 28 + [2.0] * 28)[-1] == 2.0


def test_a_tile_compares_with_the_weeks_before(make_person: MakePerson) -> None:
    days: dict[date, dict[str, Any]] = {
        UNTIL - timedelta(days=back): {"steps": 5000, "steps_source": "watch"}
        for back in range(1, 29)
    }
    yesterday = UNTIL - timedelta(days=1)
    days[yesterday] = {"steps": 7000, "steps_source": "watch"}
    days[UNTIL] = {"steps": 12, "steps_source": "watch", "is_over": False}
    (tile,) = tiles(make_person(days))
    assert (tile.title, tile.value, tile.usual) == ("Steps", "7 000", "2 000 more than usual")
    assert tile.told == "watch, Sun 31 May 2026"


def test_a_night_is_drawn_by_stage_and_from_when_to_when(make_person: MakePerson) -> None:
    person = make_person({
        UNTIL: night(UNTIL),
        UNTIL - timedelta(days=1): {
            **night(UNTIL - timedelta(days=1), 6), "deep_s": None, "rem_s": None, "light_s": None
        },
    })  # fmt: skip
    stages = {
        (row["local_date"], row["stage"]): row["hours"]
        for row in data_of(sleep.stages(person))
        if "stage" in row
    }
    assert stages == {
        ("2026-05-31", "not told apart"): 6,
        ("2026-06-01", "deep"): 2,
        ("2026-06-01", "REM"): 2,
        ("2026-06-01", "light"): 4,
    }
    bedtimes = sleep.bedtimes(person)
    assert [(row["bed"], row["wake"]) for row in data_of(bedtimes)] == [(13, 19), (11, 19)]
    assert bedtimes.text.startswith("From 00:00 to 07:00 on average")
    assert "7 h 00 min a night on average; 2 nights" in sleep.stages(person).text


@pytest.mark.parametrize(
    ("score", "zone"), [(0, "low"), (33, "low"), (34, "medium, from 34"), (67, "high, from 67")]
)
def test_recovery_has_the_zones_of_its_vendor(
    make_person: MakePerson, score: int, zone: str
) -> None:
    person = make_person({UNTIL: {"recovery_score": score, "recovery_score_source": "strap"}})
    assert recovery.recovery(person).rows[0][1:4] == (str(score), zone, "strap")


def test_workouts_add_up_by_week_from_monday(make_person: MakePerson) -> None:
    sunday = date(2026, 5, 31)
    person = make_person(
        {
            UNTIL: {"workouts": 1, "workout_duration_s": 1800},
            sunday: {"workouts": 2, "workout_duration_s": 5400},
            sunday - timedelta(days=6): {"workouts": 1, "workout_duration_s": None},
        }
    )
    assert list(activity.workouts(person).rows[:2]) == [
        ("Mon 1 Jun 2026", "30 min", "1"),
        ("Mon 25 May 2026", "1 h 30 min", "3"),
    ]


def test_the_trend_of_the_weight_breaks_at_a_gap(make_person: MakePerson) -> None:
    weigh_in = {
        "weight_kg": 70.0,
        "trend_kg": 70.1,
        "weight_source": "scale",
        "is_outlier": False,
        "change_per_week_kg": None,
        "is_gap": True,
    }
    weights = [
        {**weigh_in, "local_date": UNTIL - timedelta(days=40)},
        {**weigh_in, "local_date": UNTIL - timedelta(days=39), "is_gap": False, "is_outlier": True},
        {**weigh_in, "local_date": UNTIL, "change_per_week_kg": -0.25},
    ]
    weight = body.weight(make_person(weights=weights))
    assert [row["stretch"] for row in data_of(weight)][:3] == [1, 1, 2]
    assert weight.text == (
        "70.1 kg is the trend of Mon 1 Jun 2026, -0.25 kg a week. "
        "3 dates with a weigh-in in a year."
    )
    assert [row[4] for row in weight.rows] == ["weigh-in", "does not fit", "weigh-in"]


def test_each_number_is_counted_by_its_source(make_person: MakePerson) -> None:
    days = {
        UNTIL: {"steps": 1, "steps_source": "watch"},
        UNTIL - timedelta(days=1): {"steps": 2, "steps_source": "strap"},
    }
    figure = sources.sources(make_person(days))
    assert list(figure.headings) == ["number", "strap", "watch", "none"]
    assert ("steps", "1", "1", str(DAYS - 2)) in figure.rows


def test_devices_are_compared_in_percent(make_person: MakePerson) -> None:
    pair = {"metric": "asleep_s", "source_a": "strap", "source_b": "watch", "pairs": 12}
    said = {"mean_a": 30_000.0, "mean_b": 20_000.0, "bias": 10_000.0}
    row = {**pair, **said, "lower_limit": -2_500.0, "upper_limit": 22_500.0}
    (shown,) = sources.agreement(make_person(agreement=[row])).rows
    assert shown == ("asleep", "strap less watch", "12", "+40.0", "-10.0", "+90.0")


def test_each_date_says_why_it_is_empty(make_person: MakePerson) -> None:
    person = make_person({UNTIL: {"sleep_status": "pending_score", "body_status": "not_measured"}})
    shown = known_days.known_days(person)
    assert shown.rows[0][1:] == (
        *("pending score", "not worn", "not worn", "not worn"),
        "not measured",
    )
    assert "448 not worn" in shown.text
    assert "1 pending score" in shown.text


def test_what_a_person_is_called_is_text_and_nothing_else(make_person: MakePerson) -> None:
    html = page.render(make_person(user_id="</script><script>alert(1)</script>"), NOON)
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html
