"""The vocabulary: what metrics, activities and the numbers of Withings are called.

It is given as files of comma separated values, which everybody reads.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from typing import TYPE_CHECKING

from ..conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

_SEEDS = ROOT / "transform" / "seeds"


@cache
def metrics() -> Mapping[str, dict[str, str]]:
    """Each metric by its code."""
    return {row["metric_code"]: row for row in _rows("metric")}


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


def _rows(seed: str) -> list[dict[str, str]]:
    with (_SEEDS / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
        return [*csv.DictReader(file)]
