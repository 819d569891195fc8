"""The catalog is a contract with every loader: any change to it must be a visible diff."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from syrupy.extensions.json import JSONSnapshotExtension

from health_tap_core.catalog_checks import catalog_of, check_catalog
from tap_withings import fields, schemas
from tap_withings.tap import TapWithings

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

KEYS = {
    "profile": ["user_id"],
    "devices": ["user_id", "deviceid"],
    "goals": ["user_id"],
    "measure_groups": ["grpid"],
    "measures": ["grpid", "type", "position", "repeat"],
    "activity": ["user_id", "date", "brand", "deviceid"],
    "intraday_activity": ["user_id", "timestamp"],
    "workouts": ["id"],
    "sleep_summary": ["id"],
    "sleep_stages": ["sleep_id", "model_id", "startdate", "state"],
    "heart_recordings": ["user_id", "deviceid", "timestamp", "ecg_signalid"],
    "ecg_signals": ["signalid"],
}
OPT_IN = {"intraday_activity", "sleep_stages", "ecg_signals"}
CATALOG = {entry["tap_stream_id"]: entry for entry in catalog_of(TapWithings)["streams"]}


def test_a_loader_can_keep_every_column_for_ever() -> None:
    check_catalog(TapWithings, KEYS)


@pytest.mark.parametrize("stream", KEYS)
def test_the_catalog_has_not_changed(stream: str, snapshot: SnapshotAssertion) -> None:
    assert CATALOG[stream] == snapshot(extension_class=JSONSnapshotExtension)


@pytest.mark.parametrize("stream", KEYS)
def test_what_costs_many_requests_is_not_selected_by_itself(stream: str) -> None:
    selected = {
        item["metadata"].get("selected-by-default", True)
        for item in CATALOG[stream]["metadata"]
        if not item["breadcrumb"]
    }
    assert selected == {stream not in OPT_IN}


@pytest.mark.parametrize("stream", KEYS)
def test_only_identifiers_and_codes_are_integers(stream: str) -> None:
    quantities = {*fields.ACTIVITY, *fields.INTRADAY, *fields.WORKOUT, *fields.SLEEP, "value"}
    for name, column in CATALOG[stream]["schema"]["properties"].items():
        if name.removeprefix("data_") in quantities:
            assert column["type"][0] != "integer", f"{name} breaks on its first fraction"


def test_every_column_is_described() -> None:
    for entry in CATALOG.values():
        assert all(column.get("description") for column in entry["schema"]["properties"].values())


@pytest.mark.parametrize(
    ("columns", "asked", "prefix", "count"),
    [
        (schemas.ACTIVITY, fields.ACTIVITY, "", 16),
        (schemas.INTRADAY, fields.INTRADAY, "", 15),
        (schemas.WORKOUTS, fields.WORKOUT, "data_", 25),
        (schemas.SLEEP_SUMMARY, fields.SLEEP, "data_", 46),
        (schemas.SLEEP_STAGES, fields.SLEEP_STATE, "", 10),
    ],
)
def test_every_field_that_is_asked_for_has_a_column(
    columns: schemas.Columns, asked: fields.Fields, prefix: str, count: int
) -> None:
    assert len(fields.data_fields(asked).split(",")) == count
    assert {prefix + name for name in asked} <= columns.keys()
