"""The data fields of each service: all there are, and those that come unasked.

All are documented (API reference, ``data_fields``). What comes unasked is not: of sleep it is what
a recording shows, of the others a guess that is as small.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .envelope import INVALID_PARAMS, Fields, Refusal, Status

if TYPE_CHECKING:
    from collections.abc import Collection

    from health_sandbox.timeline import Body


@dataclass(frozen=True)
class DataFields:
    """What clients may ask for of one service."""

    all: tuple[str, ...]
    unasked: tuple[str, ...] = ()

    def asked(self, fields: Fields) -> Collection[str]:
        """Return the fields that a request lists, else those that come unasked.

        Raises:
            Refusal: it lists a field that does not exist.
        """
        if "data_fields" not in fields:
            return self.unasked
        names = {name.strip() for name in fields["data_fields"].split(",")}
        if not names <= {*self.all}:
            raise Refusal(Status.INVALID_PARAMS, INVALID_PARAMS)
        return names

    def cut(self, row: Body, asked: Collection[str]) -> Body:
        """Return a row without the data fields that were not asked for."""
        return {name: row[name] for name in row if name in asked or name not in self.all}


_HEART = ("hr_average", "hr_min", "hr_max", "hr_zone_0", "hr_zone_1", "hr_zone_2", "hr_zone_3")
_LEVELS = ("average", "min", "max")

_DAY = ("steps", "distance", "elevation", "soft", "moderate", "intense", "active")
ACTIVITY = DataFields(
    (*_DAY, "calories", "totalcalories", *_HEART), (*_DAY, "calories", "totalcalories")
)

_MINUTES = ("steps", "elevation", "calories", "distance", "stroke", "pool_lap", "duration")
INTRADAY = DataFields(
    (
        *_MINUTES,
        "heart_rate",
        "spo2_auto",
        "rmssd",
        "sdnn1",
        "hrv_quality",
        "core_body_temperature",
        "rr",
        "chest_movement_rate",
    ),
    _MINUTES,
)

_EFFORT = ("calories", "intensity", "manual_distance", "manual_calories")
WORKOUTS = DataFields(
    (
        *_EFFORT,
        "manual_intensity",
        *_HEART,
        "pause_duration",
        "algo_pause_duration",
        "spo2_average",
        "core_body_temperature_avg",
        "core_body_temperature_min",
        "core_body_temperature_max",
        "core_body_temperature_status",
        "steps",
        "distance",
        "elevation",
        "pool_laps",
        "strokes",
        "pool_length",
    ),
    _EFFORT,
)

_NIGHT = (
    "total_timeinbed",
    "total_sleep_time",
    "lightsleepduration",
    "remsleepduration",
    "deepsleepduration",
    "sleep_efficiency",
    "sleep_latency",
    "wakeup_latency",
    "wakeupduration",
    "wakeupcount",
    "waso",
    "nb_rem_episodes",
    "durationtosleep",
    "durationtowakeup",
    "out_of_bed_count",
)
SLEEP = DataFields(
    (
        *_NIGHT,
        "asleepduration",
        "breathing_disturbances_intensity",
        "apnea_hypopnea_index",
        "withings_index",
        *(f"{rate}_{level}" for rate in ("hr", "rr") for level in _LEVELS),
        "breathing_quality_assessment",
        "snoring",
        "snoringepisodecount",
        "sleep_score",
        "night_events",
        "mvt_score_avg",
        "mvt_active_duration",
        "rmssd_start_avg",
        "rmssd_end_avg",
        *(f"chest_movement_rate_wellness_{level}" for level in _LEVELS),
        "breathing_sounds",
        "breathing_sounds_episode_count",
        *(f"chest_movement_rate_{level}" for level in _LEVELS),
        "core_body_temperature_min",
        "core_body_temperature_max",
        "core_body_temperature_avg",
        "core_body_temperature_status",
    ),
    _NIGHT,
)

STAGES = DataFields(
    (
        "hr",
        "rr",
        "snoring",
        "sdnn_1",
        "rmssd",
        "hrv_quality",
        "mvt_score",
        "chest_movement_rate",
        "withings_index",
        "breathing_sounds",
    )
)
