"""What vendors make of their measurements: cycles of WHOOP, and scores."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .canonical_rows import Expected, key, number
from .canonical_time import local
from .canonical_whoop import effective, span
from .canonical_withings import span as span_of_withings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .canonical_readings import Known
    from .canonical_whoop import Whoop
    from .canonical_withings import Withings
    from .records import Row

EFFECTIVE = ("effective_start", "effective_end")


def cycles(whoop: Whoop) -> Iterator[Expected]:
    """Each physiological cycle."""
    for known in whoop.readings["cycles"]:
        record = known.record
        score = record.get("score") or {}
        dated = whoop.cycle_dates[known.name]
        columns = {
            **span(record, "cycle_start", "cycle_end"),
            **dated.columns,
            "main_sleep_key": _key(whoop, dated.main_sleep.name) if dated.main_sleep else None,
            "is_open": record["end"] is None,
            "score_state": record["score_state"],
            "strain": number(score.get("strain")),
            "energy_kj": number(score.get("kilojoule")),
            "hr_avg": number(score.get("average_heart_rate")),
            "hr_max": number(score.get("max_heart_rate")),
            "steps": number(record.get("step_count")),
        }
        yield whoop.expected(known, "cycles", columns)


def of_whoop(whoop: Whoop) -> Iterator[Expected]:
    """Each score of recoveries, cycles, workouts and sleeps; pending ones without a value."""
    for known in whoop.readings["recoveries"]:
        score = known.record.get("score") or {}
        columns = {
            **whoop.recovery_time(known),
            "is_calibrating": score.get("user_calibrating"),
            "related_sleep_key": _key(whoop, known.record["sleep_id"]),
            "related_cycle_key": _key(whoop, known.name),
        }
        yield from _score(whoop, known, "recoveries", "recovery", "recovery_score", columns)
    for known in whoop.readings["cycles"]:
        columns = {
            **span(known.record, *EFFECTIVE),
            **whoop.cycle_dates[known.name].columns,
            "related_cycle_key": _key(whoop, known.name),
        }
        yield from _score(whoop, known, "cycles", "strain", "strain", columns)
    for known in whoop.readings["workouts"]:
        row = span(known.record, *EFFECTIVE)
        columns = {
            **row,
            "local_date": row["effective_start_local"].date(),
            "local_date_rule": "start",
            "related_workout_key": _key(whoop, known.name),
        }
        yield from _score(whoop, known, "workouts", "workout_strain", "strain", columns)
    for known in whoop.readings["sleeps"]:
        columns = {
            **effective(span(known.record, *EFFECTIVE)),
            "local_date_rule": "wake",
            "related_sleep_key": _key(whoop, known.name),
            "related_cycle_key": _key(whoop, known.record["cycle_id"]),
        }
        for code in ("sleep_performance", "sleep_consistency"):
            yield from _score(whoop, known, "sleeps", code, f"{code}_percentage", columns)


def of_withings(withings: Withings) -> Iterator[Expected]:
    """The score of each night that has one."""
    for known in withings.readings["sleep_summary"]:
        score = number((known.record.get("data") or {}).get("sleep_score"))
        row = span_of_withings(known.record, *EFFECTIVE)
        told = local(row["effective_end_at"], row["effective_end_utc_offset_min"])
        if score is not None and told:
            columns = {
                **row,
                "device_key": None,
                "modality": "derived",
                "score_code": "withings.sleep_score",
                "value": score,
                "score_state": "SCORED",
                "local_date": told.date(),
                "local_date_rule": "wake",
                "related_sleep_key": _key(withings, known.name),
            }
            yield withings.expected(known, "sleep_summary", columns)


def _score(
    whoop: Whoop, known: Known, table: str, code: str, name: str, columns: Row
) -> Iterator[Expected]:
    """A row, unless the record is scored and lacks this score."""
    value = number((known.record.get("score") or {}).get(name))
    state = known.record["score_state"]
    if value is not None or state != "SCORED":
        told = {"score_code": f"whoop.{code}", "value": value, "score_state": state}
        yield whoop.expected(known, table, {**columns, **told, "modality": "derived"})


def _key(member: Whoop | Withings, name: object) -> str:
    account = member.readings.account
    return key(account.vendor, account.number, name)
