"""What is wrong with a data point of IEEE 1752.1, a sleep episode.

Names, types, units and what is required are those of `header` 1.0, `sleep-episode` 1.0 and of what
these refer to (`time-frame`, `time-interval`, `date-time`, `duration-unit-value`,
`percent-unit-value`, `schema-id`). The published schemas let other fields through; these do not, so
that a misspelt one is found.
"""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft7Validator, FormatChecker


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _quantity(*units: str) -> dict[str, Any]:
    return _object(["value", "unit"], value={"type": "number"}, unit={"enum": list(units)})


_DATE_TIME = {"type": "string", "format": "date-time"}
_DURATION = _quantity("ps", "ns", "us", "ms", "sec", "min", "h", "d", "wk", "Mo", "yr")
_TEXT = {"type": "string"}

HEADER = _object(
    ["uuid", "schema_id", "source_creation_date_time"],
    uuid={"type": "string", "format": "uuid"},
    schema_id=_object(["namespace", "name", "version"], namespace=_TEXT, name=_TEXT, version=_TEXT),
    source_creation_date_time=_DATE_TIME,
    modality={"enum": ["sensed", "self-reported"]},
    external_datasheets={
        "type": "array",
        "minItems": 1,
        "items": _object(
            ["datasheet_reference"],
            datasheet_type=_TEXT,
            datasheet_reference={"type": "string", "pattern": r"^[a-z][a-z0-9+.-]*:\S+$"},
        ),
    },
)
BODY = _object(
    ["effective_time_frame"],
    effective_time_frame=_object(
        ["time_interval"],
        time_interval=_object(
            ["start_date_time", "end_date_time"],
            start_date_time=_DATE_TIME,
            end_date_time=_DATE_TIME,
        ),
    ),
    latency_to_sleep_onset=_DURATION,
    latency_to_arising=_DURATION,
    total_sleep_time=_DURATION,
    light_sleep_duration=_DURATION,
    deep_sleep_duration=_DURATION,
    rem_sleep_duration=_DURATION,
    wake_after_sleep_onset=_DURATION,
    number_of_awakenings={"type": "integer"},
    is_main_sleep={"type": "boolean"},
    sleep_efficiency_percentage=_quantity("%"),
)
EPISODE = {"namespace": "ieee", "name": "sleep-episode", "version": "1.0"}


def faults(header: str, body: str) -> list[str]:
    """All that is wrong with one data point, in words."""
    found = [
        f"{part} {'.'.join(map(str, error.absolute_path))}: {error.validator}"
        for part, schema, text in (("header", HEADER, header), ("body", BODY, body))
        for error in Draft7Validator(schema, format_checker=FormatChecker()).iter_errors(
            json.loads(text)
        )
    ]
    if not found and json.loads(header)["schema_id"] != EPISODE:
        found.append("header: it says that it is something else")
    return found
