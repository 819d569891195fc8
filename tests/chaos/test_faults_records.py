"""Records with fields that nobody foresaw, and values that do not fit their columns."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from .reliability import cell
from .strikes import assert_failed, assert_works, each, expect_no_goals, last_words, survived
from .vendors import WHOOP, WITHINGS

if TYPE_CHECKING:
    from .cell import Cell
    from .vendors import Vendor
    from .world import World

GROUP = "Faults of records"
Record = dict[str, Any]


@dataclass(frozen=True)
class Oddity:
    """A record of now that is odd.

    Attributes:
        vendor: Whose.
        words: What is odd.
        stream: Where.
        odd: The odd fields.
        column: The column of one of them.
        found: What has to stand there.
        warned: Whether the run has to name the column.
        mended: The fields as the vendor sends them later; without, they stay, and the row is right.
    """

    vendor: Vendor
    words: str
    stream: str
    odd: Record
    column: str
    found: Any = None
    warned: bool = True
    mended: Record = field(default_factory=dict)
    quick: bool = False

    @property
    def cell(self) -> Any:
        """The cell of the matrix."""
        return cell(GROUP, f"{self.vendor.words}: {self.words}", self, quick=self.quick)


HUGE, LONG = 10**400, 2**53 + 1
ODDITIES = [
    Oddity(
        WHOOP,
        "int that becomes a float",
        "workouts",
        {"score": {"average_heart_rate": 123.5}},
        "score_average_heart_rate",
        found=Decimal("123.5"),
        warned=False,
    ),
    Oddity(
        WITHINGS,
        "int that becomes a float",
        "workouts",
        {"attrib": 7.5},
        "attrib",
        mended={"attrib": 7},
    ),
    Oddity(
        WITHINGS,
        "int with a point",
        "workouts",
        {"category": 2.0},
        "category",
        found=2,
        warned=False,
    ),
    Oddity(
        WHOOP,
        "number that becomes text",
        "workouts",
        {"score": {"strain": "high"}},
        "score_strain",
        mended={"score": {"strain": 12.5}},
    ),
    Oddity(
        WHOOP,
        "null for an object",
        "workouts",
        {"score": None},
        "score_strain",
        warned=False,
    ),
    Oddity(
        WHOOP,
        "null for a text",
        "workouts",
        {"sport_name": None},
        "sport_name",
        warned=False,
    ),
    Oddity(
        WITHINGS,
        "null for an object",
        "workouts",
        {"data": None},
        "data_calories",
        warned=False,
    ),
    Oddity(
        WITHINGS,
        "null for a device",
        "measure_groups",
        {"deviceid": None, "hash_deviceid": None, "model": None, "modelid": None},
        "deviceid",
        warned=False,
    ),
    Oddity(
        WHOOP,
        "unknown word of a list",
        "workouts",
        {"score_state": "DREAMT"},
        "score_state",
        found="DREAMT",
        warned=False,
    ),
    Oddity(
        WHOOP,
        "number beyond all bounds",
        "workouts",
        {"score": {"kilojoule": HUGE}},
        "score_kilojoule",
        mended={"score": {"kilojoule": 1000.5}},
    ),
    Oddity(
        WITHINGS,
        "number beyond all bounds",
        "workouts",
        {"data": {"calories": HUGE}},
        "data_calories",
        mended={"data": {"calories": 100}},
    ),
    Oddity(
        WHOOP,
        "largest number of 64 bits",
        "workouts",
        {"sport_id": 2**63 - 1},
        "sport_id",
        found=2**63 - 1,
        warned=False,
    ),
    Oddity(
        WHOOP,
        "number of 65 bits",
        "workouts",
        {"sport_id": 2**63},
        "sport_id",
        mended={"sport_id": 1},
    ),
    Oddity(
        WHOOP,
        "tiny number",
        "workouts",
        {"score": {"kilojoule": 1e-12}},
        "score_kilojoule",
        found=Decimal("1e-12"),
        warned=False,
    ),
    Oddity(
        WHOOP,
        "NUL character",
        "workouts",
        {"sport_name": "run\0ning"},
        "sport_name",
        found="running",
        warned=False,
        mended={"sport_name": "running"},
        quick=True,
    ),
    Oddity(
        WITHINGS,
        "NUL character",
        "measure_groups",
        {"comment": "on an empty\0stomach"},
        "comment",
        found="on an emptystomach",
        warned=False,
        mended={"comment": "none"},
    ),
    Oddity(
        WITHINGS,
        "emoji, quotes and line breaks",
        "measure_groups",
        {"comment": "\U0001f600 'a' \"b\" \\ \t c\n,d \\. \\N"},
        "comment",
        found="\U0001f600 'a' \"b\" \\ \t c\n,d \\. \\N",
        warned=False,
    ),
    Oddity(
        WITHINGS,
        "text of a megabyte",
        "measure_groups",
        {"comment": "x" * 1_000_000},
        "comment",
        found="x" * 1_000_000,
        warned=False,
    ),
]


@pytest.mark.parametrize("oddity", [oddity.cell for oddity in ODDITIES])
def test_an_odd_record_is_loaded_whole_or_with_a_warning(world: World, oddity: Oddity) -> None:
    with survived(world, oddity.vendor, days=10) as struck:
        record = struck.sandbox.add(struck.oracle.member, oddity.stream, oddity.odd)
        done = struck.sync()
        assert_works(done)
        ((found, raw),) = row_of(struck, oddity, record)
        assert found == oddity.found
        assert json.loads(raw) == record
        said = f"another type: {oddity.column}." in done.said
        assert said == oddity.warned, last_words(done)
        if oddity.mended:
            key = record.get("grpid") or record["id"]
            struck.sandbox.edit(struck.oracle.member, oddity.stream, key, oddity.mended)


def row_of(struck: Cell, oddity: Oddity, record: Record) -> list[Any]:
    """A column of a record, and what is kept of it verbatim."""
    key = "grpid" if oddity.stream == "measure_groups" else "id"
    return struck.query(
        f"select {oddity.column}, raw from {struck.oracle.schema}.{oddity.stream} "
        f"where {key}::text = '{record[key]}'"
    )


@pytest.mark.parametrize("vendor", each(GROUP, "new field"))
def test_a_new_field_is_named_and_kept(world: World, vendor: Vendor) -> None:
    with survived(world, vendor, days=10) as struck:
        struck.sandbox.add_fault("*", "unknown_field", times=None, name="mood", value={"low": 1})
        done = struck.sync()
        assert_works(done)
        assert "fields that have no column yet: mood_low" in done.said
        kept = struck.query(f"select raw::json -> 'mood' from {struck.oracle.schema}.workouts")
        assert kept
        assert {str(mood) for (mood,) in kept} == {"{'low': 1}"}


MEMBERS = [
    cell(GROUP, "WHOOP: fields missing that an old strap does not know", WHOOP, "ben"),
    cell(GROUP, "WHOOP: scores missing or null", WHOOP, "ida"),
    cell(GROUP, "WHOOP: ids above 32 bits", WHOOP, "hal"),
    cell(GROUP, "Withings: fields missing in relayed records", WITHINGS, "eli"),
    cell(GROUP, "Withings: devices missing", WITHINGS, "chandra"),
    cell(GROUP, "Withings: undocumented types, ids above 32 bits", WITHINGS, "hal"),
]


@pytest.mark.parametrize(("vendor", "member"), MEMBERS)
def test_members_whose_records_lack_something(world: World, vendor: Vendor, member: str) -> None:
    with survived(world, vendor, days=60, member=member) as struck:
        expect_no_goals(struck)
        assert_works(struck.sync())


HALVES = [
    cell(GROUP, "WHOOP: half of a surrogate pair", WHOOP, "workouts", "sport_name"),
    cell(GROUP, "Withings: half of a surrogate pair", WITHINGS, "measure_groups", "comment"),
]


@pytest.mark.parametrize(("vendor", "stream", "name"), HALVES)
def test_half_an_emoji_costs_a_text_at_most(
    world: World, vendor: Vendor, stream: str, name: str
) -> None:
    with survived(world, vendor, days=10) as struck:
        record = struck.sandbox.add(struck.oracle.member, stream, {name: "half"})
        struck.sandbox.add_fault("*", "replace", times=None, old='"half"', new='"\\ud83d"')
        assert_works(struck.sync())
        key = record.get("grpid") or record["id"]
        struck.sandbox.edit(struck.oracle.member, stream, key, {name: "whole"})


IDS = [
    cell(GROUP, "WHOOP: ids that no float holds", WHOOP, "cycles", "id"),
    cell(GROUP, "Withings: ids that no float holds", WITHINGS, "measure_groups", "grpid"),
]


@pytest.mark.parametrize(("vendor", "stream", "key"), IDS)
def test_ids_of_64_bits_are_exact(world: World, vendor: Vendor, stream: str, key: str) -> None:
    ids = [LONG, LONG + 2, 2**63 - 1]
    with survived(world, vendor, days=10) as struck:
        for number in ids:
            struck.sandbox.add(struck.oracle.member, stream, {key: number})
        done = struck.sync()
        assert_works(done)
        table = f"{struck.oracle.schema}.{stream}"
        rows = struck.query(f"select {key} from {table} where {key} >= {LONG} order by 1")
        assert rows == [(number,) for number in ids]


@pytest.mark.parametrize(
    ("vendor", "stream", "key"),
    [
        cell(GROUP, "WHOOP: id of 65 bits", WHOOP, "cycles", "id"),
        cell(GROUP, "Withings: id of 65 bits", WITHINGS, "measure_groups", "grpid"),
    ],
)
def test_an_id_that_no_column_holds_fails_its_stream_alone(
    world: World, vendor: Vendor, stream: str, key: str
) -> None:
    with survived(world, vendor, days=10) as struck:
        struck.sandbox.add(struck.oracle.member, stream, {key: 2**63})
        failed = [stream, *(["measures"] if vendor is WITHINGS else [])]
        assert_failed(struck.sync(), struck, dict.fromkeys(failed, "malformed_answer"))
        struck.sandbox.delete(struck.oracle.member, stream, 2**63)
