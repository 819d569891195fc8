"""The vocabulary: what metrics, activities and the numbers of Withings are called.

It is given as files of comma separated values, which everybody reads.
"""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_SEEDS = Path(__file__).parents[2] / "transform/seeds"


@cache
def metrics() -> Mapping[str, dict[str, str]]:
    """Each metric by its code."""
    return {row["metric_code"]: row for row in _rows("metric")}


def plausible(metric: str) -> tuple[Decimal | None, Decimal | None]:
    """The least and the most that a value of a metric may be."""
    told = (metrics()[metric][name] for name in ("plausible_low", "plausible_high"))
    low, high = (Decimal(text) if text else None for text in told)
    return low, high


def stage(vendor: str, code_: str) -> str:
    """Our name of a stage of sleep."""
    found = (
        row["stage"]
        for row in _rows("stage_map")
        if (row["source_system"], row["source_stage"]) == (vendor, code_)
    )
    return next(found, "unspecified")


def scale(score: str) -> tuple[Decimal, Decimal]:
    """The scale of a score."""
    row = next(row for row in _rows("score_scale") if row["score_code"] == score)
    return Decimal(row["scale_min"]), Decimal(row["scale_max"])


def default_preferences() -> list[tuple[str, str | None, str, int]]:
    """What is preferred by default: category, metric, source and priority."""
    return [
        (
            row["category"],
            row["metric_code"] or None,
            row["source_system"],
            int(row["priority"]),
        )
        for row in _rows("default_source_preferences")
    ]


def activity(vendor: str, name: str | None) -> str:
    """Our code of an activity; case, spaces, hyphens and underscores make no difference."""
    return _activities().get((vendor, _plain(name or "")), "other")


def code(kind: str, number: int | None) -> dict[str, str]:
    """All that is known of a number of Withings; nothing if it is not."""
    return _codes().get((kind, str(number)), {})


def label(kind: str, number: int | None) -> str | None:
    """Its name."""
    return code(kind, number).get("label") or None


@cache
def _activities() -> Mapping[tuple[str, str], str]:
    return {
        (row["source_system"], _plain(row["source_activity_name"])): row["activity_code"]
        for row in _rows("activity_map")
    }


@cache
def _codes() -> Mapping[tuple[str, str], dict[str, str]]:
    return {(row["kind"], row["code"]): row for row in _rows("withings_code")}


def _plain(name: str) -> str:
    return re.sub(r"[ _-]", "_", name.lower())


@cache
def _rows(seed: str) -> list[dict[str, str]]:
    with (_SEEDS / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
        return [*csv.DictReader(file)]
