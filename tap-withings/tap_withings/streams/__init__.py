"""Withings' streams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_withings.streams.heart import EcgSignals, HeartRecordings
from tap_withings.streams.measures import MeasureGroups, Measures
from tap_withings.streams.movement import Activity, IntradayActivity, Workouts
from tap_withings.streams.present import Devices, Goals, Profile
from tap_withings.streams.sleep import SleepStages, SleepSummary

if TYPE_CHECKING:
    from singer_sdk import Stream

STREAMS: tuple[type[Stream], ...] = (
    Profile,
    Devices,
    Goals,
    MeasureGroups,
    Measures,
    Activity,
    IntradayActivity,
    Workouts,
    SleepSummary,
    SleepStages,
    HeartRecordings,
    EcgSignals,
)
"""All of them."""
