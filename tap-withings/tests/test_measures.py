"""From a group to its measures, without a float on the way."""

from __future__ import annotations

import json
import logging
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from singer_sdk.contrib.msgspec import MsgSpecWriter
from singer_sdk.singerlib import RecordMessage

from health_tap_core.record import RecordBuilder, VendorRecord
from tap_withings.exact import scaled
from tap_withings.streams.measures import Measures
from tap_withings.tap import TapWithings

STREAM = cast("Measures", TapWithings(config={}, validate_config=False).streams["measures"])
INT64 = st.integers(-(2**63), 2**63 - 1)


def measures_of(*measures: dict[str, Any], **group: Any) -> list[dict[str, Any]]:
    """The rows that a group becomes."""
    text = json.dumps({"grpid": 1, "measures": list(measures), **group})
    builder = RecordBuilder(STREAM.schema, STREAM.primary_keys, STREAM.dialect)
    record = VendorRecord(msgspec.Raw(text.encode()), {"timezone": "Europe/Berlin"})
    return [builder.build(part, user_id="7") for part in STREAM.derive(record)]


def measure(value: Any, unit: Any, **more: Any) -> dict[str, Any]:
    return {"value": value, "unit": unit, "type": 1, **more}


@pytest.mark.parametrize(
    ("value", "exponent", "text"),
    [
        (75500, -3, "75.500"),
        (20, -1, "2.0"),
        (53800003, -6, "53.800003"),
        (755, -1, "75.5"),
        (72, 0, "72"),
        (5, 3, "5000"),
        (-1000, -3, "-1.000"),
        (0, -2, "0.00"),
        (2**63 - 1, -3, "9223372036854775.807"),
        (Decimal("75.25"), 0, "75.25"),
        (Decimal("1.5"), 3, "1500"),
        ("75500", -3, "75.500"),
    ],
)
def test_the_value_has_the_digits_that_the_exponent_says(
    value: object, exponent: int, text: str
) -> None:
    assert str(scaled(value, exponent)) == text


@given(value=INT64, exponent=st.integers(-6, 3))
def test_the_value_is_exact(value: int, exponent: int) -> None:
    number = scaled(value, exponent)
    assert number is not None
    assert Fraction(number) == Fraction(value) * Fraction(10) ** exponent
    assert number.as_tuple().exponent == min(exponent, 0)


@given(value=INT64, exponent=st.integers(-6, 3))
def test_the_message_is_exact(value: int, exponent: int) -> None:
    (row,) = measures_of(measure(value, exponent))
    line = MsgSpecWriter().format_message(RecordMessage("measures", row))
    sent = json.loads(line, parse_float=Decimal)["record"]
    assert (sent["value_raw"], sent["unit_exponent"]) == (value, exponent)
    assert Fraction(sent["value"]) == Fraction(value) * Fraction(10) ** exponent


@pytest.mark.parametrize(
    ("value", "exponent"), [(None, -3), ("7x", -3), (75, None), (75, "x"), (True, 0), (1, 10**9)]
)
def test_what_is_no_quantity_has_no_value_and_stays_in_raw(value: object, exponent: object) -> None:
    (row,) = measures_of(measure(value, exponent))
    assert row["value"] is None
    assert json.loads(row["raw"]) == measure(value, exponent)


def test_a_measure_repeats_what_its_group_says_of_it() -> None:
    (row,) = measures_of(
        measure(
            75500, -3, position=7, algo=0, fm=3, apppfmid=9, appliver=1, algo_params={"x": 1.5}
        ),
        attrib=1,
        category=2,
        date=1_780_315_200,
        created=1_780_315_260,
        modified="1780315320",
        deviceid=None,
        model="Body Scan",
        modelid=10,
        comment=None,
    )
    assert {name: value for name, value in row.items() if value is not None} == {
        "user_id": "7",
        "grpid": 1,
        "attrib": 1,
        "category": 2,
        "date": "2026-06-01T12:00:00Z",
        "created": "2026-06-01T12:01:00Z",
        "modified": "2026-06-01T12:02:00Z",
        "model": "Body Scan",
        "model_id": 10,
        "timezone": "Europe/Berlin",
        "type": 1,
        "position": 7,
        "repeat": 0,
        "value": Decimal("75.500"),
        "value_raw": 75500,
        "unit_exponent": -3,
        "algo": 0,
        "fm": 3,
        "apppfmid": 9,
        "appliver": 1,
        "algo_params": '{"x":1.5}',
        "raw": row["raw"],
    }


def test_a_measure_without_a_position_has_a_whole_key() -> None:
    (row,) = measures_of(measure(1, 0))
    assert [row[name] for name in Measures.primary_keys] == [1, 1, -1, 0]


def test_unknown_codes_pass_through() -> None:
    (row,) = measures_of(measure(1, 0, type=99_999, position=77), attrib=10_009, category=3)
    assert (row["type"], row["position"], row["attrib"], row["category"]) == (99_999, 77, 10_009, 3)


def test_a_type_at_five_positions_is_five_rows() -> None:
    rows = measures_of(*[measure(100 + at, -2, type=174, position=at) for at in range(5)])
    assert len({(row["type"], row["position"]) for row in rows}) == 5


@pytest.mark.parametrize("twin", [measure(7550, -2, algo=1), measure(75500, -3)], ids=str)
def test_equal_duplicates_of_a_group_are_one_row(
    twin: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="tap-withings"):
        assert len(measures_of(measure(75500, -3), twin)) == 1
    assert "differ" not in caplog.text


def test_differing_duplicates_are_all_kept_with_one_warning(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(STREAM, "_warned_of_repeats", False)
    rows = measures_of(measure(755, -1), measure(80, 0), measure(755, -1), measure(81, 0))
    assert [(row["repeat"], str(row["value"])) for row in rows] == [
        (0, "75.5"),
        (1, "80"),
        (2, "81"),
    ]
    assert caplog.text.count("several values of one type and position that differ") == 1
    assert "75.5" not in caplog.text


@pytest.mark.parametrize("nothing", [{}, {"measures": None}, {"measures": []}], ids=str)
def test_a_group_may_be_empty(nothing: dict[str, Any]) -> None:
    assert measures_of(**nothing) == []


@pytest.mark.parametrize("kind", [None, [], {}, "x"], ids=repr)
def test_a_measure_without_a_readable_type_costs_no_other(kind: object) -> None:
    rows = measures_of(measure(1, 0), {**measure(2, 0), "type": kind})
    assert [(row["type"], row["value_raw"]) for row in rows] == [(1, 1), (-1, 2)]


def test_one_type_in_two_spellings_is_one_type() -> None:
    rows = measures_of(measure(1, 0, type=6), measure(2, 0, type="6", position=None))
    assert [(row["type"], row["position"], row["repeat"]) for row in rows] == [
        (6, -1, 0),
        (6, -1, 1),
    ]


def test_values_that_are_none_differ_by_their_text() -> None:
    rows = measures_of(measure("a", 0), measure("b", 0), measure("a", 0))
    assert [row["repeat"] for row in rows] == [0, 1]


def test_a_whole_number_with_a_point_is_one() -> None:
    (row,) = measures_of(measure(75500.0, -3))
    assert (row["value_raw"], row["value"]) == (75500, Decimal("75.5000"))


def test_a_groups_own_zone_is_not_lost_to_none() -> None:
    stream_context = VendorRecord(
        msgspec.Raw(b'{"grpid":1,"timezone":"Europe/Rome","measures":[{"type":1}]}'),
        {"timezone": None},
    )
    (part,) = STREAM.derive(stream_context)
    assert part.context["timezone"] == "Europe/Rome"
