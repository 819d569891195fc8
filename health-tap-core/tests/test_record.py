from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from health_tap_core.errors import MalformedAnswerError
from health_tap_core.record import RecordBuilder, VendorRecord
from health_tap_core.values import Dialect

SCHEMA = {
    "properties": {
        "id": {"type": ["integer"]},
        "user_id": {"type": ["integer", "null"]},
        "start": {"type": ["string", "null"], "format": "date-time"},
        "note": {"type": ["string", "null"]},
        "score_strain": {"type": ["number", "null"]},
        "score_zones_one_milli": {"type": ["number", "null"]},
        "account": {"type": ["string"]},
        "synced_at": {"type": ["string"], "format": "date-time"},
        "raw": {"type": ["string", "null"]},
    }
}
OWN = {"account": "ana", "synced_at": "2026-06-01T12:00:00Z"}


def build(text: str, builder: RecordBuilder | None = None) -> dict[str, Any]:
    builder = builder or RecordBuilder(SCHEMA, ["id"])
    return builder.build(VendorRecord(msgspec.Raw(text.encode())), user_id=7, **OWN)


def test_nested_fields_become_columns_and_every_column_is_there() -> None:
    record = build('{"id":1,"score":{"strain":1.10,"zones":{"one_milli":300000}}}')
    assert record == {
        "id": 1,
        "user_id": 7,
        "start": None,
        "note": None,
        "score_strain": Decimal("1.10"),
        "score_zones_one_milli": 300000,
        **OWN,
        "raw": '{"id":1,"score":{"strain":1.10,"zones":{"one_milli":300000}}}',
    }


def test_raw_is_the_vendors_text_to_the_byte() -> None:
    text = '{ "id" : 9223372036854775807, "x": 12345678901234567890.100, "y": "\\u0000é" }'
    assert build(text)["raw"] == text


def test_numbers_keep_the_digits_that_the_vendor_wrote() -> None:
    assert str(build('{"id":1,"score":{"strain":5.29515270000}}')["score_strain"]) == (
        "5.29515270000"
    )


def test_instants_leave_in_utc() -> None:
    assert build('{"id":1,"start":"2026-03-10T00:30:00-05:00"}')["start"] == "2026-03-10T05:30:00Z"


def test_nul_is_taken_out_of_text_because_postgres_cannot_hold_it() -> None:
    assert build('{"id":1,"note":"a\\u0000b"}')["note"] == "ab"


@pytest.mark.parametrize("text", ['{"id":1,"score":null}', '{"id":1}'])
def test_a_null_object_and_an_absent_one_are_the_same_nulls(text: str) -> None:
    builder = RecordBuilder(SCHEMA, ["id"])
    assert build(text, builder)["score_strain"] is None
    assert not builder.unknown


def test_unknown_fields_are_remembered_by_name() -> None:
    builder = RecordBuilder(SCHEMA, ["id"])
    build('{"id":1,"mood":"good","score":{"strain":1,"form":2}}', builder)
    assert builder.unknown == {"mood", "score_form"}


def test_a_vendors_field_cannot_take_the_place_of_ours() -> None:
    record = build('{"id":1,"user_id":9,"account":"eve","synced_at":"x","raw":"y"}')
    assert (record["account"], record["synced_at"]) == (OWN["account"], OWN["synced_at"])
    assert record["user_id"] == 9


@pytest.mark.parametrize(
    "text",
    ["[1]", '"x"', "{", '{"note":"x"}', '{"id":null}', '{"id":[1]}', '{"id":"1"}', '{"id":1e400}'],
)
def test_what_is_no_record_or_has_no_key_is_refused(text: str) -> None:
    with pytest.raises(MalformedAnswerError):
        build(text)


@pytest.mark.parametrize(
    ("field", "column"),
    [
        ('"score":{"strain":"high"}', "score_strain"),
        ('"score":{"strain":[1]}', "score_strain"),
        ('"score":{"strain":true}', "score_strain"),
        ('"note":5', "note"),
        ('"start":"soonZ"', "start"),
        ('"start":"2026-13-01T00:00:00Z"', "start"),
        ('"start":"0001-01-01T00:00:00+05:00"', "start"),
        ('"start":5', "start"),
        ('"user_id":99999999999999999999', "user_id"),
    ],
)
def test_a_value_of_another_type_becomes_null_and_is_named(field: str, column: str) -> None:
    builder = RecordBuilder(SCHEMA, ["id"])
    record = build(f'{{"id":1,{field}}}', builder)
    assert record[column] is None
    assert builder.misfits == {column}
    assert field in record["raw"]


