"""The judges of the exports: each accepts a sound row, and none that is broken in one place."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from .standards import fhir, ieee1752, omop

WEIGHT: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "96f7286a4770c0a61d199c57d5e3e09c",
    "status": "final",
    "category": [
        {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                    "code": "vital-signs",
                }
            ]
        }
    ],
    "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
    "subject": {"reference": "Patient/9a46cbf1d499ae170cc80deff2d2c25f"},
    "effectiveDateTime": "2026-02-02T07:10:00.5+01:00",
    "valueQuantity": {
        "value": 75.5,
        "unit": "kg",
        "system": "http://unitsofmeasure.org",
        "code": "kg",
    },
}
HALF = {
    "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]},
    "valueQuantity": {**WEIGHT["valueQuantity"], "unit": "mm[Hg]", "code": "mm[Hg]"},
}
PANEL = {"coding": [{"system": "http://loinc.org", "code": "85354-9"}]}
MEASUREMENT: dict[str, Any] = dict.fromkeys(field.name for field in omop.FIELDS) | {
    "measurement_id": 1,
    "person_id": 2,
    "measurement_concept_id": 0,
    "measurement_date": date(2026, 2, 2),
    "measurement_datetime": datetime(2026, 2, 2, 7, 10),
    "measurement_type_concept_id": 0,
    "value_as_number": Decimal("75.5"),
    "measurement_source_value": "29463-7",
    "value_source_value": "75.5",
}
COLUMNS = [
    (field.name, min(omop.TYPES[field.type])) for field in omop.FIELDS
]  # as information_schema has them
HEADER: dict[str, Any] = {
    "uuid": "89b43df2-d2b7-8b34-8088-ca43d0ae6dd6",
    "schema_id": {"namespace": "ieee", "name": "sleep-episode", "version": "1.0"},
    "source_creation_date_time": "2026-03-08T12:00:00+00:00",
    "modality": "sensed",
}
INTERVAL = {
    "start_date_time": "2026-03-07T23:10:00-05:00",
    "end_date_time": "2026-03-08T07:40:00-04:00",
}
BODY: dict[str, Any] = {
    "effective_time_frame": {"time_interval": INTERVAL},
    "total_sleep_time": {"value": 25200.5, "unit": "sec"},
    "number_of_awakenings": 2,
}


def changed(sound: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy with another value in one place; without the place, if the value is `...`."""
    copy = deepcopy(sound)
    *way, last = path.split(".")
    place = copy
    for name in way:
        place = place[name]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return copy


def test_sound_rows_have_no_faults() -> None:
    assert fhir.faults(json.dumps(WEIGHT)) == []
    assert omop.faults_of_columns(COLUMNS) == []
    assert omop.faults_of_rows([tuple(MEASUREMENT.values())]) == []
    assert ieee1752.faults(json.dumps(HEADER), json.dumps(BODY)) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("id", "whoop:10129"),
        ("id", "a" * 65),
        ("status", "done"),
        ("status", ...),
        ("code", None),
        ("code.coding", []),
        ("subject.reference", "Patient/whoop:10129"),
        ("category", []),
        ("weight", 75.5),
        ("effectiveDateTime", ...),
        ("effectiveDateTime", "2026-02-02T07:10:00"),
        ("effectiveDateTime", "2026-02-02 07:10:00+01:00"),
        ("effectivePeriod", {"start": "2026-02-02T07:10:00+01:00"}),
        ("valueString", "75.5"),
        ("valueQuantity.value", "much"),
        ("valueQuantity.code", "g/m2"),
        ("valueQuantity.system", ...),
        ("note", [{}]),
        ("note", [{"text": ""}]),
        ("device", {"reference": "Device/"}),
        ("component", [HALF]),
        ("code", PANEL),
    ],
)
def test_a_broken_observation_is_refused(path: str, value: Any) -> None:
    broken = changed(WEIGHT, path, value)
    if path == "component":
        broken = changed(broken, "code", PANEL)
    assert fhir.faults(json.dumps(broken))


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    broken = changed(WEIGHT, "effectiveDateTime", ...)
    broken["effectivePeriod"] = {
        "start": "2026-02-02T00:30:00+01:00",
        "end": "2026-02-02T00:10:00Z",
    }
    assert fhir.faults(json.dumps(broken)) == []
    broken["effectivePeriod"]["end"] = "2026-02-02T00:20:00+01:00"
    assert fhir.faults(json.dumps(broken)) == ["it ends before it starts"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("measurement_id", None),
        ("person_id", None),
        ("measurement_concept_id", None),
        ("measurement_date", None),
        ("measurement_date", date(2026, 2, 3)),
        ("measurement_type_concept_id", None),
        ("measurement_source_value", "x" * 51),
        ("value_source_value", "9" * 51),
    ],
)
def test_a_broken_measurement_is_refused(name: str, value: Any) -> None:
    assert omop.faults_of_rows([tuple({**MEASUREMENT, name: value}.values())])


def test_broken_columns_and_repeated_measurements_are_refused() -> None:
    assert omop.faults_of_columns(COLUMNS[1:])
    assert omop.faults_of_columns([COLUMNS[1], COLUMNS[0], *COLUMNS[2:]])
    assert omop.faults_of_columns([(COLUMNS[0][0], "text"), *COLUMNS[1:]])
    assert omop.faults_of_rows([tuple(MEASUREMENT.values())] * 2)
    nothing = {**MEASUREMENT, "value_as_number": None, "value_source_value": None}
    assert omop.faults_of_rows([tuple(nothing.values())])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("header.uuid", "89b43df2d2b7"),
        ("header.schema_id", ...),
        ("header.schema_id.version", "1.1"),
        ("header.source_creation_date_time", "2026-03-08"),
        ("header.modality", "imported"),
        ("header.user", "whoop:10129"),
        ("body.effective_time_frame", ...),
        ("body.effective_time_frame.time_interval.end_date_time", ...),
        ("body.effective_time_frame.time_interval.start_date_time", "2026-03-07T23:10:00"),
        ("body.total_sleep_time", 25200.5),
        ("body.total_sleep_time.unit", "s"),
        ("body.total_sleep_time.value", "25200.5"),
        ("body.number_of_awakenings", 2.5),
        ("body.is_main_sleep", "true"),
        ("body.sleep_efficiency_percentage", {"value": 93.25, "unit": "sec"}),
        ("body.total_sleep_tyme", {"value": 1, "unit": "sec"}),
    ],
)
def test_a_broken_episode_is_refused(path: str, value: Any) -> None:
    point = changed({"header": HEADER, "body": BODY}, path, value)
    assert ieee1752.faults(json.dumps(point["header"]), json.dumps(point["body"]))
