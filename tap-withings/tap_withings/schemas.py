"""Record schemas.

Withings' specification documents answers, but is no schema: it calls parameters required that
exclude each other, and names fields otherwise than live answers do. Keys that are no ids of
Withings' own begin with ``user_id``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from health_tap_core.columns import (
    Column,
    boolean,
    day,
    instant,
    integer,
    json_text,
    number,
    text,
)
from health_tap_core.values import Dialect
from tap_withings import fields

if TYPE_CHECKING:
    from tap_withings.fields import Fields

#: Withings sends whole seconds since the epoch; the same field as a number here and a text there;
#: ``modelid`` in one service and ``model_id`` in another; and null for the device of an entry that
#: somebody typed in.
WITHINGS = Dialect(
    epochs=True,
    loose=True,
    aliases={"modelid": "model_id"},
    key_defaults={"deviceid": "", "model_id": -1, "brand": -1, "position": -1, "ecg_signalid": -1},
)

Columns = dict[str, Column]

_USER: Columns = {"user_id": text("Withings' user, from the token answer.")}
_DEVICE: Columns = {
    "deviceid": text("The device; see the stream devices. Empty where none is named."),
    "hash_deviceid": text("The device; see the stream devices."),
}
_MODEL: Columns = {
    "model": text("Device model."),
    "model_id": integer("Code of the device model (modelid in some answers); -1: not told."),
}
#: Some services send the model as a number.
_MODEL_CODE: Columns = {**_MODEL, "model": integer("Code of the kind of device.")}


def _data(names: Fields, prefix: str = "") -> Columns:
    def column(name: str, description: str) -> Column:
        if name in fields.OBJECTS:
            return json_text(description)
        return text(description) if name in fields.TEXTS else number(description)

    return {prefix + name: column(name, description) for name, description in names.items()}


#: What a group says of all its measures.
GROUP: Columns = {
    "grpid": integer("Withings' id of the group."),
    "attrib": integer("How the group came to the user; 1: may be somebody else's, 2: entered."),
    "category": integer("1: a measure, 2: a goal of the user."),
    "date": instant("When it was taken."),
    "created": instant("When Withings stored it."),
    "modified": instant("When Withings last changed it."),
    **_DEVICE,
    **_MODEL,
    "timezone": text("The account's zone when it was read, not where it was taken."),
}
MEASURE_GROUPS: Columns = {
    **_USER,
    **GROUP,
    "comment": text("Deprecated."),
    "measures": json_text("The measures of the group; see the stream measures. JSON."),
}
MEASURES: Columns = {
    **_USER,
    **GROUP,
    "type": integer("Code of what was measured."),
    "position": integer("Code of the place on the body; -1: not told."),
    "repeat": integer(
        "0; or counts on where a group holds several values of one type and position that differ."
    ),
    "value": number("value_raw * 10^unit_exponent, in SI units (kilograms, metres, ...)."),
    "value_raw": integer("The value as Withings sends it."),
    "unit_exponent": integer("The power of ten of the value."),
    "algo": integer("Deprecated."),
    "fm": integer("Deprecated."),
    "apppfmid": integer("Not documented."),
    "appliver": integer("Not documented."),
    "algo_params": json_text("Not documented. JSON."),
}
ACTIVITY: Columns = {
    **_USER,
    "date": day("The local day."),
    "timezone": text("Zone of the day."),
    **_DEVICE,
    "brand": integer("1: Withings, 18: another source by way of the phone; -1: not told."),
    "is_tracker": boolean("Whether a tracker of Withings counted."),
    "modified": instant("When Withings last changed it."),
    **_MODEL,
    **_data(fields.ACTIVITY),
}
INTRADAY: Columns = {
    **_USER,
    "timestamp": instant("Begin of what the entry covers."),
    **_DEVICE,
    **_MODEL,
    **_data(fields.INTRADAY),
}
WORKOUTS: Columns = {
    **_USER,
    "id": integer("Withings' id of the workout."),
    "category": integer("Code of the kind of workout."),
    "timezone": text("Zone of the workout."),
    **_MODEL_CODE,
    "attrib": integer("How the workout came to the user."),
    "startdate": instant("Begin."),
    "enddate": instant("End."),
    "date": day("The local day."),
    "modified": instant("When Withings last changed it."),
    **_DEVICE,
    **_data(fields.WORKOUT, "data_"),
}
SLEEP_SUMMARY: Columns = {
    **_USER,
    "id": integer("Withings' id of the sleep session."),
    "timezone": text("Zone of the night."),
    **_MODEL_CODE,
    **_DEVICE,
    "startdate": instant("Begin."),
    "enddate": instant("End."),
    "date": day("The local day of the end."),
    "created": instant("When Withings stored it."),
    "modified": instant("When Withings last changed it."),
    "completed": boolean("Whether the night is over for Withings."),
    **_data(fields.SLEEP, "data_"),
}
SLEEP_STAGES: Columns = {
    **_USER,
    "sleep_id": integer("Id of the sleep summary whose time this is."),
    "startdate": instant("Begin."),
    "enddate": instant("End."),
    "state": integer("Code of the stage."),
    "hash_deviceid": text("The device, if told."),
    **_MODEL,
    **{name: json_text(description) for name, description in fields.SLEEP_STATE.items()},
}
HEART_RECORDINGS: Columns = {
    **_USER,
    **_DEVICE,
    **_MODEL_CODE,
    "timestamp": instant("When it was recorded."),
    "modified": instant("When Withings last changed it."),
    "timezone": text("Zone, if told."),
    "heart_rate": number("Mean heart rate, beats per minute."),
    "ecg_signalid": integer("Id of the ECG's signal; -1: no ECG. See the stream ecg_signals."),
    "ecg_afib": integer("Code of the classification for atrial fibrillation."),
    "bloodpressure_diastole": number("Diastolic blood pressure, mmHg."),
    "bloodpressure_systole": number("Systolic blood pressure, mmHg."),
    "stetho_signalid": integer("Id of the stethoscope's signal."),
    "stetho_vhd": integer("Code of the classification for valvular heart disease."),
}
ECG_SIGNALS: Columns = {
    **_USER,
    "signalid": integer("Withings' id of the signal."),
    "timestamp": instant("When it was recorded."),
    **_DEVICE,
    "signal": json_text("The samples, microvolt. JSON."),
    "sampling_frequency": number("Samples per second."),
    "wearposition": integer("Code of where the device was worn."),
    **_MODEL_CODE,
    "heart_rate": number("Mean heart rate, beats per minute."),
}
DEVICES: Columns = {
    **_USER,
    **_DEVICE,
    "type": text("Kind of device."),
    **_MODEL,
    "battery": text("high (above 75 %), medium (above 30 %) or low."),
    "timezone": text("Zone of the device."),
    "first_session_date": instant("When it first reached Withings."),
    "last_session_date": instant("When it last reached Withings."),
    "mac_address": text("For advanced partners only."),
    "fw": text("Firmware; for advanced partners only."),
    "network": text("For advanced partners only."),
    "last_used_network": text("For advanced partners only."),
    "sim_status": text("Not documented."),
}
GOALS: Columns = {
    **_USER,
    "steps": number("Steps a day."),
    "sleep": number("Sleep a night, seconds."),
    "weight_value": number("Weight goal: value * 10^unit kilograms."),
    "weight_unit": integer("The power of ten of weight_value."),
}
PROFILE: Columns = {**_USER, "scope": text("The scopes of the grant, separated by blanks.")}