VITAL = {
    "properties": {
        "user_id": {"type": ["string"]},
        "deviceid": {"type": ["string"]},
        "kind": {"type": ["integer", "null"]},
        "at": {"type": ["string", "null"], "format": "date-time"},
        "on": {"type": ["string", "null"], "format": "date"},
        "events": {"type": ["string", "null"], "contentMediaType": "application/json"},
        "model_id": {"type": ["integer", "null"]},
        "data_steps": {"type": ["number", "null"]},
        "raw": {"type": ["string", "null"]},
    }
}
DIALECT = Dialect(
    epochs=True, loose=True, aliases={"modelid": "model_id"}, key_defaults={"deviceid": ""}
)


def vital(text: str, **context: Any) -> tuple[dict[str, Any], RecordBuilder]:
    builder = RecordBuilder(VITAL, ["user_id", "deviceid"], DIALECT)
    record = VendorRecord(msgspec.Raw(text.encode()), context)
    return builder.build(record, user_id="7"), builder


@pytest.mark.parametrize(
    ("field", "column", "value"),
    [
        ('"at":1780315200', "at", "2026-06-01T12:00:00Z"),
        ('"at":"1780315200"', "at", "2026-06-01T12:00:00Z"),
        ('"at":-1', "at", "1969-12-31T23:59:59Z"),
        ('"on":"2026-02-28"', "on", "2026-02-28"),
        ('"deviceid":5', "deviceid", "5"),
        ('"kind":"16"', "kind", 16),
        ('"modelid":13', "model_id", 13),
        ('"model_id":13', "model_id", 13),
        ('"events":{"1":[0,1.50]}', "events", '{"1":[0,1.50]}'),
        ('"events":[]', "events", "[]"),
        ('"data":{"steps":12}', "data_steps", 12),
        ('"deviceid":null', "deviceid", ""),
    ],
)
def test_a_dialect_is_read(field: str, column: str, value: object) -> None:
    record, builder = vital(f"{{{field}}}")
    assert record[column] == value
    assert not builder.misfits | builder.unknown


@pytest.mark.parametrize(
    ("field", "column"),
    [
        ('"at":"noon"', "at"),
        ('"at":1780315200000000', "at"),
        ('"at":1.5', "at"),
        ('"on":"2026-02-30"', "on"),
        ('"on":20260228', "on"),
        ('"kind":"sixteen"', "kind"),
        ('"kind":2.5', "kind"),
        ('"kind":true', "kind"),
    ],
)
def test_a_dialect_has_its_limits(field: str, column: str) -> None:
    record, builder = vital(f"{{{field}}}")
    assert record[column] is None
    assert builder.misfits == {column}


@pytest.mark.parametrize("empty", ["null", "[]", "{}", '""'])
def test_an_empty_object_of_any_type_is_nulls(empty: str) -> None:
    record, builder = vital(f'{{"data":{empty}}}')
    assert record["data_steps"] is None
    assert not builder.unknown


def test_a_key_of_another_type_is_refused_and_only_its_own_record() -> None:
    builder = RecordBuilder(VITAL, ["user_id", "deviceid"], DIALECT)
    with pytest.raises(MalformedAnswerError, match="no deviceid, or one of another type"):
        builder.build(VendorRecord(msgspec.Raw(b'{"deviceid":[]}')), user_id="7")
    assert builder.build(VendorRecord(msgspec.Raw(b"{}")), user_id="7")["deviceid"] == ""


def test_the_context_goes_before_the_objects_own_fields() -> None:
    record, _ = vital('{"kind":1,"at":5}', kind=2, at=1_780_315_200)
    assert (record["kind"], record["at"]) == (2, "2026-06-01T12:00:00Z")
    assert record["raw"] == '{"kind":1,"at":5}'
