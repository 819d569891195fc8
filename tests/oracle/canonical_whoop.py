"""WHOOP's sleeps, workouts and values, by the words of the canonical model."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .canonical_rows import Expected, kilocalories, number, of_record, seconds
from .canonical_time import instant, local, offset_minutes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

    from .canonical_readings import Known, Readings
    from .canonical_rows import Record
    from .records import Row

NOON = timedelta(hours=12)
#: Columns of a sleep, and the milliseconds that WHOOP tells.
SLEEP_TIMES = {
    "in_bed_s": ("stage_summary", "total_in_bed_time_milli"),
    "awake_s": ("stage_summary", "total_awake_time_milli"),
    "light_s": ("stage_summary", "total_light_sleep_time_milli"),
    "deep_s": ("stage_summary", "total_slow_wave_sleep_time_milli"),
    "rem_s": ("stage_summary", "total_rem_sleep_time_milli"),
    "no_data_s": ("stage_summary", "total_no_data_time_milli"),
    "need_baseline_s": ("sleep_needed", "baseline_milli"),
    "need_debt_s": ("sleep_needed", "need_from_sleep_debt_milli"),
    "need_strain_s": ("sleep_needed", "need_from_recent_strain_milli"),
    "need_nap_s": ("sleep_needed", "need_from_recent_nap_milli"),
}
#: Metrics of a recovery.
RECOVERY = {
    "resting_heart_rate": "resting_heart_rate",
    "hrv_rmssd": "hrv_rmssd_milli",
    "spo2": "spo2_percentage",
    "skin_temperature": "skin_temp_celsius",
}


@dataclass(frozen=True)
class CycleDate:
    """The date of a cycle, and why."""

    day: date
    rule: str
    anchor_offset: int | None
    main_sleep: Known | None = None

    @property
    def main_sleep_end(self) -> datetime | None:
        """When its main sleep ended; None without one."""
        return instant(self.main_sleep.record["end"]) if self.main_sleep else None

    @property
    def columns(self) -> Row:
        """What has the date of the cycle says so."""
        return {"local_date": self.day, "local_date_rule": self.rule}


@dataclass(frozen=True)
class Whoop:
    """All that was read of one member."""

    readings: Readings

    def sleeps(self) -> Iterator[Expected]:
        """Each sleep, naps included."""
        for known in self.readings["sleeps"]:
            record = known.record
            score = record.get("score") or {}
            parts = {name: score.get(name) or {} for name in ("stage_summary", "sleep_needed")}
            times = {
                column: seconds(parts[part].get(name))
                for column, (part, name) in SLEEP_TIMES.items()
            }
            stages = [times[name] for name in ("light_s", "deep_s", "rem_s")]
            yield self.expected(
                known,
                "sleeps",
                {
                    **span(record, "in_bed_start", "in_bed_end"),
                    **times,
                    "asleep_s": None if None in stages else sum(s for s in stages if s is not None),
                    "is_nap": record["nap"],
                    "is_main_sleep": not record["nap"],
                    "score_state": record["score_state"],
                    "disturbances": number(parts["stage_summary"].get("disturbance_count")),
                    "sleep_cycles": number(parts["stage_summary"].get("sleep_cycle_count")),
                    "efficiency_pct": number(score.get("sleep_efficiency_percentage")),
                    "performance_pct": number(score.get("sleep_performance_percentage")),
                    "consistency_pct": number(score.get("sleep_consistency_percentage")),
                    "respiratory_rate": number(score.get("respiratory_rate")),
                    "related_cycle_id": str(record["cycle_id"]),
                },
            )

    def workouts(self) -> Iterator[Expected]:
        """Each workout."""
        for known in self.readings["workouts"]:
            record = known.record
            score = record.get("score") or {}
            recorded = number(score.get("percent_recorded"))
            yield self.expected(
                known,
                "workouts",
                {
                    **span(record, "start", "end"),
                    "source_activity_name": record["sport_name"],
                    "score_state": record["score_state"],
                    "strain": number(score.get("strain")),
                    "hr_avg": number(score.get("average_heart_rate")),
                    "hr_max": number(score.get("max_heart_rate")),
                    "energy_kj": number(score.get("kilojoule")),
                    "coverage_pct": None if recorded is None else recorded * 100,
                    "distance_m": number(score.get("distance_meter")),
                    "elevation_gain_m": number(score.get("altitude_gain_meter")),
                    "elevation_change_m": number(score.get("altitude_change_meter")),
                },
            )

    def vitals(self) -> Iterator[Expected]:
        """Each value of the recoveries, sleeps, cycles and the profile."""
        yield from self._of_recoveries()
        for known in self.readings["sleeps"]:
            rate = (known.record.get("score") or {}).get("respiratory_rate")
            shared = effective(span(known.record, "effective_start", "effective_end"))
            yield from self._values(
                known, "sleeps", {"respiratory_rate": ("mean", number(rate))}, "sleep", shared
            )
        for known in self.readings["cycles"]:
            score = known.record.get("score") or {}
            values = {
                "max_heart_rate_day": ("max", number(score.get("max_heart_rate"))),
                "steps_day": ("sum", number(known.record.get("step_count"))),
                "energy_total_day": ("sum", kilocalories(score.get("kilojoule"))),
            }
            shared = span(known.record, "effective_start", "effective_end")
            dated = self.cycle_dates[known.name].columns
            yield from self._values(known, "cycles", values, "cycle", {**shared, **dated})
        for known in self.readings["body"]:
            values = {
                "body_weight": ("point", number(known.record.get("weight_kilogram"))),
                "body_height": ("point", number(known.record.get("height_meter"))),
            }
            offset = self.default_offset
            shared = {
                **point(known.read_at, offset),
                "tz_evidence": "default" if offset is None else "user_history",
                "modality": "self_reported",
            }
            yield from self._values(
                known, "user_body_measurement", values, "profile", effective(shared)
            )

    @cached_property
    def cycle_dates(self) -> Mapping[str, CycleDate]:
        """The date of each cycle: that of the end of its main sleep, else of its middle."""
        return {known.name: self._cycle_date(known) for known in self.readings["cycles"]}

    @cached_property
    def default_offset(self) -> int | None:
        """That of the newest record which tells one."""
        told = [
            (instant(known.record["start"]), offset)
            for collection in ("cycles", "sleeps", "workouts")
            for known in self.readings.alive(collection)
            if (offset := offset_minutes(known.record["timezone_offset"])) is not None
        ]
        return max(told)[1] if told else None

    def _cycle_date(self, known: Known) -> CycleDate:
        cycle = known.record
        nights = [
            sleep
            for sleep in self.readings.alive("sleeps")
            if str(sleep.record["cycle_id"]) == known.name
            and not sleep.record["nap"]
            and sleep.record["end"]
        ]
        start, offset = instant(cycle["start"]), offset_minutes(cycle["timezone_offset"])
        if nights:
            main = max(nights, key=_length)
            at, offset = instant(main.record["end"]), offset_minutes(main.record["timezone_offset"])
            return CycleDate(_day(at, offset), "main_sleep_end", offset, main)
        if cycle["end"] is None:
            return CycleDate(_day(start + NOON, offset), "open_cycle_start_plus_12h", offset)
        middle = start + (instant(cycle["end"]) - start) / 2
        return CycleDate(_day(middle, offset), "cycle_midpoint", offset)

    def recovery_time(self, known: Known) -> Row:
        """When a recovery is true: at the end of its sleep; it has the date of its cycle."""
        sleep = self._sleeps.get(known.record["sleep_id"])
        cycle = self.cycle_dates.get(known.name)
        # A deleted sleep is none, but what went with it stays where it was.
        if sleep and (sleep.deleted_at is None or known.deleted_at is not None):
            at = instant(sleep.record["end"])
            offset = offset_minutes(sleep.record["timezone_offset"])
        elif cycle and cycle.main_sleep_end:
            at, offset = cycle.main_sleep_end, cycle.anchor_offset
        else:
            at = instant(known.record["created_at"])
            offset = cycle.anchor_offset if cycle else None
        row = {**point(at, offset), "tz_evidence": "default" if offset is None else "source_offset"}
        return {**row, **cycle.columns} if cycle else effective(row)

    @cached_property
    def _sleeps(self) -> dict[str, Known]:
        return {sleep.name: sleep for sleep in self.readings["sleeps"]}

    def _of_recoveries(self) -> Iterator[Expected]:
        for known in self.readings["recoveries"]:
            score = known.record.get("score") or {}
            values = {
                metric: ("point", number(score.get(name))) for metric, name in RECOVERY.items()
            }
            yield from self._values(known, "recoveries", values, "sleep", self.recovery_time(known))

    def _values(
        self,
        known: Known,
        table: str,
        values: Mapping[str, tuple[str, Any]],
        context: str,
        shared: Row,
    ) -> Iterator[Expected]:
        """A row of each value that is there."""
        for metric, (statistic, value) in values.items():
            if value is not None:
                yield self.expected(
                    known,
                    table,
                    {
                        **shared,
                        "metric_code": metric,
                        "value_num": value,
                        "statistic": statistic,
                        "context": context,
                    },
                )

    def expected(self, known: Known, table: str, columns: Row) -> Expected:
        relation = f"whoop_raw.{table}"
        shared = {**of_record(self.readings.account, relation, known), "modality": "sensed"}
        return Expected({**shared, **columns}, (known.name,), known.record)


def span(record: Record, start: str, end: str) -> Row:
    """Both ends in UTC and on the clock, with the one offset that the record has."""
    offset = offset_minutes(record["timezone_offset"])
    row: Row = {"tz_evidence": "default" if offset is None else "source_offset"}
    for name, told in ((start, record["start"]), (end, record["end"])):
        at = instant(told) if told else None
        row |= {
            f"{name}_at": at,
            f"{name}_local": local(at, offset),
            f"{name}_utc_offset_min": offset if at else None,
        }
    return row


def point(at: datetime, offset: int | None) -> Row:
    """A time that is a point."""
    row: Row = {}
    for name in ("effective_start", "effective_end"):
        row |= {
            f"{name}_at": at,
            f"{name}_local": local(at, offset),
            f"{name}_utc_offset_min": offset,
        }
    return row


def effective(row: Row) -> Row:
    """Dated by the end of its time, or by the start while it goes on."""
    told: datetime = row["effective_end_local"] or row["effective_start_local"]
    return {**row, "local_date": told.date(), "local_date_rule": "effective_end"}


def _length(sleep: Known) -> tuple[timedelta, datetime]:
    """How long it was; of two as long, the later."""
    start, end = instant(sleep.record["start"]), instant(sleep.record["end"])
    return end - start, end


def _day(at: datetime, offset: int | None) -> date:
    told = local(at, offset)
    assert told
    return told.date()
