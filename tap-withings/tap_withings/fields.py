"""The fields that Withings sends only when asked by name (``data_fields``), with their units.

Always all of them are asked for: without a list the answers lack most, among them heart rate and
sleep score. Sources: https://developer.withings.com/api-reference, tags measure and sleep. Where
the document gives no unit, none is given here.
"""

from __future__ import annotations

from collections.abc import Mapping

Fields = Mapping[str, str]
"""Description by name."""

_HEART_RATE: Fields = {
    "hr_average": "Mean heart rate, beats per minute. 0 or absent: none was measured.",
    "hr_min": "Lowest heart rate, beats per minute. 0 or absent: none was measured.",
    "hr_max": "Highest heart rate, beats per minute. 0 or absent: none was measured.",
}
_HEART_RATE_ZONES: Fields = {
    "hr_zone_0": "Time in the light heart rate zone, seconds.",
    "hr_zone_1": "Time in the moderate heart rate zone, seconds.",
    "hr_zone_2": "Time in the intense heart rate zone, seconds.",
    "hr_zone_3": "Time in the maximal heart rate zone, seconds.",
}
#: These hold text; all other fields are quantities.
TEXTS = frozenset({"core_body_temperature_status"})
#: These hold an object.
OBJECTS = frozenset({"night_events"})

ACTIVITY: Fields = {
    "steps": "Steps.",
    "distance": "Distance, metres.",
    "elevation": "Floors climbed.",
    "soft": "Time of soft activity, seconds.",
    "moderate": "Time of moderate activity, seconds.",
    "intense": "Time of intense activity, seconds.",
    "active": "Time of moderate and intense activity, seconds.",
    "calories": "Energy burned by activity, kcal.",
    "totalcalories": "Energy burned in all, kcal.",
    **_HEART_RATE,
    **_HEART_RATE_ZONES,
}

INTRADAY: Fields = {
    "steps": "Steps since the entry before.",
    "elevation": "Floors climbed.",
    "calories": "Energy burned by activity, kcal.",
    "distance": "Distance, metres.",
    "stroke": "Swimming strokes.",
    "pool_lap": "Pool lengths.",
    "duration": "Length of what the entry covers, seconds.",
    "heart_rate": "Heart rate, beats per minute.",
    "spo2_auto": "Oxygen saturation measured without being asked for, %.",
    "rmssd": "Heart rate variability RMSSD, ms.",
    "sdnn1": "Heart rate variability SDNN over one minute, ms.",
    "hrv_quality": "Quality of the heart rate variability.",
    "core_body_temperature": "Core body temperature, degrees Celsius.",
    "rr": "Breaths per minute.",
    "chest_movement_rate": "Chest movements per minute.",
}

WORKOUT: Fields = {
    "calories": "Energy burned by activity, kcal.",
    "intensity": "Intensity from 0 to 100.",
    "manual_intensity": "Intensity as the user entered it, 0 to 100; 0: not given.",
    "manual_distance": "Distance as the user entered it, metres.",
    "manual_calories": "Energy as the user entered it, kcal.",
    **_HEART_RATE,
    **_HEART_RATE_ZONES,
    "pause_duration": "Pauses that the user made, seconds.",
    "algo_pause_duration": "Pauses that the device found, seconds; swimming only.",
    "spo2_average": "Mean oxygen saturation, %.",
    "core_body_temperature_avg": "Mean core body temperature, degrees Celsius.",
    "core_body_temperature_min": "Lowest core body temperature, degrees Celsius.",
    "core_body_temperature_max": "Highest core body temperature, degrees Celsius.",
    "core_body_temperature_status": "unknown, usual or elevated.",
    "steps": "Steps; not for swimming.",
    "distance": "Distance, metres; not for swimming.",
    "elevation": "Floors climbed; not for swimming.",
    "pool_laps": "Pool lengths; swimming only.",
    "strokes": "Strokes; swimming only.",
    "pool_length": "Length of the pool; swimming only.",
}

