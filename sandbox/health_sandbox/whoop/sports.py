"""Sports as live accounts show them: free text, hyphens and underscores, ids off the list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Sport:
    """A kind of workout and what WHOOP measures of it."""

    name: str
    sport_id: int | None
    """``None``: the record carries no ``sport_id``."""
    effort: float
    """Average share of the heart-rate reserve; 0 if no heart rate was recorded."""
    metres_per_second: float = 0.0
    climbs: bool = False
    scored: bool = True


SPORTS: Mapping[str, Sport] = {
    "running": Sport("running", 0, 0.70, 2.9, climbs=True),
    "cycling": Sport("cycling", 1, 0.60, 6.8, climbs=True),
    "weights": Sport("weightlifting_msk", 123, 0.42),
    "walking": Sport("walking", 63, 0.30, 1.4),
    "hiking": Sport("hiking-rucking", 52, 0.48, 1.1, climbs=True),
    "swimming": Sport("swimming", 33, 0.58),
    "tennis": Sport("tennis", 34, 0.55),
    "padel": Sport("padel", None, 0.55),
    "yoga": Sport("yoga", 44, 0.20),
    "powerlifting": Sport("powerlifting", 59, 0.38),
    "other": Sport("activity", -1, 0.35),
    "rolling": Sport("foam_rolling", None, 0.12),
    "sauna": Sport("sauna", 233, 0.0, scored=False),
    "stretching": Sport("stretching", 128, 0.0),
}
"""What WHOOP makes of each kind of bout. A sauna is never scored; stretching is scored as zero."""
