"""Score objects with plausible physiology. Units are WHOOP's: kJ, bpm, ms, percent, degC."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING

from health_sandbox.instants import HOUR, MINUTE, SECOND

if TYPE_CHECKING:
    import random

    from health_sandbox.timeline import Body

    from .members import Member
    from .sports import Sport

# How often, of all records it can happen to.
_NULL_SHARE, _NO_DATA_SHARE, _WHOLE_SHARE, _DISTANCE_SHARE = 0.5, 0.05, 0.85, 0.9

MAX_STRAIN = 21.0
"""The scale of strain, from the specification; its end is never reached."""


def unscored(chance: random.Random, score_state: str) -> Body:
    """Return the state of a record without a score: the score is null or absent, both occur."""
    state: Body = {"score_state": score_state}
    if chance.random() < _NULL_SHARE:
        state["score"] = None
    return state


def cycle_score(member: Member, strain: float, kilojoule: float) -> Body:
    """Return a CycleScore for a day's strain (0 to 21) and energy."""
    reserve = member.person.max_heart_rate - member.person.resting_heart_rate
    return {
        "strain": round(strain, 7),
        "kilojoule": round(kilojoule, 3),
        "average_heart_rate": round(
            member.person.resting_heart_rate + reserve * (0.06 + strain / 150)
        ),
        "max_heart_rate": round(member.person.resting_heart_rate + reserve * (0.25 + strain / 29)),
    }


def sleep_score(
    chance: random.Random, member: Member, milliseconds: int, *, nap: bool, settled: bool
) -> Body:
    """Return a SleepScore for a time in bed; the stages add up to it exactly.

    New members (not ``settled``) get no performance and no consistency, by the specification.
    """
    stages = _stages(chance, milliseconds)
    asleep = milliseconds - stages["total_awake_time_milli"] - stages["total_no_data_time_milli"]
    napped = chance.random() < member.person.nap_share and not nap
    needed = {
        "baseline_milli": int(7.4 * HOUR) + chance.randrange(HOUR // 2),
        "need_from_sleep_debt_milli": chance.randrange(int(1.2 * HOUR)),
        "need_from_recent_strain_milli": chance.randrange(40 * MINUTE),
        "need_from_recent_nap_milli": -chance.randrange(10 * MINUTE, HOUR) if napped else 0,
    }
    score: Body = {
        "stage_summary": stages,
        "sleep_needed": needed,
        "respiratory_rate": round(chance.gauss(14.9, 0.5) * 1024) / 1024,
        "sleep_efficiency_percentage": round(100 * asleep / milliseconds, 8),
    }
    if settled:
        # Live accounts show values that asleep / needed does not explain: hence the jitter.
        share = asleep / sum(needed.values()) * chance.uniform(0.75, 1.02)
        score["sleep_performance_percentage"] = float(min(100, round(100 * share)))
        score["sleep_consistency_percentage"] = float(chance.randrange(48, 97))
    return score


def _stages(chance: random.Random, milliseconds: int) -> dict[str, int]:
    awake = int(milliseconds * chance.uniform(0.03, 0.12))
    no_data = chance.randrange(MINUTE, 12 * MINUTE) if chance.random() < _NO_DATA_SHARE else 0
    asleep = milliseconds - awake - no_data
    slow_wave = int(asleep * chance.uniform(0.14, 0.26))
    rem = int(asleep * chance.uniform(0.17, 0.29))
    return {
        "total_in_bed_time_milli": milliseconds,
        "total_awake_time_milli": awake,
        "total_no_data_time_milli": no_data,
        "total_light_sleep_time_milli": asleep - slow_wave - rem,
        "total_slow_wave_sleep_time_milli": slow_wave,
        "total_rem_sleep_time_milli": rem,
        "sleep_cycle_count": max(1, asleep // (95 * MINUTE)),
        "disturbance_count": chance.randrange(0, 2 + milliseconds // (30 * MINUTE)),
    }


def recovery_score(chance: random.Random, member: Member, *, settled: bool) -> Body:
    """Return a RecoveryScore around the member's own baseline."""
    form = chance.gauss(0.0, 1.0)
    score: Body = {
        "user_calibrating": not settled,
        "recovery_score": float(min(99, max(1, round(100 / (1 + exp(-0.6 - 1.1 * form)))))),
        "resting_heart_rate": float(round(member.person.resting_heart_rate - 2.2 * form)),
        "hrv_rmssd_milli": round(member.hrv * exp(0.17 * form), 6),
    }
    if member.has_modern_strap:
        score["spo2_percentage"] = round(min(99.5, chance.gauss(96.1, 0.7)) * 16) / 16
        score["skin_temp_celsius"] = round(chance.gauss(33.9, 0.4), 6)
    return score


def workout_score(chance: random.Random, member: Member, sport: Sport, milliseconds: int) -> Body:
    """Return a WorkoutScore; the heart-rate zones add up to the recorded part of the time.

    ``percent_recorded`` is a fraction of 1, as live accounts show it, not a percentage.
    """
    recorded = 1.0 if chance.random() < _WHOLE_SHARE else round(chance.uniform(0.6, 0.99), 4)
    if sport.effort == 0:
        return {
            "strain": 0.0,
            "average_heart_rate": 0,
            "max_heart_rate": 0,
            "kilojoule": 0.0,
            "percent_recorded": 0.0,
            "zone_durations": _zones(0, 0.0),
        }
    effort = min(0.92, max(0.08, chance.gauss(sport.effort, 0.06)))
    reserve = member.person.max_heart_rate - member.person.resting_heart_rate
    minutes = milliseconds / MINUTE
    load = minutes * exp(4.2 * effort) / 1300
    peak = min(1.0, effort + chance.uniform(0.08, 0.22))
    score: Body = {
        "strain": round(MAX_STRAIN * (1 - exp(-load)), 6),
        "average_heart_rate": round(member.person.resting_heart_rate + reserve * effort),
        "max_heart_rate": round(member.person.resting_heart_rate + reserve * peak),
        "kilojoule": round(minutes * (8 + 62 * effort) * member.person.weight / 75, 6),
        "percent_recorded": recorded,
        "zone_durations": _zones(int(milliseconds * recorded), effort),
    }
    if sport.metres_per_second and chance.random() < _DISTANCE_SHARE:
        distance = sport.metres_per_second * milliseconds / SECOND * chance.uniform(0.8, 1.2)
        score["distance_meter"] = round(distance, 6)
        if sport.climbs:
            score["altitude_gain_meter"] = round(distance * chance.uniform(0.002, 0.03), 6)
            score["altitude_change_meter"] = round(chance.gauss(0.0, distance / 400), 6)
    return score


def _zones(milliseconds: int, effort: float) -> dict[str, int]:
    names = ("zero", "one", "two", "three", "four", "five")
    weights = [exp(-((zone - 6 * effort) ** 2) / 2) for zone in range(len(names))]
    zones = {
        f"zone_{name}_milli": int(milliseconds * weight / sum(weights))
        for name, weight in zip(names, weights, strict=True)
    }
    zones["zone_two_milli"] += milliseconds - sum(zones.values())
    return zones