SLEEP: Fields = {
    "total_timeinbed": "Time in bed, seconds.",
    "total_sleep_time": "Time asleep: light, deep and REM, seconds.",
    "asleepduration": "Time asleep in a night that another source delivered, seconds.",
    "lightsleepduration": "Light sleep, seconds.",
    "remsleepduration": "REM sleep, seconds.",
    "deepsleepduration": "Deep sleep, seconds.",
    "sleep_efficiency": "Time asleep over time in bed, a ratio from 0 to 1.",
    "sleep_latency": "Time in bed before falling asleep, seconds.",
    "wakeup_latency": "Time in bed after waking up, seconds.",
    "wakeupduration": "Time awake in bed, seconds.",
    "wakeupcount": "Times woken up, leaving the bed not counted.",
    "waso": "Time awake in bed after first falling asleep, seconds.",
    "nb_rem_episodes": "REM phases.",
    "breathing_disturbances_intensity": "Intensity of breathing disturbances.",
    "apnea_hypopnea_index": "Apneas and hypopneas per hour; not in every country.",
    "withings_index": "Gaps in breathing per hour; not in every country.",
    "durationtosleep": "Deprecated: see sleep_latency. Seconds.",
    "durationtowakeup": "Deprecated: see wakeup_latency. Seconds.",
    "out_of_bed_count": "Times out of bed.",
    **_HEART_RATE,
    "rr_average": "Mean respiratory rate, breaths per minute.",
    "rr_min": "Lowest respiratory rate, breaths per minute.",
    "rr_max": "Highest respiratory rate, breaths per minute.",
    "breathing_quality_assessment": "Quality of breathing.",
    "snoring": "Time of snoring, seconds.",
    "snoringepisodecount": "Snoring episodes of a minute or more.",
    "sleep_score": "Withings' sleep score.",
    "night_events": "Seconds from startdate by type of event: 1 got in bed, 2 fell asleep, "
    "3 woke up, 4 got out of bed, 5 and 6 asleep and awake as entered. JSON.",
    "mvt_score_avg": "Mean movement score, 0 to 255.",
    "mvt_active_duration": "Time of movement, seconds.",
    "rmssd_start_avg": "Heart rate variability RMSSD, mean at the start of the night.",
    "rmssd_end_avg": "Heart rate variability RMSSD, mean at the end of the night.",
    "chest_movement_rate_wellness_average": "Mean respiratory rate, breaths per minute.",
    "chest_movement_rate_wellness_min": "Lowest respiratory rate, breaths per minute.",
    "chest_movement_rate_wellness_max": "Highest respiratory rate, breaths per minute.",
    "breathing_sounds": "Time of breathing sounds, seconds.",
    "breathing_sounds_episode_count": "Episodes of breathing sounds of a minute or more.",
    "chest_movement_rate_average": "Mean chest movements per minute.",
    "chest_movement_rate_min": "Fewest chest movements per minute.",
    "chest_movement_rate_max": "Most chest movements per minute.",
    "core_body_temperature_min": "Lowest core body temperature, degrees Celsius.",
    "core_body_temperature_max": "Highest core body temperature, degrees Celsius.",
    "core_body_temperature_avg": "Mean core body temperature, degrees Celsius.",
    "core_body_temperature_status": "unknown, usual or elevated.",
}

#: ``sdnn_1`` is written ``sdnn1`` among the intraday fields.
SLEEP_STATE: Fields = {
    "hr": "Heart rate, beats per minute, by second since the epoch. JSON.",
    "rr": "Breaths per minute, by second since the epoch. JSON.",
    "snoring": "Snoring, seconds, by second since the epoch. JSON.",
    "sdnn_1": "Heart rate variability SDNN, ms, by second since the epoch. JSON.",
    "rmssd": "Heart rate variability RMSSD, ms, by second since the epoch. JSON.",
    "hrv_quality": "Quality of the heart rate variability, by second since the epoch. JSON.",
    "mvt_score": "Movement score, by second since the epoch. JSON.",
    "chest_movement_rate": "Chest movements per minute, by second since the epoch. JSON.",
    "withings_index": "Gaps in breathing, by second since the epoch. JSON.",
    "breathing_sounds": "Breathing sounds, by second since the epoch. JSON.",
}


def data_fields(fields: Fields) -> str:
    """The value of the parameter ``data_fields`` that asks for all of them."""
    return ",".join(fields)
