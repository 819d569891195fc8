"""Weigh-ins: the values of one step on a scale, side by side."""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from .canonical_codes import plausible
from .canonical_rows import Expected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .records import Row

#: What there is of a body as a whole; with any of them a record is a weigh-in.
COMPOSITION = {
    "body_weight": "weight_kg",
    "fat_mass": "fat_mass_kg",
    "fat_free_mass": "fat_free_mass_kg",
    "body_fat_pct": "body_fat_pct",
    "muscle_mass": "muscle_mass_kg",
    "water_mass": "water_mass_kg",
    "extracellular_water": "extracellular_water_kg",
    "intracellular_water": "intracellular_water_kg",
    "bone_mass": "bone_mass_kg",
    "visceral_fat": "visceral_fat",
}
METRICS = {
    **COMPOSITION,
    "body_height": "height_m",
    "basal_metabolic_rate": "basal_metabolic_rate_kcal",
    "metabolic_age": "metabolic_age_years",
    "heart_rate": "heart_rate",
    "pulse_wave_velocity": "pulse_wave_velocity_m_s",
    "vascular_age": "vascular_age_years",
}
#: Positions that are no part of the body.
WHOLE = {None, "whole_body", "between_legs"}
#: What a weigh-in has of its record.
SHARED = [
    "user_id",
    "source_system",
    "source_account_id",
    "raw_source_id",
    "raw_relation",
    "source_created_at",
    "source_updated_at",
    "synced_at",
    "deleted_at",
    "is_deleted",
    "modality",
    "device_key",
    "tz_iana",
    "tz_evidence",
    "local_date",
    "local_date_rule",
    "is_ambiguous_owner",
]
HUNDREDTH = Decimal("0.01")


def weigh_ins(values: Iterable[Expected]) -> Iterator[Expected]:
    """Each record with the composition of a body; what else the step measured is filled in."""
    told = [each for each in values if _is_told(each.columns)]
    records: dict[Any, list[Expected]] = defaultdict(list)
    moments: dict[Any, set[Any]] = defaultdict(set)
    for each in told:
        record = _record(each.columns)
        records[record].append(each)
        moments[_moment(each.columns)].add(record)
    heights = _heights(each.columns for each in told)
    for record, own in records.items():
        row = own[0].columns
        if not any(each.columns["metric_code"] in COMPOSITION for each in own):
            continue
        alive = [
            other
            for other in moments[_moment(row)] - {record}
            if records[other][0].columns["deleted_at"] is None
        ]
        weighs = _has_weight(own)
        others_weigh = any(_has_weight(records[other]) for other in alive)
        is_step = row["device_key"] is not None and row["deleted_at"] is None
        if is_step and others_weigh and not weighs:
            weights = [other for other in alive if _has_weight(records[other])]
            if len(weights) == 1:
                continue  # it is a part of that weigh-in
        filled = [
            each
            for other in alive
            for each in records[other]
            if is_step and weighs and not others_weigh and _may_fill(each.columns, row)
        ]
        yield _weigh_in(own, filled, heights)


def _weigh_in(
    own: Sequence[Expected], filled: Sequence[Expected], heights: dict[str, list[Any]]
) -> Expected:
    row = own[0].columns
    columns = {name: row[name] for name in SHARED}
    for end in ("at", "local", "utc_offset_min"):
        columns[f"measured_{end}"] = row[f"effective_start_{end}"]
    differs = False
    for metric, column in METRICS.items():
        mine, theirs = _numbers(own, metric), _numbers(filled, metric)
        numbers = mine or theirs
        columns[column] = next(iter(numbers)) if len(numbers) == 1 else None
        differs = differs or len(numbers) > 1
    height = next(
        (
            tall
            for at, tall in reversed(heights.get(row["user_id"], []))
            if at <= row["effective_start_at"]
        ),
        None,
    )
    weight = columns["weight_kg"]
    if weight is not None and height is not None:
        columns["bmi"] = (weight / height**2).quantize(HUNDREDTH, ROUND_HALF_UP)
    content = sorted(
        (each.columns["observation_key"], each.fingerprint) for each in [*own, *filled]
    )
    return Expected(
        {**columns, "has_differing_values": differs, "bmi_height_m": height},
        own[0].raw_key,
        content,
        tuple(each.raw_key for each in own if each.raw_key),
    )


def _heights(rows: Iterable[Row]) -> dict[str, list[Any]]:
    """Each person's heights that count, by time."""
    low, high = plausible("body_height")
    assert low is not None
    assert high is not None
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        doubtful = row["is_ambiguous_owner"] or row["is_differing_duplicate"] or row["is_deleted"]
        if row["metric_code"] == "body_height" and not doubtful and low <= row["value_num"] <= high:
            found[row["user_id"]].append((row["effective_start_at"], row["value_num"]))
    return {name: sorted(heights) for name, heights in found.items()}


def _is_told(row: Row) -> bool:
    return (
        row["metric_code"] in METRICS
        and row["statistic"] == "point"
        and row["context"] != "profile"
        and row["body_position"] in WHOLE
        and row["source_system"] == "withings"
    )


def _may_fill(each: Row, weight: Row) -> bool:
    """What may be a guest's goes with a weight that may be, too."""
    return weight["is_ambiguous_owner"] or not each["is_ambiguous_owner"]


def _has_weight(record: Sequence[Expected]) -> bool:
    return any(each.columns["metric_code"] == "body_weight" for each in record)


def _numbers(values: Sequence[Expected], metric: str) -> set[Decimal]:
    return {each.columns["value_num"] for each in values if each.columns["metric_code"] == metric}


def _record(row: Row) -> Any:
    return row["source_system"], row["source_account_id"], row["raw_source_id"]


def _moment(row: Row) -> Any:
    return row["source_account_id"], row["device_key"], row["effective_start_at"]
