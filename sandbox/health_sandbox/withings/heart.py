"""ECG and blood pressure recordings (API reference, heart_measurement_object), and signals."""

from __future__ import annotations

import random
from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING

from health_sandbox.instants import HOUR, MINUTE, SECOND
from health_sandbox.timeline import Body, Record, Version

from . import groups
from .devices import BPM_CORE, SCANWATCH, SCANWATCH_2, Device
from .life import Life, epoch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

_SAMPLES = 300
_BEAT = ((-0.16, 0.025, 110), (0.0, 0.01, 950), (0.03, 0.008, -210), (0.24, 0.05, 240))
"""P wave, R and S peak, T wave: seconds from the peak, width, height in microvolt."""
_CORE_HZ, _WATCH_HZ = 500, 300
_UNSTAMPED_SHARE = 0.15
_RECORDED_SHARE, _BY_CORE_SHARE = 0.35, 0.6
_WITH_ECG_SHARE, _WITH_SOUND_SHARE = 0.7, 0.3
"""Of the recordings of a BPM Core, which measures blood pressure in any case."""


@dataclass(frozen=True)
class Recording:
    """What a member recorded, before Withings says anything about it; instants in UTC."""

    device: Device
    taken: int
    stored: int
    afib: int


def ecg_on(life: Life, day: date) -> Recording | None:
    """Return the recording of a date, if there was one."""
    chance = life.draw("ecg", day)
    core = chance.random() < _BY_CORE_SHARE
    models = (BPM_CORE, SCANWATCH, SCANWATCH_2) if core else (SCANWATCH, SCANWATCH_2, BPM_CORE)
    found = (life.member.device(day, model) for model in models)
    device = next((device for device in found if device), None)
    if device is None or chance.random() >= _RECORDED_SHARE:
        return None
    taken = life.at(day, chance.uniform(8.5, 22.0))
    stored = taken + groups.delay(chance, life.habits.late_share)
    afib = chance.choices((0, 1, 2), (0.9, 0.02, 0.08))[0]
    return Recording(device, taken, stored, afib)


def recordings(life: Life, day: date) -> Iterator[Record]:
    """Return the row of the list for a date."""
    ecg, chance = ecg_on(life, day), life.draw("heart", day)
    if ecg is None:
        return
    core = ecg.device.model == BPM_CORE
    body: Body = {
        "deviceid": ecg.device.device_id(life.member),
        "model": ecg.device.model.model_id,
        "heart_rate": round(life.member.person.resting_heart_rate + chance.gauss(9, 5)),
        "modified": epoch(ecg.stored),
        "timestamp": epoch(ecg.taken),
    }
    if core:
        systole = round(chance.gauss(119, 7))
        body["bloodpressure"] = {"diastole": round(0.66 * systole), "systole": systole}
    if not core or chance.random() < _WITH_ECG_SHARE:
        signal_id = life.new_id(f"signal/{day}")
        body["ecg"] = {"signalid": signal_id, "afib": ecg.afib}
        if core and chance.random() < _WITH_SOUND_SHARE:
            body["stetho"] = {"signalid": signal_id + 1, "vhd": chance.choice((-1, 0, 0, 4))}
    if chance.random() < _UNSTAMPED_SHARE:
        del body["modified"]
    versions = [Version(ecg.stored, body)]
    if "ecg" in body and chance.random() < life.habits.correction_share:
        changed = ecg.stored + chance.randrange(30 * MINUTE, 20 * HOUR, SECOND)
        change = {"modified": epoch(changed), "ecg": {**body["ecg"], "afib": 2}}
        versions.append(Version(changed, {**body, **change}))
    yield Record(recording_key(body), versions)


def recording_key(body: Body) -> str:
    """Return what identifies a recording: its signal, or its time if it has none."""
    return str(body["ecg"]["signalid"] if body.get("ecg") else body["timestamp"])


def signal_of(recording: Body) -> Body:
    """Return the signal of a recording in microvolt; it is cut to some hundred samples."""
    core = recording["model"] == BPM_CORE.model_id
    frequency = _CORE_HZ if core else _WATCH_HZ
    noise = random.Random(recording["ecg"]["signalid"])  # noqa: S311 - made-up data
    beat = 60 / max(recording["heart_rate"], 30)
    return {
        "signal": [
            round(_voltage(sample / frequency % beat) + noise.gauss(0, 8))
            for sample in range(_SAMPLES)
        ],
        "sampling_frequency": frequency,
        "wearposition": 3 if core else 1,
        "model": recording["model"],
        "heart_rate": recording["heart_rate"],
    }


def _voltage(second: float) -> float:
    return sum(
        height * exp(-(((second - 0.2 - at) / width) ** 2) / 2) for at, width, height in _BEAT
    )
